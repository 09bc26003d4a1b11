package prepare

import (
	"image"
	"slices"
)

// Normalise evens out the light of g, of square pixels at dpi: the paper comes
// out white wherever it was yellow, shaded or shining through, and ink keeps
// its darkness relative to the paper around it. The paper's grey is the 75th
// percentile of tiles a quarter of an inch wide, interpolated between them.
func Normalise(g *image.Gray, dpi float64) *image.Gray {
	out := image.NewGray(image.Rect(0, 0, g.Rect.Dx(), g.Rect.Dy()))
	for y := range g.Rect.Dy() {
		copy(out.Pix[y*out.Stride:][:out.Stride], g.Pix[y*g.Stride:])
	}
	even(out, dpi)
	return out
}

// even is Normalise in place.
func even(g *image.Gray, dpi float64) {
	w, h := g.Rect.Dx(), g.Rect.Dy()
	if w == 0 || h == 0 {
		return
	}
	side := max(16, int(dpi/4))
	paper := papers(g, side)
	var white [256]uint32 // 65536·255 / paper
	for i := range white {
		white[i] = uint32(65536*255/max(i, 1)) + 1
	}
	evenOut(g, paper, side, &white)
}

// tiles are the paper's grey, one value a tile.
type tiles struct {
	w, h int
	grey []uint8
}

// papers measures the tiles. Shadows deepen from tile to tile; what is much
// darker at once than the paper beside it is a picture or a bar, and takes the
// page's own grey, so that it stays dark.
func papers(g *image.Gray, side int) tiles {
	w, h := g.Rect.Dx(), g.Rect.Dy()
	t := tiles{w: (w + side - 1) / side, h: (h + side - 1) / side}
	t.grey = make([]uint8, t.w*t.h)
	some := make([]byte, (side+1)/2*((side+1)/2))
	for i := range t.grey {
		x, y := i%t.w*side, i/t.w*side
		tile := image.Rect(x, y, min(x+side, w), min(y+side, h))
		if len(some) <= mostOfQuartile {
			t.grey[i] = quartileOf(some, g, tile)
		} else {
			t.grey[i] = quartile(g, tile)
		}
	}
	sorted := slices.Sorted(slices.Values(t.grey))
	page := int(max(sorted[len(sorted)/2], 64))
	isPaper := make([]bool, len(t.grey))
	var queue []int
	push := func(i, beside int) {
		if v := int(t.grey[i]); !isPaper[i] && 8*v >= 5*beside && v >= 24 {
			isPaper[i] = true
			queue = append(queue, i)
		}
	}
	for i := range t.grey {
		push(i, page)
	}
	for k := 0; k < len(queue); k++ {
		x, y, v := queue[k]%t.w, queue[k]/t.w, int(t.grey[queue[k]])
		for _, d := range [...][2]int{{-1, 0}, {1, 0}, {0, -1}, {0, 1}} {
			if nx, ny := x+d[0], y+d[1]; nx >= 0 && ny >= 0 && nx < t.w && ny < t.h {
				push(ny*t.w+nx, v)
			}
		}
	}
	for i, is := range isPaper {
		if !is {
			t.grey[i] = uint8(page)
		}
	}
	return t
}

// quartile returns the grey that three quarters of r do not exceed, looking at
// one pixel in four.
func quartile(g *image.Gray, r image.Rectangle) uint8 {
	var counts [256]uint32
	countGreys(&counts, g, r, 2)
	n := (r.Dx() + 1) / 2 * ((r.Dy() + 1) / 2)
	for v, seen := 255, 0; v > 0; v-- {
		if seen += int(counts[v]); seen*4 > n {
			return uint8(v)
		}
	}
	return 0
}
