package layout

import (
	"encoding/binary"
	"image"
	"slices"
)

// dark is how dark ink is on an evenly lit page, and faint how dark that of a
// worn ribbon or of an empty cartridge.
const (
	dark  = 150
	faint = 205
)

// darkness returns below which grey there is ink on g. Around full ink there is
// less pale grey than ink; where there is more, the ink itself is pale, and its
// letters would fall apart.
func darkness(g *image.Gray) uint8 {
	full, pale := 0, 0
	for y := range g.Rect.Dy() {
		row := g.Pix[y*g.Stride:][:g.Rect.Dx()]
		for x := pass(row, 0, faint); x < len(row); x = pass(row, x, faint) {
			for end := min(x+8, len(row)); x < end; x++ {
				if v := row[x]; v < dark {
					full++
				} else if v < faint {
					pale++
				}
			}
		}
	}
	if pale > full*5/4 {
		return faint
	}
	return dark
}

// pass returns the first place of row, from x on, of which it cannot be said at
// once that it and the seven after it are no darker than limit, which must be at
// least 128: most of a page is paper, and eight pixels of paper are passed at a
// time.
func pass(row []byte, x int, limit uint8) int {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	more := ones * uint64(limit-128) // a byte of ink above 255-limit, and no other, comes to 128
	for ; x+8 <= len(row); x += 8 {
		if ink := ^binary.LittleEndian.Uint64(row[x:]); (ink+more|ink)&high != 0 {
			break
		}
	}
	return x
}

// A run is dark pixels side by side in row y: from x0 to before x1.
type run struct{ y, x0, x1 int32 }

// A stain is dark pixels that touch: a letter, a mark over it, a stroke of the
// pen, a ruling with what it crosses.
type stain struct {
	box  image.Rectangle
	area int
	runs []run
}

// stains returns what is dark on g, in the order of the topmost runs. Pixels
// that touch at a corner belong together.
func stains(g *image.Gray) []stain {
	runs, parent := findRuns(g)
	root := func(i int32) int32 {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	count := make([]int32, len(runs))
	for i := range runs {
		count[root(int32(i))]++
	}
	number := make([]int32, len(runs))
	var all []stain
	kept := make([]run, len(runs))
	at := int32(0)
	for i, r := range runs {
		top := root(int32(i))
		if number[top] == 0 {
			all = append(all, stain{runs: kept[at : at : at+count[top]]})
			at += count[top]
			number[top] = int32(len(all))
		}
		s := &all[number[top]-1]
		s.runs = append(s.runs, r)
		s.area += int(r.x1 - r.x0)
		s.box = s.box.Union(image.Rect(int(r.x0), int(r.y), int(r.x1), int(r.y)+1))
	}
	return all
}

// findRuns returns the dark runs of g row by row, and of each the number of
// one that it touches, its own if none comes before it.
func findRuns(g *image.Gray) (runs []run, parent []int32) {
	root := func(i int32) int32 {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	w, h := g.Rect.Dx(), g.Rect.Dy()
	dark := darkness(g)
	above, begin := 0, 0 // the runs of the row above are runs[above:begin]
	for y := range h {
		row := g.Pix[y*g.Stride : y*g.Stride+w]
		k := above
		for x := 0; x < w; x++ {
			if row[x] >= dark {
				x = pass(row, x+1, dark) - 1
				continue
			}
			x0 := x
			for x < w && row[x] < dark {
				x++
			}
			i := int32(len(runs))
			runs, parent = append(runs, run{int32(y), int32(x0), int32(x)}), append(parent, i)
			for k < begin && int(runs[k].x1) < x0 {
				k++
			}
			for j := k; j < begin && int(runs[j].x0) <= x; j++ {
				if a, b := root(int32(j)), root(i); a < b {
					parent[b] = a
				} else {
					parent[a] = b
				}
			}
		}
		above, begin = begin, len(runs)
	}
	return runs, parent
}

// letterHeight returns the height of a small letter without what goes above and
// below: the median of what could be letters. It is 0 if there are none.
func letterHeight(all []stain, dpi float64) int {
	var heights []int
	for _, s := range all {
		if h, w := s.box.Dy(), s.box.Dx(); float64(h) > dpi/30 && float64(h) < dpi/3 && float64(w) < dpi/2 && 12*s.area > h*w {
			heights = append(heights, h)
		}
	}
	if len(heights) == 0 {
		return 0
	}
	slices.Sort(heights)
	return heights[len(heights)/2]
}

// erase paints the runs white, and the grey about them.
func erase(g *image.Gray, runs []run) {
	for _, r := range runs {
		for y := max(int(r.y)-1, 0); y <= min(int(r.y)+1, g.Rect.Dy()-1); y++ {
			row := g.Pix[y*g.Stride:]
			for x := max(int(r.x0)-1, 0); x <= min(int(r.x1), g.Rect.Dx()-1); x++ {
				row[x] = 255
			}
		}
	}
}
