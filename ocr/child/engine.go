package child

import (
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"slices"
	"strconv"

	"github.com/otiai10/gosseract/v2"
)

// An engine is one Tesseract, for one goroutine.
type engine struct {
	client  *gosseract.Client
	data    trained
	version string
	picture []byte // as handed over last; its room is used again
	lap     lap    // what this process spends its time on
}

// newEngine starts Tesseract on a blank stamp, so that the first page does not
// pay for it and faults of the language data show at once.
func newEngine(data trained) (*engine, error) {
	if err := openEngine(); err != nil {
		return nil, err
	}
	ambiguities.wanted = data.old
	e := &engine{client: gosseract.NewClient(), data: data}
	e.version = "tesseract " + e.client.Version()
	if err := e.client.SetTessdataPrefix(data.folder); err != nil {
		return nil, err
	}
	if err := e.client.SetLanguage(data.language); err != nil {
		return nil, err
	}
	// Trying every doubtful line in white on black finds no words on paper, but
	// makes words of dirt.
	if err := e.client.SetVariable("tessedit_do_invert", "0"); err != nil {
		return nil, err
	}
	stamp := image.NewGray(image.Rect(0, 0, 64, 64))
	for i := range stamp.Pix {
		stamp.Pix[i] = 255
	}
	if _, err := e.hocr(stamp, 200, wholePage); err != nil {
		return nil, fmt.Errorf("start %s with %s: %w", e.version, data, err)
	}
	return e, nil
}

func (e *engine) close() { _ = e.client.Close() }

// A mode is how Tesseract segments an image (its page segmentation modes).
type mode string

// The modes used here.
const (
	wholePage mode = "3"
	oneBlock  mode = "6"
	oneLine   mode = "7"
)

// set sets a variable of the engine, unless it is so: for each that is set, gosseract sets all
// that ever were, and the engine looks for each among some hundreds by their names.
func (e *engine) set(name gosseract.SettableVariable, value string) error {
	if e.client.Variables[name] == value {
		return nil
	}
	return e.client.SetVariable(name, value)
}

// hocr reads g, of square pixels at dpi, and returns hOCR.
func (e *engine) hocr(g *image.Gray, dpi int, m mode) (string, error) {
	// SetPageSegMode would be lost: Init resets it, but applies variables after.
	if err := e.set("tessedit_pageseg_mode", string(m)); err != nil {
		return "", err
	}
	if err := e.set("user_defined_dpi", strconv.Itoa(dpi)); err != nil {
		return "", err
	}
	e.picture = spix(e.picture[:0], g)
	if err := e.client.SetImageFromBytes(e.picture); err != nil { // which copies it
		return "", err
	}
	e.lap.to(&e.lap.spent.Words)
	text, err := e.client.HOCRText()
	e.lap.to(&e.lap.spent.Engine)
	if err != nil {
		return "", err
	}
	if text == "" { // what gosseract says when the engine got no image
		return "", errNoAnswer
	}
	return text, nil
}

// errNoAnswer: the engine got no memory for the image, as all else is ruled out.
var errNoAnswer = errors.New("the engine gave no answer: out of memory")

// spix returns g as Leptonica keeps an image itself (pixSerializeToMemory in its
// spixio.c, version 1.82): it copies that at once, where it takes a portable grey
// map pixel by pixel, in 5 ms a million. Rows are whole words of four bytes,
// the first pixel in the highest byte, and words are in the machine's order.
// They are appended to b.
func spix(b []byte, g *image.Gray) []byte {
	w, h := g.Rect.Dx(), g.Rect.Dy()
	words := (w + 3) / 4
	b = slices.Grow(b, spixHead+4*words*h)
	b = append(b, "spix"...)
	for _, v := range [...]int{w, h, 8, words, 0, 4 * words * h} { // width, height, depth, words a row, colours, bytes
		b = binary.NativeEndian.AppendUint32(b, uint32(v))
	}
	return appendWords(b, g)
}

// spixHead is the bytes before the pixels.
const spixHead = 28
