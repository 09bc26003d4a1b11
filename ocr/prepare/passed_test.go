package prepare

import (
	"bytes"
	"image"
	"testing"

	"sohoa/specimen"
)

// cut lets m pass in strips of so many rows, each in the room of the one before.
func cut(m *image.YCbCr, rows int, each func(top int, strip *image.YCbCr)) {
	w := m.Rect.Dx()
	s := &image.YCbCr{Y: make([]byte, rows*m.YStride), Cr: make([]byte, rows*m.CStride), YStride: m.YStride, CStride: m.CStride, SubsampleRatio: m.SubsampleRatio}
	for top := 0; top < m.Rect.Dy(); top += rows {
		s.Rect = image.Rect(0, 0, w, min(rows, m.Rect.Dy()-top))
		copy(s.Y, m.Y[m.YOffset(0, top):])
		copy(s.Cr, m.Cr[m.COffset(0, top):])
		each(top, s)
	}
}

// of422 gives each row of m its own row of colour.
func of422(m *image.YCbCr) *image.YCbCr {
	to := image.NewYCbCr(m.Rect, image.YCbCrSubsampleRatio422)
	copy(to.Y, m.Y)
	for y := range m.Rect.Dy() {
		copy(to.Cr[y*to.CStride:][:to.CStride], m.Cr[m.COffset(0, y):])
	}
	to.YStride = m.YStride
	return to
}

// What has passed strip by strip is made ready as the image itself is.
func TestPassed(t *testing.T) {
	const rows = 48
	for i, c := range []struct {
		dpi   float64
		given Given
		light int
		whole bool // colour of each row
	}{
		{200, Given{X: 200, Y: 200, Sure: true, DPI: 200, Most: 32 << 20}, 2, false},
		{300, Given{X: 300, Y: 300, Sure: true, DPI: 200, Most: 32 << 20}, 3, true},
		{300, Given{X: 300, Y: 300, Sure: true, DPI: 150, Most: 32 << 20, Bare: true}, 3, false},
		{203, Given{X: 203, Y: 202.5, Sure: true, DPI: 100, Most: 1 << 22}, 4, false},  // an odd size
		{170, Given{X: 170, Y: 160, Sure: true, DPI: 100, Most: 1 << 22}, 0, false},    // uneven: the glance is of other places
		{190, Given{X: 1900, Y: 1900, Sure: true, DPI: 100, Most: 1 << 22}, 16, false}, // the file lies
		{190, Given{X: 190, Y: 190, DPI: 100, Most: 1 << 22}, 6, false},
	} {
		drawn, _ := drawn(t, specimen.Kinds()[(3*i+1)%12], uint64(i), c.dpi, specimen.Office(uint64(i)))
		m := viaJPEG(t, drawn).(*image.YCbCr)
		if c.whole {
			m = of422(m)
		}
		p, ok := NewPassed(m.Rect.Dx(), m.Rect.Dy(), c.given, c.light, rows)
		if !ok {
			t.Fatalf("page %d does not pass", i)
		}
		cut(m, rows, p.Strip)
		want := Ready(m, c.given)
		got, ok := p.Ready()
		if !ok || !bytes.Equal(got.Image.Pix, want.Image.Pix) || !bytes.Equal(got.grey.Pix, want.grey.Pix) || !bytes.Equal(got.l.image.Pix, want.l.image.Pix) {
			t.Fatalf("page %d: another image, or none: %v", i, ok)
		}
		said := got
		said.Image, said.grey, said.l = want.Image, want.grey, want.l
		if said != want {
			t.Errorf("page %d: %+v instead of %+v", i, said, want)
		}
		if p.Light(c.light+1) != nil {
			t.Errorf("page %d: light of a size that was not asked for", i)
		}
		if light := p.Light(c.light); c.light > 0 && !bytes.Equal(light.Pix, Reduce(&image.Gray{Pix: m.Y, Stride: m.YStride, Rect: m.Rect}, c.light).Pix) {
			t.Errorf("page %d: another light", i)
		}
		if p.Light(c.light) != nil {
			t.Errorf("page %d: light that was taken already", i)
		}
		p.Done()
		got.Done()
		want.Done()
	}
}

// Red print keeps its darkness, which only the image itself tells; and not every reduction
// can be had from strips.
func TestPassedNot(t *testing.T) {
	m := viaJPEG(t, redPage()).(*image.YCbCr)
	p, ok := NewPassed(m.Rect.Dx(), m.Rect.Dy(), usual, 2, 48)
	if !ok {
		t.Fatal("a page does not pass")
	}
	cut(m, 48, p.Strip)
	if _, ok := p.Ready(); ok {
		t.Error("a page with a red heading is made ready without it")
	}
	p.Done()
	for _, light := range []int{1, 5, 7} {
		if _, ok := NewPassed(100, 100, usual, light, 48); ok {
			t.Errorf("a page passes whose light is %d times smaller", light)
		}
	}
	if _, ok := NewPassed(100, 0, usual, 2, 48); ok {
		t.Error("nothing passes")
	}
}
