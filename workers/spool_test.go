package workers

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/ocr"
)

func paper(name string) dossier.Document {
	return dossier.Document{Parts: map[dossier.Part]digest.Digest{dossier.PartScan: digest.Of([]byte(name))}}
}

// What was read here is taken for what the rows say of a page only where that is the same.
func TestJoinedFromHere(t *testing.T) {
	packed := func(text string) []byte {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		read := ocr.Page{Engine: text}
		if err := errors.Join(json.NewEncoder(z).Encode(outcome{Read: &read}), z.Close()); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	rows := [][]byte{packed("one"), packed("two"), packed("three")}
	pages, err := joined(rows, map[int]result{0: {rows[0], ocr.Page{Engine: "one, here"}}, 1: {packed("of an earlier try"), ocr.Page{Engine: "wrong"}}})
	if err != nil || len(pages) != 3 || pages[0].Engine != "one, here" || pages[1].Engine != "two" || pages[2].Engine != "three" {
		t.Errorf("%+v, %v", pages, err)
	}
}

// Words are remembered of as many pages as is said, those of the paper in hand first, and
// given away once.
func TestNoted(t *testing.T) {
	s := &spools{}
	for _, name := range []string{"first", "second"} {
		s.leave(s.of(paper(name).Parts[dossier.PartScan]))
		for n := range mostNoted - 1 {
			s.note(paper(name), n, result{})
		}
	}
	s.note(paper("nobody's"), 0, result{})
	if n := len(s.results(paper("first"))); n != 0 {
		t.Errorf("%d pages of the paper before are remembered", n)
	}
	if n := len(s.results(paper("second"))); n != mostNoted-1 {
		t.Errorf("%d pages of the paper in hand are remembered", n)
	}
	if n := len(s.results(paper("second"))); n != 0 {
		t.Errorf("%d pages are given away twice", n)
	}
}

// As many have a reader as there are; whoever waited is told so, nobody waits longer
// than he can, and whoever waits goes when others go first.
func TestSeats(t *testing.T) {
	s := &spools{}
	others := atomic.Bool{}
	sit := func(ctx context.Context) (func(), bool, bool, error) {
		return s.seat(ctx, 2, func(context.Context) bool { return others.Load() }, nil)
	}
	leave, _, _, err := sit(t.Context())
	_, waited, ok, e := sit(t.Context())
	if err = errors.Join(err, e); err != nil || waited || !ok {
		t.Fatal("two readers: the second had to wait", err)
	}
	short, end := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer end()
	if _, _, ok, err := sit(short); ok || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a third has a reader of two: %v", err)
	}
	time.AfterFunc(150*time.Millisecond, func() { others.Store(true) })
	if _, waited, ok, err := sit(t.Context()); ok || !waited || err != nil {
		t.Errorf("waits although others go first: waited %t, sits %t, %v", waited, ok, err)
	}
	others.Store(false)
	time.AfterFunc(20*time.Millisecond, leave)
	if _, waited, ok, err := sit(t.Context()); err != nil || !waited || !ok {
		t.Errorf("waited %t, sits %t, %v", waited, ok, err)
	}
}

// Who waits for a seat and is told who comes goes at once when others go first, who may
// have come before; and looks by himself, too, though seldom.
func TestSeatsTold(t *testing.T) {
	s, looks := &spools{}, 0
	var mu sync.Mutex
	others, came := false, make(chan struct{})
	sit := func() (waited, ok bool, took time.Duration, err error) {
		began := time.Now()
		_, waited, ok, err = s.seat(t.Context(), 1, func(context.Context) bool {
			mu.Lock()
			defer mu.Unlock()
			looks++
			return others
		}, func() (<-chan struct{}, bool) {
			mu.Lock()
			defer mu.Unlock()
			return came, true
		})
		return waited, ok, time.Since(began), err
	}
	if _, ok, _, err := sit(); !ok || err != nil || looks != 0 {
		t.Fatal("the first has no seat, or looked for others:", looks, err)
	}
	time.AfterFunc(50*time.Millisecond, func() {
		mu.Lock()
		defer mu.Unlock()
		others = true
		close(came)
		came = make(chan struct{})
	})
	if waited, ok, took, err := sit(); !waited || ok || err != nil || looks != 2 || took > pressedLate/2 {
		t.Errorf("others came: waited %t, sits %t, %d looks, %s, %v", waited, ok, looks, took, err)
	}
	if _, ok, took, _ := sit(); ok || looks != 3 || took > pressedLate/2 {
		t.Errorf("others were there: sits %t, %d looks, %s", ok, looks, took)
	}
}

