package sqldb

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"

	"sohoa/dossier"
	"sohoa/dossier/search"
)

// blockOf is how many papers a block of the index has. A lexeme that one in
// frequent papers of a block has, or more, is kept as a list of places.
const (
	blockOf  = 4096
	frequent = 256
)

// A searchReader finds which papers have which lexemes, as of one moment.
type searchReader struct {
	ctx    context.Context
	tx     *sql.Tx
	f      finder
	block  int64
	volume int64    // its papers
	last   int64    // place
	masked placeSet // papers of which only what is fresh holds; nil: none
	known  map[string]placeSet
	sealed map[string]placeSet // what blocks list of those that were looked for ahead

	// Of these anything is asked any more; papers of no other can be found.
	volumes []boundVolume
	loose   []int64 // blocks in no volume
}

func (db *DB) searchReader(ctx context.Context, tx *sql.Tx) (*searchReader, error) {
	r := &searchReader{ctx: ctx, tx: tx, f: db.finder(), block: db.blockOf, volume: db.volumeOf * db.blockOf, known: map[string]placeSet{}, sealed: map[string]placeSet{}}
	var err error
	if r.last, err = one(ctx, tx, single[int64], "SELECT COALESCE(MAX(place), 0) FROM search_docs"); err != nil {
		return nil, err
	}
	list, err := one(ctx, tx, single[string], r.f.masked)
	if err == nil && list != "" {
		r.masked = newPlaceSet(r.last)
		err = r.masked.written(list)
	}
	if err != nil {
		return nil, err
	}
	blocks, err := all(ctx, tx, scanSealedBlock, sealedBlocks+" ORDER BY block")
	r.volumes, r.loose = db.volumesOf(blocks)
	return r, err
}

// every returns all places.
func (r *searchReader) every() placeSet {
	s := newPlaceSet(r.last)
	s.fill(r.last)
	return s
}

// having returns the papers whose lexemes hold e. The caller does not change it.
func (r *searchReader) having(e search.Expr) (placeSet, error) {
	switch {
	case e.Lexeme != "":
		return r.lexemes(e.Lexeme)
	case len(e.Any) > 0:
		return r.any(e.Any)
	}
	var found placeSet
	for i, x := range e.All {
		s, err := r.having(x)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			found = s.clone()
		} else {
			found.and(s)
		}
		if found.empty() {
			return found, nil
		}
	}
	if found == nil {
		found = r.every()
	}
	return found, nil
}

// any returns the papers that one of some expressions finds; lexemes are looked
// up together.
func (r *searchReader) any(list []search.Expr) (placeSet, error) {
	var lexemes []string
	found := newPlaceSet(r.last)
	for _, e := range list {
		if e.Lexeme != "" {
			lexemes = append(lexemes, e.Lexeme)
			continue
		}
		s, err := r.having(e)
		if err != nil {
			return nil, err
		}
		found.or(s)
	}
	if len(lexemes) > 0 {
		s, err := r.lexemes(lexemes...)
		if err != nil {
			return nil, err
		}
		found.or(s)
	}
	return found, nil
}

// lexemes returns the papers that have one of some lexemes.
func (r *searchReader) lexemes(list ...string) (placeSet, error) {
	key := strings.Join(list, " ")
	if s, ok := r.known[key]; ok {
		return s, nil
	}
	s, ahead := r.sealed[key]
	if !ahead {
		s = newPlaceSet(r.last)
		if err := r.blocks(map[string][]placeSet{"": {s}}, list); err != nil {
			return nil, err
		}
	}
	delete(r.sealed, key) // it is ours now
	expression := r.f.quoted(list)
	if err := r.listed(s, r.f.rare, expression); err != nil {
		return nil, err
	}
	if r.masked != nil {
		s.andNot(r.masked)
	}
	if err := r.listed(s, r.f.fresh, expression); err != nil {
		return nil, err
	}
	r.known[key] = s
	return s, nil
}

// ahead looks up what the blocks list of all that e asks for, block by block: one
// after the other, the pages above a block's lists would be read again for each.
func (r *searchReader) ahead(e search.Expr) error {
	if !r.f.ahead {
		return nil
	}
	into := map[string][]placeSet{}
	r.asks(e, into)
	if len(into) == 0 {
		return nil
	}
	return r.blocks(into, slices.Sorted(maps.Keys(into)))
}

// asks enters the sets that each lexeme of e goes into, as lexemes will ask for them.
func (r *searchReader) asks(e search.Expr, into map[string][]placeSet) {
	var list []string
	if e.Lexeme != "" {
		list = []string{e.Lexeme}
	}
	for _, x := range e.Any {
		switch {
		case x.Lexeme != "":
			list = append(list, x.Lexeme)
		case len(x.All) > 0: // mostly the first ends it: a number's words are asked for beside it
			r.asks(x.All[0], into)
		default:
			r.asks(x, into)
		}
	}
	for _, x := range e.All {
		r.asks(x, into)
	}
	key := strings.Join(list, " ")
	if len(list) == 0 || r.known[key] != nil || r.sealed[key] != nil {
		return
	}
	r.sealed[key] = newPlaceSet(r.last)
	for _, lexeme := range list {
		into[lexeme] = append(into[lexeme], r.sealed[key])
	}
}

