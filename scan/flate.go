package scan

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"
)

// A sink takes a page's rows from top to bottom and returns them stored.
type sink interface {
	row(b []byte) error // b may be reused by the caller
	finish() ([]byte, error)
}

// A flateWriter stores rows of 8-bit samples as zlib data with PNG filters,
// each row with the one that promises least (ISO/IEC 15948 clause 12.8).
type flateWriter struct {
	out  bytes.Buffer
	zw   *zlib.Writer
	bpp  int // bytes of one pixel
	prev []byte
	cand [4][]byte // filter byte and filtered row: none, sub, up, Paeth
}

func newFlateWriter(width, components int) *flateWriter {
	f := &flateWriter{bpp: components, prev: make([]byte, width*components)}
	f.zw = zlib.NewWriter(&f.out)
	for i, filter := range [...]byte{0, 1, 2, 4} {
		f.cand[i] = make([]byte, 1+width*components)
		f.cand[i][0] = filter
	}
	return f
}

func (f *flateWriter) row(b []byte) error {
	none, sub, up, paeth := f.cand[0][1:], f.cand[1][1:], f.cand[2][1:], f.cand[3][1:]
	copy(none, b)
	for i := range b {
		var left, corner byte
		if i >= f.bpp {
			left, corner = b[i-f.bpp], f.prev[i-f.bpp]
		}
		sub[i], up[i] = b[i]-left, b[i]-f.prev[i]
		paeth[i] = b[i] - paethOf(left, f.prev[i], corner)
	}
	best, least := 0, 1<<62
	for i, c := range f.cand {
		sum := 0
		for _, v := range c[1:] {
			d := int(int8(v))
			sum += max(d, -d)
		}
		if sum < least {
			best, least = i, sum
		}
	}
	copy(f.prev, b)
	_, err := f.zw.Write(f.cand[best])
	return err
}

func (f *flateWriter) finish() ([]byte, error) {
	err := f.zw.Close()
	return f.out.Bytes(), err
}

func paethOf(left, up, corner byte) byte {
	pa := int(up) - int(corner)
	pb := int(left) - int(corner)
	pc := pa + pb
	pa, pb, pc = max(pa, -pa), max(pb, -pb), max(pc, -pc)
	if pa <= pb && pa <= pc {
		return left
	}
	if pb <= pc {
		return up
	}
	return corner
}

// A rowReader reads the rows of Flate data.
type rowReader struct {
	zr        io.Reader
	predictor bool
	bpp       int
	cur, prev []byte // each with room for the filter byte
}

func newRowReader(p Page) (*rowReader, error) {
	zr, err := zlib.NewReader(bytes.NewReader(p.Data))
	if err != nil {
		return nil, err
	}
	n := 1 + (p.Width*p.Components*p.Bits+7)/8
	return &rowReader{zr, p.Predictor >= 10, max(1, p.Components*p.Bits/8), make([]byte, n), make([]byte, n)}, nil
}

// next returns the next row, good until the call after.
func (r *rowReader) next() ([]byte, error) {
	if !r.predictor {
		_, err := io.ReadFull(r.zr, r.cur[1:])
		return r.cur[1:], whole(err)
	}
	r.cur, r.prev = r.prev, r.cur
	if _, err := io.ReadFull(r.zr, r.cur); err != nil {
		return nil, whole(err)
	}
	cur, prev := r.cur[1:], r.prev[1:]
	for i := range cur {
		var left, corner byte
		if i >= r.bpp {
			left, corner = cur[i-r.bpp], prev[i-r.bpp]
		}
		switch r.cur[0] {
		case 0:
		case 1:
			cur[i] += left
		case 2:
			cur[i] += prev[i]
		case 3:
			cur[i] += byte((int(left) + int(prev[i])) / 2)
		case 4:
			cur[i] += paethOf(left, prev[i], corner)
		default:
			return nil, fmt.Errorf("a row filter of %d", r.cur[0])
		}
	}
	return cur, nil
}

// end checks that nothing is broken after the last row: the checksum holds.
// Some programs leave a stray byte or two there.
func (r *rowReader) end() error {
	_, err := io.ReadFull(r.zr, make([]byte, 16))
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || err == nil {
		return nil
	}
	return err
}

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
		out = newFlateWriter(w, p.Components)
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
	f := newFlateWriter(b.Dx(), p.Components)
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
