package web

import (
	"cmp"
	"crypto/rand"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/pattern"
)

type adminView struct {
	What       string
	Agencies   []dossier.Agency
	Kinds      []dossier.Kind
	Procedures []dossier.Procedure
	People     []dossier.Person
	Roles      []dossier.Role
	Levels     []dossier.Level
	Tiers      []dossier.Tier
	N          names
	Given      map[string]string // what the form gave, if it cannot be taken
	Problem    *problem
	Shown      *shownPassword
}

// shownPassword is a first password on its one way to its owner.
type shownPassword struct{ Login, Password string }

var adminParts = []string{"agencies", "kinds", "procedures", "people"}

func (s *server) adminHome(v *visit) error { return v.to("/admin/" + adminParts[0]) }

func (s *server) adminShow(v *visit) error {
	what := v.r.PathValue("what")
	if !slices.Contains(adminParts, what) {
		return dossier.ErrNotFound
	}
	return s.adminPage(v, adminView{What: what})
}

func (s *server) adminPage(v *visit, view adminView) error {
	view.Roles, view.Levels = dossier.Roles[:], []dossier.Level{dossier.Full, dossier.Partial, dossier.Info}
	view.Tiers = []dossier.Tier{dossier.Province, dossier.Commune}
	var err error
	if view.Agencies, err = s.Catalogue.Agencies(v.ctx()); err != nil {
		return err
	}
	if view.Kinds, err = s.Catalogue.Kinds(v.ctx()); err != nil {
		return err
	}
	if view.Procedures, err = s.Catalogue.Procedures(v.ctx()); err != nil {
		return err
	}
	if view.People, err = s.People.People(v.ctx()); err != nil {
		return err
	}
	if view.N, err = s.names(v.ctx()); err != nil {
		return err
	}
	slices.SortFunc(view.Agencies, func(a, b dossier.Agency) int { return cmp.Compare(a.Code, b.Code) })
	slices.SortFunc(view.People, func(a, b dossier.Person) int { return cmp.Compare(a.Login, b.Login) })
	status := http.StatusOK
	if view.Problem != nil {
		status = view.Problem.Status
	}
	return s.show(v, status, "admin", "admin."+view.What, view)
}

// put finishes a form of the administrator: back to its list, or the form
// again with what is wrong.
func (s *server) put(v *visit, what string, err error) error {
	if err == nil {
		return v.to("/admin/" + what)
	}
	if v.json() || !errors.Is(err, dossier.ErrInvalid) && !errors.Is(err, dossier.ErrConflict) {
		return err
	}
	given := map[string]string{}
	for name, values := range v.r.PostForm {
		given[name] = values[0]
	}
	pr := problemOf(v.lang, err)
	return s.adminPage(v, adminView{What: what, Given: given, Problem: &pr})
}

// Forms of the codes that an administrator gives. They stand in addresses.
var (
	kindCode      = pattern.Late(`^[A-Z0-9][A-Z0-9._-]{0,31}$`)
	procedureCode = pattern.Late(`^[0-9A-Z][0-9A-Z.-]{0,39}$`)
	slotCode      = pattern.Late(`^[A-Z0-9][A-Z0-9._-]{0,15}$`)
	loginName     = pattern.Late(`^[a-z][a-z0-9._-]{1,39}$`)
)

func name(v *visit, field string) (string, bool) {
	n := clean(v.r.PostFormValue(field))
	return n, n != "" && len([]rune(n)) <= 500
}

func (s *server) adminAgency(v *visit) error { return s.put(v, "agencies", s.putAgency(v)) }

func (s *server) putAgency(v *visit) error {
	a := dossier.Agency{Code: dossier.AgencyCode(clean(v.r.PostFormValue("code"))),
		Parent: dossier.AgencyCode(clean(v.r.PostFormValue("parent"))), Tier: dossier.Tier(v.r.PostFormValue("tier"))}
	n, err := s.names(v.ctx())
	if err != nil {
		return err
	}
	var ok bool
	if a.Name, ok = name(v, "name"); !ok {
		return invalid("admin.name")
	}
	switch {
	case dossier.CheckAgencyCode(a.Code) != nil:
		return invalid("admin.code")
	case a.Parent == a.Code || a.Parent != "" && n.agency[a.Parent] == "":
		return invalid("admin.parent")
	case a.Tier != dossier.Province && a.Tier != dossier.Commune:
		return invalid("admin.tier")
	case n.agency[a.Code] != "":
		return told("taken", dossier.ErrConflict)
	}
	if err := s.set(v, dossier.PutAgency, string(a.Code)); err != nil {
		return err
	}
	return s.Office.PutAgency(v.ctx(), a)
}

func (s *server) adminKind(v *visit) error { return s.put(v, "kinds", s.putKind(v)) }

func (s *server) putKind(v *visit) error {
	k := dossier.Kind{Code: dossier.KindCode(clean(v.r.PostFormValue("code")))}
	n, err := s.names(v.ctx())
	if err != nil {
		return err
	}
	var ok bool
	if k.Name, ok = name(v, "name"); !ok {
		return invalid("admin.name")
	}
	if !kindCode().MatchString(string(k.Code)) {
		return invalid("admin.code")
	}
	if n.kind[k.Code] != "" {
		return told("taken", dossier.ErrConflict)
	}
	if err := s.set(v, dossier.PutKind, string(k.Code)); err != nil {
		return err
	}
	return s.Office.PutKind(v.ctx(), k)
}

func (s *server) adminProcedure(v *visit) error { return s.put(v, "procedures", s.putProcedure(v)) }

