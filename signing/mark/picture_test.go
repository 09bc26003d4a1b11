package mark

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"math"
	"testing"
)

// drawing is a PNG of a block in a colour on a ground.
func drawing(t testing.TB, ground, c color.NRGBA) []byte {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, 100, 50))
	for y := range 50 {
		for x := range 100 {
			img.SetNRGBA(x, y, ground)
			if x > 9 && x < 90 && y > 4 && y < 45 {
				img.SetNRGBA(x, y, c)
			}
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// sized puts a pHYs chunk behind the header.
func sized(file []byte, perMetre uint32) []byte {
	chunk := []byte("pHYs")
	chunk = binary.BigEndian.AppendUint32(chunk, perMetre)
	chunk = append(binary.BigEndian.AppendUint32(chunk, perMetre), 1)
	out := bytes.Clone(file[:33])
	out = binary.BigEndian.AppendUint32(out, 9)
	out = append(out, chunk...)
	out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(chunk))
	return append(out, file[33:]...)
}

func TestReadPicture(t *testing.T) {
	clear, white := color.NRGBA{}, color.NRGBA{255, 255, 255, 255}
	blue, red, black := color.NRGBA{20, 40, 190, 255}, color.NRGBA{210, 20, 30, 255}, color.NRGBA{0, 0, 0, 255}
	for name, c := range map[string]struct {
		file []byte
		hue  Hue
		good bool
	}{
		"signature":         {drawing(t, clear, blue), Blue, true},
		"seal":              {drawing(t, clear, red), Red, true},
		"red signature":     {drawing(t, clear, red), Blue, false},
		"black seal":        {drawing(t, clear, black), Red, false},
		"on white":          {drawing(t, white, blue), Blue, false},
		"nothing on it":     {drawing(t, clear, clear), Blue, false},
		"no PNG":            {[]byte("GIF89a"), Blue, false},
		"cut short":         {drawing(t, clear, blue)[:60], Blue, false},
		"a hundred million": {append([]byte("\x89PNG\r\n\x1a\n"), header(20000, 5000)...), Blue, false},
	} {
		_, err := ReadPicture(bytes.NewReader(c.file), c.hue)
		if c.good != (err == nil) || !c.good && !errors.Is(err, ErrPicture) {
			t.Errorf("%s: %v", name, err)
		}
	}
	p, err := ReadPicture(bytes.NewReader(sized(drawing(t, clear, red), 11811)), Red) // 300 dpi
	if err != nil || math.Abs(p.Width-8.467) > 0.01 || math.Abs(p.Height-4.233) > 0.01 {
		t.Errorf("true size %g by %g: %v", p.Width, p.Height, err)
	}
}

// header is the first chunk of a PNG of a size.
func header(w, h uint32) []byte {
	chunk := []byte("IHDR")
	chunk = binary.BigEndian.AppendUint32(chunk, w)
	chunk = append(binary.BigEndian.AppendUint32(chunk, h), 8, 6, 0, 0, 0)
	out := append(binary.BigEndian.AppendUint32(nil, 13), chunk...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(chunk))
}

// TestCompose draws two pictures as one, the later over the earlier, no pixel
// half clear.
func TestCompose(t *testing.T) {
	hand, err := ReadPicture(bytes.NewReader(drawing(t, color.NRGBA{}, color.NRGBA{20, 40, 190, 255})), Blue)
	if err != nil {
		t.Fatal(err)
	}
	seal, err := ReadPicture(bytes.NewReader(drawing(t, color.NRGBA{}, color.NRGBA{210, 20, 30, 255})), Red)
	if err != nil {
		t.Fatal(err)
	}
	m := Pictures([]*Picture{hand, seal}, []Box{{X: 50, Y: 0, Width: 100, Height: 50}, {X: 0, Y: 0, Width: 100, Height: 50}})
	b, err := m.Compose(144)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(b))
	if err != nil || img.Bounds().Dx() != 300 || img.Bounds().Dy() != 100 {
		t.Fatalf("%v %v", img.Bounds(), err)
	}
	for x, want := range map[int]string{5: "clear", 60: "red", 140: "red", 220: "blue", 295: "clear"} {
		r, _, bl, a := img.At(x, 50).RGBA()
		got := "clear"
		if a == 0xFFFF && r > bl {
			got = "red"
		} else if a == 0xFFFF {
			got = "blue"
		}
		if got != want {
			t.Errorf("pixel %d is %s, want %s", x, got, want)
		}
	}
	if m.Key() == Pictures([]*Picture{hand}, []Box{{Width: 100, Height: 50}}).Key() {
		t.Error("other marks have the same key")
	}
}

// FuzzReadPicture looks for files that make the reader fall over.
func FuzzReadPicture(f *testing.F) {
	f.Add(sized(drawing(f, color.NRGBA{}, color.NRGBA{210, 20, 30, 255}), 11811))
	f.Fuzz(func(t *testing.T, b []byte) {
		if p, err := ReadPicture(bytes.NewReader(b), Red); err == nil && (p.W < 1 || p.Width < 0 || math.IsNaN(p.Width)) {
			t.Errorf("%+v", p)
		}
	})
}
