package prepare

import (
	"bytes"
	"image/jpeg"
	"testing"

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
