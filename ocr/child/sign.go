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

// likeFour is how alike s is to four others, 0 to one that there is not. What four sums wait
// for, one after the other, is done at once.
func (s sign) likeFour(o [4]sign) (like [4]float64) {
	for i := range o {
		if o[i].look == nil {
			o[i] = nothing
		}
	}
	a, b, c, d := o[0].look[:len(s.look)], o[1].look[:len(s.look)], o[2].look[:len(s.look)], o[3].look[:len(s.look)]
	var e, f, g, h float32
	for i, v := range s.look {
		e += v * a[i]
		f += v * b[i]
		g += v * c[i]
		h += v * d[i]
	}
	return [4]float64{float64(e), float64(f), float64(g), float64(h)}
}

// nothing is like no sign.
var nothing = sign{look: make([]float32, signWide*signHigh)}

// A scrap is a part of a page with its pieces: dark pixels that touch.
type scrap struct {
	g    *image.Gray
	box  image.Rectangle   // of the page
	of   []int32           // the piece of each pixel, from 1, with a pixel of nothing around the scrap
	all  []image.Rectangle // of each piece, in the scrap
	into []int             // the sign of each piece
}

// stride is how many pixels of s.of are in a row.
func (s *scrap) stride() int { return s.box.Dx() + 2 }

// open is a dark pixel whose piece is not known yet.
const open = -1

// piecesOf takes what is within box, which lies on g, apart. The pieces come by their left
// edges.
func piecesOf(g *image.Gray, box image.Rectangle) *scrap {
	w, h := box.Dx(), box.Dy()
	s := &scrap{g: g, box: box, of: make([]int32, (w+2)*(h+2))}
	for y := range h {
		to := s.of[(y+1)*s.stride()+1:][:w]
		for x, v := range g.Pix[(box.Min.Y+y)*g.Stride+box.Min.X:][:w] {
			if dark(v) {
				to[x] = open
			}
		}
	}
	var queue []image.Point
	for x := range w {
		for y := range h {
			if s.of[(y+1)*s.stride()+x+1] == open {
				queue = s.piece(queue[:0], x, y)
			}
		}
	}
	return s
}

// piece gathers a piece from one of its pixels. The queue is empty, and its room is returned.
func (s *scrap) piece(queue []image.Point, x, y int) []image.Point {
	n := int32(len(s.all) + 1)
	s.of[(y+1)*s.stride()+x+1] = n
	b := image.Rect(x, y, x+1, y+1)
	for queue = append(queue, image.Pt(x, y)); len(queue) > 0; {
		p := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		b.Min.X, b.Max.X = min(b.Min.X, p.X), max(b.Max.X, p.X+1)
		b.Min.Y, b.Max.Y = min(b.Min.Y, p.Y), max(b.Max.Y, p.Y+1)
		for v := -1; v <= 1; v++ {
			row := s.of[(p.Y+1+v)*s.stride()+p.X:][:3]
			for u := range row {
				if row[u] == open {
					row[u] = n
					queue = append(queue, image.Pt(p.X+u-1, p.Y+v))
				}
			}
		}
	}
	s.all = append(s.all, b)
	return queue
}

// signsOf returns the signs within box from the left: dark pixels that touch, with what
// stands above or below them.
func signsOf(g *image.Gray, box image.Rectangle) []sign {
	box = box.Intersect(g.Rect)
	if box.Empty() {
		return nil
	}
	s := piecesOf(g, box)
	s.into = make([]int, len(s.all))
	var boxes []image.Rectangle
	for i, b := range s.all { // pieces above each other are one sign
		if n := len(boxes) - 1; n >= 0 {
			last := &boxes[n]
			if both := min(last.Max.X, b.Max.X) - max(last.Min.X, b.Min.X); 2*both > min(last.Dx(), b.Dx()) {
				*last = last.Union(b)
				s.into[i] = n
				continue
			}
		}
		s.into[i] = len(boxes)
		boxes = append(boxes, b)
	}
	signs := make([]sign, len(boxes))
	for i, b := range boxes {
		signs[i] = sign{box: b.Add(box.Min), look: s.onGrid(i, b)}
	}
	return signs
}

// onGrid returns sign i, which is in box, on the grid, as high as this, in the middle.
func (s *scrap) onGrid(i int, box image.Rectangle) []float32 {
	look := make([]float32, signWide*signHigh)
	step := float64(box.Dy()) / signHigh
	left := float64(box.Min.X+box.Max.X)/2 - step*signWide/2
	var at [signWide]int
	var parts [signWide]float32
	for u := range at {
		x := left + (float64(u)+0.5)*step - 0.5
		x0 := math.Floor(x)
		at[u], parts[u] = int(x0), float32(x-x0)
	}
	var top, low inks
	y := box.Min.Y - 3 // of top, which is not there yet
	mean := float32(0)
	for v := range signHigh {
		y1 := float64(box.Min.Y) + (float64(v)+0.5)*step - 0.5
		y0 := math.Floor(y1)
		fy := float32(y1 - y0)
		switch int(y0) {
		case y:
		case y + 1:
			top = low
			s.inks(&low, i, &at, int(y0)+1)
		default:
			s.inks(&top, i, &at, int(y0))
			s.inks(&low, i, &at, int(y0)+1)
		}
		y = int(y0)
		for u, fx := range parts {
			k := v*signWide + u
			look[k] = (top[2*u]*(1-fx)+top[2*u+1]*fx)*(1-fy) + (low[2*u]*(1-fx)+low[2*u+1]*fx)*fy
			mean += look[k]
		}
	}
	mean /= float32(len(look))
	for k := range look {
		look[k] -= mean
	}
	return unit(look)
}

// inks is the ink at each place of a row and right of it.
type inks [2 * signWide]float32

// inks gathers what ink row y of the scrap has there, but for that of other signs than i.
func (s *scrap) inks(to *inks, i int, at *[signWide]int, y int) {
	*to = inks{}
	w := s.box.Dx()
	if y < 0 || y >= s.box.Dy() {
		return
	}
	of := s.of[(y+1)*s.stride()+1:][:w]
	row := s.g.Pix[(s.box.Min.Y+y)*s.g.Stride+s.box.Min.X:][:w]
	for k := range to {
		x := at[k/2] + k%2
		if x < 0 || x >= w {
			continue
		}
		if n := of[x]; n == 0 || s.into[n-1] == i {
			to[k] = float32(255 - row[x])
		}
	}
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
