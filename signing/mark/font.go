package mark

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/image/font/sfnt"

	"sohoa/pdf/cmap"
	"sohoa/pdf/revision"
)

// Needed are the characters that a font for marks must have: all letters of
// Vietnamese in both cases (134 beyond ASCII), ASCII, and the dash of names.
// Some Debian fonts lack most of them without saying so.
var Needed = func() string {
	const marked = "àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ"
	var b strings.Builder
	for c := ' '; c <= '~'; c++ {
		b.WriteRune(c)
	}
	return b.String() + marked + strings.ToUpper(marked) + "–"
}()

// A Font is a TrueType font with the metrics of Times. It may be used
// concurrently.
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
		return nil, fmt.Errorf("font for marks: %w", err)
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

// width returns the width of s at size 1000, rounded as PDF wants widths.
func (f *Font) width(s string) (w int) {
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

// A use of a font gives every character of a text a code of its own.
type use struct {
	font  *Font
	codes map[rune]int
	runes []rune // by code-1
}

func (f *Font) use() *use { return &use{font: f, codes: map[rune]int{}} }

// code returns s in codes, as a hexadecimal string of the content stream.
func (u *use) code(s string) string {
	var b strings.Builder
	b.WriteByte('<')
	for _, r := range s {
		c, ok := u.codes[r]
		if !ok {
			u.runes = append(u.runes, r)
			c = len(u.runes)
			u.codes[r] = c
		}
		fmt.Fprintf(&b, "%04X", c)
	}
	b.WriteByte('>')
	return b.String()
}

// embed adds the font, cut down to what was used, and returns it as a font
// resource (ISO 32000-1, 9.7; ISO 19005-2, 6.2.11).
func (u *use) embed(to *revision.Update) (revision.Ref, error) {
	order := []int{0}
	widths := revision.Array{}
	for _, r := range u.runes {
		g := u.font.glyph(r)
		order = append(order, g)
		widths = append(widths, revision.Int(u.font.advance(g)))
	}
	program, err := u.font.lines.subset(order)
	if err != nil {
		return revision.Ref{}, err
	}
	name := revision.Name(tagOf(program) + "+" + u.font.name)
	file, err := deflated(program)
	if err != nil {
		return revision.Ref{}, err
	}
	file.Dict["Length1"] = revision.Int(len(program))
	unicode, err := deflated(cmap.ToUnicode(u.runes))
	if err != nil {
		return revision.Ref{}, err
	}
	descriptor := u.font.descriptor(name, to.Add(file))
	descendant := revision.Dict{"Type": revision.Name("Font"), "Subtype": revision.Name("CIDFontType2"), "BaseFont": name,
		"CIDSystemInfo":  revision.Dict{"Registry": revision.String("Adobe"), "Ordering": revision.String("Identity"), "Supplement": revision.Int(0)},
		"FontDescriptor": to.Add(descriptor), "CIDToGIDMap": revision.Name("Identity"),
		"DW": revision.Int(u.font.advance(0)), "W": revision.Array{revision.Int(1), widths}}
	return to.Add(revision.Dict{"Type": revision.Name("Font"), "Subtype": revision.Name("Type0"), "BaseFont": name,
		"Encoding": revision.Name("Identity-H"), "DescendantFonts": revision.Array{to.Add(descendant)},
		"ToUnicode": to.Add(unicode)}), nil
}

// descriptor describes the font (9.8), in thousandths.
func (f *Font) descriptor(name revision.Name, file revision.Ref) revision.Dict {
	upem := f.lines.unitsPerEm()
	thousandths := func(b []byte, at int) revision.Number {
		return revision.Int(int(int16(uint16(b[at])<<8|uint16(b[at+1]))) * 1000 / upem)
	}
	head, hhea := f.lines.head, f.lines.hhea
	return revision.Dict{"Type": revision.Name("FontDescriptor"), "FontName": name,
		"Flags":    revision.Int(1<<1 | 1<<2), // serifs; codes of its own
		"FontBBox": revision.Array{thousandths(head, 36), thousandths(head, 38), thousandths(head, 40), thousandths(head, 42)},
		"Ascent":   thousandths(hhea, 4), "Descent": thousandths(hhea, 6),
		"CapHeight": revision.Int(662), "StemV": revision.Int(80), "ItalicAngle": revision.Int(0), // Times
		"FontFile2": file}
}
