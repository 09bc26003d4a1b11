package sqldb

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"

	"sohoa/dossier"
	"sohoa/dossier/catalogue"
	"sohoa/storage/ledger"
)

// PutTold keeps what the national database tells of a procedure.
func (db *DB) PutTold(ctx context.Context, t catalogue.Told) error {
	body, err := json.Marshal(t)
	if err != nil {
		return fmt.Errorf("procedure %s as it is told: %w", t.Code, err)
	}
	_, err = db.write.ExecContext(ctx, `INSERT INTO national_procedures (code, body, seen) VALUES ($1, $2, $3)
		ON CONFLICT (code) DO UPDATE SET body = excluded.body, seen = excluded.seen, gone = 0`, string(t.Code), string(body), db.now().UnixMilli())
	return named(err, "procedure %s as it is told", t.Code)
}

// WholeTold enters that codes are the whole list: what was told of others is of procedures
// that are listed no longer.
func (db *DB) WholeTold(ctx context.Context, codes []dossier.ProcedureCode) error {
	err := db.tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "UPDATE national_procedures SET gone = 1"); err != nil {
			return err
		}
		for some := range slices.Chunk(codes, perLookup) {
			var w where
			among(&w, some, "code")
			if _, err := tx.ExecContext(ctx, "UPDATE national_procedures SET gone = 0"+w.String(), w.values...); err != nil {
				return err
			}
		}
		return nil
	})
	return named(err, "the national list of procedures")
}

// AllTold returns what was told of all procedures, by code.
func (db *DB) AllTold(ctx context.Context) ([]catalogue.Told, error) {
	found, err := all(ctx, db.read, func(r row) (t catalogue.Told, err error) {
		var code, body string
		var gone bool
		if err = r.Scan(&code, &body, &gone); err == nil {
			err = json.Unmarshal([]byte(body), &t)
		}
		t.Code, t.Gone = dossier.ProcedureCode(code), gone
		return t, err
	}, "SELECT code, body, gone FROM national_procedures ORDER BY code")
	return found, named(err, "procedures as they are told")
}

// NationalOrders returns what was decided of differences, by code.
func (db *DB) NationalOrders(ctx context.Context) ([]catalogue.NationalOrder, error) {
	found, err := all(ctx, db.read, func(r row) (o catalogue.NationalOrder, err error) {
		var at int64
		err = r.Scan(&o.Code, &o.Sum, &o.Since, &o.Who, &o.Role, &at)
		o.At = moment(at)
		return o, err
	}, "SELECT code, sum, since, who, role, at FROM national_orders ORDER BY code")
	return found, named(err, "decisions on procedures")
}

// PutNationalOrder enters what somebody decided of a difference; the last one holds.
func (db *DB) PutNationalOrder(ctx context.Context, o catalogue.NationalOrder) error {
	act := dossier.NationalOrdered
	if o.Since == "" {
		act = dossier.NationalLeft
	}
	err := db.tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `INSERT INTO national_orders (code, sum, since, who, role, at) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (code) DO UPDATE SET sum = excluded.sum, since = excluded.since, who = excluded.who, role = excluded.role, at = excluded.at`,
			string(o.Code), o.Sum, o.Since, string(o.Who), string(o.Role), o.At.UnixMilli()); err != nil {
			return err
		}
		return db.logNational(ctx, tx, act, o)
	})
	return named(err, "decide on procedure %s", o.Code)
}

func (db *DB) logNational(ctx context.Context, tx *sql.Tx, act dossier.ReadingAct, o catalogue.NationalOrder) error {
	return db.log(ctx, tx, ledger.Event{Kind: ledger.House, Act: string(act), At: db.now().UnixMilli(), Who: string(o.Who), Role: string(o.Role), Subject: string(o.Code)})
}

// EndNationalOrder forgets an order that can be carried out no longer.
func (db *DB) EndNationalOrder(ctx context.Context, o catalogue.NationalOrder) error {
	_, err := db.write.ExecContext(ctx, "DELETE FROM national_orders WHERE code = $1 AND sum = $2", string(o.Code), o.Sum)
	return named(err, "decision on procedure %s", o.Code)
}

// ApplyNational writes a difference as it was ordered, once: an order that is not there any
// more does nothing. What the procedure was is kept as a version, and with it all that was
// received until now.
func (db *DB) ApplyNational(ctx context.Context, d catalogue.NationalDifference, o catalogue.NationalOrder) error {
	err := db.tx(ctx, func(tx *sql.Tx) error {
		gone, err := tx.ExecContext(ctx, "DELETE FROM national_orders WHERE code = $1 AND sum = $2 AND since = $3", string(o.Code), o.Sum, o.Since)
		if err != nil {
			return err
		}
		if n, err := gone.RowsAffected(); err != nil || n == 0 {
			return err
		}
		for _, k := range d.Kinds {
			if err := db.importKind(ctx, tx, k, o.Who); err != nil {
				return fmt.Errorf("kind %s: %w", k.Code, err)
			}
		}
		act := map[string]dossier.ReadingAct{catalogue.NationalAdded: dossier.PutProcedure, catalogue.NationalChanged: dossier.ProcedureVersioned, catalogue.NationalEnded: dossier.ProcedureEnded}[d.What]
		if d.What == catalogue.NationalChanged {
			if err := db.nextVersion(ctx, tx, d.Code); err != nil {
				return err
			}
		}
		if err := writeProcedure(ctx, tx, d.Order.Procedure); err != nil {
			return err
		}
		if err := putProcedureSpans(ctx, tx, d.Code, d.Order.Spans); err != nil {
			return err
		}
		return db.logNational(ctx, tx, act, o)
	})
	return named(err, "procedure %s as it is told", d.Code)
}
