package sampling

import (
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
)

// Plans as they are known from use: they guard the look-up by lot and level.
func TestPlans(t *testing.T) {
	for _, c := range []struct {
		lot        int
		level, aql string
		s          Severity
		want       string
	}{
		{1000, "II", "1.0", Normal, "J 80 2/3"},
		{4000, "II", "1.5", Normal, "L 200 7/8"},
		{1001, "II", "2.5", Normal, "J 80 5/6"},
		{1300, "II", "0.65", Normal, "K 125 2/3"},
		{2, "II", "0.10", Normal, "K 2 0/1"}, // the plan's sample exceeds the lot: all of it
		{8, "II", "6.5", Normal, "A 2 0/1"},
		{1000, "II", "1.0", Tightened, "J 80 1/2"},
		{3000, "II", "1.0", Tightened, "K 125 2/3"},
		{3000, "II", "1.0", Reduced, "K 50 1/4"},
		{600_000, "III", "0.025", Tightened, "S 3150 1/2"},
		{600_000, "II", "0.010", Normal, "Q 1250 0/1"},
		{100_000, "II", "0.25", Normal, "N 500 3/4"}, // 7 CFR 42.140 has it too
		{500, "I", "4.0", Normal, "F 20 2/3"},
		{500, "S-3", "4.0", Normal, "E 13 1/2"},
		{10_000, "II", "10", Normal, "K 125 21/22"},
		{90, "II", "1.0", Normal, "E 13 0/1"},
	} {
		p, err := PlanFor(c.lot, c.level, c.aql, c.s)
		got := fmt.Sprintf("%s %d %d/%d", p.Letter, p.N, p.Accept, p.Reject)
		if err != nil || got != c.want {
			t.Errorf("%d %s %s %s: %s, %v, want %s", c.lot, c.level, c.aql, c.s, got, err, c.want)
		}
	}
	for _, bad := range []string{"", "0.5", "15"} {
		if _, err := PlanFor(100, "II", bad, Normal); !errors.Is(err, ErrPlan) {
			t.Error(bad, err)
		}
	}
}

// Every plan of every code letter against the table as somebody else published it,
// arrows followed, reduced inspection with both its numbers. AQLs are those up to 10.
func TestPublished(t *testing.T) {
	theirs, err := os.ReadFile("testdata/published.txt")
	if err != nil {
		t.Fatal(err)
	}
	var s Severity
	compared := 0
	for line := range strings.Lines(string(theirs)) {
		f := strings.Fields(line)
		if len(f) < 2 || f[0] == "#" {
			if len(f) == 1 && f[0] != "#" {
				s = Severity(f[0])
			}
			continue
		}
		rows := read().plans[s]
		at := slices.IndexFunc(rows, func(r row) bool { return r.letter == f[0] })
		for i, want := range f[1:] {
			r := rows[follow(rows, at, i)]
			if got := fmt.Sprintf("%d:%s", r.n, r.cells[i]); got != want {
				t.Errorf("%s %s %s: %s, published is %s", s, f[0], AQLs()[i], got, want)
			}
			compared++
		}
	}
	if compared != 3*16*16 {
		t.Errorf("%d plans were compared", compared)
	}
}

// What the tables promise, computed: a lot that is just as good as its AQL is taken
// nearly always under normal inspection, less surely under tightened. A number that
// was copied wrongly falls out of the band.
func TestProducersRisk(t *testing.T) {
	cells := 0
	for s, band := range map[Severity][2]float64{Normal: {0.87, 0.995}, Tightened: {0.77, 0.99}} {
		for _, r := range read().plans[s] {
			for i, cell := range r.cells {
				var c, re int
				if _, err := fmt.Sscanf(cell, "%d/%d", &c, &re); err != nil {
					continue
				}
				cells++
				var percent float64
				if _, err := fmt.Sscanf(read().aql[i], "%g", &percent); err != nil {
					t.Fatal(err)
				}
				mean, taken, term := float64(r.n)*percent/100, 0.0, 0.0
				for k := 0; k <= c; k++ {
					if term = term * mean / float64(max(k, 1)); k == 0 {
						term = math.Exp(-mean)
					}
					taken += term
				}
				if re != c+1 || taken < band[0] || taken > band[1] {
					t.Errorf("%s %s %s %s: taken with %.3f", s, r.letter, read().aql[i], cell, taken)
				}
			}
		}
	}
	if cells < 150 {
		t.Error(cells)
	}
}

