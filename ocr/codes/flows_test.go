package codes

import (
	"image"
	"math/rand/v2"
	"slices"
	"testing"
)

// The sums are those of the definition, whatever the width, and nothing beside the
// picture is read.
func TestFlows(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	for w := 1; w < 70; w++ {
		h := 1 + r.IntN(60)
		m := image.NewGray(image.Rect(0, 0, w, h))
		for i := range m.Pix {
			m.Pix[i] = byte(r.Uint32())
		}
		want := make([]flow, w/tile*(h/tile))
		for y := 1; y < h/tile*tile-1; y += 2 {
			for x := 1; x < min(w/tile*tile, w-1); x++ {
				at := func(x, y int) float64 { return float64(m.GrayAt(x, y).Y) }
				dx, dy, f := at(x+1, y)-at(x-1, y), at(x, y+1)-at(x, y-1), &want[y/tile*(w/tile)+x/tile]
				f.xx, f.yy, f.xy = f.xx+dx*dx, f.yy+dy*dy, f.xy+dx*dy
			}
		}
		if got, _ := flows(m); !slices.Equal(got, want) {
			t.Fatalf("%d by %d: %v, want %v", w, h, got, want)
		}
	}
}
