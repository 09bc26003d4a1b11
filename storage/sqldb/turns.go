package sqldb

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"sohoa/dossier"
)

// isOwed is the states of [owed] as the index documents_owed has them: written
// out, since an index over some rows is used only where its condition stands.
var isOwed = func() string {
	var list []string
	for _, s := range owed() {
		list = append(list, "'"+string(s)+"'")
	}
	return "state IN (" + strings.Join(list, ", ") + ")"
}()

// notPaused leaves out documents, by the name that a query has for them, that an
// administrator has stopped.
func notPaused(documents string) string {
	return "NOT EXISTS (SELECT 1 FROM line_shares p WHERE p.paused = 1 AND p.agency IN ('*', " + documents + ".agency))"
}

// A turn is an agency that has something due in a lane, and what it had so far.
// Times here are pages: the agency whose last one ended first by them is next
// (start-time fair queueing, Goyal, Vin and Cheng 1996).
type turn struct {
	agency  dossier.AgencyCode
	weight  int64
	served  int64 // where its last page ended
	retried bool  // some of it was tried before, and its next try has come
	idle    bool  // nothing of it waits in the queue or is under way
	takes   int
	ahead   bool
	first   int64 // where the first of this round begins
}

// page is how long a page is for an agency of weight 1.
const page = 10_000

// LeaseLane is [DB.Lease] in one lane, by turns: each agency as many pages as its
// weight has it, whatever its backlog, and what it did not use it does not save.
// Up to n jobs are taken, and up to ahead of agencies that had less than their
// share, or of which nothing is in the queue or under way: their jobs say so. An
// agency, and the line, may be paused.
func (db *DB) LeaseLane(ctx context.Context, lane dossier.Lane, n, ahead int, d time.Duration) ([]dossier.Job, error) {
	now := db.now()
	at, turns, err := db.turns(ctx, lane, now)
	if err != nil || len(turns) == 0 {
		return nil, named(err, "turns")
	}
	picked := pick(turns, at, n, ahead)
	if len(picked) == 0 {
		return nil, nil
	}
	jobs, had, err := db.take(ctx, lane, picked, now, d)
	if err != nil {
		return nil, named(err, "lease")
	}
	return jobs, named(db.charge(ctx, at, picked, had), "count turns")
}

// firstOwed is among how many of an agency's papers those in the queue are looked for:
// the longest due are leased first.
const firstOwed = 100

// turns lists the agencies with something due in a lane, and where the line is.
// It goes from one to the next in the index, and does not see how much they have.
func (db *DB) turns(ctx context.Context, lane dossier.Lane, now time.Time) (at int64, turns []*turn, err error) {
	const due = "FROM documents d WHERE d.lane = $1 AND d.agency = a.agency AND d.lease_until <= $2 AND "
	owed := strings.ReplaceAll(isOwed, "state", "d.state")
	turns, err = all(ctx, db.read, func(r row) (*turn, error) {
		t := &turn{}
		return t, r.Scan(&t.agency, &t.weight, &t.served, &t.retried, &t.idle)
	}, `WITH RECURSIVE a(agency) AS (
			SELECT (SELECT d.agency FROM documents d WHERE d.lane = $1 AND `+owed+` ORDER BY d.agency LIMIT 1)
			UNION ALL
			SELECT (SELECT d.agency FROM documents d WHERE d.lane = $1 AND d.agency > a.agency AND `+owed+` ORDER BY d.agency LIMIT 1)
			FROM a WHERE a.agency IS NOT NULL),
		seen AS (SELECT a.agency,
			EXISTS (SELECT 1 `+due+`d.next_try = 0 AND `+owed+`) AS fresh,
			EXISTS (SELECT 1 `+due+`d.next_try > 0 AND d.next_try <= $2 AND `+owed+`) AS retried
			FROM a WHERE a.agency IS NOT NULL)
		SELECT a.agency, COALESCE(s.weight, `+fmt.Sprint(dossier.UsualWeight)+`), COALESCE(s.served, 0), a.retried,
			NOT EXISTS (SELECT 1 FROM (SELECT d.lease_until FROM documents d WHERE d.lane = $1 AND d.agency = a.agency AND `+owed+`
				ORDER BY d.next_try, d.received, d.id`+limited(firstOwed)+`) AS f WHERE f.lease_until > $2)
		FROM seen a LEFT JOIN line_shares s ON s.agency = a.agency
		WHERE COALESCE(s.paused, 0) = 0 AND (a.fresh OR a.retried)`, int64(lane), now.UnixMilli())
	if err != nil || len(turns) == 0 { // as mostly in most lanes
		return at, nil, err
	}
	paused := false
	if _, err = all(ctx, db.read, func(r row) (struct{}, error) { return struct{}{}, r.Scan(&at, &paused) },
		"SELECT served, paused FROM line_shares WHERE agency = '*'"); err != nil || paused {
		return at, nil, err
	}
	return at, turns, nil
}

