package sqldb

import (
	"context"
	"slices"
	"testing"

	"sohoa/dossier"
)

// What is kept of the catalogue is what the rows say, after every change: by the
// program, by another process, and past both.
func TestKeptIsTrue(t *testing.T) {
	h := newHouse(t)
	other := h.again()
	for name, change := range map[string]func(){
		"an agency is new": func() {
			h.must(h.PutAgency(h.ctx, dossier.Agency{Code: "H60.14", Parent: "H60", Name: "Xã Ba", Tier: dossier.Commune}))
		},
		"an agency is renamed": func() { h.run("UPDATE agencies SET name = 'Xã Đổi' WHERE code = 'H60.12'") },
		"an agency moves": func() {
			h.must(h.PutAgency(h.ctx, dossier.Agency{Code: "H60.13", Parent: "H60.12", Name: "Xã Hai", Tier: dossier.Commune}))
		},
		"an agency is taken over": func() {
			h.run("INSERT INTO agency_spans (agency, since, until, parent, name, tier, successor) VALUES ('H60.13', '', '2026-07-01', 'H60', 'Xã Hai', 'commune', 'H60.12')")
		},
		"a kind is new": func() { h.must(h.PutKind(h.ctx, dossier.Kind{Code: "CC", Name: "Căn cước"})) },
		"a procedure asks for less": func() {
			h.must(h.PutProcedure(h.ctx, dossier.Procedure{Code: procedure, Name: "Khai sinh", Level: dossier.Full, Components: []dossier.Component{{Slot: "T1", Kind: "GKS", Name: "x"}}}))
		},
		"a component is altered": func() { h.run("UPDATE components SET name = 'y'") },
		"a procedure goes":       func() { h.run("DELETE FROM components", "DELETE FROM procedures") },
	} {
		t.Run(name, func(t *testing.T) {
			h.sameCatalogue(h.DB)
			h.sameCatalogue(other)
			change()
			h.sameCatalogue(h.DB)
			h.sameCatalogue(other)
		})
	}
	agencies, err := h.Agencies(h.ctx)
	h.must(err)
	agencies[0].Name = "scribbled" // the caller's
	h.sameCatalogue(h.DB)
}

// run does what whoever has the database may do, within its triggers.
func (h *house) run(statements ...string) {
	h.t.Helper()
	for _, s := range statements {
		_, err := h.write.ExecContext(h.ctx, s)
		h.must(err)
	}
}

// again opens the house a second time, as another process would.
func (h *house) again() *DB {
	h.t.Helper()
	db, err := Open(h.ctx, h.path, Options{Now: h.clock.now})
	if h.address != "" {
		db, err = OpenPostgres(h.ctx, h.address, Options{Now: h.clock.now})
	}
	h.must(err)
	h.t.Cleanup(func() { db.Close() })
	return db
}

// sameCatalogue holds what db keeps against the rows.
func (h *house) sameCatalogue(db *DB) {
	h.t.Helper()
	rows, err := all(h.ctx, h.read, scanAgency, "SELECT "+agencyColumns+" FROM agencies ORDER BY code")
	h.must(err)
	if got, err := db.Agencies(h.ctx); err != nil || !slices.Equal(got, rows) {
		h.t.Errorf("agencies %v, %v, rows %v", got, err, rows)
	}
	for _, a := range append(rows, dossier.Agency{Code: "none"}) {
		below, err := all(h.ctx, h.read, single[dossier.AgencyCode], `
			WITH RECURSIVE below (code) AS (
				SELECT code FROM agencies WHERE code = $1
				UNION
				SELECT a.code FROM (
					SELECT code, parent AS above FROM agencies WHERE parent IS NOT NULL
					UNION ALL
					SELECT agency, successor FROM agency_spans WHERE successor IS NOT NULL) a
				JOIN below b ON a.above = b.code)
			SELECT code FROM below ORDER BY code`, string(a.Code))
		h.must(err)
		if got, err := db.Below(h.ctx, a.Code); err != nil || !slices.Equal(got, below) {
			h.t.Errorf("below %s %v, %v, rows %v", a.Code, got, err, below)
		}
	}
	kinds, err := all(h.ctx, h.read, single[dossier.KindCode], "SELECT code FROM kinds ORDER BY code")
	h.must(err)
	if got, err := db.Kinds(h.ctx); err != nil || !slices.EqualFunc(got, kinds, func(k dossier.Kind, c dossier.KindCode) bool { return k.Code == c }) {
		h.t.Errorf("kinds %v, %v, rows %v", got, err, kinds)
	}
	asked, err := procedures(context.WithoutCancel(h.ctx), h.read, "")
	h.must(err)
	got, err := db.Procedures(h.ctx)
	h.must(err)
	if !slices.EqualFunc(got, asked, func(a, b dossier.Procedure) bool {
		return a.Code == b.Code && a.Name == b.Name && slices.Equal(a.Components, b.Components)
	}) {
		h.t.Errorf("procedures %v, rows %v", got, asked)
	}
}
