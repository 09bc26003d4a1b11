package codes

import (
	"image"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"sohoa/specimen"
)

// seen is a code as a poor camera has it: small, turned, drawn out, tilted, blurred, pale,
// under noise, cut off.
func seen(code *image.Gray, r *rand.Rand) *image.Gray {
	w, h := 60+r.IntN(200), 60+r.IntN(200)
	m := image.NewGray(image.Rect(0, 0, w, h))
	sin, cos := math.Sincos(r.Float64() * 2 * math.Pi)
	zoom := float64(code.Rect.Dx()) / (float64(min(w, h)) * (0.4 + 0.5*r.Float64()))
	drawn, lean, tilt := 0.6+1.2*r.Float64(), 1.2*r.Float64()-0.6, (r.Float64()-0.5)/200
	cx, cy := float64(w)*(0.4+0.2*r.Float64()), float64(h)*(0.4+0.2*r.Float64())
	contrast, paper, noise := 0.4+0.6*r.Float64(), 120+r.Float64()*130, r.IntN(30)
	for y := range h {
		for x := range w {
			u, v := (float64(x)-cx)*zoom, (float64(y)-cy)*zoom
			far := 1 + tilt*(float64(x)-cx)
			u, v = (cos*u+sin*v)*far, (cos*v-sin*u)*drawn*far
			u += lean * v
			sum := 0
			for _, d := range [...][2]float64{{0, 0}, {zoom / 2, 0}, {0, zoom / 2}, {zoom / 2, zoom / 2}} {
				sum += int(sample(code, u+d[0]+float64(code.Rect.Dx())/2, v+d[1]+float64(code.Rect.Dy())/2))
			}
			grey := paper - contrast*paper*(1-float64(sum)/1020) + float64(r.IntN(noise+1)-noise/2)
			m.Pix[y*w+x] = byte(min(max(grey, 0), 255))
		}
	}
	return m
}

// Where there are no three finder patterns the library is not asked. It would have found
// nothing: of codes that it can hardly read, it reads as many when it is asked of all.
func TestLookMissesNothing(t *testing.T) {
	var codes []*image.Gray
	for _, text := range []string{"A", sheet, card} {
		codes = append(codes, made(t, "QRCODE", text, 8, 0))
	}
	r := rand.New(rand.NewPCG(11, 4))
	read, passed := 0, 0
	for i := range 1500 {
		m := seen(codes[i%len(codes)], r)
		if i%5 == 4 { // only specks, of which patterns may come by chance
			for j := range m.Pix {
				m.Pix[j] = byte(r.IntN(2) * 255)
			}
		}
		ours, err1 := find(m, qr)
		its, err2 := find(m, qr|plain)
		if err1 != nil || err2 != nil || !slices.Equal(ours, its) {
			t.Errorf("image %d, %v: %v (%v), the library's %v (%v)", i, m.Rect, ours, err1, its, err2)
		}
		read += len(its)
		if finders(m) {
			passed++
		}
	}
	if read < 300 || read > 900 {
		t.Errorf("%d of 1200 codes were read: these are too hard, or too easy", read)
	}
	if passed > 1450 {
		t.Errorf("the look passed %d of 1500", passed)
	}
}

// On pages of text there are no three: the letters of the paper are none, whatever its wear.
func TestLookPassesText(t *testing.T) {
	press, err := specimen.NewPress()
	if err != nil {
		t.Fatal(err)
	}
	passed := 0
	for i, kind := range []specimen.Kind{specimen.Decision, specimen.Minutes, specimen.Contract, specimen.Report} {
		for _, w := range []specimen.Wear{specimen.Office(uint64(i)), specimen.BlackWhite(uint64(i))} {
			w.Grey = true
			if finders(glance(press.Paper(kind, uint64(i), specimen.About{}).Only(0).Render(0, 200, w, uint64(i)))) {
				passed++
			}
		}
	}
	if passed > 1 {
		t.Errorf("on %d of 8 pages of text the library would be asked", passed)
	}
}
