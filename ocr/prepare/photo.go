package prepare

import (
	"bytes"
	"image"
	"math"
)

// A quad is the corners of a sheet in a picture, clockwise from the top left.
type quad [4][2]float64

// slant is by how many degrees q's angles miss the right angle at most.
func (q quad) slant() float64 {
	worst := 0.0
	for i := range q {
		a, b, c := q[(i+3)%4], q[i], q[(i+1)%4]
		turn := math.Atan2(c[1]-b[1], c[0]-b[0]) - math.Atan2(a[1]-b[1], a[0]-b[0])
		turn = math.Abs(math.Mod(turn*180/math.Pi+540, 360) - 180)
		worst = math.Max(worst, math.Abs(turn-90))
	}
	return worst
}

// sides are the lengths across and down, each the mean of two.
func (q quad) sides() (across, down float64) {
	long := func(a, b [2]float64) float64 { return math.Hypot(a[0]-b[0], a[1]-b[1]) }
	return (long(q[0], q[1]) + long(q[3], q[2])) / 2, (long(q[0], q[3]) + long(q[1], q[2])) / 2
}

// onto is the map from the rectangle of w by h to q (Heckbert, Fundamentals of
// Texture Mapping, 1989, 2.2.3).
func (q quad) onto(w, h float64) Map {
	dx1, dy1 := q[1][0]-q[2][0], q[1][1]-q[2][1]
	dx2, dy2 := q[3][0]-q[2][0], q[3][1]-q[2][1]
	sx, sy := q[0][0]-q[1][0]+q[2][0]-q[3][0], q[0][1]-q[1][1]+q[2][1]-q[3][1]
	det := dx1*dy2 - dx2*dy1
	a, b := (sx*dy2-dx2*sy)/det, (dx1*sy-sx*dy1)/det
	unit := Map{q[1][0] - q[0][0] + a*q[1][0], q[3][0] - q[0][0] + b*q[3][0], q[0][0],
		q[1][1] - q[0][1] + a*q[1][1], q[3][1] - q[0][1] + b*q[3][1], q[0][1], a, b, 1}
	return unit.After(scaling(1/w, 1/h))
}

// A side is a straight line y = at + slope·x, seen with its side of the picture
// on top.
type side struct{ at, slope float64 }

// sheet finds a sheet of paper lying on something darker, as photographs show
// it: at least three of its sides must be seen.
func (l *glance) sheet() (quad, bool) {
	k := max(1, max(l.image.Rect.Dx(), l.image.Rect.Dy())/320)
	small := Reduce(l.image, k)
	w, h := float64(small.Rect.Dx()), float64(small.Rect.Dy())
	if w < 40 || h < 40 {
		return quad{}, false
	}
	var lines [4][3]float64 // a x + b y = c; top, right, foot, left
	seen := 0
	for i, turns := range [4]int{0, 3, 2, 1} {
		turned := Turn(small, turns)
		s, ok := edgeOnTop(turned)
		if ok {
			seen++
		}
		back := turning(turns, w, h).Inverse()
		x0, y0 := back.At(0, s.at)
		x1, y1 := back.At(100, s.at+100*s.slope)
		lines[i] = [3]float64{y1 - y0, x0 - x1, (y1-y0)*x0 + (x0-x1)*y0}
	}
	if seen < 3 {
		return quad{}, false
	}
	var q quad
	for i := range q {
		a, b := lines[(i+3)%4], lines[i]
		det := a[0]*b[1] - a[1]*b[0]
		if math.Abs(det) < 1e-6 {
			return quad{}, false
		}
		x, y := (a[2]*b[1]-a[1]*b[2])/det, (a[0]*b[2]-a[2]*b[0])/det
		if x < -0.1*w || y < -0.1*h || x > 1.1*w || y > 1.1*h {
			return quad{}, false
		}
		q[i] = [2]float64{x * float64(k), y * float64(k)}
	}
	across, down := q.sides()
	whole := float64(l.image.Rect.Dx()) * float64(l.image.Rect.Dy())
	return q, across*down > 0.25*whole && q.slant() < 30
}

