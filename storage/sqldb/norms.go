package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/norm"
	"sohoa/dossier/retention"
	"sohoa/storage/ledger"
)

// PutNorm is what the log says of a norm that was added.
const PutNorm = "put-norm"

const normColumns = "id, sort, name, since, said, law, article, grade, note, who, at, demo"

func scanNorm(r row) (n norm.Norm, err error) {
	var since string
	var at int64
	if err := r.Scan(&n.ID, &n.Sort, &n.Name, &since, &n.Said, &n.Law, &n.Article, &n.Grade, &n.Note, &n.Who, &at, &n.Demo); err != nil {
		return n, err
	}
	n.At = moment(at)
	n.From, err = dayIn(since)
	return n, err
}

func putNorm(ctx context.Context, x execer, n norm.Norm) error {
	_, err := x.ExecContext(ctx, "INSERT INTO norms ("+normColumns+") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
		n.ID, string(n.Sort), n.Name, dayOf(n.From), n.Said, n.Law, n.Article, string(n.Grade), n.Note, string(n.Who), n.At.UnixMilli(), flag(n.Demo))
	return err
}

// seedNorms writes the norms that the program comes with, those that are not there.
func (db *DB) seedNorms(ctx context.Context) error {
	there, err := all(ctx, db.write, single[string], "SELECT id FROM norms WHERE who = $1", string(retention.Program))
	if err != nil {
		return named(err, "norms")
	}
	known := map[string]bool{}
	for _, id := range there {
		known[id] = true
	}
	for _, n := range norm.Seed() {
		if known[n.ID] {
			continue
		}
		if err := putNorm(ctx, db.write, n); err != nil {
			if late, _ := exists(ctx, db.write, "SELECT 1 FROM norms WHERE id = $1", n.ID); !late { // another one was faster
				return named(err, "norms")
			}
		}
	}
	return nil
}

// Norms returns all norms, by sort, name and day.
func (db *DB) Norms(ctx context.Context) (norm.Norms, error) {
	found, err := normsOf(ctx, db.read)
	return found, named(err, "norms")
}

func normsOf(ctx context.Context, a asker) (norm.Norms, error) {
	return all(ctx, a, scanNorm, "SELECT "+normColumns+" FROM norms ORDER BY sort, name, since")
}

// AddNorm adds a norm in an administrator's name and returns it with its ID. One of
// that day wraps [dossier.ErrConflict]: norms are never changed, the next one has a
// later day.
func (db *DB) AddNorm(ctx context.Context, n norm.Norm, by dossier.Role) (norm.Norm, error) {
	if by != dossier.Admin {
		return n, fmt.Errorf("add a norm: %w: only an administrator does", dossier.ErrForbidden)
	}
	if n.Who == "" {
		return n, fmt.Errorf("add a norm: %w: nobody is named who does it", dossier.ErrInvalid)
	}
	n.ID, n.At = db.newID(), moment(db.now().UnixMilli())
	if err := n.Check(); err != nil {
		return n, err
	}
	n.From, _ = dayIn(dayOf(n.From))
	err := db.tx(ctx, func(tx *sql.Tx) error {
		taken, err := exists(ctx, tx, "SELECT 1 FROM norms WHERE sort = $1 AND name = $2 AND since = $3", string(n.Sort), n.Name, dayOf(n.From))
		if err == nil && taken {
			err = fmt.Errorf("%w: there is a norm of that day: the next one has a later day", dossier.ErrConflict)
		}
		if err != nil {
			return err
		}
		if err := putNorm(ctx, tx, n); err != nil {
			return err
		}
		return db.log(ctx, tx, ledger.Event{Kind: ledger.House, Act: PutNorm, At: n.At.UnixMilli(), Who: string(n.Who), Role: string(by),
			Subject: n.ID, Law: n.Cites(), Sum: n.Sum().String(), Demo: n.Demo})
	})
	return n, named(err, "add a norm")
}

