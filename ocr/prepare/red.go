package prepare

import (
	"image"
	"math"
)

// Ink returns m, of about dpi, in grey as it is best read, and how many square
// millimetres of red ink it shows. Grey is the red channel, in which red seals,
// ticks and stamps fade from the text under them. Red that stands alone is
// print (a heading, a stamped number or date) and is kept dark.
//
// What is red is judged in cells of a millimetre. Rings of 22 to 48 mm are
// seals with all that is in them; of the other clusters those are print that
// have little black among them, do not run over the page's side as seals across
// two sheets do, and do not cover much of the page.
func Ink(m image.Image, dpi float64) (*image.Gray, float64) {
	g := Grey(m)
	c := colourOf(m)
	if c.red == nil {
		return g, 0
	}
	r := newReds(g.Rect, dpi)
	if m, ok := m.(*image.YCbCr); ok && m.Rect.Min == (image.Point{}) {
		r.countCr(m, 0)
	} else {
		r.countAny(g.Rect, c)
	}
	area, kept := r.settle(g)
	if kept {
		r.keep(g, c)
	}
	giveBack(r.cells)
	return g, area
}

// settle judges the red that was counted on g. It returns how many square millimetres there are,
// and whether some of it is print.
func (r *reds) settle(g *image.Gray) (area float64, kept bool) {
	r.weigh(g)
	if r.area < 1 {
		return 0, false
	}
	if r.count <= len(r.cells)/4 { // else the paper itself is red
		r.fadeSeals()
		kept = r.judge()
	}
	return r.area, kept
}

// A colour looks at single pixels from the top left corner: how red they are,
// -128 to 127, and how light. Its functions are nil for grey images. Neighbours
// of across by down pixels are as red as one another, or so nearly that one of
// them will do.
type colour struct {
	red, luma    func(x, y int) int
	across, down int
}

func colourOf(m image.Image) colour {
	b := m.Bounds()
	switch m := m.(type) {
	case *image.YCbCr:
		c := colour{
			func(x, y int) int { return int(m.Cr[m.COffset(b.Min.X+x, b.Min.Y+y)]) - 128 },
			func(x, y int) int { return int(m.Y[m.YOffset(b.Min.X+x, b.Min.Y+y)]) }, 2, 2}
		switch m.SubsampleRatio {
		case image.YCbCrSubsampleRatio410:
			c.across = 4
		case image.YCbCrSubsampleRatio411:
			c.across, c.down = 4, 1
		}
		return c
	case *image.RGBA:
		luma := func(x, y int) int {
			p := m.Pix[y*m.Stride+4*x:]
			return (77*int(p[0]) + 150*int(p[1]) + 29*int(p[2])) >> 8
		}
		return colour{func(x, y int) int { return (int(m.Pix[y*m.Stride+4*x]) - luma(x, y)) * 91 >> 7 }, luma, 2, 2}
	}
	return colour{}
}

const (
	redInk   = 28  // what is redder is red ink
	redBlack = 110 // what is darker in the red channel is not red but black
)

// A cell is what is in about a square millimetre.
type cell struct {
	red, black int32 // of 100
	seal, kept bool
}

// reds is a page in cells.
type reds struct {
	w, h  int
	side  int // pixels of a cell
	dpi   float64
	cells []cell
	area  float64 // mm² of red ink
	count int     // cells with red ink
}

// newReds has cells for an image of r at dpi.
func newReds(of image.Rectangle, dpi float64) *reds {
	side := max(4, int(math.Round(dpi/25.4)))
	r := &reds{w: (of.Dx() + side - 1) / side, h: (of.Dy() + side - 1) / side, side: side, dpi: dpi}
	r.cells = listOf[cell](r.w * r.h)
	clear(r.cells)
	return r
}

// countAny counts the red of each cell of an image of r.
func (r *reds) countAny(of image.Rectangle, c colour) {
	for y := 0; y < of.Dy(); y += c.down {
		cells := r.cells[y/r.side*r.w:][:r.w]
		for x := 0; x < of.Dx(); x += c.across {
			if c.red(x, y) > redInk {
				cells[x/r.side].red += int32(c.across * c.down)
			}
		}
	}
}

