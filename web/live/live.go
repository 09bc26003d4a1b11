// Package live tells pages and programs of one process that what they show has changed.
// One reader reads the ledger on for all of them, however many watch: who watches holds a
// place in what was read, and nothing else.
package live

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"sohoa/dossier"
)

// Rows are read by the one reader.
type Rows interface {
	LogSize(ctx context.Context) (int64, error)

	// Happenings returns what happened from a place on, and the place to go on from.
	Happenings(ctx context.Context, from int64, agencies []dossier.AgencyCode, limit int) (list []dossier.Happening, next int64, err error)
	PagesUnderWay(ctx context.Context) ([]dossier.Happening, error)
}

const (
	kept   = 2048            // happenings that are at hand for who comes back
	atOnce = 500             // events that are looked at in one query
	pages  = 2 * time.Second // how often pages under way are looked at, while somebody watches
)

// A Hub is the reader, and what it read last.
type Hub struct {
	rows  Rows
	every time.Duration
	log   *slog.Logger

	mu    sync.Mutex
	ring  []dossier.Happening
	base  int64 // number of the first in ring, counted from the hub's beginning
	from  int64 // the place of the ledger from which on ring has everything
	head  int64 // up to where the ledger was read
	woken chan struct{}
	over  bool
	watch int // who watch
	at    map[dossier.DocumentID][2]int64
}

// Every is how often the ledger is read on.
const Every = 500 * time.Millisecond

// New returns a hub that reads rows on; every 0 means [Every].
func New(rows Rows, every time.Duration, log *slog.Logger) *Hub {
	if every == 0 {
		every = Every
	}
	return &Hub{rows: rows, every: every, log: log, woken: make(chan struct{}), at: map[dossier.DocumentID][2]int64{}}
}

// Run reads on until ctx ends; then who watches is told that it is over. Rows that are
// away are asked again.
func (h *Hub) Run(ctx context.Context) error {
	defer h.end()
	tick := time.NewTicker(h.every)
	defer tick.Stop()
	begun, rest := false, time.Duration(0)
	for {
		var err error
		if !begun {
			err = h.begin(ctx)
			begun = err == nil
		} else if err = h.readOn(ctx); err == nil {
			if rest += h.every; rest >= pages {
				rest, err = 0, h.readPages(ctx)
			}
		}
		if err != nil && ctx.Err() == nil {
			h.log.ErrorContext(ctx, "what happens is not told", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// begin starts a little before the end, for who comes back after the house was away.
func (h *Hub) begin(ctx context.Context) error {
	size, err := h.rows.LogSize(ctx)
	if err != nil {
		return err
	}
	h.mu.Lock()
	h.from = max(0, size-kept)
	h.head = h.from
	h.mu.Unlock()
	return h.readOn(ctx)
}

func (h *Hub) readOn(ctx context.Context) error {
	for {
		h.mu.Lock()
		from := h.head
		h.mu.Unlock()
		list, next, err := h.rows.Happenings(ctx, from, nil, atOnce)
		if err != nil {
			return err
		}
		h.add(list, next)
		if next-from < atOnce {
			return nil
		}
	}
}

// readPages looks how far papers are that are read page by page.
func (h *Hub) readPages(ctx context.Context) error {
	h.mu.Lock()
	watched, head := h.watch > 0, h.head
	h.mu.Unlock()
	if !watched {
		return nil
	}
	all, err := h.rows.PagesUnderWay(ctx)
	if err != nil {
		return err
	}
	now, moved := map[dossier.DocumentID][2]int64{}, []dossier.Happening{}
	for _, one := range all {
		how := [2]int64{one.Version, int64(one.Done)}
		if now[one.Document] = how; h.at[one.Document] != how {
			one.Place = head
			moved = append(moved, one)
		}
	}
	h.at = now
	h.add(moved, head)
	return nil
}

// add keeps what happened, and wakes who watches.
func (h *Hub) add(list []dossier.Happening, head int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.head = max(h.head, head)
	if len(list) == 0 {
		return
	}
	h.ring = append(h.ring, list...)
	if more := len(h.ring) - kept; more > 0 {
		h.from = h.ring[more-1].Place + 1
		h.ring = slices.Delete(h.ring, 0, more)
		h.base += int64(more)
	}
	close(h.woken)
	h.woken = make(chan struct{})
}

func (h *Hub) end() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.over = true
	close(h.woken)
	h.woken = make(chan struct{})
}

// Head is the place up to which the ledger was read.
func (h *Hub) Head() int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.head
}

// A Watch is a place in what happens.
type Watch struct {
	hub  *Hub
	next int64 // number of the first that was not told
}

// Watch begins at a place of the ledger; a negative place is now. missed: what happened
// since is not all at hand any more, so that who watches looks at everything again. The
// caller ends the watch.
func (h *Hub) Watch(place int64) (w *Watch, missed bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.watch++
	w = &Watch{hub: h, next: h.base + int64(len(h.ring))}
	if place < 0 || place >= h.head {
		return w, place > h.head+kept // of another life of the ledger; a little more was read by another process
	}
	if place < h.from {
		return w, true
	}
	for i, one := range h.ring {
		if one.Place >= place {
			w.next = h.base + int64(i)
			break
		}
	}
	return w, false
}

// End ends a watch.
func (w *Watch) End() {
	w.hub.mu.Lock()
	defer w.hub.mu.Unlock()
	w.hub.watch--
}

// Next returns what was not told yet, at most limit, and the place of the ledger up to
// which that is all there is. missed: it was too slow, and something was forgotten. If there
// is nothing, more is closed when there is; over: there will be no more.
func (w *Watch) Next(limit int) (list []dossier.Happening, place int64, missed bool, more <-chan struct{}, over bool) {
	h := w.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	if w.next < h.base {
		w.next, missed = h.base+int64(len(h.ring)), true
	}
	rest := h.ring[w.next-h.base:]
	if place = h.head; len(rest) > limit {
		rest, place = rest[:limit], rest[limit].Place
	}
	w.next += int64(len(rest))
	return slices.Clone(rest), place, missed, h.woken, h.over
}