// Who goes ahead takes no seat, and says to the reader that they do: by the lane of
// their job, or since their agency has nothing else under way.
func TestAheadTakesNoSeat(t *testing.T) {
	tools := &Tools{spools: &spools{}, Now: time.Now, Readers: 1, Pressed: func(context.Context) (bool, bool) { return true, true }}
	leave, ok, err := tools.seated(t.Context(), "d", time.Time{}, true)
	if err != nil || !ok {
		t.Fatal("the first has no seat", err)
	}
	defer leave()
	for job, ahead := range map[dossier.Job]bool{
		{}:                       false,
		{Lane: dossier.Waiting}:  true,
		{Ahead: true}:            true,
		{Lane: dossier.Backlog}:  false,
		{Lane: dossier.Ordinary}: false,
	} {
		ctx := inPlace(t.Context(), job)
		if ocr.Ahead(ctx) != ahead {
			t.Errorf("%+v goes ahead: %t", job, ocr.Ahead(ctx))
		}
		if _, ok, err := tools.seated(ctx, "d", time.Now(), true); ok != ahead || err != nil {
			t.Errorf("%+v sits: %t, %v", job, ok, err)
		}
	}
}

// A paper is left for those who go ahead at once, for papers of others after a while, and never
// for its own agency's that came later.
func TestWhoseTurn(t *testing.T) {
	for _, c := range []struct{ ahead, any, long, others, left bool }{
		{ahead: true, any: true, left: true},
		{any: true, others: true},
		{any: true, others: true, long: true, left: true},
		{any: true, long: true},
		{others: true, long: true},
	} {
		tools := &Tools{Now: time.Now, Shared: lineOf{others: c.others}, Pressed: func(context.Context) (bool, bool) { return c.ahead, c.any }}
		began := time.Now()
		if c.long {
			began = began.Add(-visit - time.Second)
		}
		if left := tools.turn(t.Context(), "d", began); left != c.left {
			t.Errorf("%+v: left %t", c, left)
		}
	}
}

// lineOf is a line in which others wait, or not.
type lineOf struct {
	Pages
	others bool
}

func (l lineOf) OthersWait(context.Context, dossier.DocumentID) (bool, error) { return l.others, nil }

// What is kept of papers is bounded, by what it takes, and files go when the last has left
// who looks at them.
func TestSpoolsKept(t *testing.T) {
	s, ended := &spools{}, 0
	bring := func(i int, own *spool, light bool) *spool {
		o := s.of(digest.Of([]byte{byte(i), byte(i >> 8)}))
		o.done, o.size, o.own = func() { ended++ }, own.size, own.own
		if !light {
			o.dir = t.TempDir()
		}
		s.keep(o)
		return o
	}
	for i := range mostLists + 10 {
		s.leave(bring(i, &spool{size: mostCopies}, true)) // in the store's own files
	}
	if len(s.held) != mostLists || ended != 10 {
		t.Errorf("%d lists are kept, %d papers let go", len(s.held), ended)
	}
	ended = 0
	for i := range mostSpools + 1 {
		s.leave(bring(1000+i, &spool{}, false))
	}
	heavy := 0
	for _, own := range s.held {
		if !own.light {
			heavy++
		}
	}
	if heavy != mostSpools || len(s.held) != mostLists {
		t.Errorf("%d papers of which pages are laid aside are kept, %d in all", heavy, len(s.held))
	}
	last := bring(2000, &spool{}, false)
	if _, _, ok := s.again(dossier.Document{Parts: map[dossier.Part]digest.Digest{dossier.PartScan: last.scan}}); ok {
		t.Error("pages that were laid aside for a reader are given to a writer")
	}
	ended = 0
	for i := range 2 * mostSpools {
		s.leave(bring(3000+i, &spool{size: mostCopies, own: true}, true))
	}
	copies := 0
	for _, own := range s.held {
		if own.copy > 0 {
			copies++
		}
	}
	if copies != mostSpools || ended == 0 {
		t.Errorf("%d copies of scans are kept", copies)
	}
	s.drop(dossier.Document{Parts: map[dossier.Part]digest.Digest{dossier.PartScan: last.scan}}, true)
	before := ended
	if s.leave(last); ended != before+1 {
		t.Error("a paper went before the last had left, or stayed after")
	}
}
