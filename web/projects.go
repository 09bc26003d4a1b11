package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/backlog"
	"sohoa/dossier/catalogue"
	"sohoa/dossier/project"
	"sohoa/dossier/sampling"
)

// Projects are backlog projects. Errors wrap [dossier.ErrNotFound] if there is no such
// project of the agencies, and [dossier.ErrConflict] if it has ended or something else
// has to be done before.
type Projects interface {
	AddProject(ctx context.Context, p project.Plan, by account.By) (project.Project, error)
	Projects(ctx context.Context, agencies []dossier.AgencyCode, after project.ID, limit int) ([]project.Project, error)
	Project(ctx context.Context, id project.ID, agencies []dossier.AgencyCode) (project.Project, error)
	EndProject(ctx context.Context, id project.ID, by account.By) error
	PutMember(ctx context.Context, id project.ID, person dossier.PersonID, duty project.Duty, off bool, by account.By) error
	Members(ctx context.Context, id project.ID) ([]project.Member, error)
	TieToProject(ctx context.Context, id project.ID, t project.Tie, by account.By) error
	Ties(ctx context.Context, id project.ID, limit int) ([]project.Tie, error)
	ProjectDays(ctx context.Context, id project.ID) ([]project.Day, error)
	ProjectProgress(ctx context.Context, id project.ID) (project.Progress, error)

	CloseLot(ctx context.Context, id project.ID, most int, by account.By) (project.Lot, error)
	DrawLot(ctx context.Context, id project.ID, number int) error
	Lots(ctx context.Context, id project.ID) ([]project.Lot, error)
	Picks(ctx context.Context, id project.ID, lot, round int) ([]project.Pick, error)
	AllPicks(ctx context.Context, id project.ID) ([]project.Pick, error)
	CheckPaper(ctx context.Context, id project.ID, lot int, document dossier.DocumentID, flaws []project.Flaw, by account.By) (sampling.Verdict, error)
	RedoPapers(ctx context.Context, id project.ID, lot int, documents []dossier.DocumentID, by account.By) (again bool, err error)
	LotPapers(ctx context.Context, id project.ID, lot int, open bool, after dossier.DocumentID, limit int) ([]project.Paper, error)

	TypedTwice(ctx context.Context, id dossier.DocumentID) (project.Project, []project.Entry, error)
	TypeEntry(ctx context.Context, id dossier.DocumentID, fields []dossier.Field, by account.By) ([]project.Entry, error)
	Typists(ctx context.Context, id project.ID) ([]project.Typist, error)
	Unsettled(ctx context.Context, id project.ID, after dossier.DocumentID, limit int) ([]dossier.DocumentID, error)

	// Archives are archives that were digitised elsewhere and are taken over, of agencies
	// (none: of all), newest first.
	Archives(ctx context.Context, agencies []dossier.AgencyCode, limit int) ([]backlog.Import, error)
	ArchiveFaults(ctx context.Context, id string, behind, limit int) ([]catalogue.Problem, error)
}

// A HandOver is what a project's report says. It names no price.
type HandOver struct {
	project.Project
	Agency   dossier.Agency
	At       time.Time
	Who      string // by name, who asked for it
	Progress project.Progress
	Forecast project.Forecast
	Days     []project.Day // what all did
	Shares   []project.Share
	Lots     []project.Lot
	Quality  project.Quality
	Typists  []project.Typist
	People   map[dossier.PersonID]string
	Kinds    map[dossier.KindCode]string
	Demo     bool
}

func (s *server) projectRoutes() []route {
	return []route{
		{"GET /projects", work, s.projectList},
		{"POST /projects", plan, s.projectAdd},
		{"GET /projects/{project}", work, s.projectShow},
		{"POST /projects/{project}/team", plan, s.projectTeam},
		{"POST /projects/{project}/ties", work, s.projectTie},
		{"POST /projects/{project}/lots", plan, s.projectLot},
		{"POST /projects/{project}/end", plan, s.projectEnd},
		{"GET /projects/{project}/sample", work, s.projectSample},
		{"POST /projects/{project}/sample", work, s.projectCheck},
		{"GET /projects/{project}/report/{form}", plan, s.projectReport},
		{"GET /imports", plan, s.imports},
	}
}

const (
	projectsShown = 50
	tiesShown     = 30
	daysShown     = 15
	importsShown  = 50
	faultsShown   = 30
	papersShown   = 100
	mostWord      = 100 // characters of a shelf or scanner
)

type projectsView struct {
	List     []projectLine
	After    project.ID
	Agencies []dossier.Agency
	Kinds    []dossier.Kind
	Methods  []project.Method
	Levels   []string
	AQLs     []string
	MayPlan  bool
	Closed   bool // no figures
	Given    url.Values
	Problem  *problem
	N        names
}

// projectLine is a project in the list.
type projectLine struct {
	project.Project
	Progress project.Progress
}

// Percent is how much of the plan is done, at most 100.
func (l projectLine) Percent() int { return min(100, l.Progress.Dossiers*100/l.Dossiers) }

func (s *server) projectList(v *visit) error { return s.projectsPage(v, nil, nil) }