// weigh turns what was counted into shares, and counts the black where there is red.
func (r *reds) weigh(g *image.Gray) {
	width, height, side := g.Rect.Dx(), g.Rect.Dy(), r.side
	all := side * side
	for i := range r.cells {
		cell := &r.cells[i]
		if cell.red == 0 {
			continue
		}
		r.area += float64(cell.red) / float64(all)
		cell.red = cell.red * 100 / int32(all)
		for y := i / r.w * side; y < min(height, (i/r.w+1)*side); y++ {
			for _, v := range g.Pix[y*g.Stride+i%r.w*side : y*g.Stride+min(width, (i%r.w+1)*side)] {
				if v < redBlack {
					cell.black++
				}
			}
		}
		cell.black = cell.black * 100 / int32(all)
		if cell.isRed() {
			r.count++
		}
	}
	r.area *= float64(side) * 25.4 / r.dpi * float64(side) * 25.4 / r.dpi
}

// countCr counts the red of each cell straight from the colour plane of an image, or of its
// rows from top on; top begins a row of the plane.
func (r *reds) countCr(m *image.YCbCr, top int) {
	across, down := 1, 1
	switch m.SubsampleRatio {
	case image.YCbCrSubsampleRatio422:
		across = 2
	case image.YCbCrSubsampleRatio420:
		across, down = 2, 2
	case image.YCbCrSubsampleRatio440:
		down = 2
	case image.YCbCrSubsampleRatio411:
		across = 4
	case image.YCbCrSubsampleRatio410:
		across, down = 4, 2
	}
	wide, first := (m.Rect.Dx()+across-1)/across, top/down
	last := first + (m.Rect.Dy()+down-1)/down
	counts := make([]int32, r.w)
	for y := first; y < last; {
		cell := y * down / r.side
		end := min(((cell+1)*r.side+down-1)/down, last) // the first row of the next cells
		countReds(counts, m.Cr[(y-first)*m.CStride:], m.CStride, wide, end-y, r.side, across, 128+redInk, across*down)
		for x, n := range counts {
			r.cells[cell*r.w+x].red += n
		}
		clear(counts)
		y = end
	}
}

func (c *cell) isRed() bool { return c.red >= 12 }

func (r *reds) redAt(x, y int) bool {
	return x >= 0 && y >= 0 && x < r.w && y < r.h && r.cells[y*r.w+x].isRed()
}

// The radii of seals in cells, with some leeway: seals of the state measure 36
// mm and those of companies too, old ones 30 to 42.
const (
	leastSeal = 11
	mostSeal  = 24
)

// fadeSeals finds the rings, the clearest first, and returns how many.
func (r *reds) fadeSeals() int {
	for n := range 8 {
		x, y, radius := r.ring()
		if radius == 0 {
			return n
		}
		reach := radius + 2
		for cy := max(0, y-reach); cy <= min(r.h-1, y+reach); cy++ {
			for cx := max(0, x-reach); cx <= min(r.w-1, x+reach); cx++ {
				if (cx-x)*(cx-x)+(cy-y)*(cy-y) <= reach*reach {
					r.cells[cy*r.w+cx].seal = true
				}
			}
		}
	}
	return 8
}

// ring votes for centres (circular Hough transform) and returns the ring most
// of whose arc is there while little is just outside it; radius 0 is none.
// Centres may lie off the page: seals across two sheets are half on each.
func (r *reds) ring() (x, y, radius int) {
	var at [][2]int
	const off = 12
	for i := range r.cells {
		if r.cells[i].isRed() && !r.cells[i].seal {
			at = append(at, [2]int{i%r.w + off, i/r.w + off})
		}
	}
	if len(at) < 3*leastSeal {
		return 0, 0, 0
	}
	w, h := r.w+2*off, r.h+2*off
	votes := make([]uint16, w*h)
	clearest := 0.0
	for size := leastSeal; size <= mostSeal; size += 2 {
		clear(votes)
		best := vote(votes, w, h, at, arcOf(size))
		// The vote is for a cell or two around.
		for dy := -1; dy <= 1; dy++ {
			for dx := -1; dx <= 1; dx++ {
				for s := size - 1; s <= size+1; s++ {
					vx, vy := best%w-off+dx, best/w-off+dy
					if c := r.cover(vx, vy, s); c > clearest && c-r.cover(vx, vy, s+4) > max(clearest, 0.45) {
						clearest, x, y, radius = c-r.cover(vx, vy, s+4), vx, vy, s
					}
				}
			}
		}
	}
	return x, y, radius
}

