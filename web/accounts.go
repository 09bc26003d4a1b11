package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/digest"
	"sohoa/dossier/restriction"
)

// Accounts is how people come in and stay in. A token is known by its digest only.
type Accounts interface {
	AddSession(ctx context.Context, token digest.Digest, s account.Session) error
	Session(ctx context.Context, token digest.Digest) (dossier.Person, account.Session, error)
	SessionSeen(ctx context.Context, token digest.Digest, at time.Time) error
	SessionProved(ctx context.Context, token digest.Digest, at time.Time) error
	SessionDeputy(ctx context.Context, token digest.Digest, delegation string) error
	SessionsOf(ctx context.Context, p dossier.PersonID) ([]account.Session, error)
	EndSession(ctx context.Context, token digest.Digest) error
	EndSessions(ctx context.Context, p dossier.PersonID, id string, keep digest.Digest, by account.By) (int, error)

	SetPassword(ctx context.Context, p dossier.PersonID, hash string, first bool, keep digest.Digest, by account.By) error
	RehashPassword(ctx context.Context, p dossier.PersonID, old, hash string) error
	LockPerson(ctx context.Context, p dossier.PersonID, lock bool, by account.By) error
	PlacePerson(ctx context.Context, p dossier.PersonID, role dossier.Role, agency dossier.AgencyCode, by account.By) error

	Factor(ctx context.Context, p dossier.PersonID) (account.Factor, error)
	BeginFactor(ctx context.Context, p dossier.PersonID, secret string) error
	AddFactor(ctx context.Context, p dossier.PersonID, step int64, recovery []string, keep digest.Digest, by account.By) error
	UseCode(ctx context.Context, p dossier.PersonID, step int64) (bool, error)
	UseRecovery(ctx context.Context, p dossier.PersonID, hash string) (bool, error)
	RemoveFactor(ctx context.Context, p dossier.PersonID, keep digest.Digest, by account.By) error

	AddDevice(ctx context.Context, token digest.Digest, p dossier.PersonID) error
	IsDevice(ctx context.Context, token digest.Digest, login string) (bool, error)

	Deputies
	ProgramKeys
	Passkeys
	Identities
}

func (s *server) accountRoutes() []route {
	return []route{
		{"GET /login/code", open, s.codeForm},
		{"POST /login/code", open, s.codeGiven},
		{"GET /account", enter, s.account},
		{"POST /account/password", enter, s.ownPassword},
		{"POST /account/sessions", enter, s.ownSessions},
		{"POST /account/factor/begin", enter, s.factorBegin},
		{"POST /account/factor", enter, s.factorConfirm},
		{"POST /account/factor/remove", enter, s.factorRemove},
		{"POST /account/prove", enter, s.prove},
		{"GET /admin/people/{id}", manage, s.personShow},
		{"POST /admin/people/{id}/lock", manage, s.personLock},
		{"POST /admin/people/{id}/place", manage, s.personPlace},
		{"POST /admin/people/{id}/sessions", manage, s.personSessions},
		{"POST /admin/people/{id}/factor", manage, s.personFactor},
		{"GET /admin/accounts", manage, s.policyShow},
		{"POST /admin/accounts", manage, s.policyPut},
	}
}

// policy is how long people stay in and what they have to prove.
func (s *server) policy(ctx context.Context) (account.Policy, error) {
	text, err := s.Settings.Setting(ctx, account.PolicySetting)
	if err != nil {
		return account.Policy{}, err
	}
	return account.ParsePolicy(text)
}

// by is the visitor as themself, whoever they stand in for.
func (v *visit) by() account.By {
	return account.By{Who: v.self.ID, Role: v.self.Role, Demo: v.self.Demo}
}

// owed says what the visitor has to do before anything else: the code of a
// problem, or nothing. Passwords of a demonstration are printed for looking
// around, and stay as they are.
func (s *server) owed(v *visit) (string, error) {
	switch {
	case v.self.ID == "" || v.key != nil: // a key is what a program has to prove with
		return "", nil
	case v.self.First && !v.self.Demo && v.session.Issuer == "": // who came from elsewhere gave no password of this house
		return "first-password", nil
	case v.session.Factor || v.session.Strong:
		return "", nil
	}
	p, err := s.policy(v.ctx())
	if err != nil || !p.Needs(v.self.Role, s.Now()) {
		return "", err
	}
	return "factor-needed", nil
}

