package sqldb

import (
	"context"
	"database/sql"

	"sohoa/dossier"
	"sohoa/dossier/fixity"
)

// Owed counts the documents that the machine owes one act.
type Owed struct {
	Due      int64 // nobody has it, and its time has come
	Leased   int64 // somebody has it, or its hint waits in the queue
	Resting  int64 // its time for a next try has not come
	Troubled int64 // of them all, those whose row says what is the matter
	Oldest   int64 // milliseconds since 1970 when the one that has stood longest last moved; 0 without any
}

// Gauges are how much work stands before the house and how far it has come, by
// the rows.
type Gauges struct {
	Owed map[dossier.Act]Owed // without renewals whose day has not come; those of reports of closed months are among them

	Ledger  int64 // events that have their places
	Pending int64 // events that wait for theirs

	FiguresPending int64 // changes of figures that are not in the cells yet
	FiguresOwed    int64 // procedures whose dossiers are to be counted anew

	IndexOwed int64 // papers that the index of the search is owed

	Holdings map[fixity.Store]map[fixity.State]int64 // all but [fixity.Kept], which would count the archive
}

// Gauges counts. What it reads is what stands before the house, by indexes, and
// not the archive: it costs the same on a house of a hundred million papers.
func (db *DB) Gauges(ctx context.Context) (g Gauges, err error) {
	if g.Owed, err = db.owedNow(ctx); err != nil {
		return g, named(err, "count what is owed")
	}
	for query, n := range map[string]*int64{
		"SELECT size FROM log_head WHERE id = 1": &g.Ledger,
		"SELECT COUNT(*) FROM log_pending":       &g.Pending,
		"SELECT COUNT(*) FROM figure_pending":    &g.FiguresPending,
		"SELECT COUNT(*) FROM figure_owed":       &g.FiguresOwed,
		"SELECT COUNT(*) FROM search_owed":       &g.IndexOwed,
	} {
		if *n, err = one(ctx, db.read, single[int64], query); err != nil {
			return g, named(err, "count what waits")
		}
	}
	g.Holdings, err = db.holdingsNow(ctx)
	return g, named(err, "count files")
}

func (db *DB) owedNow(ctx context.Context) (map[dossier.Act]Owed, error) {
	found := map[dossier.Act]Owed{}
	err := db.countOwed(ctx, found, func(w *where) { among(w, owed(), "state") })
	if err == nil {
		err = db.countOwed(ctx, found, func(w *where) { w.and(dueWhere, db.dueBy(db.now())) })
	}
	if err != nil {
		return nil, err
	}
	reports, err := one(ctx, db.read, func(r row) (o Owed, err error) { return o, r.Scan(&o.Due, &o.Resting, &o.Troubled) }, `
		SELECT COUNT(*) FILTER (WHERE next_try <= $2), COUNT(*) FILTER (WHERE next_try > $2), COUNT(*) FILTER (WHERE trouble <> '')
		FROM closing_proofs WHERE until > 0 AND until <= $1`, db.dueBy(db.now()), db.now().UnixMilli())
	if reports != (Owed{}) {
		o := found[dossier.Renew]
		o.Due, o.Resting, o.Troubled = o.Due+reports.Due, o.Resting+reports.Resting, o.Troubled+reports.Troubled
		found[dossier.Renew] = o
	}
	return found, err
}

func (db *DB) countOwed(ctx context.Context, found map[dossier.Act]Owed, which func(*where)) error {
	var w where
	at := w.value(db.now().UnixMilli())
	which(&w)
	_, err := all(ctx, db.read, func(r row) (_ struct{}, err error) {
		var s dossier.State
		var o Owed
		if err := r.Scan(&s, &o.Due, &o.Leased, &o.Resting, &o.Troubled, &o.Oldest); err != nil {
			return struct{}{}, err
		}
		was := found[actOf(s)]
		if was.Oldest > 0 && (o.Oldest == 0 || was.Oldest < o.Oldest) {
			o.Oldest = was.Oldest
		}
		o.Due, o.Leased, o.Resting, o.Troubled = o.Due+was.Due, o.Leased+was.Leased, o.Resting+was.Resting, o.Troubled+was.Troubled
		found[actOf(s)] = o
		return struct{}{}, nil
	}, `SELECT state,
		SUM(CASE WHEN lease_until <= `+at+` AND next_try <= `+at+` THEN 1 ELSE 0 END),
		SUM(CASE WHEN lease_until > `+at+` THEN 1 ELSE 0 END),
		SUM(CASE WHEN lease_until <= `+at+` AND next_try > `+at+` THEN 1 ELSE 0 END),
		SUM(CASE WHEN trouble <> '' THEN 1 ELSE 0 END),
		MIN(changed) FROM documents`+w.String()+` GROUP BY state`, w.values...)
	return err
}

// holdingsNow counts the files that are not right, or not there yet.
func (db *DB) holdingsNow(ctx context.Context) (map[fixity.Store]map[fixity.State]int64, error) {
	found := map[fixity.Store]map[fixity.State]int64{}
	_, err := all(ctx, db.read, func(r row) (_ struct{}, err error) {
		var store fixity.Store
		var s fixity.State
		var n int64
		if err := r.Scan(&store, &s, &n); err != nil {
			return struct{}{}, err
		}
		if found[store] == nil {
			found[store] = map[fixity.State]int64{}
		}
		found[store][s] = n
		return struct{}{}, nil
	}, "SELECT store, state, COUNT(*) FROM holdings WHERE state <> 'kept' GROUP BY store, state")
	return found, err
}

// Pools returns how the connections to the database are used: those that write,
// and those that read.
func (db *DB) Pools() (write, read sql.DBStats) { return db.write.Stats(), db.read.Stats() }
