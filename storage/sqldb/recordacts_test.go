package sqldb

import (
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/record"
)

// deed does an act with a record as the clerk.
func (h *house) deed(d record.Deed, entries ...dossier.EntryID) record.Deed {
	h.t.Helper()
	h.clock.move(time.Second)
	d.Who, d.By, d.Why = "clerk", dossier.Clerk, "theo quyết định 12/QĐ-UBND"
	d, err := h.DoRecord(h.ctx, d, entries...)
	h.must(err)
	return d
}

func (h *house) offered(holder dossier.HolderID) (ids []dossier.EntryID) {
	h.t.Helper()
	found, err := h.Entries(h.ctx, holder, h.clock.now())
	h.must(err)
	for _, e := range found {
		ids = append(ids, e.ID)
	}
	return ids
}

func (h *house) audited() {
	h.t.Helper()
	_, err := h.NumberEvents(h.ctx)
	h.must(err)
	r, err := h.Audit(h.ctx, nil)
	if err != nil || len(r.Findings) > 0 {
		h.t.Fatalf("audit: %+v, %v", r.Findings, err)
	}
}

// What was withdrawn or replaced stays to be read and is never used again, until
// that is undone.
func TestWithdrawnIsNeverOffered(t *testing.T) {
	h := newHouse(t)
	e := h.entry("T2")
	h.clock.move(time.Minute)
	other := h.entry("T2")
	code := h.newDossier().Code
	for _, act := range []record.Deed{{Act: record.Withdraw, Entry: e.ID}, {Act: record.Replace, Entry: e.ID, Refers: string(other.ID)}} {
		d := h.deed(act)
		if got := h.offered(h.holder); len(got) != 1 || got[0] != other.ID {
			t.Fatalf("after %s: %v is offered", act.Act, got)
		}
		wantErr(t, "use again what was ended", h.Reuse(h.ctx, code, "T2", e.ID, "counter"), dossier.ErrInvalid)
		if all, err := h.Entries(h.ctx, h.holder, time.Time{}); err != nil || len(all) != 2 {
			t.Errorf("it cannot be read any more: %v, %v", all, err)
		}
		_, err := h.DoRecord(h.ctx, record.Deed{Act: record.Withdraw, Entry: e.ID, Who: "clerk", By: dossier.Clerk, Why: "lại"})
		wantErr(t, "twice", err, dossier.ErrConflict)
		h.deed(record.Deed{Act: record.Undo, Refers: d.ID})
		if got := h.offered(h.holder); len(got) != 2 {
			t.Fatalf("undone, %v is offered", got)
		}
		_, err = h.DoRecord(h.ctx, record.Deed{Act: record.Undo, Refers: d.ID, Who: "clerk", By: dossier.Clerk, Why: "lại"})
		wantErr(t, "undone twice", err, dossier.ErrConflict)
	}
	_, err := h.DoRecord(h.ctx, record.Deed{Act: record.Withdraw, Entry: e.ID, Who: "counter", By: dossier.Counter, Why: "x"})
	wantErr(t, "by the counter", err, dossier.ErrForbidden)
	_, err = h.DoRecord(h.ctx, record.Deed{Act: record.Withdraw, Entry: e.ID, Who: "clerk", By: dossier.Clerk})
	wantErr(t, "without a reason", err, dossier.ErrInvalid)
	h.audited()
}

