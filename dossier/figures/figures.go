// Package figures holds the formulas of the house's numbers: pure functions
// over facts. Nobody may read a rate here without its numerator, its
// denominator and the dossiers behind both.
//
// The everyday rates are those a province publishes each month: dossiers
// digitised over dossiers received with a component to digitise, and results
// digitised over dossiers resolved whose result is a document. No law gives
// their denominators; ours are stated here and open to the dossiers.
// They are not the indicators of QĐ 766/QĐ-TTg and are never mixed with them.
package figures

import (
	"fmt"
	"time"

	"sohoa/dossier"
)

// A Fact is all that the formulas know of one dossier.
type Fact struct {
	Dossier   dossier.Code
	Procedure dossier.ProcedureCode
	Receiving dossier.AgencyCode
	Competent dossier.AgencyCode
	Received  time.Time
	Due       time.Time
	Resolved  time.Time // zero while open
	Channel   dossier.Channel
	Officer   dossier.PersonID // who received it

	Attached   int // components, of any kind, filled by an archived document or by reuse
	ToDigitise int // required components that are to be digitised, without the exempt ones
	Exempt     int // those of which the counter decided that no scan is owed, and none is there
	Digitised  int // of these, filled by an archived document or by reuse
	Reused     int // of these, filled by reuse

	ResultIsDocument bool // the procedure ends in a paper
	ResultDigitised  bool // its document is archived

	// What only some sources collect; see Collected.
	ResultSynced bool // the national portal has taken the result with its file
	FromStore    bool // a component came out of the national personal store
	Identified   bool // the applicant was checked against the population data

	Demo bool
}

// A Why says how a dossier stands to a rate.
type Why string

// The answers. Only Counts is in a numerator; Counts and Missing make the
// denominator; the others stand outside the rate.
const (
	Counts      Why = "counts"
	Missing     Why = "missing"       // in the denominator, not yet digitised
	NothingToDo Why = "nothing-to-do" // no component to digitise, or the result is no document
	Exempt      Why = "exempt"        // of all components to digitise the counter decided that no scan is owed
	OutOfPeriod Why = "out-of-period" // received, or resolved, in another period
	NotResolved Why = "not-resolved"

	NoAppointment Why = "no-appointment" // resolved, but no day had been promised
)

// A Period is a span of time: From included, To excluded.
type Period struct{ From, To time.Time }

// Contains reports whether t lies in p.
func (p Period) Contains(t time.Time) bool { return !t.Before(p.From) && t.Before(p.To) }

// Month returns the period of a month in Vietnamese time.
func Month(year int, m time.Month) Period {
	from := time.Date(year, m, 1, 0, 0, 0, 0, dossier.VietNam)
	return Period{from, from.AddDate(0, 1, 0)}
}

// Year returns the period of a year in Vietnamese time.
func Year(year int) Period {
	from := time.Date(year, 1, 1, 0, 0, 0, 0, dossier.VietNam)
	return Period{from, from.AddDate(1, 0, 0)}
}

// DossierDigitised says how f stands to the rate of dossiers digitised in p: it
// counts when every required component that is to be digitised is filled by an
// archived document, or by an entry of the holder's record used again. What the
// counter decided to be exempt is not to be digitised.
func DossierDigitised(f Fact, p Period) Why {
	switch {
	case !p.Contains(f.Received):
		return OutOfPeriod
	case f.ToDigitise == 0:
		return f.nothing()
	case f.Digitised < f.ToDigitise:
		return Missing
	}
	return Counts
}

// nothing says why no component of f is to be digitised.
func (f Fact) nothing() Why {
	if f.Exempt > 0 {
		return Exempt
	}
	return NothingToDo
}

// Take counts a component of the procedure of f, which was received already: filled
// by an archived document or by reuse, or not, and what the counter decided of it
// last, if anything. What is asked for then is the rule's word
// ([dossier.AskingAt]).
func (f *Fact) Take(c dossier.Component, filled, reused bool, d dossier.Decision) {
	if filled {
		f.Attached++
	}
	if !c.Required || !c.Digitise {
		return
	}
	if !filled && d.Exempts() && dossier.AskingAt(f.Received).Decided {
		f.Exempt++
		return
	}
	f.ToDigitise++
	if filled {
		f.Digitised++
	}
	if reused {
		f.Reused++
	}
}

// ResultDigitised says how f stands to the rate of results digitised in p: it
// counts when the dossier was resolved in p and its result is archived.
func ResultDigitised(f Fact, p Period) Why {
	switch {
	case f.Resolved.IsZero():
		return NotResolved
	case !p.Contains(f.Resolved):
		return OutOfPeriod
	case !f.ResultIsDocument:
		return NothingToDo
	case !f.ResultDigitised:
		return Missing
	}
	return Counts
}

// A Rate is a numerator over a denominator, never without either.
type Rate struct{ Numerator, Denominator int }

// Add counts one dossier by its answer.
func (r *Rate) Add(w Why) { r.AddN(w, 1) }

// AddN counts n dossiers that have the same answer.
func (r *Rate) AddN(w Why, n int) {
	switch w {
	case Counts:
		r.Numerator += n
		r.Denominator += n
	case Missing:
		r.Denominator += n
	}
}

// Percent returns r in per cent with one decimal, rounded half up, and whether
// it is defined: nothing is divided by zero.
func (r Rate) Percent() (tenths int, ok bool) {
	if r.Denominator == 0 {
		return 0, false
	}
	return int(r.times(100, 1, 1)), true
}

// String returns r as people print it: "95,4 %", or "–" if it is not defined.
func (r Rate) String() string {
	t, ok := r.Percent()
	if !ok {
		return "–"
	}
	return fmt.Sprintf("%d,%d %%", t/10, t%10)
}

// Figures are the everyday numbers of a period.
type Figures struct {
	Received int  // dossiers received in the period
	Resolved int  // dossiers resolved in the period
	Dossiers Rate // dossiers digitised
	Results  Rate // results digitised
	Reused   int  // components filled by reuse in dossiers received in the period
}

// Of counts facts for a period.
func Of(facts []Fact, p Period) Figures { return Input{Facts: facts, Period: p}.Figures() }

// Figures counts in.
func (in Input) Figures() Figures {
	var f Figures
	p := in.Period
	for x, n := range in.All() {
		if p.Contains(x.Received) {
			f.Received += n
			f.Reused += n * x.Reused
		}
		if !x.Resolved.IsZero() && p.Contains(x.Resolved) {
			f.Resolved += n
		}
		f.Dossiers.AddN(DossierDigitised(x, p), n)
		f.Results.AddN(ResultDigitised(x, p), n)
	}
	return f
}

// IsReceived says how f stands to the number of dossiers received in p.
func IsReceived(f Fact, p Period) Why { return received(f, p, true) }

// IsResolved says how f stands to the number of dossiers resolved in p.
func IsResolved(f Fact, p Period) Why {
	switch {
	case f.Resolved.IsZero():
		return NotResolved
	case !p.Contains(f.Resolved):
		return OutOfPeriod
	}
	return Counts
}

// UsesAgain says how f stands to the number of components used again in dossiers
// received in p: whether it has any.
func UsesAgain(f Fact, p Period) Why {
	if p.Contains(f.Received) && f.Reused == 0 {
		return NothingToDo
	}
	return received(f, p, true)
}
