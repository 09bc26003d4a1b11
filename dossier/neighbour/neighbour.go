// Package neighbour holds the words for systems that the house joins: when each was last
// spoken to, and what is kept so that it can be. Values only.
package neighbour

import "time"

// A Name is one of the neighbours.
type Name string

// The neighbours. The national portal and webhooks keep rows of their own.
const (
	ZNS      Name = "zns"      // Zalo Notification Service
	Mail     Name = "mail"     // a mail relay
	OneStop  Name = "onestop"  // the one-stop system (hệ thống thông tin giải quyết TTHC)
	National Name = "national" // the national database of procedures
	Citizens Name = "citizens" // the national population database
)

// An Exchange is what came of speaking to a neighbour last.
type Exchange struct {
	Name Name
	At   time.Time // of the last try; zero: never
	OK   time.Time // of the last that went well; zero: never
	Said string    // why the last try did not go well, a word; empty: it did
}
