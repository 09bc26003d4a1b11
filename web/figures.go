package web

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/figures"
)

// span is a period that can be chosen: a month 2026-11, a quarter 2026-Q4 or a
// year 2026.
type span struct {
	Key    string
	Period figures.Period
}

// spanOf reads the key of a span.
func spanOf(key string) (span, error) {
	wrong := invalid("figures.period")
	year, rest, part := strings.Cut(key, "-")
	y, err := strconv.Atoi(year)
	if err != nil || len(year) != 4 || y < 2000 || y > 2199 {
		return span{}, wrong
	}
	if !part {
		return span{key, figures.Year(y)}, nil
	}
	if q, ok := strings.CutPrefix(rest, "Q"); ok {
		n, err := strconv.Atoi(q)
		if err != nil || len(q) != 1 || n < 1 || n > 4 {
			return span{}, wrong
		}
		m := time.Month(3*n - 2)
		return span{key, figures.Period{From: figures.Month(y, m).From, To: figures.Month(y, m+2).To}}, nil
	}
	m, err := strconv.Atoi(rest)
	if err != nil || len(rest) != 2 || m < 1 || m > 12 {
		return span{}, wrong
	}
	return span{key, figures.Month(y, time.Month(m))}, nil
}

// spanNow is the key of the month that now is in.
func spanNow(now time.Time) string { return now.In(dossier.VietNam).Format("2006-01") }

// spans lists what the form offers: this year and the two before, with their
// quarters and months, newest first.
func spans(now time.Time) (years, quarters, months []string) {
	now = now.In(dossier.VietNam)
	for y := now.Year(); y > now.Year()-3; y-- {
		years = append(years, fmt.Sprint(y))
		for q := 4; q >= 1; q-- {
			if y < now.Year() || q <= (int(now.Month())+2)/3 {
				quarters = append(quarters, fmt.Sprintf("%d-Q%d", y, q))
			}
		}
		for m := 12; m >= 1; m-- {
			if y < now.Year() || m <= int(now.Month()) {
				months = append(months, fmt.Sprintf("%d-%02d", y, m))
			}
		}
	}
	return years, quarters, months
}

// spanName puts the key of a span into words.
func spanName(lang, key string) string {
	year, rest, part := strings.Cut(key, "-")
	switch q, isQuarter := strings.CutPrefix(rest, "Q"); {
	case !part:
		return fmt.Sprintf(say(lang, "figures.year"), year)
	case isQuarter:
		return fmt.Sprintf(say(lang, "figures.quarter"), q, year)
	default:
		return fmt.Sprintf(say(lang, "figures.month"), rest, year)
	}
}

type figureRow struct {
	Agency  dossier.Agency
	Figures figures.Figures
}

type figuresView struct {
	Span                    span
	Years, Quarters, Months []string
	Total                   figures.Figures
	Rows                    []figureRow
	Groups                  []figureGroup
	Closed                  *closedMonth // nil: not a month, or not over
	Charts                  *chartsView
	N                       names
	Lang                    string
}

// figureGroup is the indicators of one family, as they were counted.
type figureGroup struct {
	Family   figures.Family
	Measures []figures.Measure
	Points   bool // some of them give points
}

// Name puts the key of a period into words.
func (f figuresView) Name(key string) string { return spanName(f.Lang, key) }

// Of returns an indicator's name.
func (f figuresView) Of(i figures.Indicator) string { return indicatorName(f.Lang, i) }

// Of returns an indicator's name.
func (f figureListView) Of(i *figures.Indicator) string { return indicatorName(f.Lang, *i) }

func indicatorName(lang string, i figures.Indicator) string {
	if lang == "en" {
		return i.EN
	}
	return i.VI
}

// facts are the facts of a chosen period in the visitor's scope.
func (s *server) facts(v *visit) (span, []figures.Fact, error) {
	sp, err := spanOf(or(v.r.FormValue("period"), spanNow(s.Now())))
	if err != nil {
		return sp, nil, err
	}
	facts, err := s.Figures.Facts(v.ctx(), sp.Period, v.sight.agencies())
	return sp, facts, err
}

