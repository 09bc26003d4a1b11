package pdfa

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// maxWord keeps a word's string well under the 32767 bytes a string may have
// (ISO 19005-2, 6.1.13), every byte escaped.
const maxWord = 4000

// plain returns s as NFC without what may not stand in text: characters that
// XML 1.0 or ISO 19005-2, 6.2.11.7.2 forbid, and controls. Space of any kind
// and length is one blank.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == unicode.ReplacementChar, unicode.IsControl(r), r == 0xfeff, r&0xfffe == 0xfffe, r >= 0xfdd0 && r <= 0xfdef:
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(norm.NFC.String(s)), " ")
}

// layer returns the operators that write a page's words unseen, and the text
// they say.
func layer(f *face, p Page) (ops []byte, said string, err error) {
	var b bytes.Buffer
	var text strings.Builder
	pen := pen{face: f, b: &b, height: p.Height}
	for i, l := range p.Lines {
		words := make([]Word, 0, len(l.Words))
		for j, w := range l.Words {
			if w.Text = plain(w.Text); w.Text == "" {
				continue
			}
			if !finite(w.X0, w.Y0, w.X1, w.Y1, l.Baseline[0], l.Baseline[1]) || len(w.Text) > maxWord {
				return nil, "", fmt.Errorf("%w: line %d, word %d has no place or is too long", ErrInvalid, i+1, j+1)
			}
			words = append(words, w)
		}
		if len(words) == 0 {
			continue
		}
		if err := f.take(words); err != nil {
			return nil, "", err
		}
		for j, w := range words {
			if j > 0 {
				text.WriteByte(' ')
			}
			text.WriteString(w.Text)
		}
		text.WriteByte('\n')
		pen.line(words, l.Baseline)
	}
	if text.Len() == 0 {
		return nil, "", nil
	}
	return slices.Concat([]byte("BT 3 Tr\n"), b.Bytes(), []byte("ET\n")), text.String(), nil
}

func finite(vs ...float64) bool {
	for _, v := range vs {
		if !(math.Abs(v) <= 2*maxSide) {
			return false
		}
	}
	return true
}

// A pen writes lines of text and knows where it stands.
type pen struct {
	face   *face
	b      *bytes.Buffer
	height float64
	size   float64
	scale  float64 // Tz in force, percent; 0 before the first
	row    row     // said and not yet written
}

// Readers split a word whose letters stand more than half a point apart in
// height, and join words that stand closer than about 0.15 of their size.
const (
	step    = 0.25
	narrow  = 0.16 // of the size: the least blank between two words
	squeeze = 0.3  // of its width: the least that is left of a word that must make room
)

// line writes one line. The matrix is set once; from then on words of one type
// follow one another in one operator, the pen moved a little in the blanks, so
// that each begins and ends where it was read. Words stand level: a base line
// that slopes is followed word by word.
func (p *pen) line(words []Word, base [2]float64) {
	first, last := words[0], words[len(words)-1]
	base = trusted(words, base)
	slope := 0.0
	if dx := last.X1 - first.X0; dx > 0 {
		slope = (base[1] - base[0]) / dx
	}
	level := func(w Word) float64 { return base[0] + slope*((w.X0+w.X1)/2-first.X0) }
	if size := emSize(words, level); size != p.size {
		p.size = size
		p.ops("/F ", size, 2, " Tf\n")
	}
	wide, natural := 0.0, 0.0
	for _, w := range words {
		wide, natural = wide+w.X1-w.X0, natural+p.natural(w.Text)
	}
	x, y := tenth(first.X0), p.height-tenth(p.height-level(first)) // where the text line begins
	at := x                                                        // the pen's x
	p.ops("1 0 0 1 ", x, 1, " ")
	p.ops("", p.height-y, 1, " Tm\n")
	for i, w := range words {
		if i > 0 {
			at = p.blank(at, max(w.X0, at+narrow*p.size))
			if to := level(w); math.Abs(to-y) > max(step, slackStart*p.size) || math.Abs(w.X0-at) > step+slackStart*p.size {
				p.row.to(p.b)
				dx, dy := tenth(w.X0-x), tenth(y-to)
				p.ops("", dx, 1, " ")
				p.ops("", dy, 1, " Td\n")
				x, y, at = x+dx, y-dy, x+dx
			}
		}
		end, most := w.X1, w.X1+p.size
		if i+1 < len(words) && words[i+1].X0 > w.X0 {
			most = max(words[i+1].X0-narrow*p.size, w.X0+squeeze*(w.X1-w.X0))
			end = min(end, most)
		}
		at += p.word(w.Text, max(end-at, 0.1), most-at, wide/natural*100)
	}
	p.row.to(p.b)
}

// tenth rounds to what is written of places: a tenth of a point.
func tenth(v float64) float64 { return math.Round(v*10) / 10 }

func (p *pen) ops(before string, v float64, decimals int, after string) {
	p.b.WriteString(before)
	p.b.Write(number(p.b.AvailableBuffer(), v, decimals))
	p.b.WriteString(after)
}

// trusted returns the base line, or a likely one if it does not run through or
// near the words.
func trusted(words []Word, base [2]float64) [2]float64 {
	top, bottom := words[0].Y0, words[0].Y1
	for _, w := range words {
		top, bottom = min(top, w.Y0), max(bottom, w.Y1)
	}
	h := bottom - top
	for _, y := range base {
		if y < top || y > bottom+h/2 {
			y = bottom - h/5
			return [2]float64{y, y}
		}
	}
	return base
}

// emSize estimates the size of the type in points, to half a point: how high
// each word stands over the base line against how high its letters should. The
// median of a line does not swing with the letters that happen to be in it, and
// lines of a paragraph get one size, by which readers know that they belong
// together.
func emSize(words []Word, level func(Word) float64) float64 {
	var sizes []float64
	tallest := 0.0
	for _, w := range words {
		tallest = max(tallest, w.Y1-w.Y0)
		top := 0
		for _, r := range w.Text {
			top = max(top, rise(r))
		}
		if over := level(w) - w.Y0; top > 0 && over > 0 {
			sizes = append(sizes, over/float64(top)*1000)
		}
	}
	size := tallest
	if len(sizes) > 0 {
		slices.Sort(sizes)
		size = sizes[(len(sizes)-1)/2]
	}
	return min(max(math.Round(size*2)/2, 1), 1000)
}
