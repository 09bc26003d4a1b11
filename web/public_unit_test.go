package web

import (
	"math/rand/v2"
	"testing"

	"sohoa/dossier"
	"sohoa/dossier/figures"
)

// Whatever the numbers are, nothing is told over one to four dossiers, neither of
// an agency nor of those together, and sums stay what they were.
func TestFewAreToldTogether(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 2))
	for range 3000 {
		var each []rates
		for range 1 + r.IntN(3) {
			said := rates{}
			for _, key := range []string{"a", "b"} {
				said[key] = map[dossier.AgencyCode]figures.Rate{}
				for i := range r.IntN(7) {
					d := r.IntN(12)
					said[key][dossier.AgencyCode('A'+rune(i))] = figures.Rate{Numerator: r.IntN(d + 1), Denominator: d}
				}
			}
			each = append(each, said)
		}
		small := few(each)
		for _, said := range each {
			for key, by := range said {
				was, is := monthRates{By: by}.total(), monthRates{By: together(by, small)}
				if is.total() != was {
					t.Fatalf("%s: sums differ: %v, %v", key, is.total(), was)
				}
				for a, x := range is.By {
					if 0 < x.Denominator && x.Denominator < fewest && !(a == others && len(is.By) == 1) {
						t.Fatalf("%s of %v is told over %d dossiers: %v", key, a, x.Denominator, is.By)
					}
				}
			}
		}
	}
}