func (s *server) figures(v *visit) error {
	sp, facts, err := s.facts(v)
	if err != nil {
		return err
	}
	agencies, err := s.Catalogue.Agencies(v.ctx())
	if err != nil {
		return err
	}
	view := figuresView{Span: sp, Total: figures.Of(facts, sp.Period), Lang: v.lang}
	view.Years, view.Quarters, view.Months = spans(s.Now())
	if view.Groups, err = s.groups(v, sp, facts); err != nil {
		return err
	}
	if view.Closed, err = s.closed(v, sp); err != nil {
		return err
	}
	if view.Charts, err = s.charts(v, sp); err != nil {
		return err
	}
	if view.N, err = s.names(v.ctx()); err != nil {
		return err
	}
	if err = s.withPeople(v.ctx(), view.N); err != nil {
		return err
	}
	by := map[dossier.AgencyCode][]figures.Fact{}
	for _, f := range facts {
		by[f.Receiving] = append(by[f.Receiving], f)
	}
	for _, a := range agencies {
		if v.sight.has(a.Code) {
			view.Rows = append(view.Rows, figureRow{a, figures.Of(by[a.Code], sp.Period)})
			delete(by, a.Code)
		}
	}
	for code, rest := range by { // of agencies that are not in the catalogue, or out of sight but competent here
		view.Rows = append(view.Rows, figureRow{dossier.Agency{Code: code, Name: string(code)}, figures.Of(rest, sp.Period)})
	}
	slices.SortFunc(view.Rows, func(a, b figureRow) int { return cmp.Compare(a.Agency.Code, b.Agency.Code) })
	return s.show(v, http.StatusOK, "figures", "figures.title", view)
}

// groups counts the indicators in force when the period began, those apart that
// the tiles show already.
func (s *server) groups(v *visit, sp span, facts []figures.Fact) ([]figureGroup, error) {
	in, err := s.input(v, sp, facts)
	if err != nil {
		return nil, err
	}
	out := []figureGroup{{Family: figures.Everyday}, {Family: figures.QD766}}
	for _, i := range figures.At(sp.Period.From) {
		if i.Key == string(numDossiers) || i.Key == string(numResults) {
			continue
		}
		g := &out[slices.IndexFunc(out, func(g figureGroup) bool { return g.Family == i.Family })]
		g.Measures, g.Points = append(g.Measures, i.Of(in)), g.Points || i.Max > 0
	}
	return slices.DeleteFunc(out, func(g figureGroup) bool { return len(g.Measures) == 0 }), nil
}

// input is what indicators are counted from. This house collects nothing of what
// the national portal knows.
func (s *server) input(v *visit, sp span, facts []figures.Fact) (figures.Input, error) {
	in := figures.Input{Facts: facts, Period: sp.Period}
	all, err := s.Catalogue.Procedures(v.ctx())
	for _, p := range all {
		in.Procedures = append(in.Procedures, figures.Procedure{Code: p.Code, Level: p.Level})
	}
	return in, err
}

// number is one of the figures, by how a dossier stands to it: one of these, or
// the key of an indicator.
type number string

// The numbers of the figures page.
const (
	numReceived number = "received"
	numDossiers number = "dossiers"
	numResolved number = "resolved"
	numResults  number = "results"
	numReused   number = "reused"
)

// stands says how a dossier stands to a number.
func (n number) stands(f figures.Fact, p figures.Period) figures.Why {
	switch n {
	case numDossiers:
		return figures.DossierDigitised(f, p)
	case numResults:
		return figures.ResultDigitised(f, p)
	case numResolved:
		if f.Resolved.IsZero() {
			return figures.NotResolved
		}
		if p.Contains(f.Resolved) {
			return figures.Counts
		}
		return figures.OutOfPeriod
	}
	switch {
	case !p.Contains(f.Received):
		return figures.OutOfPeriod
	case n == numReused && f.Reused == 0:
		return figures.NothingToDo
	}
	return figures.Counts
}

