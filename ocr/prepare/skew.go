package prepare

import (
	"image"
	"math"
)

// MaxSkew is the largest angle in degrees that [Skew] looks for.
const MaxSkew = 15.0

// Skew returns the angle in degrees by which g, of square pixels at dpi, is to
// be turned clockwise to make its lines of text level: within 0.1°, between
// -MaxSkew and MaxSkew, and 0 if there is nothing to go by. Sideways says that
// the lines run up and down, so that the page wants a quarter turn first; the
// angle is then that of the page after any quarter turn.
//
// It shears the ink of a small view by many angles and takes the one at which
// the rows differ most (projection profile).
func Skew(g *image.Gray, dpi float64) (degrees float64, sideways bool) {
	l := glanceAt(g, dpi, dpi)
	l.gather()
	return l.skew()
}

// fewPoints is the ink below which nothing is said about its lines.
const fewPoints = 150

func (l *glance) skew() (degrees float64, sideways bool) {
	if len(l.rows.xs) < fewPoints {
		return 0, false
	}
	degrees, level := best(l.rows)
	down, upright := best(l.cols)
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
	search(-MaxSkew, MaxSkew, 0.4)
	if math.Abs(degrees) >= MaxSkew-0.2 { // the peak is beyond what we may judge
		return 0, score
	}
	middle := degrees
	search(middle-0.3, middle+0.3, 0.1)
	middle = degrees
	search(middle-0.06, middle+0.06, 0.02)
	middle, score = degrees, 0
	search(middle-0.02, middle+0.02, 0.01)
	if math.Abs(degrees) < 0.05 {
		return 0, score
	}
	return math.Round(degrees*100) / 100, score
}

// points are the ink of a glance: x along the lines, y across, from the centre.
type points struct {
	xs, ys []int32
	ink    []int32 // darkness against the surroundings
	size   int     // extent of y
	reach  int     // extent of x
}

func (p points) slack() int { return int(float64(p.reach)*math.Tan(MaxSkew*math.Pi/180)/2) + 2 }

// fine is how many bins of the projection make a pixel.
const fine = 4

// sheared returns what undoes a turn by -degrees: what x adds to y, and where y = 0
// comes to lie; both times 65536.
func (p points) sheared(degrees float64) (slope, zero int64) {
	return int64(math.Round(math.Tan(degrees*math.Pi/180) * one)), int64(p.size/2+p.slack()) << 16
}

// contrast shears p to undo a clockwise turn by -degrees and returns the sum of
// the squared differences between rows a pixel apart.
func (p points) contrast(degrees float64, bins []int32) float64 {
	clear(bins)
	slope, zero := p.sheared(degrees)
	ys, ink := p.ys[:len(p.xs)], p.ink[:len(p.xs)]
	for i, x := range p.xs {
		at := (zero + int64(ys[i])<<16 + int64(x)*slope) >> 14
		if uint64(at) < uint64(len(bins)) {
			bins[at] += ink[i]
		}
	}
	// Each point is spread over two pixels: unspread, rows would look sharpest
	// unsheared, at 0°.
	sum := 0.0
	var box, before int32
	var last [2 * fine]int32
	for i := fine; i < len(bins); i++ {
		box += bins[i] - bins[i-fine]
		before += box - last[i%fine]
		last[i%fine] = box
		d := float64(before - last[fine+i%fine])
		last[fine+i%fine] = before
		sum += d * d
	}
	return sum
}
