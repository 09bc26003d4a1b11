package raster

import (
	"image"
	"math"

	"golang.org/x/image/vector"

	"sohoa/scan/room"
	"sohoa/scan/turbo"
)

// stamped draws marks over a page that is drawn at a resolution.
func (s sheet) stamped(v turbo.View, dpi float64) (turbo.View, error) {
	k := dpi / 72
	toView := matrix{k, 0, 0, -k, 0, s.height * k}
	if v.RGB && len(s.stamps) > 0 {
		inYCC(v.Pix)
		v.RGB = false
	}
	for _, mark := range s.stamps {
		c := mark.box
		clip := image.Rect(int(math.Floor(c[0]*k)), int(math.Floor((s.height-c[3])*k)), int(math.Ceil(c[2]*k)), int(math.Ceil((s.height-c[1])*k)))
		if clip = clip.Intersect(image.Rect(0, 0, v.Width, v.Height)); clip.Empty() {
			continue
		}
		if v.Components == 1 && mark.words == nil {
			v = coloured(v)
		}
		m := mark.at.mul(toView)
		if mark.words != nil {
			if err := mark.words.draw(v, m, clip); err != nil {
				return v, err
			}
		}
		for _, p := range mark.pictures {
			p.draw(v, p.at.mul(m), clip)
		}
	}
	return v, nil
}

// coloured is a grey view with room for colour.
func coloured(v turbo.View) turbo.View {
	out := turbo.View{Pix: room.For(3 * len(v.Pix)), Width: v.Width, Height: v.Height, Components: 3}
	to := out.Pix
	for _, p := range v.Pix {
		to[0], to[1], to[2] = p, 128, 128
		to = to[3:]
	}
	return out
}

// inYCC turns red, green and blue into YCbCr as JFIF has it.
func inYCC(pix []byte) {
	for ; len(pix) >= 3; pix = pix[3:] {
		c := ycc(int32(pix[0]), int32(pix[1]), int32(pix[2]))
		pix[0], pix[1], pix[2] = c[0], c[1], c[2]
	}
}

// draw draws the words within clip; m leads from the mark's points to pixels.
func (w *words) draw(v turbo.View, m matrix, clip image.Rectangle) error {
	to := vector.NewRasterizer(clip.Dx(), clip.Dy())
	em := w.size / w.font.upem
	y := w.top
	for _, row := range w.rows {
		x := 0.0
		for _, g := range row {
			glyph := matrix{em, 0, 0, em, x, y}.mul(m).mul(matrix{1, 0, 0, 1, -float64(clip.Min.X), -float64(clip.Min.Y)})
			if err := w.font.trace(to, g, glyph, 0); err != nil {
				return err
			}
			x += w.font.advance(g) * w.size
		}
		y -= w.leading
	}
	ink := image.NewAlpha(image.Rect(0, 0, clip.Dx(), clip.Dy()))
	to.Draw(ink, ink.Rect, image.Opaque, image.Point{})
	black := [3]byte{0, 128, 128}
	for y := range clip.Dy() {
		for x, a := range ink.Pix[y*ink.Stride:][:clip.Dx()] {
			if a > 0 {
				cover(v, clip.Min.X+x, clip.Min.Y+y, black, uint32(a))
			}
		}
	}
	return nil
}

// cover lays a colour over a pixel, a 255ths opaque.
func cover(v turbo.View, x, y int, colour [3]byte, a uint32) {
	n := v.Components
	lay(v.Pix[(y*v.Width+x)*n:][:n], colour, a)
}

// lay lays a colour over a pixel, a 255ths opaque.
func lay(to []byte, colour [3]byte, a uint32) {
	for k, p := range to {
		to[k] = byte((uint32(p)*(255-a) + uint32(colour[k])*a + 127) / 255)
	}
}

// draw draws the picture within clip; m leads from its unit square to pixels,
// each of which takes the average of what it covers.
func (p inlay) draw(v turbo.View, m matrix, clip image.Rectangle) {
	x0, x1 := m[4], m[4]+m[0]
	y0, y1 := m[5]+m[3], m[5] // upper, lower
	clip = clip.Intersect(image.Rect(int(math.Floor(x0)), int(math.Floor(y0)), int(math.Ceil(x1)), int(math.Ceil(y1))))
	columns, rows := spans(clip.Min.X, clip.Max.X, x0, x1, p.w), spans(clip.Min.Y, clip.Max.Y, y0, y1, p.h)
	for j, r := range rows {
		for i, c := range columns {
			var sum [3]uint64
			var alpha uint64
			for y := r[0]; y < r[1]; y++ {
				for x := c[0]; x < c[1]; x++ {
					o := y*p.w + x
					a := uint64(p.alpha[o])
					if a == 0 {
						continue
					}
					alpha += a
					for k := range sum {
						sum[k] += a * uint64(p.rgb[3*o+k])
					}
				}
			}
			if alpha == 0 {
				continue
			}
			n := uint64((r[1] - r[0]) * (c[1] - c[0]))
			colour := ycc(int32(sum[0]/alpha), int32(sum[1]/alpha), int32(sum[2]/alpha))
			cover(v, clip.Min.X+i, clip.Min.Y+j, colour, uint32((alpha+n/2)/n))
		}
	}
}

// spans returns which of n samples between a and b each pixel from lo to hi
// covers, one at the least.
func spans(lo, hi int, a, b float64, n int) [][2]int {
	var all [][2]int
	for i := lo; i < hi; i++ {
		from := int(math.Round((float64(i) - a) / (b - a) * float64(n)))
		to := int(math.Round((float64(i+1) - a) / (b - a) * float64(n)))
		from = min(max(from, 0), n-1)
		all = append(all, [2]int{from, min(max(to, from+1), n)})
	}
	return all
}
