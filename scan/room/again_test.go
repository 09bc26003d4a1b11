package room

import (
	"testing"
	"unsafe"
)

// Room that was given back is had again, once, and no more of it is kept than is said.
func TestAgain(t *testing.T) {
	at := func(b []byte) *byte { return unsafe.SliceData(b) }
	a := Any(3 << 20)
	Back(a)
	Back(a[:5]) // by another who shared it
	b, c := Any(2<<20), Any(2<<20)
	if at(b) != at(a) || at(c) == at(a) || len(b) != 2<<20 {
		t.Error("room given back twice is not had once")
	}
	Back(b)
	if d := Any(3 << 20); at(d) != at(a) || len(d) != 3<<20 {
		t.Error("of room that less was needed of, the rest is lost")
	}
	Back(make([]byte, 9<<20))
	if d := Any(4 << 20); cap(d) > 8<<20 {
		t.Errorf("%d bytes of room for %d", cap(d), 4<<20)
	}
	for range 20 {
		Back(make([]byte, 5<<20))
	}
	Back(make([]byte, mostKept+1))
	if kept.bytes > mostKept || len(kept.free) != 8 {
		t.Errorf("%d bytes are kept in %d pieces", kept.bytes, len(kept.free))
	}
}

// Values are had in room that pixels had before, and give it back.
func TestOf(t *testing.T) {
	kept.free, kept.bytes = nil, 0
	type pair struct {
		a int32
		b bool
	}
	some := Of[pair](200_000)
	if len(some) != 200_000 || cap(some) != len(some) {
		t.Fatalf("%d of %d", len(some), cap(some))
	}
	at := unsafe.Pointer(unsafe.SliceData(some))
	for i := range some {
		some[i] = pair{int32(i), true}
	}
	BackOf(some[:7])
	b := Any(1_600_000)
	if unsafe.Pointer(unsafe.SliceData(b)) != at {
		t.Error("the room of values is not had again")
	}
	BackOf(Of[int32](0))
	BackOf(Of[int32](5)) // so little is not kept
	if few := Of[int32](5); len(few) != 5 || len(kept.free) != 0 {
		t.Errorf("%d values, %d pieces are kept", len(few), len(kept.free))
	}
}