// blocks adds what volumes and loose blocks list of lexemes to the sets of each, or
// to those of "". The sets are empty before.
func (r *searchReader) blocks(into map[string][]placeSet, list []string) error {
	if len(r.volumes) > 0 {
		volumes, numbers := map[int64]boundVolume{}, []int64{}
		for _, v := range r.volumes {
			volumes[v.volume] = v
			numbers = append(numbers, v.volume)
		}
		if err := r.lists("search_bound l ON l.volume = e.value", "l.volume", numbers, into, list, func(volume int64, s placeSet, papers []byte) error {
			v := volumes[volume]
			first := v.first * r.block
			err := s.unpack(papers, first, r.volume)
			if from := first >> 6; from < int64(len(s)) {
				v.only(s[from:min(int64(len(s)), from+r.volume>>6)], r.block)
			}
			return err
		}); err != nil {
			return err
		}
	}
	if len(r.loose) == 0 {
		return nil
	}
	return r.lists("search_lists l ON l.block = e.value", "l.block", r.loose, into, list, func(block int64, s placeSet, papers []byte) error {
		return s.unpack(papers, block*r.block, r.block)
	})
}

// lists calls add with each list that table has of lexemes, of those with some
// numbers, and each set it goes into. The numbers lead: without being told so an
// engine would go through the lists of all.
func (r *searchReader) lists(table, number string, numbers []int64, into map[string][]placeSet, list []string, add func(number int64, s placeSet, papers []byte) error) error {
	query, args := "l.lexeme = $1", []any{list[0]}
	if len(list) > 1 {
		query, args = "l.lexeme IN ("+r.f.strings+")", []any{r.f.array(list)}
	}
	rows, err := r.tx.QueryContext(r.ctx, "SELECT "+number+", l.lexeme, l.papers FROM "+fmt.Sprintf(r.f.each, "$2")+r.f.join+table+" AND "+query, append(args, r.f.numbers(numbers))...)
	if err != nil {
		return err
	}
	defer rows.Close()
	var (
		which          int64
		lexeme, papers sql.RawBytes
	)
	all := into[""]
	for rows.Next() {
		if err := rows.Scan(&which, &lexeme, &papers); err != nil {
			return err
		}
		sets := all
		if sets == nil {
			sets = into[string(lexeme)]
		}
		for _, s := range sets {
			if err := add(which, s, papers); err != nil {
				return err
			}
		}
	}
	return rows.Err()
}

// within asks nothing any more of blocks of which s has no paper: what is found
// from here on is right for papers of s alone.
func (r *searchReader) within(s placeSet) {
	if !r.f.ahead {
		return
	}
	none := func(first, papers int64) bool {
		from := first >> 6
		return from >= int64(len(s)) || s[from:min(int64(len(s)), from+max(1, papers>>6))].empty()
	}
	r.volumes = slices.DeleteFunc(slices.Clone(r.volumes), func(v boundVolume) bool { return none(v.first*r.block, r.volume) })
	r.loose = slices.DeleteFunc(slices.Clone(r.loose), func(block int64) bool { return none(block*r.block, r.block) })
}

func (r *searchReader) listed(s placeSet, query, expression string) error {
	list, err := one(r.ctx, r.tx, single[string], query, expression)
	if err == nil {
		err = s.written(list)
	}
	return err
}

// shorter says the query's scope as branches, if it is long: whole parts of the
// tree of agencies by the agency at their head, which is a lexeme of each paper
// below it. Conditions on rows keep the scope as it is.
func (r *searchReader) shorter(q search.Query) (search.Query, error) {
	const long = 4
	if len(q.Scope) < long {
		return q, nil
	}
	type agency struct{ code, parent dossier.AgencyCode }
	list, err := all(r.ctx, r.tx, func(row row) (a agency, err error) {
		err = row.Scan(&a.code, &a.parent)
		return a, err
	}, "SELECT code, COALESCE(parent, '') FROM agencies")
	if err != nil {
		return q, err
	}
	within := map[dossier.AgencyCode]bool{}
	for _, a := range q.Scope {
		within[a] = true
	}
	parents, partly := map[dossier.AgencyCode]dossier.AgencyCode{}, map[dossier.AgencyCode]bool{}
	for _, a := range list {
		parents[a.code] = a.parent
	}
	for _, a := range list {
		if within[a.code] {
			continue
		}
		for up, n := a.code, 0; up != "" && n < len(list); up, n = parents[up], n+1 {
			partly[up] = true // there is an agency below it that is not of the scope
		}
	}
	scope := q.Scope
	q.Scope = nil
	for _, a := range scope {
		up, known := parents[a]
		switch {
		case !known || partly[a]:
			q.Scope = append(q.Scope, a)
		case up == "" || partly[up] || !within[up]:
			q.Branches = append(q.Branches, a)
		}
	}
	slices.Sort(q.Branches)
	return q, nil
}
