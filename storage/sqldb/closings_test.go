package sqldb

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/dossier/figures"
	"sohoa/dossier/figures/closing"
	"sohoa/dossier/fixity"
	"sohoa/storage/blob/mem"
)

const november closing.Month = "2026-11"

// A ledgered house has books whose bytes lie in memory.
type ledgered struct {
	*house
	books *closing.Books
	files *mem.Store
}

func newLedgered(t *testing.T) ledgered {
	h := newHouse(t)
	files := &mem.Store{}
	return ledgered{h, &closing.Books{Rows: h.DB, Files: files, Now: h.clock.now}, files}
}

// worked is a house with dossiers of a month and work of every kind on them.
func (l ledgered) worked(dossiers int) (first dossier.Code) {
	l.t.Helper()
	random, decides := rand.New(rand.NewPCG(9, 26)), rand.New(rand.NewPCG(40, 26))
	for i := range dossiers {
		l.clock.move(time.Hour)
		d := l.newDossier()
		if i == 0 {
			first = d.Code
			l.to(l.add(d.Code, "T1"), dossier.Archived)
			continue // its T2 comes late
		}
		l.decideAtRandom(d.Code, decides)
		l.fillAtRandom(d.Code, random)
		if i%2 == 0 {
			_, err := l.Resolve(l.ctx, d.Code, l.clock.now(), "officer")
			l.must(err)
		}
	}
	return first
}

func (l ledgered) over() { l.clock.move(figures.Month(2026, 11).To.Sub(l.clock.now()) + time.Hour) }

func (l ledgered) close(m closing.Month) closing.Closing {
	l.t.Helper()
	c, err := l.books.Close(l.ctx, m, "chief")
	l.must(err)
	return c
}

func (l ledgered) holds(m closing.Month, version int) {
	l.t.Helper()
	v, err := l.books.Recompute(l.ctx, m, version)
	l.must(err)
	if !v.Same || len(v.Differs) > 0 {
		l.t.Errorf("%s v%d counted again: same %v, %v", m, version, v.Same, v.Differs)
	}
}

func (l ledgered) statement(m closing.Month, version int) closing.Statement {
	l.t.Helper()
	b, _, err := l.books.Statement(l.ctx, m, version)
	l.must(err)
	s, err := closing.Read(b)
	l.must(err)
	return s
}

// What the ledger says of now is what the rows say: two ways to the same facts.
func TestFactsAtIsFacts(t *testing.T) {
	l := newLedgered(t)
	l.worked(12)
	p := figures.Month(2026, 11)
	want, err := l.Facts(l.ctx, p, nil)
	l.must(err)
	size, err := l.NumberEvents(l.ctx)
	l.must(err)
	catalog, err := l.Procedures(l.ctx)
	l.must(err)
	got, err := l.FactsAt(l.ctx, closing.Recount{Period: p, Counted: size, Catalog: catalog})
	l.must(err)
	if !slices.Equal(got.Facts, want) || len(got.Differs) > 0 || len(want) != 12 {
		t.Errorf("the ledger says\n%+v\nthe rows\n%+v\ndiffers %v", got.Facts, want, got.Differs)
	}
	digitised, reused, exempt := 0, 0, 0
	for _, f := range want {
		digitised, reused, exempt = digitised+f.Digitised, reused+f.Reused, exempt+f.Exempt
	}
	if digitised == 0 || reused == 0 || exempt == 0 {
		t.Errorf("%d digitised, %d reused: the house is not varied enough", digitised, reused)
	}
	for size := range size { // at no moment anything is counted that had not happened
		got, err := l.FactsAt(l.ctx, closing.Recount{Period: p, Counted: size, Catalog: catalog})
		if err != nil || len(got.Differs) > 0 || len(got.Facts) > 12 {
			t.Fatalf("at %d: %v, %v", size, err, got.Differs)
		}
	}
}

