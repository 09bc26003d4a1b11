package sqldb

import (
	"strings"
	"testing"
	"time"

	"sohoa/dossier"
)

func TestHolders(t *testing.T) {
	h := newHouse(t)
	first, err := h.PutHolder(h.ctx, dossier.Holder{Number: "001", Name: "Trần Thị B", Demo: true})
	h.must(err)
	again, err := h.PutHolder(h.ctx, dossier.Holder{ID: "other", Number: "001", Name: "Trần Thị Bê", Demo: true})
	h.must(err)
	if again.ID != first.ID || again.Name != "Trần Thị Bê" || !again.Demo {
		t.Errorf("the same number: %+v, first %+v", again, first)
	}
	again, err = h.PutHolder(h.ctx, dossier.Holder{Number: "001", Name: "Trần Thị Bê"})
	if err != nil || again.Demo {
		t.Errorf("who came in person is still of the demonstration: %+v, %v", again, err)
	}
	again, err = h.PutHolder(h.ctx, dossier.Holder{Number: "001", Name: "Trần Thị Bê", Demo: true})
	if err != nil || again.Demo {
		t.Errorf("the demonstration took a real holder: %+v, %v", again, err)
	}
	for name, found := range map[string]func() (dossier.Holder, error){
		"id":     func() (dossier.Holder, error) { return h.Holder(h.ctx, first.ID) },
		"number": func() (dossier.Holder, error) { return h.FindHolder(h.ctx, "001") },
	} {
		if got, err := found(); err != nil || got != again {
			t.Errorf("by %s: %+v, %v", name, got, err)
		}
	}
	_, err = h.FindHolder(h.ctx, "079123456789")
	wantErr(t, "no such number", err, dossier.ErrNotFound)
	if strings.Contains(err.Error(), "079123456789") {
		t.Errorf("a number in an error: %v", err)
	}
	_, err = h.Holder(h.ctx, "none")
	wantErr(t, "no such holder", err, dossier.ErrNotFound)
	_, err = h.PutHolder(h.ctx, dossier.Holder{Name: "x"})
	wantErr(t, "no number", err, dossier.ErrInvalid)
}

func (h *house) entry(slot dossier.SlotCode) dossier.Entry {
	h.t.Helper()
	d := h.to(h.add(h.newDossier().Code, slot), dossier.Archived)
	all, err := h.Entries(h.ctx, h.holder, time.Time{})
	h.must(err)
	for _, e := range all {
		if e.Document == d.ID {
			return e
		}
	}
	h.t.Fatal("no entry")
	return dossier.Entry{}
}

func TestEntriesByDay(t *testing.T) {
	h := newHouse(t)
	h.entry("T1") // expires 2027-01-31
	h.clock.move(time.Minute)
	newest := h.entry("T2")
	for day, want := range map[time.Time]int{
		{}: 2,
		time.Date(2027, 1, 31, 23, 59, 0, 0, dossier.VietNam): 2,
		time.Date(2027, 1, 31, 17, 0, 0, 0, time.UTC):         0, // 1 February in Viet Nam
	} {
		got, err := h.Entries(h.ctx, h.holder, day)
		if err != nil || len(got) != want {
			t.Errorf("valid on %v: %d, %v, want %d", day, len(got), err, want)
		}
		if len(got) > 0 && got[0] != newest {
			t.Errorf("first is %+v, want the newest", got[0])
		}
	}
}

func TestReuse(t *testing.T) {
	h := newHouse(t)
	e := h.entry("T1") // GKS
	form := h.entry("T2")
	code := h.newDossier().Code
	stranger, err := h.AddDossier(h.ctx, dossier.Dossier{Procedure: procedure, Receiving: "H60.12", Holder: h.someone("002", false)}, "counter")
	h.must(err)
	wantErr(t, "another's paper", h.Reuse(h.ctx, stranger.Code, "T1", e.ID, "counter"), dossier.ErrForbidden)
	wantErr(t, "another kind", h.Reuse(h.ctx, code, "T2", e.ID, "counter"), dossier.ErrInvalid)
	wantErr(t, "no such slot", h.Reuse(h.ctx, code, "T9", e.ID, "counter"), dossier.ErrNotFound)
	wantErr(t, "no such dossier", h.Reuse(h.ctx, "none", "T1", e.ID, "counter"), dossier.ErrNotFound)
	wantErr(t, "no such entry", h.Reuse(h.ctx, code, "T1", "none", "counter"), dossier.ErrNotFound)
	wantErr(t, "nobody", h.Reuse(h.ctx, code, "T1", e.ID, ""), dossier.ErrInvalid)
	for range 2 { // twice is once
		h.must(h.Reuse(h.ctx, code, "T1", e.ID, "counter"))
	}
	events, err := h.Events(h.ctx, code)
	h.must(err)
	if len(events) != 2 || events[1].Act != dossier.DossierReused || events[1].Slot != "T1" || events[1].Entry != e.ID {
		t.Errorf("events: %+v", events)
	}
	found, err := h.Fillings(h.ctx, code)
	h.must(err)
	if f := found[0]; f.Reused == nil || *f.Reused != e || f.Document != nil {
		t.Errorf("filling: %+v", f)
	}
	_, err = h.Add(h.ctx, scan(code, "T1", "paper"), "counter")
	wantErr(t, "a paper for a slot filled from the record", err, dossier.ErrConflict)

	h.add(code, "T2")
	wantErr(t, "a slot with a paper", h.Reuse(h.ctx, code, "T2", form.ID, "counter"), dossier.ErrConflict)
	other := h.entry("T2")
	h.must(h.Reuse(h.ctx, code, "T3", form.ID, "counter"))
	wantErr(t, "a slot with another entry", h.Reuse(h.ctx, code, "T3", other.ID, "counter"), dossier.ErrConflict)
	h.clock.move(90 * 24 * time.Hour)
	wantErr(t, "an expired paper", h.Reuse(h.ctx, stranger.Code, "T1", h.expired(stranger), "counter"), dossier.ErrInvalid)
}

// expired archives a paper for d's holder that is past its day.
func (h *house) expired(d dossier.Dossier) dossier.EntryID {
	h.t.Helper()
	fresh, err := h.AddDossier(h.ctx, dossier.Dossier{Procedure: procedure, Receiving: "H60.12", Holder: d.Holder}, "counter")
	h.must(err)
	h.to(h.add(fresh.Code, "T1"), dossier.Archived)
	all, err := h.Entries(h.ctx, d.Holder, time.Time{})
	h.must(err)
	return all[0].ID
}

// A refused paper leaves its slot to the record.
func TestReuseAfterRefusal(t *testing.T) {
	h := newHouse(t)
	e := h.entry("T1")
	code := h.newDossier().Code
	d := h.add(code, "T1")
	wantErr(t, "a live paper", h.Reuse(h.ctx, code, "T1", e.ID, "counter"), dossier.ErrConflict)
	_, err := h.Advance(h.ctx, d, change(refusal(d.State)))
	h.must(err)
	h.must(h.Reuse(h.ctx, code, "T1", e.ID, "counter"))
}
