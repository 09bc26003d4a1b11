package web

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"sohoa/dossier"
	"sohoa/dossier/figures"
	"sohoa/dossier/figures/closing"
)

// chartsView is one figure over months and agencies, drawn: every number leads
// to the dossiers behind it, and stands in a table too.
type chartsView struct {
	Of      figures.Indicator
	Choices []figures.Indicator // figures that can be drawn
	Span    string              // key of the period that is ranked
	Own     dossier.AgencyCode  // whose figures are its own alone: others have those of all under them
	Alone   bool                // and of all nothing but that
	Only    dossier.ProcedureCode
	Lang    string
	Target  int // per cent that is asked for, or from which all points are given; 0: none
	Now     figures.Rate
	Was     figures.Rate // of the period before, as long
	WasSpan string       // its key
	Months  []chartMonth
	Wide    plot
	Slim    plot
	Rank    []rankRow
	Heat    []heatRow
	Link    string // of the page that the choices stand on
	Public  bool   // nothing leads to dossiers
}

type chartMonth struct {
	Key    closing.Month
	Closed int // version
	Told   bool
	Rate   figures.Rate
}

// rankRow is an agency in its place: agencies with the same rate share one.
type rankRow struct {
	Place  int // 0: nothing to count
	Code   dossier.AgencyCode
	Name   string
	Rate   figures.Rate
	Was    figures.Rate
	Length string // of its bar, 0 to 100
	Met    bool   // the target
}

type heatRow struct {
	Code  dossier.AgencyCode
	Name  string
	Cells template.HTML
}

// percent writes a rate as the figure's rule has it.
func percent(i figures.Indicator, r figures.Rate) string {
	return figures.Measure{Indicator: i, Rate: r}.Percent()
}

// Percent writes a rate with its sign, as readers of the page's language do.
func (c *chartsView) Percent(r figures.Rate) string {
	p := percent(c.Of, r)
	if p == "–" {
		return p
	}
	return decimals(c.Lang, p+" %")
}

// Change is how many percentage points lie between two rates, with its sign;
// empty if one of them is none.
func (c *chartsView) Change(now, was figures.Rate) string {
	a, okA := inTenThousands(now)
	b, okB := inTenThousands(was)
	if !okA || !okB {
		return ""
	}
	d, sign := a-b, "+"
	if d < 0 {
		d, sign = -d, "−"
	}
	d = (d + 5) / 10 // to a tenth of a point
	if d == 0 {
		sign = "±"
	}
	return decimals(c.Lang, fmt.Sprintf("%s%d,%d", sign, d/10, d%10))
}

func inTenThousands(r figures.Rate) (int, bool) {
	if r.Denominator == 0 {
		return 0, false
	}
	return int((2*int64(r.Numerator)*10000 + int64(r.Denominator)) / (2 * int64(r.Denominator))), true
}

// Name puts the key of a period into words, Named an indicator's.
func (c *chartsView) Name(key string) string           { return spanName(c.Lang, key) }
func (c *chartsView) Named(i figures.Indicator) string { return indicatorName(c.Lang, i) }
func (c *chartsView) Month(m closing.Month) string     { return spanName(c.Lang, string(m)) }
func (c *chartsView) Short(m closing.Month) string     { return string(m)[5:] + "/" + string(m)[2:4] }
func (c *chartsView) With(i figures.Indicator) string  { return c.Link + "&of=" + i.Key }
func (c *chartsView) Share(r figures.Rate) string {
	return fmt.Sprintf("%d/%d", r.Numerator, r.Denominator)
}
func (c *chartsView) Behind(m closing.Month) string          { return c.behind(string(m), "") }
func (c *chartsView) BehindSpan(a dossier.AgencyCode) string { return c.behind(c.Span, a) }

// BehindWas is where the dossiers of the period before are listed.
func (c *chartsView) BehindWas() string { return c.behind(c.WasSpan, "") }

// BehindAgency is where the dossiers of an agency in a month are listed.
func (c *chartsView) BehindAgency(m closing.Month, a dossier.AgencyCode) string {
	return c.behind(string(m), a)
}

func (c *chartsView) behind(span string, a dossier.AgencyCode) string {
	own := c.Alone || a != "" && a == c.Own
	return behind(span, cmp.Or(a, c.Own), "own", ticked(own), "procedure", string(c.Only), "number", c.Of.Key)
}

// Shade is the class of a cell's ground: a tenth of the rate, or none.
func (c *chartsView) Shade(m chartMonth) string {
	n, ok := inTenThousands(m.Rate)
	if !ok || !m.Told {
		return "none"
	}
	return fmt.Sprintf("h%d", min(n/1000, 9))
}

// drawable are the figures over dossiers that this house collects, as they were
// in force when p began.
func drawable(p figures.Period) []figures.Indicator {
	return slices.DeleteFunc(figures.At(p.From), func(i figures.Indicator) bool { return i.Stands == nil || i.Needs != 0 })
}

