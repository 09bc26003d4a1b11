package scan

import (
	"bytes"
	"encoding/binary"
	"image/png"
	"io"
)

// A pngSource is a PNG file (ISO/IEC 15948); its picture is one page.
type pngSource struct {
	b          []byte
	l          Limits
	w, h       int
	bits       int
	colour     byte // colour type: 0 grey, 2 RGB, 3 palette, 4 and 6 with alpha
	interlaced bool
	alpha      bool // by a tRNS chunk
	x, y       float64
	idat       [][]byte
}

func openPNG(r io.ReaderAt, size int64, l Limits) (source, error) {
	s := &pngSource{b: make([]byte, size), l: l}
	if _, err := io.ReadFull(io.NewSectionReader(r, 0, size), s.b); err != nil {
		return nil, err
	}
	if err := s.walk(); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *pngSource) count() int          { return 1 }
func (s *pngSource) size(int) (w, h int) { return s.w, s.h }

// walk goes through all chunks; a file cut short has no IEND.
func (s *pngSource) walk() error {
	cut := damaged(1, "the PNG picture is cut short or damaged")
	if len(s.b) < 33 || string(s.b[12:16]) != "IHDR" || binary.BigEndian.Uint32(s.b[8:]) != 13 {
		return cut
	}
	for i := 8; ; {
		if i+12 > len(s.b) {
			return cut
		}
		n := int64(binary.BigEndian.Uint32(s.b[i:]))
		if n > int64(len(s.b)-i-12) {
			return cut
		}
		name, data := string(s.b[i+4:i+8]), s.b[i+8:i+8+int(n)]
		i += 12 + int(n)
		switch name {
		case "IHDR":
			if s.w != 0 { // there is one, of 13 bytes, seen above
				return cut
			}
			w, h := int64(binary.BigEndian.Uint32(data)), int64(binary.BigEndian.Uint32(data[4:]))
			if err := s.l.checkSize(1, w, h); err != nil {
				return err
			}
			s.w, s.h, s.bits, s.colour, s.interlaced = int(w), int(h), int(data[8]), data[9], data[12] != 0
		case "pHYs":
			if n == 9 && data[8] == 1 { // per metre
				s.x, s.y = 0.0254*float64(binary.BigEndian.Uint32(data)), 0.0254*float64(binary.BigEndian.Uint32(data[4:]))
			}
		case "tRNS":
			s.alpha = true
		case "IDAT":
			s.idat = append(s.idat, data)
		case "IEND":
			if len(s.idat) == 0 {
				return cut
			}
			s.b = s.b[:i]
			return nil
		}
	}
}

// page decodes the picture, which also checks every CRC, and carries the
// compressed rows over if a PDF can hold them as they are.
func (s *pngSource) page(int) (Page, error) {
	img, err := png.Decode(bytes.NewReader(s.b))
	if err != nil {
		return Page{}, damaged(1, "the PNG picture is cut short or damaged (%v)", err)
	}
	p := Page{Encoding: Flate, Width: s.w, Height: s.h, Components: 1, Bits: s.bits, Predictor: 15}
	p.DPIX, p.DPIY, p.DPIFrom = Resolution(s.w, s.h, s.x, s.y)
	switch {
	case s.alpha || s.colour == 4 || s.colour == 6:
		return restore(p, img, "transparent parts made white")
	case s.bits == 16:
		return restore(p, img, "16 bits a colour made 8")
	case s.colour == 3:
		return restore(p, img, "palette resolved")
	case s.interlaced:
		return restore(p, img, "interlacing undone")
	case s.colour == 2:
		p.Components = 3
	}
	p.Data = bytes.Join(s.idat, nil)
	return Tighten(p)
}
