package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/room"
)

// Deputies is who stands in for whom, and what was opened out of turn.
type Deputies interface {
	Delegate(ctx context.Context, d account.Delegation) (account.Delegation, error)
	EndDelegation(ctx context.Context, id, why string, by account.By) error
	Delegation(ctx context.Context, id string) (account.Delegation, error) // that runs
	Delegations(ctx context.Context, p dossier.PersonID) ([]account.Delegation, error)

	BreakGlass(ctx context.Context, g account.Glass) (account.Glass, error)
	OpenGlass(ctx context.Context, p dossier.PersonID) (account.Glass, error) // of now
	BrokenGlass(ctx context.Context, limit int) ([]account.Glass, error)
}

func (s *server) deputyRoutes() []route {
	return []route{
		{"POST /account/delegations", delegate, s.delegationGive},
		{"POST /account/delegations/{delegation}/end", enter, s.delegationEnd},
		{"POST /account/deputy", enter, s.deputise},
		{"GET /glass", oversee, s.glassShow},
		{"POST /glass", smash, s.glassBreak},
	}
}

// deputiesView is what a person's account says of delegations.
type deputiesView struct {
	Given, Taken []account.Delegation
	May          bool             // the visitor can give theirs on
	Takers       []dossier.Person // to whom
	Acting       string           // the one that is acted under
	Now          time.Time
}

func (s *server) deputiesOf(v *visit, n names) (deputiesView, error) {
	view := deputiesView{Now: s.Now(), May: v.deputy == nil && slices.Contains(account.Gives, v.self.Role)}
	if v.deputy != nil {
		view.Acting = v.deputy.ID
	}
	all, err := s.Accounts.Delegations(v.ctx(), v.self.ID)
	if err != nil {
		return view, err
	}
	for _, d := range all {
		if d.Giver == v.self.ID {
			view.Given = append(view.Given, d)
		} else {
			view.Taken = append(view.Taken, d)
		}
		if err := s.withSome(v.ctx(), n, d.Giver, d.Taker); err != nil {
			return view, err
		}
	}
	if view.May {
		view.Takers, err = s.takers(v)
	}
	return view, err
}

// takers are those whom the visitor may let stand in: people of their own part of
// the organisation.
func (s *server) takers(v *visit) ([]dossier.Person, error) {
	people, err := s.People.People(v.ctx())
	return slices.DeleteFunc(people, func(p dossier.Person) bool {
		return p.ID == v.self.ID || p.Locked || p.Service || !slices.Contains(account.Takes, p.Role) || !v.sight.has(p.Agency)
	}), err
}

// delegationGive gives the visitor's right to another person. Who stands in for
// somebody gives nothing on: what is not theirs is not theirs to give.
func (s *server) delegationGive(v *visit) error {
	if v.deputy != nil {
		return told("deputy-no", dossier.ErrForbidden)
	}
	d, err := s.delegationGiven(v)
	if err == nil {
		_, err = s.Accounts.Delegate(v.ctx(), d)
	}
	if errors.Is(err, dossier.ErrConflict) {
		err = told("deputy-runs", err)
	}
	if err != nil {
		return s.accountPage(v, "delegation", err, "")
	}
	return v.to("/account")
}

func (s *server) delegationGiven(v *visit) (d account.Delegation, err error) {
	d = account.Delegation{Giver: v.self.ID, Role: v.self.Role, Agency: v.self.Agency, Taker: dossier.PersonID(v.r.PostFormValue("taker")), Why: clean(v.r.PostFormValue("why"))}
	takers, err := s.takers(v)
	if err != nil {
		return d, err
	}
	if !slices.ContainsFunc(takers, func(p dossier.Person) bool { return p.ID == d.Taker }) {
		return d, invalid("deputy.taker")
	}
	if d.Why == "" || len(d.Why) > 1000 {
		return d, invalid("word.why")
	}
	day, err := searchDay(clean(v.r.PostFormValue("until")), "deputy.until")
	if err != nil {
		return d, err
	}
	until, err := time.ParseInLocation(time.DateOnly, day, dossier.VietNam)
	if err != nil {
		return d, invalid("deputy.until")
	}
	d.Until = until.AddDate(0, 0, 1) // to the end of that day
	if d.Check(s.Now()) != nil {
		return d, invalid("deputy.until")
	}
	return d, nil
}

func (s *server) delegationEnd(v *visit) error {
	err := s.Accounts.EndDelegation(v.ctx(), v.r.PathValue("delegation"), clean(v.r.PostFormValue("why")), v.by())
	if err != nil && !errors.Is(err, dossier.ErrConflict) { // that it has ended is what was asked for
		return err
	}
	return v.to("/account")
}

// deputise lets the visitor act under a delegation they were given, or as
// themself again.
func (s *server) deputise(v *visit) error {
	if err := s.Accounts.SessionDeputy(v.ctx(), v.token, v.r.PostFormValue("delegation")); err != nil {
		return err
	}
	return v.to("/")
}

