package child

import (
	"errors"
	"fmt"
	"image"
	"math"

	"sohoa/jail"
	"sohoa/ocr"
	"sohoa/ocr/codes"
	"sohoa/ocr/prepare"
	"sohoa/scan"
)

// A reader reads pages with one engine. A safe reader spends less: it reads at
// a lower resolution and leaves the light as it is.
type reader struct {
	engine *engine
	safe   bool
}

const (
	// usualDPI is the resolution of reading. A scan at 300 dpi is reduced to
	// it: that reads no worse and costs less.
	usualDPI = 200
	safeDPI  = 150

	// maxPixels bounds the image that is read, whatever the paper's size.
	maxPixels = 32 << 20

	// poor is the mean confidence below which a page may be upside down: such
	// pages come out at 42 to 47, upright ones at 89 to 95.
	poor = 60
)

// A sheet is a page made ready: upright and level, of square pixels at dpi.
type sheet struct {
	image *image.Gray
	dpi   int
	turn  int
	skew  float64
	w, h  int     // of the scan as stored, pixels
	x, y  float64 // its resolution as stored
}

// read returns the words of page. Its error is a [*jail.Refusal] if the page
// is at fault.
func (r *reader) read(page scan.Page) (ocr.Page, error) {
	grey, err := decode(page)
	if err != nil {
		return ocr.Page{}, err
	}
	s := r.makeReady(grey, page, byLines)
	var best reading
	blank := prepare.Blank(s.image, float64(s.dpi))
	if !blank {
		if best, err = r.recognise(&s); err != nil {
			return ocr.Page{}, err
		}
		if best.sideways {
			s = r.makeReady(grey, page, s.turn+turnUpright)
			if best, err = r.recognise(&s); err != nil {
				return ocr.Page{}, err
			}
		}
	}
	out := s.frame()
	out.Index, out.Blank = page.Index, blank
	out.Confidence = math.Round(best.confidence*100) / 100
	out.Lines = best.lines
	if !r.safe {
		if out.Codes, err = codesOn(s.image); err != nil {
			return ocr.Page{}, err
		}
	}
	s.place(&out)
	out.Engine, out.Data = r.engine.version, r.engine.data.String()
	out.Settings = r.settings(s.dpi)
	return out, nil
}

// decode returns the page in grey. Whatever a hostile page does to a decoder,
// short of ending the process, is a refusal of that page.
func decode(page scan.Page) (grey *image.Gray, err error) {
	defer func() {
		if trouble := recover(); trouble != nil {
			err = &jail.Refusal{Code: "damaged", Text: "the image cannot be decoded", Page: page.Index + 1}
		}
	}()
	m, err := scan.Decode(page)
	var refusal *jail.Refusal
	if errors.As(err, &refusal) {
		refusal.Page = page.Index + 1
		return nil, refusal
	}
	if err != nil {
		return nil, &jail.Refusal{Code: "damaged", Text: "the image cannot be decoded", Page: page.Index + 1}
	}
	return prepare.Grey(m), nil
}

// turnUpright is the number of quarter turns that lay a page on its side which
// the engine reads well as it is: it reads one way up only, with the head right.
const turnUpright = 3

// byLines lets the direction of the lines say how a page is turned.
const byLines = -1

// makeReady brings a page to the resolution of reading, turned by so many
// quarters or upright as far as the lines tell, level, and in even light.
func (r *reader) makeReady(grey *image.Gray, page scan.Page, turn int) sheet {
	s := sheet{turn: page.Turn & 3, w: grey.Rect.Dx(), h: grey.Rect.Dy(), x: page.DPIX, y: page.DPIY}
	if !(s.x >= 1 && s.x <= 10000 && s.y >= 1 && s.y <= 10000) {
		s.x, s.y = usualDPI, usualDPI
	}
	s.dpi = r.resolution(s)
	d := float64(s.dpi)
	m := prepare.Resize(grey, pixels(s.w, d/s.x), pixels(s.h, d/s.y))
	if turn != byLines {
		s.turn = turn & 3
	}
	m = prepare.Turn(m, s.turn)
	skew, sideways := prepare.Skew(m, d)
	if sideways && turn == byLines {
		m = prepare.Turn(m, 1)
		s.turn = (s.turn + 1) & 3
	}
	s.skew = skew
	m = prepare.Rotate(m, skew)
	if !r.safe {
		m = prepare.Normalise(m, d)
	}
	s.image = m
	return s
}