// pick says whose turn it is, page by page.
func pick(turns []*turn, at int64, n, ahead int) []*turn {
	ends := map[*turn]int64{}
	for _, t := range turns {
		ends[t] = t.served
	}
	for len(ends) > 0 {
		next := slices.MinFunc(slices.Collect(maps.Keys(ends)), func(a, b *turn) int {
			return cmp.Or(cmp.Compare(max(ends[a], at), max(ends[b], at)), cmp.Compare(ends[a], ends[b]), cmp.Compare(a.agency, b.agency))
		})
		// The line's place moves when papers are leased, not when they are read: at the end
		// of a backlog all of it waits in the queue, the place stands still, and whoever
		// had a page since would stand behind all that waits.
		begins, behind := max(ends[next], at), ends[next] < at || next.idle && next.takes == 0
		room := &n
		if behind && ahead > 0 {
			room = &ahead
		}
		if *room <= 0 {
			delete(ends, next)
			continue
		}
		*room--
		if next.takes == 0 {
			next.first, next.ahead = begins, behind
		}
		next.takes++
		ends[next] = begins + page/next.weight
		at = begins
	}
	picked := slices.DeleteFunc(slices.Clone(turns), func(t *turn) bool { return t.takes == 0 })
	slices.SortFunc(picked, func(a, b *turn) int { return cmp.Or(cmp.Compare(a.first, b.first), cmp.Compare(a.agency, b.agency)) })
	return picked
}

// take leases what was picked, and returns how many pages each agency then had.
func (db *DB) take(ctx context.Context, lane dossier.Lane, picked []*turn, now time.Time, d time.Duration) ([]dossier.Job, map[dossier.AgencyCode]int64, error) {
	var w where
	until, ms, of := w.value(now.Add(d).UnixMilli()), w.value(now.UnixMilli()), w.value(int64(lane))
	var some []string
	add := func(t *turn, try string, n int) {
		if n > 0 {
			some = append(some, fmt.Sprintf("SELECT id FROM (SELECT id FROM documents WHERE lane = %s AND agency = %s AND next_try %s AND lease_until <= %s AND %s ORDER BY next_try, received, id LIMIT %d%s) t%d",
				of, w.value(string(t.agency)), try, ms, isOwed, n, db.skipLocked, len(some)))
		}
	}
	for _, t := range picked {
		again := 0
		if t.retried { // what was tried before gets half, wherever it stands
			again = (t.takes + 1) / 2
		}
		add(t, "> 0 AND next_try <= "+ms, again)
		add(t, "= 0", t.takes-again)
	}
	type leased struct {
		dossier.Job
		agency          dossier.AgencyCode
		received, pages int64
	}
	found, err := all(ctx, db.write, func(r row) (l leased, err error) {
		var s dossier.State
		err = r.Scan(&l.Document, &l.Version, &l.Epoch, &s, &l.agency, &l.received, &l.pages)
		l.Act, l.Lane = actOf(s), lane
		return l, err
	}, "WITH taken AS MATERIALIZED ("+strings.Join(some, " UNION ALL ")+") UPDATE documents SET epoch = epoch + 1, lease_until = "+until+
		" WHERE id IN (SELECT id FROM taken) AND lease_until <= "+ms+" AND next_try <= "+ms+" RETURNING id, version, epoch, state, agency, received, pages", w.values...)
	if err != nil {
		return nil, nil, err
	}
	slices.SortFunc(found, func(a, b leased) int { // RETURNING has no order
		return cmp.Or(cmp.Compare(a.received, b.received), cmp.Compare(a.Document, b.Document))
	})
	var jobs []dossier.Job
	had := map[dossier.AgencyCode]int64{}
	for _, t := range picked { // a round of each, then the next
		first := true
		for _, l := range found {
			if l.agency != t.agency {
				continue
			}
			l.Ahead = t.ahead && first
			first = false
			had[t.agency] += pagesOf(l.Act, l.pages)
			jobs = append(jobs, l.Job)
		}
	}
	return jobs, had, nil
}

// pagesOf is how much of the line an act on so many pages is. Pages of a long
// paper count when they are begun.
func pagesOf(act dossier.Act, pages int64) int64 {
	if act == dossier.Recognise && pages <= dossier.ShortPaper {
		return max(pages, 1)
	}
	return 1
}

// charge writes what each agency had, and where the line is now.
func (db *DB) charge(ctx context.Context, at int64, picked []*turn, had map[dossier.AgencyCode]int64) error {
	var w where
	var rows []string
	for _, t := range picked {
		if had[t.agency] > 0 {
			rows = append(rows, fmt.Sprintf("(%s, CAST(%s AS BIGINT))", w.value(string(t.agency)), w.value(t.first+had[t.agency]*page/t.weight)))
			at = max(at, t.first)
		}
	}
	if len(rows) == 0 {
		return nil
	}
	rows = append(rows, fmt.Sprintf("('*', CAST(%s AS BIGINT))", w.value(at)))
	_, err := db.write.ExecContext(ctx, "INSERT INTO line_shares (agency, served) VALUES "+strings.Join(rows, ", ")+
		" ON CONFLICT (agency) DO UPDATE SET served = CASE WHEN excluded.served > line_shares.served THEN excluded.served ELSE line_shares.served END", w.values...)
	return err
}

