package sqldb

import (
	"slices"
	"strings"
	"testing"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/batch"
	"sohoa/dossier/digest"
	"sohoa/dossier/restriction"
)

func TestRestrictions(t *testing.T) {
	h := newHouse(t)
	rule := restriction.Rule{Role: dossier.Counter, Agency: "H60.12", Kinds: []dossier.KindCode{"GKS"}, Why: "QĐ 3", Who: "p-admin", By: dossier.Admin}
	for name, x := range map[string]struct {
		change func(*restriction.Rule)
		want   error
	}{
		"nobody":         {func(r *restriction.Rule) { r.Role, r.Agency = "", "" }, dossier.ErrInvalid},
		"nothing":        {func(r *restriction.Rule) { r.Kinds = nil }, dossier.ErrInvalid},
		"no reason":      {func(r *restriction.Rule) { r.Why = "" }, dossier.ErrInvalid},
		"no such kind":   {func(r *restriction.Rule) { r.Kinds = []dossier.KindCode{"none"} }, dossier.ErrNotFound},
		"no such field":  {func(r *restriction.Rule) { r.Fields = []string{"none"} }, dossier.ErrNotFound},
		"no such person": {func(r *restriction.Rule) { r.Role, r.Agency, r.Person = "", "", "none" }, dossier.ErrNotFound},
		"oneself":        {func(r *restriction.Rule) { r.Role, r.Agency, r.Person = "", "", "p-admin" }, dossier.ErrForbidden},
		"by a clerk":     {func(r *restriction.Rule) { r.By = dossier.Clerk }, dossier.ErrForbidden},
	} {
		r := rule
		x.change(&r)
		_, err := h.AddRestriction(h.ctx, r)
		wantErr(t, name, err, x.want)
	}
	if none, err := h.RestrictionsInForce(h.ctx); err != nil || len(none) > 0 {
		t.Fatalf("%d rules, %v", len(none), err)
	}
	put, err := h.AddRestriction(h.ctx, rule)
	h.must(err)
	list, err := h.RestrictionsInForce(h.ctx)
	if err != nil || len(list) != 1 || list[0].Why != rule.Why || list[0].Sum() != put.Sum() || list[0].Role != dossier.Counter {
		t.Fatalf("in force: %+v, %v", list, err)
	}
	wantErr(t, "an end that nobody asked for", h.EndRestriction(h.ctx, put.ID, "p-second", dossier.Admin), dossier.ErrConflict)
	wantErr(t, "no reason", h.AskRestrictionEnd(h.ctx, put.ID, "p-admin", dossier.Admin, ""), dossier.ErrInvalid)
	h.must(h.AskRestrictionEnd(h.ctx, put.ID, "p-admin", dossier.Admin, "xong"))
	wantErr(t, "asked twice", h.AskRestrictionEnd(h.ctx, put.ID, "p-second", dossier.Admin, "xong"), dossier.ErrConflict)
	wantErr(t, "who asked", h.EndRestriction(h.ctx, put.ID, "p-admin", dossier.Admin), restriction.ErrOther)
	_, err = h.write.ExecContext(h.ctx, `INSERT INTO restriction_ends (id, restriction, act, who, byrole, at, why, salt, demo) VALUES ('x', $1, 'end', 'p-admin', 'admin', 1, '', '', 0)`, put.ID)
	if err == nil || !strings.Contains(err.Error(), "another than who asked") {
		t.Errorf("past the program: %v", err)
	}
	if list, err := h.RestrictionsInForce(h.ctx); err != nil || len(list) != 1 || list[0].AskedBy != "p-admin" || list[0].AskedWhy != "xong" {
		t.Errorf("asked: %+v, %v", list, err)
	}
	h.must(h.EndRestriction(h.ctx, put.ID, "p-second", dossier.Admin))
	wantErr(t, "ended twice", h.EndRestriction(h.ctx, put.ID, "p-third", dossier.Admin), dossier.ErrConflict)
	if list, err := h.RestrictionsInForce(h.ctx); err != nil || len(list) > 0 {
		t.Errorf("after its end: %+v, %v", list, err)
	}
	if all, err := h.Restrictions(h.ctx, 9); err != nil || len(all) != 1 || all[0].EndedBy != "p-second" {
		t.Errorf("all: %+v, %v", all, err)
	}
	for _, query := range []string{"UPDATE restrictions SET kinds = '[]'", "DELETE FROM restrictions", "DELETE FROM restriction_ends", "UPDATE restriction_ends SET who = 'x'"} {
		if _, err := h.write.ExecContext(h.ctx, query); err == nil {
			t.Errorf("%s was done", query)
		}
	}
}