func (s *server) putProcedure(v *visit) error {
	n, err := s.names(v.ctx())
	if err != nil {
		return err
	}
	p := dossier.Procedure{Code: dossier.ProcedureCode(clean(v.r.PostFormValue("code"))),
		Field: clean(v.r.PostFormValue("field")), Level: dossier.Level(v.r.PostFormValue("level")),
		ResultKind: dossier.KindCode(clean(v.r.PostFormValue("result")))}
	var ok bool
	if p.Name, ok = name(v, "name"); !ok {
		return invalid("admin.name")
	}
	if p.Days, err = strconv.Atoi(or(v.r.PostFormValue("days"), "0")); err != nil || p.Days < 0 || p.Days > 1000 {
		return invalid("admin.days")
	}
	switch {
	case !procedureCode().MatchString(string(p.Code)):
		return invalid("admin.code")
	case !slices.Contains([]dossier.Level{dossier.Full, dossier.Partial, dossier.Info}, p.Level):
		return invalid("admin.level")
	case p.ResultKind != "" && n.kind[p.ResultKind] == "":
		return invalid("admin.result")
	case n.procedure[p.Code].Code != "":
		return told("taken", dossier.ErrConflict)
	}
	if p.Components, ok = components(v.r.PostFormValue("components"), n); !ok {
		return invalid("admin.components")
	}
	if err := s.set(v, dossier.PutProcedure, string(p.Code)); err != nil {
		return err
	}
	return s.Office.PutProcedure(v.ctx(), p)
}

// components reads one component a line: slot|kind|name|required|digitise, the
// last two 1 or 0.
func components(text string, n names) ([]dossier.Component, bool) {
	var all []dossier.Component
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) == "" {
			continue
		}
		part := strings.Split(line, "|")
		if len(part) != 5 {
			return nil, false
		}
		for i := range part {
			part[i] = clean(part[i])
		}
		c := dossier.Component{Slot: dossier.SlotCode(part[0]), Kind: dossier.KindCode(part[1]), Name: part[2],
			Required: part[3] == "1", Digitise: part[4] == "1"}
		if !slotCode().MatchString(part[0]) || c.Slot == dossier.ResultSlot || n.kind[c.Kind] == "" || c.Name == "" ||
			!bit(part[3]) || !bit(part[4]) || slices.ContainsFunc(all, func(x dossier.Component) bool { return x.Slot == c.Slot }) {
			return nil, false
		}
		all = append(all, c)
	}
	return all, len(all) <= 50
}

func bit(s string) bool { return s == "0" || s == "1" }

// adminPerson adds a person, whose first password is shown in the answer and
// nowhere else, ever.
func (s *server) adminPerson(v *visit) error {
	p, password, err := s.putPerson(v)
	if err != nil {
		return s.put(v, "people", err)
	}
	return s.adminPage(v, adminView{What: "people", Shown: &shownPassword{p.Login, password}})
}

func (s *server) putPerson(v *visit) (p dossier.Person, password string, err error) {
	p = dossier.Person{ID: dossier.PersonID("p-" + strings.ToLower(rand.Text()[:12])), Login: strings.ToLower(clean(v.r.PostFormValue("login"))),
		Role: dossier.Role(v.r.PostFormValue("role")), Agency: dossier.AgencyCode(v.r.PostFormValue("agency"))}
	n, err := s.names(v.ctx())
	if err != nil {
		return p, "", err
	}
	var ok bool
	if p.Name, ok = name(v, "name"); !ok {
		return p, "", invalid("admin.name")
	}
	switch {
	case !loginName().MatchString(p.Login):
		return p, "", invalid("login.login")
	case !slices.Contains(dossier.Roles[:], p.Role):
		return p, "", invalid("admin.role")
	case n.agency[p.Agency] == "":
		return p, "", invalid("admin.agency")
	}
	if _, _, err := s.People.PersonByLogin(v.ctx(), p.Login); err == nil {
		return p, "", told("taken", dossier.ErrConflict)
	} else if !errors.Is(err, dossier.ErrNotFound) {
		return p, "", err
	}
	password, err = s.newPassword(v, p, dossier.PutPerson)
	return p, password, err
}

// newPassword gives p, who is new, a first password.
func (s *server) newPassword(v *visit, p dossier.Person, act dossier.ReadingAct) (string, error) {
	if err := s.set(v, act, string(p.ID)); err != nil {
		return "", err
	}
	password := NewPassword()
	var hash string
	if err := s.hashed(v.ctx(), true, func() { hash = HashPassword(password) }); err != nil {
		return "", err
	}
	p.First = true
	return password, s.Office.PutPerson(v.ctx(), p, hash)
}

// adminPassword gives somebody who forgot theirs a new first password. Whoever is
// logged in as them is not any more.
func (s *server) adminPassword(v *visit) error {
	p, err := s.person(v)
	if err != nil {
		return err
	}
	if p.ID == v.self.ID {
		return told("own-account", dossier.ErrForbidden) // there is a page for that, which asks for the old one
	}
	if p.Service {
		return told("program", dossier.ErrForbidden)
	}
	password := NewPassword()
	var hash string
	if err := s.hashed(v.ctx(), true, func() { hash = HashPassword(password) }); err != nil {
		return err
	}
	if err := s.Accounts.SetPassword(v.ctx(), p.ID, hash, true, digest.Digest{}, v.by()); err != nil {
		return err
	}
	s.Log.InfoContext(v.ctx(), "password replaced", "who", v.self.ID, "of", p.ID)
	return s.adminPage(v, adminView{What: "people", Shown: &shownPassword{p.Login, password}})
}
