package sqldb

import (
	"errors"
	"strings"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/dossier/fixity"
	"sohoa/dossier/retention"
	"sohoa/dossier/room"
	"sohoa/dossier/search"
)

var (
	clerk   = retention.Deed{Who: "clerk", By: dossier.Clerk}
	admin   = retention.Deed{Who: "admin", By: dossier.Admin}
	auditor = retention.Deed{Who: "auditor", By: dossier.Auditor}
)

// rule adds a rule of so many years for a kind, from the beginning of 2020 on.
func (h *house) rule(kind dossier.KindCode, years int) retention.Rule {
	h.t.Helper()
	r, err := h.AddRule(h.ctx, retention.Rule{Kind: kind, Years: years, From: time.Date(2020, 1, 1, 0, 0, 0, 0, dossier.VietNam),
		Law: "TT 99/2020/TT-BNV", Article: "Điều 5", Grade: retention.Secondary, Who: "admin"}, dossier.Admin)
	h.must(err)
	return r
}

// over archives a paper whose work ends now, and moves the clock behind the end
// of a period of so many years.
func (h *house) over(years int) dossier.Document {
	h.t.Helper()
	d := h.in(dossier.Archived)
	_, err := h.Resolve(h.ctx, d.Dossier, h.clock.now(), "officer")
	h.must(err)
	h.clock.move(h.yearsOn(years).Sub(h.clock.now()))
	return d
}

// yearsOn is the first moment after so many full years that follow this one.
func (h *house) yearsOn(years int) time.Time {
	return time.Date(h.clock.now().Year()+years+1, 1, 1, 0, 0, 0, 0, dossier.VietNam)
}

func (h *house) propose(d dossier.Document, by retention.Deed) retention.Deed {
	h.t.Helper()
	by.Document = d.ID
	p, err := h.Propose(h.ctx, by)
	h.must(err)
	return p
}

func answer(by retention.Deed, act retention.Act, to retention.Deed, why string) retention.Deed {
	by.Act, by.Refers, by.Why = act, to.ID, why
	return by
}

// wantRefusal holds that a refusal has a code, and gives its reason with a law in
// both languages.
func wantRefusal(t *testing.T, what string, err error, code string) {
	t.Helper()
	var r *retention.Refusal
	if !errors.As(err, &r) || r.Code != "retention-"+code {
		t.Errorf("%s: %v, want retention-%s", what, err, code)
		return
	}
	if r.VI == "" || r.EN == "" || r.VI == r.EN {
		t.Errorf("%s: said as %q, %q", what, r.VI, r.EN)
	}
	switch code {
	case "early", "ever", "held", "open", "same":
		if !strings.Contains(r.VI, "33/2024/QH15") && !strings.Contains(r.VI, "TT 99/2020/TT-BNV") && !strings.Contains(r.VI, "TT 10/2022/TT-BNV") {
			t.Errorf("%s: no law in %q", what, r.VI)
		}
	}
}

func (h *house) soundLedger() {
	h.t.Helper()
	_, err := h.NumberEvents(h.ctx)
	h.must(err)
	r, err := h.Audit(h.ctx, nil)
	h.must(err)
	if len(r.Findings) > 0 {
		h.t.Errorf("the audit finds %+v", r.Findings)
	}
}

