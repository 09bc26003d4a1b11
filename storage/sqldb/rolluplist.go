package sqldb

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"sohoa/dossier"
	"sohoa/dossier/figures"
)

// A figures list goes down the tree of agencies along the counts: only where a
// cell says that there is one are dossiers looked for. So the first page of few
// among millions costs as much as that of many.
type descent struct {
	ctx    context.Context
	db     *DB
	q      figures.CellQuery
	want   func(figures.Fact) bool
	under  map[string][]string // agencies by the one that they are under, by code
	tree   tree
	after  figures.Mark
	limit  int
	window int // see windowFor
	found  []behind
}

type behind struct {
	code     dossier.Code
	agency   dossier.AgencyCode
	received int64
}

// FiguresBehind returns the facts of dossiers that q counts and want says: by
// agency, down the tree, and in each in the order in which they were received;
// those after a mark, and no more than limit. The second result is the mark to go
// on from; without one, that was all. want must be a formula's word: it is asked
// of cells, and of dossiers as they are counted. What q would tell apart does not
// matter. Of agencies that are asked for none may be under another of them.
func (db *DB) FiguresBehind(ctx context.Context, q figures.CellQuery, want func(figures.Fact) bool, after figures.Mark, limit int) ([]figures.Fact, *figures.Mark, error) {
	facts, next, err := db.figuresBehind(ctx, q, want, after, limit, windowFor)
	return facts, next, named(err, "dossiers behind a figure")
}

func (db *DB) figuresBehind(ctx context.Context, q figures.CellQuery, want func(figures.Fact) bool, after figures.Mark, limit, window int) ([]figures.Fact, *figures.Mark, error) {
	q.ByProcedure, q.ByOfficer = false, false
	r, err := db.realm(ctx)
	if err != nil {
		return nil, nil, err
	}
	d := &descent{ctx: ctx, db: db, q: q, want: want, after: after, limit: limit + 1, window: window, tree: r.tree, under: r.under}
	from := d.under[""]
	if len(q.Agencies) > 0 {
		from = nil
		for _, code := range q.Agencies {
			from = append(from, string(code))
		}
	}
	if err := d.down(from); err != nil {
		return nil, nil, err
	}
	var next *figures.Mark
	if len(d.found) > limit {
		d.found = d.found[:limit]
		last := d.found[limit-1]
		next = &figures.Mark{Agency: last.agency, Received: last.received, Code: last.code}
	}
	facts, err := db.factsIn(ctx, d.found)
	return facts, next, err
}

// down looks through agencies and those under them.
func (d *descent) down(agencies []string) error {
	for some := range slices.Chunk(d.from(agencies), 200) {
		q := d.q
		q.Agencies = codesOf(some)
		has, err := d.matching(q)
		if err != nil {
			return err
		}
		for _, code := range some {
			if !has[code] || len(d.found) >= d.limit {
				continue
			}
			if err := d.own(code); err != nil {
				return err
			}
			if _, officers := d.q.Apart(); d.q.Own || officers {
				continue
			}
			if err := d.down(d.under[code]); err != nil {
				return err
			}
		}
		if len(d.found) >= d.limit {
			return nil
		}
	}
	return nil
}

// from leaves out the agencies that the list has passed already.
func (d *descent) from(agencies []string) []string {
	at := string(d.after.Agency)
	if at == "" {
		return agencies
	}
	passed := append(d.tree.up(at), at)
	if i := slices.IndexFunc(agencies, func(code string) bool { return slices.Contains(passed, code) }); i >= 0 {
		return agencies[i:]
	}
	return agencies
}

// matching returns the agencies of which some cell that q asks for has a dossier
// that is wanted.
func (d *descent) matching(q figures.CellQuery) (map[string]bool, error) {
	has := map[string]bool{}
	err := d.db.rawCells(d.ctx, d.db.read, q, func(c figures.Cell) {
		if c.N > 0 && !has[string(c.Agency)] && d.want(c.Fact()) {
			has[string(c.Agency)] = true
		}
	})
	return has, err
}

// stands is how a dossier stands, as far as its row tells.
type stands struct {
	resolved figures.MonthNumber
	standing figures.Standing
}

func (s stands) compare(o stands) int {
	return cmp.Or(cmp.Compare(s.resolved, o.resolved), cmp.Compare(s.standing, o.standing))
}

// wantedOf are the dossiers of a month of reception that are wanted: by how they
// stand, and how many they are.
type wantedOf map[stands]int

func (w wantedOf) n() (n int) {
	for _, m := range w {
		n += m
	}
	return n
}

// windowFor is for how many times as many dossiers as are wanting on a page a span of
// time is looked through at once.
const windowFor = 3

