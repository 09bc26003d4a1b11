package ledger

import (
	"fmt"
	"time"
)

// A Finding is one thing that an audit found wrong, and where.
type Finding struct {
	Code     string    `json:"code"`
	Place    int64     `json:"place"` // of the event in the log, from 0; -1 if it is about none
	Event    string    `json:"event,omitempty"`
	Document string    `json:"document,omitempty"`
	Dossier  string    `json:"dossier,omitempty"`
	Act      string    `json:"act,omitempty"`
	Who      string    `json:"who,omitempty"`
	At       time.Time `json:"at,omitzero"` // of the event, if it is still there
	Viet     string    `json:"vi"`
	English  string    `json:"en"`
}

// Found returns a finding that is about no event.
func Found(code, viet, english string, args ...any) Finding {
	return Finding{Code: code, Place: -1, Viet: fmt.Sprintf(viet, args...), English: fmt.Sprintf(english, args...)}
}

// About adds which event a finding is about.
func (f Finding) About(place int64, e Event) Finding {
	f.Place, f.Event, f.Document, f.Dossier, f.Act, f.Who = place, e.ID, e.Document, e.Dossier, e.Act, e.Who
	if e.At != 0 {
		f.At = time.UnixMilli(e.At).UTC()
	}
	return f
}

// String says it in English, with what it is about.
func (f Finding) String() string {
	s := f.Code + ": " + f.English
	for _, x := range []struct{ name, value string }{{"event", f.Event}, {"document", f.Document}, {"dossier", f.Dossier}, {"act", f.Act}, {"who", f.Who}} {
		if x.value != "" {
			s += "; " + x.name + " " + x.value
		}
	}
	if !f.At.IsZero() {
		s += "; at " + f.At.Format(time.RFC3339)
	}
	return s
}

// A Claim is what a checkpoint says of the log: its root at a size.
type Claim struct {
	Name string // which checkpoint, for the words of a finding
	Size int64
	Root Hash
}

// A Report is what an audit came to.
type Report struct {
	Events    int64     `json:"events"`    // numbered
	Waiting   int64     `json:"waiting"`   // written, and not numbered yet
	Documents int64     `json:"documents"` // whose rows were compared
	Root      Hash      `json:"root"`      // recomputed
	Claims    int       `json:"checkpoints"`
	Findings  []Finding `json:"findings"`
}
