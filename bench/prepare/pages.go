package main

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"strings"

	"sohoa/scan"
	"sohoa/specimen"
)

// A trial is one page as it is stored, and its text.
type trial struct {
	name  string
	image image.Image
	x, y  float64 // dots per inch as the file says; 0 if it does not
	truth string
}

// A condition makes a page from a seed.
type condition struct {
	name string
	make func(p *specimen.Press, k specimen.Kind, seed uint64) trial
}

// conditions are what pages suffer, in the order of the table.
func conditions() []condition {
	usual := func(dpi float64, wear func(uint64) specimen.Wear, x, y float64, change func(*image.RGBA, *specimen.Sheet, float64, uint64) image.Image) func(*specimen.Press, specimen.Kind, uint64) trial {
		return func(p *specimen.Press, k specimen.Kind, seed uint64) trial {
			s := p.Paper(k, seed, specimen.About{}).Only(0)
			w := wear(seed)
			m := s.Render(0, dpi, w, seed)
			if rgba, ok := m.(*image.RGBA); ok {
				if change != nil {
					m = change(rgba, s, dpi, seed)
				}
				m = throughJPEG(m, w.Quality)
			}
			return trial{image: m, x: x, y: y, truth: s.Truth.Pages[0]}
		}
	}
	with := func(f func(*specimen.Wear)) func(uint64) specimen.Wear {
		return func(seed uint64) specimen.Wear {
			w := specimen.Office(seed)
			f(&w)
			return w
		}
	}
	all := []condition{
		{"office 200", usual(200, specimen.Office, 200, 200, nil)},
		{"office 300", usual(300, specimen.Office, 300, 300, nil)},
		{"office 72", usual(72, specimen.Office, 72, 72, nil)},
		{"office 96", usual(96, specimen.Office, 0, 0, nil)},
		{"office 120", usual(120, specimen.Office, 0, 0, nil)},
		{"office 150", usual(150, specimen.Office, 150, 150, nil)},
		{"lying 300 as 96", usual(300, specimen.Office, 96, 96, nil)},
		{"red print", usual(200, specimen.Office, 200, 200, redPrint)},
		{"red date", usual(200, specimen.Office, 200, 200, redDate)},
		{"turned", usual(200, specimen.Office, 200, 200, turned)},
		{"skew 9", usual(200, with(func(w *specimen.Wear) { w.Skew = 9 }), 200, 200, nil)},
		{"black border", usual(200, specimen.Office, 200, 200, blackBorder)},
		{"holes", usual(200, specimen.Office, 200, 200, holes)},
		{"photo", usual(200, with(func(w *specimen.Wear) { w.Skew = 0 }), 0, 0, photo)},
		{"old", usual(200, specimen.Old, 200, 200, nil)},
		{"faded", usual(200, with(func(w *specimen.Wear) { w.Faded = 0.6 }), 200, 200, nil)},
		{"shade", usual(200, with(func(w *specimen.Wear) { w.Shade = 0.55 }), 200, 200, nil)},
		{"bleed", usual(200, with(func(w *specimen.Wear) { w.Bleed = 0.35 }), 200, 200, nil)},
		{"bleed 50", usual(200, with(func(w *specimen.Wear) { w.Bleed = 0.5 }), 200, 200, nil)},
		{"JPEG 30", usual(200, with(func(w *specimen.Wear) { w.Quality = 30 }), 200, 200, nil)},
		{"bilevel", usual(200, specimen.BlackWhite, 200, 200, nil)},
		{"fax", usual(200, specimen.Faxed, 200, 200, nil)},
	}
	for _, c := range specimen.Conditions() {
		all = append(all, condition{"s-" + c.Name, func(p *specimen.Press, k specimen.Kind, seed uint64) trial { return filed(p, c, k, seed) }})
	}
	return all
}

// filed is a page as specimen files it.
func filed(p *specimen.Press, c specimen.Condition, k specimen.Kind, seed uint64) trial {
	s, err := p.Sample(c, k, seed, 200)
	if err != nil {
		panic(err)
	}
	f, err := scan.Open(bytes.NewReader(s.Bytes), int64(len(s.Bytes)), scan.Limits{})
	if err != nil {
		panic(err)
	}
	page, err := f.Page(0)
	if err != nil {
		panic(err)
	}
	m, err := scan.Decode(page)
	if err != nil {
		panic(err)
	}
	t := trial{image: m, x: page.DPIX, y: page.DPIY, truth: s.Truth.Pages[0]}
	if page.DPIFrom == scan.Assumed {
		t.x, t.y = 0, 0
	}
	return t
}