// A closed month stays as it was, whatever comes later; a correction stands
// beside it.
func TestClosing(t *testing.T) {
	l := newLedgered(t)
	late := l.worked(6)
	if _, err := l.books.Close(l.ctx, november, "chief"); !errors.Is(err, dossier.ErrForbidden) {
		t.Errorf("closed before its end: %v", err)
	}
	if _, err := l.books.Correct(l.ctx, november, "why not", "chief"); !errors.Is(err, dossier.ErrNotFound) {
		t.Errorf("corrected before it is closed: %v", err)
	}
	l.over()
	c := l.close(november)
	first, _, err := l.books.Statement(l.ctx, november, 1)
	l.must(err)
	l.holds(november, 1)
	for m, want := range map[closing.Month]error{november: dossier.ErrConflict, "2026-10": dossier.ErrForbidden, "2027-01": dossier.ErrForbidden} {
		if _, err := l.books.Close(l.ctx, m, "chief"); !errors.Is(err, want) {
			t.Errorf("closed %s after %s: %v", m, november, err)
		}
	}
	if _, err := l.AddClosing(l.ctx, closing.Closing{Month: "2027-02", Version: 1, Who: "x"}); !errors.Is(err, dossier.ErrConflict) {
		t.Errorf("a month out of order is written: %v", err)
	}
	// What comes late: a paper, a resolution that is dated back, a dossier that is
	// dated back, another catalogue.
	l.to(l.add(late, "T2"), dossier.Archived)
	_, err = l.Resolve(l.ctx, late, noon, "officer")
	l.must(err)
	_, err = l.AddDossier(l.ctx, dossier.Dossier{Procedure: procedure, Receiving: "H60.13", Holder: l.holder, Channel: dossier.Online, Received: noon}, "counter")
	l.must(err)
	p, err := l.Procedure(l.ctx, procedure)
	l.must(err)
	p.Components, p.Level, p.ResultKind = p.Components[:1], dossier.Partial, ""
	l.must(l.PutProcedure(l.ctx, p))
	l.holds(november, 1)
	again, got, err := l.books.Statement(l.ctx, november, 0)
	if err != nil || !bytes.Equal(again, first) || got != c {
		t.Errorf("the closed month was altered: %v", err)
	}
	for _, reason := range []string{"", " ", "a\nb", strings.Repeat("x", 501), "a\u2028b", "\xff"} {
		if _, err := l.books.Correct(l.ctx, november, reason, "chief"); !errors.Is(err, dossier.ErrInvalid) {
			t.Errorf("corrected for %q: %v", reason, err)
		}
	}
	const reason = `Bổ sung <giấy tờ> & "kết quả" nộp muộn`
	v2, err := l.books.Correct(l.ctx, november, reason, "chief")
	l.must(err)
	l.holds(november, 1)
	l.holds(november, 2)
	was, is := l.statement(november, 1), l.statement(november, 2)
	if is.Replaces != c.Statement.String() || is.Reason != reason || v2.Version != 2 || is.Version != 2 || is.Counted <= was.Counted {
		t.Errorf("the correction is %+v", is)
	}
	if is.Tally.Received != was.Tally.Received+1 || is.Tally.Resolved != was.Tally.Resolved+1 || len(is.Agencies) != len(was.Agencies)+1 {
		t.Errorf("the correction counts %+v after %+v", is.Tally, was.Tally)
	}
	all, err := l.books.Versions(l.ctx, november)
	if err != nil || len(all) != 2 || all[0] != c || all[1] != v2 {
		t.Errorf("versions: %+v, %v", all, err)
	}
	if r := l.Audited(); len(r) > 0 {
		t.Errorf("audit: %v", r)
	}
}

// Audited is what an audit finds.
func (l ledgered) Audited() (out []string) {
	l.t.Helper()
	for _, f := range l.audit().Findings {
		out = append(out, f.Code+": "+f.String())
	}
	return out
}

