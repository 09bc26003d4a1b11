package web

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/catalogue"
)

// National is what the national database of procedures tells otherwise than the house.
type National interface {
	// Differences returns those that were not left out, and what was decided of some and
	// waits for its day.
	Differences(ctx context.Context) ([]catalogue.NationalDifference, map[dossier.ProcedureCode]catalogue.NationalOrder, error)

	// Decide enters what was decided and does what is to hold from today on; it returns
	// how much.
	Decide(ctx context.Context, orders []catalogue.NationalOrder) (applied int, err error)

	AskNow(ctx context.Context) error // has the list read within a minute
}

func (s *server) nationalRoutes() []route {
	return []route{
		{"GET /admin/national", manage, s.nationalShow},
		{"POST /admin/national", manage, s.nationalDecide},
		{"POST /admin/national/ask", manage, s.nationalAsk},
	}
}

// mostDifferences is how many the page shows at once; the next come when these are decided.
const mostDifferences = 200

type nationalView struct {
	What    string
	List    []nationalRow
	More    int
	Today   string
	Since   string
	Stands  *Neighbour
	Problem *problem
}

// A nationalRow is a difference, and what was decided of it.
type nationalRow struct {
	catalogue.NationalDifference
	Order catalogue.NationalOrder // no code: nothing was
	Odd   []string                // what cannot be taken, in words
}

func (s *server) nationalShow(v *visit) error { return s.nationalPage(v, "", nil) }

func (s *server) nationalPage(v *visit, since string, wrong error) error {
	view, status := nationalView{What: "national", Today: s.today(), Since: since}, http.StatusOK
	if wrong != nil {
		p := problemOf(v.lang, wrong)
		view.Problem, status = &p, p.Status
	}
	list, waiting, err := s.National.Differences(v.ctx())
	if err != nil {
		return err
	}
	view.More = max(0, len(list)-mostDifferences)
	for _, d := range list[:len(list)-view.More] {
		row := nationalRow{NationalDifference: d, Order: waiting[d.Code]}
		for _, p := range d.Problems {
			what, do := p.Say(v.lang)
			row.Odd = append(row.Odd, what+": "+do)
		}
		view.List = append(view.List, row)
	}
	if s.Neighbours != nil {
		all, err := s.Neighbours(v.ctx())
		if err != nil {
			return err
		}
		if i := slices.IndexFunc(all, func(n Neighbour) bool { return n.Page == "/admin/national" }); i >= 0 {
			view.Stands = &all[i]
		}
	}
	return s.show(v, status, "admin_national", "admin.national", view)
}

func (s *server) today() string { return s.Now().In(dossier.VietNam).Format(time.DateOnly) }

// nationalDecide has what was ticked hold from a day on, today at the earliest, since what
// was received keeps what it was received under; or leaves it out.
func (s *server) nationalDecide(v *visit) error {
	since := v.r.PostFormValue("since")
	switch day, err := time.Parse(time.DateOnly, since); {
	case v.r.PostFormValue("do") == "leave":
		since = ""
	case err != nil || since < s.today() || day.After(s.Now().AddDate(2, 0, 0)):
		return s.nationalPage(v, since, invalid("national.since"))
	}
	var orders []catalogue.NationalOrder
	for _, pick := range v.r.PostForm["pick"] {
		code, sum, _ := strings.Cut(pick, " ")
		if !procedureCode().MatchString(code) || len(sum) != 64 || len(orders) == mostDifferences {
			return s.nationalPage(v, since, invalid("national.pick"))
		}
		orders = append(orders, catalogue.NationalOrder{Code: dossier.ProcedureCode(code), Sum: sum, Since: since, Who: v.who.ID, Role: v.who.Role, At: s.Now()})
	}
	if len(orders) == 0 {
		return s.nationalPage(v, since, invalid("national.pick"))
	}
	list, _, err := s.National.Differences(v.ctx())
	if err != nil {
		return err
	}
	for _, o := range orders { // nobody decides on what they have not seen
		if !slices.ContainsFunc(list, func(d catalogue.NationalDifference) bool {
			return d.Code == o.Code && d.Sum == o.Sum && (since == "" || d.What != catalogue.NationalOdd)
		}) {
			return s.nationalPage(v, since, told("national-other", dossier.ErrConflict))
		}
	}
	if _, err := s.National.Decide(v.ctx(), orders); err != nil {
		return err
	}
	return v.to("/admin/national")
}

func (s *server) nationalAsk(v *visit) error {
	if err := s.National.AskNow(v.ctx()); err != nil {
		return err
	}
	return v.to("/admin/national")
}

// FieldName is the name of a column of the catalogue.
func (nationalView) FieldName(lang, field string) string {
	i := slices.IndexFunc(catalogue.Procedures, func(c catalogue.Column) bool { return c.Field == field })
	if i < 0 {
		return field
	}
	return catalogue.Procedures.Names(lang)[i]
}

// Lines are a value of a field as people read it.
func (nationalView) Lines(lang, field, value string) (out []string) {
	for line := range strings.Lines(value) {
		line = strings.TrimSpace(line)
		part := strings.Split(line, "|") // as lists have components: slot, kind, name, required, digitised
		if field == "components" && len(part) == 5 {
			line = part[2] + " (" + part[1] + ")"
			if part[3] == "1" {
				line += " · " + say(lang, "slot.required")
			}
		}
		if field == "level" {
			for _, l := range []dossier.Level{dossier.Full, dossier.Partial, dossier.Info} {
				if rest, ok := strings.CutPrefix(line, string(l)); ok {
					line = say(lang, "level."+string(l)) + rest
				}
			}
		}
		if line != "" {
			out = append(out, line)
		}
	}
	return out
}

type v1ProcedureChange struct {
	Code   dossier.ProcedureCode `json:"code"`
	Name   string                `json:"name"`
	What   string                `json:"what" enum:"added|changed|ended|odd" doc:"odd: what is told cannot be taken"`
	Fields []v1FieldChange       `json:"fields,omitempty"`
	Since  string                `json:"since,omitempty" format:"date" doc:"the day from which it is to hold, if somebody said so"`
}

type v1FieldChange struct {
	Field string `json:"field"`
	Was   string `json:"was"`
	Is    string `json:"is"`
}

type v1ProcedureChanges struct {
	Changes []v1ProcedureChange `json:"changes" doc:"of which the national database of procedures tells otherwise than the house; an administrator decides"`
	After   string              `json:"after,omitempty"`
}

func (s *server) v1ProcedureChanges(v *visit, _ any) (*v1Answer, error) {
	all, waiting, err := s.National.Differences(v.ctx())
	if err != nil {
		return nil, err
	}
	out := &v1ProcedureChanges{}
	all, out.After, err = listed(v, all, func(d catalogue.NationalDifference) string { return string(d.Code) })
	for _, d := range all {
		one := v1ProcedureChange{Code: d.Code, Name: d.Name, What: d.What, Since: waiting[d.Code].Since}
		for _, f := range d.Fields {
			one.Fields = append(one.Fields, v1FieldChange(f))
		}
		out.Changes = append(out.Changes, one)
	}
	return shown(out), err
}
