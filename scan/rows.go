package scan

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zlib"
)

// tiffPredictor is horizontal differencing by the sample to the left (TIFF 6.0
// section 14), which PDF knows by the same number (ISO 32000-1, 7.4.4.4).
const tiffPredictor = 2

// A rowReader reads the rows of Flate data.
type rowReader struct {
	zr        io.ReadCloser
	predictor int
	bpp       int
	cur, prev []byte // each with room for the filter byte
}

func newRowReader(p Page) (*rowReader, error) {
	if !p.predictable() {
		return nil, fmt.Errorf("a predictor of %d for %d bits", p.Predictor, p.Bits)
	}
	zr, err := zlib.NewReader(bytes.NewReader(p.Data))
	if err != nil {
		return nil, err
	}
	n := 1 + (p.Width*p.Components*p.Bits+7)/8
	return &rowReader{zr, p.Predictor, max(1, p.Components*p.Bits/8), make([]byte, n), make([]byte, n)}, nil
}

// predictable reports whether the page's predictor is one that is known here.
func (p Page) predictable() bool {
	return p.Predictor >= 0 && p.Predictor <= 1 || p.Predictor == tiffPredictor && p.Bits == 8 || p.Predictor >= 10 && p.Predictor <= 15
}

// next returns the next row, good until the call after.
func (r *rowReader) next() ([]byte, error) {
	if r.predictor < 10 {
		cur := r.cur[1:]
		if _, err := io.ReadFull(r.zr, cur); err != nil {
			return nil, whole(err)
		}
		if r.predictor == tiffPredictor {
			addLeft(cur, r.bpp)
		}
		return cur, nil
	}
	r.cur, r.prev = r.prev, r.cur
	if _, err := io.ReadFull(r.zr, r.cur); err != nil {
		return nil, whole(err)
	}
	return r.cur[1:], r.unfilter()
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
	for i := bpp; i < len(row); i++ {
		row[i] += row[i-bpp]
	}
}

// end checks that nothing is broken after the last row: the checksum holds.
// Some programs leave a stray byte or two there.
func (r *rowReader) end() error { return soundEnd(r.zr) }

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
