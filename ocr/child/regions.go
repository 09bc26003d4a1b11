package child

import (
	"bytes"
	"image"
	"slices"
	"unicode/utf8"

	"sohoa/ocr"
	"sohoa/ocr/layout"
	"sohoa/ocr/prepare"
	"sohoa/scan/room"
)

// byRegions reads s region by region, in the order of the plan.
func (r *reader) byRegions(s prepare.Sheet) (reading, error) {
	lap := &r.engine.lap
	lap.to(&lap.spent.Words)
	plan := layout.Analyse(s.Image, s.DPI)
	defer room.Back(plan.Clean.Pix)
	lap.to(&lap.spent.Layout)
	var all reading
	var open []openField
	block, par := 0, 0
	for _, region := range plan.Regions {
		if region.Kind == layout.Hand {
			all.hands = append(all.hands, boxOf(region.Box))
			continue
		}
		box, read := region.Box, r.part
		cell := region.Kind == layout.Cell
		if cell {
			box, read = inked(plan.Clean, box), r.field
		}
		part, offset := crop(plan.Clean, box)
		if part == nil {
			continue
		}
		got, err := read(part, s.DPI, plan.Em)
		if err != nil {
			return reading{}, err
		}
		block++
		for i := range got.lines {
			shift(&got.lines[i], offset)
		}
		if region.Kind == layout.Text { // what stands in a field of a table is kept
			got.mark(&all)
		}
		for i := range got.lines {
			l := &got.lines[i]
			l.Block, l.Par = block, l.Par+par
			l.Kind, l.Cell = kindOf(region)
			if l.Kind == ocr.Table {
				oneNumber(l)
			}
		}
		if n := len(got.lines); n > 0 {
			par = got.lines[n-1].Par
		}
		if cell && dubious(got) {
			open = append(open, openField{box, region, len(all.lines), len(got.lines), block, par})
		}
		all.add(got)
	}
	groups := checkSigns(all.lines, plan.Clean)
	for i := len(open) - 1; i >= 0; i-- {
		if w, ok := aDigit(plan.Clean, open[i].box, groups); ok {
			all.lines = open[i].filled(all.lines, w)
		}
	}
	all.sum()
	return all, nil
}

// An openField is a field of a table that was not read, or not surely.
type openField struct {
	box        image.Rectangle
	region     layout.Region
	at, lines  int // where its lines are or would be, and how many
	block, par int
}

// filled returns the lines of a page with w alone in the field.
func (f openField) filled(all []ocr.Line, w ocr.Word) []ocr.Line {
	foot := float64(w.Box.Y1)
	l := ocr.Line{Box: w.Box, Block: f.block, Par: f.par, Baseline: [2]float64{foot, foot}, Words: []ocr.Word{w}}
	l.Kind, l.Cell = kindOf(f.region)
	return slices.Replace(all, f.at, f.at+f.lines, l)
}

// part reads one region: as a block, and a line of it again by itself if it
// reads badly, for the engine may have misjudged the size of its letters by
// the other lines.
func (r *reader) part(g *image.Gray, dpi float64, em int) (reading, error) {
	got, err := r.look(g, dpi, oneBlock)
	if err != nil {
		return got, err
	}
	for i := range got.lines {
		l := &got.lines[i]
		before := sure(*l)
		if before >= doubted || l.Box.Y1-l.Box.Y0 > 3*em {
			continue
		}
		box := image.Rect(0, l.Box.Y0-em/8, g.Rect.Max.X, l.Box.Y1+em/8)
		line, offset := crop(g, box)
		if line == nil {
			continue
		}
		again, err := r.look(line, dpi, oneLine)
		if err != nil {
			return got, err
		}
		if len(again.lines) == 1 && sure(again.lines[0]) > before {
			shift(&again.lines[0], offset)
			again.lines[0].Par = l.Par
			*l = again.lines[0]
		}
	}
	for i := range got.lines {
		if err := r.raise(&got.lines[i], g, dpi); err != nil {
			return got, err
		}
	}
	got.sum()
	return got, nil
}

// mark takes lines that nobody could read out of r, and such words at the ends of lines,
// and marks them as written by hand on the page: what the engine makes of the strokes of a
// pen or of a seal is noise.
func (r *reading) mark(page *reading) {
	kept := r.lines[:0]
	for _, l := range r.lines {
		if c := sure(l); !worded(l) && (c < strokes || !says(l)) || c < scrawl {
			page.hands = append(page.hands, l.Box)
			continue
		}
		page.hands = append(page.hands, trimmed(&l)...)
		kept = append(kept, l)
	}
	r.lines = kept
	r.sum()
}

