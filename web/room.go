package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/room"
)

// Rooms is the reading room: which auditor may read what, for which purpose,
// until when.
type Rooms interface {
	ActiveGrant(ctx context.Context, person dossier.PersonID) (room.Grant, error) // of now
	Grants(ctx context.Context, person dossier.PersonID, limit int) ([]room.Grant, error)
	AddGrant(ctx context.Context, g room.Grant) (room.Grant, error)
	EndGrant(ctx context.Context, id string, who dossier.PersonID, by dossier.Role, why string) error
}

func (s *server) roomRoutes() []route {
	return []route{
		{"GET /admin/room", manage, s.roomShow},
		{"POST /admin/room", manage, s.roomGrant},
		{"POST /admin/room/{grant}/end", manage, s.roomEnd},
	}
}

// roomScope is what an auditor sees now: what a grant says, or nothing.
func (s *server) roomScope(ctx context.Context, p dossier.Person) (scope, error) {
	g, err := s.Rooms.ActiveGrant(ctx, p.ID)
	if errors.Is(err, dossier.ErrNotFound) {
		return scope{below: []dossier.AgencyCode{nowhere}, within: &dossier.Within{Agencies: []dossier.AgencyCode{nowhere}}}, nil
	} else if err != nil {
		return scope{}, err
	}
	sight := scope{grant: &g}
	if g.Dossier != "" {
		d, err := s.Dossiers.Dossier(ctx, g.Dossier)
		if err != nil {
			return scope{}, err
		}
		sight.within, sight.below = g.Within(nil), []dossier.AgencyCode{d.Receiving, d.Competent}
		return sight, nil
	}
	below, err := s.Catalogue.Below(ctx, g.Agency)
	if err != nil && !errors.Is(err, dossier.ErrNotFound) {
		return scope{}, fmt.Errorf("agencies below: %w", err)
	}
	sight.within = g.Within(below)
	sight.below = sight.within.Agencies
	return sight, nil
}

// narrow reports whether somebody sees less than all that their agencies have: in the
// reading room, or since classes of paper are closed to them.
func (s scope) narrow() bool {
	return s.grant != nil && s.grant.Narrow() || s.grant == nil && s.glass != nil || !s.closed.IsZero()
}

// errRoom says why an auditor sees nothing.
func errRoom() error { return told("room-none", dossier.ErrForbidden) }

// figuresWithin keeps figures of whole agencies from who sees less of them.
func (v *visit) figuresWithin() error {
	if v.sight.narrow() {
		if !v.sight.closed.IsZero() {
			return told("closed-figures", dossier.ErrForbidden)
		}
		return told("room-scope", dossier.ErrForbidden)
	}
	return nil
}

// countsWithin keeps counts of papers of all kinds from somebody to whom some are closed.
func (v *visit) countsWithin() error {
	if v.sight.closed.IsZero() {
		return nil
	}
	return told("closed-counts", dossier.ErrForbidden)
}

// roomView is the grant as every page of its auditor shows it.
type roomView struct {
	room.Grant
	AgencyName string
	KindNames  []string
	Left       string // in words
	None       bool   // there is none that runs
}

// roomAround says in which room the visitor reads.
func (s *server) roomAround(v *visit) (*roomView, error) {
	if v.who.Role != dossier.Auditor {
		return nil, nil
	}
	if v.sight.grant == nil {
		return &roomView{None: true}, nil
	}
	n, err := s.names(v.ctx())
	if err != nil {
		return nil, err
	}
	view := &roomView{Grant: *v.sight.grant, AgencyName: n.Agency(v.sight.grant.Agency), Left: left(v.lang, v.sight.grant.Until.Sub(s.Now()))}
	for _, k := range view.Kinds {
		view.KindNames = append(view.KindNames, n.Kind(k))
	}
	return view, nil
}

// left puts a time that is left into words, by the unit that matters.
func left(lang string, d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf(say(lang, "room.days"), int(d/(24*time.Hour)))
	case d >= 2*time.Hour:
		return fmt.Sprintf(say(lang, "room.hours"), int(d/time.Hour))
	}
	return fmt.Sprintf(say(lang, "room.minutes"), max(1, int(d/time.Minute)))
}

// mostGrants is how many are listed.
const mostGrants = 200

