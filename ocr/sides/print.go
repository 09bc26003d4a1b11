package sides

import (
	"encoding/binary"
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
	for y := box.Min.Y; y < box.Max.Y; y++ {
		row := m.Pix[y*m.Stride:]
		j := (y - box.Min.Y) * coarse / box.Dy()
		for x := lighter(row[:box.Max.X], box.Min.X, dark); x < box.Max.X; x++ {
			if row[x] > dark {
				x = lighter(row[:box.Max.X], x+1, dark) - 1
			} else {
				share[j][(x-box.Min.X)*coarse/box.Dx()]++
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
	var count, odd [256]int // a grey that is counted again at once would wait for itself
	for y := range m.Rect.Dy() {
		row := m.Pix[y*m.Stride:][:m.Rect.Dx()]
		for ; len(row) > 1; row = row[2:] {
			count[row[0]]++
			odd[row[1]]++
		}
		if len(row) > 0 {
			count[row[0]]++
		}
	}
	for v, n := range odd {
		count[v] += n
	}
	at := func(share float64) int {
		n := 0
		for v, c := range count {
			if n += c; float64(n) >= share*float64(m.Rect.Dx()*m.Rect.Dy()) {
				return v
			}
		}
		return 255
	}
	return byte((at(0.01) + at(0.6)) / 2)
}

// lighter returns the first place of row, from x on, of which it cannot be said at once
// that it and the seven after it are lighter than dark: most of a page is, and eight pixels
// are passed at a time.
func lighter(row []byte, x int, dark byte) int {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	if dark >= 127 {
		return x
	}
	for ; x+8 <= len(row); x += 8 { // less than dark+1, Anderson's Bit Twiddling Hacks
		if v := binary.LittleEndian.Uint64(row[x:]); (v-ones*uint64(dark+1))&^v&high != 0 {
			break
		}
	}
	return x
}

// rim is the share of a page at each side that may be the scanner's.
const rim = 0.03

// inked is the rectangle that holds all but a hundredth of the ink at each side:
// a speck in the margin moves no bound.
func inked(m *image.Gray, dark byte) image.Rectangle {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	r := image.Rect(int(rim*float64(w)), int(rim*float64(h)), w-int(rim*float64(w)), h-int(rim*float64(h)))
	cols, rows, total := make([]int, w), make([]int, h), 0
	for y := r.Min.Y; y < r.Max.Y; y++ {
		row := m.Pix[y*m.Stride:][:r.Max.X]
		for x := lighter(row, r.Min.X, dark); x < r.Max.X; x++ {
			if row[x] > dark {
				x = lighter(row, x+1, dark) - 1
			} else {
				cols[x]++
				rows[y]++
				total++
			}
		}
	}
	ends := func(n []int) (from, to int) {
		sum := 0
		from = -1
		for i, c := range n {
			sum += c
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
