package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"sohoa/dossier/digest"
	"sohoa/dossier/fixity"
)

const holdingColumns = "store, digest, state, size, seen"

func scanHolding(r row) (h fixity.Holding, err error) {
	var sum string
	var seen int64
	if err := r.Scan(&h.Store, &sum, &h.State, &h.Size, &seen); err != nil {
		return h, err
	}
	h.Seen = moment(seen)
	h.Digest, err = digest.Parse(sum)
	return h, err
}

// Holdings returns up to n files of a store that were last looked at before a
// time, those first that nobody has looked at for longest. Without states, all
// but those that are owed; files that are owed were put on the list then.
func (db *DB) Holdings(ctx context.Context, store fixity.Store, before time.Time, n int, states ...fixity.State) ([]fixity.Holding, error) {
	var w where
	w.and("store = %s AND seen < %s", string(store), before.UnixMilli())
	w.and("state <> %s", otherThan(states))
	among(&w, states, "state")
	if len(states) > 0 {
		w.and("state <> 'kept'") // lets SQLite see which index has them all
	}
	found, err := all(ctx, db.read, scanHolding, "SELECT "+holdingColumns+" FROM holdings"+w.String()+" ORDER BY seen"+limited(n), w.values...)
	return found, named(err, "holdings of the %s store", store)
}

// otherThan is the state that is left out when no states are asked for.
func otherThan(states []fixity.State) string {
	if len(states) == 0 {
		return string(fixity.Owed)
	}
	return ""
}

