// Package sides looks at the sides of sheets that come by the metre: which codes are
// on them, whether anything is, how they lie, and what they look like, so that one
// can be found that looks the same. It reads no words.
package sides

import (
	"image"
	"math"
	"slices"

	"sohoa/ocr/codes"
	"sohoa/ocr/prepare"
	"sohoa/ocr/quality"
	"sohoa/scan"
)

// A Look is what was seen of a side.
type Look struct {
	quality.Look
	Says   []string `json:"says,omitempty"`   // what the codes on it say, each text once
	Print  uint64   `json:"print,omitempty"`  // see [Print]; 0 of a blank side
	Width  int      `json:"width,omitempty"`  // millimetres, as it is stored
	Height int      `json:"height,omitempty"` // by the resolution of its file
}

// fineDPI is from where a picture is halved before codes are looked for: those that
// the house prints have modules of a third of a millimetre.
const fineDPI = 280

// At looks at the picture m of page p, as it is stored.
func At(m image.Image, p scan.Page) (Look, error) {
	seen, ink, level := quality.Seen(m, p)
	l := Look{Look: seen}
	if p.DPIX > 0 && p.DPIY > 0 {
		l.Width, l.Height = int(math.Round(float64(p.Width)*25.4/p.DPIX)), int(math.Round(float64(p.Height)*25.4/p.DPIY))
	}
	if l.Has(quality.Blank) {
		return l, nil // a code is ink
	}
	var err error
	if l.Says, err = texts(ink, p); err != nil {
		return l, err
	}
	l.Print = Print(level.Image)
	return l, nil
}

// texts finds the codes: at half the resolution if that is fine enough.
func texts(ink *image.Gray, p scan.Page) (all []string, err error) {
	looks := []*image.Gray{ink}
	if math.Min(p.DPIX, p.DPIY) >= fineDPI {
		looks = []*image.Gray{prepare.Reduce(ink, int(math.Min(p.DPIX, p.DPIY))/(fineDPI/2))}
	}
	for _, m := range looks {
		found, err := codes.Find(m)
		if err != nil {
			return nil, err
		}
		for _, c := range found {
			if !slices.Contains(all, c.Text) {
				all = append(all, c.Text)
			}
		}
	}
	return all, nil
}
