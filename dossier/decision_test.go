package dossier

import "testing"

// A page with a stuck note is one page of paper and two images; what was kept before
// there was a count of them reads as it did.
func TestCapturedTwice(t *testing.T) {
	for said, want := range map[string]Decided{"digitise": {ToDigitise, 3, 0}, "digitise+2": {ToDigitise, 3, 2}} {
		d := DecidedAs(said, 3)
		if d != want || d.Said() != said || d.Images() != 3+want.Twice {
			t.Errorf("%s: %+v, %d images", said, d, d.Images())
		}
	}
}
