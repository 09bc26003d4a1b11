package web

import (
	"context"
	"sync"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/dossier/figures"
	"sohoa/dossier/figures/closing"
)

// monthRates is one figure in one month: of each receiving agency in sight. A
// closed month has the figures it was closed with, another what is counted now.
type monthRates struct {
	Month   closing.Month
	Version int // of the closed month; 0: open
	By      map[dossier.AgencyCode]figures.Rate
	Told    bool // the figure was in force and collected
}

// total sums the agencies: each dossier is one agency's.
func (m monthRates) total() (r figures.Rate) {
	for _, x := range m.By {
		r.Numerator, r.Denominator = r.Numerator+x.Numerator, r.Denominator+x.Denominator
	}
	return r
}

// rates are what a statement says, small enough to be kept.
type rates map[string]map[dossier.AgencyCode]figures.Rate

// A ratesCache keeps what statements say: they never change.
type ratesCache struct {
	mu   sync.Mutex
	kept map[digest.Digest]rates
}

// mostKept bounds the cache: ten years of months and their corrections.
const mostKept = 160

func (c *ratesCache) of(ctx context.Context, from Closings, x closing.Closing) (rates, error) {
	c.mu.Lock()
	r, ok := c.kept[x.Statement]
	c.mu.Unlock()
	if ok {
		return r, nil
	}
	text, _, err := from.Statement(ctx, x.Month, x.Version)
	if err != nil {
		return nil, err
	}
	s, err := closing.Read(text)
	if err != nil {
		return nil, err
	}
	r = rates{}
	for _, a := range s.Agencies {
		for _, f := range a.Figures {
			if len(f.Lacks) > 0 {
				continue
			}
			if r[f.Key] == nil {
				r[f.Key] = map[dossier.AgencyCode]figures.Rate{}
			}
			r[f.Key][a.Agency] = figures.Rate{Numerator: f.Numerator, Denominator: f.Denominator}
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept == nil || len(c.kept) >= mostKept {
		c.kept = map[digest.Digest]rates{}
	}
	c.kept[x.Statement] = r
	return r, nil
}

// months lists n months up to last, the oldest first.
func months(last closing.Month, n int) []closing.Month {
	out := make([]closing.Month, n)
	from := last.Period().From
	for i := range out {
		out[i] = closing.Month(from.AddDate(0, i-n+1, 0).Format("2006-01"))
	}
	return out
}

// series returns a figure over dossiers month by month, as the visitor may see it.
func (s *server) series(v *visit, key string, list []closing.Month) ([]monthRates, error) {
	all, err := s.Closings.Versions(v.ctx(), "")
	if err != nil {
		return nil, err
	}
	newest := map[closing.Month]closing.Closing{}
	for _, c := range all {
		newest[c.Month] = c
	}
	out := make([]monthRates, len(list))
	var open figures.Period // from the first to the last that is not closed
	for i, m := range list {
		out[i] = monthRates{Month: m, By: map[dossier.AgencyCode]figures.Rate{}}
		c, closed := newest[m]
		if !closed {
			if open.From.IsZero() {
				open.From = m.Period().From
			}
			open.To = m.Period().To
			continue
		}
		said, err := s.kept.of(v.ctx(), s.Closings, c)
		if err != nil {
			return nil, err
		}
		out[i].Version, out[i].Told = c.Version, said[key] != nil
		for a, r := range said[key] {
			if v.sight.has(a) {
				out[i].By[a] = r
			}
		}
	}
	if open.From.IsZero() {
		return out, nil
	}
	facts, err := s.Figures.Facts(v.ctx(), open, v.sight.agencies())
	if err != nil {
		return nil, err
	}
	for i := range out {
		if out[i].Version == 0 {
			out[i].count(key, facts)
		}
	}
	return out, nil
}

// count counts a figure of an open month.
func (m *monthRates) count(key string, facts []figures.Fact) {
	p := m.Month.Period()
	i, ok := figures.Find(key, p.From)
	if !ok || i.Stands == nil || i.Needs != 0 {
		return
	}
	m.Told = true
	for _, f := range facts {
		if w := i.Stands(f, p); w == figures.Counts || w == figures.Missing {
			r := m.By[f.Receiving]
			r.Add(w)
			m.By[f.Receiving] = r
		}
	}
}
