package account

import (
	"fmt"
	"strings"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
)

// A Passkey is a credential of Web Authentication that a person registered: what the
// house keeps is public.
type Passkey struct {
	ID     string // as the authenticator names it, base64url
	Person dossier.PersonID
	Name   string // that the person gave it
	Key    []byte // public, SubjectPublicKeyInfo
	Count  uint32 // of signatures, as it last said; 0: it does not count
	Synced bool   // it may be on more than one device
	At     time.Time
	Seen   time.Time // last use; zero: never
	Doubt  time.Time // when its count did not grow; it lets nobody in from then on. Zero: it is sound
}

// Bounds of passkeys: how many a person has at most, and how long a name may be, in
// bytes.
const (
	MostPasskeys    = 10
	mostPasskeyName = 100
)

// Check says what is wrong with a passkey, wrapping [dossier.ErrInvalid].
func (k Passkey) Check() error {
	switch {
	case k.ID == "" || k.Person == "" || len(k.Key) == 0:
		return fmt.Errorf("%w: a passkey is of somebody and has a key", dossier.ErrInvalid)
	case strings.TrimSpace(k.Name) == "" || len(k.Name) > mostPasskeyName:
		return fmt.Errorf("%w: a passkey needs a name", dossier.ErrInvalid)
	}
	return nil
}

// Handle is how authenticators know a person: 32 bytes that tell nothing of them (Web
// Authentication Level 3, section 14.6.1).
func Handle(p dossier.PersonID) []byte {
	d := digest.Of([]byte("sohoa passkey " + string(p)))
	return d[:]
}
