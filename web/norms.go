package web

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"sohoa/dossier"
	law "sohoa/dossier/norm"
	"sohoa/dossier/retention"
)

func (s *server) normRoutes() []route {
	return []route{
		{"GET /admin/norms", manage, s.normShow},
		{"POST /admin/norms", manage, s.normAdd},
	}
}

type normView struct {
	What    string
	Sorts   []normSort
	Kinds   []dossier.Kind
	Forms   []law.FormNumber
	Grades  []retention.Grade
	Given   map[string]string // what the form gave, if it cannot be taken
	N       names
	Problem *problem
}

// normSort is what the house has of one sort: each name's norms, the newest first.
type normSort struct {
	Sort  law.Sort
	Norms []normLine
}

type normLine struct {
	law.Norm
	Holds bool // today
}

// Kind is the kind of paper that a ground is for.
func (n normLine) Kind() dossier.KindCode { return dossier.KindCode(n.Name) }

// Title is the first line of a form.
func (n normLine) Title() string { title, _, _ := strings.Cut(n.Said, "\n"); return title }

func (s *server) normShow(v *visit) error { return s.normPage(v, nil, nil) }

// normPage lists the norms and, if one cannot be added, says what is wrong with it.
func (s *server) normPage(v *visit, given map[string]string, wrong error) error {
	norms, err := s.Laws.Norms(v.ctx())
	if err != nil {
		return err
	}
	view := normView{What: "norms", Forms: law.Forms[:], Grades: retention.Grades[:], Given: given}
	for _, sort := range law.Sorts {
		list := normSort{Sort: sort}
		for _, n := range slices.Backward(norms) { // by name, and within it by day
			if n.Sort == sort {
				now, ok := norms.On(sort, n.Name, s.Now())
				list.Norms = append(list.Norms, normLine{n, ok && now.ID == n.ID})
			}
		}
		slices.SortStableFunc(list.Norms, func(a, b normLine) int { return strings.Compare(a.Name, b.Name) })
		view.Sorts = append(view.Sorts, list)
	}
	if v.json() && wrong == nil {
		return v.reply(norms)
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
	status := http.StatusOK
	if wrong != nil {
		p := problemOf(v.lang, wrong)
		view.Problem, status = &p, p.Status
	}
	return s.show(v, status, "norms", "admin.norms", view)
}

// normAdd adds a norm from a day on. None is ever changed: the next has a later day.
func (s *server) normAdd(v *visit) error {
	n, err := s.normGiven(v)
	if err == nil {
		_, err = s.Laws.AddNorm(v.ctx(), n, v.who.Role)
	}
	switch {
	case err == nil:
		return v.to("/admin/norms")
	case errors.Is(err, dossier.ErrConflict):
		err = told("taken", err)
	case !errors.Is(err, dossier.ErrInvalid):
		return err
	}
	if v.json() {
		return err
	}
	given := map[string]string{}
	for name, values := range v.r.PostForm {
		given[name] = values[0]
	}
	return s.normPage(v, given, err)
}

// normGiven reads the form and says which of its values is wrong.
func (s *server) normGiven(v *visit) (n law.Norm, err error) {
	form := func(name string) string { return clean(v.r.PostFormValue(name)) }
	n = law.Norm{Sort: law.Sort(form("sort")), Name: form("name"), Said: lines(v.r.PostFormValue("said")), Law: form("law"), Article: form("article"),
		Grade: retention.Grade(form("grade")), Note: form("note"), Who: v.who.ID, Demo: v.who.Demo}
	day, err := searchDay(form("from"), "norm.from")
	if err != nil || day == "" {
		return n, invalid("norm.from")
	}
	if n.From, err = time.ParseInLocation(time.DateOnly, day, dossier.VietNam); err != nil {
		return n, invalid("norm.from")
	}
	names, err := s.names(v.ctx())
	if err != nil {
		return n, err
	}
	switch {
	case !slices.Contains(law.Sorts[:], n.Sort):
		return n, invalid("norm.sort")
	case law.CheckName(n.Sort, n.Name) != nil, n.Sort == law.Ground && n.Name != "" && names.kind[dossier.KindCode(n.Name)] == "":
		return n, invalid("norm.name")
	case n.Law == "":
		return n, invalid("norm.law")
	case law.CheckSaid(n.Sort, n.Said) != nil:
		return n, invalid("norm.said." + string(n.Sort))
	}
	return n, nil
}

// lines gives text of several lines its one form: each line clean, none empty at the
// ends.
func lines(s string) string {
	var out []string
	for line := range strings.Lines(norm.NFC.String(s)) {
		out = append(out, clean(line))
	}
	return strings.TrimSpace(strings.Join(out, "\n"))
}