// A period counts from the end of the year in which the work ended: not a moment
// earlier, whoever asks.
func TestNotBeforeItsTime(t *testing.T) {
	h := newHouse(t)
	d := h.in(dossier.Archived)
	ask := func(by retention.Deed) error {
		by.Document = d.ID
		_, err := h.Propose(h.ctx, by)
		return err
	}
	wantRefusal(t, "an open dossier", ask(clerk), "open")
	_, err := h.Resolve(h.ctx, d.Dossier, h.clock.now(), "officer")
	h.must(err)
	wantRefusal(t, "a kind that no article is known of", ask(clerk), "ever")
	h.rule("GKS", 5)
	wantRefusal(t, "before its time", ask(clerk), "early")
	wantRefusal(t, "an auditor proposes", ask(auditor), "role")
	last := h.yearsOn(5).Add(-time.Millisecond)
	h.clock.move(last.Sub(h.clock.now()))
	wantRefusal(t, "the last moment of 31 December", ask(clerk), "early")
	if due, _, err := h.Due(h.ctx, last, nil, nil, 9); err != nil || len(due) > 0 {
		t.Errorf("due then: %+v, %v", due, err)
	}
	h.clock.move(time.Millisecond)
	due, _, err := h.Due(h.ctx, h.clock.now(), nil, nil, 9)
	if err != nil || len(due) != 1 || due[0].Document != d.ID || due[0].Rule.Years != 5 || due[0].Held {
		t.Fatalf("due on 1 January: %+v, %v", due, err)
	}
	if again, _, err := h.DueFrom(h.ctx, h.clock.now(), nil, nil, "", 9); err != nil || len(again) != 1 || again[0].Document != d.ID {
		t.Errorf("from the first on: %+v, %v", again, err)
	}
	if rest, _, err := h.DueFrom(h.ctx, h.clock.now(), nil, nil, d.ID, 9); err != nil || len(rest) > 0 {
		t.Errorf("after the last: %+v, %v", rest, err)
	}
	if none, _, err := h.Due(h.ctx, h.clock.now(), []dossier.AgencyCode{"H60.13"}, nil, 9); err != nil || len(none) > 0 {
		t.Errorf("due elsewhere: %+v, %v", none, err)
	}
	h.must(ask(clerk))
	wantErr(t, "twice", ask(admin), dossier.ErrConflict)
	h.soundLedger()
}

// The longest of the rules that were in force from the end of the work on
// governs, so a later, shorter rule takes nothing away from what was promised.
func TestLongestRuleGoverns(t *testing.T) {
	h := newHouse(t)
	h.rule("GKS", 10)
	d := h.over(3)
	_, err := h.AddRule(h.ctx, retention.Rule{Kind: "GKS", Years: 2, From: h.clock.now(), Law: "X", Grade: retention.Inferred, Who: "admin"}, dossier.Admin)
	h.must(err)
	s, err := h.Standing(h.ctx, d.ID, h.clock.now())
	h.must(err)
	if s.Rule.Years != 10 {
		t.Errorf("governed by %d years", s.Rule.Years)
	}
	_, err = h.AddRule(h.ctx, retention.Rule{Kind: "GKS", Years: 1, From: h.clock.now().Add(time.Hour), Law: "Y", Grade: retention.Inferred, Who: "admin"}, dossier.Admin)
	wantErr(t, "a second rule of one day", err, dossier.ErrConflict)
	_, err = h.AddRule(h.ctx, retention.Rule{Kind: "GKS", Years: 1, From: h.clock.now().AddDate(1, 0, 0), Law: "Y", Grade: retention.Inferred, Who: "clerk"}, dossier.Clerk)
	wantRefusal(t, "a clerk adds a rule", err, "role")
	for _, statement := range []string{"UPDATE retention_rules SET years = 1", "DELETE FROM retention_rules"} {
		if _, err := h.write.ExecContext(h.ctx, statement); err == nil {
			t.Errorf("%s: taken", statement)
		}
	}
	h.soundLedger()
}

