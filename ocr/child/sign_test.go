package child

import (
	"encoding/binary"
	"image"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// blots is a picture of strokes of ink with grey about them.
func blots(r *rand.Rand, w, h int) *image.Gray {
	g := image.NewGray(image.Rect(0, 0, w, h))
	for i := range g.Pix {
		g.Pix[i] = byte(255 - r.IntN(30))
		if beside := max(0, i-[]int{1, w}[r.IntN(2)]); r.IntN(30) == 0 || r.IntN(100) < 85 && dark(g.Pix[beside]) {
			g.Pix[i] = byte(r.IntN(180))
		}
	}
	return g
}

// inkOf is the definition of what a sign has at a place: pieces are walked over from their
// first pixel.
func inkOf(g *image.Gray, box image.Rectangle) (boxes []image.Rectangle, ink func(i, x, y int) float32) {
	w, h := box.Dx(), box.Dy()
	of := make([]int, w*h)
	var pieces []image.Rectangle
	for at := range of {
		x, y := at/h, at%h
		var walk func(x, y int)
		walk = func(x, y int) {
			if !image.Pt(x, y).In(image.Rect(0, 0, w, h)) || of[y*w+x] > 0 || !dark(g.GrayAt(box.Min.X+x, box.Min.Y+y).Y) {
				return
			}
			of[y*w+x] = len(pieces)
			pieces[len(pieces)-1] = pieces[len(pieces)-1].Union(image.Rect(x, y, x+1, y+1))
			for v := -1; v <= 1; v++ {
				for u := -1; u <= 1; u++ {
					walk(x+u, y+v)
				}
			}
		}
		if of[y*w+x] == 0 && dark(g.GrayAt(box.Min.X+x, box.Min.Y+y).Y) {
			pieces = append(pieces, image.Rectangle{})
			walk(x, y)
		}
	}
	into := make([]int, len(pieces))
	for i, b := range pieces {
		if n := len(boxes) - 1; n >= 0 && 2*(min(boxes[n].Max.X, b.Max.X)-max(boxes[n].Min.X, b.Min.X)) > min(boxes[n].Dx(), b.Dx()) {
			boxes[n], into[i] = boxes[n].Union(b), n
			continue
		}
		into[i] = len(boxes)
		boxes = append(boxes, b)
	}
	return boxes, func(i, x, y int) float32 {
		if !image.Pt(x, y).In(image.Rect(0, 0, w, h)) {
			return 0
		}
		if n := of[y*w+x]; n > 0 && into[n-1] != i {
			return 0
		}
		return float32(255 - g.GrayAt(box.Min.X+x, box.Min.Y+y).Y)
	}
}

// Signs and their looks are those of the definition to the last bit, and so is how alike
// they are, one by one or four at once.
func TestSignsAreTheirDefinition(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 1))
	seen := 0
	for range 300 {
		g := blots(r, 1+r.IntN(70), 1+r.IntN(45))
		box := image.Rect(r.IntN(9)-2, r.IntN(9)-2, g.Rect.Dx()-r.IntN(4), g.Rect.Dy()-r.IntN(4)).Intersect(g.Rect)
		signs := signsOf(g, box)
		boxes, ink := inkOf(g, box)
		if len(signs) != len(boxes) {
			t.Fatalf("%d signs, not %d", len(signs), len(boxes))
		}
		for i, s := range signs {
			b := boxes[i]
			look, mean := make([]float32, signWide*signHigh), float32(0)
			step := float64(b.Dy()) / signHigh
			left := float64(b.Min.X+b.Max.X)/2 - step*signWide/2
			for k := range look {
				x, y := left+(float64(k%signWide)+0.5)*step-0.5, float64(b.Min.Y)+(float64(k/signWide)+0.5)*step-0.5
				x0, y0 := math.Floor(x), math.Floor(y)
				fx, fy := float32(x-x0), float32(y-y0)
				u, v := int(x0), int(y0)
				look[k] = (ink(i, u, v)*(1-fx)+ink(i, u+1, v)*fx)*(1-fy) + (ink(i, u, v+1)*(1-fx)+ink(i, u+1, v+1)*fx)*fy
				mean += look[k]
			}
			mean /= float32(len(look))
			for k := range look {
				look[k] -= mean
			}
			if s.box != b.Add(box.Min) || !slices.Equal(s.look, unit(look)) {
				t.Fatalf("sign %d at %v looks otherwise", i, s.box)
			}
		}
		for i := 0; i+3 < len(signs); i++ {
			four := signs[i].likeFour([4]sign{signs[i], signs[i+1], {}, signs[i+3]})
			if four != [4]float64{signs[i].like(signs[i]), signs[i].like(signs[i+1]), 0, signs[i].like(signs[i+3])} {
				t.Fatalf("four at once are alike by %v", four)
			}
		}
		seen += len(signs)
	}
	if seen < 1000 {
		t.Errorf("only %d signs were held against the definition", seen)
	}
}

// The pixels that the engine is handed lie as Leptonica keeps them, whatever the width.
func TestWordsOfPixels(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 8))
	for w := range 150 {
		g := blots(r, w, 1+r.IntN(5))
		if w > 9 {
			g = g.SubImage(image.Rect(0, 0, w-3, g.Rect.Dy())).(*image.Gray)
		}
		b := spix(nil, g)
		across := (g.Rect.Dx() + 3) / 4
		if len(b) != spixHead+4*across*g.Rect.Dy() {
			t.Fatalf("%d bytes for %v", len(b), g.Rect)
		}
		for y := range g.Rect.Dy() {
			for x := range 4 * across {
				want := byte(0)
				if x < g.Rect.Dx() {
					want = g.Pix[y*g.Stride+x]
				}
				word := binary.NativeEndian.Uint32(b[spixHead+4*(y*across+x/4):])
				if got := byte(word >> (24 - 8*(x%4))); got != want {
					t.Fatalf("%v: pixel %d, %d is %d, not %d", g.Rect, x, y, got, want)
				}
			}
		}
	}
}
