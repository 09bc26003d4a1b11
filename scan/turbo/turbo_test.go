package turbo

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
)

// picture is smooth, with noise, so that two decoders must agree on it.
func picture(w, h int, grey bool) image.Image {
	rnd := rand.New(rand.NewPCG(1, 2))
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			n := uint8(rnd.IntN(20))
			m.SetRGBA(x, y, color.RGBA{uint8(x*200/w) + n, uint8(y*200/h) + n, 90 + n, 255})
		}
	}
	if !grey {
		return m
	}
	g := image.NewGray(m.Rect)
	for y := range h {
		for x := range w {
			g.Set(x, y, m.At(x, y))
		}
	}
	return g
}

func encoded(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// by has cjpeg, a program we did not write, encode a picture in a kind that Go
// does not write.
func by(t *testing.T, m image.Image, args ...string) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "m.ppm")
	b := fmt.Appendf(nil, "P6 %d %d 255\n", m.Bounds().Dx(), m.Bounds().Dy())
	for y := range m.Bounds().Dy() {
		for x := range m.Bounds().Dx() {
			r, g, bl, _ := m.At(x, y).RGBA()
			b = append(b, byte(r>>8), byte(g>>8), byte(bl>>8))
		}
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("cjpeg", append(args, path)...).Output()
	if err != nil {
		t.Fatalf("cjpeg %v: %v", args, err)
	}
	return out
}

func TestAsGoDecodes(t *testing.T) {
	for _, size := range []image.Point{{1, 1}, {7, 9}, {16, 16}, {33, 47}, {200, 131}} {
		m := picture(size.X, size.Y, false)
		for name, data := range map[string][]byte{
			"420": encoded(t, m), "grey": encoded(t, picture(size.X, size.Y, true)),
			"444": by(t, m, "-sample", "1x1"), "422": by(t, m, "-sample", "2x1"), "440": by(t, m, "-sample", "1x2"),
			"progressive": by(t, m, "-progressive"), "restarts": by(t, m, "-restart", "1"), "arranged": by(t, m, "-optimize"),
		} {
			got, err := Decode(data, size.X, size.Y)
			if err != nil {
				t.Errorf("%s of %v: %v", name, size, err)
				continue
			}
			want, err := jpeg.Decode(bytes.NewReader(data))
			if err != nil {
				t.Fatal(err)
			}
			if !Whole(data, size.X, size.Y) {
				t.Errorf("%s of %v is not whole", name, size)
			}
			if got.Bounds() != want.Bounds() || !near(got, want) {
				t.Errorf("%s of %v differs: %T %v, %T %v", name, size, got, got.Bounds(), want, want.Bounds())
			}
		}
	}
}

// near allows for another rounding of the transform.
func near(a, b image.Image) bool {
	for y := range a.Bounds().Dy() {
		for x := range a.Bounds().Dx() {
			r, g, bl, _ := a.At(x, y).RGBA()
			s, h, cm, _ := b.At(x, y).RGBA()
			for _, d := range [][2]uint32{{r, s}, {g, h}, {bl, cm}} {
				if diff := int(d[0]>>8) - int(d[1]>>8); diff > 4 || diff < -4 {
					return false
				}
			}
		}
	}
	return true
}

func TestOthersAreLeft(t *testing.T) {
	m := picture(64, 64, false)
	good := encoded(t, m)
	for name, data := range map[string][]byte{
		"empty": {}, "no JPEG": []byte("%PDF-1.7"), "cut": good[:len(good)-40], "half": good[:len(good)/2], "head only": good[:200],
		"RGB":        by(t, m, "-rgb"),
		"arithmetic": by(t, m, "-arithmetic")[:150],
	} {
		if _, err := Decode(data, 64, 64); !errors.Is(err, ErrOther) {
			t.Errorf("%s: %v", name, err)
		}
		if Whole(data, 64, 64) {
			t.Errorf("%s is called whole", name)
		}
	}
	if Whole(good, 64, 63) {
		t.Error("another size is called whole")
	}
	if _, err := Decode(good, 64, 63); !errors.Is(err, ErrOther) {
		t.Errorf("another size: %v", err)
	}
}

// TestWholeIsDecoded: what is called whole is what can be decoded, wherever the
// data are damaged.
func TestWholeIsDecoded(t *testing.T) {
	m := picture(96, 80, false)
	for name, good := range map[string][]byte{"sequential": encoded(t, m), "progressive": by(t, m, "-progressive")} {
		differ, damaged := 0, 0
		for i := range good {
			for _, bad := range [][]byte{good[:i], slices.Concat(good[:i], []byte{good[i] ^ 0x55}, good[i+1:])} {
				_, err := Decode(bad, 96, 80)
				if whole := Whole(bad, 96, 80); whole && err != nil {
					differ++
				}
				if err != nil {
					damaged++
				}
			}
		}
		if differ > 0 || damaged < len(good) {
			t.Errorf("%s: of %d damaged ones %d are called whole", name, damaged, differ)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(encoded(f, picture(33, 17, false)))
	f.Add(encoded(f, picture(9, 9, true)))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := jpeg.DecodeConfig(bytes.NewReader(data))
		if err != nil || c.Width*c.Height > 1<<16 {
			return
		}
		if m, err := Decode(data, c.Width, c.Height); err == nil && m.Bounds() != image.Rect(0, 0, c.Width, c.Height) {
			t.Errorf("bounds %v", m.Bounds())
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	m := picture(2480, 3508, false)
	data := encoded(b, m)
	b.Run("turbo", func(b *testing.B) {
		for range b.N {
			if _, err := Decode(data, 2480, 3508); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("whole", func(b *testing.B) {
		for range b.N {
			if !Whole(data, 2480, 3508) {
				b.Fatal("not whole")
			}
		}
	})
	b.Run("go", func(b *testing.B) {
		for range b.N {
			if _, err := jpeg.Decode(bytes.NewReader(data)); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// Grey that says it is sampled otherwise than one by one comes in more rows at a
// time; image/jpeg reads it or refuses it.
func TestGreySampledOtherwise(t *testing.T) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 64, 64)), nil); err != nil {
		t.Fatal(err)
	}
	frame := bytes.Index(b.Bytes(), []byte{0xff, 0xc0})
	for _, sampling := range []byte{0x12, 0x21, 0x22, 0x13, 0x44} {
		data := bytes.Clone(b.Bytes())
		data[frame+11] = sampling
		if _, err := Decode(data, 64, 64); err == nil || Whole(data, 64, 64) {
			t.Errorf("sampling %#x was taken", sampling)
		}
	}
}
