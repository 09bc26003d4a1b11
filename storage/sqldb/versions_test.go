package sqldb

import (
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/catalogue"
	"sohoa/dossier/figures"
	"sohoa/dossier/figures/closing"
)

// A next version of a procedure holds for what is received from then on: what was received
// before keeps its components, its result, its name, and is counted by them; a dossier that
// comes in late was received when it says.
func TestVersionsOfProcedures(t *testing.T) {
	h := newHouse(t)
	holder := h.someone("001", false)
	component := func(slot dossier.SlotCode) dossier.Component {
		return dossier.Component{Slot: slot, Kind: "DON", Name: "Đơn " + string(slot), Required: true, Digitise: true}
	}
	h.must(h.PutKind(h.ctx, dossier.Kind{Code: "DON", Name: "Đơn"}))
	was := dossier.Procedure{Code: "v.1", Name: "Tên cũ", Level: dossier.Full, Days: 5, Components: []dossier.Component{component("A"), component("B")}}
	h.must(h.PutProcedure(h.ctx, was))
	open := func(at time.Time) dossier.Dossier {
		d, err := h.AddDossier(h.ctx, dossier.Dossier{Procedure: "v.1", Receiving: "H60.12", Holder: holder, Received: at}, "p-counter")
		h.must(err)
		return d
	}
	before := open(time.Time{})
	is := was
	is.Name, is.Days, is.ResultKind, is.Components = "Tên mới", 3, "DON", []dossier.Component{component("B"), component("C"), component("D")}
	order := catalogue.NationalOrder{Code: "v.1", Sum: "s", Since: "2026-01-01", Who: "p-admin", Role: dossier.Admin, At: h.clock.now()}
	apply := func() {
		h.must(h.ApplyNational(h.ctx, catalogue.NationalDifference{Code: "v.1", What: catalogue.NationalChanged, Sum: "s", Order: catalogue.ProcedureOrder{Procedure: is}}, order))
	}
	apply() // nobody ordered it
	if p, err := h.Procedure(h.ctx, "v.1"); err != nil || p.Name != "Tên cũ" || p.Version != 0 {
		t.Fatalf("applied without an order: %+v %v", p, err)
	}
	h.clock.move(time.Minute)
	h.must(h.PutNationalOrder(h.ctx, order))
	apply()
	apply() // once
	if former, err := h.FormerSlots(h.ctx); err != nil || len(former) != 1 || len(former["v.1"]) != 1 || former["v.1"]["A"] != "Đơn A" {
		t.Errorf("places of before: %v %v", former, err)
	}
	after, late := open(time.Time{}), open(before.Received.Add(-time.Hour))
	for _, x := range []struct {
		d     dossier.Dossier
		name  string
		slots string
		asked int
	}{{before, "Tên cũ", "A B ", 2}, {after, "Tên mới", "B C D KQ ", 3}, {late, "Tên cũ", "A B ", 2}} {
		p, err := h.ProcedureOf(h.ctx, x.d)
		h.must(err)
		fillings, err := h.Fillings(h.ctx, x.d.Code)
		h.must(err)
		slots := ""
		for _, f := range fillings {
			slots += string(f.Slot) + " "
		}
		if p.Name != x.name || slots != x.slots {
			t.Errorf("version %d: %q with %s, want %q with %s", x.d.Version, p.Name, slots, x.name, x.slots)
		}
		var w where
		w.and("d.code = %s", string(x.d.Code))
		f, err := one(h.ctx, h.read, scanFact, factsOf(&w, ""), w.values...)
		h.must(err)
		if f.ResultIsDocument != (x.name == "Tên mới") || f.ToDigitise != x.asked {
			t.Errorf("version %d: its result is a document: %v; %d components, want %d", x.d.Version, f.ResultIsDocument, f.ToDigitise, x.asked)
		}
		err = h.DecideSlot(h.ctx, x.d.Code, "A", dossier.Decided{Decision: dossier.Decisions[0]}, "p-counter")
		if (err == nil) != (x.name == "Tên cũ") {
			t.Errorf("version %d: a decision on A: %v", x.d.Version, err)
		}
	}
	if _, err := h.write.ExecContext(h.ctx, "UPDATE dossiers SET version = 1 WHERE code = $1", string(before.Code)); err != nil {
		t.Fatal(err)
	}
	differs := func() int {
		r, err := h.RecountFigures(h.ctx, figures.Month(2026, 11), false)
		h.must(err)
		return len(r.Differs)
	}
	if differs() == 0 {
		t.Error("a dossier under another version is counted as it was, and nobody sees it")
	}
	if _, err := h.write.ExecContext(h.ctx, "UPDATE dossiers SET version = 0 WHERE code = $1", string(before.Code)); err != nil {
		t.Fatal(err)
	}
	if n := differs(); n != 0 {
		t.Errorf("counted anew, %d differ", n)
	}
	// A month that was closed under the version before, and is counted again under this one.
	size, err := h.NumberEvents(h.ctx)
	h.must(err)
	for _, version := range []int{0, 1} {
		catalog := []dossier.Procedure{was}
		if version == 1 {
			catalog, err = h.Procedures(h.ctx)
			h.must(err)
		}
		at, err := h.FactsAt(h.ctx, closing.Recount{Period: figures.Month(2026, 11), Counted: size, Catalog: catalog})
		h.must(err)
		for _, f := range at.Facts {
			if want := map[dossier.Code]int{before.Code: 2, after.Code: 3, late.Code: 2}[f.Dossier]; f.ToDigitise+f.Exempt != want {
				t.Errorf("by the catalogue of version %d %s has %d components, want %d", version, f.Dossier, f.ToDigitise+f.Exempt, want)
			}
		}
		if len(at.Facts) != 3 || len(at.Differs) > 0 {
			t.Errorf("%d facts, %+v", len(at.Facts), at.Differs)
		}
	}
	was.Components = was.Components[:1]
	h.must(h.PutProcedure(h.ctx, was)) // the version in force is corrected
	if p, err := h.ProcedureOf(h.ctx, before); err != nil || len(p.Components) != 2 {
		t.Errorf("a correction of today's changed the one before: %+v %v", p, err)
	}
	if p, err := h.Procedure(h.ctx, "v.1"); err != nil || p.Version != 1 || len(p.Components) != 1 {
		t.Errorf("%+v %v", p, err)
	}
}
