package province

import (
	"reflect"
	"testing"

	"sohoa/dossier/figures"
)

// The published figures come out again when the formulas count the dossiers of
// a made-up province, one by one, for any seed; and why the two denominators of
// a period differ can be said to the last dossier.
func TestPublishedFiguresComeOutAgain(t *testing.T) {
	want := map[string][2]string{"2023": {"80,5 %", "52,9 %"}, "2024-Q1": {"95,4 %", "68,5 %"}}
	for seed := range uint64(3) {
		for _, p := range TuyenQuang() {
			made, err := Make(seed, Shape{Agencies: 138, Procedures: 400}, p)
			if err != nil {
				t.Fatal(err)
			}
			f := figures.Of(made.Facts, p.Period)
			if f.Dossiers.Numerator != p.Dossiers.Numerator || f.Results.Numerator != p.Results.Numerator {
				t.Errorf("%s: %+v, published %+v", p.Name, f, p)
			}
			if got := [2]string{f.Dossiers.String(), f.Results.String()}; got != want[p.Name] {
				t.Errorf("%s: %v, published %v", p.Name, got, want[p.Name])
			}
			b := figures.BridgeOf(made.Facts, p.Period)
			if !b.Holds() || b.Dossiers != f.Dossiers.Denominator || b.Results != f.Results.Denominator {
				t.Errorf("%s: the bridge does not hold: %+v, %+v", p.Name, b, f)
			}
			if b.Open == 0 || b.NoPaper == 0 || b.Earlier == 0 || b.Unscanned == 0 {
				t.Errorf("%s: a case is missing from the province: %+v", p.Name, b)
			}
			t.Logf("seed %d, %s: %+v; %+v", seed, p.Name, f, b)
		}
	}
}

func TestSameSeedSameProvince(t *testing.T) {
	p := TuyenQuang()[1]
	a, err := Make(7, Shape{Agencies: 9, Procedures: 20}, p)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := Make(7, Shape{Agencies: 9, Procedures: 20}, p)
	c, _ := Make(8, Shape{Agencies: 9, Procedures: 20}, p)
	if !reflect.DeepEqual(a, b) {
		t.Error("the same seed made two provinces")
	}
	if reflect.DeepEqual(a, c) {
		t.Error("two seeds made one province")
	}
}

func TestImpossible(t *testing.T) {
	p := TuyenQuang()[0]
	p.Results = Share{3, 1} // three of at most 6,000, but the rate of a province without any
	p.Dossiers = Share{0, 0}
	if _, err := Make(1, Shape{}, p); err == nil {
		t.Error("a rate of nothing was made up")
	}
}
