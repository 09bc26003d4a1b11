package prepare

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"math"
	"slices"
	"testing"

	"sohoa/specimen"
)

// drawn returns the first page of a paper as it comes from a scanner, and the
// page itself.
func drawn(t testing.TB, kind specimen.Kind, seed uint64, dpi float64, w specimen.Wear) (image.Image, *specimen.Page) {
	t.Helper()
	press, err := specimen.NewPress()
	if err != nil {
		t.Fatal(err)
	}
	s := press.Paper(kind, seed, specimen.About{}).Only(0)
	return s.Render(0, dpi, w, seed), &s.Pages[0]
}

// viaJPEG stores m as JPEG and takes it out again, as YCbCr.
func viaJPEG(t testing.TB, m image.Image) image.Image {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 85}); err != nil {
		t.Fatal(err)
	}
	d, err := jpeg.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

var usual = Given{X: 200, Y: 200, Sure: true, DPI: 200, Most: 32 << 20}

func TestReadyTurnsUpright(t *testing.T) {
	given := usual
	given.X, given.Y, given.DPI = 150, 150, 150
	for seed, kind := range []specimen.Kind{specimen.Decision, specimen.Report, specimen.BirthExtract} {
		w := specimen.Office(uint64(seed))
		w.Grey, w.Skew = true, float64(seed)-1.3
		m, _ := drawn(t, kind, uint64(seed), 150, w)
		for turn := range 4 {
			s := Ready(Turn(m.(*image.Gray), -turn), given)
			if s.Turn != turn || !s.Sure || math.Abs(s.Skew+w.Skew) > 0.1 {
				t.Errorf("%s lying by %d, skew %.1f: Turn %d (sure %v), Skew %.2f", kind, turn, w.Skew, s.Turn, s.Sure, s.Skew)
			}
			if x, y := s.Frame.At(100, 300); math.Abs(x-100) > 0.01 || math.Abs(y-300) > 0.01 {
				t.Errorf("the frame of a plain page is the page: %.2f,%.2f", x, y)
			}
		}
	}
}

// What the lines do not tell, the file does.
func TestReadyWithoutLines(t *testing.T) {
	given := usual
	given.Turn = 3
	if s := Ready(paper(600, 800, 250), given); s.Turn != 3 || s.Sure || s.Skew != 0 || !s.Blank || s.Photo {
		t.Errorf("an empty page: %+v", s)
	}
}

// Places on the image made ready are those of the same ink on the stored one,
// whatever was done in between.
func TestStoredPlaces(t *testing.T) {
	g := written(t, 150)
	fill(g, image.Rect(1040, 65, 1130, 90), 0) // a mark at the top right
	for turn := range 4 {
		for _, degrees := range []float64{0, 2.5} {
			m := Rotate(Turn(g, turn), degrees)
			given := usual
			given.X, given.Y = 150, 150
			s := Ready(m, given)
			x, y := s.Stored.Inverse().At(markIn(m))
			if v := s.Image.GrayAt(int(x), int(y)).Y; v > 60 {
				t.Errorf("turned by %d and %g: at %.0f,%.0f is %d, want the mark", turn, degrees, x, y, v)
			}
			over := s.Turned(2)
			if x, y := over.Stored.Inverse().At(markIn(m)); over.Image.GrayAt(int(x), int(y)).Y > 60 || over.Turn != s.Turn^2 {
				t.Errorf("turned by %d and %g: lost upside down", turn, degrees)
			}
		}
	}
}

// markIn returns the middle of the darkest 20 by 20 pixels.
func markIn(g *image.Gray) (float64, float64) {
	least, at := math.MaxInt, image.Point{}
	for y := 0; y+20 < g.Rect.Dy(); y += 4 {
		for x := 0; x+20 < g.Rect.Dx(); x += 4 {
			sum := 0
			for i := range 20 {
				sum += int(g.Pix[(y+i)*g.Stride+x+i]) + int(g.Pix[(y+i)*g.Stride+x+19-i])
			}
			if sum < least {
				least, at = sum, image.Pt(x+10, y+10)
			}
		}
	}
	return float64(at.X), float64(at.Y)
}

