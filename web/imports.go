package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"

	"sohoa/dossier"
	"sohoa/dossier/catalogue"
)

// An ImportGiven is a list that an administrator brings.
type ImportGiven struct {
	What string // catalogue, agencies, dossiers or calendar
	Day  string // YYYY-MM-DD on which a catalogue held; empty: today
	Who  dossier.PersonID
	Body io.Reader
}

// An ImportPlan is a dry run, the name under which its list lies, and the sum of
// what it says.
type ImportPlan struct {
	catalogue.Plan
	ID  string `json:"id"`
	Sum string `json:"sum"`
}

// Imports are lists that come from elsewhere. A file that cannot be read gives a
// [*sohoa/jail.Refusal].
type Imports interface {
	Plan(ctx context.Context, in ImportGiven) (ImportPlan, error)

	// Order does what a plan with that sum says. If the house has changed so that
	// it would do something else, the error wraps [dossier.ErrConflict]; a list
	// that is not there, or somebody else's, [dossier.ErrNotFound].
	Order(ctx context.Context, id, sum string, who dossier.PersonID) (catalogue.Plan, error)
	Forget(id string, who dossier.PersonID)

	// Write writes a list of the house as csv or xlsx.
	Write(ctx context.Context, w io.Writer, what, form string) error
}

const importRoute = "POST /admin/import"

func (s *server) importRoutes() []route {
	return []route{
		{"GET /admin/import", manage, s.importForm},
		{importRoute, manage, s.importPlan},
		{"POST /admin/import/{id}", manage, s.importOrder},
		{"GET /admin/import/{what}/{form}", manage, s.exportList},
	}
}

// What is shown of a plan; the command line shows all.
const (
	mostChanges  = 300
	mostProblems = 1000
)

type importView struct {
	What     string // of the administrator's menu
	Kinds    []string
	Given    ImportGiven
	Plan     *ImportPlan
	Done     bool
	Lang     string
	Problem  *problem
	Changes  []catalogue.Change
	Problems []importProblem
}

// importProblem is a problem in the reader's words.
type importProblem struct {
	catalogue.Problem
	Column, Told, Do string
}

var importKinds = []string{"catalogue", "agencies", "dossiers", "calendar"}

var importSchemas = map[string]catalogue.Schema{"catalogue": catalogue.Procedures, "agencies": catalogue.Agencies, "dossiers": catalogue.Dossiers, "calendar": catalogue.Calendar}

func (s *server) importForm(v *visit) error { return s.importPage(v, importView{}) }

func (s *server) importPage(v *visit, view importView) error {
	view.What, view.Kinds, view.Lang = "import", importKinds, v.lang
	status := http.StatusOK
	if view.Problem != nil {
		status = view.Problem.Status
	}
	if view.Plan != nil {
		view.Changes = view.Plan.Changes[:min(len(view.Plan.Changes), mostChanges)]
		columns := importSchemas[view.Plan.What]
		for _, p := range view.Plan.Problems[:min(len(view.Plan.Problems), mostProblems)] {
			x := importProblem{Problem: p}
			x.Told, x.Do = p.Say(v.lang)
			if i := slices.IndexFunc(columns, func(c catalogue.Column) bool { return c.Field == p.Field }); i >= 0 {
				x.Column = columns.Names(v.lang)[i]
			}
			view.Problems = append(view.Problems, x)
		}
	}
	return s.show(v, status, "import", "admin.import", view)
}

// importPlan takes a list as it streams in, and shows what would become of it.
func (s *server) importPlan(v *visit) error {
	whole := v.r.Body
	v.r.Body = http.MaxBytesReader(v.w, whole, mostImport+mostForm)
	view := importView{}
	plan, err := s.readImport(v, &view)
	if err != nil {
		status, code := kindOf(err)
		if code == "bytes" {
			s.drain(v, whole)
		}
		if v.json() || code == "cut-off" || atFault(status) {
			return err
		}
		p := problemOf(v.lang, err)
		view.Problem = &p
		return s.importPage(v, view)
	}
	if v.json() {
		return v.reply(plan)
	}
	view.Plan = &plan
	return s.importPage(v, view)
}

// mostImport is how many bytes a list may have that comes by a browser.
const mostImport = 64 << 20

func (s *server) readImport(v *visit, view *importView) (ImportPlan, error) {
	form, err := v.r.MultipartReader()
	if err != nil {
		return ImportPlan{}, told("no-file", dossier.ErrInvalid)
	}
	in := &view.Given
	in.Who, in.What = v.who.ID, v.r.URL.Query().Get("what") // a program may say it in the address
	for {
		part, err := form.NextPart()
		if err == io.EOF {
			return ImportPlan{}, told("no-file", dossier.ErrInvalid)
		} else if err != nil {
			return ImportPlan{}, badForm(err)
		}
		switch part.FormName() {
		case "what", "day":
			b, err := io.ReadAll(io.LimitReader(part, 40))
			if err != nil {
				return ImportPlan{}, cutOff(err)
			}
			if part.FormName() == "what" {
				in.What = clean(string(b))
			} else if in.Day = clean(string(b)); in.Day != "" {
				last, ok := lastOf(in.Day)
				if !ok {
					return ImportPlan{}, invalid("import.day")
				}
				in.Day = last.In(dossier.VietNam).Format("2006-01-02")
			}
		case "file":
			if part.FileName() == "" {
				return ImportPlan{}, told("no-file", dossier.ErrInvalid)
			}
			if !slices.Contains(importKinds, in.What) {
				return ImportPlan{}, invalid("import.what")
			}
			in.Body = &capped{r: part, left: mostImport}
			plan, err := s.Imports.Plan(v.ctx(), *in)
			in.Body = nil
			return plan, cutOff(err)
		}
	}
}

// importOrder does what was shown, or forgets the list.
func (s *server) importOrder(v *visit) error {
	id := v.r.PathValue("id")
	if v.r.PostFormValue("do") != "confirm" {
		s.Imports.Forget(id, v.who.ID)
		return v.to("/admin/import")
	}
	plan, err := s.Imports.Order(v.ctx(), id, v.r.PostFormValue("sum"), v.who.ID)
	if errors.Is(err, dossier.ErrNotFound) {
		err = told("import-gone", err)
	}
	if err != nil {
		if v.json() || errors.Is(err, dossier.ErrForbidden) {
			return err
		}
		p := problemOf(v.lang, err)
		if atFault(p.Status) {
			return err
		}
		return s.importPage(v, importView{Problem: &p})
	}
	if v.json() {
		return v.reply(plan)
	}
	return s.importPage(v, importView{Plan: &ImportPlan{Plan: plan}, Done: true})
}

// exportList gives a list of the house out.
func (s *server) exportList(v *visit) error {
	what, form := v.r.PathValue("what"), v.r.PathValue("form")
	media := map[string]string{"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}[form]
	if media == "" || !slices.Contains(importKinds, what) {
		return dossier.ErrNotFound
	}
	if err := s.set(v, dossier.GaveList, what); err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", media)
	v.w.Header().Set("Content-Disposition", `attachment; filename="`+what+"."+form+`"`)
	v.wrote = true
	return s.Imports.Write(v.ctx(), v.w, what, form)
}
