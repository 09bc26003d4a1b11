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

// What shines through pale print is left pale when the print becomes dark.
func TestDeepenLeavesWhatShinesThrough(t *testing.T) {
	front := written(t, 200)
	w, h := front.Rect.Dx(), front.Rect.Dy()
	through := Resize(Resize(Turn(front, 2), w/3, h/3), w, h)
	both := paper(w, h, 255)
	for i, v := range front.Pix {
		both.Pix[i] = byte(255 - max((255-int(v))*44/100, (255-int(through.Pix[i]))*20/100))
	}
	even(both, 200)
	fadeBleed(both)
	deepen(both, 200)
	print, ghost := 0, 0
	for i, v := range both.Pix {
		switch {
		case front.Pix[i] < 80 && v < 120:
			print++
		case front.Pix[i] == 250 && v < 240 && i%w > 2 && front.Pix[i-2] == 250 && front.Pix[i+2] == 250 && i > 2*w && i < (h-2)*w && front.Pix[i-2*w] == 250 && front.Pix[i+2*w] == 250:
			ghost++
		}
	}
	if print < 50000 || 10*ghost > print {
		t.Errorf("%d pixels of dark print, %d of what shines through", print, ghost)
	}
}
