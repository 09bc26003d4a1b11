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

// A Reason says what a proposal rests on.
type Reason string

// The reasons.
const (
	ByTitle     Reason = "title"       // capitals in the middle, of the list of tên loại
	ByKind      Reason = "kind"        // the abbreviation of its tên loại
	ByHead      Reason = "head"        // its place in the head of the page, and its grammar
	ByBelow     Reason = "below-title" // the lines below tên loại
	ByAbout     Reason = "about"       // behind V/v
	ByClosing   Reason = "closing"     // place and day at the end, or behind "Hôm nay"
	ByLabel     Reason = "label"       // behind the words that name it
	Computed    Reason = "computed"    // a span of time, counted from the day of issue
	BySigned    Reason = "signed"      // below an office, where papers are signed
	ByHand      Reason = "hand"        // where a pen has written: to be read by a person
	Several     Reason = "several"     // behind a label that stands on the paper again, with another value
	Future      Reason = "future"      // a day that has not come yet
	FromCode    Reason = "card"        // a citizen's card's QR code on the page
	FromOddCode Reason = "card-odd"    // the same, with something that a person should look at
)

// A Field is one proposed value, as TT 01/2023/TT-VPCP Điều 9.2 lists them, or who
// signed.
type Field struct {
	// Name is "kind", "holder", "title", "number", "issued", "issuer", "subject",
	// "expires" or "validity"; and, which the circular does not ask for,
	// "signer" (a name) or "office" (what they sign as).
	Name  string
	Value string // issued and expires as YYYY-MM-DD, the others as printed, NFC, on one line

	Page       int        // from 1
	Box        [4]float64 // around its words, points: x0, y0, x1, y1
	Confidence float64    // of the least certain word, 0 to 100; 0 of what a pen has written
	Reason     Reason
}

// Fields returns what can be told of the paper that pages are, in the order of
// the circular. A field that cannot be told is left out.
func Fields(pages []ocr.Page) []Field {
	if len(pages) == 0 {
		return nil
	}
	p := newPaper(pages)
	title, titleWords, below := p.title()
	title = mendName(title, known().Names)
	number, numberWords := p.number()
	issued := p.issued()
	issuer, issuerWords := p.issuer()
	subject, subjectWords := p.subject(title, below)
	subjectWhy := ByBelow
	if below == 0 {
		subjectWhy = ByAbout
	}
	profiles := known().profiles(title, issued.value)
	signed, at := p.signatory(profiles[0].Signer)

	g := gathering{pages: pages}
	g.add("kind", found{value: known().kind(title), words: titleWords, why: ByKind})
	g.add("holder", p.labelled("holder", profiles, issued.value))
	g.add("title", found{value: title, words: titleWords, why: ByTitle})
	g.add("number", found{value: number, words: numberWords, why: ByHead})
	g.add("issued", issued)
	g.add("issuer", found{value: issuer, words: issuerWords, why: ByHead})
	g.add("subject", found{value: subject, words: subjectWords, why: subjectWhy})
	g.add("expires", p.labelled("expires", profiles, issued.value))
	g.add("validity", p.labelled("validity", profiles, issued.value))
	g.add("signer", found{value: signed.name, words: signed.nameWords, page: at, why: BySigned})
	g.add("office", found{value: signed.office, words: signed.officeWords, page: at, why: BySigned})
	return g.fields
}

// A gathering is the fields found so far.
type gathering struct {
	pages  []ocr.Page
	fields []Field
}

// SeveralAtMost is the confidence of a value that may be another one's: it must
// be looked at.
const SeveralAtMost = 50

func (g *gathering) add(name string, v found) {
	if v.value == "" || len(v.words) == 0 {
		return
	}
	f := Field{Name: name, Value: v.value, Page: v.page + 1, Box: around(v.words), Confidence: 100, Reason: v.why}
	for _, w := range v.words {
		f.Confidence = min(f.Confidence, w.confidence)
	}
	if v.twice {
		f.Reason, f.Confidence = Several, min(f.Confidence, SeveralAtMost)
	}
	if exact[name] && byHand(g.pages[v.page], v.words) {
		f.Reason, f.Confidence = ByHand, 0
	}
	for i := range f.Box {
		f.Box[i] = math.Round(f.Box[i]*100) / 100
	}
	g.fields = append(g.fields, f)
}

// exact are numbers and days: a pen's are never believed.
var exact = map[string]bool{"holder": true, "number": true, "issued": true, "expires": true}

// byHand reports whether a pen has written where one of the words stands: over a
// fifth of it, so that a stroke of a signature that passes is none.
func byHand(p ocr.Page, words []word) bool {
	for _, h := range p.Handwriting {
		box := p.Points(h)
		for _, w := range words {
			x := min(box[2], w.box[2]) - max(box[0], w.box[0])
			y := min(box[3], w.box[3]) - max(box[1], w.box[1])
			if x > 0 && y > 0 && 5*x*y > (w.box[2]-w.box[0])*(w.box[3]-w.box[1]) {
				return true
			}
		}
	}
	return false
}

// A paper is page 1 taken apart, and the words of all pages.
type paper struct {
	width, height float64
	all           []piece // of page 1, from the top down; those of the head split into columns
	left, right   []piece // the columns of the head
	bodyTop       float64 // where the head ends

	pages [][]piece // as all of each page
}

func newPaper(pages []ocr.Page) *paper {
	first := pages[0]
	p := &paper{width: points(first.Width, first.DPIX), height: points(first.Height, first.DPIY)}
	p.all = pieces(first)
	p.splitHead()
	p.pages = append(p.pages, p.all)
	for _, page := range pages[1:] {
		p.pages = append(p.pages, pieces(page))
	}
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
