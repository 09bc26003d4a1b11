package child

import (
	"encoding/hex"
	"fmt"
	"image"
	"math"

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
	grey   bool // the page at hand has shades, but no colours that tell a seal from print
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

	// fair is the mean confidence from which a reading by regions is kept
	// without looking at the page as a whole.
	fair = 70

	// hopeless is the same for a page whose lines said which way is up.
	hopeless = 48
)

// read returns the words of page. Its error is a [*jail.Refusal] if the page
// is at fault.
func (r *reader) read(page scan.Page) (ocr.Page, error) {
	m, err := r.pictureOf(page)
	if err != nil {
		return ocr.Page{}, err
	}
	r.grey = page.Components == 1 && page.Bits == 8
	lap := &r.engine.lap
	lap.to(&lap.spent.Pixels)
	s, err := m.makeReady()
	if err != nil {
		return ocr.Page{}, err
	}
	defer func() { s.Done(); m.done() }()
	lap.to(&lap.spent.Ready)
	var best reading
	if !s.Blank {
		if best, err = r.recognise(&s); err != nil {
			return ocr.Page{}, err
		}
	}
	out := frame(page, s)
	out.Index, out.Blank = page.Index, s.Blank
	lap.to(&lap.spent.Words)
	sum, print, err := m.print(s)
	if err != nil {
		return ocr.Page{}, err
	}
	if m.proven && page.Unproven {
		out.Proven = page.Proof(sum)
	}
	out.Picture, out.Print = hex.EncodeToString(sum[:]), print
	lap.to(&lap.spent.Proving)
	out.Confidence = math.Round(best.confidence*100) / 100
	out.Lines, out.Handwriting = best.lines, best.hands
	if !r.safe {
		if out.Codes, err = codesOn(s.Image); err != nil {
			return ocr.Page{}, err
		}
	}
	lap.to(&lap.spent.Codes)
	place(s, &out)
	out.Engine, out.Data = r.engine.version, r.engine.data.String()
	out.Settings = r.settings(s)
	lap.to(&lap.spent.Words)
	return out, nil
}

// turnUpright is the number of quarter turns that lay a page on its side which
// the engine reads well as it is: it reads one way up only, with the head right.
const turnUpright = 3

// given is what is known of a page beforehand.
func (r *reader) given(page scan.Page) prepare.Given {
	given := prepare.Given{X: page.DPIX, Y: page.DPIY, Sure: page.DPIFrom != scan.Assumed,
		Turn: page.Turn, DPI: usualDPI, Most: maxPixels}
	if r.safe {
		given.DPI, given.Bare = safeDPI, true
	}
	return given
}

// recognise reads s, turning it as the reading shows to be needed.
func (r *reader) recognise(s *prepare.Sheet) (reading, error) {
	best, err := r.once(*s)
	enough := float64(poor)
	if s.Sure {
		enough = hopeless
	}
	if err == nil && best.sideways {
		*s = s.Turned(turnUpright)
		best, err = r.once(*s)
		enough = poor
	}
	if err != nil || best.words == 0 || best.confidence >= enough {
		return best, err
	}
	over := s.Turned(2)
	other, err := r.once(over)
	if err == nil && other.confidence > best.confidence {
		*s, best = over, other
	}
	return best, err
}

// once reads s as it lies: by its regions, and all at once if that reads badly
// or safety asks for it.
func (r *reader) once(s prepare.Sheet) (reading, error) {
	var parts reading
	if !r.safe {
		if r.grey {
			prepare.FadeSeals(s.Image, s.DPI)
		}
		var err error
		if parts, err = r.byRegions(s); err != nil || parts.confidence >= fair {
			return parts, err
		}
	}
	text, err := r.engine.hocr(s.Image, int(s.DPI), wholePage)
	if err != nil {
		return reading{}, err
	}
	whole, err := parseHOCR(text)
	if err != nil || whole.sideways || whole.confidence >= parts.confidence {
		return whole, err
	}
	return parts, nil
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
func frame(page scan.Page, s prepare.Sheet) ocr.Page {
	p := ocr.Page{Width: page.Width, Height: page.Height, DPIX: hundredth(s.X), DPIY: hundredth(s.Y), DPIFrom: string(s.From), Turn: s.Turn, Skew: s.Skew}
	if s.From == prepare.Known {
		p.DPIFrom = string(page.DPIFrom)
	}
	if s.Turn&1 == 1 {
		p.Width, p.Height, p.DPIX, p.DPIY = p.Height, p.Width, p.DPIY, p.DPIX
	}
	return p
}

func hundredth(v float64) float64 { return math.Round(v*100) / 100 }

// place brings the lines of p from the pixels of s to those of the frame. In a
// photograph a box becomes the frame of the four corners it has there, and a
// line keeps its slant in its base line.
func place(s prepare.Sheet, p *ocr.Page) {
	box := func(b *ocr.Box) {
		x0, y0, x1, y1 := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
		for _, c := range [...][2]int{{b.X0, b.Y0}, {b.X1, b.Y0}, {b.X0, b.Y1}, {b.X1, b.Y1}} {
			x, y := s.Frame.At(float64(c[0]), float64(c[1]))
			x0, y0, x1, y1 = math.Min(x0, x), math.Min(y0, y), math.Max(x1, x), math.Max(y1, y)
		}
		*b = ocr.Box{X0: within(x0, p.Width), Y0: within(y0, p.Height), X1: within(x1, p.Width), Y1: within(y1, p.Height)}
	}
	for i := range p.Codes {
		box(&p.Codes[i].Box)
	}
	for i := range p.Handwriting {
		box(&p.Handwriting[i])
	}
	for i := range p.Lines {
		l := &p.Lines[i]
		for j, x := range [...]int{l.Box.X0, l.Box.X1} {
			_, y := s.Frame.At(float64(x), l.Baseline[j])
			l.Baseline[j] = hundredth(y)
		}
		box(&l.Box)
		for j := range l.Words {
			box(&l.Words[j].Box)
		}
	}
}

func within(v float64, limit int) int { return min(max(int(math.Round(v)), 0), limit) }

// settings says what was set for a page, in a fixed order.
func (r *reader) settings(s prepare.Sheet) string {
	light, from, how := "normalised", "scan", "6,7,3" // of a region, of a line alone, of a page
	parts := " fields=ink raised=large signs=alike,dotted strokes=out"
	if r.safe { // reads the page at once
		light, how, parts = "as-scanned", "3", ""
	}
	if s.Photo {
		from = "photograph"
	}
	if r.grey && !r.safe {
		parts += " seals=faded"
	}
	return fmt.Sprintf("tessedit_pageseg_mode=%s tessedit_do_invert=0 user_defined_dpi=%.0f grey=ink%s end=kept skew=projection light=%s from=%s", how, s.DPI, parts, light, from)
}