func (s *server) projectsPage(v *visit, given url.Values, wrong error) error {
	view := projectsView{MayPlan: v.allowed(plan, nil) == nil, Closed: v.countsWithin() != nil, Given: given, Methods: project.Methods[:], Levels: sampling.Levels[:], AQLs: sampling.AQLs()}
	list, err := s.Projects.Projects(v.ctx(), v.sight.agencies(), project.ID(v.r.FormValue("after")), projectsShown+1)
	if err != nil {
		return err
	}
	if len(list) > projectsShown {
		list = list[:projectsShown]
		view.After = list[projectsShown-1].ID
	}
	for _, p := range list {
		line := projectLine{Project: p}
		if !view.Closed {
			if line.Progress, err = s.Projects.ProjectProgress(v.ctx(), p.ID); err != nil {
				return err
			}
		}
		view.List = append(view.List, line)
	}
	if view.N, err = s.names(v.ctx()); err != nil {
		return err
	}
	if view.MayPlan {
		all, err := s.Catalogue.Agencies(v.ctx())
		if err != nil {
			return err
		}
		for _, a := range all {
			if v.sight.has(a.Code) {
				view.Agencies = append(view.Agencies, a)
			}
		}
		if view.Kinds, err = s.Catalogue.Kinds(v.ctx()); err != nil {
			return err
		}
	}
	status := http.StatusOK
	if wrong != nil {
		p := problemOf(v.lang, wrong)
		view.Problem, status = &p, p.Status
	}
	return s.show(v, status, "projects", "projects.title", view)
}

// planOf reads a plan from a form.
func planOf(r *http.Request) (project.Plan, error) {
	field := func(name string) string { return clean(r.PostFormValue(name)) }
	p := project.Plan{Name: field("name"), Agency: dossier.AgencyCode(field("agency")), Method: project.Method(field("method")), Level: field("level"), AQL: field("aql"), Reduce: field("reduce") != ""}
	for _, k := range r.PostForm["kind"] {
		p.Kinds = append(p.Kinds, dossier.KindCode(k))
	}
	var err error
	number := func(name string, into *int, scale float64) {
		text := strings.ReplaceAll(field(name), ",", ".")
		if text == "" || err != nil {
			return
		}
		n, wrong := strconv.ParseFloat(text, 64)
		if wrong != nil || n < 0 || n > 1e9 {
			err = invalid("projects." + name)
		}
		*into = int(n*scale + 0.5)
	}
	number("shelves", &p.Shelves, 1)
	number("metres", &p.Decimetres, 10)
	number("dossiers", &p.Dossiers, 1)
	for name, into := range map[string]*string{"from": &p.From, "to": &p.To} {
		for _, form := range fieldDays {
			if t, wrong := time.Parse(form, field(name)); wrong == nil {
				*into = t.Format(time.DateOnly)
			}
		}
	}
	if err == nil {
		if err = p.Check(); err != nil {
			words := strings.Split(err.Error(), ": ")
			err = invalid("projects." + words[len(words)-1])
		}
	}
	return p, err
}

func (s *server) projectAdd(v *visit) error {
	p, err := planOf(v.r)
	if err == nil && !v.sight.has(p.Agency) {
		err = invalid("projects.agency")
	}
	if err == nil {
		var made project.Project
		if made, err = s.Projects.AddProject(v.ctx(), p, v.by()); err == nil {
			return v.to("/projects/" + string(made.ID))
		}
	}
	if status, _ := kindOf(err); v.json() || atFault(status) {
		return err
	}
	return s.projectsPage(v, v.r.PostForm, err)
}

func (s *server) projectOf(v *visit) (project.Project, error) {
	return s.Projects.Project(v.ctx(), project.ID(v.r.PathValue("project")), v.sight.agencies())
}

type projectView struct {
	project.Project
	Agency    dossier.Agency
	Began     project.Start
	HasBegan  bool
	Progress  project.Progress
	Percent   int
	Forecast  project.Forecast
	Days      []project.Day
	Shares    []project.Share // of others only with the right to grade
	Members   []project.Member
	People    []dossier.Person // who may be of the team
	Ties      []project.Tie
	Batches   []string // that may be tied
	Imports   []string
	Lots      []project.Lot
	Standing  sampling.Standing
	Quality   project.Quality
	Typists   []project.Typist
	Unsettled []dossier.DocumentID
	MayPlan   bool
	Duties    []project.Duty
	Closed    bool // no figures: they count what is closed to the visitor
	N         names
}

// Rate writes a number with one decimal, as Vietnamese print it.
func (projectView) Rate(f float64) string {
	return strings.Replace(strconv.FormatFloat(f, 'f', 1, 64), ".", ",", 1)
}

// Limit is the AQL, as Vietnamese print it.
func (p projectView) Limit() string { return strings.Replace(p.AQL, ".", ",", 1) }

// Metres is how much paper there is, as somebody measured it.
func (p projectView) Metres() string {
	return p.Rate(float64(p.Decimetres) / 10)
}

