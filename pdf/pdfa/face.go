package pdfa

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"
	"sync/atomic"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"sohoa/pdf/cmap"
)

// The face's ascent and descent in thousandths of its size: those of Times,
// with room for two marks over a capital.
const (
	ascent  = 900
	descent = -220
)

// A face is the font of the unseen text: one glyph for each character used, of
// the breadth of Times and without ink. Codes, CIDs and glyph numbers are one,
// given in order of first use; 0 stays the missing glyph.
type face struct {
	cid   map[rune]uint16
	runes []rune // of CID i+1
}

func newFace() *face {
	return &face{cid: map[rune]uint16{' ': 1}, runes: []rune{' '}}
}

// take makes sure that the face has every character of words.
func (f *face) take(words []Word) error {
	for _, w := range words {
		for _, r := range w.Text {
			if _, ok := f.cid[r]; ok {
				continue
			}
			if len(f.runes) == 0xffff-1 {
				return fmt.Errorf("%w: more characters than a font has codes", ErrInvalid)
			}
			f.runes = append(f.runes, r)
			f.cid[r] = uint16(len(f.runes))
		}
	}
	return nil
}

// times are the breadths of U+0020 to U+007E in Times Roman.
var times = [...]uint16{
	250, 333, 408, 500, 500, 833, 778, 180, 333, 333, 500, 564, 250, 333, 250, 278,
	500, 500, 500, 500, 500, 500, 500, 500, 500, 500, 278, 278, 564, 564, 564, 444,
	921, 722, 667, 667, 722, 611, 556, 722, 722, 333, 389, 722, 611, 889, 722, 722,
	556, 722, 667, 556, 611, 722, 722, 944, 722, 722, 611, 333, 278, 333, 469, 500,
	333, 444, 500, 444, 500, 444, 333, 500, 500, 278, 278, 500, 278, 778, 500, 500,
	500, 500, 333, 389, 278, 500, 500, 722, 500, 500, 444, 480, 200, 480, 541,
}

// known is what was found of a character: its breadth and, higher up, its rise, both and
// one more; 0: nothing yet. The layer asks for each character on a page.
var known [0x2000]atomic.Uint32

// of returns breadth and rise of r. Behind U+1EF9 are no letters of Vietnamese.
func of(r rune) (wide uint16, high int) {
	if r < 0 || int(r) >= len(known) {
		return breadthOf(r), riseOf(r)
	}
	if k := known[r].Load(); k != 0 {
		return uint16(k&0xffff - 1), int(k>>16) - 1
	}
	wide, high = breadthOf(r), riseOf(r)
	known[r].Store(uint32(wide) + 1 | uint32(high+1)<<16)
	return wide, high
}

// letter returns the letter under r's marks, and how many marks stand above it.
func letter(r rune) (base rune, marks int) {
	switch r {
	case 'Đ':
		return 'D', 0
	case 'đ':
		return 'd', 0
	}
	for _, m := range norm.NFD.String(string(r)) {
		switch {
		case base == 0:
			base = m
		case m != 0x31b && m != 0x323: // horn and dot below do not stand above
			marks++
		}
	}
	return base, marks
}

// breadth is the width of r's glyph in thousandths.
func breadth(r rune) uint16 {
	wide, _ := of(r)
	return wide
}

func breadthOf(r rune) uint16 {
	base, _ := letter(r)
	switch {
	case base >= ' ' && int(base-' ') < len(times):
		return times[base-' ']
	case unicode.Is(unicode.Mn, r):
		return 100 // not nothing: readers drop glyphs without breadth
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul):
		return 1000
	}
	return 500
}

// rise is how high r stands over the base line in thousandths, 0 if that says
// nothing about the size of the type.
func rise(r rune) int {
	_, high := of(r)
	return high
}

func riseOf(r rune) int {
	base, marks := letter(r)
	switch {
	case unicode.IsUpper(base):
		return 670 + 170*min(marks, 2)
	case strings.ContainsRune("bdfhkl", base):
		return 680 + 170*min(marks, 1)
	case base == 'i', base == 'j', base == 't':
		return 660
	case unicode.IsLower(base):
		return 460 + 210*min(marks, 2)
	case unicode.IsDigit(base):
		return 670
	}
	return 0
}

