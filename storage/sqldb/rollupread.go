package sqldb

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sohoa/dossier"
	"sohoa/dossier/figures"
)

// Cells returns how many dossiers that were received or resolved in a period
// stand alike ([figures.Cell.Within] of the period): what acts have written up to
// now, each act whole. It reads counts and no dossiers. Cells are in the order of
// agency, procedure and officer. A period that is not of whole months wraps
// [dossier.ErrInvalid].
func (db *DB) Cells(ctx context.Context, q figures.CellQuery) ([]figures.Cell, error) {
	var runs [][]figures.Cell // of one agency, procedure and officer each
	var run []figures.Cell
	sum, n := figures.NewSum(q.Period), 0
	err := db.rows(ctx, db.read, q, func(like figures.Cell, cells string) error {
		sum.Reset()
		err := readCells(cells, like, sum.Add)
		if run = sum.Cells(run[:0], like); len(run) > 0 {
			runs, n = append(runs, slices.Clone(run)), n+len(run)
		}
		return err
	})
	if err != nil {
		return nil, named(err, "cells")
	}
	// Runs are put in order whole: there are a hundred times as many cells.
	slices.SortStableFunc(runs, func(x, y []figures.Cell) int {
		return cmp.Or(cmp.Compare(x[0].Agency, y[0].Agency), cmp.Compare(x[0].Procedure, y[0].Procedure), cmp.Compare(x[0].Officer, y[0].Officer))
	})
	out := make([]figures.Cell, 0, n)
	for _, r := range runs {
		out = append(out, r...)
	}
	return out, nil
}

// EachCell gives the counts that q asks for, one after the other and as they are
// kept: months are told apart, and one cell may come more than once. Those of one
// agency, procedure and officer come together.
func (db *DB) EachCell(ctx context.Context, q figures.CellQuery, each func(figures.Cell)) error {
	return named(db.rawCells(ctx, db.read, q, each), "cells")
}

// rawCells is [DB.EachCell]. It is one statement: one view of the database.
func (db *DB) rawCells(ctx context.Context, a asker, q figures.CellQuery, each func(figures.Cell)) error {
	return db.rows(ctx, a, q, func(like figures.Cell, cells string) error { return readCells(cells, like, each) })
}

// rows gives the counts that q asks for by agency, procedure and officer: all cells
// of each as one text, since there are hundreds of thousands of them in a page of
// figures, and a row of its own costs more than all that is done with it.
func (db *DB) rows(ctx context.Context, a asker, q figures.CellQuery, each func(like figures.Cell, cells string) error) error {
	var w where
	query, err := db.cellsQuery(&w, q)
	if err != nil {
		return err
	}
	_, err = all(ctx, a, func(r row) (struct{}, error) {
		var like figures.Cell
		var cells string
		if err := r.Scan(&like.Agency, &like.Procedure, &like.Officer, &cells); err != nil {
			return struct{}{}, err
		}
		return struct{}{}, each(like, cells)
	}, query, w.values...)
	return err
}

// readCells reads what cellsQuery has put together: "received resolved tally", with
// a semicolon between them.
func readCells(cells string, c figures.Cell, each func(figures.Cell)) error {
	add := func(s figures.Standing, n int) {
		c.Standing, c.N = s, n
		each(c)
	}
	for more := true; more; {
		var one string
		one, cells, more = strings.Cut(cells, ";")
		received, rest, _ := strings.Cut(one, " ")
		resolved, tally, ok := strings.Cut(rest, " ")
		from, err := strconv.ParseInt(received, 10, 64)
		to, err2 := strconv.ParseInt(resolved, 10, 64)
		if !ok || err != nil || err2 != nil {
			return fmt.Errorf("%w: %q is no cell", dossier.ErrInvalid, one)
		}
		c.Received, c.Resolved = figures.MonthNumber(from), figures.MonthNumber(to)
		if err := figures.ReadTally(tally, add); err != nil {
			return err
		}
	}
	return nil
}

// cellsQuery asks for cells, and for what is pending as if it were cells.
func (db *DB) cellsQuery(w *where, q figures.CellQuery) (string, error) {
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
	only := db.nodes(w, q)
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
	procedure, officer := "''", "''"
	if q.ByProcedure {
		procedure = "procedure"
	}
	if q.ByOfficer {
		officer = "officer"
	}
	one := "SELECT node, " + procedure + " AS procedure, " + officer + " AS officer, received || ' ' || resolved || ' ' || "
	kept := one + "tally AS cell FROM figure_cells WHERE grain IN (" + strings.Join(grains, ", ") + ")" + only + " AND "
	return `WITH RECURSIVE up (id, first, node, depth) AS (
			SELECT id, receiving, receiving, 0 FROM figure_pending
			UNION SELECT up.id, up.first, a.parent, 1 FROM up JOIN agencies a ON a.code = up.node WHERE a.parent <> up.first)
		SELECT node, procedure, officer, string_agg(cell, ';') FROM (
		` + kept + received + " UNION ALL " + kept + resolved + `
		UNION ALL ` + one + `standing || ':' || n FROM up JOIN figure_pending p ON p.id = up.id
		WHERE (` + received + " OR " + resolved + ")" + only + depth + ") AS found GROUP BY node, procedure, officer", nil
}

// nodes is the condition for the agencies that q asks for.
func (db *DB) nodes(w *where, q figures.CellQuery) string {
	switch {
	case len(q.Agencies) > 0:
		list := make([]string, len(q.Agencies))
		for i, code := range q.Agencies {
			list[i] = string(code)
		}
		return " AND node" + db.finder().among(w, list)
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
	if err := db.rawCells(ctx, tx, whole, func(c figures.Cell) {
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
