package sqldb

import (
	"errors"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/dossier/figures"
	"sohoa/dossier/figures/closing"
)

// What was brought twice, or could not be read, is kept and does not count: in
// rows, in cells and as the ledger tells it. What came in before the rule counts.
func TestFlawsDoNotCount(t *testing.T) {
	h := newHouse(t)
	d := h.newDossier()
	same := h.to(h.add(d.Code, "T1"), dossier.Archived)
	twice := scan(d.Code, "T2", "")
	twice.Parts[dossier.PartScan] = same.Parts[dossier.PartScan]
	again, err := h.Add(h.ctx, twice, "counter")
	h.must(err)
	if again.Flaw != dossier.FlawTwice {
		t.Errorf("the same bytes in two places: %q", again.Flaw)
	}
	h.to(again, dossier.Archived)
	other := h.newDossier()
	h.to(h.add(other.Code, "T1"), dossier.Archived)
	blurred := h.add(other.Code, "T2")
	c := change(onward(dossier.Received))
	if c.Made == nil {
		c.Made = map[dossier.Part]digest.Digest{}
	}
	c.Made[dossier.PartUnread] = digest.Of([]byte("unread"))
	blurred, err = h.Advance(h.ctx, blurred, c)
	h.must(err)
	if blurred = h.to(blurred, dossier.Archived); blurred.Flaw != dossier.FlawUnread {
		t.Errorf("what could not be read: %q", blurred.Flaw)
	}
	whole := h.newDossier()
	h.to(h.add(whole.Code, "T1"), dossier.Archived)
	h.to(h.add(whole.Code, "T2"), dossier.Archived)
	p := figures.Month(2026, 11)
	facts, err := h.Facts(h.ctx, p, nil)
	h.must(err)
	want := figures.Rate{Numerator: 1, Denominator: 3}
	if got := figures.Of(facts, p).Dossiers; got != want {
		t.Errorf("%+v by rows, want %+v", got, want)
	}
	var second figures.Rate // by another way: counted per dossier, slot by slot, in one query of its own
	h.must(h.read.QueryRowContext(h.ctx, `SELECT COUNT(CASE WHEN good = 2 THEN 1 END), COUNT(*) FROM (
		SELECT o.code, (SELECT COUNT(DISTINCT k.slot) FROM documents k JOIN made s ON s.document = k.id AND s.part = 'scan'
			WHERE k.dossier = o.code AND k.slot IN ('T1', 'T2') AND k.state = 'archived'
			AND NOT EXISTS (SELECT 1 FROM made u WHERE u.document = k.id AND u.part = 'unread')
			AND NOT EXISTS (SELECT 1 FROM made e JOIN documents ed ON ed.id = e.document WHERE e.part = 'scan' AND e.digest = s.digest
				AND ed.dossier = k.dossier AND ed.id < k.id)) AS good FROM dossiers o) x`).Scan(&second.Numerator, &second.Denominator))
	if second != want {
		t.Errorf("%+v by another query, want %+v", second, want)
	}
	cells, err := h.Cells(h.ctx, figures.CellQuery{Period: p})
	h.must(err)
	if got := (figures.Input{Cells: cells, Period: p}).Figures().Dossiers; got != want {
		t.Errorf("%+v by cells, want %+v", got, want)
	}
	size, err := h.NumberEvents(h.ctx)
	h.must(err)
	catalog, err := h.Procedures(h.ctx)
	h.must(err)
	past, err := h.FactsAt(h.ctx, closing.Recount{Period: p, Counted: size, Catalog: catalog})
	h.must(err)
	if got := figures.Of(past.Facts, p).Dossiers; got != want || len(past.Differs) > 0 {
		t.Errorf("%+v by the ledger, want %+v; %v", got, want, past.Differs)
	}
	h.sound()
	h.holdsFlaws(d, again, p)
	h.sql("UPDATE documents SET flaw = ''") // past the program
	if past, err = h.FactsAt(h.ctx, closing.Recount{Period: p, Counted: size, Catalog: catalog}); err != nil || len(past.Differs) != 2 {
		t.Errorf("flaws taken away are not named: %v, %v", past.Differs, err)
	}
	if r, err := h.RecountFigures(h.ctx, p, false); err != nil || len(r.Differs) == 0 {
		t.Errorf("flaws taken away are not named by the recount: %v, %v", r.Differs, err)
	}
}

// holdsFlaws wants a flawed paper to be shown as an attempt, not to be used again,
// and one of before the rule to count.
func (h *house) holdsFlaws(d dossier.Dossier, flawed dossier.Document, p figures.Period) {
	h.t.Helper()
	tried, err := h.Attempts(h.ctx, []dossier.Code{d.Code})
	h.must(err)
	if len(tried) != 1 || tried[0].Dossier != d.Code || tried[0].Slot != flawed.Slot || tried[0].Flaw != dossier.FlawTwice {
		h.t.Errorf("attempts: %+v", tried)
	}
	record, err := h.Entries(h.ctx, h.holder, time.Time{})
	h.must(err)
	next := h.newDossier()
	for _, e := range record {
		if e.Document == flawed.ID {
			if err := h.Reuse(h.ctx, next.Code, "T2", e.ID, "counter"); !errors.Is(err, dossier.ErrInvalid) {
				h.t.Errorf("a flawed paper used again: %v", err)
			}
		}
	}
	early := scan(next.Code, "T1", "early")
	early.Received = p.From.Add(-time.Second)
	_, err = h.Add(h.ctx, early, "counter")
	h.must(err)
	early.Slot = "T2"
	kept, err := h.Add(h.ctx, early, "counter")
	h.must(err)
	if kept.Flaw != "" {
		h.t.Errorf("a paper of before the rule has the flaw %q", kept.Flaw)
	}
}
