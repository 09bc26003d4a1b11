package child

import (
	"crypto/sha256"
	"errors"
	"image"
	"math"

	"sohoa/jail"
	"sohoa/ocr/prepare"
	"sohoa/ocr/sides"
	"sohoa/scan"
	"sohoa/scan/room"
	"sohoa/scan/turbo"
)

// A picture is what there is to see of a stored page: what is left of it after it went by
// strip by strip, or all of it.
type picture struct {
	page   scan.Page
	given  prepare.Given
	passed *prepare.Passed // nil if m is there
	m      image.Image
	proven bool // the page's data were found whole, with nothing besides
}

// pictureOf decodes a page; its error is that of [decode].
func (r *reader) pictureOf(page scan.Page) (*picture, error) {
	p := &picture{page: page, given: r.given(page)}
	if p.pass() {
		return p, nil
	}
	return p, p.decode()
}

// pass lets a page go by as scanners send it: JPEG in colour, at a resolution that its file
// tells. It reports whether it did; if not, whatever the reason, [decode] has its say.
func (p *picture) pass() (ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	if p.page.Encoding != scan.JPEG || p.page.Components != 3 || !p.given.Sure {
		return false
	}
	light := 0
	if !p.page.Seen {
		light = max(1, int(math.Round(math.Min(p.given.X, p.given.Y)/sides.PrintDPI)))
	}
	passed, ok := prepare.NewPassed(p.page.Width, p.page.Height, p.given, light, turbo.StripRows)
	if !ok {
		return false
	}
	if err := turbo.Strips(p.page.Data, p.page.Width, p.page.Height, passed.Strip); err != nil {
		passed.Done()
		return false
	}
	p.passed, p.proven = passed, p.page.Unproven && scan.JPEGAlone(p.page.Data)
	return true
}

// decode decodes all of the page.
func (p *picture) decode() (err error) {
	p.m, p.proven, err = decode(p.page)
	return err
}

// makeReady brings the page to the resolution of reading, upright as far as its
// lines tell, level, and in even light.
func (p *picture) makeReady() (prepare.Sheet, error) {
	if p.passed != nil {
		if s, ok := p.passed.Ready(); ok {
			return s, nil
		}
		if err := p.decode(); err != nil {
			return prepare.Sheet{}, err
		}
	}
	return prepare.Ready(p.m, p.given), nil
}

// light returns how light the page is, k times smaller, ink of every colour dark. Its room is
// the caller's if owned.
func (p *picture) light(k int) (m *image.Gray, owned bool, err error) {
	if p.passed != nil {
		if m := p.passed.Light(k); m != nil {
			return m, true, nil
		}
	}
	if p.m == nil { // the page is finer or coarser than its file tells
		if err := p.decode(); err != nil {
			return nil, false, err
		}
	}
	all := sides.Light(p.m)
	m = prepare.Reduce(all, k)
	return m, m != all, nil
}

// print returns the SHA-256 of the stored page and its perceptual hash as a look at a side
// makes it: of ink of every colour, lying as s does.
func (p *picture) print(s prepare.Sheet) (sum [sha256.Size]byte, print uint64, err error) {
	if !s.Blank && !p.page.Seen {
		m, owned, err := p.light(s.Smaller(sides.PrintDPI))
		if err != nil {
			return sum, 0, err
		}
		seen := s.Again(m, sides.PrintDPI)
		print = sides.Print(seen)
		room.Back(seen.Pix)
		if owned {
			room.Back(m.Pix)
		}
	}
	return sha256.Sum256(p.page.Data), print, nil
}

// done gives back the room of the picture, at which nobody looks any more.
func (p *picture) done() {
	if p.passed != nil {
		p.passed.Done()
	}
	giveBack(p.m)
}

// pixelsOf decodes the page: by libjpeg-turbo if that takes it, in a quarter of
// the time of Go's decoder, which knows the rest. Nobody here looks at blue.
func pixelsOf(page scan.Page) (m image.Image, proven bool, err error) {
	if page.Encoding == scan.JPEG {
		if m, err := turbo.DecodeRed(page.Data, page.Width, page.Height); err == nil {
			return m, page.Unproven && scan.JPEGAlone(page.Data), nil
		}
	}
	return scan.DecodeProven(page)
}

// giveBack gives back the room of an image at which nobody looks any more.
func giveBack(m image.Image) {
	switch m := m.(type) {
	case *image.Gray:
		room.Back(m.Pix)
	case *image.RGBA:
		room.Back(m.Pix)
	case *image.YCbCr:
		room.Back(m.Y)
		room.Back(m.Cb)
		room.Back(m.Cr)
	}
}

// decode returns the page as stored, and whether its data were found whole, with
// nothing besides. Whatever a hostile page does to a decoder,
// short of ending the process, is a refusal of that page.
func decode(page scan.Page) (m image.Image, proven bool, err error) {
	defer func() {
		if trouble := recover(); trouble != nil {
			err = &jail.Refusal{Code: "damaged", Text: "the image cannot be decoded", Page: page.Index + 1}
		}
	}()
	m, proven, err = pixelsOf(page)
	var refusal *jail.Refusal
	if errors.As(err, &refusal) {
		refusal.Page = page.Index + 1
		return nil, false, refusal
	}
	if err != nil {
		return nil, false, &jail.Refusal{Code: "damaged", Text: "the image cannot be decoded", Page: page.Index + 1}
	}
	return m, proven, nil
}
