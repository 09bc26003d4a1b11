package sides

// #cgo CFLAGS: -O3
// #include "rows.h"
import "C"

import (
	"image"
	"unsafe"
)

// greysOf returns how often each grey is on m.
func greysOf(m *image.Gray) (counts [256]int64) {
	if w, h := m.Rect.Dx(), m.Rect.Dy(); w > 0 && h > 0 {
		_ = m.Pix[:(h-1)*m.Stride+w]
		C.sohoa_greys((*C.int64_t)(&counts[0]), pixels(m.Pix), C.long(m.Stride), C.int(w), C.int(h))
	}
	return counts
}

// addInk adds to columns how many pixels of r, which lies in m and begins with the first of
// them, are no lighter than dark, and writes it to rows.
func addInk(columns, rows []int32, m *image.Gray, r image.Rectangle, dark byte) {
	w, h := r.Dx(), r.Dy()
	if w < 1 || h < 1 {
		return
	}
	from := m.Pix[r.Min.Y*m.Stride+r.Min.X:]
	_, _, _ = from[:(h-1)*m.Stride+w], columns[:w], rows[:h]
	C.sohoa_ink((*C.int32_t)(&columns[0]), (*C.int32_t)(&rows[0]), pixels(from), C.long(m.Stride), C.int(w), C.int(h), C.int(dark))
}

func pixels(b []byte) *C.uint8_t { return (*C.uint8_t)(unsafe.Pointer(unsafe.SliceData(b))) }
