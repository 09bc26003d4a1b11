package prepare

// #cgo CFLAGS: -O3
// #include "rows.h"
import "C"

import (
	"image"
	"unsafe"
)

// The loops over all pixels of a page are in C, whose compiler has the machine do many
// pixels at once. They are called with slices that hold all that they touch.

func bytesOf(b []byte) *C.uint8_t { return (*C.uint8_t)(unsafe.Pointer(unsafe.SliceData(b))) }

// redOfHalves is [redOfYCbCr] of an image whose colour planes begin with the image and
// are half as wide; down rows share one of them.
func redOfHalves(red []byte, luma []byte, lumaStride int, cr []byte, crStride, w, h, down int) {
	_, _, _ = red[:w*h], luma[:lumaStride*(h-1)+w], cr[:crStride*((h-1)/down)+(w+1)/2]
	C.sohoa_red(bytesOf(red), C.int(w), bytesOf(luma), C.int(lumaStride), bytesOf(cr), C.int(crStride), C.int(w), C.int(h), C.int(down))
}

// countReds adds to cells, of side pixels, what is redder than least in a row of Cr, whose
// samples are across pixels wide.
func countReds(cells []int32, cr []byte, side, across, least, weight int) {
	if len(cr) == 0 {
		return
	}
	_ = cells[(len(cr)-1)*across/side]
	C.sohoa_reds((*C.int32_t)(unsafe.Pointer(&cells[0])), bytesOf(cr), C.int(len(cr)), C.int(side), C.int(across), C.int(least), C.int(weight))
}

// addRows adds h rows to sums.
func addRows(sums []uint16, rows []byte, stride, h int) {
	_ = rows[:stride*(h-1)+len(sums)]
	C.sohoa_sums((*C.uint16_t)(unsafe.Pointer(unsafe.SliceData(sums))), bytesOf(rows), C.int(stride), C.int(len(sums)), C.int(h))
}

// alongLine samples g between its pixels at (sx, sy), (sx+dx, sy+dy) and so on, in 65536ths,
// all of which lie well within g: have a pixel to the right and one below.
func alongLine(to []byte, g *image.Gray, sx, dx, sy, dy int64) {
	if len(to) == 0 {
		return
	}
	w, h, last := g.Rect.Dx(), g.Rect.Dy(), int64(len(to)-1)
	for _, at := range [...]int64{sx, sx + dx*last} {
		_ = g.Pix[:w][at>>16+1]
	}
	for _, at := range [...]int64{sy, sy + dy*last} {
		if at < 0 || at>>16+1 >= int64(h) {
			panic("a line that leaves its image")
		}
	}
	_ = g.Pix[:(h-1)*g.Stride+w]
	C.sohoa_line(bytesOf(to), C.int(len(to)), bytesOf(g.Pix), C.int(g.Stride), C.int(w), C.int64_t(sx), C.int64_t(dx), C.int64_t(sy), C.int64_t(dy))
}

// whiten multiplies row by white[p>>16] / 65536 for p, p+step and so on, 255 at most.
func whiten(row []byte, white *[256]uint32, p, step int32) {
	if len(row) == 0 {
		return
	}
	_, _ = white[p>>16], white[(p+step*int32(len(row)-1))>>16]
	C.sohoa_whiten(bytesOf(row), C.int(len(row)), (*C.uint32_t)(unsafe.Pointer(white)), C.int32_t(p), C.int32_t(step))
}
