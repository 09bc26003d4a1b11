package raster

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"sohoa/scan/turbo"
)

// A level picture is mixed row by row into the very pixels into which any other is
// mixed one by one, wherever it lies, edges and blank paper too.
func TestLevelPictures(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	blank := [3]byte{255, 128, 128}
	for range 300 {
		v := turbo.View{Width: 2 + random.IntN(40), Height: 2 + random.IntN(20), Components: 3}
		v.Pix = make([]byte, 3*v.Width*v.Height)
		for i := range v.Pix {
			v.Pix[i] = byte(random.Uint32())
		}
		w := 1 + random.IntN(60)
		u, du := int64(random.IntN(10<<16)-5<<16), int64(1+random.IntN(3<<16))
		var l leveller
		for y := -2; y < v.Height+2; y++ {
			at := int64(y)<<16 + int64(random.IntN(1<<16))
			got, want := make([]byte, 3*w), make([]byte, 3*w)
			l.mixed(got, &v, u, at, du, blank)
			mixed(want, &v, u, at, du, 0, blank)
			// The last pixels of all are mixed otherwise, and rounded once instead of twice.
			if !bytes.Equal(got, want) && (y < v.Height-2 || apart(got, want) > 1) {
				t.Fatalf("%d by %d, from %d in steps of %d, row %d: %v, want %v", v.Width, v.Height, u, du, at, got, want)
			}
		}
	}
}

func apart(a, b []byte) (most int) {
	for i := range a {
		most = max(most, int(a[i])-int(b[i]), int(b[i])-int(a[i]))
	}
	return most
}
