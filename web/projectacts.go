package web

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/backlog"
	"sohoa/dossier/batch"
	"sohoa/dossier/project"
	"sohoa/dossier/sampling"
)

// projectDo does something in a project, and shows it again.
func (s *server) projectDo(v *visit, where string, do func(p project.Project) error) error {
	p, err := s.projectOf(v)
	if err == nil {
		err = do(p)
	}
	if err != nil {
		return projectSaid(err)
	}
	return v.to("/projects/" + string(p.ID) + where)
}

// projectSaid gives an error of a project its own words.
func projectSaid(err error) error {
	for said, code := range map[error]string{project.ErrStopped: "project-stopped", project.ErrOwnPaper: "project-own", project.ErrNotOnTeam: "project-team", project.ErrTyped: "project-typed", project.ErrTwice: "project-twice"} {
		if errors.Is(err, said) {
			return told(code, err)
		}
	}
	if errors.Is(err, dossier.ErrConflict) {
		return told("project-conflict", err)
	}
	return err
}

func (s *server) projectTeam(v *visit) error {
	return s.projectDo(v, "#team", func(p project.Project) error {
		duty := project.Duty(v.r.PostFormValue("duty"))
		if !slices.Contains(project.Duties[:], duty) {
			return invalid("projects.duty")
		}
		person, err := s.People.Person(v.ctx(), dossier.PersonID(v.r.PostFormValue("person")))
		if err != nil {
			return err
		}
		off := v.r.PostFormValue("do") == "off"
		if !off {
			below, err := s.Catalogue.Below(v.ctx(), p.Agency)
			if err != nil {
				return err
			}
			if person.Agency != p.Agency && !slices.Contains(below, person.Agency) || !slices.Contains(rights[work], person.Role) {
				return invalid("projects.person")
			}
		}
		return s.Projects.PutMember(v.ctx(), p.ID, person.ID, duty, off, v.by())
	})
}

// projectTie ties a batch or an import, and shows the project.
func (s *server) projectTie(v *visit) error {
	return s.projectDo(v, "#ties", s.tied(v))
}

// tied ties a batch or an import. Who has no right to plan ties batches that they brought
// themselves.
func (s *server) tied(v *visit) func(p project.Project) error {
	return func(p project.Project) error {
		ref, _, _ := strings.Cut(clean(v.r.PostFormValue("ref")), " ")
		t := project.Tie{Source: project.Source(v.r.PostFormValue("source")), Ref: ref, Shelf: clean(v.r.PostFormValue("shelf")), Scanner: clean(v.r.PostFormValue("scanner"))}
		if len([]rune(t.Shelf)) > mostWord || len([]rune(t.Scanner)) > mostWord {
			return invalid("projects.shelf")
		}
		if v.allowed(plan, nil) != nil {
			if t.Source != project.Batch {
				return dossier.ErrForbidden
			}
			b, err := s.PaperBatches.Batch(v.ctx(), batch.ID(t.Ref), v.sight.agencies(), v.sight.closed)
			if err != nil {
				return err
			}
			if b.Who != v.who.ID {
				return dossier.ErrForbidden
			}
		}
		return s.Projects.TieToProject(v.ctx(), p.ID, t, v.by())
	}
}

func (s *server) projectLot(v *visit) error {
	return s.projectDo(v, "/sample", func(p project.Project) error {
		most := 0
		if text := v.r.PostFormValue("most"); text != "" {
			var err error
			if most, err = strconv.Atoi(text); err != nil || most < 1 {
				return invalid("projects.most")
			}
		}
		_, err := s.Projects.CloseLot(v.ctx(), p.ID, most, v.by())
		return err
	})
}

func (s *server) projectEnd(v *visit) error {
	return s.projectDo(v, "", func(p project.Project) error { return s.Projects.EndProject(v.ctx(), p.ID, v.by()) })
}

