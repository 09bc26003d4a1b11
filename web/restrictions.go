package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/batch"
	"sohoa/dossier/drop"
	"sohoa/dossier/restriction"
	"sohoa/dossier/retention"
)

// Restrictions are the rules by which classes of paper are closed to somebody.
type Restrictions interface {
	RestrictionsInForce(ctx context.Context) ([]restriction.Rule, error)
	Restrictions(ctx context.Context, limit int) ([]restriction.Rule, error) // newest first
	AddRestriction(ctx context.Context, r restriction.Rule) (restriction.Rule, error)
	AskRestrictionEnd(ctx context.Context, id string, who dossier.PersonID, by dossier.Role, why string) error
	EndRestriction(ctx context.Context, id string, who dossier.PersonID, by dossier.Role) error
}

func (s *server) restrictionRoutes() []route {
	return []route{
		{"GET /admin/restrictions", manage, s.restrictionsShow},
		{"POST /admin/restrictions", manage, s.restrictionPut},
		{"POST /admin/restrictions/{restriction}/end", manage, s.restrictionEnd},
	}
}

// close takes from what a visitor sees the classes of paper that are closed to them. It
// is asked with every request, so that a rule acts at once.
func (s *server) close(v *visit) error {
	ids := []dossier.PersonID{v.who.ID}
	if v.deputy != nil {
		ids = append(ids, v.deputy.Giver)
	}
	rules, err := s.rulesFor(v.ctx(), v.who, ids...)
	if err != nil || len(rules) == 0 {
		return err
	}
	if v.sight.closed, err = s.closedBy(v.ctx(), rules); err != nil {
		return err
	}
	v.sight.within = v.sight.within.Without(v.sight.closed)
	return nil
}

// rulesFor are the rules in force for somebody of p's role and agency, under these ids.
func (s *server) rulesFor(ctx context.Context, p dossier.Person, ids ...dossier.PersonID) ([]restriction.Rule, error) {
	rules, err := s.Restrictions.RestrictionsInForce(ctx)
	if err != nil || len(rules) == 0 {
		return nil, err
	}
	under, err := s.above(ctx, p.Agency)
	return slices.DeleteFunc(rules, func(r restriction.Rule) bool { return !r.For(p.Role, under, ids...) }), err
}

// closedBy is what rules close, of the catalogue as it is now.
func (s *server) closedBy(ctx context.Context, rules []restriction.Rule) (dossier.Closed, error) {
	kinds, err := s.Catalogue.Kinds(ctx)
	if err != nil {
		return dossier.Closed{}, err
	}
	procedures, err := s.Catalogue.Procedures(ctx)
	return restriction.Closed(rules, kinds, procedures), err
}

// above is an agency and all those that it is under.
func (s *server) above(ctx context.Context, code dossier.AgencyCode) ([]dossier.AgencyCode, error) {
	agencies, err := s.Catalogue.Agencies(ctx)
	parent := map[dossier.AgencyCode]dossier.AgencyCode{}
	for _, a := range agencies {
		parent[a.Code] = a.Parent
	}
	var up []dossier.AgencyCode
	for ; code != "" && !slices.Contains(up, code); code = parent[code] {
		up = append(up, code)
	}
	return up, err
}

// slotOpen says with [dossier.ErrNotFound] that papers of a slot's kind are closed to the
// visitor: they see none there, and bring and decide none.
func (s *server) slotOpen(v *visit, d dossier.Dossier, slot dossier.SlotCode) error {
	if len(v.sight.closed.Kinds) == 0 {
		return nil
	}
	p, err := s.Catalogue.Procedure(v.ctx(), d.Procedure)
	if err == nil && slices.ContainsFunc(p.Slots(), func(c dossier.Component) bool {
		return c.Slot == slot && slices.Contains(v.sight.closed.Kinds, c.Kind)
	}) {
		err = dossier.ErrNotFound
	}
	return err
}

// dropOpen reports whether a file of the tray is not closed to the visitor. A file has no
// class before somebody lays it out, unless its name names a dossier: then it is the
// result of that one.
func (s *server) dropOpen(v *visit, d drop.Drop) (bool, error) {
	code := drop.Names(d.Name)
	if v.sight.closed.IsZero() || code == "" {
		return true, nil
	}
	return s.placeOpen(v, code, dossier.ResultSlot)
}

