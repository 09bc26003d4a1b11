package typeset

import "fmt"

func (p Para) place(s *setter) error {
	lines := s.wrap(p.Face, p.Size, p.Text, s.width, p.Indent)
	s.y += p.Before
	if p.Keep && s.room() < float64(len(lines))*p.Size*leading+keepRoom {
		s.turn()
	}
	for i, l := range lines {
		if s.room() < p.Size*leading {
			s.turn()
		}
		p.row(s, lines, i, s.left, s.y, s.width, l)
		s.y += p.Size * leading
	}
	s.y += p.under(s, lines, s.left, s.y, s.width)
	return nil
}

// row sets line i of a paragraph.
func (p Para) row(s *setter, lines []string, i int, x, y, width float64, text string) {
	if i == 0 {
		x, width = x+p.Indent, width-p.Indent
	}
	s.line(p.Face, p.Size, text, p.Align, x, y, width, i == len(lines)-1)
}

// under draws the line below a paragraph and returns the room it takes.
func (p Para) under(s *setter, lines []string, x, y, width float64) float64 {
	if p.Under == 0 || len(lines) == 0 {
		return 0
	}
	long := 0.0
	for _, l := range lines {
		long = max(long, s.wide(p.Face, p.Size, l))
	}
	long *= p.Under
	from := x + (width-long)/2
	s.page().lines = append(s.page().lines, [4]float64{from, y + 2, from + long, y + 2})
	return 4
}

func (c Columns) place(s *setter) error {
	gap := 8.0
	wide := [2]float64{s.width * c.Share, s.width * (1 - c.Share)}
	high := 0.0
	for i, side := range [2][]Para{c.Left, c.Right} {
		h := 0.0
		for _, p := range side {
			h += p.Before + float64(len(s.wrap(p.Face, p.Size, p.Text, wide[i]-gap, p.Indent)))*p.Size*leading + 4
		}
		high = max(high, h)
	}
	if high > Height-marginTop-marginBottom {
		return fmt.Errorf("%w: columns", ErrRoom)
	}
	if s.room() < high {
		s.turn()
	}
	top, low := s.y, s.y
	for i, side := range [2][]Para{c.Left, c.Right} {
		x, y := s.left+float64(i)*(wide[0]+gap/2), top
		for _, p := range side {
			lines := s.wrap(p.Face, p.Size, p.Text, wide[i]-gap, p.Indent)
			y += p.Before
			for n, l := range lines {
				p.row(s, lines, n, x, y, wide[i]-gap, l)
				y += p.Size * leading
			}
			y += p.under(s, lines, x, y, wide[i]-gap)
		}
		low = max(low, y)
	}
	s.y = low
	return nil
}

// laid is a row of a table with its lines broken.
type laid struct {
	cells [][]string
	high  float64
	row   Row
}

func (t Table) lay(s *setter, r Row) laid {
	l := laid{row: r}
	for i, text := range r.Cells {
		width := s.width
		if len(r.Cells) == len(t.Cols) {
			width *= t.Cols[i].Share
		}
		lines := s.wrap(r.Face, t.Size, text, width-2*cellX, 0)
		l.cells = append(l.cells, lines)
		l.high = max(l.high, float64(len(lines))*t.Size*leading+2*cellY)
	}
	return l
}

// put sets a row at the place where the setter stands.
func (t Table) put(s *setter, l laid, head bool) {
	sheet, right, low := s.page(), s.left+s.width, s.y+l.high
	if l.row.Tint || head {
		sheet.tints = append(sheet.tints, [4]float64{s.left, s.y, s.width, l.high})
	}
	x := s.left
	for i, lines := range l.cells {
		width, align := s.width, Left
		if len(l.cells) == len(t.Cols) {
			width, align = s.width*t.Cols[i].Share, t.Cols[i].Align
		}
		if head {
			align = Centre
		}
		for n, line := range lines {
			s.line(l.row.Face, t.Size, line, align, x+cellX, s.y+cellY+float64(n)*t.Size*leading, width-2*cellX, true)
		}
		sheet.lines = append(sheet.lines, [4]float64{x, s.y, x, low})
		x += width
	}
	sheet.lines = append(sheet.lines, [4]float64{right, s.y, right, low}, [4]float64{s.left, s.y, right, s.y}, [4]float64{s.left, low, right, low})
	s.y = low
}

func (t Table) place(s *setter) error {
	for _, r := range t.Rows {
		if n := len(r.Cells); n != 1 && n != len(t.Cols) {
			return fmt.Errorf("a row of %d cells in a table of %d columns", n, len(t.Cols))
		}
	}
	head := t.lay(s, Row{Cells: t.Head, Face: Bold})
	s.y += t.Before
	begun := false
	for _, r := range t.Rows {
		l := t.lay(s, r)
		if head.high+l.high > Height-marginTop-marginBottom {
			return fmt.Errorf("%w: a row of a table", ErrRoom)
		}
		need := l.high
		if !begun {
			need += head.high
		}
		if s.room() < need {
			s.turn()
			begun = false
		}
		if !begun {
			t.put(s, head, true)
			begun = true
		}
		t.put(s, l, false)
	}
	return nil
}
