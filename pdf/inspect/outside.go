package inspect

import "sohoa/pdf/finding"

// A pen is where the next letter goes, as far as it is followed: to the point
// at which a string begins (ISO 32000-1 9.4).
type pen struct {
	line, at matrix
	leading  float64
	size     float64
	held     int // bytes of strings since the last operator
}

// write follows the text operators and counts what is shown outside the page's
// box.
func (sv *surveyor) write(in *interpreter, op string) {
	p := &sv.pen
	switch op {
	case "BT":
		p.line = matrix{1, 0, 0, 1, 0, 0}
		p.at = p.line
	case "Tf":
		if v, ok := in.numbers(1); ok {
			p.size = v[0]
		}
	case "TL":
		if v, ok := in.numbers(1); ok {
			p.leading = v[0]
		}
	case "Tm":
		if v, ok := in.numbers(6); ok {
			p.line = matrix{v[0], v[1], v[2], v[3], v[4], v[5]}
			p.at = p.line
		}
	case "Td", "TD":
		if v, ok := in.numbers(2); ok {
			if op == "TD" {
				p.leading = -v[1]
			}
			p.next(v[0], v[1])
		}
	case "T*":
		p.next(0, -p.leading)
	case "'", "\"":
		p.next(0, -p.leading)
		sv.shown(in)
	case "Tj", "TJ":
		sv.shown(in)
	}
}

func (p *pen) next(x, y float64) {
	p.line = matrix{1, 0, 0, 1, x, y}.times(p.line)
	p.at = p.line
}

// shown counts a string that is outside: where it begins, and where it would
// end if its letters were as wide as high, both lie beyond the same side.
func (sv *surveyor) shown(in *interpreter) {
	m := sv.pen.at.times(in.now.ctm)
	long := float64(sv.pen.held) * abs(sv.pen.size)
	x0, y0 := m.e, m.f
	x1, y1 := m.e+long*m.a, m.f+long*m.b
	x2, y2 := m.e+abs(sv.pen.size)*m.c, m.f+abs(sv.pen.size)*m.d // the height of a letter
	box := sv.page.box
	if max(x0, x1, x2) < box.x0 || min(x0, x1, x2) > box.x1 || max(y0, y1, y2) < box.y0 || min(y0, y1, y2) > box.y1 {
		sv.s.outside += sv.pen.held
	}
	// What follows in the same string of operators goes on from here; how wide
	// letters are is not known, so it is taken to begin where this began.
}

// unseen tells of what pages have in them that nobody sees.
func (f *File) unseen() {
	for i, pl := range f.plans {
		s, page := pl.survey, i+1
		tell := func(c finding.Code, n int) {
			if n > 0 {
				f.found = append(f.found, finding.New(c, page, n))
			}
		}
		tell(finding.OutsideText, s.outside)
		tell(finding.OutsidePicture, s.pictures)
		if s.covered < scanShare {
			tell(finding.HiddenText, s.unseen) // over a scan it is a layer, for which there are rules
		}
	}
}
