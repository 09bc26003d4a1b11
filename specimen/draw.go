package specimen

import (
	"image"
	"image/draw"
	"math"
	"math/rand/v2"

	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// A plane is how much ink lies on each pixel: 0 none, 255 full.
type plane struct {
	w, h int
	pix  []uint8
}

func newPlane(w, h int) *plane { return &plane{w, h, make([]uint8, w*h)} }

// An affine takes points on the page to pixels:
// x' = ax + by + e, y' = cx + dy + f.
type affine struct{ a, b, c, d, e, f float64 }

func (m affine) at(x, y float64) (float64, float64) {
	return m.a*x + m.b*y + m.e, m.c*x + m.d*y + m.f
}

// onto is the affine from an A4 page to pixels at dpi, turned clockwise by skew
// degrees around the middle, seen from behind if mirror.
func onto(dpi, skew float64, mirror bool) affine {
	s, sin, cos := dpi/72, math.Sin(skew*math.Pi/180), math.Cos(skew*math.Pi/180)
	flip := 1.0
	if mirror {
		flip = -1
	}
	m := affine{a: s * cos * flip, b: -s * sin, c: s * sin * flip, d: s * cos}
	x, y := m.at(PageWidth/2, PageHeight/2)
	m.e, m.f = s*PageWidth/2-x, s*PageHeight/2-y
	return m
}

// A canvas draws outlines on a plane. For one goroutine.
type canvas struct {
	*plane
	m      affine
	family Family
	buf    sfnt.Buffer
	masks  map[maskKey]*mask
	ras    *vector.Rasterizer

	typed *rand.Rand               // unevenness of keys; nil for none
	dots  map[maskKey][][2]float64 // pins' places in a glyph; nil if not printed by pins
}

// subpixels is how finely a glyph is placed between two pixels.
const subpixels = 4

type maskKey struct {
	r      rune
	style  style
	size   float64
	sx, sy int8
}

// A mask is a drawn shape; its corner is given relative to where it is placed.
type mask struct {
	x, y, w, h int
	pix        []uint8
}

func newCanvas(p *plane, m affine, f Family) *canvas {
	return &canvas{plane: p, m: m, family: f, masks: map[maskKey]*mask{}, ras: vector.NewRasterizer(1, 1)}
}

func (c *canvas) page(p *Page) {
	for _, l := range p.Lines {
		for _, w := range l {
			if w.style != hand {
				c.word(w)
			}
		}
	}
	for _, r := range p.rules {
		c.stroke(r)
	}
	for _, code := range p.codes {
		c.code(code)
	}
}

func (c *canvas) word(w Word) {
	x := w.X
	for _, r := range w.Text {
		switch {
		case c.dots != nil:
			x += c.pins(r, w.style, w.Size, x, w.Y)
		case c.typed != nil:
			x += c.key(r, w.style, w.Size, x, w.Y)
		default:
			x += c.glyph(r, w.style, w.Size, x, w.Y)
		}
	}
}

// glyph draws one glyph at its baseline and returns its advance in points.
func (c *canvas) glyph(r rune, st style, size, x, y float64) float64 {
	px, py := c.m.at(x, y)
	px, py = math.Round(px*subpixels), math.Round(py*subpixels)
	ix, iy := math.Floor(px/subpixels), math.Floor(py/subpixels)
	key := maskKey{r, st, size, int8(px - ix*subpixels), int8(py - iy*subpixels)}
	k, ok := c.masks[key]
	if !ok {
		m := affine{c.m.a, c.m.b, c.m.c, c.m.d, float64(key.sx) / subpixels, float64(key.sy) / subpixels}
		k = c.rasterise(c.outline(r, st, size), m)
		c.masks[key] = k
	}
	c.put(k, int(ix), int(iy))
	return c.advance(r, st) * size
}

func (c *canvas) advance(r rune, st style) float64 {
	f := c.family.fonts[st]
	em := int(f.UnitsPerEm())
	g, err := f.GlyphIndex(&c.buf, r)
	if err != nil {
		return 0.5
	}
	a, err := f.GlyphAdvance(&c.buf, g, fixed.I(em), 0)
	if err != nil {
		return 0.5
	}
	return float64(a) / 64 / float64(em)
}

// A segment is a piece of an outline in points: 'M', 'L', 'Q' or 'C'.
type segment struct {
	op byte
	p  [3][2]float64
}

// outline returns a glyph's outline at a type size, its baseline at 0.
func (c *canvas) outline(r rune, st style, size float64) []segment {
	f := c.family.fonts[st]
	em := int(f.UnitsPerEm())
	g, err := f.GlyphIndex(&c.buf, r)
	if err != nil {
		return nil
	}
	raw, err := f.LoadGlyph(&c.buf, g, fixed.I(em), nil)
	if err != nil {
		return nil
	}
	k := size / float64(em) / 64
	out := make([]segment, len(raw))
	for i, s := range raw {
		out[i].op = "MLQC"[s.Op]
		for j, a := range s.Args {
			out[i].p[j] = [2]float64{float64(a.X) * k, float64(a.Y) * k}
		}
	}
	return out
}

// rasterise draws a shape through m into a mask.
func (c *canvas) rasterise(shape []segment, m affine) *mask {
	if len(shape) == 0 {
		return &mask{}
	}
	x0, y0, x1, y1 := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	n := map[byte]int{'M': 1, 'L': 1, 'Q': 2, 'C': 3}
	for i := range shape {
		s := &shape[i]
		for j := range n[s.op] {
			x, y := m.at(s.p[j][0], s.p[j][1])
			s.p[j] = [2]float64{x, y}
			x0, y0, x1, y1 = min(x0, x), min(y0, y), max(x1, x), max(y1, y)
		}
	}
	k := &mask{x: int(math.Floor(x0)), y: int(math.Floor(y0))}
	k.w, k.h = int(math.Ceil(x1))-k.x+1, int(math.Ceil(y1))-k.y+1
	c.ras.Reset(k.w, k.h)
	dx, dy := float64(k.x), float64(k.y)
	at := func(p [2]float64) (float32, float32) { return float32(p[0] - dx), float32(p[1] - dy) }
	for i, s := range shape {
		ax, ay := at(s.p[0])
		bx, by := at(s.p[1])
		ex, ey := at(s.p[2])
		switch s.op {
		case 'M':
			if i > 0 {
				c.ras.ClosePath()
			}
			c.ras.MoveTo(ax, ay)
		case 'L':
			c.ras.LineTo(ax, ay)
		case 'Q':
			c.ras.QuadTo(ax, ay, bx, by)
		case 'C':
			c.ras.CubeTo(ax, ay, bx, by, ex, ey)
		}
	}
	c.ras.ClosePath()
	a := image.NewAlpha(image.Rect(0, 0, k.w, k.h))
	c.ras.DrawOp = draw.Src
	c.ras.Draw(a, a.Bounds(), image.Opaque, image.Point{})
	k.pix = a.Pix
	return k
}

// put adds a mask's ink at a pixel.
func (c *canvas) put(k *mask, x, y int) {
	x, y = x+k.x, y+k.y
	left, right := max(0, -x), min(k.w, c.w-x)
	for j := max(0, -y); j < min(k.h, c.h-y); j++ {
		if left >= right {
			return
		}
		dst := c.pix[(y+j)*c.w+x+left : (y+j)*c.w+x+right]
		for i, v := range k.pix[j*k.w+left : j*k.w+right] {
			dst[i] = uint8(min(255, int(dst[i])+int(v)))
		}
	}
}

// stroke draws a rule, never thinner than a pixel that scanners still see.
func (c *canvas) stroke(r rule) {
	length := math.Hypot(r.x1-r.x0, r.y1-r.y0)
	nx, ny := -(r.y1-r.y0)/length*r.width/2, (r.x1-r.x0)/length*r.width/2
	c.fill([]segment{
		{'M', [3][2]float64{{r.x0 + nx, r.y0 + ny}}}, {'L', [3][2]float64{{r.x1 + nx, r.y1 + ny}}},
		{'L', [3][2]float64{{r.x1 - nx, r.y1 - ny}}}, {'L', [3][2]float64{{r.x0 - nx, r.y0 - ny}}},
	})
}

func (c *canvas) fill(shape []segment) { c.put(c.rasterise(shape, c.m), 0, 0) }
