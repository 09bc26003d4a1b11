package turbo

import (
	"bytes"
	"image"
	"math/rand/v2"
	"testing"
)

// All strips together are the picture, and the same is found wrong with the data.
func TestStrips(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	for _, size := range []image.Point{{1, 1}, {33, 47}, {64, 48}, {40, 96}, {200, 131}} {
		m := picture(size.X, size.Y, false)
		for name, data := range map[string][]byte{"420": encoded(t, m), "422": by(t, m, "-sample", "2x1"),
			"progressive": by(t, m, "-progressive"), "restarts": by(t, m, "-restart", "1"), "arranged": by(t, m, "-optimize")} {
			taken := 0
			for round := range 120 {
				b := bytes.Clone(data)
				if round > 0 { // a bit is wrong
					b[rnd.IntN(len(b))] ^= 1 << rnd.IntN(8)
				}
				if round%9 == 8 {
					b = b[:len(b)-rnd.IntN(len(b)/2+1)]
				}
				want, wrong := DecodeRed(b, size.X, size.Y)
				if c, ok := want.(*image.YCbCr); wrong == nil && (!ok || c.SubsampleRatio != image.YCbCrSubsampleRatio420 && c.SubsampleRatio != image.YCbCrSubsampleRatio422) {
					wrong = ErrOther // by chance another kind
				}
				got, err := together(b, size)
				if (err == nil) != (wrong == nil) {
					t.Fatalf("%s of %v, round %d: %v, not %v", name, size, round, err, wrong)
				}
				if err == nil {
					taken++
					want := want.(*image.YCbCr)
					w, h := (size.X+1)/2, want.COffset(0, size.Y-1)/want.CStride+1
					if !rows(got.Y, got.YStride, want.Y, want.YStride, size.X, size.Y) || !rows(got.Cr, got.CStride, want.Cr, want.CStride, w, h) {
						t.Fatalf("%s of %v, round %d: another picture", name, size, round)
					}
				}
			}
			if taken == 0 {
				t.Errorf("%s of %v: nothing is taken", name, size)
			}
		}
	}
	for name, data := range map[string][]byte{"444": by(t, picture(90, 90, false), "-sample", "1x1"), "440": by(t, picture(90, 90, false), "-sample", "1x2"), "grey": encoded(t, picture(90, 90, true)), "none": nil} {
		if _, err := together(data, image.Pt(90, 90)); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	if _, err := together(encoded(t, picture(90, 90, false)), image.Pt(90, 91)); err == nil {
		t.Error("a picture of another size is taken")
	}
}

// together copies each strip to its place.
func together(data []byte, size image.Point) (*image.YCbCr, error) {
	var m *image.YCbCr
	err := Strips(data, size.X, size.Y, func(top int, s *image.YCbCr) {
		if m == nil {
			m = image.NewYCbCr(image.Rectangle{Max: size}, s.SubsampleRatio)
		}
		for y := range s.Rect.Dy() {
			copy(m.Y[(top+y)*m.YStride:][:m.YStride], s.Y[y*s.YStride:])
			copy(m.Cr[m.COffset(0, top+y):][:m.CStride], s.Cr[s.COffset(0, y):])
		}
	})
	return m, err
}

func rows(a []byte, aStride int, b []byte, bStride, w, h int) bool {
	for y := range h {
		if !bytes.Equal(a[y*aStride:][:w], b[y*bStride:][:w]) {
			return false
		}
	}
	return true
}
