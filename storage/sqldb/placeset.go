package sqldb

import (
	"encoding/binary"
	"errors"
	"math/bits"
	"strconv"
	"strings"
)

// A placeSet is a set of places of the archive: a bit each.
type placeSet []uint64

func newPlaceSet(last int64) placeSet { return make(placeSet, last/64+1) }

// add puts a place in; what lies behind the last one is left out: it came after
// the search began.
func (s placeSet) add(place int64) {
	if i := place >> 6; place > 0 && i < int64(len(s)) {
		s[i] |= 1 << (place & 63)
	}
}

func (s placeSet) and(t placeSet) {
	for i := range s {
		s[i] &= t[i]
	}
}

func (s placeSet) or(t placeSet) {
	for i := range s {
		s[i] |= t[i]
	}
}

func (s placeSet) andNot(t placeSet) {
	for i := range s {
		s[i] &^= t[i]
	}
}

func (s placeSet) clone() placeSet { return append(placeSet(nil), s...) }

// without returns the places of s that are not in t.
func (s placeSet) without(t placeSet) placeSet {
	u := s.clone()
	u.andNot(t)
	return u
}

func (s placeSet) empty() bool {
	for _, w := range s {
		if w != 0 {
			return false
		}
	}
	return true
}

// fill puts every place in, up to the last one.
func (s placeSet) fill(last int64) {
	for i := range s {
		s[i] = ^uint64(0)
	}
	s[0] &^= 1
	s[last>>6] &= ^uint64(0) >> (63 - last&63)
}

// below returns up to n places of s before a place, or the last ones if it is 0:
// the greatest first.
func (s placeSet) below(before int64, n int) []int64 {
	if before <= 0 || before > int64(len(s))*64 {
		before = int64(len(s)) * 64
	}
	list := make([]int64, 0, min(n, 1024))
	for i := (before - 1) >> 6; i >= 0 && len(list) < n; i-- {
		w := s[i]
		if i == before>>6 {
			w &= 1<<(before&63) - 1
		}
		for w != 0 && len(list) < n {
			top := int64(63 - bits.LeadingZeros64(w))
			list = append(list, i<<6|top)
			w &^= 1 << top
		}
	}
	return list
}

// places returns a set of at most 65,536 as numbers, rising.
func (s placeSet) places() (list []uint16) {
	for i, w := range s {
		for ; w != 0; w &= w - 1 {
			list = append(list, uint16(i<<6|bits.TrailingZeros64(w)))
		}
	}
	return list
}

// written adds places written as numbers with commas between them.
func (s placeSet) written(list string) error {
	for list != "" {
		var one string
		one, list, _ = strings.Cut(list, ",")
		place, err := strconv.ParseInt(one, 10, 64)
		if err != nil {
			return errors.New("a list of places is no list of numbers")
		}
		s.add(place)
	}
	return nil
}

// packPlaces writes the places of a block that has so many, rising, from 0 on: as
// numbers of two bytes, or a bit for each if that is shorter.
func packPlaces(list []uint16, block int64) []byte {
	if n := int(block / 8); 2*len(list) >= n {
		b := make([]byte, n)
		for _, p := range list {
			b[p>>3] |= 1 << (p & 7)
		}
		return b
	}
	b := make([]byte, 0, 2*len(list))
	for _, p := range list {
		b = binary.LittleEndian.AppendUint16(b, p)
	}
	return b
}

var errPacked = errors.New("the index is damaged: sohoa search rebuild --fresh makes it anew")

// unpack adds the places of a block that begins at first, as [packPlaces] wrote
// them.
func (s placeSet) unpack(packed []byte, first, block int64) error {
	if int64(len(packed)) == block/8 {
		for len(packed) >= 8 {
			if i := first >> 6; i < int64(len(s)) {
				s[i] |= binary.LittleEndian.Uint64(packed)
			}
			packed, first = packed[8:], first+64
		}
		return nil
	}
	if len(packed)%2 != 0 || int64(len(packed)) > block/8 {
		return errPacked
	}
	for ; len(packed) > 0; packed = packed[2:] {
		s.add(first + int64(binary.LittleEndian.Uint16(packed)))
	}
	return nil
}