// What has expired stays to be read at its address, keeps its code, and is offered to
// no dossier, neither singly nor with one key for all.
func TestExpiredIsReadAndNeverOffered(t *testing.T) {
	h := newHouse(t)
	e := h.entry("T2") // valid to 31/1/2027
	code, err := h.ResultCode(h.ctx, e.Document)
	h.must(err)
	last, over := time.Date(2027, 1, 31, 23, 0, 0, 0, dossier.VietNam), time.Date(2027, 2, 1, 1, 0, 0, 0, dossier.VietNam)
	for at, want := range map[time.Time]int{last: 1, over: 0} {
		if found, err := h.Entries(h.ctx, h.holder, at); err != nil || len(found) != want {
			t.Errorf("%d are offered on %v, %v", len(found), at, err)
		}
	}
	h.clock.move(over.Sub(h.clock.now()))
	d := h.newDossier()
	wantErr(t, "use again what has expired", h.Reuse(h.ctx, d.Code, "T2", e.ID, "counter"), dossier.ErrInvalid)
	if n, err := h.ReuseAll(h.ctx, d.Code, []dossier.Offer{{Slot: "T2", Entry: e.ID}}, "counter"); err == nil || n != 0 {
		t.Errorf("with one key: %d, %v", n, err)
	}
	read, _, err := h.EntryWithin(h.ctx, e.ID, nil, nil)
	if err != nil || read.Number != e.Number || read.Expires != "2027-01-31" {
		t.Errorf("it cannot be read any more: %+v, %v", read, err)
	}
	if c, err := h.ResultCode(h.ctx, e.Document); err != nil || c != code {
		t.Errorf("its code is %+v, %v", c, err)
	}
}

// Two holders become one and two again; entries go to whom they belong and back.
func TestMergeAndSplit(t *testing.T) {
	h := newHouse(t)
	mine := h.entry("T2")
	second, third := h.someone("008199012346", false), h.someone("008199012347", false)
	merge := h.deed(record.Deed{Act: record.Merge, Holder: h.holder, Refers: string(second)})
	for _, who := range []dossier.HolderID{h.holder, second} {
		if got := h.offered(who); len(got) != 1 || got[0] != mine.ID {
			t.Errorf("of one of the merged: %v", got)
		}
	}
	_, err := h.DoRecord(h.ctx, record.Deed{Act: record.Merge, Holder: second, Refers: string(h.holder), Who: "clerk", By: dossier.Clerk, Why: "x"})
	wantErr(t, "a ring", err, dossier.ErrConflict)
	other, err := h.AddDossier(h.ctx, dossier.Dossier{Procedure: procedure, Receiving: "H60.12", Holder: second}, "counter")
	h.must(err)
	h.must(h.Reuse(h.ctx, other.Code, "T2", mine.ID, "counter"))

	split := h.deed(record.Deed{Act: record.Split, Holder: second, Refers: string(third)}, mine.ID)
	if a, b := h.offered(second), h.offered(third); len(a) != 0 || len(b) != 1 {
		t.Errorf("split: %v stay, %v go", a, b)
	}
	wantErr(t, "another's", h.Reuse(h.ctx, other.Code, "T3", mine.ID, "counter"), dossier.ErrForbidden)
	h.deed(record.Deed{Act: record.Undo, Refers: split.ID})
	if a, b := h.offered(second), h.offered(third); len(a) != 1 || len(b) != 0 {
		t.Errorf("split undone: %v, %v", a, b)
	}
	h.deed(record.Deed{Act: record.Undo, Refers: merge.ID})
	if a, b := h.offered(h.holder), h.offered(second); len(a) != 1 || len(b) != 0 {
		t.Errorf("merge undone: %v, %v", a, b)
	}
	if deeds, err := h.RecordDeeds(h.ctx, second); err != nil || len(deeds) == 0 {
		t.Errorf("what was done is lost: %v, %v", deeds, err)
	}
	h.audited()
}