func TestResolutionIsGuessed(t *testing.T) {
	for _, row := range []struct {
		dpi, said float64
		sure      bool
		from      Source
	}{{96, 0, false, FromText}, {150, 150, true, Known}, {270, 120, true, FromText}, {100, 300, true, FromText}} {
		m, _ := drawn(t, specimen.Notice, 5, row.dpi, specimen.Wear{Grey: true, Skew: 0.4, Noise: 3})
		s := Ready(m, Given{X: row.said, Y: row.said, Sure: row.sure, DPI: 200, Most: 32 << 20})
		if math.Abs(s.X/row.dpi-1) > 0.02 || s.X != s.Y || s.From != row.from || s.DPI != 200 {
			t.Errorf("%g dpi said to be %g: %.1f from %s, read at %g", row.dpi, row.said, s.X, s.From, s.DPI)
		}
	}
	// Half a page of the same letters is A5, whatever its pixels would be on A4.
	m, _ := drawn(t, specimen.Contract, 5, 200, specimen.Wear{Grey: true, Noise: 3})
	half := m.(*image.Gray).SubImage(image.Rect(240, 300, 240+1165, 300+1654)).(*image.Gray)
	if s := Ready(&image.Gray{Pix: half.Pix, Stride: half.Stride, Rect: image.Rect(0, 0, 1165, 1654)}, Given{DPI: 200, Most: 32 << 20}); math.Abs(s.X-200) > 4 || s.From != FromText {
		t.Errorf("A5 is taken for %.0f dpi from %s", s.X, s.From)
	}
	// Fax: twice as many dots across as down.
	fax, _ := drawn(t, specimen.Notice, 5, 204, specimen.Wear{Bilevel: true, Skew: 0.4})
	s := Ready(Resize(fax.(*image.Gray), fax.Bounds().Dx(), fax.Bounds().Dy()*98/204), Given{X: 204, Y: 98, Sure: true, DPI: 200, Most: 32 << 20})
	if w, h := s.Image.Rect.Dx(), s.Image.Rect.Dy(); math.Abs(float64(h)/float64(w)-math.Sqrt2) > 0.01 || s.Skew > -0.3 || s.Skew < -0.5 {
		t.Errorf("fax: %d × %d, skew %.2f", w, h, s.Skew)
	}
}

// darkest is the least mean of 3 by 3 pixels in r.
func darkest(g *image.Gray, r image.Rectangle) int {
	least := 255
	for y := r.Min.Y; y < r.Max.Y-2; y++ {
		for x := r.Min.X; x < r.Max.X-2; x++ {
			sum := 0
			for i := range 9 {
				sum += int(g.Pix[(y+i/3)*g.Stride+x+i%3])
			}
			least = min(least, sum/9)
		}
	}
	return least
}

// ringed draws a red ring of radius mm about a place, with a red middle.
func ringed(m draw.Image, cx, cy, radius int) {
	red := color.RGBA{222, 62, 74, 255}
	for y := cy - radius; y <= cy+radius; y++ {
		for x := cx - radius; x <= cx+radius; x++ {
			d := math.Hypot(float64(x-cx), float64(y-cy))
			if d < float64(radius) && (d > float64(radius)-8 || d < float64(radius)/3) {
				m.Set(x, y, red)
			}
		}
	}
}

// redPage is a page with a red heading, a red stamp over print, and two seals.
func redPage() *image.RGBA {
	page := image.NewRGBA(image.Rect(0, 0, 1654, 2339))
	draw.Draw(page, page.Rect, image.NewUniform(color.RGBA{250, 249, 244, 255}), image.Point{}, draw.Src)
	red, black := image.NewUniform(color.RGBA{222, 62, 74, 255}), image.NewUniform(color.RGBA{30, 30, 34, 255})
	bar := func(r image.Rectangle, ink image.Image) { draw.Draw(page, r, ink, image.Point{}, draw.Src) }
	for x := 300; x < 900; x += 12 { // a red heading
		bar(image.Rect(x, 200, x+4, 225), red)
	}
	for x := 300; x < 900; x += 12 { // black lines with a red stamp over them
		bar(image.Rect(x, 1000, x+4, 1025), black)
		bar(image.Rect(x+2, 1010, x+9, 1018), red)
	}
	ringed(page, 1100, 1800, 142) // a seal
	ringed(page, 1654, 1300, 142) // one across two sheets
	bar(image.Rect(1000, 1790, 1300, 1794), black)
	return page
}

// Red print is kept, seals and stamps over print fade, on either kind of image.
func TestRed(t *testing.T) {
	page := redPage()
	for name, m := range map[string]image.Image{"RGBA": page, "JPEG": viaJPEG(t, page)} {
		g, area := Ink(m, 200)
		if area < 100 {
			t.Errorf("%s: %.0f mm² of red", name, area)
		}
		if v := darkest(g, image.Rect(300, 200, 900, 225)); v > 150 {
			t.Errorf("%s: the red heading faded to %d", name, v)
		}
		if v := darkest(g, image.Rect(301, 1004, 900, 1009)); v > 90 {
			t.Errorf("%s: black under the stamp is %d", name, v)
		}
		for at, r := range map[string]image.Rectangle{"stamp": image.Rect(306, 1012, 309, 1016), "seal": image.Rect(1080, 1680, 1120, 1780), "half seal": image.Rect(1515, 1250, 1560, 1350)} {
			if v := darkest(g, r); v < 180 {
				t.Errorf("%s: the %s is still %d", name, at, v)
			}
		}
	}
	if g, area := Ink(written(t, 100), 100); area != 0 || g == nil {
		t.Error("grey pages have no red")
	}
}

