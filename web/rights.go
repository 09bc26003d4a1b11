package web

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/room"
)

// A right is what a route asks of the person.
type right string

const (
	open    right = "open"    // nobody in particular: login, health, style
	enter   right = "enter"   // be there at all: the first page, and out again
	look    right = "look"    // see dossiers and documents
	receive right = "receive" // open a dossier, bring paper, use a held one again
	act     right = "act"     // move a document; which and when is the state table's word
	reread  right = "reread"  // look at what was read badly, and say so
	sign    right = "sign"    // order signatures on many documents at the desk
	resolve right = "resolve" // say that the agency has decided a dossier
	seek    right = "search"  // look for archived papers by what is in them
	people  right = "people"  // look for them by their holder, whose name is shown
	trace   right = "trace"   // see who looked at a holder's papers
	dispose right = "dispose" // review papers whose time is over
	freeze  right = "hold"    // put legal holds, and lift them: an auditor those that they put
	pack    right = "pack"    // take packages of archived documents out of the house
	grade   right = "grade"   // see whose work the figures tell of
	tend    right = "tend"    // withdraw, replace, correct, merge and split what is on records; which is record.May's word
	give    right = "give"    // give out all that is held on a person
	work    right = "work"    // see backlog projects, and work in those whose team one is of
	plan    right = "plan"    // begin, staff, judge and end backlog projects
	manage  right = "manage"  // agencies, kinds, procedures, people

	delegate right = "delegate"    // let somebody else act in one's place
	smash    right = "break-glass" // open a dossier that one was not given to read, for an hour
	oversee  right = "oversee"     // see what was opened so, by whom and why
)

// rights says which roles have a right.
var rights = map[right][]dossier.Role{
	enter:   dossier.Roles[:],
	look:    dossier.Roles[:],
	receive: {dossier.Counter},
	act:     {dossier.Counter, dossier.Officer, dossier.Clerk},
	reread:  {dossier.Counter, dossier.Officer},
	sign:    {dossier.Officer, dossier.Clerk},
	resolve: {dossier.Officer, dossier.Clerk},
	seek:    dossier.Roles[:],
	people:  {dossier.Counter, dossier.Officer, dossier.Clerk, dossier.Auditor}, // who runs the house handles no cases
	trace:   {dossier.Counter, dossier.Auditor, dossier.Admin},
	dispose: {dossier.Clerk, dossier.Admin},
	freeze:  {dossier.Auditor, dossier.Admin},
	pack:    {dossier.Clerk, dossier.Auditor, dossier.Admin},
	grade:   {dossier.Clerk, dossier.Auditor, dossier.Admin}, // who answers for the agency's seal, or looks it over; others see their own
	tend:    {dossier.Officer, dossier.Clerk, dossier.Admin},
	give:    {dossier.Clerk, dossier.Admin},
	work:    {dossier.Counter, dossier.Officer, dossier.Clerk, dossier.Admin},
	plan:    {dossier.Clerk, dossier.Admin},
	manage:  {dossier.Admin},

	delegate: account.Gives,
	smash:    {dossier.Auditor}, // who runs the house sees every dossier as it is
	oversee:  {dossier.Auditor, dossier.Admin},
}

// A scope is the part of the organisation a person looks at: their own agency
// and those under it, or all. An auditor's is what a grant of the reading room
// says, and nothing without one.
type scope struct {
	all    bool
	below  []dossier.AgencyCode
	within *dossier.Within // of an auditor, and of whom classes of paper are closed to; nil: all of below
	closed dossier.Closed  // classes of paper that are not for them; in within too
	grant  *room.Grant     // that runs; nil of others, and of an auditor without
	glass  *account.Glass  // that an auditor broke, while it is open
	key    *account.Key    // that a program came with; nil of people
}

// agencies is the scope as a query's filter. It is empty only for all.
func (s scope) agencies() []dossier.AgencyCode {
	if s.all {
		return nil
	}
	return s.below
}

func (s scope) has(c dossier.AgencyCode) bool { return s.all || slices.Contains(s.below, c) }

// nowhere is no agency's code: who belongs to no agency sees the dossiers of
// none, not of all.
const nowhere dossier.AgencyCode = "-"

// keyed are the rights that a key can have: what neighbouring systems do. None signs,
// none decides what is destroyed, and none runs the house.
var keyed = []right{look, receive, act, reread, resolve, seek, people, trace, pack, grade, tend, dispose, freeze, work}

// scopeOf finds the scope of p.
func (s *server) scopeOf(ctx context.Context, p dossier.Person) (scope, error) {
	switch p.Role {
	case dossier.Admin:
		return scope{all: true}, nil
	case dossier.Auditor:
		sight, err := s.roomScope(ctx, p)
		if err != nil {
			return sight, err
		}
		return s.glassOf(ctx, p, sight)
	}
	if p.Agency == "" {
		return scope{below: []dossier.AgencyCode{nowhere}}, nil
	}
	below, err := s.Catalogue.Below(ctx, p.Agency)
	if err != nil && !errors.Is(err, dossier.ErrNotFound) {
		return scope{}, fmt.Errorf("agencies below: %w", err)
	}
	if !slices.Contains(below, p.Agency) {
		below = append(below, p.Agency)
	}
	return scope{below: below}, nil
}

// allowed is the one place that decides whether p may: by role, then, if the
// request is about a dossier, by the agencies that dossier belongs to. What p
// may not even see is not there: the error wraps [dossier.ErrNotFound].
func allowed(p dossier.Person, want right, in scope, about *dossier.Dossier) error {
	if want == open {
		return nil
	}
	if p.ID == "" {
		return told("signed-out", dossier.ErrForbidden)
	}
	if p.Role == dossier.Auditor && in.grant == nil && in.glass == nil && want != enter && want != smash && want != oversee {
		return errRoom()
	}
	if about != nil && (!in.has(about.Receiving) && !in.has(about.Competent) || !in.within.HasDossier(*about)) {
		return dossier.ErrNotFound
	}
	if !slices.Contains(rights[want], p.Role) {
		return fmt.Errorf("%w: a %s has no right to %s", dossier.ErrForbidden, p.Role, want)
	}
	if in.key != nil && want != enter && !slices.Contains(in.key.Acts, string(want)) {
		return told("key-act", fmt.Errorf("%w: the key is not for %s", dossier.ErrForbidden, want))
	}
	if want == resolve && about != nil && !in.has(about.Competent) {
		return fmt.Errorf("%w: the dossier is for another agency to decide", dossier.ErrForbidden)
	}
	return nil
}
