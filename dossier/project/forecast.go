package project

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"time"

	"sohoa/dossier"
)

// A Forecast is when a project will be done if it goes on as it went.
//
// Rate is the mean over the last working days before today, days on which nothing was
// done among them; Spread their sample standard deviation. With n days the rate is
// believed to lie within Rate ± t·Spread/√n, where t is Student's for 95 % and n-1
// degrees of freedom. A finish is today and as many working days as Left takes at a
// rate, the early one at the upper end of that range, the late one at the lower. That
// days are unlike each other by chance alone is assumed and not proven: a team that
// grows, or the easy shelves first, makes the range too narrow.
type Forecast struct {
	Days   int     // working days that were looked at
	Rate   float64 // dossiers a working day
	Spread float64
	Left   int
	Need   float64 // dossiers a working day, to be done on the plan's last; 0: that is over

	// YYYY-MM-DD; empty: nobody can tell. Late is empty too if a rate of nothing is
	// within what is believed.
	Finish, Early, Late string
}

// Limits of a forecast.
const (
	window   = 20   // working days
	fewest   = 5    // with fewer nothing is foretold
	farthest = 2500 // working days: what is farther away nobody can tell
)

// student is t of two-sided 95 %, by degrees of freedom from 1 (any table of it).
var student = [...]float64{12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093}

// Foresee foretells when p will be done, from what was done by day until the day before
// today. total is how many dossiers are done in all.
func Foresee(p Plan, days []Day, total int, today time.Time, c dossier.Calendar) Forecast {
	f := Forecast{Left: max(0, p.Dossiers-total)}
	if n := between(today, p.To, c); n > 0 {
		f.Need = float64(f.Left) / float64(n)
	}
	by := map[string]int{}
	for _, d := range days {
		by[d.Day] += d.Dossiers
	}
	counts := lately(by, today, c)
	f.Days = len(counts)
	f.Rate, f.Spread = meanOf(counts)
	switch {
	case f.Left == 0:
		f.Finish = today.Format(time.DateOnly)
		f.Early, f.Late = f.Finish, f.Finish
	case f.Days >= fewest && f.Rate > 0:
		e := student[f.Days-2] * f.Spread / math.Sqrt(float64(f.Days))
		f.Finish, f.Early = f.at(f.Rate, today, c), f.at(f.Rate+e, today, c)
		f.Late = f.at(f.Rate-e, today, c)
	}
	return f
}

// at is the day on which what is left is done at a rate.
func (f Forecast) at(rate float64, today time.Time, c dossier.Calendar) string {
	if rate <= 0 {
		return ""
	}
	n := math.Ceil(float64(f.Left) / rate)
	if n > farthest {
		return ""
	}
	return c.After(today, int(n)).Format(time.DateOnly)
}

// lately is what was done on the last working days before today, oldest first, since
// something was done for the first time. What was done on a day off counts to the
// working day before it.
func lately(by map[string]int, today time.Time, c dossier.Calendar) (counts []int) {
	if len(by) == 0 {
		return nil
	}
	first, waiting := slices.Min(slices.Collect(maps.Keys(by))), 0
	for d := today.AddDate(0, 0, -1); len(counts) < window && d.Format(time.DateOnly) >= first; d = d.AddDate(0, 0, -1) {
		n := by[d.Format(time.DateOnly)] + waiting
		if waiting = n; c.Working(d, today) {
			counts, waiting = append(counts, n), 0
		}
	}
	slices.Reverse(counts)
	return counts
}

func meanOf(counts []int) (mean, spread float64) {
	if len(counts) == 0 {
		return 0, 0
	}
	for _, n := range counts {
		mean += float64(n) / float64(len(counts))
	}
	for _, n := range counts {
		spread += (float64(n) - mean) * (float64(n) - mean)
	}
	if len(counts) > 1 {
		spread = math.Sqrt(spread / float64(len(counts)-1))
	}
	return mean, spread
}

// between is how many working days there are from the day after today until a day.
func between(today time.Time, until string, c dossier.Calendar) (n int) {
	for d := today.AddDate(0, 0, 1); d.Format(time.DateOnly) <= until && n < 4*farthest; d = d.AddDate(0, 0, 1) {
		if c.Working(d, today) {
			n++
		}
	}
	return n
}

// A Share is what one person did: in all, and a working day lately (of the days that
// [Foresee] looks at, beginning with that person's own first).
type Share struct {
	Who                     dossier.PersonID
	Papers, Pages, Dossiers int
	Days                    int
	Rate                    float64 // papers a working day
}

// Shares returns what each person did, who did most first.
func Shares(days []Day, today time.Time, c dossier.Calendar) []Share {
	all, by := map[dossier.PersonID]*Share{}, map[dossier.PersonID]map[string]int{}
	for _, d := range days {
		if all[d.Who] == nil {
			all[d.Who], by[d.Who] = &Share{Who: d.Who}, map[string]int{}
		}
		s := all[d.Who]
		s.Papers, s.Pages, s.Dossiers = s.Papers+d.Papers, s.Pages+d.Pages, s.Dossiers+d.Dossiers
		by[d.Who][d.Day] += d.Papers
	}
	var list []Share
	for who, s := range all {
		counts := lately(by[who], today, c)
		s.Days = len(counts)
		s.Rate, _ = meanOf(counts)
		list = append(list, *s)
	}
	slices.SortFunc(list, func(a, b Share) int { return cmp.Or(b.Papers-a.Papers, cmp.Compare(a.Who, b.Who)) })
	return list
}

// ByDay adds up what all did, oldest day first.
func ByDay(days []Day) []Day {
	var out []Day
	for _, d := range slices.SortedFunc(slices.Values(days), func(a, b Day) int { return cmp.Compare(a.Day, b.Day) }) {
		if len(out) == 0 || out[len(out)-1].Day != d.Day {
			out = append(out, Day{Day: d.Day})
		}
		l := &out[len(out)-1]
		l.Papers, l.Pages, l.Dossiers = l.Papers+d.Papers, l.Pages+d.Pages, l.Dossiers+d.Dossiers
	}
	return out
}
