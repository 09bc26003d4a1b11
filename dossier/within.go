package dossier

import (
	"slices"
	"time"
)

// A Within is a part of the archive that somebody may see, and nothing outside
// of it: it goes into the queries themselves. A nil Within is everything; what is
// empty in one restricts nothing.
type Within struct {
	Agencies []AgencyCode // dossiers that one of them received or decides
	Dossier  Code         // this one alone
	Kinds    []KindCode   // papers of these kinds, and the dossiers that have such
	From, To time.Time    // dossiers received from, and before
	Not      Closed       // and of all that is left, not this
}

// A Closed is what classes of paper are not for somebody, whatever else they may see:
// papers of some kinds, and whole dossiers of some procedures. The zero Closed closes
// nothing.
type Closed struct {
	Kinds      []KindCode
	Procedures []ProcedureCode
}

// IsZero reports whether c closes nothing.
func (c Closed) IsZero() bool { return len(c.Kinds) == 0 && len(c.Procedures) == 0 }

// Touches reports whether a dossier of p is closed, or asks for a paper that is.
func (c Closed) Touches(p Procedure) bool {
	return slices.Contains(c.Procedures, p.Code) ||
		slices.ContainsFunc(p.Slots(), func(x Component) bool { return slices.Contains(c.Kinds, x.Kind) })
}

// Without returns w without what c closes.
func (w *Within) Without(c Closed) *Within {
	if c.IsZero() {
		return w
	}
	var narrower Within
	if w != nil {
		narrower = *w
	}
	narrower.Not = c
	return &narrower
}

// HasDossier reports whether d may be seen, whatever papers are in it.
func (w *Within) HasDossier(d Dossier) bool {
	switch {
	case w == nil:
		return true
	case w.Dossier != "" && d.Code != w.Dossier,
		len(w.Agencies) > 0 && !slices.Contains(w.Agencies, d.Receiving) && !slices.Contains(w.Agencies, d.Competent),
		!w.From.IsZero() && d.Received.Before(w.From),
		!w.To.IsZero() && !d.Received.Before(w.To),
		slices.Contains(w.Not.Procedures, d.Procedure):
		return false
	}
	return true
}

// HasKind reports whether papers of a kind may be seen.
func (w *Within) HasKind(k KindCode) bool {
	return w == nil || (len(w.Kinds) == 0 || slices.Contains(w.Kinds, k)) && !slices.Contains(w.Not.Kinds, k)
}
