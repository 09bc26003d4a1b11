// Package jbig2 stores two-tone pictures without loss as ITU-T T.88 (JBIG2,
// ISO/IEC 14492) has it: one generic region, coded by arithmetic. It takes a
// quarter to a third less room than T.6 (G4), and means the same to the pixel.
//
// What is written has the form in which PDF embeds it (ISO 32000-1, 7.4.7):
// segments without the header and the end of a file. Symbols are never made:
// an encoder that takes one letter for another changes what a record says.
//
// Decode reads this form again, and no other: foreign files with symbols, text
// or halftone regions are refused with [ErrForeign].
package jbig2

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

// ErrForeign: a form of JBIG2 that this package does not write.
var ErrForeign = errors.New("JBIG2 with more in it than one generic region")

// errCut: the segments are not whole.
var errCut = errors.New("JBIG2 cut short or damaged")

// The two segments (T.88, 7.3) and their lengths.
const (
	pageInformation = 48
	genericRegion   = 38 // immediate

	pageInformationLength = 19
	regionHead            = 17 + 1 + 8 // place, flags, adaptive pixels
)

// adaptive are the nominal places of the adaptive template pixels of template 0
// (T.88, 6.2.5.3): with them the template is three whole runs of pixels.
var adaptive = [8]byte{3, 0xff, 0xfd, 0xff, 2, 0xfe, 0xfe, 0xfe}

// typical is the context of the bit that says that a row is like the one above
// (T.88, figure 8).
const typical = 0x9b25

// contexts is how many there are in template 0.
const contexts = 1 << 16

// A Writer codes rows of one-bit pixels, 1 for black.
type Writer struct {
	width, height int
	coder         encoder
	states        []state
	above         [2][]byte // the two rows before, white at first, a byte a pixel, with room on both sides
	row           []byte
	same          byte // whether the row before was like the one above it
	rows          int
}

// margin is the room left and right of a row: the template reaches 4 to the left
// and 3 to the right.
const margin = 4

// NewWriter returns a Writer for a picture of width × height pixels.
func NewWriter(width, height int) *Writer {
	w := &Writer{width: width, height: height, states: make([]state, contexts), row: make([]byte, width+2*margin)}
	w.above = [2][]byte{make([]byte, width+2*margin), make([]byte, width+2*margin)}
	w.coder.start()
	return w
}

// Row codes the next row, packed with the first pixel in the highest bit. Bits
// beyond the width do not matter.
func (w *Writer) Row(packed []byte) {
	for x := range w.width {
		w.row[margin+x] = packed[x/8] >> (7 - x%8) & 1
	}
	var same byte
	if string(w.row) == string(w.above[0]) {
		same = 1
	}
	w.coder.encode(&w.states[typical], same^w.same)
	if w.same = same; same == 0 {
		w.code()
	}
	w.above[0], w.above[1], w.row = w.row, w.above[0], w.above[1]
	w.rows++
}

// code codes the pixels of a row in the contexts of template 0 (T.88, figure 3).
func (w *Writer) code() {
	one, two := w.above[0], w.above[1]
	here := uint(0)
	up := uint(one[margin])<<2 | uint(one[margin+1])<<1 | uint(one[margin+2])
	top := uint(two[margin])<<1 | uint(two[margin+1])
	for x := margin; x < margin+w.width; x++ {
		up = (up<<1 | uint(one[x+3])) & 0x7f
		top = (top<<1 | uint(two[x+2])) & 0x1f
		bit := w.row[x]
		w.coder.encode(&w.states[top<<11|up<<4|here], bit)
		here = (here<<1 | uint(bit)) & 0xf
	}
}

// Finish returns the segments. It is an error if not all rows came.
func (w *Writer) Finish() ([]byte, error) {
	if w.rows != w.height {
		return nil, fmt.Errorf("%d of %d rows were given", w.rows, w.height)
	}
	data := w.coder.finish()
	b := segment(nil, 0, pageInformation, pageInformationLength)
	b = binary.BigEndian.AppendUint32(b, uint32(w.width))
	b = binary.BigEndian.AppendUint32(b, uint32(w.height))
	b = append(b, make([]byte, 8)...) // no resolution
	b = append(b, 1, 0, 0)            // without loss, white at first, not striped
	b = segment(b, 1, genericRegion, uint32(regionHead+len(data)))
	b = binary.BigEndian.AppendUint32(b, uint32(w.width))
	b = binary.BigEndian.AppendUint32(b, uint32(w.height))
	b = append(b, make([]byte, 8+1)...) // at the corner, laid over white
	b = append(b, 1<<3)                 // arithmetic, template 0, typical prediction
	b = append(b, adaptive[:]...)
	return append(b, data...), nil
}

// segment appends a segment's header (T.88, 7.2): of page 1, referring to none.
func segment(b []byte, number uint32, kind byte, length uint32) []byte {
	b = binary.BigEndian.AppendUint32(b, number)
	b = append(b, kind, 0, 1)
	return binary.BigEndian.AppendUint32(b, length)
}

