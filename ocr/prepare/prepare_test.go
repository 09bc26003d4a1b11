package prepare

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// paper returns a w by h page of grey.
func paper(w, h int, grey byte) *image.Gray {
	g := image.NewGray(image.Rect(0, 0, w, h))
	for i := range g.Pix {
		g.Pix[i] = grey
	}
	return g
}

// fill darkens a rectangle.
func fill(g *image.Gray, r image.Rectangle, grey byte) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			g.SetGray(x, y, color.Gray{Y: grey})
		}
	}
}

// written returns an A4 page at dpi with ragged lines of text in paragraphs.
func written(t testing.TB, dpi int) *image.Gray {
	t.Helper()
	ttf, err := os.ReadFile("/usr/share/fonts/truetype/croscore/Tinos-Regular.ttf")
	if err != nil {
		t.Fatal(err)
	}
	tinos, err := opentype.Parse(ttf)
	if err != nil {
		t.Fatal(err)
	}
	face, err := opentype.NewFace(tinos, &opentype.FaceOptions{Size: 13, DPI: float64(dpi)})
	if err != nil {
		t.Fatal(err)
	}
	g := paper(dpi*827/100, dpi*1169/100, 250)
	words := strings.Fields("Căn cứ Luật Tổ chức chính quyền địa phương và theo đề nghị của Giám đốc Sở Nội vụ tỉnh Thái Bình")
	pen := font.Drawer{Dst: g, Src: image.NewUniform(color.Gray{Y: 30}), Face: face}
	r := rand.New(rand.NewPCG(1, 2))
	for top := 80.0; top < 760; top += 18 {
		pen.Dot = fixed.P(dpi*85/72, int(top*float64(dpi)/72))
		right := fixed.I(int((380 + r.Float64()*150) * float64(dpi) / 72))
		for pen.Dot.X < right && r.IntN(14) > 0 {
			pen.DrawString(words[r.IntN(len(words))] + " ")
		}
	}
	return g
}

func TestGreyIsTheRedChannel(t *testing.T) {
	pixels := []color.NRGBA{{255, 0, 0, 255}, {0, 0, 0, 255}, {255, 255, 255, 255}, {10, 200, 200, 255}, {0, 0, 0, 0}, {0, 0, 0, 128}}
	want := []byte{255, 0, 255, 10, 255, 127}
	nrgba := image.NewNRGBA(image.Rect(3, 5, 3+len(pixels), 6))
	rgba := image.NewRGBA(nrgba.Rect)
	cmyk := image.NewRGBA64(nrgba.Rect) // reaches the general way
	for i, p := range pixels {
		nrgba.Set(3+i, 5, p)
		rgba.Set(3+i, 5, p)
		cmyk.Set(3+i, 5, p)
	}
	for _, m := range []image.Image{nrgba, rgba, cmyk} {
		got := Grey(m)
		for i := range want {
			if d := int(got.Pix[i]) - int(want[i]); d < -1 || d > 1 {
				t.Errorf("%T: %v is grey %d, want %d", m, pixels[i], got.Pix[i], want[i])
			}
		}
	}
}

func TestGreyOfYCbCr(t *testing.T) {
	for _, ratio := range []image.YCbCrSubsampleRatio{image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio422,
		image.YCbCrSubsampleRatio420, image.YCbCrSubsampleRatio440, image.YCbCrSubsampleRatio411, image.YCbCrSubsampleRatio410} {
		r := rand.New(rand.NewPCG(3, 4))
		m := image.NewYCbCr(image.Rect(0, 0, 21, 13), ratio)
		for _, plane := range [][]byte{m.Y, m.Cb, m.Cr} {
			for i := range plane {
				plane[i] = byte(r.IntN(256))
			}
		}
		for _, part := range []image.Rectangle{m.Rect, image.Rect(5, 3, 18, 11)} {
			sub := m.SubImage(part).(*image.YCbCr)
			got := Grey(sub)
			for y := range part.Dy() {
				for x := range part.Dx() {
					c := color.RGBAModel.Convert(sub.At(part.Min.X+x, part.Min.Y+y)).(color.RGBA)
					if d := int(got.GrayAt(x, y).Y) - int(c.R); d < -1 || d > 1 {
						t.Fatalf("%v %v: red at %d,%d = %d, want %d", ratio, part, x, y, got.GrayAt(x, y).Y, c.R)
					}
				}
			}
		}
	}
}

