package mark

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"sohoa/pdf/font"
	"sohoa/pdf/revision"
)

// Needed are the characters that a font for marks must have, see
// [font.Needed].
var Needed = font.Needed

// ErrFont: a font file cannot be used, or lacks a character of a mark.
var ErrFont = font.ErrFont

// A Font is a TrueType font with the metrics of Times. It may be used
// concurrently.
type Font struct {
	*font.Font

	mu   sync.Mutex
	kept map[string]*font.Cut // by characters
}

// Load reads the font file at path. It fails if the font lacks any of [Needed].
func Load(path string) (*Font, error) {
	f, err := font.Load(path)
	if err != nil {
		return nil, fmt.Errorf("marks: %w", err)
	}
	return &Font{Font: f}, nil
}

// always are the characters that every embedding has: those of times, so that
// the same name needs the same one every second.
const always = " +-0123456789:T"

// maxEmbedded is how many embeddings a font keeps: signers of a house are few.
const maxEmbedded = 256

// embedded returns the font cut down to the characters of rows, made once for
// the same ones.
func (f *Font) embedded(rows []string) (*font.Cut, error) {
	runes := font.Runes(always, strings.Join(rows, ""))
	key := string(runes)
	f.mu.Lock()
	defer f.mu.Unlock()
	if e, ok := f.kept[key]; ok {
		return e, nil
	}
	e, err := f.Cut(runes)
	if err != nil {
		return nil, err
	}
	if f.kept == nil || len(f.kept) == maxEmbedded {
		f.kept = map[string]*font.Cut{}
	}
	f.kept[key] = e
	return e, nil
}

// add adds a font to a file and returns it as a font resource (ISO 32000-1,
// 9.7; ISO 19005-2, 6.2.11).
func add(e *font.Cut, to *revision.Update) revision.Ref {
	file := compressed(e.Program)
	file.Dict["Length1"] = revision.Int(e.Size)
	name := revision.Name(e.Name)
	numbers := func(n []int) (a revision.Array) {
		for _, v := range n {
			a = append(a, revision.Int(v))
		}
		return a
	}
	descriptor := revision.Dict{"Type": revision.Name("FontDescriptor"), "FontName": name,
		"Flags":    revision.Int(1<<1 | 1<<2), // serifs; codes of its own
		"FontBBox": numbers(e.BBox[:]), "Ascent": revision.Int(e.Ascent), "Descent": revision.Int(e.Descent),
		"CapHeight": revision.Int(662), "StemV": revision.Int(80), "ItalicAngle": revision.Int(0), // Times
		"FontFile2": to.Add(file)}
	descendant := revision.Dict{"Type": revision.Name("Font"), "Subtype": revision.Name("CIDFontType2"), "BaseFont": name,
		"CIDSystemInfo":  revision.Dict{"Registry": revision.String("Adobe"), "Ordering": revision.String("Identity"), "Supplement": revision.Int(0)},
		"FontDescriptor": to.Add(descriptor), "CIDToGIDMap": revision.Name("Identity"),
		"DW": revision.Int(e.Usual), "W": revision.Array{revision.Int(1), numbers(slices.Clone(e.Widths))}}
	return to.Add(revision.Dict{"Type": revision.Name("Font"), "Subtype": revision.Name("Type0"), "BaseFont": name,
		"Encoding": revision.Name("Identity-H"), "DescendantFonts": revision.Array{to.Add(descendant)},
		"ToUnicode": to.Add(compressed(e.Unicode))})
}
