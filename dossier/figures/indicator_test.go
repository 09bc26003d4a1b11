package figures

import (
	"math"
	"slices"
	"testing"
	"time"

	"sohoa/dossier"
)

func keys(t time.Time) (out []string) {
	for _, i := range At(t) {
		out = append(out, i.Key)
	}
	return out
}

// A period keeps the rules of its time.
func TestRulesOfTheTime(t *testing.T) {
	for _, row := range []struct {
		at          time.Time
		with, after []string // in force, and not
	}{
		{day(2020, 6, 1), []string{"dossiers", "level-4"}, []string{"full-service", "SO_HOA_GIAY_TO_GIAI_QUYET"}},
		{day(2022, 7, 31), []string{"level-4"}, []string{"SO_HOA_GIAY_TO_GIAI_QUYET"}},
		{day(2022, 8, 1), []string{"SO_HOA_GIAY_TO_GIAI_QUYET", "level-4"}, []string{"full-service"}},
		{day(2022, 8, 15), []string{"full-service"}, []string{"level-4"}},
		{day(2026, 11, 1), []string{"full-service", "REUSED_DIGITIZED_DATA"}, []string{"level-4"}},
	} {
		got := keys(row.at)
		for _, k := range row.with {
			if !slices.Contains(got, k) {
				t.Errorf("%s: %s is not in force", row.at.Format(time.DateOnly), k)
			}
		}
		for _, k := range row.after {
			if slices.Contains(got, k) {
				t.Errorf("%s: %s is in force", row.at.Format(time.DateOnly), k)
			}
		}
	}
	for target, at := range map[int]time.Time{30: day(2020, 12, 31), 100: day(2021, 1, 1)} {
		if i, ok := Find("level-4", at); !ok || i.Target != target {
			t.Errorf("level 4 in %d: a target of %d %%, want %d", at.Year(), i.Target, target)
		}
	}
	// On no day do two lines of one figure hold at once, and the seven of QĐ 766
	// give 22 points.
	for d := day(2019, 1, 1); d.Before(day(2027, 1, 1)); d = d.AddDate(0, 0, 1) {
		got := keys(d)
		slices.Sort(got)
		if len(slices.Compact(slices.Clone(got))) != len(got) {
			t.Fatalf("%s: a figure is there twice: %v", d.Format(time.DateOnly), got)
		}
	}
	sum, n := 0, 0
	for _, i := range At(day(2026, 1, 1)) {
		if i.Family == QD766 {
			sum, n = sum+i.Max, n+1
		} else if i.Max != 0 {
			t.Errorf("%s is not of QĐ 766 and gives points", i.Key)
		}
		if i.VI == "" || i.EN == "" || i.Law == "" || i.Grade == "" {
			t.Errorf("%s does not say what it is", i.Key)
		}
	}
	if sum != 22 || n != 7 {
		t.Errorf("%d indicators with %d points, want 7 with 22", n, sum)
	}
}

// Points follow the rule of 80 %, and print as the portal rounds.
func TestPoints(t *testing.T) {
	i, _ := Find("SO_HOA_GIAY_TO_GIAI_QUYET", day(2024, 1, 1))
	for _, row := range []struct {
		rate            Rate
		percent, points string
	}{
		{Rate{0, 9}, "0,00", "0,00"},
		{Rate{1, 3}, "33,33", "1,67"},
		{Rate{2, 3}, "66,67", "3,33"},
		{Rate{799, 1000}, "79,90", "4,00"}, // 3,995 goes up
		{Rate{7989, 10000}, "79,89", "3,99"},
		{Rate{4, 5}, "80,00", "4,00"},
		{Rate{1, 1}, "100,00", "4,00"},
		{Rate{0, 0}, "–", "–"},
	} {
		m := Measure{Indicator: i, Rate: row.rate}
		if m.Percent() != row.percent || m.Points() != row.points {
			t.Errorf("%v: %s %%, %s points; want %s, %s", row.rate, m.Percent(), m.Points(), row.percent, row.points)
		}
	}
	i, _ = Find("REUSED_DIGITIZED_DATA", day(2024, 1, 1)) // 2 points: 2,5 for each unit of the rate
	if m := (Measure{Indicator: i, Rate: Rate{1, 3}}); m.Points() != "0,83" {
		t.Errorf("a third of reuse gives %s points, want 0,83", m.Points())
	}
	i, _ = Find("ORIGINAL_RESULT_AVAILABLE", day(2024, 1, 1))
	if m := (Measure{Indicator: i, Rate: Rate{9, 10}}); m.Points() != "–" || m.Percent() != "90,00" {
		t.Errorf("points by a rule that is not known: %s", m.Points())
	}
}

