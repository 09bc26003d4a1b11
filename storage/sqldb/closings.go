package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/dossier/figures/closing"
	"sohoa/storage/ledger"
)

// The files of a closing, as the log names them.
const (
	statementPart = "statement"
	factsPart     = "facts"
)

const closingColumns = "id, period, version, digest, facts, counted, who, at, demo"

func scanClosing(r row) (c closing.Closing, err error) {
	var statement, facts string
	var at int64
	if err := r.Scan(&c.ID, &c.Month, &c.Version, &statement, &facts, &c.Counted, &c.Who, &at, &c.Demo); err != nil {
		return c, err
	}
	c.At = moment(at)
	if c.Statement, err = digest.Parse(statement); err != nil {
		return c, err
	}
	c.Facts, err = digest.Parse(facts)
	return c, err
}

// Closings returns the versions of a closed month, or with "" of all: by month
// and version.
func (db *DB) Closings(ctx context.Context, m closing.Month) ([]closing.Closing, error) {
	found, err := all(ctx, db.read, scanClosing, "SELECT "+closingColumns+" FROM closings WHERE period = $1 OR $1 = '' ORDER BY period, version", string(m))
	return found, named(err, "closings")
}

// AddClosing writes a closing and its event, both or neither, and returns it with
// its ID. The files that it names must be stored already. One that is not the
// next version of its month, or of a month that is not the next, wraps
// [dossier.ErrConflict].
func (db *DB) AddClosing(ctx context.Context, c closing.Closing) (closing.Closing, error) {
	c.ID, c.At = db.newID(), moment(db.orNow(c.At).UnixMilli())
	e := closingEvent(c)
	err := db.tx(ctx, func(tx *sql.Tx) error {
		if err := nextClosing(ctx, tx, c); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO closings ("+closingColumns+") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
			c.ID, string(c.Month), c.Version, c.Statement.String(), c.Facts.String(), c.Counted, string(c.Who), c.At.UnixMilli(), flag(c.Demo)); err != nil {
			return err
		}
		return db.log(ctx, tx, e)
	})
	if err != nil { // of two at once on PostgreSQL the table takes one: the other is told why
		if late := nextClosing(ctx, db.read, c); errors.Is(late, dossier.ErrConflict) {
			err = late
		}
	}
	return c, named(err, "add the closing of %s", c.Month)
}

// nextClosing says with [dossier.ErrConflict] that c is not what comes next.
func nextClosing(ctx context.Context, a asker, c closing.Closing) error {
	last, err := one(ctx, a, single[string], "SELECT COALESCE(MAX(period), '') FROM closings")
	if err != nil {
		return err
	}
	version, err := one(ctx, a, single[int], "SELECT COALESCE(MAX(version), 0) FROM closings WHERE period = $1", string(c.Month))
	if err == nil && (c.Version != version+1 || c.Version == 1 && last != "" && closing.Month(last).Next() != c.Month) {
		err = fmt.Errorf("%w: it is not the version, or the month, that comes next", dossier.ErrConflict)
	}
	return err
}

// closingEvent is what the log says of a closing.
func closingEvent(c closing.Closing) ledger.Event {
	e := ledger.Event{ID: c.ID, Kind: ledger.Closing, Act: "close", At: c.At.UnixMilli(), Who: string(c.Who), Subject: string(c.Month),
		Version: int64(c.Version), Amount: c.Counted, Demo: c.Demo,
		Made: []ledger.Made{{Part: statementPart, Sum: c.Statement.String()}, {Part: factsPart, Sum: c.Facts.String()}}}
	if c.Version > 1 {
		e.Act = "correct"
	}
	return e
}

// fileOf returns the digest of a file that an event brought.
func fileOf(e *ledger.Event, part string) string {
	for _, m := range e.Made {
		if m.Part == part {
			return m.Sum
		}
	}
	return ""
}
