package specimen

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"image"
	"io"
	"math"
)

// TIFF 6.0 compression numbers.
const (
	compressG4      = 4
	compressJPEG    = 7 // Technical Note 2: each strip is a whole JPEG file
	compressDeflate = 8
)

// A strip is one page's pixels as a TIFF or PDF stores them.
type strip struct {
	width, height, channels, bits int
	compression                   int
	data                          []byte
}

func newStrip(m image.Image, compression int, quality int, dpi float64) (strip, error) {
	s := strip{width: m.Bounds().Dx(), height: m.Bounds().Dy(), channels: 3, bits: 8, compression: compression}
	g, grey := m.(*image.Gray)
	if grey {
		s.channels = 1
	}
	switch {
	case compression == compressG4 && grey:
		s.bits, s.data = 1, EncodeG4(g)
		return s, nil
	case compression == compressJPEG:
		var b bytes.Buffer
		err := writeJPEG(&b, m, quality, dpi)
		s.data = b.Bytes()
		return s, err
	}
	s.compression = compressDeflate
	var b bytes.Buffer
	z, err := zlib.NewWriterLevel(&b, zlib.BestSpeed)
	if err != nil {
		return s, err
	}
	if err := writeSamples(z, m); err != nil {
		return s, err
	}
	err = z.Close()
	s.data = b.Bytes()
	return s, err
}

// writeSamples writes the pixels row by row, without alpha.
func writeSamples(w io.Writer, m image.Image) error {
	switch m := m.(type) {
	case *image.Gray:
		_, err := w.Write(m.Pix)
		return err
	case *image.RGBA:
		row := make([]byte, 0, 3*m.Rect.Dx())
		for y := range m.Rect.Dy() {
			row = row[:0]
			src := m.Pix[y*m.Stride:][:4*m.Rect.Dx()]
			for ; len(src) > 0; src = src[4:] {
				row = append(row, src[:3]...)
			}
			if _, err := w.Write(row); err != nil {
				return err
			}
		}
	}
	return nil
}

// A tiffWriter writes pages one behind the other, each directory before its
// pixels, so that a file cut short keeps its first pages.
type tiffWriter struct {
	buf  bytes.Buffer
	next int // where the offset of the next directory goes
	n    int
}

func newTIFF() *tiffWriter {
	t := &tiffWriter{next: 4}
	t.buf.WriteString("II*\x00\x00\x00\x00\x00")
	return t
}

// add appends a page. TIFF 6.0 sections 2, 6, 8 and 12.
func (t *tiffWriter) add(s strip, dpiX, dpiY float64) {
	if t.buf.Len()%2 == 1 {
		t.buf.WriteByte(0)
	}
	photometric := map[int]uint32{1: 1, 3: 2}[s.channels]
	switch {
	case s.compression == compressG4:
		photometric = 0
	case s.compression == compressJPEG && s.channels == 3:
		photometric = 6
	}
	type entry struct{ tag, kind, count, value uint32 }
	const short, long, rational = 3, 4, 5
	entries := []entry{
		{254, long, 1, 2}, {256, long, 1, uint32(s.width)}, {257, long, 1, uint32(s.height)},
		{258, short, uint32(s.channels), uint32(s.bits)}, {259, short, 1, uint32(s.compression)}, {262, short, 1, photometric},
		{273, long, 1, 0}, {274, short, 1, 1}, {277, short, 1, uint32(s.channels)}, {278, long, 1, uint32(s.height)},
		{279, long, 1, uint32(len(s.data))}, {282, rational, 1, 0}, {283, rational, 1, 8}, {284, short, 1, 1}, {296, short, 1, 2},
		{297, short, 2, uint32(t.n)},
	}
	if photometric == 6 {
		entries = append(entries, entry{530, short, 2, 2 | 2<<16})
	}
	at := t.buf.Len()
	binary.LittleEndian.PutUint32(t.buf.Bytes()[t.next:], uint32(at))
	extra := uint32(at + 2 + 12*len(entries) + 4) // resolutions, then bits of each sample
	le := binary.LittleEndian
	b := le.AppendUint16(nil, uint16(len(entries)))
	for _, e := range entries {
		switch {
		case e.kind == rational:
			e.value += extra
		case e.tag == 258 && e.count == 3:
			e.value = extra + 16
		case e.tag == 273:
			e.value = extra + 16 + 6
		}
		b = le.AppendUint16(b, uint16(e.tag))
		b = le.AppendUint16(b, uint16(e.kind))
		b = le.AppendUint32(b, e.count)
		b = le.AppendUint32(b, e.value)
	}
	t.next = at + len(b)
	b = le.AppendUint32(b, 0)
	for _, dpi := range []float64{dpiX, dpiY} {
		b = le.AppendUint32(b, uint32(math.Round(dpi*100)))
		b = le.AppendUint32(b, 100)
	}
	for range 3 {
		b = le.AppendUint16(b, uint16(s.bits))
	}
	t.buf.Write(b)
	t.buf.Write(s.data)
	t.n++
}
