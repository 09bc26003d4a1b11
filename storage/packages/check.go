package packages

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"sohoa/jail"
)

// Codes of refusals of [Check]: what somebody brings is no package that can be
// looked at. They are those of the door, where one fits.
const (
	CodeKind    = "kind"    // no bag and no E-ARK package
	CodeDamaged = "damaged" // a ZIP or XML that cannot be read
	CodeObjects = "objects" // more files than are taken
	CodeExpand  = "expand"  // it would unpack to more than is taken
	CodeBytes   = "bytes"   // a file that describes others is larger than any
)

// Codes of findings.
const (
	FoundChanged   = "changed"   // a file's bytes are not those that its package names
	FoundMissing   = "missing"   // a file is named and not there
	FoundUnlisted  = "unlisted"  // a file is there and nothing names it
	FoundForm      = "form"      // a file that describes others does not say what it must
	FoundUnknown   = "unknown"   // a checksum of a kind that is not known, so that nothing holds the file
	FoundProof     = "proof"     // a proof of the ledger does not hold
	FoundUnproven  = "unproven"  // a file of a document is in no proven event
	FoundCommitted = "committed" // a text is not what an event commits to
)

// A Finding is something about a package that is not right.
type Finding struct {
	Code string `json:"code"`
	Path string `json:"path,omitempty"` // within the package, as it says
	VI   string `json:"vi"`
	EN   string `json:"en"`
}

// Checked is what was found out about a package.
type Checked struct {
	Kind     string    `json:"kind"` // audit, sip, aip, dip, or empty: of another house
	Name     string    `json:"name"` // its root folder
	Files    int       `json:"files"`
	Bytes    int64     `json:"bytes"`
	Proofs   int       `json:"proofs"`           // of the ledger that hold
	Origin   string    `json:"origin,omitempty"` // the ledger's name
	Size     int64     `json:"size,omitempty"`   // events under the checkpoint
	Own      bool      `json:"own"`              // proofs were held against the package's own keys
	Findings []Finding `json:"findings"`
	More     int       `json:"more,omitempty"` // findings that are not listed
}

// Bounds of a check.
const (
	mostFindings = 200
	mostFiles    = 200_000
	mostBytes    = 1 << 40 // in a directory, or unpacked
	mostExpand   = 100     // times the bytes of the ZIP
	mostListing  = 128 << 20
	mostSmall    = 1 << 20
	mostKeys     = 64 << 10
)

// ChildName is the name of [Child] for [jail.Main].
const ChildName = "package-check"

// checkLimits are for hundreds of gigabytes, of which nothing is held but names
// and sums.
var checkLimits = jail.Limits{Memory: 1 << 30, CPU: 2 * time.Hour, Wall: 4 * time.Hour, File: 1, Output: 4 << 20, Confined: true, Alone: true}

// Check looks at the package at path, a ZIP file or a directory, that may be
// anybody's: every file against what names it, the proofs of a ledger against
// keys (those in the package if there are none), and files against the proven
// events. It reads in a limited child; give [Child] to [jail.Main]. What cannot
// be looked at is a [*jail.Refusal].
func Check(ctx context.Context, path string, keys []string) (Checked, error) {
	whole, err := filepath.Abs(path)
	if err != nil {
		return Checked{}, err
	}
	ask, err := json.Marshal(keys)
	if err != nil {
		return Checked{}, err
	}
	if len(ask) > mostKeys {
		return Checked{}, fmt.Errorf("%d bytes of keys", len(ask))
	}
	var out bytes.Buffer
	if err := jail.Run(ctx, ChildName, checkLimits, bytes.NewReader(ask), &out, whole); err != nil {
		return Checked{}, refusedFor(err)
	}
	var c Checked
	if err := json.Unmarshal(out.Bytes(), &c); err != nil {
		return c, fmt.Errorf("check of a package: %w", err)
	}
	if len(c.Findings) > mostFindings || c.Files < 0 || c.Proofs < 0 || c.Bytes < 0 { // a child that was taken over says anything
		return Checked{}, errors.New("check of a package: no report")
	}
	return c, nil
}

// refusedFor gives the limits of a child the words of a refusal.
func refusedFor(err error) error {
	switch {
	case errors.Is(err, jail.ErrMemory):
		return &jail.Refusal{Code: "memory", Text: "the package needs more memory than is given to look at one"}
	case errors.Is(err, jail.ErrTime):
		return &jail.Refusal{Code: "time", Text: "the package takes longer than is given to look at one"}
	}
	return err
}

// Child is the child of [Check].
func Child(args []string, in io.Reader, out io.Writer) error {
	if len(args) != 1 {
		return errors.New("one package at a time")
	}
	var keys []string
	if err := json.NewDecoder(io.LimitReader(in, mostKeys)).Decode(&keys); err != nil {
		return err
	}
	m, err := open(args[0])
	if err != nil {
		return err
	}
	defer m.close()
	l := &look{members: m, keys: keys, out: Checked{Name: m.root, Findings: []Finding{}}}
	if err := l.all(); err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(l.out)
}

// A look is what is found out as it goes.
type look struct {
	*members
	keys   []string
	out    Checked
	sums   map[string]sum // of every file
	proven map[string]bool
	texts  map[string]string // commitments of proven moves, by document and version
}

func (l *look) found(code, path, vi, en string) {
	if len(l.out.Findings) == mostFindings {
		l.out.More++
		return
	}
	l.out.Findings = append(l.out.Findings, Finding{code, path, vi, en})
}

// all looks at everything, the sums of all files first.
func (l *look) all() error {
	var err error
	if l.sums, err = l.members.sum(); err != nil {
		return err
	}
	l.out.Files = len(l.sums)
	for _, s := range l.sums {
		l.out.Bytes += s.size
	}
	ledger := ""
	switch {
	case l.has("bagit.txt"):
		err, ledger = l.bag(), "data/ledger"
	case l.has("METS.xml"):
		err, ledger = l.mets(), "documentation/ledger"
	default:
		err = &jail.Refusal{Code: CodeKind, Text: "there is neither bagit.txt nor METS.xml in its root folder"}
	}
	if err != nil {
		return err
	}
	return l.ledger(ledger)
}

func (l *look) has(path string) bool { _, ok := l.sums[path]; return ok }
