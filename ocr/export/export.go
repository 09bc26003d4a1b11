// Package export writes what was read on pages in the forms that other programs
// take: hOCR 1.2 and ALTO 4.4 (Library of Congress).
//
// Both give every word with its box and confidence, its line, paragraph and
// block, in reading order, and name the engine, the data and the settings. Their
// places are in pixels of the page's frame, the upright and levelled page, see
// [sohoa/ocr].
package export

import (
	"cmp"
	"strings"

	"sohoa/ocr"
)

// A Document is pages and what they are called.
type Document struct {
	Title    string // of the document; no personal data
	Language string // BCP 47; empty: vi
	Pages    []ocr.Page
}

func (d Document) language() string { return cmp.Or(d.Language, "vi") }

// A block is the lines of one block of a page, by paragraph.
type block struct {
	box  ocr.Box
	pars []par
}

type par struct {
	box   ocr.Box
	lines []ocr.Line
}

// blocks gathers the lines of p that have words.
func blocks(p ocr.Page) []block {
	var all []block
	last := ocr.Line{Block: -1}
	for _, l := range p.Lines {
		if len(l.Words) == 0 {
			continue
		}
		if len(all) == 0 || l.Block != last.Block {
			all = append(all, block{box: l.Box})
		}
		b := &all[len(all)-1]
		if len(b.pars) == 0 || l.Par != last.Par {
			b.pars = append(b.pars, par{box: l.Box})
		}
		q := &b.pars[len(b.pars)-1]
		q.lines = append(q.lines, l)
		b.box, q.box = around(b.box, l.Box), around(q.box, l.Box)
		last = l
	}
	return all
}

func around(a, b ocr.Box) ocr.Box {
	return ocr.Box{X0: min(a.X0, b.X0), Y0: min(a.Y0, b.Y0), X1: max(a.X1, b.X1), Y1: max(a.Y1, b.Y1)}
}

// plain removes what XML 1.0 does not allow (section 2.2).
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0xFFFE || r == 0xFFFF {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}
