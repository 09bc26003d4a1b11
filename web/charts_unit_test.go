package web

import (
	"strings"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/figures"
	"sohoa/dossier/figures/closing"
)

func rate(n, d int) figures.Rate { return figures.Rate{Numerator: n, Denominator: d} }

// chart is a view over three months, of which the middle one is not told.
func chart(lang string) *chartsView {
	i, _ := figures.Find("online", closing.Month("2026-03").Period().From)
	c := &chartsView{Of: i, Span: "2026-03", Lang: lang}
	by := func(a, b, d figures.Rate) map[dossier.AgencyCode]figures.Rate {
		return map[dossier.AgencyCode]figures.Rate{"A": a, "B": b, "C": d, "D": rate(0, 0)}
	}
	c.fill([]monthRates{{"2026-01", 1, by(rate(1, 4), rate(1, 2), rate(2, 4)), true}, {"2026-02", 0, nil, false}, {"2026-03", 0, by(rate(1, 2), rate(3, 4), rate(30, 40)), true}},
		[]closing.Month{"2026-03"}, names{})
	return c
}

// Equal rates share a place, whatever they are fractions of; who has nothing to
// count has none and stands last.
func TestRanking(t *testing.T) {
	c := chart("vi")
	var got []string
	for _, r := range c.Rank {
		got = append(got, string(r.Code)+map[bool]string{true: "+", false: "-"}[r.Met]+string(rune('0'+r.Place)))
	}
	if want := "C+1 B+1 A+3 D-0"; strings.Join(got, " ") != want {
		t.Errorf("%v, want %s", got, want)
	}
	if c.Now != rate(34, 46) || c.Target != 50 {
		t.Errorf("%v against %d", c.Now, c.Target)
	}
}

// A line is broken where nothing is told, and a comparison needs both sides.
func TestPlot(t *testing.T) {
	c := chart("en")
	if n := strings.Count(c.Wide.Line, "M"); n != 2 || strings.Contains(c.Wide.Line, "L") || c.Wide.Points[1].Told {
		t.Errorf("%q", c.Wide.Line)
	}
	for _, x := range []struct {
		now, was figures.Rate
		want     string
	}{{rate(3, 4), rate(1, 2), "+25.0"}, {rate(1, 3), rate(2, 3), "−33.3"}, {rate(1, 2), rate(2, 4), "±0.0"}, {rate(1, 2), rate(0, 0), ""}} {
		if got := c.Change(x.now, x.was); got != x.want {
			t.Errorf("%v after %v: %q, want %q", x.now, x.was, got, x.want)
		}
	}
	for at, want := range map[string]string{"2026-01": "2025-12", "2026-Q1": "2025-Q4", "2026": "2025"} {
		if got := spanBefore(at); got != want {
			t.Errorf("before %s: %s, want %s", at, got, want)
		}
	}
	if got := months("2026-02", 3); got[0] != "2025-12" || got[2] != "2026-02" {
		t.Errorf("%v", got)
	}
}

// What a period is called leads back to it, and what is no span of whole months is
// called nothing.
func TestSpanKeys(t *testing.T) {
	for _, key := range []string{"2026", "2026-Q1", "2026-Q4", "2026-02", "2026-12", "2025-12..2026-11", "2026-02..2026-04", "2024-01..2026-12"} {
		sp, err := spanOf(key)
		if err != nil || spanKey(sp.Period) != key {
			t.Errorf("%s is called %q, %v", key, spanKey(sp.Period), err)
		}
	}
	p := figures.Month(2026, time.March)
	for _, p := range []figures.Period{{From: p.From.AddDate(0, 0, 1), To: p.To}, {From: p.From, To: p.To.AddDate(0, 0, 1)}, {From: p.From, To: p.From}, {From: p.From, To: p.From.AddDate(4, 0, 0)}} {
		if key := spanKey(p); key != "" {
			t.Errorf("%v is called %s", p, key)
		}
	}
	q := figures.CellQuery{Period: p, Agencies: []dossier.AgencyCode{"H60"}, Own: true}
	if got := ListAddress(q, "received", figures.Counts); got != "/figures/dossiers?period=2026-03&agency=H60&own=1&number=received&why=counts" {
		t.Error(got)
	}
	q.Period.To = q.Period.To.AddDate(0, 0, 1)
	if got := ListAddress(q, "received", figures.Counts); got != "" {
		t.Error(got)
	}
}
