package sqldb

import (
	"database/sql"
	cmdline "flag"
	"fmt"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/figures"
	"sohoa/dossier/figures/closing"
	"sohoa/storage/blob/mem"
)

// BenchmarkClose closes a month of a province with a paper in each dossier, and counts
// it again: -events 150000 are some 8,300 dossiers, a twelfth
// of a year of 100,000.
func BenchmarkClose(b *testing.B) {
	h := newHouse(b)
	h.filled(*benchEvents)
	h.clock.move(figures.Month(2026, 11).To.Sub(h.clock.now()))
	h.must(h.ready())
	books := &closing.Books{Rows: h.DB, Files: &mem.Store{}, Now: h.clock.now}
	began, before := time.Now(), spent()
	c, err := books.Close(h.ctx, november, "chief")
	h.must(err)
	took, core := time.Since(began), spent()-before
	text, _, err := books.Statement(h.ctx, november, 0)
	h.must(err)
	s, err := closing.Read(text)
	h.must(err)
	before = spent()
	for b.Loop() {
		if v, err := books.Recompute(h.ctx, november, 0); err != nil || !v.Same || len(v.Differs) > 0 {
			b.Fatalf("%+v, %v", v, err)
		}
	}
	b.ReportMetric((spent()-before).Seconds()/float64(b.N), "core-s/op")
	b.ReportMetric(took.Seconds(), "close-s")
	b.ReportMetric(core.Seconds(), "close-core-s")
	b.ReportMetric(float64(s.Tally.Received), "dossiers")
	b.ReportMetric(float64(c.Counted), "events")
}

// ready leaves nothing undone that a house has done long before a month is closed:
// events are numbered, and PostgreSQL knows its tables.
func (h *house) ready() error {
	if _, err := h.NumberEvents(h.ctx); err != nil || h.skipLocked == "" {
		return err
	}
	_, err := h.write.ExecContext(h.ctx, "ANALYZE")
	return err
}

// benchDossiers is how many dossiers BenchmarkRecount counts: a province's year.
var benchDossiers = cmdline.Int("dossiers", 100_000, "dossiers of the year that is counted again")

// provincesYear puts a year of dossiers into the house, of a hundred agencies, by
// three statements: what a recount reads of them, each with its event, most with a
// paper, most resolved.
func (h *house) provincesYear(n int) {
	h.t.Helper()
	for i := range 100 {
		h.must(h.PutAgency(h.ctx, dossier.Agency{Code: dossier.AgencyCode(fmt.Sprintf("H60.%d", 900+i)), Parent: "H60", Name: "Xã", Tier: dossier.Commune}))
	}
	year := figures.Year(2025)
	step := year.To.Sub(year.From).Milliseconds() / int64(n)
	h.must(h.tx(h.ctx, func(tx *sql.Tx) error {
		for _, q := range []struct {
			text   string
			values []any
		}{
			{`INSERT INTO dossiers (code, procedure, receiving, competent, holder, channel, received, due, resolved, demo)
				WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
				SELECT 'H60-25-' || (10000000 + i), '` + string(procedure) + `', 'H60.' || (900 + i * 7 % 100), 'H60.12', '` + string(h.holder) + `',
					CASE WHEN i % 3 = 0 THEN 'online' ELSE 'direct' END, $2 + CAST(i AS BIGINT) * $3, $2 + CAST(i AS BIGINT) * $3 + 259200000,
					CASE WHEN i % 19 = 0 THEN NULL ELSE $2 + CAST(i AS BIGINT) * $3 + i % 5 * 86400000 END, 0 FROM n`,
				[]any{n - 1, year.From.UnixMilli(), step}},
			{`INSERT INTO events (id, dossier, act, who, at, slot, entry, amount)
				SELECT 'e' || code, code, 'received', 'counter' || received % 5, received, '', '', 0 FROM dossiers WHERE code LIKE 'H60-25-%'`, nil},
			{`INSERT INTO documents (id, dossier, slot, kind, state, version, media, size, pages, received, changed, parts, fields, why, demo)
				SELECT 'd' || code, code, 'T1', 'GKS', 'archived', 9, '', 1, 1, received, received, '{}', '[]', '', 0
				FROM dossiers WHERE code LIKE 'H60-25-%' AND received % 13 <> 0`, nil},
		} {
			if _, err := tx.ExecContext(h.ctx, q.text, q.values...); err != nil {
				return err
			}
		}
		return nil
	}))
}

// BenchmarkRecount counts a province's year again, dossier by dossier from their
// papers, and holds against them how each is counted and every cell.
func BenchmarkRecount(b *testing.B) {
	h := newHouse(b)
	h.provincesYear(*benchDossiers)
	p := figures.Year(2025)
	_, err := h.RecountFigures(h.ctx, p, true) // the rows were made past the program
	h.must(err)
	before := spent()
	var r Recounted
	for b.Loop() {
		if r, err = h.RecountFigures(h.ctx, p, false); err != nil || len(r.Differs) > 0 || r.Dossiers != *benchDossiers {
			b.Fatalf("%d dossiers, %v, %v", r.Dossiers, r.Differs, err)
		}
	}
	b.ReportMetric((spent()-before).Seconds()/float64(b.N), "core-s/op")
	b.ReportMetric(float64(r.Dossiers), "dossiers")
	b.ReportMetric(float64(r.Cells), "cells")
}
