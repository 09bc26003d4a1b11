package scan

import (
	"bytes"
	"errors"
	"fmt"
	"image/color"
	"io"

	"sohoa/jail"
)

// The compressions of TIFF 6.0 section 3 and its supplements.
const (
	packNone     = 1
	packG3       = 3
	packG4       = 4
	packLZW      = 5
	packJPEG     = 7
	packDeflate  = 8
	packDeflate2 = 32946 // the number before 8 was given
	packBits     = 32773
)

// The meanings of samples, by PhotometricInterpretation.
const (
	whiteIsZero = 0
	blackIsZero = 1
	rgbColour   = 2
	palette     = 3
	separated   = 5
	yCbCr       = 6
)

// A tiffSource is a TIFF file; each full-size directory is a page.
type tiffSource struct {
	r        io.ReaderAt
	l        Limits
	pages    []tiffPage
	toRead   bool // see [OpenToRead]
	unproven bool // see [Page.Unproven]
}

// A tiffPage is what one directory says, checked.
type tiffPage struct {
	dir         ifd
	w, h        int
	bits        int
	samples     int
	pack        int64
	photometric int64
	predictor   int64
	reversed    bool // bits in bytes: FillOrder 2
	tw, th      int  // of one tile; a strip is a tile as wide as the page
	offsets     []int64
	counts      []int64
	colours     color.Palette
	alphaAt     int // the sample that is alpha, 0 for none
	premultiply bool
}

// openTIFF walks the chain of directories. It follows no directory twice and
// stops at the page limit.
func openTIFF(r io.ReaderAt, size int64, l Limits) (source, error) {
	s := &tiffSource{r: r, l: l}
	if size < 8 {
		return nil, damaged(0, "the TIFF file is cut short")
	}
	order, off, err := readHeader(r)
	if err != nil {
		return nil, err
	}
	seen := map[int64]bool{}
	for off != 0 {
		n := len(s.pages) + 1
		if seen[off] {
			return nil, damaged(n, "the TIFF file's pages run in a circle")
		}
		if seen[off] = true; n > l.Pages || len(seen) > 2*l.Pages+16 {
			return nil, l.CheckPages(l.Pages + 1)
		}
		dir, err := readIFD(r, size, off, order)
		if errors.Is(err, errIFD) || errors.Is(err, errTooMany) {
			return nil, damaged(n, "the TIFF file is cut short or damaged (%v)", err)
		}
		if err != nil {
			return nil, err
		}
		off = dir.next
		if dir.first(tagSubfile, 0)&5 != 0 {
			continue // a thumbnail or a mask of another page
		}
		page, err := s.understand(dir, n, size)
		if err != nil {
			return nil, err
		}
		s.pages = append(s.pages, page)
	}
	if err := l.CheckPages(len(s.pages)); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *tiffSource) count() int            { return len(s.pages) }
func (s *tiffSource) size(i int) (w, h int) { return s.pages[i].w, s.pages[i].h }

// understand checks what directory n says, before any of its pixels are read.
func (s *tiffSource) understand(dir ifd, n int, size int64) (tiffPage, error) {
	p := tiffPage{
		dir: dir, bits: 1,
		samples:     int(dir.first(tagSamples, 1)),
		pack:        dir.first(tagCompression, packNone),
		photometric: dir.first(tagPhotometric, whiteIsZero),
		predictor:   dir.first(tagPredictor, 1),
		reversed:    dir.first(tagFillOrder, 1) == 2,
	}
	w, h := dir.first(tagWidth, 0), dir.first(tagHeight, 0)
	if err := s.l.checkSize(n, w, h); err != nil {
		return p, err
	}
	p.w, p.h = int(w), int(h)
	for i, b := range dir.ints(tagBits) {
		if i == 0 {
			p.bits = int(b)
		} else if int(b) != p.bits && i < p.samples {
			return p, notTaken(n, "samples of several sizes")
		}
	}
	if p.pack == packDeflate2 {
		p.pack = packDeflate
	}
	if err := p.varieties(n); err != nil {
		return p, err
	}
	return p, p.places(n, size)
}

func notTaken(page int, what string) *jail.Refusal {
	return refuse(CodeKind, page, "a TIFF with %s is not taken; save it as an ordinary TIFF or as PDF", what)
}

