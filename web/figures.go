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
	"sohoa/dossier/figures/closing"
)

// span is a period that can be chosen: a month 2026-11, a quarter 2026-Q4, a year
// 2026, or months one after the other 2025-12..2026-11.
type span struct {
	Key    string
	Period figures.Period
}

// spanOf reads the key of a span.
func spanOf(key string) (span, error) {
	wrong := invalid("figures.period")
	if from, to, more := strings.Cut(key, ".."); more {
		return spanOfMonths(key, from, to)
	}
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

// spanKey is the key of the span that a period is, the shortest there is; empty if it is
// none.
func spanKey(p figures.Period) string {
	from, to, ok := p.Months()
	if !ok || to <= from || to-from > mostMonths {
		return ""
	}
	first := from.String()
	for _, key := range []string{first, fmt.Sprintf("%s-Q%d", first[:4], (int(from)%12)/3+1), first[:4], first + ".." + (to - 1).String()} {
		if sp, err := spanOf(key); err == nil && sp.Period.From.Equal(p.From) && sp.Period.To.Equal(p.To) {
			return key
		}
	}
	return ""
}

// mostMonths bounds a span of months one after the other.
const mostMonths = 36

// spanOfMonths reads the key of a span of months by the first and the last of them.
func spanOfMonths(key, from, to string) (span, error) {
	first, err := closing.ParseMonth(from)
	last, err2 := closing.ParseMonth(to)
	if err != nil || err2 != nil {
		return span{}, invalid("figures.period")
	}
	p := figures.Period{From: first.Period().From, To: last.Period().To}
	if n := figures.MonthOf(p.To) - figures.MonthOf(p.From); n < 1 || n > mostMonths {
		return span{}, invalid("figures.period")
	}
	return span{key, p}, nil
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
	if from, to, more := strings.Cut(key, ".."); more {
		return spanName(lang, from) + " – " + spanName(lang, to)
	}
	year, rest, part := strings.Cut(key, "-")
	switch q, isQuarter := strings.CutPrefix(rest, "Q"); {
	case !part:
		return fmt.Sprintf(say(lang, "figures.year"), year)
	case isQuarter:
		return fmt.Sprintf(say(lang, "figures.quarter"), q, year)
	case lang == "en":
		if m, err := strconv.Atoi(rest); err == nil && m >= 1 && m <= 12 {
			return time.Month(m).String() + " " + year
		}
		fallthrough
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
	Agency                  dossier.AgencyCode    // whose figures, with those under it; empty: all
	Asked                   dossier.AgencyCode    // that was named
	Procedure               dossier.ProcedureCode // only of this one; empty: of all
	Own                     bool                  // only what the agency received itself
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
	return behind(f.Span.Key, r.Agency.Code, "own", ticked(r.Own), "procedure", string(f.Procedure))
}

// Open is where the dossiers behind a number of the whole page are listed.
func (f figuresView) Open(n string) string {
	return behind(f.Span.Key, f.Asked, "own", ticked(f.Own), "procedure", string(f.Procedure), "number", n)
}

// Page is the address of the page of an agency, as far as this one is narrowed.
func (f figuresView) Page(a dossier.AgencyCode) string {
	return spanAddress("/figures", f.Span.Key, a, "procedure", string(f.Procedure))
}

// Whole is the address of this page without its narrowing.
func (f figuresView) Whole() string { return spanAddress("/figures", f.Span.Key, f.Asked) }

// By is the address of what the page shows by procedure, or by officer.
func (f figuresView) By(what string) string {
	return spanAddress("/figures/by", f.Span.Key, f.Agency, "by", what, "own", ticked(f.Own), "procedure", string(f.Procedure))
}

// Export is where what the page shows can be taken away.
func (f figuresView) Export(format string) string {
	return spanAddress("/figures/export", f.Span.Key, f.Asked, "own", ticked(f.Own), "procedure", string(f.Procedure), "format", format)
}

// Other reports whether the period is none of those that the form offers.
func (f figuresView) Other() bool {
	return !slices.Contains(slices.Concat(f.Years, f.Quarters, f.Months), f.Span.Key)
}

// ticked is how an address says yes; no is not said.
func ticked(yes bool) string {
	if yes {
		return "1"
	}
	return ""
}

// Outside puts the dossiers into words that stand outside of a figure's denominator.
func (f figuresView) Outside(m figures.Measure) string {
	return outside(outsideOf(m), func(why string) string { return say(f.Lang, "why."+why) })
}

// Rules is the first moment of the set of rules by which the period is counted.
func (f figuresView) Rules() time.Time { return figures.RulesSince(f.Span.Period.From) }

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
	own := q.Own && len(q.Agencies) > 0
	if top := under(agencies, ""); len(q.Agencies) == 0 && len(top) == 1 { // all is one agency's: its parts say more
		q.Agencies = codesOf(top)
	}
	view := figuresView{Span: sp, Lang: v.lang, Procedure: q.Procedure, Own: own, Officers: slices.Contains(rights[grade], v.who.Role)}
	if len(q.Agencies) > 0 {
		view.Agency, view.Asked = q.Agencies[0], dossier.AgencyCode(v.r.FormValue("agency"))
	}
	view.Years, view.Quarters, view.Months = spans(s.Now())
	if view.N, err = s.names(v.ctx()); err != nil {
		return err
	}
	by := partsOf(agencies, view.Agency).narrowed(own, q.Procedure)
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
	if view.Groups, err = s.groups(v, sp, in, q.Procedure); err != nil {
		return err
	}
	if view.Closed, err = s.closed(v, sp); err != nil {
		return err
	}
	if view.Merged, err = s.merged(v, view.Charts, view.Agency, by); err != nil {
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
func (s *server) groups(v *visit, sp span, in figures.Input, only dossier.ProcedureCode) ([]figureGroup, error) {
	if err := s.withProcedures(v, &in, only); err != nil {
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

// withProcedures adds the catalogue, which some indicators count, or the only
// procedure that is asked for. This house collects nothing of what the national
// portal knows.
func (s *server) withProcedures(v *visit, in *figures.Input, only dossier.ProcedureCode) error {
	all, err := s.Catalogue.Procedures(v.ctx())
	for _, p := range all {
		if only != "" && p.Code != only {
			continue
		}
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
		return figures.IsResolved(f, p)
	case numReused:
		return figures.UsesAgain(f, p)
	}
	return figures.IsReceived(f, p)
}
