package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"sohoa/dossier"
)

// askedOf tells what figures depend on of a procedure, one text for each slot,
// and keeps others from receiving a dossier of it until the transaction ends. Of
// an unknown one it tells nothing.
func (db *DB) askedOf(ctx context.Context, tx *sql.Tx, code dossier.ProcedureCode) ([]string, error) {
	result, err := all(ctx, tx, single[string], "SELECT COALESCE(result_kind, '') FROM procedures WHERE code = $1"+db.forUpdate(), string(code))
	if err != nil || len(result) == 0 {
		return nil, err
	}
	slots, err := all(ctx, tx, single[string],
		"SELECT slot || ' ' || required || digitise FROM components WHERE procedure = $1 AND version = (SELECT version FROM procedures WHERE code = $1) ORDER BY slot", string(code))
	return append(slots, fmt.Sprint("result ", result[0] != "")), err
}

// forUpdate ends a query for rows that nobody else may even refer to anew until
// the transaction ends. On SQLite nobody else writes.
func (db *DB) forUpdate() string {
	if db.skipLocked == "" {
		return ""
	}
	return " FOR UPDATE"
}

// forChange ends a query for rows that nobody else may change until the transaction
// ends; they may be referred to. On SQLite nobody else writes.
func (db *DB) forChange() string {
	if db.skipLocked == "" {
		return ""
	}
	return " FOR NO KEY UPDATE"
}

// oweFigures notes that the dossiers of a procedure are to be counted anew, if it
// asks for something else than it did.
func (db *DB) oweFigures(ctx context.Context, tx *sql.Tx, p dossier.Procedure, was []string) error {
	is, err := db.askedOf(ctx, tx, p.Code)
	if err != nil || was == nil || slices.Equal(was, is) {
		return err
	}
	// A stamp is never used again: whoever counts by an earlier one, while others were
	// done with it, is not to take this for theirs.
	_, err = tx.ExecContext(ctx, `
		INSERT INTO figure_owed (procedure, stamp, done) VALUES ($1, $2, '')
		ON CONFLICT (procedure) DO UPDATE SET stamp = excluded.stamp, done = ''`, string(p.Code), rand.Int64())
	return err
}

// FiguresOwed returns the procedures whose dossiers are still to be counted anew:
// until it is done, figures tell of some of them by what was asked for before.
func (db *DB) FiguresOwed(ctx context.Context) ([]dossier.ProcedureCode, error) {
	owed, err := all(ctx, db.read, single[dossier.ProcedureCode], "SELECT procedure FROM figure_owed ORDER BY procedure")
	return owed, named(err, "figures owed")
}

// restoodAtOnce is how many dossiers are counted anew in one transaction.
const restoodAtOnce = 200

// settleOwed counts the dossiers anew whose procedures ask for something else,
// agency by agency; what it finds changed is folded as it goes.
func (db *DB) settleOwed(ctx context.Context) error {
	type owed struct {
		procedure string
		stamp     int64
		done      string
	}
	for {
		o, err := one(ctx, db.read, func(r row) (o owed, err error) { return o, r.Scan(&o.procedure, &o.stamp, &o.done) },
			"SELECT procedure, stamp, done FROM figure_owed ORDER BY procedure LIMIT 1")
		if errors.Is(err, dossier.ErrNotFound) {
			return nil
		} else if err != nil {
			return err
		}
		next, err := one(ctx, db.read, single[string],
			"SELECT COALESCE(MIN(receiving), '') FROM dossiers WHERE procedure = $1 AND receiving > $2", o.procedure, o.done)
		if err != nil {
			return err
		}
		if next == "" {
			if _, err := db.write.ExecContext(ctx, "DELETE FROM figure_owed WHERE procedure = $1 AND stamp = $2", o.procedure, o.stamp); err != nil {
				return err
			}
			continue
		}
		codes, err := all(ctx, db.read, single[dossier.Code],
			"SELECT code FROM dossiers WHERE procedure = $1 AND receiving = $2 ORDER BY received", o.procedure, next)
		if err != nil {
			return err
		}
		if err := db.restandAll(ctx, codes); err != nil {
			return err
		}
		if _, err := db.write.ExecContext(ctx, "UPDATE figure_owed SET done = $1 WHERE procedure = $2 AND stamp = $3", next, o.procedure, o.stamp); err != nil {
			return err
		}
	}
}

// restandAll counts dossiers anew, and puts what changed into the cells.
func (db *DB) restandAll(ctx context.Context, codes []dossier.Code) error {
	slices.Sort(codes) // as everybody who takes several
	for some := range slices.Chunk(codes, restoodAtOnce) {
		if err := db.tx(ctx, func(tx *sql.Tx) error {
			for _, code := range some {
				if err := db.restand(ctx, tx, code); err != nil && !errors.Is(err, dossier.ErrNotFound) { // removed meanwhile
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
		if err := db.tx(ctx, func(tx *sql.Tx) error { return fold(ctx, tx, mostFolded) }); err != nil {
			return err
		}
	}
	return nil
}
