package web

import (
	"context"
	"maps"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"sohoa/dossier"
	"sohoa/dossier/figures"
	"sohoa/dossier/figures/closing"
)

// A count reads the cells of an agency's parts once, for all that the page of
// figures tells of them: the sums over the period that is shown, and one figure in
// each open month of the chart.
type count struct {
	period figures.Period
	sums   map[dossier.AgencyCode]*figures.Sum // nil: nothing is summed

	first  figures.MonthNumber // of months
	months []*openMonth        // from the first open one to the last; nil: closed

	at    dossier.AgencyCode // whose cells come now
	sum   *figures.Sum
	rates []figures.Rate // of months
}

// openMonth is a month that is counted now, by the rule of its time.
type openMonth struct {
	*monthRates
	said *figures.Verdicts
}

// whole is the span of months that are to be read.
func (c *count) whole() figures.Period {
	out := c.period
	if len(c.months) == 0 {
		return out
	}
	if c.sums == nil {
		out = figures.Period{From: c.first.Begin(), To: c.first.Begin()}
	}
	if from := c.first.Begin(); from.Before(out.From) {
		out.From = from
	}
	if to := (c.first + figures.MonthNumber(len(c.months))).Begin(); to.After(out.To) {
		out.To = to
	}
	return out
}

// take counts a cell. Those of one agency come together.
func (c *count) take(x figures.Cell) {
	if x.Agency != c.at {
		c.settle()
		c.at = x.Agency
		if c.sum = c.sums[x.Agency]; c.sum == nil && c.sums != nil {
			c.sum = figures.NewSum(c.period)
			c.sums[x.Agency] = c.sum
		}
	}
	if c.sum != nil {
		c.sum.Add(x)
	}
	c.rate(x, x.Received)
	if x.Resolved != x.Received {
		c.rate(x, x.Resolved)
	}
}

// rate counts a cell in a month, if that is open: in every other one it is outside.
func (c *count) rate(x figures.Cell, m figures.MonthNumber) {
	if i := int(m - c.first); i >= 0 && i < len(c.months) && c.months[i] != nil {
		c.rates[i].AddN(c.months[i].said.Of(x), x.N)
	}
}

// settle keeps the rates of the agency whose cells came last.
func (c *count) settle() {
	for i, r := range c.rates {
		if r.Denominator != 0 {
			c.months[i].By[c.at] = r
		}
	}
	clear(c.rates)
}

// count counts the parts of an agency, each with those under it, and what the one
// received itself. The months before those that are shown are read by a query of their
// own at the same time: no number is made of both.
func (s *server) count(v *visit, period figures.Period, key string, told []monthRates, by parts) (*count, error) {
	early := earlier(told, period)
	c := &count{period: period, sums: map[dossier.AgencyCode]*figures.Sum{}}
	c.opened(key, told[early:], s.Now())
	before := &count{period: period}
	before.opened(key, told[:early], s.Now())
	g, ctx := errgroup.WithContext(v.ctx())
	if len(before.months) > 0 {
		g.Go(func() error { return before.read(ctx, s.Figures, by) })
	}
	g.Go(func() error { return c.read(ctx, s.Figures, by) })
	return c, g.Wait()
}

// earlier returns how many of the months are read apart: half of them, if they are
// before the period.
func earlier(told []monthRates, period figures.Period) (n int) {
	for n < len(told)/2 && !told[n].Month.Period().To.After(period.From) {
		n++
	}
	return n
}

// read takes the cells of the parts.
func (c *count) read(ctx context.Context, from Figures, by parts) error {
	q := figures.CellQuery{Period: c.whole(), Procedure: by.only}
	if len(by.below) > 0 {
		q.Agencies = by.below
		if err := from.EachCell(ctx, q, c.take); err != nil {
			return err
		}
	}
	if by.own != "" {
		q.Agencies, q.Own = []dossier.AgencyCode{by.own}, true
		if err := from.EachCell(ctx, q, c.take); err != nil {
			return err
		}
	}
	c.settle()
	return nil
}

// of are the figures' input of one part.
func (c *count) of(a dossier.AgencyCode) figures.Input {
	in := figures.Input{Period: c.period}
	if sum := c.sums[a]; sum != nil {
		in.Cells = sum.Cells(nil, figures.Cell{Agency: a})
	}
	return in
}

// total is the input of all parts together.
func (c *count) total() figures.Input {
	sum := figures.NewSum(c.period)
	for _, a := range slices.Sorted(maps.Keys(c.sums)) {
		sum.AddSum(c.sums[a])
	}
	return figures.Input{Cells: sum.Cells(nil, figures.Cell{}), Period: c.period}
}

// figureRows are the agencies right under the one that is shown, each with all
// that are under it, and what the one received itself.
func figureRows(c *count, by parts, agencies []dossier.Agency) []figureRow {
	var rows []figureRow
	for _, a := range agencies {
		if a.Code == by.own {
			rows = append(rows, figureRow{Agency: a, Own: true, Figures: c.of(a.Code).Figures()})
		}
	}
	for _, a := range under(agencies, by.own) {
		if !slices.Contains(by.below, a.Code) {
			continue
		}
		rows = append(rows, figureRow{Agency: a, Figures: c.of(a.Code).Figures()})
	}
	return rows
}

// opened notes the months that are not closed, with the rule by which a figure is
// counted in each. What is counted of them goes into told, which is of months one
// after the other.
func (c *count) opened(key string, told []monthRates, now time.Time) {
	for i := range told {
		m := &told[i]
		p := m.Month.Period()
		var open *openMonth
		if x, ok := figures.Find(key, p.From); ok && m.Version == 0 && x.Stands != nil && x.Needs == 0 && !p.From.After(now) {
			m.Told = true
			open = &openMonth{m, figures.NewVerdicts(x.Stands, p)}
		}
		if open != nil && len(c.months) == 0 {
			c.first = figures.MonthOf(p.From)
		}
		if open != nil || len(c.months) > 0 {
			c.months = append(c.months, open)
		}
	}
	for n := len(c.months); n > 0 && c.months[n-1] == nil; n-- {
		c.months = c.months[:n-1]
	}
	c.rates = make([]figures.Rate, len(c.months))
}

// newest are the newest versions of closed months.
func (s *server) newest(v *visit) (map[closing.Month]closing.Closing, error) {
	all, err := s.Closings.Versions(v.ctx(), "")
	newest := map[closing.Month]closing.Closing{}
	for _, c := range all {
		newest[c.Month] = c
	}
	return newest, err
}
