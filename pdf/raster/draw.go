package raster

import (
	"encoding/binary"
	"math"

	"sohoa/scan/room"
	"sohoa/scan/turbo"
)

// maxPixels is the most pixels of a picture that is drawn here: A3 at 300 dpi has
// 17 million.
const maxPixels = 64 << 20

// draw draws the sheet at a resolution: the scan decoded as coarsely as will do,
// brought to the resolution by averaging, then put where it stands on the page.
func (s sheet) draw(dpi float64) (turbo.View, error) {
	w, h := int(math.Ceil(s.width*dpi/72-0.01)), int(math.Ceil(s.height*dpi/72-0.01))
	if w < 1 || h < 1 || w*h > maxPixels {
		return turbo.View{}, errOther
	}
	// pixels of the page that the scan's sides are long
	across := math.Hypot(s.at[0], s.at[1]) * dpi / 72
	up := math.Hypot(s.at[2], s.at[3]) * dpi / 72
	if !(across >= 1 && up >= 1 && across*up <= 4*maxPixels) {
		return turbo.View{}, errOther
	}
	v, err := decoded(s.image, across, up)
	if err != nil {
		return turbo.View{}, err
	}
	inverse, ok := s.at.inverse()
	if !ok {
		return turbo.View{}, errOther
	}
	k := 72 / dpi
	toImage := matrix{k, 0, 0, -k, 0, s.height}.mul(inverse) // from a pixel of the page, y down
	out := v.onPage(toImage, across, up, w, h, [3]byte{255, 128, 128})
	for _, m := range s.masks {
		if out, err = m.paint(out, toImage, across, up); err != nil {
			return out, err
		}
	}
	return s.stamped(out, dpi)
}

// onPage returns a picture as it stands on a page of w by h pixels, whose pixels
// toImage leads to its unit square: brought to the resolution by averaging.
func (p pixels) onPage(toImage matrix, across, up float64, w, h int, blank [3]byte) turbo.View {
	v := p.View
	if v.RGB {
		blank = [3]byte{255, 255, 255}
	}
	if float64(v.Width) > 1.5*across || float64(v.Height) > 1.5*up {
		v = reduced(v, min(v.Width, int(across+0.5)), min(v.Height, int(up+0.5)))
	} // else mixing four pixels is averaging enough
	x, y := p.across*float64(v.Width)/float64(p.Width), p.up*float64(v.Height)/float64(p.Height)
	return placed(v, toImage.mul(matrix{x, 0, 0, -y, 0, y}), w, h, blank)
}

func (m matrix) inverse() (matrix, bool) {
	det := m[0]*m[3] - m[1]*m[2]
	if math.Abs(det) < 1e-9 {
		return m, false
	}
	a, b, c, d := m[3]/det, -m[1]/det, -m[2]/det, m[0]/det
	return matrix{a, b, c, d, -(m[4]*a + m[5]*c), -(m[4]*b + m[5]*d)}, true
}

// ycc is a colour as JFIF has it.
func ycc(r, g, b int32) [3]byte {
	return [3]byte{byte((19595*r + 38470*g + 7471*b + 1<<15) >> 16),
		byte((-11056*r - 21712*g + 32768*b + 257<<15 - 1) >> 16),
		byte((32768*r - 27440*g - 5328*b + 257<<15 - 1) >> 16)}
}

// reduced returns v as w by h pixels, no more than it has, each the average of
// what it covers.
func reduced(v turbo.View, w, h int) turbo.View {
	w, h = max(w, 1), max(h, 1)
	if w == v.Width && h == v.Height {
		return v
	}
	n := v.Components
	out := turbo.View{Pix: room.For(w * h * n), Width: w, Height: h, Components: n, RGB: v.RGB}
	columns := shares(v.Width, w)
	rows := shares(v.Height, h)
	line := make([]uint32, v.Width*n)
	for y, r := range rows {
		clear(line)
		for i, weight := range r.weights {
			row := v.Pix[(r.from+i)*v.Width*n:][:len(line)]
			for x, p := range row {
				line[x] += weight * uint32(p)
			}
		}
		dst := out.Pix[y*w*n:]
		for x, c := range columns {
			for k := range n {
				sum := uint32(0)
				for i, weight := range c.weights {
					sum += weight * (line[(c.from+i)*n+k] >> 6)
				}
				dst[x*n+k] = byte((sum + 1<<17) >> 18)
			}
		}
	}
	return out
}