// What a seal's page has of black comes out as the red channel has it.
func TestInkOfPlainPage(t *testing.T) {
	m, _ := drawn(t, specimen.Decision, 8, 150, specimen.Office(8))
	g, area := Ink(m, 150)
	if area < 20 || !slices.Equal(g.Pix, Grey(m).Pix) {
		t.Errorf("%.0f mm² of red; the page with its seal is not its red channel", area)
	}
}

func TestBordersAndHoles(t *testing.T) {
	g := written(t, 200)
	w, h := g.Rect.Dx(), g.Rect.Dy()
	clean := Ready(g, usual).Image
	fill(g, image.Rect(0, 0, w, 70), 12)
	fill(g, image.Rect(w-60, 0, w, h), 12)
	for _, y := range []int{850, 1480} {
		for dy := -24; dy <= 24; dy++ {
			for dx := -24; dx <= 24; dx++ {
				if dx*dx+dy*dy <= 24*24 {
					g.SetGray(94+dx, y+dy, color.Gray{Y: 15})
				}
			}
		}
	}
	fill(g, image.Rect(300, 0, 304, 400), 30) // a ruling that runs into the border stays
	got := Ready(g, usual).Image
	for _, r := range []image.Rectangle{image.Rect(0, 0, 200, 70), image.Rect(w-60, 300, w, h), image.Rect(65, 800, 125, 900), image.Rect(65, 1450, 125, 1510)} {
		if v := darkest(got, r); v < 200 {
			t.Errorf("%v still holds %d", r, v)
		}
	}
	if v := darkest(got, image.Rect(296, 300, 308, 390)); v > 90 {
		t.Errorf("the ruling is gone: %d", v)
	}
	ink := func(g *image.Gray) (n int) {
		for _, v := range g.Pix {
			if v < inkGrey {
				n++
			}
		}
		return n
	}
	if a, b := ink(clean), ink(got); b < a || b > a+4*420 {
		t.Errorf("%d pixels of ink became %d", a, b)
	}
}

// photographed shows g from a slant on a brown desk, in a shadow. The corners
// are those of the sheet in the picture.
func photographed(g *image.Gray, w, h int, corners quad) *image.Gray {
	back := corners.onto(float64(g.Rect.Dx()), float64(g.Rect.Dy())).Inverse()
	out := Warp(g, back, w, h)
	for y := range h {
		for x := range w {
			u, v := back.At(float64(x), float64(y))
			light := 1 - 0.5*float64(x)/float64(w)
			at := &out.Pix[y*out.Stride+x]
			if u < 0 || v < 0 || u > float64(g.Rect.Dx()) || v > float64(g.Rect.Dy()) {
				*at = byte(120 + 16*math.Sin(float64(y)/17+float64(x)/90))
			}
			*at = byte(float64(*at) * light)
		}
	}
	return out
}

func TestPhotograph(t *testing.T) {
	g := written(t, 150)
	corners := quad{{190, 130}, {1290, 205}, {1350, 1790}, {105, 1850}}
	for turn := range 4 {
		m := Turn(photographed(g, 1500, 2000, corners), turn)
		s := Ready(m, Given{DPI: 200, Most: 32 << 20})
		if !s.Photo || s.From != FromSheet || s.Turn != (4-turn)&3 {
			t.Fatalf("turned by %d: photo %v, %s, Turn %d", turn, s.Photo, s.From, s.Turn)
		}
		up := turning(turn, 1500, 2000)
		w, h := float64(s.Image.Rect.Dx()), float64(s.Image.Rect.Dy())
		for i, c := range [4][2]float64{{0, 0}, {w, 0}, {w, h}, {0, h}} {
			x, y := s.Stored.At(c[0], c[1])
			wantX, wantY := up.At(corners[i][0], corners[i][1])
			if math.Hypot(x-wantX, y-wantY) > 8 {
				t.Errorf("turned by %d: corner %d at %.0f,%.0f, want %.0f,%.0f", turn, i, x, y, wantX, wantY)
			}
		}
		// In the frame, lines at the middle are level.
		_, y0 := s.Frame.At(w/2-100, h/2)
		_, y1 := s.Frame.At(w/2+100, h/2)
		if math.Abs(y0-y1) > 2 {
			t.Errorf("turned by %d: the frame's lines fall by %.1f", turn, y1-y0)
		}
		if v := quartile(s.Image, image.Rect(int(w)*3/4, int(h)/2, int(w)*9/10, int(h)*3/4)); v < 235 {
			t.Errorf("paper in the shadow is %d", v)
		}
	}
	if s := Ready(Rotate(written(t, 150), 2), usual); s.Photo {
		t.Error("a scan is taken for a photograph")
	}
}

