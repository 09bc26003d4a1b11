package codes

import (
	"image"
	"math/rand/v2"
	"slices"
	"testing"
)

// What is made black and white here and what the library makes so are the same to the
// last pixel: the codes found are, and where their corners lie. Pages are of any size,
// dark and pale, noisy, cut off at their sides, with codes of any size and angle.
func TestBlackIsTheLibrarys(t *testing.T) {
	marks := []*image.Gray{made(t, "QRCODE", card, 4, 0), made(t, "QRCODE", sheet, 2, 0), made(t, "QRCODE", sheet, 9, 0)}
	found, noise := 0, rand.New(rand.NewPCG(7, 7))
	large := made(t, "QRCODE", "A", 22, 0) // is found on a third of its page, or a ninth
	for i := range 312 {
		w, h := 20+noise.IntN(40*(1+i%40)), 20+noise.IntN(60*(1+i%30))
		m := image.NewGray(image.Rect(0, 0, w, h))
		paper, rough := 60+noise.IntN(190), noise.IntN(40)
		for y := range h {
			for x := range w {
				m.Pix[y*m.Stride+x] = byte(max(0, paper-40*x/w-noise.IntN(rough+1)))
			}
		}
		if i >= 300 { // under noise that nearly hides it
			m = image.NewGray(image.Rect(0, 0, 1500+noise.IntN(40), 1700))
			paste(m, large, 700, 800, float64(noise.IntN(360)))
			for j, v := range m.Pix {
				m.Pix[j] = byte(100 + int(v)/5 + noise.IntN(90))
			}
		}
		for range 1 + i%3 {
			paste(m, marks[noise.IntN(len(marks))], float64(noise.IntN(w)), float64(noise.IntN(h)), float64(noise.IntN(360)))
		}
		for range noise.IntN(200) { // specks
			m.Pix[noise.IntN(len(m.Pix))] = byte(noise.IntN(256))
		}
		if i%4 == 0 {
			m = m.SubImage(image.Rect(0, 0, max(1, w-noise.IntN(9)), max(1, h-noise.IntN(9)))).(*image.Gray)
		}
		ours, err1 := find(m, qr)
		its, err2 := find(m, qr|plain)
		if err1 != nil || err2 != nil || !slices.Equal(ours, its) {
			t.Errorf("image %d, %d by %d: %v (%v), the library's %v (%v)", i, w, h, ours, err1, its, err2)
		}
		found += len(its)
	}
	if found < 50 {
		t.Errorf("only %d codes were there to compare", found)
	}
}
