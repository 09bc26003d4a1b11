package sqldb

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"sohoa/dossier"
)

const agencyColumns = "code, COALESCE(parent, ''), name, tier, demo"

func scanAgency(r row) (a dossier.Agency, err error) {
	err = r.Scan(&a.Code, &a.Parent, &a.Name, &a.Tier, &a.Demo)
	return a, err
}

// PutAgency writes an agency, replacing what was known of its code. Its parent
// must be known, else the error wraps [dossier.ErrNotFound].
func (db *DB) PutAgency(ctx context.Context, a dossier.Agency) error {
	err := db.tx(ctx, func(tx *sql.Tx) error { return db.putAgency(ctx, tx, a) })
	return named(err, "put agency %s", a.Code)
}

func (db *DB) putAgency(ctx context.Context, tx *sql.Tx, a dossier.Agency) error {
	if err := dossier.CheckAgencyCode(a.Code); err != nil {
		return err
	}
	if a.Parent != "" {
		if err := known(ctx, tx, "agencies", string(a.Parent)); err != nil {
			return err
		}
	}
	n, err := affected(tx.ExecContext(ctx, "INSERT INTO agencies (code, parent, name, tier, demo) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (code) DO NOTHING",
		string(a.Code), text(a.Parent), a.Name, string(a.Tier), flag(a.Demo)))
	if err != nil || n == 1 {
		return err
	}
	if err := db.moveAgency(ctx, tx, a); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "UPDATE agencies SET parent = $1, name = $2, tier = $3, demo = $4 WHERE code = $5",
		text(a.Parent), a.Name, string(a.Tier), flag(a.Demo), string(a.Code))
	return err
}

// moveAgency brings the figures along if a, which is there, goes under another agency.
// It takes its row before it looks: whoever else moves it has moved its figures, too.
func (db *DB) moveAgency(ctx context.Context, tx *sql.Tx, a dossier.Agency) error {
	was, err := one(ctx, tx, single[string], "SELECT COALESCE(parent, '') FROM agencies WHERE code = $1"+db.forChange(), string(a.Code))
	if err != nil || was == string(a.Parent) {
		return err
	}
	if err := takeHead(ctx, tx); err != nil {
		return err
	}
	t, err := treeOf(ctx, tx)
	if err != nil {
		return err
	}
	from, round := t.up(string(a.Code)), t.circle(string(a.Code))
	t[string(a.Code)] = string(a.Parent)
	if round || t.circle(string(a.Code)) {
		return countUnder(ctx, tx, t)
	}
	return moveCells(ctx, tx, string(a.Code), from, t.up(string(a.Code)))
}

// known says with [dossier.ErrNotFound] that table has no row with that code.
func known(ctx context.Context, a asker, table, code string) error {
	ok, err := exists(ctx, a, "SELECT 1 FROM "+table+" WHERE code = $1", code)
	if err == nil && !ok {
		err = fmt.Errorf("%w: no %s in %s", dossier.ErrNotFound, code, table)
	}
	return err
}

// Agency returns the agency with a code.
func (db *DB) Agency(ctx context.Context, code dossier.AgencyCode) (dossier.Agency, error) {
	a, err := one(ctx, db.read, scanAgency, "SELECT "+agencyColumns+" FROM agencies WHERE code = $1", string(code))
	return a, named(err, "agency %s", code)
}

// Agencies returns all agencies in the order of their codes.
func (db *DB) Agencies(ctx context.Context) ([]dossier.Agency, error) {
	r, err := db.realm(ctx)
	if err != nil {
		return nil, named(err, "agencies")
	}
	return slices.Clone(r.all), nil
}

// Below returns an agency's code and those of all agencies under it, at any
// depth, in order, and of those that went into one of them: who goes on with
// their dossiers must see them. Of an unknown agency it returns none.
func (db *DB) Below(ctx context.Context, code dossier.AgencyCode) ([]dossier.AgencyCode, error) {
	r, err := db.realm(ctx)
	if err != nil {
		return nil, named(err, "agencies below %s", code)
	}
	return r.below(string(code)), nil
}

