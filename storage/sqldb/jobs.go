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
// epoch. The longest unmoved come first; archived ones whose day of renewal has
// come, the most urgent first, when there is nothing else to do.
func (db *DB) Lease(ctx context.Context, n int, d time.Duration) ([]dossier.Job, error) {
	jobs, err := db.lease(ctx, n, d, "changed", func(w *where) { among(w, owed(), "state") })
	if err == nil && len(jobs) < n {
		var more []dossier.Job
		more, err = db.LeaseRenewals(ctx, n-len(jobs), d)
		jobs = append(jobs, more...)
	}
	return jobs, named(err, "lease")
}

// LeaseRenewals is [DB.Lease] for renewals alone.
func (db *DB) LeaseRenewals(ctx context.Context, n int, d time.Duration) ([]dossier.Job, error) {
	jobs, err := db.lease(ctx, n, d, "proof_until", func(w *where) { w.and(dueWhere, db.dueBy(db.now())) })
	return jobs, named(err, "lease renewals")
}

// HurryRenewals lets renewals that wait for their next try be tried at once.
func (db *DB) HurryRenewals(ctx context.Context) error {
	var w where
	w.and(dueWhere, db.dueBy(db.now()))
	_, err := db.write.ExecContext(ctx, "UPDATE documents SET next_try = 0"+w.String()+" AND next_try > 0", w.values...)
	return named(err, "hurry renewals")
}

// dueWhere finds the documents whose proof ends by a time. Only what is archived
// has one; that is not asked for, or SQLite would go through all the archive.
const dueWhere = "proof_until > 0 AND proof_until <= %s"

// dueBy is when the proof ends of what is due at a time.
func (db *DB) dueBy(at time.Time) int64 { return at.Add(db.aheadAt(at)).UnixMilli() }

// aheadAt is how long before its end a proof is renewed.
func (db *DB) aheadAt(at time.Time) time.Duration {
	if db.ahead > 0 {
		return db.ahead
	}
	return dossier.PolicyAt(at).Ahead
}

// owes returns the act that the machine owes d now.
func (db *DB) owes(d dossier.Document) (dossier.Act, bool) {
	if act, ok := dossier.Due(d.State); ok {
		return act, true
	}
	act, ok := dossier.Scheduled(d.State)
	return act, ok && !d.Proof.Until.IsZero() && d.Proof.Until.UnixMilli() <= db.dueBy(db.now())
}

// actOf returns the act of the line for a state.
func actOf(s dossier.State) dossier.Act {
	if act, ok := dossier.Due(s); ok {
		return act
	}
	act, _ := dossier.Scheduled(s)
	return act
}

func (db *DB) lease(ctx context.Context, n int, d time.Duration, order string, which func(*where)) ([]dossier.Job, error) {
	if n <= 0 {
		return nil, nil
	}
	now := db.now()
	var w where
	until, at := w.value(now.Add(d).UnixMilli()), w.value(now.UnixMilli())
	free := fmt.Sprintf("lease_until <= %s AND next_try <= %s", at, at)
	w.and(free)
	which(&w)
	some := "SELECT id FROM documents" + w.String() + " ORDER BY " + order + ", id" + limited(n) + db.skipLocked
	// Most sweeps find nothing: they need not wait for a writer.
	if due, err := exists(ctx, db.read, "SELECT 1 FROM documents"+w.String()+" AND CAST("+until+" AS BIGINT) > 0", w.values...); err != nil || !due {
		return nil, err
	}
	type leased struct {
		dossier.Job
		place int64
	}
	found, err := all(ctx, db.write, func(r row) (l leased, err error) {
		var s dossier.State
		err = r.Scan(&l.Document, &l.Version, &l.Epoch, &s, &l.place)
		l.Act = actOf(s)
		return l, err
	}, "WITH taken AS MATERIALIZED ("+some+") UPDATE documents SET epoch = epoch + 1, lease_until = "+until+
		" WHERE id IN (SELECT id FROM taken) AND "+free+" RETURNING id, version, epoch, state, "+order, w.values...)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(found, func(a, b leased) int { // RETURNING has no order
		return cmp.Or(cmp.Compare(a.place, b.place), cmp.Compare(a.Document, b.Document))
	})
	var jobs []dossier.Job
	for _, l := range found {
		jobs = append(jobs, l.Job)
	}
	return jobs, nil
}

// Hold keeps jobs held for d from now on, in one transaction. It returns those
// that are echoes, which it leaves alone.
func (db *DB) Hold(ctx context.Context, jobs []dossier.Job, d time.Duration) (lost []dossier.Job, err error) {
	err = db.tx(ctx, func(tx *sql.Tx) error {
		lost = nil
		for _, j := range jobs {
			n, err := affected(tx.ExecContext(ctx, `
				UPDATE documents SET lease_until = $1 WHERE id = $2 AND version = $3 AND epoch = $4 AND lease_until > 0`,
				db.now().Add(d).UnixMilli(), string(j.Document), j.Version, j.Epoch))
			if err != nil {
				return err
			}
			if n == 0 {
				lost = append(lost, j)
			}
		}
		return nil
	})
	return lost, named(err, "hold %d jobs", len(jobs))
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
		if act, due := db.owes(doc); n == 0 || !due || act != j.Act {
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
// attempts are those that ended without a word, one after another. The first
// trouble since the last move says since when there is some. It wraps
// [dossier.ErrConflict] if the job is an echo, as in [DB.Claim].
func (db *DB) Postpone(ctx context.Context, j dossier.Job, until time.Time, trouble string) error {
	err := db.tx(ctx, func(tx *sql.Tx) error {
		n, err := affected(tx.ExecContext(ctx, `
			UPDATE documents SET attempts = 0,
				next_try = $1, trouble = $2, lease_until = 0,
				trouble_since = CASE WHEN $2 = '' OR trouble_since > 0 THEN trouble_since ELSE $6 END
			WHERE id = $3 AND version = $4 AND epoch = $5`,
			until.UnixMilli(), trouble, string(j.Document), j.Version, j.Epoch, db.now().UnixMilli()))
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
