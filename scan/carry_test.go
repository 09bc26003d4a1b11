package scan

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"math/bits"
	"strings"
	"testing"

	"golang.org/x/image/tiff"

	"sohoa/jail"
)

// A stripTIFF is a TIFF file of one page in strips of so many rows.
type stripTIFF struct {
	w, h, bits, samples           int
	pack, photometric, rowsAStrip uint32
	code                          func([]byte) []byte
	more                          []testEntry
	order                         byteOrder
	rows                          []byte // decompressed, differences if the predictor says so
}

// file returns the file and its strips.
func (s stripTIFF) file() (file []byte, strips [][]byte) {
	n := (s.w*s.bits*s.samples + 7) / 8
	if s.rows == nil {
		s.rows = speckled(n * s.h)
	}
	f := newTestTIFF(s.order)
	strips = packAll(chop(s.rows, n*int(s.rowsAStrip)), s.code)
	depth := make([]uint32, s.samples)
	for i := range depth {
		depth[i] = uint32(s.bits)
	}
	f.page(strips, append([]testEntry{short(tagWidth, uint32(s.w)), short(tagHeight, uint32(s.h)), short(tagBits, depth...),
		short(tagCompression, s.pack), short(tagPhotometric, s.photometric), short(tagSamples, uint32(s.samples)), short(tagRowsPerStrip, s.rowsAStrip)}, s.more...)...)
	return f.b, strips
}

