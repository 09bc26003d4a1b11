package prepare

import (
	"image"
	"math"

	"sohoa/scan/room"
)

// Given is what is known of a stored image beforehand.
type Given struct {
	X, Y float64 // dots per inch as stored, 0 if nobody knows
	Sure bool    // the file says so, or the pixels fit a paper
	Turn int     // clockwise quarter turns to upright by the file's own word
	DPI  float64 // of reading: images much finer or coarser are brought to it
	Most int     // pixels to read at most
	Bare bool    // leave the light as it is
}

// A Source says where a resolution comes from.
type Source string

// The sources.
const (
	Known     Source = "known"   // given
	FromText  Source = "text"    // the paper of the A series that suits the size of the letters
	FromSheet Source = "sheet"   // the paper of the A series that a photograph shows
	Assumed   Source = "assumed" // as if it were A4
)

// A Sheet is a page made ready for reading: grey, upright, level, evenly lit.
type Sheet struct {
	Image *image.Gray
	DPI   float64 // of Image

	Turn   int     // clockwise quarter turns from the stored image to the upright one
	Skew   float64 // degrees clockwise by which the upright image is turned to be level
	X, Y   float64 // dots per inch of the stored image
	From   Source  // of X and Y
	Photo  bool    // a photograph of a sheet of paper
	Sure   bool    // which way is up was told by the lines
	Blank  bool    // nothing to read on it
	Letter float64 // height of the small letters in millimetres, 0 if not known

	Stored Map // from places on Image to places on the stored image
	Frame  Map // from places on Image to places in the frame of [sohoa/ocr.Page]

	w, h  int         // of the stored image
	grey  *image.Gray // the stored image
	paper Map         // from places on the glance to places on the stored image
	l     *glance     // that told how it lies
}

// Ready makes m ready. Nothing of m is changed.
func Ready(m image.Image, given Given) Sheet {
	s, by := begin(m.Bounds(), given)
	var red float64
	s.grey, red = Ink(m, math.Min(s.X, s.Y))
	s.see(given, glanceAt(s.grey, reduced{}, s.X*by, s.Y*by), by, red)
	return s
}

// begin is what is known before anything is seen of an image of r: its resolution, and by how
// much that is more in the eyes of a glance.
func begin(r image.Rectangle, given Given) (s Sheet, by float64) {
	s = Sheet{X: given.X, Y: given.Y, From: Known, w: r.Dx(), h: r.Dy()}
	usable := func(d float64) bool { return d >= 1 && d <= 10000 }
	if !given.Sure || !usable(s.X) || !usable(s.Y) {
		s.X, s.From = s.asA4(), Assumed
		s.Y = s.X
	}
	by = 1.0
	if a4 := s.asA4() / math.Sqrt(s.X*s.Y); a4 > 1.6 { // larger than A3: perhaps the file lies
		by = a4
	}
	return s, by
}

// see makes the sheet, of which the stored image is grey, by a glance at that.
func (s *Sheet) see(given Given, l *glance, by, red float64) {
	l.dpi /= by
	s.paper = scaling(s.X/l.dpi, s.Y/l.dpi)
	if q, ok := l.sheet(); ok && (s.From == Assumed || q.slant() > 1.5) {
		l = s.unfold(q, l)
	} else {
		l.markBorders()
	}
	l.gather()
	skew, sideways := l.skew()
	lines := l.rows
	if sideways {
		lines = l.cols
	}
	writing := l.write(lines, skew)
	s.upright(given.Turn, sideways, writing)
	s.Letter = writing.height / l.dpi * 25.4
	s.weigh(l)
	s.lay(given, l, skew)
	s.l = l
	s.finish(given, red)
}

// Done gives back the room of the sheet's images, at which nobody may look any more, nor
// at the image that it was made of.
func (s *Sheet) Done() {
	room.Back(s.Image.Pix)
	room.Back(s.grey.Pix)
	room.Back(s.l.image.Pix)
	s.Image, s.grey, s.l = nil, nil, nil
}

