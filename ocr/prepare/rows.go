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

// countReds adds to cells, of side pixels, what is redder than least in h rows of n samples of
// Cr, which are across pixels wide.
func countReds(cells []int32, cr []byte, stride, n, h, side, across, least, weight int) {
	if n == 0 || h == 0 {
		return
	}
	_, _ = cells[(n-1)*across/side], cr[:stride*(h-1)+n]
	C.sohoa_reds(int32s(cells), bytesOf(cr), C.long(stride), C.int(n), C.int(h), C.int(side), C.int(across), C.int(least), C.int(weight))
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

// evenOut multiplies the pixels of g by white[p] / 65536, 255 at most, where p is the paper's
// grey between the middles of tiles of side pixels.
func evenOut(g *image.Gray, paper tiles, side int, white *[256]uint32) {
	w, h := g.Rect.Dx(), g.Rect.Dy()
	_, _ = g.Pix[:(h-1)*g.Stride+w], paper.grey[:paper.w*paper.h]
	if w > paper.w*side || h > paper.h*side {
		panic("tiles that do not cover their image")
	}
	line, by := make([]int32, paper.w), make([]uint16, 2*(w+16))
	C.sohoa_even(bytesOf(g.Pix), C.long(g.Stride), C.int(w), C.int(h), C.int(side), bytesOf(paper.grey), C.int(paper.w), C.int(paper.h), (*C.uint32_t)(unsafe.Pointer(white)), int32s(line), (*C.uint16_t)(unsafe.Pointer(&by[0])))
}

// mostOfQuartile is how many pixels [quartileOf] can look at.
const mostOfQuartile = 1<<16 - 1

// quartileOf is [quartile] of as many pixels as some has room for.
func quartileOf(some []byte, g *image.Gray, r image.Rectangle) uint8 {
	from := g.Pix[r.Min.Y*g.Stride+r.Min.X:]
	_, _ = from[:(r.Dy()-1)/2*2*g.Stride+r.Dx()], some[:(r.Dx()+1)/2*((r.Dy()+1)/2)]
	return uint8(C.sohoa_quartile(bytesOf(some), bytesOf(from), C.long(g.Stride), C.int(r.Dx()), C.int(r.Dy())))
}

// countGreys adds to counts how often each grey is in every step-th pixel of every step-th
// row of r, which lies in g.
func countGreys(counts *[256]uint32, g *image.Gray, r image.Rectangle, step int) {
	if r.Empty() {
		return
	}
	rows := (r.Dy() + step - 1) / step
	from := g.Pix[r.Min.Y*g.Stride+r.Min.X:]
	_ = from[:(rows-1)*step*g.Stride+r.Dx()]
	C.sohoa_counts((*C.uint32_t)(unsafe.Pointer(counts)), bytesOf(from), C.long(step*g.Stride), C.int(r.Dx()), C.int(rows), C.int(step))
}

func int32s(s []int32) *C.int32_t { return (*C.int32_t)(unsafe.Pointer(unsafe.SliceData(s))) }

// strokesOf adds the strokes and the ghosts of a row: see [toneOf].
func strokesOf(row []byte, strokes *[256]int32, ghosts *int32) {
	C.sohoa_strokes(bytesOf(row), C.int(len(row)), int32s(strokes[:]), (*C.int32_t)(ghosts))
}

// lighterOf returns how many of n pixels of h rows, which begin with the first of them and are
// so far apart, are no darker than v.
func lighterOf(rows []byte, stride, n, h int, v uint8) int {
	if n < 1 || h < 1 {
		return 0
	}
	_ = rows[:(h-1)*stride+n]
	return int(C.sohoa_lighter(bytesOf(rows), C.long(stride), C.int(n), C.int(h), C.int(v)))
}

// inksOf adds the strokes of a row to tiles of side pixels: see [inks.count].
func inksOf(row []byte, side int, tiles [][16]int32, strokes, pale *int32) {
	if len(row) == 0 {
		return
	}
	_ = tiles[(len(row)-1)/side]
	C.sohoa_inks(bytesOf(row), C.int(len(row)), C.int(side), int32s(tiles[0][:]), leastStroke, goodInk+10, (*C.int32_t)(strokes), (*C.int32_t)(pale))
}

// meansOf writes the means of k by k samples, of whose columns sums has the sums.
func meansOf(to []byte, sums []uint16, k int) {
	_ = sums[:len(to)*k]
	C.sohoa_means(bytesOf(to), C.int(len(to)), (*C.uint16_t)(unsafe.Pointer(unsafe.SliceData(sums))), C.int(k), C.uint32_t(1<<24/uint32(k*k)+1))
}

// quartersOf and thirdsOf write h rows of w means of four by four pixels, and of three by three.
func quartersOf(to []byte, w, h int, rows []byte, stride int) {
	if w > 0 && h > 0 {
		_, _ = to[:w*h], rows[:(4*h-1)*stride+4*w]
		C.sohoa_means4(bytesOf(to), C.int(w), C.int(h), bytesOf(rows), C.long(stride))
	}
}

func thirdsOf(to []byte, w, h int, rows []byte, stride int) {
	if w > 0 && h > 0 {
		_, _ = to[:w*h], rows[:(3*h-1)*stride+3*w]
		C.sohoa_means3(bytesOf(to), C.int(w), C.int(h), bytesOf(rows), C.long(stride))
	}
}

// addRow adds a row to sums, or takes it off them.
func addRow(sums []int32, row []byte, off bool) {
	_ = row[:len(sums)]
	minus := C.int(0)
	if off {
		minus = 1
	}
	C.sohoa_add(int32s(sums), bytesOf(row), C.int(len(sums)), minus)
}

// meansAlong writes the means of a window that moves along sums, of which sum was in it: in
// comes, and gone goes. By is 2^32 through the number of pixels, rounded up. It returns the
// sum that is left.
func meansAlong(to, in, gone []int32, sum int32, by uint64) int32 {
	_, _ = in[:len(to)], gone[:len(to)]
	return int32(C.sohoa_along(int32s(to), int32s(in), int32s(gone), C.int(len(to)), C.int32_t(sum), C.uint64_t(by)))
}

// darkerThanAbout writes which pixels of row are darker by more than least than the means
// about them, and by how much; both slices have room for a row. It returns how many these are.
func darkerThanAbout(places, by, means []int32, row []byte, least int) int {
	n := len(means)
	_, _, _ = places[:n], by[:n], row[:n]
	return int(C.sohoa_darker_than_about(int32s(places), int32s(by), int32s(means), bytesOf(row), C.int(n), C.int(least)))
}

// brighterBelow writes of each place of row y of g but the first and the last whether light may
// begin there: see [firstLight].
func brighterBelow(flags []byte, g *image.Gray, y, paper int) {
	w := g.Rect.Dx()
	rows := g.Pix[(y-lightReach)*g.Stride:]
	_, _ = rows[:(2*lightReach-1)*g.Stride+w], flags[:w-2]
	C.sohoa_brighter(bytesOf(flags), bytesOf(rows), C.long(g.Stride), C.int(w-2), C.int(3*lightReach*paper))
}
