package sqldb

import (
	"testing"

	"sohoa/dossier/figures"
	"sohoa/dossier/figures/closing"
	"sohoa/storage/blob/mem"
)

// BenchmarkClose counts a month of a province with a paper in each dossier, as
// closing it does, and again: -events 150000 are some 8,300 dossiers, a twelfth
// of a year of 100,000.
func BenchmarkClose(b *testing.B) {
	h := newHouse(b)
	h.filled(*benchEvents)
	h.clock.move(figures.Month(2026, 11).To.Sub(h.clock.now()))
	books := &closing.Books{Rows: h.DB, Files: &mem.Store{}, Now: h.clock.now}
	c, err := books.Close(h.ctx, november, "chief")
	h.must(err)
	text, _, err := books.Statement(h.ctx, november, 0)
	h.must(err)
	s, err := closing.Read(text)
	h.must(err)
	before := spent()
	for b.Loop() {
		if v, err := books.Recompute(h.ctx, november, 0); err != nil || !v.Same || len(v.Differs) > 0 {
			b.Fatalf("%+v, %v", v, err)
		}
	}
	b.ReportMetric((spent()-before).Seconds()/float64(b.N), "core-s/op")
	b.ReportMetric(float64(s.Tally.Received), "dossiers")
	b.ReportMetric(float64(c.Counted), "events")
}

// BenchmarkRecount counts all dossiers again, from their papers, and holds against
// them how each is counted and every cell. -events 1800000 are 100,000 dossiers: a
// province's year.
func BenchmarkRecount(b *testing.B) {
	h := newHouse(b)
	h.filled(*benchEvents)
	p, err := h.FiguresSpan(h.ctx)
	h.must(err)
	_, err = h.RecountFigures(h.ctx, p, true) // the rows were made past the program
	h.must(err)
	before := spent()
	var r Recounted
	for b.Loop() {
		if r, err = h.RecountFigures(h.ctx, p, false); err != nil || len(r.Differs) > 0 {
			b.Fatalf("%v, %v", r.Differs, err)
		}
	}
	b.ReportMetric((spent()-before).Seconds()/float64(b.N), "core-s/op")
	b.ReportMetric(float64(r.Dossiers), "dossiers")
	b.ReportMetric(float64(r.Cells), "cells")
}
