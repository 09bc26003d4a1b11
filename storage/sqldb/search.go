package sqldb

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"sohoa/dossier"
	"sohoa/dossier/search"
)

// A finder is how an engine keeps sets of lexemes: all that differs between the
// engines. Lists of places come as numbers with commas between them.
type finder struct {
	ahead     bool   // look up lists block by block: the engine keeps few pages
	join      string // that keeps the order of tables
	quote     string // before and after a lexeme
	or        string
	rare      string // places whose lexemes, of those without a list, match expression $1
	fresh     string // the same of papers that are in no block
	masked    string // places that are fresh and something else tells of them too
	strings   string // the members of list $1
	oneOf     string // what stands before it is a member of list %s
	places    string // the same of a list of places
	each      string // a list of places as a table, which is to lead
	list      func([]string) any
	array     func([]string) any
	numbers   func([]int64) any
	freshPut  []string // lexemes $2 of the paper at place $1, into what is fresh
	freshGone []string // the paper at place $1 is fresh no more
	rarePut   []string // the same into what has no list
	freshOf   string   // places from $1 on and before $2, with their lexemes and how fresh they are
	insert    string   // a paper without lexemes; place $1, document $2, issued $3
	empty     []string // all of the index
	tuned     []string // how the engine is to merge, said again with each block
}

// fts5 is SQLite's.
var fts5 = finder{
	ahead: true, join: " CROSS JOIN ", quote: `"`, or: " OR ",
	rare:    "SELECT COALESCE(group_concat(rowid), '') FROM search_lexemes WHERE search_lexemes MATCH $1",
	fresh:   "SELECT COALESCE(group_concat(rowid), '') FROM search_fresh WHERE search_fresh MATCH $1",
	masked:  "SELECT COALESCE(group_concat(place), '') FROM search_docs WHERE fresh > 0 AND sealed = 1",
	strings: "SELECT value FROM json_each($1)",
	oneOf:   " IN (SELECT value FROM json_each(%s))",
	places:  "SELECT value FROM json_each(%s)",
	each:    "json_each(%s) e",
	list:    func(lexemes []string) any { return strings.Join(lexemes, " ") },
	array:   asArray[string],
	numbers: asArray[int64],
	freshPut: []string{"INSERT INTO search_told (place, lexemes) VALUES ($1, $2) ON CONFLICT (place) DO UPDATE SET lexemes = excluded.lexemes",
		"INSERT OR REPLACE INTO search_fresh (rowid, lexemes) VALUES ($1, $2)"},
	freshGone: []string{"DELETE FROM search_fresh WHERE rowid = $1", "DELETE FROM search_told WHERE place = $1"},
	rarePut:   []string{"INSERT OR REPLACE INTO search_lexemes (rowid, lexemes) VALUES ($1, $2)"},
	freshOf:   "SELECT s.place, s.fresh, f.lexemes FROM search_docs s CROSS JOIN search_told f ON f.place = s.place WHERE s.fresh > 0 AND s.place >= $1 AND s.place < $2 ORDER BY s.place",
	insert:    "INSERT INTO search_docs (place, document, issued) VALUES ($1, $2, $3)",
	// FTS5's tables first: the trigger of search_docs takes papers out of them, which
	// fails where they are damaged.
	empty: []string{"INSERT INTO search_lexemes (search_lexemes) VALUES ('delete-all')", "INSERT INTO search_fresh (search_fresh) VALUES ('delete-all')",
		"DELETE FROM search_texts", "DELETE FROM search_docs", "DELETE FROM search_told", "DELETE FROM search_lists", "DELETE FROM search_blocks", "DELETE FROM search_bound", "DELETE FROM search_volumes"},
	// A part of a block is one segment, so it must fit into the memory before it is
	// written. What is fresh goes a block at a time: merging it for a tenth that is
	// gone, as is usual, would be for nothing.
	tuned: []string{"INSERT INTO search_lexemes (search_lexemes, rank) VALUES ('automerge', 16)", "INSERT INTO search_lexemes (search_lexemes, rank) VALUES ('hashsize', 16777216)",
		"INSERT INTO search_fresh (search_fresh, rank) VALUES ('automerge', 16)", "INSERT INTO search_fresh (search_fresh, rank) VALUES ('deletemerge', 90)"},
}

