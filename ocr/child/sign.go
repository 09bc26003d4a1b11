package child

import (
	"image"
	"math"
)

// The grid on which signs are held against each other, as high as a sign.
const (
	signWide = 16
	signHigh = 18
)

// A sign is something printed by itself: a digit, a stop, a letter.
type sign struct {
	box  image.Rectangle
	look []float32 // its pixels on the grid, of mean 0 and length 1
}

// like is how alike two signs look, 1 if they are the same.
func (s sign) like(o sign) float64 {
	sum := float32(0)
	for i, v := range s.look {
		sum += v * o.look[i]
	}
	return float64(sum)
}

// signsOf returns the signs within box from the left: dark pixels that touch, with what
// stands above or below them.
func signsOf(g *image.Gray, box image.Rectangle) []sign {
	box = box.Intersect(g.Rect)
	w, h := box.Dx(), box.Dy()
	if w < 1 || h < 1 {
		return nil
	}
	of := make([]int, w*h) // the piece of each pixel, from 1
	var pieces []image.Rectangle
	var queue []image.Point
	for x := range w {
		for y := range h {
			if of[y*w+x] > 0 || !dark(g.Pix[(box.Min.Y+y)*g.Stride+box.Min.X+x]) {
				continue
			}
			n := len(pieces) + 1
			of[y*w+x] = n
			b := image.Rect(x, y, x+1, y+1)
			for queue = append(queue[:0], image.Pt(x, y)); len(queue) > 0; {
				p := queue[len(queue)-1]
				queue = queue[:len(queue)-1]
				b = b.Union(image.Rect(p.X, p.Y, p.X+1, p.Y+1))
				for v := max(p.Y-1, 0); v <= min(p.Y+1, h-1); v++ {
					for u := max(p.X-1, 0); u <= min(p.X+1, w-1); u++ {
						if of[v*w+u] == 0 && dark(g.Pix[(box.Min.Y+v)*g.Stride+box.Min.X+u]) {
							of[v*w+u] = n
							queue = append(queue, image.Pt(u, v))
						}
					}
				}
			}
			pieces = append(pieces, b)
		}
	}
	// Pieces above each other are one sign. They come by their left edges.
	into := make([]int, len(pieces)) // the sign of each piece
	var boxes []image.Rectangle
	for i, b := range pieces {
		if n := len(boxes) - 1; n >= 0 {
			last := &boxes[n]
			if both := min(last.Max.X, b.Max.X) - max(last.Min.X, b.Min.X); 2*both > min(last.Dx(), b.Dx()) {
				*last = last.Union(b)
				into[i] = n
				continue
			}
		}
		into[i] = len(boxes)
		boxes = append(boxes, b)
	}
	signs := make([]sign, len(boxes))
	for i, b := range boxes {
		ink := func(x, y int) float32 {
			if x < 0 || y < 0 || x >= w || y >= h {
				return 0
			}
			if n := of[y*w+x]; n > 0 && into[n-1] != i {
				return 0
			}
			return float32(255 - g.Pix[(box.Min.Y+y)*g.Stride+box.Min.X+x])
		}
		signs[i] = sign{box: b.Add(box.Min), look: onGrid(b, ink)}
	}
	return signs
}

// onGrid returns what is in box on the grid, as high as this, in the middle.
func onGrid(box image.Rectangle, ink func(x, y int) float32) []float32 {
	look := make([]float32, signWide*signHigh)
	step := float64(box.Dy()) / signHigh
	left := float64(box.Min.X+box.Max.X)/2 - step*signWide/2
	mean := float32(0)
	for v := range signHigh {
		for u := range signWide {
			x, y := left+(float64(u)+0.5)*step-0.5, float64(box.Min.Y)+(float64(v)+0.5)*step-0.5
			x0, y0 := math.Floor(x), math.Floor(y)
			fx, fy := float32(x-x0), float32(y-y0)
			ix, iy := int(x0), int(y0)
			i := v*signWide + u
			look[i] = (ink(ix, iy)*(1-fx)+ink(ix+1, iy)*fx)*(1-fy) + (ink(ix, iy+1)*(1-fx)+ink(ix+1, iy+1)*fx)*fy
			mean += look[i]
		}
	}
	mean /= float32(len(look))
	for i := range look {
		look[i] -= mean
	}
	return unit(look)
}

// unit makes a look one of length 1.
func unit(look []float32) []float32 {
	length := 0.0
	for _, v := range look {
		length += float64(v) * float64(v)
	}
	length = max(math.Sqrt(length), 1e-6)
	for i := range look {
		look[i] /= float32(length)
	}
	return look
}
