package account

import (
	"time"

	"sohoa/dossier"
)

// KeptFor is how long an answer is given again to who asks the same under the same
// Idempotency-Key.
const KeptFor = 24 * time.Hour

// A Kept answer is what was answered to a request that a program gave a key of its own.
type Kept struct {
	Account dossier.PersonID
	Key     string // Idempotency-Key
	Print   string // SHA-256 of what was asked
	At      time.Time
	Status  int // 0: it is being done, or its end is not known
	Header  map[string]string
	Body    []byte
}

// A Job is work on a paper that a program brought; how it stands, its document says.
type Job struct {
	ID       string
	Account  dossier.PersonID
	Document dossier.DocumentID
	At       time.Time

	// Where its program is told when it is over; empty: nowhere.
	Key, URL, FailedURL string
}