type sampleView struct {
	project.Project
	Lot     *project.Lot
	Round   project.Round
	Picks   []project.Pick
	Open    []project.Paper // of a rejected lot, not done anew
	Flaws   []project.Flaw
	Checks  bool // the visitor checks
	Brings  bool // the visitor does papers anew
	MayPlan bool
	Lots    int
	me      dossier.PersonID
	N       names
}

// Own reports whether the visitor brought a paper.
func (v sampleView) Own(who dossier.PersonID) bool { return who == v.me }

// Has reports whether a paper was found to have a defect.
func (v sampleView) Has(p project.Pick, f project.Flaw) bool { return slices.Contains(p.Flaws, f) }

// Left are the papers of the sample that nobody has looked at.
func (v sampleView) Left() int { return v.Round.N - v.Round.Checked }

// projectSample shows the sample of a lot: of the newest, or of the one that is asked
// for.
func (s *server) projectSample(v *visit) error {
	p, err := s.projectOf(v)
	if err != nil {
		return err
	}
	if err := v.countsWithin(); err != nil { // it is drawn of all papers of a lot
		return err
	}
	view := sampleView{Project: p, me: v.who.ID, Flaws: project.Flaws[:], MayPlan: v.allowed(plan, nil) == nil}
	members, err := s.Projects.Members(v.ctx(), p.ID)
	if err != nil {
		return err
	}
	for _, m := range members {
		view.Checks = view.Checks || m.Person == v.who.ID && m.Duty == project.Check
		view.Brings = view.Brings || m.Person == v.who.ID && m.Duty == project.Bring
	}
	if err := s.fillSample(v, &view); err != nil {
		return err
	}
	if view.N, err = s.names(v.ctx()); err == nil {
		err = s.withPeople(v.ctx(), view.N)
	}
	if err != nil {
		return err
	}
	return s.show(v, http.StatusOK, "sample", "projects.sample", view)
}

func (s *server) fillSample(v *visit, view *sampleView) error {
	lots, err := s.Projects.Lots(v.ctx(), view.Project.ID)
	if view.Lots = len(lots); err != nil || view.Lots == 0 {
		return err
	}
	number := view.Lots
	if text := v.r.FormValue("lot"); text != "" {
		if number, err = strconv.Atoi(text); err != nil || number < 1 || number > view.Lots {
			return dossier.ErrNotFound
		}
	}
	if err := s.Projects.DrawLot(v.ctx(), view.Project.ID, number); err != nil {
		return err
	}
	if lots, err = s.Projects.Lots(v.ctx(), view.Project.ID); err != nil {
		return err
	}
	view.Lot = &lots[number-1]
	view.Round = view.Lot.Last()
	if view.Picks, err = s.Projects.Picks(v.ctx(), view.Project.ID, number, view.Round.Number); err != nil {
		return err
	}
	if view.Round.Verdict == sampling.Rejected {
		if view.Open, err = s.Projects.LotPapers(v.ctx(), view.Project.ID, number, true, "", papersShown); err != nil {
			return err
		}
	}
	return nil
}

// projectCheck writes what somebody found in a paper of the sample, or that papers of a
// rejected lot were done anew.
func (s *server) projectCheck(v *visit) error {
	lot, err := strconv.Atoi(v.r.PostFormValue("lot"))
	if err != nil {
		return invalid("projects.lot")
	}
	if err := v.countsWithin(); err != nil {
		return err
	}
	return s.projectDo(v, "/sample?lot="+strconv.Itoa(lot), func(p project.Project) error {
		var papers []dossier.DocumentID
		for _, d := range v.r.PostForm["paper"] {
			papers = append(papers, dossier.DocumentID(d))
		}
		if len(papers) == 0 || len(papers) > papersShown {
			return told("no-picks", dossier.ErrInvalid)
		}
		if v.r.PostFormValue("do") == "redo" {
			_, err := s.Projects.RedoPapers(v.ctx(), p.ID, lot, papers, v.by())
			return err
		}
		var flaws []project.Flaw
		for _, f := range v.r.PostForm["flaw"] {
			flaws = append(flaws, project.Flaw(f))
		}
		_, err := s.Projects.CheckPaper(v.ctx(), p.ID, lot, papers[0], flaws, v.by())
		return err
	})
}

