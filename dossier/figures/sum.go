package figures

import (
	"maps"
	"slices"
)

// A relation is how a cell's months stand to a period, which is all that formulas
// ask of them.
type relation int

// The parts of a relation: when resolved, and whether received in the period.
const (
	openStill relation = iota
	resolvedIn
	resolvedOut

	receivedIn relation = 4 // added
	relations           = 8
)

// bounds are the months of a period, from one up to another.
type bounds struct{ from, to MonthNumber }

func boundsOf(p Period) bounds { return bounds{MonthOf(p.From), MonthOf(p.To)} }

func (b bounds) has(m MonthNumber) bool { return m >= b.from && m < b.to }

func (b bounds) of(received, resolved MonthNumber) relation {
	r := resolvedOut
	switch {
	case resolved == 0:
		r = openStill
	case b.has(resolved):
		r = resolvedIn
	}
	if b.has(received) {
		r += receivedIn
	}
	return r
}

// months are what [Cell.Within] gives a cell of r.
func (b bounds) months(r relation) (received, resolved MonthNumber) {
	received, resolved = b.to, b.to
	if r >= receivedIn {
		received = b.from
	}
	switch r % receivedIn {
	case openStill:
		resolved = 0
	case resolvedIn:
		resolved = b.from
	}
	return received, resolved
}

// A Sum adds cells of the same agency, procedure and officer up, as far as a
// period of whole months tells them apart: see [Cell.Within].
type Sum struct {
	bounds
	n byStanding[[relations]int]
}

// byStanding keeps a T of each standing. Pages of figures ask for one some hundred
// thousand times, nearly always for one of a few dozens: those stand near.
type byStanding[T any] struct {
	near [128]struct {
		of Standing
		is *T
	}
	all map[Standing]*T
}

// at returns what is kept of s, at first the zero T.
func (b *byStanding[T]) at(s Standing) *T {
	near := &b.near[(s^s>>7)%Standing(len(b.near))]
	if near.is != nil && near.of == s {
		return near.is
	}
	is := b.all[s]
	if is == nil {
		if is = new(T); b.all == nil {
			b.all = map[Standing]*T{}
		}
		b.all[s] = is
	}
	near.of, near.is = s, is
	return is
}

// NewSum returns an empty sum.
func NewSum(p Period) *Sum { return &Sum{bounds: boundsOf(p)} }

// Add adds c, if it was received or resolved in the period.
func (s *Sum) Add(c Cell) {
	r := s.of(c.Received, c.Resolved)
	if r == openStill || r == resolvedOut {
		return
	}
	s.n.at(c.Standing)[r] += c.N
}

// AddSum adds another sum over the same period.
func (s *Sum) AddSum(o *Sum) {
	for standing, more := range o.n.all {
		n := s.n.at(standing)
		for r := range more {
			n[r] += more[r]
		}
	}
}

// Reset empties s.
func (s *Sum) Reset() {
	clear(s.n.near[:])
	clear(s.n.all)
}

// Cells appends to list the cells that s is, without those of nothing, in the order of months and standing: with the
// agency, procedure and officer of like.
func (s *Sum) Cells(list []Cell, like Cell) []Cell {
	standings := slices.Sorted(maps.Keys(s.n.all))
	for _, r := range inOrder {
		like.Received, like.Resolved = s.months(r)
		for _, like.Standing = range standings {
			if like.N = s.n.all[like.Standing][r]; like.N != 0 {
				list = append(list, like)
			}
		}
	}
	return list
}

// inOrder are the relations in the order of the months that they stand for.
var inOrder = [...]relation{receivedIn + openStill, receivedIn + resolvedIn, receivedIn + resolvedOut, openStill, resolvedIn, resolvedOut}

// Verdicts are what a formula says of cells in a period of whole months: it is asked once of all that it
// takes alike.
type Verdicts struct {
	bounds
	period Period
	stands func(Fact, Period) Why
	said   byStanding[[relations]Why]
}

// NewVerdicts returns those of a formula.
func NewVerdicts(stands func(Fact, Period) Why, p Period) *Verdicts {
	return &Verdicts{bounds: boundsOf(p), period: p, stands: stands}
}

// Of says how the dossiers of c stand.
func (v *Verdicts) Of(c Cell) Why {
	said := v.said.at(c.Standing)
	r := v.of(c.Received, c.Resolved)
	if said[r] == "" {
		received, resolved := v.months(r)
		said[r] = v.stands(Cell{Received: received, Resolved: resolved, Standing: c.Standing}.Fact(), v.period)
	}
	return said[r]
}
