package specimen

import (
	"math"
	"math/rand/v2"
	"strings"
)

// seal draws a round stamp: rings, a star, and text around the rim.
func (c *canvas) seal(s seal) {
	c.ring(s, 1, 1.9)
	c.ring(s, 0.93, 0.6)
	c.ring(s, 0.60, 0.8)
	var star []segment
	for i := range 10 {
		r := s.radius * 0.34
		if i%2 == 1 {
			r *= 0.4
		}
		x, y := around(s, r, float64(i)*math.Pi/5)
		star = append(star, segment{'L', [3][2]float64{{x, y}}})
	}
	star[0].op = 'M'
	c.fill(star)
	c.rim(s)
}

// around is the point at a distance from the seal's centre, at an angle
// clockwise from its own top.
func around(s seal, r, angle float64) (float64, float64) {
	sin, cos := math.Sincos(angle + s.turn)
	return s.x + r*sin, s.y - r*cos
}

// ring draws a circle of a share of the radius, width points thick.
func (c *canvas) ring(s seal, share, width float64) {
	const steps = 120
	var shape []segment
	for _, side := range []float64{1, -1} { // the inner edge runs backwards, so that it cuts a hole
		for i := range steps {
			x, y := around(s, s.radius*share+side*width/2, side*float64(i)*2*math.Pi/steps)
			shape = append(shape, segment{'L', [3][2]float64{{x, y}}})
		}
		shape[len(shape)-steps].op = 'M'
	}
	c.fill(shape)
}

// rim sets the seal's text around it, its middle on top.
func (c *canvas) rim(s seal) {
	size, r := s.radius*0.2, s.radius*0.69
	text := strings.ReplaceAll(s.text, "★", "-")
	width := func() (w float64) {
		for _, ch := range text {
			w += c.advance(ch, bold) * size
		}
		return w
	}
	for width() > r*2*math.Pi*0.93 {
		size *= 0.95
	}
	angle := -width() / r / 2
	page := c.m
	for _, ch := range text {
		adv := c.advance(ch, bold) * size
		mid := angle + adv/r/2
		sin, cos := math.Sincos(mid + s.turn)
		x, y := around(s, r, mid)
		// turn the glyph about the middle of its foot, then go to the page
		turn := affine{a: cos, b: -sin, c: sin, d: cos, e: x - cos*adv/2, f: y - sin*adv/2}
		c.put(c.rasterise(c.outline(ch, bold, size), page.after(turn)), 0, 0)
		angle += adv / r
	}
}

// after is the affine that applies first n, then m.
func (m affine) after(n affine) affine {
	x, y := m.at(n.e, n.f)
	return affine{m.a*n.a + m.b*n.c, m.a*n.b + m.b*n.d, m.c*n.a + m.d*n.c, m.c*n.b + m.d*n.d, x, y}
}

// scribble draws a signature: a few loops from left to right and a flourish.
func (c *canvas) scribble(s scribble) {
	rng := rand.New(rand.NewPCG(s.seed, 7))
	var p [][2]float64
	n := 7 + rng.IntN(5)
	for i := range n {
		t := float64(i) / float64(n-1)
		up := 0.5 + 0.5*math.Pow(-1, float64(i))*(0.95-0.6*t*rng.Float64())
		p = append(p, [2]float64{s.x + s.width*(0.75*t+0.16*(rng.Float64()-0.5)), s.y + s.height*up})
	}
	p = append(p, [2]float64{s.x + s.width*0.1, s.y + s.height*0.75}, [2]float64{s.x + s.width, s.y + s.height*(0.35+0.3*rng.Float64())})
	for i := 0; i+1 < len(p); i++ {
		a, b, d, e := p[max(0, i-1)], p[i], p[i+1], p[min(len(p)-1, i+2)]
		steps := int(math.Hypot(d[0]-b[0], d[1]-b[1])*4) + 8
		for j := range steps {
			t := float64(j) / float64(steps)
			var q [2]float64
			for k := range q { // Catmull-Rom
				q[k] = 0.5 * (2*b[k] + (d[k]-a[k])*t + (2*a[k]-5*b[k]+4*d[k]-e[k])*t*t + (3*b[k]-a[k]-3*d[k]+e[k])*t*t*t)
			}
			c.dot(q[0], q[1], 0.45+0.3*math.Sin(t*math.Pi), 255)
		}
	}
}

// dot puts a round spot of a radius in points; overlapping spots do not add up.
func (c *canvas) dot(x, y, radius float64, ink uint8) {
	px, py := c.m.at(x, y)
	r := radius * math.Hypot(c.m.a, c.m.c)
	for j := int(py - r - 1); j <= int(py+r+1); j++ {
		for i := int(px - r - 1); i <= int(px+r+1); i++ {
			if i < 0 || j < 0 || i >= c.w || j >= c.h {
				continue
			}
			cover := min(1, max(0, r+0.5-math.Hypot(float64(i)+0.5-px, float64(j)+0.5-py)))
			at := &c.pix[j*c.w+i]
			*at = max(*at, uint8(cover*float64(ink)))
		}
	}
}