// The figures of a statement are those that the formulas count of the facts, and
// the rules are those of the month.
func TestStatementSays(t *testing.T) {
	l := newLedgered(t)
	l.worked(12)
	l.over()
	facts, err := l.Facts(l.ctx, figures.Month(2026, 11), nil)
	l.must(err)
	l.close(november)
	s := l.statement(november, 1)
	want := figures.Of(facts, figures.Month(2026, 11))
	dossiers, _ := s.Find("dossiers")
	results, _ := s.Find("results")
	if (figures.Rate{Numerator: dossiers.Numerator, Denominator: dossiers.Denominator}) != want.Dossiers || want.Dossiers.Denominator != 12 ||
		(figures.Rate{Numerator: results.Numerator, Denominator: results.Denominator}) != want.Results ||
		s.Tally != (closing.Tally{Received: want.Received, Resolved: want.Resolved, Reused: want.Reused}) {
		t.Errorf("%+v, want %+v", s, want)
	}
	families := map[figures.Family]int{}
	for _, f := range s.Figures {
		families[f.Family]++
		if f.Law == "" || f.Percent == "" {
			t.Errorf("%+v", f)
		}
	}
	if families[figures.Everyday] < 6 || families[figures.QD766] != 7 || s.Rules != "2026-07-01" || s.From != "2026-11-01" || s.To != "2026-11-30" {
		t.Errorf("families %v, rules since %s, %s to %s", families, s.Rules, s.From, s.To)
	}
	if f, _ := s.Find("ORIGINAL_RESULT_AVAILABLE"); f.Told || !slices.Equal(f.Lacks, []string{"synced"}) {
		t.Errorf("what is not collected is told: %+v", f)
	}
	if len(s.Agencies) != 1 || s.Agencies[0].Tally != s.Tally {
		t.Errorf("by agency: %+v", s.Agencies)
	}
}

// Months follow each other, an empty one too.
func TestClosingInOrder(t *testing.T) {
	l := newLedgered(t)
	l.worked(4)
	l.clock.move(100 * 24 * time.Hour)
	l.close(november)
	l.close("2026-12")
	l.close("2027-01")
	for _, m := range []closing.Month{november, "2026-12", "2027-01"} {
		l.holds(m, 0)
	}
	if s := l.statement("2026-12", 1); len(s.Agencies) > 0 || s.Tally != (closing.Tally{}) {
		t.Errorf("an empty month says %+v", s)
	}
}