// varieties refuses what [tiffPage.rows] could not decode.
func (p *tiffPage) varieties(n int) error {
	bilevel := p.samples == 1 && p.bits == 1 && p.photometric <= blackIsZero
	colours := int64(3)
	switch p.photometric {
	case whiteIsZero, blackIsZero, palette:
		colours = 1
	case rgbColour, yCbCr:
	case separated:
		colours = 4
	default:
		return notTaken(n, fmt.Sprintf("colours of kind %d", p.photometric))
	}
	extra := p.dir.first(tagExtra, 0)
	if int64(p.samples) > colours && (extra == 1 || extra == 2) {
		p.alphaAt, p.premultiply = int(colours), extra == 1
	}
	switch {
	case int64(p.samples) < colours || p.samples > 8:
		return damaged(n, "the TIFF picture's colours do not fit its samples")
	case p.samples > 1 && p.dir.first(tagPlanar, 1) != 1:
		return notTaken(n, "separate colour planes")
	case p.dir.first(tagSampleFormat, 1) > 1 && p.dir.first(tagSampleFormat, 1) != 4:
		return notTaken(n, "samples that are no whole numbers")
	case p.bits != 8 && p.bits != 16 && (p.samples > 1 || p.bits != 1 && p.bits != 2 && p.bits != 4):
		return notTaken(n, fmt.Sprintf("%d samples of %d bits", p.samples, p.bits))
	case p.predictor != 1 && (p.predictor != 2 || p.bits < 8):
		return notTaken(n, fmt.Sprintf("predictor %d", p.predictor))
	case p.photometric == palette && (p.samples != 1 || p.bits > 8):
		return notTaken(n, "this kind of palette")
	}
	switch p.pack {
	case packNone, packLZW, packDeflate, packBits:
		if p.photometric == yCbCr {
			return notTaken(n, "YCbCr colours that are not coded as JPEG")
		}
	case packJPEG:
		if p.bits != 8 || p.photometric == palette || p.photometric == separated || p.samples != 1 && p.samples != 3 {
			return notTaken(n, "this variety of JPEG")
		}
	case packG3, packG4:
		if !bilevel || p.pack == packG3 && p.dir.first(tagT4Options, 0)&3 != 0 {
			return notTaken(n, "this variety of fax coding")
		}
	default:
		return notTaken(n, fmt.Sprintf("compression %d", p.pack))
	}
	return p.readColours(n)
}

func (p *tiffPage) readColours(n int) error {
	if p.photometric != palette {
		return nil
	}
	m, count := p.dir.ints(tagColorMap), 1<<p.bits
	if len(m) < 3*count {
		return damaged(n, "the TIFF picture's palette is cut short")
	}
	for i := range count {
		p.colours = append(p.colours, color.RGBA{eight(uint32(m[i])), eight(uint32(m[count+i])), eight(uint32(m[2*count+i])), 0xff})
	}
	return nil
}

// places finds the strips or tiles and checks that all of them lie in the file:
// a file cut short is found out here.
func (p *tiffPage) places(n int, size int64) error {
	p.offsets, p.counts = p.dir.ints(tagOffsets), p.dir.ints(tagCounts)
	p.tw, p.th = p.w, int(min(p.dir.first(tagRowsPerStrip, int64(p.h)), int64(p.h)))
	if p.dir.ints(tagTileOffsets) != nil {
		p.offsets, p.counts = p.dir.ints(tagTileOffsets), p.dir.ints(tagTileCounts)
		tw, th := p.dir.first(tagTileWidth, 0), p.dir.first(tagTileHeight, 0)
		if tw > 1<<16 || th > 1<<16 {
			return notTaken(n, "tiles this large")
		}
		p.tw, p.th = int(tw), int(th)
	}
	if p.tw <= 0 || p.th <= 0 {
		return damaged(n, "the TIFF picture's strips have no size")
	}
	want := p.across() * ((p.h + p.th - 1) / p.th)
	if p.counts == nil && want == 1 && len(p.offsets) == 1 { // early writers left it out
		p.counts = []int64{size - p.offsets[0]}
	}
	if len(p.offsets) < want || len(p.counts) < want {
		return damaged(n, "the TIFF picture has %d strips of %d", min(len(p.offsets), len(p.counts)), want)
	}
	p.offsets, p.counts = p.offsets[:want], p.counts[:want]
	for i, off := range p.offsets {
		if off < 8 || p.counts[i] <= 0 || off+p.counts[i] > size {
			return damaged(n, "the TIFF file is cut short: strip %d of %d lies beyond its end", i+1, want)
		}
	}
	return nil
}

// across returns the number of tiles side by side.
func (p *tiffPage) across() int { return (p.w + p.tw - 1) / p.tw }