// A hold on the document, its dossier or its holder keeps it, also from who
// proposed it before, until it is lifted.
func TestHolds(t *testing.T) {
	h := newHouse(t)
	h.rule("GKS", 1)
	d := h.over(1)
	p := h.propose(d, clerk)
	for name, on := range map[string]retention.Deed{"the document": {Document: d.ID}, "its dossier": {Dossier: d.Dossier}, "its holder": {Holder: h.holder}} {
		on.Who, on.By, on.Why = "auditor", dossier.Auditor, "Thanh tra đang xem xét"
		held, err := h.HoldPapers(h.ctx, on)
		h.must(err)
		_, err = h.Decide(h.ctx, answer(admin, retention.Approve, p, ""))
		wantRefusal(t, "held by "+name, err, "held")
		if due, _, err := h.Due(h.ctx, h.clock.now(), nil, nil, 9); err != nil || len(due) != 1 || !due[0].Held {
			t.Errorf("held by %s, due: %+v, %v", name, due, err)
		}
		_, err = h.LiftHold(h.ctx, answer(auditor, "", held, ""))
		wantRefusal(t, "lifted without a reason", err, "reason")
		_, err = h.LiftHold(h.ctx, answer(clerk, "", held, "xong"))
		wantRefusal(t, "lifted by a clerk", err, "role")
		_, err = h.LiftHold(h.ctx, answer(admin, "", held, "Kết thúc thanh tra"))
		h.must(err)
		_, err = h.LiftHold(h.ctx, answer(admin, "", held, "lần nữa"))
		wantRefusal(t, "lifted twice", err, "answered")
	}
	_, err := h.HoldPapers(h.ctx, retention.Deed{Document: "nothing", Who: "auditor", By: dossier.Auditor, Why: "x"})
	wantErr(t, "a hold on nothing", err, dossier.ErrNotFound)
	_, err = h.HoldPapers(h.ctx, retention.Deed{Document: d.ID, Dossier: d.Dossier, Who: "auditor", By: dossier.Auditor, Why: "x"})
	wantErr(t, "a hold on two", err, dossier.ErrInvalid)
	_, err = h.Decide(h.ctx, answer(admin, retention.Approve, p, ""))
	h.must(err)
	if holds, err := h.Holds(h.ctx, true, 9); err != nil || len(holds) > 0 {
		t.Errorf("standing: %v, %v", holds, err)
	}
	if holds, err := h.Holds(h.ctx, false, 9); err != nil || len(holds) != 3 || holds[0].Lifted == nil || holds[0].Lifted.Who != "admin" {
		t.Errorf("all: %+v, %v", holds, err)
	}
	h.soundLedger()
}

// Two people: whoever proposes does not approve, not by the program and not past
// it; and one answer is all there is.
func TestTwoPeople(t *testing.T) {
	h := newHouse(t)
	h.rule("GKS", 1)
	d := h.over(1)
	p := h.propose(d, clerk)
	_, err := h.Decide(h.ctx, answer(clerk, retention.Approve, p, ""))
	wantRefusal(t, "the same person", err, "same")
	insert := func(act, who string) error {
		_, err := h.write.ExecContext(h.ctx, "INSERT INTO retention_acts (id, act, document, dossier, holder, refers, who, role, at, why, salt, demo) VALUES ($1, $2, $3, '', '', $4, $5, 'clerk', 1, '', '', 0)",
			rnd(), act, string(d.ID), p.ID, who)
		return err
	}
	if insert("approve", "clerk") == nil {
		t.Error("the tables take an approval by the same person")
	}
	if _, err := h.write.ExecContext(h.ctx, "UPDATE documents SET disposed = 1 WHERE id = $1", string(d.ID)); err == nil {
		t.Error("the tables take a document as disposed of that nobody approved")
	}
	_, err = h.Decide(h.ctx, answer(admin, retention.Refuse, p, ""))
	wantRefusal(t, "refused without a reason", err, "reason")
	_, err = h.Decide(h.ctx, answer(admin, retention.Refuse, p, "Còn giá trị tra cứu"))
	h.must(err)
	_, err = h.Decide(h.ctx, answer(admin, retention.Approve, p, ""))
	wantRefusal(t, "approved after it was refused", err, "answered")
	if insert("approve", "admin") == nil {
		t.Error("the tables take a second answer")
	}
	p = h.propose(d, admin)
	_, err = h.Decide(h.ctx, answer(clerk, retention.Approve, p, ""))
	h.must(err)
	list, err := h.Proposals(h.ctx, false, []dossier.AgencyCode{"H60.12"}, nil, 9)
	if err != nil || len(list) != 2 || list[0].Answer == nil || list[0].Answer.Act != retention.Approve || list[1].Answer.Act != retention.Refuse {
		t.Errorf("proposals: %+v, %v", list, err)
	}
	if none, err := h.Proposals(h.ctx, false, []dossier.AgencyCode{"H60.13"}, nil, 9); err != nil || len(none) > 0 {
		t.Errorf("proposals elsewhere: %+v, %v", none, err)
	}
	h.soundLedger()
}