// A share says which samples make one, and how much of each: weights add up to
// 1 << 12.
type share struct {
	from    int
	weights []uint32
}

func shares(from, to int) []share {
	all := make([]share, to)
	step := float64(from) / float64(to)
	for i := range all {
		a, b := float64(i)*step, min(float64(i+1)*step, float64(from))
		first, last := int(a), min(int(math.Ceil(b)), from)
		s := share{from: first}
		left := uint32(1 << 12)
		for k := first; k < last; k++ {
			part := min(b, float64(k+1)) - max(a, float64(k))
			weight := min(uint32(part/(b-a)*(1<<12)+0.5), left)
			if k == last-1 {
				weight = left
			}
			left -= weight
			s.weights = append(s.weights, weight)
		}
		all[i] = s
	}
	return all
}

// placed puts v on blank paper of w by h pixels: m leads from there to pixels of
// v. Where it stands upright or turned by quarters and fits to half a pixel,
// pixels are moved as they are, else they are mixed from four.
func placed(v turbo.View, m matrix, w, h int, blank [3]byte) turbo.View {
	n := v.Components
	out := turbo.View{Pix: room.For(w * h * n), Width: w, Height: h, Components: n, RGB: v.RGB}
	straight, level := quarter(m), m[1] == 0 && m[2] == 0 && m[0] > 0 && v.Width > 1 && v.Height > 1
	const one = 1 << 16
	du, dv := int64(m[0]*one), int64(m[1]*one)
	var l leveller
	for y := range h {
		u0, v0 := m[0]*0.5+m[2]*(float64(y)+0.5)+m[4], m[1]*0.5+m[3]*(float64(y)+0.5)+m[5]
		row := out.Pix[y*w*n:][:w*n]
		if straight {
			copied(row, v, u0, v0, int(math.Round(m[0])), int(math.Round(m[1])), blank)
			continue
		}
		ux, vy := int64((u0-0.5)*one), int64((v0-0.5)*one)
		if level && n == 3 {
			l.mixed(row, &v, ux, vy, du, blank)
			continue
		}
		mixed(row, &v, ux, vy, du, dv, blank)
	}
	return out
}

// quarter reports whether m turns by quarters and neither leans nor stretches by
// more than a pixel in all.
func quarter(m matrix) bool {
	near := func(v float64) bool { return math.Abs(v-math.Round(v)) < 2e-4 && math.Abs(v) < 1.5 }
	return near(m[0]) && near(m[1]) && near(m[2]) && near(m[3])
}

// copied fills a row with pixels of v from u, t on, in steps of du, dt.
func copied(row []byte, v turbo.View, u, t float64, du, dt int, blank [3]byte) {
	n := v.Components
	x, y := int(math.Floor(u)), int(math.Floor(t))
	if du == 1 && dt == 0 && x == 0 && y >= 0 && y < v.Height {
		k := copy(row, v.Pix[y*v.Width*n:][:v.Width*n])
		row, x = row[k:], x+k/n
	}
	for ; len(row) > 0; row = row[n:] {
		cx, cy := x, y
		if cx == v.Width { // a page is rounded up to whole pixels
			cx--
		}
		if cy == v.Height {
			cy--
		}
		if cx == -1 {
			cx = 0
		}
		if cy == -1 {
			cy = 0
		}
		if cx >= 0 && cx < v.Width && cy >= 0 && cy < v.Height {
			copy(row[:n], v.Pix[(cy*v.Width+cx)*n:])
		} else {
			copy(row[:n], blank[:])
		}
		x, y = x+du, y+dt
	}
}

