package specimen

import (
	"strconv"
	"strings"
)

// Margins in points: NĐ 30/2020 Phụ lục I: top and bottom 20–25 mm, left 30–35,
// right 15–20.
const (
	marginLeft  = 30 / 25.4 * 72
	marginRight = PageWidth - 17/25.4*72
	marginTop   = 22 / 25.4 * 72
	marginFoot  = PageHeight - 21/25.4*72
	textWidth   = marginRight - marginLeft
)

// A composer sets words on pages, from the top down.
type composer struct {
	*metrics
	body   float64 // type size of the body
	pages  []Page
	y      float64 // top of the next line
	region Region  // of the words now set
}

func newComposer(f Family, body float64) *composer {
	return &composer{metrics: newMetrics(f), body: body, pages: make([]Page, 1), y: marginTop, region: Body}
}

// in sets words of a region until the function it returns is called.
func (c *composer) in(r Region) (back func()) {
	before := c.region
	c.region = r
	return func() { c.region = before }
}

func (c *composer) page() *Page { return &c.pages[len(c.pages)-1] }

// need starts a new page unless h points are left on this one.
func (c *composer) need(h float64) {
	if c.y+h <= marginFoot {
		return
	}
	c.pages = append(c.pages, Page{})
	c.y = marginTop
	number := strconv.Itoa(len(c.pages))
	c.page().Lines = append(c.page().Lines, Line{c.word(number, upright, 13, PageWidth/2, marginTop-14)})
	w := &c.page().Lines[0][0]
	w.X -= w.Width / 2
}

func (c *composer) word(s string, st style, size, x, y float64) Word {
	return Word{Text: s, X: x, Y: y, Width: c.width(s, st, size), Size: size, Region: c.region, style: st}
}

// set returns the words of s from x on, with natural spaces, and where it ends.
func (c *composer) set(s string, st style, size, x, y float64) (Line, float64) {
	var l Line
	gap := c.width(" ", st, size)
	for i, f := range strings.Fields(s) {
		if i > 0 {
			x += gap
		}
		w := c.word(f, st, size, x, y)
		l = append(l, w)
		x += w.Width
	}
	return l, x
}

// A column is where text goes: between two edges, at a size, in a style.
type column struct {
	left, right float64
	size        float64
	style       style
	centred     bool
	leading     float64 // of the type size; 0 is 1.2
}

func (col column) step() float64 {
	if col.leading == 0 {
		return col.size * 1.2
	}
	return col.size * col.leading
}

// inColumn sets s in a column from the top y down, wrapped, without breaking
// the page. It returns the lines and the y below the last.
func (c *composer) inColumn(col column, s string, y float64) ([]Line, float64) {
	var lines []Line
	for _, part := range c.wrap(s, col) {
		x := col.left
		if col.centred {
			x = (col.left + col.right - c.width(part, col.style, col.size)) / 2
		}
		l, _ := c.set(part, col.style, col.size, x, y+col.size)
		lines = append(lines, l)
		y += col.step()
	}
	return lines, y
}

// wrap breaks s greedily at spaces.
func (c *composer) wrap(s string, col column) []string {
	var out []string
	for _, part := range strings.Split(s, "\n") {
		line := ""
		for _, f := range strings.Fields(part) {
			longer := strings.TrimSpace(line + " " + f)
			if line != "" && c.width(longer, col.style, col.size) > col.right-col.left {
				out = append(out, line)
				longer = f
			}
			line = longer
		}
		if line != "" {
			out = append(out, line)
		}
	}
	return out
}

func (c *composer) add(lines ...Line) { c.page().Lines = append(c.page().Lines, lines...) }

func (c *composer) space(h float64) { c.y += h }

// centre sets s in the middle of the text width.
func (c *composer) centre(s string, st style, size float64) {
	col := column{left: marginLeft + 12, right: marginRight - 12, size: size, style: st, centred: true}
	c.need(float64(len(c.wrap(s, col)))*col.step() + size)
	lines, y := c.inColumn(col, s, c.y)
	c.add(lines...)
	c.y = y
}

