package sqldb

import (
	"testing"

	"sohoa/dossier"
	"sohoa/dossier/figures"
)

// BenchmarkAddAndMove is one paper received and moved once: two durable commits.
func BenchmarkAddAndMove(b *testing.B) {
	h := newHouse(b)
	for b.Loop() {
		d := h.newDossier()
		doc, err := h.Add(h.ctx, scan(d.Code, "T1", rnd()), "counter")
		if err != nil {
			b.Fatal(err)
		}
		if _, err := h.Advance(h.ctx, doc, change(onward(doc.State))); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFacts is the figures of a month over 5,000 dossiers, each with an
// archived paper.
func BenchmarkFacts(b *testing.B) {
	h := newHouse(b)
	for range 5000 {
		_, err := h.write.ExecContext(h.ctx, `
			INSERT INTO dossiers (code, procedure, receiving, competent, holder, channel, received, demo)
			VALUES ($1, $2, 'H60.12', 'H60.12', $3, '', $4, 0)`, rnd(), string(procedure), string(h.holder), noon.UnixMilli())
		if err != nil {
			b.Fatal(err)
		}
	}
	if _, err := h.write.ExecContext(h.ctx, `
		INSERT INTO documents (id, dossier, slot, kind, state, version, media, size, pages, received, changed, parts, fields, why, demo)
		SELECT 'd' || code, code, 'T1', 'GKS', 'archived', 9, '', 1, 1, received, received, '{}', '[]', '', 0 FROM dossiers`); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		facts, err := h.Facts(h.ctx, figures.Month(2026, 11), []dossier.AgencyCode{"H60.12"})
		if err != nil || len(facts) != 5000 || facts[0].Digitised != 1 {
			b.Fatal(len(facts), err)
		}
	}
}
