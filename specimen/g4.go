package specimen

import (
	"image"
	"strings"
)

// runCodes are the code words of ITU-T T.6 (11/88) tables 2 and 3: runs of 0 to
// 63 pixels, then of 64, 128 … 1728, then of 1792 … 2560, which both colours
// share.
type runCodes []string

func codes() (white, black runCodes) {
	const shared = " 00000001000 00000001100 00000001101 000000010010 000000010011 000000010100 000000010101 000000010110 000000010111 000000011100 000000011101 000000011110 000000011111"
	return strings.Fields(`00110101 000111 0111 1000 1011 1100 1110 1111 10011 10100 00111 01000 001000 000011 110100 110101
		101010 101011 0100111 0001100 0001000 0010111 0000011 0000100 0101000 0101011 0010011 0100100 0011000 00000010 00000011
		00011010 00011011 00010010 00010011 00010100 00010101 00010110 00010111 00101000 00101001 00101010 00101011 00101100
		00101101 00000100 00000101 00001010 00001011 01010010 01010011 01010100 01010101 00100100 00100101 01011000 01011001
		01011010 01011011 01001010 01001011 00110010 00110011 00110100
		11011 10010 010111 0110111 00110110 00110111 01100100 01100101 01101000 01100111 011001100 011001101 011010010 011010011
		011010100 011010101 011010110 011010111 011011000 011011001 011011010 011011011 010011000 010011001 010011010 011000
		010011011` + shared),
		strings.Fields(`0000110111 010 11 10 011 0011 0010 00011 000101 000100 0000100 0000101 0000111 00000100 00000111 000011000
		0000010111 0000011000 0000001000 00001100111 00001101000 00001101100 00000110111 00000101000 00000010111 00000011000
		000011001010 000011001011 000011001100 000011001101 000001101000 000001101001 000001101010 000001101011 000011010010
		000011010011 000011010100 000011010101 000011010110 000011010111 000001101100 000001101101 000011011010 000011011011
		000001010100 000001010101 000001010110 000001010111 000001100100 000001100101 000001010010 000001010011 000000100100
		000000110111 000000111000 000000100111 000000101000 000001011000 000001011001 000000101011 000000101100 000001011010
		000001100110 000001100111
		0000001111 000011001000 000011001001 000001011011 000000110011 000000110100 000000110101 0000001101100 0000001101101
		0000001001010 0000001001011 0000001001100 0000001001101 0000001110010 0000001110011 0000001110100 0000001110101
		0000001110110 0000001110111 0000001010010 0000001010011 0000001010100 0000001010101 0000001011010 0000001011011
		0000001100100 0000001100101` + shared)
}

// A bitWriter packs code words, most significant bit first.
type bitWriter struct {
	out  []byte
	free uint // bits free in the last byte
}

func (b *bitWriter) write(code string) {
	for i := range len(code) {
		if b.free == 0 {
			b.out, b.free = append(b.out, 0), 8
		}
		b.free--
		b.out[len(b.out)-1] |= (code[i] - '0') << b.free
	}
}

func (b *bitWriter) run(n int, codes runCodes) {
	for ; n >= 2560; n -= 2560 {
		b.write(codes[63+2560/64])
	}
	if n >= 64 {
		b.write(codes[63+n/64])
	}
	b.write(codes[n%64])
}

// EncodeG4 writes a grey image, dark (below 128) as black, as ITU-T T.6: one
// strip, most significant bit first, white runs first, ending in EOFB.
func EncodeG4(g *image.Gray) []byte {
	w, h := g.Rect.Dx(), g.Rect.Dy()
	white, black := codes()
	b := &bitWriter{}
	above, row := changes(nil, nil), []int(nil)
	above = append(above, w, w, w)
	for y := range h {
		row = changes(row[:0], g.Pix[y*g.Stride:][:w])
		row = append(row, w, w, w)
		b.row(row, above, w, [2]runCodes{white, black})
		above, row = row, above
	}
	b.write("000000000001000000000001")
	return b.out
}

// changes appends where the colour of a row changes, starting from white.
func changes(to []int, row []uint8) []int {
	dark := false
	for x, v := range row {
		if v < 128 != dark {
			to, dark = append(to, x), !dark
		}
	}
	return to
}

// row codes one row against the one above, T.6 2.2.5.
func (b *bitWriter) row(row, above []int, w int, codes [2]runCodes) {
	vertical := [7]string{"0000010", "000010", "010", "1", "011", "000011", "0000011"} // VL3 … V0 … VR3
	a0, colour, i, j := -1, 0, 0, 0
	for a0 < w {
		for i < len(row)-2 && (row[i] <= a0 || i%2 != colour) && row[i] < w {
			i++
		}
		// b1 is the first change above, right of a0, to the other colour
		for j = max(0, j-2); above[j] < w && (above[j] <= a0 || j%2 != colour); {
			j++
		}
		a1, b1, b2 := row[i], above[j], above[min(j+1, len(above)-1)]
		switch off := a1 - b1; {
		case b2 < a1:
			b.write("0001")
			a0 = b2
		case off >= -3 && off <= 3:
			b.write(vertical[off+3])
			a0, colour = a1, 1-colour
		default:
			a2 := row[i+1]
			b.write("001")
			b.run(a1-max(a0, 0), codes[colour])
			b.run(a2-a1, codes[1-colour])
			a0 = a2
		}
	}
}