// para sets a body paragraph: first line indented, justified. Words between **
// are bold, between __ italic.
func (c *composer) para(s string) {
	c.flow(s, column{left: marginLeft, right: marginRight, size: c.body, leading: 1.25}, 10/25.4*72)
	c.y += c.body * 0.3
}

// item sets a paragraph without indent, not justified, as forms have.
func (c *composer) item(s string) {
	c.flow(s, column{left: marginLeft, right: marginRight, size: c.body, leading: 1.3}, 0)
	c.y += c.body * 0.15
}

// flow sets text over lines and pages in a column.
func (c *composer) flow(s string, col column, indent float64) {
	words := c.styled(s, col.size)
	gap := c.width(" ", upright, col.size)
	for len(words) > 0 {
		room := col.right - col.left - indent
		n, sum := 1, words[0].Width
		for n < len(words) && sum+gap+words[n].Width <= room {
			sum += gap + words[n].Width
			n++
		}
		extra := 0.0
		if n < len(words) && n > 1 && indent+sum > 0.6*(col.right-col.left) {
			extra = (room - sum) / float64(n-1)
		}
		c.need(col.step())
		x, line := col.left+indent, Line(words[:n:n])
		for i := range line {
			line[i].X, line[i].Y = x, c.y+col.size
			x += line[i].Width + gap + extra
		}
		c.add(line)
		c.y += col.step()
		words, indent = words[n:], 0
	}
}

// styled splits s into words, their style by the marks ** and __.
func (c *composer) styled(s string, size float64) []Word {
	var out []Word
	st := upright
	for _, f := range strings.Fields(s) {
		if t, ok := strings.CutPrefix(f, "**"); ok {
			f, st = t, bold
		} else if t, ok := strings.CutPrefix(f, "__"); ok {
			f, st = t, italic
		}
		bare := strings.TrimSuffix(strings.TrimSuffix(f, "**"), "__")
		out = append(out, c.word(bare, st, size, 0, 0))
		if bare != f {
			st = upright
		}
	}
	return out
}

// rule draws a line on this page.
func (c *composer) rule(x0, y0, x1, y1, width float64) {
	c.page().rules = append(c.page().rules, rule{x0, y0, x1, y1, width})
}

// table sets rows in ruled columns of the given shares of the text width; the
// first row is the head. Each row is one line of the truth.
func (c *composer) table(shares []float64, rows [][]string) {
	const pad = 4
	defer c.in(Table)()
	size := c.body - 1
	for i, row := range rows {
		x, height := marginLeft, 0.0
		cells := make([]column, len(row))
		for j := range row {
			st := upright
			if i == 0 {
				st = bold
			}
			cells[j] = column{left: x + pad, right: x + shares[j]*textWidth - pad, size: size, style: st, centred: i == 0 || j != 1}
			height = max(height, float64(len(c.wrap(row[j], cells[j])))*cells[j].step())
			x += shares[j] * textWidth
		}
		height += 2 * pad
		c.need(height + size) // need may begin a page: before any rule of this row
		var all Line
		for j, cell := range cells {
			free := height - 2*pad - float64(len(c.wrap(row[j], cell)))*cell.step()
			lines, _ := c.inColumn(cell, row[j], c.y+pad+free/2-1)
			for _, l := range lines {
				all = append(all, l...)
			}
			c.rule(cell.left-pad, c.y, cell.left-pad, c.y+height, 0.6)
		}
		c.add(all)
		c.rule(x, c.y, x, c.y+height, 0.6)
		c.rule(marginLeft, c.y, x, c.y, 0.6)
		c.rule(marginLeft, c.y+height, x, c.y+height, 0.6)
		c.y += height
	}
	c.y += c.body * 0.6
}