// projectReport gives out the hand-over report, as PDF/A or CSV.
func (s *server) projectReport(v *visit) error {
	p, err := s.projectOf(v)
	if err != nil {
		return err
	}
	form := v.r.PathValue("form")
	media := map[string]string{"pdf": "application/pdf", "csv": "text/csv; charset=utf-8"}[form]
	if media == "" || s.HandOver == nil {
		return dossier.ErrNotFound
	}
	if err := v.countsWithin(); err != nil {
		return err
	}
	facts, err := s.projectFacts(v, p)
	if err != nil {
		return err
	}
	days, err := s.Projects.ProjectDays(v.ctx(), p.ID)
	if err != nil {
		return err
	}
	h := HandOver{Project: p, Agency: facts.Agency, At: s.Now(), Who: v.who.Name, Progress: facts.Progress, Forecast: facts.Forecast, Days: project.ByDay(days),
		Shares: facts.Shares, Lots: facts.Lots, Quality: facts.Quality, Typists: facts.Typists, People: map[dossier.PersonID]string{}, Kinds: facts.N.kind, Demo: v.who.Demo}
	for id, x := range facts.N.people {
		h.People[id] = x.Name
	}
	var out bytes.Buffer
	if err := s.HandOver(v.ctx(), &out, form, h); err != nil {
		return err
	}
	if err := s.note(v, dossier.Reading{Act: dossier.ProjectHanded, Subject: string(p.ID), Demo: v.who.Demo}); err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", media)
	v.w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="ban-giao-%s.%s"`, p.ID, form))
	v.wrote = true
	_, err = io.Copy(v.w, &out)
	return err
}

type importsView struct {
	List   []importLine
	Shown  *importLine
	Faults []importProblem
	Moving bool // one of them is under way
	N      names
}

// importLine is an import with how fast it goes.
type importLine struct {
	backlog.Import
	PerMinute int  // rows
	Quiet     bool // under way, and nothing was written lately
}

// quietAfter is how long an import may write nothing before it seems broken off: 64
// files take no longer.
const quietAfter = 5 * time.Minute

// imports shows archives that are taken over by `sohoa archive import`, while that runs
// and after.
func (s *server) imports(v *visit) error {
	view, err := s.importsOf(v)
	if err != nil {
		return err
	}
	if v.json() {
		return v.reply(view.List)
	}
	if view.N, err = s.names(v.ctx()); err == nil {
		err = s.withPeople(v.ctx(), view.N)
	}
	if err != nil {
		return err
	}
	return s.show(v, http.StatusOK, "imports", "imports.title", view)
}

// importsOf finds archives that are taken over, and what was wrong in one of them.
func (s *server) importsOf(v *visit) (view importsView, err error) {
	if err := v.countsWithin(); err != nil {
		return view, err
	}
	list, err := s.Projects.Archives(v.ctx(), v.sight.agencies(), importsShown)
	if err != nil {
		return view, err
	}
	for _, i := range list {
		l := importLine{Import: i}
		if took := i.Changed.Sub(i.Began); took > 0 {
			l.PerMinute = int(float64(i.Rows) / took.Minutes())
		}
		l.Quiet = i.Ended.IsZero() && s.Now().Sub(i.Changed) > quietAfter
		view.Moving = view.Moving || i.Ended.IsZero() && !l.Quiet
		view.List = append(view.List, l)
		if i.ID == v.r.FormValue("of") {
			view.Shown = &view.List[len(view.List)-1]
		}
	}
	if view.Shown != nil {
		found, err := s.Projects.ArchiveFaults(v.ctx(), view.Shown.ID, 0, faultsShown)
		if err != nil {
			return view, err
		}
		for _, f := range found {
			x := importProblem{Problem: f}
			x.Told, x.Do = f.Say(v.lang)
			view.Faults = append(view.Faults, x)
		}
	}
	return view, nil
}
