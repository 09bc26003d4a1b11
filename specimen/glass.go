package specimen

import (
	"image"
	"math"
	"math/rand/v2"
)

// A raster is a drawn page in grey or in colour.
type raster interface {
	size() (w, h int)
	channels() int
	at(x, y int) []uint8 // the pixel's channels
	fresh(w, h int) raster
}

type grey struct{ *image.Gray }

func (g grey) size() (int, int)      { return g.Rect.Dx(), g.Rect.Dy() }
func (g grey) channels() int         { return 1 }
func (g grey) at(x, y int) []uint8   { return g.Pix[y*g.Stride+x:][:1:1] }
func (g grey) fresh(w, h int) raster { return grey{image.NewGray(image.Rect(0, 0, w, h))} }

type colour struct{ *image.RGBA }

func (m colour) size() (int, int)    { return m.Rect.Dx(), m.Rect.Dy() }
func (m colour) channels() int       { return 3 }
func (m colour) at(x, y int) []uint8 { return m.Pix[y*m.Stride+4*x:][:4:4] }
func (m colour) fresh(w, h int) raster {
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range out.Pix {
		out.Pix[i] = 255
	}
	return colour{out}
}

// faxDots is the resolution across of fax, dots an inch: 1728 over 215 mm.
// ITU-T T.4 2.
const faxDots = 204

func (w Wear) bilevel() bool { return w.Bilevel || w.Fax || w.FaxLines > 0 }

// densities returns what a file says of its resolution, drawn at dpi: fax has
// its own, a photograph none. A turned page turns them.
func (w Wear) densities(dpi float64) (x, y float64) {
	x, y = dpi, dpi
	switch {
	case w.FaxLines > 0:
		x, y = faxDots, w.FaxLines
	case w.Photo > 0:
		return 0, 0
	}
	if w.Turn&1 == 1 {
		x, y = y, x
	}
	return x, y
}

// squeeze takes every so many rows, as a fax machine does: share is rows kept.
func squeeze(g *image.Gray, share float64) *image.Gray {
	out := image.NewGray(image.Rect(0, 0, g.Rect.Dx(), int(math.Round(float64(g.Rect.Dy())*share))))
	for y := range out.Rect.Dy() {
		from := min(int((float64(y)+0.5)/share), g.Rect.Dy()-1)
		copy(out.Pix[y*out.Stride:][:out.Rect.Dx()], g.Pix[from*g.Stride:])
	}
	return out
}

// glass draws what the scanner's glass shows beside the paper: black around it,
// and through its punch holes.
func (w Wear) glass(m raster, dpi float64, seed uint64) {
	if w.Border == 0 && w.Holes == 0 {
		return
	}
	rng := rand.New(rand.NewPCG(seed, 0x61a55))
	s := dpi / 72
	width, height := m.size()
	page := onto(dpi, w.Skew, false)
	det := page.a*page.d - page.b*page.c
	edges := [4]float64{} // left, top, right, bottom: how much of each is black, in points
	for i := range edges {
		edges[i] = w.Border * (0.25 + 0.75*rng.Float64())
	}
	var holes [][2]float64 // ISO 838: 80 mm apart, 12 mm from the edge
	for i := range w.Holes {
		holes = append(holes, [2]float64{(12 + rng.Float64()) * 72 / 25.4, PageHeight/2 + (float64(i)-float64(w.Holes-1)/2)*80*72/25.4})
	}
	const radius = 3 * 72 / 25.4
	for y := range height {
		for x := range width {
			if w.Border == 0 && float64(x) > 80*s { // holes only
				break
			}
			dx, dy := float64(x)-page.e, float64(y)-page.f
			px, py := (page.d*dx-page.b*dy)/det, (page.a*dy-page.c*dx)/det
			out := w.Border > 0 && (px < edges[0] || py < edges[1] || px > PageWidth-edges[2] || py > PageHeight-edges[3])
			for _, h := range holes {
				out = out || math.Hypot(px-h[0], py-h[1]) < radius
			}
			if out {
				v := uint8(10 + rng.IntN(22))
				at := m.at(x, y)
				for i := range m.channels() {
					at[i] = v
				}
			}
		}
	}
}

// quarters turns a page clockwise.
func quarters(m raster, n int) raster {
	n &= 3
	if n == 0 {
		return m
	}
	w, h := m.size()
	out := m.fresh(w, h)
	if n&1 == 1 {
		out = m.fresh(h, w)
	}
	for y := range h {
		for x := range w {
			tx, ty := h-1-y, x
			switch n {
			case 2:
				tx, ty = w-1-x, h-1-y
			case 3:
				tx, ty = y, w-1-x
			}
			copy(out.at(tx, ty), m.at(x, y))
		}
	}
	return out
}