const (
	// scrawl is the mean confidence, by letters, below which a line is no print.
	scrawl = 30

	// strokes is the same for a line without a word or a number.
	strokes = 55
)

// doubted is the mean confidence, by letters, below which a line is read again.
const doubted = 80

// sure returns the mean confidence of a line by letters.
func sure(l ocr.Line) float64 {
	sum, n := 0.0, 0
	for _, w := range l.Words {
		k := utf8.RuneCountInString(w.Text)
		sum, n = sum+w.Confidence*float64(k), n+k
	}
	return sum / float64(max(n, 1))
}

func (r *reader) look(g *image.Gray, dpi float64, m mode) (reading, error) {
	text, err := r.engine.hocr(g, int(dpi), m)
	if err != nil {
		return reading{}, err
	}
	return parseHOCR(text)
}

// kindOf says what the lines of a region are.
func kindOf(r layout.Region) (ocr.Kind, *ocr.Cell) {
	switch {
	case r.Kind == layout.Cell:
		return ocr.Table, &ocr.Cell{Table: r.Table, Row: r.Row, Col: r.Col, RowSpan: r.RowSpan, ColSpan: r.ColSpan}
	case r.Head:
		return ocr.Head, nil
	}
	return ocr.Body, nil
}

func boxOf(r image.Rectangle) ocr.Box {
	return ocr.Box{X0: r.Min.X, Y0: r.Min.Y, X1: r.Max.X, Y1: r.Max.Y}
}

func rectOf(b ocr.Box) image.Rectangle { return image.Rect(b.X0, b.Y0, b.X1, b.Y1) }

// sum counts the words of r and their mean confidence.
func (r *reading) sum() {
	r.words, r.confidence = 0, 0
	for _, l := range r.lines {
		r.words += len(l.Words)
		for _, w := range l.Words {
			r.confidence += w.Confidence
		}
	}
	r.confidence /= float64(max(r.words, 1))
}

func (r *reading) add(o reading) {
	sum := r.confidence*float64(r.words) + o.confidence*float64(o.words)
	r.lines, r.words = append(r.lines, o.lines...), r.words+o.words
	r.confidence = sum / float64(max(r.words, 1))
}

func shift(l *ocr.Line, by image.Point) {
	move := func(b *ocr.Box) {
		b.X0, b.X1, b.Y0, b.Y1 = b.X0+by.X, b.X1+by.X, b.Y0+by.Y, b.Y1+by.Y
	}
	move(&l.Box)
	for i := range l.Words {
		move(&l.Words[i].Box)
	}
	for i := range l.Baseline {
		l.Baseline[i] += float64(by.Y)
	}
}

// margin is the white around a part, in pixels: the engine misses letters that
// touch the edge.
const margin = 10

// crop returns a part of g on white, and where its origin is in g.
func crop(g *image.Gray, box image.Rectangle) (*image.Gray, image.Point) {
	box = box.Inset(-2).Intersect(g.Rect)
	if box.Dx() < 3 || box.Dy() < 3 {
		return nil, image.Point{}
	}
	if !anyDark(g, box) {
		return nil, image.Point{}
	}
	out := image.NewGray(image.Rect(0, 0, box.Dx()+2*margin, box.Dy()+2*margin))
	foot := (margin + box.Dy()) * out.Stride
	whiten(out.Pix[:margin*out.Stride])
	whiten(out.Pix[foot:])
	for y := range box.Dy() {
		row := out.Pix[(y+margin)*out.Stride:][:out.Stride]
		whiten(row[:margin])
		copy(row[margin:], g.Pix[(box.Min.Y+y)*g.Stride+box.Min.X:][:box.Dx()])
		whiten(row[margin+box.Dx():])
	}
	return out, box.Min.Sub(image.Pt(margin, margin))
}

// anyDark reports whether a pixel of box, which lies in g, is dark.
func anyDark(g *image.Gray, box image.Rectangle) bool {
	for y := box.Min.Y; y < box.Max.Y; y++ {
		if slices.ContainsFunc(g.Pix[y*g.Stride+box.Min.X:y*g.Stride+box.Max.X], dark) {
			return true
		}
	}
	return false
}

// white is paper, to be copied.
var white = bytes.Repeat([]byte{255}, 4096)

func whiten(pixels []byte) {
	for len(pixels) > 0 {
		pixels = pixels[copy(pixels, white):]
	}
}
