package figures

import (
	"maps"
	"math/rand/v2"
	"testing"
)

// drawnCell is a cell of the months around a quarter.
func drawnCell(random *rand.Rand) Cell {
	from := MonthOf(Month(2026, 7).From)
	c := Cell{Received: from + MonthNumber(random.IntN(9)-3), Standing: Standing(random.IntN(1 << 12)), N: random.IntN(7) - 1}
	if random.IntN(3) > 0 {
		c.Resolved = c.Received + MonthNumber(random.IntN(5))
	} else {
		c.Standing &^= standPromise | standInTime
	}
	if c.Standing&standPromise == 0 {
		c.Standing &^= standInTime
	}
	c.Standing |= Standing(random.IntN(4)) << reusedAt
	return c
}

// A sum is what adding cells up as far as a period tells them apart comes to, and
// verdicts are what every formula says of each cell: those that a page of figures
// takes thousands of times are the very ones that are proven of dossiers.
func TestSumAndVerdicts(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 53))
	p := Period{Month(2026, 7).From, Month(2026, 9).To}
	rules := At(p.From)
	said := make([]*Verdicts, len(rules))
	for i, x := range rules {
		if x.Stands != nil {
			said[i] = NewVerdicts(x.Stands, p)
		}
	}
	sum, half, want := NewSum(p), NewSum(p), map[Cell]int{}
	for i := range 20_000 {
		c := drawnCell(random)
		for i, x := range rules {
			if x.Stands == nil {
				continue
			}
			if got, want := said[i].Of(c), x.Stands(c.Fact(), p); got != want {
				t.Fatalf("%s says %s of %+v, want %s", x.Key, got, c, want)
			}
		}
		if into := sum; i%2 == 0 {
			into.Add(c)
		} else {
			half.Add(c)
		}
		if n := c.N; p.Contains(c.Received.Begin()) || c.Resolved != 0 && p.Contains(c.Resolved.Begin()) {
			c = c.Within(p)
			c.N = 0
			if want[c] += n; want[c] == 0 {
				delete(want, c)
			}
		}
	}
	sum.AddSum(half)
	got := map[Cell]int{}
	last := Cell{Received: -1}
	for _, c := range sum.Cells(nil, Cell{Agency: "H60"}) {
		if c.Agency != "H60" || c.Received < last.Received || c.Received == last.Received && (c.Resolved < last.Resolved || c.Resolved == last.Resolved && c.Standing <= last.Standing) {
			t.Fatalf("%+v comes after %+v", c, last)
		}
		last = c
		n := c.N
		c.Agency, c.N = "", 0
		got[c] = n
	}
	if !maps.Equal(got, want) || len(want) < 1000 {
		t.Errorf("%d cells, want %d", len(got), len(want))
	}
	if sum.Reset(); len(sum.Cells(nil, Cell{})) > 0 {
		t.Error("a sum that was emptied has cells")
	}
}
