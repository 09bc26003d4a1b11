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
	l := glanceAt(g, reduced{}, dpi, dpi)
	l.gather()
	return l.skew()
}

// fewPoints is the ink below which nothing is said about its lines.
const fewPoints = 150

// skew is that of the ink; where this is level, without what lies straight along the edges.
func (l *glance) skew() (degrees float64, sideways bool) {
	degrees, sideways = l.lean()
	if degrees == 0 && l.dropStraight() {
		return l.lean()
	}
	return degrees, sideways
}

func (l *glance) lean() (degrees float64, sideways bool) {
	if len(l.rows.xs) < fewPoints {
		return 0, false
	}
	rows, cols := newSearch(l.rows), newSearch(l.cols)
	defer rows.done()
	defer cols.done()
	for _, reach := range [...]float64{3.2, MaxSkew} {
		rows.rough(reach)
		cols.rough(reach)
		if best := max(rows.clear(), cols.clear()); best > clearPeak {
			break
		}
	}
	if cols.score > 1.3*rows.score {
		return cols.exact(), true
	}
	return rows.exact(), false
}

// clearPeak is how far lines that are certain stand out over the same ink
// sheared by an angle that no page has: lines of text do 20 to 160 times, a
// single fold or ruling up to 13 times.
const clearPeak = 18

// A search looks for the angle at which the rows of its points differ most.
type search struct {
	shears
	degrees       float64
	score, ground float64
	seen          float64 // angles up to this were tried
}

func newSearch(p points) *search {
	s := &search{shears: newShears(p)}
	s.ground = min(s.contrast(MaxSkew), s.contrast(-MaxSkew)) + 1
	return s
}

func (s *search) try(degrees float64) {
	if c := s.contrast(degrees); c > s.score {
		s.degrees, s.score = degrees, c
	}
}

// rough tries the angles up to reach that were not tried yet.
func (s *search) rough(reach float64) {
	const step = 0.4
	if s.seen == 0 {
		s.try(0)
	}
	for ; s.seen+step <= reach; s.seen += step {
		s.try(s.seen + step)
		s.try(-s.seen - step)
	}
}

// clear is how far the best angle stands out, unless it is the last one tried.
func (s *search) clear() float64 {
	if math.Abs(s.degrees) > s.seen-0.2 {
		return 0
	}
	return s.score / s.ground
}

// exact returns the angle to a hundredth of a degree, 0 if the peak is beyond
// what we may judge.
func (s *search) exact() float64 {
	if math.Abs(s.degrees) >= MaxSkew-0.4 {
		return 0
	}
	for _, step := range [...]float64{0.1, 0.02, 0.01} {
		middle := s.degrees
		s.score = 0
		for i := -3.0; i <= 3; i++ {
			s.try(middle + i*step)
		}
	}
	if math.Abs(s.degrees) < 0.05 {
		return 0
	}
	return math.Round(s.degrees*100) / 100
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