func throughJPEG(m image.Image, quality int) image.Image {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: max(quality, 30)}); err != nil {
		panic(err)
	}
	d, err := jpeg.Decode(&b)
	if err != nil {
		panic(err)
	}
	return d
}

// redden prints the words of the given lines in red.
func redden(m *image.RGBA, s *specimen.Sheet, dpi float64, pick func(specimen.Line, int) bool) {
	for i, l := range s.Pages[0].Lines {
		if !pick(l, i) {
			continue
		}
		for _, w := range l {
			x0, x1 := int(w.X*dpi/72)-8, int((w.X+w.Width)*dpi/72)+8
			y0, y1 := int((w.Y-w.Size*1.05)*dpi/72), int((w.Y+0.32*w.Size)*dpi/72)
			for y := max(y0, 0); y < min(y1, m.Rect.Dy()); y++ {
				for x := max(x0, 0); x < min(x1, m.Rect.Dx()); x++ {
					p := m.Pix[y*m.Stride+4*x:]
					if int(p[0])-int(p[1]) > 40 {
						continue
					}
					p[0] = uint8(215 + int(p[0])*40/255) // what is black becomes red
				}
			}
		}
	}
}

func redPrint(m *image.RGBA, s *specimen.Sheet, dpi float64, _ uint64) image.Image {
	redden(m, s, dpi, func(l specimen.Line, i int) bool { return i < 5 || l.Text() == strings.ToUpper(l.Text()) })
	return m
}

func redDate(m *image.RGBA, s *specimen.Sheet, dpi float64, _ uint64) image.Image {
	redden(m, s, dpi, func(l specimen.Line, i int) bool { return i > 1 && i < 6 })
	return m
}

func turned(m *image.RGBA, _ *specimen.Sheet, _ float64, seed uint64) image.Image {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	q := int(seed%3) + 1
	if q == 2 {
		out := image.NewRGBA(m.Rect)
		for y := range h {
			for x := range w {
				out.SetRGBA(w-1-x, h-1-y, m.RGBAAt(x, y))
			}
		}
		return out
	}
	out := image.NewRGBA(image.Rect(0, 0, h, w))
	for y := range h {
		for x := range w {
			if q == 1 {
				out.SetRGBA(h-1-y, x, m.RGBAAt(x, y))
			} else {
				out.SetRGBA(y, w-1-x, m.RGBAAt(x, y))
			}
		}
	}
	return out
}

// blackBorder lays the page a little askew on a black glass.
func blackBorder(m *image.RGBA, _ *specimen.Sheet, dpi float64, seed uint64) image.Image {
	r := rand.New(rand.NewPCG(seed, 31))
	w, h := m.Rect.Dx(), m.Rect.Dy()
	g := int(dpi * 0.5)
	angle := (r.Float64() - 0.5) * 5 * math.Pi / 180
	out := image.NewRGBA(image.Rect(0, 0, w+2*g, h+2*g))
	cx, cy := float64(w+2*g)/2, float64(h+2*g)/2
	draw(out, func(x, y float64) (float64, float64, bool) {
		sin, cos := math.Sincos(angle)
		u, v := cos*(x-cx)+sin*(y-cy)+float64(w)/2, -sin*(x-cx)+cos*(y-cy)+float64(h)/2
		return u, v, u >= 0 && v >= 0 && u < float64(w-1) && v < float64(h-1)
	}, m, func(x, y int) color.RGBA { v := uint8(8 + r.IntN(30)); return color.RGBA{v, v, v, 255} })
	return out
}

func draw(out *image.RGBA, from func(x, y float64) (float64, float64, bool), m *image.RGBA, ground func(x, y int) color.RGBA) {
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			u, v, ok := from(float64(x), float64(y))
			if !ok {
				out.SetRGBA(x, y, ground(x, y))
				continue
			}
			iu, iv := int(u), int(v)
			fu, fv := u-float64(iu), v-float64(iv)
			p, q := m.Pix[iv*m.Stride+4*iu:], m.Pix[(iv+1)*m.Stride+4*iu:]
			var c [3]uint8
			for k := range c {
				c[k] = uint8((float64(p[k])*(1-fu)+float64(p[4+k])*fu)*(1-fv) + (float64(q[k])*(1-fu)+float64(q[4+k])*fu)*fv)
			}
			out.SetRGBA(x, y, color.RGBA{c[0], c[1], c[2], 255})
		}
	}
}

