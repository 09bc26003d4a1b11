package specimen

import "strconv"

// A cell is one cell of a table; it covers so many columns and rows, at least 1.
type cell struct {
	text       string
	cols, rows int
	head       bool
	left       bool // set to the left instead of centred
}

// mergedTable sets a table whose head has two rows and merged cells, and whose
// cells have up to three lines. In the text, a row's cells follow each other,
// a merged cell in the row where it begins.
func (d *draft) mergedTable() {
	h := func(s string, cols, rows int) cell { return cell{s, cols, rows, true, false} }
	rows := [][]cell{
		{h("TT", 1, 2), h("Lĩnh vực, thủ tục", 1, 2), h("Số hồ sơ", 3, 1), h("Ghi chú", 1, 2)},
		{h("Tiếp nhận", 1, 1), h("Đúng hạn", 1, 1), h("Quá hạn", 1, 1)},
	}
	for i := range 3 + d.rng.IntN(3) {
		all := d.between(90, 7400)
		late := all * d.between(0, 60) / 1000
		note := pick(d, []string{"", "Tăng {p} so với cùng kỳ năm trước", "Đã xin lỗi bằng văn bản {date}", "Lỗi đường truyền {n} giờ"})
		rows = append(rows, []cell{{strconv.Itoa(i + 1), 1, 1, false, false}, {upperFirst(pick(d, procedures())), 1, 1, false, true},
			{grouped(all), 1, 1, false, false}, {grouped(all - late), 1, 1, false, false}, {grouped(late), 1, 1, false, false}, {d.say(note), 1, 1, false, true}})
	}
	all := d.between(9000, 48000)
	rows = append(rows, []cell{{"Tổng cộng", 2, 1, true, false}, {grouped(all), 1, 1, true, false}, {grouped(all - 74), 1, 1, true, false}, {"74", 1, 1, true, false}, {"", 1, 1, false, true}})
	d.cells([]float64{0.07, 0.33, 0.13, 0.13, 0.12, 0.22}, rows)
}

// cellPad is the room between a cell's text and its rules, in points.
const cellPad = 3

// A placedCell is a cell and where it begins: its first column and row, and the
// column of text it makes.
type placedCell struct {
	cell
	from, row int
	column    column
}

// cells sets rows of cells in ruled columns of the given shares of the width.
func (d *draft) cells(shares []float64, rows [][]cell) {
	defer d.in(Table)()
	all := d.placeCells(shares, rows)
	tall := func(p placedCell) float64 {
		return float64(len(d.wrap(p.text, p.column)))*p.column.step() + 2*cellPad + 2
	}
	heights, total := make([]float64, len(rows)), 0.0
	for _, p := range all {
		heights[p.row] = max(heights[p.row], tall(p)/float64(p.rows))
	}
	for _, h := range heights {
		total += h
	}
	d.need(total)
	tops := []float64{d.y}
	for _, h := range heights {
		tops = append(tops, tops[len(tops)-1]+h)
	}
	text := make([]Line, len(rows))
	for _, p := range all {
		top, foot := tops[p.row], tops[p.row+p.rows]
		lines, _ := d.inColumn(p.column, p.text, top+(foot-top-tall(p))/2+cellPad)
		for _, l := range lines {
			text[p.row] = append(text[p.row], l...)
		}
		x0, x1 := p.column.left-cellPad, p.column.right+cellPad
		d.rule(x0, top, x1, top, 0.6)
		d.rule(x0, foot, x1, foot, 0.6)
		d.rule(x0, top, x0, foot, 0.6)
		d.rule(x1, top, x1, foot, 0.6)
	}
	for _, l := range text {
		if len(l) > 0 {
			d.add(l)
		}
	}
	d.y = tops[len(tops)-1] + d.body*0.6
}

// placeCells gives each cell its first column that no cell above still covers.
func (d *draft) placeCells(shares []float64, rows [][]cell) (all []placedCell) {
	edges := []float64{marginLeft}
	for _, s := range shares {
		edges = append(edges, edges[len(edges)-1]+s*textWidth)
	}
	taken := make([]int, len(shares)) // rows still covered
	for r, row := range rows {
		at, next := 0, make([]int, len(shares))
		for _, c := range row {
			for at < len(shares) && taken[at] > 0 {
				at++
			}
			st := upright
			if c.head {
				st = bold
			}
			all = append(all, placedCell{c, at, r, column{left: edges[at] + cellPad, right: edges[at+c.cols] - cellPad,
				size: d.body - 1.5, style: st, centred: !c.left, leading: 1.15}})
			for i := range c.cols {
				next[at+i] = c.rows
			}
			at += c.cols
		}
		for i := range taken {
			taken[i] = max(taken[i], next[i]) - 1
		}
	}
	return all
}
