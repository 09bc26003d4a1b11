package inflate

import "math/bits"

// maxCode is the longest code, in bits.
const maxCode = 15

// Codes up to so many bits are found by one look.
const (
	literalBits  = 11
	distanceBits = 9
)

// An entry says what the next bits are: how many belong to a code; and one or two
// literals, or a length or a distance: its base, and how many more bits there are
// of it. Odd is what is none of these: a longer code, a block's end, what may not
// be.
const (
	entryBits     = 0xf
	entryCount    = 4 // of literals, in two bits
	entryLiterals = 3 << entryCount
	entryOdd      = 1 << 6
	entryValue    = 8 // literals, the first one lowest; or of how many bits more, in five
	entryMore     = 0x1f
	entryBase     = 13
)

// A code is a canonical prefix code (RFC 1951, 3.2.2).
type code struct {
	direct [1 << literalBits]uint32

	count   [maxCode + 1]int
	symbols [288]uint16 // by code
	loose   bool        // there are bits that are no code
}

// set makes the code whose symbols have these lengths. It is not ok if that is
// none, by the rules of zlib: it must leave no bits without a meaning, but that it
// may be empty, or a single code of one bit.
func (c *code) set(lengths []byte, direct uint) (ok bool) {
	c.count = [maxCode + 1]int{}
	for _, l := range lengths {
		c.count[l]++
	}
	c.count[0] = 0
	var next, at [maxCode + 2]int
	left, longest := 1, 0
	for l := 1; l <= maxCode; l++ {
		if left = 2*left - c.count[l]; left < 0 {
			return false
		}
		next[l+1] = (next[l] + c.count[l]) << 1
		at[l+1] = at[l] + c.count[l]
		if c.count[l] > 0 {
			longest = l
		}
	}
	if c.loose = left > 0; c.loose && longest > 1 {
		return false
	}
	clear(c.direct[:1<<direct])
	for symbol, l := range lengths {
		if l == 0 {
			continue
		}
		v := next[l]
		next[l]++
		c.symbols[at[l]] = uint16(symbol)
		at[l]++
		if uint(l) > direct {
			continue
		}
		e := uint32(symbol)<<entryValue | uint32(l)
		for i := int(bits.Reverse16(uint16(v)) >> (16 - l)); i < 1<<direct; i += 1 << l {
			c.direct[i] = e
		}
	}
	return true
}

// readyLiterals makes entries of what [code.set] put there for literals and
// lengths: literals are marked, and two whose codes are found together joined.
func (c *code) readyLiterals() {
	const most = 1<<literalBits - 1
	// Downwards: the second literal of bits i is that of i without the first's,
	// a smaller number, which is not an entry yet.
	for i := most; i >= 0; i-- {
		e := c.direct[i]
		n, symbol := e&entryBits, e>>entryValue
		if n == 0 || symbol >= endOfBlock {
			c.direct[i] = entryOf(n, int(symbol)-endOfBlock-1, lengthBase[:], lengthExtra[:])
			continue
		}
		e |= 1 << entryCount
		second := c.direct[i>>n]
		if k := second & entryBits; k > 0 && n+k <= literalBits && second>>entryValue < endOfBlock {
			e = e&^(entryLiterals|entryBits) | 2<<entryCount | n + k | second>>entryValue<<(entryValue+8)
		}
		c.direct[i] = e
	}
}

// readyDistances does the same for distances.
func (c *code) readyDistances() {
	for i, e := range c.direct[:1<<distanceBits] {
		c.direct[i] = entryOf(e&entryBits, int(e>>entryValue), distanceBase[:], distanceExtra[:])
	}
}

// entryOf is the entry of a length or distance whose code has n bits.
func entryOf(n uint32, symbol int, base []uint16, extra []uint8) uint32 {
	if n == 0 || symbol < 0 || symbol >= len(base) {
		return entryOdd
	}
	return n | uint32(extra[symbol])<<entryValue | uint32(base[symbol])<<entryBase
}

// slow finds the symbol of the code that begins buf, and how many bits it has:
// none if there is no such code.
func (c *code) slow(buf uint64) (symbol int, n uint) {
	v, first, at := 0, 0, 0
	for l := 1; l <= maxCode; l++ {
		v |= int(buf & 1)
		buf >>= 1
		if k := c.count[l]; v-k < first {
			return int(c.symbols[at+v-first]), uint(l)
		} else {
			at += k
			first = (first + k) << 1
			v <<= 1
		}
	}
	return 0, 0
}

// Lengths and distances (RFC 1951, 3.2.5): the least of each symbol, and how
// many bits say how much more it is.
var (
	lengthBase    = [29]uint16{3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258}
	lengthExtra   = [29]uint8{8: 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0}
	distanceBase  = [30]uint16{1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577}
	distanceExtra = [30]uint8{4: 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13}
)
