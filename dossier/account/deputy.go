package account

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
)

// What is done about delegations and broken glass, as the ledger says it.
const (
	Delegated    = "delegate"
	DelegateEnd  = "delegate-end"
	GlassBroken  = "break-glass"
	LongestStand = 92 * 24 * time.Hour // a delegation that goes on is given anew
	GlassTime    = time.Hour
)

// A Delegation lets the taker act with the giver's role in the giver's agency
// until a day. The taker stays who they are: what they do is in the ledger under
// their own id, they sign with their own key, and four eyes are still two people.
type Delegation struct {
	ID           string
	Giver, Taker dossier.PersonID
	Role         dossier.Role // of the giver, when it was given
	Agency       dossier.AgencyCode
	Why          string
	At, Until    time.Time
	Demo         bool

	Ended    time.Time // zero: nobody ended it before its day
	EndedBy  dossier.PersonID
	EndedWhy string
}

// Gives lists the roles whose right can be delegated: those that act and sign
// for an agency.
var Gives = []dossier.Role{dossier.Officer, dossier.Clerk}

// Takes lists the roles that can stand in. Who audits the house or runs it does
// not act in its cases, not even for somebody else.
var Takes = []dossier.Role{dossier.Counter, dossier.Officer, dossier.Clerk}

// Active reports whether d lets anybody do anything at a time.
func (d Delegation) Active(at time.Time) bool { return d.Ended.IsZero() && at.Before(d.Until) }

// Check says what is wrong with a delegation that is given at a time, wrapping
// [dossier.ErrInvalid].
func (d Delegation) Check(at time.Time) error {
	switch {
	case d.Giver == "" || d.Taker == "" || d.Giver == d.Taker:
		return fmt.Errorf("%w: a delegation is from one person to another", dossier.ErrInvalid)
	case !slices.Contains(Gives, d.Role) || d.Agency == "":
		return fmt.Errorf("%w: only who acts for an agency gives that right on", dossier.ErrInvalid)
	case d.Why == "" || len(d.Why) > 1000:
		return fmt.Errorf("%w: a delegation needs a reason", dossier.ErrInvalid)
	case !d.Until.After(at) || d.Until.Sub(at) > LongestStand:
		return fmt.Errorf("%w: a delegation ends within three months, and not before now", dossier.ErrInvalid)
	}
	return nil
}

// Sum binds what a delegation allows, for the ledger; its reason is bound apart.
func (d Delegation) Sum() digest.Digest {
	return sum([]any{d.Giver, d.Taker, d.Role, d.Agency, d.Until.UnixMilli()})
}

// A Glass was broken by an auditor: one dossier outside what they were given to
// read lies open to them for an hour. It cannot be undone; it ends by itself.
type Glass struct {
	ID        string
	Person    dossier.PersonID
	Dossier   dossier.Code
	Why       string
	At, Until time.Time
	Demo      bool
}

// Active reports whether g opens anything at a time.
func (g Glass) Active(at time.Time) bool { return at.Before(g.Until) }

// Sum binds what was opened, for the ledger; the reason is bound apart.
func (g Glass) Sum() digest.Digest {
	return sum([]any{g.Person, g.Dossier, g.Until.UnixMilli()})
}

func sum(of []any) digest.Digest {
	b, err := json.Marshal(of)
	if err != nil {
		panic(err) // of strings and numbers it never fails
	}
	return digest.Of(b)
}