func (s *server) projectShow(v *visit) error {
	p, err := s.projectOf(v)
	if err != nil {
		return err
	}
	view, err := s.projectFacts(v, p)
	if err == nil && view.Closed && v.json() {
		err = v.countsWithin()
	}
	if err != nil {
		return err
	}
	if view.MayPlan && p.Ended.IsZero() {
		if err := s.projectChoices(v, &view); err != nil {
			return err
		}
	}
	if v.json() {
		return v.reply(v1ProjectOf(p, view.Progress, &view.Forecast))
	}
	return s.show(v, http.StatusOK, "project", "projects.one", view)
}

// projectFacts counts what is done of a project, and how well.
func (s *server) projectFacts(v *visit, p project.Project) (view projectView, err error) {
	ctx := v.ctx()
	view = projectView{Project: p, MayPlan: v.allowed(plan, nil) == nil, Duties: project.Duties[:], Closed: v.countsWithin() != nil}
	if view.Closed {
		return view, s.projectAround(v, &view)
	}
	if view.Progress, err = s.Projects.ProjectProgress(ctx, p.ID); err != nil {
		return view, err
	}
	view.Percent = projectLine{p, view.Progress}.Percent()
	days, err := s.Projects.ProjectDays(ctx, p.ID)
	if err != nil {
		return view, err
	}
	calendar, err := s.Catalogue.Calendar(ctx)
	if err != nil {
		return view, err
	}
	today := s.Now().In(dossier.VietNam)
	view.Forecast = project.Foresee(p.Plan, days, view.Progress.Dossiers, today, calendar)
	view.Shares = project.Shares(days, today, calendar)
	view.Days = project.ByDay(days)
	view.Days = view.Days[max(0, len(view.Days)-daysShown):]
	if view.Lots, err = s.Projects.Lots(ctx, p.ID); err != nil {
		return view, err
	}
	view.Standing = project.Standing(p.Plan, view.Lots)
	picks, err := s.Projects.AllPicks(ctx, p.ID)
	if err != nil {
		return view, err
	}
	view.Quality = project.QualityOf(picks)
	if view.Typists, err = s.Projects.Typists(ctx, p.ID); err != nil {
		return view, err
	}
	if view.Unsettled, err = s.Projects.Unsettled(ctx, p.ID, "", papersShown); err != nil {
		return view, err
	}
	s.ownFigures(v, &view)
	return view, s.projectAround(v, &view)
}

// projectAround finds who is of a project, what is tied to it and how all are called.
func (s *server) projectAround(v *visit, view *projectView) (err error) {
	if view.Members, err = s.Projects.Members(v.ctx(), view.ID); err != nil {
		return err
	}
	if view.Ties, err = s.Projects.Ties(v.ctx(), view.ID, tiesShown); err != nil {
		return err
	}
	if view.N, err = s.names(v.ctx()); err == nil {
		err = s.withPeople(v.ctx(), view.N)
	}
	if err != nil {
		return err
	}
	agencies, err := s.Catalogue.Agencies(v.ctx())
	if i := slices.IndexFunc(agencies, func(a dossier.Agency) bool { return a.Code == view.Project.Agency }); i >= 0 {
		view.Agency = agencies[i]
		view.Began, view.HasBegan = project.Began(view.Agency.Tier)
	}
	return err
}

// ownFigures leaves of the figures about people those of the visitor, if they have no
// right to see others'.
func (s *server) ownFigures(v *visit, view *projectView) {
	if v.allowed(grade, nil) == nil {
		return
	}
	view.Shares = slices.DeleteFunc(view.Shares, func(x project.Share) bool { return x.Who != v.who.ID })
	view.Typists = slices.DeleteFunc(view.Typists, func(x project.Typist) bool { return x.Who != v.who.ID })
	view.Quality.ByPerson = slices.DeleteFunc(view.Quality.ByPerson, func(x project.Tally) bool { return x.Key != string(v.who.ID) })
}

// projectChoices finds who may be of the team and what may be tied.
func (s *server) projectChoices(v *visit, view *projectView) error {
	below, err := s.Catalogue.Below(v.ctx(), view.Project.Agency)
	if err != nil {
		return err
	}
	people, err := s.People.People(v.ctx())
	if err != nil {
		return err
	}
	for _, p := range people {
		if (p.Agency == view.Project.Agency || slices.Contains(below, p.Agency)) && slices.Contains(rights[work], p.Role) {
			view.People = append(view.People, p)
		}
	}
	agencies := []dossier.AgencyCode{view.Project.Agency}
	batches, err := s.PaperBatches.List(v.ctx(), agencies, v.sight.closed, "", tiesShown)
	if err != nil {
		return err
	}
	tied := func(ref string) bool {
		return slices.ContainsFunc(view.Ties, func(t project.Tie) bool { return t.Ref == ref })
	}
	for _, b := range batches {
		if !tied(string(b.ID)) {
			view.Batches = append(view.Batches, string(b.ID)+" "+when(v.lang, b.At))
		}
	}
	imports, err := s.Projects.Archives(v.ctx(), agencies, tiesShown)
	for _, i := range imports {
		if !tied(i.ID) {
			view.Imports = append(view.Imports, i.ID+" "+when(v.lang, i.Began))
		}
	}
	return err
}
