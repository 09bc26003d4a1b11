package layout

import (
	"image"
	"math/rand/v2"
	"slices"
	"testing"
)

// The loops in C do what their definitions say, whatever the width.
func TestRows(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for round := range 1500 {
		w, h := 1+rnd.IntN(90), 1+rnd.IntN(40)
		if round%100 == 0 {
			w = 1000 + rnd.IntN(4000)
		}
		g := image.NewGray(image.Rect(0, 0, w, h))
		g.Stride += rnd.IntN(3)
		g.Pix = make([]byte, g.Stride*h)
		for i := range g.Pix {
			g.Pix[i] = 255
			if rnd.IntN(4) == 0 || i > 0 && g.Pix[i-1] < 200 && rnd.IntN(4) > 0 || i >= g.Stride && g.Pix[i-g.Stride] < 200 && rnd.IntN(4) > 0 {
				g.Pix[i] = byte(rnd.IntN(256))
			}
		}
		full, pale := darkerThan(g, dark, faint)
		limit := []uint8{1, 128, dark, faint, 255}[rnd.IntN(5)]
		least := int32(1 + rnd.IntN(9))
		columns, want := make([]stretch, w), make([]stretch, w)
		old := make([]int32, 3*w)
		for y := range h {
			row := g.Pix[y*g.Stride:][:w]
			var places []int32
			var ended []int32
			for x, v := range row {
				if v < dark {
					full--
				} else if v < faint {
					pale--
				}
				if (v < limit) != (x > 0 && row[x-1] < limit) {
					places = append(places, int32(x))
				}
				if v < limit {
					if r, ok := want[x].take(int32(y), least); ok {
						ended = append(ended, int32(x), r.x0, r.x1)
					}
				}
			}
			if row[w-1] < limit {
				places = append(places, int32(w))
			}
			got := stretchesOf(make([]int32, w+1), row, limit)
			if !slices.Equal(got, places) {
				t.Fatalf("darker than %d of %v: %v, not %v", limit, row, got, places)
			}
			if got := upright(old, columns, got, y, least); !slices.Equal(got, ended) {
				t.Fatalf("row %d of %v ends %v, not %v", y, row, got, ended)
			}
		}
		if full != 0 || pale != 0 {
			t.Fatalf("%d dark pixels and %d pale ones are not there", full, pale)
		}
		if !slices.Equal(columns, want) {
			t.Fatal("other columns")
		}
	}
}
