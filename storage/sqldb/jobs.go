package sqldb

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
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
// epoch. The lanes come one after the other, each by turns ([DB.LeaseLane]);
// archived ones whose day of renewal has come, the most urgent first, when there
// is nothing else to do.
func (db *DB) Lease(ctx context.Context, n int, d time.Duration) ([]dossier.Job, error) {
	var jobs []dossier.Job
	for _, lane := range dossier.Lanes {
		for len(jobs) < n { // a round takes no more of an agency than its turn
			more, err := db.LeaseLane(ctx, lane, n-len(jobs), 0, d)
			if err != nil {
				return nil, err
			}
			jobs = append(jobs, more...)
			if len(more) == 0 {
				break
			}
		}
	}
	if len(jobs) >= n {
		return jobs, nil
	}
	more, err := db.LeaseRenewals(ctx, n-len(jobs), d)
	return append(jobs, more...), err
}

// LeaseRenewals is [DB.Lease] for renewals alone.
func (db *DB) LeaseRenewals(ctx context.Context, n int, d time.Duration) ([]dossier.Job, error) {
	jobs, err := db.lease(ctx, n, d, "proof_until", func(w *where) {
		w.and(dueWhere, db.dueBy(db.now()))
		w.and(notPaused("documents"))
	})
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
		l.Lane = dossier.Backlog
		jobs = append(jobs, l.Job)
	}
	return jobs, nil
}

// HoldWaiting keeps jobs held for d from now on that nobody has taken up yet; it
// leaves echoes alone, and those that were leased or held less than fresh ago. Whoever
// takes one up meanwhile holds it himself: such a row is passed by. Waiting for many
// rows that claims and moves are locking in another order is a deadlock, which
// PostgreSQL notices after a second, with the line standing still.
func (db *DB) HoldWaiting(ctx context.Context, jobs []dossier.Job, d, fresh time.Duration) error {
	if len(jobs) == 0 {
		return nil
	}
	var w where
	until := db.now().Add(d)
	set, old := w.value(until.UnixMilli()), w.value(until.Add(-fresh).UnixMilli())
	_, err := db.write.ExecContext(ctx, "UPDATE documents SET lease_until = "+set+" WHERE id IN (SELECT id FROM documents WHERE (id, version, epoch) IN (VALUES "+
		places(&w, jobs)+") AND lease_until > 0 AND lease_until <= "+old+db.skipLocked+")", w.values...)
	return named(err, "hold %d jobs that wait", len(jobs))
}

// places are jobs as rows of VALUES.
func places(w *where, jobs []dossier.Job) string {
	rows := make([]string, len(jobs))
	for i, j := range jobs { // PostgreSQL takes what stands in VALUES for text
		rows[i] = fmt.Sprintf("(%s, CAST(%s AS BIGINT), CAST(%s AS BIGINT))", w.value(string(j.Document)), w.value(j.Version), w.value(j.Epoch))
	}
	return strings.Join(rows, ", ")
}

// Hold keeps jobs held for d from now on, in one statement. It returns those
// that are echoes, which it leaves alone.
func (db *DB) Hold(ctx context.Context, jobs []dossier.Job, d time.Duration) (lost []dossier.Job, err error) {
	if len(jobs) == 0 {
		return nil, nil
	}
	var w where
	until := w.value(db.now().Add(d).UnixMilli())
	held, err := all(ctx, db.write, single[dossier.DocumentID], "UPDATE documents SET lease_until = "+until+
		" WHERE (id, version, epoch) IN (VALUES "+places(&w, jobs)+") AND lease_until > 0 RETURNING id", w.values...)
	if err != nil {
		return nil, named(err, "hold %d jobs", len(jobs))
	}
	for _, j := range jobs {
		if !slices.Contains(held, j.Document) {
			lost = append(lost, j)
		}
	}
	return lost, nil
}

// Claim starts work on a job, holds its document for d from now on, and returns
// it with the number of the attempt: 1 unless workers died over it before. It
// wraps [dossier.ErrConflict] if the job is an echo (its version or epoch is not
// the newest, or its act is not what is owed), and [dossier.ErrNotFound] if
// there is no such document.
func (db *DB) Claim(ctx context.Context, j dossier.Job, d time.Duration) (dossier.Document, int, error) {
	if c, told, err := db.claimGathered(ctx, j, d); told || err != nil {
		return c.document, c.attempt, named(err, "claim %s %s v%d", j.Act, j.Document, j.Version)
	}
	var attempt int
	var w where
	until := w.value(db.now().Add(d).UnixMilli())
	w.and("id = %s AND version = %s AND epoch = %s", string(j.Document), j.Version, j.Epoch)
	w.and(notPaused("documents"))
	db.owing(&w, j.Act)
	doc, err := one(ctx, db.write, func(r row) (dossier.Document, error) { return scanDocumentAnd(r, &attempt) },
		"UPDATE documents SET attempts = attempts + 1, lease_until = "+until+w.String()+" RETURNING "+bareColumns+", attempts", w.values...)
	if errors.Is(err, dossier.ErrNotFound) { // there is none, or it is an echo
		var there bool
		if there, err = exists(ctx, db.read, "SELECT 1 FROM documents WHERE id = $1", string(j.Document)); err == nil {
			if err = dossier.ErrNotFound; there {
				err = dossier.ErrConflict
			}
		}
	}
	if err != nil {
		return dossier.Document{}, 0, fmt.Errorf("claim %s %s v%d: %w", j.Act, j.Document, j.Version, err)
	}
	return doc, attempt, nil
}

