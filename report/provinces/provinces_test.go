package provinces

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"sohoa/dossier"
	"sohoa/dossier/figures"
)

const lines = `period,code,province,numerator,denominator,percent,source
2024-Q1,H60,Tuyên Quang,95,100,"95,00",a
2024-Q1,H30,Hà Giang,40,100,,b
2024-Q1,H05,Bắc Ninh,,,95,c
2024-Q2,H60,Tuyên Quang,50,100,,a
2024-Q2,H30,Hà Giang,90,100,,b
2024-Q2,H05,Bắc Ninh,,,"60,5",c
2024-Q2,H04,Bắc Giang,30,40,,d
`

func read(t *testing.T, s string) []Value {
	t.Helper()
	all, err := Read(strings.NewReader(s))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func said(all []Place) (out []string) {
	for _, p := range all {
		out = append(out, fmt.Sprintf("%s %d/%d %s %d %+d", p.Period, p.Place, p.Of, p.Value.Province, p.Value.Percent, p.Moved))
	}
	return out
}

// Provinces are ranked in each period; equal rates share a place; by the map of
// after the merger sums are of numerators and denominators, never of rates, and
// a merged one of which a part is missing is named and not ranked.
func TestRanking(t *testing.T) {
	got, missing := Ranking(read(t, lines), nil)
	want := "2024-Q1 1/3 H05 9500 +0|2024-Q1 1/3 H60 9500 +0|2024-Q1 3/3 H30 4000 +0|2024-Q2 1/4 H30 9000 +2|2024-Q2 2/4 H04 7500 +0|2024-Q2 3/4 H05 6050 -2|2024-Q2 4/4 H60 5000 -3"
	if s := strings.Join(said(got), "|"); s != want || len(missing) > 0 {
		t.Errorf("%s\nwant %s, missing %v", s, want, missing)
	}
	got, missing = Ranking(read(t, lines), figures.Map{"H30": "H60", "H04": "H05"})
	want = "2024-Q1 1/2 H05 9500 +0|2024-Q1 2/2 H60 6750 +0|2024-Q2 1/1 H60 7000 +1"
	if s := strings.Join(said(got), "|"); s != want || len(missing) != 1 || missing[0] != "2024-Q2 H05" {
		t.Errorf("%s\nwant %s, missing %v", s, want, missing)
	}
}

func TestReadRefuses(t *testing.T) {
	first, _, _ := strings.Cut(lines, "\n")
	for _, line := range []string{"2024,H60,T,1,,50,a", "2024,H60,T,2,1,,a", "2024,H60,T,,,,a", "2024,H60,T,,,101,a", "2024,H60,T,1,2,60,a", "2024,H60,T,1,2,50,",
		"2024,h 60,T,1,2,50,a", "2024,H60,T,,,1.234,a", "2024,H60,T,1,2,50,a\n2024,H60,T,1,2,50,a", "2024,H60"} {
		if _, err := Read(strings.NewReader(first + "\n" + line + "\n")); !errors.Is(err, dossier.ErrInvalid) {
			t.Errorf("%q: %v", line, err)
		}
	}
	if _, err := Read(strings.NewReader("a,b\n")); !errors.Is(err, dossier.ErrInvalid) {
		t.Errorf("another head: %v", err)
	}
}