// What comes late of a closed month stands in the statement of the next one, each
// thing once: what was closed and what came late are the figures of today.
func TestLate(t *testing.T) {
	l := newLedgered(t)
	late := l.worked(4)
	l.over()
	l.close(november)
	l.to(l.add(late, "T2"), dossier.Archived)
	dated := l.newDossier() // of December
	_, err := l.Resolve(l.ctx, late, noon, "officer")
	l.must(err)
	l.clock.move(31 * 24 * time.Hour)
	l.close("2026-12")
	l.must(l.PutProcedure(l.ctx, dossier.Procedure{Code: "new", Name: "Mới", Level: dossier.Full, Components: []dossier.Component{{Slot: "T1", Kind: "DON", Required: true, Digitise: true}}}))
	for _, p := range []dossier.ProcedureCode{procedure, "new"} {
		_, err = l.AddDossier(l.ctx, dossier.Dossier{Procedure: p, Receiving: "H60.13", Holder: l.holder, Channel: dossier.Online, Received: noon}, "counter")
		l.must(err)
	}
	l.to(l.add(dated.Code, "T1"), dossier.Archived)
	l.to(l.add(dated.Code, "T2"), dossier.Archived)
	l.clock.move(31 * 24 * time.Hour)
	l.close("2027-01")
	p := figures.Month(2026, 11)
	facts, err := l.Facts(l.ctx, p, nil)
	l.must(err)
	sum, dossiers := map[string]figures.Rate{}, 0
	first := l.statement(november, 1)
	for _, f := range first.Figures {
		sum[f.Key] = figures.Rate{Numerator: f.Numerator, Denominator: f.Denominator}
	}
	for _, m := range []closing.Month{"2026-12", "2027-01"} {
		for _, x := range l.statement(m, 1).Late {
			if x.Month == "2026-12" {
				dossiers += x.Figures[0].Numerator
				continue
			}
			first.Tally.Received += x.Tally.Received
			first.Tally.Resolved += x.Tally.Resolved
			for _, f := range x.Figures {
				sum[f.Key] = figures.Rate{Numerator: sum[f.Key].Numerator + f.Numerator, Denominator: sum[f.Key].Denominator + f.Denominator}
			}
		}
		l.holds(m, 1)
	}
	moved := 0
	for _, i := range figures.At(p.From) {
		if i.Stands == nil || i.Needs != 0 {
			continue
		}
		now := i.Of(figures.Input{Facts: facts, Period: p}).Rate
		if sum[i.Key] != now {
			t.Errorf("%s: closed and late are %+v, today it is %+v", i.Key, sum[i.Key], now)
		}
		if f, _ := l.statement(november, 1).Find(i.Key); f.Numerator != now.Numerator || f.Denominator != now.Denominator {
			moved++
		}
	}
	if today := figures.Of(facts, p); moved < 4 || dossiers != 1 || first.Tally.Received != today.Received || first.Tally.Resolved != today.Resolved {
		t.Errorf("%d figures moved, %d late dossiers of December; %+v, today %+v", moved, dossiers, first.Tally, today)
	}
	// A correction takes in what came late, and keeps what was said of others.
	_, err = l.Resolve(l.ctx, dated.Code, noon.AddDate(0, 1, 0), "officer")
	l.must(err)
	_, err = l.books.Correct(l.ctx, "2026-12", "đủ giấy tờ", "chief")
	l.must(err)
	if was, is := l.statement("2026-12", 1), l.statement("2026-12", 2); len(was.Late) != 1 || len(is.Late) != 1 || is.Late[0].Month != november {
		t.Errorf("late in a correction: %+v, first %+v", is.Late, was.Late)
	}
	l.holds("2026-12", 2)
	l.clock.move(31 * 24 * time.Hour)
	l.close("2027-02")
	if late := l.statement("2027-02", 1).Late; len(late) > 0 {
		t.Errorf("late once more: %+v", late)
	}
	for _, m := range []closing.Month{november, "2026-12", "2027-01", "2027-02"} {
		l.holds(m, 1)
	}
}

func TestClosingsAreWrittenOnce(t *testing.T) {
	l := newLedgered(t)
	l.worked(4)
	l.over()
	c := l.close(november)
	for _, statement := range []string{
		"UPDATE closings SET who = 'x'", "UPDATE closings SET digest = facts", "DELETE FROM closings",
		"INSERT INTO closings SELECT 'x', period, version, digest, facts, counted, who, at, demo FROM closings",
		"INSERT INTO closings SELECT 'x', period, 3, digest, facts, counted, who, at, demo FROM closings",
		"INSERT INTO closings SELECT 'x', '2027-02', 1, digest, facts, counted, who, at, demo FROM closings",
	} {
		if _, err := l.write.ExecContext(l.ctx, statement); err == nil {
			t.Errorf("%s: taken", statement)
		}
	}
	if l.address == "" {
		if _, err := l.write.ExecContext(l.ctx, "INSERT OR REPLACE INTO closings SELECT * FROM closings"); err == nil {
			t.Error("replaced")
		}
	} else if _, err := l.write.ExecContext(l.ctx, "TRUNCATE closings"); err == nil {
		t.Error("emptied")
	}
	for _, store := range []fixity.Store{fixity.Main, fixity.Second} { // its files are looked after like any
		state := map[fixity.Store]fixity.State{fixity.Main: fixity.Kept, fixity.Second: fixity.Owed}[store]
		held, err := l.Holdings(l.ctx, store, l.now().Add(time.Hour), 0, state)
		if state == fixity.Kept {
			held, err = l.Holdings(l.ctx, store, l.now().Add(time.Hour), 0)
		}
		l.must(err)
		for _, d := range []digest.Digest{c.Statement, c.Facts} {
			if !slices.ContainsFunc(held, func(x fixity.Holding) bool { return x.Digest == d }) {
				t.Errorf("%s is not on the list of the %s store", d, store)
			}
		}
	}
	if out, err := l.Unnamed(l.ctx, []digest.Digest{c.Statement, c.Facts, digest.Of(nil)}); err != nil || len(out) != 1 {
		t.Errorf("orphans: %v, %v", out, err)
	}
}

