package prepare

import (
	"bytes"
	"image"
	"image/jpeg"
	"testing"

	"sohoa/scan/room"
	"sohoa/specimen"
)

// Nothing of a page is left on the next: what is made in room that is had again is the
// same whatever stands in it.
func TestNothingIsLeft(t *testing.T) {
	for seed, kind := range []specimen.Kind{specimen.Decision, specimen.Report} {
		as, _ := drawn(t, kind, uint64(seed), 150, specimen.Office(uint64(seed)))
		var file bytes.Buffer
		if err := jpeg.Encode(&file, as, nil); err != nil {
			t.Fatal(err)
		}
		m, err := jpeg.Decode(&file)
		if err != nil {
			t.Fatal(err)
		}
		var first []byte
		for _, with := range []byte{0, 0xff, 0x5a} {
			s := Ready(m, Given{X: 150, Y: 150, Sure: true, DPI: 100, Most: 1 << 24})
			if first == nil {
				first = bytes.Clone(s.Image.Pix)
			}
			if !bytes.Equal(s.Image.Pix, first) {
				t.Fatalf("%s: what was in the room before is in the image", kind)
			}
			for _, pix := range [][]byte{s.Image.Pix, s.grey.Pix, s.l.image.Pix} {
				for i := range pix {
					pix[i] = with
				}
			}
			s.Done()
		}
	}
}

// An image that is looked at again as it is stays its owner's.
func TestAgainTakesNothing(t *testing.T) {
	m, _ := drawn(t, specimen.Decision, 3, 100, specimen.Office(3))
	g := &image.Gray{Pix: bytes.Clone(Grey(m).Pix), Stride: m.Bounds().Dx(), Rect: m.Bounds()}
	s := Ready(g, Given{X: 100, Y: 100, Sure: true, DPI: 100, Most: 1 << 24})
	s.Again(g, 100)
	for range 9 {
		if b := room.Any(len(g.Pix)); &b[0] == &g.Pix[0] {
			t.Fatal("the room of an image that is still somebody's is had again")
		}
	}
}
