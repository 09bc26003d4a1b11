package web

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"sohoa/dossier"
	"sohoa/dossier/figures"
)

type figureFact struct {
	figures.Fact
	Why   figures.Why
	Tried []dossier.Document // brought for it, and not counted
}

type figureListView struct {
	Span     span
	Number   number
	Agency   dossier.AgencyCode
	Why      figures.Why // only those; empty: all
	Counts   map[figures.Why]int
	Whys     []figures.Why
	Facts    []figureFact
	Next     string // of the next page; empty: there is none
	next     *figures.Mark
	N        names
	SpanIn   string
	Officers bool // who received them is shown
	Merged   bool // with those of the agencies that went into the one

	Lang       string
	Indicator  *figures.Indicator // nil for the plain numbers
	Procedures []figureProcedure  // behind one that counts procedures
	query      url.Values
}

// To is the address of the list of those of one answer, or with "" of all.
func (f figureListView) To(why figures.Why) string {
	q := url.Values{}
	for _, k := range []string{"period", "number", "agency", "own", "with", "procedure", "officer"} {
		if x := f.query.Get(k); x != "" {
			q.Set(k, x)
		}
	}
	if why != "" {
		q.Set("why", string(why))
	}
	return "/figures/dossiers?" + q.Encode()
}

type figureProcedure struct {
	Code dossier.ProcedureCode
	Why  figures.Why
}

var whys = []figures.Why{figures.Counts, figures.Missing, figures.NothingToDo, figures.Exempt, figures.NoAppointment, figures.NotResolved, figures.OutOfPeriod}

// mostFacts is how many dossiers a list behind a number shows at once.
const mostFacts = 100

// figureList shows the dossiers behind a number.
func (s *server) figureList(v *visit) error {
	after, err := markOf(v.r.FormValue("after"))
	if err != nil {
		return err
	}
	view, err := s.figureListOf(v, after, mostFacts)
	if err != nil {
		return err
	}
	if next := view.next; next != nil {
		view.Next = view.To(view.Why) + "&after=" + url.QueryEscape(fmt.Sprintf("%s %d %s", next.Agency, next.Received, next.Code))
	}
	return s.show(v, http.StatusOK, "figures_list", "figures.list", view)
}

// figureListOf finds the dossiers behind a number: which count, which do not,
// and why. How many there are of each comes from the counts, so that a list of
// millions begins as quickly as one of ten.
func (s *server) figureListOf(v *visit, after figures.Mark, limit int) (view figureListView, err error) {
	sp, q, err := s.asked(v)
	if err != nil {
		return view, err
	}
	view = figureListView{Span: sp, Number: number(v.r.FormValue("number")), Agency: dossier.AgencyCode(v.r.FormValue("agency")),
		Why: figures.Why(v.r.FormValue("why")), Counts: map[figures.Why]int{}, Whys: whys, SpanIn: spanName(v.lang, sp.Key), Lang: v.lang,
		Officers: slices.Contains(rights[grade], v.who.Role), query: v.r.Form}
	if q.Officer = dossier.PersonID(v.r.FormValue("officer")); q.Officer != "" && !view.Officers && q.Officer != v.who.ID {
		return view, fmt.Errorf("%w: whose work it is", dossier.ErrForbidden)
	}
	if view.N, err = s.names(v.ctx()); err != nil {
		return view, err
	}
	if v.r.FormValue("with") == withMerged && len(q.Agencies) == 1 {
		more, err := s.merging(v, q.Agencies[0])
		if err != nil {
			return view, err
		}
		view.Merged, q.Agencies = true, append(q.Agencies, more...)
	}
	stands := view.Number.stands
	if i, ok := figures.Find(string(view.Number), sp.Period.From); ok && i.Stands != nil {
		view.Indicator, stands = &i, i.Stands
	} else if ok && i.Procedure != nil {
		view.Indicator = &i
		return view, s.figureProcedures(v, q, &view)
	} else if !has("number." + string(view.Number)) {
		return view, dossier.ErrNotFound
	}
	in, err := s.cells(v, q)
	if err != nil {
		return view, err
	}
	for f, n := range in.All() {
		view.Counts[stands(f, sp.Period)] += n
	}
	want := func(f figures.Fact) bool { return view.Why == "" || stands(f, sp.Period) == view.Why }
	facts, next, err := s.Figures.FiguresBehind(v.ctx(), q, want, after, limit)
	if view.next = next; err != nil {
		return view, err
	}
	for _, f := range facts {
		view.Facts = append(view.Facts, figureFact{Fact: f, Why: stands(f, sp.Period)})
		if view.Officers {
			if err := s.withSome(v.ctx(), view.N, f.Officer); err != nil {
				return view, err
			}
		}
	}
	return view, s.withAttempts(v, &view)
}

// withAttempts adds the papers that were brought for the dossiers that miss one
// and do not count: refused, the same twice, or not to be read.
func (s *server) withAttempts(v *visit, view *figureListView) error {
	var codes []dossier.Code
	for _, f := range view.Facts {
		if f.Why == figures.Missing {
			codes = append(codes, f.Dossier)
		}
	}
	tried, err := s.Figures.Attempts(v.ctx(), codes)
	for i := range view.Facts {
		f := &view.Facts[i]
		for _, d := range tried {
			if f.Why == figures.Missing && d.Dossier == f.Dossier {
				f.Tried = append(f.Tried, d)
			}
		}
	}
	return err
}

// markOf reads the place in a list that a page links to.
func markOf(s string) (figures.Mark, error) {
	if s == "" {
		return figures.Mark{}, nil
	}
	parts := strings.Split(s, " ")
	if len(parts) != 3 {
		return figures.Mark{}, invalid("figures.period")
	}
	at, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil {
		return figures.Mark{}, invalid("figures.period")
	}
	return figures.Mark{Agency: dossier.AgencyCode(parts[0]), Received: at, Code: dossier.Code(parts[2])}, nil
}

// figureProcedures is figureListOf for a figure that counts procedures.
func (s *server) figureProcedures(v *visit, q figures.CellQuery, view *figureListView) error {
	q.ByProcedure = true
	in, err := s.cells(v, q)
	if err != nil {
		return err
	}
	if err := s.withProcedures(v, &in, q.Procedure); err != nil {
		return err
	}
	by := map[dossier.ProcedureCode][]figures.Fact{}
	for f := range in.All() {
		by[f.Procedure] = append(by[f.Procedure], f)
	}
	for _, p := range in.Procedures {
		why := view.Indicator.Procedure(p, by[p.Code], q.Period)
		view.Counts[why]++
		if view.Why == "" || view.Why == why {
			view.Procedures = append(view.Procedures, figureProcedure{p.Code, why})
		}
	}
	slices.SortFunc(view.Procedures, func(a, b figureProcedure) int {
		return cmp.Or(slices.Index(whys, a.Why)-slices.Index(whys, b.Why), cmp.Compare(a.Code, b.Code))
	})
	return nil
}