// write writes the face as a Type 0 font with object number n
// (ISO 32000-1, 9.7; all characters are mapped to Unicode, ISO 19005-2,
// 6.2.11.7.2).
func (f *face) write(o *output, n int) {
	cidFont, descriptor, program, unicodes := o.reserve(), o.reserve(), o.reserve(), o.reserve()
	tag := sha256.Sum256([]byte(string(f.runes)))
	for i := range 6 {
		tag[i] = 'A' + tag[i]%26
	}
	name := string(tag[:6]) + "+SohoaUnseen"
	o.object(n, "<</Type/Font/Subtype/Type0/BaseFont/%s/Encoding/Identity-H/DescendantFonts[%d 0 R]/ToUnicode %d 0 R>>",
		name, cidFont, unicodes)
	var widths strings.Builder
	for i, r := range f.runes {
		if i > 0 {
			widths.WriteByte(' ')
		}
		fmt.Fprint(&widths, breadth(r))
	}
	o.object(cidFont, "<</Type/Font/Subtype/CIDFontType2/BaseFont/%s/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>"+
		"/FontDescriptor %d 0 R/CIDToGIDMap/Identity/DW 500/W[1[%s]]>>", name, descriptor, widths.String())
	o.object(descriptor, "<</Type/FontDescriptor/FontName/%s/Flags 4/FontBBox[0 %d 1000 %d]/ItalicAngle 0/Ascent %d/Descent %d"+
		"/CapHeight 670/StemV 80/FontFile2 %d 0 R>>", name, descent, ascent, ascent, descent, program)
	data := f.program()
	o.deflated(program, fmt.Sprintf("/Length1 %d", len(data)), data)
	o.deflated(unicodes, "", cmap.ToUnicode(f.runes))
}

// program is the face as a TrueType file with the tables PDF asks for
// (ISO 32000-1, 9.9). Each glyph is one contour there and back over a diagonal:
// it encloses nothing, and yet has a bounding box, without which PDFium drops
// words of one character.
func (f *face) program() []byte {
	n := len(f.runes) + 1
	var glyf, loca, hmtx []byte
	for i := range n {
		w := uint16(500)
		if i > 0 {
			w = breadth(f.runes[i-1])
		}
		high := int16(ascent - descent)
		loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
		glyf = words(glyf, 1, 0, descent, int16(w), ascent, 2, 0)
		glyf = append(glyf, 1, 1, 1) // three points on the curve
		glyf = words(glyf, 0, int16(w), -int16(w), descent, high, -high)
		glyf = append(glyf, 0) // to an even length
		hmtx = words(hmtx, int16(w), 0)
	}
	loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
	head := words(nil, 1, 0, 1, 0, 0, 0, 0x5f0f, 0x3cf5, 3, 1000,
		0, 0, 0, 0, 0, 0, 0, 0, 0, descent, 1000, ascent, 0, 8, 2, 1, 0)
	hhea := words(nil, 1, 0, ascent, descent, 0, 1000, 0, 0, 1000, 1, 0, 0, 0, 0, 0, 0, 0, int16(n))
	maxp := words(nil, 1, 0, int16(n), 3, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0)
	return sfnt([]string{"glyf", "head", "hhea", "hmtx", "loca", "maxp"}, [][]byte{glyf, head, hhea, hmtx, loca, maxp})
}

// words appends 16-bit values.
func words(b []byte, vs ...int16) []byte {
	for _, v := range vs {
		b = binary.BigEndian.AppendUint16(b, uint16(v))
	}
	return b
}

// sfnt puts tables, sorted by tag, into one file.
func sfnt(tags []string, tables [][]byte) []byte {
	out := words(nil, 1, 0, int16(len(tags)), 64, 2, int16(len(tags)*16-64))
	at := 12 + 16*len(tags)
	var body []byte
	head := 0
	for i, t := range tables {
		if tags[i] == "head" {
			head = at
		}
		out = append(out, tags[i]...)
		for _, v := range []uint32{sum32(t), uint32(at), uint32(len(t))} {
			out = binary.BigEndian.AppendUint32(out, v)
		}
		body = append(body, t...)
		for len(body)%4 != 0 {
			body = append(body, 0)
		}
		at = 12 + 16*len(tags) + len(body)
	}
	out = append(out, body...)
	binary.BigEndian.PutUint32(out[head+8:], 0xb1b0afba-sum32(out))
	return out
}

func sum32(b []byte) (s uint32) {
	for len(b) >= 4 {
		s += binary.BigEndian.Uint32(b)
		b = b[4:]
	}
	if len(b) > 0 {
		s += binary.BigEndian.Uint32(append(bytes.Clone(b), 0, 0, 0))
	}
	return s
}