type figureFact struct {
	figures.Fact
	Why figures.Why
}

type figureListView struct {
	Span    span
	Number  number
	Agency  dossier.AgencyCode
	Why     figures.Why // only those; empty: all
	Counts  map[figures.Why]int
	Whys    []figures.Why
	Facts   []figureFact
	More    bool
	N       names
	SpanIn  string
	MostOne int

	Lang       string
	Indicator  *figures.Indicator // nil for the plain numbers
	Procedures []figureProcedure  // behind one that counts procedures
}

type figureProcedure struct {
	Code dossier.ProcedureCode
	Why  figures.Why
}

var whys = []figures.Why{figures.Counts, figures.Missing, figures.NothingToDo, figures.NoAppointment, figures.NotResolved, figures.OutOfPeriod}

// figureList shows the dossiers behind a number: which count, which do not,
// and why.
func (s *server) figureList(v *visit) error {
	sp, facts, err := s.facts(v)
	if err != nil {
		return err
	}
	view := figureListView{Span: sp, Number: number(v.r.FormValue("number")), Agency: dossier.AgencyCode(v.r.FormValue("agency")),
		Why: figures.Why(v.r.FormValue("why")), Counts: map[figures.Why]int{}, Whys: whys, SpanIn: spanName(v.lang, sp.Key), MostOne: mostFacts, Lang: v.lang}
	stands := view.Number.stands
	if i, ok := figures.Find(string(view.Number), sp.Period.From); ok && i.Stands != nil {
		view.Indicator, stands = &i, i.Stands
	} else if ok && i.Procedure != nil {
		view.Indicator = &i
		return s.figureProcedures(v, sp, facts, view)
	} else if !has("number." + string(view.Number)) {
		return dossier.ErrNotFound
	}
	for _, f := range facts {
		if view.Agency != "" && f.Receiving != view.Agency {
			continue
		}
		why := stands(f, sp.Period)
		view.Counts[why]++
		if view.Why == "" || view.Why == why {
			view.Facts = append(view.Facts, figureFact{f, why})
		}
	}
	slices.SortFunc(view.Facts, func(a, b figureFact) int {
		return cmp.Or(slices.Index(whys, a.Why)-slices.Index(whys, b.Why), cmp.Compare(a.Dossier, b.Dossier))
	})
	if view.More = len(view.Facts) > mostFacts; view.More {
		view.Facts = view.Facts[:mostFacts]
	}
	if view.N, err = s.names(v.ctx()); err != nil {
		return err
	}
	return s.show(v, http.StatusOK, "figures_list", "figures.list", view)
}

// figureProcedures is figureList for a figure that counts procedures.
func (s *server) figureProcedures(v *visit, sp span, facts []figures.Fact, view figureListView) error {
	in, err := s.input(v, sp, facts)
	if err != nil {
		return err
	}
	by := map[dossier.ProcedureCode][]figures.Fact{}
	for _, f := range facts {
		by[f.Procedure] = append(by[f.Procedure], f)
	}
	for _, p := range in.Procedures {
		why := view.Indicator.Procedure(p, by[p.Code], sp.Period)
		view.Counts[why]++
		if view.Why == "" || view.Why == why {
			view.Procedures = append(view.Procedures, figureProcedure{p.Code, why})
		}
	}
	slices.SortFunc(view.Procedures, func(a, b figureProcedure) int {
		return cmp.Or(slices.Index(whys, a.Why)-slices.Index(whys, b.Why), cmp.Compare(a.Code, b.Code))
	})
	if view.N, err = s.names(v.ctx()); err != nil {
		return err
	}
	return s.show(v, http.StatusOK, "figures_list", "figures.list", view)
}

// mostFacts is how many dossiers a list behind a number shows at once.
const mostFacts = 500