// own looks through an agency's own dossiers, in the order of their reception.
func (d *descent) own(code string) error {
	if d.after.Agency != "" && slices.Contains(d.tree.up(string(d.after.Agency)), code) {
		return nil // the list is below it already
	}
	q := d.q
	q.Agencies, q.Own = []dossier.AgencyCode{dossier.AgencyCode(code)}, true
	months := map[figures.MonthNumber]wantedOf{}
	err := d.db.rawCells(d.ctx, d.db.read, q, func(c figures.Cell) {
		if c.N > 0 && d.want(c.Fact()) {
			if months[c.Received] == nil {
				months[c.Received] = wantedOf{}
			}
			months[c.Received][stands{c.Resolved, c.Standing}] += c.N
		}
	})
	if err != nil {
		return err
	}
	at := behind{received: -1}
	if string(d.after.Agency) == code {
		at = behind{received: d.after.Received, code: d.after.Code}
		maps.DeleteFunc(months, func(m figures.MonthNumber, _ wantedOf) bool { return (m + 1).Begin().UnixMilli() <= at.received })
	}
	for rest := slices.Sorted(maps.Keys(months)); len(rest) > 0 && len(d.found) < d.limit; {
		some, want := d.run(rest, months)
		if err := d.among(code, rest[:some], want, at); err != nil {
			return err
		}
		rest = rest[some:]
	}
	return nil
}

// run returns how many of the months are looked through together, and what is wanted
// of them: as many as fill the page.
func (d *descent) run(rest []figures.MonthNumber, months map[figures.MonthNumber]wantedOf) (int, wantedOf) {
	want := maps.Clone(months[rest[0]])
	some := 1
	for n, need := want.n(), d.limit-len(d.found); some < len(rest) && n < need; some++ {
		next := months[rest[some]]
		if n += next.n(); n > d.window*need {
			break // by itself it is spread more evenly
		}
		for s, m := range next {
			want[s] += m
		}
	}
	return some, want
}

// among looks through what an agency received in months, for dossiers that stand in
// some ways, after one that the list has come to. They come by how they stand and are
// put in order, so it goes on by spans of time in which there should be as many as the
// page wants.
func (d *descent) among(code string, months []figures.MonthNumber, want wantedOf, at behind) error {
	from, to := months[0].Begin().UnixMilli(), (months[len(months)-1] + 1).Begin().UnixMilli()
	step := to - from
	if need := int64(d.window * (d.limit - len(d.found))); int64(want.n()) > need {
		step = max(1, step/int64(want.n())*need)
	}
	for from = max(from, at.received); from < to && len(d.found) < d.limit; {
		until, had := min(to, from+step), len(d.found)
		if err := d.within(code, want, &at, from, until); err != nil {
			return err
		}
		if from = until; len(d.found) == had {
			step *= 2 // there are fewer than there should be
		}
	}
	return nil
}

// within looks through a span of time, and goes on from at.
func (d *descent) within(code string, want wantedOf, at *behind, from, to int64) error {
	for len(d.found) < d.limit {
		type one struct {
			behind
			resolved, standing int64
		}
		var w where
		w.and("d.receiving = %s AND d.received >= %s AND d.received < %s", code, max(from, at.received), to)
		w.and("(d.received > %s OR d.received = %s AND d.code > %s)", at.received, at.received, string(at.code))
		if d.q.Procedure != "" {
			w.and("d.procedure = %s", string(d.q.Procedure))
		}
		if d.q.Officer != "" {
			w.and("d.officer = %s", string(d.q.Officer))
		}
		w.and("d.month_resolved = w.resolved AND d.standing = w.standing")
		page := d.limit - len(d.found)
		rows, err := all(d.ctx, d.db.read, func(r row) (o one, err error) {
			return o, r.Scan(&o.code, &o.received, &o.resolved, &o.standing)
		}, "WITH w (resolved, standing) AS (VALUES "+want.values()+") SELECT d.code, d.received, d.month_resolved, d.standing FROM w CROSS JOIN dossiers d"+
			w.String()+" ORDER BY d.received, d.code"+limited(page), w.values...)
		if err != nil {
			return err
		}
		for _, o := range rows {
			*at = o.behind
			c := figures.Cell{Agency: dossier.AgencyCode(code), Received: figures.MonthOf(moment(o.received)),
				Resolved: figures.MonthNumber(o.resolved), Standing: figures.Standing(o.standing)}
			if f := c.Fact(); d.want(f) && (d.q.Period.Contains(f.Received) || d.q.Period.Contains(f.Resolved)) {
				at.agency = c.Agency
				d.found = append(d.found, *at)
			}
		}
		if len(rows) < page {
			return nil
		}
	}
	return nil
}

// values lists the ways to stand for a query.
func (w wantedOf) values() string {
	var b strings.Builder
	for i, s := range slices.SortedFunc(maps.Keys(w), stands.compare) {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "(%d, %d)", s.resolved, s.standing)
	}
	return b.String()
}

func codesOf(list []string) (out []dossier.AgencyCode) {
	for _, s := range list {
		out = append(out, dossier.AgencyCode(s))
	}
	return out
}

// factsIn returns facts in the order of a list.
func (db *DB) factsIn(ctx context.Context, list []behind) ([]figures.Fact, error) {
	if len(list) == 0 {
		return nil, nil
	}
	var w where
	codes, place := make([]dossier.Code, len(list)), map[dossier.Code]int{}
	for i, b := range list {
		codes[i], place[b.code] = b.code, i
	}
	among(&w, codes, "d.code")
	facts, err := all(ctx, db.read, scanFact, factsOf(&w, ""), w.values...)
	slices.SortFunc(facts, func(a, b figures.Fact) int { return place[a.Dossier] - place[b.Dossier] })
	return facts, err
}
