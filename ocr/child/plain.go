package child

// #cgo LDFLAGS: -lleptonica -ldl
// int stands_before(void);
// void keep_room(void);
import "C"

import (
	"runtime"
	"runtime/debug"
)

// plainLines reports whether Tesseract takes its lines unpacked (see plain.c).
// If a linker stops exporting the function, reading costs a tenth more and is
// otherwise the same.
func plainLines() bool { return C.stands_before() != 0 }

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
