package turbo_test

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"testing"

	"sohoa/scan/turbo"
)

func drawn(t *testing.T, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A picture drawn at some eighths is the picture, smaller, in grey and colour,
// and what is written of it is that picture again.
func TestScaled(t *testing.T) {
	grey := image.NewGray(image.Rect(0, 0, 203, 301))
	colour := image.NewRGBA(grey.Rect)
	for y := range 301 {
		for x := range 203 {
			c := color.RGBA{R: 220, G: 60, B: 40, A: 255}
			if x >= 100 {
				c = color.RGBA{R: 20, G: 80, B: 200, A: 255}
			}
			grey.Set(x, y, c)
			colour.Set(x, y, c)
		}
	}
	for name, m := range map[string]image.Image{"grey": grey, "colour": colour} {
		data := drawn(t, m)
		for eighths := 1; eighths <= 8; eighths++ {
			v, err := turbo.Scaled(data, eighths)
			if err != nil || v.Width != (203*eighths+7)/8 || v.Height != (301*eighths+7)/8 {
				t.Fatalf("%s at %d/8: %d × %d, %v", name, eighths, v.Width, v.Height, err)
			}
			file, err := v.Encode(90, 100)
			if err != nil {
				t.Fatal(err)
			}
			again, err := v.Encode(90, 100)
			if err != nil || !bytes.Equal(file, again) {
				t.Error("the same view gives other bytes")
			}
			got, err := jpeg.Decode(bytes.NewReader(file))
			if err != nil {
				t.Fatal(err)
			}
			for _, share := range []float64{0.2, 0.8} {
				x, y := int(share*float64(v.Width)), v.Height/2
				r, g, b, _ := got.At(x, y).RGBA()
				wr, wg, wb, _ := m.At(int(share*203), 150).RGBA()
				if off(r, wr) || off(g, wg) || off(b, wb) {
					t.Errorf("%s at %d/8: %v, not %v", name, eighths, got.At(x, y), m.At(int(share*203), 150))
				}
			}
		}
	}
}

func off(a, b uint32) bool { return a > b+0x0c00 || b > a+0x0c00 }

// What is damaged, or no picture, is told.
func TestScaledRefuses(t *testing.T) {
	good := drawn(t, image.NewGray(image.Rect(0, 0, 64, 64)))
	for name, data := range map[string][]byte{"nothing": nil, "text": []byte("text"), "cut": good[:len(good)-20]} {
		if _, err := turbo.Scaled(data, 4); !errors.Is(err, turbo.ErrOther) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, eighths := range []int{0, 9} {
		if _, err := turbo.Scaled(good, eighths); !errors.Is(err, turbo.ErrOther) {
			t.Errorf("%d/8: %v", eighths, err)
		}
	}
	for _, v := range []turbo.View{{}, {Pix: make([]byte, 5), Width: 2, Height: 2, Components: 1}, {Pix: make([]byte, 8), Width: 2, Height: 2, Components: 2}} {
		if _, err := v.Encode(85, 100); !errors.Is(err, turbo.ErrOther) {
			t.Errorf("%+v: %v", v, err)
		}
	}
}
