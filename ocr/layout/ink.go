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

// inked returns which pixels of g are ink. Around full ink there is less pale
// grey than ink; where there is more, the ink itself is pale, and its letters
// would fall apart.
func inked(s *shelf, g *image.Gray) bits {
	full, all, n, pale := inkOf(s, g, dark, faint)
	if pale > n*5/4 {
		return all
	}
	return full
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
