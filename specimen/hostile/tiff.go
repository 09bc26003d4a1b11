package hostile

import "encoding/binary"

// A tiffFile is a TIFF 6.0 file as it grows, little-endian.
type tiffFile struct {
	b    []byte
	next int // where the offset of the next directory goes
}

func newTIFF() *tiffFile {
	return &tiffFile{b: []byte("II*\x00\x00\x00\x00\x00"), next: 4}
}

// put appends data and returns where they stand.
func (t *tiffFile) put(data []byte) uint32 {
	if len(t.b)%2 == 1 {
		t.b = append(t.b, 0)
	}
	at := len(t.b)
	t.b = append(t.b, data...)
	return uint32(at)
}

// page appends a directory.
func (t *tiffFile) page(w, h, rows, bits, pack uint32, offsets, counts []uint32) {
	le := binary.LittleEndian
	list := func(v []uint32) uint32 {
		if len(v) == 1 {
			return v[0]
		}
		var b []byte
		for _, x := range v {
			b = le.AppendUint32(b, x)
		}
		return t.put(b)
	}
	at1, at2 := list(offsets), list(counts)
	at := t.put(nil)
	le.PutUint32(t.b[t.next:], at)
	entries := [][3]uint32{{256, 1, w}, {257, 1, h}, {258, 1, bits}, {259, 1, pack}, {262, 1, 1},
		{273, uint32(len(offsets)), at1}, {277, 1, 1}, {278, 1, rows}, {279, uint32(len(counts)), at2}}
	t.b = le.AppendUint16(t.b, uint16(len(entries)))
	for _, e := range entries {
		t.b = le.AppendUint16(le.AppendUint16(t.b, uint16(e[0])), 4)
		t.b = le.AppendUint32(le.AppendUint32(t.b, e[1]), e[2])
	}
	t.next = len(t.b)
	t.b = le.AppendUint32(t.b, 0)
}

// ifds is a TIFF whose directories lead to each other in a circle, to
// themselves, or into nothing.
func ifds(order binary.AppendByteOrder, n int) []byte {
	b := []byte("II*\x00")
	if order == binary.AppendByteOrder(binary.BigEndian) {
		b = []byte("MM\x00*")
	}
	b = order.AppendUint32(b, 8)
	many := grow(n, 1, 30)
	for i := range many {
		here := len(b)
		entries := [][4]uint32{{256, 4, 1, 64}, {257, 4, 1, 64}, {273, 4, 1, 8}, {279, 4, 1, 64}, {330, 4, 1, uint32(here)}, {0x8769, 4, 1, uint32(here)}, {0x8825, 4, 0xffffffff, 8}}
		b = order.AppendUint16(b, uint16(len(entries)))
		for _, e := range entries {
			b = order.AppendUint16(order.AppendUint16(b, uint16(e[0])), uint16(e[1]))
			b = order.AppendUint32(order.AppendUint32(b, e[2]), e[3])
		}
		next := uint32(len(b) + 4)
		if i == many-1 {
			next = []uint32{8, uint32(here), 0xffffffff, 9}[n%4]
		}
		b = order.AppendUint32(b, next)
	}
	return b
}
