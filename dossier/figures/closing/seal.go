package closing

import (
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
)

// A Seal is the row of what an agency has signed of a version of a closed month.
type Seal struct {
	ID        string // of its event in the ledger, too
	Month     Month
	Version   int
	Report    digest.Digest // of the report, a PDF/A that is signed and names the statement's digest: as it was renewed last
	Renewals  int           // how often that was
	Signature digest.Digest // of the signature beside the statement (.p7s)
	Evidence  digest.Digest // of the evidence record of statement and signature (RFC 4998), as it was renewed last; zero: not renewed yet
	Agency    dossier.AgencyCode
	At        time.Time
	Demo      bool
}

// An Intent is the note that a key is about to be asked for a seal.
type Intent struct {
	Month   Month
	Version int
	Purpose string        // [ForStatement] or [ForReport]
	ToSign  digest.Digest // of the bytes that the signature covers
	Signer  digest.Digest // of the certificate
	At      time.Time
}

// What a key is asked for.
const (
	ForStatement = "statement"
	ForReport    = "report"
)