// A paper that is used again in a later dossier is kept as long as that one; one
// that was disposed of is used no more.
func TestUsedAgain(t *testing.T) {
	h := newHouse(t)
	h.rule("GKS", 1)
	d := h.add(h.newDossier().Code, "T1")
	for _, m := range way(d.State, dossier.Archived) {
		c := change(m)
		for i := range c.Fields {
			if c.Fields[i].Name == dossier.FieldExpires {
				c.Fields[i].Value = "" // it holds for ever
			}
		}
		var err error
		d, err = h.Advance(h.ctx, d, c)
		h.must(err)
	}
	_, err := h.Resolve(h.ctx, d.Dossier, h.clock.now(), "officer")
	h.must(err)
	h.clock.move(h.yearsOn(1).Sub(h.clock.now()))
	entries, err := h.Entries(h.ctx, h.holder, h.clock.now())
	h.must(err)
	again := h.newDossier()
	h.must(h.Reuse(h.ctx, again.Code, "T1", entries[0].ID, "counter"))
	by := clerk
	by.Document = d.ID
	_, err = h.Propose(h.ctx, by)
	wantRefusal(t, "used in an open dossier", err, "open")
	_, err = h.Resolve(h.ctx, again.Code, h.clock.now(), "officer")
	h.must(err)
	_, err = h.Propose(h.ctx, by)
	wantRefusal(t, "used in a dossier of this year", err, "early")
	if due, _, err := h.Due(h.ctx, h.clock.now(), nil, nil, 9); err != nil || len(due) > 0 {
		t.Errorf("due: %+v, %v", due, err)
	}
	h.clock.move(h.yearsOn(1).Sub(h.clock.now()))
	_, err = h.Decide(h.ctx, answer(admin, retention.Approve, h.propose(d, clerk), ""))
	h.must(err)
	if left, err := h.Entries(h.ctx, h.holder, h.clock.now()); err != nil || len(left) > 0 {
		t.Errorf("offered again: %v, %v", left, err)
	}
	if left, err := h.Entries(h.ctx, h.holder, time.Time{}); err != nil || len(left) != 1 {
		t.Errorf("the record: %v, %v", left, err)
	}
	if err := h.Reuse(h.ctx, h.newDossier().Code, "T1", entries[0].ID, "counter"); !errors.Is(err, dossier.ErrInvalid) || !strings.Contains(err.Error(), "disposed") {
		t.Errorf("used again: %v", err)
	}
	h.soundLedger()
}

