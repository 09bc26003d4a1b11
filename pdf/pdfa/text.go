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

// sift returns the lines of a page as they are written, those without words left
// out, and enters their characters into the face. Without private ones, characters
// of private use go too: at level A each would have to be explained
// (ISO 19005-2, 6.2.11.7.3), and nobody can.
func sift(f *face, p Page, private bool) ([]Line, error) {
	var lines []Line
	for i, l := range p.Lines {
		words := make([]Word, 0, len(l.Words))
		for j, w := range l.Words {
			if w.Text = plain(w.Text); !private {
				w.Text = strings.Map(func(r rune) rune {
					if unicode.Is(unicode.Co, r) {
						return -1
					}
					return r
				}, w.Text)
			}
			if w.Text == "" {
				continue
			}
			if !finite(w.X0, w.Y0, w.X1, w.Y1, l.Baseline[0], l.Baseline[1]) || len(w.Text) > maxWord {
				return nil, fmt.Errorf("%w: line %d, word %d has no place or is too long", ErrInvalid, i+1, j+1)
			}
			words = append(words, w)
		}
		if len(words) == 0 {
			continue
		}
		if err := f.take(words); err != nil {
			return nil, err
		}
		l.Words = words
		lines = append(lines, l)
	}
	return lines, nil
}

// mostText is what the operators of a page may weigh, deflated: with them and
// what belongs to it, a page has 4 kB (decision 28).
const mostText = 3400

// lightest returns the layer of a page with its words finely placed, or coarsely
// where they would weigh more than mostText. What is not twice as long is less
// when it is deflated.
func lightest(f *face, height float64, lines []Line, marks []int) []byte {
	ops := layer(f, height, lines, marks, fine)
	if len(ops) <= 2*mostText || len(deflate(ops)) <= mostText {
		return ops
	}
	return layer(f, height, lines, marks, coarse)
}

// layer returns the operators that write lines unseen on a page of the given
// height, each within the marked content of its number (14.6), if there are any.
func layer(f *face, height float64, lines []Line, marks []int, c care) []byte {
	if len(lines) == 0 {
		return nil
	}
	b := bytes.NewBufferString("BT 3 Tr\n")
	pen := pen{face: f, b: b, height: height, care: c}
	for i, l := range lines {
		if marks != nil && (i == 0 || marks[i] != marks[i-1]) {
			if i > 0 {
				b.WriteString("EMC\n")
			}
			fmt.Fprintf(b, "/P<</MCID %d>>BDC\n", marks[i])
		}
		pen.line(l.Words, l.Baseline)
		if goesOn(marks, i) {
			pen.show(" ", narrow*pen.size)
		}
	}
	if marks != nil {
		b.WriteString("EMC\n")
	}
	b.WriteString("ET\n")
	return b.Bytes()
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
	care   care
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
			if to := level(w); math.Abs(to-y) > max(step, p.care.start*p.size) || math.Abs(w.X0-at) > step+p.care.start*p.size {
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

// show writes s stretched to width and returns the width it really has, after
// rounding.
func (p *pen) show(s string, width float64) float64 {
	natural := 0.0
	for _, r := range s {
		natural += float64(breadth(r)) / 1000 * p.size
	}
	scale := max(math.Round(width/natural*1000)/10, 0.1)
	if scale != p.scale {
		p.scale = scale
		p.ops("", scale, 1, " Tz")
	}
	p.b.WriteByte('(')
	for _, r := range s {
		cid := p.face.cid[r]
		escaped(p.b, byte(cid>>8))
		escaped(p.b, byte(cid))
	}
	p.b.WriteString(")Tj\n")
	return natural * scale / 100
}

// escaped writes a byte of a literal string (ISO 32000-1, 7.3.4.2).
func escaped(b *bytes.Buffer, c byte) {
	switch c {
	case '(', ')', '\\':
		b.WriteByte('\\')
	case '\r':
		b.WriteString(`\r`)
		return
	}
	b.WriteByte(c)
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
