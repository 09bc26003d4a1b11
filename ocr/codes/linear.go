package codes

// #include "shim.h"
import "C"

import (
	"image"
	"math"
	"unsafe"
)

// The library reads a linear code only where a row of pixels crosses all its
// bars, which it does up to some 15° off. So the places that look like bars are
// looked for first, and each is turned level.
const (
	tile     = 16
	coherent = 0.8 // how much of a tile's contrast runs one way: bars over 0.9, text under 0.7
	busy     = 90  // mean squared contrast of a pixel to its neighbours over a tile
	alike    = 12  // degrees between tiles of one code
	fewest   = 10  // tiles of a code
	across   = 5   // tiles that a code reaches across its bars; a ruling reaches one
	most     = 24  // places looked at on a page
)

// bars is a place on an image that looks like the bars of a linear code.
type bars struct {
	box   image.Rectangle
	angle float64 // of the line that crosses the bars, degrees from the x axis, in (-90, 90]
	tiles []image.Point
}

// reach is how far the tiles of b lie apart across the bars, in tiles.
func (b bars) reach() float64 {
	sin, cos := math.Sincos(b.angle * math.Pi / 180)
	least, greatest := math.Inf(1), math.Inf(-1)
	for _, t := range b.tiles {
		at := float64(t.X)*cos + float64(t.Y)*sin
		least, greatest = min(least, at), max(greatest, at)
	}
	return greatest - least + 1
}

// flow is what runs through a tile: the sums of the structure tensor.
type flow struct{ xx, yy, xy float64 }

func (f flow) angle() float64 { return math.Atan2(2*f.xy, f.xx-f.yy) / 2 * 180 / math.Pi }

func (f flow) barred(pixels int) bool {
	sum := f.xx + f.yy
	return sum > busy*float64(pixels) && math.Hypot(f.xx-f.yy, 2*f.xy) > coherent*sum
}

// flows measures every tile of m. Every second row will do: bars are longer.
func flows(m *image.Gray) (all []flow, w int) {
	w, h := m.Rect.Dx()/tile, m.Rect.Dy()/tile
	all = make([]flow, w*h)
	if len(all) > 0 {
		C.sohoa_flows((*C.uchar)(unsafe.Pointer(&m.Pix[0])), C.int(m.Rect.Dx()), C.int(m.Rect.Dy()), C.int(m.Stride), (*C.double)(unsafe.Pointer(&all[0])))
	}
	return all, w
}

// places finds what looks like bars: neighbouring tiles whose contrast runs the
// same way.
func places(m *image.Gray) []bars {
	all, w := flows(m)
	if w == 0 {
		return nil
	}
	seen := make([]bool, len(all))
	var found []bars
	for i := range all {
		if seen[i] || !all[i].barred(tile*tile/2) || len(found) == most {
			continue
		}
		if b := grow(all, w, i, seen); len(b.tiles) >= fewest && b.reach() >= across {
			found = append(found, b)
		}
	}
	return found
}

// grow gathers the tiles around tile i that belong with it.
func grow(all []flow, w, i int, seen []bool) bars {
	var b bars
	var sum flow
	next := []int{i}
	seen[i] = true
	for len(next) > 0 {
		at := next[len(next)-1]
		next = next[:len(next)-1]
		x, y := at%w, at/w
		b.tiles = append(b.tiles, image.Pt(x, y))
		b.box = b.box.Union(image.Rect(x*tile, y*tile, (x+1)*tile, (y+1)*tile))
		sum.xx, sum.yy, sum.xy = sum.xx+all[at].xx, sum.yy+all[at].yy, sum.xy+all[at].xy
		for _, n := range [...][2]int{{x - 1, y}, {x + 1, y}, {x, y - 1}, {x, y + 1}} {
			j := n[1]*w + n[0]
			if n[0] < 0 || n[0] >= w || n[1] < 0 || j >= len(all) || seen[j] || !all[j].barred(tile*tile/2) {
				continue
			}
			if apart(all[j].angle(), sum.angle()) < alike {
				seen[j] = true
				next = append(next, j)
			}
		}
	}
	b.angle = sum.angle()
	return b
}

// apart is the angle between two lines in degrees, 0 to 90.
func apart(a, b float64) float64 {
	d := math.Mod(math.Abs(a-b), 180)
	return min(d, 180-d)
}

