package sqldb

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"sohoa/dossier"
)

// owed returns the states in which the machine owes an act, as the state table
// says it.
func owed() []dossier.State {
	return slices.DeleteFunc(dossier.States(), func(s dossier.State) bool {
		_, due := dossier.Due(s)
		return !due
	})
}

// Lease takes up to n documents that the machine owes an act, that nobody holds
// and whose time for a next try has come, and holds them for d. Each gets a new
// epoch. The longest unmoved come first.
func (db *DB) Lease(ctx context.Context, n int, d time.Duration) ([]dossier.Job, error) {
	jobs, err := db.lease(ctx, n, d)
	return jobs, named(err, "lease")
}

func (db *DB) lease(ctx context.Context, n int, d time.Duration) ([]dossier.Job, error) {
	if n <= 0 {
		return nil, nil
	}
	now := db.now()
	var w where
	until, at := w.value(now.Add(d).UnixMilli()), w.value(now.UnixMilli())
	free := fmt.Sprintf("lease_until <= %s AND next_try <= %s", at, at)
	w.and(free)
	among(&w, owed(), "state")
	some := "SELECT id FROM documents" + w.String() + " ORDER BY changed, id" + limited(n)
	// Most sweeps find nothing: they need not wait for a writer.
	if due, err := exists(ctx, db.read, "SELECT 1 FROM documents"+w.String()+" AND "+until+" > 0", w.values...); err != nil || !due {
		return nil, err
	}
	type leased struct {
		dossier.Job
		changed int64
	}
	found, err := all(ctx, db.write, func(r row) (l leased, err error) {
		var s dossier.State
		err = r.Scan(&l.Document, &l.Version, &l.Epoch, &s, &l.changed)
		l.Act, _ = dossier.Due(s)
		return l, err
	}, "UPDATE documents SET epoch = epoch + 1, lease_until = "+until+
		" WHERE id IN ("+some+") AND "+free+" RETURNING id, version, epoch, state, changed", w.values...)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(found, func(a, b leased) int { // RETURNING has no order
		return cmp.Or(cmp.Compare(a.changed, b.changed), cmp.Compare(a.Document, b.Document))
	})
	var jobs []dossier.Job
	for _, l := range found {
		jobs = append(jobs, l.Job)
	}
	return jobs, nil
}

// Claim starts work on a job, holds its document for d from now on, and returns
// it with the number of the attempt: 1 unless workers died over it before. It
// wraps [dossier.ErrConflict] if the job is an echo (its version or epoch is not
// the newest, or its act is not what is owed), and [dossier.ErrNotFound] if
// there is no such document.
func (db *DB) Claim(ctx context.Context, j dossier.Job, d time.Duration) (dossier.Document, int, error) {
	var doc dossier.Document
	var attempt int
	err := db.tx(ctx, func(tx *sql.Tx) error {
		n, err := affected(tx.ExecContext(ctx, `
			UPDATE documents SET attempts = attempts + 1, lease_until = $1
			WHERE id = $2 AND version = $3 AND epoch = $4`,
			db.now().Add(d).UnixMilli(), string(j.Document), j.Version, j.Epoch))
		if err != nil {
			return err
		}
		doc, err = one(ctx, tx, func(r row) (dossier.Document, error) { return scanDocumentAnd(r, &attempt) },
			"SELECT "+documentColumns+", d.attempts FROM documents d WHERE d.id = $1", string(j.Document))
		if err != nil {
			return err
		}
		if act, due := dossier.Due(doc.State); n == 0 || !due || act != j.Act {
			return dossier.ErrConflict
		}
		return nil
	})
	if err != nil {
		return dossier.Document{}, 0, fmt.Errorf("claim %s %s v%d: %w", j.Act, j.Document, j.Version, err)
	}
	return doc, attempt, nil
}

// Postpone gives a job back until a time, with the trouble shown. It is what a
// worker does that met an error and lived: no attempt counts any more, since
// attempts are those that ended without a word, one after another. It wraps
// [dossier.ErrConflict] if the job is an echo, as in [DB.Claim].
func (db *DB) Postpone(ctx context.Context, j dossier.Job, until time.Time, trouble string) error {
	err := db.tx(ctx, func(tx *sql.Tx) error {
		n, err := affected(tx.ExecContext(ctx, `
			UPDATE documents SET attempts = 0,
				next_try = $1, trouble = $2, lease_until = 0
			WHERE id = $3 AND version = $4 AND epoch = $5`,
			until.UnixMilli(), trouble, string(j.Document), j.Version, j.Epoch))
		if err != nil || n > 0 {
			return err
		}
		if _, err := one(ctx, tx, single[string], "SELECT id FROM documents WHERE id = $1", string(j.Document)); err != nil {
			return err
		}
		return dossier.ErrConflict
	})
	return named(err, "postpone %s %s v%d", j.Act, j.Document, j.Version)
}

// VoidLeases ends all leases: at the start of a house that is alone on its
// database, whoever held one is dead. Attempts stay counted.
func (db *DB) VoidLeases(ctx context.Context) error {
	_, err := db.write.ExecContext(ctx, "UPDATE documents SET lease_until = 0 WHERE lease_until > 0")
	return named(err, "void leases")
}
