package dossier

import "time"

// A Flaw is why a paper that is kept does not count as digitised. It is found
// when the paper comes in or is read, stands in the ledger's event of that, and
// never changes: who brings a better scan brings another document.
//
// A scan with nothing on it has no flaw: it is refused.
type Flaw string

// The flaws.
const (
	FlawTwice  Flaw = "twice"  // its bytes were brought for another place of the same dossier, and stand there
	FlawUnread Flaw = "unread" // hardly anything could be read on it
)

// Flaws are all of them.
var Flaws = [...]Flaw{FlawTwice, FlawUnread}

// A CountingRule says which papers count as digitised. It is data with a day, and
// holds for the papers received from that day on: no earlier figure changes.
type CountingRule struct {
	From time.Time

	// Twice: the same bytes for two places of a dossier count once.
	Twice bool

	// LeastConfidence is how surely a paper is to be read, as the mean over its
	// words from 0 to 100; one with no word read has 0.
	LeastConfidence float64

	Reason string
}

// countingRules are in the order of their days.
var countingRules = [...]CountingRule{{
	From:            time.Date(2026, 11, 1, 0, 0, 0, 0, VietNam),
	Twice:           true,
	LeastConfidence: 40,
	Reason: "Officers are graded by these figures, so that a scan brought twice, or one of which nothing can be read, must not pay. " +
		"40: readable print, also as a bad photograph, is read with 60 and more; what lies below is noise read as letters. " +
		"From the first day of a month, so that no month is counted by two rules.",
}}

// CountingAt returns the rule for papers received at a time: the zero rule, which
// counts all, before the first one.
func CountingAt(t time.Time) (found CountingRule) {
	for _, r := range countingRules {
		if !t.Before(r.From) {
			found = r
		}
	}
	return found
}

// An AskingRule says which of the components that the catalogue wants digitised
// are asked of a dossier. It is data with a day, and holds for the dossiers
// received from that day on: no earlier figure changes.
type AskingRule struct {
	From time.Time

	// Decided: a component of which the counter decided that no scan is owed
	// ([Decision.Exempts], the newest decision) is not asked for. One that is filled
	// all the same, by an archived paper or one used again, is asked for and there.
	Decided bool

	Reason string
}

// askingRules are in the order of their days.
var askingRules = [...]AskingRule{{
	From:    time.Date(2026, 11, 1, 0, 0, 0, 0, VietNam),
	Decided: true,
	Reason: "What is only shown, a reply to a verification, a copy or a state secret is not to be digitised (TT 03/2025/TT-VPCP Điều 5, TT 01/2023/TT-VPCP Điều 4), " +
		"so that an agency must not miss it. From the month in which such decisions are written down: no month was closed with any.",
}}

// AskingRules returns all rules, in the order of their days.
func AskingRules() []AskingRule { return append([]AskingRule(nil), askingRules[:]...) }

// AskingAt returns the rule for dossiers received at a time: the zero rule, by
// which the catalogue alone says what is asked for, before the first one.
func AskingAt(t time.Time) (found AskingRule) {
	for _, r := range askingRules {
		if !t.Before(r.From) {
			found = r
		}
	}
	return found
}
