package prepare

import (
	"image"
	"math"

	"sohoa/scan/room"
)

// Passed is what is left of a stored image in colour that went by strip by strip: all that
// [Ready] looks for in it. Its planes, which are twice as much, were in nobody's memory.
type Passed struct {
	given  Given
	w, h   int
	grey   *image.Gray
	reds   *reds
	glance reduced
	light  reduced
}

// A reduced image is k times smaller than the image that passes, 0 times if nobody asks for it.
type reduced struct {
	*image.Gray
	k int
}

// NewPassed is for what is left of an image of width by height pixels. Of its light a picture is
// kept that is light times smaller, for [Passed.Light], or none if that is 0. Rows is how many
// rows the strips will have that are passed; ok is false if nothing can be made of those.
func NewPassed(width, height int, given Given, light, rows int) (p *Passed, ok bool) {
	if rows%max(light, 1) != 0 || light == 1 || width < 1 || height < 1 {
		return nil, false
	}
	p = &Passed{given: given, w: width, h: height}
	p.light.k = light
	s, by := begin(image.Rect(0, 0, width, height), given)
	if k, even := reducedForGlance(s.X*by, s.Y*by); even && k > 1 && rows%k == 0 {
		p.glance.k = k
	}
	return p, true
}

// start makes the room, when there is a first strip: the image is as large as was said.
func (p *Passed) start() {
	s, _ := begin(image.Rect(0, 0, p.w, p.h), p.given)
	p.grey = unset(p.w, p.h)
	p.reds = newReds(p.grey.Rect, math.Min(s.X, s.Y))
	p.glance = newReduced(p.w, p.h, p.glance.k)
	p.light = newReduced(p.w, p.h, p.light.k)
}

func newReduced(width, height, k int) reduced {
	if k == 0 || width < k || height < k {
		return reduced{}
	}
	return reduced{unset(width/k, height/k), k}
}

// Strip takes the next rows, of which top is the first: all that NewPassed was told, or those
// that are left. Two pixels side by side share their colour.
func (p *Passed) Strip(top int, m *image.YCbCr) {
	if top == 0 {
		p.start()
	}
	w, h := m.Rect.Dx(), m.Rect.Dy()
	red := p.grey.Pix[top*w:]
	redOfHalves(red, m.Y, m.YStride, m.Cr, m.CStride, w, h, sharedRows(m))
	p.reds.countCr(m, top)
	p.glance.strip(top, h, red, w)
	p.light.strip(top, h, m.Y, m.YStride)
}

// strip reduces the h rows from top on, as far as they make whole rows.
func (r reduced) strip(top, h int, rows []byte, stride int) {
	if r.k > 0 {
		w := r.Rect.Dx()
		reduceRows(r.Pix[top/r.k*w:], w, h/r.k, rows, stride, r.k)
	}
}

// Ready makes ready what has passed, once, as [Ready] does the image; ok is false if the image has to be
// seen once more for that: red print is on it, which keeps its own darkness.
func (p *Passed) Ready() (s Sheet, ok bool) {
	s, by := begin(p.grey.Rect, p.given)
	area, kept := p.reds.settle(p.grey)
	giveBack(p.reds.cells)
	p.reds = nil
	if kept {
		return s, false
	}
	s.grey = p.grey
	l := glanceAt(s.grey, p.glance, s.X*by, s.Y*by)
	p.grey, p.glance = nil, reduced{}
	s.see(p.given, l, by, area)
	return s, true
}

// Light returns how light the image was, k times smaller, once; nil if there is no such picture.
func (p *Passed) Light(k int) *image.Gray {
	if k != p.light.k {
		return nil
	}
	m := p.light.Gray
	p.light = reduced{}
	return m
}

// Done gives back the room of what was not asked for.
func (p *Passed) Done() {
	if p.reds != nil {
		giveBack(p.reds.cells)
	}
	for _, m := range []*image.Gray{p.grey, p.glance.Gray, p.light.Gray} {
		if m != nil {
			room.Back(m.Pix)
		}
	}
	p.grey, p.reds, p.glance, p.light = nil, nil, reduced{}, reduced{}
}
