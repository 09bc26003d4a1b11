// Package packages makes of a dossier, or of one of its documents, what can
// leave the house and be understood without it:
//
//   - the auditor's package, a bag (RFC 8493) with every file that was kept, what
//     was found out about its signatures, its fields, and the proofs that it
//     stands in the ledger;
//   - the hand-over packages SIP, AIP and DIP (E-ARK CSIP 2.0.4, which TT
//     05/2025/TT-BNV names): METS, EAD with the national fields, PREMIS.
//
// A package is made in two passes. The first reads every file and compares it
// with what the rows say: nothing is written of a record that is not whole. The
// second writes. No file is held in memory. The same [Record] gives the same
// bytes.
//
// [Check] looks at a package that somebody brings, in a limited child.
// docs/packages.md shows the layouts.
package packages

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/pattern"
)

// A Kind is a kind of package.
type Kind string

// The kinds.
const (
	Audit Kind = "audit" // for whoever checks without trusting the house
	SIP   Kind = "sip"   // from one system to another (TT 05/2025/TT-BNV Điều 17)
	AIP   Kind = "aip"   // what an archive keeps
	DIP   Kind = "dip"   // reading copies, for readers
)

// Kinds lists them.
var Kinds = [...]Kind{Audit, SIP, AIP, DIP}

// KindOf reads a kind. The error wraps [dossier.ErrInvalid].
func KindOf(s string) (Kind, error) {
	for _, k := range Kinds {
		if s == string(k) {
			return k, nil
		}
	}
	return "", fmt.Errorf("%w: a package is audit, sip, aip or dip, not %q", dossier.ErrInvalid, s)
}

// Errors that callers tell apart with [errors.Is].
var (
	// ErrNotReady: a document has not come to its end, or nothing is there that
	// could be handed over. It is a [dossier.ErrConflict].
	ErrNotReady = fmt.Errorf("%w: not archived", dossier.ErrConflict)

	// ErrBytes: a file that rows name is missing or is not what was kept.
	ErrBytes = errors.New("the record is not whole")
)

// A Lost file keeps a package from being made. It wraps [ErrBytes].
type Lost struct {
	Document dossier.DocumentID
	Part     dossier.Part
	Sum      digest.Digest
	Missing  bool // else its bytes are not those
}

func (l *Lost) Error() string {
	why := "is not what was kept: its bytes were changed"
	if l.Missing {
		why = "is missing"
	}
	return fmt.Sprintf("document %s: the file %q (SHA-256 %s) %s; sohoa fixity --now mends it from the second store", l.Document, l.Part, l.Sum, why)
}

// Unwrap returns [ErrBytes].
func (l *Lost) Unwrap() error { return ErrBytes }

// A Record is what a package is made of: a dossier and those of its documents
// that go into it.
type Record struct {
	Kind    Kind
	Dossier dossier.Dossier
	Whole   bool // the dossier; else its one document

	Procedure dossier.Procedure
	Receiving dossier.Agency
	Competent dossier.Agency

	Papers []Paper
	Reused []dossier.Entry // papers of other dossiers that were used in this one: named, not in the package

	Ledger Extract
	Codes  Codes

	Made    time.Time // now: the one thing that differs between two packages of the same record
	Version string    // of the program
}

// A Paper is one document.
type Paper struct {
	Document dossier.Document
	Number   int    // place in its dossier, from 1: part of file names (TT 05/2025/TT-BNV Điều 8)
	Name     string // of its kind
	Place    string // name of the component that it fills
	Fields   []dossier.Field
	Changes  []dossier.Change
	Said     []Said // what the ledger's commitments are about

	Verdict     string // VALID, INVALID, INDETERMINATE or NONE: of the archival file
	VerdictJSON []byte // the same in full, see docs/verify.schema.json
	VerdictText []byte // the same for people

	// Reading opens a copy for reading, for a DIP.
	Reading func(ctx context.Context) (io.ReadCloser, error)
}

// A Said is a person's text that an event commits to, and the salt that opens
// the commitment (docs/ledger.md).
type Said struct {
	Version int64  `json:"version"`
	Why     string `json:"why"`
	Fields  string `json:"fields"` // as they are kept
	Salt    string `json:"salt"`
}

// An Extract is what of the ledger is about the record, in the order of its
// places, and what proves it.
type Extract struct {
	Proofs     []Proven
	Checkpoint []byte // signed note; every proof is under it
	Stamp      []byte // RFC 3161 token over it; nil: none yet
	Keys       []string
	Roots      []byte // PEM of the roots that time-stamps and signatures lead to
}