// page reads page i: as it is stored where a PDF can hold that, else decoded
// and stored again without loss.
func (s *tiffSource) page(i int) (Page, error) {
	t := &s.pages[i]
	p := Page{Index: i, Width: t.w, Height: t.h, Components: 1, Bits: 8, Predictor: 0}
	mirror, turn := upright(t.dir.first(tagOrientation, 1))
	p.Turn = turn
	x, y := t.dir.resolution()
	p.DPIX, p.DPIY, p.DPIFrom = Resolution(t.w, t.h, x, y)
	single := len(t.offsets) == 1 && t.tw == t.w && t.th >= t.h && !mirror
	switch {
	case single && t.pack == packG4:
		return s.carryG4(t, p)
	case single && t.pack == packJPEG && t.th == t.h && t.photometric != whiteIsZero:
		if carried, ok, err := s.carryTIFFJPEG(t, p); ok || err != nil {
			return carried, err
		}
	case single && t.inFlate():
		if carried, ok, err := s.carryFlate(t, p); ok || err != nil {
			return carried, err
		}
	}
	return s.store(t, p, mirror)
}

// carryG4 takes the one strip over; bits in bytes are put in order.
func (s *tiffSource) carryG4(t *tiffPage, p Page) (Page, error) {
	data, err := s.raw(t, 0)
	if err != nil {
		return Page{}, err
	}
	if err := checkG4(data, t.w, t.h); err != nil {
		return Page{}, damaged(0, "the fax-coded picture is cut short or damaged (%v)", err)
	}
	p.Encoding, p.Bits, p.BlackIsOne, p.Data = G4, 1, t.photometric == whiteIsZero, data
	return p, nil
}

// inFlate reports whether a PDF's FlateDecode yields the pixels as TIFF means them.
func (t *tiffPage) inFlate() bool {
	grey := t.photometric == blackIsZero || t.photometric == whiteIsZero && t.bits == 1
	kind := t.samples == 1 && t.bits <= 8 && grey || t.samples == 3 && t.bits == 8 && t.photometric == rgbColour
	return kind && t.pack == packDeflate && t.th == t.h && !t.reversed
}

// carryFlate takes the one strip over, or says where it is if nothing is to be
// found out about it. It is not ok if there is more in it than
// the rows, or more behind it: that shall not go into the archive.
func (s *tiffSource) carryFlate(t *tiffPage, p Page) (_ Page, ok bool, _ error) {
	p.Unproven = s.unproven && t.bits > 1
	if t.bits > 1 {
		p.Stored = Extent{At: t.offsets[0], Bytes: t.counts[0]}
	}
	var data []byte
	if !p.Unproven {
		var err error
		if data, err = s.raw(t, 0); err != nil {
			return Page{}, false, err
		}
		if ok, err := exactly(data, int64(t.rowBytes())*int64(t.h)); err != nil {
			return Page{}, false, tiffTrouble(fmt.Errorf("strip 1: %w", err))
		} else if !ok {
			return Page{}, false, nil
		}
	}
	p.Encoding, p.Components, p.Bits, p.Data = Flate, t.samples, t.bits, data
	p.BlackIsOne = t.photometric == whiteIsZero
	if t.predictor == 2 {
		p.Predictor = tiffPredictor
	}
	if t.bits == 1 {
		var err error
		if p, err = Tighten(p); err != nil {
			return Page{}, false, tiffTrouble(err)
		}
	}
	return p, true, nil
}

// carryTIFFJPEG takes the one strip over as a JPEG file, with the tables that
// TIFF keeps apart put in front. It is not ok if the strip and the page differ
// in size.
func (s *tiffSource) carryTIFFJPEG(t *tiffPage, p Page) (_ Page, ok bool, _ error) {
	data, front, note, err := s.jpegFile(t, 0)
	if err != nil {
		return Page{}, false, err
	}
	head, err := readJPEGHead(data)
	if err != nil {
		return Page{}, false, err
	}
	if head.w != t.w || head.h != t.h || head.components != t.samples {
		return Page{}, false, nil
	}
	carried, err := jpegPage(data, s.l, s.unproven)
	if err != nil {
		return Page{}, false, err
	}
	carried.Turn, carried.DPIX, carried.DPIY, carried.DPIFrom = p.Turn, p.DPIX, p.DPIY, p.DPIFrom
	if n := len(carried.Data); carried.Encoding == JPEG && front <= maxFront && n > front {
		carried.Stored = Extent{At: t.offsets[0], Bytes: int64(n - front)}
		if front > 0 { // in which the first marker of the strip is
			carried.Stored.At, carried.Stored.Front = t.offsets[0]+2, bytes.Clone(data[:front])
		}
	}
	if carried.Note == "" {
		carried.Note = note
	}
	return carried, true, nil
}
