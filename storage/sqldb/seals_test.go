package sqldb

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/dossier/figures/closing"
)

// sealed is a house whose first month is closed, and a seal for it.
func sealed(t *testing.T) (ledgered, closing.Seal) {
	l := newLedgered(t)
	l.worked(4)
	l.over()
	l.close(november)
	return l, closing.Seal{Month: november, Version: 1, Agency: "H60", Report: digest.Of([]byte("report")), Signature: digest.Of([]byte("signature"))}
}

// A version has one seal, which nobody changes or takes away; what has none is
// told; and the audit sees what was changed past the tables' fences.
func TestSeals(t *testing.T) {
	l, s := sealed(t)
	open, err := l.Unsealed(l.ctx)
	if err != nil || len(open) != 1 || open[0].Month != november {
		t.Fatalf("%+v, %v", open, err)
	}
	was, err := l.AddSeal(l.ctx, s)
	l.must(err)
	if all, err := l.Seals(l.ctx, november); err != nil || !slices.Equal(all, []closing.Seal{was}) || was.At.IsZero() || was.ID == "" {
		t.Errorf("%+v, %v; want %+v", all, err, was)
	}
	if open, err := l.Unsealed(l.ctx); err != nil || len(open) > 0 {
		t.Errorf("%+v, %v", open, err)
	}
	if _, err := l.AddSeal(l.ctx, s); !errors.Is(err, dossier.ErrConflict) {
		t.Errorf("sealed twice: %v", err)
	}
	s.Version = 2
	if _, err := l.AddSeal(l.ctx, s); !errors.Is(err, dossier.ErrNotFound) {
		t.Errorf("a version that is not closed was sealed: %v", err)
	}
	for _, statement := range []string{"UPDATE closing_seals SET report = signature", "DELETE FROM closing_seals", "DELETE FROM closings",
		"INSERT INTO closing_seals SELECT 'x', period, version, report, signature, agency, at, demo FROM closing_seals",
		"INSERT INTO closing_seals SELECT 'x', period, 7, report, signature, agency, at, demo FROM closing_seals"} {
		if _, err := l.write.ExecContext(l.ctx, statement); err == nil {
			t.Errorf("%s was done", statement)
		}
	}
	if r := l.Audited(); len(r) > 0 {
		t.Errorf("audit: %v", r)
	}
	held, err := all(l.ctx, l.read, single[int], "SELECT COUNT(*) FROM holdings WHERE digest IN ($1, $2)", s.Report.String(), s.Signature.String())
	if err != nil || held[0] != 4 {
		t.Errorf("%v places of the files are looked after, want 4: %v", held, err)
	}
}

// A report is renewed one time after the other, by whoever read the newest one; what
// is due is told with documents; the audit sees what was changed past the fences.
func TestSealRenewals(t *testing.T) {
	l, s := sealed(t)
	was, err := l.AddSeal(l.ctx, s)
	l.must(err)
	if open, err := l.UnprovenSeals(l.ctx); err != nil || !slices.Equal(open, []closing.Seal{was}) {
		t.Fatalf("%+v, %v", open, err)
	}
	until := moment(l.clock.now().AddDate(2, 0, 0).UnixMilli())
	l.must(l.KeepSealProof(l.ctx, was, dossier.Proof{Until: until, By: "TSA 1"}))
	due := func(waiting bool, want ...closing.Seal) {
		t.Helper()
		if got, err := l.DueSeals(l.ctx, waiting); err != nil || !slices.Equal(got, want) {
			t.Errorf("due: %+v, %v; want %+v", got, err, want)
		}
	}
	due(true)
	l.clock.move(2 * 365 * 24 * time.Hour)
	due(false, was)
	l.must(l.PostponeSeal(l.ctx, was, l.clock.now().Add(time.Hour), "tsa: away"))
	due(false)
	due(true, was)
	list, err := l.Renewals(l.ctx, l.clock.now(), 0)
	if err != nil || len(list) != 1 || list[0].Report != "2026-11/1" || list[0].Trouble != "tsa: away" || !list[0].Until.Equal(until) || list[0].Sum != s.Report.String() {
		t.Errorf("%+v, %v", list, err)
	}
	if g, err := l.Gauges(l.ctx); err != nil || g.Owed[dossier.Renew] != (Owed{Resting: 1, Troubled: 1}) {
		t.Errorf("%+v, %v", g.Owed, err)
	}
	next := digest.Of([]byte("report and a time-stamp"))
	record := digest.Of([]byte("evidence"))
	l.must(l.RenewSeal(l.ctx, was, next, record, dossier.Proof{Until: until.AddDate(5, 0, 0), By: "TSA 2"}))
	due(true)
	if err := l.RenewSeal(l.ctx, was, next, record, dossier.Proof{}); !errors.Is(err, dossier.ErrConflict) {
		t.Errorf("renewed from the one before: %v", err)
	}
	was.Report, was.Evidence, was.Renewals = next, record, 1
	if got, err := l.Seals(l.ctx, november); err != nil || !slices.Equal(got, []closing.Seal{was}) {
		t.Errorf("%+v, %v", got, err)
	}
	if left, err := l.Unnamed(l.ctx, []digest.Digest{s.Report, next, record}); err != nil || len(left) > 0 {
		t.Errorf("nobody names %v, %v", left, err)
	}
	if n, err := one(l.ctx, l.read, single[int], "SELECT COUNT(*) FROM holdings WHERE digest IN ($1, $2)", next.String(), record.String()); err != nil || n != 4 {
		t.Errorf("two files in two stores are looked after in %d places, %v", n, err)
	}
	for _, statement := range []string{"UPDATE closing_renewals SET n = 2", "DELETE FROM closing_renewals"} {
		if _, err := l.write.ExecContext(l.ctx, statement); err == nil {
			t.Errorf("%s was done", statement)
		}
	}
	if r := l.Audited(); len(r) > 0 {
		t.Errorf("audit: %v", r)
	}
	for what, set := range map[string]string{"another report": "report = '" + s.Report.String() + "'", "no evidence": "evidence = ''"} {
		l.sql("UPDATE closing_renewals SET " + set)
		if r := l.Audited(); len(r) == 0 {
			t.Errorf("the audit does not see %s", what)
		}
		l.sql("UPDATE closing_renewals SET report = '" + next.String() + "', evidence = '" + record.String() + "'")
	}
	if r := l.Audited(); len(r) > 0 {
		t.Errorf("audit: %v", r)
	}
}

