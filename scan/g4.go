package scan

import (
	"math/bits"
	"strings"
)

// A g4Writer codes one-bit rows as ITU-T T.6 (CCITT group 4), the form fax
// boards and scanners give two-tone paper. Bit 1 is black.
type g4Writer struct {
	w    int
	ref  []byte // the row before, white at first
	acc  uint64 // bits not yet whole bytes, right-aligned
	n    uint
	out  []byte
	runs [2][]code // by colour: white, black
}

// A code is the low n bits of bits.
type code struct {
	bits uint32
	n    uint
}

// The two-dimensional codes of T.6 table 1; vertical by a1's place relative to
// b1, from three to the left to three to the right.
var (
	codePass       = code{0b0001, 4}
	codeHorizontal = code{0b001, 3}
	codeVertical   = [7]code{{0b0000010, 7}, {0b000010, 6}, {0b010, 3}, {0b1, 1}, {0b011, 3}, {0b000011, 6}, {0b0000011, 7}}
	codeEOL        = code{0b000000000001, 12}
)

func newG4Writer(w int) *g4Writer {
	return &g4Writer{w: w, ref: make([]byte, (w+7)/8), runs: [2][]code{parseCodes(whiteCodes), parseCodes(blackCodes)}}
}

func parseCodes(s string) []code {
	var all []code
	for word := range strings.FieldsSeq(s) {
		c := code{n: uint(len(word))}
		for _, bit := range word {
			c.bits = c.bits<<1 | uint32(bit-'0')
		}
		all = append(all, c)
	}
	return all
}

func (g *g4Writer) put(c code) {
	g.acc = g.acc<<c.n | uint64(c.bits)
	for g.n += c.n; g.n >= 8; g.n -= 8 {
		g.out = append(g.out, byte(g.acc>>(g.n-8)))
	}
}

// run puts a run of length pixels of one colour (0 white, 1 black).
func (g *g4Writer) run(colour byte, length int) {
	codes := g.runs[colour]
	for length >= 2560+64 {
		g.put(codes[63+40])
		length -= 2560
	}
	if length >= 64 {
		g.put(codes[63+length/64])
		length %= 64
	}
	g.put(codes[length])
}

// row codes one row by the flow of T.6 figure 7. Bits beyond the width do not
// matter.
func (g *g4Writer) row(cur []byte) error {
	a0, colour := 0, byte(0)
	a1, b1 := change(cur, 0, g.w, 0), change(g.ref, 0, g.w, 0)
	for {
		b2 := change(g.ref, b1, g.w, pixel(g.ref, b1, g.w))
		switch d := a1 - b1; {
		case b2 < a1:
			g.put(codePass)
			a0 = b2
		case -3 <= d && d <= 3:
			g.put(codeVertical[d+3])
			a0, colour = a1, colour^1
		default:
			a2 := change(cur, a1, g.w, pixel(cur, a1, g.w))
			g.put(codeHorizontal)
			g.run(colour, a1-a0)
			g.run(colour^1, a2-a1)
			a0 = a2
		}
		if a0 >= g.w {
			break
		}
		a1 = change(cur, a0, g.w, colour)
		b1 = change(g.ref, change(g.ref, a0, g.w, colour^1), g.w, colour)
	}
	g.ref = append(g.ref[:0], cur...)
	return nil
}

// finish puts the end-of-block code and returns all that was written.
func (g *g4Writer) finish() ([]byte, error) {
	g.put(codeEOL)
	g.put(codeEOL)
	if g.n > 0 {
		g.put(code{0, 8 - g.n})
	}
	return g.out, nil
}

// pixel returns pixel i of a row, white beyond the width.
func pixel(row []byte, i, w int) byte {
	if i >= w {
		return 0
	}
	return row[i/8] >> (7 - i%8) & 1
}

// change returns the first pixel from i on that is not of the colour, or w.
func change(row []byte, i, w int, colour byte) int {
	same := -colour // all bits of that colour
	for i < w {
		b := (row[i/8] ^ same) << (i % 8)
		if b != 0 {
			return min(w, i+bits.LeadingZeros8(b))
		}
		i += 8 - i%8
	}
	return w
}
