// Package room makes room for pictures: a page of A4 at 300 dpi has 26 MB of
// pixels.
package room

import (
	"syscall"
	"unsafe"
)

// hugePage is the size of a large page of memory, on the machines that have them.
const hugePage = 2 << 20

// For returns n bytes of zero. Where they are many, they lie in large pages, if the
// kernel has some: to be given small ones at the first touch, one by one, takes
// longer than to decode into them what a scanner packed. What is taken more, to
// begin and end with a page, is not touched, but for the rest of the last.
func For(n int) []byte {
	if n < hugePage {
		return make([]byte, n)
	}
	whole := (n + hugePage - 1) &^ (hugePage - 1)
	b := make([]byte, whole+hugePage)
	at := uintptr(unsafe.Pointer(unsafe.SliceData(b)))
	b = b[int(-at&(hugePage-1)):][:whole]
	_ = syscall.Madvise(b, syscall.MADV_HUGEPAGE) // a kernel without them gives small ones
	return b[:n:n]
}
