package child

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"image"
	"image/jpeg"
	"testing"

	"sohoa/scan"
)

// TestProven: of a page that came unproven the reader says that its data are whole
// and nothing besides, if they are; of any other it says nothing.
func TestProven(t *testing.T) {
	const side = 200
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	if _, err := z.Write(bytes.Repeat([]byte{0xff}, 3*side*side)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	flate := scan.Page{Encoding: scan.Flate, Width: side, Height: side, Components: 3, Bits: 8, DPIX: 200, DPIY: 200, DPIFrom: scan.FromFile, Data: packed.Bytes()}
	white := image.NewYCbCr(image.Rect(0, 0, side, side), image.YCbCrSubsampleRatio420)
	for _, plane := range [][]byte{white.Y, white.Cb, white.Cr} {
		for i := range plane {
			plane[i] = 255
		}
	}
	var picture bytes.Buffer
	if err := jpeg.Encode(&picture, white, nil); err != nil {
		t.Fatal(err)
	}
	plain := flate
	plain.Encoding, plain.Data = scan.JPEG, picture.Bytes()
	rgb := plain // the components are named, which only Go's decoder takes
	rgb.Data = bytes.Clone(plain.Data)
	frame := bytes.Index(rgb.Data, []byte{0xff, 0xc0})
	order := bytes.Index(rgb.Data, []byte{0xff, 0xda})
	for i, name := range "RGB" {
		rgb.Data[frame+10+3*i], rgb.Data[order+5+2*i] = byte(name), byte(name)
	}
	for _, page := range []scan.Page{flate, plain, rgb} {
		for _, c := range []struct {
			name             string
			unproven, proven bool
			behind           string
		}{{"whole", true, true, ""}, {"nobody asks", false, false, ""}, {"more behind it", true, false, "\x00"}, {"a picture behind it", true, false, string(picture.Bytes())}} {
			p := page
			p.Unproven, p.Data = c.unproven, append(bytes.Clone(page.Data), c.behind...)
			want := ""
			if c.proven {
				want = p.Proof(sha256.Sum256(p.Data))
			}
			if got := read(t, p); got.Proven != want {
				t.Errorf("%s %s: %q, not %q", page.Encoding, c.name, got.Proven, want)
			}
		}
	}
	for _, bad := range [][]byte{plain.Data[:len(plain.Data)-40], append(bytes.Clone(plain.Data[:order+20]), 0xff, 0xd9)} {
		p := plain
		p.Unproven, p.Data = true, bad
		if got, err := sharedPool(t).Read(t.Context(), p); err == nil && got.Proven != "" {
			t.Errorf("a JPEG of %d bytes cut to %d is called whole", len(plain.Data), len(bad))
		}
	}
	other := flate
	other.Width, other.Height = 2*side, side/2
	if sum := sha256.Sum256(flate.Data); other.Proof(sum) == flate.Proof(sum) {
		t.Error("the same bytes in another form have the same proof")
	}
}