// placeOpen reports whether neither a dossier nor one of its slots is closed to the
// visitor. A dossier that is not there is not closed.
func (s *server) placeOpen(v *visit, code dossier.Code, slot dossier.SlotCode) (bool, error) {
	d, err := s.Dossiers.Dossier(v.ctx(), code)
	if errors.Is(err, dossier.ErrNotFound) {
		return true, nil
	} else if err == nil && slices.Contains(v.sight.closed.Procedures, d.Procedure) {
		return false, nil
	} else if err == nil {
		err = s.slotOpen(v, d, slot)
	}
	if errors.Is(err, dossier.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// sidesOpen says with [dossier.ErrNotFound] that sides of a batch are laid to a dossier or
// a slot that is closed to the visitor.
func (s *server) sidesOpen(v *visit, sides []batch.Side) error {
	if v.sight.closed.IsZero() {
		return nil
	}
	for _, x := range sides {
		if x.Dossier == "" {
			continue
		}
		if open, err := s.placeOpen(v, x.Dossier, x.Slot); err != nil {
			return err
		} else if !open {
			return dossier.ErrNotFound
		}
	}
	return nil
}

// heldOpen are holds without those of papers and dossiers that are closed to the visitor.
func (s *server) heldOpen(v *visit, list []retention.Held) ([]retention.Held, error) {
	var wrong error
	list = slices.DeleteFunc(list, func(h retention.Held) bool {
		switch {
		case wrong != nil || v.sight.closed.IsZero():
			return false
		case h.Document != "":
			return s.isClosed(v, h.Document, &wrong)
		case h.Dossier != "":
			d, err := s.Dossiers.Dossier(v.ctx(), h.Dossier)
			wrong = err
			return err == nil && slices.Contains(v.sight.closed.Procedures, d.Procedure)
		}
		return false
	})
	return list, wrong
}

// held is what of a holder's record can be used again today, whoever received it; seen
// reports whether an entry may be told of at all.
func (s *server) held(v *visit, holder dossier.HolderID) (list []dossier.Entry, seen func(dossier.EntryID) bool, err error) {
	if v.sight.closed.IsZero() {
		list, err = s.Record.Entries(v.ctx(), holder, s.Now())
		return list, func(dossier.EntryID) bool { return true }, err
	}
	var all *dossier.Within
	found, err := s.Record.EntriesWithin(v.ctx(), holder, all.Without(v.sight.closed))
	known := map[dossier.EntryID]bool{}
	day := s.Now().In(dossier.VietNam).Format(time.DateOnly)
	for _, e := range found {
		if known[e.ID] = true; e.Offered(day) {
			list = append(list, e)
		}
	}
	return list, func(id dossier.EntryID) bool { return known[id] }, err
}

// isClosed reports whether a document is of a class that is closed to the visitor. It
// asks the rows for those alone to whom some are, and tells what went wrong through err.
func (s *server) isClosed(v *visit, id dossier.DocumentID, err *error) bool {
	if v.sight.closed.IsZero() || *err != nil {
		return false
	}
	d, wrong := s.Documents.Document(v.ctx(), id)
	if wrong == nil {
		var do dossier.Dossier
		do, wrong = s.Dossiers.Dossier(v.ctx(), d.Dossier)
		if wrong == nil {
			return !v.sight.within.HasDossier(do) || !v.sight.within.HasKind(d.Kind)
		}
	}
	*err = wrong
	return true
}

// openEvents are those that tell of no slot that is closed.
func openEvents(events []dossier.Event, places []place) []dossier.Event {
	return slices.DeleteFunc(events, func(e dossier.Event) bool {
		return e.Slot != "" && slices.ContainsFunc(places, func(p place) bool { return p.Closed && p.Slot == e.Slot })
	})
}

// mostRestrictions is how many are listed.
const mostRestrictions = 500

type restrictionsView struct {
	What     string
	Rules    []restriction.Rule
	People   []dossier.Person
	Roles    []dossier.Role
	Agencies []dossier.Agency
	Kinds    []dossier.Kind
	Fields   []string
	Person   dossier.PersonID // whom the form is for, if the page was asked for from theirs
	Given    map[string]string
	Picked   []string // kinds and fields
	Me       dossier.PersonID
	N        names
	Problem  *problem
}

// Took reports whether a kind or a field was picked in a form that was refused.
func (v restrictionsView) Took(what any) bool {
	switch x := what.(type) {
	case dossier.KindCode:
		return slices.Contains(v.Picked, string(x))
	case string:
		return slices.Contains(v.Picked, x)
	}
	return false
}

func (s *server) restrictionsShow(v *visit) error { return s.restrictionsPage(v, nil) }

func (s *server) restrictionsPage(v *visit, wrong error) (err error) {
	view, status := restrictionsView{What: "restrictions", Roles: dossier.Roles[:], Person: dossier.PersonID(v.r.FormValue("person")), Given: map[string]string{}, Me: v.self.ID}, http.StatusOK
	if wrong != nil {
		p := problemOf(v.lang, wrong)
		view.Problem, status = &p, p.Status
		for name, values := range v.r.PostForm {
			view.Given[name] = values[0]
		}
		view.Picked = slices.Concat(v.r.PostForm["kind"], v.r.PostForm["field"])
	}
	if view.Rules, err = s.Restrictions.Restrictions(v.ctx(), mostRestrictions); err != nil {
		return err
	}
	if v.json() {
		return v.reply(view.Rules)
	}
	if view.Agencies, err = s.Catalogue.Agencies(v.ctx()); err != nil {
		return err
	}
	if view.Kinds, err = s.Catalogue.Kinds(v.ctx()); err != nil {
		return err
	}
	if view.Fields, err = s.fields(v.ctx()); err != nil {
		return err
	}
	if view.People, err = s.People.People(v.ctx()); err != nil {
		return err
	}
	if view.N, err = s.names(v.ctx()); err != nil {
		return err
	}
	for _, p := range view.People {
		view.N.people[p.ID] = p
	}
	return s.show(v, status, "restrictions", "admin.restrictions", view)
}

// fields are those of the procedures, each once.
func (s *server) fields(ctx context.Context) (all []string, err error) {
	procedures, err := s.Catalogue.Procedures(ctx)
	for _, p := range procedures {
		if p.Field != "" {
			all = append(all, p.Field)
		}
	}
	slices.Sort(all)
	return slices.Compact(all), err
}

// restrictionPut closes classes of paper to an account, or to a role or an agency.
func (s *server) restrictionPut(v *visit) error {
	form := func(name string) string { return clean(v.r.PostFormValue(name)) }
	r := restriction.Rule{Person: dossier.PersonID(form("person")), Role: dossier.Role(form("role")), Agency: dossier.AgencyCode(form("agency")),
		Only: form("mode") == "only", Why: form("why"), Who: v.self.ID, By: v.self.Role, Demo: v.who.Demo}
	for _, k := range v.r.PostForm["kind"] {
		r.Kinds = append(r.Kinds, dossier.KindCode(k))
	}
	r.Fields = append(r.Fields, v.r.PostForm["field"]...)
	_, err := s.Restrictions.AddRestriction(v.ctx(), r)
	switch {
	case r.Person == v.self.ID && r.Person != "":
		err = told("own-account", dossier.ErrForbidden)
	case errors.Is(err, dossier.ErrInvalid), errors.Is(err, dossier.ErrNotFound):
		err = told("restrict-form", dossier.ErrInvalid)
	}
	return s.restricted(v, err)
}

// restrictionEnd asks that a rule ends, or ends it if another administrator asked.
func (s *server) restrictionEnd(v *visit) error {
	id, err := v.r.PathValue("restriction"), error(nil)
	if v.r.PostFormValue("do") == "ask" {
		err = s.Restrictions.AskRestrictionEnd(v.ctx(), id, v.self.ID, v.self.Role, clean(v.r.PostFormValue("why")))
		if errors.Is(err, dossier.ErrInvalid) {
			err = invalid("restrict.why")
		}
	} else {
		err = s.Restrictions.EndRestriction(v.ctx(), id, v.self.ID, v.self.Role)
	}
	switch {
	case errors.Is(err, restriction.ErrOther):
		err = told("restrict-other", err)
	case errors.Is(err, dossier.ErrForbidden):
		err = told("own-account", err)
	}
	return s.restricted(v, err)
}

// restricted goes back to the rules, or shows them with what is wrong.
func (s *server) restricted(v *visit, err error) error {
	status, _ := kindOf(err)
	switch {
	case err == nil:
		return v.to("/admin/restrictions")
	case v.json() || atFault(status) || status == http.StatusNotFound:
		return err
	}
	return s.restrictionsPage(v, err)
}
