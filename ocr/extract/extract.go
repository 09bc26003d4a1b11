// Package extract proposes the descriptive fields of a paper from its words, by
// where they stand and by the grammar they must follow.
//
// It knows the layout of NĐ 30/2020/NĐ-CP Phụ lục I: on page 1 a head of two
// columns, the agency left (cơ quan chủ quản above, cơ quan ban hành below, then
// số and ký hiệu, and V/v on a letter) and the nation right (quốc hiệu, tiêu ngữ,
// place and date); below it the title (tên loại) and the subject (trích yếu) in
// the middle. A paper of another layout yields fewer fields, not wrong ones: a
// field is left out when its grammar does not hold. Words of a digital
// signature's mark are never taken for the paper's own.
//
// All places are in points from the top left of the page's frame.
package extract

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"sohoa/ocr"
)

// A Field is one proposed value, as TT 01/2023/TT-VPCP Điều 9.2 lists them.
type Field struct {
	Name  string // "title", "number", "issued", "issuer" or "subject"
	Value string // issued as YYYY-MM-DD, the others as printed, NFC, on one line

	Page       int        // from 1
	Box        [4]float64 // around its words, points: x0, y0, x1, y1
	Confidence float64    // of the least certain word, 0 to 100
}

// Fields returns what can be told of the paper that pages are, in the order of
// the circular. A field that cannot be told is left out.
func Fields(pages []ocr.Page) []Field {
	if len(pages) == 0 {
		return nil
	}
	p := newPaper(pages)
	var fields []Field
	add := func(name, value string, page int, words []word) {
		if value == "" || len(words) == 0 {
			return
		}
		f := Field{Name: name, Value: value, Page: page + 1, Box: around(words), Confidence: 100}
		for _, w := range words {
			f.Confidence = min(f.Confidence, w.confidence)
		}
		for i := range f.Box {
			f.Box[i] = math.Round(f.Box[i]*100) / 100
		}
		fields = append(fields, f)
	}
	title, titleWords, below := p.title()
	add("title", title, 0, titleWords)
	number, numberWords := p.number()
	add("number", number, 0, numberWords)
	issued, issuedWords, page := p.issued()
	add("issued", issued, page, issuedWords)
	issuer, issuerWords := p.issuer()
	add("issuer", issuer, 0, issuerWords)
	subject, subjectWords := p.subject(title, below)
	add("subject", subject, 0, subjectWords)
	return fields
}

// A paper is page 1 taken apart, and the last page.
type paper struct {
	width, height float64
	all           []piece // of page 1, from the top down; those of the head split into columns
	left, right   []piece // the columns of the head
	bodyTop       float64 // where the head ends

	last     []piece // of the last page
	lastPage int
}

func newPaper(pages []ocr.Page) *paper {
	first := pages[0]
	p := &paper{width: points(first.Width, first.DPIX), height: points(first.Height, first.DPIY)}
	p.all = pieces(first)
	p.lastPage = len(pages) - 1
	p.last = p.all
	if p.lastPage > 0 {
		p.last = pieces(pages[p.lastPage])
	}
	p.splitHead()
	return p
}

// splitHead finds the head of page 1 and splits it at the nation's column.
func (p *paper) splitHead() {
	border, top := p.border()
	p.bodyTop = 0.3 * p.height
	for _, piece := range p.all {
		if piece.base > top && piece.base < 0.6*p.height && piece.opensBody(p.width) {
			p.bodyTop = piece.base - 0.7*piece.size()
			break
		}
	}
	var split []piece
	for _, piece := range p.all {
		if piece.base >= p.bodyTop || border == 0 {
			split = append(split, piece)
			continue
		}
		l, r := piece.cut(border)
		if len(l.words) > 0 {
			split, p.left = append(split, l), append(p.left, l)
		}
		if len(r.words) > 0 {
			split, p.right = append(split, r), append(p.right, r)
		}
	}
	p.all, p.left, p.right = inRows(split), inRows(p.left), inRows(p.right)
}

// border returns where the nation's column begins and the height of its first
// line. It is 0 if there are no columns: the nation stands in the middle, as on
// a citizen's own paper, or is not there.
func (p *paper) border() (x, base float64) {
	for _, piece := range p.all {
		if piece.base > 0.3*p.height {
			break
		}
		for i := range piece.words[:len(piece.words)-1] {
			this, next := fold(piece.words[i].text), fold(piece.words[i+1].text)
			if this != "cong" || next != "hoa" && next != "xa" {
				continue
			}
			nation := around(piece.words[i:])
			if math.Abs(nation[0]+nation[2]-p.width) < 70 {
				return 0, piece.base
			}
			return nation[0] - 3, piece.base
		}
	}
	for _, piece := range p.all { // the first line unread: the second
		at := strings.Index(piece.folded(), "doc lap")
		if at < 0 || piece.base > 0.3*p.height {
			continue
		}
		words := piece.words[piece.owner(at):]
		if box := around(words); math.Abs(box[0]+box[2]-p.width) >= 70 {
			return box[0] - 40, piece.base
		}
		return 0, piece.base
	}
	return 0, 0
}

// inRows orders pieces from the top down, and from the left where they share a
// base line.
func inRows(pieces []piece) []piece {
	slices.SortStableFunc(pieces, func(a, b piece) int { return cmp.Compare(a.base, b.base) })
	for i := 1; i < len(pieces); i++ {
		for j := i; j > 0 && pieces[j].base-pieces[j-1].base < 3 && pieces[j].box[0] < pieces[j-1].box[0]; j-- {
			pieces[j], pieces[j-1] = pieces[j-1], pieces[j]
		}
	}
	return pieces
}
