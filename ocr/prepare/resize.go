package prepare

import "image"

// Resize returns g in w by h pixels: each is the mean of the area it covers
// where g shrinks, and is interpolated between its neighbours where g grows.
// It returns g itself if that is its size.
func Resize(g *image.Gray, w, h int) *image.Gray {
	if w == g.Rect.Dx() && h == g.Rect.Dy() || w < 1 || h < 1 || g.Rect.Empty() {
		return g
	}
	across, down := spread(g.Rect.Dx(), w), spread(g.Rect.Dy(), h)
	out := image.NewGray(image.Rect(0, 0, w, h))
	sums := make([]uint32, w)
	row := make([]uint16, w)
	last := -1
	for y := range out.Rect.Dy() {
		clear(sums)
		for i, weight := range down[y].weights {
			// The last row of one output row is often the first of the next.
			if at := down[y].first + i; at != last {
				shrinkRow(row, g.Pix[at*g.Stride:at*g.Stride+g.Rect.Dx()], across)
				last = at
			}
			for x, v := range row {
				sums[x] += uint32(v) * weight
			}
		}
		to := out.Pix[y*out.Stride : y*out.Stride+w]
		for x, s := range sums {
			to[x] = byte((s + 1<<19) >> 20)
		}
	}
	return out
}

// shrinkRow leaves in row the samples of from, times 256.
func shrinkRow(row []uint16, from []byte, across []taps) {
	for x := range row {
		t := &across[x]
		s := uint32(0)
		for i, v := range from[t.first : t.first+len(t.weights)] {
			s += uint32(v) * t.weights[i]
		}
		row[x] = uint16(s >> 4)
	}
}

// taps are the neighbouring samples that make one; their weights add up to 4096.
type taps struct {
	first   int
	weights []uint32
}

// spread says which of n samples make each of m.
func spread(n, m int) []taps {
	all := make([]taps, m)
	for i := range all {
		// The sample covers [lo, hi) in units of 1/m of an old sample.
		lo, hi := i*n, (i+1)*n
		if m > n { // growing: a window one old sample wide about the middle interpolates
			lo, hi = (2*i+1)*n/2-m/2, (2*i+1)*n/2-m/2+m
			lo, hi = max(lo, 0), min(hi, n*m)
		}
		all[i] = cover(lo, hi, m)
	}
	return all
}

// cover returns the samples, each m wide, that lie in [lo, hi).
func cover(lo, hi, m int) taps {
	t := taps{first: lo / m}
	rest := uint32(4096)
	for at := t.first; at*m < hi; at++ {
		part := min(hi, (at+1)*m) - max(lo, at*m)
		weight := uint32(part * 4096 / (hi - lo))
		rest -= weight
		t.weights = append(t.weights, weight)
	}
	t.weights[len(t.weights)/2] += rest
	return t
}
