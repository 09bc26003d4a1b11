// Package room makes room for pictures: a page of A4 at 300 dpi has 26 MB of
// pixels.
package room

import (
	"syscall"
	"unsafe"
)

// hugePage is the size of a large page of memory, on the machines that have them.
const hugePage = 2 << 20

// For returns n bytes of zero. Where they are many, the kernel is asked for large
// pages, those that lie within altogether: to be given small ones at the first
// touch, one by one, takes longer than to decode into them what a scanner packed.
// A kernel that has none gives small ones, as ever.
func For(n int) []byte {
	b := make([]byte, n)
	if n >= 2*hugePage {
		at := uintptr(unsafe.Pointer(unsafe.SliceData(b)))
		skip := int(-at & (hugePage - 1))
		_ = syscall.Madvise(b[skip:skip+(n-skip)&^(hugePage-1)], syscall.MADV_HUGEPAGE)
	}
	return b
}
