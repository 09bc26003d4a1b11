package mark

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"

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

	mu   sync.Mutex
	kept map[string]*embedding // by characters
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

// An embedding is a font cut down to some characters, each with a code of its
// own, compressed and ready to be added to any file.
type embedding struct {
	font             *Font
	codes            map[rune]int
	widths           revision.Array
	name             revision.Name
	program, unicode []byte // deflated
	size             int    // of the program before that
}

// always are the characters that every embedding has: those of times, so that
// the same name needs the same one every second.
const always = " +-0123456789:T"

// maxEmbedded is how many embeddings a font keeps: signers of a house are few.
const maxEmbedded = 256

// embedded returns the font cut down to the characters of rows, made once for
// the same ones.
func (f *Font) embedded(rows []string) (*embedding, error) {
	runes := []rune(always + strings.Join(rows, ""))
	slices.Sort(runes)
	runes = slices.Compact(runes)
	key := string(runes)
	f.mu.Lock()
	defer f.mu.Unlock()
	if e, ok := f.kept[key]; ok {
		return e, nil
	}
	e, err := f.cut(runes)
	if err != nil {
		return nil, err
	}
	if f.kept == nil || len(f.kept) == maxEmbedded {
		f.kept = map[string]*embedding{}
	}
	f.kept[key] = e
	return e, nil
}

// cut makes an embedding.
func (f *Font) cut(runes []rune) (*embedding, error) {
	e := &embedding{font: f, codes: map[rune]int{}}
	order := []int{0}
	for i, r := range runes {
		e.codes[r] = i + 1
		g := f.glyph(r)
		order = append(order, g)
		e.widths = append(e.widths, revision.Int(f.advance(g)))
	}
	program, err := f.lines.subset(order)
	if err != nil {
		return nil, err
	}
	e.name, e.size = revision.Name(tagOf(program)+"+"+f.name), len(program)
	if e.program, err = deflate(program); err != nil {
		return nil, err
	}
	e.unicode, err = deflate(cmap.ToUnicode(runes))
	return e, err
}

// code returns s in codes, as a hexadecimal string of the content stream.
func (e *embedding) code(s string) string {
	var b strings.Builder
	b.WriteByte('<')
	for _, r := range s {
		fmt.Fprintf(&b, "%04X", e.codes[r])
	}
	b.WriteByte('>')
	return b.String()
}

// add adds the font to a file and returns it as a font resource (ISO 32000-1,
// 9.7; ISO 19005-2, 6.2.11).
func (e *embedding) add(to *revision.Update) revision.Ref {
	file := compressed(e.program)
	file.Dict["Length1"] = revision.Int(e.size)
	descriptor := e.font.descriptor(e.name, to.Add(file))
	descendant := revision.Dict{"Type": revision.Name("Font"), "Subtype": revision.Name("CIDFontType2"), "BaseFont": e.name,
		"CIDSystemInfo":  revision.Dict{"Registry": revision.String("Adobe"), "Ordering": revision.String("Identity"), "Supplement": revision.Int(0)},
		"FontDescriptor": to.Add(descriptor), "CIDToGIDMap": revision.Name("Identity"),
		"DW": revision.Int(e.font.advance(0)), "W": revision.Array{revision.Int(1), e.widths}}
	return to.Add(revision.Dict{"Type": revision.Name("Font"), "Subtype": revision.Name("Type0"), "BaseFont": e.name,
		"Encoding": revision.Name("Identity-H"), "DescendantFonts": revision.Array{to.Add(descendant)},
		"ToUnicode": to.Add(compressed(e.unicode))})
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
