package web

import (
	"slices"

	"sohoa/dossier"
	"sohoa/dossier/figures"
	"sohoa/dossier/figures/closing"
)

// mergedView is one figure of an agency that took others over, month by month, by
// both maps: as each of the agencies of before had it, and as the one of today has
// it. Each dossier is one agency's, so the sums are equal.
type mergedView struct {
	Of     figures.Indicator
	Old    []dossier.AgencyCode // with the one that is left, in its old bounds
	Months []mergedMonth        // the oldest first
	Sum    mergedMonth          // over all months
	c      *chartsView
}

type mergedMonth struct {
	Key   closing.Month
	Span  string         // key of the period
	Old   []figures.Rate // as the agencies are
	New   figures.Rate   // by the map of today
	Equal bool
}

// Behind is where the dossiers of one of the old agencies are listed.
func (m *mergedView) Behind(at mergedMonth, i int) string {
	return behind(at.Span, m.Old[i], "procedure", string(m.c.Only), "number", m.Of.Key)
}

// BehindNew is where the dossiers of the agency of today are listed, with those of
// all that went into it.
func (m *mergedView) BehindNew(at mergedMonth) string {
	return behind(at.Span, m.Old[0], "with", withMerged, "procedure", string(m.c.Only), "number", m.Of.Key)
}

// withMerged asks for an agency's dossiers with those of all that went into it.
const withMerged = "merged"

// merging returns those that went into an agency and that the visitor sees.
func (s *server) merging(v *visit, at dossier.AgencyCode) ([]dossier.AgencyCode, error) {
	old, err := s.Catalogue.Merged(v.ctx(), at)
	return slices.DeleteFunc(old, func(a dossier.AgencyCode) bool { return !v.sight.has(a) }), err
}

// Percent, Share and Month are the charts'.
func (m *mergedView) Percent(r figures.Rate) string { return m.c.Percent(r) }

// Share writes numerator and denominator.
func (m *mergedView) Share(r figures.Rate) string { return m.c.Share(r) }

// Month puts a month into words.
func (m *mergedView) Month(at closing.Month) string { return m.c.Month(at) }

// merged tells the figure that is drawn by both maps; nil of an agency that took
// nobody over, and of what one received itself. It counts the dossiers of now, also
// of closed months.
func (s *server) merged(v *visit, c *chartsView, at dossier.AgencyCode, by parts) (*mergedView, error) {
	if at == "" || c == nil || by.alone || len(c.Months) == 0 {
		return nil, nil
	}
	old, err := s.merging(v, at)
	if err != nil || len(old) == 0 {
		return nil, err
	}
	m := &mergedView{Of: c.Of, Old: append([]dossier.AgencyCode{at}, old...), c: c}
	whole := figures.Period{From: c.Months[0].Key.Period().From, To: c.Months[len(c.Months)-1].Key.Period().To}
	var cells []figures.Cell
	if err := s.Figures.EachCell(v.ctx(), figures.CellQuery{Period: whole, Agencies: m.Old, Procedure: by.only}, func(c figures.Cell) { cells = append(cells, c) }); err != nil {
		return nil, err
	}
	into := figures.Map{}
	for _, a := range old {
		into[a] = at
	}
	m.Sum.Span = string(c.Months[0].Key) + ".." + string(c.Months[len(c.Months)-1].Key)
	m.Sum.Old, m.Sum.Equal = make([]figures.Rate, len(m.Old)), true
	for _, month := range c.Months {
		one := m.month(month.Key, cells, into)
		for i, r := range one.Old {
			m.Sum.Old[i] = plus(m.Sum.Old[i], r)
		}
		m.Sum.New, m.Sum.Equal = plus(m.Sum.New, one.New), m.Sum.Equal && one.Equal
		m.Months = append(m.Months, one)
	}
	return m, nil
}

// month counts a month by both maps.
func (m *mergedView) month(at closing.Month, cells []figures.Cell, into figures.Map) mergedMonth {
	out := mergedMonth{Key: at, Span: string(at), Old: make([]figures.Rate, len(m.Old))}
	of, ok := figures.Find(m.Of.Key, at.Period().From)
	if !ok {
		return out
	}
	in := figures.Input{Cells: cells, Period: at.Period()}
	var sum figures.Rate
	for _, g := range in.By(nil) {
		if i := slices.Index(m.Old, g.Agency); i >= 0 {
			out.Old[i] = of.Of(g.Input).Rate
			sum = plus(sum, out.Old[i])
		}
	}
	for _, g := range in.By(into) {
		out.New = plus(out.New, of.Of(g.Input).Rate)
	}
	out.Equal = sum == out.New
	return out
}

func plus(a, b figures.Rate) figures.Rate {
	return figures.Rate{Numerator: a.Numerator + b.Numerator, Denominator: a.Denominator + b.Denominator}
}
