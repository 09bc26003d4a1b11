package inflate

import "encoding/binary"

// What fast may write and read beyond where it stands in one round.
const (
	farthest = 258 + 16
	ahead    = 8
)

// fast opens symbols as long as there is much room and there are data, and leaves
// to one what is odd. It is not ok if it comes upon what may not be.
func (d *decoder) fast() (ok bool) {
	in, out, i, o, buf, n := d.in, d.out, d.i, d.o, d.buf, d.n
	literals, distances := &d.literals.direct, &d.distances.direct
	ok = true
	for i <= len(in)-ahead && o <= len(out)-farthest {
		// As many whole bytes as go in; the part of one that is in buf already
		// comes to lie over itself.
		buf |= binary.LittleEndian.Uint64(in[i:]) << (n & 63)
		i += int(63-n) >> 3
		n |= 56
		e := literals[buf&(1<<literalBits-1)]
		// Four times eleven bits at the most, of 56.
		for range 4 {
			if e&entryLiterals == 0 {
				break
			}
			binary.LittleEndian.PutUint16(out[o:], uint16(e>>entryValue))
			o += int(e >> entryCount & 3)
			buf >>= e & entryBits
			n -= uint(e & entryBits)
			e = literals[buf&(1<<literalBits-1)]
		}
		if e&entryLiterals != 0 {
			continue
		}
		if n < 48 { // what a length and a distance take at the most
			if i > len(in)-ahead {
				break
			}
			buf |= binary.LittleEndian.Uint64(in[i:]) << (n & 63)
			i += int(63-n) >> 3
			n |= 56
		}
		if e&entryOdd != 0 {
			break
		}
		was, had := buf, n
		buf >>= e & entryBits
		more := e >> entryValue & entryMore
		length := int(e>>entryBase) + int(buf&(1<<more-1))
		buf >>= more
		n -= uint(e&entryBits + more)
		e = distances[buf&(1<<distanceBits-1)]
		if e&entryOdd != 0 {
			buf, n = was, had
			break
		}
		buf >>= e & entryBits
		more = e >> entryValue & entryMore
		back := int(e>>entryBase) + int(buf&(1<<more-1))
		buf >>= more
		n -= uint(e&entryBits + more)
		if back > o {
			ok = false
			break
		}
		if back >= 8 && length <= 16 { // what is written too much is written over
			binary.LittleEndian.PutUint64(out[o:], binary.LittleEndian.Uint64(out[o-back:]))
			binary.LittleEndian.PutUint64(out[o+8:], binary.LittleEndian.Uint64(out[o-back+8:]))
		} else {
			repeat(out[:o+length], o, back)
		}
		o += length
	}
	d.i, d.o, d.n = i, o, n
	d.buf = buf & (1<<(n&63) - 1)
	return ok
}
