package specimen

import (
	"image"
	"math"
	"math/rand/v2"
)

// layers are the inks of a page; nil where there is none.
type layers struct{ black, red, blue, behind *plane }

// Render draws a page, counted from 0, at dpi. Grey and bilevel pages come as
// *image.Gray (a bilevel one holds 0 and 255 only), others as *image.RGBA. It
// panics if there is no such page.
func (s *Sheet) Render(page int, dpi float64, w Wear, seed uint64) image.Image {
	rng := rand.New(rand.NewPCG(seed, uint64(page)))
	if w.FaxLines > 0 {
		dpi = faxDots
	}
	l := s.ink(page, dpi, w, seed, rng)
	if w.Grey || w.bilevel() {
		g := l.grey(w, rng)
		w.glass(grey{g}, dpi, seed)
		if w.FaxLines > 0 {
			g = squeeze(g, w.FaxLines/faxDots)
		}
		if w.bilevel() {
			threshold(g)
		}
		if w.Fax {
			fax(g, rng)
		}
		if w.Photo > 0 {
			g = photograph(grey{g}, w, seed).(grey).Gray
		}
		return quarters(grey{g}, w.Turn).(grey).Gray
	}
	m := colour{l.colour(w, rng)}
	w.glass(m, dpi, seed)
	if w.Photo > 0 {
		m = photograph(m, w, seed).(colour)
	}
	return quarters(m, w.Turn).(colour).RGBA
}

// ink draws the page's inks and wears them.
func (s *Sheet) ink(page int, dpi float64, w Wear, seed uint64, rng *rand.Rand) layers {
	p := &s.Pages[page]
	width, height := int(math.Round(PageWidth*dpi/72)), int(math.Round(PageHeight*dpi/72))
	m := onto(dpi, w.Skew, false)
	black := newCanvas(newPlane(width, height), m, s.family)
	switch {
	case w.Dots:
		black.dots = map[maskKey][][2]float64{}
	case w.Typed:
		black.typed = rand.New(rand.NewPCG(seed, 0x717ed))
	}
	black.page(p)
	for range w.Speckle {
		black.dot(rng.Float64()*PageWidth, rng.Float64()*PageHeight, 0.15+0.45*math.Pow(rng.Float64(), 3), uint8(90+rng.IntN(165)))
	}
	l := layers{black: black.plane}
	texture := newCloud(rng, 8)
	if w.Faded > 0 {
		l.black.dapple(texture, min(1, w.Faded*1.5))
	}
	if len(p.seals) > 0 {
		c := newCanvas(newPlane(width, height), m, s.family)
		for _, seal := range p.seals {
			c.seal(seal)
		}
		l.red = c.plane
		l.red.dapple(newCloud(rng, 16), 0.55)
	}
	if len(p.scribbles) > 0 || p.handwritten() {
		c := newCanvas(newPlane(width, height), m, s.family)
		for _, sc := range p.scribbles {
			c.scribble(sc)
		}
		c.written(p, rand.New(rand.NewPCG(seed, 0x9e4)))
		l.blue = c.plane
	}
	if w.Toner > 0 {
		l.black.streak(w.Toner, rand.New(rand.NewPCG(seed, 0x70e4)))
	}
	if w.Bleed > 0 {
		c := newCanvas(newPlane(width, height), onto(dpi, -w.Skew, true), s.family)
		c.page(&s.Pages[(page+1)%len(s.Pages)])
		l.behind = c.plane
		l.behind.blur(0.35 * dpi / 72)
	}
	for _, p := range []*plane{l.black, l.red, l.blue} {
		if p != nil {
			p.blur(w.Blur * dpi / 72)
		}
	}
	return l
}

// light is how bright the scanner's lamp and the paper's folds make rows and
// columns, as what is lost of 256.
func light(w Wear, width, height int, rng *rand.Rand) (rows, cols []int32) {
	side := func(n int) []int32 {
		out, from, wave := make([]int32, n), float64(rng.IntN(2)), rng.Float64()*6
		for i := range out {
			t := math.Abs(from - float64(i)/float64(n))
			out[i] = int32(128 * w.Shade * (t*t + 0.15*math.Sin(wave+5*t)))
		}
		return out
	}
	rows, cols = side(height), side(width)
	for k := range w.Folds {
		at := height*(k+1)/(w.Folds+1) + rng.IntN(height/20+1)
		half := max(2, height/300)
		for i := -half; i <= half; i++ {
			if y := at + i; y >= 0 && y < height {
				depth := 40 * (1 - math.Abs(float64(i))/float64(half+1))
				if i > 0 {
					depth *= -0.35 // the far side of the crease catches the light
				}
				rows[y] += int32(depth)
			}
		}
	}
	return rows, cols
}

