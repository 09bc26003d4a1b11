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
