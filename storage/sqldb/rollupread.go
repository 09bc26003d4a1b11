package sqldb

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"

	"sohoa/dossier"
	"sohoa/dossier/figures"
)

// Cells returns how many dossiers that were received or resolved in a period
// stand alike ([figures.Cell.Within] of the period, if months are not told apart): what acts have written up to
// now, each act whole. It reads counts and no dossiers. Cells are in the order of
// agency, procedure and officer; with months told apart they are as they are kept,
// one may come more than once. A period that is not of whole months wraps
// [dossier.ErrInvalid].
func (db *DB) Cells(ctx context.Context, q figures.CellQuery) ([]figures.Cell, error) {
	if q.ByMonth { // hardly two are alike: who adds them up may as well
		var out []figures.Cell
		err := rawCells(ctx, db.read, q, func(c figures.Cell) { out = append(out, c) })
		return out, named(err, "cells")
	}
	type group struct {
		agency    dossier.AgencyCode
		procedure dossier.ProcedureCode
		officer   dossier.PersonID
	}
	type how struct {
		received, resolved figures.MonthNumber
		standing           figures.Standing
	}
	sum := map[group]map[how]int{}
	var at group
	var here map[how]int
	size := 0
	err := rawCells(ctx, db.read, q, func(c figures.Cell) {
		c = c.Within(q.Period)
		if k := (group{c.Agency, c.Procedure, c.Officer}); here == nil || k != at { // a row's standings come together
			if at, here = k, sum[k]; here == nil {
				here = map[how]int{}
				sum[k] = here
			}
		}
		k := how{c.Received, c.Resolved, c.Standing}
		n := here[k]
		if n == 0 {
			size++
		}
		here[k] = n + c.N
	})
	if err != nil {
		return nil, named(err, "cells")
	}
	groups := slices.SortedFunc(maps.Keys(sum), func(a, b group) int {
		return cmp.Or(cmp.Compare(a.agency, b.agency), cmp.Compare(a.procedure, b.procedure), cmp.Compare(a.officer, b.officer))
	})
	out := make([]figures.Cell, 0, size)
	for _, g := range groups {
		for _, k := range slices.SortedFunc(maps.Keys(sum[g]), func(a, b how) int {
			return cmp.Or(cmp.Compare(a.received, b.received), cmp.Compare(a.resolved, b.resolved), cmp.Compare(a.standing, b.standing))
		}) {
			if n := sum[g][k]; n != 0 {
				out = append(out, figures.Cell{Agency: g.agency, Procedure: g.procedure, Officer: g.officer, Received: k.received, Resolved: k.resolved, Standing: k.standing, N: n})
			}
		}
	}
	return out, nil
}

// rawCells goes through the counts that q asks for, by their months; one cell may
// come more than once. It is one statement: one view of the database.
func rawCells(ctx context.Context, a asker, q figures.CellQuery, each func(figures.Cell)) error {
	var w where
	query, err := cellsQuery(&w, q)
	if err != nil {
		return err
	}
	procedures, officers := q.Apart()
	var c figures.Cell
	var tally string
	add := func(s figures.Standing, n int) {
		c.Standing, c.N = s, n
		each(c)
	}
	_, err = all(ctx, a, func(r row) (struct{}, error) {
		if err := r.Scan(&c.Agency, &c.Procedure, &c.Officer, &c.Received, &c.Resolved, &tally); err != nil {
			return struct{}{}, err
		}
		if !q.ByProcedure || !procedures {
			c.Procedure = ""
		}
		if !q.ByOfficer || !officers {
			c.Officer = ""
		}
		return struct{}{}, figures.ReadTally(tally, add)
	}, query, w.values...)
	return err
}

// cellsQuery asks for cells, and for what is pending as if it were cells.
func cellsQuery(w *where, q figures.CellQuery) (string, error) {
	from, to, ok := q.Period.Months()
	if !ok {
		return "", fmt.Errorf("%w: the period is not of whole months", dossier.ErrInvalid)
	}
	procedures, officers := q.Apart()
	own := q.Own || officers
	grains := []string{fmt.Sprint(grainOwn)}
	if procedures || officers {
		grains[0] = fmt.Sprint(grainOwnApart)
	}
	if !own {
		grains = append(grains, fmt.Sprint(grainUnder))
		if procedures {
			grains[1] = fmt.Sprint(grainUnderProcedure)
		}
	}
	first, end := w.value(int64(from)), w.value(int64(to))
	received := "received >= " + first + " AND received < " + end
	resolved := "resolved >= " + first + " AND resolved < " + end + " AND resolved <> received AND NOT (" + received + ")"
	only := nodes(w, q)
	if q.Procedure != "" {
		only += " AND procedure = " + w.value(string(q.Procedure))
	}
	if q.Officer != "" {
		only += " AND officer = " + w.value(string(q.Officer))
	}
	depth := ""
	if own {
		depth = " AND depth = 0"
	}
	kept := "SELECT node, procedure, officer, received, resolved, tally FROM figure_cells WHERE grain IN (" + strings.Join(grains, ", ") + ")" + only + " AND "
	return `WITH RECURSIVE up (id, first, node, depth) AS (
			SELECT id, receiving, receiving, 0 FROM figure_pending
			UNION SELECT up.id, up.first, a.parent, 1 FROM up JOIN agencies a ON a.code = up.node WHERE a.parent <> up.first)
		` + kept + received + " UNION ALL " + kept + resolved + `
		UNION ALL SELECT node, procedure, officer, received, resolved, standing || ':' || n FROM up JOIN figure_pending p ON p.id = up.id
		WHERE (` + received + " OR " + resolved + ")" + only + depth, nil
}

