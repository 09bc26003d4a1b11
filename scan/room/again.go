package room

import (
	"sync"
	"unsafe"
)

// mostKept is how many bytes of room given back are kept: what a page of A4 in colour at
// 300 dpi takes, and that again made grey and smaller.
const mostKept = 40 << 20

var kept struct {
	sync.Mutex
	free  [][]byte
	bytes int
}

// Any returns n bytes of anything, for who writes each of them: room that was given back,
// if some is that is not much larger. The kernel's pages cost as much as the pixels that
// are written to them, if each picture gets new ones. It may reach further than n, up to its
// capacity, so that all of it is given back: room for the largest page would else be held by
// what the smallest had of it.
func Any(n int) []byte {
	if n < hugePage/4 {
		return make([]byte, n)
	}
	kept.Lock()
	best := -1
	for i, b := range kept.free {
		if cap(b) >= n && cap(b) <= 2*n && (best < 0 || cap(b) < cap(kept.free[best])) {
			best = i
		}
	}
	if best < 0 {
		kept.Unlock()
		return For(n)
	}
	b := kept.free[best]
	kept.free = append(kept.free[:best], kept.free[best+1:]...)
	kept.bytes -= cap(b)
	kept.Unlock()
	return b[:n]
}

// Back gives back room that nobody will look at again, from [Any] or elsewhere. What was
// given back longest ago goes if it is too much.
func Back(b []byte) {
	if cap(b) < hugePage/4 || cap(b) > mostKept {
		return
	}
	b = b[:cap(b)]
	kept.Lock()
	defer kept.Unlock()
	for _, k := range kept.free {
		if unsafe.SliceData(k) == unsafe.SliceData(b) {
			return // given back by two who shared it
		}
	}
	kept.free, kept.bytes = append(kept.free, b), kept.bytes+cap(b)
	for kept.bytes > mostKept {
		kept.bytes -= cap(kept.free[0])
		kept.free = append(kept.free[:0], kept.free[1:]...)
	}
}