// HasAny reports whether any agency is known: a house without one is new.
func (db *DB) HasAny(ctx context.Context) (bool, error) {
	ok, err := exists(ctx, db.read, "SELECT 1 FROM agencies")
	return ok, named(err, "look for agencies")
}

// PutKind writes a kind of paper, replacing what was known of its code.
func (db *DB) PutKind(ctx context.Context, k dossier.Kind) error {
	if k.Code == "" {
		return fmt.Errorf("put kind: %w: no code", dossier.ErrInvalid)
	}
	_, err := db.write.ExecContext(ctx, `
		INSERT INTO kinds (code, name, demo) VALUES ($1, $2, $3)
		ON CONFLICT (code) DO UPDATE SET name = excluded.name, demo = excluded.demo`,
		string(k.Code), k.Name, flag(k.Demo))
	return named(err, "put kind %s", k.Code)
}

// Kinds returns all kinds in the order of their codes.
func (db *DB) Kinds(ctx context.Context) ([]dossier.Kind, error) {
	kinds, err := db.kinds.get(ctx, db, func(s dossier.Stamps) int64 { return s.Kinds }, func() ([]dossier.Kind, error) {
		return all(ctx, db.read, func(r row) (k dossier.Kind, err error) {
			err = r.Scan(&k.Code, &k.Name, &k.Demo)
			return k, err
		}, "SELECT code, name, demo FROM kinds ORDER BY code")
	})
	return slices.Clone(kinds), named(err, "kinds")
}

// PutProcedure writes a procedure and its components, replacing what was known
// of its code: the version in force is corrected, with what was received under it. Kinds
// must be known, else the error wraps [dossier.ErrNotFound].
func (db *DB) PutProcedure(ctx context.Context, p dossier.Procedure) error {
	err := db.tx(ctx, func(tx *sql.Tx) error { return db.putProcedure(ctx, tx, p) })
	return named(err, "put procedure %s", p.Code)
}

func (db *DB) putProcedure(ctx context.Context, tx *sql.Tx, p dossier.Procedure) error {
	// Who receives a dossier of it holds its row until the end: whoever counted by
	// what it asked for before is done, and is counted anew.
	was, err := db.askedOf(ctx, tx, p.Code)
	if err != nil {
		return err
	}
	if err := writeProcedure(ctx, tx, p); err != nil {
		return err
	}
	return db.oweFigures(ctx, tx, p, was)
}

