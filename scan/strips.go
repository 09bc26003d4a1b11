package scan

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"math/bits"

	"github.com/klauspost/compress/zlib"
	"golang.org/x/image/ccitt"
	"golang.org/x/image/tiff/lzw"

	"sohoa/scan/room"
)

// raw returns the bytes of strip or tile i, their bits in order.
func (s *tiffSource) raw(t *tiffPage, i int) ([]byte, error) {
	b := make([]byte, t.counts[i])
	if _, err := io.ReadFull(io.NewSectionReader(s.r, t.offsets[i], t.counts[i]), b); err != nil {
		return nil, err
	}
	if t.reversed && t.pack != packJPEG {
		for k := range b {
			b[k] = bits.Reverse8(b[k])
		}
	}
	return b, nil
}

// rowBytes returns the length of a decompressed row of a strip or tile.
func (t *tiffPage) rowBytes() int { return (t.tw*t.samples*t.bits + 7) / 8 }

// open returns the decompressed rows of strip or tile i; z is used again.
func (s *tiffSource) open(t *tiffPage, i, rows int, z *io.ReadCloser) (io.Reader, error) {
	if t.pack == packJPEG {
		return s.openJPEG(t, i)
	}
	b, err := s.raw(t, i)
	if err != nil {
		return nil, err
	}
	r := bytes.NewReader(b)
	switch t.pack {
	case packLZW:
		return lzw.NewReader(r, lzw.MSB, 8), nil
	case packDeflate:
		if err := reopen(b, z); err != nil {
			return nil, fmt.Errorf("strip %d: %w", i+1, whole(err))
		}
		return *z, nil
	case packBits:
		return &packBitsReader{b: b}, nil
	case packG3:
		return ccitt.NewReader(r, ccitt.MSB, ccitt.Group3, t.tw, rows, &ccitt.Options{Invert: true}), nil
	case packG4:
		return ccitt.NewReader(r, ccitt.MSB, ccitt.Group4, t.tw, rows, &ccitt.Options{Invert: true}), nil
	}
	return r, nil
}

// jpegFile makes a JPEG file of strip i: the page's tables, where TIFF keeps
// them apart (TIFF Technical Note 2), and a word on RGB, which a JPEG needs and
// a TIFF says elsewhere. The rest of it, from front bytes on, stands in the TIFF file as it is.
func (s *tiffSource) jpegFile(t *tiffPage, i int) (file []byte, front int, note string, err error) {
	before := []byte{0xff, 0xd8}
	if tables := t.dir.fields[tagJPEGTables].data; len(tables) > 4 && tables[0] == 0xff && tables[1] == 0xd8 {
		before = append(before, bytes.TrimSuffix(tables[2:], []byte{0xff, 0xd9})...)
		note = "the TIFF file's JPEG tables put in front of the picture"
	}
	if t.photometric == rgbColour {
		before = append(before, "\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00"...)
		note = "the TIFF file's JPEG tables and colours put in front of the picture"
	}
	front = len(before) - 2
	n := front + int(t.counts[i])
	const step = 512 << 10 // so that the next strip, a little longer, finds room in the same
	b := room.Any((n + step - 1) / step * step)[:n]
	if _, err := io.ReadFull(io.NewSectionReader(s.r, t.offsets[i], t.counts[i]), b[front:]); err != nil {
		return nil, 0, "", err
	}
	if strip := b[front:]; len(strip) < 4 || strip[0] != 0xff || strip[1] != 0xd8 {
		return nil, 0, "", damaged(0, "a JPEG strip of the TIFF picture does not begin as one")
	}
	if front > 0 {
		front = copy(b, before)
	}
	return b, front, note, nil
}

func (s *tiffSource) openJPEG(t *tiffPage, i int) (io.Reader, error) {
	file, _, _, err := s.jpegFile(t, i)
	if err != nil {
		return nil, err
	}
	head, err := readJPEGHead(file)
	if err != nil {
		return nil, err
	}
	if err := head.check(s.l); err != nil {
		return nil, err
	}
	if head.w != t.tw || head.components != t.samples {
		return nil, damaged(0, "a JPEG strip of the TIFF picture is %d pixels wide, not %d", head.w, t.tw)
	}
	img, err := jpeg.Decode(bytes.NewReader(file))
	if err != nil {
		return nil, jpegTrouble(err)
	}
	return &imageRows{img: img, grey: t.samples == 1, y: img.Bounds().Min.Y}, nil
}

// imageRows reads a picture as rows of samples.
type imageRows struct {
	img  image.Image
	grey bool
	y    int
	left []byte
	row  []byte
}

func (r *imageRows) Read(b []byte) (int, error) {
	if len(r.left) == 0 {
		bounds := r.img.Bounds()
		if r.y >= bounds.Max.Y {
			return 0, io.EOF
		}
		if r.row == nil {
			r.row = make([]byte, 3*bounds.Dx())
		}
		rowRGB(r.img, r.y, r.row)
		r.left = r.row[:thin(r.row, r.grey)]
		r.y++
	}
	n := copy(b, r.left)
	r.left = r.left[n:]
	return n, nil
}

// A packBitsReader undoes PackBits (TIFF 6.0 section 9).
type packBitsReader struct {
	b       []byte
	literal int // bytes to come as they are
	repeat  int // times the next byte comes
}