// edgeOnTop finds the straight line from dark above to light below that most
// columns of g come upon first. Without one the line is g's own upper edge.
func edgeOnTop(g *image.Gray) (side, bool) {
	w, h := g.Rect.Dx(), g.Rect.Dy()
	paper := int(quartile(g, g.Rect))
	lights := firstLights(g, h/2, paper)
	var xs, ys []float64
	for x := 2; x < w-2; x++ {
		if y := lights[x]; y > 0 {
			xs, ys = append(xs, float64(x)+0.5), append(ys, y)
		}
	}
	if len(xs) < w*2/5 {
		return side{}, false
	}
	best, most := side{}, 0
	step := max(1, len(xs)/48)
	for i := 0; i < len(xs); i += step {
		for j := i + len(xs)/4; j < len(xs); j += step {
			s := side{slope: (ys[j] - ys[i]) / (xs[j] - xs[i])}
			s.at = ys[i] - s.slope*xs[i]
			if math.Abs(s.slope) >= 0.5 {
				continue
			}
			if n := s.nearby(xs, ys); n > most {
				best, most = s, n
			}
		}
	}
	if most < w*2/5 {
		return side{}, false
	}
	for range 2 {
		best = fitted(xs, ys, best.near(xs, ys))
	}
	return best, true
}

// near returns which points lie within a pixel and a half of s.
func (s side) near(xs, ys []float64) []int {
	var in []int
	for i, x := range xs {
		if math.Abs(s.at+s.slope*x-ys[i]) < 1.5 {
			in = append(in, i)
		}
	}
	return in
}

// nearby is how many points near returns.
func (s side) nearby(xs, ys []float64) (n int) {
	return nearbyOf(xs, ys, s.at, s.slope, 1.5)
}

// fitted is the line of least squares through some of the points.
func fitted(xs, ys []float64, of []int) side {
	var n, sx, sy, sxx, sxy float64
	for _, i := range of {
		n, sx, sy, sxx, sxy = n+1, sx+xs[i], sy+ys[i], sxx+xs[i]*xs[i], sxy+xs[i]*ys[i]
	}
	det := n*sxx - sx*sx
	if det == 0 {
		return side{}
	}
	slope := (n*sxy - sx*sy) / det
	return side{(sy - slope*sx) / n, slope}
}

// How many rows above and below are looked at where light may begin, and how long it stays.
const (
	lightReach = 3
	lightStays = 9
)

// firstLights returns where each column first goes from dark to light and stays light for a
// while, 0 if nowhere above limit or the column is the picture's first or last.
func firstLights(g *image.Gray, limit, paper int) []float64 {
	w := g.Rect.Dx()
	lights := make([]float64, w)
	if w < 3 {
		return lights
	}
	flags := make([]byte, w-2)
	for y := lightReach; y < limit-lightStays; y++ {
		// A quarter lighter, and no less than half as light as the page is.
		brighterBelow(flags, g, y, paper)
		for i := bytes.IndexByte(flags, 1); i >= 0 && i < len(flags); i++ {
			if flags[i] == 1 && lights[i+1] == 0 {
				lights[i+1] = lightAt(g, i+1, y)
			}
		}
	}
	return lights
}

// lightAt returns where light begins in column x near y, where it may, 0 if it does not stay.
func lightAt(g *image.Gray, x, y int) float64 {
	at := func(y int) int {
		p := g.Pix[y*g.Stride+x-1:]
		return int(p[0]) + int(p[1]) + int(p[2])
	}
	below := 0
	for i := range lightReach {
		below += at(y + i)
	}
	lasting := 0
	for i := range lightStays {
		lasting += at(y + i)
	}
	if lasting*lightReach*10 < below*lightStays*8 {
		return 0
	}
	// The steepest step nearby, between pixels by its neighbours.
	best, most := y, 0
	for i := y - 1; i <= y+2; i++ {
		if d := at(i) - at(i-1); d > most {
			best, most = i, d
		}
	}
	before, after := max(at(best-1)-at(max(best-2, 0)), 0), max(at(best+1)-at(best), 0)
	return float64(best) + float64(after-before)/float64(max(1, most+before+after))
}

// unfold lays the sheet q of a photograph flat and returns a glance at it.
func (s *Sheet) unfold(q quad, l *glance) *glance {
	s.Photo, s.From = true, FromSheet
	across, down := q.sides()
	ratio := math.Max(across, down) / math.Min(across, down)
	long, short := longA4, longA4/ratio
	if math.Abs(ratio/math.Sqrt2-1) < 0.12 {
		short = shortA4
	}
	wide, tall := short, long
	if across > down {
		wide, tall = long, short
	}
	w, h := math.Round(wide*glanceDPI), math.Round(tall*glanceDPI)
	flat := &glance{dpi: glanceDPI}
	m := q.onto(w, h)
	flat.image = Warp(l.image, m, int(w), int(h))
	flat.paper = int(quartile(flat.image, flat.image.Rect))
	stored := s.paper.After(m)
	scale := math.Sqrt(across / wide * down / tall) // pixels of the glance an inch
	s.X, s.Y = s.X/l.dpi*scale, s.Y/l.dpi*scale
	s.X = math.Sqrt(s.X * s.Y)
	s.Y = s.X
	s.paper = stored
	return flat
}
