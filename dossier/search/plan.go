package search

import (
	"fmt"
	"strings"
)

// An Expr is what a set of lexemes must have: a lexeme, all of some expressions,
// or any of them. The zero Expr is always true.
type Expr struct {
	Lexeme string
	All    []Expr
	Any    []Expr
}

// IsZero reports whether e asks for nothing.
func (e Expr) IsZero() bool { return e.Lexeme == "" && len(e.All) == 0 && len(e.Any) == 0 }

// each returns the expressions of which any is enough for e.
func (e Expr) each() []Expr {
	if len(e.Any) > 0 {
		return e.Any
	}
	return []Expr{e}
}

// Holds reports whether a set of lexemes has what e asks for.
func (e Expr) Holds(has func(lexeme string) bool) bool {
	switch {
	case e.Lexeme != "":
		return has(e.Lexeme)
	case len(e.Any) > 0:
		for _, x := range e.Any {
			if x.Holds(has) {
				return true
			}
		}
		return false
	}
	for _, x := range e.All {
		if !x.Holds(has) {
			return false
		}
	}
	return true
}

func lexeme(s string) Expr { return Expr{Lexeme: s} }

// all joins expressions without those that ask for nothing.
func all(list ...Expr) Expr {
	var kept []Expr
	for _, e := range list {
		if !e.IsZero() {
			kept = append(kept, e)
		}
	}
	if len(kept) == 1 {
		return kept[0]
	}
	return Expr{All: kept}
}

// anyOf joins expressions of which one is enough.
func anyOf(list ...Expr) Expr {
	if len(list) == 1 {
		return list[0]
	}
	return Expr{Any: list}
}

// A Plan is a query as an engine answers it. A paper answers it if its lexemes
// hold Base, its rows the rights and filters, and, if Look is set, the paper
// itself [Plan.Has] what is asked for. It belongs to the first of Tiers that its
// lexemes hold; the last one is always true. Answers come tier by tier, and in a
// tier the newest archived first: by the place that each paper was given when it was
// first made findable, and has after a rebuild and in a restored house, too.
type Plan struct {
	Base  Expr
	Tiers []Expr
	Look  bool

	needs  []need
	exact  bool
	people bool
}

const mostTiers = 5

// Plan reads a query. What is wrong with it wraps [dossier.ErrInvalid], or
// [dossier.ErrForbidden] for what the reader may not look for.
func (q Query) Plan() (Plan, error) {
	p := Plan{needs: needs(q.Text), exact: q.Exact, people: q.People}
	if err := q.check(p.needs); err != nil {
		return Plan{}, err
	}
	base := []Expr{q.rights(), codes(classAgency, q.Agencies), days(q.From, q.To)}
	if q.Kind != "" {
		base = append(base, lexeme(code(classKind, q.Kind)))
	}
	if q.Within != nil {
		base = append(base, codes(classAgency, q.Within.Agencies), codes(classKind, q.Within.Kinds))
	}
	for _, w := range Words(q.Holder) {
		base = append(base, lexeme(classHolder+w))
	}
	if number := words(Normal(q.Number)); len(number) > 0 {
		base = append(base, lexeme(classOwnNumber+joined(number)))
	}
	var run []token
	for _, n := range p.needs {
		base = append(base, p.need(n))
		if n.exactly(q.Exact) {
			base = append(base, p.tones(n.words))
		}
		run = append(run, n.words...)
		p.Look = p.Look || q.Exact || len(n.words) > 1
	}
	p.Base = all(base...)
	p.Tiers = p.tiers(run)
	return p, nil
}

// need is what the lexemes of a paper must have for n. Of words in a row only
// the rows are asked for, which say that the words are there: lists of frequent
// words are long.
func (p Plan) need(n need) Expr {
	var list []Expr
	for _, t := range n.words {
		list = append(list, p.word(t.word))
	}
	e := all(list...)
	if len(list) > 1 {
		e = anyOf(all(p.rows(n.words)...), all(append([]Expr{lexeme(lexemeCut)}, list...)...))
	}
	if n.number != "" {
		e = anyOf(lexeme(classNumber+n.number), e)
	}
	return e
}

// rows are the lexemes of words in a row: by three, or the two there are.
func (p Plan) rows(list []token) (rows []Expr) {
	if len(list) == 2 {
		return []Expr{anyOf(p.pair(list[0].word, list[1].word)...)}
	}
	for i := 2; i < len(list); i++ {
		a, b, c := list[i-2].word, list[i-1].word, list[i].word
		e := []Expr{lexeme(triple(classTriple, a, b, c))}
		if p.people {
			e = append(e, lexeme(triple(classHolderTriple, a, b, c)))
		}
		rows = append(rows, anyOf(e...))
	}
	return rows
}