func TestBlankPages(t *testing.T) {
	const dpi = 200
	dots := func(g *image.Gray, r int) *image.Gray {
		for i := range 40 {
			fill(g, image.Rect(200+i*30, 150+i*45, 200+i*30+r, 150+i*45+r), 20)
		}
		return g
	}
	folded := paper(1654, 2339, 248)
	for x := range 1654 {
		fill(folded, image.Rect(x, 1160+x/60, x+1, 1164+x/60), 70)
	}
	line := paper(1654, 2339, 250)
	for x := 700; x < 900; x += 14 { // a short line of letters
		fill(line, image.Rect(x, 1200, x+4, 1216), 40)
	}
	stroke := paper(1654, 2339, 250)
	for x := range 260 { // a signature
		y := 1700 + int(60*math.Sin(float64(x)/22))
		fill(stroke, image.Rect(900+x, y, 904+x, y+5), 60)
	}
	for name, row := range map[string]struct {
		g    *image.Gray
		want bool
	}{"dust of a millimetre": {dots(paper(1654, 2339, 250), 8), true}, "a fold": {folded, true}, "a line": {line, false}, "a signature": {stroke, false}} {
		if got := Ready(row.g, usual).Blank; got != row.want {
			t.Errorf("%s: blank %v", name, got)
		}
	}
	stamp := image.NewRGBA(image.Rect(0, 0, 1654, 2339))
	draw.Draw(stamp, stamp.Rect, image.White, image.Point{}, draw.Src)
	ringed(stamp, 800, 1000, 140)
	if Ready(stamp, usual).Blank {
		t.Error("a page with a red seal alone is blank")
	}
}

func TestWarpOutside(t *testing.T) {
	g := paper(40, 30, 90)
	for _, m := range []Map{scaling(1, 1), levelling(30, 40, 30), {1, 0.1, -30, 0, 1, -90, 0.0005, 0, 1}, scaling(-1, 1), turning(1, 40, 30)} {
		for y, row := range [][2]int{{60, 50}, {1, 1}, {7, 3}} {
			out := Warp(g, m, row[0], row[1])
			for _, v := range out.Pix {
				if v != 90 && v != 255 {
					t.Fatalf("map %d: %d came from nowhere", y, v)
				}
			}
		}
	}
	if v := Warp(paper(1, 1, 9), scaling(1, 1), 2, 2).Pix[0]; v != 255 {
		t.Errorf("too small to sample: %d", v)
	}
	same := written(t, 50)
	if got := Warp(same, scaling(1, 1), same.Rect.Dx(), same.Rect.Dy()); !slices.Equal(got.Pix, same.Pix) {
		t.Error("the same place is not the same image")
	}
}

func TestMap(t *testing.T) {
	m := Map{1.1, 0.2, 30, -0.1, 0.9, 12, 0.0003, -0.0001, 1}
	for _, p := range [][2]float64{{0, 0}, {100, 5}, {1000, 2000}} {
		x, y := m.Inverse().At(m.At(p[0], p[1]))
		if math.Hypot(x-p[0], y-p[1]) > 1e-6 {
			t.Errorf("%v comes back as %g,%g", p, x, y)
		}
	}
}

// What shines through turns white, and print that is as pale does not.
func TestBleed(t *testing.T) {
	front := written(t, 200)
	through := Warp(front, scaling(1, 1).After(turning(2, float64(front.Rect.Dx()), float64(front.Rect.Dy()))), front.Rect.Dx(), front.Rect.Dy())
	through = Resize(Resize(through, through.Rect.Dx()/3, through.Rect.Dy()/3), through.Rect.Dx(), through.Rect.Dy())
	both := paper(front.Rect.Dx(), front.Rect.Dy(), 255)
	pale := paper(front.Rect.Dx(), front.Rect.Dy(), 255)
	for i, v := range front.Pix {
		both.Pix[i] = min(v, byte(255-(255-int(through.Pix[i]))*45/100))
		pale.Pix[i] = byte(255 - (255-int(v))*40/100)
	}
	count := func(g *image.Gray) (ghost int) {
		for _, v := range g.Pix {
			if v > 130 && v < 225 {
				ghost++
			}
		}
		return ghost
	}
	before := count(both)
	fadeBleed(both)
	if after := count(both); 2*after > before {
		t.Errorf("of %d pixels that shine through %d are left", before, after)
	}
	kept := slices.Clone(pale.Pix)
	if fadeBleed(pale); !slices.Equal(kept, pale.Pix) {
		t.Error("pale print was made paler")
	}
	kept = slices.Clone(front.Pix)
	if fadeBleed(front); !slices.Equal(kept, front.Pix) {
		t.Error("a page without another side was changed")
	}
}