// What two people decided leaves every list at once, and its record stays; the
// certificate waits for the bytes.
func TestDisposed(t *testing.T) {
	h := newHouse(t)
	h.rule("GKS", 1)
	d := h.over(1)
	h.texts = map[dossier.DocumentID]string{d.ID: "tờ trình"}
	h.index()
	if a, err := h.Search(h.ctx, search.Query{Text: "tờ trình"}); err != nil || len(a.Hits) != 1 {
		t.Fatalf("before: %+v, %v", a, err)
	}
	p := h.propose(d, clerk)
	_, err := h.Decide(h.ctx, answer(admin, retention.Approve, p, ""))
	h.must(err)
	kept, err := h.Document(h.ctx, d.ID)
	h.must(err)
	if kept.Disposed.IsZero() || len(kept.Parts) != len(d.Parts) || kept.State != dossier.Archived {
		t.Errorf("the record: %+v", kept)
	}
	if a, err := h.Search(h.ctx, search.Query{Text: "tờ trình"}); err != nil || len(a.Hits) > 0 {
		t.Errorf("found: %+v, %v", a, err)
	}
	h.must(second(h.OweSearch(h.ctx, 99, true)))
	if n, err := h.SearchWaiting(h.ctx); err != nil || n > 0 {
		t.Errorf("owed to the index: %d, %v", n, err)
	}
	_, err = h.PutHolder(h.ctx, dossier.Holder{Number: "008199012345", Name: "Tên khác"})
	h.must(err)
	if n, err := h.SearchWaiting(h.ctx); err != nil || n > 0 {
		t.Errorf("owed to the index after a new name: %d, %v", n, err)
	}
	if due, err := h.Renewals(h.ctx, h.clock.now().AddDate(50, 0, 0), 0); err != nil || len(due) > 0 {
		t.Errorf("renewals: %v, %v", due, err)
	}
	_, err = h.Advance(h.ctx, d, dossier.Change{Act: dossier.Renew, By: dossier.Machine, Who: "line", Proof: &dossier.Proof{Until: h.clock.now().AddDate(5, 0, 0)},
		Made: map[dossier.Part]digest.Digest{dossier.RenewedPart(1): digest.Of([]byte(rnd()))}})
	wantErr(t, "renewed", err, dossier.ErrConflict)
	for _, store := range []fixity.Store{fixity.Main, fixity.Second} {
		if n, err := h.HoldingCount(h.ctx, store); err != nil || n != 0 {
			t.Errorf("%s: %d files on the list, %v", store, n, err)
		}
	}
	if n, err := h.Certify(h.ctx); n != 0 || err != nil {
		t.Errorf("certified before the bytes went: %d, %v", n, err)
	}
	left, err := h.Leaving(h.ctx, h.clock.now(), 0)
	h.must(err)
	if len(left) != 2*len(d.Parts) {
		t.Errorf("%d files leave, of %d", len(left), len(d.Parts))
	}
	h.soundLedger()
	for _, l := range left {
		if ok, err := h.Go(h.ctx, l); !ok || err != nil {
			t.Fatalf("%+v, %v", l, err)
		}
		h.must(h.Went(h.ctx, l, fixity.Finding{At: h.clock.now(), Store: l.Store, Digest: l.Digest, What: fixity.Disposed, Who: "w"}))
	}
	for range 2 {
		n, err := h.Certify(h.ctx)
		h.must(err)
		t.Log("certified", n)
	}
	x, err := h.Disposal(h.ctx, d.ID)
	h.must(err)
	if x.Certificate == "" || x.Proposer != "clerk" || x.Approver != "admin" || x.Rule.Cites() != "TT 99/2020/TT-BNV, Điều 5" || len(x.Files) != len(d.Parts) ||
		x.Until.Year() != noon.Year()+1 || x.Until.Month() != time.December {
		t.Errorf("disposal: %+v", x)
	}
	_, err = h.NumberEvents(h.ctx)
	h.must(err)
	log, err := h.LogOf(h.ctx, d.ID)
	h.must(err)
	last := log[len(log)-1]
	event, err := h.LogEvent(h.ctx, last.Place)
	h.must(err)
	for _, want := range []string{`"act":"destroyed"`, `"law":"TT 99/2020/TT-BNV, Điều 5"`, `"proposer":"clerk"`, `"who":"admin"`, `"scan":"` + d.Parts[dossier.PartScan].String() + `"`} {
		if !strings.Contains(event, want) {
			t.Errorf("the certificate lacks %s: %s", want, event)
		}
	}
	h.soundLedger()
	_, err = h.HoldPapers(h.ctx, retention.Deed{Document: d.ID, Who: "auditor", By: dossier.Auditor, Why: "x"})
	wantRefusal(t, "held when it is too late", err, "disposed")
}

func second[T any](_ T, err error) error { return err }

