package child

import (
	"image"
	"strings"
	"unicode/utf8"

	"sohoa/ocr"
)

// field reads a field of a table, whose ink alone g is. A sign or two by themselves,
// as the number of a row, give the engine nothing to tell their size by, and it makes
// nothing, a letter or dirt of them: what it doubts it is shown twice side by side, and
// what it then reads twice the same is taken.
func (r *reader) field(g *image.Gray, dpi float64, em int) (reading, error) {
	got, err := r.part(g, dpi, em)
	if err != nil || g.Rect.Dx()-2*margin > em || g.Rect.Dy()-2*margin > 2*em || !dubious(got) {
		return got, err
	}
	pair, err := r.look(twice(g), dpi, oneLine)
	if err != nil {
		return got, err
	}
	if text, sure := halved(pair); sure >= doubted && strings.IndexFunc(text, isLetterOrDigit) >= 0 {
		got = alone(g, text, sure)
	}
	return got, nil
}

// dubious reports whether a field was not read, or not surely.
func dubious(r reading) bool {
	if len(r.lines) != 1 {
		return len(r.lines) == 0
	}
	return sure(r.lines[0]) < doubted || strings.IndexFunc(textOf(r.lines[0]), isLetterOrDigit) < 0
}

// twice returns what is on g two times side by side, as the figures of a number stand.
func twice(g *image.Gray) *image.Gray {
	const gap = 4 // pixels at the resolution of reading
	w := g.Rect.Dx() - 2*margin
	out := image.NewGray(image.Rect(0, 0, g.Rect.Dx()+gap+w, g.Rect.Dy()))
	for i := range out.Pix {
		out.Pix[i] = 255
	}
	for y := range g.Rect.Dy() {
		row := g.Pix[y*g.Stride+margin:][:w]
		to := out.Pix[y*out.Stride+margin:]
		copy(to, row)
		copy(to[w+gap:], row)
	}
	return out
}

// halved returns what stands twice in r and nothing else, and how sure the engine is of
// it; otherwise nothing.
func halved(r reading) (text string, confidence float64) {
	if len(r.lines) != 1 {
		return "", 0
	}
	whole := textOf(r.lines[0])
	half := whole[:len(whole)/2]
	if half+half != whole || !utf8.ValidString(half) {
		return "", 0
	}
	return half, sure(r.lines[0])
}

// alone is a reading of text as all that is on g.
func alone(g *image.Gray, text string, confidence float64) reading {
	box := boxOf(image.Rect(margin, margin, g.Rect.Max.X-margin, g.Rect.Max.Y-margin))
	foot := float64(box.Y1)
	l := ocr.Line{Box: box, Block: 1, Par: 1, Baseline: [2]float64{foot, foot}, Words: []ocr.Word{{Text: text, Box: box, Confidence: confidence}}}
	return reading{lines: []ocr.Line{l}, words: 1, confidence: confidence}
}

func textOf(l ocr.Line) string {
	var b strings.Builder
	for _, w := range l.Words {
		b.WriteString(w.Text)
	}
	return b.String()
}

// inked returns the part of box that has ink: a digit alone in a wide field is lost to
// the engine, or taken for a letter.
func inked(g *image.Gray, box image.Rectangle) image.Rectangle {
	box = box.Intersect(g.Rect)
	var ink image.Rectangle
	for y := box.Min.Y; y < box.Max.Y; y++ {
		row := g.Pix[y*g.Stride+box.Min.X:][:box.Dx()]
		first, last := 0, len(row)-1
		for first <= last && !dark(row[first]) {
			first++
		}
		if first > last {
			continue
		}
		for !dark(row[last]) {
			last--
		}
		ink = ink.Union(image.Rect(box.Min.X+first, y, box.Min.X+last+1, y+1))
	}
	return ink
}

func dark(v uint8) bool { return v < 150 }
