package prepare

import (
	"image"
	"math"
	"testing"
)

// stamped is a page of 200 dpi with rows of black print, a pale ring of a radius in
// millimetres with a star of sorts in it, and a row of print through the ring.
func stamped(print, ring uint8, radius float64) *image.Gray {
	g := image.NewGray(image.Rect(0, 0, 900, 900))
	for i := range g.Pix {
		g.Pix[i] = 255
	}
	cx, cy, r := 450.0, 500.0, radius*200/25.4
	for y := range 900 {
		for x := range 900 {
			if d := math.Hypot(float64(x)-cx, float64(y)-cy); d < r && d > r-7 || d < 12 {
				g.Pix[y*g.Stride+x] = ring
			}
		}
	}
	for _, y0 := range []int{60, 120, 500} {
		for x := 40; x < 860; x++ {
			for y := y0; y < y0+20 && x%16 < 6; y++ {
				if g.Pix[y*g.Stride+x] = print; x%16 == 5 {
					g.Pix[y*g.Stride+x] = print/2 + 127 // the edge of a stroke
				}
			}
		}
	}
	return g
}

// A pale ring of a seal's size goes, and the black print through it stays as it is.
func TestFadeSeals(t *testing.T) {
	for name, row := range map[string]struct {
		print, ring uint8
		radius      float64
		rings       int
	}{
		"a seal":              {20, 130, 18, 1},
		"a black seal":        {20, 30, 18, 0},
		"a small circle":      {20, 130, 6, 0},
		"pale print":          {120, 130, 18, 0},
		"a seal, paper white": {20, 255, 18, 0},
	} {
		g, before := stamped(row.print, row.ring, row.radius), stamped(row.print, row.ring, row.radius)
		if n := FadeSeals(g, 200); n != row.rings {
			t.Errorf("%s: %d rings, want %d", name, n, row.rings)
		}
		left, lost := 0, 0
		for i, v := range g.Pix {
			switch {
			case v == row.ring && row.rings > 0:
				left++
			case v != before.Pix[i] && before.Pix[i] != row.ring:
				lost++
			case v != before.Pix[i] && row.rings == 0:
				lost++
			}
		}
		if lost > 0 || left > 600 { // of 7000: what is next to print stays
			t.Errorf("%s: %d pixels of others lost, %d of the ring left", name, lost, left)
		}
	}
}

// What is no ring is left alone, however pale and however much of it.
func TestFadeSealsLeavesPrint(t *testing.T) {
	g := stamped(20, 255, 18)
	for y := 300; y < 700; y += 40 {
		for x := 60; x < 840; x++ {
			for k := 0; k < 14 && x%12 < 4; k++ {
				g.Pix[(y+k)*g.Stride+x] = 140
			}
		}
	}
	before := append([]byte(nil), g.Pix...)
	if n := FadeSeals(g, 200); n != 0 || string(before) != string(g.Pix) {
		t.Errorf("%d rings in rows of pale print", n)
	}
}
