package sqldb

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"sohoa/dossier"
	"sohoa/dossier/catalogue"
)

// Sixty-four counters of two agencies, one with a code of the old order, receive
// at once; a third of what they bring cannot be received. The serials of each
// agency have no gap and no double: one is taken in the transaction of its
// dossier, and goes back with it.
func TestSerialsWithoutGaps(t *testing.T) {
	h := newHouse(t)
	const old dossier.AgencyCode = "000.12.00.H60"
	h.must(h.PutAgency(h.ctx, dossier.Agency{Code: old, Parent: "H60", Name: "Xã cũ", Tier: dossier.Commune}))
	var mu sync.Mutex
	codes := map[dossier.AgencyCode][]dossier.Code{}
	var wg sync.WaitGroup
	for i := range 64 {
		wg.Go(func() {
			d := dossier.Dossier{Procedure: procedure, Receiving: []dossier.AgencyCode{"H60.12", old}[i%2], Holder: h.holder, Received: noon}
			who, fails := dossier.PersonID("counter"), false
			if i%3 == 0 { // it fails after the serial was taken: nobody is named who received it
				who, fails = "", true
			}
			got, err := h.AddDossier(h.ctx, d, who)
			if fails != (err != nil) || fails && !errors.Is(err, dossier.ErrInvalid) {
				t.Error(err)
			}
			if err == nil {
				mu.Lock()
				codes[d.Receiving] = append(codes[d.Receiving], got.Code)
				mu.Unlock()
				if err := dossier.CheckCode(got.Code, noon); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for agency, got := range codes {
		slices.Sort(got)
		var want []dossier.Code
		for i := range got {
			want = append(want, dossier.Code(fmt.Sprintf("%s-261121-%04d", agency, i+1)))
		}
		if len(got) < 20 || !slices.Equal(got, want) {
			t.Errorf("%s: %v", agency, got)
		}
	}
}

// Decisions are events of the ledger: the newest holds, a secret slot takes
// neither paper nor entry, and a dossier is handed on once and whole.
func TestDecisions(t *testing.T) {
	h := newHouse(t)
	d := h.newDossier()
	decide := func(slot dossier.SlotCode, x dossier.Decision, pages int) error {
		return h.DecideSlot(h.ctx, d.Code, slot, dossier.Decided{Decision: x, Pages: pages}, "counter")
	}
	wantErr(t, "undecided", h.HandOn(h.ctx, d.Code, "counter"), dossier.ErrConflict)
	wantErr(t, "no such slot", decide("T9", dossier.PlainCopy, 0), dossier.ErrNotFound)
	wantErr(t, "the result", decide(dossier.ResultSlot, dossier.PlainCopy, 0), dossier.ErrNotFound)
	wantErr(t, "no decision", decide("T1", "why not", 0), dossier.ErrInvalid)
	wantErr(t, "no pages", decide("T1", dossier.ToDigitise, -1), dossier.ErrInvalid)
	wantErr(t, "no dossier", h.DecideSlot(h.ctx, "H60.12-261121-0999", "T1", dossier.Decided{Decision: dossier.PlainCopy}, "counter"), dossier.ErrNotFound)
	h.must(decide("T1", dossier.Secret, 0))
	_, err := h.Add(h.ctx, scan(d.Code, "T1", "secret"), "counter")
	wantErr(t, "a secret paper", err, dossier.ErrForbidden)
	wantErr(t, "an entry for it", h.Reuse(h.ctx, d.Code, "T1", "e", "counter"), dossier.ErrForbidden)
	h.must(decide("T2", dossier.ToDigitise, 4))
	wantErr(t, "not scanned yet", h.HandOn(h.ctx, d.Code, "counter"), dossier.ErrConflict)
	if _, err := h.Add(h.ctx, scan(d.Code, "T2", "tờ khai"), "counter"); err != nil {
		t.Fatal(err)
	}
	wantErr(t, "filled", decide("T2", dossier.PlainCopy, 0), dossier.ErrConflict)
	h.must(decide("T1", dossier.ShownOnly, 2))
	events, err := h.Events(h.ctx, d.Code)
	h.must(err)
	if got := dossier.DecisionsOf(events); got["T1"] != (dossier.Decided{Decision: dossier.ShownOnly, Pages: 2}) || got["T2"].Pages != 4 {
		t.Errorf("%+v", got)
	}
	h.must(h.HandOn(h.ctx, d.Code, "counter")) // T3 is not required
	wantErr(t, "twice", h.HandOn(h.ctx, d.Code, "counter"), dossier.ErrConflict)
	wantErr(t, "for no reason", h.TakeBack(h.ctx, d.Code, "why not", "counter"), dossier.ErrInvalid)
	h.must(h.TakeBack(h.ctx, d.Code, dossier.WrongAgency, "counter"))
	wantErr(t, "taken back twice", h.TakeBack(h.ctx, d.Code, dossier.WrongAgency, "counter"), dossier.ErrConflict)
	events, err = h.Events(h.ctx, d.Code)
	h.must(err)
	if last := events[len(events)-1]; last.Act != dossier.DossierTakenBack || last.Why != dossier.WrongAgency || last.Entry != "" || !dossier.HandedOn(events).IsZero() {
		t.Errorf("taken back: %+v", last)
	}
	h.must(h.HandOn(h.ctx, d.Code, "counter"))
	if events, err = h.Events(h.ctx, d.Code); err != nil || dossier.HandedOn(events).IsZero() {
		t.Errorf("handed on again: %+v, %v", events, err)
	}
	if _, err := h.Add(h.ctx, scan(d.Code, dossier.ResultSlot, "kết quả"), "officer"); err != nil {
		t.Fatal(err)
	}
	wantErr(t, "with its result", h.TakeBack(h.ctx, d.Code, dossier.WrongAgency, "counter"), dossier.ErrConflict)
	if _, err := h.NumberEvents(h.ctx); err != nil {
		t.Fatal(err)
	}
}

// The spans, the calendar and who filed a dossier come back as they were written.
func TestCatalogueInTime(t *testing.T) {
	h := newHouse(t)
	span := dossier.ProcedureSpan{Procedure: "7", Span: dossier.Span{Since: "2020-02-28"}, Level: dossier.Partial, Old: 3, Tiers: []dossier.Tier{dossier.Province, dossier.Commune}}
	agency := dossier.AgencySpan{Agency: "H60.13", Span: dossier.Span{Until: "2025-07-01"}, Parent: "H60", Name: "Xã Hai", Tier: dossier.Commune, Successor: "H60.12"}
	day := dossier.CalendarDay{Day: "2026-11-23", Name: "Nghỉ bù"}
	p := dossier.Procedure{Code: "7", Name: "Việc", Level: dossier.Partial, Subjects: []dossier.Subject{dossier.Citizen, dossier.Enterprise}, Tiers: span.Tiers, Retention: "BQ10", Spans: []dossier.Span{span.Span}}
	orders := catalogue.Orders{Kinds: []dossier.Kind{{Code: "GKS", Name: "Tên khác"}}, Calendar: dossier.Calendar{day},
		Procedures: []catalogue.ProcedureOrder{{Procedure: p, Spans: []dossier.ProcedureSpan{span}}},
		Agencies:   []catalogue.AgencyOrder{{Agency: dossier.Agency{Code: "H60.13", Parent: "H60", Name: "Xã Hai", Tier: dossier.Commune}, Spans: []dossier.AgencySpan{agency}}}}
	for range 2 {
		h.must(h.ImportCatalogue(h.ctx, orders, "admin"))
	}
	procedures, err := h.ProcedureSpans(h.ctx)
	h.must(err)
	agencies, err := h.AgencySpans(h.ctx)
	h.must(err)
	days, err := h.Calendar(h.ctx)
	h.must(err)
	got, err := h.Procedure(h.ctx, "7")
	h.must(err)
	if fmt.Sprint(procedures) != fmt.Sprint([]dossier.ProcedureSpan{span}) || len(agencies) != 1 || agencies[0] != agency ||
		len(days) != 1 || days[0] != day || fmt.Sprint(got) != fmt.Sprint(p) {
		t.Errorf("%+v %+v %+v %+v", procedures, agencies, days, got)
	}
	if below, err := h.Below(h.ctx, "H60.12"); err != nil || !slices.Equal(below, []dossier.AgencyCode{"H60.12", "H60.13"}) {
		t.Errorf("who goes on sees %v, %v", below, err)
	}
	kinds, err := h.Kinds(h.ctx)
	h.must(err)
	if i := slices.IndexFunc(kinds, func(k dossier.Kind) bool { return k.Code == "GKS" }); kinds[i].Name != "Giấy khai sinh" {
		t.Error("a file renamed a kind of paper")
	}
	other := h.someone("001199054321", false)
	d, err := h.AddDossier(h.ctx, dossier.Dossier{Procedure: procedure, Receiving: "H60.12", Holder: h.holder, Applicant: other, Received: noon}, "counter")
	if err != nil || d.Applicant != other {
		t.Errorf("%+v, %v", d, err)
	}
	bad := catalogue.DossierOrder{Dossier: dossier.Dossier{Code: "H60.12-261120-0001", Procedure: procedure, Receiving: "H60.12", Received: noon.AddDate(0, 0, -1)},
		Holder: dossier.Holder{Number: "001199054321", Name: "Ai Đó Khác"}}
	wantErr(t, "another name", h.ImportDossiers(h.ctx, []catalogue.DossierOrder{bad}, "admin"), dossier.ErrConflict)
}
