package project

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/dossier/sampling"
)

func day(s string) time.Time {
	t, err := time.ParseInLocation(time.DateOnly, s, dossier.VietNam)
	if err != nil {
		panic(err)
	}
	return t
}

// worked is n dossiers on each working day of November 2026 from a day on.
func worked(from string, counts ...int) (days []Day) {
	d := day(from)
	for _, n := range counts {
		for !(dossier.Calendar{}).Working(d, d) {
			d = d.AddDate(0, 0, 1)
		}
		days = append(days, Day{Day: d.Format(time.DateOnly), Who: "p", Papers: 2 * n, Dossiers: n})
		d = d.AddDate(0, 0, 1)
	}
	return days
}

func TestForesee(t *testing.T) {
	plan := Plan{Dossiers: 1000, From: "2026-11-02", To: "2026-12-31"}
	// Ten equal days: the range is one day. 900 are left, at 10 a day: 90 working days
	// after Monday the 16th, of which the first of January is none.
	f := Foresee(plan, worked("2026-11-02", 10, 10, 10, 10, 10, 10, 10, 10, 10, 10), 100, day("2026-11-16"), nil)
	if f.Days != 10 || f.Rate != 10 || f.Spread != 0 || f.Left != 900 || f.Finish != "2027-03-23" || f.Early != f.Finish || f.Late != f.Finish {
		t.Errorf("%+v", f)
	}
	if f.Need < 27 || f.Need > 28 { // 33 working days until the last
		t.Errorf("needs %.2f a day", f.Need)
	}
	// By hand: 6, 10, 14, 10, 10 has mean 10, deviation √8; t for 4 is 2.776, so the rate
	// lies within 10 ± 3.51.
	f = Foresee(Plan{Dossiers: 150, To: "2026-12-31"}, worked("2026-11-02", 6, 10, 14, 10, 10), 50, day("2026-11-09"), nil)
	if f.Days != 5 || f.Finish != "2026-11-23" || f.Early != "2026-11-19" || f.Late != "2026-12-01" { // 10, 8 and 16 days
		t.Errorf("%+v", f)
	}
	// A rate of nothing is within what is believed: the late end is open.
	f = Foresee(Plan{Dossiers: 150, To: "2026-12-31"}, worked("2026-11-02", 0, 30, 0, 0, 0)[1:2], 30, day("2026-11-10"), nil)
	if f.Days != 5 || f.Finish == "" || f.Late != "" {
		t.Errorf("%+v", f)
	}
	// Four days tell nothing, and what is done is done.
	if f = Foresee(plan, worked("2026-11-02", 9, 9, 9, 9), 36, day("2026-11-06"), nil); f.Finish != "" || f.Days != 4 {
		t.Errorf("%+v", f)
	}
	if f = Foresee(Plan{Dossiers: 36, To: "2026-11-01"}, worked("2026-11-02", 9, 9, 9, 9), 36, day("2026-11-06"), nil); f.Finish != "2026-11-06" || f.Need != 0 {
		t.Errorf("%+v", f)
	}
	// Work on a Saturday counts to the Friday before it; today does not count.
	days := append(worked("2026-11-02", 5, 5, 5, 5, 5), Day{Day: "2026-11-07", Dossiers: 5}, Day{Day: "2026-11-09", Dossiers: 99})
	if f = Foresee(plan, days, 129, day("2026-11-09"), nil); f.Days != 5 || f.Rate != 6 {
		t.Errorf("%+v", f)
	}
}

func TestShares(t *testing.T) {
	days := worked("2026-11-02", 1, 2, 3)
	days = append(days, Day{Day: "2026-11-04", Who: "q", Papers: 40})
	got := Shares(days, day("2026-11-05"), nil)
	if len(got) != 2 || got[0].Who != "q" || got[0].Days != 1 || got[0].Rate != 40 || got[1].Papers != 12 || got[1].Rate != 4 {
		t.Errorf("%+v", got)
	}
	if by := ByDay(days); len(by) != 3 || by[2].Papers != 46 {
		t.Errorf("%+v", by)
	}
}

