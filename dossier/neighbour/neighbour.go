// Package neighbour holds the words for systems that the house joins: when each was last
// spoken to, and what is kept so that it can be. Values only.
package neighbour

import (
	"time"

	"sohoa/dossier"
)

// A Name is one of the neighbours.
type Name string

// The neighbours. The national portal and webhooks keep rows of their own.
const (
	ZNS     Name = "zns"     // Zalo Notification Service
	Mail    Name = "mail"    // a mail relay
	OneStop Name = "onestop" // the one-stop system (hệ thống thông tin giải quyết TTHC)

	Procedures Name = "procedures" // the national database of procedures (CSDL quốc gia về TTHC)
	Population Name = "population" // the national population database (CSDL quốc gia về dân cư)
)

// An Exchange is what came of speaking to a neighbour last.
type Exchange struct {
	Name Name
	At   time.Time // of the last try; zero: never
	OK   time.Time // of the last that went well; zero: never
	Said string    // why the last try did not go well, a word; empty: it did
}

// An Odd dossier of a one-stop system does not agree with the house, or could not be told
// of.
type Odd struct {
	Code    dossier.Code
	Problem string // code of package catalogue; empty: it agrees
	Field   string
	Said    string // why it could not be told of, a word
	Came    time.Time
	Again   bool // it is asked for again
}

// An Outcome is what the population database said of somebody.
type Outcome string

// The outcomes.
const (
	Matches    Outcome = "matches"    // number, name and day of birth are one person's
	Differs    Outcome = "differs"    // they are not
	Unanswered Outcome = "unanswered" // nobody knows
)

// A Check is a question to the population database about somebody of a dossier, and its
// outcome: nothing else of the answer is kept (Luật 91/2025/QH15: no more than the purpose
// needs).
type Check struct {
	ID      string           `json:"id"`
	Dossier dossier.Code     `json:"dossier"`
	Holder  dossier.HolderID `json:"holder"`
	Outcome Outcome          `json:"outcome"`
	Said    string           `json:"said,omitempty"` // why it was not answered, a word
	Who     dossier.PersonID `json:"who"`
	At      time.Time        `json:"at"` // when it was asked
}

// Bounds of questions, so that nobody looks people up: each is refused with
// [dossier.ErrConflict].
const (
	MostChecks   = 5  // of somebody of a dossier, in a day
	UsualChecks  = 60 // of the whole house, in a minute
	LargestCheck = 6000
)
