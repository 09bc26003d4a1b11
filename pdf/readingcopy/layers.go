package readingcopy

import (
	"bytes"
	"image"
	"image/jpeg"
	"math"

	"sohoa/pdf/pdfa"
	"sohoa/scan"
)

// Layers are a page taken apart: what lies behind the letters, coarse, and the
// letters, fine, by their colours.
type Layers struct {
	Back  scan.Page // a JPEG, or the page as it was if layers gain nothing
	Masks []pdfa.Mask
}

// What is kept of the back: so many dots to the inch, and this quality of JPEG.
const (
	backDPI     = 100
	backQuality = 45
)

// fineDPI is the resolution below which masks are twice as fine as the page: the
// shades at the edges of its letters say where the edges are.
const fineDPI = 280

// Take takes the image of p apart. A page of two tones, and one of which layers
// would not be clearly smaller, comes back as it is.
func Take(p scan.Page) (Layers, error) {
	whole := Layers{Back: p}
	if p.Bits == 1 && p.Components == 1 {
		return whole, nil
	}
	img, err := scan.Decode(p)
	if err != nil {
		return whole, err
	}
	f := newField(img, p.DPIX)
	kinds, limits := f.letters()
	var masks []pdfa.Mask
	for _, k := range inks {
		m, ok, err := f.mask(kinds, limits, k)
		if err != nil {
			return whole, err
		}
		if ok {
			masks = append(masks, m)
		}
	}
	back, err := f.back(kinds, p)
	if err != nil {
		return whole, err
	}
	size := len(back.Data)
	for _, m := range masks {
		size += len(m.Image.Data)
	}
	if 2*size > len(p.Data) {
		return whole, nil
	}
	return Layers{Back: back, Masks: masks}, nil
}

// An ink is what a letter is written in; none where there is paper or a picture.
type ink = byte

const (
	none ink = iota
	dark
	red
	blue
)

var inks = [...]ink{red, blue, dark} // dark last: text over a seal

// A field is the pixels of a page.
type field struct {
	w, h    int
	tile    int // pixels to the side of a tile
	reduce  int // pixels of the page to one of the back
	finer   int // points of a mask to one pixel of the page, in a row
	grey    bool
	r, g, b []byte
	luma    []byte
}

func newField(img image.Image, dpi float64) *field {
	box := img.Bounds()
	f := &field{w: box.Dx(), h: box.Dy(), tile: max(16, int(dpi/8)), reduce: max(1, int(math.Round(dpi/backDPI)))}
	f.finer = 1
	if dpi < fineDPI {
		f.finer = 2
	}
	n := f.w * f.h
	f.luma = make([]byte, n)
	if g, ok := img.(*image.Gray); ok {
		f.grey = true
		for y := range f.h {
			copy(f.luma[y*f.w:], g.Pix[y*g.Stride:][:f.w])
		}
		return f
	}
	f.r, f.g, f.b = make([]byte, n), make([]byte, n), make([]byte, n)
	for y := range f.h {
		for x := range f.w {
			i := y*f.w + x
			r, g, b, _ := img.At(box.Min.X+x, box.Min.Y+y).RGBA()
			f.r[i], f.g[i], f.b[i] = byte(r>>8), byte(g>>8), byte(b>>8)
			f.luma[i] = byte((19595*r + 38470*g + 7471*b + 1<<15) >> 24)
		}
	}
	return f
}

// A light is what a tile's paper and ink are like.
type light struct {
	paper, ink byte // luma
	plain      bool // paper alone
	picture    bool // neither letters nor paper: photographs, dark areas
}

// light measures a tile by how many of its pixels have each luma.
func (f *field) light(tx, ty int) light {
	var count [256]int
	total := 0
	for y := ty * f.tile; y < min((ty+1)*f.tile, f.h); y++ {
		for _, v := range f.luma[y*f.w+tx*f.tile : y*f.w+min((tx+1)*f.tile, f.w)] {
			count[v]++
			total++
		}
	}
	at := func(share float64) byte {
		left := int(share * float64(total))
		for v := range count {
			if left -= count[v]; left < 0 {
				return byte(v)
			}
		}
		return 255
	}
	l := light{paper: at(0.85), ink: at(0.01)}
	span := int(l.paper) - int(l.ink)
	if span < 48 {
		l.plain = true
		l.picture = l.paper < 110 // a dark area
		return l
	}
	between, below, core := 0, 0, 0
	for v := range count {
		switch {
		case v < int(l.paper)-span/2:
			below += count[v]
			if v <= int(l.ink)+span/4 {
				core += count[v]
			}
		case v < int(l.paper)-span/5:
			between += count[v]
		}
	}
	// Letters have edges, which lie between; more than that is shades. What is
	// mostly dark is a bar or a seal if it has one colour, else a picture.
	l.picture = between > total*22/100 || 10*below > 6*total && 10*core < 7*below
	return l
}

