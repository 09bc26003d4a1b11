package prepare

// #cgo CFLAGS: -O3
// #include "rows.h"
import "C"

import "unsafe"

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

// stretchBetween samples between the rows top and low at x, x+step and so on, which
// stays below the last pixel; the lower row weighs fy, fy+df and so on. All are in 65536ths.
func stretchBetween(to, top, low []byte, x, step uint32, fy, df int32) {
	last := int((uint64(x) + uint64(step)*uint64(len(to)-1)) >> 16)
	_, _ = top[last+1], low[last+1]
	C.sohoa_stretch(bytesOf(to), C.int(len(to)), bytesOf(top), bytesOf(low), C.int(min(len(top), len(low))), C.uint32_t(x), C.uint32_t(step), C.int32_t(fy), C.int32_t(df))
}

// whiten multiplies row by white[p>>16] / 65536 for p, p+step and so on, 255 at most.
func whiten(row []byte, white *[256]uint32, p, step int32) {
	if len(row) == 0 {
		return
	}
	_, _ = white[p>>16], white[(p+step*int32(len(row)-1))>>16]
	C.sohoa_whiten(bytesOf(row), C.int(len(row)), (*C.uint32_t)(unsafe.Pointer(white)), C.int32_t(p), C.int32_t(step))
}
