package figures

import (
	"maps"
	"math/rand/v2"
	"testing"
	"time"

	"sohoa/dossier"
)

// Counted by cells, every figure is what it is counted one by one: by whatever
// rules, for months, quarters and years, from before a change of the rules too.
func TestCellsAreFacts(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 766))
	for _, at := range []time.Time{day(2020, 11, 1), day(2022, 7, 1), day(2026, 6, 1)} {
		for range 400 {
			p := Period{at, at.AddDate(0, []int{1, 3, 12}[random.IntN(3)], 0)}
			in := Input{Period: p, Collected: Synced | Store | Identified | Subjects}
			for n := range 4 {
				in.Procedures = append(in.Procedures, Procedure{dossier.ProcedureCode(rune('0' + n)), dossier.Full, true})
			}
			for range random.IntN(12) {
				if f := anyFact(random, p); p.Contains(f.Received) || p.Contains(f.Resolved) { // as every source has them
					in.Facts = append(in.Facts, f)
				}
			}
			cells := in
			cells.Facts, cells.Cells = nil, cellsOf(in)
			for i, m := range Measures(At(p.From), cells) {
				want := At(p.From)[i].Of(in)
				if m.Rate != want.Rate || !maps.Equal(m.Outside, want.Outside) || m.Lacks != want.Lacks {
					t.Fatalf("%s in %v: %+v, one by one %+v", m.Indicator.Key, p, m, want)
				}
			}
			if got, want := cells.Figures(), in.Figures(); got != want {
				t.Fatalf("%v: %+v, one by one %+v", p, got, want)
			}
			if got, want := cells.Bridge(), in.Bridge(); got != want {
				t.Fatalf("%v: %+v, one by one %+v", p, got, want)
			}
		}
	}
}

// cellsOf counts facts by cell, as far as their period tells months apart.
func cellsOf(in Input) (out []Cell) {
	by := map[Cell]int{}
	for _, f := range in.Facts {
		by[Cell{Procedure: f.Procedure, Received: MonthOf(f.Received), Resolved: MonthOf(f.Resolved), Standing: f.Standing()}.Within(in.Period)]++
	}
	for c, n := range by {
		c.N = n
		out = append(out, c)
	}
	return out
}

func TestTally(t *testing.T) {
	tally := Tally{}
	for _, x := range []struct {
		s Standing
		n int
	}{{512, 3}, {7, 1}, {9, 2}, {9, -2}, {1 << 17, -4}} {
		tally.Add(x.s, x.n)
	}
	if got := tally.String(); got != "7:1 512:3 131072:-4" {
		t.Errorf("%q", got)
	}
	again := Tally{}
	if err := ReadTally(tally.String(), again.Add); err != nil || !maps.Equal(again, tally) {
		t.Errorf("%v, %v", again, err)
	}
	for _, bad := range []string{"7", "7:", ":1", "7:0", "7:1 7:2", "9:1 7:1", "7:1  9:1", " 7:1", "7:1 ", "-1:1", "07:1", "7:+1", "7:-0", "7:01", "7:-", "7:1;9:1", "7:1 9", "7:9999999999999999999"} {
		if err := ReadTally(bad, func(Standing, int) {}); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}