// A correction is a new version: the old words stay, the new ones are what counts.
func TestCorrection(t *testing.T) {
	h := newHouse(t)
	e := h.entry("T2")
	v := record.ValuesOf(e)
	v.Expires = dayOf(h.clock.now().AddDate(0, 0, -1))
	fixed := h.deed(record.Deed{Act: record.Correct, Entry: e.ID, Values: &v})
	if got := h.offered(h.holder); len(got) != 0 {
		t.Error("what expired by its corrected day is offered")
	}
	got, _, err := h.EntryWithin(h.ctx, e.ID, nil, nil)
	if err != nil || got.Expires != v.Expires || got.Version != 1 {
		t.Errorf("corrected: %+v, %v", got, err)
	}
	h.deed(record.Deed{Act: record.Undo, Refers: fixed.ID})
	if got := h.offered(h.holder); len(got) != 1 {
		t.Error("the correction was not undone")
	}
	bad := v
	bad.Issued = "2026-02-31"
	_, err = h.DoRecord(h.ctx, record.Deed{Act: record.Correct, Entry: e.ID, Values: &bad, Who: "clerk", By: dossier.Clerk, Why: "x"})
	wantErr(t, "no such day", err, dossier.ErrInvalid)
	h.audited()
	_, err = h.write.ExecContext(h.ctx, "UPDATE record_acts SET why = 'khác'")
	if err == nil {
		t.Error("an act with a record was rewritten")
	}
}

func TestRecordRights(t *testing.T) {
	h := newHouse(t)
	e := h.entry("T2")
	for _, c := range []struct {
		agencies []dossier.AgencyCode
		in       *dossier.Within
		sees     bool
	}{{nil, nil, true}, {[]dossier.AgencyCode{"H60.12"}, nil, true}, {[]dossier.AgencyCode{"H60.13"}, nil, false},
		{nil, &dossier.Within{Agencies: []dossier.AgencyCode{"H60"}}, false}, {nil, &dossier.Within{Kinds: []dossier.KindCode{"QD"}}, false}} {
		_, err := h.HolderWithin(h.ctx, h.holder, c.agencies, c.in)
		if (err == nil) != c.sees {
			t.Errorf("%+v: holder: %v", c, err)
		}
		if _, _, err := h.EntryWithin(h.ctx, e.ID, c.agencies, c.in); (err == nil) != c.sees {
			t.Errorf("%+v: entry: %v", c, err)
		}
	}
	h.must(func() error {
		_, err := h.PutHolder(h.ctx, dossier.Holder{Number: "7", Name: "Trần Thị Bé", Born: "1990-02-28"})
		return err
	}())
	for name, want := range map[string]int{"TRAN THI BE": 1, "Trần thị bé": 1, "Trần Thị": 0} {
		if got, err := h.FindHolders(h.ctx, name, "1990-02-28"); err != nil || len(got) != want {
			t.Errorf("%q: %v, %v", name, got, err)
		}
	}
	_, err := h.PutHolder(h.ctx, dossier.Holder{Number: "7", Name: "Trần Thị Bé", Born: "1991-02-28"})
	wantErr(t, "another day of birth", err, dossier.ErrConflict)
}

// One act fills all open places that papers fit, each paper once, or none of them.
func TestReuseAll(t *testing.T) {
	h := newHouse(t)
	h.entry("T1")
	h.clock.move(time.Minute)
	newest := h.entry("T2")
	d := h.newDossier()
	held, err := h.Entries(h.ctx, h.holder, h.clock.now())
	h.must(err)
	fillings, err := h.Fillings(h.ctx, d.Code)
	h.must(err)
	offers := dossier.Offers(d, fillings, nil, held, dayOf(h.clock.now()))
	if len(offers) != 2 || offers[1].Entry != newest.ID {
		t.Fatalf("offers: %+v", offers)
	}
	if n, err := h.ReuseAll(h.ctx, d.Code, append(offers, dossier.Offer{Slot: "T3", Entry: "none"}), "counter"); err == nil || n != 2 {
		t.Errorf("with one that is not there: %d, %v", n, err)
	}
	if found, _ := h.Fillings(h.ctx, d.Code); found[0].Reused != nil {
		t.Error("half of an act was kept")
	}
	if n, err := h.ReuseAll(h.ctx, d.Code, offers, "counter"); err != nil || n != 2 {
		t.Errorf("%d, %v", n, err)
	}
	_, used, err := h.EntryWithin(h.ctx, newest.ID, nil, nil)
	if err != nil || len(used) != 1 || used[0] != d.Code {
		t.Errorf("the paper does not say who used it: %v, %v", used, err)
	}
	h.audited()
}
