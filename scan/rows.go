package scan

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zlib"

	"sohoa/scan/inflate"
	"sohoa/scan/room"
)

// tiffPredictor is horizontal differencing by the sample to the left (TIFF 6.0
// section 14), which PDF knows by the same number (ISO 32000-1, 7.4.4.4).
const tiffPredictor = 2

// mostAtOnce is how many bytes of rows are opened at once, which is faster, if
// they are sound; where there are more, or something is odd, they are opened one
// row after the other. An A3 sheet at 300 dpi has 52 million.
const mostAtOnce = 64 << 20

// A rowReader reads the rows of Flate data.
type rowReader struct {
	zr        io.ReadCloser // nil if all is opened
	opened    []byte        // what is left of it
	predictor int
	bpp       int
	cur, prev []byte // each with the filter byte, or room for it
}

func newRowReader(p Page) (*rowReader, error) {
	if !p.predictable() {
		return nil, fmt.Errorf("a predictor of %d for %d bits", p.Predictor, p.Bits)
	}
	n := 1 + (p.Width*p.Components*p.Bits+7)/8
	r := &rowReader{predictor: p.Predictor, bpp: max(1, p.Components*p.Bits/8), cur: make([]byte, n), prev: make([]byte, n)}
	if r.opened = p.opened(); r.opened != nil {
		return r, nil
	}
	var err error
	r.zr, err = zlib.NewReader(bytes.NewReader(p.Data))
	return r, err
}

// opened returns the rows of Flate data, their predictor not undone, nil if they
// are too many or not sound.
func (p Page) opened() []byte {
	n := (int64(p.Width)*int64(p.Components)*int64(p.Bits) + 7) / 8
	if p.Predictor >= 10 {
		n++
	}
	if n < 1 || p.Height < 1 || n > mostAtOnce/int64(p.Height) || !inflate.Likely(len(p.Data), n*int64(p.Height)) {
		return nil
	}
	all := room.For(int(n) * p.Height)
	if !inflate.Exactly(all, p.Data) {
		return nil
	}
	return all
}

// predictable reports whether the page's predictor is one that is known here.
func (p Page) predictable() bool {
	return p.Predictor >= 0 && p.Predictor <= 1 || p.Predictor == tiffPredictor && p.Bits == 8 || p.Predictor >= 10 && p.Predictor <= 15
}

// next returns the next row, good until the call after.
func (r *rowReader) next() ([]byte, error) {
	if r.predictor < 10 {
		cur, err := r.read(r.cur[1:])
		if err == nil && r.predictor == tiffPredictor {
			addLeft(cur, r.bpp)
		}
		return cur, err
	}
	r.cur, r.prev = r.prev, r.cur
	var err error
	if r.cur, err = r.read(r.cur); err != nil {
		return nil, err
	}
	return r.cur[1:], r.unfilter()
}

// read returns as many bytes as room has: in it, or where they are already.
func (r *rowReader) read(room []byte) ([]byte, error) {
	if r.zr == nil {
		n := len(room)
		if len(r.opened) < n {
			return room, io.ErrUnexpectedEOF
		}
		room, r.opened = r.opened[:n:n], r.opened[n:]
		return room, nil
	}
	_, err := io.ReadFull(r.zr, room)
	return room, whole(err)
}

// unfilter takes back the row's PNG filter (ISO/IEC 15948 clause 9).
func (r *rowReader) unfilter() error {
	cur, up := r.cur[1:], r.prev[1:]
	switch r.cur[0] {
	case filterNone:
	case filterSub:
		addLeft(cur, r.bpp)
	case filterUp:
		for i := range cur {
			cur[i] += up[i]
		}
	case filterAverage:
		for i := range cur {
			var left byte
			if i >= r.bpp {
				left = cur[i-r.bpp]
			}
			cur[i] += byte((int(left) + int(up[i])) / 2)
		}
	case filterPaeth:
		for i := range min(r.bpp, len(cur)) {
			cur[i] += up[i]
		}
		for i := r.bpp; i < len(cur); i++ {
			cur[i] += paethOf(cur[i-r.bpp], up[i], up[i-r.bpp])
		}
	default:
		return fmt.Errorf("a row filter of %d", r.cur[0])
	}
	return nil
}

// addLeft adds to each byte the one that lies bpp before it.
func addLeft(row []byte, bpp int) {
	if bpp == 3 {
		var r, g, b byte
		for ; len(row) >= 3; row = row[3:] {
			r, g, b = r+row[0], g+row[1], b+row[2]
			row[0], row[1], row[2] = r, g, b
		}
		return
	}
	for i := bpp; i < len(row); i++ {
		row[i] += row[i-bpp]
	}
}

// end checks that nothing is broken after the last row: the checksum holds.
// Some programs leave a stray byte or two there.
func (r *rowReader) end() error {
	if r.zr == nil { // it was looked at before
		return nil
	}
	return soundEnd(r.zr)
}

func soundEnd(r io.Reader) error {
	_, err := io.ReadFull(r, make([]byte, 16))
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || err == nil {
		return nil
	}
	return err
}

// exactly reads data to the end and reports whether it is zlib data of n bytes
// and nothing besides: no byte more, compressed or behind, and no checksum less.
// Data that are cut short, broken or not what their checksum says are an error.
func exactly(data []byte, n int64) (bool, error) {
	if n > 0 && n <= mostAtOnce && inflate.Likely(len(data), n) && inflate.Exactly(room.For(int(n)), data) {
		return true, nil
	}
	in := bytes.NewReader(data)
	zr, err := zlib.NewReader(in)
	if err != nil {
		return false, whole(err)
	}
	if _, err := io.CopyN(io.Discard, zr, n); err != nil {
		return false, whole(err)
	}
	more, err := zr.Read(make([]byte, 1))
	switch {
	case more > 0: // perhaps a bomb behind the picture, which is left unopened
		return false, nil
	case err == io.EOF:
		return in.Len() == 0, nil
	case errors.Is(err, io.ErrUnexpectedEOF): // all is there but the checksum
		return false, nil
	}
	return false, err
}
