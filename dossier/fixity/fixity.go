// Package fixity holds the words for how the files of the archive are: whether
// what was kept is still there, byte for byte, and what was done if not. It
// holds values only.
//
// The house has a main store and may have a second one. A Holding says how one
// file is in one of them, by the last look at it. A Finding is what a look, or
// a mending, brought to light; findings are written once. An Orphan is a file
// that no row names.
package fixity

import (
	"time"

	"sohoa/dossier/digest"
)

// A Store is one of the places where the same files are.
type Store string

// The stores.
const (
	Main   Store = "main"   // that the house works from
	Second Store = "second" // that it mends the main one from, and the reverse
)

// A State says how a file is in a store, by the last look at it.
type State string

// The states of a holding.
const (
	Owed       State = "owed"       // it was not put there yet
	Kept       State = "kept"       // its bytes are right
	Damaged    State = "damaged"    // its bytes are not those of its digest
	Missing    State = "missing"    // it is not there
	Unreadable State = "unreadable" // it cannot be told: a key or a right is lacking
)

// States are all states of a holding.
var States = [...]State{Kept, Owed, Damaged, Missing, Unreadable}

// A Holding is one file in one store.
type Holding struct {
	Store  Store
	Digest digest.Digest
	State  State
	Size   int64     // bytes; less than 0 if nobody has looked
	Seen   time.Time // when it was last looked at, or put
}

// What a look or a mending came to.
type What string

// The findings.
const (
	FoundDamaged    What = "damaged"
	FoundMissing    What = "missing"
	FoundUnreadable What = "unreadable"
	Mended          What = "mended"   // the right bytes are there again, read back
	Pruned          What = "pruned"   // an orphan was removed by the operator
	Disposed        What = "disposed" // removed, since two people decided so: see package retention
)

// A Finding is written once, and kept.
type Finding struct {
	At       time.Time
	Store    Store
	Digest   digest.Digest
	What     What
	Evidence string // name of the file with the bytes that were found; empty if there are none
	Who      string // the operator who pruned, or the machine
}

// An Orphan is a file that no row names: what a process that was killed between
// file and row left, or a sign that an older database was restored.
type Orphan struct {
	Store       Store
	Digest      digest.Digest
	Size        int64
	First, Last time.Time // when it was first and last seen as one
}

// A Walk is a look at everything in a store for what no row names.
type Walk struct {
	Began, Ended time.Time // zero: never
	Blobs        int64
}

// A Tally counts the holdings of one store.
type Tally struct {
	Store   Store
	Counts  map[State]int64
	Bytes   int64     // of the files somebody has looked at
	Oldest  time.Time // the look at a kept file that lies farthest back; zero without files
	Waiting time.Time // since when the oldest of those that are owed is; zero without

	Walk        Walk // the last complete one
	Orphans     int64
	OrphanBytes int64
	Prunable    int64 // orphans that were seen long enough ago to be pruned
}

// Bad returns how many files are damaged, missing or unreadable.
func (t Tally) Bad() int64 { return t.Counts[Damaged] + t.Counts[Missing] + t.Counts[Unreadable] }

// All returns how many files the store has or is owed.
func (t Tally) All() (n int64) {
	for _, s := range States {
		n += t.Counts[s]
	}
	return n
}

// Policy says how often files are looked at, how fast, and when an orphan may go.
type Policy struct {
	Every time.Duration // all files are looked at once in so long
	Pace  int64         // bytes read in a second; 0: no limit
	Keep  time.Duration // an orphan is seen as one for so long before it may be pruned
}

// Default is the policy of a house that says nothing else: a look at every file
// in 90 days, 16 MiB in a second, 30 days for orphans.
var Default = Policy{Every: 90 * 24 * time.Hour, Pace: 16 << 20, Keep: 30 * 24 * time.Hour}

// A Report is how the archive is.
type Report struct {
	At       time.Time
	Policy   Policy
	Stores   []Tally
	Bad      []Holding // the first of them
	Findings []Finding // the newest first
}

// CountBad returns how many files are not right, in all stores.
func (r Report) CountBad() (n int64) {
	for _, t := range r.Stores {
		n += t.Bad()
	}
	return n
}

// Overdue reports whether some file was not looked at in time.
func (r Report) Overdue() bool {
	for _, t := range r.Stores {
		if !t.Oldest.IsZero() && r.At.Sub(t.Oldest) > r.Policy.Every+24*time.Hour {
			return true
		}
	}
	return false
}
