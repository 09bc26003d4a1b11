package sqldb

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"sohoa/dossier"
)

// A versioned procedure is one as it was at some time.
type versioned struct {
	code    dossier.ProcedureCode
	version int
}

// versionOn returns the version of a procedure that held at a moment.
func versionOn(ctx context.Context, a asker, code dossier.ProcedureCode, at time.Time) (int, error) {
	return one(ctx, a, single[int], `SELECT COALESCE((SELECT MIN(version) FROM procedure_versions WHERE procedure = $1 AND until > $2),
		(SELECT version FROM procedures WHERE code = $1))`, string(code), at.UnixMilli())
}

// ProcedureOf returns the procedure of a dossier as it was when the dossier was received:
// its name, its components, its result, its days. How it is served is as today.
func (db *DB) ProcedureOf(ctx context.Context, d dossier.Dossier) (dossier.Procedure, error) {
	p, err := db.Procedure(ctx, d.Procedure)
	if err != nil || p.Version == d.Version {
		return p, err
	}
	past, err := pastVersions(ctx, db.read, d.Procedure)
	if err != nil {
		return p, named(err, "versions of %s", d.Procedure)
	}
	was, ok := past[versioned{d.Procedure, d.Version}]
	if !ok {
		return p, fmt.Errorf("procedure %s: %w: version %d", d.Procedure, dossier.ErrNotFound, d.Version)
	}
	was.Level, was.Tiers, was.Retention, was.Demo, was.Ended, was.Spans = p.Level, p.Tiers, p.Retention, p.Demo, p.Ended, p.Spans
	return was, nil
}

// versions returns every version of every procedure.
func versions(ctx context.Context, a asker) (map[versioned]dossier.Procedure, error) {
	found, err := pastVersions(ctx, a, "")
	if err != nil {
		return nil, err
	}
	today, err := procedures(ctx, a, "")
	for _, p := range today {
		found[versioned{p.Code, p.Version}] = p
	}
	return found, err
}

// pastVersions returns those of a procedure, or of all if code is empty, that are past.
func pastVersions(ctx context.Context, a asker, code dossier.ProcedureCode) (map[versioned]dossier.Procedure, error) {
	found := map[versioned]dossier.Procedure{}
	_, err := all(ctx, a, func(r row) (struct{}, error) {
		var p dossier.Procedure
		var c dossier.Component
		var subjects string
		err := r.Scan(&p.Code, &p.Version, &p.Name, &p.Field, &p.ResultKind, &p.Days, &subjects, &c.Slot, &c.Kind, &c.Name, &c.Required, &c.Digitise)
		key := versioned{p.Code, p.Version}
		if was, ok := found[key]; ok {
			p = was
		}
		if p.Subjects = unjoined[dossier.Subject](subjects); c.Slot != "" {
			p.Components = append(p.Components, c)
		}
		found[key] = p
		return struct{}{}, err
	}, `SELECT v.procedure, v.version, v.name, v.field, COALESCE(v.result_kind, ''), v.days, v.subjects,
			COALESCE(c.slot, ''), COALESCE(c.kind, ''), COALESCE(c.name, ''), COALESCE(c.required, 0), COALESCE(c.digitise, 0)
		FROM procedure_versions v LEFT JOIN components c ON c.procedure = v.procedure AND c.version = v.version
		WHERE v.procedure = $1 OR $1 = ''
		ORDER BY v.procedure, v.version, c.place`, string(code))
	return found, err
}

// nextVersion closes the version of a procedure that is in force, now. What is written of
// the procedure from here on is the next one; what was received keeps the one before.
// Nobody receives a dossier of it meanwhile.
func (db *DB) nextVersion(ctx context.Context, tx *sql.Tx, code dossier.ProcedureCode) error {
	if _, err := db.askedOf(ctx, tx, code); err != nil { // takes the row
		return err
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO procedure_versions (procedure, version, until, name, field, result_kind, days, subjects)
		SELECT code, version, $1, name, field, result_kind, days, subjects FROM procedures WHERE code = $2`, db.now().UnixMilli(), string(code)); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, "UPDATE procedures SET version = version + 1 WHERE code = $1", string(code))
	return err
}

// FormerSlots returns what the places of earlier versions of procedures were called that
// the versions in force have not: papers lie there. Of a place that several versions had,
// the last one's name.
func (db *DB) FormerSlots(ctx context.Context) (map[dossier.ProcedureCode]map[dossier.SlotCode]string, error) {
	found := map[dossier.ProcedureCode]map[dossier.SlotCode]string{}
	_, err := all(ctx, db.read, func(r row) (struct{}, error) {
		var code dossier.ProcedureCode
		var slot dossier.SlotCode
		var name string
		err := r.Scan(&code, &slot, &name)
		if found[code] == nil {
			found[code] = map[dossier.SlotCode]string{}
		}
		found[code][slot] = name
		return struct{}{}, err
	}, `SELECT c.procedure, c.slot, c.name FROM components c JOIN procedures p ON p.code = c.procedure AND p.version > c.version
		WHERE NOT EXISTS (SELECT 1 FROM components k WHERE k.procedure = c.procedure AND k.version = p.version AND k.slot = c.slot)
		ORDER BY c.procedure, c.version`)
	return found, named(err, "places of earlier versions")
}
