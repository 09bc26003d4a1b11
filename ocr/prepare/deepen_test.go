package prepare

import (
	"math"
	"slices"
	"testing"
)

// Pale streaks down a page become as dark as the rest; full ink, blurred
// shadows and an empty page stay as they are.
func TestDeepen(t *testing.T) {
	front := written(t, 200)
	kept := slices.Clone(front.Pix)
	if deepen(front, 200); !slices.Equal(kept, front.Pix) {
		t.Error("a page of full ink was changed")
	}
	w, h := front.Rect.Dx(), front.Rect.Dy()
	streaked := paper(w, h, 255)
	left := func(x int) float64 { return 1 - 0.7*math.Pow(math.Sin(float64(x)*math.Pi/float64(w)*2), 2) }
	for i, v := range front.Pix {
		streaked.Pix[i] = byte(255 - float64(255-v)*left(i%w))
	}
	lost := func(pix []uint8) (n int) {
		for i, v := range front.Pix {
			if v < 100 && pix[i] > 150 {
				n++
			}
		}
		return n
	}
	before := lost(streaked.Pix)
	deepen(streaked, 200)
	if after := lost(streaked.Pix); before < 1000 || 10*after > before {
		t.Errorf("of %d pale pixels of ink %d are left", before, after)
	}
	for i, v := range front.Pix {
		if v == 255 && streaked.Pix[i] != 255 {
			t.Fatal("paper became ink")
		}
	}
	shadow := Resize(Resize(front, w/6, h/6), w, h)
	for i, v := range shadow.Pix {
		shadow.Pix[i] = byte(255 - (255-int(v))*45/100)
	}
	kept = slices.Clone(shadow.Pix)
	if deepen(shadow, 200); !slices.Equal(kept, shadow.Pix) {
		t.Error("what is blurred was made darker")
	}
}