// bell is a table of a normal distribution with standard deviation sigma, to be
// looked up with random bytes; in 1/16 levels.
func bell(sigma float64) (t [256]int32) {
	for i := range t {
		t[i] = int32(math.Round(16 * sigma * math.Sqrt2 * math.Erfinv(2*(float64(i)+0.5)/256-1)))
	}
	return t
}

// through is the share of light, of 256, that each ink lets through in red,
// green and blue, at full cover; and in grey.
var through = struct{ black, red, blue [4]uint32 }{
	[4]uint32{26, 24, 28, 25}, [4]uint32{222, 62, 74, 112}, [4]uint32{44, 70, 176, 74},
}

// dim gives, for each cover 0 to 255, the light let through, of 256.
func dim(full uint32) (t [256]uint32) {
	for i := range t {
		t[i] = 256 - (256-full)*uint32(i)/255
	}
	return t
}

// A filter is one ink in one channel.
type filter struct {
	p    *plane
	dims [256]uint32
}

func (l layers) filters(channel int, w Wear) []filter {
	var fs []filter
	full := through.black[channel]
	full += uint32(float64(256-full) * min(0.8, w.Faded*0.6))
	for _, f := range []filter{{l.black, dim(full)}, {l.red, dim(through.red[channel])}, {l.blue, dim(through.blue[channel])},
		{l.behind, dim(uint32(256 * (1 - 0.8*min(1, w.Bleed))))}} {
		if f.p != nil {
			fs = append(fs, f)
		}
	}
	return fs
}

func clamp(v int32) uint8 { return uint8(min(max(v, 0), 255)) }

// grey composes one channel.
func (l layers) grey(w Wear, rng *rand.Rand) *image.Gray {
	g := image.NewGray(image.Rect(0, 0, l.black.w, l.black.h))
	paper := w.paper()
	luma := 0.299*paper[0] + 0.587*paper[1] + 0.114*paper[2]
	rows, cols := light(w, l.black.w, l.black.h, rng)
	lit := make([]int32, l.black.w)
	fs, noise := l.filters(3, w), bell(w.Noise)
	for y := range l.black.h {
		compose(lit, fs, y, int32(luma), rows[y], cols)
		out := g.Pix[y*g.Stride:][:l.black.w]
		for x := 0; x < len(out); x += 8 {
			r := rng.Uint64()
			for i := x; i < min(x+8, len(out)); i++ {
				out[i] = clamp((lit[i]*16 + noise[r&255] + 8) >> 4)
				r >>= 8
			}
		}
	}
	return g
}

// compose computes one row of one channel without noise.
func compose(lit []int32, fs []filter, y int, paper, row int32, cols []int32) {
	for x := range lit {
		lit[x] = paper * (256 - row - cols[x]) >> 8
	}
	for i := range fs {
		f := &fs[i]
		for x, v := range f.p.pix[y*f.p.w:][:f.p.w] {
			if v != 0 {
				lit[x] = lit[x] * int32(f.dims[v]) >> 8
			}
		}
	}
}

// colour composes three channels; their noise is mostly common.
func (l layers) colour(w Wear, rng *rand.Rand) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, l.black.w, l.black.h))
	paper := w.paper()
	rows, cols := light(w, l.black.w, l.black.h, rng)
	noise, tinge := bell(w.Noise), bell(w.Noise*0.35)
	var lit [3][]int32
	var fs [3][]filter
	for c := range lit {
		lit[c], fs[c] = make([]int32, l.black.w), l.filters(c, w)
	}
	for y := range l.black.h {
		for c := range lit {
			compose(lit[c], fs[c], y, int32(paper[c]), rows[y], cols)
		}
		out := img.Pix[y*img.Stride:][:4*l.black.w]
		for x := range l.black.w {
			r := rng.Uint64()
			n := noise[r&255] + 8
			px := out[4*x : 4*x+4 : 4*x+4]
			px[0] = clamp((lit[0][x]*16 + n + tinge[r>>8&255]) >> 4)
			px[1] = clamp((lit[1][x]*16 + n + tinge[r>>16&255]) >> 4)
			px[2] = clamp((lit[2][x]*16 + n + tinge[r>>24&255]) >> 4)
			px[3] = 255
		}
	}
	return img
}

func threshold(g *image.Gray) {
	for i, v := range g.Pix {
		if v < 150 {
			g.Pix[i] = 0
		} else {
			g.Pix[i] = 255
		}
	}
}

// fax halves the lines, as standard resolution does, and loses a few.
func fax(g *image.Gray, rng *rand.Rand) {
	w, h := g.Rect.Dx(), g.Rect.Dy()
	for y := 1; y < h; y += 2 {
		from := y - 1
		if rng.IntN(250) == 0 {
			from = max(0, y-3)
		}
		copy(g.Pix[y*g.Stride:][:w], g.Pix[from*g.Stride:][:w])
	}
}
