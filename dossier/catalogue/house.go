package catalogue

import (
	"slices"
	"strings"
	"time"

	"sohoa/dossier"
)

// A House is what a plan compares a file with. Of dossiers and holders it need
// hold no more than those that the file names (see [DossierKeys]).
type House struct {
	Now            time.Time
	Kinds          map[dossier.KindCode]dossier.Kind
	Procedures     map[dossier.ProcedureCode]dossier.Procedure
	ProcedureSpans map[dossier.ProcedureCode][]dossier.ProcedureSpan // in the order of their days
	Agencies       map[dossier.AgencyCode]dossier.Agency
	AgencySpans    map[dossier.AgencyCode][]dossier.AgencySpan
	Dossiers       map[dossier.Code]dossier.Dossier
	Holders        map[string]dossier.Holder // by number
	HolderNumbers  map[dossier.HolderID]string
}

// agencyOn returns an agency as it was on a day; ok is false on a day on which
// it was not there.
func (h House) agencyOn(code dossier.AgencyCode, day string) (dossier.AgencySpan, bool) {
	a, ok := h.Agencies[code]
	if !ok {
		return dossier.AgencySpan{}, false
	}
	spans := h.AgencySpans[code]
	if len(spans) == 0 {
		return dossier.AgencySpan{Agency: code, Parent: a.Parent, Name: a.Name, Tier: a.Tier}, true
	}
	i := slices.IndexFunc(spans, func(s dossier.AgencySpan) bool { return s.On(day) })
	if i < 0 {
		return dossier.AgencySpan{}, false
	}
	return spans[i], true
}

// Tree returns the agencies as they were on a day, by code.
func (h House) Tree(day string) []dossier.AgencySpan {
	var tree []dossier.AgencySpan
	for code := range h.Agencies {
		if s, ok := h.agencyOn(code, day); ok {
			tree = append(tree, s)
		}
	}
	slices.SortFunc(tree, func(a, b dossier.AgencySpan) int { return strings.Compare(string(a.Agency), string(b.Agency)) })
	return tree
}

// Mergers returns into which agency each went that is no more, up to a day. Who
// goes on after mergers that follow each other is found by asking again.
func Mergers(spans []dossier.AgencySpan, day string) map[dossier.AgencyCode]dossier.AgencyCode {
	m := map[dossier.AgencyCode]dossier.AgencyCode{}
	for _, s := range spans {
		if s.Successor != "" && s.Until != "" && s.Until <= day {
			m[s.Agency] = s.Successor
		}
	}
	return m
}

// A Plan is what would become of a file: a dry run. Ordered, it changes the
// house as it says, and the same file then gives a plan without changes.
type Plan struct {
	What     string    `json:"what"` // catalogue, agencies, dossiers or calendar
	Day      string    `json:"day,omitempty"`
	Rows     int       `json:"rows"` // of data
	New      int       `json:"new"`  // things that the house has not
	Changed  int       `json:"changed"`
	Same     int       `json:"same"`
	BadRows  int       `json:"badRows"`
	Changes  []Change  `json:"changes"`
	Problems []Problem `json:"problems"`

	Orders   Orders         `json:"-"`
	Dossiers []DossierOrder `json:"-"`
}

// A Change is one thing that is new or becomes another.
type Change struct {
	Row    int          `json:"row"`
	Key    string       `json:"key"` // its code
	New    bool         `json:"new,omitempty"`
	Fields []Difference `json:"fields,omitempty"`
}

// A Difference is a field of a thing that is known, and its values.
type Difference struct {
	Field string `json:"field"`
	Was   string `json:"was"`
	Is    string `json:"is"`
}

// Orders are what is to be written of a catalogue, in an order in which it can.
type Orders struct {
	Kinds      []dossier.Kind
	Procedures []ProcedureOrder
	Agencies   []AgencyOrder
	Calendar   dossier.Calendar
}

// A ProcedureOrder is a procedure with all its spans.
type ProcedureOrder struct {
	dossier.Procedure
	Spans []dossier.ProcedureSpan
}

// An AgencyOrder is an agency with all its spans.
type AgencyOrder struct {
	dossier.Agency
	Spans []dossier.AgencySpan
}

// A DossierOrder is a dossier to be received, or, Known, one to be resolved.
type DossierOrder struct {
	Row               int
	Dossier           dossier.Dossier
	Holder, Applicant dossier.Holder // an applicant without a number: the holder
	Known             bool
}

// finish sorts and counts.
func (p *Plan) finish() Plan {
	slices.SortStableFunc(p.Problems, func(a, b Problem) int {
		if last := func(x Problem) bool { return x.Row == 0 && x.Note }; last(a) != last(b) { // notes on the whole file
			if last(a) {
				return 1
			}
			return -1
		}
		return a.Row - b.Row
	})
	slices.SortStableFunc(p.Changes, func(a, b Change) int { return a.Row - b.Row })
	bad := map[int]bool{}
	for _, x := range p.Problems {
		if !x.Note && x.Row > 0 {
			bad[x.Row] = true
		}
	}
	p.BadRows = len(bad)
	for _, c := range p.Changes {
		if c.New {
			p.New++
		} else {
			p.Changed++
		}
	}
	if p.Changes == nil {
		p.Changes = []Change{}
	}
	if p.Problems == nil {
		p.Problems = []Problem{}
	}
	return *p
}

// differ lists the fields whose values differ.
func differ(pairs ...[3]string) []Difference {
	var out []Difference
	for _, p := range pairs {
		if p[1] != p[2] {
			out = append(out, Difference{p[0], p[1], p[2]})
		}
	}
	return out
}

func words[T ~string](list []T) string {
	s := make([]string, len(list))
	for i, w := range list {
		s[i] = string(w)
	}
	return strings.Join(s, "; ")
}