func TestPlanCheck(t *testing.T) {
	good := Plan{Name: "Kho", Agency: "H60.12", Dossiers: 1, From: "2026-11-02", To: "2026-11-02", Method: Sample, Level: "II", AQL: "1.0"}
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	for field, change := range map[string]func(*Plan){
		"name": func(p *Plan) { p.Name = " " }, "agency": func(p *Plan) { p.Agency = "" }, "shelves": func(p *Plan) { p.Shelves = -1 },
		"dossiers": func(p *Plan) { p.Dossiers = 0 }, "to": func(p *Plan) { p.To = "2026-11-01" }, "method": func(p *Plan) { p.Method = "" }, "aql": func(p *Plan) { p.AQL = "0.5" },
		"kinds": func(p *Plan) { p.Kinds = make([]dossier.KindCode, 201) },
	} {
		p := good
		change(&p)
		if err := p.Check(); !errors.Is(err, dossier.ErrInvalid) || !strings.HasSuffix(err.Error(), field) {
			t.Errorf("%s: %v", field, err)
		}
	}
}

// A lot that was shown again does not count for switching, and is looked at tightened.
func TestStanding(t *testing.T) {
	p := Plan{Level: "II", AQL: "1.0"}
	lot := func(first, second sampling.Verdict) Lot {
		plan, _ := sampling.PlanFor(1000, "II", "1.0", sampling.Normal)
		l := Lot{Size: 1000, Rounds: []Round{{Number: 1, Level: "II", Plan: plan, Verdict: first}}}
		if second != "" {
			l.Rounds = append(l.Rounds, Round{Number: 2, Verdict: second})
		}
		return l
	}
	lots := []Lot{lot(sampling.Rejected, sampling.Accepted), lot(sampling.Accepted, "")}
	if got := Standing(p, lots).Severity; got != sampling.Normal {
		t.Error(got)
	}
	if got := Standing(p, append(lots, lot(sampling.Rejected, sampling.Accepted))).Severity; got != sampling.Tightened {
		t.Error(got)
	}
	if plan, err := PlanOf(p, 1000, lots, true); err != nil || plan.Severity != sampling.Tightened || plan.Accept != 1 {
		t.Errorf("%+v, %v", plan, err)
	}
}

func TestSeed(t *testing.T) {
	var papers []dossier.DocumentID
	for i := range 100 {
		papers = append(papers, dossier.DocumentID(fmt.Sprint("giấy ", i)))
	}
	back := slices.Clone(papers)
	slices.Reverse(back)
	if SumOf(papers) != SumOf(back) || SumOf(papers) == SumOf(papers[1:]) {
		t.Error("the sum of a lot is that of its papers, in any order")
	}
	one, two := SeedOf([32]byte{1}, SumOf(papers)), SeedOf([32]byte{2}, SumOf(papers))
	if one == two || one == SeedOf([32]byte{1}, digest.Of(nil)) {
		t.Error("the seed does not depend on the ledger and on the papers")
	}
	a, err := Drawn(one, papers, 13)
	if err != nil {
		t.Fatal(err)
	}
	if b, _ := Drawn(one, back, 13); !slices.Equal(a, b) || len(a) != 13 {
		t.Error("drawn again it is another")
	}
}

func TestBacklog(t *testing.T) {
	for _, c := range []struct {
		tier dossier.Tier
		day  string
		want bool
	}{{dossier.Province, "2022-05-31", true}, {dossier.Province, "2022-06-01", false}, {dossier.District, "2022-11-30", true}, {dossier.Commune, "2023-05-31", true}, {dossier.Commune, "2023-06-01", false}} {
		if got := Backlog(c.tier, day(c.day)); got != c.want {
			t.Errorf("%s %s: %v", c.tier, c.day, got)
		}
	}
}