// standIn gives the visitor the role and the agency of the one they stand in for.
// They stay who they are: the ledger, the key and four eyes know their own id.
func (s *server) standIn(v *visit) error {
	if v.session.Deputy == "" {
		return nil
	}
	d, err := s.Accounts.Delegation(v.ctx(), v.session.Deputy)
	if errors.Is(err, dossier.ErrNotFound) || err == nil && d.Taker != v.self.ID {
		return nil // it has ended: they are themself again
	} else if err != nil {
		return err
	}
	v.deputy = &d
	v.who.Role, v.who.Agency = d.Role, d.Agency
	return nil
}

// glassOf adds to what an auditor sees the dossier they opened out of turn.
func (s *server) glassOf(ctx context.Context, p dossier.Person, sight scope) (scope, error) {
	g, err := s.Accounts.OpenGlass(ctx, p.ID)
	if errors.Is(err, dossier.ErrNotFound) {
		return sight, nil
	} else if err != nil {
		return sight, err
	}
	sight.glass = &g
	return sight, nil
}

// behindGlass narrows the rest of a request that is about the dossier that was
// opened out of turn to that dossier, for that reason.
func (v *visit) behindGlass(d dossier.Dossier) {
	g := v.sight.glass
	if g == nil || g.Dossier != d.Code {
		return
	}
	grant := room.Grant{ID: g.ID, Person: g.Person, Dossier: g.Dossier, Purpose: g.Why, Until: g.Until, Who: g.Person, By: dossier.Auditor, At: g.At, Demo: g.Demo}
	v.sight = scope{below: []dossier.AgencyCode{d.Receiving, d.Competent}, within: grant.Within(nil).Without(v.sight.closed), closed: v.sight.closed, grant: &grant, glass: g}
}

// mostGlass is how many are listed.
const mostGlass = 200

type glassView struct {
	Broken  []account.Glass
	May     bool
	Now     time.Time
	Given   map[string]string
	N       names
	Problem *problem
}

func (s *server) glassShow(v *visit) error { return s.glassPage(v, nil) }

func (s *server) glassPage(v *visit, wrong error) error {
	view, status := glassView{Now: s.Now(), May: v.allowed(smash, nil) == nil, Given: map[string]string{}}, http.StatusOK
	if wrong != nil {
		p := problemOf(v.lang, wrong)
		view.Problem, status = &p, p.Status
		for name, values := range v.r.PostForm {
			view.Given[name] = values[0]
		}
	}
	var err error
	if view.Broken, err = s.Accounts.BrokenGlass(v.ctx(), mostGlass); err != nil {
		return err
	}
	if v.json() {
		return v.reply(view.Broken)
	}
	if view.N, err = s.names(v.ctx()); err != nil {
		return err
	}
	for _, g := range view.Broken {
		if err := s.withSome(v.ctx(), view.N, g.Person); err != nil {
			return err
		}
	}
	return s.show(v, status, "glass", "glass.title", view)
}

// glassBreak opens one dossier to an auditor for an hour. Everybody who watches
// over the house sees it from then on, and so does the ledger.
func (s *server) glassBreak(v *visit) error {
	g := account.Glass{Person: v.self.ID, Dossier: dossier.Code(clean(v.r.PostFormValue("dossier"))), Why: clean(v.r.PostFormValue("why"))}
	var err error
	if n := len([]rune(g.Why)); n < leastWhy || len(g.Why) > 1000 {
		err = invalid("glass.why")
	} else if d, wrong := s.Dossiers.Dossier(v.ctx(), g.Dossier); wrong == nil && slices.Contains(v.sight.closed.Procedures, d.Procedure) {
		err = invalid("glass.dossier") // breaking it does not open what is closed to them by rule
	} else if g, err = s.Accounts.BreakGlass(v.ctx(), g); errors.Is(err, dossier.ErrNotFound) {
		err = invalid("glass.dossier")
	}
	if errors.Is(err, dossier.ErrInvalid) && !v.json() {
		return s.glassPage(v, err)
	} else if err != nil {
		return err
	}
	s.Log.WarnContext(v.ctx(), "glass broken", "who", v.self.ID, "glass", g.ID)
	return v.to("/dossiers/" + string(g.Dossier))
}

// leastWhy is how many characters a reason for breaking the glass has at least: it
// is read by those who ask whether it was one.
const leastWhy = 10

// openNow counts what is open out of turn, for who watches over the house.
func (s *server) openNow(v *visit) (n int, err error) {
	if v.allowed(oversee, nil) != nil {
		return 0, nil
	}
	list, err := s.Accounts.BrokenGlass(v.ctx(), 50)
	for _, g := range list {
		if g.Active(s.Now()) {
			n++
		}
	}
	return n, err
}
