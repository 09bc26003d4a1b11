package specimen

import (
	"image/color"
	"math"
	"math/rand/v2"
)

// Wear is what age, paper, copying and scanning do to a page. The zero Wear is a
// page fresh from the printer, in colour.
type Wear struct {
	Skew    float64    // degrees clockwise
	Noise   float64    // standard deviation of the sensor's noise, of 255 levels
	Blur    float64    // standard deviation of the optics' blur, in points
	Tint    color.RGBA // colour of the paper; zero is white
	Shade   float64    // share of light lost in the darkest corner, 0 to 1
	Speckle int        // specks of dust on the page
	Folds   int        // fold lines across
	Bleed   float64    // how strongly the other side shows through, 0 to 1
	Faded   float64    // share of the ink that is gone, 0 to 1
	Toner   float64    // share of the toner that is missing, most in streaks down the page, 0 to 1

	Typed  bool    // struck by a typewriter's keys, unevenly; for [Typewriter]
	Dots   bool    // printed by a dot-matrix printer's pins
	Border float64 // width in points of the black around a page smaller than the scanner's glass
	Holes  int     // punch holes in the left margin
	Turn   int     // clockwise quarter turns of the paper on the glass
	Photo  float64 // a photograph by hand instead of a scan: how slanting and ill lit, 0 to 1

	Quality int  // of JPEG, 1 to 100; 0 is 80
	Grey    bool // one channel
	Bilevel bool // black and white only
	Fax     bool // bilevel, half the lines, some lost

	// FaxLines is 98 or 196 for a page as fax machines send it: bilevel, 204
	// dots an inch across and so many lines an inch down (ITU-T T.4 2), whatever
	// the resolution asked for. Such a file is a TIFF or a PDF.
	FaxLines float64
}

// Clean is a new page on a good flatbed scanner.
func Clean() Wear { return Wear{Noise: 1, Blur: 0.12, Quality: 90} }

// Office is the ordinary page of an ordinary day, varied by the seed: a little
// skewed, noisy and shaded.
func Office(seed uint64) Wear {
	r := rand.New(rand.NewPCG(seed, 0x0ff1ce))
	red, less := 255-uint8(r.IntN(6)), uint8(r.IntN(4))
	return Wear{Skew: r.NormFloat64() * 0.5, Noise: 2 + 3*r.Float64(), Blur: 0.12 + 0.12*r.Float64(), Shade: 0.08 * r.Float64(),
		Tint: color.RGBA{red, red - less, red - 3*less, 255}, Speckle: r.IntN(25), Quality: 70 + r.IntN(20)}
}

// Old is a page from the archive: yellow, shaded, folded, faded, its other side
// showing through.
func Old(seed uint64) Wear {
	r := rand.New(rand.NewPCG(seed, 0x01d))
	return Wear{Skew: r.NormFloat64() * 1.1, Noise: 4 + 4*r.Float64(), Blur: 0.15 + 0.15*r.Float64(), Shade: 0.1 + 0.15*r.Float64(),
		Tint: color.RGBA{246, 238 - uint8(r.IntN(10)), 214 - uint8(r.IntN(24)), 255}, Speckle: 40 + r.IntN(80), Folds: 1 + r.IntN(2),
		Bleed: 0.15 * r.Float64(), Faded: 0.15 + 0.3*r.Float64(), Quality: 55 + r.IntN(25)}
}

// BlackWhite is a page from an office copier set to black and white.
func BlackWhite(seed uint64) Wear {
	r := rand.New(rand.NewPCG(seed, 0xb3))
	return Wear{Skew: r.NormFloat64() * 0.5, Noise: 10, Blur: 0.15, Speckle: 20 + r.IntN(60), Bilevel: true}
}

// Faxed is a page that came by fax; draw it at about 200 dpi.
func Faxed(seed uint64) Wear {
	w := BlackWhite(seed)
	w.Noise, w.Blur, w.Speckle, w.Fax = 18, 0.2, w.Speckle+80, true
	return w
}

func (w Wear) paper() [3]float64 {
	if w.Tint.A == 0 {
		return [3]float64{255, 255, 255}
	}
	return [3]float64{float64(w.Tint.R), float64(w.Tint.G), float64(w.Tint.B)}
}

// blur softens a plane by a normal distribution of sigma pixels.
func (p *plane) blur(sigma float64) {
	if sigma < 0.15 {
		return
	}
	n := int(math.Ceil(2.5 * sigma))
	weights, sum := make([]uint32, n+1), 0.0
	for i := -n; i <= n; i++ {
		sum += math.Exp(-float64(i*i) / (2 * sigma * sigma))
	}
	for i := range weights {
		weights[i] = uint32(math.Round(65536 * math.Exp(-float64(i*i)/(2*sigma*sigma)) / sum))
	}
	rows := make([]uint8, len(p.pix))
	for y := range p.h {
		smear(rows[y*p.w:(y+1)*p.w], p.pix[y*p.w:(y+1)*p.w], weights)
	}
	acc := make([]uint32, p.w)
	for y := range p.h {
		clear(acc)
		for i := -n; i <= n; i++ {
			weight := weights[max(i, -i)]
			src := rows[min(max(y+i, 0), p.h-1)*p.w:][:p.w]
			for x, v := range src {
				acc[x] += uint32(v) * weight
			}
		}
		dst := p.pix[y*p.w:][:p.w]
		for x, v := range acc {
			dst[x] = uint8(min(v+32768, 255<<16) >> 16)
		}
	}
}

// smear blurs one row: empty stretches, most of a page, cost little.
func smear(dst, src []uint8, weights []uint32) {
	n := len(weights) - 1
	acc := make([]uint32, len(src)+2*n)
	for x, v := range src {
		if v == 0 {
			continue
		}
		for i, w := range weights {
			acc[x+n+i] += uint32(v) * w
			if i > 0 {
				acc[x+n-i] += uint32(v) * w
			}
		}
	}
	for x := range dst {
		dst[x] = uint8(min(acc[x+n]+32768, 255<<16) >> 16)
	}
}

// A cloud is a tile of smooth noise, 0 to 255, for uneven ink.
type cloud [256 * 256]uint8

func newCloud(rng *rand.Rand, cell int) *cloud {
	n := 256 / cell
	grid := make([]float64, n*n)
	for i := range grid {
		grid[i] = rng.Float64()
	}
	var c cloud
	for y := range 256 {
		for x := range 256 {
			gx, gy := x/cell, y/cell
			fx, fy := float64(x%cell)/float64(cell), float64(y%cell)/float64(cell)
			at := func(i, j int) float64 { return grid[(j%n)*n+i%n] }
			v := (at(gx, gy)*(1-fx)+at(gx+1, gy)*fx)*(1-fy) + (at(gx, gy+1)*(1-fx)+at(gx+1, gy+1)*fx)*fy
			c[y*256+x] = uint8(v * 255)
		}
	}
	return &c
}

// dapple takes away up to a share of a plane's ink, here more and there less.
func (p *plane) dapple(c *cloud, share float64) {
	var left [256]uint32
	for i := range left {
		left[i] = uint32(256 * (1 - share*float64(i)/255))
	}
	for y := range p.h {
		row := p.pix[y*p.w:][:p.w]
		for x, v := range row {
			if v != 0 {
				row[x] = uint8(uint32(v) * left[c[(y&255)<<8|x&255]] >> 8)
			}
		}
	}
}
