package layout

import (
	"image"
	"slices"
)

// A cell is a field of a table, and how many rows and columns it takes.
type cell struct {
	box        image.Rectangle
	row, col   int
	rows, cols int
	group      int
}

// tables returns the cells of every table that rulings make, row by row.
func tables(all []ruling, dpi float64) [][]cell {
	near := int(dpi / 20)
	group := make([]int, len(all))
	for i := range group {
		group[i] = i
	}
	root := func(i int) int {
		for group[i] != i {
			i = group[i]
		}
		return i
	}
	for i, a := range all {
		for j, b := range all {
			if a.level && !b.level && a.box.Inset(-near).Overlaps(b.box) {
				group[root(j)] = root(i)
			}
		}
	}
	var found [][]cell
	for g := range all {
		var level, upright []ruling
		for i, r := range all {
			if root(i) != g {
				continue
			}
			if r.level {
				level = append(level, r)
			} else {
				upright = append(upright, r)
			}
		}
		if len(level) >= 2 && len(upright) >= 2 {
			if cells := grid(level, upright, dpi); len(cells) >= 2 {
				found = append(found, cells)
			}
		}
	}
	slices.SortStableFunc(found, func(a, b []cell) int { return a[0].box.Min.Y - b[0].box.Min.Y })
	return found
}

// places returns where rulings stand, those close together as one.
func places(all []ruling, near int) []int {
	var at []int
	for _, r := range all {
		at = append(at, r.middle())
	}
	slices.Sort(at)
	var kept []int
	for _, v := range at {
		if n := len(kept); n > 0 && v-kept[n-1] <= near {
			continue
		}
		kept = append(kept, v)
	}
	return kept
}

// grid returns the cells between rulings. Fields without a ruling between them
// are one cell.
func grid(level, upright []ruling, dpi float64) []cell {
	near := int(dpi / 12)
	ys, xs := places(level, near), places(upright, near)
	if len(ys) < 2 || len(xs) < 2 || len(ys)*len(xs) > 4000 {
		return nil
	}
	rows, cols := len(ys)-1, len(xs)-1
	group := make([]int, rows*cols)
	for i := range group {
		group[i] = i
	}
	root := func(i int) int {
		for group[i] != i {
			i = group[i]
		}
		return i
	}
	for r := range rows {
		for c := range cols {
			i := r*cols + c
			if c > 0 && !walled(upright, xs[c], ys[r], ys[r+1], near) {
				group[root(i)] = root(i - 1)
			}
			if r > 0 && !walled(level, ys[r], xs[c], xs[c+1], near) {
				group[root(i)] = root(i - cols)
			}
		}
	}
	var cells []cell
	for i := range group {
		r, c := i/cols, i%cols
		box := image.Rect(xs[c], ys[r], xs[c+1], ys[r+1])
		at := slices.IndexFunc(cells, func(o cell) bool { return o.group == root(i) })
		if at < 0 {
			cells = append(cells, cell{box, r, c, 1, 1, root(i)})
			continue
		}
		o := &cells[at]
		o.box = o.box.Union(box)
		o.rows, o.cols = max(o.rows, r-o.row+1), max(o.cols, c-o.col+1)
		if c < o.col {
			o.cols, o.col = o.cols+o.col-c, c
		}
	}
	return cells
}

// walled reports whether a ruling stands at a place for more than half of the
// way between two others.
func walled(all []ruling, at, from, to, near int) bool {
	covered := 0
	for _, r := range all {
		if m := r.middle(); m < at-near || m > at+near {
			continue
		}
		lo, hi := r.box.Min.X, r.box.Max.X
		if !r.level {
			lo, hi = r.box.Min.Y, r.box.Max.Y
		}
		covered += max(0, min(hi, to)-max(lo, from))
	}
	return 2*covered > to-from
}
