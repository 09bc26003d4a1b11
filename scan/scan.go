// Package scan knows page images as scanners store them: JPEG, PNG and TIFF
// files, and the single pages in them. It takes files apart without touching
// the stored pixels, and decodes pages for those who must look at them. It
// parses outside bytes: only children of [sohoa/jail] call it on them.
package scan

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// An Encoding is how a page's pixels are stored; each can go into a PDF as it is.
type Encoding string

// The encodings.
const (
	JPEG  Encoding = "jpeg"  // a whole baseline or progressive JPEG file (PDF: DCTDecode)
	G4    Encoding = "g4"    // one CCITT T.6 strip, most significant bit first (CCITTFaxDecode K -1)
	JBIG2 Encoding = "jbig2" // one generic region as scan/jbig2 writes it, without loss (JBIG2Decode)
	Flate Encoding = "flate" // zlib-compressed samples, rows padded to bytes (FlateDecode)

	// Itself is no image: the page is kept as its PDF has it (Graft) and its
	// words are told (Told). Width, Height and DPI are those of a frame for the
	// words; Data is empty.
	Itself Encoding = "itself"
)

// A Page is one page image as it is stored, not decoded.
type Page struct {
	Index    int      `json:"index"` // from 0
	Encoding Encoding `json:"encoding"`
	Width    int      `json:"width"`  // pixels as stored
	Height   int      `json:"height"` // pixels as stored

	Components int `json:"components"` // 1 grey or bilevel, 3 RGB; CMYK is turned into RGB on the way in
	Bits       int `json:"bits"`       // per component: 1, 2, 4 or 8

	// BlackIsOne says how G4 and one-bit Flate pages store black.
	//
	// Flate: true if sample 1 is black (PDF: DeviceGray with /Decode [1 0]),
	// false if sample 0 is (DeviceGray as it is).
	//
	// G4: true if the runs that T.6 codes as black are black on paper: the
	// usual fax (PDF: DeviceGray and no /BlackIs1; TIFF: WhiteIsZero). False
	// if they are white on paper (PDF: DeviceGray and /BlackIs1 true).
	//
	// JBIG2: always true.
	BlackIsOne bool `json:"blackIsOne,omitempty"`

	// Predictor is that of Flate data (ISO 32000-1, 7.4.4.4): 15 if each row
	// starts with a filter byte (PNG IDAT carried over), 2 if 8-bit samples are
	// differences to the left (a TIFF strip carried over), else 1 or 0 for none.
	Predictor int `json:"predictor,omitempty"`

	// True resolution in dots per inch, and where it comes from.
	DPIX    float64   `json:"dpiX"`
	DPIY    float64   `json:"dpiY"`
	DPIFrom DPISource `json:"dpiFrom"`

	// Turn is the number of clockwise quarter turns that make the page upright
	// by the file's own word (EXIF or TIFF Orientation, PDF /Rotate).
	Turn int `json:"turn,omitempty"`

	// Note says what was changed on the way from the file, empty if nothing
	// was: the stored bytes are carried over.
	Note string `json:"note,omitempty"`

	// Drawn says that the page was drawn anew: the pixels are no scanner's.
	Drawn bool `json:"drawn,omitempty"`

	Data []byte `json:"-"`

	// Stored says where Data stand in their file as they are, if they have been
	// left there: then Data are empty, and [Page.Take] gets them.
	Stored Extent `json:"stored,omitzero"`

	// Seen: what the page looks like was seen before, as a side of a batch; whoever
	// reads it need not say it again.
	Seen bool `json:"seen,omitempty"`

	// Unproven: Data are a deflate strip or a JPEG picture as it stands in its file,
	// and nobody has looked whether it is whole and has nothing besides the rows in
	// it. Such a page is for a reader, who finds out, and does not go into a file.
	Unproven bool `json:"unproven,omitempty"`

	// Digest is the SHA-256 of Data if it is known already, else zero.
	Digest [32]byte `json:"-"`

	// Old says what is done with the text the page brought with it, empty if it
	// brought none, and Why names the reason: a code of package pdf/inspect.
	Old Treatment `json:"old,omitempty"`
	Why string    `json:"why,omitempty"`

	// Told are the words that the page itself tells, not nil if they are to be
	// taken instead of reading it.
	Told []ToldLine `json:"-"`

	// Graft is the page as its PDF has it, in the form of package pdf/graft, if
	// it can stand in a PDF/A: it goes there instead of the image, which is then
	// only for those who look at it.
	Graft []byte `json:"-"`

	// Unmapped: letters are shown on the Graft of which the file does not say
	// what characters they are. It can stand in a PDF/A-2b, not in a 2u.
	Unmapped bool `json:"unmapped,omitempty"`
}

// Proof names a page whose strip, or picture, was found whole, with nothing besides the rows:
// these bytes (by their SHA-256) as rows of this form. Of no other page the same
// can be said.
func (p Page) Proof(digest [32]byte) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d %d %d %d %d %x", p.Encoding, p.Width, p.Height, p.Components, p.Bits, p.Predictor, digest))
	return hex.EncodeToString(sum[:])
}

// A DPISource says where a page's resolution comes from.
type DPISource string

// The sources, best first.
const (
	FromFile DPISource = "file"    // the file says so
	FromSize DPISource = "size"    // the pixels fit a standard paper at a standard resolution
	Assumed  DPISource = "assumed" // 200 dpi, the circular's minimum, for want of better
)
