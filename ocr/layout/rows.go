package layout

// #cgo CFLAGS: -O3
// #include "rows.h"
import "C"

import (
	"image"
	"unsafe"
)

// What looks at each pixel of a page is in C, whose compiler has the machine look at many
// at once.

func int32s[T int32 | stretch](s []T) *C.int32_t {
	return (*C.int32_t)(unsafe.Pointer(unsafe.SliceData(s)))
}

func bytesOf(b []byte) *C.uint8_t { return (*C.uint8_t)(unsafe.Pointer(unsafe.SliceData(b))) }

// darkerThan returns how many pixels of g are darker than dark, and how many of the others
// are darker than faint.
func darkerThan(g *image.Gray, dark, faint uint8) (full, pale int) {
	w, h := g.Rect.Dx(), g.Rect.Dy()
	if w < 1 || h < 1 {
		return 0, 0
	}
	_ = g.Pix[:(h-1)*g.Stride+w]
	var counts [2]C.int64_t
	C.sohoa_darker(&counts[0], bytesOf(g.Pix), C.long(g.Stride), C.int(w), C.int(h), C.int(dark), C.int(faint))
	return int(counts[0]), int(counts[1])
}

// stretchesOf returns where the stretches of row begin and end that are darker than limit, in
// turn. They lie in places, which has room for one more than row.
func stretchesOf(places []int32, row []byte, limit uint8) []int32 {
	if len(row) == 0 {
		return nil
	}
	_ = places[:len(row)+1]
	return places[:C.sohoa_stretches(int32s(places), bytesOf(row), C.int(len(row)), C.int(limit))]
}

// upright adds a row's dark stretches to those of the columns, as [stretch.take] does for a
// pixel, and returns those that came to an end and are long enough: column, from and to of
// each. They lie in old, which has room for three a column.
func upright(old []int32, columns []stretch, dark []int32, y int, least int32) []int32 {
	if len(dark) == 0 {
		return nil
	}
	_, _ = columns[:dark[len(dark)-1]], old[:3*len(columns)]
	return old[:3*C.sohoa_upright(int32s(old), int32s(columns), int32s(dark), C.int(len(dark)), C.int(y), breach, C.int(least))]
}