// What was not collected is not told, and never a zero.
func TestNotCollectedIsNotNothing(t *testing.T) {
	in := Input{Facts: []Fact{{Received: day(2026, 9, 2), ResultIsDocument: true}}, Period: Month(2026, 9)}
	for _, i := range At(in.Period.From) {
		m := i.Of(in)
		if i.Needs != 0 && (m.Told() || m.Rate != Rate{} || m.Percent() != "–" || m.Lacks == 0) {
			t.Errorf("%s is told without %v: %+v", i.Key, m.Lacks.Names("en"), m.Rate)
		}
	}
	i, _ := Find("ORIGINAL_RESULT_AVAILABLE", in.Period.From)
	in.Collected = Synced
	if m := i.Of(in); !m.Told() || m.Rate != (Rate{0, 1}) {
		t.Errorf("collected, and still not told: %+v", m)
	}
	if all := Collected(math.MaxUint); len(all.Names("vi")) != len(collected) || len(all.Names("en")) != len(collected) {
		t.Error("something that may not be collected has no name")
	}
}

// Denominators holds exactly the numbers that print so: shown by trying all.
func TestDenominators(t *testing.T) {
	for _, row := range []Rate{{1, 3}, {7, 8}, {95, 101}, {500, 501}, {19, 19}, {3, 2000}, {1, 1999}} {
		tenths, _ := row.Percent()
		least, most, ok := Denominators(row.Numerator, tenths)
		if tenths == 0 {
			if ok {
				t.Errorf("%v: a rate of zero bounds nothing", row)
			}
			continue
		}
		for d := row.Numerator; d < 20*row.Denominator+1000; d++ {
			got, _ := Rate{row.Numerator, d}.Percent()
			if in := least <= d && d <= most; in != (got == tenths) {
				t.Fatalf("%v: %d prints as %d, and %d to %d were told", row, d, got, least, most)
			}
		}
	}
	least, most, _ := Denominators(71884, 805)
	if least != 89242 || most != 89352 {
		t.Errorf("71,884 at 80.5 %%: %d to %d", least, most)
	}
}

// Adding a dossier of which nothing is asked moves only what counts all
// dossiers; splitting a period sums for every figure over dossiers.
func TestEveryFigureSums(t *testing.T) {
	in := Input{Period: Year(2026), Collected: Synced | Store | Identified | Subjects}
	random := newRandom()
	for range 400 {
		in.Facts = append(in.Facts, anyFact(random, Month(2026, time.Month(1+random.IntN(12)))))
	}
	for _, i := range At(day(2026, 12, 1)) {
		if i.Stands == nil {
			continue
		}
		year, sum := i.Of(in).Rate, Rate{}
		for m := time.January; m <= time.December; m++ {
			r := i.Of(Input{Facts: in.Facts, Period: Month(2026, m), Collected: in.Collected}).Rate
			sum.Numerator, sum.Denominator = sum.Numerator+r.Numerator, sum.Denominator+r.Denominator
		}
		if sum != year || year.Denominator == 0 {
			t.Errorf("%s: months sum to %+v, the year is %+v", i.Key, sum, year)
		}
		exempt := Fact{Received: day(2026, 6, 1), Channel: dossier.Direct}
		more := i.Of(Input{Facts: append(slices.Clone(in.Facts), exempt), Period: in.Period, Collected: in.Collected}).Rate
		if i.Family == Everyday && i.Key != "online" && more != year {
			t.Errorf("%s: a dossier with nothing to digitise moved it from %+v to %+v", i.Key, year, more)
		}
	}
}

func TestBridge(t *testing.T) {
	random := newRandom()
	p := Month(2026, time.May)
	for range 500 {
		var facts []Fact
		for range random.IntN(30) {
			facts = append(facts, anyFact(random, p))
		}
		if b := BridgeOf(facts, p); !b.Holds() {
			t.Fatalf("the bridge does not hold: %+v", b)
		}
	}
}
