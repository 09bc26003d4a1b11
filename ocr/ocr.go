// Package ocr turns page images into words with places and confidence. It knows
// pages, not papers.
//
// All places are in the page's frame: the upright, levelled page, in pixels of
// the scan's own resolution, origin top left, x to the right, y down. The frame
// has the width and height of the scan after its quarter turns; the image is
// turned about the frame's centre by [Page.Skew] to be level in it.
package ocr

import "sohoa/scan"

// A Box is a rectangle in the frame, in pixels: X0 ≤ X1, Y0 ≤ Y1.
type Box struct {
	X0 int `json:"x0"`
	Y0 int `json:"y0"`
	X1 int `json:"x1"`
	Y1 int `json:"y1"`
}

// A Word is a run of characters without a space.
type Word struct {
	Text       string  `json:"text"` // UTF-8, NFC, never empty
	Box        Box     `json:"box"`
	Confidence float64 `json:"confidence"` // 0 to 100
}

// A Line is words on one base line.
type Line struct {
	Box   Box    `json:"box"`
	Block int    `json:"block"` // numbers grow in reading order
	Par   int    `json:"par"`   // paragraph, numbers grow over the page
	Words []Word `json:"words"`
	Kind  Kind   `json:"kind,omitempty"` // of the region it stands in
	Cell  *Cell  `json:"cell,omitempty"` // of lines of a table

	// Baseline is the height of the base line at X0 and X1 of the box, in
	// pixels down from the frame's top.
	Baseline [2]float64 `json:"baseline"`
}

// A Kind is what part of a page a line stands in.
type Kind string

// The kinds of parts.
const (
	Body  Kind = ""
	Head  Kind = "head"  // above the middle of the page, in one of several columns
	Table Kind = "table" // in a field of a ruled table
)

// A Cell is a field of a table: which table of the page, from 1, its first row
// and column, from 0, and how many of each it takes.
type Cell struct {
	Table   int `json:"table"`
	Row     int `json:"row"`
	Col     int `json:"col"`
	RowSpan int `json:"rowSpan"`
	ColSpan int `json:"colSpan"`
}

// A Code is a machine-readable code on the page.
type Code struct {
	Format string `json:"format"` // QR (ISO/IEC 18004) or Code 128 (ISO/IEC 15417)
	Text   string `json:"text"`   // UTF-8, as the code carries it
	Box    Box    `json:"box"`
}

// A Page is what was read on one page.
type Page struct {
	Index  int     `json:"index"` // from 0
	Width  int     `json:"width"` // of the frame, pixels
	Height int     `json:"height"`
	DPIX   float64 `json:"dpiX"` // of the frame: after turning, x and y may have changed places
	DPIY   float64 `json:"dpiY"`

	// DPIFrom says where the resolution comes from: "file", "size" (the pixels
	// fit a paper), "text" (guessed from the size of the letters), "sheet" (from
	// the sheet of paper in a photograph), or "assumed".
	DPIFrom string `json:"dpiFrom"`

	// Turn is the number of clockwise quarter turns, 0 to 3, from the stored
	// image to the upright one: the file's own and those found by reading.
	Turn int `json:"turn"`

	// Skew is the angle in degrees by which the upright image is turned
	// clockwise about its centre to make the lines level.
	Skew float64 `json:"skew"`

	Blank      bool    `json:"blank"`      // nothing to read on it
	Confidence float64 `json:"confidence"` // mean over the words, 0 to 100
	Lines      []Line  `json:"lines"`
	Codes      []Code  `json:"codes,omitempty"` // from the top down

	// Handwriting is where a pen has written or drawn: marked, and not guessed.
	Handwriting []Box `json:"handwriting,omitempty"`

	// What read it: the same engine, data and settings give the same page again.
	Engine   string `json:"engine"`   // tesseract 5.3.0
	Data     string `json:"data"`     // vie sha256:…
	Settings string `json:"settings"` // what was set, in a fixed order

	// Old is what was done with the text that the page brought with it, empty if
	// it brought none, and Why the reason's code (see [scan.Page]).
	Old scan.Treatment `json:"old,omitempty"`
	Why string         `json:"why,omitempty"`

	// Kept: the page goes into the archive as its PDF has it, text and vectors.
	Kept bool `json:"kept,omitempty"`

	// Unmapped: it is kept, and shows letters of which its PDF does not say what
	// characters they are.
	Unmapped bool `json:"unmapped,omitempty"`

	// Proven is [scan.Page.Proof] of a page that came unproven, if the reader
	// found its data whole and nothing besides; else it is empty.
	Proven string `json:"proven,omitempty"`

	// Note says what was changed in the page on the way, empty if nothing was.
	Note string `json:"note,omitempty"`

	// Print is the perceptual hash of what is on the page ([sohoa/ocr/sides.Print]), and
	// Picture the SHA-256 of its stored picture in hex digits: by them the same sheet is
	// found again when somebody brings it again. 0 and empty of a page that is no
	// picture, and of one that was read before there were prints; 0 also of a blank one.
	Print   uint64 `json:"print,omitempty,string"`
	Picture string `json:"picture,omitempty"`
}

// EngineTold is the Engine of a page whose words the file itself told.
const EngineTold = "text"

// Points returns a box of p in points from the top left of the page, 72 to the
// inch: x0, y0, x1, y1.
func (p Page) Points(b Box) [4]float64 {
	x, y := 72/p.DPIX, 72/p.DPIY
	return [4]float64{float64(b.X0) * x, float64(b.Y0) * y, float64(b.X1) * x, float64(b.Y1) * y}
}

// Text returns the words of p as plain text: a line a line, an empty line
// between paragraphs.
func (p Page) Text() string {
	var b []byte
	for i, l := range p.Lines {
		if i > 0 && p.Lines[i-1].Par != l.Par {
			b = append(b, '\n')
		}
		for j, w := range l.Words {
			if j > 0 {
				b = append(b, ' ')
			}
			b = append(b, w.Text...)
		}
		b = append(b, '\n')
	}
	return string(b)
}
