package sqldb

import (
	"errors"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/figures"
)

func TestFacts(t *testing.T) {
	h := newHouse(t)
	e := h.entry("T1") // its own dossier is the first fact
	h.clock.move(time.Minute)
	code := h.newDossier().Code
	h.must(h.Reuse(h.ctx, code, "T1", e.ID, "counter"))
	h.to(h.add(code, "T2"), dossier.Sealed)
	h.to(h.add(code, "T3"), dossier.Archived) // not required: does not count
	_, err := h.Resolve(h.ctx, code, noon.AddDate(0, 1, 0), "officer")
	h.must(err)
	november, december := figures.Month(2026, 11), figures.Month(2026, 12)
	fact := func(p figures.Period, agencies ...dossier.AgencyCode) figures.Fact {
		t.Helper()
		facts, err := h.Facts(h.ctx, p, agencies)
		h.must(err)
		i := slices.IndexFunc(facts, func(f figures.Fact) bool { return f.Dossier == code })
		if i < 0 {
			t.Fatalf("no fact of %s in %+v", code, facts)
		}
		return facts[i]
	}
	d, err := h.Dossier(h.ctx, code)
	h.must(err)
	want := figures.Fact{Dossier: code, Procedure: procedure, Receiving: "H60.12", Competent: "H60.12", Received: d.Received,
		Due: d.Due, Resolved: d.Resolved, Channel: d.Channel, Officer: "counter", Attached: 2, ToDigitise: 2, Digitised: 1, Reused: 1, ResultIsDocument: true}
	if got := fact(november); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	docs, err := h.Documents(h.ctx, DocumentQuery{Dossier: code, States: []dossier.State{dossier.Sealed}})
	h.must(err)
	h.to(docs[0], dossier.Archived)
	h.to(h.add(code, dossier.ResultSlot), dossier.Archived)
	want.Attached, want.Digitised, want.ResultDigitised = 3, 2, true
	if got := fact(december, "H60.12", "H60.13"); got != want { // resolved in December
		t.Errorf("%+v, want %+v", got, want)
	}
	for name, row := range map[string]struct {
		p        figures.Period
		agencies []dossier.AgencyCode
		want     int
	}{
		"both":           {november, nil, 2},
		"resolved":       {december, nil, 1},
		"none":           {figures.Month(2027, 1), nil, 0},
		"another agency": {november, []dossier.AgencyCode{"H60.13"}, 0},
		"to is excluded": {figures.Period{From: noon.AddDate(0, 0, -1), To: noon}, nil, 0},
		"from included":  {figures.Period{From: noon, To: noon.Add(time.Millisecond)}, nil, 1},
	} {
		if facts, err := h.Facts(h.ctx, row.p, row.agencies); err != nil || len(facts) != row.want {
			t.Errorf("%s: %d facts, %v, want %d", name, len(facts), err, row.want)
		}
	}
}

// For random houses the one query says what counting slot by slot says.
func TestFactsCountedByHand(t *testing.T) {
	h := newHouse(t)
	random := rand.New(rand.NewPCG(3, 5))
	h.must(h.PutProcedure(h.ctx, dossier.Procedure{Code: "bare", Level: dossier.Info}))
	for range 30 {
		h.clock.move(time.Hour)
		p := procedure
		if random.IntN(5) == 0 {
			p = "bare"
		}
		d, err := h.AddDossier(h.ctx, dossier.Dossier{Procedure: p, Receiving: "H60.12", Holder: h.holder}, "counter")
		h.must(err)
		if p == procedure {
			h.decideAtRandom(d.Code, random)
			h.fillAtRandom(d.Code, random)
			h.decideAtRandom(d.Code, random)
		}
		if random.IntN(2) == 0 {
			_, err := h.Resolve(h.ctx, d.Code, h.clock.now(), "officer")
			h.must(err)
		}
	}
	facts, err := h.Facts(h.ctx, figures.Year(2026), nil)
	h.must(err)
	reused, archived, exempt := 0, 0, 0
	for _, got := range facts {
		want := h.byHand(got.Dossier)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%+v, by hand %+v", got, want)
		}
		reused += got.Reused
		archived += got.Digitised
		exempt += got.Exempt
	}
	if len(facts) != 30 || exempt == 0 || reused == 0 || archived == reused {
		t.Errorf("%d facts, %d reused, %d digitised: the house was not varied enough", len(facts), reused, archived)
	}
}

// decideAtRandom decides of some components, as the counter may: of none that it is
// secret, for then nobody can bring it.
func (h *house) decideAtRandom(code dossier.Code, random *rand.Rand) {
	h.t.Helper()
	for range random.IntN(4) {
		slot := []dossier.SlotCode{"T1", "T2", "T3"}[random.IntN(3)]
		err := h.DecideSlot(h.ctx, code, slot, dossier.Decided{Decision: dossier.Decisions[random.IntN(len(dossier.Decisions)-1)]}, "counter")
		if !errors.Is(err, dossier.ErrConflict) && !errors.Is(err, dossier.ErrNotFound) { // filled, or of no such slot
			h.must(err)
		}
	}
}

func (h *house) fillAtRandom(code dossier.Code, random *rand.Rand) {
	h.t.Helper()
	record, err := h.Entries(h.ctx, h.holder, h.clock.now())
	h.must(err)
	for _, c := range []dossier.Component{{Slot: "T1", Kind: "GKS"}, {Slot: "T2", Kind: "DON"}, {Slot: "T3", Kind: "DON"}, {Slot: dossier.ResultSlot, Kind: "QD"}} {
		i := slices.IndexFunc(record, func(e dossier.Entry) bool { return e.Kind == c.Kind })
		switch n := random.IntN(4); {
		case n == 0 && i >= 0:
			h.must(h.Reuse(h.ctx, code, c.Slot, record[i].ID, "counter"))
		case n == 1:
			h.to(h.add(code, c.Slot), dossier.Archived)
		case n == 2:
			d := h.add(code, c.Slot)
			_, err := h.Advance(h.ctx, d, change(refusal(d.State)))
			h.must(err)
		}
	}
}

// byHand makes a fact from what the pages show of a dossier.
func (h *house) byHand(code dossier.Code) figures.Fact {
	h.t.Helper()
	d, err := h.Dossier(h.ctx, code)
	h.must(err)
	slots, err := h.Fillings(h.ctx, code)
	h.must(err)
	f := figures.Fact{Dossier: d.Code, Procedure: d.Procedure, Receiving: d.Receiving, Competent: d.Competent,
		Received: d.Received, Due: d.Due, Resolved: d.Resolved, Channel: d.Channel, Demo: d.Demo}
	events, err := h.Events(h.ctx, code)
	h.must(err)
	f.Officer = events[0].Who
	for _, s := range slots {
		done := s.Document != nil && s.Document.State == dossier.Archived
		if s.Slot == dossier.ResultSlot {
			f.ResultIsDocument, f.ResultDigitised = true, done
		}
		if s.Slot != dossier.ResultSlot && (done || s.Reused != nil) {
			f.Attached++
		}
		if !s.Required || !s.Digitise {
			continue
		}
		if !done && s.Reused == nil && dossier.DecisionsOf(events)[s.Slot].Decision.Exempts() && d.Received.Month() >= time.November {
			f.Exempt++
			continue
		}
		f.ToDigitise++
		if s.Reused != nil {
			f.Reused++
		}
		if done || s.Reused != nil {
			f.Digitised++
		}
	}
	return f
}
