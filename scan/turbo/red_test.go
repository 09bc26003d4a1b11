package turbo

import (
	"bytes"
	"image"
	"math/rand/v2"
	"testing"
)

// Without blue the rest is the same, and so is what is found wrong with the data, also
// where they tell of blue.
func TestDecodeRed(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	for _, size := range []image.Point{{1, 1}, {33, 47}, {200, 131}} {
		m := picture(size.X, size.Y, false)
		for name, data := range map[string][]byte{
			"420": encoded(t, m), "grey": encoded(t, picture(size.X, size.Y, true)), "444": by(t, m, "-sample", "1x1"),
			"422": by(t, m, "-sample", "2x1"), "440": by(t, m, "-sample", "1x2"), "progressive": by(t, m, "-progressive"),
			"restarts": by(t, m, "-restart", "1"), "arranged": by(t, m, "-optimize"),
		} {
			taken := 0
			for round := range 120 {
				b := bytes.Clone(data)
				if round > 0 { // a bit is wrong
					b[rnd.IntN(len(b))] ^= 1 << rnd.IntN(8)
				}
				if round%9 == 8 {
					b = b[:len(b)-rnd.IntN(len(b)/2+1)]
				}
				want, wrong := Decode(b, size.X, size.Y)
				got, err := DecodeRed(b, size.X, size.Y)
				if (err == nil) != (wrong == nil) {
					t.Fatalf("%s of %v, round %d: %v, not %v", name, size, round, err, wrong)
				}
				if err != nil {
					continue
				}
				taken++
				same(t, got, want)
			}
			if taken == 0 {
				t.Errorf("%s of %v: nothing is taken", name, size)
			}
		}
	}
}

func same(t *testing.T, got, want image.Image) {
	t.Helper()
	switch want := want.(type) {
	case *image.Gray:
		if !bytes.Equal(got.(*image.Gray).Pix, want.Pix) {
			t.Error("another grey")
		}
	case *image.YCbCr:
		got := got.(*image.YCbCr)
		if got.Rect != want.Rect || got.SubsampleRatio != want.SubsampleRatio || got.YStride != want.YStride || got.CStride != want.CStride ||
			!bytes.Equal(got.Y, want.Y) || !bytes.Equal(got.Cr, want.Cr) || !bytes.Equal(got.Cb, got.Cr) {
			t.Error("another picture")
		}
	}
}