// writeProcedure writes the version in force, whatever p says of its version.
func writeProcedure(ctx context.Context, tx *sql.Tx, p dossier.Procedure) error {
	if p.Code == "" {
		return fmt.Errorf("%w: no code", dossier.ErrInvalid)
	}
	seen := map[dossier.SlotCode]bool{dossier.ResultSlot: true, "": true}
	for _, c := range p.Slots() {
		if err := known(ctx, tx, "kinds", string(c.Kind)); err != nil {
			return err
		}
	}
	version, err := one(ctx, tx, single[int], `
		INSERT INTO procedures (code, name, field, level, result_kind, days, subjects, tiers, retention, demo)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (code) DO UPDATE SET name = excluded.name, field = excluded.field, level = excluded.level,
			result_kind = excluded.result_kind, days = excluded.days, subjects = excluded.subjects, tiers = excluded.tiers,
			retention = excluded.retention, demo = excluded.demo
		RETURNING version`,
		string(p.Code), p.Name, p.Field, string(p.Level), text(p.ResultKind), p.Days,
		joined(p.Subjects), joined(p.Tiers), p.Retention, flag(p.Demo))
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "DELETE FROM components WHERE procedure = $1 AND version = $2", string(p.Code), version); err != nil {
		return err
	}
	for i, c := range p.Components {
		if seen[c.Slot] {
			return fmt.Errorf("%w: slot %q of the procedure", dossier.ErrInvalid, c.Slot)
		}
		seen[c.Slot] = true
		if _, err := tx.ExecContext(ctx, `
			INSERT INTO components (procedure, version, slot, place, kind, name, required, digitise)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			string(p.Code), version, string(c.Slot), i, string(c.Kind), c.Name, flag(c.Required), flag(c.Digitise)); err != nil {
			return err
		}
	}
	return nil
}

// Procedure returns the procedure with a code.
func (db *DB) Procedure(ctx context.Context, code dossier.ProcedureCode) (dossier.Procedure, error) {
	found, err := procedures(ctx, db.read, code)
	if err == nil && (len(found) == 0 || code == "") {
		err = dossier.ErrNotFound
	}
	if err != nil {
		return dossier.Procedure{}, fmt.Errorf("procedure %s: %w", code, err)
	}
	return found[0], nil
}

// Procedures returns all procedures in the order of their codes.
func (db *DB) Procedures(ctx context.Context) ([]dossier.Procedure, error) {
	found, err := db.procedures.get(ctx, db, func(s dossier.Stamps) int64 { return s.Procedures }, func() ([]dossier.Procedure, error) { return procedures(ctx, db.read, "") })
	found = slices.Clone(found) // the copy is everybody's
	for i := range found {
		found[i].Components = slices.Clone(found[i].Components)
	}
	return found, named(err, "procedures")
}

// procedures returns the one with a code, or all if code is empty: one row for
// each component, folded here.
func procedures(ctx context.Context, a asker, code dossier.ProcedureCode) ([]dossier.Procedure, error) {
	var found []dossier.Procedure
	_, err := all(ctx, a, func(r row) (struct{}, error) {
		var p dossier.Procedure
		var c dossier.Component
		var subjects, tiers string
		err := r.Scan(&p.Code, &p.Name, &p.Field, &p.Level, &p.ResultKind, &p.Days, &subjects, &tiers, &p.Retention, &p.Demo, &p.Version, &p.Ended,
			&c.Slot, &c.Kind, &c.Name, &c.Required, &c.Digitise)
		p.Subjects, p.Tiers = unjoined[dossier.Subject](subjects), unjoined[dossier.Tier](tiers)
		if n := len(found); n == 0 || found[n-1].Code != p.Code {
			found = append(found, p)
		}
		if last := &found[len(found)-1]; c.Slot != "" {
			last.Components = append(last.Components, c)
		}
		return struct{}{}, err
	}, `
		SELECT p.code, p.name, p.field, p.level, COALESCE(p.result_kind, ''), p.days, p.subjects, p.tiers, p.retention, p.demo, p.version,
			COALESCE((SELECT s.until FROM procedure_spans s WHERE s.procedure = p.code ORDER BY s.since DESC LIMIT 1), ''),
			COALESCE(c.slot, ''), COALESCE(c.kind, ''), COALESCE(c.name, ''), COALESCE(c.required, 0), COALESCE(c.digitise, 0)
		FROM procedures p LEFT JOIN components c ON c.procedure = p.code AND c.version = p.version
		WHERE p.code = $1 OR $1 = ''
		ORDER BY p.code, c.place`, string(code))
	if err != nil {
		return nil, err
	}
	place := make(map[dossier.ProcedureCode]int, len(found))
	for i, p := range found {
		place[p.Code] = i
	}
	_, err = all(ctx, a, func(r row) (struct{}, error) {
		var of dossier.ProcedureCode
		var s dossier.Span
		err := r.Scan(&of, &s.Since, &s.Until)
		if i, ok := place[of]; ok {
			found[i].Spans = append(found[i].Spans, s)
		}
		return struct{}{}, err
	}, "SELECT procedure, since, until FROM procedure_spans WHERE procedure = $1 OR $1 = '' ORDER BY procedure, since", string(code))
	return found, err
}
