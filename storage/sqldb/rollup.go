package sqldb

import (
	"cmp"
	"context"
	"database/sql"
	"maps"
	"slices"

	"sohoa/dossier"
	"sohoa/dossier/figures"
)

// Grains of cells, as the table has them.
const (
	grainOwn            = 0 // what an agency received
	grainOwnApart       = 1 // that, by procedure and officer
	grainUnder          = 2 // what the agencies under it received, at any depth
	grainUnderProcedure = 3 // that, by procedure
)

// A stood is how a dossier is counted.
type stood struct {
	receiving, procedure, officer string
	received, resolved            int64 // months
	standing                      int64
}

// restand counts a dossier anew, in the transaction of the act that may have
// changed how it stands: what it adds and takes away is written beside the cells.
// Who acts on the same dossier waits, nobody else does.
func (db *DB) restand(ctx context.Context, tx *sql.Tx, code dossier.Code) error {
	var was struct {
		officer            string
		standing           sql.NullInt64
		received, resolved int64
	}
	_, err := one(ctx, tx, func(r row) (struct{}, error) {
		return struct{}{}, r.Scan(&was.officer, &was.standing, &was.received, &was.resolved)
	}, "UPDATE dossiers SET filled = filled WHERE code = $1 RETURNING officer, standing, month_received, month_resolved", string(code))
	if err != nil {
		return named(err, "dossier %s", code)
	}
	var w where // after the row is taken: what others did to it is seen
	w.and("d.code = %s", string(code))
	f, err := one(ctx, tx, scanFact, factsOf(&w, ""), w.values...)
	if err != nil {
		return named(err, "facts of %s", code)
	}
	is := standsAs(f, was.officer)
	then := is
	then.received, then.resolved, then.standing = was.received, was.resolved, was.standing.Int64
	if was.standing.Valid && then == is {
		return nil
	}
	if was.standing.Valid {
		if err := db.pend(ctx, tx, then, -1); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, "UPDATE dossiers SET standing = $1, month_received = $2, month_resolved = $3 WHERE code = $4",
		is.standing, is.received, is.resolved, string(code)); err != nil {
		return err
	}
	return db.pend(ctx, tx, is, 1)
}

func standsAs(f figures.Fact, officer string) stood {
	return stood{string(f.Receiving), string(f.Procedure), officer,
		int64(figures.MonthOf(f.Received)), int64(figures.MonthOf(f.Resolved)), int64(f.Standing())}
}

// pend writes what is not in the cells yet.
func (db *DB) pend(ctx context.Context, tx *sql.Tx, s stood, n int) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO figure_pending (id, receiving, procedure, officer, received, resolved, standing, n) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		db.newID(), s.receiving, s.procedure, s.officer, s.received, s.resolved, s.standing, n)
	return err
}

// forgotten are the dossiers of the demonstration: what they were counted as is
// taken away.
const forgotten = `
	INSERT INTO figure_pending (id, receiving, procedure, officer, received, resolved, standing, n)
	SELECT 'removed ' || code, receiving, procedure, officer, month_received, month_resolved, standing, -1
	FROM dossiers WHERE demo = 1 AND standing IS NOT NULL`

// A cellKey names a cell.
type cellKey struct {
	node               string
	grain              int64
	received, resolved int64
	procedure, officer string
}

func (k cellKey) compare(o cellKey) int {
	return cmp.Or(cmp.Compare(k.node, o.node), cmp.Compare(k.grain, o.grain), cmp.Compare(k.received, o.received),
		cmp.Compare(k.resolved, o.resolved), cmp.Compare(k.procedure, o.procedure), cmp.Compare(k.officer, o.officer))
}

// cells are counts by cell.
type cells map[cellKey]figures.Tally

func (c cells) add(k cellKey, s figures.Standing, n int) {
	if c[k] == nil {
		c[k] = figures.Tally{}
	}
	c[k].Add(s, n)
}

// count adds dossiers to all cells that they are in. up tells which agencies an
// agency is under.
func (c cells) count(s stood, n int, up func(string) []string) {
	k := cellKey{node: s.receiving, grain: grainOwn, received: s.received, resolved: s.resolved}
	standing := figures.Standing(s.standing)
	c.add(k, standing, n)
	k.grain, k.procedure, k.officer = grainOwnApart, s.procedure, s.officer
	c.add(k, standing, n)
	k.officer = ""
	for _, node := range up(s.receiving) {
		k.node = node
		k.grain, k.procedure = grainUnder, ""
		c.add(k, standing, n)
		k.grain, k.procedure = grainUnderProcedure, s.procedure
		c.add(k, standing, n)
	}
}

