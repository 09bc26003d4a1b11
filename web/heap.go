package web

import "runtime"

// heapRoom is what [HeapRoom] asks for, in bytes.
const heapRoom = 96 << 20

// HeapRoom lets a process that serves pages, or has pages of paper read, leave some
// hundred megabytes of what they made lying before it is collected, and returns what ends
// that. What lives here is
// small (templates, the catalogue: 35 MB), so that it would be walked once or twice for
// each large page: a quarter of what a year of figures costs. Unlike a larger GOGC it
// asks for no more where much lives. The bytes are never touched: they take no memory
// themselves.
func HeapRoom() (end func()) {
	room := make([]byte, heapRoom)
	return func() { runtime.KeepAlive(room) }
}
