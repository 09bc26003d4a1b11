package web

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"

	"sohoa/dossier"
	"sohoa/dossier/figures"
)

// A ProvincePlace is a province in its place among those that published a rate of
// a period, and where it stands.
type ProvincePlace struct {
	Period  string // as it was published: 2024-Q1, 2026-05, 2023
	Place   int    // those with the same rate share one
	Of      int    // how many were ranked
	Moved   int    // places up since the period before; 0: none, or the first
	Code    dossier.AgencyCode
	Name    string
	Rate    figures.Rate // zero: the rate alone was published
	Percent int          // in hundredths
	Source  string
}

// Provinces are what provinces published, ranked: no figures of this house, and
// nothing of a person.
type Provinces struct {
	Places  []ProvincePlace // by period, the oldest first, and place
	Missing []string        // merged ones that cannot be ranked, since a part of them published a rate only: period and code
	Merger  bool            // there is a map of a merger: they can be told by both
}

type provincesView struct {
	Periods []string // the newest first
	Period  string
	Before  string // the period published before it; empty: none
	Merged  bool
	Provinces
	Rank []provinceRow
	Heat []provinceRow
	Lang string
}

type provinceRow struct {
	ProvincePlace
	Length string // of its bar, 0 to 100
	Cells  []provinceCell
}

// Down is how many places a province fell.
func (r provinceRow) Down() int { return -r.Moved }

type provinceCell struct {
	ProvincePlace
	There bool
}

// provinces shows the ranking of provinces over periods, as they published it.
func (s *server) provinces(v *visit) error {
	view, err := s.provincesOf(v)
	if err != nil {
		return err
	}
	return s.show(v, http.StatusOK, "provinces", "provinces.title", view)
}

func (s *server) provincesOf(v *visit) (provincesView, error) {
	view := provincesView{Merged: v.r.FormValue("map") == "new", Lang: v.lang}
	if s.Provinces != nil {
		var err error
		if view.Provinces, err = s.Provinces(v.ctx(), view.Merged); err != nil {
			return view, err
		}
	}
	for _, p := range view.Places {
		if !slices.Contains(view.Periods, p.Period) {
			view.Periods = append(view.Periods, p.Period)
		}
	}
	slices.Reverse(view.Periods)
	if view.Period = v.r.FormValue("period"); !slices.Contains(view.Periods, view.Period) {
		view.Period = ""
		if len(view.Periods) > 0 {
			view.Period = view.Periods[0]
		}
	}
	view.fill()
	return view, nil
}

// mostPeriods is how many periods the heat table shows: the newest.
const mostPeriods = 12

func (p *provincesView) fill() {
	if i := slices.Index(p.Periods, p.Period); i >= 0 && i+1 < len(p.Periods) {
		p.Before = p.Periods[i+1]
	}
	shown := slices.Clone(p.Shown())
	rows := map[dossier.AgencyCode]int{}
	for _, x := range p.Places {
		if x.Period == p.Period {
			p.Rank = append(p.Rank, provinceRow{ProvincePlace: x, Length: fmt.Sprintf("%d.%02d", x.Percent/100, x.Percent%100)})
		}
		at := slices.Index(shown, x.Period)
		if at < 0 {
			continue
		}
		i, there := rows[x.Code]
		if !there {
			i = len(p.Heat)
			rows[x.Code] = i
			p.Heat = append(p.Heat, provinceRow{Cells: make([]provinceCell, len(shown))})
		}
		p.Heat[i].ProvincePlace, p.Heat[i].Cells[at] = x, provinceCell{x, true}
	}
	slices.SortFunc(p.Heat, func(a, b provinceRow) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Code, b.Code)) })
}

// Shown are the periods of the heat table, the oldest first.
func (p provincesView) Shown() []string {
	out := slices.Clone(p.Periods[:min(mostPeriods, len(p.Periods))])
	slices.Reverse(out)
	return out
}

// Name puts a period into words: some are not of the form that this house writes.
func (p provincesView) Name(period string) string {
	if _, err := spanOf(period); err != nil {
		return period
	}
	return spanName(p.Lang, period)
}

// To is the address of the page for a period and a map.
func (p provincesView) To(period, of string) string {
	return "/figures/provinces?period=" + period + "&map=" + of
}

// Percent writes a rate as readers of the page's language do.
func (p provincesView) Percent(x ProvincePlace) string {
	return decimals(p.Lang, fmt.Sprintf("%d,%02d %%", x.Percent/100, x.Percent%100))
}

// Share writes what a rate is made of; empty if that was not published.
func (p provincesView) Share(x ProvincePlace) string {
	if x.Rate.Denominator == 0 {
		return ""
	}
	return fmt.Sprintf("%d/%d", x.Rate.Numerator, x.Rate.Denominator)
}

// Shade is the class of a cell's ground.
func (p provincesView) Shade(c provinceCell) string {
	if !c.There {
		return "none"
	}
	return fmt.Sprintf("h%d", min(c.Percent/1000, 9))
}
