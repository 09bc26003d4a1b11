package prepare

import (
	"image"
	"math"
)

const (
	paleFrom = 90  // what is darker is black print, on a page in even light
	paleTo   = 200 // what is lighter is paper
	fringe   = 3   // pixels around black print that are its own edge
)

// FadeSeals makes the seals of g white, a page in grey of about dpi and in even light
// whose print is black: red ink is pale in grey, and the engine makes words of a seal's
// strokes. It returns how many rings of a seal's size there were. Black strokes stay, and
// so does what is pale and in no ring.
func FadeSeals(g *image.Gray, dpi float64) int {
	r := newPales(g, dpi)
	if r.count < 3*leastSeal || r.count > len(r.cells)/4 {
		return 0
	}
	rings := r.fadeSeals()
	within := 0
	for i := range r.cells {
		if r.cells[i].seal && r.cells[i].isRed() {
			within++
		}
	}
	if rings == 0 || r.count > 2*within { // else the print itself is pale
		return 0
	}
	pale := make([]image.Point, 0, 1<<14)
	for i := range r.cells {
		if !r.cells[i].seal {
			continue
		}
		for y := i / r.w * r.side; y < min(g.Rect.Dy(), (i/r.w+1)*r.side); y++ {
			for x := i % r.w * r.side; x < min(g.Rect.Dx(), (i%r.w+1)*r.side); x++ {
				if v := g.Pix[y*g.Stride+x]; v >= paleFrom && v < 255 && !blackNear(g, x, y) {
					pale = append(pale, image.Pt(x, y))
				}
			}
		}
	}
	for _, p := range pale {
		g.Pix[p.Y*g.Stride+p.X] = 255
	}
	return rings
}

// newPales counts the pale ink of each cell of g.
func newPales(g *image.Gray, dpi float64) *reds {
	side := max(4, int(math.Round(dpi/25.4)))
	w, h := g.Rect.Dx(), g.Rect.Dy()
	r := &reds{w: (w + side - 1) / side, h: (h + side - 1) / side, side: side}
	r.cells = make([]cell, r.w*r.h)
	for y := range h {
		row := g.Pix[y*g.Stride:][:w]
		cells := r.cells[y/side*r.w:][:r.w]
		for x, v := range row {
			if v >= paleFrom && v < paleTo && !blackNear(g, x, y) {
				cells[x/side].red++
			}
		}
	}
	for i := range r.cells {
		r.cells[i].red = r.cells[i].red * 100 / int32(side*side)
		if r.cells[i].isRed() {
			r.count++
		}
	}
	return r
}

// blackNear reports whether there is black print within the fringe of a pixel.
func blackNear(g *image.Gray, x, y int) bool {
	for v := max(y-fringe, 0); v <= min(y+fringe, g.Rect.Dy()-1); v++ {
		for _, p := range g.Pix[v*g.Stride+max(x-fringe, 0) : v*g.Stride+min(x+fringe+1, g.Rect.Dx())] {
			if p < paleFrom {
				return true
			}
		}
	}
	return false
}
