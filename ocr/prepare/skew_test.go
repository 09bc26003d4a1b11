package prepare

import (
	"math"
	"testing"

	"sohoa/specimen"
)

// Papers of every kind, worn as they come and lying up to five degrees askew in the
// scanner, are levelled to a tenth of a degree.
func TestDeskewToATenth(t *testing.T) {
	wears := []func(uint64) specimen.Wear{specimen.Office, specimen.Old, specimen.BlackWhite}
	worst := 0.0
	for i, kind := range specimen.Kinds() {
		for n := range 2 {
			seed := uint64(300 + 2*i + n)
			w := wears[(i+n)%len(wears)](seed)
			w.Grey, w.Skew = true, -5+10*float64(2*i+n)/float64(2*len(specimen.Kinds())-1)
			m, _ := drawn(t, kind, seed, 150, w)
			s := Ready(m, Given{X: 150, Y: 150, Sure: true, DPI: 150, Most: 32 << 20})
			off := math.Abs(s.Skew + w.Skew)
			worst = max(worst, off)
			if off > 0.1 || s.Turn != 0 {
				t.Errorf("%s, seed %d, lying by %.2f: turned by %d and %.2f", kind, seed, w.Skew, s.Turn, s.Skew)
			}
		}
	}
	t.Logf("%.3f° off at most", worst)
}
