package prepare

import (
	"encoding/binary"
	"image"
	"math"
)

// A Map takes places of one image to places of another, by a projective matrix
// in rows: (x, y) goes to ((m0 x + m1 y + m2) / z, (m3 x + m4 y + m5) / z) with
// z = m6 x + m7 y + m8. Places are in pixels, and pixel i covers i to i+1.
type Map [9]float64

// At returns where m takes (x, y).
func (m Map) At(x, y float64) (float64, float64) {
	z := m[6]*x + m[7]*y + m[8]
	return (m[0]*x + m[1]*y + m[2]) / z, (m[3]*x + m[4]*y + m[5]) / z
}

// After returns the map that applies n first, then m.
func (m Map) After(n Map) Map {
	var p Map
	for r := range 3 {
		for c := range 3 {
			p[3*r+c] = m[3*r]*n[c] + m[3*r+1]*n[3+c] + m[3*r+2]*n[6+c]
		}
	}
	return p
}

// Inverse returns the map that undoes m.
func (m Map) Inverse() Map {
	p := Map{
		m[4]*m[8] - m[5]*m[7], m[2]*m[7] - m[1]*m[8], m[1]*m[5] - m[2]*m[4],
		m[5]*m[6] - m[3]*m[8], m[0]*m[8] - m[2]*m[6], m[2]*m[3] - m[0]*m[5],
		m[3]*m[7] - m[4]*m[6], m[1]*m[6] - m[0]*m[7], m[0]*m[4] - m[1]*m[3],
	}
	det := m[0]*p[0] + m[1]*p[3] + m[2]*p[6]
	for i := range p {
		p[i] /= det
	}
	return p
}

// scaling stretches by x and y.
func scaling(x, y float64) Map { return Map{x, 0, 0, 0, y, 0, 0, 0, 1} }

// turning turns an image of w by h by quarters, clockwise.
func turning(quarters int, w, h float64) Map {
	switch quarters & 3 {
	case 1:
		return Map{0, -1, h, 1, 0, 0, 0, 0, 1}
	case 2:
		return Map{-1, 0, w, 0, -1, h, 0, 0, 1}
	case 3:
		return Map{0, 1, 0, -1, 0, w, 0, 0, 1}
	}
	return scaling(1, 1)
}

// levelling turns an image of w by h clockwise about its centre.
func levelling(degrees, w, h float64) Map {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	return Map{cos, -sin, w/2 - cos*w/2 + sin*h/2, sin, cos, h/2 - sin*w/2 - cos*h/2, 0, 0, 1}
}

// straight says that m keeps parallels parallel.
func (m Map) straight() bool { return m[6] == 0 && m[7] == 0 }

// Warp returns the image of w by h whose places m finds in g; what lies outside
// g is white. It interpolates between four neighbours, so that g should not be
// reduced by much more than 1.5: see [Reduce].
func Warp(g *image.Gray, m Map, w, h int) *image.Gray {
	out := unset(w, h)
	if g.Rect.Dx() < 2 || g.Rect.Dy() < 2 {
		for i := range out.Pix {
			out.Pix[i] = 255
		}
		return out
	}
	for y := range h {
		row := out.Pix[y*out.Stride : y*out.Stride+w]
		if m.straight() {
			straightRow(g, m, row, y)
		} else {
			bentRow(g, m, row, y)
		}
	}
	return out
}

const one = 1 << 16

// straightRow samples g along a straight line.
func straightRow(g *image.Gray, m Map, row []byte, y int) {
	w, h := g.Rect.Dx(), g.Rect.Dy()
	fx, fy := m.At(0.5, float64(y)+0.5)
	sx, sy := int64(math.Round((fx-0.5)*one)), int64(math.Round((fy-0.5)*one))
	dx, dy := int64(math.Round(m[0]/m[8]*one)), int64(math.Round(m[3]/m[8]*one))
	// The stretch of the row that lies well within g needs no looking out.
	from, to := within(sx, dx, len(row), int64(w-1)<<16)
	a, b := within(sy, dy, len(row), int64(h-1)<<16)
	from, to = max(from, a), min(to, b)
	outside := func(x int) byte { return edge(g, int((sx+dx*int64(x)+one/2)>>16), int((sy+dy*int64(x)+one/2)>>16)) }
	if from >= to {
		from, to = len(row), len(row)
	}
	for x := range from {
		row[x] = outside(x)
	}
	for x := to; x < len(row); x++ {
		row[x] = outside(x)
	}
	alongLine(row[from:to], g, sx+dx*int64(from), dx, sy+dy*int64(from), dy)
}

