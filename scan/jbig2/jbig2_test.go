package jbig2

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"
)

// picture draws w × h pixels of which about one in sparse is black, in runs.
func picture(seed uint64, w, h, sparse int) []byte {
	random := rand.New(rand.NewPCG(seed, 7))
	stride := (w + 7) / 8
	b := make([]byte, stride*h)
	for y := range h {
		if y > 0 && random.IntN(3) == 0 {
			copy(b[y*stride:], b[(y-1)*stride:y*stride])
			continue
		}
		for x := 0; x < w; x++ {
			if random.IntN(sparse) == 0 {
				for n := random.IntN(9); n >= 0 && x < w; n, x = n-1, x+1 {
					b[y*stride+x/8] |= 0x80 >> (x % 8)
				}
			}
		}
	}
	return b
}

func encode(t testing.TB, b []byte, w, h int) []byte {
	t.Helper()
	out := NewWriter(w, h)
	stride := (w + 7) / 8
	for y := range h {
		out.Row(b[y*stride:][:stride])
	}
	data, err := out.Finish()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestRoundTrip(t *testing.T) {
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 1))
		w, h := 1+random.IntN(130), 1+random.IntN(40)
		b := picture(seed, w, h, 1+random.IntN(30))
		data := encode(t, b, w, h)
		got, err := Decode(data, w, h)
		if err != nil || !bytes.Equal(got, b) {
			t.Fatalf("seed %d, %d × %d: other pixels came back (%v)", seed, w, h, err)
		}
		if again := encode(t, b, w, h); !bytes.Equal(again, data) {
			t.Fatalf("seed %d: the same pixels gave other bytes", seed)
		}
	}
}

// Noise, all white and all black, and what makes the coder carry far.
func TestExtremes(t *testing.T) {
	const w, h = 500, 300
	stride := (w + 7) / 8
	black := bytes.Repeat([]byte{0xff}, stride*h)
	for y := range h {
		black[y*stride+stride-1] = 0xf0 // 500 is 62 × 8 + 4
	}
	noise := make([]byte, stride*h)
	random := rand.New(rand.NewPCG(5, 5))
	for i := range noise {
		noise[i] = byte(random.Uint32())
		if i%stride == stride-1 {
			noise[i] &= 0xf0
		}
	}
	for name, b := range map[string][]byte{"white": make([]byte, stride*h), "black": black, "noise": noise} {
		data := encode(t, b, w, h)
		got, err := Decode(data, w, h)
		if err != nil || !bytes.Equal(got, b) {
			t.Errorf("%s: other pixels came back (%v)", name, err)
		}
		if name != "noise" && len(data) > 120 {
			t.Errorf("%s takes %d bytes", name, len(data))
		}
	}
}

func TestRefuses(t *testing.T) {
	b := picture(3, 100, 50, 9)
	data := encode(t, b, 100, 50)
	for name, row := range map[string]struct {
		data []byte
		w, h int
		want error
	}{
		"another size":        {data, 101, 50, nil},
		"cut short":           {data[:len(data)/2], 100, 50, errCut},
		"nothing":             {nil, 100, 50, errCut},
		"more behind it":      {append(bytes.Clone(data), data...), 100, 50, ErrForeign},
		"symbols":             {append([]byte{0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0}, data...), 100, 50, ErrForeign},
		"data left out":       {shortened(data), 100, 50, errCut},
		"too many pixels":     {data, 1 << 20, 1 << 20, nil},
		"no pixels":           {data, 0, 50, nil},
		"another template":    {with(data, 11+19+11+17, 2), 100, 50, ErrForeign},
		"laid out as stripes": {with(data, 11+17, 0x80), 100, 50, ErrForeign},
	} {
		got, err := Decode(row.data, row.w, row.h)
		if err == nil || got != nil || row.want != nil && !errors.Is(err, row.want) {
			t.Errorf("%s: %v, want %v", name, err, row.want)
		}
	}
	w := NewWriter(8, 2)
	w.Row([]byte{1})
	if _, err := w.Finish(); err == nil {
		t.Error("half a picture was finished")
	}
}

// shortened leaves out the second half of the coded pixels, and says so.
func shortened(data []byte) []byte {
	const before = 11 + 19
	b := bytes.Clone(data[:before+11+regionHead+10])
	n := len(b) - before - 11
	b[before+7], b[before+8], b[before+9], b[before+10] = 0, 0, byte(n>>8), byte(n)
	return b
}

func with(data []byte, at int, v byte) []byte {
	b := bytes.Clone(data)
	b[at] = v
	return b
}

func FuzzDecode(f *testing.F) {
	for seed := range uint64(3) {
		f.Add(encode(f, picture(seed, 40, 30, 5), 40, 30), 40, 30)
	}
	f.Fuzz(func(t *testing.T, data []byte, w, h int) {
		if int64(w)*int64(h) > 1<<20 {
			return
		}
		if b, err := Decode(data, w, h); err == nil && len(b) != (w+7)/8*h {
			t.Errorf("%d bytes for %d × %d pixels", len(b), w, h)
		}
	})
}

func BenchmarkWriter(b *testing.B) {
	const w, h = 2480, 3508
	page := picture(1, w, h, 400)
	for b.Loop() {
		encode(b, page, w, h)
	}
}

func BenchmarkDecode(b *testing.B) {
	const w, h = 2480, 3508
	data := encode(b, picture(1, w, h, 400), w, h)
	for b.Loop() {
		if _, err := Decode(data, w, h); err != nil {
			b.Fatal(err)
		}
	}
}
