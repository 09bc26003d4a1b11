package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"sohoa/bench/internal/crowd"
	"sohoa/dossier"
	"sohoa/storage/sqldb"
)

// A way is one thing that can be taken away.
type way struct {
	name  string
	least time.Duration // how long it is gone, at least
	more  time.Duration // and by chance up to so much more
	take  func() error
	give  func(ctx context.Context) error
}

// ways are all of them.
func (h *house) ways() []way {
	const second = time.Second
	killed := func(p *part, least, more time.Duration) way {
		return way{name: "kill " + p.name, least: least, more: more, take: func() error { p.kill(true); return nil }, give: p.start}
	}
	ways := []way{
		killed(h.web, 0, second), killed(h.sweeper, 0, second), killed(h.near, 0, second), killed(h.worker, 0, second),
		killed(h.redis, second, 7*second), killed(h.postgres, second, 7*second), killed(h.s3, second, 7*second),
		{name: "cut the worker's wire", least: 9 * second, more: 6 * second, // longer than a lease
			take: func() error { return run("ip", "link", "set", wire0, "down") },
			give: func(context.Context) error { return run("ip", "link", "set", wire0, "up") }},
	}
	names := make([]string, 0, len(h.disks))
	for name := range h.disks {
		names = append(names, name)
	}
	slices.Sort(names) // the same seed, the same order
	for _, name := range names {
		at := filepath.Join(h.disks[name], "ballast")
		ways = append(ways, way{name: "fill the disk of " + name, least: 3 * second, more: 5 * second,
			take: func() error { return fill(at) },
			give: func(ctx context.Context) error {
				if err := os.Remove(at); err != nil {
					return err
				}
				if name == "postgres" {
					return h.postgres.answers(ctx)
				}
				return nil
			}})
	}
	return ways
}

// fill writes until nothing fits any more.
func fill(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	for size := 1 << 20; size >= 4096; size /= 16 {
		b := make([]byte, size)
		for err = nil; err == nil; {
			_, err = f.Write(b)
		}
		if !errors.Is(err, syscall.ENOSPC) {
			return err
		}
	}
	return nil
}

// An event is what happened when something was taken away.
type event struct {
	Way       string  `json:"way"`
	At        int     `json:"answered"`       // uploads answered by then
	Gone      float64 `json:"goneSeconds"`    // until it was given back
	Recovered float64 `json:"recoverSeconds"` // from then until the house moved papers again
	Stood     float64 `json:"stoodSeconds"`   // the longest time without any move, from its beginning
}

// moves is how many moves a house must make to have recovered, and patience how
// long it may take.
const (
	moves    = 3
	patience = 3 * time.Minute
)

// take takes something away and gives it back, and watches the house recover.
func (h *house) take(ctx context.Context, w way, people *crowd.Crowd, rnd *rand.Rand) (e event, err error) {
	e = event{Way: w.name, At: people.Answered()}
	db, err := h.rows(ctx)
	if err != nil {
		return e, err
	}
	defer db.Close()
	gone := w.least + time.Duration(rnd.Int64N(int64(w.more)))
	fmt.Printf("drills: %d of %d answered: %s for %.1f s\n", e.At, people.Uploads, w.name, gone.Seconds())
	began := time.Now()
	last, lastMove := progress(ctx, db), began
	stand := func() {
		if n := progress(ctx, db); n > last {
			last, lastMove = n, time.Now()
		}
		e.Stood = max(e.Stood, time.Since(lastMove).Seconds())
	}
	if err := w.take(); err != nil {
		return e, err
	}
	for time.Since(began) < gone {
		stand()
		time.Sleep(100 * time.Millisecond)
	}
	own, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := w.give(own); err != nil {
		return e, err
	}
	e.Gone = time.Since(began).Seconds()
	back, from := time.Now(), last
	for last < from+moves {
		if time.Since(back) > patience {
			return e, fmt.Errorf("not recovered after %v", patience)
		}
		stand()
		if idle(ctx, db) {
			break // nothing is left that could move
		}
		time.Sleep(50 * time.Millisecond)
	}
	e.Recovered = time.Since(back).Seconds()
	fmt.Printf("drills: … back; moving again after %.1f s, stood for %.1f s at most\n", e.Recovered, e.Stood)
	return e, ctx.Err()
}

// progress is the sum of all moves; what cannot be asked now says nothing.
func progress(ctx context.Context, db *sqldb.DB) (n int64) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	docs, err := db.Documents(ctx, dossier.DocumentQuery{Limit: 100_000})
	if err != nil {
		return 0
	}
	for _, d := range docs {
		n += d.Version + 1
	}
	return n
}

// idle reports whether every document is at its end.
func idle(ctx context.Context, db *sqldb.DB) bool {
	docs, err := db.Documents(ctx, dossier.DocumentQuery{Limit: 100_000})
	return err == nil && !slices.ContainsFunc(docs, func(d dossier.Document) bool { return d.State != dossier.Archived && d.State != dossier.Refused })
}

// A report is what a drill came to.
type report struct {
	Papers   int            `json:"papers"`
	Archived int            `json:"archivedOnce"`
	Seed     uint64         `json:"seed"`
	Seconds  float64        `json:"seconds"`
	Restarts map[string]int `json:"restarts"`
	Events   []event        `json:"events"`
}

// print says the worst of each way.
func (r *report) print() {
	fmt.Printf("drills: %d papers in %.0f s, %d archived exactly once: 0 lost, 0 doubled, 0 wrong; ledger verified; started again: %v\n", r.Papers, r.Seconds, r.Archived, r.Restarts)
	by := map[string][]event{}
	var names []string
	for _, e := range r.Events {
		if by[e.Way] == nil {
			names = append(names, e.Way)
		}
		by[e.Way] = append(by[e.Way], e)
	}
	slices.Sort(names)
	fmt.Println("| taken away | times | gone, s | moving again after, s | stood at most, s |\n|---|---:|---:|---:|---:|")
	for _, name := range names {
		var gone, recovered, stood float64
		for _, e := range by[name] {
			gone, recovered, stood = max(gone, e.Gone), max(recovered, e.Recovered), max(stood, e.Stood)
		}
		fmt.Printf("| %s | %d | %.1f | %.1f | %.1f |\n", name, len(by[name]), gone, recovered, stood)
	}
}
