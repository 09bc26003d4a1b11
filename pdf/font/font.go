// Package font cuts TrueType fonts down to the characters that a file shows, so
// that its text stays text and the file PDF/A: the outlines, the widths and the
// map back to characters. Who writes them into a file, and how, is decided
// elsewhere.
package font

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"fmt"
	"os"
	"slices"
	"strings"

	"golang.org/x/image/font/sfnt"

	"sohoa/pdf/cmap"
)

// Needed are the characters that a font must have: all letters of Vietnamese in
// both cases (134 beyond ASCII), ASCII, and the dash of names. Some Debian fonts
// lack most of them without saying so.
var Needed = func() string {
	const marked = "àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ"
	var b strings.Builder
	for c := ' '; c <= '~'; c++ {
		b.WriteRune(c)
	}
	return b.String() + marked + strings.ToUpper(marked) + "–"
}()

// A Font is a TrueType font. It may be used concurrently.
type Font struct {
	name  string // PostScript name
	cmap  *sfnt.Font
	lines *outlines
}

// Load reads the font file at path. It fails if the font lacks any of [Needed]:
// better at the start of the house than on a citizen's paper.
func Load(path string) (*Font, error) {
	file, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("font: %w", err)
	}
	f := &Font{}
	if f.cmap, err = sfnt.Parse(file); err != nil {
		return nil, fmt.Errorf("font %s: %w: %w", path, ErrFont, err)
	}
	if f.lines, err = tables(file); err != nil {
		return nil, fmt.Errorf("font %s: %w", path, err)
	}
	if f.name, err = f.cmap.Name(nil, sfnt.NameIDPostScript); err != nil {
		return nil, fmt.Errorf("font %s: %w", path, err)
	}
	if missing := f.Missing(Needed); missing != "" {
		return nil, fmt.Errorf("font %s: %w: it lacks %d of the characters Vietnamese needs: %s",
			path, ErrFont, len([]rune(missing)), missing)
	}
	return f, nil
}

// Missing returns the characters of s that the font has no glyph for.
func (f *Font) Missing(s string) string {
	var missing strings.Builder
	for _, r := range s {
		if f.glyph(r) == 0 {
			missing.WriteRune(r)
		}
	}
	return missing.String()
}

// glyph returns the glyph of r, 0 if there is none.
func (f *Font) glyph(r rune) int {
	g, err := f.cmap.GlyphIndex(nil, r)
	if err != nil {
		return 0
	}
	return int(g)
}

// Width returns the width of s at size 1000, rounded as PDF wants widths.
func (f *Font) Width(s string) (w int) {
	for _, r := range s {
		w += f.advance(f.glyph(r))
	}
	return w
}

func (f *Font) advance(g int) int {
	a, _ := f.lines.metric(g)
	upem := f.lines.unitsPerEm()
	return (int(a)*1000 + upem/2) / upem
}

// A Cut is a font cut down to some characters, each with a code of its own: 1 is
// the first of them, 2 the second, and so on; and code i is glyph i.
type Cut struct {
	Name    string // PostScript name with the letters that tell subsets apart (ISO 32000-1, 9.6.4)
	Program []byte // TrueType, deflated
	Size    int    // of the program before that
	Unicode []byte // the map to characters, deflated
	Widths  []int  // of the codes from 1 on, thousandths
	Usual   int    // width of any other

	// BBox, Ascent and Descent describe the font (9.8), in thousandths.
	BBox            [4]int
	Ascent, Descent int

	codes map[rune]int
}

// Cut cuts f down to runes: sorted, each once. The same runes give the same
// bytes. The error wraps [ErrFont].
func (f *Font) Cut(runes []rune) (*Cut, error) {
	c := &Cut{Usual: f.advance(0), codes: map[rune]int{}}
	order := []int{0}
	for i, r := range runes {
		c.codes[r] = i + 1
		g := f.glyph(r)
		order = append(order, g)
		c.Widths = append(c.Widths, f.advance(g))
	}
	program, err := f.lines.subset(order)
	if err != nil {
		return nil, err
	}
	c.Name, c.Size = tagOf(program)+"+"+f.name, len(program)
	if c.Program, err = deflate(program); err != nil {
		return nil, err
	}
	f.describe(c)
	c.Unicode, err = deflate(cmap.ToUnicode(runes))
	return c, err
}

func (f *Font) describe(c *Cut) {
	upem := f.lines.unitsPerEm()
	thousandths := func(b []byte, at int) int { return int(int16(uint16(b[at])<<8|uint16(b[at+1]))) * 1000 / upem }
	head, hhea := f.lines.head, f.lines.hhea
	c.BBox = [4]int{thousandths(head, 36), thousandths(head, 38), thousandths(head, 40), thousandths(head, 42)}
	c.Ascent, c.Descent = thousandths(hhea, 4), thousandths(hhea, 6)
}

// Code returns s in codes, as a hexadecimal string of a content stream.
// Characters that were not cut are code 0.
func (c *Cut) Code(s string) string {
	var b strings.Builder
	b.WriteByte('<')
	for _, r := range s {
		fmt.Fprintf(&b, "%04X", c.codes[r])
	}
	b.WriteByte('>')
	return b.String()
}

// Runes returns the characters of texts as [Font.Cut] wants them.
func Runes(texts ...string) []rune {
	runes := []rune(strings.Join(texts, ""))
	slices.Sort(runes)
	return slices.Compact(runes)
}

// deflate returns b compressed.
func deflate(b []byte) ([]byte, error) {
	var out bytes.Buffer
	z := zlib.NewWriter(&out)
	if _, err := z.Write(b); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// tagOf returns six letters that tell subsets apart (9.6.4).
func tagOf(program []byte) string {
	sum := sha256.Sum256(program)
	tag := make([]byte, 6)
	for i := range tag {
		tag[i] = 'A' + sum[i]%26
	}
	return string(tag)
}