// What is changed past the program is named by the audit.
func TestRetentionTampered(t *testing.T) {
	h := newHouse(t)
	if h.address != "" {
		t.Skip("triggers are taken off as SQLite has them")
	}
	h.rule("GKS", 1)
	d := h.over(1)
	p := h.propose(d, clerk)
	_, err := h.Decide(h.ctx, answer(admin, retention.Approve, p, "hết hạn"))
	h.must(err)
	_, err = h.NumberEvents(h.ctx)
	h.must(err)
	for _, trigger := range []string{"retention_rules_once", "retention_rules_kept", "retention_acts_once", "retention_acts_kept", "disposals_once", "disposals_kept", "documents_disposed", "retention_acts_next"} {
		_, err := h.write.ExecContext(h.ctx, "DROP TRIGGER "+trigger)
		h.must(err)
	}
	for _, x := range []struct{ do, undo string }{
		{"UPDATE retention_rules SET years = 2 WHERE kind = 'GKS'", "UPDATE retention_rules SET years = 1 WHERE kind = 'GKS'"},
		{"UPDATE retention_rules SET years = 2 WHERE id = 'rule-0'", "UPDATE retention_rules SET years = 0 WHERE id = 'rule-0'"},
		{"UPDATE retention_acts SET who = 'other' WHERE act = 'propose'", "UPDATE retention_acts SET who = 'clerk' WHERE act = 'propose'"},
		{"UPDATE retention_acts SET why = 'cớ khác' WHERE act = 'approve'", "UPDATE retention_acts SET why = 'hết hạn' WHERE act = 'approve'"},
		{"UPDATE disposals SET approver = 'other'", "UPDATE disposals SET approver = 'admin'"},
		{"UPDATE documents SET disposed = 0 WHERE id = '" + string(d.ID) + "'", "UPDATE documents SET disposed = (SELECT at FROM disposals) WHERE id = '" + string(d.ID) + "'"},
		{"INSERT INTO retention_acts SELECT 'x', 'hold', document, dossier, holder, '', who, role, at, '', '', 0 FROM retention_acts WHERE act = 'propose'", "DELETE FROM retention_acts WHERE id = 'x'"},
	} {
		_, err := h.write.ExecContext(h.ctx, x.do)
		h.must(err)
		if r, err := h.Audit(h.ctx, nil); err != nil || len(r.Findings) == 0 {
			t.Errorf("%s: not found (%v)", x.do, err)
		}
		_, err = h.write.ExecContext(h.ctx, x.undo)
		h.must(err)
		h.soundLedger()
	}
}

// A demonstration's rules, holds and disposals go with it.
func TestRetentionOfADemo(t *testing.T) {
	h := newHouse(t)
	h.rule("GKS", 1)
	h.must(h.PutAgency(h.ctx, dossier.Agency{Code: "H60.12", Parent: "H60", Name: "Xã Một", Tier: dossier.Commune, Demo: true}))
	d := h.over(1)
	_, err := h.AddRule(h.ctx, retention.Rule{Kind: "DON", Years: 2, From: noon, Law: "X", Grade: retention.Inferred, Who: "admin", Demo: true}, dossier.Admin)
	h.must(err)
	held, err := h.HoldPapers(h.ctx, retention.Deed{Dossier: d.Dossier, Who: "auditor", By: dossier.Auditor, Why: "x"})
	h.must(err)
	_, err = h.LiftHold(h.ctx, answer(auditor, "", held, "y"))
	h.must(err)
	_, err = h.Decide(h.ctx, answer(admin, retention.Approve, h.propose(d, clerk), ""))
	h.must(err)
	h.soundLedger()
	_, _, err = h.RemoveDemo(h.ctx, "operator")
	h.must(err)
	rules, err := h.Rules(h.ctx)
	h.must(err)
	if len(rules) != 2 {
		t.Errorf("rules left: %v", rules)
	}
	h.soundLedger()
}

