package prepare

import (
	"image"
	"math/rand/v2"
	"slices"
	"testing"
)

// noisy is an image of any grey, w by h, in one that is wider.
func noisy(w, h int, r *rand.Rand) *image.Gray {
	m := image.NewGray(image.Rect(0, 0, w+3, h))
	for i := range m.Pix {
		m.Pix[i] = byte(r.Uint32())
		if r.IntN(4) == 0 {
			m.Pix[i] = 255
		}
	}
	return m.SubImage(image.Rect(0, 0, w, h)).(*image.Gray)
}

// What is computed four at a time, or without dividing, is what the definition gives, to
// the last bit, of all widths.
func TestMeansAsDefined(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for w := 1; w < 70; w++ {
		m := noisy(w, 9+w, r)
		if w > 1 {
			half := Reduce(m, 2)
			for y := range half.Rect.Dy() {
				for x := range half.Rect.Dx() {
					sum := 2
					for k := range 4 {
						sum += int(m.Pix[(2*y+k/2)*m.Stride+2*x+k%2])
					}
					if got := half.Pix[y*half.Stride+x]; int(got) != sum/4 {
						t.Fatalf("%d wide: half at %d, %d is %d, want %d", w, x, y, got, sum/4)
					}
				}
			}
		}
		for _, radius := range []int{1, 3, 9, 40} {
			of := newMeans(m, radius)
			for y := range m.Rect.Dy() {
				if got, want := of.row(y), meansAt(m, radius, y); !slices.Equal(got, want) {
					t.Fatalf("%d wide, radius %d, row %d: %v, want %v", w, radius, y, got, want)
				}
			}
		}
	}
}

func meansAt(m *image.Gray, radius, y int) (out []int32) {
	for x := range m.Rect.Dx() {
		sum, n := int32(0), int32(0)
		for v := max(0, y-radius); v <= min(m.Rect.Dy()-1, y+radius); v++ {
			for u := max(0, x-radius); u <= min(m.Rect.Dx()-1, x+radius); u++ {
				sum, n = sum+int32(m.Pix[v*m.Stride+u]), n+1
			}
		}
		out = append(out, sum/n)
	}
	return out
}
