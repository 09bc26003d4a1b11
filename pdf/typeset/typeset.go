// Package typeset sets text of our own into pages: paragraphs, columns and
// tables, in the way that NĐ 30/2020/NĐ-CP lays papers out (Phụ lục I), as real
// text in embedded fonts. It is for papers that this house issues; scans are
// carried over and not set.
//
// [Pages] returns pages for [pdfa.Writer]: PDF/A of level U. The same blocks
// and fonts give the same bytes. It reads nothing from outside.
package typeset

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"sohoa/pdf/font"
	"sohoa/pdf/pdfa"
)

// ErrRoom: a block does not fit on a page.
var ErrRoom = errors.New("does not fit on a page")

// A Face is one of the fonts.
type Face int

// The faces.
const (
	Regular Face = iota
	Bold
	Italic
	faces
)

// Fonts are the font of each [Face].
type Fonts [faces]*font.Font

// LoadFonts loads the fonts of a family, of which regular is the path of the
// first, …-Regular.ttf; the others lie beside it.
func LoadFonts(regular string) (f Fonts, err error) {
	const name = "-Regular."
	if !strings.Contains(regular, name) {
		return f, fmt.Errorf("fonts: %s: its name does not say %q, so that the bold and the italic one cannot be found beside it", regular, "-Regular")
	}
	for face, style := range [faces]string{"-Regular.", "-Bold.", "-Italic."} {
		at := strings.LastIndex(regular, name)
		if f[face], err = font.Load(regular[:at] + style + regular[at+len(name):]); err != nil {
			return f, err
		}
	}
	return f, nil
}

// An Align is how the lines of a block stand.
type Align int

// The alignments.
const (
	Left Align = iota
	Centre
	Right
	Justified // but for the last line
)

// A Block is a part of a document, set below the one before.
type Block interface{ place(*setter) error }

// A Para is a paragraph in one face.
type Para struct {
	Text   string
	Face   Face
	Size   float64 // points
	Align  Align
	Indent float64 // of the first line, points
	Before float64 // room above, points
	Keep   bool    // not the last thing of a page: what follows stands below it

	// Under draws a line below the paragraph, this share of its width long
	// (0: none), in the middle.
	Under float64
}

// Columns are two rows of paragraphs beside each other, as in the head of a
// paper. Share is how much of the width the left one takes.
type Columns struct {
	Left, Right []Para
	Share       float64
}

// A Col is a column of a table.
type Col struct {
	Share float64 // of the table's width; the shares of all are 1
	Align Align
}

// A Table is a grid with lines. Its head is repeated on every page that it goes
// on to; a row is never divided.
type Table struct {
	Cols   []Col
	Head   []string
	Rows   []Row
	Size   float64 // of the letters, points
	Before float64
}

// A Row is a row of a table: as many cells as there are columns, or one that
// goes over all of them.
type Row struct {
	Cells []string
	Face  Face
	Tint  bool // on a light ground
}

// Paper is A4 with the margins of NĐ 30/2020/NĐ-CP, Phụ lục I, Phần I, mục I:
// 20–25 mm above and below, 30–35 mm left, 15–20 mm right. In points.
const (
	Width, Height                   = 595.276, 841.89
	marginTop, marginBottom         = 20 * mm, 20 * mm
	marginLeft, marginRight         = 30 * mm, 15 * mm
	mm                              = 72 / 25.4
	leading                         = 1.2  // of the size
	cellX, cellY                    = 3, 2 // room within a cell, points
	numberSize, numberAt            = 13, 12 * mm
	keepRoom                float64 = 72
)

// Pages sets blocks. From the second page on each has its number above, in the
// middle (NĐ 30/2020/NĐ-CP, Phụ lục I, Phần I, mục I.7). Characters that the
// fonts lack are set as a question mark. A block that no page has room for wraps
// [ErrRoom].
func Pages(fonts Fonts, blocks []Block) ([]pdfa.Page, error) {
	return PagesScaled(fonts, blocks, 1)
}

// PagesScaled is [Pages] drawn larger: an A3 is an A4 by the root of two.
func PagesScaled(fonts Fonts, blocks []Block, scale float64) ([]pdfa.Page, error) {
	s := &setter{fonts: fonts, scale: scale, left: marginLeft, width: Width - marginLeft - marginRight}
	s.turn()
	for i, b := range blocks {
		if err := b.place(s); err != nil {
			return nil, fmt.Errorf("block %d: %w", i+1, err)
		}
	}
	return s.pages()
}

// A setter fills one page after the other.
type setter struct {
	fonts Fonts
	sheet []*sheet
	y     float64 // where the next block begins, from above
	left  float64
	width float64
	scale float64 // of the drawn page
}

// sheet is a page in the making.
type sheet struct {
	texts []set
	lines [][4]float64 // from, to; y from above
	boxes [][4]float64 // left, top, width, height, black
	tints [][4]float64 // left, top, width, height
}

// set is a line of text at its place: the base line's left end, y from above.
type set struct {
	face Face
	size float64
	x, y float64
	text string
	gap  float64 // added to every blank, points
}

func (s *setter) page() *sheet { return s.sheet[len(s.sheet)-1] }

// turn begins a page.
func (s *setter) turn() {
	s.sheet = append(s.sheet, &sheet{})
	s.y = marginTop
	if n := len(s.sheet); n > 1 {
		text := fmt.Sprint(n)
		s.page().texts = append(s.page().texts, set{Regular, numberSize, (Width - s.wide(Regular, numberSize, text)) / 2, numberAt, text, 0})
	}
}

func (s *setter) room() float64 { return Height - marginBottom - s.y }

func (s *setter) wide(f Face, size float64, text string) float64 {
	return float64(s.fonts[f].Width(text)) / 1000 * size
}

// plain makes text fit to be set.
func (s *setter) plain(f Face, text string) string {
	text = norm.NFC.String(strings.Join(strings.Fields(text), " "))
	lacks := s.fonts[f].Missing(text)
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(lacks, r) || !unicode.IsPrint(r) { // some fonts have glyphs for controls
			return '?'
		}
		return r
	}, text)
}

// wrap breaks text where words end so that no line is wider than width, the
// first one less indent; a word that is too long is broken where it must.
func (s *setter) wrap(f Face, size float64, text string, width, indent float64) []string {
	var lines []string
	line := ""
	most := func() float64 {
		if len(lines) == 0 {
			return width - indent
		}
		return width
	}
	for _, word := range strings.Fields(s.plain(f, text)) {
		if joined := strings.TrimSpace(line + " " + word); s.wide(f, size, joined) <= most() {
			line = joined
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		line = ""
		for _, r := range word {
			if line != "" && s.wide(f, size, line+string(r)) > most() {
				lines = append(lines, line)
				line = ""
			}
			line += string(r)
		}
	}
	return append(lines, line)
}

// line sets one line with its top at y.
func (s *setter) line(f Face, size float64, text string, a Align, x, y, width float64, last bool) {
	t := set{face: f, size: size, x: x, y: y + size, text: text}
	free := width - s.wide(f, size, text)
	switch blanks := strings.Count(text, " "); {
	case a == Centre:
		t.x += free / 2
	case a == Right:
		t.x += free
	case a == Justified && !last && blanks > 0:
		t.gap = free / float64(blanks)
	}
	if text != "" {
		s.page().texts = append(s.page().texts, t)
	}
}
