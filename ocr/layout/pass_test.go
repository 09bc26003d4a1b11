package layout

import (
	"math/rand/v2"
	"testing"
)

// What is passed over is paper, and paper by eights is passed over.
func TestPass(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		limit := []uint8{128, dark, pale, faint, 255}[rnd.IntN(5)]
		row := make([]byte, rnd.IntN(60))
		for i := range row {
			row[i] = limit + uint8(rnd.IntN(256-int(limit)))
			if rnd.IntN(40) == 0 {
				row[i] = uint8(rnd.IntN(256))
			}
		}
		x := rnd.IntN(len(row) + 1)
		to := pass(row, x, limit)
		for i := x; i < to; i++ {
			if row[i] < limit {
				t.Fatalf("%v from %d passed to %d over %d", row, x, to, row[i])
			}
		}
		if to < x || (to-x)%8 != 0 {
			t.Fatalf("from %d to %d", x, to)
		}
		if to+8 > len(row) {
			continue
		}
		ink := false
		for _, v := range row[to : to+8] {
			ink = ink || v < limit
		}
		if !ink {
			t.Fatalf("%v from %d: stopped at %d, where paper is", row, x, to)
		}
	}
}
