// Package restriction holds the words for classes of paper that are not for
// everybody: personnel files, adoptions, criminal records. A rule says of an account,
// or of a role at an agency, which classes it may not see and act on, or which alone.
// It holds values and functions only.
package restriction

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
)

// What is done about rules, as the ledger says it.
const (
	Put   = "restrict"
	Asked = "restrict-end-ask"
	Ended = "restrict-end"
)

// A Rule closes classes of paper to somebody. It is written once, and closes at once;
// that it ends is asked for by one administrator and done by another.
type Rule struct {
	ID string

	// Whom it is for: one account; or all of a role, of an agency and all below it, or
	// both. An empty role is every role, an empty agency every agency.
	Person dossier.PersonID
	Role   dossier.Role
	Agency dossier.AgencyCode

	// The classes: kinds of paper, and fields of procedures, whose dossiers are closed
	// whole. Only: not these are closed but all others, each list by itself if it names
	// any; what the catalogue gets later is then closed too.
	Only   bool
	Kinds  []dossier.KindCode
	Fields []string

	Why  string // in words, bound by the ledger
	Who  dossier.PersonID
	By   dossier.Role
	At   time.Time
	Demo bool

	AskedBy  dossier.PersonID // who asked for its end; empty: nobody
	AskedWhy string
	AskedAt  time.Time
	EndedBy  dossier.PersonID // empty: it is in force
	EndedAt  time.Time
}

// ErrOther: who asked that a rule ends does not end it.
var ErrOther = fmt.Errorf("%w: another administrator ends it", dossier.ErrForbidden)

// May reports whether a role puts rules and ends them.
func May(by dossier.Role) bool { return by == dossier.Admin }

// MostWhy is how many bytes a reason has at most.
const MostWhy = 1000

// Check says what is wrong with a rule, wrapping [dossier.ErrInvalid].
func (r Rule) Check() error {
	switch {
	case (r.Person == "") == (r.Role == "" && r.Agency == ""):
		return fmt.Errorf("%w: a rule is for an account, or for a role or an agency", dossier.ErrInvalid)
	case r.Role != "" && !slices.Contains(dossier.Roles[:], r.Role):
		return fmt.Errorf("%w: there is no role %q", dossier.ErrInvalid, r.Role)
	case len(r.Kinds) == 0 && len(r.Fields) == 0:
		return fmt.Errorf("%w: a rule names kinds of paper or fields", dossier.ErrInvalid)
	case r.Why == "" || len(r.Why) > MostWhy:
		return fmt.Errorf("%w: a rule needs its reason", dossier.ErrInvalid)
	}
	return nil
}

// For reports whether r is for somebody of a role at an agency; under says which
// agencies theirs is, or lies under. A person acts under their own id and, who stands in
// for another, under that one's too: what is closed to either is closed.
func (r Rule) For(role dossier.Role, under []dossier.AgencyCode, ids ...dossier.PersonID) bool {
	if r.Person != "" {
		return slices.Contains(ids, r.Person)
	}
	return (r.Role == "" || r.Role == role) && (r.Agency == "" || slices.Contains(under, r.Agency))
}

// Closed is what rules close together, of a catalogue as it is now.
func Closed(rules []Rule, kinds []dossier.Kind, procedures []dossier.Procedure) (c dossier.Closed) {
	closes := func(r Rule, listed bool) bool { return listed != r.Only }
	for _, r := range rules {
		for _, k := range kinds {
			if len(r.Kinds) > 0 && closes(r, slices.Contains(r.Kinds, k.Code)) {
				c.Kinds = append(c.Kinds, k.Code)
			}
		}
		for _, p := range procedures {
			if len(r.Fields) > 0 && closes(r, slices.Contains(r.Fields, p.Field)) {
				c.Procedures = append(c.Procedures, p.Code)
			}
		}
	}
	slices.Sort(c.Kinds)
	slices.Sort(c.Procedures)
	c.Kinds, c.Procedures = slices.Compact(c.Kinds), slices.Compact(c.Procedures)
	return c
}

// Sum binds what a rule closes to whom, for the ledger; its reason is bound apart.
func (r Rule) Sum() digest.Digest {
	b, err := json.Marshal([]any{r.Person, r.Role, r.Agency, r.Only, r.Kinds, r.Fields})
	if err != nil {
		panic(err) // of strings it never fails
	}
	return digest.Of(b)
}