// tsvector is PostgreSQL's.
var tsvector = finder{
	join: " JOIN ", quote: "'", or: " | ",
	rare:    "SELECT COALESCE(string_agg(CAST(place AS TEXT), ','), '') FROM search_docs WHERE lexemes @@ CAST($1 AS tsquery)",
	fresh:   "SELECT COALESCE(string_agg(CAST(place AS TEXT), ','), '') FROM search_fresh WHERE lexemes @@ CAST($1 AS tsquery)",
	masked:  "SELECT COALESCE(string_agg(CAST(place AS TEXT), ','), '') FROM search_docs WHERE fresh > 0 AND sealed = 1",
	strings: "SELECT unnest($1::text[])",
	oneOf:   " = ANY(%s::text[])",
	places:  "SELECT unnest(%s::bigint[])",
	each:    "unnest(%s::bigint[]) e(value)",
	list:    func(lexemes []string) any { return lexemes },
	array:   func(list []string) any { return list },
	numbers: func(list []int64) any { return list },
	freshPut: []string{`INSERT INTO search_fresh (place, lexemes) VALUES ($1, array_to_tsvector($2::text[]))
		ON CONFLICT (place) DO UPDATE SET lexemes = excluded.lexemes`},
	freshGone: []string{"DELETE FROM search_fresh WHERE place = $1"},
	rarePut:   []string{"UPDATE search_docs SET lexemes = array_to_tsvector($2::text[]) WHERE place = $1"},
	freshOf: `SELECT s.place, s.fresh, array_to_string(tsvector_to_array(f.lexemes), ' ') FROM search_docs s JOIN search_fresh f ON f.place = s.place
		WHERE s.fresh > 0 AND s.place >= $1 AND s.place < $2 ORDER BY s.place`,
	insert: "INSERT INTO search_docs (place, document, issued, lexemes) VALUES ($1, $2, $3, '')",
	empty:  []string{"TRUNCATE search_docs, search_texts, search_fresh, search_lists, search_blocks, search_bound, search_volumes RESTART IDENTITY"},
}

// asArray writes a list as JSON.
func asArray[T string | int64](list []T) any {
	b, _ := json.Marshal(list) // of such lists it never fails
	return string(b)
}

// among is the condition that what stands before it is one of list: a value, not so
// many, so that a query of a hundred is planned like one of one.
func (f finder) among(w *where, list []string) string {
	return fmt.Sprintf(f.oneOf, w.value(f.array(list)))
}

func (db *DB) finder() finder {
	if db.skipLocked != "" {
		return tsvector
	}
	return fts5
}

// quoted writes that one of lexemes is there.
func (f finder) quoted(lexemes []string) string {
	return f.quote + strings.Join(lexemes, f.quote+f.or+f.quote) + f.quote
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

// answering returns the tables and conditions of a query for papers at some
// places. Rights are among them: what the reader may not see is neither found nor
// counted, whatever lexemes say.
func (f finder) answering(q search.Query, places []int64) (string, where) {
	var w where
	w.and("s.place IN ("+f.places+")", f.numbers(places))
	w.and("d.state = %s AND d.disposed = 0", string(dossier.Archived))
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
	return "search_docs s" + f.join + "documents d ON d.id = s.document" + f.join + ofDossier, w
}

const ofDossier = "dossiers o ON o.code = d.dossier"

// usual is how many answers a page has, and mostExamined how many papers are
// looked at for one: a page that has fewer answers then says where to go on.
const (
	usual        = 20
	lookAtOnce   = 100
	mostExamined = 2000
)

// Search answers a query with one page: archived papers only, of the agencies in
// the query's scope. What is wrong with the query wraps [dossier.ErrInvalid] or
// [dossier.ErrForbidden]; no error repeats any of it.
func (db *DB) Search(ctx context.Context, q search.Query) (a search.Answer, err error) {
	if err := q.Check(); err != nil {
		return a, fmt.Errorf("search: %w", err)
	}
	if q.Limit == 0 {
		q.Limit = usual
	}
	tx, err := db.read.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead}) // SQLite has no other
	if err != nil {
		return a, fmt.Errorf("search: %w", err)
	}
	defer func() {
		if e := ended(tx.Rollback()); e != nil {
			err = errors.Join(err, e)
		}
		if err != nil {
			a, err = search.Answer{}, fmt.Errorf("search: %w", err)
		}
	}()
	r, err := db.searchReader(ctx, tx)
	if err != nil {
		return a, err
	}
	short, err := r.shorter(q)
	if err != nil {
		return a, err
	}
	p, err := short.Plan()
	if err != nil {
		return a, err
	}
	s := &searching{searchReader: r, q: q, p: p, a: &a}
	if err := s.answer(); err != nil {
		return a, err
	}
	a.Behind, err = exists(ctx, tx, "SELECT 1 FROM search_owed")
	return a, err
}

// A searching is the answering of one query.
type searching struct {
	*searchReader
	q search.Query
	p search.Plan
	a *search.Answer

	base     placeSet // what may answer
	at       search.Cursor
	examined int
}