// letters says for each pixel in which ink it is written, and for each tile below
// which luma letters are: 0 where there are none.
func (f *field) letters() (kinds []ink, limits []int) {
	across, down := (f.w+f.tile-1)/f.tile, (f.h+f.tile-1)/f.tile
	lights := make([]light, across*down)
	for ty := range down {
		for tx := range across {
			lights[ty*across+tx] = f.light(tx, ty)
		}
	}
	kinds, limits = make([]ink, f.w*f.h), make([]int, across*down)
	for ty := range down {
		for tx := range across {
			l := lights[ty*across+tx]
			if l.plain || pictured(lights, across, down, tx, ty) {
				continue
			}
			limits[ty*across+tx] = int(l.paper) - int(l.paper-l.ink)*42/100
			f.write(kinds, tx, ty, limits[ty*across+tx])
		}
	}
	return kinds, limits
}

// pictured reports whether a tile is part of a picture: itself, or with
// neighbours that are, on more sides than one.
func pictured(lights []light, across, down, tx, ty int) bool {
	if lights[ty*across+tx].picture {
		return true
	}
	n := 0
	for dy := -1; dy <= 1; dy++ {
		for dx := -1; dx <= 1; dx++ {
			if x, y := tx+dx, ty+dy; x >= 0 && x < across && y >= 0 && y < down && lights[y*across+x].picture {
				n++
			}
		}
	}
	return n >= 3
}

// write finds the letters of a tile.
func (f *field) write(kinds []ink, tx, ty, limit int) {
	for y := ty * f.tile; y < min((ty+1)*f.tile, f.h); y++ {
		for x := tx * f.tile; x < min((tx+1)*f.tile, f.w); x++ {
			if i := y*f.w + x; int(f.luma[i]) < limit {
				kinds[i] = f.inkAt(i)
			}
		}
	}
}

// inkAt tells seals and pens from print, by how far their colour is from grey.
func (f *field) inkAt(i int) ink {
	if f.grey {
		return dark
	}
	r, g, b := int(f.r[i]), int(f.g[i]), int(f.b[i])
	switch {
	case r-max(g, b) > 40:
		return red
	case b-r > 30 && b-g > 10:
		return blue
	}
	return dark
}

// mask returns the letters in one ink, painted in the colour they mostly have.
func (f *field) mask(kinds []ink, limits []int, k ink) (pdfa.Mask, bool, error) {
	n := 0
	var red, green, blue [256]int
	for i, kind := range kinds {
		if kind != k {
			continue
		}
		n++
		r, g, b := f.luma[i], f.luma[i], f.luma[i]
		if !f.grey {
			r, g, b = f.r[i], f.g[i], f.b[i]
		}
		red[r]++
		green[g]++
		blue[b]++
	}
	if n < 50 { // dust
		return pdfa.Mask{}, false, nil
	}
	w, h := f.w*f.finer, f.h*f.finer
	page, err := scan.TwoTone(w, h, f.outline(kinds, limits, k))
	page.DPIX, page.DPIY, page.DPIFrom = 1, 1, scan.FromFile // a mask lies where its page does
	return pdfa.Mask{Image: page, Colour: [3]byte{mostly(red, n), mostly(green, n), mostly(blue, n)}}, true, err
}

// outline packs the letters in one ink into rows of the masks' fineness.
func (f *field) outline(kinds []ink, limits []int, k ink) []byte {
	stride, across := (f.w*f.finer+7)/8, (f.w+f.tile-1)/f.tile
	rows := make([]byte, stride*f.h*f.finer)
	for y := range f.h * f.finer {
		for x := range f.w * f.finer {
			px, py := x/f.finer, y/f.finer
			i := py*f.w + px
			black := kinds[i] == k
			if limit := limits[py/f.tile*across+px/f.tile]; f.finer > 1 && limit > 0 {
				black = f.between(x, y) < 16*limit && f.inkNear(kinds, px, py) == k
			}
			if black {
				rows[y*stride+x/8] |= 0x80 >> (x % 8)
			}
		}
	}
	return rows
}

// between is 16 times the luma at a point of a mask twice as fine as the page, by
// the four pixels around it.
func (f *field) between(x, y int) int {
	// The point lies a quarter of a pixel from the middle of its own.
	px, py := x/2, y/2
	nx, ny := min(max(px+x%2*2-1, 0), f.w-1), min(max(py+y%2*2-1, 0), f.h-1)
	at := func(x, y int) int { return int(f.luma[y*f.w+x]) }
	return 9*at(px, py) + 3*at(nx, py) + 3*at(px, ny) + at(nx, ny)
}

