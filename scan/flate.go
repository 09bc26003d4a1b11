package scan

import (
	"fmt"
	"image"
	"image/color"
)

// Store returns a page of w × h pixels given as RGB, three bytes each, stored
// without loss: as JBIG2 or G4 if it is black and white, else in grey if it is grey,
// else in RGB. It may overwrite rgb. The caller sets what else it knows, the resolution above all.
func Store(w, h int, rgb []byte) (Page, error) {
	if w <= 0 || h <= 0 || len(rgb)/3/w != h || len(rgb) != 3*w*h {
		return Page{}, fmt.Errorf("%d bytes are no %d × %d pixels", len(rgb), w, h)
	}
	p := Page{Encoding: Flate, Width: w, Height: h, Components: 3, Bits: 8, Predictor: 15}
	var out sink
	two := newTwoToneWriter(w, h)
	grey, bilevel := isGrey(rgb), isTwoTone(rgb)
	switch {
	case bilevel:
		p.Components, p.Bits, p.Predictor, p.BlackIsOne = 1, 1, 0, true
		out = two
	case grey:
		p.Components = 1
		fallthrough
	default:
		out = newFlateWriter(w, p.Components, quick)
	}
	bits := make([]byte, (w+7)/8)
	for y := range h {
		row := rgb[3*w*y:][:3*w]
		if bilevel {
			clear(bits)
			for x := range w {
				bits[x/8] |= ^row[3*x] & 0x80 >> (x % 8)
			}
			row = bits
		} else {
			row = row[:thin(row, grey)]
		}
		if err := out.row(row); err != nil {
			return Page{}, err
		}
	}
	var err error
	if p.Data, err = out.finish(); bilevel {
		p.Encoding = two.encoding
	}
	return p, err
}

func isTwoTone(rgb []byte) bool {
	for _, v := range rgb {
		if v != 0 && v != 0xff {
			return false
		}
	}
	return isGrey(rgb)
}

// restore stores img in place of the data of p, without loss but for what the
// note says: in grey if all of it is grey, else in RGB.
func restore(p Page, img image.Image, note string) (Page, error) {
	b := img.Bounds()
	rgb := make([]byte, 3*b.Dx())
	grey := true
	for y := b.Min.Y; grey && y < b.Max.Y; y++ {
		rowRGB(img, y, rgb)
		grey = isGrey(rgb)
	}
	p.Encoding, p.Components, p.Bits, p.Predictor, p.Note = Flate, 3, 8, 15, note
	if grey {
		p.Components = 1
	}
	f := newFlateWriter(b.Dx(), p.Components, quick)
	for y := b.Min.Y; y < b.Max.Y; y++ {
		rowRGB(img, y, rgb)
		if err := f.row(rgb[:thin(rgb, grey)]); err != nil {
			return Page{}, err
		}
	}
	var err error
	p.Data, err = f.finish()
	return p, err
}

// thin packs grey RGB pixels into one byte each, in place, and returns the
// length of the row.
func thin(rgb []byte, grey bool) int {
	if !grey {
		return len(rgb)
	}
	for i := range len(rgb) / 3 {
		rgb[i] = rgb[3*i]
	}
	return len(rgb) / 3
}

func isGrey(rgb []byte) bool {
	for i := 0; i+2 < len(rgb); i += 3 {
		if rgb[i] != rgb[i+1] || rgb[i] != rgb[i+2] {
			return false
		}
	}
	return true
}

// rowRGB writes row y of img to dst, seen on white paper.
func rowRGB(img image.Image, y int, dst []byte) {
	b := img.Bounds()
	switch m := img.(type) {
	case *image.Gray:
		for x := range b.Dx() {
			v := m.Pix[m.PixOffset(b.Min.X+x, y)]
			dst[3*x], dst[3*x+1], dst[3*x+2] = v, v, v
		}
	case *image.RGBA:
		for x := range b.Dx() {
			px := m.Pix[m.PixOffset(b.Min.X+x, y):]
			paper := 0xff - px[3] // premultiplied
			dst[3*x], dst[3*x+1], dst[3*x+2] = px[0]+paper, px[1]+paper, px[2]+paper
		}
	case *image.YCbCr:
		for x := range b.Dx() {
			c := m.YCbCrAt(b.Min.X+x, y)
			dst[3*x], dst[3*x+1], dst[3*x+2] = color.YCbCrToRGB(c.Y, c.Cb, c.Cr)
		}
	default:
		rowAny(img, y, dst)
	}
}

func rowAny(img image.Image, y int, dst []byte) {
	b := img.Bounds()
	for x := range b.Dx() {
		r, g, bl, a := img.At(b.Min.X+x, y).RGBA() // premultiplied
		paper := 0xffff - a
		dst[3*x], dst[3*x+1], dst[3*x+2] = eight(r+paper), eight(g+paper), eight(bl+paper)
	}
}

// eight makes 8 bits of 16, to the nearest.
func eight(v uint32) byte { return byte((v + 128) / 257) }
