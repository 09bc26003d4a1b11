package layout

import (
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
	full, pale := darkerThan(g, dark, faint)
	if pale > full*5/4 {
		return faint
	}
	return dark
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
	places := make([]int32, w+1)
	above, begin := 0, 0 // the runs of the row above are runs[above:begin]
	for y := range h {
		k := above
		for p := stretchesOf(places, g.Pix[y*g.Stride:y*g.Stride+w], dark); len(p) > 1; p = p[2:] {
			x0, x := int(p[0]), int(p[1])
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
