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
	Own     bool // what it received itself, beside those under it
	Figures figures.Figures
}

type figuresView struct {
	Span                    span
	Years, Quarters, Months []string
	Total                   figures.Figures
	Rows                    []figureRow
	Agency                  dossier.AgencyCode // whose figures, with those under it; empty: all
	Asked                   dossier.AgencyCode // that was named
	Owed                    []dossier.ProcedureCode
	Officers                bool // the visitor may see whose work it is
	Groups                  []figureGroup
	Closed                  *closedMonth // nil: not a month, or not over
	Charts                  *chartsView
	Merged                  *mergedView // nil: the agency took nobody over
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

// Row begins the address behind a number of a row.
func (f figuresView) Row(r figureRow) string {
	own := ""
	if r.Own {
		own = "1"
	}
	return behind(f.Span.Key, r.Agency.Code, "own", own)
}

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

// asked reads which figures are asked for: a period, and an agency with those
// under it, which is the visitor's own if none is named. Of one that the visitor
// does not see there are none.
func (s *server) asked(v *visit) (span, figures.CellQuery, error) {
	sp, err := spanOf(or(v.r.FormValue("period"), spanNow(s.Now())))
	q := figures.CellQuery{Period: sp.Period, Procedure: dossier.ProcedureCode(v.r.FormValue("procedure")), Own: v.r.FormValue("own") != ""}
	agency := dossier.AgencyCode(v.r.FormValue("agency"))
	switch {
	case agency != "" && v.sight.has(agency):
		q.Agencies = []dossier.AgencyCode{agency}
	case agency != "":
		q.Agencies = []dossier.AgencyCode{nowhere}
	case !v.sight.all:
		q.Agencies = []dossier.AgencyCode{cmp.Or(v.who.Agency, nowhere)}
	}
	if err == nil {
		err = v.figuresWithin()
	}
	return sp, q, err
}

// cells asks for counts of q.
func (s *server) cells(v *visit, q figures.CellQuery) (figures.Input, error) {
	found, err := s.Figures.Cells(v.ctx(), q)
	return figures.Input{Cells: found, Period: q.Period}, err
}

func (s *server) figures(v *visit) error {
	sp, q, err := s.asked(v)
	if err != nil {
		return err
	}
	agencies, err := s.Catalogue.Agencies(v.ctx())
	if err != nil {
		return err
	}
	if top := under(agencies, ""); len(q.Agencies) == 0 && len(top) == 1 { // all is one agency's: its parts say more
		q.Agencies = codesOf(top)
	}
	view := figuresView{Span: sp, Lang: v.lang, Officers: slices.Contains(rights[grade], v.who.Role)}
	if len(q.Agencies) > 0 {
		view.Agency, view.Asked = q.Agencies[0], dossier.AgencyCode(v.r.FormValue("agency"))
	}
	view.Years, view.Quarters, view.Months = spans(s.Now())
	if view.N, err = s.names(v.ctx()); err != nil {
		return err
	}
	by := partsOf(agencies, view.Agency)
	charts, all, err := s.charts(v, sp, view.Agency, by)
	if err != nil {
		return err
	}
	c, err := s.count(v, sp.Period, charts.Of.Key, all, by)
	if err != nil {
		return err
	}
	charts.fill(all, spanMonths(sp), view.N)
	view.Charts, view.Rows = charts, figureRows(c, by, agencies)
	in := c.total()
	view.Total = in.Figures()
	if view.Groups, err = s.groups(v, sp, in); err != nil {
		return err
	}
	if view.Closed, err = s.closed(v, sp); err != nil {
		return err
	}
	if view.Merged, err = s.merged(v, view.Charts, view.Agency); err != nil {
		return err
	}
	if view.Closed != nil && len(view.Closed.Versions) > 0 {
		if err = s.withPeople(v.ctx(), view.N); err != nil {
			return err
		}
	}
	if view.Owed, err = s.Figures.FiguresOwed(v.ctx()); err != nil {
		return err
	}
	return s.show(v, http.StatusOK, "figures", "figures.title", view)
}

// under returns the agencies right under one; under none those of the top.
func under(agencies []dossier.Agency, code dossier.AgencyCode) (out []dossier.Agency) {
	for _, a := range agencies {
		if a.Parent == code {
			out = append(out, a)
		}
	}
	return out
}

func codesOf(agencies []dossier.Agency) (out []dossier.AgencyCode) {
	for _, a := range agencies {
		out = append(out, a.Code)
	}
	return out
}

// groups counts the indicators in force when the period began, those apart that
// the tiles show already.
func (s *server) groups(v *visit, sp span, in figures.Input) ([]figureGroup, error) {
	if err := s.withProcedures(v, &in); err != nil {
		return nil, err
	}
	out := []figureGroup{{Family: figures.Everyday}, {Family: figures.QD766}}
	for _, m := range figures.Measures(figures.At(sp.Period.From), in) {
		i := m.Indicator
		if i.Key == string(numDossiers) || i.Key == string(numResults) {
			continue
		}
		g := &out[slices.IndexFunc(out, func(g figureGroup) bool { return g.Family == i.Family })]
		g.Measures, g.Points = append(g.Measures, m), g.Points || i.Max > 0
	}
	return slices.DeleteFunc(out, func(g figureGroup) bool { return len(g.Measures) == 0 }), nil
}

// withProcedures adds the catalogue, which some indicators count. This house
// collects nothing of what the national portal knows.
func (s *server) withProcedures(v *visit, in *figures.Input) error {
	all, err := s.Catalogue.Procedures(v.ctx())
	for _, p := range all {
		in.Procedures = append(in.Procedures, figures.Procedure{Code: p.Code, Level: p.Level})
	}
	return err
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
