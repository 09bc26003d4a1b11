// Package feed tells a closed month to the ministry's measurement: the group
// "số hóa hồ sơ" of QĐ 766/QĐ-TTg under the keys of the national portal, for the
// house and for each receiving agency. docs/feed.schema.json is its form.
//
// It is an adapter. Where and how the measurement (EMC, and the reporting for DTI)
// takes figures was not found in any public act; the portal's own interface is
// not documented. So nothing is sent: the file is made, and whoever knows the
// address sends it. Its grades say which formulas were not compared with the
// act.
package feed

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/figures"
	"sohoa/dossier/figures/closing"
	"sohoa/report"
)

// A Feed is what is told of a month.
type Feed struct {
	Format    string      `json:"format"` // of this form
	Period    string      `json:"period"` // YYYY-MM
	Version   int         `json:"version"`
	Issuer    string      `json:"issuer"` // code of the agency that sealed the month
	Closed    time.Time   `json:"closed"`
	Statement string      `json:"statement"` // SHA-256 of what the numbers stand in
	Demo      bool        `json:"demo"`
	Target    string      `json:"target"` // whether the receiver's form is known: "unverified"
	Whole     []Indicator `json:"indicators"`
	Agencies  []Agency    `json:"agencies"`
}

// An Agency is the indicators over the dossiers that one agency received.
type Agency struct {
	Code       string      `json:"code"`
	Indicators []Indicator `json:"indicators"`
}

// An Indicator is one figure. Numbers are null where it is not told: what is not
// collected is no zero.
type Indicator struct {
	Key         string   `json:"key"`
	Numerator   *int     `json:"numerator"`
	Denominator *int     `json:"denominator"`
	Rate        *string  `json:"rate"`   // per cent, two decimals with a point: "47.86"
	Points      *string  `json:"points"` // likewise; null where their rule is not known
	MaxPoints   int      `json:"maxPoints"`
	Lacks       []string `json:"lacks"` // what would have to be collected
	Grade       string   `json:"grade"` // how surely the formula is the act's
}

// Format1 names this form.
const Format1 = "sohoa-feed-1"

// Of tells a month.
func Of(m report.Month) Feed {
	f := Feed{Format: Format1, Period: string(m.Statement.Month), Version: m.Statement.Version, Issuer: string(m.Issuer.Code),
		Closed: m.Closing.At.In(dossier.VietNam), Statement: m.Closing.Statement.String(), Demo: m.Statement.Demo, Target: "unverified",
		Whole: indicators(m, m.Statement.Figures), Agencies: []Agency{}}
	for _, a := range m.Statement.Agencies {
		f.Agencies = append(f.Agencies, Agency{string(a.Agency), indicators(m, a.Figures)})
	}
	return f
}

// Bytes returns f as it is sent.
func (f Feed) Bytes() ([]byte, error) {
	b, err := json.MarshalIndent(f, "", "  ")
	return append(b, '\n'), err
}

func indicators(m report.Month, all []closing.Figure) []Indicator {
	out := []Indicator{}
	for _, x := range report.Family(all, figures.QD766) {
		i, _ := m.Indicator(x.Key)
		y := Indicator{Key: x.Key, MaxPoints: i.Max, Lacks: append([]string{}, x.Lacks...), Grade: string(x.Grade)}
		slices.Sort(y.Lacks)
		if x.Told {
			y.Numerator, y.Denominator, y.Rate, y.Points = &x.Numerator, &x.Denominator, point(x.Percent), point(x.Points)
		}
		out = append(out, y)
	}
	return out
}

// point writes "47,86" as programs do; nil of none.
func point(s string) *string {
	if s = strings.Replace(s, ",", ".", 1); s == "–" {
		return nil
	}
	return &s
}