// inkNear is the ink of a pixel, or of one beside it.
func (f *field) inkNear(kinds []ink, x, y int) ink {
	for _, d := range [...][2]int{{0, 0}, {-1, 0}, {1, 0}, {0, -1}, {0, 1}} {
		if a, b := x+d[0], y+d[1]; a >= 0 && a < f.w && b >= 0 && b < f.h && kinds[b*f.w+a] != none {
			return kinds[b*f.w+a]
		}
	}
	return none
}

// mostly is the value that four in ten are below: the core of letters rather
// than their edges.
func mostly(count [256]int, n int) byte {
	left := n * 4 / 10
	for v := range count {
		if left -= count[v]; left < 0 {
			return byte(v)
		}
	}
	return 255
}

// back is the page without its letters, smaller, as a JPEG.
func (f *field) back(kinds []ink, p scan.Page) (scan.Page, error) {
	w, h := (f.w+f.reduce-1)/f.reduce, (f.h+f.reduce-1)/f.reduce
	planes := [][]byte{f.luma}
	if !f.grey {
		planes = [][]byte{f.r, f.g, f.b}
	}
	clear := f.clearOf(kinds)
	var small [3][]byte
	for i, plane := range planes {
		small[i] = f.shrink(plane, clear, w, h)
	}
	var img image.Image
	if f.grey {
		img = &image.Gray{Pix: small[0], Stride: w, Rect: image.Rect(0, 0, w, h)}
	} else {
		rgba := image.NewRGBA(image.Rect(0, 0, w, h))
		for i := range w * h {
			rgba.Pix[4*i], rgba.Pix[4*i+1], rgba.Pix[4*i+2], rgba.Pix[4*i+3] = small[0][i], small[1][i], small[2][i], 0xff
		}
		img = rgba
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: backQuality}); err != nil {
		return p, err
	}
	p.Encoding, p.Bits, p.Predictor, p.BlackIsOne, p.Data, p.Digest = scan.JPEG, 8, 0, false, b.Bytes(), [32]byte{}
	p.Width, p.Height, p.Components = w, h, len(planes)
	p.DPIX, p.DPIY = p.DPIX/float64(f.reduce), p.DPIY/float64(f.reduce)
	return p, nil
}

// clearOf says which pixels are neither in a letter nor beside one, where its
// edge still is.
func (f *field) clearOf(kinds []ink) []bool {
	clear := make([]bool, len(kinds))
	for y := range f.h {
		for x := range f.w {
			ok := true
			for dy := -1; dy <= 1 && ok; dy++ {
				for dx := -1; dx <= 1 && ok; dx++ {
					if a, b := x+dx, y+dy; a >= 0 && a < f.w && b >= 0 && b < f.h {
						ok = kinds[b*f.w+a] == none
					}
				}
			}
			clear[y*f.w+x] = ok
		}
	}
	return clear
}

// shrink makes each point of the back the mean of its clear pixels; points
// without any take it from those beside them, further and further off.
func (f *field) shrink(plane []byte, clear []bool, w, h int) []byte {
	out, known := make([]byte, w*h), make([]bool, w*h)
	for y := range h {
		for x := range w {
			sum, n := 0, 0
			for py := y * f.reduce; py < min((y+1)*f.reduce, f.h); py++ {
				for px := x * f.reduce; px < min((x+1)*f.reduce, f.w); px++ {
					if i := py*f.w + px; clear[i] {
						sum += int(plane[i])
						n++
					}
				}
			}
			if n > 0 {
				out[y*w+x], known[y*w+x] = byte((sum+n/2)/n), true
			}
		}
	}
	spread(out, known, w, h)
	return out
}

// spread fills what is not known from what is, a ring at a time; a page without
// anything known is white.
func spread(out []byte, known []bool, w, h int) {
	for {
		type point struct {
			at int
			v  byte
		}
		var found []point
		missing := false
		for y := range h {
			for x := range w {
				if known[y*w+x] {
					continue
				}
				missing = true
				sum, n := 0, 0
				for _, d := range [...][2]int{{-1, 0}, {1, 0}, {0, -1}, {0, 1}} {
					if a, b := x+d[0], y+d[1]; a >= 0 && a < w && b >= 0 && b < h && known[b*w+a] {
						sum += int(out[b*w+a])
						n++
					}
				}
				if n > 0 {
					found = append(found, point{y*w + x, byte((sum + n/2) / n)})
				}
			}
		}
		if len(found) == 0 {
			if missing {
				for i := range out {
					if !known[i] {
						out[i] = 0xff
					}
				}
			}
			return
		}
		for _, p := range found {
			out[p.at], known[p.at] = p.v, true
		}
	}
}