// charts begins to draw the figure that was chosen over the months up to the end of
// sp, of an agency with those under it, or of all: what is closed of them is told,
// the others are to be counted before it is filled.
func (s *server) charts(v *visit, sp span, at dossier.AgencyCode, by parts) (*chartsView, []monthRates, error) {
	c := &chartsView{Choices: drawable(sp.Period), Span: sp.Key, Own: at, Alone: by.alone, Only: by.only, Lang: v.lang,
		Link: spanAddress("/figures", sp.Key, at, "own", ticked(by.alone), "procedure", string(by.only))}
	i := max(slices.IndexFunc(c.Choices, func(i figures.Indicator) bool { return i.Key == v.r.FormValue("of") }), 0)
	c.Of = c.Choices[i]
	within := spanMonths(sp)
	now := closing.Month(spanNow(s.Now()))
	last := min(within[len(within)-1], now)
	if within[0] > now {
		last = within[0]
	}
	all, err := s.series(v, c.Of.Key, months(last, max(12, 2*len(within))), by)
	return c, all, err
}

// spanMonths are the months of a span.
func spanMonths(sp span) (out []closing.Month) {
	for at := sp.Period.From; at.Before(sp.Period.To); at = at.AddDate(0, 1, 0) {
		out = append(out, closing.Month(at.In(dossier.VietNam).Format("2006-01")))
	}
	return out
}

// fill makes the view of a series, of which some months are those of the span.
func (c *chartsView) fill(all []monthRates, within []closing.Month, n names) {
	c.Target = cmp.Or(c.Of.Target, c.Of.Full)
	before := months(closing.Month(within[0].Period().From.AddDate(0, 0, -1).Format("2006-01")), len(within))
	now, was := c.sum(all, within), c.sum(all, before)
	c.Now, c.Was, c.WasSpan = now.total(), was.total(), spanBefore(c.Span)
	shown := all[len(all)-min(12, len(all)):]
	agencies := map[dossier.AgencyCode]bool{}
	for _, m := range shown {
		c.Months = append(c.Months, chartMonth{m.Month, m.Version, m.Told, m.total()})
		for a := range m.By {
			agencies[a] = true
		}
	}
	for a := range agencies {
		row := make([]chartMonth, len(shown))
		for i, m := range shown {
			row[i] = chartMonth{m.Month, m.Version, m.Told, m.By[a]}
		}
		c.Heat = append(c.Heat, heatRow{Code: a, Name: n.Agency(a), Cells: c.heatCells(row, a)})
		c.Rank = append(c.Rank, c.ranked(a, n.Agency(a), now.By[a], was.By[a]))
	}
	slices.SortFunc(c.Heat, func(a, b heatRow) int { return cmp.Compare(a.Code, b.Code) })
	c.place()
	c.Wide, c.Slim = c.draw(720, 240, 13, 1), c.draw(340, 230, 12, 3)
}

func (c *chartsView) ranked(a dossier.AgencyCode, name string, now, was figures.Rate) rankRow {
	r := rankRow{Code: a, Name: name, Rate: now, Was: was}
	if n, ok := inTenThousands(now); ok {
		r.Length, r.Met = fmt.Sprintf("%d.%02d", n/100, n%100), n >= 100*c.Target
	}
	return r
}

// place puts agencies into their order: the higher rate first, the larger
// denominator of equal ones; those without anything to count last.
func (c *chartsView) place() {
	slices.SortFunc(c.Rank, func(a, b rankRow) int {
		x, okX := inTenThousands(a.Rate)
		y, okY := inTenThousands(b.Rate)
		if okX != okY {
			return map[bool]int{true: -1, false: 1}[okX]
		}
		exact := int64(b.Rate.Numerator)*int64(a.Rate.Denominator) - int64(a.Rate.Numerator)*int64(b.Rate.Denominator)
		return cmp.Or(cmp.Compare(y, x), cmp.Compare(exact, 0), cmp.Compare(b.Rate.Denominator, a.Rate.Denominator), cmp.Compare(a.Code, b.Code))
	})
	for i := range c.Rank {
		r := &c.Rank[i]
		switch {
		case r.Rate.Denominator == 0:
		case i > 0 && r.Rate.Numerator*c.Rank[i-1].Rate.Denominator == c.Rank[i-1].Rate.Numerator*r.Rate.Denominator:
			r.Place = c.Rank[i-1].Place
		default:
			r.Place = i + 1
		}
	}
}

// sum adds the months of a span up: splitting a period sums.
func (c *chartsView) sum(all []monthRates, within []closing.Month) monthRates {
	out := monthRates{By: map[dossier.AgencyCode]figures.Rate{}}
	for _, m := range all {
		if !slices.Contains(within, m.Month) {
			continue
		}
		for a, r := range m.By {
			x := out.By[a]
			out.By[a] = figures.Rate{Numerator: x.Numerator + r.Numerator, Denominator: x.Denominator + r.Denominator}
		}
	}
	return out
}

// spanBefore is the key of the span before one, as long.
func spanBefore(key string) string {
	sp, err := spanOf(key)
	if err != nil {
		return key
	}
	at := sp.Period.From.AddDate(0, 0, -1)
	switch {
	case strings.Contains(key, ".."):
		before := months(closing.Month(at.Format("2006-01")), len(spanMonths(sp)))
		return string(before[0]) + ".." + string(before[len(before)-1])
	case strings.Contains(key, "Q"):
		return fmt.Sprintf("%d-Q%d", at.Year(), (int(at.Month())+2)/3)
	case strings.Contains(key, "-"):
		return at.Format("2006-01")
	}
	return at.Format("2006")
}
