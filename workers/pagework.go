package workers

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"

	"sohoa/dossier"
	"sohoa/jail"
	"sohoa/ocr"
)

// Pages are the pages of long papers while they are read: each is a row that is
// leased as a document is. [sohoa/storage/sqldb.DB] has them.
type Pages interface {
	Document(ctx context.Context, id dossier.DocumentID) (dossier.Document, error)

	// OpenPages offers n pages of a document, those that it does not yet.
	OpenPages(ctx context.Context, id dossier.DocumentID, version int64, n int) error

	// ClaimPage begins the first page that nobody reads and nobody has read;
	// [dossier.ErrNotFound] if there is none.
	ClaimPage(ctx context.Context, id dossier.DocumentID, version int64, holder string, d time.Duration) (page, attempt int, err error)

	// HoldPage keeps a page held; [dossier.ErrConflict] if it is somebody else's.
	HoldPage(ctx context.Context, id dossier.DocumentID, version int64, page int, holder string, d time.Duration) error

	// GivePage gives a page back, for others to begin after rest.
	GivePage(ctx context.Context, id dossier.DocumentID, version int64, page int, holder string, rest time.Duration) error

	// KeepPage keeps what was read, once.
	KeepPage(ctx context.Context, id dossier.DocumentID, version int64, page int, holder string, result []byte) (left int, err error)

	// ReadPages returns what was read of every page, in order;
	// [dossier.ErrNotFound] until all are read.
	ReadPages(ctx context.Context, id dossier.DocumentID, version int64) ([][]byte, error)

	// OthersWait reports whether a paper of another agency, or one that goes before, is
	// owed something in or before the lane of a document.
	OthersWait(ctx context.Context, id dossier.DocumentID) (bool, error)

	// FreePages lists documents with pages that wait, with their number as Epoch.
	FreePages(ctx context.Context, most int) ([]dossier.Job, error)
}

const (
	// helpAct is in hints for those who read pages of a paper that another began.
	// It is no act of a document.
	helpAct dossier.Act = "help"

	// mostHelp is how many may be called to one paper at once, offerEvery how
	// often it is looked whether somebody could help, and helpAgain how long a
	// call holds: one whose worker died is made again after that.
	mostHelp   = 16
	offerEvery = 250 * time.Millisecond
	helpAgain  = 10 * time.Second

	// pageRest is how long a page rests after an error of ours, and visit how
	// long a worker stays at a paper while others wait.
	pageRest = 5 * time.Second
	visit    = 10 * time.Second

	// joinWait is when a paper whose pages are in others' hands is looked at
	// again, if the last of them does not say so before.
	joinWait = time.Second
)

// errPart: pages of the paper are in others' hands, or others' turn has come.
var errPart = errors.New("a part of the pages is read")

func isHelp(j dossier.Job) bool { return j.Act == helpAct }

// offerPages calls for help where pages wait, and returns how often.
func (w *Worker) offerPages(ctx context.Context, depth map[dossier.Place]int) (n int, err error) {
	now := w.Now()
	if w.Pages == nil || now.Sub(w.offered).Abs() < offerEvery {
		return 0, nil
	}
	w.offered = now
	papers, err := w.Pages.FreePages(ctx, mostWaiting)
	if err != nil {
		return 0, err
	}
	term := now.Unix() / int64(helpAgain/time.Second)
	for _, p := range papers {
		// Whoever comes free takes what waits already: calls behind that are for nothing.
		hands := min(int(p.Epoch), mostHelp) - depth[p.Place()]
		for k := range max(hands, 0) { // the same call again is none
			call := dossier.Job{Document: p.Document, Version: p.Version, Act: helpAct, Epoch: term*mostHelp + int64(k), Lane: p.Lane}
			if err := w.Queue.Enqueue(ctx, call); err != nil {
				return n, err
			}
		}
	}
	return 0, nil
}

// help reads pages of a paper, if there are any left.
func (w *Worker) help(ctx context.Context, job dossier.Job) error {
	if w.Help == nil {
		return nil
	}
	tctx, cancel := context.WithTimeout(ctx, 20*time.Minute)
	defer cancel()
	err := w.Help(inPlace(WithDocument(tctx, job.Document), job), job)
	if errors.Is(err, dossier.ErrNotFound) || errors.Is(err, dossier.ErrConflict) || errors.Is(err, ErrBrokeOff) {
		return nil // it has moved on, or its own worker will say so
	}
	w.Nudge()
	return err
}