// Again returns another picture of the stored image, lying as s does, as if [Ready] had made it ready for reading at dpi: to see besides what was not
// read, such as ink of other colours, without asking once more how the page lies. Grey is the
// stored image in grey, [Sheet.Smaller] times smaller.
func (s Sheet) Again(grey *image.Gray, dpi float64) *image.Gray {
	k := s.Smaller(dpi)
	r := s.Image.Rect
	w, h := max(1, int(math.Round(float64(r.Dx())*dpi/s.DPI))), max(1, int(math.Round(float64(r.Dy())*dpi/s.DPI)))
	s.Stored = s.Stored.After(scaling(float64(r.Dx())/float64(w), float64(r.Dy())/float64(h)))
	s.Image, s.DPI = Warp(grey, scaling(1/float64(k), 1/float64(k)).After(s.Stored), w, h), dpi
	s.finish(Given{}, 0)
	return s.Image
}

// Smaller returns how many times the stored image is reduced to be seen at about dpi.
func (s Sheet) Smaller(dpi float64) int {
	return max(1, int(math.Round(math.Min(s.X, s.Y)/dpi)))
}

// The sides of A4 in inches.
const (
	longA4  = 297 / 25.4
	shortA4 = 210 / 25.4
)

// asA4 is the resolution at which the image fits A4: most papers are A4.
func (s *Sheet) asA4() float64 {
	return math.Max(float64(max(s.w, s.h))/longA4, float64(min(s.w, s.h))/shortA4)
}

// upright chooses the turn: by the lines if they tell, else by the file's word
// if that agrees with the way the lines run.
func (s *Sheet) upright(told int, sideways bool, w writing) {
	up := w.up()
	s.Sure = up != 0
	s.Turn = told & 3
	if w.cores < fewCores {
		return
	}
	across := 0
	if sideways {
		across = 1
	}
	switch {
	case up > 0:
		s.Turn = across
	case up < 0:
		s.Turn = across + 2
	case s.Turn&1 != across:
		s.Turn = (s.Turn + 1) & 3
	}
}

// usualLetter is the height in millimetres of the small letters of 13 to 14
// points that papers are set in, as seen from afar.
const usualLetter = 2.4

// weigh corrects the resolution if the letters say so: if nobody knows it, the
// paper of the A series on which they come nearest to the usual; if they are
// out of all proportion, that of A4, if they are in proportion then.
func (s *Sheet) weigh(l *glance) {
	if s.Letter == 0 || s.Photo {
		return
	}
	by := 1.0
	if s.From == Assumed {
		s.From = FromText
		for _, times := range [...]float64{math.Sqrt2, 2, 1 / math.Sqrt2} {
			if math.Abs(math.Log(s.Letter/times/usualLetter)) < math.Abs(math.Log(s.Letter/by/usualLetter)) {
				by = times
			}
		}
	} else if off := s.Letter / usualLetter; off > 1.75 || off < 0.55 {
		a4 := s.asA4() / math.Sqrt(s.X*s.Y)
		if off /= a4; off < 0.75 || off > 1.33 {
			return
		}
		by, s.From = a4, FromText
	}
	s.X, s.Y, l.dpi, s.Letter = s.X*by, s.Y*by, l.dpi*by, s.Letter/by
}

// lay draws the sheet at the resolution of reading and says where all its
// places lie.
func (s *Sheet) lay(given Given, l *glance, skew float64) {
	wide, tall := float64(s.w)/s.X, float64(s.h)/s.Y // inches, as stored
	if s.Photo {
		wide, tall = float64(l.image.Rect.Dx())/l.dpi, float64(l.image.Rect.Dy())/l.dpi
	}
	s.DPI = s.resolution(given, wide*tall)
	turned := turning(s.Turn, wide*s.DPI, tall*s.DPI).Inverse()
	if s.Turn&1 == 1 {
		wide, tall = tall, wide
	}
	w, h := max(1, int(math.Round(wide*s.DPI))), max(1, int(math.Round(tall*s.DPI)))
	// From the level page back to the stored image.
	fit := scaling(wide*s.DPI/float64(w), tall*s.DPI/float64(h))
	flat := turned.After(fit).After(levelling(-skew, float64(w), float64(h)))
	s.Stored = s.paper.After(scaling(l.dpi/s.DPI, l.dpi/s.DPI)).After(flat)
	s.place(skew)

	k := min(64, max(1, int(math.Min(s.X, s.Y)/s.DPI+0.01)))
	s.Image = Warp(Reduce(s.grey, k), scaling(1/float64(k), 1/float64(k)).After(s.Stored), w, h)
}

