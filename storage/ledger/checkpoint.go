package ledger

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// Errors callers tell apart with [errors.Is].
var (
	// ErrCheckpoint: a text is no checkpoint.
	ErrCheckpoint = errors.New("not a checkpoint")

	// ErrUnsigned: none of the keys that are believed signed it.
	ErrUnsigned = errors.New("not signed by a key that is believed")
)

// maxCheckpoint is the most bytes of a checkpoint that are read.
const maxCheckpoint = 64 << 10

// A Checkpoint says what the root of the tree is at a size (C2SP
// tlog-checkpoint).
type Checkpoint struct {
	Origin string // name of the ledger, and of the keys that sign for it
	Size   int64
	Root   Hash
}

// Text returns what is signed: origin, size and root, a line each.
func (c Checkpoint) Text() string {
	return fmt.Sprintf("%s\n%d\n%s\n", c.Origin, c.Size, base64.StdEncoding.EncodeToString(c.Root[:]))
}

// Sign returns the signed note. With more than one signer each signs: so a new
// key is introduced by the old one.
func (c Checkpoint) Sign(signers ...note.Signer) ([]byte, error) {
	return note.Sign(&note.Note{Text: c.Text()}, signers...)
}

// Open reads a signed note and holds it against keys, in their written form.
// The error wraps [ErrCheckpoint] or [ErrUnsigned]. It returns which keys signed.
func Open(signed []byte, keys []string) (Checkpoint, []string, error) {
	if len(signed) > maxCheckpoint {
		return Checkpoint{}, nil, fmt.Errorf("%w: longer than %d bytes", ErrCheckpoint, maxCheckpoint)
	}
	var known []note.Verifier
	for _, k := range keys {
		v, err := note.NewVerifier(k)
		if err != nil {
			return Checkpoint{}, nil, fmt.Errorf("key of the ledger: %w", err)
		}
		known = append(known, v)
	}
	n, err := note.Open(signed, note.VerifierList(known...))
	var unsigned *note.UnverifiedNoteError
	var invalid *note.InvalidSignatureError
	switch {
	case errors.As(err, &unsigned), errors.As(err, &invalid):
		return Checkpoint{}, nil, fmt.Errorf("%w: %w", ErrUnsigned, err)
	case err != nil:
		return Checkpoint{}, nil, fmt.Errorf("%w: %w", ErrCheckpoint, err)
	}
	c, err := parseText(n.Text)
	if err != nil {
		return c, nil, err
	}
	var by []string
	for _, s := range n.Sigs {
		if s.Name == c.Origin {
			by = append(by, fmt.Sprintf("%s+%08x", s.Name, s.Hash))
		}
	}
	if len(by) == 0 {
		return c, nil, fmt.Errorf("%w: signed by another ledger's key", ErrUnsigned)
	}
	return c, by, nil
}

// parseText reads the signed text. Lines after the third are other programs'.
func parseText(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) < 4 || lines[0] == "" {
		return Checkpoint{}, fmt.Errorf("%w: it has fewer than three lines", ErrCheckpoint)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return Checkpoint{}, fmt.Errorf("%w: its second line is no size", ErrCheckpoint)
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != hashSize {
		return Checkpoint{}, fmt.Errorf("%w: its third line is no hash", ErrCheckpoint)
	}
	return Checkpoint{Origin: lines[0], Size: size, Root: Hash(root)}, nil
}

// NewKey makes an Ed25519 key for a ledger of a name and returns it, private
// and public, in written form (C2SP signed-note). A name has neither spaces nor
// plus signs.
func NewKey(name string) (private, public string, err error) {
	if name == "" || strings.ContainsAny(name, " \t\r\n+") {
		return "", "", errors.New("the name of a ledger has no spaces and no plus signs")
	}
	return note.GenerateKey(rand.Reader, name)
}

// A Kept checkpoint is one that the house made.
type Kept struct {
	Size  int64
	At    int64  // milliseconds since 1970 UTC
	Note  []byte // signed
	Sum   string // SHA-256 of Note, hex digits: its name among the blobs
	Stamp string // the same of a time-stamp token over Note (RFC 3161); empty: none yet
}
