package figures

import (
	"math/rand/v2"
	"testing"
	"time"

	"sohoa/dossier"
)

func nine(y int, m time.Month, d int) time.Time { return day(y, m, d).Add(9 * time.Hour) }

func TestWhy(t *testing.T) {
	march := Month(2026, 3)
	for _, row := range []struct {
		name            string
		f               Fact
		dossier, result Why
	}{
		{"complete", Fact{Received: nine(2026, 3, 1), ToDigitise: 2, Digitised: 2, Resolved: nine(2026, 3, 9), ResultIsDocument: true, ResultDigitised: true}, Counts, Counts},
		{"one missing", Fact{Received: nine(2026, 3, 1), ToDigitise: 2, Digitised: 1}, Missing, NotResolved},
		{"nothing asked", Fact{Received: nine(2026, 3, 1), Resolved: nine(2026, 3, 2)}, NothingToDo, NothingToDo},
		{"resolved a month later", Fact{Received: nine(2026, 2, 28), ToDigitise: 1, Digitised: 1, Resolved: nine(2026, 3, 31), ResultIsDocument: true}, OutOfPeriod, Missing},
		{"first minute in Viet Nam, still February in UTC", Fact{Received: time.Date(2026, 2, 28, 17, 0, 0, 0, time.UTC), ToDigitise: 1}, Missing, NotResolved},
		{"last minute of February", Fact{Received: time.Date(2026, 2, 28, 16, 59, 59, 0, time.UTC), ToDigitise: 1}, OutOfPeriod, NotResolved},
	} {
		if got := DossierDigitised(row.f, march); got != row.dossier {
			t.Errorf("%s: dossier %s, want %s", row.name, got, row.dossier)
		}
		if got := ResultDigitised(row.f, march); got != row.result {
			t.Errorf("%s: result %s, want %s", row.name, got, row.result)
		}
	}
}

// The published figures of a province: a rate of one decimal over the
// denominators that reproduce it.
func TestPercent(t *testing.T) {
	for _, row := range []struct {
		r    Rate
		want string
	}{
		{Rate{19297, 20228}, "95,4 %"},
		{Rate{13899, 20291}, "68,5 %"},
		{Rate{71884, 89297}, "80,5 %"},
		{Rate{38146, 72110}, "52,9 %"},
		{Rate{0, 0}, "–"},
		{Rate{0, 7}, "0,0 %"},
		{Rate{7, 7}, "100,0 %"},
		{Rate{1, 2000}, "0,1 %"}, // half goes up
		{Rate{1, 2001}, "0,0 %"},
	} {
		if got := row.r.String(); got != row.want {
			t.Errorf("%v = %s, want %s", row.r, got, row.want)
		}
	}
}

// A component of which the counter decided that no scan is owed changes no rate,
// nor whether and how its dossier counts: it can only spare one that asks for
// nothing else. Before the rule's day, and once a paper of it is there, it counts.
func TestExemptComponentsChangeNothing(t *testing.T) {
	random := newRandom()
	rule := dossier.AskingRules()[0].From
	for range 2000 {
		p := Month(2026, []time.Month{10, 11, 12}[random.IntN(3)])
		var facts, more []Fact
		for range 1 + random.IntN(8) {
			f, _ := anyDossier(random, p)
			facts = append(facts, f)
			for range random.IntN(3) {
				d := dossier.Decisions[random.IntN(len(dossier.Decisions))]
				if d.Exempts() {
					f.Take(dossier.Component{Required: true, Digitise: true}, false, false, d)
				}
			}
			more = append(more, f)
			if f.Received.Before(rule) && f.Exempt > 0 {
				t.Fatalf("a dossier of %v is spared by a later rule", f.Received)
			}
		}
		if p.From.Before(rule) {
			continue
		}
		for i, m := range Measures(At(p.From), Input{Facts: facts, Period: p}) {
			if again := At(p.From)[i].Of(Input{Facts: more, Period: p}); again.Rate != m.Rate {
				t.Fatalf("%s: %+v, with exempt components %+v", m.Indicator.Key, m.Rate, again.Rate)
			}
		}
	}
	f := Fact{Received: rule}
	asked := dossier.Component{Required: true, Digitise: true}
	f.Take(asked, false, false, dossier.Secret)
	if w := DossierDigitised(f, Month(2026, 11)); w != Exempt || f.Exempt != 1 {
		t.Errorf("all exempt: %s, %+v", w, f)
	}
	f.Take(asked, false, false, dossier.ToDigitise)
	if w := DossierDigitised(f, Month(2026, 11)); w != Missing || f.ToDigitise != 1 {
		t.Errorf("one to digitise: %s, %+v", w, f)
	}
	f.Take(asked, true, false, dossier.ShownOnly)
	if f.ToDigitise != 2 || f.Digitised != 1 {
		t.Errorf("an exempt one that is there all the same: %+v", f)
	}
	before := Fact{Received: rule.Add(-time.Millisecond)}
	before.Take(asked, false, false, dossier.Secret)
	if w := DossierDigitised(before, Month(2026, 10)); w != Missing {
		t.Errorf("before the rule: %s", w)
	}
}

// Splitting a period sums, and a dossier with nothing to digitise changes no
// rate: over random fact sets, so that no example can be tuned for.
func TestProperties(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		var facts []Fact
		for range rnd.IntN(60) {
			f := Fact{Received: nine(2026, time.Month(1+rnd.IntN(12)), 1+rnd.IntN(28)), ToDigitise: rnd.IntN(4), ResultIsDocument: rnd.IntN(2) == 0}
			f.Digitised = rnd.IntN(f.ToDigitise + 1)
			if rnd.IntN(2) == 0 {
				f.Resolved = f.Received.AddDate(0, 0, rnd.IntN(60))
				f.ResultDigitised = rnd.IntN(2) == 0
			}
			facts = append(facts, f)
		}
		var sum Figures
		for m := time.January; m <= time.December; m++ {
			x := Of(facts, Month(2026, m))
			sum.Received += x.Received
			sum.Resolved += x.Resolved
			sum.Reused += x.Reused
			sum.Dossiers.Numerator += x.Dossiers.Numerator
			sum.Dossiers.Denominator += x.Dossiers.Denominator
			sum.Results.Numerator += x.Results.Numerator
			sum.Results.Denominator += x.Results.Denominator
		}
		year := Of(facts, Year(2026))
		if sum != year {
			t.Fatalf("months sum to %+v, the year is %+v", sum, year)
		}
		more := Of(append(facts, Fact{Received: nine(2026, 6, 1)}), Year(2026))
		if more.Dossiers != year.Dossiers || more.Results != year.Results || more.Received != year.Received+1 {
			t.Fatalf("a dossier with nothing to digitise moved a rate: %+v → %+v", year, more)
		}
	}
}