// Decode returns the rows of a picture of width × height pixels, packed as
// [Writer.Row] takes them. It makes no more room than they need.
func Decode(data []byte, width, height int) ([]byte, error) {
	if width < 1 || height < 1 || int64(width)*int64(height) > maxPixels {
		return nil, fmt.Errorf("%d × %d pixels", width, height)
	}
	coded, err := open(data, width, height)
	if err != nil {
		return nil, err
	}
	d := newDecoder(coded)
	states := make([]state, contexts)
	stride := (width + 7) / 8
	out := make([]byte, stride*height)
	row, one, two := make([]byte, width+2*margin), make([]byte, width+2*margin), make([]byte, width+2*margin)
	same := byte(0)
	for y := range height {
		same ^= d.decode(&states[typical])
		if same == 1 {
			copy(row, one)
		} else {
			d.row(states, row, one, two)
		}
		pack(out[y*stride:(y+1)*stride], row[margin:margin+width])
		row, one, two = two, row, one
	}
	if d.past > mostPast {
		return nil, errCut
	}
	return out, nil
}

// pack puts eight pixels into a byte, the first into its highest bit.
func pack(out, pixels []byte) {
	for len(pixels) >= 8 {
		// Of all bits that the product moves, those of the eight pixels come to
		// lie in the highest byte, each at its place, and no two at one.
		out[0] = byte(binary.LittleEndian.Uint64(pixels) * 0x8040201008040201 >> 56)
		out, pixels = out[1:], pixels[8:]
	}
	for i, bit := range pixels {
		out[0] |= bit << (7 - i)
	}
}

// maxPixels is the largest picture that is decoded.
const maxPixels = 1 << 29

// row decodes the pixels of a row. What is usual, a symbol as probable as was
// thought that leaves the interval wide, is done here as DECODE does it: a call
// for each pixel costs more than the work.
func (d *decoder) row(states []state, row, one, two []byte) {
	states = states[:contexts]
	one, two = one[:len(row)], two[:len(row)]
	here := uint(0)
	up := uint(one[margin])<<2 | uint(one[margin+1])<<1 | uint(one[margin+2])
	top := uint(two[margin])<<1 | uint(two[margin+1])
	a, c := d.a, d.c
	end, black := len(row)-margin, 0
	for x := margin; x < end; x++ {
		if here|up|top == 0 && states[0]&1 == 0 { // white all around, and white is expected
			if black < x {
				black = blank(one, two, x, end)
			}
			if n := white(steps[states[0]].qe, a, c, black-x); n > 0 {
				a, c = a-uint32(n)*steps[states[0]].qe, c-uint32(n)*steps[states[0]].qe<<16
				clear(row[x : x+n])
				if x += n; x == end {
					break
				}
			}
		}
		up = (up<<1 | uint(one[x+3])) & 0x7f
		top = (top<<1 | uint(two[x+2])) & 0x1f
		cx := &states[top<<11|up<<4|here]
		bit := byte(*cx & 1)
		qe := steps[*cx].qe
		if less := a - qe; c>>16 >= qe && less&0x8000 != 0 {
			a, c = less, c-qe<<16
		} else {
			d.a, d.c = a, c
			bit = d.decode(cx)
			a, c = d.a, d.c
		}
		row[x] = bit
		here = (here<<1 | uint(bit)) & 0xf
	}
	d.a, d.c = a, c
}

// blank returns the first x from here on whose pixel has black above it, within
// the template, or end.
func blank(one, two []byte, x, end int) int {
	if i := bytes.IndexByte(one[x+3:end+3], 1); i >= 0 {
		end = x + i
	}
	if i := bytes.IndexByte(two[x+2:end+2], 1); i >= 0 {
		end = x + i
	}
	return end
}

// white returns how many pixels, up to most, are each the more probable one of an
// estimate qe and leave the interval wide: as many steps of DECODE in one.
func white(qe, a, c uint32, most int) int {
	if most < 8 || qe == 0 {
		return 0
	}
	return int(min((a-0x8000)/qe, c>>16/qe, uint32(most)))
}

// Plain reports whether data is of the form that a [Writer] gives a picture of
// width × height pixels. It decodes nothing.
func Plain(data []byte, width, height int) bool {
	_, err := open(data, width, height)
	return err == nil
}

// open takes the segments apart and returns what the arithmetic coder wrote.
func open(b []byte, width, height int) ([]byte, error) {
	page, b, err := next(b, pageInformation)
	if err != nil {
		return nil, err
	}
	region, rest, err := next(b, genericRegion)
	switch {
	case err != nil:
		return nil, err
	case len(rest) > 0:
		return nil, ErrForeign
	case len(page) != pageInformationLength || len(region) < regionHead+2:
		return nil, errCut
	}
	for _, at := range [][]byte{page, region} {
		if w, h := binary.BigEndian.Uint32(at), binary.BigEndian.Uint32(at[4:]); int64(w) != int64(width) || int64(h) != int64(height) {
			return nil, fmt.Errorf("it has %d × %d pixels, not %d × %d", w, h, width, height)
		}
	}
	plain := string(page[16:]) == "\x01\x00\x00" && string(region[8:17]) == string(make([]byte, 9)) && region[17] == 1<<3 && string(region[18:regionHead]) == string(adaptive[:])
	if !plain {
		return nil, ErrForeign
	}
	return region[regionHead:], nil
}

// next returns the data of the first segment in b, which must be of a kind, and
// what follows it.
func next(b []byte, kind byte) (data, rest []byte, err error) {
	const head = 11
	if len(b) < head {
		return nil, nil, errCut
	}
	if b[4] != kind || b[5] != 0 || b[6] != 1 {
		return nil, nil, ErrForeign
	}
	n := int64(binary.BigEndian.Uint32(b[7:]))
	if n > int64(len(b)-head) {
		return nil, nil, errCut
	}
	return b[head : head+n], b[head+n:], nil
}
