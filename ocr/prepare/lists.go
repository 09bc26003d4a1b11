package prepare

import (
	"unsafe"

	"sohoa/scan/room"
)

// listOf returns n values of anything, for who writes each, in room of [room.Any]. The type
// holds no pointers: nobody would look for them there.
func listOf[T any](n int) []T {
	var one T
	b := room.Any(max(n*int(unsafe.Sizeof(one)), leastList))
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), n)
}

// leastList is so much room that it begins where a value of any type may.
const leastList = 64

// giveBack gives back the room of what [listOf] returned, or of the beginning of it.
func giveBack[T any](s []T) {
	var one T
	if n := cap(s) * int(unsafe.Sizeof(one)); n > 0 {
		room.Back(unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), n))
	}
}