// payable are the routes at which what is owed can be done.
func payable(rt route) bool {
	return rt.right == open || rt.pattern == "GET /account" || rt.pattern == "POST /account/password" || strings.HasPrefix(rt.pattern, "POST /account/factor") ||
		strings.HasPrefix(rt.pattern, "POST /account/prove") || rt.pattern == "POST /account/passkeys/begin" || rt.pattern == "POST /account/passkeys" || rt.pattern == "POST /logout"
}

// first keeps a visitor from everything but what they owe.
func (s *server) first(v *visit, rt route) (held bool, err error) {
	if payable(rt) {
		return false, nil
	}
	code, err := s.owed(v)
	switch {
	case err != nil || code == "":
		return false, err
	case v.r.Method == http.MethodGet && !v.json():
		return true, v.to("/account")
	}
	return true, told(code, dossier.ErrForbidden)
}

type accountView struct {
	Owed     string // code of what has to be done first
	Here     string // id of this session
	Sessions []account.Session
	Factor   account.Factor
	Needed   string // day from which the role needs a factor
	Passkeys []account.Passkey
	CanPass  bool // the house can take passkeys
	Deputies deputiesView
	Problem  *problem
	At       string // which form the problem is at
	Done     string // a key of words
	N        names
}

func (s *server) account(v *visit) error { return s.accountPage(v, "", nil, "") }

// accountPage shows the visitor's own account, with what is wrong with one of its
// forms, or what was done.
func (s *server) accountPage(v *visit, at string, wrong error, done string) error {
	view, status := accountView{Here: v.session.ID, At: at, Done: done}, http.StatusOK
	if wrong != nil {
		if v.json() || !errors.Is(wrong, dossier.ErrInvalid) && !errors.Is(wrong, dossier.ErrConflict) && !errors.Is(wrong, dossier.ErrForbidden) {
			return wrong
		}
		p := problemOf(v.lang, wrong)
		view.Problem, status = &p, p.Status
	}
	var err error
	if view.Owed, err = s.owed(v); err != nil {
		return err
	}
	if view.Sessions, err = s.Accounts.SessionsOf(v.ctx(), v.self.ID); err != nil {
		return err
	}
	if view.Factor, err = s.Accounts.Factor(v.ctx(), v.self.ID); err != nil && !errors.Is(err, dossier.ErrNotFound) {
		return err
	}
	view.CanPass = s.party.ID != ""
	if view.Passkeys, err = s.Accounts.Passkeys(v.ctx(), v.self.ID); err != nil {
		return err
	}
	policy, err := s.policy(v.ctx())
	if err != nil {
		return err
	}
	view.Needed = policy.Factor[v.self.Role]
	if view.N, err = s.names(v.ctx()); err != nil {
		return err
	}
	if view.Deputies, err = s.deputiesOf(v, view.N); err != nil {
		return err
	}
	return s.show(v, status, "account", "account.title", view)
}

// ownPassword changes the visitor's password. The old one is asked for, as a
// session left open is not the person; the others of theirs end.
func (s *server) ownPassword(v *visit) error {
	next := v.r.PostFormValue("new")
	err := s.ownPasswordFits(v, next)
	if err == nil {
		var hash string
		if err = s.hashed(v.ctx(), true, func() { hash = HashPassword(next) }); err != nil {
			return err
		}
		if err = s.Accounts.SetPassword(v.ctx(), v.self.ID, hash, false, v.token, v.by()); errors.Is(err, dossier.ErrNotFound) {
			return told("signed-out", dossier.ErrForbidden) // another of their sessions changed it just now, and ended this one
		}
	}
	if err != nil {
		return s.accountPage(v, "password", err, "")
	}
	if err := s.Accounts.SessionProved(v.ctx(), v.token, s.Now()); err != nil {
		return err
	}
	s.Log.InfoContext(v.ctx(), "password changed", "who", v.self.ID)
	return v.to("/account")
}

func (s *server) ownPasswordFits(v *visit, next string) error {
	fits, err := s.proofFits(v, v.r.PostFormValue("old"), false)
	if err != nil {
		return err
	}
	var weak *account.WeakPassword
	switch err := account.CheckPassword(next, v.self.Login); {
	case !fits:
		return told("old-password", dossier.ErrForbidden)
	case errors.As(err, &weak):
		return told("password-"+weak.Reason, err)
	case next == v.r.PostFormValue("old"):
		return told("password-same", dossier.ErrInvalid)
	case next != v.r.PostFormValue("again"):
		return told("password-again", dossier.ErrInvalid)
	}
	return nil
}

// ownSessions ends one of the visitor's sessions, or all others.
func (s *server) ownSessions(v *visit) error {
	id, keep := v.r.PostFormValue("session"), v.token
	if id != "" && id == v.session.ID {
		return s.logout(v)
	}
	if _, err := s.Accounts.EndSessions(v.ctx(), v.self.ID, id, keep, v.by()); err != nil {
		return err
	}
	return v.to("/account")
}

