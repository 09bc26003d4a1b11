package sqldb

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sohoa/dossier"
	"sohoa/dossier/search"
	"sohoa/pattern"
)

// A finder is how an engine keeps sets of lexemes and answers expressions over
// them: all that differs between the engines.
type finder struct {
	from     string // a table s with the place of a paper and its day
	join     string // that keeps the order of tables
	lexed    string // the same with its lexemes
	matches  string // condition that has %s for an expression
	and, or  string
	not      string
	quote    func(string) string
	put      string // lexemes $2 of the paper at place $1
	takeAway string // before put; "" if put does so
	insert   string // a paper without lexemes; document $1, issued $2
	list     func([]string) any
	empty    []string // all of the index
	expects  string   // plan for expression $1, with how many papers the engine expects; "" if it need not be asked
}

func quoted(mark string) func(string) string {
	return func(lexeme string) string { return mark + lexeme + mark }
}

// fts5 is SQLite's. The first table leads: its rows come in the order that is
// asked for, and no more of them than are needed.
var fts5 = finder{
	from: "search_docs s", join: " CROSS JOIN ",
	lexed:   "search_lexemes CROSS JOIN search_docs s ON s.place = search_lexemes.rowid",
	matches: "search_lexemes MATCH %s", and: " AND ", or: " OR ", not: " NOT ", quote: quoted(`"`),
	takeAway: "DELETE FROM search_lexemes WHERE rowid = $1",
	put:      "INSERT INTO search_lexemes (rowid, lexemes) VALUES ($1, $2)",
	insert:   "INSERT INTO search_docs (document, issued) VALUES ($1, $2) RETURNING place",
	list:     func(lexemes []string) any { return strings.Join(lexemes, " ") },
	empty:    []string{"INSERT INTO search_lexemes (search_lexemes) VALUES ('delete-all')", "DELETE FROM search_texts", "DELETE FROM search_docs"},
}

// tsvector is PostgreSQL's.
var tsvector = finder{
	from: "search_docs s", join: " JOIN ", lexed: "search_docs s",
	matches: "s.lexemes @@ CAST(%s AS tsquery)", and: " & ", or: " | ", not: " & !", quote: quoted("'"),
	put:     "UPDATE search_docs SET lexemes = array_to_tsvector($2::text[]) WHERE place = $1",
	insert:  "INSERT INTO search_docs (document, issued, lexemes) VALUES ($1, $2, '') RETURNING place",
	list:    func(lexemes []string) any { return lexemes },
	empty:   []string{"TRUNCATE search_docs, search_texts RESTART IDENTITY"},
	expects: "EXPLAIN (FORMAT JSON) SELECT 1 FROM search_docs s WHERE s.lexemes @@ CAST($1 AS tsquery)",
}

func (db *DB) finder() finder {
	if db.skipLocked != "" {
		return tsvector
	}
	return fts5
}

// expression writes what lexemes must hold: base, and of tiers the first that
// they hold must be the last. It is empty if nothing is asked.
func (f finder) expression(base search.Expr, tiers []search.Expr) string {
	var yes []search.Expr
	for _, e := range append([]search.Expr{base}, tiers[max(0, len(tiers)-1):]...) {
		if !e.IsZero() {
			yes = append(yes, e)
		}
	}
	if len(yes) == 0 {
		return ""
	}
	var b strings.Builder
	search.Expr{All: yes}.Write(&b, f.and, f.or, f.quote)
	if len(tiers) > 1 {
		b.WriteString(f.not)
		search.Expr{Any: tiers[:len(tiers)-1]}.Write(&b, f.and, f.or, f.quote)
	}
	return b.String()
}

const searchColumns = "s.place, d.id, d.dossier, d.kind, d.fields, d.demo, o.receiving, o.competent, h.id, h.name, h.number, COALESCE(x.body, '')"

// A candidate is a paper that lexemes and rows say answers.
type candidate struct {
	search.Paper
	place int64
	demo  bool
}

func scanCandidate(r row) (c candidate, err error) {
	var fields string
	err = r.Scan(&c.place, &c.Document, &c.Dossier, &c.Kind, &fields, &c.demo, &c.Receiving, &c.Competent,
		&c.Holder, &c.Name, &c.Number, &c.Text)
	if err == nil {
		c.Fields, err = fieldsFrom(fields)
	}
	return c, err
}

