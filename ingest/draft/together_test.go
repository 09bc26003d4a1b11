package draft_test

import (
	"bytes"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"sohoa/dossier"
	"sohoa/ingest/draft"
	"sohoa/specimen"
)

// Two processes of a house have the directory in common: of two who order the pages of one
// version one wins, and each sees by its mark what the other did.
func TestTwoProcesses(t *testing.T) {
	first := newHouse(t)
	second := newHouse(t)
	second.Dir = first.Dir
	p := draft.Place{Who: "p", Dossier: "H", Slot: "TP01"}
	if m := second.Mark(p); m != "" {
		t.Errorf("nothing lies there, marked %q", m)
	}
	must(t, first.Add(t.Context(), p, "", "Đơn.jpg", bytes.NewReader(paper(t, specimen.JPEG, 5))))
	x, err := second.Draft(p)
	must(t, err)
	for range 30 {
		before := first.Mark(p)
		var won atomic.Int32
		var both sync.WaitGroup
		for _, d := range []*house{first, second} {
			both.Go(func() {
				switch err := d.Set(p, x.Version, x.Lines); {
				case err == nil:
					won.Add(1)
				case !errors.Is(err, dossier.ErrConflict):
					t.Error(err)
				}
			})
		}
		both.Wait()
		if n := won.Load(); n != 1 {
			t.Fatalf("%d of two won", n)
		}
		x.Version++
		if after := second.Mark(p); after == before || after == "" || after != first.Mark(p) {
			t.Fatalf("marked %q, then %q", before, after)
		}
	}
}