// Two who close at once close once.
func TestClosingAtOnce(t *testing.T) {
	l := newLedgered(t)
	l.worked(4)
	l.over()
	var wg sync.WaitGroup
	var mu sync.Mutex
	done := 0
	for range 4 {
		wg.Go(func() {
			if _, err := l.books.Close(l.ctx, november, "chief"); err == nil {
				mu.Lock()
				done++
				mu.Unlock()
			} else if !errors.Is(err, dossier.ErrConflict) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if all, err := l.Closings(l.ctx, ""); done != 1 || err != nil || len(all) != 1 {
		t.Errorf("closed %d times, %d rows, %v", done, len(all), err)
	}
}

// killed breaks off before the row is written.
type killed struct{ *DB }

func (killed) AddClosing(context.Context, closing.Closing) (closing.Closing, error) {
	return closing.Closing{}, errors.New("killed")
}

// Killed between bytes and row nothing is closed and nothing lost: the same act
// done again names the same bytes.
func TestClosingKilled(t *testing.T) {
	l := newLedgered(t)
	l.worked(4)
	l.over()
	broken := closing.Books{Rows: killed{l.DB}, Files: l.files, Now: l.clock.now}
	if _, err := broken.Close(l.ctx, november, "chief"); err == nil {
		t.Fatal("closed without a row")
	}
	var left []digest.Digest
	l.must(l.files.Walk(l.ctx, func(d digest.Digest) error { left = append(left, d); return nil }))
	if all, err := l.Closings(l.ctx, ""); err != nil || len(all) > 0 || len(left) != 2 {
		t.Fatalf("%d rows, %d files, %v", len(all), len(left), err)
	}
	c := l.close(november)
	if !slices.Contains(left, c.Statement) || !slices.Contains(left, c.Facts) {
		t.Error("the same act made other bytes")
	}
	l.holds(november, 1)
}

// What a demonstration closed goes with it; it never stands in one statement with
// real dossiers.
func TestClosingOfADemonstration(t *testing.T) {
	l := newLedgered(t)
	l.must(l.PutAgency(l.ctx, dossier.Agency{Code: "H99", Name: "Tỉnh mẫu", Tier: dossier.Province, Demo: true}))
	made := func(at time.Time, agency dossier.AgencyCode) {
		_, err := l.AddDossier(l.ctx, dossier.Dossier{Procedure: procedure, Receiving: agency, Holder: l.holder, Channel: dossier.Direct, Received: at}, "counter")
		l.must(err)
	}
	made(noon, "H99")
	made(noon.AddDate(0, 1, 0), "H99")
	made(noon.AddDate(0, 1, 0), "H60.12")
	l.clock.move(100 * 24 * time.Hour)
	demo, real := l.close(november), l.close("2026-12")
	if s := l.statement(november, 1); !demo.Demo || !s.Demo || s.Tally.Received != 1 {
		t.Errorf("the demonstration's month: %+v", s)
	}
	if s := l.statement("2026-12", 1); real.Demo || s.Demo || s.Tally.Received != 1 {
		t.Errorf("the real month: %+v", s)
	}
	l.holds(november, 1)
	_, orphans, err := l.RemoveDemo(l.ctx, "operator")
	l.must(err)
	if !slices.Contains(orphans, demo.Statement) || !slices.Contains(orphans, demo.Facts) || slices.Contains(orphans, real.Statement) {
		t.Errorf("files that go: %v", orphans)
	}
	if all, err := l.Closings(l.ctx, ""); err != nil || len(all) != 1 || all[0] != real {
		t.Errorf("closings left: %+v, %v", all, err)
	}
	l.holds("2026-12", 1)
	if r := l.Audited(); len(r) > 0 {
		t.Errorf("audit: %v", r)
	}
}
