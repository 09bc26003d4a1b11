package report

import (
	"regexp"
	"testing"
	"time"

	"sohoa/dossier/figures"
)

func TestChange(t *testing.T) {
	for _, c := range [][3]string{{"95,4", "94,2", "+1,2"}, {"9,95", "10,00", "−0,05"}, {"50,0", "50,0", "0,0"}, {"100", "97", "+3"}, {"–", "97", "–"}, {"1,0", "1,00", "–"}} {
		if got := Change(c[0], c[1]); got != c[2] {
			t.Errorf("Change(%s, %s) = %s, want %s", c[0], c[1], got, c[2])
		}
	}
}

// No source of a rule is told to Vietnamese readers in English.
func TestLaws(t *testing.T) {
	english := regexp.MustCompile(`\b(what|is|takes|place|nobody|those|that|in 20|was|no formula)\b`)
	for at := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC); at.Year() < 2028; at = at.AddDate(0, 1, 0) {
		for _, i := range figures.At(at) {
			if english.MatchString(Law(i.Law)) {
				t.Errorf("%s: %q", i.Key, Law(i.Law))
			}
		}
	}
}
