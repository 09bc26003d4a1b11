package prepare

// A writing is what the lines of a page tell from afar.
type writing struct {
	cores  int     // how many stretches of lines were judged
	above  float64 // ink over the small letters: capitals, ascenders, accents
	below  float64 // ink under them: descenders, dots
	height float64 // of the small letters, in pixels of the glance; 0 if not known
}

// sure is the share by which the ink above the small letters must exceed that
// below, or the other way round, to tell up from down.
const sure = 0.08

// fewCores is how many stretches of lines it takes to say anything.
const fewCores = 6

// up is 1 if the lines stand upright, -1 if they stand on their heads, and 0 if
// that cannot be told. Latin letters, and Vietnamese ones above all, have more
// over the small letters than under them.
func (w writing) up() int {
	all := w.above + w.below
	switch {
	case w.cores < fewCores || all == 0:
		return 0
	case w.above-w.below > sure*all:
		return 1
	case w.below-w.above > sure*all:
		return -1
	}
	return 0
}

// write judges the lines of p, levelled by degrees, in strips an inch wide: a
// strip is narrow enough not to mix columns, and wide enough to hold letters.
func (l *glance) write(p points, degrees float64) writing {
	strips := max(1, p.reach/max(1, int(l.dpi)))
	n := fine * (p.size + 2*p.slack() + 2)
	bins := make([]int32, strips*n)
	slope, zero := p.sheared(degrees)
	stripOf := make([]int, p.reach+1) // of x
	for x := range stripOf {
		stripOf[x] = min(x*strips/max(1, p.reach), strips-1) * n
	}
	for i, x := range p.xs {
		at := (zero + int64(p.ys[i])<<16 + int64(x)*slope) >> 14
		if uint64(at) < uint64(n) {
			bins[stripOf[int(x)+p.reach/2]+int(at)] += p.ink[i]
		}
	}
	var w writing
	var heights [40 * fine]float64
	for s := range strips {
		strip := bins[s*n : (s+1)*n]
		smooth(strip)
		l.judge(strip, &w, heights[:])
	}
	w.height = middle(heights[:]) / fine
	return w
}

// smooth spreads the ink of each bin over a pixel.
func smooth(bins []int32) {
	var last [fine]int32
	sum := int32(0)
	for i, v := range bins {
		sum += v - last[i%fine]
		last[i%fine] = v
		bins[i] = sum
	}
}

// A core is where a line's small letters are.
type core struct{ from, to int }

// coresOf returns the stretches of bins that are at least half as full as the
// fullest bin within reach, which tell the same of a page upside down.
func coresOf(bins []int32, reach int) []core {
	const little = 150
	var cores []core
	most, at := int32(0), -1 // the fullest bin within reach and where it is
	for i := range bins {
		if at < i-reach {
			most, at = 0, max(0, i-reach)
			for k := at; k < min(len(bins), i+reach); k++ {
				if bins[k] >= most {
					most, at = bins[k], k
				}
			}
		}
		if last := i + reach; last < len(bins) && bins[last] >= most {
			most, at = bins[last], last
		}
		if most < little || 2*bins[i] < most {
			continue
		}
		if n := len(cores); n > 0 && cores[n-1].to == i {
			cores[n-1].to = i + 1
		} else {
			cores = append(cores, core{i, i + 1})
		}
	}
	return cores
}

// judge finds the lines of one strip and adds up the ink over and under them.
func (l *glance) judge(bins []int32, w *writing, heights []float64) {
	cores := coresOf(bins, int(l.mm(4)*fine))
	for i, c := range cores {
		tall := c.to - c.from
		// Rulings are thinner than letters, pictures and seals thicker.
		if float64(tall) < l.mm(0.9)*fine || float64(tall) > l.mm(6.5)*fine {
			continue
		}
		top, foot := max(0, c.from-2*tall), min(len(bins), c.to+2*tall)
		if i > 0 {
			top = max(top, (cores[i-1].to+c.from)/2)
		}
		if i+1 < len(cores) {
			foot = min(foot, (c.to+cores[i+1].from)/2)
		}
		weight := 0.0
		for _, v := range bins[c.from:c.to] {
			weight += float64(v)
		}
		w.cores++
		for _, v := range bins[top:c.from] {
			w.above += float64(v)
		}
		for _, v := range bins[c.to:foot] {
			w.below += float64(v)
		}
		heights[min(tall, len(heights)-1)] += weight
	}
}

// middle is the weighted median of the indices.
func middle(weights []float64) float64 {
	sum := 0.0
	for _, v := range weights {
		sum += v
	}
	half := sum / 2
	for i, v := range weights {
		if half -= v; half <= 0 && sum > 0 {
			return float64(i)
		}
	}
	return 0
}
