// Package room holds the words for the reading room: an auditor is given a part
// of the archive to look at, for a purpose, until a day. It holds values only.
package room

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
)

// What is done about grants, as the ledger says it.
const (
	Granted = "grant"
	Ended   = "grant-end"
)

// Longest is how long a grant may last: a purpose that goes on is stated anew.
const Longest = 366 * 24 * time.Hour

// A Grant lets one auditor read a part of the archive. It is written once; it
// ends on its day, or when somebody ends it.
type Grant struct {
	ID     string
	Person dossier.PersonID // the auditor

	// The scope: an agency and all below it, or one dossier; of these the
	// papers of some kinds, and the dossiers received in a time. One of the
	// first two is set, the others may be.
	Agency   dossier.AgencyCode
	Dossier  dossier.Code
	Kinds    []dossier.KindCode
	From, To time.Time // days in Viet Nam, both included; zero: no bound

	Purpose string    // in words, as it is shown and bound by the ledger
	Until   time.Time // nothing is seen from then on

	Who  dossier.PersonID // who gave it
	By   dossier.Role
	At   time.Time
	Demo bool

	Ended    time.Time // zero: nobody ended it before its day
	EndedBy  dossier.PersonID
	EndedWhy string
}

// May reports whether a role gives grants and ends them.
func May(by dossier.Role) bool { return by == dossier.Admin }

// Active reports whether g lets anybody see anything at a time.
func (g Grant) Active(at time.Time) bool { return g.Ended.IsZero() && at.Before(g.Until) }

// Narrow reports whether g is less than all that an agency has.
func (g Grant) Narrow() bool {
	return g.Dossier != "" || len(g.Kinds) > 0 || !g.From.IsZero() || !g.To.IsZero()
}

// Check says what is wrong with a grant that is given at a time, wrapping
// [dossier.ErrInvalid].
func (g Grant) Check(at time.Time) error {
	switch {
	case g.Person == "":
		return fmt.Errorf("%w: a grant is somebody's", dossier.ErrInvalid)
	case (g.Agency == "") == (g.Dossier == ""):
		return fmt.Errorf("%w: the scope is an agency or a dossier", dossier.ErrInvalid)
	case g.Purpose == "" || len(g.Purpose) > 1000:
		return fmt.Errorf("%w: a grant needs its purpose", dossier.ErrInvalid)
	case !g.Until.After(at) || g.Until.Sub(at) > Longest:
		return fmt.Errorf("%w: a grant ends within a year, and not before now", dossier.ErrInvalid)
	case !g.From.IsZero() && !g.To.IsZero() && g.To.Before(g.From):
		return fmt.Errorf("%w: the time ends before it begins", dossier.ErrInvalid)
	}
	return nil
}

// Within is the scope as a query's filter, with the codes of the agency and of
// all below it.
func (g Grant) Within(below []dossier.AgencyCode) *dossier.Within {
	w := &dossier.Within{Dossier: g.Dossier, Kinds: g.Kinds, From: g.From}
	if g.Agency != "" {
		w.Agencies = slices.Compact(slices.Sorted(slices.Values(append(slices.Clone(below), g.Agency))))
	}
	if !g.To.IsZero() {
		w.To = g.To.AddDate(0, 0, 1)
	}
	return w
}

// Sum binds what a grant allows, for the ledger; its purpose is bound apart.
func (g Grant) Sum() digest.Digest {
	day := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.In(dossier.VietNam).Format(time.DateOnly)
	}
	b, err := json.Marshal([]any{g.Person, g.Agency, g.Dossier, g.Kinds, day(g.From), day(g.To), g.Until.UnixMilli()})
	if err != nil {
		panic(err) // of strings and numbers it never fails
	}
	return digest.Of(b)
}