// TestClosedInQueries holds every query that takes a part of the archive against what is
// closed in it: see web for the pages.
func TestClosedInQueries(t *testing.T) {
	h := newHouse(t)
	e := h.entry("T1")
	d, err := h.Document(h.ctx, e.Document)
	h.must(err)
	do, err := h.Dossier(h.ctx, d.Dossier)
	h.must(err)
	h.must(h.Note(h.ctx, dossier.Reading{Act: dossier.ReadViewed, Document: d.ID, Dossier: d.Dossier, Holder: do.Holder, Who: "p", By: dossier.Counter, At: h.clock.now()}))
	_, err = h.NumberEvents(h.ctx)
	h.must(err)
	for name, x := range map[string]struct {
		not   dossier.Closed
		paper bool // it is there
		whole bool // so is its dossier
	}{
		"nothing":         {dossier.Closed{}, true, true},
		"its kind":        {dossier.Closed{Kinds: []dossier.KindCode{d.Kind}}, false, true},
		"another kind":    {dossier.Closed{Kinds: []dossier.KindCode{"other"}}, true, true},
		"its procedure":   {dossier.Closed{Procedures: []dossier.ProcedureCode{do.Procedure}}, false, false},
		"another besides": {dossier.Closed{Procedures: []dossier.ProcedureCode{"other"}, Kinds: []dossier.KindCode{"other"}}, true, true},
	} {
		in := (*dossier.Within)(nil).Without(x.not)
		docs, err := h.Documents(h.ctx, DocumentQuery{Within: in, Dossier: d.Dossier})
		h.must(err)
		counts, err := h.Counts(h.ctx, nil, in)
		h.must(err)
		entries, err := h.EntriesWithin(h.ctx, do.Holder, in)
		h.must(err)
		dossiers, err := h.Dossiers(h.ctx, dossier.DossierQuery{Within: in})
		h.must(err)
		looked, err := h.LookedWithin(h.ctx, do.Holder, in, 9)
		h.must(err)
		_, _, one := h.EntryWithin(h.ctx, e.ID, nil, in)
		_, holder := h.HolderWithin(h.ctx, do.Holder, nil, in)
		got := []bool{len(docs) == 1, counts[dossier.Archived] == 1, len(entries) == 1, one == nil, slices.ContainsFunc(looked, func(p dossier.Placed) bool { return p.Document == d.ID }), len(dossiers) == 1, holder == nil,
			in.HasKind(d.Kind) && in.HasDossier(do), in.HasDossier(do)}
		want := []bool{x.paper, x.paper, x.paper, x.paper, x.paper, x.whole, x.whole, x.paper, x.whole}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}

// Papers that are due, proposals about them and batches of paper are told to nobody to whom
// their class is closed.
func TestClosedInKeeping(t *testing.T) {
	h := newHouse(t)
	d := h.in(dossier.Archived)
	do, err := h.Resolve(h.ctx, d.Dossier, h.clock.now(), "officer")
	h.must(err)
	h.rule("GKS", 5)
	h.clock.move(h.yearsOn(5).Sub(h.clock.now()))
	b, err := h.AddPaperBatch(h.ctx, batch.Batch{Agency: do.Receiving, Feed: batch.Single, Files: []batch.File{{Name: "a.tif", Sum: digest.Of([]byte("a")), Size: 1}}}, account.By{Who: "p", Role: dossier.Counter})
	h.must(err)
	h.must(h.PutSides(h.ctx, b.ID, 1, []batch.Side{{File: 1, Page: 1, Use: batch.Page, Starts: true, Dossier: d.Dossier, Slot: d.Slot}}, ""))
	if _, err := h.write.ExecContext(h.ctx, "UPDATE batch_sides SET dossier = $1, slot = $2", string(d.Dossier), string(d.Slot)); err != nil {
		t.Fatal(err)
	}
	proposal := clerk
	proposal.Document = d.ID
	for name, x := range map[string]struct {
		not  dossier.Closed
		want bool
	}{
		"nothing": {dossier.Closed{}, true}, "kind": {dossier.Closed{Kinds: []dossier.KindCode{d.Kind}}, false}, "field": {dossier.Closed{Procedures: []dossier.ProcedureCode{do.Procedure}}, false},
		"others": {dossier.Closed{Kinds: []dossier.KindCode{"x"}, Procedures: []dossier.ProcedureCode{"x"}}, true},
	} {
		in := (*dossier.Within)(nil).Without(x.not)
		due, _, err := h.Due(h.ctx, h.clock.now(), nil, in, 9)
		h.must(err)
		from, _, err := h.DueFrom(h.ctx, h.clock.now(), nil, in, "", 9)
		h.must(err)
		list, err := h.OpenBatches(h.ctx, nil, x.not, "", 9)
		h.must(err)
		_, one := h.OpenBatch(h.ctx, b.ID, nil, x.not)
		if got := []bool{len(due) == 1, len(from) == 1, len(list) == 1, one == nil}; slices.Contains(got, !x.want) {
			t.Errorf("%s: %v, want %v", name, got, x.want)
		}
	}
	_, err = h.Propose(h.ctx, proposal)
	h.must(err)
	in := (*dossier.Within)(nil).Without(dossier.Closed{Kinds: []dossier.KindCode{d.Kind}})
	for want, in := range []*dossier.Within{in, nil} {
		list, err := h.Proposals(h.ctx, true, nil, in, 9)
		h.must(err)
		from, err := h.ProposalsFrom(h.ctx, nil, in, "", 9)
		h.must(err)
		if len(list) != want || len(from) != want {
			t.Errorf("%d and %d proposals, want %d", len(list), len(from), want)
		}
	}
}

// A rule that was changed past the program is named by the audit, and so is its end.
func TestAuditOfRestrictions(t *testing.T) {
	h := newHouse(t)
	r, err := h.AddRestriction(h.ctx, restriction.Rule{Role: dossier.Counter, Kinds: []dossier.KindCode{"GKS"}, Why: "QĐ 3", Who: "p-admin", By: dossier.Admin})
	h.must(err)
	h.must(h.AskRestrictionEnd(h.ctx, r.ID, "p-admin", dossier.Admin, "xong"))
	h.must(h.EndRestriction(h.ctx, r.ID, "p-second", dossier.Admin))
	h.soundLedger()
	if h.address != "" {
		return
	}
	for _, trigger := range []string{"restrictions_once", "restriction_ends_once"} {
		_, err := h.write.ExecContext(h.ctx, "DROP TRIGGER "+trigger)
		h.must(err)
	}
	for _, statement := range []string{"UPDATE restrictions SET kinds = '[\"QD\"]'", "UPDATE restriction_ends SET who = 'p-other' WHERE act = 'end'"} {
		_, err := h.write.ExecContext(h.ctx, statement)
		h.must(err)
		if r, err := h.Audit(h.ctx, nil); err != nil || len(r.Findings) == 0 {
			t.Errorf("%s: not found (%v)", statement, err)
		}
	}
}
