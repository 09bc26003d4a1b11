// Package layout tells how a page is laid out, before it is read: where text
// stands, in which order it is read, where tables are and which of their fields
// are which, and what a pen has written over it.
//
// A page goes in as grey pixels, upright, level and evenly lit. A stain is dark
// pixels that touch. A ruling is a straight line. A band is what stands side by
// side between empty rows; columns are bands that leave the same gutter free.
// All places are pixels of the image. The functions are pure.
package layout

import (
	"image"
	"slices"
)

// A Kind is what a region is.
type Kind string

// The kinds of regions.
const (
	Text Kind = "text"
	Cell Kind = "cell" // of a table
	Hand Kind = "hand" // written by hand, or drawn: not for reading
)

// A Region is a part of the page that is read by itself.
type Region struct {
	Box  image.Rectangle
	Kind Kind
	Head bool // text in one of several columns in the upper third of the page

	// Of cells: which table of the page, from 1, and where in it, from 0.
	Table, Row, Col  int
	RowSpan, ColSpan int
}

// A Plan is what Analyse found on a page.
type Plan struct {
	Regions []Region    // in reading order; those written by hand last
	Clean   *image.Gray // the page without rulings and handwriting
	Em      int         // about the type size, pixels; 0 if there is no text
}

// Analyse plans the reading of g, of square pixels at dpi. It does not change g.
func Analyse(g *image.Gray, dpi float64) Plan {
	var s shelf
	defer s.back()
	clean, lined := copied(&s, g, pale)
	p := Plan{Clean: clean}
	lines := rulings(lined, dpi)
	lines = slices.DeleteFunc(lines, func(r ruling) bool { return r.level && serifs(clean, r, dpi) })
	fields := tables(lines, dpi)
	for _, r := range lines {
		if r.level || inTable(r, fields) {
			eraseRuling(clean, r, dpi)
		}
	}
	all := inked(&s, clean).stains(&s)
	small := letterHeight(all, dpi)
	if small == 0 {
		return p
	}
	p.Em = 2 * small
	var hands []image.Rectangle
	var letters []image.Rectangle
	var pen []stain
	for _, s := range all {
		switch {
		case byHand(s, small):
			hands = append(hands, s.box)
			pen = append(pen, s)
		case 2*s.box.Dy() > small || s.box.Dx() > small:
			letters = append(letters, s.box)
		}
	}
	for _, s := range pen {
		erase(clean, s.outside(letters, small))
	}
	p.order(letters, fields)
	p.grow(all)
	for _, h := range hands {
		p.Regions = append(p.Regions, Region{Box: h, Kind: Hand})
	}
	return p
}

// inTable reports whether a ruling belongs to a table: strokes of a pen may be
// straight too.
func inTable(r ruling, fields [][]cell) bool {
	for _, cells := range fields {
		for _, c := range cells {
			if c.box.Inset(-4).Overlaps(r.box) {
				return true
			}
		}
	}
	return false
}

// byHand reports whether a stain is of a pen: much higher than a letter, and
// mostly air, or of strokes thin for its height. Those of printed letters are at
// least a ninth of the height; letters that touch from line to line reach over
// two lines at most.
func byHand(s stain, small int) bool {
	h, w := s.box.Dy(), s.box.Dx()
	if h < 3*small || w < 2*small {
		return false
	}
	return 6*s.area < h*w || h > 5*small && 12*s.area < h*len(s.runs)
}