// searched returns the tables and conditions of a query. Rights are among them:
// what the reader may not see is neither found nor counted, whatever lexemes say.
func (f finder) searched(q search.Query, expression string, before int64) (string, where) {
	var w where
	from := f.from
	if expression != "" {
		from = f.lexed
		w.and(f.matches, expression)
	}
	from += f.join + "documents d ON d.id = s.document" + f.join + "dossiers o ON o.code = d.dossier"
	w.and("d.state = %s AND d.disposed = 0", string(dossier.Archived))
	if before > 0 {
		column := "s.place"
		if expression != "" && f.takeAway != "" {
			column = "search_lexemes.rowid"
		}
		w.and(column+" < %s", before)
	}
	among(&w, q.Scope, "o.receiving", "o.competent")
	within(&w, q.Within, "d")
	among(&w, q.Agencies, "o.receiving", "o.competent")
	if q.Kind != "" {
		w.and("d.kind = %s", string(q.Kind))
	}
	if q.From != "" || q.To != "" {
		w.and("s.issued <> ''")
	}
	if q.From != "" {
		w.and("s.issued >= %s", q.From)
	}
	if q.To != "" {
		w.and("s.issued <= %s", q.To)
	}
	return from, w
}

// newest is the order of a tier.
func (f finder) newest(expression string) string {
	if expression != "" && f.takeAway != "" {
		return " ORDER BY search_lexemes.rowid DESC"
	}
	return " ORDER BY s.place DESC"
}

// matchedFirst is the order of a tier in which PostgreSQL cannot go through the
// papers from the newest on: it finds all that match, by their index, and sorts.
const matchedFirst = " ORDER BY s.place + 0 DESC"

var planRows = pattern.Late(`"Plan Rows": (\d+)`)

// order is [finder.newest], or [matchedFirst]. PostgreSQL takes the lexemes of a
// paper for cheap to look at, and goes through thousands of papers to find twenty
// that hold an expression, each unpacked, some 50 µs. Finding all costs some 20 µs
// for each that matches, with its rows. So what is better follows from how many are
// expected.
func (db *DB) order(ctx context.Context, f finder, expression string) (string, error) {
	if expression == "" || f.expects == "" {
		return f.newest(expression), nil
	}
	plan, err := one(ctx, db.read, single[string], f.expects, expression)
	if err != nil {
		return "", err
	}
	newest, err := one(ctx, db.read, single[float64], "SELECT COALESCE(MAX(place), 0) FROM search_docs")
	if err != nil {
		return "", err
	}
	expected := 0.0
	if m := planRows().FindStringSubmatch(plan); m != nil {
		expected, _ = strconv.ParseFloat(m[1], 64)
	}
	if 20*expected*expected > usual*50*newest {
		return f.newest(expression), nil
	}
	return matchedFirst, nil
}

// usual is how many answers a page has, and mostExamined how many papers are
// looked at for one: a page that has fewer answers then says where to go on.
const (
	usual        = 20
	lookAtOnce   = 100
	mostExamined = 2000
	few          = 64 // answers up to which the engine is asked once, and not for each tier
)

// Search answers a query with one page: archived papers only, of the agencies in
// the query's scope. What is wrong with the query wraps [dossier.ErrInvalid] or
// [dossier.ErrForbidden]; no error repeats any of it.
func (db *DB) Search(ctx context.Context, q search.Query) (search.Answer, error) {
	var a search.Answer
	p, err := q.Plan()
	if err != nil {
		return a, fmt.Errorf("search: %w", err)
	}
	if q.Limit == 0 {
		q.Limit = usual
	}
	all := false
	if len(p.Tiers) > 2 {
		all, err = db.fewAnswers(ctx, q, p, &a)
	}
	if err == nil && !all {
		err = db.page(ctx, q, p, &a)
	}
	if err == nil {
		a.Behind, err = exists(ctx, db.read, "SELECT 1 FROM search_owed")
	}
	if err != nil {
		return search.Answer{}, fmt.Errorf("search: %w", err)
	}
	if all {
		return a, nil
	}
	if q.After == (search.Cursor{}) && a.Next == (search.Cursor{}) { // all of it was gone through
		a.Count = len(a.Hits)
		return a, nil
	}
	f := db.finder()
	from, w := f.searched(q, f.expression(p.Base, nil), 0)
	a.Count, err = one(ctx, db.read, single[int], "SELECT COUNT(*) FROM (SELECT 1 FROM "+from+w.String()+limited(search.MostCounted)+") AS found", w.values...)
	if err != nil {
		return search.Answer{}, fmt.Errorf("search: count: %w", err)
	}
	a.Rough = p.Look
	return a, nil
}

