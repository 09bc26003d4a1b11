package sides

import (
	"image"
	"math/rand/v2"
	"slices"
	"testing"
)

// The loops in C do what their definitions say, whatever the width and height.
func TestRows(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 5))
	for round := range 400 {
		w, h := 1+rnd.IntN(120), 1+rnd.IntN(40)
		switch round % 100 {
		case 0:
			w = 1000 + rnd.IntN(3000)
		case 1:
			h = 250 + rnd.IntN(600)
		}
		m := image.NewGray(image.Rect(0, 0, w, h))
		m.Stride += rnd.IntN(3)
		m.Pix = make([]byte, m.Stride*h)
		dark := byte(rnd.IntN(256))
		if round%100 == 1 { // all is dark, in more rows than a byte counts
			dark = 255
		}
		for i := range m.Pix {
			if m.Pix[i] = dark + byte(rnd.IntN(3)) - 1; rnd.IntN(3) == 0 {
				m.Pix[i] = byte(rnd.IntN(256))
			}
		}
		r := image.Rect(w/5, h/7, w-w/9, h-h/5)
		greys, columns, rows := greysOf(m), make([]int32, r.Dx()), make([]int32, r.Dy())
		if !r.Empty() {
			addInk(columns, rows, m, r, dark)
		}
		var wantGreys [256]int64
		wantColumns, wantRows := make([]int32, r.Dx()), make([]int32, r.Dy())
		for y := range h {
			for x := range w {
				v := m.GrayAt(x, y).Y
				wantGreys[v]++
				if image.Pt(x, y).In(r) && v <= dark {
					wantColumns[x-r.Min.X]++
					wantRows[y-r.Min.Y]++
				}
			}
		}
		if greys != wantGreys || !slices.Equal(columns, wantColumns) || !slices.Equal(rows, wantRows) {
			t.Fatalf("%d by %d, dark is %d: other counts", w, h, dark)
		}
	}
}
