package readingcopy

import (
	"fmt"
	"image"
	"image/color"
	"os"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"sohoa/pdf/pdfa"
	"sohoa/scan"
)

// A Mark is a line of words that every page of a copy shows at its foot, so that
// a page printed or cut out still says what it is.
type Mark struct {
	words  string
	font   *opentype.Font
	colour [3]byte
}

// Words is what copies are marked with (TT 05/2025/TT-BNV Điều 40: copies without
// authentication bear BẢN SAO).
const Words = "BẢN SAO ĐỂ ĐỌC – KHÔNG CÓ GIÁ TRỊ CHỨNG THỰC / READING COPY, NOT AUTHENTICATED"

// NewMark makes a mark of [Words] in the font of a TrueType file, which has every
// Vietnamese letter.
func NewMark(path string) (*Mark, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	f, err := opentype.Parse(b)
	if err != nil {
		return nil, fmt.Errorf("font %s: %w", path, err)
	}
	return &Mark{words: Words, font: f, colour: [3]byte{200, 0, 0}}, nil
}

// The mark is drawn on a sheet of so many pixels for each inch; its letters are
// as tall as the line they stand in, over most of the page's width.
const (
	markDPI   = 150
	markWidth = 0.9  // of the page
	markFoot  = 0.02 // of the page's height, from below
)

// On adds m to a page whose image is turned clockwise by quarter turns to be
// upright. A page that is kept as its PDF had it takes no mark.
func (m *Mark) On(l Layers, turn int) (Layers, error) {
	if l.Back.Graft != nil || l.Back.Encoding == scan.Itself {
		return l, nil
	}
	w, h := markPixels(l.Back.Width, l.Back.DPIX), markPixels(l.Back.Height, l.Back.DPIY)
	if turn%2 == 1 {
		w, h = h, w
	}
	sheet, err := m.draw(w, h)
	if err != nil {
		return l, err
	}
	page, err := scan.TwoTone(asStored(sheet, turn))
	if err != nil {
		return l, fmt.Errorf("mark of a reading copy: %w", err)
	}
	l.Masks = append(l.Masks[:len(l.Masks):len(l.Masks)], pdfa.Mask{Image: page, Colour: m.colour})
	return l, nil
}

func markPixels(pixels int, dpi float64) int {
	if dpi <= 0 {
		dpi = markDPI
	}
	return max(8, int(float64(pixels)*markDPI/dpi))
}

// draw draws the words on an upright sheet.
func (m *Mark) draw(w, h int) (*image.Gray, error) {
	sheet := image.NewGray(image.Rect(0, 0, w, h))
	const trial = 100.0
	face, err := opentype.NewFace(m.font, &opentype.FaceOptions{Size: trial, DPI: 72})
	if err != nil {
		return nil, err
	}
	size := trial * markWidth * float64(w) / (float64(font.MeasureString(face, m.words)) / 64)
	face, err = opentype.NewFace(m.font, &opentype.FaceOptions{Size: size, DPI: 72})
	if err != nil {
		return nil, err
	}
	d := font.Drawer{Dst: sheet, Src: image.NewUniform(color.White), Face: face,
		Dot: fixed.P(int(float64(w)*(1-markWidth)/2), h-int(markFoot*float64(h))-1)}
	d.DrawString(m.words)
	return sheet, nil
}

// asStored is a sheet as rows of bits, 1 is ink, turned back to how the image lies
// in the file.
func asStored(sheet *image.Gray, turn int) (w, h int, rows []byte) {
	b := sheet.Bounds()
	w, h = b.Dx(), b.Dy()
	if turn%2 == 1 {
		w, h = h, w
	}
	line := (w + 7) / 8
	rows = make([]byte, line*h)
	for y := range h {
		for x := range w {
			sx, sy := x, y
			switch turn % 4 { // where the pixel comes to lie when it is turned clockwise
			case 1:
				sx, sy = h-1-y, x
			case 2:
				sx, sy = w-1-x, h-1-y
			case 3:
				sx, sy = y, w-1-x
			}
			if sheet.GrayAt(sx, sy).Y >= 128 {
				rows[y*line+x/8] |= 0x80 >> (x % 8)
			}
		}
	}
	return w, h, rows
}