// Grants are given once, end on their day or before, and are held against the
// ledger.
func TestGrants(t *testing.T) {
	h := newHouse(t)
	h.must(h.PutPerson(h.ctx, dossier.Person{ID: "reader", Login: "reader", Name: "R", Role: dossier.Auditor}, "-"))
	h.must(h.PutPerson(h.ctx, dossier.Person{ID: "clerk", Login: "clerk", Name: "C", Role: dossier.Clerk}, "-"))
	give := func(g room.Grant) (room.Grant, error) {
		if g.Person == "" {
			g.Person = "reader"
		}
		if g.Purpose, g.Who = "Thanh tra", "admin"; g.By == "" {
			g.By = dossier.Admin
		}
		if g.Until.IsZero() {
			g.Until = h.clock.now().AddDate(0, 1, 0)
		}
		return h.AddGrant(h.ctx, g)
	}
	for name, x := range map[string]struct {
		grant room.Grant
		want  error
	}{
		"to a clerk":               {room.Grant{Person: "clerk", Agency: "H60"}, dossier.ErrInvalid},
		"to nobody":                {room.Grant{Person: "nobody", Agency: "H60"}, dossier.ErrNotFound},
		"by a clerk":               {room.Grant{Agency: "H60", By: dossier.Clerk}, dossier.ErrForbidden},
		"of nothing":               {room.Grant{}, dossier.ErrInvalid},
		"of no agency":             {room.Grant{Agency: "H77"}, dossier.ErrNotFound},
		"of no dossier":            {room.Grant{Dossier: "H60-1"}, dossier.ErrNotFound},
		"of no kind":               {room.Grant{Agency: "H60", Kinds: []dossier.KindCode{"XX"}}, dossier.ErrNotFound},
		"for more than a year":     {room.Grant{Agency: "H60", Until: h.clock.now().AddDate(2, 0, 0)}, dossier.ErrInvalid},
		"that has ended before it": {room.Grant{Agency: "H60", Until: h.clock.now()}, dossier.ErrInvalid},
	} {
		_, err := give(x.grant)
		wantErr(t, name, err, x.want)
	}
	g, err := give(room.Grant{Agency: "H60.12", Kinds: []dossier.KindCode{"GKS"}, From: noon.AddDate(-1, 0, 0), To: noon})
	h.must(err)
	_, err = give(room.Grant{Agency: "H60"})
	wantErr(t, "a second one", err, dossier.ErrConflict)
	got, err := h.ActiveGrant(h.ctx, "reader")
	if err != nil || got.Sum() != g.Sum() || got.Purpose != "Thanh tra" || len(got.Kinds) != 1 {
		t.Errorf("%+v, %v", got, err)
	}
	h.soundLedger()
	wantErr(t, "ended without a reason", h.EndGrant(h.ctx, g.ID, "admin", dossier.Admin, ""), dossier.ErrInvalid)
	h.must(h.EndGrant(h.ctx, g.ID, "admin", dossier.Admin, "xong"))
	wantErr(t, "ended twice", h.EndGrant(h.ctx, g.ID, "admin", dossier.Admin, "xong"), dossier.ErrConflict)
	_, err = h.ActiveGrant(h.ctx, "reader")
	wantErr(t, "after it was ended", err, dossier.ErrNotFound)
	_, err = give(room.Grant{Agency: "H60"})
	h.must(err)
	h.clock.move(40 * 24 * time.Hour)
	_, err = h.ActiveGrant(h.ctx, "reader")
	wantErr(t, "after its day", err, dossier.ErrNotFound)
	for _, statement := range []string{"UPDATE grants SET until = until + 1", "DELETE FROM grants", "UPDATE grant_ends SET why = 'x'", "DELETE FROM grant_ends"} {
		if _, err := h.write.ExecContext(h.ctx, statement); err == nil {
			t.Errorf("%s: taken", statement)
		}
	}
	h.soundLedger()
	if h.address != "" {
		return
	}
	for _, trigger := range []string{"grants_once", "grant_ends_kept"} {
		_, err := h.write.ExecContext(h.ctx, "DROP TRIGGER "+trigger)
		h.must(err)
	}
	for _, statement := range []string{"UPDATE grants SET agency = 'H60' WHERE id = '" + g.ID + "'", "DELETE FROM grant_ends"} {
		_, err := h.write.ExecContext(h.ctx, statement)
		h.must(err)
		if r, err := h.Audit(h.ctx, nil); err != nil || len(r.Findings) == 0 {
			t.Errorf("%s: not found (%v)", statement, err)
		}
	}
}