func TestTurn(t *testing.T) {
	g := image.NewGray(image.Rect(0, 0, 3, 2))
	copy(g.Pix, "abcdef") // abc over def
	for quarters, want := range map[int]string{0: "3x2 abcdef", 1: "2x3 daebfc", 2: "3x2 fedcba", 3: "2x3 cfbead", -1: "2x3 cfbead", 6: "3x2 fedcba"} {
		got := Turn(g, quarters)
		if s := fmt.Sprintf("%dx%d %s", got.Rect.Dx(), got.Rect.Dy(), got.Pix); s != want {
			t.Errorf("Turn(%d) = %s, want %s", quarters, s, want)
		}
	}
}

func TestResize(t *testing.T) {
	g := image.NewGray(image.Rect(0, 0, 4, 2))
	copy(g.Pix, []byte{0, 100, 200, 40, 100, 200, 0, 0})
	if got := Resize(g, 2, 1); !bytes.Equal(got.Pix, []byte{100, 60}) {
		t.Errorf("a quarter = %v, want 100 60", got.Pix)
	}
	if got := Resize(paper(301, 97, 173), 200, 31); slicesMin(got.Pix) < 172 || slicesMax(got.Pix) > 173 {
		t.Errorf("even grey does not stay even: %d to %d", slicesMin(got.Pix), slicesMax(got.Pix))
	}
	if got := Resize(g, 8, 2).Pix[:8]; !bytes.Equal(got, []byte{0, 25, 75, 125, 175, 160, 80, 40}) {
		t.Errorf("twice as wide = %v", got)
	}
	if Resize(g, 4, 2) != g {
		t.Error("the same size is not the same image")
	}
}

func slicesMin(b []byte) byte {
	least := b[0]
	for _, v := range b {
		least = min(least, v)
	}
	return least
}

func slicesMax(b []byte) byte {
	most := b[0]
	for _, v := range b {
		most = max(most, v)
	}
	return most
}

// Turned clockwise by a positive angle, what lay to the right of the centre
// lies below it.
func TestRotateIsClockwise(t *testing.T) {
	g := paper(401, 401, 255)
	fill(g, image.Rect(300, 198, 306, 204), 0) // 102.5 right of the centre, level
	got := Rotate(g, 5)
	x, y := centroid(got)
	wantX, wantY := 200+102.5*math.Cos(5*math.Pi/180), 200.5+102.5*math.Sin(5*math.Pi/180)
	if math.Abs(x-wantX) > 0.6 || math.Abs(y-wantY) > 0.6 {
		t.Errorf("turned to %.1f,%.1f, want %.1f,%.1f", x, y, wantX, wantY)
	}
	if got.Pix[0] != 255 || got.Rect != g.Rect {
		t.Error("the frame changed or a corner is not white")
	}
	if Rotate(g, 0) != g {
		t.Error("no turn is not the same image")
	}
}

func centroid(g *image.Gray) (x, y float64) {
	sum := 0.0
	for i, v := range g.Pix {
		ink := float64(255 - int(v))
		x += ink * float64(i%g.Stride)
		y += ink * float64(i/g.Stride)
		sum += ink
	}
	return x / sum, y / sum
}

func TestSkew(t *testing.T) {
	level := written(t, 150)
	for _, lies := range []float64{0, 0.15, -0.3, 2.1, -6.6} {
		skewed := Rotate(level, -lies)
		got, sideways := Skew(skewed, 150)
		if math.Abs(got-lies) > 0.1 || sideways {
			t.Errorf("a page to be turned by %g: Skew = %g, sideways %v", lies, got, sideways)
		}
		if got, sideways := Skew(Turn(skewed, 3), 150); math.Abs(got-lies) > 0.1 || !sideways {
			t.Errorf("the same, on its side: Skew = %g, sideways %v", got, sideways)
		}
	}
}

func TestSkewWithoutText(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	noise := paper(600, 800, 240)
	for i := range noise.Pix {
		noise.Pix[i] -= byte(r.IntN(12))
	}
	for name, g := range map[string]*image.Gray{"white": paper(600, 800, 255), "black": paper(600, 800, 0), "noise": noise, "a pixel": paper(1, 1, 9)} {
		if got, sideways := Skew(g, 75); got != 0 || sideways {
			t.Errorf("%s: Skew = %g, %v", name, got, sideways)
		}
	}
}