// Shares returns what is set for agencies and how the line stands there: of all,
// under [dossier.WholeLine], first; then of those with a setting or something due.
func (db *DB) Shares(ctx context.Context) ([]dossier.Share, error) {
	now := db.now().UnixMilli()
	byAgency := map[dossier.AgencyCode]*dossier.Share{}
	of := func(a dossier.AgencyCode) *dossier.Share {
		if byAgency[a] == nil {
			byAgency[a] = &dossier.Share{Agency: a, Weight: dossier.UsualWeight}
		}
		return byAgency[a]
	}
	whole := of(dossier.WholeLine)
	if _, err := all(ctx, db.read, func(r row) (struct{}, error) {
		var s dossier.Share
		err := r.Scan(&s.Agency, &s.Weight, &s.Paused, &s.Rate)
		*of(s.Agency) = s
		return struct{}{}, err
	}, "SELECT agency, weight, paused, rate FROM line_shares WHERE agency = '*' OR weight <> $1 OR paused <> 0 OR rate <> 0", int64(dossier.UsualWeight)); err != nil {
		return nil, named(err, "shares")
	}
	if _, err := all(ctx, db.read, func(r row) (struct{}, error) {
		var a dossier.AgencyCode
		var owed, held int
		var oldest int64
		err := r.Scan(&a, &owed, &held, &oldest)
		s := of(a)
		s.Owed, s.Held, s.Oldest = owed, held, moment(oldest)
		whole.Owed, whole.Held = whole.Owed+owed, whole.Held+held
		if whole.Oldest.IsZero() || s.Oldest.Before(whole.Oldest) {
			whole.Oldest = s.Oldest
		}
		return struct{}{}, err
	}, "SELECT agency, COUNT(*), SUM(CASE WHEN lease_until > $1 THEN 1 ELSE 0 END), MIN(changed) FROM documents WHERE "+isOwed+" GROUP BY agency", now); err != nil {
		return nil, named(err, "shares")
	}
	list := make([]dossier.Share, 0, len(byAgency))
	for _, a := range slices.Sorted(maps.Keys(byAgency)) { // a star is before all letters
		list = append(list, *byAgency[a])
	}
	return list, nil
}

// PutShare sets the weight, the pause and the rate of an agency, or of the line.
// A value out of its bounds wraps [dossier.ErrInvalid].
func (db *DB) PutShare(ctx context.Context, s dossier.Share) error {
	if s.Agency == "" || s.Weight < 1 || s.Weight > dossier.MostWeight || s.Rate < 0 || s.Rate > dossier.MostRate {
		return fmt.Errorf("%w: share of %q", dossier.ErrInvalid, s.Agency)
	}
	_, err := db.write.ExecContext(ctx, `INSERT INTO line_shares (agency, weight, paused, rate) VALUES ($1, $2, $3, $4)
		ON CONFLICT (agency) DO UPDATE SET weight = excluded.weight, paused = excluded.paused, rate = excluded.rate`,
		string(s.Agency), s.Weight, flag(s.Paused), s.Rate)
	return named(err, "share of %s", s.Agency)
}

// Owed returns how many documents the machine owes an act, counting no further
// than most. Those of the backlog are not counted: nobody waits behind them.
func (db *DB) Owed(ctx context.Context, most int) (int, error) {
	n, err := one(ctx, db.read, single[int64], "SELECT COUNT(*) FROM (SELECT 1 AS x FROM documents WHERE lane < $1 AND "+isOwed+limited(most)+") AS owed", int(dossier.Backlog))
	return int(n), named(err, "what is owed")
}

// Enter counts a paper that an agency brings to the door, by the rate that is
// set for it and for all. It returns how long the agency should wait first; 0:
// the paper may come in. A tenth of a minute's papers may come at once.
func (db *DB) Enter(ctx context.Context, a dossier.AgencyCode) (wait time.Duration, err error) {
	err = db.tx(ctx, func(tx *sql.Tx) error {
		wait = 0
		now := db.now().UnixMilli()
		type limit struct {
			agency     string
			rate, door int64
		}
		limits, err := all(ctx, tx, func(r row) (l limit, err error) { return l, r.Scan(&l.agency, &l.rate, &l.door) },
			"SELECT agency, rate, door FROM line_shares WHERE agency IN ('*', $1) AND rate > 0 ORDER BY agency"+strings.ReplaceAll(db.skipLocked, " SKIP LOCKED", ""), string(a))
		if err != nil {
			return err
		}
		for _, l := range limits {
			if late := l.door - now - max(60_000/l.rate, 6_000); late > 0 {
				wait = max(wait, time.Duration(late)*time.Millisecond)
			}
		}
		if wait > 0 {
			return nil
		}
		for _, l := range limits {
			if _, err := tx.ExecContext(ctx, "UPDATE line_shares SET door = $1 WHERE agency = $2", max(l.door, now)+60_000/l.rate, l.agency); err != nil {
				return err
			}
		}
		return nil
	})
	return wait, named(err, "enter")
}
