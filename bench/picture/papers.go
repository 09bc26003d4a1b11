package main

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"math"
	"os"
	"time"

	"sohoa/pdf/pdfa"
	"sohoa/pdf/readingcopy"
	"sohoa/pdf/revision"
	"sohoa/scan"
	"sohoa/scan/jbig2"
	"sohoa/signing/mark"
	"sohoa/specimen"
)

// A paper is a page as the archive holds it.
type paper struct {
	name   string
	format specimen.Format
	dpi    float64
	skew   float64
	change func(scan.Page) (scan.Page, error) // the scan, before it is stored
	signed bool                               // with a mark of words and one of a seal
	copy   bool                               // a reading copy
}

var papers = []paper{
	{name: "colour, 300 dpi", format: specimen.JPEG, dpi: 300},
	{name: "colour, 300 dpi, levelled", format: specimen.JPEG, dpi: 300, skew: 0.7},
	{name: "colour, 300 dpi, signed", format: specimen.JPEG, dpi: 300, signed: true},
	{name: "colour, 300 dpi, levelled, signed", format: specimen.JPEG, dpi: 300, skew: 0.7, signed: true},
	{name: "colour, 200 dpi", format: specimen.JPEG, dpi: 200},
	{name: "colour, 200 dpi, levelled, signed", format: specimen.JPEG, dpi: 200, skew: 0.7, signed: true},
	{name: "grey, 300 dpi", format: specimen.JPEG, dpi: 300, change: grey},
	{name: "grey, 300 dpi, levelled, signed", format: specimen.JPEG, dpi: 300, skew: 0.7, change: grey, signed: true},
	{name: "grey, 200 dpi, signed", format: specimen.JPEG, dpi: 200, change: grey, signed: true},
	{name: "colour without loss (deflate), 200 dpi", format: specimen.TIFFDeflate, dpi: 200},
	{name: "black and white (G4), 300 dpi", format: specimen.TIFFG4, dpi: 300},
	{name: "black and white (G4), 300 dpi, levelled", format: specimen.TIFFG4, dpi: 300, skew: 0.7},
	{name: "black and white (G4), 300 dpi, signed", format: specimen.TIFFG4, dpi: 300, signed: true},
	{name: "black and white (JBIG2), 300 dpi, signed", format: specimen.TIFFG4, dpi: 300, change: generic, signed: true},
	{name: "reading copy of colour, 300 dpi", format: specimen.JPEG, dpi: 300, copy: true},
}

// write makes a PDF/A of the paper.
func (p paper) write(dir string) (string, error) {
	press, err := specimen.NewPress()
	if err != nil {
		return "", err
	}
	f, err := press.Paper(specimen.Kinds()[0], 11, specimen.About{}).File(p.format, p.dpi, specimen.Office(11), 11)
	if err != nil {
		return "", err
	}
	s, err := scan.Open(bytes.NewReader(f.Bytes), int64(len(f.Bytes)), scan.Limits{})
	if err != nil {
		return "", err
	}
	page, err := s.Page(0)
	if err == nil && p.change != nil {
		page, err = p.change(page)
	}
	layers := readingcopy.Layers{Back: page}
	if err == nil && p.copy {
		layers, err = readingcopy.Take(page)
	}
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	w := pdfa.New(&b, pdfa.Meta{})
	if err := w.Add(pdfa.Page{Image: layers.Back, Masks: layers.Masks, Skew: p.skew, Width: float64(page.Width) * 72 / page.DPIX, Height: float64(page.Height) * 72 / page.DPIY}); err != nil {
		return "", err
	}
	if err := w.Close(); err != nil {
		return "", err
	}
	file := b.Bytes()
	if p.signed {
		if file, err = signed(file); err != nil {
			return "", err
		}
	}
	out, err := os.CreateTemp(dir, "page-*.pdf")
	if err != nil {
		return "", err
	}
	_, err = out.Write(file)
	return out.Name(), errors.Join(err, out.Close())
}

// grey stores a colour JPEG in grey.
func grey(p scan.Page) (scan.Page, error) {
	img, err := scan.Decode(p)
	if err != nil {
		return p, err
	}
	g := image.NewGray(img.Bounds())
	draw.Draw(g, g.Rect, img, g.Rect.Min, draw.Src)
	var b bytes.Buffer
	err = jpeg.Encode(&b, g, &jpeg.Options{Quality: 85})
	p.Data, p.Components = b.Bytes(), 1
	return p, err
}

// generic stores a page of two tones as JBIG2.
func generic(p scan.Page) (scan.Page, error) {
	img, err := scan.Decode(p)
	if err != nil {
		return p, err
	}
	g, ok := img.(*image.Gray)
	if !ok {
		return p, fmt.Errorf("two tones as %T", img)
	}
	w := jbig2.NewWriter(p.Width, p.Height)
	for y := range p.Height {
		row := make([]byte, (p.Width+7)/8)
		for x := range p.Width {
			if g.GrayAt(x, y).Y < 128 {
				row[x/8] |= 0x80 >> (x % 8)
			}
		}
		w.Row(row)
	}
	p.Data, err = w.Finish()
	p.Encoding, p.BlackIsOne = scan.JBIG2, true
	return p, err
}

// font is the house's for marks.
const font = "/usr/share/fonts/truetype/croscore/Tinos-Regular.ttf"

// signed adds the marks of two signatures: words in a corner, and a seal.
func signed(file []byte) ([]byte, error) {
	letters, err := mark.Load(font)
	if err != nil {
		return nil, err
	}
	at := time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC)
	style, err := mark.Of(mark.CopyAgency, at)
	if err != nil {
		return nil, err
	}
	words, err := letters.Words(style, style.Text(mark.Words{Name: "Ủy ban nhân dân xã Vĩnh Thịnh", At: at}), 250, 1)
	if err != nil {
		return nil, err
	}
	seal, err := ring()
	if err != nil {
		return nil, err
	}
	stamp := mark.Pictures([]*mark.Picture{seal}, []mark.Box{{Width: 36 * mark.PerMM, Height: 36 * mark.PerMM}})
	for i, m := range []*mark.Mark{words, stamp} {
		if file, err = marked(file, m, 60+250*float64(i), 780-600*float64(i), at); err != nil {
			return nil, err
		}
	}
	return file, nil
}

// marked adds a revision with a signature's place and mark.
func marked(file []byte, m *mark.Mark, x, y float64, at time.Time) ([]byte, error) {
	f, err := revision.Open(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return nil, err
	}
	page, err := f.Page(1)
	if err != nil {
		return nil, err
	}
	u := f.Update()
	form, err := m.Put(u, page)
	if err != nil {
		return nil, err
	}
	if err := u.Sign(page, revision.Signature{At: at, Reserve: 8000, Appearance: form, Alt: m.Alt(),
		Place: revision.Rect{X0: x, Y0: y, X1: x + m.Width, Y1: y + m.Height}}); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	p, err := u.Prepare(&out, bytes.NewReader(file))
	if err != nil {
		return nil, err
	}
	err = p.Finish(make([]byte, 8000))
	return out.Bytes(), err
}

// ring is a seal of 36 mm at 600 dpi.
func ring() (*mark.Picture, error) {
	const n = 850
	img := image.NewNRGBA(image.Rect(0, 0, n, n))
	for y := range n {
		for x := range n {
			if r := math.Hypot(float64(x-n/2), float64(y-n/2)); math.Abs(r-380) < 30 || r < 90 {
				img.SetNRGBA(x, y, color.NRGBA{200, 20, 30, 255})
			}
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		return nil, err
	}
	return mark.ReadPicture(&b, mark.Red)
}
