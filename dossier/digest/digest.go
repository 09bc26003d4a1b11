// Package digest names runs of bytes by their SHA-256.
package digest

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
)

// ErrMalformed is wrapped by the errors of [Parse].
var ErrMalformed = errors.New("malformed digest")

// A Digest is the SHA-256 of a run of bytes (FIPS 180-4). The zero Digest names
// nothing. Digests compare with == and may be map keys.
type Digest [sha256.Size]byte

// Of returns the digest of b.
func Of(b []byte) Digest { return sha256.Sum256(b) }

// Read returns the digest and the length in bytes of all that r gives.
func Read(r io.Reader) (Digest, int64, error) {
	h := sha256.New()
	n, err := io.Copy(h, r)
	if err != nil {
		return Digest{}, n, err
	}
	return Digest(h.Sum(nil)), n, nil
}

// Parse reads the form that [Digest.String] writes: 64 lower-case hex digits.
func Parse(s string) (Digest, error) {
	var d Digest
	if len(s) != hex.EncodedLen(len(d)) {
		return Digest{}, fmt.Errorf("%w: %d characters", ErrMalformed, len(s))
	}
	if _, err := hex.Decode(d[:], []byte(s)); err != nil {
		return Digest{}, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if d.String() != s { // one spelling only, so that keys are unique
		return Digest{}, fmt.Errorf("%w: upper-case digits", ErrMalformed)
	}
	return d, nil
}

// String returns d as 64 lower-case hex digits.
func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// IsZero reports whether d names nothing.
func (d Digest) IsZero() bool { return d == Digest{} }

// MarshalText writes the form of [Digest.String].
func (d Digest) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads the form of [Parse].
func (d *Digest) UnmarshalText(b []byte) (err error) {
	*d, err = Parse(string(b))
	return err
}
