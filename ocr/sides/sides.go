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
	Page   int      `json:"page"`             // from 1
	DPI    float64  `json:"dpi"`              // of the coarser side: by the file, else by the letters or the sheet
	Width  int      `json:"width,omitempty"`  // millimetres, as it is stored
	Height int      `json:"height,omitempty"` // by the resolution of its file
	Turn   int      `json:"turn,omitempty"`   // clockwise quarter turns that would make it upright, besides what the file asks for; 0 if the lines do not tell
	Blank  bool     `json:"blank,omitempty"`  // nothing is on it
	Colour bool     `json:"colour,omitempty"`
	Says   []string `json:"says,omitempty"`  // what the codes on it say, each text once
	Patch  string   `json:"patch,omitempty"` // the patch code on it, see [codes.Patch]
	Print  uint64   `json:"print,omitempty"` // see [Print]; 0 of a blank side
	Sum    string   `json:"sum,omitempty"`   // SHA-256 of the stored picture, in hex digits; empty if Told
	Told   bool     `json:"told,omitempty"`  // no scan: the page tells its words itself, and nothing was looked at
}

// Resolutions in dots per inch: from which a picture is reduced before codes are
// looked for, whose modules are a third of a millimetre where the house prints them;
// and at about which all else is seen.
const (
	fineDPI = 280
	lookDPI = PrintDPI
)

// PrintDPI is about the resolution in dots per inch of the pages of which [Print]
// makes prints that may be compared: whoever has a finer page reduces it.
const PrintDPI = 100

// At looks at the picture m of page p, as it is stored. Ink of any colour is ink.
func At(m image.Image, p scan.Page) (l Look, err error) {
	l.Page = p.Index + 1
	x, y := p.DPIX, p.DPIY
	if x > 0 && y > 0 {
		l.Width, l.Height = int(math.Round(float64(p.Width)*25.4/x)), int(math.Round(float64(p.Height)*25.4/y))
	}
	grey := Light(m)
	k := max(1, int(math.Round(math.Min(x, y)/lookDPI)))
	small := prepare.Reduce(grey, k)
	level := prepare.Ready(small, prepare.Given{X: x / float64(k), Y: y / float64(k), Sure: p.DPIFrom != scan.Assumed, Turn: p.Turn, DPI: lookDPI, Most: 4 << 20})
	l.DPI = math.Round(math.Min(level.X, level.Y) * float64(k))
	l.Colour = p.Bits != 1 && p.Components != 1 && !quality.IsGrey(m)
	if l.Blank = level.Blank; l.Blank {
		return l, nil // a code is ink
	}
	if level.Sure {
		l.Turn = (level.Turn - p.Turn) & 3
	}
	if l.Says, err = texts(grey, p); err != nil {
		return l, err
	}
	l.Patch = codes.Patch(small, level.X, level.Y)
	l.Print = Print(level.Image)
	return l, nil
}

// Light is how bright m is, ink of any colour dark: of a JPEG that is stored already.
func Light(m image.Image) *image.Gray {
	if c, ok := m.(*image.YCbCr); ok && c.Rect.Min == (image.Point{}) {
		return &image.Gray{Pix: c.Y, Stride: c.YStride, Rect: c.Rect}
	}
	return prepare.Grey(m)
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