// within returns the indices i of n for which 0 ≤ s + d·i < limit.
func within(s, d int64, n int, limit int64) (from, to int) {
	in := func(i int) bool { v := s + d*int64(i); return v >= 0 && v < limit }
	if d == 0 {
		if in(0) {
			return 0, n
		}
		return 0, 0
	}
	enter, leave := -float64(s)/float64(d), float64(limit-s)/float64(d)
	if enter > leave {
		enter, leave = leave, enter
	}
	from, to = int(min(max(math.Floor(enter), 0), float64(n))), int(max(min(math.Ceil(leave)+1, float64(n)), 0))
	for from < to && !in(from) {
		from++
	}
	for to > from && !in(to-1) {
		to--
	}
	return from, to
}

// bentRow samples g where a projective map says, exactly every 16 pixels and
// straight between.
func bentRow(g *image.Gray, m Map, row []byte, y int) {
	w, h := g.Rect.Dx(), g.Rect.Dy()
	const step = 16
	x1, y1 := m.At(0.5, float64(y)+0.5)
	for at := 0; at < len(row); at += step {
		x0, y0 := x1, y1
		x1, y1 = m.At(float64(at+step)+0.5, float64(y)+0.5)
		sx, sy := int64((x0-0.5)*one), int64((y0-0.5)*one)
		dx, dy := int64((x1-x0)*one/step), int64((y1-y0)*one/step)
		for x := at; x < min(at+step, len(row)); x++ {
			ix, iy := int(sx>>16), int(sy>>16)
			if uint(ix) < uint(w-1) && uint(iy) < uint(h-1) {
				row[x] = between(g.Pix[iy*g.Stride+ix:], g.Stride, uint32(sx>>8)&255, uint32(sy>>8)&255)
			} else {
				row[x] = edge(g, ix, iy)
			}
			sx += dx
			sy += dy
		}
	}
}

// between interpolates among four neighbours; fx and fy are 256ths.
func between(p []byte, stride int, fx, fy uint32) byte {
	top := uint32(p[0])*(256-fx) + uint32(p[1])*fx
	low := uint32(p[stride])*(256-fx) + uint32(p[stride+1])*fx
	return byte((top*(256-fy) + low*fy + 1<<15) >> 16)
}

// edge is the pixel of g at (x, y), white outside but for one pixel around.
func edge(g *image.Gray, x, y int) byte {
	w, h := g.Rect.Dx(), g.Rect.Dy()
	if x < -1 || y < -1 || x > w || y > h {
		return 255
	}
	return g.Pix[min(max(y, 0), h-1)*g.Stride+min(max(x, 0), w-1)]
}

// Reduce returns g k times smaller: each pixel is the mean of k by k. What is
// left over at the right and the foot is left out. It returns g itself if k is 1.
func Reduce(g *image.Gray, k int) *image.Gray {
	w, h := g.Rect.Dx()/max(k, 1), g.Rect.Dy()/max(k, 1)
	if k <= 1 || w == 0 || h == 0 {
		return g
	}
	out := unset(w, h)
	reduceRows(out.Pix, w, h, g.Pix, g.Stride, k)
	return out
}

// reduceRows writes h rows of w means of k by k pixels each, k being 2 at least.
func reduceRows(to []byte, w, h int, rows []byte, stride, k int) {
	switch k {
	case 2:
		for y := range h {
			halve(to[y*w:][:w], rows[2*y*stride:][:2*w], rows[(2*y+1)*stride:][:2*w])
		}
	case 3:
		thirdsOf(to, w, h, rows, stride)
	case 4:
		quartersOf(to, w, h, rows, stride)
	default:
		sums := make([]uint16, w*k)
		for y := range h {
			clear(sums)
			addRows(sums, rows[y*k*stride:], stride, k)
			meansOf(to[y*w:][:w], sums, k)
		}
	}
}

// halve writes the means of two by two pixels of rows a and b, four at once: their sums
// stand in lanes of 16 bits.
func halve(to, a, b []byte) {
	const lanes, half = 0x00ff00ff00ff00ff, 0x0002000200020002
	x := 0
	for ; x+4 <= len(to); x += 4 {
		u, v := binary.LittleEndian.Uint64(a[2*x:]), binary.LittleEndian.Uint64(b[2*x:])
		sum := u&lanes + u>>8&lanes + v&lanes + v>>8&lanes
		sum = (sum + half) >> 2 & lanes
		sum |= sum >> 8
		binary.LittleEndian.PutUint32(to[x:], uint32(sum&0xffff|sum>>16&0xffff0000))
	}
	for ; x < len(to); x++ {
		to[x] = byte((int(a[2*x]) + int(a[2*x+1]) + int(b[2*x]) + int(b[2*x+1]) + 2) >> 2)
	}
}
