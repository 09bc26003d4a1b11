package codes

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	card  = "001089123456|012345678|Nguyễn Vĩnh Nghĩa|01021990|Nam|Xã Vĩnh Nghĩa, tỉnh Tuyên Quang|03042021"
	sheet = "000.00.12.H60-260315-0001"
)

// made draws a code with zint, a program we did not write; side is the width of
// its thinnest bar in pixels, high that of its bars in units of that.
func made(t *testing.T, kind, text string, side float64, high int) *image.Gray {
	t.Helper()
	path := filepath.Join(t.TempDir(), "code.png")
	args := []string{"--barcode=" + kind, "--notext", "--quietzones", fmt.Sprintf("--scale=%g", side/2), "-o", path, "-d", text}
	if high > 0 {
		args = append(args, fmt.Sprintf("--height=%d", high))
	}
	if out, err := exec.Command("zint", args...).CombinedOutput(); err != nil {
		t.Fatalf("zint: %v: %s", err, out)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	m, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return grey(m)
}

func grey(m image.Image) *image.Gray {
	g := image.NewGray(m.Bounds())
	for y := range m.Bounds().Dy() {
		for x := range m.Bounds().Dx() {
			g.Set(x, y, m.At(x, y))
		}
	}
	return g
}

// paper is a page of A4 at 200 dpi.
func paper() *image.Gray {
	m := image.NewGray(image.Rect(0, 0, 1654, 2339))
	for i := range m.Pix {
		m.Pix[i] = 240
	}
	return m
}

// paste lays code on page, its centre at (cx, cy), turned clockwise.
func paste(page, code *image.Gray, cx, cy, degrees float64) {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	w, h := float64(code.Rect.Dx()), float64(code.Rect.Dy())
	r := int(math.Hypot(w, h)/2) + 1
	for y := int(cy) - r; y <= int(cy)+r; y++ {
		for x := int(cx) - r; x <= int(cx)+r; x++ {
			dx, dy := float64(x)-cx, float64(y)-cy
			u, v := cos*dx+sin*dy+w/2, -sin*dx+cos*dy+h/2
			if u >= 0 && v >= 0 && u < w-1 && v < h-1 && image.Pt(x, y).In(page.Rect) {
				page.Pix[y*page.Stride+x] = sample(code, u, v)
			}
		}
	}
}

func texts(t *testing.T, m *image.Gray) []string {
	t.Helper()
	all, err := Find(m)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, c := range all {
		out = append(out, c.Format+" "+c.Text)
	}
	return out
}

func TestAnyAngle(t *testing.T) {
	for _, k := range []struct {
		kind, format, text string
		side               float64
		high               int
	}{
		{"QRCODE", QR, card, 3, 0},
		{"CODE128", Code128, sheet, 3, 40},
		{"CODE128", Code128, sheet, 2, 30},
		{"CODE128", Code128, "A1", 2, 30},
	} {
		code := made(t, k.kind, k.text, k.side, k.high)
		for degrees := 0.0; degrees < 360; degrees += 40 {
			page := paper()
			paste(page, code, 820, 1100, degrees)
			if got := texts(t, page); !slices.Equal(got, []string{k.format + " " + k.text}) {
				t.Errorf("%s of %g pixels a bar at %g°: read %q", k.kind, k.side, degrees, got)
			}
		}
	}
}

func TestManyOnAPageAndWhere(t *testing.T) {
	page := paper()
	paste(page, made(t, "QRCODE", card, 3, 0), 300, 300, 0)
	paste(page, made(t, "CODE128", "two", 3, 40), 1200, 700, 33)
	paste(page, made(t, "QRCODE", "three", 4, 0), 1300, 1200, 45)
	paste(page, made(t, "CODE128", sheet, 2, 40), 700, 1700, 90)
	paste(page, made(t, "CODE128", sheet, 2, 40), 1200, 2000, 0) // the same once more, elsewhere
	all, err := Find(page)
	if err != nil {
		t.Fatal(err)
	}
	want := []struct {
		text string
		at   image.Point
	}{{card, image.Pt(300, 300)}, {"two", image.Pt(1200, 700)}, {"three", image.Pt(1300, 1200)}, {sheet, image.Pt(700, 1700)}, {sheet, image.Pt(1200, 2000)}}
	if len(all) != len(want) {
		t.Fatalf("found %d codes, want %d: %q", len(all), len(want), all)
	}
	for _, w := range want {
		if !slices.ContainsFunc(all, func(c Code) bool {
			b := c.Box()
			centre := b.Min.Add(b.Max).Div(2)
			d := centre.Sub(w.at)
			return c.Text == w.text && math.Hypot(float64(d.X), float64(d.Y)) < 30
		}) {
			t.Errorf("%q is not found at %v: %v", w.text, w.at, all)
		}
	}
}

// worn makes a page what a poor scanner makes of it.
func worn(m *image.Gray, kind string, seed uint64) *image.Gray {
	rnd := rand.New(rand.NewPCG(seed, 1))
	out := image.NewGray(m.Rect)
	for i, p := range m.Pix {
		out.Pix[i] = byte(min(255, max(0, float64(p)*0.8+rnd.NormFloat64()*12)))
	}
	switch kind {
	case "fax":
		for i, p := range out.Pix {
			out.Pix[i] = 0
			if p > 120 {
				out.Pix[i] = 255
			}
			if rnd.IntN(400) == 0 {
				out.Pix[i] = 255 - out.Pix[i]
			}
		}
	case "jpeg":
		var b bytes.Buffer
		if err := jpeg.Encode(&b, out, &jpeg.Options{Quality: 30}); err != nil {
			panic(err)
		}
		back, err := jpeg.Decode(&b)
		if err != nil {
			panic(err)
		}
		return grey(back)
	}
	return out
}

// TestWorn reads 24 worn pages, each with two codes turned at random: at least
// 99 of 100 must be read, and nothing that is not there.
func TestWorn(t *testing.T) {
	read, sheets := 0, 0
	for i := range 24 {
		rnd := rand.New(rand.NewPCG(uint64(i), 7))
		page := paper()
		text := fmt.Sprintf("000.00.12.H60-260315-%04d", i)
		paste(page, made(t, "QRCODE", card, 3, 0), 400, 500, rnd.Float64()*360)
		paste(page, made(t, "CODE128", text, 3, 40), 900, 1500, rnd.Float64()*360)
		want := []string{QR + " " + card, Code128 + " " + text}
		for _, got := range texts(t, worn(page, []string{"noise", "fax", "jpeg"}[i%3], uint64(i))) {
			if !slices.Contains(want, got) {
				t.Errorf("page %d: read %q, which is not there", i, got)
				continue
			}
			read++
		}
		sheets += 2
	}
	if read*100 < sheets*99 {
		t.Errorf("%d of %d codes were read", read, sheets)
	}
}

// A code that is stained over is not read, and not guessed.
func TestSpoiled(t *testing.T) {
	for kind, high := range map[string]int{"QRCODE": 0, "CODE128": 30} {
		page := paper()
		code := made(t, kind, sheet, 3, high)
		paste(page, code, 800, 900, 0)
		for y := 700; y < 1100; y++ {
			for x := 800 - code.Rect.Dx()/6; x < 800+code.Rect.Dx()/6; x++ {
				page.Pix[y*page.Stride+x] = 20
			}
		}
		if got := texts(t, page); len(got) != 0 {
			t.Errorf("%s: read %q under the stain", kind, got)
		}
	}
}

// Rulings and stripes look like bars and are none.
func TestNoCode(t *testing.T) {
	page := paper()
	for y := 300; y < 2000; y++ {
		for x := 200; x < 1500; x++ {
			if x%90 < 3 || y%60 < 3 || y > 1500 && x/5%2 == 0 {
				page.Pix[y*page.Stride+x] = 30
			}
		}
	}
	if got := texts(t, page); len(got) != 0 {
		t.Errorf("read %q", got)
	}
	for _, r := range []image.Rectangle{{}, image.Rect(0, 0, 1, 1), image.Rect(0, 0, 40, 3), image.Rect(0, 0, 3, 4000)} {
		if got := texts(t, image.NewGray(r)); len(got) != 0 {
			t.Errorf("%v: read %q", r, got)
		}
	}
}

func TestParse(t *testing.T) {
	for _, bad := range []string{"QR\n", "QR\t1\t2\t3\t4\t5\t6\t7\tx\t41\n", "QR\t1\t2\t3\t4\t5\t6\t7\t8\t4\n"} {
		if got, err := parse(bad); err == nil {
			t.Errorf("%q: %v", bad, got)
		}
	}
	got, err := parse("QR\t1\t2\t3\t4\t5\t6\t7\t8\t0a41ff\n")
	if err != nil || len(got) != 1 || got[0].Text != "\nA\uFFFD" || strings.Contains(got[0].Format, "\n") {
		t.Errorf("%q %v", got, err)
	}
}

func BenchmarkFind(b *testing.B) {
	page := paper()
	for range b.N {
		if _, err := Find(page); err != nil {
			b.Fatal(err)
		}
	}
}