type personView struct {
	What     string
	Person   dossier.Person
	Sessions []account.Session
	Factor   account.Factor
	Passkeys []account.Passkey
	Rules    []restriction.Rule // by which classes of paper are closed to them
	Provider string             // address of the identity provider; empty: there is none
	Subject  string             // whom it knows the person as
	Wrong    *problem
	Roles    []dossier.Role
	Agencies []dossier.Agency
	Self     bool
	N        names
}

// person is whom a request of the administrator is about.
func (s *server) person(v *visit) (dossier.Person, error) {
	return s.People.Person(v.ctx(), dossier.PersonID(v.r.PathValue("id")))
}

func (s *server) personShow(v *visit) error { return s.personPage(v, nil) }

func (s *server) personPage(v *visit, wrong error) error {
	p, err := s.person(v)
	if err != nil {
		return err
	}
	view := personView{What: "people", Person: p, Roles: dossier.Roles[:], Self: p.ID == v.self.ID}
	if view.Sessions, err = s.Accounts.SessionsOf(v.ctx(), p.ID); err != nil {
		return err
	}
	if view.Factor, err = s.Accounts.Factor(v.ctx(), p.ID); err != nil && !errors.Is(err, dossier.ErrNotFound) {
		return err
	}
	if view.Passkeys, err = s.Accounts.Passkeys(v.ctx(), p.ID); err != nil {
		return err
	}
	if s.Provider != nil {
		view.Provider = s.Provider.Issuer()
		if view.Subject, err = s.Accounts.IdentityOf(v.ctx(), p.ID, view.Provider); err != nil {
			return err
		}
	}
	if view.Rules, err = s.rulesFor(v.ctx(), p, p.ID); err != nil {
		return err
	}
	if view.Agencies, err = s.Catalogue.Agencies(v.ctx()); err != nil {
		return err
	}
	if view.N, err = s.names(v.ctx()); err != nil {
		return err
	}
	status := http.StatusOK
	if wrong != nil {
		problem := problemOf(v.lang, wrong)
		view.Wrong, status = &problem, problem.Status
	}
	return s.show(v, status, "person", "admin.people", view)
}

// administer does something to somebody's account, and goes back to it. Nobody
// does it to themself: the last administrator would be out.
func (s *server) administer(v *visit, do func(p dossier.Person) error) error {
	p, err := s.person(v)
	if err != nil {
		return err
	}
	if p.ID == v.self.ID {
		return told("own-account", dossier.ErrForbidden)
	}
	if err := do(p); err != nil {
		return err
	}
	s.Log.InfoContext(v.ctx(), "account changed", "who", v.self.ID, "of", p.ID)
	return v.to("/admin/people/" + string(p.ID))
}

func (s *server) personLock(v *visit) error {
	return s.administer(v, func(p dossier.Person) error {
		return s.Accounts.LockPerson(v.ctx(), p.ID, v.r.PostFormValue("lock") != "0", v.by())
	})
}

func (s *server) personPlace(v *visit) error {
	return s.administer(v, func(p dossier.Person) error {
		role, agency := dossier.Role(v.r.PostFormValue("role")), dossier.AgencyCode(v.r.PostFormValue("agency"))
		if !slices.Contains(dossier.Roles[:], role) || p.Service && !slices.Contains(account.Serves, role) {
			return invalid("admin.role")
		}
		err := s.Accounts.PlacePerson(v.ctx(), p.ID, role, agency, v.by())
		if errors.Is(err, dossier.ErrNotFound) {
			err = invalid("admin.agency")
		}
		return err
	})
}

func (s *server) personSessions(v *visit) error {
	return s.administer(v, func(p dossier.Person) error {
		_, err := s.Accounts.EndSessions(v.ctx(), p.ID, "", digest.Digest{}, v.by())
		return err
	})
}

// personFactor takes the factors of somebody who lost them, and their recovery codes.
func (s *server) personFactor(v *visit) error {
	return s.administer(v, func(p dossier.Person) error {
		err := s.Accounts.RemoveFactor(v.ctx(), p.ID, digest.Digest{}, v.by())
		if err == nil || errors.Is(err, dossier.ErrNotFound) { // it is gone already
			err = s.Accounts.RemovePasskey(v.ctx(), p.ID, "", digest.Digest{}, v.by())
		}
		if errors.Is(err, dossier.ErrNotFound) {
			err = nil
		}
		return err
	})
}
