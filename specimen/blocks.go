package specimen

import (
	"fmt"
	"strings"
)

const (
	nation = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
	motto  = "Độc lập - Tự do - Hạnh phúc"
)

// columns of the head: the agency left, the nation right.
func (d *draft) headColumns() (agency, nationCol column) {
	size := min(12.5, 268/d.width(nation, bold, 1))
	agency = column{left: marginLeft - 14, right: marginLeft + 172, size: size, centred: true, leading: 1.15}
	nationCol = column{left: marginLeft + 178, right: marginRight + 6, size: size, style: bold, centred: true, leading: 1.15}
	return agency, nationCol
}

// letterhead prints agency, nation, number, place and date; below is set under
// the number (V/v of a công văn), empty for none. All of the left column is
// read before the right.
func (d *draft) letterhead(below string) {
	defer d.in(Header)()
	left, right := d.headColumns()
	top := d.y
	if d.about.Parent != "" {
		d.t.Parent = strings.ToUpper(d.about.Parent)
		lines, y := d.inColumn(left, d.t.Parent, d.y)
		d.add(lines...)
		d.y = y
	}
	d.t.Issuer = strings.ToUpper(d.about.Agency)
	left.style = bold
	// a committee's level and name go on a line of their own
	lines, y := d.inColumn(left, strings.Replace(d.t.Issuer, "ỦY BAN NHÂN DÂN ", "ỦY BAN NHÂN DÂN\n", 1), d.y)
	d.add(lines...)
	last := lines[len(lines)-1]
	mid, w := (left.left+left.right)/2, lineWidth(last)*0.42
	d.rule(mid-w/2, y+4, mid+w/2, y+4, 0.7)
	below1 := y + 8
	state, below2 := d.nation(right, top)
	d.y = max(below1, below2) + 6
	d.numberAndDate(left, right, below, state)
}

func lineWidth(l Line) float64 {
	end := l[len(l)-1]
	return end.X + end.Width - l[0].X
}

// nation sets Quốc hiệu and Tiêu ngữ in a column and returns the lines, which
// the caller adds, and the y below.
func (d *draft) nation(col column, y float64) ([]Line, float64) {
	lines, y := d.inColumn(col, nation, y)
	col.size *= 1.04
	more, y := d.inColumn(col, motto, y)
	w := lineWidth(more[0])
	mid := (col.left + col.right) / 2
	d.rule(mid-w/2, y+3.5, mid+w/2, y+3.5, 0.8)
	return append(lines, more...), y + 8
}

// numberAndDate prints the number and what is below it, then adds the lines of
// the state and prints the date below them.
func (d *draft) numberAndDate(left, right column, below string, state []Line) {
	d.t.Number, d.t.Place = d.about.Number, d.about.Place
	left.style, right.style = upright, italic
	left.size, right.size = left.size*1.04, right.size*1.04
	lines, y := d.inColumn(left, "Số: "+d.about.Number, d.y)
	d.add(lines...)
	if below != "" {
		left.size /= 1.08
		lines, y = d.inColumn(left, below, y+2)
		d.add(lines...)
	}
	lines, y2 := d.inColumn(right, d.dated(), d.y)
	d.add(append(state, lines...)...)
	d.y = max(y, y2) + 10
}

// dated is place and date as they are printed: days below 10 and the months 1
// and 2 with a leading zero.
func (d *draft) dated() string {
	return d.about.Place + ", " + inWords(d.about.Date)
}

// nationOnly is the head of a paper that no agency issues.
func (d *draft) nationOnly() {
	_, right := d.headColumns()
	right.left, right.right = marginLeft, marginRight
	right.size *= 1.04
	defer d.in(Header)()
	lines, y := d.nation(right, d.y)
	d.add(lines...)
	d.y = y + 16
}

