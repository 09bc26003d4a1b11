package scan

import (
	"bytes"
	"image"
	"testing"
)

// TestSamples: samples and bits of a page are the pixels that Decode makes of
// it, whatever the predictor, whole or read row by row.
func TestSamples(t *testing.T) {
	const w, h = 83, 50
	for _, components := range []int{1, 3} {
		rows := speckled(w * components * h)
		for _, filter := range []byte{filterNone, filterSub, filterUp, filterPaeth} {
			packed := deflate(appendFiltered(nil, filter, rows, make([]byte, w*components), components))
			for _, behind := range []string{"", "\x00"} { // a stray byte: read row by row
				p := Page{Encoding: Flate, Width: w, Height: h, Components: components, Bits: 8, Predictor: 15, Data: append(bytes.Clone(packed), behind...)}
				got, err := Samples(p)
				if err != nil || !bytes.Equal(got, rows) {
					t.Errorf("%d components, filter %d, %q behind: other samples, %v", components, filter, behind, err)
				}
				img, err := Decode(p)
				if err != nil {
					t.Fatal(err)
				}
				same(t, img, imageOf(rows, w, h, components))
			}
		}
		for _, predictor := range []int{0, 1, 2} {
			p := Page{Encoding: Flate, Width: w, Height: h, Components: components, Bits: 8, Predictor: predictor, Data: deflate(rows)}
			got, err := Samples(p)
			if err != nil {
				t.Fatal(err)
			}
			img, err := Decode(p)
			if err != nil {
				t.Fatal(err)
			}
			same(t, img, imageOf(got, w, h, components))
		}
	}
}

func imageOf(rows []byte, w, h, components int) image.Image {
	if components == 1 {
		return &image.Gray{Pix: rows, Stride: w, Rect: image.Rect(0, 0, w, h)}
	}
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range w * h {
		copy(m.Pix[4*i:], rows[3*i:3*i+3])
		m.Pix[4*i+3] = 0xff
	}
	return m
}

// TestBits: of every coding of two tones, either way round.
func TestBits(t *testing.T) {
	for _, w := range []int{1, 7, 8, 83, 256} {
		const h = 30
		stride := (w + 7) / 8
		rows := speckled(stride * h)
		two, err := TwoTone(w, h, rows)
		if err != nil {
			t.Fatal(err)
		}
		fax := newG4Writer(w)
		for y := range h {
			if err := fax.row(rows[y*stride:][:stride]); err != nil {
				t.Fatal(err)
			}
		}
		coded, err := fax.finish()
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range []Page{two, {Encoding: G4, Data: coded}, {Encoding: G4, Data: coded, BlackIsOne: true},
			{Encoding: Flate, Data: deflate(rows)}, {Encoding: Flate, Data: deflate(rows), BlackIsOne: true}} {
			p.Width, p.Height, p.Components, p.Bits = w, h, 1, 1
			got, err := Bits(p)
			if err != nil {
				t.Fatal(err)
			}
			img, err := Decode(p)
			if err != nil {
				t.Fatal(err)
			}
			for y := range h {
				for x := range 8 * stride {
					black := x < w && img.(*image.Gray).GrayAt(x, y).Y == 0
					if got[y*stride+x/8]>>(7-x%8)&1 == 1 != black {
						t.Fatalf("%s, black is one %t, %d wide: pixel %d, %d", p.Encoding, p.BlackIsOne, w, x, y)
					}
				}
			}
		}
	}
	if _, err := Bits(Page{Encoding: Flate, Width: 8, Height: 1, Components: 1, Bits: 8, Data: deflate(make([]byte, 8))}); err == nil {
		t.Error("bits of a grey page")
	}
	if _, err := Samples(Page{Encoding: JPEG, Width: 8, Height: 1, Components: 1, Bits: 8}); err == nil {
		t.Error("samples of a JPEG")
	}
}