// Saw writes what a look at files, or a mending, came to: the holding and its
// findings, or, if the file is none of the archive any more, neither.
func (db *DB) Saw(ctx context.Context, seen map[fixity.Holding][]fixity.Finding) error {
	err := db.tx(ctx, func(tx *sql.Tx) error {
		for h, found := range seen {
			n, err := affected(tx.ExecContext(ctx, "UPDATE holdings SET state = $1, size = CASE WHEN $2 < 0 THEN size ELSE $2 END, seen = $3 WHERE store = $4 AND digest = $5",
				string(h.State), h.Size, h.Seen.UnixMilli(), string(h.Store), h.Digest.String()))
			if err != nil {
				return err
			}
			if n == 0 { // let go of meanwhile: what a copy or a mending put there has to leave again
				if _, err := db.cameBack(ctx, tx, h.Store, h.Digest, h.Seen); err != nil {
					return err
				}
				continue
			}
			for _, f := range found {
				if err := db.found(ctx, tx, f); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return named(err, "write what was seen")
}

func (db *DB) found(ctx context.Context, tx *sql.Tx, f fixity.Finding) error {
	_, err := tx.ExecContext(ctx, "INSERT INTO findings (id, at, store, digest, what, evidence, who) VALUES ($1, $2, $3, $4, $5, $6, $7)",
		db.newID(), f.At.UnixMilli(), string(f.Store), f.Digest.String(), string(f.What), f.Evidence, f.Who)
	return err
}

// Findings returns the newest n findings, the newest first.
func (db *DB) Findings(ctx context.Context, n int) ([]fixity.Finding, error) {
	found, err := all(ctx, db.read, func(r row) (f fixity.Finding, err error) {
		var sum string
		var at int64
		if err := r.Scan(&at, &f.Store, &sum, &f.What, &f.Evidence, &f.Who); err != nil {
			return f, err
		}
		f.At = moment(at)
		f.Digest, err = digest.Parse(sum)
		return f, err
	}, "SELECT at, store, digest, what, evidence, who FROM findings ORDER BY at DESC, id DESC"+limited(n))
	return found, named(err, "findings")
}

// Tally counts the files of a store; orphans first seen before a time may be
// pruned.
func (db *DB) Tally(ctx context.Context, store fixity.Store, before time.Time) (fixity.Tally, error) {
	t := fixity.Tally{Store: store, Counts: map[fixity.State]int64{}}
	type line struct {
		state               fixity.State
		n, bytes, oldestOne int64
	}
	lines, err := all(ctx, db.read, func(r row) (l line, err error) {
		return l, r.Scan(&l.state, &l.n, &l.bytes, &l.oldestOne)
	}, `SELECT state, COUNT(*), SUM(CASE WHEN size < 0 THEN 0 ELSE size END), MIN(seen)
		FROM holdings WHERE store = $1 GROUP BY state`, string(store))
	if err != nil {
		return t, named(err, "tally the %s store", store)
	}
	for _, l := range lines {
		t.Counts[l.state] = l.n
		t.Bytes += l.bytes
		switch l.state {
		case fixity.Kept:
			t.Oldest = moment(l.oldestOne)
		case fixity.Owed:
			t.Waiting = moment(l.oldestOne)
		}
	}
	if t.Walk, err = db.walk(ctx, store); err != nil {
		return t, named(err, "tally the %s store", store)
	}
	_, err = one(ctx, db.read, func(r row) (struct{}, error) {
		return struct{}{}, r.Scan(&t.Orphans, &t.OrphanBytes, &t.Prunable)
	}, `SELECT COUNT(*), COALESCE(SUM(size), 0), COALESCE(SUM(CASE WHEN first < $2 THEN 1 ELSE 0 END), 0)
		FROM orphans WHERE store = $1`, string(store), before.UnixMilli())
	return t, named(err, "tally the %s store", store)
}

// HoldingCount returns how many files a store has or is owed.
func (db *DB) HoldingCount(ctx context.Context, store fixity.Store) (int64, error) {
	n, err := one(ctx, db.read, single[int64], "SELECT COUNT(*) FROM holdings WHERE store = $1", string(store))
	return n, named(err, "count the %s store", store)
}

// Redate says of the files of a store whose last look lies after a time, as a clock that
// went back leaves them, that it was at another, and returns how many these were.
func (db *DB) Redate(ctx context.Context, store fixity.Store, after, to time.Time) (n int, err error) {
	n, err = affected(db.write.ExecContext(ctx, "UPDATE holdings SET seen = $3 WHERE store = $1 AND seen > $2", string(store), after.UnixMilli(), to.UnixMilli()))
	return n, named(err, "look at the %s store anew", store)
}

func (db *DB) walk(ctx context.Context, store fixity.Store) (fixity.Walk, error) {
	found, err := all(ctx, db.read, func(r row) (w fixity.Walk, err error) {
		var began, ended int64
		err = r.Scan(&began, &ended, &w.Blobs)
		w.Began, w.Ended = moment(began), moment(ended)
		return w, err
	}, "SELECT began, ended, blobs FROM walks WHERE store = $1", string(store))
	if err != nil || len(found) == 0 {
		return fixity.Walk{}, err
	}
	return found[0], nil
}

// LastWalk returns the last complete look for orphans in a store.
func (db *DB) LastWalk(ctx context.Context, store fixity.Store) (fixity.Walk, error) {
	w, err := db.walk(ctx, store)
	return w, named(err, "last walk through the %s store", store)
}

// naming are the columns in which a row names a file. What is in none of them
// is an orphan: a table that comes to name files belongs here, as a test of this
// room says. Documents that were disposed of name nothing any more.
var naming = [...][2]string{{"made", "digest"}, {"log_checkpoints", "sum"}, {"log_checkpoints", "stamp"}, {"closings", "digest"}, {"closings", "facts"}, {"closing_seals", "report"}, {"closing_seals", "signature"}, {"closing_renewals", "report"}, {"closing_renewals", "evidence"}, {"batch_files", "digest"}, {"drops", "digest"}}

// Unnamed returns those of digests that no row names.
func (db *DB) Unnamed(ctx context.Context, digests []digest.Digest) ([]digest.Digest, error) {
	out, err := unnamed(ctx, db.read, digests)
	return out, named(err, "look for names")
}

func unnamed(ctx context.Context, a asker, digests []digest.Digest) (out []digest.Digest, err error) {
	for _, d := range digests {
		known := false
		for _, n := range naming {
			query := fmt.Sprintf("SELECT 1 FROM %s WHERE %s = $1", n[0], n[1])
			if n[0] == "made" {
				query += " AND EXISTS (SELECT 1 FROM documents d WHERE d.id = made.document AND d.disposed = 0)"
			}
			if known, err = exists(ctx, a, query, d.String()); err != nil {
				return nil, err
			} else if known {
				break
			}
		}
		if !known {
			out = append(out, d)
		}
	}
	return out, nil
}

// Strayed notes orphans; one that was noted before is the same one still. Bytes
// that were disposed of and are there again, out of a backup or a mirror, are no
// orphans: they have to leave again.
func (db *DB) Strayed(ctx context.Context, orphans []fixity.Orphan) error {
	err := db.tx(ctx, func(tx *sql.Tx) error {
		for _, o := range orphans {
			still, err := unnamed(ctx, tx, []digest.Digest{o.Digest}) // it may have been named since
			if err != nil {
				return err
			}
			if len(still) == 0 {
				continue
			}
			if back, err := db.cameBack(ctx, tx, o.Store, o.Digest, o.Last); err != nil {
				return err
			} else if back {
				continue
			}
			if _, err := tx.ExecContext(ctx, `INSERT INTO orphans (store, digest, size, first, last) VALUES ($1, $2, $3, $4, $4)
				ON CONFLICT (store, digest) DO UPDATE SET last = excluded.last, size = excluded.size`,
				string(o.Store), o.Digest.String(), o.Size, o.Last.UnixMilli()); err != nil {
				return err
			}
		}
		return nil
	})
	return named(err, "note orphans")
}

// Walked notes a complete look for orphans: what it did not see is none.
func (db *DB) Walked(ctx context.Context, store fixity.Store, w fixity.Walk) error {
	err := db.tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM orphans WHERE store = $1 AND last < $2", string(store), w.Began.UnixMilli()); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO walks (store, began, ended, blobs) VALUES ($1, $2, $3, $4)
			ON CONFLICT (store) DO UPDATE SET began = excluded.began, ended = excluded.ended, blobs = excluded.blobs`,
			string(store), w.Began.UnixMilli(), w.Ended.UnixMilli(), w.Blobs)
		return err
	})
	return named(err, "note a walk through the %s store", store)
}

// Orphans returns the orphans of a store that were first seen before a time.
func (db *DB) Orphans(ctx context.Context, store fixity.Store, before time.Time, limit int) ([]fixity.Orphan, error) {
	found, err := all(ctx, db.read, func(r row) (o fixity.Orphan, err error) {
		var sum string
		var first, last int64
		if err := r.Scan(&o.Store, &sum, &o.Size, &first, &last); err != nil {
			return o, err
		}
		o.First, o.Last = moment(first), moment(last)
		o.Digest, err = digest.Parse(sum)
		return o, err
	}, "SELECT store, digest, size, first, last FROM orphans WHERE store = $1 AND first < $2 ORDER BY digest"+limited(limit),
		string(store), before.UnixMilli())
	return found, named(err, "orphans of the %s store", store)
}

// Pruned notes that an orphan was removed, in the operator's name. It is to be
// called before the file goes: it wraps an error, and nothing is noted, if a row
// names the file by now.
func (db *DB) Pruned(ctx context.Context, f fixity.Finding) error {
	err := db.tx(ctx, func(tx *sql.Tx) error {
		still, err := unnamed(ctx, tx, []digest.Digest{f.Digest})
		if err != nil {
			return err
		}
		if len(still) == 0 {
			return errors.New("a row names it")
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM orphans WHERE store = $1 AND digest = $2", string(f.Store), f.Digest.String()); err != nil {
			return err
		}
		return db.found(ctx, tx, f)
	})
	return named(err, "prune %s", f.Digest)
}

// NewestFiles returns the files that the newest n rows of the ledger brought.
func (db *DB) NewestFiles(ctx context.Context, n int) ([]digest.Digest, error) {
	found, err := all(ctx, db.read, func(r row) (digest.Digest, error) {
		var s string
		if err := r.Scan(&s); err != nil {
			return digest.Digest{}, err
		}
		return digest.Parse(s)
	}, `SELECT m.digest FROM made m JOIN documents d ON d.id = m.document WHERE d.disposed = 0
		ORDER BY m.document DESC, m.version DESC`+limited(n))
	return found, named(err, "newest files")
}
