package pdfa

import (
	"bytes"
	"math"
	"strconv"
)

// A care is what a word may be off, in parts of the type's size, before it gets
// an operator of its own, at its end and where it begins; and of how many
// thousandths of the size moves between words are multiples.
type care struct {
	end, start float64
	step       float64
}

// Fine is an eighth of a letter: engines measure no better, and most words then
// need no operator. Coarse is a quarter of one, half of what is promised: for
// pages whose text would else weigh too much.
var (
	fine   = care{end: 0.06, start: 0.03, step: 50}
	coarse = care{end: 0.12, start: 0.08, step: 100}
)

// wideGap is in parts of the size: a blank is stretched over more than that, lest
// readers put another one there.
const wideGap = 0.5

// A row is strings that are shown by one operator, with moves between them
// (ISO 32000-1, 9.4.3).
type row struct {
	b      bytes.Buffer
	open   bool // within a string
	kerned bool
}

func (r *row) say(f *face, s string) {
	if !r.open {
		r.b.WriteByte('(')
		r.open = true
	}
	for _, c := range s {
		cid := f.cid[c]
		for _, v := range [...]byte{byte(cid >> 8), byte(cid)} {
			switch v {
			case '(', ')', '\\':
				r.b.WriteByte('\\')
			case '\r':
				r.b.WriteString(`\r`)
				continue
			}
			r.b.WriteByte(v)
		}
	}
}

// kern moves the pen back by thousandths of the size.
func (r *row) kern(back int) {
	r.b.WriteByte(')')
	r.b.WriteString(strconv.Itoa(back))
	r.open, r.kerned = false, true
}

// to writes what was said, and forgets it.
func (r *row) to(b *bytes.Buffer) {
	if r.b.Len() == 0 {
		return
	}
	if r.open {
		r.b.WriteByte(')')
	}
	if r.kerned {
		b.WriteByte('[')
		b.Write(r.b.Bytes())
		b.WriteString("]TJ\n")
	} else {
		b.Write(r.b.Bytes())
		b.WriteString("Tj\n")
	}
	r.b.Reset()
	r.open, r.kerned = false, false
}

// natural is the width of s at 100 percent.
func (p *pen) natural(s string) float64 {
	n := 0
	for _, r := range s {
		n += int(breadth(r))
	}
	return float64(n) / 1000 * p.size
}

// stretch sets the scale in force to v percent.
func (p *pen) stretch(v float64) {
	if v = max(math.Round(v*10)/10, 0.1); v != p.scale {
		p.row.to(p.b)
		p.scale = v
		p.ops("", v, 1, " Tz")
	}
}

// word says s in width as well as the scale in force does, or the line's, or
// one of its own, in no more than room, and returns the width it really has.
func (p *pen) word(s string, width, room, line float64) float64 {
	natural, own := p.natural(s), 0.0
	for _, scale := range [...]float64{p.scale, math.Round(line), math.Round(width / natural * 100), width / natural * 100} {
		if own = scale; scale > 0 && math.Abs(natural*scale/100-width) <= p.care.end*p.size && natural*scale/100 <= room {
			break
		}
	}
	p.stretch(own)
	p.row.say(p.face, s)
	return natural * p.scale / 100
}

// blank says a blank from at on so that the pen arrives at to, or nearly, but
// no nearer than readers need to see two words, and returns where it is.
func (p *pen) blank(at, to float64) float64 {
	if to-at > (0.25+wideGap)*p.size {
		p.stretch((to - at) / p.natural(" ") * 100)
	}
	p.row.say(p.face, " ")
	least := at + narrow*p.size
	at += p.natural(" ") * p.scale / 100
	unit := p.size * p.scale / 100 / 1000 * p.care.step
	back := 0.0
	if math.Abs(at-to) > p.care.start*p.size {
		back = math.Round((at - to) / unit)
	}
	if at-back*unit < least {
		back = math.Floor((at - least) / unit)
	}
	if back != 0 {
		p.row.kern(int(back * p.care.step))
	}
	return at - back*unit
}
