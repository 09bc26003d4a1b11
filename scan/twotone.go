package scan

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"golang.org/x/image/ccitt"

	"sohoa/scan/jbig2"
)

// A twoToneWriter stores one-bit rows, 1 for black, in both codings that are
// made for paper of two tones, and keeps the smaller: JBIG2 nearly always, G4 of
// very small or very plain pictures.
type twoToneWriter struct {
	g4       *g4Writer
	jbig2    *jbig2.Writer
	encoding Encoding // after finish
}

func newTwoToneWriter(w, h int) *twoToneWriter {
	return &twoToneWriter{g4: newG4Writer(w), jbig2: jbig2.NewWriter(w, h)}
}

func (t *twoToneWriter) row(b []byte) error {
	t.jbig2.Row(b)
	return t.g4.row(b)
}

func (t *twoToneWriter) finish() ([]byte, error) {
	fax, err := t.g4.finish()
	if err != nil {
		return nil, err
	}
	small, err := t.jbig2.Finish()
	if t.encoding = JBIG2; err == nil && len(fax) <= len(small) {
		t.encoding, small = G4, fax
	}
	return small, err
}

// Bits returns the rows of a page of two tones packed into bytes, the first pixel
// in the highest bit, 1 for black and 0 for bits beyond the width: what [TwoTone]
// takes. Errors are those of [Decode].
func Bits(p Page) ([]byte, error) {
	if err := p.fits(); err != nil {
		return nil, err
	}
	rows, err := bitsOf(p)
	if err != nil {
		return nil, damaged(p.Index+1, "the picture cannot be decoded (%v)", err)
	}
	if rest := p.Width % 8; rest > 0 {
		stride := (p.Width + 7) / 8
		for i := stride - 1; i < len(rows); i += stride {
			rows[i] &= 0xff << (8 - rest)
		}
	}
	return rows, nil
}

func bitsOf(p Page) ([]byte, error) {
	stride := (p.Width + 7) / 8
	switch {
	case p.Encoding == JBIG2:
		return jbig2.Decode(p.Data, p.Width, p.Height)
	case p.Encoding == G4:
		rows := make([]byte, stride*p.Height)
		// The decoder's white is a one.
		r := ccitt.NewReader(bytes.NewReader(p.Data), ccitt.MSB, ccitt.Group4, p.Width, p.Height, &ccitt.Options{Invert: p.BlackIsOne})
		_, err := io.ReadFull(r, rows)
		return rows, whole(err)
	case p.Encoding != Flate || p.Bits != 1 || p.Components != 1:
		return nil, fmt.Errorf("%s with %d components of %d bits is not of two tones", p.Encoding, p.Components, p.Bits)
	}
	r, err := newRowReader(p)
	if err != nil {
		return nil, err
	}
	rows := make([]byte, 0, stride*p.Height)
	for range p.Height {
		row, err := r.next()
		if err != nil {
			return nil, err
		}
		rows = append(rows, row...)
	}
	if !p.BlackIsOne {
		for i := range rows {
			rows[i] ^= 0xff
		}
	}
	return rows, r.end()
}

// TwoTone returns a page of w × h pixels of two tones, given as rows packed into
// bytes, the first pixel in the highest bit and 1 for black: as JBIG2 or G4,
// whichever is smaller. The caller sets what else it knows.
func TwoTone(w, h int, rows []byte) (Page, error) {
	stride := (w + 7) / 8
	if w <= 0 || h <= 0 || len(rows) != stride*h {
		return Page{}, fmt.Errorf("%d bytes are no %d × %d pixels of two tones", len(rows), w, h)
	}
	out := newTwoToneWriter(w, h)
	for y := range h {
		if err := out.row(rows[y*stride:][:stride]); err != nil {
			return Page{}, err
		}
	}
	data, err := out.finish()
	return Page{Encoding: out.encoding, Width: w, Height: h, Components: 1, Bits: 1, BlackIsOne: true, Data: data}, err
}

// Tighten returns a page of two tones that is stored as [Flate] in the coding
// made for such paper, if that is smaller: the same pixels, to the last one. Any
// other page is returned as it is. A page that is not whole is an error.
func Tighten(p Page) (Page, error) {
	if p.Encoding != Flate || p.Bits != 1 || p.Components != 1 {
		return p, nil
	}
	r, err := newRowReader(p)
	if err != nil {
		return p, err
	}
	out := newTwoToneWriter(p.Width, p.Height)
	var flip byte
	if !p.BlackIsOne {
		flip = 0xff
	}
	bits := make([]byte, (p.Width+7)/8)
	for range p.Height {
		row, err := r.next()
		if err != nil {
			return p, err
		}
		for i := range bits {
			bits[i] = row[i] ^ flip
		}
		if err := out.row(bits); err != nil {
			return p, err
		}
	}
	data, err := out.finish()
	if err != nil || len(data) >= len(p.Data) {
		return p, err
	}
	p.Encoding, p.Data, p.BlackIsOne, p.Predictor = out.encoding, data, true, 0
	p.Note = strings.TrimPrefix(p.Note+"; two tones, stored without loss in a smaller coding", "; ")
	return p, nil
}
