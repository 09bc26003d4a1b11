// Package verify says whether the signatures of a PDF can be believed. It is
// our own and delegates nothing that matters: which bytes are covered, what the
// CMS says, whom the certificate leads to, when it was signed, and what was
// done to the file afterwards.
//
// The [Verdict] is one of three, as in ETSI EN 319 102-1: Valid, Invalid, or
// Indeterminate, when nothing speaks against a signature but something is
// missing that would speak for it. What lacks evidence is never called valid.
// Every verdict has its [Reason]s.
//
// Files come from outside: everything is parsed in a child of [sohoa/jail].
package verify

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"sohoa/jail"
)

// A Verdict says what to think of a signature, or of all of a file.
type Verdict string

// The verdicts, worst last.
const (
	Valid         Verdict = "VALID"
	Indeterminate Verdict = "INDETERMINATE"
	Invalid       Verdict = "INVALID"
)

// worse returns the worse of two verdicts.
func worse(a, b Verdict) Verdict {
	rank := map[Verdict]int{Valid: 0, Indeterminate: 1, Invalid: 2}
	if rank[b] > rank[a] {
		return b
	}
	return a
}

// A Level is how far a signature reaches (ETSI EN 319 142-1, 6).
type Level string

// The levels this package tells apart.
const (
	LevelB   Level = "B-B"   // signed
	LevelT   Level = "B-T"   // and time-stamped
	LevelLT  Level = "B-LT"  // and the file holds evidence about every certificate
	LevelLTA Level = "B-LTA" // and a valid document time-stamp covers it
)

// A Report is about one file.
type Report struct {
	Verdict    Verdict     `json:"verdict"` // the worst of all
	Reasons    []Reason    `json:"reasons,omitempty"`
	Notes      []Reason    `json:"notes,omitempty"` // what else to know, without weight
	Signatures []Signature `json:"signatures"`      // in the order they were made
	Checked    time.Time   `json:"checked"`
	Lists      []List      `json:"lists,omitempty"` // of the options, with their age
}

// A List is a revocation list that was given: nothing is fetched, so its age is
// for the reader to know.
type List struct {
	Issuer  string    `json:"issuer"`
	This    time.Time `json:"this"`          // when it was made
	Next    time.Time `json:"next,omitzero"` // when there should be a newer one
	Overdue bool      `json:"overdue"`       // whether that is past
}

// A Kind is what a signature field holds.
type Kind string

// The kinds (ISO 32000-1, 12.8.1; EN 319 142-1, 5.3 and 5.4.3).
const (
	KindSignature Kind = "signature"
	KindTimestamp Kind = "document-time-stamp"
)

// A Signature is what was found out about one.
type Signature struct {
	Field   string   `json:"field"`
	Kind    Kind     `json:"kind"`
	Verdict Verdict  `json:"verdict"`
	Reasons []Reason `json:"reasons,omitempty"`
	Level   Level    `json:"level,omitempty"`

	Signer       string    `json:"signer,omitempty"`       // common name
	Organisation string    `json:"organisation,omitempty"` // of the certificate
	Unit         string    `json:"unit,omitempty"`
	Issuer       string    `json:"issuer,omitempty"`
	Serial       string    `json:"serial,omitempty"` // hexadecimal
	Chain        []string  `json:"chain,omitempty"`  // common names, up to the root, if it leads to one
	NotBefore    time.Time `json:"notBefore,omitzero"`
	NotAfter     time.Time `json:"notAfter,omitzero"`

	Claimed time.Time `json:"claimed,omitzero"` // by the signer, proves nothing
	Stamped time.Time `json:"stamped,omitzero"` // by the time-stamp authority
	Stamper string    `json:"stamper,omitempty"`

	Format     string    `json:"format"`            // SubFilter (ISO 32000-1, 12.8.3.1)
	Permits    int       `json:"permits,omitempty"` // DocMDP level that holds from here on, 1 to 3; 0: nobody said
	Covers     int64     `json:"covers"`            // bytes from the beginning of the file
	CoversAll  bool      `json:"coversAll"`         // nothing was appended later
	Changes    []Change  `json:"changes,omitempty"` // what was done later
	Revocation string    `json:"revocation"`        // good, revoked, unknown
	Evidence   time.Time `json:"evidence,omitzero"` // the oldest statement it rests on was made then
}

// A Reason is why a verdict is not Valid, or what else to know.
type Reason struct {
	Code    string `json:"code"`
	English string `json:"en"`
	Viet    string `json:"vi"`
}

// Options are what is believed beforehand.
type Options struct {
	Roots [][]byte  `json:"roots"`          // certificates, DER, of signers and time-stamp authorities
	CRLs  [][]byte  `json:"crls,omitempty"` // revocation lists, DER; each is checked before use
	At    time.Time `json:"at"`             // now
}

// limits are the caps of a child. A file is read, not held.
var limits = jail.Limits{Memory: 512 << 20, CPU: 60 * time.Second, Wall: 120 * time.Second, File: 1, Output: 64 << 20, Confined: true, Alone: true}

// maxReport is the most bytes of a report that are taken from a child.
const maxReport = 4 << 20

// File verifies all signatures of the file at path. A file without signatures
// is Indeterminate. The error is a *[jail.Refusal] with code kind or encrypted
// for files that cannot carry signatures, or one of package jail.
func File(ctx context.Context, path string, o Options) (Report, error) {
	options, err := json.Marshal(o)
	if err != nil {
		return Report{}, err
	}
	out := capped{max: maxReport}
	if err := jail.Run(ctx, "verify", limits, bytes.NewReader(options), &out, path); err != nil {
		return Report{}, fmt.Errorf("verify: %w", err)
	}
	var r Report
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		return Report{}, fmt.Errorf("verify: %w: report: %w", jail.ErrCrash, err)
	}
	return r, nil
}

// Child is the child "verify": options in, report out; the argument is the
// file's path.
func Child(args []string, in io.Reader, out io.Writer) error {
	var o Options
	if err := json.NewDecoder(in).Decode(&o); err != nil {
		return fmt.Errorf("options: %w", err)
	}
	if len(args) != 1 {
		return fmt.Errorf("%d arguments", len(args))
	}
	f, err := os.Open(args[0])
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	r, err := check(f, info.Size(), o)
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(r)
}

// capped is a buffer that takes no more than max bytes.
type capped struct {
	bytes.Buffer
	max int
}

func (c *capped) Write(b []byte) (int, error) {
	if c.Len()+len(b) > c.max {
		return 0, fmt.Errorf("report is longer than %d bytes", c.max)
	}
	return c.Buffer.Write(b)
}
