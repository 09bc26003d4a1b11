package scan

import (
	"errors"
	"image/color"
	"io"
	"slices"
	"strings"

	"sohoa/jail"
)

// A converter turns decompressed TIFF rows into the rows that are stored:
// one bit with 1 for black, or 8-bit grey with 0 for black, or 8-bit RGB.
type converter struct {
	t          *tiffPage
	bilevel    bool
	components int
	mirror     bool
	asItIs     bool // a row is stored as it was
	note       string
	samples    []byte // one row of 8-bit samples
	out        []byte
}

func newConverter(t *tiffPage, mirror bool) *converter {
	c := &converter{t: t, mirror: mirror, components: 3}
	c.bilevel = t.samples == 1 && t.bits == 1 && t.photometric <= blackIsZero
	notes := []string{"stored without loss in another encoding"}
	switch t.photometric {
	case whiteIsZero, blackIsZero:
		c.components = 1
	case palette:
		notes = append(notes, "palette resolved")
		if !slices.ContainsFunc(t.colours, func(k color.Color) bool { v := k.(color.RGBA); return v.R != v.G || v.R != v.B }) {
			c.components = 1
		}
	case separated:
		notes = append(notes, "CMYK turned into RGB")
	}
	if t.bits == 16 {
		notes = append(notes, "16 bits a colour made 8")
	}
	if t.alphaAt > 0 {
		notes = append(notes, "transparent parts made white")
	}
	if mirror {
		notes = append(notes, "mirror image undone")
	}
	c.note = strings.Join(notes, "; ")
	if c.bilevel {
		c.out = make([]byte, (t.w+7)/8)
		return c
	}
	c.asItIs = t.bits == 8 && t.samples == c.components && t.tw >= t.w && !mirror && (t.photometric == blackIsZero || t.photometric == rgbColour)
	c.samples = make([]byte, t.across()*t.tw*t.samples)
	c.out = make([]byte, t.w*c.components)
	return c
}

// convert returns the stored form of one row, given as the rows of n bytes of
// the tiles side by side. It is good until the next call.
func (c *converter) convert(row []byte, n int) []byte {
	if c.bilevel {
		c.twoTone(row, n)
		return c.out
	}
	if c.asItIs {
		return row[:len(c.out)]
	}
	c.widen(row, n)
	for x := range c.t.w {
		at := x
		if c.mirror {
			at = c.t.w - 1 - x
		}
		c.pixel(c.samples[at*c.t.samples:][:c.t.samples], c.out[x*c.components:][:c.components])
	}
	return c.out
}

// twoTone joins the rows of tiles bit by bit, 1 for black. Tiles are a multiple
// of 16 pixels wide (TIFF 6.0 section 15); those that are not still come out
// right, if slowly.
func (c *converter) twoTone(row []byte, n int) {
	var flip byte
	if c.t.photometric == blackIsZero {
		flip = 0xff
	}
	if !c.mirror && (len(row) == n || c.t.tw%8 == 0) {
		for i := range c.out {
			c.out[i] = row[i] ^ flip
		}
		return
	}
	clear(c.out)
	for x := range c.t.w {
		at := x
		if c.mirror {
			at = c.t.w - 1 - x
		}
		tile, in := at/c.t.tw, at%c.t.tw
		c.out[x/8] |= (row[tile*n+in/8] ^ flip) >> (7 - in%8) & 1 << (7 - x%8)
	}
}

// widen makes 8-bit samples of those of 1 to 16 bits; palette indices keep
// their value.
func (c *converter) widen(row []byte, n int) {
	t := c.t
	per := t.tw * t.samples
	for i := 0; i*n < len(row); i++ {
		src, dst := row[i*n:][:n], c.samples[i*per:][:per]
		switch {
		case t.bits == 16:
			for k := range dst {
				dst[k] = eight(uint32(t.dir.order.Uint16(src[2*k:])))
			}
		case t.bits == 8:
			copy(dst, src)
		default:
			scale := byte(255 / (1<<t.bits - 1))
			if t.photometric == palette {
				scale = 1
			}
			for k := range dst {
				at := k * t.bits
				dst[k] = src[at/8] >> (8 - t.bits - at%8) & (1<<t.bits - 1) * scale
			}
		}
	}
}

// pixel turns the samples of one pixel into grey or RGB.
func (c *converter) pixel(s, out []byte) {
	switch c.t.photometric {
	case whiteIsZero:
		out[0] = 0xff - s[0]
	case palette:
		k := c.t.colours[s[0]].(color.RGBA)
		out[0] = k.R
		if len(out) == 3 {
			out[1], out[2] = k.G, k.B
		}
	case separated:
		out[0], out[1], out[2] = color.CMYKToRGB(s[0], s[1], s[2], s[3])
	default:
		copy(out, s)
	}
	if c.t.alphaAt > 0 {
		c.onPaper(s[c.t.alphaAt], out)
	}
}

// onPaper lays a pixel with alpha a on white.
func (c *converter) onPaper(a byte, out []byte) {
	for i, v := range out {
		if c.t.premultiply {
			out[i] = byte(min(0xff, int(v)+0xff-int(a)))
		} else {
			out[i] = byte((int(v)*int(a) + 0xff*(0xff-int(a)) + 127) / 0xff)
		}
	}
}

// tiffTrouble says that a strip could not be decoded, unless err says more.
func tiffTrouble(err error) error {
	var r *jail.Refusal
	if errors.As(err, &r) {
		return err
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return damaged(0, "the TIFF picture is cut short (%v)", err)
	}
	return damaged(0, "the TIFF picture is damaged (%v)", err)
}