// part gives a document back whose pages are not all read: its last page makes it
// due again.
func (w *Worker) part(ctx context.Context, job dossier.Job) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
	defer cancel()
	err := w.Rows.Postpone(ctx, job, w.Now().Add(joinWait), "")
	if errors.Is(err, dossier.ErrConflict) {
		return nil
	}
	w.Nudge()
	return err
}

// Pressed reports whether somebody waits who goes before what a worker has in
// hand, and whether anybody waits at all.
func (w *Worker) Pressed(ctx context.Context) (ahead, any bool) {
	depth, err := w.Queue.Depth(ctx)
	if err != nil {
		return false, false
	}
	ahead = depth[dossier.Place{Lane: dossier.Waiting}]+depth[dossier.Place{Lane: dossier.Ordinary, Ahead: true}] > 0
	return ahead, ahead || depth[dossier.Place{Lane: dossier.Ordinary}] > 0
}

// readShared reads the pages of a long paper beside whoever helps, and returns
// them in order once all are read. Until then the error is errPart.
func (t *Tools) readShared(ctx context.Context, d dossier.Document) ([]ocr.Page, error) {
	if err := t.Shared.OpenPages(ctx, d.ID, d.Version, d.Pages); err != nil {
		return nil, err
	}
	if err := t.visit(ctx, d); err != nil {
		return nil, err
	}
	kept, err := t.Shared.ReadPages(ctx, d.ID, d.Version)
	if errors.Is(err, dossier.ErrNotFound) {
		return nil, errPart
	} else if err != nil {
		return nil, err
	}
	known := t.spools.results(d)
	t.spools.drop(d, false)
	return joined(kept, known)
}

// HelpRead reads pages of a paper that another worker has begun, until none wait
// or it is others' turn.
func (t *Tools) HelpRead(ctx context.Context, j dossier.Job) error {
	d, err := t.Shared.Document(ctx, j.Document)
	if err != nil {
		return err
	}
	if act, _ := dossier.Due(d.State); d.Version != j.Version || act != dossier.Recognise {
		return dossier.ErrConflict
	}
	return t.visit(ctx, d)
}

// visit reads one page after the other. The paper is taken apart before a reader is free,
// and a page is begun when one is: whoever waits for one holds nothing.
func (t *Tools) visit(ctx context.Context, d dossier.Document) error {
	began := t.Now()
	seen, err := t.seen(ctx, d.ID)
	if err != nil {
		return err
	}
	t.spools.ready(ctx, t, d)
	for more, first := true, true; more; first = false {
		leave, ok, err := t.seated(ctx, d.ID, began, first)
		if err != nil || !ok {
			return err
		}
		more, err = t.readNext(ctx, d, seen, leave)
		leave()
		if err != nil {
			return err
		}
	}
	return nil
}

// seated waits for a reader to be free for who came to paper id at began, and whose first
// page there it is or not. ok is false if it is others' turn. What goes ahead takes no
// seat: it is the next that a reader gets.
func (t *Tools) seated(ctx context.Context, id dossier.DocumentID, began time.Time, first bool) (leave func(), ok bool, err error) {
	if ocr.Ahead(ctx) {
		return func() {}, first || !t.turn(ctx, id, began), nil
	}
	leave, waited, ok, err := t.spools.seat(ctx, t.Readers, func(ctx context.Context) bool {
		if t.Pressed == nil {
			return false
		}
		ahead, _ := t.Pressed(ctx)
		return ahead
	}, t.Came)
	if ok && (waited || !first) && t.turn(ctx, id, began) {
		leave()
		return nil, false, nil
	}
	return leave, ok, err
}

// turn says whether it is others' turn, of whom who came to paper id at began. While all that
// waits is its own agency's and came later, the paper is read to its end: to go round would have
// many papers begun and none done.
func (t *Tools) turn(ctx context.Context, id dossier.DocumentID, began time.Time) bool {
	if t.Pressed == nil {
		return false
	}
	ahead, any := t.Pressed(ctx)
	if ahead || !any || t.Now().Sub(began) <= visit {
		return ahead
	}
	if t.Shared == nil {
		return true
	}
	others, err := t.Shared.OthersWait(ctx, id)
	return others || err != nil
}

