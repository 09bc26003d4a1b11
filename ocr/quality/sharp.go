package quality

import (
	"image"
	"math"
	"slices"
)

// tones are how bright paper and ink are on a page.
type tones struct{ paper, ink float64 }

// tonesOf takes the paper from what most of the page is, and the ink from the
// darkest fiftieth of what is clearly darker.
func tonesOf(g *image.Gray) tones {
	var count [256]int
	total := 0
	for y := range g.Rect.Dy() {
		for _, v := range g.Pix[y*g.Stride : y*g.Stride+g.Rect.Dx()] {
			count[v]++
			total++
		}
	}
	at := func(share float64) float64 {
		n := 0
		for v, c := range count {
			if n += c; float64(n) >= share*float64(total) {
				return float64(v)
			}
		}
		return 255
	}
	return tones{paper: at(0.6), ink: at(0.01)}
}

// leastContrast is what paper and ink must differ by to be told apart.
const leastContrast = 40

// edge returns the width of the sharpest quarter of the edges of letters, from a
// quarter to three quarters of the way from paper to ink, in millimetres; 0 if there
// are too few. It looks along rows only: what moves a page in the feeder blurs
// columns, and letters have stems.
func edge(g *image.Gray, t tones, dpi float64) float64 {
	w, h := g.Rect.Dx(), g.Rect.Dy()
	side := int(8 * dpi / 25.4) // what is at the rim is the scanner's
	step := max(1, h/500)
	var widths []float64
	for y := side; y < h-side; y += step {
		widths = edgesOf(g.Pix[y*g.Stride+side:y*g.Stride+max(side, w-side)], t, dpi, widths)
	}
	if len(widths) < int(limit["few-edges"]) {
		return 0
	}
	slices.Sort(widths)
	return math.Round(widths[len(widths)/4]*1000) / 1000
}

// edgesOf measures the edges of a row into ink. Each is held against its own depth,
// for a blurred stroke is paler than the ink; one that goes down by less than a
// third of the page's contrast is none.
func edgesOf(row []byte, t tones, dpi float64, widths []float64) []float64 {
	contrast := t.paper - t.ink
	if contrast < leastContrast {
		return widths
	}
	longest := int(dpi / 25.4) // a millimetre
	for x := 1; x+1 < len(row); x++ {
		if row[x] >= row[x-1] || float64(row[x-1]) < t.paper-contrast/4 {
			continue
		}
		from := x - 1
		for x+1 < len(row) && row[x+1] < row[x] {
			x++
		}
		deep := float64(row[from]) - float64(row[x])
		if x-from > longest || deep < contrast/3 {
			continue
		}
		high, low := float64(row[from])-deep/4, float64(row[from])-3*deep/4
		widths = append(widths, (crossing(row, from, low)-crossing(row, from, high))*25.4/dpi)
	}
	return widths
}

// crossing is where the row falls below v, from place at on.
func crossing(row []byte, at int, v float64) float64 {
	for x := at; x+1 < len(row); x++ {
		a, b := float64(row[x]), float64(row[x+1])
		if b <= v {
			return float64(x) + (a-v)/math.Max(a-b, 1)
		}
	}
	return float64(len(row))
}

// cutLines returns how many lines of letters end at the picture's edge: stretches
// of ink at a side as high as letters are, or, at the head and the foot, half a
// line's letters. The dark of the glass is a longer stretch, dust a shorter one.
func cutLines(g *image.Gray, t tones, dpi float64) int {
	if t.paper-t.ink < leastContrast {
		return 0
	}
	w, h := g.Rect.Dx(), g.Rect.Dy()
	dark := byte(t.paper - (t.paper-t.ink)/2)
	mm := dpi / 25.4
	at := func(x, y int) bool { return g.Pix[y*g.Stride+x] <= dark }
	sides, rim := 0, max(1, int(0.7*mm)) // a letter may begin with a gap, or end in a thin stroke
	for _, x := range [...]int{0, w - rim} {
		sides = max(sides, stretches(h, func(y int) bool {
			for i := range rim {
				if at(x+i, y) {
					return true
				}
			}
			return false
		}, 0.7*mm, 7*mm, 1.5*mm))
	}
	for _, y := range [...]int{0, h - 1} {
		if n := stretches(w, func(x int) bool { return at(x, y) }, 0.25*mm, 7*mm, 0.5*mm); n >= lettersOfLine {
			sides = max(sides, int(limit["cut"]))
		}
	}
	return sides
}

// lettersOfLine is how many letters cut through are a line and no dirt.
const lettersOfLine = 12

// stretches counts stretches of ink along an edge that are least to most long, each
// apart from the one before by gap.
func stretches(n int, ink func(int) bool, least, most, gap float64) int {
	found, end := 0, -n
	for i := 0; i < n; i++ {
		if !ink(i) {
			continue
		}
		from := i
		for i < n && ink(i) {
			i++
		}
		if long := float64(i - from); long >= least && long <= most && float64(from-end) >= gap {
			found++
		}
		end = i
	}
	return found
}