// outside returns the runs of a pen's stain that do not stand in a row of print:
// where letters stand close by on both sides, the pen, or the ring of a seal,
// runs through a word, and the letters that it touches are kept. What is much
// higher than print is a signature, and goes as a whole.
func (s stain) outside(letters []image.Rectangle, small int) []run {
	if s.box.Dy() > 5*small {
		return s.runs
	}
	var left, right []span
	for _, b := range letters {
		m := middle(b)
		if b.Dy() < small*4/5 || b.Dy() > 3*small || m.Y < s.box.Min.Y || m.Y >= s.box.Max.Y {
			continue
		}
		switch {
		case b.Max.X <= s.box.Min.X+small/2 && b.Max.X > s.box.Min.X-2*small:
			left = append(left, span{b.Min.Y, b.Max.Y})
		case b.Min.X >= s.box.Max.X-small/2 && b.Min.X < s.box.Max.X+2*small:
			right = append(right, span{b.Min.Y, b.Max.Y})
		}
	}
	var rows []span
	for _, l := range left {
		for _, r := range right {
			if both := (span{max(l.a, r.a), min(l.b, r.b)}); 2*both.width() > small {
				rows = append(rows, span{min(l.a, r.a), max(l.b, r.b)})
			}
		}
	}
	if len(rows) == 0 {
		return s.runs
	}
	return slices.DeleteFunc(slices.Clone(s.runs), func(r run) bool {
		return slices.ContainsFunc(rows, func(o span) bool { return int(r.y) >= o.a && int(r.y) < o.b })
	})
}

// order leaves the regions of p in reading order: tables stand where their tops
// are, and text is sorted above, between and below them.
func (p *Plan) order(letters []image.Rectangle, fields [][]cell) {
	page := p.Clean.Rect
	top := 0
	for n, cells := range fields {
		var frame image.Rectangle
		for _, c := range cells {
			frame = frame.Union(c.box)
		}
		letters = slices.DeleteFunc(letters, func(b image.Rectangle) bool { return middle(b).In(frame) })
		p.text(letters, span{top, frame.Min.Y})
		top = max(top, frame.Min.Y)
		for _, c := range cells {
			p.Regions = append(p.Regions, Region{Box: c.box, Kind: Cell, Table: n + 1, Row: c.row, Col: c.col, RowSpan: c.rows, ColSpan: c.cols})
		}
	}
	p.text(letters, span{top, page.Max.Y})
}

func middle(b image.Rectangle) image.Point {
	return image.Pt((b.Min.X+b.Max.X)/2, (b.Min.Y+b.Max.Y)/2)
}

// text sorts the letters whose middles lie between two rows.
func (p *Plan) text(letters []image.Rectangle, rows span) {
	var part []image.Rectangle
	for _, b := range letters {
		if m := middle(b).Y; m >= rows.a && m < rows.b {
			part = append(part, b)
		}
	}
	if len(part) == 0 {
		return
	}
	s := sorter{em: p.Em, page: p.Clean.Rect, first: rows.a == 0 && part[0].Min.Y < p.Clean.Rect.Dy()/3}
	s.sort(part, span{0, p.Clean.Rect.Dx()})
	for _, b := range s.blocks {
		p.Regions = append(p.Regions, Region{Box: b.box, Kind: Text, Head: b.column && 3*b.box.Max.Y < p.Clean.Rect.Dy()})
	}
}

// grow widens the regions of text to the marks above, below and beside their
// letters; a mark goes to the nearest region.
func (p *Plan) grow(all []stain) {
	texts := make([]image.Rectangle, len(p.Regions))
	for i, r := range p.Regions {
		texts[i] = r.Box
	}
	for _, s := range all {
		best, least := -1, p.Em/2
		for i, b := range texts {
			if p.Regions[i].Kind != Text {
				continue
			}
			if d := apart(s.box, b); d < least {
				best, least = i, d
			}
			if s.box.In(b) {
				best = -1
				break
			}
		}
		if best >= 0 && s.box.Dy() <= p.Em {
			p.Regions[best].Box = p.Regions[best].Box.Union(s.box)
		}
	}
}

// apart is how far two boxes are from each other.
func apart(a, b image.Rectangle) int {
	return max(a.Min.X-b.Max.X, b.Min.X-a.Max.X, a.Min.Y-b.Max.Y, b.Min.Y-a.Max.Y, 0)
}
