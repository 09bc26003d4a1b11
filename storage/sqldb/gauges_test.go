package sqldb

import (
	"testing"
	"time"

	"sohoa/dossier"
)

// What stands before the house is counted by act, and what is done is not.
func TestGauges(t *testing.T) {
	h := newHouse(t)
	for range 3 {
		h.add(h.newDossier().Code, "T1")
	}
	h.in(dossier.Sealed)
	h.in(dossier.Extracted) // a person's turn
	began := h.clock.now()
	h.clock.move(time.Minute)
	jobs := h.leased(2)
	h.claim(jobs[0])
	h.must(h.Postpone(h.ctx, jobs[0], h.clock.now().Add(time.Hour), "không trả lời"))
	g, err := h.Gauges(h.ctx)
	h.must(err)
	want := map[dossier.Act]Owed{}
	for _, j := range jobs {
		o := want[j.Act]
		if j == jobs[0] {
			o.Resting, o.Troubled = 1, 1
		} else {
			o.Leased++
		}
		want[j.Act] = o
	}
	due := int64(0)
	for act, o := range g.Owed {
		due += o.Due
		if o.Resting != want[act].Resting || o.Leased != want[act].Leased || o.Troubled != want[act].Troubled {
			t.Errorf("%s: %+v, want %+v", act, o, want[act])
		}
		if o.Oldest == 0 || o.Oldest > began.UnixMilli() {
			t.Errorf("%s: the oldest moved at %d, the newest at %d", act, o.Oldest, began.UnixMilli())
		}
	}
	if due != 2 || len(g.Owed) != 2 {
		t.Errorf("%d due of %+v, want 2 of 2 acts", due, g.Owed)
	}
	if g.Pending == 0 || g.Ledger != 0 {
		t.Errorf("before numbering: %d events, %d wait", g.Ledger, g.Pending)
	}
	size, err := h.NumberEvents(h.ctx)
	h.must(err)
	h.must(h.FoldFigures(h.ctx))
	if g, err = h.Gauges(h.ctx); err != nil || g.Ledger != size || g.Pending != 0 || g.FiguresPending != 0 || g.FiguresOwed != 0 {
		t.Errorf("after numbering %d and folding: %+v, %v", size, g, err)
	}
	if w, r := h.Pools(); w.MaxOpenConnections == 0 || r.MaxOpenConnections == 0 {
		t.Errorf("pools without an end: %+v %+v", w, r)
	}
}
