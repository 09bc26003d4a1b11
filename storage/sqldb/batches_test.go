package sqldb

import (
	"errors"
	"math/bits"
	"math/rand/v2"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/batch"
	"sohoa/dossier/digest"
)

var bringer = account.By{Who: "p1", Role: dossier.Counter}

func (h *house) batch(name string, sides ...batch.Look) batch.Batch {
	h.t.Helper()
	b, err := h.AddPaperBatch(h.ctx, batch.Batch{Agency: "H60.12", Feed: batch.Single, Files: []batch.File{{Sum: digest.Of([]byte(name)), Name: name, Size: 3}}}, bringer)
	h.must(err)
	var all []batch.Side
	for i, l := range sides {
		all = append(all, batch.Side{File: 1, Page: i + 1, Look: l})
	}
	h.must(h.PutSides(h.ctx, b.ID, 1, all, ""))
	h.must(h.PutSides(h.ctx, b.ID, 1, all, "")) // said twice it is the same
	b, err = h.PaperBatch(h.ctx, b.ID, nil)
	h.must(err)
	return b
}

// A batch is taken, looked at, arranged and entered; nobody changes it while it
// enters, and it is done when its sums agree and not before.
func TestPaperBatches(t *testing.T) {
	h := newHouse(t)
	h.people(dossier.Person{ID: "p1", Role: dossier.Counter})
	mark := batch.Mark{Kind: batch.Component, Dossier: "D", Slot: "T1", Number: 1, Of: 1}
	b := h.batch("a", batch.Look{Mark: mark}, batch.Look{Picture: "x", Print: 7, Width: 210, Turn: 2}, batch.Look{Blank: true}, batch.Look{Picture: "y", Print: 1 << 40})
	if len(b.Sides) != 4 || b.Sides[0].Mark != mark || b.Sides[1].Print != 7 || !b.Sides[2].Blank || b.Sides[1].Look.Turn != 2 {
		t.Fatalf("%+v", b)
	}
	got, _, err := h.LeaseBatch(h.ctx, noon.Add(time.Minute))
	if err != nil || got.ID != b.ID {
		t.Fatalf("%v, %v", got.ID, err)
	}
	if _, _, err := h.LeaseBatch(h.ctx, noon.Add(time.Minute)); !errors.Is(err, dossier.ErrNotFound) {
		t.Errorf("it is leased twice: %v", err)
	}
	h.clock.move(2 * time.Minute)
	if _, _, err := h.LeaseBatch(h.ctx, noon.Add(time.Hour)); err != nil {
		t.Errorf("its worker died, and nobody goes on: %v", err)
	}
	batch.Separate(b.Sides, batch.Parting{})
	b.Parting = batch.Parting{Blanks: batch.PairParts, Patches: true}
	h.must(h.ProposeBatch(h.ctx, b))
	if b, err = h.PaperBatch(h.ctx, b.ID, []dossier.AgencyCode{"H60.12"}); err != nil || b.Standing != batch.Proposed || b.Parting != (batch.Parting{Blanks: batch.PairParts, Patches: true}) || b.Sides[0].Use != batch.Separator || !b.Sides[1].Starts || b.Sides[1].Dossier != "D" {
		t.Fatalf("%+v, %v", b, err)
	}
	if _, err := h.PaperBatch(h.ctx, b.ID, []dossier.AgencyCode{"H60.13"}); !errors.Is(err, dossier.ErrNotFound) {
		t.Errorf("another agency's: %v", err)
	}
	old := b
	old.Sides = append([]batch.Side{}, b.Sides...)
	b.Sides[3].Use, b.Sides[3].Why = batch.LeftOut, "rác"
	b.Sides[1], b.Sides[2] = b.Sides[2], b.Sides[1]
	h.must(h.ArrangeBatch(h.ctx, b, true, bringer))
	if err := h.ArrangeBatch(h.ctx, old, false, bringer); !errors.Is(err, dossier.ErrConflict) {
		t.Errorf("what nobody saw is changed: %v", err)
	}
	old.Version++
	if err := h.ArrangeBatch(h.ctx, old, false, bringer); !errors.Is(err, dossier.ErrConflict) {
		t.Errorf("it changes while it enters: %v", err)
	}
	b, by, err := h.LeaseBatch(h.ctx, noon.Add(time.Hour))
	if err != nil || by.Who != "p1" || b.Standing != batch.Entering || b.Sides[2].Page != 2 {
		t.Fatalf("%+v %v, %v", b, by, err)
	}
	h.must(h.EnteredBatch(h.ctx, b.ID, b.Sides[2:3], "", "filled", by))
	h.must(h.RestBatch(h.ctx, b.ID, "", by))
	if b, _ = h.PaperBatch(h.ctx, b.ID, nil); b.Standing != batch.Proposed || b.Sides[2].Refused != "filled" {
		t.Errorf("refused: %+v", b)
	}
	h.must(h.ArrangeBatch(h.ctx, b, true, bringer))
	for range 2 {
		h.must(h.EnteredBatch(h.ctx, b.ID, b.Sides[2:3], "doc", "", by))
	}
	h.must(h.RestBatch(h.ctx, b.ID, "", by))
	if b, _ = h.PaperBatch(h.ctx, b.ID, nil); b.Standing != batch.Done || batch.Account(b.Sides) != (batch.Sum{Sides: 4, Entered: 1, Blank: 1, Separators: 1, LeftOut: 1}) {
		t.Errorf("done: %+v", b)
	}
	list, err := h.PaperBatches(h.ctx, []dossier.AgencyCode{"H60.12"}, "", 10)
	if err != nil || len(list) != 1 {
		t.Errorf("%d, %v", len(list), err)
	}
	if list, _ = h.PaperBatches(h.ctx, nil, b.ID, 10); len(list) != 0 {
		t.Errorf("after the last: %d", len(list))
	}
	held, err := one(h.ctx, h.read, single[int], "SELECT COUNT(*) FROM holdings WHERE digest = $1", digest.Of([]byte("a")).String())
	if err != nil || held != 2 {
		t.Errorf("its file is kept in %d stores, %v", held, err)
	}
}

