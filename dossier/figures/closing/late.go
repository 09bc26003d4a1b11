package closing

import (
	"context"
	"slices"

	"sohoa/dossier"
	"sohoa/dossier/figures"
)

// A Late is what came, since the closing before this one, of a month that was
// closed earlier and stays as it was: by how much it would count otherwise. The
// closed figure, with all that came late after it, is the figure of today; what a
// correction has taken in is late no more.
type Late struct {
	Figures []Moved `json:"figures"` // those that would change
	Month   Month   `json:"month"`
	Since   int64   `json:"since"` // place of the ledger from which on it was late
	Tally   Tally   `json:"tally"`
}

// A Moved is by how much a figure would be higher.
type Moved struct {
	Denominator int            `json:"denominator"`
	Family      figures.Family `json:"family"`
	Key         string         `json:"key"`
	Numerator   int            `json:"numerator"`
}

// late counts what came late, before the closing of m that counted so far, of the
// months in all that were closed before it. catalog is that of m. Where rows are
// not what the ledger says is told as well.
func (b *Books) late(ctx context.Context, s Statement, counted int64, all []Closing, catalog []dossier.Procedure) (out []Late, differs []Difference, err error) {
	newest, from := map[Month]Closing{}, int64(0)
	var months []Month
	for _, c := range all { // by month and version
		if c.Month >= s.Month || c.Counted > counted || c.Demo != s.Demo {
			continue
		}
		if newest[c.Month] = c; c.Version == 1 {
			months, from = append(months, c.Month), c.Counted
		}
	}
	if len(months) == 0 {
		return nil, nil, nil
	}
	touched, err := b.Rows.Touched(ctx, from, counted)
	if err != nil {
		return nil, nil, err
	}
	for _, m := range months {
		p := m.Period()
		var only []dossier.Code
		for _, d := range touched {
			if p.Contains(d.Received) || p.Contains(d.Resolved) {
				only = append(only, d.Code)
			}
		}
		if len(only) == 0 {
			continue
		}
		l, more, err := b.lateOf(ctx, newest[m], Recount{Period: p, Counted: max(from, newest[m].Counted), Catalog: catalog, Only: only}, counted)
		if err != nil {
			return nil, nil, err
		}
		differs = append(differs, more...)
		if len(l.Figures) > 0 || l.Tally != (Tally{}) {
			out = append(out, l)
		}
	}
	return out, differs, nil
}

// lateOf counts what came late of one month, by the catalogue with which it was
// closed, and for procedures that are newer by that of ask.
func (b *Books) lateOf(ctx context.Context, c Closing, ask Recount, counted int64) (Late, []Difference, error) {
	l := Late{Figures: []Moved{}, Month: c.Month, Since: ask.Counted}
	facts, err := b.read(ctx, c.Facts)
	if err != nil {
		return l, nil, err
	}
	kept, err := thaw(facts)
	if err != nil {
		return l, nil, err
	}
	p := ask.Period
	ask.Catalog = slices.Concat(ask.Catalog, kept.catalog()) // the last one of a code counts
	was, err := b.Rows.FactsAt(ctx, ask)
	if err != nil {
		return l, nil, err
	}
	ask.Counted = counted
	is, err := b.Rows.FactsAt(ctx, ask)
	if err != nil {
		return l, nil, err
	}
	then, now := figures.Input{Facts: of(was.Facts, c.Demo), Period: p}, figures.Input{Facts: of(is.Facts, c.Demo), Period: p}
	a, z := tally(then), tally(now)
	l.Tally = Tally{z.Received - a.Received, z.Resolved - a.Resolved, z.Reused - a.Reused}
	before := counts(then, false)
	for i, f := range counts(now, false) {
		moved := Moved{f.Denominator - before[i].Denominator, f.Family, f.Key, f.Numerator - before[i].Numerator}
		if moved.Denominator != 0 || moved.Numerator != 0 {
			l.Figures = append(l.Figures, moved)
		}
	}
	return l, slices.Concat(was.Differs, is.Differs), nil
}