// readNext reads the next page that nobody reads, if there is one. It calls leave when it
// needs the reader no more, before it keeps what was read.
func (t *Tools) readNext(ctx context.Context, d dossier.Document, seen bool, leave func()) (more bool, err error) {
	h := hand{t: t, d: d, seen: seen, holder: rand.Text(), leave: leave}
	var attempt int
	h.page, attempt, err = t.Shared.ClaimPage(ctx, d.ID, d.Version, h.holder, lease)
	switch {
	case errors.Is(err, dossier.ErrNotFound):
		return false, nil
	case err != nil:
		return false, err
	case attempt > mostCrashes:
		return false, errors.Join(fmt.Errorf("%w %d times in a row, at page %d", ErrBrokeOff, mostCrashes, h.page+1), h.give(ctx, 0))
	}
	return true, h.read(ctx)
}

// A hand is a page that this process reads.
type hand struct {
	t      *Tools
	d      dossier.Document
	seen   bool // its pages were looked at before they came
	page   int
	holder string
	leave  func() // the reader
}

// read reads the page and keeps what was read, or what its refusal says. After an
// error of ours the page goes back to rest a little.
func (h hand) read(ctx context.Context) error {
	rctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go h.live(rctx, cancel)
	result, err := h.result(rctx)
	if err == nil {
		_, err = h.t.Shared.KeepPage(ctx, h.d.ID, h.d.Version, h.page, h.holder, result)
	}
	switch {
	case err == nil, errors.Is(err, dossier.ErrConflict): // somebody else has it by now
		return nil
	case ctx.Err() != nil:
		return errors.Join(err, h.give(ctx, 0))
	}
	return errors.Join(err, h.give(ctx, pageRest))
}

func (h hand) give(ctx context.Context, rest time.Duration) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
	defer cancel()
	err := h.t.Shared.GivePage(ctx, h.d.ID, h.d.Version, h.page, h.holder, rest)
	if errors.Is(err, dossier.ErrConflict) {
		return nil
	}
	return err
}

// live gives signs of life until ctx ends, and ends it if the page is somebody
// else's.
func (h hand) live(ctx context.Context, cancel context.CancelFunc) {
	tick := time.NewTicker(beat)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := h.t.Shared.HoldPage(ctx, h.d.ID, h.d.Version, h.page, h.holder, lease); errors.Is(err, dossier.ErrConflict) {
			cancel()
			return
		}
	}
}

// outcome is what is kept of a page: what was read, or why it cannot be.
type outcome struct {
	Read    *ocr.Page     `json:"read,omitempty"`
	Refused *jail.Refusal `json:"refused,omitempty"`
}

func (h hand) result(ctx context.Context) ([]byte, error) {
	var o outcome
	page, err := h.t.spools.page(ctx, h.t, h.d, h.page)
	if err == nil {
		page.Seen = h.seen
		var read ocr.Page
		read, err = readOne(ctx, h.t.Reader, page)
		h.leave()
		o.Read = &read
		page.Back()
	}
	if errors.As(err, &o.Refused) {
		o.Read, err = nil, nil
	}
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	z := packers.Get().(*gzip.Writer)
	defer packers.Put(z)
	z.Reset(&b)
	err = errors.Join(json.NewEncoder(z).Encode(o), z.Close())
	if err == nil && o.Read != nil {
		h.t.spools.note(h.d, h.page, result{b.Bytes(), *o.Read})
	}
	return b.Bytes(), err
}

// packers are kept: one is made of more bytes than a page's words are. Anybody's gzip reads
// what they make; they take six tenths of compress/gzip's time.
var packers = sync.Pool{New: func() any {
	z, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
	if err != nil { // there is such a level
		panic(err)
	}
	return z
}}

// A result is what was kept of a page, and what that says.
type result struct {
	kept []byte
	read ocr.Page
}

// joined puts pages together; known are those that this process has kept itself, by
// number. The first that cannot be read says so for all, as
// if they had been read one after the other.
func joined(kept [][]byte, known map[int]result) ([]ocr.Page, error) {
	pages := make([]ocr.Page, len(kept))
	for i, b := range kept {
		if k, ok := known[i]; ok && bytes.Equal(k.kept, b) {
			pages[i] = k.read
			continue
		}
		z, err := gzip.NewReader(bytes.NewReader(b))
		if err != nil {
			return nil, fmt.Errorf("page %d as it was kept: %w", i+1, err)
		}
		plain, err := io.ReadAll(z)
		var o outcome
		if err = errors.Join(err, json.Unmarshal(plain, &o)); err != nil {
			return nil, fmt.Errorf("page %d as it was kept: %w", i+1, err)
		}
		if o.Refused != nil {
			return nil, o.Refused
		}
		if o.Read == nil {
			return nil, fmt.Errorf("page %d as it was kept: nothing", i+1)
		}
		pages[i] = *o.Read
	}
	return pages, nil
}