// What differs in five bits at most is found, all of it and nothing else, whichever
// bits they are; of other agencies' nothing is told.
func TestNearPrints(t *testing.T) {
	h := newHouse(t)
	h.people(dossier.Person{ID: "p1", Role: dossier.Counter})
	rnd := rand.New(rand.NewPCG(1, 2))
	print := rnd.Uint64()
	var all []uint64
	for range 3000 {
		p := print
		for range rnd.IntN(12) {
			p ^= 1 << rnd.IntN(64)
		}
		all = append(all, p, rnd.Uint64())
	}
	h.must(h.FillPrints(h.ctx, 1_000_000, all))
	want := 0
	for _, p := range all {
		if bits.OnesCount64(p^print) <= Near {
			want++
		}
	}
	if got, err := h.NearPrints(h.ctx, print); err != nil || got != want || want < 1000 {
		t.Errorf("%d of %d, %v", got, want, err)
	}
	print = rnd.Uint64()
	a := h.batch("a", batch.Look{Picture: "x", Print: print}, batch.Look{Picture: "z", Print: ^print})
	b := h.batch("b", batch.Look{Picture: "x", Print: print}, batch.Look{Picture: "y", Print: print ^ 7})
	twins, err := h.Twins(h.ctx, b, b.Sides[0], "")
	if err != nil || len(twins) != 1 || !twins[0].Same || twins[0].Batch != a.ID {
		t.Errorf("%+v, %v", twins, err)
	}
	if twins, err = h.Twins(h.ctx, b, b.Sides[1], ""); err != nil || len(twins) != 2 || twins[0].Same || twins[0].Bits != 3 {
		t.Errorf("%+v, %v", twins, err)
	}
	other := b
	other.Agency = "H60.13"
	if twins, err = h.Twins(h.ctx, other, b.Sides[0], ""); err != nil || len(twins) != 0 {
		t.Errorf("%+v, %v", twins, err)
	}
}
