package turbo

import (
	"bytes"
	"image"
	"math/rand/v2"
	"reflect"
	"testing"
)

// Pictures are decoded as the library does it by itself, and the same is found wrong with
// the data; without blue the rest is the same, and also what is wrong where they tell of blue.
func TestDecodeRed(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	const rounds = 400
	for _, size := range []image.Point{{1, 1}, {33, 47}, {200, 131}} {
		m := picture(size.X, size.Y, false)
		for name, data := range map[string][]byte{
			"420": encoded(t, m), "grey": encoded(t, picture(size.X, size.Y, true)), "444": by(t, m, "-sample", "1x1"),
			"422": by(t, m, "-sample", "2x1"), "440": by(t, m, "-sample", "1x2"), "progressive": by(t, m, "-progressive"),
			"restarts": by(t, m, "-restart", "1"), "arranged": by(t, m, "-optimize"),
		} {
			if _, err := decode(data, size.X, size.Y, all|quick); (err != nil) != (name == "progressive" || name == "restarts") {
				t.Errorf("%s of %v, whose bits are not taken by the library: %v", name, size, err)
			}
			taken := 0
			for round := range rounds {
				b := bytes.Clone(data)
				if round > 0 { // a bit is wrong
					b[rnd.IntN(len(b))] ^= 1 << rnd.IntN(8)
				}
				if round%9 == 8 {
					b = b[:len(b)-rnd.IntN(len(b)/2+1)]
				}
				want, wrong := decode(b, size.X, size.Y, all|plain)
				if got, err := Decode(b, size.X, size.Y); (err == nil) != (wrong == nil) {
					t.Fatalf("%s of %v, round %d: %v, not %v", name, size, round, err, wrong)
				} else if err == nil && !reflect.DeepEqual(got, want) {
					t.Fatalf("%s of %v, round %d: not as the library decodes it", name, size, round)
				}
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

// BenchmarkBits has the library decode by itself, and beside it what is done instead.
func BenchmarkBits(b *testing.B) {
	m := picture(2480, 3508, false)
	data := encoded(b, m)
	for name, how := range map[string]how{"library": all | plain, "here": all | quick, "here without blue": quick} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := decode(data, 2480, 3508, how); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
