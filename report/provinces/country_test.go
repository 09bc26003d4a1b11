package provinces

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"sohoa/dossier"
	"sohoa/dossier/figures"
)

// country is what 63 provinces might have published of each period.
func country(t *testing.T, periods []string) []Value {
	t.Helper()
	file, err := os.ReadFile("testdata/provinces.csv")
	if err != nil {
		t.Fatal(err)
	}
	in := csv.NewReader(bytes.NewReader(file))
	in.Comment = '#'
	names, err := in.ReadAll()
	if err != nil || len(names) != 63 {
		t.Fatalf("%d provinces, %v", len(names), err)
	}
	var b strings.Builder
	b.WriteString(strings.Join(head, ",") + "\n")
	random := rand.New(rand.NewPCG(63, 34))
	for _, p := range periods {
		for _, n := range names {
			d := 5000 + random.IntN(90000)
			fmt.Fprintf(&b, "%s,%s,%s,%d,%d,,made up\n", p, n[0], n[1], d/3+random.IntN(d*2/3), d)
		}
	}
	return read(t, b.String())
}

// The country of 63 provinces and that of 34 are ranked over the same periods from the
// same values: each dossier stands in one province by either map, and a merged
// province's rate is that of its parts' sums.
func TestSixtyThreeThenThirtyFour(t *testing.T) {
	periods := []string{"2023", "2024", "2025-Q1", "2025-Q2", "2025-Q3", "2026-10"}
	all := country(t, periods)
	f, err := os.Open("testdata/merged-2025.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	merged, err := figures.ReadMap(f)
	if err != nil {
		t.Fatal(err)
	}
	of := map[string]map[dossier.AgencyCode]figures.Rate{} // sums, added up here
	for _, v := range all {
		if of[v.Period] == nil {
			of[v.Period] = map[dossier.AgencyCode]figures.Rate{}
		}
		r := of[v.Period][merged.Of(v.Province)]
		of[v.Period][merged.Of(v.Province)] = figures.Rate{Numerator: r.Numerator + v.Rate.Numerator, Denominator: r.Denominator + v.Rate.Denominator}
	}
	for want, m := range map[int]figures.Map{63: nil, 34: merged} {
		ranked, missing := Ranking(all, m)
		if len(ranked) != want*len(periods) || len(missing) > 0 {
			t.Fatalf("%d places, want %d in each of %d periods; missing %v", len(ranked), want, len(periods), missing)
		}
		moved := 0
		for i, p := range ranked {
			if p.Of != want || p.Place < 1 || p.Place > want {
				t.Errorf("%+v of %d", p, want)
			}
			if i%want > 0 && p.Value.Percent > ranked[i-1].Value.Percent {
				t.Errorf("%s: %s stands behind %s", p.Period, p.Value.Province, ranked[i-1].Value.Province)
			}
			if m != nil && p.Value.Rate != of[p.Period][p.Value.Province] {
				t.Errorf("%s %s: %+v, its parts sum to %+v", p.Period, p.Value.Province, p.Value.Rate, of[p.Period][p.Value.Province])
			}
			if p.Moved != 0 {
				moved++
			}
		}
		if moved < want {
			t.Errorf("of %d provinces %d ever moved", want, moved)
		}
	}
}
