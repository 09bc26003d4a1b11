package font

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// ErrFont: a font file cannot be used, or lacks a character that is asked of it.
var ErrFont = errors.New("font cannot be used")

// outlines are the tables of a TrueType font that a subset is cut from.
type outlines struct {
	head, hhea, maxp, hmtx, loca, glyf []byte
	long                               bool // loca has 32-bit offsets
	glyphs, metrics                    int
}

// tables reads the table directory of a TrueType file.
func tables(file []byte) (*outlines, error) {
	o := &outlines{}
	want := map[string]*[]byte{"head": &o.head, "hhea": &o.hhea, "maxp": &o.maxp, "hmtx": &o.hmtx, "loca": &o.loca, "glyf": &o.glyf}
	if len(file) < 12 || binary.BigEndian.Uint32(file) != 0x00010000 {
		return nil, fmt.Errorf("%w: no TrueType outlines", ErrFont)
	}
	n := int(binary.BigEndian.Uint16(file[4:]))
	for i := range n {
		if len(file) < 28+16*i {
			return nil, fmt.Errorf("%w: truncated", ErrFont)
		}
		row := file[12+16*i:]
		off, size := int64(binary.BigEndian.Uint32(row[8:])), int64(binary.BigEndian.Uint32(row[12:]))
		if off+size > int64(len(file)) {
			return nil, fmt.Errorf("%w: truncated", ErrFont)
		}
		if t, ok := want[string(row[:4])]; ok {
			*t = file[off : off+size]
		}
	}
	if len(o.head) < 54 || len(o.hhea) < 36 || len(o.maxp) < 32 {
		return nil, fmt.Errorf("%w: a table is missing", ErrFont)
	}
	o.long = binary.BigEndian.Uint16(o.head[50:]) == 1
	o.glyphs = int(binary.BigEndian.Uint16(o.maxp[4:]))
	o.metrics = int(binary.BigEndian.Uint16(o.hhea[34:]))
	width := 2
	if o.long {
		width = 4
	}
	if len(o.loca) < width*(o.glyphs+1) || o.metrics == 0 || o.metrics > o.glyphs || len(o.hmtx) < 4*o.metrics+2*(o.glyphs-o.metrics) {
		return nil, fmt.Errorf("%w: tables contradict each other", ErrFont)
	}
	return o, nil
}

// unitsPerEm returns the font's units.
func (o *outlines) unitsPerEm() int { return int(binary.BigEndian.Uint16(o.head[18:])) }

// metric returns advance width and left side bearing of glyph g in font units.
func (o *outlines) metric(g int) (advance uint16, bearing int16) {
	if g < o.metrics {
		return binary.BigEndian.Uint16(o.hmtx[4*g:]), int16(binary.BigEndian.Uint16(o.hmtx[4*g+2:]))
	}
	return binary.BigEndian.Uint16(o.hmtx[4*(o.metrics-1):]), int16(binary.BigEndian.Uint16(o.hmtx[4*o.metrics+2*(g-o.metrics):]))
}

// outline returns the description of glyph g, empty for a blank.
func (o *outlines) outline(g int) ([]byte, error) {
	if g >= o.glyphs {
		return nil, fmt.Errorf("%w: no glyph %d", ErrFont, g)
	}
	var from, to int
	if o.long {
		from, to = int(binary.BigEndian.Uint32(o.loca[4*g:])), int(binary.BigEndian.Uint32(o.loca[4*g+4:]))
	} else {
		from, to = 2*int(binary.BigEndian.Uint16(o.loca[2*g:])), 2*int(binary.BigEndian.Uint16(o.loca[2*g+2:]))
	}
	if from > to || to > len(o.glyf) || to-from > 0 && to-from < 12 {
		return nil, fmt.Errorf("%w: outline of glyph %d", ErrFont, g)
	}
	return o.glyf[from:to], nil
}

// A cut is a subset in the making: its glyphs in their new order.
type cut struct {
	from  *outlines
	order []int // old numbers by new number
	body  [][]byte
}

// subset returns a TrueType file whose glyph i is glyph order[i] of o; glyph 0
// must be first. Components of composed glyphs follow. Hinting is left out:
// paper of this size is not read at nine pixels.
func (o *outlines) subset(order []int) ([]byte, error) {
	c := &cut{from: o, order: slices.Clone(order)}
	for i := 0; i < len(c.order); i++ { // grows by components
		if i > 4096 {
			return nil, fmt.Errorf("%w: too many components", ErrFont)
		}
		b, err := o.outline(c.order[i])
		if err != nil {
			return nil, err
		}
		if b, err = c.glyph(slices.Clone(b)); err != nil {
			return nil, fmt.Errorf("glyph %d: %w", c.order[i], err)
		}
		c.body = append(c.body, b)
	}
	return c.file(), nil
}