// fewAnswers makes a page if there are few answers, from one look at the index:
// to find few among very many an engine goes through long lists, and would for
// each tier. It reports whether there are no more than a few.
func (db *DB) fewAnswers(ctx context.Context, q search.Query, p search.Plan, a *search.Answer) (bool, error) {
	type placed struct {
		candidate
		tier int
	}
	var may []candidate
	got, err := db.candidates(ctx, q, db.finder().expression(p.Base, nil), 0, few+1, func(c candidate) error {
		may = append(may, c)
		return nil
	})
	if err != nil || got > few {
		return false, err
	}
	var list []placed
	for _, c := range may {
		if !p.Look || p.Has(c.Paper) {
			list = append(list, placed{c, p.Tier(c.Paper)})
		}
	}
	slices.SortStableFunc(list, func(a, b placed) int { return a.tier - b.tier }) // the newest come first already
	a.Count = len(list)
	for _, c := range list {
		at := search.Cursor{Tier: c.tier, Place: c.place}
		if c.tier < q.After.Tier || c.tier == q.After.Tier && q.After.Place > 0 && c.place >= q.After.Place {
			continue
		}
		if len(a.Hits) == q.Limit {
			a.Next = a.Hits[q.Limit-1].At
			break
		}
		hit := p.Show(c.Paper)
		hit.At, hit.Demo = at, c.demo
		a.Hits = append(a.Hits, hit)
	}
	return true, nil
}

var errFull = errors.New("the page is full")

// page fills a page, tier by tier.
func (db *DB) page(ctx context.Context, q search.Query, p search.Plan, a *search.Answer) error {
	at, examined := q.After, 0
	for at.Tier < len(p.Tiers) {
		n := q.Limit + 1 - len(a.Hits)
		if p.Look {
			n = lookAtOnce
		}
		got, err := db.candidates(ctx, q, db.finder().expression(p.Base, p.Tiers[:at.Tier+1]), at.Place, n, func(c candidate) error {
			examined++
			here := search.Cursor{Tier: at.Tier, Place: c.place}
			if !p.Look || p.Has(c.Paper) {
				if len(a.Hits) == q.Limit {
					a.Next = a.Hits[q.Limit-1].At
					return errFull
				}
				hit := p.Show(c.Paper)
				hit.At, hit.Demo = here, c.demo
				a.Hits = append(a.Hits, hit)
			}
			at.Place = c.place
			return nil
		})
		if errors.Is(err, errFull) {
			return nil
		} else if err != nil {
			return err
		}
		if got < n {
			at = search.Cursor{Tier: at.Tier + 1}
		} else if examined >= mostExamined {
			a.Next = at
			return nil
		}
	}
	return nil
}

// candidates calls do with papers whose lexemes hold expression, the newest
// archived first, those before a place if it is not 0, up to n of them.
func (db *DB) candidates(ctx context.Context, q search.Query, expression string, before int64, n int, do func(candidate) error) (got int, err error) {
	f := db.finder()
	from, w := f.searched(q, expression, before)
	order, err := db.order(ctx, f, expression)
	if err != nil {
		return 0, err
	}
	_, err = all(ctx, db.read, func(r row) (struct{}, error) {
		c, err := scanCandidate(r)
		if err == nil {
			got++
			err = do(c)
		}
		return struct{}{}, err
	}, "SELECT "+searchColumns+" FROM "+from+f.join+"holders h ON h.id = o.holder LEFT JOIN search_texts x ON x.place = s.place"+w.String()+
		order+" LIMIT "+strconv.Itoa(n), w.values...)
	return got, err
}