func (r *packBitsReader) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) && len(r.b) > 0 {
		switch {
		case r.literal > 0:
			k := copy(p[n:], r.b[:min(r.literal, len(r.b))])
			r.b, r.literal, n = r.b[k:], r.literal-k, n+k
		case r.repeat > 0:
			p[n] = r.b[0]
			n++
			if r.repeat--; r.repeat == 0 {
				r.b = r.b[1:]
			}
		default:
			c := int(int8(r.b[0]))
			r.b = r.b[1:]
			if c >= 0 {
				r.literal = c + 1
			} else if c != -128 {
				r.repeat = 1 - c
			}
		}
	}
	if n == 0 && len(p) > 0 {
		return 0, io.EOF
	}
	return n, nil
}

// store decodes the page row by row and stores it again: two-tone pages as JBIG2 or G4,
// others as 8-bit samples, in no more bytes than the file needed if it can be done.
func (s *tiffSource) store(t *tiffPage, p Page, mirror bool) (Page, error) {
	e := quick
	if s.toRead && int64(t.w)*int64(t.h)*3 <= mostPlain {
		e = plain
	}
	stored, err := s.storeWith(t, p, mirror, e)
	if err != nil || e == plain || stored.Encoding != Flate || t.pack == packNone || t.pack == packJPEG {
		return stored, err
	}
	came := int64(0)
	for _, n := range t.counts {
		came += n
	}
	for _, e := range [...]effort{alike, thorough} {
		if int64(len(stored.Data)) <= came {
			break
		}
		again, err := s.storeWith(t, p, mirror, e)
		if err != nil {
			return again, err
		}
		if len(again.Data) < len(stored.Data) {
			stored = again
		}
	}
	return stored, nil
}

// mostPlain is the most bytes that a page may have to be handed on as it is.
const mostPlain = 64 << 20

// storeWith is store with a given effort. A band of tiles is open at a time, no
// more.
func (s *tiffSource) storeWith(t *tiffPage, p Page, mirror bool, e effort) (Page, error) {
	c := newConverter(t, mirror)
	var out sink
	two := newTwoToneWriter(t.w, t.h)
	if c.bilevel {
		p.Bits, p.BlackIsOne, p.Note = 1, true, c.note
		out = two
	} else {
		p.Encoding, p.Components, p.Note = Flate, c.components, c.note
		f := newFlateWriter(t.w, c.components, e)
		f.differ = t.predictor == 2
		p.Predictor, out = f.predictor(), f
	}
	var o opener
	for top := 0; top < t.h; top += t.th {
		if err := s.band(t, top, c, out, &o); err != nil {
			return Page{}, tiffTrouble(err)
		}
	}
	var err error
	if p.Data, err = out.finish(); c.bilevel {
		p.Encoding = two.encoding
	}
	return p, err
}

// band decodes the strip, or the row of tiles, that begins at row top.
func (s *tiffSource) band(t *tiffPage, top int, c *converter, out sink, o *opener) error {
	across := t.across()
	readers := o.room(across)
	rows := t.th
	if t.tw == t.w && t.dir.ints(tagTileOffsets) == nil {
		rows = min(t.th, t.h-top) // the last strip ends with the page
	}
	for i := range readers {
		var err error
		if readers[i], err = s.open(t, top/t.th*across+i, rows, &o.inflate[i]); err != nil {
			return err
		}
	}
	n := t.rowBytes()
	row := o.row(n * across)
	for range min(t.th, t.h-top) {
		for i, r := range readers {
			if _, err := io.ReadFull(r, row[i*n:][:n]); err != nil {
				return fmt.Errorf("strip %d: %w", top/t.th*across+i+1, whole(err))
			}
			t.undo(row[i*n:][:n])
		}
		if err := out.row(c.convert(row, n)); err != nil {
			return err
		}
	}
	return o.ended(t, top/t.th*across)
}

// An opener keeps what the strips of a page, or its rows of tiles, are read with
// from one to the next: there may be thousands.
type opener struct {
	readers []io.Reader
	inflate []io.ReadCloser
	rows    []byte
}

func (o *opener) room(across int) []io.Reader {
	if o.readers == nil {
		o.readers, o.inflate = make([]io.Reader, across), make([]io.ReadCloser, across)
	}
	return o.readers
}

func (o *opener) row(n int) []byte {
	if o.rows == nil {
		o.rows = make([]byte, n)
	}
	return o.rows
}

// ended checks that deflate strips whose rows are read are what their checksums say.
func (o *opener) ended(t *tiffPage, first int) error {
	if t.pack != packDeflate {
		return nil
	}
	for i, r := range o.readers {
		if err := soundEnd(r); err != nil {
			return fmt.Errorf("strip %d: %w", first+i+1, err)
		}
	}
	return nil
}

// reopen makes z yield b inflated, by the reader of the strip before if there
// was one.
func reopen(b []byte, z *io.ReadCloser) (err error) {
	if *z != nil {
		return (*z).(zlib.Resetter).Reset(bytes.NewReader(b), nil)
	}
	*z, err = zlib.NewReader(bytes.NewReader(b))
	return err
}

// undo takes back horizontal differencing (TIFF 6.0 section 14).
func (t *tiffPage) undo(row []byte) {
	if t.predictor != 2 || t.pack != packLZW && t.pack != packDeflate {
		return
	}
	if t.bits == 8 {
		addLeft(row, t.samples)
		return
	}
	for i := 2 * t.samples; i+1 < len(row); i += 2 {
		t.dir.order.PutUint16(row[i:], t.dir.order.Uint16(row[i:])+t.dir.order.Uint16(row[i-2*t.samples:]))
	}
}
