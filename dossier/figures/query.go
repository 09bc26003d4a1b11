package figures

import (
	"sohoa/dossier"
)

// A CellQuery asks for counts, in place of the dossiers themselves.
type CellQuery struct {
	Period Period // of whole months

	// Agencies are told apart, each with those under it. None mean all: those that
	// are under no other, or with Own every one.
	Agencies []dossier.AgencyCode
	Own      bool // without those under them

	Procedure dossier.ProcedureCode // only of this one, if not empty
	Officer   dossier.PersonID      // only what this one received, if not empty: of an agency's own

	ByProcedure bool // procedures are told apart
	ByOfficer   bool // officers are told apart, of the agencies' own
}

// Apart reports whether q needs counts of each procedure, or of each officer.
func (q CellQuery) Apart() (procedures, officers bool) {
	return q.ByProcedure || q.Procedure != "", q.ByOfficer || q.Officer != ""
}

// Within returns c with its months as far as p tells them apart: the month in
// which p begins for all that are in it, the month after it for others. Formulas
// take it as they take c.
func (c Cell) Within(p Period) Cell {
	from, to := MonthOf(p.From), MonthOf(p.To)
	within := func(m MonthNumber) MonthNumber {
		switch {
		case m == 0:
			return 0
		case m >= from && m < to:
			return from
		}
		return to
	}
	c.Received, c.Resolved = within(c.Received), within(c.Resolved)
	return c
}

// A Mark is a place in the list of dossiers behind a figure: after the dossier
// that it names. The zero Mark is the beginning.
type Mark struct {
	Agency   dossier.AgencyCode
	Received int64 // milliseconds since 1970 UTC
	Code     dossier.Code
}

// Measures counts several figures at once.
func Measures(of []Indicator, in Input) []Measure {
	out := make([]Measure, len(of))
	for i, x := range of {
		out[i] = Measure{Indicator: x, Outside: map[Why]int{}, Lacks: x.Needs &^ in.Collected}
		if x.Procedure != nil {
			out[i] = x.Of(in)
		}
	}
	for f, n := range in.All() {
		for i, x := range of {
			if x.Stands != nil && out[i].Lacks == 0 {
				out[i].add(x.Stands(f, in.Period), n)
			}
		}
	}
	return out
}

// A Difference is a count that is not what the dossiers say.
type Difference struct {
	Dossier dossier.Code `json:"dossier,omitempty"` // empty: a cell
	What    string       `json:"what"`
	Was     string       `json:"was"` // as it was kept
	Is      string       `json:"is"`  // as it is counted now
}

// String names d in one line.
func (d Difference) String() string {
	s := d.What
	if d.Dossier != "" {
		s = string(d.Dossier) + ": " + s
	}
	none := func(s string) string {
		if s == "" {
			return "nothing"
		}
		return s
	}
	return s + ": was " + none(d.Was) + ", is " + none(d.Is)
}