// A Proven event is an event with its place and its proof (C2SP tlog-proof).
type Proven struct {
	Place int64
	Event string
	Proof []byte
}

// Codes are values of EAD fields that follow from nothing the house knows: codes
// of national lists, which an archive and an agency agree on. The names are those
// of TT 05/2025/TT-BNV. A value that the house knows is not replaced.
type Codes struct {
	Document map[string]string                      `json:"document"`
	Dossier  map[string]string                      `json:"dossier"`
	Kinds    map[dossier.KindCode]map[string]string `json:"kinds"` // of documents of a kind, before Document
}

// Blobs are the files of the archive.
type Blobs interface {
	Open(ctx context.Context, d digest.Digest) (io.ReadCloser, error)
}

// A Sink takes the files of a package.
type Sink interface {
	// Add takes a file of size bytes under a path with slashes. The bytes that
	// write writes have the CRC-32 (IEEE) crc.
	Add(path string, size int64, crc uint32, write func(io.Writer) error) error
}

var safe = pattern.Late(`^[A-Za-z0-9][A-Za-z0-9.\-]*$`)

// check says what keeps r from becoming a package.
func (r Record) check() error {
	if len(r.Papers) == 0 {
		return fmt.Errorf("dossier %s: %w: it has no archived document", r.Dossier.Code, ErrNotReady)
	}
	if !safe().MatchString(string(r.Dossier.Code)) {
		return fmt.Errorf("%w: a dossier's code that cannot be a file's name", dossier.ErrInvalid)
	}
	if r.Made.IsZero() || r.Version == "" {
		return errors.New("a package without a time or a program that made it")
	}
	for _, p := range r.Papers {
		if err := Ready(p.Document); err != nil {
			return err
		}
		if r.Kind == DIP && p.Reading == nil {
			return fmt.Errorf("document %s: no reading copy was made", p.Document.ID)
		}
	}
	return nil
}

// Ready says whether a document may go into a package: it is archived. The error
// wraps [ErrNotReady] and names the document and where it stands.
func Ready(d dossier.Document) error {
	if d.State != dossier.Archived {
		return fmt.Errorf("document %s: %w: it is %s", d.ID, ErrNotReady, d.State)
	}
	if !d.Disposed.IsZero() {
		return fmt.Errorf("document %s: %w: it was disposed of", d.ID, ErrNotReady)
	}
	if _, _, ok := d.Archival(); !ok {
		return fmt.Errorf("document %s: %w: it has no archival file", d.ID, ErrNotReady)
	}
	return nil
}

// Name is what a package of r is called: its root folder, its METS's OBJID, its
// file without the ending. It holds codes and ids only.
func (r Record) Name() string {
	what := string(r.Dossier.Code)
	if !r.Whole && len(r.Papers) == 1 {
		what = r.Papers[0].code(r)
	}
	return string(r.Kind) + "-" + what
}

// code is the file name of a document without its ending: the dossier's code and
// the document's number (TT 05/2025/TT-BNV Điều 8).
func (p Paper) code(r Record) string { return fmt.Sprintf("%s.%03d", r.Dossier.Code, p.Number) }

// A Package is a record that was found whole, ready to be written.
type Package struct {
	name string
	load *load
}

// Load reads every file of r, compares it with what the rows say, and makes what
// describes it. The error wraps [ErrNotReady] or [ErrBytes] if r cannot be
// packed.
func Load(ctx context.Context, r Record, blobs Blobs) (*Package, error) {
	err := r.check()
	var l *load
	switch {
	case err != nil:
	case r.Kind == Audit:
		l, err = bag(ctx, r, blobs)
	default:
		l, err = handOver(ctx, r, blobs)
	}
	if err != nil {
		return nil, fmt.Errorf("package: %w", err)
	}
	return &Package{r.Name(), l}, nil
}

// Name is what the package is called, see [Record.Name].
func (p *Package) Name() string { return p.name }

// Write writes the files of p. One that has changed since [Load] fails, with an
// error that wraps [ErrBytes]: what was written till then is no package.
func (p *Package) Write(ctx context.Context, to Sink) error {
	if err := p.load.write(ctx, to, p.name); err != nil {
		return fmt.Errorf("package: %w", err)
	}
	return nil
}