// resolution returns the dots per inch to read at. A scan a little finer or
// coarser than asked for is left as it is: that would blur more than it saves.
func (s *Sheet) resolution(given Given, area float64) float64 {
	dpi := math.Max(s.X, s.Y)
	if dpi > 1.2*given.DPI || dpi < 0.9*given.DPI {
		dpi = given.DPI
	}
	return math.Max(1, math.Round(math.Min(dpi, math.Sqrt(float64(given.Most)/area))))
}

// place finds the frame: the stored image turned, then level at the middle of
// the sheet.
func (s *Sheet) place(skew float64) {
	fw, fh, x, y := float64(s.w), float64(s.h), s.X, s.Y
	turned := turning(s.Turn, fw, fh)
	if s.Turn&1 == 1 {
		fw, fh, x, y = fh, fw, y, x
	}
	inches := scaling(1/x, 1/y)
	s.Skew = skew
	if s.Photo {
		m := inches.After(turned).After(s.Stored)
		cx, cy := turned.Inverse().At(fw/2, fh/2) // any place near the middle will do
		cx, cy = s.Stored.Inverse().At(cx, cy)
		x0, y0 := m.At(cx-20, cy)
		x1, y1 := m.At(cx+20, cy)
		s.Skew = math.Round(-math.Atan2(y1-y0, x1-x0)*180/math.Pi*100) / 100
	}
	s.Frame = inches.Inverse().After(levelling(s.Skew, fw/x, fh/y)).After(inches).After(turned).After(s.Stored)
}

// Turned returns the sheet turned clockwise by quarters.
func (s Sheet) Turned(quarters int) Sheet {
	w, h := float64(s.Image.Rect.Dx()), float64(s.Image.Rect.Dy())
	back := turning(quarters, w, h).Inverse()
	fw, fh := float64(s.w), float64(s.h)
	if s.Turn&1 == 1 {
		fw, fh = fh, fw
	}
	s.Frame = turning(quarters, fw, fh).After(s.Frame).After(back)
	s.Stored = s.Stored.After(back)
	s.Image, s.Turn = Turn(s.Image, quarters), (s.Turn+quarters)&3
	return s
}

// finish evens out the light, paints over what is not page, and judges whether
// anything is left.
func (s *Sheet) finish(given Given, red float64) {
	if !given.Bare {
		even(s.Image, s.DPI)
		fadeBleed(s.Image)
	}
	s.clear(s.l)
	s.Blank = red < leastMark && Blank(s.Image, s.DPI)
	if !given.Bare && !s.Blank {
		deepen(s.Image, s.DPI)
	}
}

// clear paints white what is not page.
func (s *Sheet) clear(l *glance) {
	if s.Photo {
		rim(s.Image, int(1.5*s.DPI/25.4))
	}
	if l.away == nil {
		return
	}
	w := l.image.Rect.Dx()
	back := s.Stored.Inverse().After(s.paper)
	side := int(s.DPI/l.dpi*0.75) + 1
	for i, away := range l.away {
		if !away {
			continue
		}
		x, y := back.At(float64(i%w)+0.5, float64(i/w)+0.5)
		white(s.Image, image.Rect(int(x)-side, int(y)-side, int(x)+side+1, int(y)+side+1))
	}
}

// rim paints the outer n pixels of g white.
func rim(g *image.Gray, n int) {
	r := g.Rect
	white(g, image.Rect(0, 0, r.Max.X, n))
	white(g, image.Rect(0, r.Max.Y-n, r.Max.X, r.Max.Y))
	white(g, image.Rect(0, 0, n, r.Max.Y))
	white(g, image.Rect(r.Max.X-n, 0, r.Max.X, r.Max.Y))
}

func white(g *image.Gray, r image.Rectangle) {
	r = r.Intersect(g.Rect)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		row := g.Pix[y*g.Stride+r.Min.X : y*g.Stride+r.Max.X]
		for x := range row {
			row[x] = 255
		}
	}
}

// leastMark is how many square millimetres of coloured ink make a stamp.
const leastMark = 4