func (s *searching) answer() (err error) {
	if err := s.ahead(s.p.Base); err != nil {
		return err
	}
	if s.base, err = s.having(s.p.Base); err != nil {
		return err
	}
	if s.q.Within != nil && s.q.Within.Dossier != "" {
		only := newPlaceSet(s.last)
		places, err := all(s.ctx, s.tx, single[int64], "SELECT s.place FROM documents d JOIN search_docs s ON s.document = d.id WHERE d.dossier = $1", string(s.q.Within.Dossier))
		if err != nil {
			return err
		}
		for _, place := range places {
			only.add(place)
		}
		only.and(s.base)
		s.base = only
	}
	if err := s.page(); err != nil {
		return err
	}
	if s.q.After == (search.Cursor{}) && s.a.Next == (search.Cursor{}) { // all of it was gone through
		s.a.Count = len(s.a.Hits)
		return nil
	}
	s.a.Rough = s.p.Look
	return s.count()
}

var errFull = errors.New("the page is full")

// page fills a page, tier by tier.
func (s *searching) page() error {
	s.at = s.q.After
	left := s.base // what is in none of the tiers before
	for i, tier := range s.p.Tiers {
		here := left
		if !tier.IsZero() && !left.empty() {
			s.within(left)
			if err := s.ahead(tier); err != nil {
				return err
			}
			holds, err := s.having(tier)
			if err != nil {
				return err
			}
			here = left.clone()
			here.and(holds)
			left = left.without(holds)
		}
		if i < s.at.Tier {
			continue
		}
		if full, err := s.tier(here); err != nil || full {
			return err
		}
		s.at = search.Cursor{Tier: i + 1}
	}
	return nil
}

// tier goes through a tier from where the page is at, and reports whether the
// page ends there.
func (s *searching) tier(here placeSet) (full bool, err error) {
	n := s.q.Limit + 1 - len(s.a.Hits)
	if s.p.Look {
		n = lookAtOnce
	}
	for {
		places := here.below(s.at.Place, n)
		if len(places) == 0 {
			return false, nil
		}
		err := s.candidates(places, s.take)
		if errors.Is(err, errFull) {
			return true, nil
		} else if err != nil {
			return false, err
		}
		s.at.Place = places[len(places)-1]
		if s.examined >= mostExamined {
			s.a.Next = s.at
			return true, nil
		}
		if !s.p.Look {
			n = min(8*n, search.MostCounted) // rows leave many out
		}
	}
}

func (s *searching) take(c candidate) error {
	if s.p.Look {
		s.examined++
		if !s.p.Has(c.Paper) {
			return nil
		}
	}
	if len(s.a.Hits) == s.q.Limit {
		s.a.Next = s.a.Hits[s.q.Limit-1].At
		return errFull
	}
	hit := s.p.Show(c.Paper)
	hit.At, hit.Demo = search.Cursor{Tier: s.at.Tier, Place: c.place}, c.demo
	s.a.Hits = append(s.a.Hits, hit)
	return nil
}

// candidates calls do with the papers at some places that rows say answer, the
// newest archived first.
func (s *searching) candidates(places []int64, do func(candidate) error) error {
	from, w := s.f.answering(s.q, places)
	_, err := all(s.ctx, s.tx, func(r row) (struct{}, error) {
		c, err := scanCandidate(r)
		if err == nil {
			err = do(c)
		}
		return struct{}{}, err
	}, "SELECT "+searchColumns+" FROM "+from+s.f.join+"holders h ON h.id = o.holder LEFT JOIN search_texts x ON x.place = s.place"+w.String()+" ORDER BY s.place DESC", w.values...)
	return err
}

// count counts what answers, or may, up to [search.MostCounted].
func (s *searching) count() error {
	n := search.MostCounted
	for before := int64(0); s.a.Count < search.MostCounted; n = min(4*n, 16*search.MostCounted) {
		places := s.base.below(before, n)
		if len(places) == 0 {
			return nil
		}
		from, w := s.f.answering(s.q, places)
		if len(s.q.Scope)+len(s.q.Agencies) == 0 && s.q.Within == nil { // nothing is asked of dossiers, and every paper has one
			from = strings.TrimSuffix(from, s.f.join+ofDossier)
		}
		found, err := one(s.ctx, s.tx, single[int], "SELECT COUNT(*) FROM "+from+w.String(), w.values...)
		if err != nil {
			return fmt.Errorf("count: %w", err)
		}
		s.a.Count = min(s.a.Count+found, search.MostCounted)
		before = places[len(places)-1]
	}
	return nil
}
