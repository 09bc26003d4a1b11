package account

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"time"

	"sohoa/dossier"
)

// What is done about keys of programs, as the ledger says it.
const (
	KeyMade    = "make-key"
	KeyEnded   = "end-key"
	LongestKey = 366 * 24 * time.Hour // a program that goes on gets another
)

// A Key lets a program act as a service account, within less than the account may.
// What the program holds is shown once; the house keeps its SHA-256.
type Key struct {
	ID      string
	Account dossier.PersonID
	Head    string             // its first letters, to know it by
	Acts    []string           // names of the rights that it has, of those of its account's role; sorted
	Agency  dossier.AgencyCode // and only there and below
	Why     string             // what for
	Who     dossier.PersonID   // who made it
	At      time.Time
	Until   time.Time
	Demo    bool

	Ended   time.Time // zero: nobody ended it before its day
	EndedBy dossier.PersonID
	Seen    time.Time // last use, to the minute; zero: never
}

// Serves lists the roles that a service account can have. None runs the house.
var Serves = []dossier.Role{dossier.Counter, dossier.Officer, dossier.Clerk, dossier.Auditor}

// keyMark begins what a program holds, so that scanners of source code find a key
// that was left in some.
const keyMark = "sohoa_"

type ofKey struct{}

// WithKey returns a context of what is asked with a key, which the ledger then names by
// its id; without one, "", of what is not.
func WithKey(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, ofKey{}, id)
}

// KeyOf returns the id of the key with which something is asked, or "".
func KeyOf(ctx context.Context) string {
	id, _ := ctx.Value(ofKey{}).(string)
	return id
}

// NewKey makes what a program holds, of 256 random bits, and the letters that it is
// known by.
func NewKey() (secret, head string) {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails (crypto/rand)
	secret = keyMark + base64.RawURLEncoding.EncodeToString(raw)
	return secret, secret[:len(keyMark)+4]
}

// LooksLikeKey reports whether a text has the form of what a program holds.
func LooksLikeKey(s string) bool {
	rest, ok := strings.CutPrefix(s, keyMark)
	return ok && len(rest) == base64.RawURLEncoding.EncodedLen(32)
}

// Active reports whether k lets anybody do anything at a time.
func (k Key) Active(at time.Time) bool { return k.Ended.IsZero() && at.Before(k.Until) }

// Check says what is wrong with a key that is made at a time, wrapping
// [dossier.ErrInvalid].
func (k Key) Check(at time.Time) error {
	switch {
	case k.Account == "" || k.Agency == "" || k.Head == "":
		return fmt.Errorf("%w: a key is of an account, for an agency", dossier.ErrInvalid)
	case len(k.Acts) == 0 || !slices.IsSorted(k.Acts) || slices.ContainsFunc(k.Acts, func(a string) bool { return a == "" || strings.ContainsRune(a, ' ') }):
		return fmt.Errorf("%w: a key is for some acts", dossier.ErrInvalid)
	case k.Why == "" || len(k.Why) > 1000:
		return fmt.Errorf("%w: a key needs a reason", dossier.ErrInvalid)
	case !k.Until.After(at) || k.Until.Sub(at) > LongestKey:
		return fmt.Errorf("%w: a key ends within a year, and not before now", dossier.ErrInvalid)
	}
	return nil
}

// Sum binds what a key allows, for the ledger; its reason is bound apart.
func (k Key) Sum(secret string) string {
	return sum([]any{k.Account, k.Head, k.Acts, k.Agency, k.Until.UnixMilli(), secret}).String()
}