// bareColumns are documentColumns where a query cannot give documents a name.
var bareColumns = strings.ReplaceAll(documentColumns, "d.", "")

// owing adds that a document is owed an act.
func (db *DB) owing(w *where, act dossier.Act) {
	var at []dossier.State
	for _, s := range dossier.States() {
		if due, ok := dossier.Due(s); ok && due == act {
			at = append(at, s)
		} else if later, ok := dossier.Scheduled(s); ok && later == act {
			at = append(at, s)
			w.and(dueWhere, db.dueBy(db.now()))
		}
	}
	among(w, append(at, "-"), "state") // no list would be all states
}

// Postpone gives a job back until a time, with the trouble shown. It is what a
// worker does that met an error and lived: no attempt counts any more, since
// attempts are those that ended without a word, one after another. The first
// trouble since the last move says since when there is some. A time that has
// come is at once, before what waited for its own. It wraps [dossier.ErrConflict] if the job is an echo, as in [DB.Claim].
func (db *DB) Postpone(ctx context.Context, j dossier.Job, until time.Time, trouble string) error {
	next := until.UnixMilli()
	if !until.After(db.now()) {
		next = 0
	}
	err := db.tx(ctx, func(tx *sql.Tx) error {
		n, err := affected(tx.ExecContext(ctx, `
			UPDATE documents SET attempts = 0,
				next_try = $1, trouble = $2, lease_until = 0,
				trouble_since = CASE WHEN $2 = '' OR trouble_since > 0 THEN trouble_since ELSE $6 END
			WHERE id = $3 AND version = $4 AND epoch = $5`,
			next, trouble, string(j.Document), j.Version, j.Epoch, db.now().UnixMilli()))
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
	return named(db.tx(ctx, func(tx *sql.Tx) error {
		for _, query := range []string{"UPDATE documents SET lease_until = 0 WHERE lease_until > 0", "UPDATE paper_batches SET leased = 0 WHERE leased > 0"} {
			if _, err := tx.ExecContext(ctx, query); err != nil {
				return err
			}
		}
		return nil
	}), "void leases")
}

// never is the time of a next try that does not come.
const never = 253_402_300_799_000

// Requeue has the machine try a document again at once: its trouble, its deaths
// and its rest are forgotten. One that is in somebody's hands stays there. A
// document that the machine owes nothing wraps [dossier.ErrConflict].
func (db *DB) Requeue(ctx context.Context, id dossier.DocumentID) error {
	return named(db.onOwed(ctx, id, "next_try = 0, attempts = 0, trouble = '', trouble_since = 0", "UPDATE page_work SET attempts = 0 WHERE document = $1"), "requeue %s", id)
}

// Halt has the machine leave a document alone until [DB.Requeue]. Whoever has it
// in hand finds it gone at the next sign of life. See [DB.Requeue] for the error.
func (db *DB) Halt(ctx context.Context, id dossier.DocumentID) error {
	return named(db.onOwed(ctx, id, fmt.Sprintf("next_try = %d, lease_until = 0, epoch = epoch + 1, trouble = 'halted: an administrator has stopped the work on this paper', trouble_since = %d", int64(never), db.now().UnixMilli()),
		"UPDATE page_work SET lease_until = 0, holder = '' WHERE document = $1 AND result IS NULL"), "halt %s", id)
}

// onOwed changes a document that is owed an act, and its pages.
func (db *DB) onOwed(ctx context.Context, id dossier.DocumentID, set, pages string) error {
	return db.tx(ctx, func(tx *sql.Tx) error {
		n, err := affected(tx.ExecContext(ctx, "UPDATE documents SET "+set+" WHERE id = $1 AND ("+isOwed+" OR proof_until > 0)", string(id)))
		if err == nil && n == 0 {
			err = dossier.ErrConflict
		}
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, pages, string(id))
		return err
	})
}
