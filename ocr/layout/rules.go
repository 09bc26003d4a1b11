package layout

import (
	"image"
	"slices"
)

// A ruling is a straight line, level or upright.
type ruling struct {
	box    image.Rectangle
	level  bool
	pieces []run // of a level ruling along rows, of an upright one along columns (y is x)
}

func (r ruling) middle() int {
	if r.level {
		return (r.box.Min.Y + r.box.Max.Y) / 2
	}
	return (r.box.Min.X + r.box.Max.X) / 2
}

func (r ruling) length() int { return max(r.box.Dx(), r.box.Dy()) }

// pale is how dark a ruling is: thin lines are paler than letters.
const pale = 190

// rulings returns the lines that are at least a third of an inch long.
func rulings(b bits, dpi float64) []ruling {
	least := int32(dpi / 3)
	rows, columns := b.long(least)
	return append(join(b.level(rows, least), dpi, true), join(b.upright(columns, least), dpi, false)...)
}

// level returns the stretches of at least so many pixels in these rows.
func (b bits) level(rows []byte, least int32) (found []run) {
	places := make([]int32, b.w+1)
	for y, some := range rows {
		if some == 0 {
			continue
		}
		dark := b.stretches(places, y)
		var along stretch
		for i := 0; i < len(dark); i += 2 {
			if r, ok := along.take(dark[i], least); ok {
				found = append(found, run{int32(y), r.x0, r.x1})
			}
			along.to = dark[i+1]
		}
		if r, ok := along.take(int32(b.w)+breach+1, least); ok {
			found = append(found, run{int32(y), r.x0, r.x1})
		}
	}
	return found
}

// upright returns the stretches of at least so many pixels in these columns.
func (b bits) upright(columns []uint64, least int32) (found []run) {
	for x := range b.w {
		if columns[x/64]>>(x%64)&1 == 0 {
			continue
		}
		var down stretch
		for y := range b.h {
			if !b.has(x, y) {
				continue
			}
			if r, ok := down.take(int32(y), least); ok {
				found = append(found, run{int32(x), r.x0, r.x1})
			}
		}
		if r, ok := down.take(int32(b.h)+breach+1, least); ok {
			found = append(found, run{int32(x), r.x0, r.x1})
		}
	}
	return found
}

// breach is how many pixels a ruling may miss at once.
const breach = 2

// A stretch is dark pixels one after the other, nearly.
type stretch struct {
	from, to int32 // to is past the last; 0 if there is none
}

// take adds the dark pixel at a place. If that ends the stretch before, and it
// is long enough, it is returned.
func (s *stretch) take(at, least int32) (run, bool) {
	if s.to > 0 && at-s.to <= breach {
		s.to = at + 1
		return run{}, false
	}
	old := *s
	*s = stretch{at, at + 1}
	return run{0, old.from, old.to}, old.to-old.from >= least
}

// join makes rulings of runs that lie on each other or go on where another
// ends. What is thick is a bar or a picture.
func join(runs []run, dpi float64, level bool) []ruling {
	gap, drift := int32(dpi/8), int32(max(3, dpi/60))
	var open, done []ruling
	for _, r := range runs {
		box := image.Rect(int(r.x0), int(r.y), int(r.x1), int(r.y)+1)
		into := -1
		for i := 0; i < len(open); i++ {
			o := &open[i]
			last := o.pieces[len(o.pieces)-1]
			if r.y-last.y > drift {
				done = append(done, *o)
				open = slices.Delete(open, i, i+1)
				i--
				continue
			}
			if r.x0 > int32(o.box.Max.X)+gap || r.x1 < int32(o.box.Min.X)-gap {
				continue
			}
			if into < 0 {
				into = i
				o.box, o.pieces = o.box.Union(box), append(o.pieces, r)
				continue
			}
			first := &open[into]
			first.box, first.pieces = first.box.Union(o.box), append(o.pieces, first.pieces...)
			open = slices.Delete(open, i, i+1)
			i--
		}
		if into < 0 {
			open = append(open, ruling{box: box, level: level, pieces: []run{r}})
		}
	}
	thick := dpi / 14
	var thin []ruling
	for _, r := range append(done, open...) {
		area := 0
		for _, p := range r.pieces {
			area += int(p.x1 - p.x0)
		}
		if float64(area)/float64(r.box.Dx()) > thick || float64(r.box.Dy()) > 3*thick {
			continue
		}
		if !level {
			r.box = image.Rect(r.box.Min.Y, r.box.Min.X, r.box.Max.Y, r.box.Max.X)
		}
		thin = append(thin, r)
	}
	return thin
}

// serifs reports whether a short level ruling is the row of serifs and bars of
// capitals side by side, as TH: these have stems on one side of the row and
// little on the other. A line has neither, and the strokes of a seal have both.
func serifs(g *image.Gray, r ruling, dpi float64) bool {
	if float64(r.length()) >= 0.6*dpi {
		return false
	}
	most := int(dpi/25) + 1
	dark := func(x, y int) bool {
		return y >= 0 && y < g.Rect.Dy() && g.Pix[y*g.Stride+x] < pale
	}
	above, below := 0, 0
	for x := r.box.Min.X; x < r.box.Max.X; x++ {
		if dark(x, r.box.Min.Y-most) || dark(x, r.box.Min.Y-most/2) {
			above++
		}
		if dark(x, r.box.Max.Y+most) || dark(x, r.box.Max.Y+most/2) {
			below++
		}
	}
	return 10*max(above, below) > r.box.Dx() && 7*min(above, below) < r.box.Dx() && r.box.Dy() <= most
}

// eraseRuling paints a ruling white where nothing crosses it.
func eraseRuling(g *image.Gray, r ruling, dpi float64) {
	most := int(dpi/25) + 1
	w, h := g.Rect.Dx(), g.Rect.Dy()
	step, across := 1, g.Stride // along the ruling, and across
	limit := h
	if !r.level {
		step, across, limit = g.Stride, 1, w
	}
	for _, p := range r.pieces {
		for i := int(p.x0); i < int(p.x1); i++ {
			at := int(p.y)
			base := i*step + at*across
			if g.Pix[base] >= pale {
				continue
			}
			up, down := 0, 0
			for up <= most && at-up-1 >= 0 && g.Pix[base-(up+1)*across] < pale {
				up++
			}
			for down <= most && at+down+1 < limit && g.Pix[base+(down+1)*across] < pale {
				down++
			}
			if up+down+1 > most {
				continue
			}
			for d := max(-up-1, -at); d <= min(down+1, limit-1-at); d++ {
				g.Pix[base+d*across] = 255
			}
		}
	}
}
