package prepare

import (
	"image"
	"math"
)

// glanceDPI is about the resolution of a glance: letters are specks and lines
// are strokes, which is what makes it fast.
const glanceDPI = 75

// A glance is a page seen small, for all that can be told from afar: its
// borders, its skew, which way is up, how large its letters are.
type glance struct {
	image *image.Gray
	dpi   float64 // of square pixels
	paper int     // grey of the paper: three quarters of the page are no lighter

	// away marks what is not page: see [glance.markBorders].
	away []bool

	rows, cols points  // the ink, as it lies and turned a quarter clockwise
	room       []int32 // that it lies in
}

// forget gives back the room of the ink, at which nobody looks any more.
func (l *glance) forget() {
	giveBack(l.room)
	l.rows, l.cols, l.room = points{}, points{}, nil
}

// reducedForGlance is how many times a glance is smaller than an image of x by y dots per inch,
// if its pixels are even enough to be a whole number of those.
func reducedForGlance(x, y float64) (k int, even bool) {
	return min(64, max(1, int(math.Round(math.Min(x, y)/glanceDPI)))), math.Abs(x/y-1) < 0.005
}

// glanceAt looks at g, of x by y dots per inch, which small is already, if it is any.
func glanceAt(g *image.Gray, small reduced, x, y float64) *glance {
	l := &glance{}
	if k, even := reducedForGlance(x, y); even {
		l.image, l.dpi = small.Gray, x/float64(k)
		if k != small.k {
			l.image = Reduce(g, k)
		}
	} else {
		l.dpi = math.Min(math.Min(x, y), glanceDPI)
		l.image = Resize(g, max(1, int(float64(g.Rect.Dx())*l.dpi/x)), max(1, int(float64(g.Rect.Dy())*l.dpi/y)))
	}
	l.paper = int(quartile(l.image, l.image.Rect))
	return l
}

// mm is how many pixels make n millimetres.
func (l *glance) mm(n float64) float64 { return n * l.dpi / 25.4 }

// gather finds the ink: what is darker than its surroundings, without what is
// away and the outer 3 % where the scanner's own edges are.
func (l *glance) gather() {
	w, h := l.image.Rect.Dx(), l.image.Rect.Dy()
	l.rows, l.cols = points{size: h, reach: w}, points{size: w, reach: h}
	left, top := w*3/100, h*3/100
	radius := max(3, int(l.mm(2.4)))
	mean := newMeans(l.image, radius)
	most := w * h / 8 // more than pages of writing have
	l.room = listOf[int32](4 * most)
	for i, p := range []*[]int32{&l.rows.ink, &l.rows.xs, &l.rows.ys, &l.cols.xs} {
		*p = l.room[i*most : i*most : (i+1)*most]
	}
	places, by := make([]int32, w), make([]int32, w)
	for y := range h {
		line := mean.row(y)
		if y < top || y >= h-top {
			continue
		}
		n := darkerThanAbout(places, by, line[left:w-left], l.image.Pix[y*l.image.Stride+left:], 12)
		for i, x := range places[:n] {
			if x += int32(left); l.away != nil && l.away[y*w+int(x)] {
				continue
			}
			l.rows.ink = append(l.rows.ink, by[i])
			l.rows.xs, l.rows.ys = append(l.rows.xs, x-int32(w/2)), append(l.rows.ys, int32(y-h/2))
			l.cols.xs = append(l.cols.xs, int32(h/2-y))
		}
	}
	l.cols.ys = l.rows.xs
	l.cols.ink = l.rows.ink
}

// means gives the mean grey around each pixel of an image, row after row.
type means struct {
	m      *image.Gray
	radius int
	cols   []int32 // sums over the rows in reach, a column each
	from   int     // rows in cols: from to until
	until  int
	out    []int32
}

func newMeans(m *image.Gray, radius int) *means {
	return &means{m: m, radius: radius, cols: make([]int32, m.Rect.Dx()), out: make([]int32, m.Rect.Dx())}
}

// row returns the means around the pixels of row y, which must be asked for in
// order. The slice is used again.
func (t *means) row(y int) []int32 {
	w, h := t.m.Rect.Dx(), t.m.Rect.Dy()
	for ; t.until < min(h, y+t.radius+1); t.until++ {
		addRow(t.cols, t.m.Pix[t.until*t.m.Stride:], false)
	}
	for ; t.from < y-t.radius; t.from++ {
		addRow(t.cols, t.m.Pix[t.from*t.m.Stride:], true)
	}
	rows := int32(t.until - t.from)
	sum, n := int32(0), int32(0)
	for x := 0; x < min(t.radius, w); x++ {
		sum += t.cols[x]
		n++
	}
	slow := func(from, to int) {
		for x := from; x < to; x++ {
			if x+t.radius < w {
				sum += t.cols[x+t.radius]
				n++
			}
			if x > t.radius {
				sum -= t.cols[x-t.radius-1]
				n--
			}
			t.out[x] = sum / (n * rows)
		}
	}
	first, last := min(t.radius+1, w), w-t.radius
	slow(0, first)
	if first < last {
		// Between the edges all means are of as many pixels. Multiplied by 2³²/pixels
		// rounded up, a sum is divided exactly while it is under 2³²/pixels (its error is
		// below a part in as many).
		pixels := uint64(n * rows)
		if pixels > 1 && pixels*pixels*255 < 1<<32 {
			by := (1<<32 + pixels - 1) / pixels
			sum = meansAlong(t.out[first:last], t.cols[first+t.radius:w], t.cols[first-t.radius-1:], sum, by)
		} else {
			slow(first, last)
		}
	}
	slow(max(first, last), w)
	return t.out
}
