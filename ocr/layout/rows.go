package layout

// #cgo CFLAGS: -O3
// #include "rows.h"
import "C"

import (
	"image"
	"unsafe"

	"sohoa/scan/room"
)

// What looks at each pixel of a page is in C, whose compiler has the machine look at many
// at once, and of what is found dark 64 pixels lie in a word.

// bits are pixels of a page of which each is dark or not.
type bits struct {
	words []uint64
	w, h  int
}

func newBits(s *shelf, w, h int) bits { return bits{take[uint64](s, wordsOf(w)*h), w, h} }

func wordsOf(w int) int { return (w + 63) / 64 }

func (b bits) row(y int) []uint64 { return b.words[y*wordsOf(b.w):][:wordsOf(b.w)] }

// has reports whether a pixel is dark.
func (b bits) has(x, y int) bool { return b.words[y*wordsOf(b.w)+x/64]>>(x%64)&1 != 0 }

// A shelf is room for what is looked at for one plan only.
type shelf struct{ taken [][]byte }

// take returns room for n numbers of anything, or of what has nothing but numbers.
func take[T any](s *shelf, n int) []T {
	const small, kept = 64 << 10, 512 << 10 // room is kept of at least so many bytes
	size := n * int(unsafe.Sizeof(*new(T)))
	if size < small {
		return make([]T, n)
	}
	b := room.Any(max(size, kept))
	s.taken = append(s.taken, b)
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), n)
}

// back gives all of it back.
func (s *shelf) back() {
	for _, b := range s.taken {
		room.Back(b)
	}
}

func at[T any, P any](s []T) *P { return (*P)(unsafe.Pointer(unsafe.SliceData(s))) }

// copied returns a copy of g, and which of its pixels are darker than limit.
func copied(s *shelf, g *image.Gray, limit uint8) (*image.Gray, bits) {
	w, h := g.Rect.Dx(), g.Rect.Dy()
	to := &image.Gray{Pix: room.Any(w * h), Stride: w, Rect: image.Rect(0, 0, w, h)}
	b := newBits(s, w, h)
	if len(b.words) > 0 {
		_, _ = g.Pix[:(h-1)*g.Stride+w], to.Pix[:w*h]
		C.sohoa_packed_copy(at[byte, C.uint8_t](to.Pix), at[uint64, C.uint64_t](b.words), at[byte, C.uint8_t](g.Pix), C.long(g.Stride), C.int(w), C.int(h), C.int(limit))
	}
	return to, b
}

// inkOf returns which pixels of g are darker than full, and which are darker than pale; and
// how many there are of the first, and of the second that are none of the first.
func inkOf(s *shelf, g *image.Gray, full, pale uint8) (dark, faint bits, n, more int) {
	w, h := g.Rect.Dx(), g.Rect.Dy()
	dark, faint = newBits(s, w, h), newBits(s, w, h)
	if len(dark.words) == 0 {
		return dark, faint, 0, 0
	}
	_ = g.Pix[:(h-1)*g.Stride+w]
	var counts [2]C.int64_t
	C.sohoa_packed_inks(at[uint64, C.uint64_t](dark.words), at[uint64, C.uint64_t](faint.words), &counts[0], at[byte, C.uint8_t](g.Pix),
		C.long(g.Stride), C.int(w), C.int(h), C.int(full), C.int(pale))
	return dark, faint, int(counts[0]), int(counts[1])
}

// stretches returns where the stretches of row y begin and end that are dark, in turn. They
// lie in places, which has room for one more than the row.
func (b bits) stretches(places []int32, y int) []int32 {
	if b.w == 0 {
		return nil
	}
	_, row := places[:b.w+1], b.row(y)
	return places[:C.sohoa_stretches(at[int32, C.int32_t](places), at[uint64, C.uint64_t](row), C.int(b.w))]
}

// long returns which rows and which columns may have stretches of at least so many pixels, that
// miss two at once at most: all that have are among them.
func (b bits) long(least int32) (rows []byte, columns []uint64) {
	rows, columns = make([]byte, b.h), make([]uint64, wordsOf(b.w))
	block := 32 // begins in every stretch of twice as many pixels less one, and ends in it
	for block > 4 && int(least) < 2*block-1 {
		block /= 2
	}
	if block == 4 || len(b.words) == 0 {
		return every(rows, 1), every(columns, ^uint64(0))
	}
	all := make([]uint64, wordsOf(b.w))
	C.sohoa_long(at[byte, C.uint8_t](rows), at[uint64, C.uint64_t](columns), at[uint64, C.uint64_t](all), at[uint64, C.uint64_t](b.words), C.int(wordsOf(b.w)), C.int(b.h), C.int(block))
	return rows, columns
}

func every[T any](s []T, v T) []T {
	for i := range s {
		s[i] = v
	}
	return s
}

// runs returns the dark runs row by row, and of each the number of its stain, in the order of
// their first runs; and how many stains there are.
func (b bits) runs(s *shelf) (runs []run, number []int32, stains int) {
	if len(b.words) == 0 {
		return nil, nil, 0
	}
	words := at[uint64, C.uint64_t](b.words)
	n := int(C.sohoa_count_runs(words, C.int(wordsOf(b.w)), C.int(b.h)))
	runs, number = take[run](s, n), take[int32](s, n)
	places := make([]int32, b.w+1)
	C.sohoa_runs(at[run, C.sohoa_run](runs), at[int32, C.int32_t](number), at[int32, C.int32_t](places), words, C.int(b.w), C.int(b.h))
	return runs, number, int(C.sohoa_number_stains(at[int32, C.int32_t](number), C.int32_t(n)))
}

// stains returns what is dark and touches, in the order of the topmost runs. Pixels that
// touch at a corner belong together. Their runs lie on the shelf.
func (b bits) stains(s *shelf) []stain {
	runs, number, n := b.runs(s)
	measured, kept := take[C.sohoa_stain](s, n), take[run](s, len(runs))
	C.sohoa_stains(unsafe.SliceData(measured), C.int32_t(n), at[run, C.sohoa_run](kept), at[run, C.sohoa_run](runs), at[int32, C.int32_t](number), C.int32_t(len(runs)))
	all := make([]stain, n)
	for i, m := range measured {
		all[i] = stain{box: image.Rect(int(m.x0), int(m.y0), int(m.x1), int(m.y1)), area: int(m.area), runs: kept[m.first:][:m.runs:m.runs]}
	}
	return all
}
