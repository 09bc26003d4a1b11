package web

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"sohoa/dossier"
	"sohoa/dossier/figures"
)

// figureByView divides an agency's figures by procedure, or by who received the
// dossiers.
type figureByView struct {
	Span      span
	SpanIn    string
	Agency    dossier.AgencyCode
	Procedure dossier.ProcedureCode // only of this one
	Own       bool                  // only what the agency received itself
	By        string                // procedure or officer
	Rows      []figureByRow
	More      int // rows that are not shown: those with the fewest dossiers
	Total     figures.Figures
	Officers  bool // the visitor may see whose work it is
	N         names
}

type figureByRow struct {
	Procedure dossier.ProcedureCode
	Officer   dossier.PersonID
	Figures   figures.Figures
}

// mostRows is how many procedures or officers are shown at once.
const mostRows = 200

// To begins the address behind a number of a row.
func (f figureByView) To(r figureByRow) string {
	return behind(f.Span.Key, f.Agency, "own", ticked(f.Own), "procedure", string(cmp.Or(r.Procedure, f.Procedure)), "officer", string(r.Officer))
}

// Up is the address of the page that this one divides, of a procedure or of all.
func (f figureByView) Up(procedure dossier.ProcedureCode) string {
	return spanAddress("/figures", f.Span.Key, f.Agency, "own", ticked(f.Own), "procedure", string(procedure))
}

// Down is the address of a procedure's officers.
func (f figureByView) Down(r figureByRow) string {
	return "/figures/by?" + url.Values{"period": {f.Span.Key}, "agency": {string(f.Agency)}, "procedure": {string(r.Procedure)}, "by": {"officer"}}.Encode()
}

// figuresBy shows the figures of an agency by procedure, or by officer: what each
// received. Whose work it is, is for those who answer for it or look it over.
func (s *server) figuresBy(v *visit) error {
	view, err := s.figuresByOf(v)
	if err != nil {
		return err
	}
	return s.show(v, http.StatusOK, "figures_by", "figures.title", view)
}

func (s *server) figuresByOf(v *visit) (view figureByView, err error) {
	sp, q, err := s.asked(v)
	if err != nil {
		return view, err
	}
	view = figureByView{Span: sp, SpanIn: spanName(v.lang, sp.Key), Procedure: q.Procedure, Own: q.Own, By: v.r.FormValue("by"), Officers: slices.Contains(rights[grade], v.who.Role)}
	if len(q.Agencies) > 0 {
		view.Agency = q.Agencies[0]
	}
	switch {
	case view.By == "procedure":
		q.ByProcedure = true
	case view.By != "officer" || view.Agency == "":
		return view, dossier.ErrNotFound
	case !view.Officers:
		return view, fmt.Errorf("%w: whose work it is", dossier.ErrForbidden)
	default:
		q.ByOfficer = true
	}
	in, err := s.cells(v, q)
	if err != nil {
		return view, err
	}
	view.Total = in.Figures()
	for k, cells := range byWork(in.Cells) {
		view.Rows = append(view.Rows, figureByRow{Procedure: k.procedure, Officer: k.officer, Figures: figures.Input{Cells: cells, Period: q.Period}.Figures()})
	}
	slices.SortFunc(view.Rows, func(a, b figureByRow) int {
		return cmp.Or(b.Figures.Received-a.Figures.Received, b.Figures.Resolved-a.Figures.Resolved, cmp.Compare(a.Procedure, b.Procedure), cmp.Compare(a.Officer, b.Officer))
	})
	if view.More = max(0, len(view.Rows)-mostRows); view.More > 0 {
		view.Rows = view.Rows[:mostRows]
	}
	if view.N, err = s.names(v.ctx()); err != nil {
		return view, err
	}
	for _, r := range view.Rows {
		if err := s.withSome(v.ctx(), view.N, r.Officer); err != nil {
			return view, err
		}
	}
	return view, nil
}

// worker is whose figures a row has: of a procedure, an officer, or both.
type worker struct {
	procedure dossier.ProcedureCode
	officer   dossier.PersonID
}

// byWork puts cells together that are of one worker. They come in runs of one each, of
// which mostly there is one: it is taken as it lies.
func byWork(cells []figures.Cell) map[worker][]figures.Cell {
	all := map[worker][]figures.Cell{}
	for from := 0; from < len(cells); {
		k, to := worker{cells[from].Procedure, cells[from].Officer}, from+1
		for to < len(cells) && cells[to].Procedure == k.procedure && cells[to].Officer == k.officer {
			to++
		}
		if run := cells[from:to:to]; all[k] == nil {
			all[k] = run
		} else {
			all[k] = append(all[k], run...)
		}
		from = to
	}
	return all
}
