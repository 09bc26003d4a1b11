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

// parts are the agencies that figures are told apart for: those right under one,
// each with all under it, and the one with what it received itself.
type parts struct {
	own   dossier.AgencyCode                        // empty: none, there are those of the top
	below []dossier.AgencyCode                      // right under it
	of    map[dossier.AgencyCode]dossier.AgencyCode // to which of them each agency belongs
	alone bool                                      // nothing but what own received itself
	only  dossier.ProcedureCode                     // of which alone dossiers count; empty: of all
}

// narrowed returns p with what the one received itself alone, or with the dossiers
// of one procedure, or both.
func (p parts) narrowed(own bool, only dossier.ProcedureCode) parts {
	if p.alone = own; own {
		p.below, p.of = nil, map[dossier.AgencyCode]dossier.AgencyCode{p.own: p.own}
	}
	p.only = only
	return p
}

func partsOf(agencies []dossier.Agency, at dossier.AgencyCode) parts {
	p := parts{own: at, of: map[dossier.AgencyCode]dossier.AgencyCode{}}
	below := map[dossier.AgencyCode][]dossier.AgencyCode{}
	for _, a := range agencies {
		below[a.Parent] = append(below[a.Parent], a.Code)
	}
	p.below = below[at]
	var take func(code, part dossier.AgencyCode)
	take = func(code, part dossier.AgencyCode) {
		if _, seen := p.of[code]; seen { // of a circle
			return
		}
		p.of[code] = part
		for _, c := range below[code] {
			take(c, part)
		}
	}
	if at != "" {
		p.of[at] = at
	}
	for _, code := range p.below {
		take(code, code)
	}
	return p
}

// series returns a figure over dossiers month by month, for each of the parts: what
// the closed months were closed with. The open ones are still to be counted; of one
// procedure all are, since no statement tells of it.
func (s *server) series(v *visit, key string, list []closing.Month, by parts) ([]monthRates, error) {
	var newest map[closing.Month]closing.Closing
	if by.only == "" {
		var err error
		if newest, err = s.newest(v); err != nil {
			return nil, err
		}
	}
	out := make([]monthRates, len(list))
	for i, m := range list {
		out[i] = monthRates{Month: m, By: map[dossier.AgencyCode]figures.Rate{}}
		c, closed := newest[m]
		if !closed {
			continue
		}
		said, err := s.said.of(v.ctx(), s.Closings, c)
		if err != nil {
			return nil, err
		}
		out[i].Version, out[i].Told = c.Version, said[key] != nil
		for a, r := range said[key] {
			if part, ok := by.of[a]; ok && v.sight.has(a) {
				out[i].By[part] = plus(out[i].By[part], r)
			}
		}
	}
	return out, nil
}
