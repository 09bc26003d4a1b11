package figures_test

import (
	"regexp"
	"testing"
	"time"

	"sohoa/dossier/figures"
)

// No source of a rule is told to Vietnamese readers in English.
func TestLaws(t *testing.T) {
	english := regexp.MustCompile(`\b(what|is|takes|place|nobody|those|that|in 20|was|no formula)\b`)
	for at := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC); at.Year() < 2028; at = at.AddDate(0, 1, 0) {
		for _, i := range figures.At(at) {
			if english.MatchString(figures.VietnameseLaw(i.Law)) {
				t.Errorf("%s: %q", i.Key, figures.VietnameseLaw(i.Law))
			}
		}
	}
}
