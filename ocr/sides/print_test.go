package sides

import (
	"math/rand/v2"
	"testing"
)

// What is passed over is lighter, and of eight that are lighter all are passed.
func TestLighter(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	for range 20_000 {
		dark := byte(r.IntN(256))
		row := make([]byte, r.IntN(60))
		for i := range row {
			if row[i] = dark + byte(r.IntN(256-int(dark))); r.IntN(30) == 0 {
				row[i] = byte(r.IntN(256))
			}
		}
		x := r.IntN(len(row) + 1)
		to := lighter(row, x, dark)
		for i := x; i < to; i++ {
			if row[i] <= dark {
				t.Fatalf("%v from %d passed to %d over %d, dark is %d", row, x, to, row[i], dark)
			}
		}
		if dark >= 127 || to+8 > len(row) {
			continue
		}
		all := true
		for _, v := range row[to : to+8] {
			all = all && v > dark
		}
		if all {
			t.Fatalf("%v from %d: stopped at %d, dark is %d", row, x, to, dark)
		}
	}
}