type roomPage struct {
	What     string
	Grants   []room.Grant
	Auditors []dossier.Person
	Agencies []dossier.Agency
	Kinds    []dossier.Kind
	Now      time.Time
	Given    map[string]string
	N        names
	Problem  *problem
}

func (s *server) roomShow(v *visit) error { return s.roomList(v, nil) }

func (s *server) roomList(v *visit, wrong error) error {
	view, status := roomPage{What: "room", Now: s.Now(), Given: map[string]string{}}, http.StatusOK
	if wrong != nil {
		p := problemOf(v.lang, wrong)
		view.Problem, status = &p, p.Status
		for name, values := range v.r.PostForm {
			view.Given[name] = values[0]
		}
	}
	var err error
	if view.Grants, err = s.Rooms.Grants(v.ctx(), "", mostGrants); err != nil {
		return err
	}
	if view.Agencies, err = s.Catalogue.Agencies(v.ctx()); err != nil {
		return err
	}
	if view.Kinds, err = s.Catalogue.Kinds(v.ctx()); err != nil {
		return err
	}
	if view.N, err = s.names(v.ctx()); err != nil {
		return err
	}
	if err = s.withPeople(v.ctx(), view.N); err != nil {
		return err
	}
	for _, p := range view.N.people {
		if p.Role == dossier.Auditor {
			view.Auditors = append(view.Auditors, p)
		}
	}
	slices.SortFunc(view.Auditors, func(a, b dossier.Person) int { return strings.Compare(a.Login, b.Login) })
	return s.show(v, status, "room", "admin.room", view)
}

// roomed goes back to the list, or shows it with what is wrong.
func (s *server) roomed(v *visit, err error) error {
	switch {
	case err == nil:
		return v.to("/admin/room")
	case v.json() || !errors.Is(err, dossier.ErrInvalid) && !errors.Is(err, dossier.ErrConflict):
		return err
	}
	return s.roomList(v, err)
}

func (s *server) roomGrant(v *visit) error {
	g, err := roomGiven(v)
	if err == nil {
		if err = g.Check(s.Now()); err != nil {
			err = told("room-form", err)
		}
	}
	if err == nil {
		g.Demo = v.who.Demo
		_, err = s.Rooms.AddGrant(v.ctx(), g)
	}
	switch {
	case errors.Is(err, dossier.ErrConflict):
		err = told("room-runs", err)
	case errors.Is(err, dossier.ErrNotFound):
		err = invalid("room.dossier")
	}
	return s.roomed(v, err)
}

// roomGiven reads the form.
func roomGiven(v *visit) (g room.Grant, err error) {
	form := func(name string) string { return clean(v.r.PostFormValue(name)) }
	g = room.Grant{Person: dossier.PersonID(form("person")), Agency: dossier.AgencyCode(form("agency")), Dossier: dossier.Code(form("dossier")),
		Purpose: form("purpose"), Who: v.who.ID, By: v.who.Role}
	for _, k := range v.r.PostForm["kind"] {
		if k != "" {
			g.Kinds = append(g.Kinds, dossier.KindCode(k))
		}
	}
	for _, x := range []struct {
		name string
		into *time.Time
	}{{"from", &g.From}, {"to", &g.To}, {"until", &g.Until}} {
		day, err := searchDay(form(x.name), "room."+x.name)
		if err != nil {
			return g, err
		}
		if day == "" {
			continue
		}
		if *x.into, err = time.ParseInLocation(time.DateOnly, day, dossier.VietNam); err != nil {
			return g, err
		}
	}
	if g.Until.IsZero() {
		return g, invalid("room.until")
	}
	g.Until = g.Until.AddDate(0, 0, 1) // to the end of that day
	if g.Purpose == "" {
		return g, invalid("room.purpose")
	}
	return g, nil
}

func (s *server) roomEnd(v *visit) error {
	err := s.Rooms.EndGrant(v.ctx(), v.r.PathValue("grant"), v.who.ID, v.who.Role, clean(v.r.PostFormValue("why")))
	if errors.Is(err, dossier.ErrInvalid) {
		err = invalid("room.why")
	}
	return s.roomed(v, err)
}

// purposes are the grants under which readings were made, by id.
func (s *server) purposes(v *visit) (map[string]string, error) {
	all, err := s.Rooms.Grants(v.ctx(), "", 0)
	words := map[string]string{}
	for _, g := range all {
		words[g.ID] = g.Purpose
	}
	return words, err
}