// glyph renumbers components and removes instructions.
func (c *cut) glyph(b []byte) ([]byte, error) {
	if len(b) == 0 {
		return b, nil
	}
	contours := int(int16(binary.BigEndian.Uint16(b)))
	if contours < 0 {
		return c.composed(b)
	}
	at := 10 + 2*contours
	if len(b) < at+2 {
		return nil, ErrFont
	}
	n := int(binary.BigEndian.Uint16(b[at:]))
	if len(b) < at+2+n {
		return nil, ErrFont
	}
	binary.BigEndian.PutUint16(b[at:], 0)
	return slices.Delete(b, at+2, at+2+n), nil
}

// Flags of a component (OpenType, glyf).
const (
	argsAreWords    = 1 << 0
	haveScale       = 1 << 3
	moreComponents  = 1 << 5
	haveXYScale     = 1 << 6
	haveMatrix      = 1 << 7
	haveInstruction = 1 << 8
)

func (c *cut) composed(b []byte) ([]byte, error) {
	for at := 10; ; {
		if len(b) < at+4 {
			return nil, ErrFont
		}
		flags := binary.BigEndian.Uint16(b[at:])
		binary.BigEndian.PutUint16(b[at:], flags&^haveInstruction)
		binary.BigEndian.PutUint16(b[at+2:], uint16(c.number(int(binary.BigEndian.Uint16(b[at+2:])))))
		at += 6
		if flags&argsAreWords != 0 {
			at += 2
		}
		switch {
		case flags&haveScale != 0:
			at += 2
		case flags&haveXYScale != 0:
			at += 4
		case flags&haveMatrix != 0:
			at += 8
		}
		if at > len(b) {
			return nil, ErrFont
		}
		if flags&moreComponents == 0 {
			return b[:at], nil
		}
	}
}

// number returns the new number of an old glyph, giving it one if need be.
func (c *cut) number(old int) int {
	if i := slices.Index(c.order, old); i >= 0 {
		return i
	}
	c.order = append(c.order, old)
	return len(c.order) - 1
}

// file writes the tables that an embedded font needs (ISO 32000-1, 9.9).
func (c *cut) file() []byte {
	var glyf, loca, hmtx []byte
	for i, b := range c.body {
		loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
		glyf = append(glyf, b...)
		for len(glyf)%4 != 0 {
			glyf = append(glyf, 0)
		}
		advance, bearing := c.from.metric(c.order[i])
		hmtx = binary.BigEndian.AppendUint16(hmtx, advance)
		hmtx = binary.BigEndian.AppendUint16(hmtx, uint16(bearing))
	}
	loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
	head, hhea, maxp := slices.Clone(c.from.head), slices.Clone(c.from.hhea), slices.Clone(c.from.maxp)
	binary.BigEndian.PutUint32(head[8:], 0)
	binary.BigEndian.PutUint16(head[50:], 1)
	binary.BigEndian.PutUint16(hhea[34:], uint16(len(c.body)))
	binary.BigEndian.PutUint16(maxp[4:], uint16(len(c.body)))
	names := []string{"glyf", "head", "hhea", "hmtx", "loca", "maxp"}
	return directory(names, [][]byte{glyf, head, hhea, hmtx, loca, maxp})
}

// directory joins tables, sorted by name, into a file with its checksums.
func directory(names []string, bodies [][]byte) []byte {
	n := len(names)
	power, log := 1, 0
	for power*2 <= n {
		power, log = power*2, log+1
	}
	out := []byte{0, 1, 0, 0}
	for _, v := range []int{n, power * 16, log, n*16 - power*16} {
		out = binary.BigEndian.AppendUint16(out, uint16(v))
	}
	off := 12 + 16*n
	headAt := 0
	for i, b := range bodies {
		if names[i] == "head" {
			headAt = off
		}
		out = append(out, names[i]...)
		out = binary.BigEndian.AppendUint32(out, checksum(b))
		out = binary.BigEndian.AppendUint32(out, uint32(off))
		out = binary.BigEndian.AppendUint32(out, uint32(len(b)))
		off += (len(b) + 3) &^ 3
	}
	for _, b := range bodies {
		out = append(out, b...)
		for len(out)%4 != 0 {
			out = append(out, 0)
		}
	}
	binary.BigEndian.PutUint32(out[headAt+8:], 0xB1B0AFBA-checksum(out))
	return out
}

func checksum(b []byte) (sum uint32) {
	for ; len(b) >= 4; b = b[4:] {
		sum += binary.BigEndian.Uint32(b)
	}
	if len(b) > 0 {
		var last [4]byte
		copy(last[:], b)
		sum += binary.BigEndian.Uint32(last[:])
	}
	return sum
}