func openToRead(t *testing.T, b []byte) *File {
	t.Helper()
	f, err := OpenToRead(bytes.NewReader(b), int64(len(b)), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestTIFFFlateCarried: one deflate strip comes out as it is, for writing and
// for reading, and its pixels are what another decoder sees.
func TestTIFFFlateCarried(t *testing.T) {
	differences := []testEntry{short(tagPredictor, 2)}
	for name, s := range map[string]stripTIFF{
		"grey":             {bits: 8, samples: 1, photometric: blackIsZero},
		"grey differences": {bits: 8, samples: 1, photometric: blackIsZero, more: differences},
		"rgb":              {bits: 8, samples: 3, photometric: rgbColour},
		"rgb differences":  {bits: 8, samples: 3, photometric: rgbColour, more: differences},
	} {
		for _, order := range []byteOrder{binary.LittleEndian, binary.BigEndian} {
			for _, w := range []int{1, 2, 83, 256} {
				for _, pack := range []uint32{packDeflate, packDeflate2} {
					s.w, s.h, s.order, s.code, s.rowsAStrip, s.pack = w, 50, order, deflate, 50, pack
					file, strips := s.file()
					reference := s
					reference.pack = packDeflate
					known, _ := reference.file()
					want, err := tiff.Decode(bytes.NewReader(known))
					if err != nil {
						t.Fatal(err)
					}
					for _, f := range []*File{openBytes(t, file), openToRead(t, file)} {
						p, got := pageOf(t, f, 0)
						same(t, got, want)
						if !bytes.Equal(p.Data, strips[0]) || p.Encoding != Flate || p.Note != "" || p.Predictor == 2 != (s.more != nil) {
							t.Errorf("%s, %d wide: stored as %s with predictor %d, %q", name, w, p.Encoding, p.Predictor, p.Note)
						}
					}
				}
			}
		}
	}
}

// TestTIFFFlateFewBits: strips of fewer bits are carried over too, those of two
// tones only where no coding made for them is smaller.
func TestTIFFFlateFewBits(t *testing.T) {
	for _, s := range []stripTIFF{
		{w: 83, bits: 4, samples: 1, photometric: blackIsZero},
		{w: 83, bits: 2, samples: 1, photometric: blackIsZero},
		{w: 83, bits: 1, samples: 1, photometric: blackIsZero},
		{w: 83, bits: 1, samples: 1, photometric: whiteIsZero},
		{w: 512, bits: 1, samples: 1, photometric: whiteIsZero, rows: bytes.Repeat([]byte{0xa5, 0x3c, 0x0f, 0x77}, 16*50)},
	} {
		s.h, s.order, s.code, s.rowsAStrip, s.pack = 50, binary.LittleEndian, deflate, 50, packDeflate
		file, strips := s.file()
		s.code, s.pack = func(b []byte) []byte { return b }, packNone
		raw, _ := s.file()
		_, want := pageOf(t, openBytes(t, raw), 0) // by way of the converter
		p, got := pageOf(t, openBytes(t, file), 0)
		same(t, got, want)
		if carried := bytes.Equal(p.Data, strips[0]); carried != (p.Encoding == Flate) || !carried && (s.bits > 1 || len(p.Data) >= len(strips[0])) {
			t.Errorf("%d bits of kind %d: %d bytes of %s for a strip of %d", s.bits, s.photometric, len(p.Data), p.Encoding, len(strips[0]))
		}
	}
}

// TestTIFFFlateNotCarried: what a PDF would show otherwise, and strips with
// more in them than the picture, are stored anew.
func TestTIFFFlateNotCarried(t *testing.T) {
	const w, h = 83, 50
	row := stripTIFF{w: w, h: h, bits: 8, samples: 1, pack: packDeflate, photometric: blackIsZero, rowsAStrip: h, code: deflate, order: binary.LittleEndian}
	rgb := row
	rgb.samples, rgb.photometric = 3, rgbColour
	with := func(s stripTIFF, change func(*stripTIFF)) stripTIFF { change(&s); return s }
	for name, s := range map[string]stripTIFF{
		"white is zero":   with(row, func(s *stripTIFF) { s.photometric = whiteIsZero }),
		"16 bits":         with(row, func(s *stripTIFF) { s.bits = 16 }),
		"rgb 16 bits":     with(rgb, func(s *stripTIFF) { s.bits, s.more = 16, []testEntry{short(tagPredictor, 2)} }),
		"alpha":           with(rgb, func(s *stripTIFF) { s.samples, s.more = 4, []testEntry{short(tagExtra, 2)} }),
		"palette":         with(row, func(s *stripTIFF) { s.photometric, s.more = palette, []testEntry{colourMap(8)} }),
		"strips":          with(rgb, func(s *stripTIFF) { s.rowsAStrip, s.more = 7, []testEntry{short(tagPredictor, 2)} }),
		"a byte behind":   with(row, func(s *stripTIFF) { s.code = func(b []byte) []byte { return append(deflate(b), 0) } }),
		"half a checksum": with(row, func(s *stripTIFF) { s.code = func(b []byte) []byte { b = deflate(b); return b[:len(b)-2] } }),
		"a row too many": with(row, func(s *stripTIFF) {
			s.code = func(b []byte) []byte { return deflate(append(bytes.Clone(b), b[:w]...)) }
		}),
		"bomb behind": with(rgb, func(s *stripTIFF) {
			s.code = func(b []byte) []byte { return deflate(append(bytes.Clone(b), make([]byte, 4<<20)...)) }
		}),
	} {
		t.Run(name, func(t *testing.T) {
			file, strips := s.file()
			s.code = deflate
			sound, _ := s.file()
			want, err := tiff.Decode(bytes.NewReader(sound))
			if err != nil {
				t.Fatal(err)
			}
			p, got := pageOf(t, openBytes(t, file), 0)
			same(t, got, want)
			if bytes.Equal(p.Data, strips[0]) || p.Note == "" || p.Encoding != Flate {
				t.Errorf("carried over: %s, predictor %d, %q", p.Encoding, p.Predictor, p.Note)
			}
			p, got = pageOf(t, openToRead(t, file), 0)
			same(t, got, want)
			if p.Width != w || p.Height != h {
				t.Errorf("%d × %d", p.Width, p.Height)
			}
		})
	}
	reversed := with(row, func(s *stripTIFF) {
		s.more = []testEntry{short(tagFillOrder, 2)}
		s.code = func(b []byte) []byte { return reversed8(deflate(b)) }
	})
	mirrored := with(row, func(s *stripTIFF) { s.more = []testEntry{short(tagOrientation, 2)} })
	for _, s := range []stripTIFF{reversed, mirrored} {
		file, strips := s.file()
		p, got := pageOf(t, openBytes(t, file), 0)
		if bytes.Equal(p.Data, strips[0]) || p.Note == "" {
			t.Errorf("carried over in spite of %v", s.more)
		}
		want := &image.Gray{Pix: speckled(w * h), Stride: w, Rect: image.Rect(0, 0, w, h)}
		if s.more[0].tag == tagOrientation {
			for y := range h {
				for x := range w / 2 {
					line := want.Pix[y*w:][:w]
					line[x], line[w-1-x] = line[w-1-x], line[x]
				}
			}
		}
		same(t, got, want)
	}
}

// TestTIFFFlateRefused: strips that do not hold what they promise are refused,
// carried over or not, and no reader takes them either.
func TestTIFFFlateRefused(t *testing.T) {
	for name, spoil := range map[string]func([]byte) []byte{
		"cut short": func(b []byte) []byte { return b[:len(b)*2/3] },
		"a wrong checksum": func(b []byte) []byte {
			b[len(b)-1] ^= 1
			return b
		},
		"not zlib": func(b []byte) []byte {
			b[0] ^= 0x40
			return b
		},
	} {
		for _, rowsAStrip := range []uint32{25, 50} {
			s := stripTIFF{w: 83, h: 50, bits: 8, samples: 3, pack: packDeflate, photometric: rgbColour, rowsAStrip: rowsAStrip,
				code: func(b []byte) []byte { return spoil(deflate(b)) }, order: binary.LittleEndian}
			refusedStrips(t, name, s)
		}
	}
	for _, rowsAStrip := range []uint32{25, 50} {
		refusedStrips(t, "a row too few", stripTIFF{w: 83, h: 50, bits: 8, samples: 3, pack: packDeflate, photometric: rgbColour, rowsAStrip: rowsAStrip,
			code: func(b []byte) []byte { return deflate(b[:len(b)-1]) }, order: binary.LittleEndian})
	}
}

func refusedStrips(t *testing.T, name string, s stripTIFF) {
	t.Helper()
	file, _ := s.file()
	_, err := openBytes(t, file).Page(0)
	var r *jail.Refusal
	if !errors.As(err, &r) || r.Code != CodeDamaged || r.Page != 1 {
		t.Errorf("%s, strips of %d rows: %v", name, s.rowsAStrip, err)
	} else if !strings.Contains(err.Error(), "strip 1") {
		t.Errorf("%s: the strip is not named: %v", name, err)
	}
	p, err := openToRead(t, file).Page(0)
	if err == nil {
		_, err = Decode(p)
	}
	if !errors.As(err, &r) || r.Code != CodeDamaged {
		t.Errorf("%s, strips of %d rows: for reading %v", name, s.rowsAStrip, err)
	}
}

// reversed8 turns the bits of each byte round.
func reversed8(b []byte) []byte {
	for i := range b {
		b[i] = bits.Reverse8(b[i])
	}
	return b
}