// tones is that words stand as they are written. Of a paper that is cut the
// lexemes do not tell.
func (p Plan) tones(words []token) Expr {
	var list []Expr
	for _, t := range words {
		e := []Expr{lexeme(classExact + exactly(t.exact)), lexeme(lexemeCut)}
		if p.people {
			e = append(e, lexeme(classHolderExact+exactly(t.exact)))
		}
		list = append(list, anyOf(e...))
	}
	return all(list...)
}

func (p Plan) word(w string) Expr {
	if p.people {
		return anyOf(lexeme(classWord+w), lexeme(classHolder+w))
	}
	return lexeme(classWord + w)
}

func (p Plan) pair(a, b string) []Expr {
	list := []Expr{lexeme(pair(classPair, a, b))}
	if p.people {
		list = append(list, lexeme(pair(classHolderPair, a, b)))
	}
	return list
}

// tiers ranks: the paper's own number is what was asked for; all words one after
// another in what is told of the paper, or in its holder's name; all of them
// there; one after another in its text; anywhere.
func (p Plan) tiers(run []token) []Expr {
	if len(run) == 0 {
		return []Expr{{}}
	}
	var own []Expr
	for _, n := range p.needs {
		if n.number != "" {
			own = append(own, lexeme(classOwnNumber+n.number))
		}
	}
	var tiers []Expr
	if len(own) > 0 {
		tiers = append(tiers, all(own...))
	}
	var head []Expr
	for _, t := range run {
		e := []Expr{lexeme(classHead + t.word)}
		if p.people {
			e = append(e, lexeme(classHolder+t.word))
		}
		head = append(head, anyOf(e...))
	}
	if len(run) > 1 {
		var told, holder []Expr
		for i := 1; i < len(run); i++ {
			a, b := run[i-1].word, run[i].word
			told = append(told, lexeme(pair(classHeadPair, a, b)))
			holder = append(holder, lexeme(pair(classHolderPair, a, b)))
		}
		inOrder := Plan{}.rows(run) // of the text and what is told of it, not of its holder
		first := []Expr{all(told...)}
		if p.people {
			first = append(first, all(holder...))
		}
		return append(tiers, anyOf(first...), all(head...), all(inOrder...), Expr{})
	}
	return append(tiers, head[0], Expr{})
}

// mostCodes is how many agencies and kinds are asked for one by one: more are
// left to the rows alone.
const mostCodes = 64

// codes is one of some codes; none: all.
func codes[T ~string](class string, list []T) Expr {
	if len(list) == 0 || len(list) > mostCodes {
		return Expr{}
	}
	var e []Expr
	for _, c := range list {
		e = append(e, lexeme(code(class, c)))
	}
	return anyOf(e...)
}

// rights is one of the agencies of the query's scope.
func (q Query) rights() Expr {
	single, branch := codes(classAgency, q.Scope), codes(classBranch, q.Branches)
	switch {
	case len(q.Branches) == 0:
		return single
	case len(q.Scope) == 0:
		return branch
	case single.IsZero() || branch.IsZero():
		return Expr{}
	}
	return anyOf(append(single.each(), branch.each()...)...)
}

// spans are the digits of a day, year first, that stand for a time it lies in: a
// century, a decade, a year, a month, itself.
var spans = [...]int{2, 3, 4, 6, 8}

// days is a day between two, both included, in as few spans as there are; an
// empty one is no bound.
func days(from, to string) Expr {
	if from == "" && to == "" {
		return Expr{}
	}
	a, b := "00000101", "99991231"
	if from != "" {
		a = strings.ReplaceAll(from, "-", "")
	}
	if to != "" {
		b = strings.ReplaceAll(to, "-", "")
	}
	e := []Expr{lexeme(classDay)} // no paper has it
	cover("", 0, a, b, func(span string) { e = append(e, lexeme(classDay+span)) })
	return anyOf(e...)
}

// cover calls use with the spans that days from a to b fall into whole, and goes
// into those at the edges. It names no month and no day of a month that no calendar
// has: each span is looked for in every block of the archive.
func cover(prefix string, level int, a, b string, use func(string)) {
	from, to := 0, 99
	switch spans[level] {
	case 6:
		from, to = 1, 12
	case 8:
		from, to = 1, 31
	}
	for i := from; i <= to; i++ {
		span := prefix + fmt.Sprintf("%0*d", spans[level]-len(prefix), i)
		if len(span) > spans[level] {
			return
		}
		first, last := span+"00000000"[len(span):], span+"99999999"[len(span):]
		switch {
		case last < a || first > b:
		case first >= a && last <= b || level == len(spans)-1:
			use(span)
		case wholly(span, a, b):
			use(span)
		default:
			cover(span, level+1, a, b, use)
		}
	}
}

// wholly reports whether every day that can be in a span, months having 31 at
// most, is from a to b.
func wholly(span, a, b string) bool {
	first, last := span+"00000101"[len(span):], span+"99991231"[len(span):]
	if len(span) == 8 {
		first, last = span, span
	}
	return first >= a && last <= b
}