// title prints tên loại and, unless empty, trích yếu with a short line below.
func (d *draft) title(name, subject string) {
	defer d.in(Title)()
	d.t.Title = name
	d.centre(name, bold, 14*d.scale())
	if subject != "" {
		d.centre(subject, bold, 13.5*d.scale())
		mid := (marginLeft + marginRight) / 2
		d.rule(mid-40, d.y+4, mid+40, d.y+4, 0.7)
	}
	d.space(14)
}

// scale makes titles of wide faces no larger than those of Times.
func (d *draft) scale() float64 { return min(1, 268/12.5/d.width(nation, bold, 1)) }

// closing prints Nơi nhận and, to its right, who signs, with seal and signature.
func (d *draft) closing(to []string, above ...string) {
	const room = 78 // points for the signature
	lines := append(above, d.about.Office)
	d.need(float64(len(lines))*17 + room + 30)
	d.space(10)
	top, k := d.y, d.scale()
	if len(to) > 0 {
		col := column{left: marginLeft, right: marginLeft + 200, size: 12 * k, style: boldItalic}
		back := d.in(Recipient)
		set, y := d.inColumn(col, "Nơi nhận:", top)
		d.add(set...)
		col.size, col.style = 11*k, upright
		for i, s := range to {
			end := ";"
			if i == len(to)-1 {
				end = "."
			}
			set, y = d.inColumn(col, "- "+s+end, y)
			d.add(set...)
		}
		d.y = y
		back()
	}
	bottom := d.signs(column{left: marginRight - 225, right: marginRight, size: 13.5 * k, style: bold, centred: true},
		lines, d.about.Signer, top)
	if !d.about.Plain {
		d.seal((marginRight-112)-42, bottom-13.5-room*0.52)
	}
	d.y = max(d.y, bottom)
	d.t.Signer, d.t.Office = d.about.Signer, d.about.Office
}

// signs prints the office lines, a signature and a name in a column from top
// down, and returns the y below.
func (d *draft) signs(col column, office []string, name string, top float64) float64 {
	const room = 78
	defer d.in(Signature)()
	y := top
	for _, s := range office {
		var set []Line
		set, y = d.inColumn(col, s, y)
		d.add(set...)
	}
	mid := (col.left + col.right) / 2
	if !d.about.Plain {
		d.page().scribbles = append(d.page().scribbles, scribble{
			x: mid - 48 + d.rng.Float64()*16, y: y + 10 + d.rng.Float64()*6, width: 80 + d.rng.Float64()*30, height: room - 26, seed: d.rng.Uint64()})
	}
	col.style = bold
	set, y := d.inColumn(col, name, y+room)
	d.add(set...)
	return y
}

// seal puts the agency's stamp near a point, a little off and turned, as a hand
// does: over a third of the signature, at its left.
func (d *draft) seal(x, y float64) {
	const radius = 18 / 25.4 * 72
	text := strings.ToUpper(d.about.Agency)
	if d.about.Parent != "" {
		text += " ★ " + strings.ToUpper(d.about.Parent)
	}
	d.page().seals = append(d.page().seals, seal{
		x: x + d.rng.NormFloat64()*5, y: y + d.rng.NormFloat64()*4, radius: radius,
		turn: d.rng.NormFloat64() * 0.12, text: text, seed: d.rng.Uint64()})
}

// side is one of several who sign next to each other.
type side struct{ role, name string }

// signSides prints two or three signatures side by side.
func (d *draft) signSides(sides ...side) {
	d.need(150)
	d.space(10)
	top, bottom := d.y, d.y
	w := textWidth / float64(len(sides))
	for i, s := range sides {
		col := column{left: marginLeft + float64(i)*w + 4, right: marginLeft + float64(i+1)*w - 4,
			size: 12.5 * d.scale(), style: bold, centred: true}
		bottom = max(bottom, d.signs(col, []string{s.role}, s.name, top))
	}
	d.y = bottom
}

// field prints a line of a form: its name and what is filled in.
func (d *draft) field(name, value string) { d.item(fmt.Sprintf("%s: %s", name, value)) }
