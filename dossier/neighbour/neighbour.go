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