// level is a piece of an image turned so that bars stand upright.
type level struct {
	m        *image.Gray
	cx, cy   float64 // centre of the piece in the image
	sin, cos float64 // of the angle, over the zoom
}

// turned cuts b out of m with room around it for the quiet zones, turned level
// and enlarged.
func turned(m *image.Gray, b bars, zoom float64) level {
	sin, cos := math.Sincos(b.angle * math.Pi / 180)
	w, h := float64(b.box.Dx()), float64(b.box.Dy())
	l := level{cx: float64(b.box.Min.X+b.box.Max.X) / 2, cy: float64(b.box.Min.Y+b.box.Max.Y) / 2, sin: sin / zoom, cos: cos / zoom}
	long := int(zoom * (math.Abs(w*cos) + math.Abs(h*sin) + 12*tile))
	high := int(zoom * (math.Abs(w*sin) + math.Abs(h*cos) + 2*tile))
	l.m = image.NewGray(image.Rect(0, 0, long, high))
	for y := range high {
		row := l.m.Pix[y*l.m.Stride:][:long]
		for x := range row {
			u, v := l.back(float64(x), float64(y))
			row[x] = sample(m, u, v)
		}
	}
	return l
}

// back is the place in the image of a place on the piece.
func (l level) back(x, y float64) (u, v float64) {
	x, y = x-float64(l.m.Rect.Dx())/2, y-float64(l.m.Rect.Dy())/2
	return l.cx + l.cos*x - l.sin*y, l.cy + l.sin*x + l.cos*y
}

// sample reads m between its pixels; around it is white paper.
func sample(m *image.Gray, u, v float64) byte {
	x, y := int(math.Floor(u)), int(math.Floor(v))
	if x < 0 || y < 0 || x+1 >= m.Rect.Dx() || y+1 >= m.Rect.Dy() {
		return 255
	}
	fu, fv := int((u-float64(x))*256), int((v-float64(y))*256)
	at := y*m.Stride + x
	top := int(m.Pix[at])*(256-fu) + int(m.Pix[at+1])*fu
	low := int(m.Pix[at+m.Stride])*(256-fu) + int(m.Pix[at+m.Stride+1])*fu
	return byte((top*(256-fv) + low*fv) >> 16)
}

// even replaces each pixel of m by the mean of so many rows of its column.
func even(m *image.Gray, rows int) {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	if rows < 2 || h < rows {
		return
	}
	sums := make([]int, w)
	for y := range rows {
		for x, p := range m.Pix[y*m.Stride:][:w] {
			sums[x] += int(p)
		}
	}
	for y := 0; ; y++ {
		row := m.Pix[y*m.Stride:][:w]
		var next []byte
		if y+rows < h {
			next = m.Pix[(y+rows)*m.Stride:][:w]
		}
		for x, p := range row {
			row[x] = byte(sums[x] / rows)
			if next != nil {
				sums[x] += int(next[x]) - int(p)
			}
		}
		if next == nil {
			return
		}
	}
}

// bilevel says whether nearly every pixel is black or white.
func bilevel(m *image.Gray) bool {
	const step, few = 37, 50
	seen, between := (len(m.Pix)+step-1)/step, 0
	for i := 0; i < len(m.Pix); i += step {
		if p := m.Pix[i]; p > 8 && p < 247 {
			if between++; between*few >= seen {
				return false
			}
		}
	}
	return seen > 0
}

// soft is m with each pixel the mean of three by three: the steps and specks of
// a fax weigh less in it.
func soft(m *image.Gray) *image.Gray {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	out := image.NewGray(m.Rect)
	copy(out.Pix, m.Pix)
	for y := 1; y < h-1; y++ {
		a, b, c := m.Pix[(y-1)*m.Stride:][:w], m.Pix[y*m.Stride:][:w], m.Pix[(y+1)*m.Stride:][:w]
		row := out.Pix[y*out.Stride:][:w]
		for x := 1; x < w-1; x++ {
			sum := int(a[x-1]) + int(a[x]) + int(a[x+1]) + int(b[x-1]) + int(b[x]) + int(b[x+1]) + int(c[x-1]) + int(c[x]) + int(c[x+1])
			row[x] = byte(sum / 9)
		}
	}
	return out
}