// What a key is asked for a seal is noted, kept, and counts among its uses with
// what it is asked for documents.
func TestSealIntents(t *testing.T) {
	l, _ := sealed(t)
	key := digest.Of([]byte("key"))
	ask := func(at time.Time) error {
		return l.RecordSealIntent(l.ctx, closing.Intent{Month: november, Version: 1, Purpose: closing.ForReport, ToSign: digest.Of([]byte("x")), Signer: key, At: at})
	}
	now := l.clock.now()
	l.must(l.LimitKey(l.ctx, key, 2, time.Hour))
	l.must(ask(now))
	docs, err := l.Documents(l.ctx, dossier.DocumentQuery{Limit: 1})
	l.must(err)
	use := func() error {
		return l.RecordIntent(l.ctx, dossier.Intent{Document: docs[0].ID, Purpose: "seal", ToSign: key, Signer: key, At: now})
	}
	l.must(use())
	if n, err := l.CountIntents(l.ctx, key, time.Time{}); err != nil || n != 2 {
		t.Errorf("%d uses, %v", n, err)
	}
	for what, err := range map[string]error{"a seal": ask(now), "a document": use()} {
		if err == nil || !strings.Contains(err.Error(), "as often as it may") {
			t.Errorf("the key was used once too often for %s: %v", what, err)
		}
	}
	l.must(ask(now.Add(2 * time.Hour)))
	for _, statement := range []string{"UPDATE closing_intents SET purpose = ''", "DELETE FROM closing_intents"} {
		if _, err := l.write.ExecContext(l.ctx, statement); err == nil {
			t.Errorf("%s was done", statement)
		}
	}
	if err := l.RecordSealIntent(l.ctx, closing.Intent{Month: "2026-12", Version: 1, Signer: key}); !errors.Is(err, dossier.ErrNotFound) {
		t.Errorf("of a month that is not closed: %v", err)
	}
	if r := l.Audited(); len(r) > 0 {
		t.Errorf("audit: %v", r)
	}
}

// The seal of a demonstration's month goes with it.
func TestSealOfADemonstration(t *testing.T) {
	l := newLedgered(t)
	l.must(l.PutAgency(l.ctx, dossier.Agency{Code: "H99", Name: "Tỉnh mẫu", Tier: dossier.Province, Demo: true}))
	_, err := l.AddDossier(l.ctx, dossier.Dossier{Procedure: procedure, Receiving: "H99", Holder: l.holder, Channel: dossier.Direct, Received: noon}, "counter")
	l.must(err)
	l.over()
	l.close(november)
	s, err := l.AddSeal(l.ctx, closing.Seal{Month: november, Version: 1, Agency: "H99", Report: digest.Of([]byte("r")), Signature: digest.Of([]byte("s"))})
	l.must(err)
	l.must(l.RecordSealIntent(l.ctx, closing.Intent{Month: november, Version: 1, Purpose: closing.ForReport, Signer: digest.Of([]byte("k"))}))
	renewed, record := digest.Of([]byte("rr")), digest.Of([]byte("e"))
	l.must(l.RenewSeal(l.ctx, s, renewed, record, dossier.Proof{}))
	_, orphans, err := l.RemoveDemo(l.ctx, "operator")
	l.must(err)
	if left, err := l.Seals(l.ctx, ""); !s.Demo || err != nil || len(left) > 0 || !slices.Contains(orphans, s.Report) || !slices.Contains(orphans, s.Signature) || !slices.Contains(orphans, renewed) || !slices.Contains(orphans, record) {
		t.Errorf("left %v, orphans %v, %v", left, orphans, err)
	}
	if r := l.Audited(); len(r) > 0 {
		t.Errorf("audit: %v", r)
	}
}
