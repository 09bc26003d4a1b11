package closing

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/dossier/figures"
)

// A Statement is a closed month. Its bytes are JSON as RFC 8785 has it: members
// in the order of their names, no white space, whole numbers; so are those of its
// facts. It holds rates and codes of agencies, and nothing of a person or of one
// dossier, so it can be published as it is.
type Statement struct {
	Agencies []Agency `json:"agencies"` // receiving ones that have a dossier in the month, by code
	Counted  int64    `json:"counted"`  // how many events of the ledger it was counted from
	Demo     bool     `json:"demo,omitempty"`
	Facts    string   `json:"facts"` // SHA-256 of the list of facts, in hex digits
	Figures  []Figure `json:"figures"`
	From     string   `json:"from"`           // first day
	Late     []Late   `json:"late,omitempty"` // what came late of months closed before; in all versions as in the first
	Month    Month    `json:"month"`
	Reason   string   `json:"reason,omitempty"`   // of a correction
	Replaces string   `json:"replaces,omitempty"` // SHA-256 of the statement that a correction stands beside
	Root     string   `json:"root"`               // of the ledger's tree over these events (RFC 6962), in hex digits
	Rules    string   `json:"rules"`              // the day since which the rules of this month are in force
	Tally    Tally    `json:"tally"`
	To       string   `json:"to"` // last day
	V        int      `json:"v"`  // of this form: 1
	Version  int      `json:"version"`
}

// A Tally is what is counted without a rate.
type Tally struct {
	Received int `json:"received"`
	Resolved int `json:"resolved"`
	Reused   int `json:"reused"` // components filled from the record, of dossiers received
}

// An Agency is the figures over the dossiers that one agency received. Those
// that count procedures are of the whole house only.
type Agency struct {
	Agency  dossier.AgencyCode `json:"agency"`
	Figures []Figure           `json:"figures"`
	Tally   Tally              `json:"tally"`
}

// A Figure is an indicator as it was counted, with the rule that it follows.
type Figure struct {
	Denominator int                 `json:"denominator"`
	Family      figures.Family      `json:"family"`
	From        string              `json:"from,omitempty"` // first day of the rule
	Grade       figures.Grade       `json:"grade"`
	Key         string              `json:"key"`
	Lacks       []string            `json:"lacks,omitempty"` // what is not collected
	Law         string              `json:"law"`
	Numerator   int                 `json:"numerator"`
	Outside     map[figures.Why]int `json:"outside,omitempty"` // what stands outside the denominator, by its reason
	Percent     string              `json:"percent"`
	Points      string              `json:"points"`
	To          string              `json:"to,omitempty"` // first day without the rule
	Told        bool                `json:"told"`         // else the numbers mean nothing
}

// Bytes returns the canonical form.
func (s Statement) Bytes() []byte { return canonical(s) }

// canonical writes a value of this package. Its structs list their members in the
// order of their names and hold no fractions, and no text has a character that
// encoding/json and RFC 8785 write differently.
func canonical(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v) // nothing here can fail
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// count fills s from frozen facts.
func (s Statement) count(kept frozen, counted int64, root string) Statement {
	p := s.Month.Period()
	facts, procedures := kept.unpack()
	in := figures.Input{Facts: facts, Procedures: procedures, Period: p}
	s.V, s.Counted, s.Root, s.Facts = 1, counted, root, digest.Of(canonical(kept)).String()
	s.From, s.To, s.Rules = p.From.Format(time.DateOnly), p.To.AddDate(0, 0, -1).Format(time.DateOnly), dayOf(figures.RulesSince(p.From))
	s.Tally, s.Figures = tally(in), counts(in, true)
	s.Agencies = []Agency{}
	for _, g := range in.By(nil) {
		s.Agencies = append(s.Agencies, Agency{Agency: g.Agency, Figures: counts(g.Input, false), Tally: tally(g.Input)})
	}
	return s
}

func tally(in figures.Input) Tally {
	f := figures.Of(in.Facts, in.Period)
	return Tally{Received: f.Received, Resolved: f.Resolved, Reused: f.Reused}
}

// counts counts the indicators in force; those over procedures only if asked.
func counts(in figures.Input, procedures bool) []Figure {
	out := []Figure{}
	for _, i := range figures.At(in.Period.From) {
		if i.Procedure != nil && !procedures {
			continue
		}
		m := i.Of(in)
		out = append(out, Figure{Denominator: m.Rate.Denominator, Family: i.Family, From: dayOf(i.From), Grade: i.Grade, Key: i.Key, Lacks: m.Lacks.Codes(),
			Law: i.Law, Numerator: m.Rate.Numerator, Outside: m.Outside, Percent: m.Percent(), Points: m.Points(), Told: m.Told(), To: dayOf(i.To)})
	}
	return out
}

func dayOf(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(dossier.VietNam).Format(time.DateOnly)
}

// Find returns the figure with a key.
func (s Statement) Find(key string) (Figure, bool) {
	n := slices.IndexFunc(s.Figures, func(f Figure) bool { return f.Key == key })
	if n < 0 {
		return Figure{}, false
	}
	return s.Figures[n], true
}

// Read reads the bytes of a statement.
func Read(b []byte) (s Statement, err error) {
	err = json.Unmarshal(b, &s)
	return s, err
}
