// Package inflate opens zlib data (RFC 1950, 1951) of a known length into room
// that is there. It takes a third of the time of compress/zlib on what scanners
// see: it looks at eight bytes at once and takes two literals where their codes
// are short, which needs all data and all room at hand.
//
// It is as strict as zlib, and so are most who read a PDF: what is taken here,
// they can open. (libdeflate, as fast, takes codes that they refuse.)
package inflate

import "encoding/binary"

// mostExpansion is how many bytes one byte of deflate can become at most: a
// match of 258 bytes takes two bits at the least.
const mostExpansion = 1032

// Likely reports whether packed bytes can become n bytes at all: whoever makes
// room for them asks first.
func Likely(packed int, n int64) bool { return int64(packed)*mostExpansion >= n }

// Exactly opens data into out and reports whether they are zlib data of len(out)
// bytes and nothing besides: no byte more, compressed or behind, and the right
// checksum. If they are not, what is in out means nothing: who wants to know
// why asks compress/zlib. Nothing is written beyond out.
func Exactly(out, data []byte) bool {
	if len(out) == 0 || len(data) < 2+4 || !Likely(len(data), int64(len(out))) {
		return false
	}
	head := binary.BigEndian.Uint16(data)
	if head>>8&0xf != 8 || head>>12 > 7 || head%31 != 0 || head&0x20 != 0 {
		return false
	}
	d := decoder{in: data[2 : len(data)-4], out: out}
	for last := false; !last; {
		var ok bool
		if last, ok = d.block(); !ok {
			return false
		}
	}
	d.giveBack()
	return d.o == len(out) && d.i == len(d.in) && checksum(out) == binary.BigEndian.Uint32(data[len(data)-4:])
}

// A decoder opens deflate blocks.
type decoder struct {
	in  []byte
	i   int    // of in, the next byte to be put into buf
	buf uint64 // bits to come, the next one lowest
	n   uint   // how many, no others are set
	out []byte
	o   int // of out, the next to be written

	literals  code
	distances code
	lengths   [286 + 30]byte // of the codes of a block
}

// fill puts bytes into buf while there is room for one.
func (d *decoder) fill() {
	for d.n <= 56 && d.i < len(d.in) {
		d.buf |= uint64(d.in[d.i]) << d.n
		d.i++
		d.n += 8
	}
}

// bits takes up to 16 bits.
func (d *decoder) bits(n uint) (int, bool) {
	if d.n < n {
		d.fill()
	}
	if d.n < n {
		return 0, false
	}
	v := d.buf & (1<<n - 1)
	d.buf >>= n
	d.n -= n
	return int(v), true
}

// giveBack leaves in buf no more than the rest of a byte.
func (d *decoder) giveBack() {
	d.i -= int(d.n / 8)
	d.n %= 8
	d.buf &= 1<<d.n - 1
}

// block opens a block (RFC 1951, 3.2.3) and reports whether it is the last.
func (d *decoder) block() (last, ok bool) {
	head, ok := d.bits(3)
	if !ok {
		return false, false
	}
	switch head >> 1 {
	case 0:
		ok = d.stored()
	case 1:
		ok = d.fixed() && d.symbols()
	case 2:
		ok = d.dynamic() && d.symbols()
	default:
		ok = false
	}
	return head&1 == 1, ok
}

func (d *decoder) stored() bool {
	d.giveBack()
	d.buf, d.n = 0, 0
	if len(d.in)-d.i < 4 {
		return false
	}
	n := int(binary.LittleEndian.Uint16(d.in[d.i:]))
	if n^0xffff != int(binary.LittleEndian.Uint16(d.in[d.i+2:])) || len(d.in)-d.i-4 < n || len(d.out)-d.o < n {
		return false
	}
	copy(d.out[d.o:], d.in[d.i+4:][:n])
	d.i += 4 + n
	d.o += n
	return true
}