func TestDraw(t *testing.T) {
	papers := make([]string, 500)
	for i := range papers {
		papers[i] = fmt.Sprint("giấy ", i)
	}
	first := Draw([]byte("hạt"), papers, 50)
	back := slices.Clone(papers)
	slices.Reverse(back)
	if again := Draw([]byte("hạt"), back, 50); !slices.Equal(first, again) || len(first) != 50 {
		t.Error("the order of papers matters")
	}
	if slices.Equal(first, Draw([]byte("hạt khác"), papers, 50)) {
		t.Error("the seed does not matter")
	}
	hits := map[string]int{} // each is drawn as often as any other
	for i := range 2000 {
		for _, id := range Draw(fmt.Append(nil, i), papers[:50], 5) {
			hits[id]++
		}
	}
	for id, n := range hits {
		if n < 130 || n > 270 || len(hits) != 50 { // 200 on average, 13.4 the deviation
			t.Error(id, n, len(hits))
		}
	}
	if got := Draw(nil, papers[:3], 9); len(got) != 3 {
		t.Error(got)
	}
}

func TestJudge(t *testing.T) {
	p := Plan{N: 20, Accept: 1, Reject: 4}
	for _, c := range []struct {
		checked, bad int
		want         Verdict
	}{{19, 0, Open}, {19, 3, Open}, {5, 4, Rejected}, {20, 1, Accepted}, {20, 3, Accepted}, {20, 4, Rejected}} {
		if got := p.Judge(c.checked, c.bad); got != c.want {
			t.Error(c, got)
		}
	}
}

// lots of 1000 papers at II, 1.0 (J 80 2/3), each with its verdict: a accepted
// without a fault, n accepted by Ac alone, r rejected.
func lots(how string) (list []Outcome) {
	for _, h := range how {
		o := Outcome{Size: 1000, Level: "II", AQL: "1.0", Plan: Plan{Accept: 2, Reject: 3, N: 80}, Verdict: Accepted}
		switch h {
		case 'n':
			o.Nonconforming = 2
		case 'r':
			o.Verdict, o.Nonconforming = Rejected, 3
		}
		list = append(list, o)
	}
	return list
}

func TestSwitching(t *testing.T) {
	for _, c := range []struct {
		how  string
		may  bool
		want Standing
	}{
		{"", true, Standing{Severity: Normal}},
		{"r", true, Standing{Severity: Normal}},
		{"raaar", true, Standing{Severity: Tightened}},
		{"raaaar", true, Standing{Severity: Normal}}, // six apart
		{"rraaaa", true, Standing{Severity: Tightened}},
		{"rraaaaa", true, Standing{Severity: Normal}},
		{"rraaraaaa", true, Standing{Severity: Tightened}},
		{"rrrarrrr", true, Standing{Severity: Tightened, Stopped: true}},
		{"rrrarrr", true, Standing{Severity: Tightened}},
		{"aaaaaaaaa", true, Standing{Severity: Normal, Score: 27}},
		{"aaaaaaaaaa", true, Standing{Severity: Reduced}},
		{"aaaaaaaaaa", false, Standing{Severity: Normal, Score: 30}},
		{"aaaaanaaaa", true, Standing{Severity: Normal, Score: 12}},
		{"aaaaaaaaaar", true, Standing{Severity: Normal}},
		{"aaaaaaaaaaaa", true, Standing{Severity: Reduced}},
	} {
		if got := Next(lots(c.how), c.may); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.how, got, c.want)
		}
	}
}
