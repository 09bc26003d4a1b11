package sides

import (
	"image"
	"math"
	"slices"
	"sync"
)

// side of the picture that is transformed, and how many of its slow waves in each
// direction are kept.
const (
	coarse = 32
	waves  = 8
)

// cosines of the discrete cosine transform (type II) of coarse samples.
var cosines = sync.OnceValue(func() *[waves + 1][coarse]float64 {
	var c [waves + 1][coarse]float64
	for k := range c {
		for i := range c[k] {
			c[k][i] = math.Cos(math.Pi / coarse * (float64(i) + 0.5) * float64(k))
		}
	}
	return &c
})

// Print is a perceptual hash of an upright, level page: what is within the bounds
// of its ink, reduced to 32 by 32 shares of ink, and of 64 slow waves in it which
// are stronger than the middle one. How the page lay does not count. Two pictures
// of one page differ in few bits; so do two forms of one template, filled in for
// two people: it is a hint to look, and no verdict (decision 53). 0 if there is no
// ink.
func Print(m *image.Gray) uint64 {
	dark := threshold(m)
	box := inked(m, dark)
	if box.Dx() < coarse || box.Dy() < coarse {
		return 0
	}
	var share [coarse][coarse]float64
	columns, rows := make([]int32, box.Dx()), make([]int32, box.Dy())
	for j := range share {
		// The first row and the first column of what is a 32nd of the box, and of the next.
		first := func(i, n int) int { return (i*n + coarse - 1) / coarse }
		clear(columns)
		addInk(columns, rows, m, image.Rect(box.Min.X, box.Min.Y+first(j, box.Dy()), box.Max.X, box.Min.Y+first(j+1, box.Dy())), dark)
		for i := range share[j] {
			for _, n := range columns[first(i, box.Dx()):first(i+1, box.Dx())] {
				share[j][i] += float64(n)
			}
		}
	}
	return sign(&share)
}

// sign is a bit for each of the slow waves, the mean left out.
func sign(share *[coarse][coarse]float64) (h uint64) {
	wave := cosines()
	var rows [coarse][waves + 1]float64
	for j := range share {
		for k := range wave {
			for i, v := range share[j] {
				rows[j][k] += v * wave[k][i]
			}
		}
	}
	var all []float64
	for l := 1; l <= waves; l++ { // the slowest says how long the page is filled, and is kept
		for k := 0; k < waves; k++ {
			v := 0.0
			for j := range rows {
				v += rows[j][k] * wave[l][j]
			}
			all = append(all, v)
		}
	}
	sorted := slices.Sorted(slices.Values(all))
	middle := sorted[len(sorted)/2]
	for _, v := range all {
		if h <<= 1; v > middle {
			h |= 1
		}
	}
	return h
}

// threshold is half way between paper and ink.
func threshold(m *image.Gray) byte {
	count := greysOf(m)
	at := func(share float64) int {
		n := int64(0)
		for v, c := range count {
			if n += c; float64(n) >= share*float64(m.Rect.Dx()*m.Rect.Dy()) {
				return v
			}
		}
		return 255
	}
	return byte((at(0.01) + at(0.6)) / 2)
}

// rim is the share of a page at each side that may be the scanner's.
const rim = 0.03

// inked is the rectangle that holds all but a hundredth of the ink at each side:
// a speck in the margin moves no bound.
func inked(m *image.Gray, dark byte) image.Rectangle {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	r := image.Rect(int(rim*float64(w)), int(rim*float64(h)), w-int(rim*float64(w)), h-int(rim*float64(h)))
	cols, rows, total := make([]int32, w), make([]int32, h), 0
	if !r.Empty() {
		addInk(cols[r.Min.X:], rows[r.Min.Y:], m, r, dark)
	}
	for _, n := range rows {
		total += int(n)
	}
	ends := func(n []int32) (from, to int) {
		sum := 0
		from = -1
		for i, c := range n {
			sum += int(c)
			if from < 0 && sum*100 > total {
				from = i
			}
			if sum*100 <= total*99 {
				to = i + 1
			}
		}
		return max(from, 0), to
	}
	if total == 0 {
		return image.Rectangle{}
	}
	x0, x1 := ends(cols)
	y0, y1 := ends(rows)
	return image.Rect(x0, y0, x1, y1)
}
