package prepare

import (
	"image"
	"math"
)

// MaxSkew is the largest angle in degrees that [Skew] looks for.
const MaxSkew = 7.0

// maskDPI is the resolution at which skew is measured: letters are specks and
// lines are strokes, which is what makes it fast.
const maskDPI = 75

// Skew returns the angle in degrees by which g, of square pixels at dpi, is to
// be turned clockwise to make its lines of text level: within 0.1°, between
// -MaxSkew and MaxSkew, and 0 if there is nothing to go by. Sideways says that
// the lines run up and down, so that the page wants a quarter turn first; the
// angle is then that of the page after any quarter turn.
//
// It shears a mask of the ink by many angles and takes the one at which the
// rows differ most (projection profile).
func Skew(g *image.Gray, dpi float64) (degrees float64, sideways bool) {
	rows, cols := inkPoints(g, dpi)
	if len(rows.xs) < 150 {
		return 0, false
	}
	degrees, level := best(rows)
	down, upright := best(cols)
	if upright > 1.3*level {
		return down, true
	}
	return degrees, false
}

// best finds the angle of p's lines and how well they stand out.
func best(p points) (degrees, score float64) {
	bins := make([]int32, fine*(p.size+2*p.slack()+2))
	search := func(from, to, step float64) {
		for a := from; a <= to+step/2; a += step {
			if s := p.contrast(a, bins); s > score {
				degrees, score = a, s
			}
		}
	}
	search(-MaxSkew, MaxSkew, 0.25)
	if math.Abs(degrees) >= MaxSkew { // the peak is beyond what we may judge
		return 0, score
	}
	search(degrees-0.2, degrees+0.2, 0.05)
	score = 0
	middle := degrees
	search(middle-0.04, middle+0.04, 0.01)
	if math.Abs(degrees) < 0.05 {
		return 0, score
	}
	return math.Round(degrees*100) / 100, score
}

// points are the ink of a mask: x along the lines, y across, from the centre.
type points struct {
	xs, ys []int32
	ink    []int32 // darkness against the surroundings
	size   int     // extent of y
	reach  int     // extent of x
}

func (p points) slack() int { return int(float64(p.reach)*math.Tan(MaxSkew*math.Pi/180)/2) + 2 }

// fine is how many bins of the projection make a pixel.
const fine = 4

// contrast shears p to undo a clockwise turn by -degrees and returns the sum of
// the squared differences between rows a pixel apart.
func (p points) contrast(degrees float64, bins []int32) float64 {
	clear(bins)
	slope := int64(math.Round(math.Tan(degrees*math.Pi/180) * 65536))
	zero := int64(p.size/2+p.slack()) << 16
	for i, x := range p.xs {
		// A point lies anywhere in its pixel: without the scatter, rows would
		// look sharpest unsheared, at 0°.
		scatter := int64(uint32(i) * 40503 & 0xFFFF)
		at := (zero + int64(p.ys[i])<<16 + int64(x)*slope + scatter) >> 14
		if uint64(at) < uint64(len(bins)) {
			bins[at] += p.ink[i]
		}
	}
	sum := 0.0
	for i := fine; i < len(bins); i++ {
		d := float64(bins[i] - bins[i-fine])
		sum += d * d
	}
	return sum
}

// inkPoints returns the ink of g at maskDPI, without the outer 3 % where the
// scanner's own edges are: as rows, and turned a quarter clockwise.
func inkPoints(g *image.Gray, dpi float64) (rows, cols points) {
	w, h := g.Rect.Dx(), g.Rect.Dy()
	scale := math.Min(1, maskDPI/math.Max(dpi, 1))
	scale = math.Min(scale, 2000/float64(max(w, h, 1)))
	m := Resize(g, max(1, int(float64(w)*scale)), max(1, int(float64(h)*scale)))
	w, h = m.Rect.Dx(), m.Rect.Dy()
	rows, cols = points{size: h, reach: w}, points{size: w, reach: h}
	means := newMeans(m)
	const radius = 7
	for y := h * 3 / 100; y < h-h*3/100; y++ {
		for x := w * 3 / 100; x < w-w*3/100; x++ {
			if ink := means.at(x, y, radius) - int(m.Pix[y*m.Stride+x]); ink > 12 {
				rows.ink = append(rows.ink, int32(ink))
				rows.xs, rows.ys = append(rows.xs, int32(x-w/2)), append(rows.ys, int32(y-h/2))
				cols.xs, cols.ys = append(cols.xs, int32(h/2-y)), append(cols.ys, int32(x-w/2))
			}
		}
	}
	cols.ink = rows.ink
	return rows, cols
}

// means gives the mean grey of any square of an image (summed-area table).
type means struct {
	w, h int
	sums []uint32 // (w+1) by (h+1)
}

func newMeans(m *image.Gray) means {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	t := means{w: w, h: h, sums: make([]uint32, (w+1)*(h+1))}
	for y := range h {
		row := uint32(0)
		for x := range w {
			row += uint32(m.Pix[y*m.Stride+x])
			t.sums[(y+1)*(w+1)+x+1] = t.sums[y*(w+1)+x+1] + row
		}
	}
	return t
}

func (t means) at(x, y, radius int) int {
	x0, x1 := max(0, x-radius), min(t.w, x+radius+1)
	y0, y1 := max(0, y-radius), min(t.h, y+radius+1)
	s := t.sums[y1*(t.w+1)+x1] - t.sums[y0*(t.w+1)+x1] - t.sums[y1*(t.w+1)+x0] + t.sums[y0*(t.w+1)+x0]
	return int(s) / ((x1 - x0) * (y1 - y0))
}