// holes punches two or four holes at the left edge.
func holes(m *image.RGBA, _ *specimen.Sheet, dpi float64, seed uint64) image.Image {
	n := 2 + 2*int(seed%2)
	mm := dpi / 25.4
	h := float64(m.Rect.Dy())
	for i := range n {
		cx, cy := 12*mm, h/2+(float64(i)-float64(n-1)/2)*80*mm
		for y := int(cy - 3.5*mm); y < int(cy+3.5*mm); y++ {
			for x := int(cx - 3.5*mm); x < int(cx+3.5*mm); x++ {
				if d := math.Hypot(float64(x)-cx, float64(y)-cy); d < 3*mm && y >= 0 && y < m.Rect.Dy() {
					m.SetRGBA(x, y, color.RGBA{18, 18, 20, 255})
				}
			}
		}
	}
	return m
}

// photo takes a picture of the page on a wooden table, from a hand-held camera,
// with the hand's shadow over it.
func photo(m *image.RGBA, _ *specimen.Sheet, dpi float64, seed uint64) image.Image {
	r := rand.New(rand.NewPCG(seed, 77))
	w, h := float64(m.Rect.Dx()), float64(m.Rect.Dy())
	W, H := w*1.25, h*1.2
	jit := func(s float64) float64 { return (r.Float64() - 0.5) * s }
	angle := jit(10) * math.Pi / 180
	var to [4][2]float64
	for i, c := range [4][2]float64{{0, 0}, {w, 0}, {w, h}, {0, h}} {
		x, y := c[0]-w/2, c[1]-h/2
		sin, cos := math.Sincos(angle)
		to[i] = [2]float64{W/2 + 0.97*(cos*x-sin*y) + jit(w*0.09), H/2 + 0.97*(sin*x+cos*y) + jit(w*0.09)}
	}
	H3 := projective(to, [4][2]float64{{0, 0}, {w, 0}, {w, h}, {0, h}})
	out := image.NewRGBA(image.Rect(0, 0, int(W), int(H)))
	grain := r.Float64() * 100
	draw(out, func(x, y float64) (float64, float64, bool) {
		z := H3[6]*x + H3[7]*y + H3[8]
		u, v := (H3[0]*x+H3[1]*y+H3[2])/z, (H3[3]*x+H3[4]*y+H3[5])/z
		return u, v, u >= 0 && v >= 0 && u < w-1 && v < h-1
	}, m, func(x, y int) color.RGBA {
		t := math.Sin(float64(y)/23+grain+2*math.Sin(float64(x)/170)) + 0.5*math.Sin(float64(y)/5+float64(x)/90)
		return color.RGBA{uint8(130 + 18*t), uint8(95 + 14*t), uint8(66 + 11*t), 255}
	})
	sx, sy, sr := W*(0.3+0.5*r.Float64()), H*(0.5+0.5*r.Float64()), W*(0.3+0.3*r.Float64())
	for y := range int(H) {
		for x := range int(W) {
			d := math.Hypot(float64(x)-sx, float64(y)-sy) / sr
			f := 1 - 0.45/(1+math.Exp((d-1)*9)) - 0.2*float64(x)/W
			p := out.Pix[y*out.Stride+4*x:]
			for k := range 3 {
				p[k] = uint8(float64(p[k]) * f)
			}
		}
	}
	return out
}

// projective solves for the map from four points to four others.
func projective(from, to [4][2]float64) [9]float64 {
	var a [8][9]float64
	for i := range 4 {
		x, y, u, v := from[i][0], from[i][1], to[i][0], to[i][1]
		a[2*i] = [9]float64{x, y, 1, 0, 0, 0, -u * x, -u * y, u}
		a[2*i+1] = [9]float64{0, 0, 0, x, y, 1, -v * x, -v * y, v}
	}
	for c := range 8 {
		best := c
		for r := c; r < 8; r++ {
			if math.Abs(a[r][c]) > math.Abs(a[best][c]) {
				best = r
			}
		}
		a[c], a[best] = a[best], a[c]
		for r := range 8 {
			if r != c {
				f := a[r][c] / a[c][c]
				for k := c; k < 9; k++ {
					a[r][k] -= f * a[c][k]
				}
			}
		}
	}
	var h [9]float64
	for i := range 8 {
		h[i] = a[i][8] / a[i][i]
	}
	h[8] = 1
	return h
}

// resolution is what the file and its size say.
func (t trial) resolution() (x, y float64, from scan.DPISource) {
	return scan.Resolution(t.image.Bounds().Dx(), t.image.Bounds().Dy(), t.x, t.y)
}
