package specimen

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"math"
)

// A Format is a kind of file that scanners make.
type Format string

// The formats. All carry their true resolution.
const (
	JPEG        Format = "jpeg"         // one page
	PNG         Format = "png"          // one page
	TIFFG4      Format = "tiff-g4"      // bilevel, whatever the wear says
	TIFFDeflate Format = "tiff-deflate" // lossless
	TIFFJPEG    Format = "tiff-jpeg"
	PDF         Format = "pdf" // a picture per page: JPEG, or G4 if bilevel
)

// Formats returns all formats.
func Formats() []Format { return []Format{JPEG, PNG, TIFFG4, TIFFDeflate, TIFFJPEG, PDF} }

// A File is a paper as a scanner would hand it over.
type File struct {
	Name  string // of the kind, with the usual extension
	Media string // media type
	Bytes []byte
	Truth Truth
}

// Only returns the sheet with one of its pages, counted from 0, for formats
// that hold one page. The fields of its truth stay those of the whole paper.
func (s *Sheet) Only(page int) *Sheet {
	one := *s
	one.Pages = s.Pages[page : page+1]
	one.Truth.Pages = s.Truth.Pages[page : page+1]
	return &one
}

// File draws all pages at dpi and writes them as a file. A JPEG or PNG holds one
// page; asking for more is an error. See [Sheet.Only].
func (s *Sheet) File(format Format, dpi float64, w Wear, seed uint64) (File, error) {
	media := map[Format][2]string{JPEG: {"image/jpeg", ".jpg"}, PNG: {"image/png", ".png"}, TIFFG4: {"image/tiff", ".tif"},
		TIFFDeflate: {"image/tiff", ".tif"}, TIFFJPEG: {"image/tiff", ".tif"}, PDF: {"application/pdf", ".pdf"}}[format]
	f := File{Name: string(s.Truth.Kind) + media[1], Media: media[0], Truth: s.Truth}
	if w.FaxLines > 0 && format != TIFFG4 && format != PDF {
		return f, fmt.Errorf("write %s: no fax comes as one", format)
	}
	if (format == JPEG || format == PNG) && len(s.Pages) != 1 {
		return f, fmt.Errorf("write %s: it holds one page, not %d", format, len(s.Pages))
	}
	var b bytes.Buffer
	var err error
	switch format {
	case JPEG:
		x, _ := w.densities(dpi)
		err = writeJPEG(&b, s.Render(0, dpi, w, seed), w.Quality, x)
		f.Bytes = b.Bytes()
	case PNG:
		err = writePNG(&b, s.Render(0, dpi, w, seed), dpi, w.bilevel())
		f.Bytes = b.Bytes()
	case TIFFG4, TIFFDeflate, TIFFJPEG:
		f.Bytes, err = s.tiff(format, dpi, w, seed)
	case PDF:
		f.Bytes, err = s.pdf(dpi, w, seed)
	default:
		err = fmt.Errorf("no format is called %q", format)
	}
	if err != nil {
		return f, fmt.Errorf("write %s: %w", f.Name, err)
	}
	return f, nil
}

func (s *Sheet) tiff(format Format, dpi float64, w Wear, seed uint64) ([]byte, error) {
	w.Bilevel = w.Bilevel || format == TIFFG4
	compression := map[Format]int{TIFFG4: compressG4, TIFFJPEG: compressJPEG, TIFFDeflate: compressDeflate}[format]
	t := newTIFF()
	for i := range s.Pages {
		strip, err := newStrip(s.Render(i, dpi, w, seed), compression, w.Quality, dpi)
		if err != nil {
			return nil, err
		}
		x, y := w.densities(dpi)
		t.add(strip, x, y)
	}
	return t.buf.Bytes(), nil
}

func (s *Sheet) pdf(dpi float64, w Wear, seed uint64) ([]byte, error) {
	p := newPDF()
	root, tree := p.reserve(), p.reserve()
	p.object(root, fmt.Sprintf("<< /Type /Catalog /Pages %d 0 R >>", tree))
	compression := compressJPEG
	if w.bilevel() {
		compression = compressG4
	}
	var kids []int
	for i := range s.Pages {
		strip, err := newStrip(s.Render(i, dpi, w, seed), compression, w.Quality, dpi)
		if err != nil {
			return nil, err
		}
		x, y := w.densities(dpi)
		kids = append(kids, p.scanned(strip, x, y, tree))
	}
	p.pages(tree, kids)
	return p.close(root, ""), nil
}

// writeJPEG writes a baseline JPEG with its density in a JFIF segment (JFIF 1.02
// page 5), which the standard library leaves out, unless dpi is 0. Quality 0 is 80.
func writeJPEG(w io.Writer, m image.Image, quality int, dpi float64) error {
	if quality == 0 {
		quality = 80
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: quality}); err != nil {
		return err
	}
	if dpi == 0 {
		_, err := w.Write(b.Bytes())
		return err
	}
	head := []byte("\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x02\x01") // density unit 1: dots per inch
	for range 2 {
		head = binary.BigEndian.AppendUint16(head, uint16(math.Round(dpi)))
	}
	head = append(head, 0, 0) // no thumbnail
	if _, err := w.Write(head); err != nil {
		return err
	}
	_, err := w.Write(b.Bytes()[2:])
	return err
}

// writePNG writes a PNG with its density in a pHYs chunk (PNG 3rd edition
// 11.3.4.3), bilevel ones with one bit a pixel.
func writePNG(w io.Writer, m image.Image, dpi float64, bilevel bool) error {
	if g, ok := m.(*image.Gray); ok && bilevel {
		p := image.NewPaletted(g.Rect, color.Palette{color.Gray{Y: 0}, color.Gray{Y: 255}})
		for i, v := range g.Pix {
			p.Pix[i] = v >> 7
		}
		m = p
	}
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, m); err != nil {
		return err
	}
	const header = 8 + 25 // signature and IHDR
	chunk := binary.BigEndian.AppendUint32(nil, 9)
	chunk = append(chunk, "pHYs"...)
	perMetre := uint32(math.Round(dpi / 0.0254))
	chunk = binary.BigEndian.AppendUint32(chunk, perMetre)
	chunk = binary.BigEndian.AppendUint32(chunk, perMetre)
	chunk = append(chunk, 1) // unit: metre
	chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(chunk[4:]))
	for _, part := range [][]byte{b.Bytes()[:header], chunk, b.Bytes()[header:]} {
		if _, err := w.Write(part); err != nil {
			return err
		}
	}
	return nil
}
