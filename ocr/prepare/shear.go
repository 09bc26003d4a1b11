package prepare

// #include "rows.h"
import "C"

import (
	"unsafe"
)

// shears are points that are sheared by many angles. Neighbours along a line fall into the
// same bin, or nearly so: of the ink before each column sums are kept, and a stretch of
// columns that is moved by the same is the difference of two of them, for all places at once.
type shears struct {
	p     points
	each  int     // pixels of the projection
	bins  []int32 // fine a pixel, those of each part of a pixel together
	line  []int32 // see [contrastOf]
	sums  []uint16
	first int32 // x of the first column
}

// mostOfShears is how many places sums are kept of: an A3 page at twice the resolution of
// glances. Of more, which no paper has, each point is looked at each time.
const mostOfShears = 4 << 20

func newShears(p points) shears {
	s := shears{p: p, each: p.size + 2*p.slack() + 2, first: int32(-p.reach / 2)}
	s.bins, s.line = make([]int32, fine*s.each), make([]int32, 3*(fine*s.each+8))
	if n := (p.reach + 2) * p.size; n <= mostOfShears {
		s.sums = listOf[uint16](n)
		s.addUp()
	}
	return s
}

// addUp leaves in the sums what ink is before each column: nothing before the first.
// Points lie from -reach/2 to as much, and from -size/2 to as much less one.
func (s *shears) addUp() {
	clear(s.sums)
	size, middle := s.p.size, s.p.size/2
	for i, x := range s.p.xs {
		s.sums[int(x-s.first+1)*size+int(s.p.ys[i])+middle] += uint16(s.p.ink[i])
	}
	for at := size; at+size <= len(s.sums); at += size {
		addTo(s.sums[at:at+size], s.sums[at-size:])
	}
}

// done gives back the room.
func (s *shears) done() { giveBack(s.sums) }

// contrast shears the points to undo a clockwise turn by -degrees and returns the sum of
// the squared differences between rows a pixel apart. Each point is spread over two pixels:
// unspread, rows would look sharpest unsheared, at 0°.
func (s *shears) contrast(degrees float64) float64 {
	clear(s.bins)
	slope, zero := s.p.sheared(degrees)
	zero = zero>>14 - int64(fine*(s.p.size/2))
	lowest := zero + min(int64(s.first)*slope, (int64(s.first)+int64(s.p.reach))*slope)>>14
	highest := zero + max(int64(s.first)*slope, (int64(s.first)+int64(s.p.reach))*slope)>>14
	if s.sums != nil && lowest >= fine && int(highest)/fine+s.p.size <= s.each && int64(s.p.reach)*max(slope, -slope) < 1<<31 {
		shear(s.bins, s.sums, s.p.size, s.p.reach+1, s.first, slope, zero)
	} else {
		for i, x := range s.p.xs {
			at := zero + int64(fine*(int(s.p.ys[i])+s.p.size/2)) + int64(x)*slope>>14
			if at >= fine && at < int64(len(s.bins)) {
				s.bins[int(at)%fine*s.each+int(at)/fine] += s.p.ink[i]
			}
		}
	}
	return contrastOf(s.line, s.bins)
}

// addTo adds to each of to what is at its place in from.
func addTo(to, from []uint16) {
	_ = from[:len(to)]
	C.sohoa_add_to((*C.uint16_t)(unsafe.Pointer(unsafe.SliceData(to))), (*C.uint16_t)(unsafe.Pointer(unsafe.SliceData(from))), C.int(len(to)))
}

// shear adds to bins the ink of so many columns along, the first of which is x: see
// [shears.contrast]. The caller sees to it that all of it is within the bins.
func shear(bins []int32, sums []uint16, size, along int, first int32, slope, zero int64) {
	_ = sums[:(along+1)*size]
	C.sohoa_shear(int32s(bins), C.int(len(bins)/fine), (*C.uint16_t)(unsafe.Pointer(unsafe.SliceData(sums))), C.int(size), C.int(along), C.int32_t(first), C.int32_t(slope), C.int32_t(zero))
}

// contrastOf returns the contrast of bins. Line is longer by 8, three times.
func contrastOf(line, bins []int32) float64 {
	_ = line[:3*(len(bins)+8)]
	return float64(C.sohoa_contrast(int32s(line), int32s(bins), C.int(len(bins)/fine)))
}