// resolution returns the dots per inch to read at. A scan a little finer than
// the usual is left as it is: reducing it would blur more than it saves.
func (r *reader) resolution(s sheet) int {
	dpi := math.Max(s.x, s.y)
	if dpi > 1.2*usualDPI {
		dpi = usualDPI
	}
	if r.safe {
		dpi = math.Min(dpi, safeDPI)
	}
	area := float64(s.w) / s.x * float64(s.h) / s.y // square inches
	dpi = math.Min(dpi, math.Sqrt(maxPixels/area))
	return max(1, int(math.Round(dpi)))
}

func pixels(n int, scale float64) int { return max(1, int(math.Round(float64(n)*scale))) }

// recognise reads s, turning it as the reading shows to be needed.
func (r *reader) recognise(s *sheet) (reading, error) {
	best, err := r.once(s)
	if err != nil || best.words == 0 || best.confidence >= poor {
		return best, err
	}
	over := *s
	over.image, over.turn = prepare.Turn(s.image, 2), (s.turn+2)&3
	other, err := r.once(&over)
	if err == nil && other.confidence > best.confidence {
		*s, best = over, other
	}
	return best, err
}

func (r *reader) once(s *sheet) (reading, error) {
	text, err := r.engine.hocr(s.image, s.dpi)
	if err != nil {
		return reading{}, err
	}
	return parseHOCR(text)
}

// codesOn returns the codes on m, in its pixels.
func codesOn(m *image.Gray) ([]ocr.Code, error) {
	found, err := codes.Find(m)
	if err != nil {
		return nil, fmt.Errorf("codes: %w", err)
	}
	var all []ocr.Code
	for _, c := range found {
		b := c.Box()
		all = append(all, ocr.Code{Format: c.Format, Text: c.Text, Box: ocr.Box{X0: b.Min.X, Y0: b.Min.Y, X1: b.Max.X, Y1: b.Max.Y}})
	}
	return all, nil
}

// frame returns a page with the measures of the frame that s lies in.
func (s *sheet) frame() ocr.Page {
	p := ocr.Page{Width: s.w, Height: s.h, DPIX: s.x, DPIY: s.y, Turn: s.turn, Skew: s.skew}
	if s.turn&1 == 1 {
		p.Width, p.Height, p.DPIX, p.DPIY = p.Height, p.Width, p.DPIY, p.DPIX
	}
	return p
}

// place brings the lines of p from the pixels of s to those of the frame.
func (s *sheet) place(p *ocr.Page) {
	sx := float64(p.Width) / float64(s.image.Rect.Dx())
	sy := float64(p.Height) / float64(s.image.Rect.Dy())
	box := func(b *ocr.Box) {
		b.X0, b.X1 = scaled(b.X0, sx, p.Width), scaled(b.X1, sx, p.Width)
		b.Y0, b.Y1 = scaled(b.Y0, sy, p.Height), scaled(b.Y1, sy, p.Height)
	}
	for i := range p.Codes {
		box(&p.Codes[i].Box)
	}
	for i := range p.Lines {
		l := &p.Lines[i]
		box(&l.Box)
		for j := range l.Words {
			box(&l.Words[j].Box)
		}
		for j := range l.Baseline {
			l.Baseline[j] = math.Round(l.Baseline[j]*sy*100) / 100
		}
	}
}

func scaled(v int, scale float64, limit int) int {
	return min(max(int(math.Round(float64(v)*scale)), 0), limit)
}

// settings says what was set for a page, in a fixed order.
func (r *reader) settings(dpi int) string {
	light := "normalised"
	if r.safe {
		light = "as scanned"
	}
	return fmt.Sprintf("tessedit_pageseg_mode=3 user_defined_dpi=%d grey=red skew=projection light=%s", dpi, light)
}