// nodes is the condition for the agencies that q asks for.
func nodes(w *where, q figures.CellQuery) string {
	switch {
	case len(q.Agencies) > 0:
		places := make([]string, len(q.Agencies))
		for i, code := range q.Agencies {
			places[i] = w.value(string(code))
		}
		return " AND node IN (" + strings.Join(places, ", ") + ")"
	case q.Own:
		return ""
	}
	return " AND node IN (SELECT code FROM agencies WHERE parent IS NULL)"
}

// FiguresInput returns what the figures of any period are counted from, but for
// the catalogue. Whole months come as cells. Of a period that begins or ends
// within a month, the dossiers that were received or resolved in that month come
// one by one, and the others as cells. It is one view of the database.
func (db *DB) FiguresInput(ctx context.Context, q figures.CellQuery) (figures.Input, error) {
	in := figures.Input{Period: q.Period}
	if _, _, ok := q.Period.Months(); ok {
		cells, err := db.Cells(ctx, q)
		in.Cells = cells
		return in, err
	}
	err := db.edged(ctx, q, &in)
	return in, named(err, "figures")
}

func (db *DB) edged(ctx context.Context, q figures.CellQuery, in *figures.Input) error {
	tx, err := db.read.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead})
	if err != nil {
		return err
	}
	defer tx.Rollback() // it only read
	first, last := figures.MonthOf(q.Period.From), figures.MonthOf(q.Period.To)
	edge := func(m figures.MonthNumber) bool {
		return m == first && m.Begin().Before(q.Period.From) || m == last && m.Begin().Before(q.Period.To)
	}
	whole := q
	whole.Period = figures.Period{From: first.Begin(), To: (last + 1).Begin()}
	sum := map[figures.Cell]int{}
	if err := rawCells(ctx, tx, whole, func(c figures.Cell) {
		if edge(c.Received) || edge(c.Resolved) {
			return
		}
		n := c.N
		c.N = 0
		sum[c] += n
	}); err != nil {
		return err
	}
	for c, n := range sum {
		if c.N = n; n != 0 && (q.Period.Contains(c.Received.Begin()) || q.Period.Contains(c.Resolved.Begin())) {
			in.Cells = append(in.Cells, c)
		}
	}
	facts, err := factsFor(ctx, tx, q)
	for _, f := range facts {
		if edge(figures.MonthOf(f.Received)) || edge(figures.MonthOf(f.Resolved)) {
			in.Facts = append(in.Facts, f)
		}
	}
	return err
}

// FactsFor returns the facts of the dossiers that q counts, one by one, by code.
func (db *DB) FactsFor(ctx context.Context, q figures.CellQuery) ([]figures.Fact, error) {
	facts, err := factsFor(ctx, db.read, q)
	return facts, named(err, "facts")
}

func factsFor(ctx context.Context, a asker, q figures.CellQuery) ([]figures.Fact, error) {
	_, officers := q.Apart()
	agencies := q.Agencies
	if len(agencies) > 0 && !q.Own && !officers {
		var w where
		among(&w, agencies, "code")
		var err error
		if agencies, err = all(ctx, a, single[dossier.AgencyCode], `WITH RECURSIVE below (code) AS (
			SELECT code FROM agencies`+w.String()+` UNION SELECT a.code FROM agencies a JOIN below b ON a.parent = b.code)
			SELECT code FROM below`, w.values...); err != nil || len(agencies) == 0 {
			return nil, err
		}
	}
	w := inPeriod(q.Period, agencies)
	if q.Procedure != "" {
		w.and("d.procedure = %s", string(q.Procedure))
	}
	if q.Officer != "" {
		w.and("d.officer = %s", string(q.Officer))
	}
	return all(ctx, a, scanFact, factsOf(w, " ORDER BY d.code"), w.values...)
}
