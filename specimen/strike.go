package specimen

import (
	"math"
	"math/rand/v2"
)

// key strikes one glyph as a typewriter does: a little high or low, hard or
// soft, and returns its advance in points.
func (c *canvas) key(r rune, st style, size, x, y float64) float64 {
	m := affine{c.m.a, c.m.b, c.m.c, c.m.d, 0, 0}
	k := c.rasterise(c.outline(r, st, size), m)
	force := uint32(256 * (0.72 + 0.28*c.typed.Float64()))
	for i, v := range k.pix {
		k.pix[i] = uint8(uint32(v) * force >> 8)
	}
	px, py := c.m.at(x+c.typed.NormFloat64()*0.18, y+c.typed.NormFloat64()*0.32)
	ix, iy := int(math.Round(px)), int(math.Round(py))
	c.put(k, ix, iy)
	if c.typed.IntN(3) == 0 { // the ribbon smears to the right
		c.put(k, ix+1, iy)
	}
	return c.advance(r, st) * size
}

// pinsPerInch is how close the dots of a 24-pin printer lie in its quick mode.
const pinsPerInch = 144

// pins prints one glyph with a dot-matrix printer's pins, each a round dot of
// 0.2 mm, and returns its advance in points.
func (c *canvas) pins(r rune, st style, size, x, y float64) float64 {
	key := maskKey{r: r, style: st, size: size}
	dots, ok := c.dots[key]
	if !ok {
		const scale = pinsPerInch / 72.0
		k := c.rasterise(c.outline(r, st, size), affine{a: scale, d: scale})
		for j := range k.h {
			for i := range k.w {
				if k.pix[j*k.w+i] > 105 {
					dots = append(dots, [2]float64{(float64(k.x+i) + 0.5) / scale, (float64(k.y+j) + 0.5) / scale})
				}
			}
		}
		c.dots[key] = dots
	}
	const step = 72.0 / pinsPerInch
	x0, y0 := math.Round(x/step)*step, math.Round(y/step)*step
	for _, d := range dots {
		c.dot(x0+d[0], y0+d[1], 0.1*72/25.4, 235)
	}
	return c.advance(r, st) * size
}

// handwritten reports whether anything on the page is written by hand.
func (p *Page) handwritten() bool {
	for _, l := range p.Lines {
		if len(l) > 0 && l[0].style == hand {
			return true
		}
	}
	return false
}

// written draws what is written by hand: slanting this way and that, letters of
// uneven size, off the line.
func (c *canvas) written(p *Page, rng *rand.Rand) {
	page := c.m
	for _, l := range p.Lines {
		for _, w := range l {
			if w.style != hand {
				continue
			}
			x, lift := w.X, 0.0
			for _, r := range w.Text {
				lift = lift*0.7 + rng.NormFloat64()*0.5
				size, slant := w.Size*(1+0.08*rng.NormFloat64()), 0.25+0.12*rng.NormFloat64()
				sin, cos := math.Sincos(0.06 * rng.NormFloat64())
				own := affine{a: cos, b: -sin - slant, c: sin, d: cos, e: x, f: w.Y + lift}
				c.put(c.rasterise(c.outline(r, hand, size), page.after(own)), 0, 0)
				x += c.advance(r, hand) * w.Size
			}
		}
	}
}

// streak takes toner away: some everywhere, most in streaks down the page.
func (p *plane) streak(share float64, rng *rand.Rand) {
	left := make([]uint32, p.w)
	for i := range left {
		left[i] = uint32(256 * (1 - 0.35*share))
	}
	for range 3 + rng.IntN(4) {
		mid, half := rng.Float64()*float64(p.w), float64(p.w)*(0.01+0.03*rng.Float64())
		for i := range left {
			t := (float64(i) - mid) / half
			left[i] = uint32(float64(left[i]) * (1 - 0.6*share*math.Exp(-t*t)))
		}
	}
	for y := range p.h {
		row := p.pix[y*p.w:][:p.w]
		for x, v := range row {
			if v != 0 {
				row[x] = uint8(uint32(v) * left[x] >> 8)
			}
		}
	}
	p.dapple(newCloud(rng, 4), 0.5*share)
}