// A dark edge that the scanner left at the side is level with the scanner, not
// with the paper.
func TestSkewIgnoresTheScannersEdge(t *testing.T) {
	g := Rotate(written(t, 100), -2)
	fill(g, image.Rect(0, 0, g.Rect.Dx(), 12), 0)
	if got, _ := Skew(g, 100); math.Abs(got-2) > 0.1 {
		t.Errorf("Skew = %g, want 2", got)
	}
}

func TestNormalise(t *testing.T) {
	const dpi = 100
	g := paper(827, 1169, 0)
	for i := range g.Pix { // a shadow over yellow paper, from 230 down to 130
		g.Pix[i] = byte(230 - 100*(i%827)/827)
	}
	fill(g, image.Rect(100, 500, 120, 504), 40)  // ink in the light
	fill(g, image.Rect(700, 500, 720, 504), 25)  // ink in the shade
	fill(g, image.Rect(300, 800, 500, 1000), 20) // a picture
	got := Normalise(g, dpi)
	for _, p := range []image.Point{{2, 2}, {400, 300}, {800, 1100}, {820, 20}} {
		if v := got.GrayAt(p.X, p.Y).Y; v < 245 {
			t.Errorf("paper at %v is %d", p, v)
		}
	}
	light, shade := got.GrayAt(110, 502).Y, got.GrayAt(710, 502).Y
	if light > 60 || shade > 60 || math.Abs(float64(light)-float64(shade)) > 16 {
		t.Errorf("ink is %d in the light and %d in the shade", light, shade)
	}
	if v := got.GrayAt(400, 900).Y; v > 60 {
		t.Errorf("the picture came out as paper: %d", v)
	}
}

func TestNormaliseOddSizes(t *testing.T) {
	for _, size := range [][2]int{{1, 1}, {2, 300}, {301, 3}, {50, 50}, {51, 49}, {99, 101}} {
		g := Normalise(paper(size[0], size[1], 180), 200)
		if slicesMin(g.Pix) < 250 {
			t.Errorf("%v: paper of 180 comes out as %d", size, slicesMin(g.Pix))
		}
	}
	if g := Normalise(paper(0, 0, 0), 200); !g.Rect.Empty() {
		t.Error("nothing became something")
	}
}

func TestBlank(t *testing.T) {
	const dpi = 200
	r := rand.New(rand.NewPCG(7, 8))
	white := paper(1654, 2339, 255)
	specks := paper(1654, 2339, 250)
	for range 400 { // dust, a pixel or two each
		fill(specks, image.Rectangle{Min: image.Pt(r.IntN(1600), r.IntN(2300))}.Add(image.Pt(1, 1)), 0)
		specks.Pix[r.IntN(len(specks.Pix))] = 0
	}
	through := Normalise(faded(written(t, dpi), 150), dpi)
	edge := paper(1654, 2339, 255)
	fill(edge, image.Rect(0, 0, 1654, 20), 0)
	digit := paper(1654, 2339, 255)
	fill(digit, image.Rect(800, 100, 804, 118), 0) // a "7" of 9 points
	fill(digit, image.Rect(790, 100, 804, 104), 0)
	for name, row := range map[string]struct {
		g    *image.Gray
		want bool
	}{
		"white": {white, true}, "specks": {specks, true}, "shining through": {through, true}, "scanner's edge": {edge, true},
		"a page number": {digit, false}, "text": {written(t, dpi), false}, "black": {paper(1654, 2339, 0), false},
		"no pixels": {paper(0, 0, 0), true},
	} {
		if got := Blank(row.g, dpi); got != row.want {
			t.Errorf("%s: Blank = %v", name, got)
		}
	}
}

// faded lifts the ink of g to grey.
func faded(g *image.Gray, grey byte) *image.Gray {
	for i, v := range g.Pix {
		g.Pix[i] = max(v, grey)
	}
	return g
}

// BenchmarkPrepare is all that is done to a colour page of A4 at 300 dpi
// between its decoding and its reading.
func BenchmarkPrepare(b *testing.B) {
	m := image.NewYCbCr(image.Rect(0, 0, 2480, 3508), image.YCbCrSubsampleRatio420)
	copy(m.Y, Rotate(written(b, 300), -1.5).Pix)
	for i := range m.Cr {
		m.Cr[i] = 128
	}
	for b.Loop() {
		g := Resize(Grey(m), 1653, 2339)
		skew, _ := Skew(g, 200)
		g = Normalise(Rotate(g, skew), 200)
		if Blank(g, 200) {
			b.Fatal("the page is not blank")
		}
	}
}
