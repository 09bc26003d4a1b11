package child

// #cgo LDFLAGS: -lleptonica -ldl
// int stands_before(void);
// void keep_room(void);
// #include <stdint.h>
// void words_of(uint32_t *to, const uint8_t *pix, long stride, int w, int h);
import "C"

import (
	"image"
	"runtime"
	"runtime/debug"
	"unsafe"
)

// plainLines reports whether Tesseract takes its lines unpacked (see plain.c).
// If a linker stops exporting the function, reading costs a tenth more and is
// otherwise the same.
func plainLines() bool { return C.stands_before() != 0 }

// appendWords appends to b, which ends with a whole word and has the room, the pixels of g as
// Leptonica keeps them.
func appendWords(b []byte, g *image.Gray) []byte {
	w, h := g.Rect.Dx(), g.Rect.Dy()
	n := len(b) + (w+3)/4*4*h
	if b = b[:n]; w > 0 && h > 0 {
		_ = g.Pix[:(h-1)*g.Stride+w]
		C.words_of((*C.uint32_t)(unsafe.Pointer(&b[n-(w+3)/4*4*h])), (*C.uint8_t)(unsafe.Pointer(&g.Pix[0])), C.long(g.Stride), C.int(w), C.int(h))
	}
	return b
}

// garbage is by how much of itself a reader's heap may grow before it is collected, in
// percent. Nearly all that is alive in it is room for pixels, through which nobody has to
// look.
const garbage = 25

// settle has this process keep little memory that it does not need. Its goroutine stays on
// one thread: C has a heap for each thread that allocates, and each would come to have what
// a page needs.
func settle() {
	runtime.LockOSThread()
	C.keep_room()
	debug.SetGCPercent(garbage)
}
