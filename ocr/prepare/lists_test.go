package prepare

import (
	"testing"
	"unsafe"

	"sohoa/scan/room"
)

// Values are had in room that pixels had before, and give it back.
func TestLists(t *testing.T) {
	cells := listOf[cell](200_000)
	if len(cells) != 200_000 || cap(cells) != len(cells) {
		t.Fatalf("%d of %d", len(cells), cap(cells))
	}
	for i := range cells {
		cells[i] = cell{red: int32(i), kept: true}
	}
	at := unsafe.Pointer(unsafe.SliceData(cells))
	giveBack(cells[:7])
	var again bool
	for range 9 {
		b := room.Any(200_000 * int(unsafe.Sizeof(cell{})))
		again = again || unsafe.Pointer(unsafe.SliceData(b)) == at
	}
	if !again {
		t.Error("the room of values is not had again")
	}
	giveBack(listOf[int32](0))
	if few := listOf[int32](5); len(few) != 5 {
		t.Errorf("%d values instead of 5", len(few))
	}
}