// fixed sets the codes that are the same in every block (3.2.6).
func (d *decoder) fixed() bool {
	var l [288]byte
	for i := range l {
		switch {
		case i < 144:
			l[i] = 8
		case i < 256:
			l[i] = 9
		case i < 280:
			l[i] = 7
		default:
			l[i] = 8
		}
	}
	var far [32]byte
	for i := range far {
		far[i] = 5
	}
	if !d.literals.set(l[:], literalBits) || !d.distances.set(far[:], distanceBits) {
		return false
	}
	d.literals.readyLiterals()
	d.distances.readyDistances()
	return true
}

// order is that of the lengths of the code for lengths (3.2.7).
var order = [19]byte{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

// dynamic reads the codes of a block.
func (d *decoder) dynamic() bool {
	counts, ok := d.bits(14)
	literals, distances, n := counts&31+257, counts>>5&31+1, counts>>10+4
	if !ok || literals > 286 || distances > 30 {
		return false
	}
	var short [19]byte
	for _, k := range order[:n] {
		v, ok := d.bits(3)
		if !ok {
			return false
		}
		short[k] = byte(v)
	}
	if !d.literals.set(short[:], 7) || d.literals.loose { // that code has no use for another
		return false
	}
	all := d.lengths[:literals+distances]
	for i := 0; i < len(all); {
		k, ok := d.next(&d.literals)
		if !ok {
			return false
		}
		if k < 16 {
			all[i] = byte(k)
			i++
			continue
		}
		if i, ok = d.again(all, i, k); !ok {
			return false
		}
	}
	if all[endOfBlock] == 0 || !d.literals.set(all[:literals], literalBits) || !d.distances.set(all[literals:], distanceBits) {
		return false
	}
	d.literals.readyLiterals()
	d.distances.readyDistances()
	return true
}

// again repeats a length, the one before i or zero, as k says.
func (d *decoder) again(all []byte, i, k int) (int, bool) {
	var what byte
	extra, least := uint(7), 11
	switch k {
	case 16:
		if i == 0 {
			return i, false
		}
		what, extra, least = all[i-1], 2, 3
	case 17:
		extra, least = 3, 3
	}
	n, ok := d.bits(extra)
	if n += least; !ok || n > len(all)-i {
		return i, false
	}
	for range n {
		all[i] = what
		i++
	}
	return i, true
}

// next takes a symbol of a code, whatever its length.
func (d *decoder) next(c *code) (int, bool) {
	if d.n < maxCode {
		d.fill()
	}
	symbol, n := c.slow(d.buf)
	if n == 0 || n > d.n {
		return 0, false
	}
	d.buf >>= n
	d.n -= n
	return symbol, true
}

// symbols opens what a block codes: most of it by fast, the rest one by one.
func (d *decoder) symbols() bool {
	for {
		if !d.fast() {
			return false
		}
		done, ok := d.one()
		if done || !ok {
			return ok
		}
	}
}

const endOfBlock = 256

// one opens one symbol, and reports whether it is the block's end.
func (d *decoder) one() (done, ok bool) {
	k, ok := d.next(&d.literals)
	switch {
	case !ok:
		return false, false
	case k < endOfBlock:
		if d.o == len(d.out) {
			return false, false
		}
		d.out[d.o] = byte(k)
		d.o++
		return false, true
	case k == endOfBlock:
		return true, true
	case k-endOfBlock-1 >= len(lengthBase):
		return false, false
	}
	more, ok := d.bits(uint(lengthExtra[k-endOfBlock-1]))
	if !ok {
		return false, false
	}
	length := int(lengthBase[k-endOfBlock-1]) + more
	if k, ok = d.next(&d.distances); !ok || k >= len(distanceBase) {
		return false, false
	}
	if more, ok = d.bits(uint(distanceExtra[k])); !ok {
		return false, false
	}
	back := int(distanceBase[k]) + more
	if back > d.o || length > len(d.out)-d.o {
		return false, false
	}
	repeat(d.out[:d.o+length], d.o, back)
	d.o += length
	return false, true
}

// repeat fills out from o on with what lies back before.
func repeat(out []byte, o, back int) {
	from := o - back
	for o < len(out) {
		o += copy(out[o:], out[from:o])
	}
}