// mixed fills a row with pixels, each mixed of four of v, from u, t on in steps
// of du, dt.
func mixed(row []byte, v *turbo.View, u, t, du, dt int64, blank [3]byte) {
	n, stride := v.Components, v.Width*v.Components
	for ; len(row) > 0; row, u, t = row[n:], u+du, t+dt {
		x, y := u>>16, t>>16
		if uint64(x) >= uint64(v.Width-1) || uint64(y) >= uint64(v.Height-1) {
			mix(row[:n], *v, u, t, blank)
			continue
		}
		fx, fy := uint64(u>>8)&0xff, uint64(t>>8)&0xff
		o := int(y)*stride + int(x)*n
		if n == 1 {
			a, b := v.Pix[o:o+2], v.Pix[o+stride:o+stride+2]
			top, low := uint64(a[0])*(256-fx)+uint64(a[1])*fx, uint64(b[0])*(256-fx)+uint64(b[1])*fx
			row[0] = byte((top*(256-fy) + low*fy + 1<<15) >> 16)
			continue
		}
		if o+stride+8 > len(v.Pix) {
			mix(row[:n], *v, u, t, blank)
			continue
		}
		p := mixedColour(binary.LittleEndian.Uint64(v.Pix[o:]), binary.LittleEndian.Uint64(v.Pix[o+stride:]), fx, fy)
		to := row[:3]
		to[0], to[1], to[2] = byte(p), byte(p>>8), byte(p>>16)
	}
}

// mixedColour mixes two pixels of three samples each of one row with two of the
// next: every second sample has sixteen bits to be multiplied in, at once.
func mixedColour(upper, lower, fx, fy uint64) uint64 {
	return mixSides(mixEight(upper, lower, fy), fx)
}

// mixEight mixes eight samples with eight, fy 256ths of the lower.
func mixEight(upper, lower, fy uint64) uint64 {
	const even, half = 0x00ff00ff00ff00ff, 0x0080008000800080
	return ((upper&even)*(256-fy)+(lower&even)*fy+half)>>8&even |
		((upper>>8&even)*(256-fy)+(lower>>8&even)*fy+half)&^even
}

// mixSides mixes two pixels of three samples, fx 256ths of the right one.
func mixSides(w, fx uint64) uint64 {
	const outer, inner = 0xff00ff, 0xff00
	return ((w&outer)*(256-fx)+(w>>24&outer)*fx+0x800080)>>8&outer |
		((w&inner)*(256-fx)+(w>>24&inner)*fx+0x8000)>>8&inner
}

// mix makes a pixel of the four around a place, in 65536ths of a pixel. Beyond
// the edge, which goes on for a pixel, the paper is blank.
func mix(to []byte, v turbo.View, u, t int64, blank [3]byte) {
	n := v.Components
	x, y := int(u>>16), int(t>>16)
	fx, fy := uint32(u>>8)&0xff, uint32(t>>8)&0xff
	if x >= 0 && y >= 0 && x+1 < v.Width && y+1 < v.Height {
		a := v.Pix[(y*v.Width+x)*n:]
		b := a[v.Width*n:]
		for k := range n {
			top := uint32(a[k])*(256-fx) + uint32(a[k+n])*fx
			low := uint32(b[k])*(256-fx) + uint32(b[k+n])*fx
			to[k] = byte((top*(256-fy) + low*fy + 1<<15) >> 16)
		}
		return
	}
	if x < -1 || y < -1 || x > v.Width || y > v.Height {
		copy(to, blank[:n])
		return
	}
	near := func(x, y, k int) uint32 {
		if x < -1 || y < -1 || x > v.Width || y > v.Height {
			return uint32(blank[k])
		}
		return uint32(v.Pix[(min(max(y, 0), v.Height-1)*v.Width+min(max(x, 0), v.Width-1))*n+k])
	}
	for k := range n {
		top := near(x, y, k)*(256-fx) + near(x+1, y, k)*fx
		low := near(x, y+1, k)*(256-fx) + near(x+1, y+1, k)*fx
		to[k] = byte((top*(256-fy) + low*fy + 1<<15) >> 16)
	}
}
