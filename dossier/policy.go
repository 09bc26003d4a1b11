package dossier

import (
	"fmt"
	"time"
)

// A Verdict is what was found out about the signatures of a file, in the words
// of ETSI EN 319 102-1.
type Verdict string

// The verdicts.
const (
	VerdictValid         Verdict = "VALID"
	VerdictIndeterminate Verdict = "INDETERMINATE"
	VerdictInvalid       Verdict = "INVALID"
)

// A Policy is what the house does about signatures in the long run. It is data
// with a day from which it holds: whoever reads the ledger can tell what was
// the rule on the day of an entry.
type Policy struct {
	From time.Time

	// Ahead is how long before its proof ends a document is renewed.
	Ahead time.Duration

	// Incoming says what becomes of a file that came in signed.
	Incoming map[Verdict]Act

	// RenewAdopted says whether files that came in signed are renewed like our
	// own: by increments, which leave every byte as it was, and beside the
	// file that came in.
	RenewAdopted bool

	// Level is the level of PDF/A that is written of what came in from this day
	// on: 2b, 2u or 2a. A file of pages that cannot keep it says less.
	Level string

	Reason string
}

const day = 24 * time.Hour

// policies are in the order of their days.
var policies = [...]Policy{{
	From:  time.Date(2026, 1, 1, 0, 0, 0, 0, VietNam),
	Ahead: 180 * day,
	Incoming: map[Verdict]Act{
		VerdictValid:         Verify,
		VerdictIndeterminate: Doubt,
		VerdictInvalid:       Refuse,
	},
	RenewAdopted: true,
	Level:        "2u",
	Reason: "Half a year: a time-stamp authority that ends its service, or a tender for the next one, takes a quarter, " +
		"and as much again is left for an outage. Earlier than that only grows the file: a time-stamp costs some 30 kB. " +
		"Renewing what came in signed adds evidence and a time-stamp alone (ISO 32000-2 12.8.4.3 and 12.8.5: no change of the document). " +
		"2u and not 2a: two signatures follow, whose marks would have to be entered into the structure that the first of them has signed.",
}}

// PolicyAt returns the policy that holds at a time; before the first one, the
// first.
func PolicyAt(t time.Time) Policy {
	found := policies[0]
	for _, p := range policies[1:] {
		if !t.Before(p.From) {
			found = p
		}
	}
	return found
}

// CheckAhead says what is wrong with a time by which renewal comes before the
// end: less than a week leaves no time for an outage, more than 2 years is more
// than time-stamp certificates may have left. It wraps [ErrInvalid].
func CheckAhead(d time.Duration) error {
	if d < 7*day || d > 730*day {
		return fmt.Errorf("%w: renewal must come 7 to 730 days before the proof ends", ErrInvalid)
	}
	return nil
}

// A Renewal is one line of the list of what is to be renewed.
type Renewal struct {
	Document DocumentID
	Dossier  Code
	Report   string // of a closed month that is renewed, as YYYY-MM/version; empty: a document
	Part     Part   // that is archived now
	Sum      string // of it, SHA-256 in hexadecimal digits
	Until    time.Time
	By       string    // the time-stamp authority
	Due      time.Time // from when on the machine renews it
	Trouble  string    // what keeps the machine from it
	Since    time.Time
	NextTry  time.Time
}
