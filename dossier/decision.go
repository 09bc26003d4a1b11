package dossier

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Decision is what becomes of a component at the counter, with the rule behind
// it (TT 01/2023/TT-VPCP Điều 4; TT 03/2025/TT-VPCP Điều 5). A paper that is
// brought or used again is its own decision; these are the others.
type Decision string

// The decisions.
const (
	ToDigitise   Decision = "digitise"     // it is to be scanned
	FiledOnline  Decision = "filed-online" // it came in electronically with a dossier filed online
	ShownOnly    Decision = "shown-only"   // it is only to be shown
	Verification Decision = "verification" // a result of verification, or a reply of an agency taking part
	AlreadyHeld  Decision = "already-held" // it is held, with legal value, in a national or sector database
	PlainCopy    Decision = "copy"         // a photocopy, or a copy certified on paper
	Secret       Decision = "secret"       // a state secret: it is not taken at all
)

// Decisions lists them in the order in which people are asked.
var Decisions = [...]Decision{ToDigitise, FiledOnline, ShownOnly, Verification, AlreadyHeld, PlainCopy, Secret}

// laws say where each decision stands. The wording is secondary in the sources
// that could be read.
var laws = map[Decision]string{
	ToDigitise:   "TT 01/2023/TT-VPCP Điều 4 khoản 1",
	FiledOnline:  "TT 03/2025/TT-VPCP Điều 5",
	ShownOnly:    "TT 03/2025/TT-VPCP Điều 5; TT 01/2023/TT-VPCP Điều 4",
	Verification: "TT 03/2025/TT-VPCP Điều 5",
	AlreadyHeld:  "TT 01/2023/TT-VPCP Điều 4",
	PlainCopy:    "TT 01/2023/TT-VPCP Điều 4",
	Secret:       "TT 03/2025/TT-VPCP Điều 5; Luật Bảo vệ bí mật nhà nước",
}

// Law returns the rule that a decision rests on.
func (d Decision) Law() string { return laws[d] }

// Known reports whether d is one of [Decisions].
func (d Decision) Known() bool { return slices.Contains(Decisions[:], d) }

// Exempts reports whether no scan is owed after d.
func (d Decision) Exempts() bool { return d.Known() && d != ToDigitise }

// Decided is the newest decision on a slot.
type Decided struct {
	Decision Decision
	Pages    int // that the counter counted on the paper; 0: it did not

	// Twice is how many of Pages have a stuck note and are captured twice, with it
	// and without (TT 01/2023/TT-VPCP Điều 8.2.d): one page of paper, two images,
	// both kept.
	Twice int
}

// Images is how many images there must be of the counted pages.
func (d Decided) Images() int { return d.Pages + d.Twice }

// Said is the decision as it is kept: its code, and how many pages are captured
// twice.
func (d Decided) Said() string {
	if d.Twice == 0 {
		return string(d.Decision)
	}
	return string(d.Decision) + "+" + strconv.Itoa(d.Twice)
}

// DecidedAs is the decision that was kept so, with the counted pages.
func DecidedAs(said string, pages int) Decided {
	code, twice, _ := strings.Cut(said, "+")
	n, _ := strconv.Atoi(twice) // empty: none
	return Decided{Decision: Decision(code), Pages: pages, Twice: n}
}

// DecisionsOf returns the newest decision of each slot from the events of a
// dossier, oldest first.
func DecisionsOf(events []Event) map[SlotCode]Decided {
	m := map[SlotCode]Decided{}
	for _, e := range events {
		if e.Act == ComponentDecided {
			m[e.Slot] = Decided{e.Decision, e.Pages, e.Twice}
		}
	}
	return m
}

// Undecided returns the required components of a dossier of which nobody has said
// what becomes of them, or which are to be scanned and are not: it cannot be
// handed on with any.
func Undecided(slots []Filling, decided map[SlotCode]Decided) (open []SlotCode) {
	for _, f := range slots {
		filled := f.Reused != nil || f.Document != nil && f.Document.State != Refused
		if f.Required && f.Slot != ResultSlot && !filled && !decided[f.Slot].Decision.Exempts() {
			open = append(open, f.Slot)
		}
	}
	return open
}

// A Mistake is why a dossier that was handed on is taken back: one of a few, since what
// people write freely may name somebody, and the log is kept for ever.
type Mistake string

// The mistakes.
const (
	WrongDossier     Mistake = "dossier"    // another one was meant
	WrongAgency      Mistake = "agency"     // it went to who is not competent
	MissingComponent Mistake = "incomplete" // a paper or a decision was missing or wrong
)

// Mistakes are all of them, as a form offers them.
var Mistakes = [...]Mistake{MissingComponent, WrongAgency, WrongDossier}

// Known reports whether m is one of [Mistakes].
func (m Mistake) Known() bool { return slices.Contains(Mistakes[:], m) }

// HandedOn is when a dossier with these events, the oldest first, was handed on and not taken
// back since; zero: it lies at the counter.
func HandedOn(events []Event) (at time.Time) {
	for _, e := range events {
		switch e.Act {
		case DossierHandedOn:
			at = e.At
		case DossierTakenBack:
			at = time.Time{}
		}
	}
	return at
}
