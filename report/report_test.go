package report

import "testing"

func TestChange(t *testing.T) {
	for _, c := range [][3]string{{"95,4", "94,2", "+1,2"}, {"9,95", "10,00", "−0,05"}, {"50,0", "50,0", "0,0"}, {"100", "97", "+3"}, {"–", "97", "–"}, {"1,0", "1,00", "–"}} {
		if got := Change(c[0], c[1]); got != c[2] {
			t.Errorf("Change(%s, %s) = %s, want %s", c[0], c[1], got, c[2])
		}
	}
}