// photograph shows the page as a telephone sees it on a desk: from a slant, in
// uneven light, with a hand's shadow over a corner.
func photograph(m raster, w Wear, seed uint64) raster {
	rng := rand.New(rand.NewPCG(seed, 0xf070))
	width, height := m.size()
	fw, fh := float64(width), float64(height)
	slant := func() float64 { return (0.03 + w.Photo*0.05*rng.Float64()) }
	corners := [4][2]float64{{fw * slant(), fh * slant()}, {fw * (1 - slant()), fh * slant()},
		{fw * (1 - slant()), fh * (1 - slant())}, {fw * slant(), fh * (1 - slant())}}
	back := toUnit(corners)
	out := m.fresh(width, height)
	side, top := rng.Float64(), rng.Float64()
	shadowX, shadowY, shadowR := fw*(0.2+0.6*rng.Float64()), fh*(0.7+0.5*rng.Float64()), fw*(0.4+0.3*rng.Float64())
	desk := [3]float64{96, 74, 58}
	n := m.channels()
	for y := range height {
		for x := range width {
			u, v := back.at(float64(x), float64(y))
			light := 1 - w.Photo*(0.35*math.Abs(side-float64(x)/fw)+0.3*math.Abs(top-float64(y)/fh))
			far := math.Hypot(float64(x)-shadowX, float64(y)-shadowY) / shadowR
			light *= 1 - 0.45*w.Photo/(1+math.Exp((far-1)*14))
			to := out.at(x, y)
			if u < 0 || v < 0 || u >= 1 || v >= 1 {
				for i := range n {
					to[i] = clamp(int32(desk[i]*light) + int32(rng.IntN(9)))
				}
				continue
			}
			sample(m, to, u*float64(width-1), v*float64(height-1), light)
		}
	}
	return out
}

// sample takes a point between four pixels, in some light.
func sample(m raster, to []uint8, x, y, light float64) {
	w, h := m.size()
	ix, iy := int(x), int(y)
	fx, fy := x-float64(ix), y-float64(iy)
	a, b := m.at(ix, iy), m.at(min(ix+1, w-1), iy)
	c, d := m.at(ix, min(iy+1, h-1)), m.at(min(ix+1, w-1), min(iy+1, h-1))
	for i := range m.channels() {
		v := (float64(a[i])*(1-fx)+float64(b[i])*fx)*(1-fy) + (float64(c[i])*(1-fx)+float64(d[i])*fx)*fy
		to[i] = uint8(v * light)
	}
}

// A homography takes points of a plane to those of another seen from a slant.
type homography [9]float64

func (h homography) at(x, y float64) (float64, float64) {
	w := h[6]*x + h[7]*y + h[8]
	return (h[0]*x + h[1]*y + h[2]) / w, (h[3]*x + h[4]*y + h[5]) / w
}

// toUnit is the homography from four corners, clockwise from the top left, to
// those of the unit square: the inverse of Heckbert's square to quadrilateral
// (Fundamentals of Texture Mapping, 1989, 2.2.3).
func toUnit(q [4][2]float64) homography {
	dx1, dy1 := q[1][0]-q[2][0], q[1][1]-q[2][1]
	dx2, dy2 := q[3][0]-q[2][0], q[3][1]-q[2][1]
	sx, sy := q[0][0]-q[1][0]+q[2][0]-q[3][0], q[0][1]-q[1][1]+q[2][1]-q[3][1]
	det := dx1*dy2 - dx2*dy1
	g, h := (sx*dy2-dx2*sy)/det, (dx1*sy-sx*dy1)/det
	m := homography{q[1][0] - q[0][0] + g*q[1][0], q[3][0] - q[0][0] + h*q[3][0], q[0][0],
		q[1][1] - q[0][1] + g*q[1][1], q[3][1] - q[0][1] + h*q[3][1], q[0][1], g, h, 1}
	return homography{ // the adjugate serves: scale does not matter
		m[4]*m[8] - m[5]*m[7], m[2]*m[7] - m[1]*m[8], m[1]*m[5] - m[2]*m[4],
		m[5]*m[6] - m[3]*m[8], m[0]*m[8] - m[2]*m[6], m[2]*m[3] - m[0]*m[5],
		m[3]*m[7] - m[4]*m[6], m[1]*m[6] - m[0]*m[7], m[0]*m[4] - m[1]*m[3]}
}