// normRows compares norms with what the log says of them.
func (a *audit) normRows() error {
	return a.scan("SELECT "+normColumns+" FROM norms", 12, func(v []driver.Value) error {
		n := norm.Norm{ID: said(v[0]), Sort: norm.Sort(said(v[1])), Name: said(v[2]), Said: said(v[4]), Law: said(v[5]), Article: said(v[6]),
			Grade: retention.Grade(said(v[7])), Note: said(v[8]), Who: dossier.PersonID(said(v[9]))}
		n.From, _ = dayIn(said(v[3]))
		at, _ := strconv.ParseInt(said(v[10]), 10, 64)
		n.At = moment(at)
		a.has(laneNorms, 1, strings.Join([]string{n.ID, n.Sum().String()}, unit))
		return nil
	})
}

// A ResultCode is the vocabulary's.
type ResultCode = norm.ResultCode

// ResultCode returns the code of an archived document, and gives it one if it has
// none yet. What is not archived wraps [dossier.ErrNotFound].
func (db *DB) ResultCode(ctx context.Context, id dossier.DocumentID) (c ResultCode, err error) {
	scan := func(r row) (c ResultCode, err error) { return c, r.Scan(&c.Code, &c.Norm) }
	const query = "SELECT code, norm FROM result_codes WHERE document = $1"
	if c, err = one(ctx, db.read, scan, query, string(id)); !errors.Is(err, dossier.ErrNotFound) {
		return c, named(err, "code of %s", id)
	}
	err = db.tx(ctx, func(tx *sql.Tx) error {
		if c, err = one(ctx, tx, scan, query, string(id)); !errors.Is(err, dossier.ErrNotFound) {
			return err
		}
		if err := db.codeResult(ctx, tx, id); err != nil {
			return err
		}
		c, err = one(ctx, tx, scan, query, string(id))
		return err
	})
	return c, named(err, "code of %s", id)
}

// mostCodes bounds how many numbers are tried.
const mostCodes = 1000

// codeResult gives an archived document its code, by the norm of the day on which it
// was archived. Two at once of one dossier wait for each other.
func (db *DB) codeResult(ctx context.Context, tx *sql.Tx, id dossier.DocumentID) error {
	c, electronic, demo, at, err := coded(ctx, tx, id)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "UPDATE dossiers SET filled = filled WHERE code = $1", string(c.Dossier)); err != nil {
		return err
	}
	norms, err := normsOf(ctx, tx)
	if err != nil {
		return err
	}
	name := ""
	if electronic {
		name = norm.Electronic
	}
	n, ok := norms.On(norm.Code, name, at)
	if !ok {
		return fmt.Errorf("%w: no norm says how a code of %s is made", dossier.ErrInvalid, at.Format(time.DateOnly))
	}
	for c.N = 1; c.N <= mostCodes; c.N++ {
		code := norm.Make(n.Said, c)
		taken, err := exists(ctx, tx, "SELECT 1 FROM result_codes WHERE code = $1", code)
		switch {
		case err != nil:
			return err
		case !taken:
			_, err := tx.ExecContext(ctx, "INSERT INTO result_codes (document, code, norm, demo) VALUES ($1, $2, $3, $4)", string(id), code, n.ID, flag(demo))
			return err
		case !norm.Numbered(n.Said):
			return fmt.Errorf("%w: the code of %s is taken", dossier.ErrConflict, id)
		}
	}
	return fmt.Errorf("%w: %d numbers are taken", dossier.ErrConflict, mostCodes)
}

// coded is what the code of an archived document is made of. Electronic are results
// that came in signed, and are kept as they came.
func coded(ctx context.Context, a asker, id dossier.DocumentID) (c norm.Coded, electronic, demo bool, at time.Time, err error) {
	var changed int64
	_, err = one(ctx, a, func(r row) (struct{}, error) {
		return struct{}{}, r.Scan(&c.Kind, &c.Dossier, &c.Slot, &c.Holder, &c.Issued, &demo, &electronic, &changed)
	}, `SELECT d.kind, d.dossier, d.slot, h.number, e.issued, d.demo,
			CASE WHEN d.slot = $2 AND EXISTS (SELECT 1 FROM made m WHERE m.document = d.id AND m.part = $3) THEN 1 ELSE 0 END, e.added
		FROM documents d JOIN entries e ON e.document = d.id JOIN holders h ON h.id = e.holder WHERE d.id = $1`,
		string(id), string(dossier.ResultSlot), string(dossier.PartAdopted))
	return c, electronic, demo, moment(changed), err
}