// put adds c to the cells that are kept. Only who holds the head may.
func (c cells) put(ctx context.Context, tx *sql.Tx) error {
	const key = " WHERE node = $1 AND grain = $2 AND received = $3 AND resolved = $4 AND procedure = $5 AND officer = $6"
	look, err := tx.PrepareContext(ctx, "SELECT tally FROM figure_cells"+key)
	if err != nil {
		return err
	}
	defer look.Close()
	write, err := tx.PrepareContext(ctx, `INSERT INTO figure_cells (node, grain, received, resolved, procedure, officer, tally)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (node, grain, received, resolved, procedure, officer) DO UPDATE SET tally = excluded.tally`)
	if err != nil {
		return err
	}
	defer write.Close()
	for _, k := range slices.SortedFunc(maps.Keys(c), cellKey.compare) {
		if len(c[k]) == 0 {
			continue
		}
		at := []any{k.node, k.grain, k.received, k.resolved, k.procedure, k.officer}
		kept := ""
		if err := look.QueryRowContext(ctx, at...).Scan(&kept); err != nil && err != sql.ErrNoRows {
			return err
		}
		sum := maps.Clone(c[k])
		if err := figures.ReadTally(kept, sum.Add); err != nil {
			return named(err, "cell %v", k)
		}
		if len(sum) == 0 {
			_, err = tx.ExecContext(ctx, "DELETE FROM figure_cells"+key, at...)
		} else {
			_, err = write.ExecContext(ctx, append(at, sum.String())...)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// A tree says under which agencies each one is.
type tree map[string]string

// treeOf reads the agencies as a transaction sees them.
func treeOf(ctx context.Context, a asker) (tree, error) {
	t := tree{}
	_, err := all(ctx, a, func(r row) (struct{}, error) {
		var code, parent string
		err := r.Scan(&code, &parent)
		t[code] = parent
		return struct{}{}, err
	}, "SELECT code, COALESCE(parent, '') FROM agencies")
	return t, err
}

// up returns the agencies that code is under, the nearest first.
func (t tree) up(code string) (out []string) {
	for at := t[code]; at != "" && at != code && !slices.Contains(out, at); at = t[at] {
		out = append(out, at)
	}
	return out
}

// circle reports whether the agencies above code end nowhere.
func (t tree) circle(code string) bool {
	seen := map[string]bool{}
	for at := code; at != ""; at = t[at] {
		if seen[at] {
			return true
		}
		seen[at] = true
	}
	return false
}

// takeHead makes others who would write cells wait until the transaction ends.
func takeHead(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, "UPDATE figure_head SET folds = folds + 1 WHERE id = 1")
	return err
}

// mostFolded is how many changes go into the cells in one transaction.
const mostFolded = 2000

// FoldFigures puts what acts have added and taken away into the cells, and counts
// the dossiers anew whose procedures ask for something else now. It is done again
// and again beside the acts; killed anywhere, nothing is lost or counted twice,
// and several may do it at once. Figures are right before it, too: it keeps
// reading them cheap.
func (db *DB) FoldFigures(ctx context.Context) error {
	for {
		some, err := exists(ctx, db.read, "SELECT 1 FROM figure_pending")
		if err != nil || !some {
			if err == nil {
				err = db.settleOwed(ctx)
			}
			return named(err, "fold figures")
		}
		if err := db.tx(ctx, func(tx *sql.Tx) error { return fold(ctx, tx, mostFolded) }); err != nil {
			return named(err, "fold figures")
		}
	}
}

// fold puts some of what is pending, or with 0 all that is seen, into the cells.
func fold(ctx context.Context, tx *sql.Tx, most int) error {
	if err := takeHead(ctx, tx); err != nil {
		return err
	}
	t, err := treeOf(ctx, tx)
	if err != nil {
		return err
	}
	sum := cells{}
	type change struct {
		stood
		n int
	}
	taken, err := all(ctx, tx, func(r row) (c change, err error) {
		return c, r.Scan(&c.receiving, &c.procedure, &c.officer, &c.received, &c.resolved, &c.standing, &c.n)
	}, "DELETE FROM figure_pending WHERE id IN (SELECT id FROM figure_pending ORDER BY id"+limited(most)+`)
		RETURNING receiving, procedure, officer, received, resolved, standing, n`)
	if err != nil {
		return err
	}
	for _, c := range taken {
		sum.count(c.stood, c.n, t.up)
	}
	return sum.put(ctx, tx)
}

// moveCells follows an agency that goes under another one: what was counted of it
// and those under it leaves the agencies it was under and goes to those it is
// under now.
func moveCells(ctx context.Context, tx *sql.Tx, code string, from, to []string) error {
	moved := cells{}
	_, err := all(ctx, tx, func(r row) (struct{}, error) {
		var k cellKey
		var tally string
		if err := r.Scan(&k.grain, &k.received, &k.resolved, &k.procedure, &tally); err != nil {
			return struct{}{}, err
		}
		k.grain |= 2 // own ones are counted as those under
		return struct{}{}, figures.ReadTally(tally, func(s figures.Standing, n int) {
			for _, node := range from {
				k.node = node
				moved.add(k, s, -n)
			}
			for _, node := range to {
				k.node = node
				moved.add(k, s, n)
			}
		})
	}, "SELECT grain, received, resolved, procedure, tally FROM figure_cells WHERE node = $1", code)
	if err != nil {
		return err
	}
	return moved.put(ctx, tx)
}

// countUnder counts all that agencies have under them from what each received: of
// a tree with a circle in it nothing else is right.
func countUnder(ctx context.Context, tx *sql.Tx, t tree) error {
	if _, err := tx.ExecContext(ctx, "DELETE FROM figure_cells WHERE grain IN (2, 3)"); err != nil {
		return err
	}
	sum := cells{}
	_, err := all(ctx, tx, func(r row) (struct{}, error) {
		var s stood
		var tally string
		if err := r.Scan(&s.receiving, &s.received, &s.resolved, &s.procedure, &s.officer, &tally); err != nil {
			return struct{}{}, err
		}
		return struct{}{}, figures.ReadTally(tally, func(standing figures.Standing, n int) {
			s.standing = int64(standing)
			sum.count(s, n, t.up)
		})
	}, "SELECT node, received, resolved, procedure, officer, tally FROM figure_cells WHERE grain = 1")
	if err != nil {
		return err
	}
	maps.DeleteFunc(sum, func(k cellKey, _ figures.Tally) bool { return k.grain < grainUnder })
	return sum.put(ctx, tx)
}
