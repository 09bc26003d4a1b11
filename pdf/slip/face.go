package slip

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"slices"

	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// ErrFont: a font file cannot be used, or lacks a character of a slip.
var ErrFont = errors.New("font cannot be used")

// A Face is a TrueType font. It may be used concurrently.
type Face struct {
	name   string
	file   []byte
	tables map[string][]byte
	font   *sfnt.Font
	upem   int
}

// Load reads the TrueType file at path.
func Load(path string) (*Face, error) {
	file, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("font of slips: %w", err)
	}
	f := &Face{file: file, tables: map[string][]byte{}}
	if f.font, err = sfnt.Parse(file); err != nil {
		return nil, fmt.Errorf("font %s: %w: %w", path, ErrFont, err)
	}
	if f.name, err = f.font.Name(nil, sfnt.NameIDPostScript); err != nil {
		return nil, fmt.Errorf("font %s: %w: %w", path, ErrFont, err)
	}
	f.upem = int(f.font.UnitsPerEm())
	for i := range int(binary.BigEndian.Uint16(file[4:])) { // sfnt has looked at the directory
		e := file[12+16*i:]
		at, n := binary.BigEndian.Uint32(e[8:]), binary.BigEndian.Uint32(e[12:])
		f.tables[string(e[:4])] = file[at : at+n]
	}
	if f.tables["glyf"] == nil || len(f.tables["head"]) < 54 {
		return nil, fmt.Errorf("font %s: %w: no TrueType outlines", path, ErrFont)
	}
	return f, nil
}

func (f *Face) glyph(r rune) sfnt.GlyphIndex {
	g, err := f.font.GlyphIndex(nil, r)
	if err != nil {
		return 0
	}
	return g
}

// advance returns the width of a glyph at size 1000.
func (f *Face) advance(g sfnt.GlyphIndex) int {
	a, err := f.font.GlyphAdvance(nil, g, fixed.I(f.upem), font.HintingNone)
	if err != nil {
		return 0
	}
	return (a.Round()*1000 + f.upem/2) / f.upem
}

// width returns the width of s in points.
func (f *Face) width(s string, size float64) float64 {
	w := 0
	for _, r := range s {
		w += f.advance(f.glyph(r))
	}
	return float64(w) * size / 1000
}

// missing returns the first character of s that the font has not.
func (f *Face) missing(s string) (rune, bool) {
	for _, r := range s {
		if f.glyph(r) == 0 {
			return r, true
		}
	}
	return 0, false
}

// outline returns the description of a glyph in glyf.
func (f *Face) outline(g int) []byte {
	loca, glyf := f.tables["loca"], f.tables["glyf"]
	var from, to uint32
	if binary.BigEndian.Uint16(f.tables["head"][50:]) == 0 {
		if 2*g+4 > len(loca) {
			return nil
		}
		from, to = 2*uint32(binary.BigEndian.Uint16(loca[2*g:])), 2*uint32(binary.BigEndian.Uint16(loca[2*g+2:]))
	} else {
		if 4*g+8 > len(loca) {
			return nil
		}
		from, to = binary.BigEndian.Uint32(loca[4*g:]), binary.BigEndian.Uint32(loca[4*g+4:])
	}
	if from >= to || to > uint32(len(glyf)) {
		return nil
	}
	return glyf[from:to]
}

// parts returns the glyphs that a composed one is made of.
func parts(outline []byte) (of []int) {
	if len(outline) < 10 || int16(binary.BigEndian.Uint16(outline)) >= 0 {
		return nil
	}
	for b := outline[10:]; len(b) >= 4; {
		flags := binary.BigEndian.Uint16(b)
		of = append(of, int(binary.BigEndian.Uint16(b[2:])))
		n := 6
		if flags&1 != 0 { // its place is in words
			n += 2
		}
		switch {
		case flags&8 != 0:
			n += 2
		case flags&0x40 != 0:
			n += 4
		case flags&0x80 != 0:
			n += 8
		}
		if flags&0x20 == 0 || n > len(b) {
			return of
		}
		b = b[n:]
	}
	return of
}

// subset returns the font with the outlines of some glyphs alone, which keep
// their numbers.
func (f *Face) subset(glyphs []int) []byte {
	used := map[int]bool{0: true}
	for todo := slices.Clone(glyphs); len(todo) > 0; {
		g := todo[0]
		todo = todo[1:]
		if !used[g] {
			used[g] = true
			todo = append(todo, parts(f.outline(g))...)
		}
	}
	n := f.font.NumGlyphs()
	var glyf, loca []byte
	for g := range n {
		loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
		if used[g] {
			glyf = append(glyf, f.outline(g)...)
			for len(glyf)%4 != 0 {
				glyf = append(glyf, 0)
			}
		}
	}
	loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
	head := slices.Clone(f.tables["head"])
	binary.BigEndian.PutUint32(head[8:], 0)  // what it sums to is of another file
	binary.BigEndian.PutUint16(head[50:], 1) // long places
	tables := map[string][]byte{"glyf": glyf, "loca": loca, "head": head}
	for _, name := range []string{"cvt ", "fpgm", "hhea", "hmtx", "maxp", "prep"} {
		if t := f.tables[name]; t != nil {
			tables[name] = t
		}
	}
	return packed(tables)
}

// packed writes a TrueType file of tables (OpenType 1.9, "Table directory").
func packed(tables map[string][]byte) []byte {
	var names []string
	for name := range tables {
		names = append(names, name)
	}
	slices.Sort(names)
	power, log := 1, 0
	for 2*power <= len(names) {
		power, log = 2*power, log+1
	}
	out := []byte{0, 1, 0, 0}
	for _, v := range []int{len(names), 16 * power, log, 16 * (len(names) - power)} {
		out = binary.BigEndian.AppendUint16(out, uint16(v))
	}
	var body []byte
	for _, name := range names {
		t := tables[name]
		out = append(out, name...)
		out = binary.BigEndian.AppendUint32(out, sum(t))
		out = binary.BigEndian.AppendUint32(out, uint32(12+16*len(names)+len(body)))
		out = binary.BigEndian.AppendUint32(out, uint32(len(t)))
		body = append(body, t...)
		for len(body)%4 != 0 {
			body = append(body, 0)
		}
	}
	return append(out, body...)
}

func sum(b []byte) (s uint32) {
	for i := 0; i < len(b); i += 4 {
		var w [4]byte
		copy(w[:], b[i:])
		s += binary.BigEndian.Uint32(w[:])
	}
	return s
}