// vote adds the arc around each point to votes, of w by h, and returns where
// most are.
func vote(votes []uint16, w, h int, points, arc [][2]int) (best int) {
	for _, p := range points {
		for _, d := range arc {
			x, y := p[0]+d[0], p[1]+d[1]
			if uint(x) < uint(w) && uint(y) < uint(h) {
				votes[y*w+x]++
			}
		}
	}
	for i, v := range votes {
		if v > votes[best] {
			best = i
		}
	}
	return best
}

func arcOf(radius int) [][2]int {
	n := int(2 * math.Pi * float64(radius))
	arc := make([][2]int, n)
	for i := range arc {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / float64(n))
		arc[i] = [2]int{int(math.Round(cos * float64(radius))), int(math.Round(sin * float64(radius)))}
	}
	return arc
}

// cover is the share of a circle, as far as it is on the page, that is red give
// or take a cell. A circle that is mostly off the page has none.
func (r *reds) cover(x, y, radius int) float64 {
	seen, red := 0, 0
	const n = 72
	for i := range n {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / n)
		hit, on := false, false
		for d := -1; d <= 1; d++ {
			cx, cy := x+int(math.Round(cos*float64(radius+d))), y+int(math.Round(sin*float64(radius+d)))
			on = on || cx >= 0 && cy >= 0 && cx < r.w && cy < r.h
			hit = hit || r.redAt(cx, cy) && !r.cells[cy*r.w+cx].seal
		}
		if on {
			seen++
		}
		if hit {
			red++
		}
	}
	if seen < n/3 {
		return 0
	}
	return float64(red) / float64(seen)
}

// judge keeps the clusters of red that are print, and says whether there are any.
func (r *reds) judge() (kept bool) {
	seen := make([]bool, len(r.cells))
	for i := range r.cells {
		if seen[i] || !r.cells[i].isRed() || r.cells[i].seal {
			continue
		}
		group := r.cluster(i, seen)
		if r.isPrint(group) {
			kept = true
			for _, at := range group {
				r.cells[at].kept = true
			}
		}
	}
	return kept
}

// cluster returns the red cells that hang together with cell i over gaps of a
// cell.
func (r *reds) cluster(i int, seen []bool) []int {
	group := []int{i}
	seen[i] = true
	for k := 0; k < len(group); k++ {
		cx, cy := group[k]%r.w, group[k]/r.w
		for y := max(0, cy-2); y <= min(r.h-1, cy+2); y++ {
			for x := max(0, cx-2); x <= min(r.w-1, cx+2); x++ {
				at := y*r.w + x
				if !seen[at] && r.cells[at].isRed() && !r.cells[at].seal {
					seen[at] = true
					group = append(group, at)
				}
			}
		}
	}
	return group
}

func (r *reds) isPrint(group []int) bool {
	red, black := int32(0), int32(0)
	x0, y0, x1, y1 := r.w, r.h, 0, 0
	for _, at := range group {
		red += r.cells[at].red
		black += r.cells[at].black
		x, y := at%r.w, at/r.w
		x0, y0, x1, y1 = min(x0, x), min(y0, y), max(x1, x), max(y1, y)
	}
	wide, tall := x1-x0+1, y1-y0+1
	round := wide >= 22 && wide <= 50 && tall*4 >= wide*3 && wide*4 >= tall*3
	across := (x0 < 3 || x1 >= r.w-3) && tall > 8
	return red >= 150 && 3*black < red && !round && !across
}

// keep darkens the red of the kept cells and around them in g.
func (r *reds) keep(g *image.Gray, c colour) {
	near := make([]bool, len(r.cells))
	for i := range r.cells {
		if !r.cells[i].kept {
			continue
		}
		for y := max(0, i/r.w-1); y <= min(r.h-1, i/r.w+1); y++ {
			for x := max(0, i%r.w-1); x <= min(r.w-1, i%r.w+1); x++ {
				near[y*r.w+x] = !r.cells[y*r.w+x].seal || near[y*r.w+x]
			}
		}
	}
	for i, n := range near {
		if !n {
			continue
		}
		for y := i / r.w * r.side; y < min(g.Rect.Dy(), (i/r.w+1)*r.side); y++ {
			for x := i % r.w * r.side; x < min(g.Rect.Dx(), (i%r.w+1)*r.side); x++ {
				// As light as it is where it is red, as the red channel has it elsewhere.
				part := min(max(c.red(x, y)-8, 0), 24)
				at := &g.Pix[y*g.Stride+x]
				*at = byte(int(*at) + (min(c.luma(x, y), int(*at))-int(*at))*part/24)
			}
		}
	}
}
