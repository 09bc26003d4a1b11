// Package prepare makes a page image fit for reading: grey, upright, level and
// evenly lit. Its functions are pure: the same image gives the same image.
//
// Grey is the red channel, so that red seals and stamps fade from the text
// under them. Turning is by quarters, clockwise, and without loss. Levelling is
// turning by a small angle, about the centre, clockwise if the angle is
// positive. Ink is what is clearly darker than the paper around it.
package prepare

import (
	"image"
	"image/color"

	"sohoa/scan/room"
)

// Grey returns the red channel of m, on white paper where m is transparent.
// It may share its pixels with m if m is grey.
func Grey(m image.Image) *image.Gray {
	switch m := m.(type) {
	case *image.Gray:
		return m
	case *image.YCbCr:
		return redOfYCbCr(m)
	case *image.RGBA:
		return redOfBytes(m.Pix, m.Stride, m.Rect, func(red, alpha byte) byte { return red + 255 - alpha })
	case *image.NRGBA:
		return redOfBytes(m.Pix, m.Stride, m.Rect, func(red, alpha byte) byte {
			return byte(255 - int(alpha)*int(255-red)/255)
		})
	}
	b := m.Bounds()
	g := image.NewGray(image.Rect(0, 0, b.Dx(), b.Dy()))
	for y := range b.Dy() {
		for x := range b.Dx() {
			c := color.RGBAModel.Convert(m.At(b.Min.X+x, b.Min.Y+y)).(color.RGBA)
			g.Pix[y*g.Stride+x] = c.R + 255 - c.A
		}
	}
	return g
}

// redOfYCbCr follows JFIF 1.02: R = Y + 1.402 (Cr - 128).
func redOfYCbCr(m *image.YCbCr) *image.Gray {
	var more [256]int32
	for i := range more {
		more[i] = (91881*(int32(i)-128) + 1<<15) >> 16
	}
	w, h := m.Rect.Dx(), m.Rect.Dy()
	g := unset(w, h)
	if down := sharedRows(m); down > 0 && w > 0 && h > 0 {
		redOfHalves(g.Pix, m.Y, m.YStride, m.Cr, m.CStride, w, h, down)
		return g
	}
	half := uint(0)
	switch m.SubsampleRatio {
	case image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio420:
		half = 1
	case image.YCbCrSubsampleRatio411, image.YCbCrSubsampleRatio410:
		half = 2
	}
	for y := range h {
		yi := m.YOffset(m.Rect.Min.X, m.Rect.Min.Y+y)
		ci := m.COffset(m.Rect.Min.X, m.Rect.Min.Y+y)
		luma, red := m.Y[yi:yi+w], g.Pix[y*g.Stride:y*g.Stride+w]
		odd := m.Rect.Min.X & (1<<half - 1)
		for x, l := range luma {
			v := int32(l) + more[m.Cr[ci+(x+odd)>>half]]
			if v&^255 != 0 {
				v = ^(v >> 31) & 255 // below 0: 0, above 255: 255
			}
			red[x] = byte(v)
		}
	}
	return g
}

// unset is a grey image of w by h of which every pixel will be written.
func unset(w, h int) *image.Gray {
	return &image.Gray{Pix: room.Any(w * h), Stride: w, Rect: image.Rect(0, 0, w, h)}
}

// sharedRows is how many rows of m share one of colour, as scanners and cameras have it:
// two pixels side by side share one, and the planes begin where the image does; else 0.
func sharedRows(m *image.YCbCr) int {
	if m.Rect.Min != (image.Point{}) {
		return 0
	}
	switch m.SubsampleRatio {
	case image.YCbCrSubsampleRatio422:
		return 1
	case image.YCbCrSubsampleRatio420:
		return 2
	}
	return 0
}

// redOfBytes reads four bytes a pixel, red first and alpha last.
func redOfBytes(pix []byte, stride int, r image.Rectangle, onWhite func(red, alpha byte) byte) *image.Gray {
	w, h := r.Dx(), r.Dy()
	g := image.NewGray(image.Rect(0, 0, w, h))
	for y := range h {
		from, to := pix[y*stride:y*stride+4*w], g.Pix[y*g.Stride:y*g.Stride+w]
		for x := range to {
			red, alpha := from[4*x], from[4*x+3]
			if alpha != 255 {
				red = onWhite(red, alpha)
			}
			to[x] = red
		}
	}
	return g
}

// Turn returns g turned clockwise by a number of quarter turns, which may be
// negative. It returns g itself for none.
func Turn(g *image.Gray, quarters int) *image.Gray {
	w, h := g.Rect.Dx(), g.Rect.Dy()
	switch quarters & 3 {
	case 1:
		return rearrange(g, h, w, func(x, y int) (int, int) { return y, h - 1 - x })
	case 2:
		return rearrange(g, w, h, func(x, y int) (int, int) { return w - 1 - x, h - 1 - y })
	case 3:
		return rearrange(g, h, w, func(x, y int) (int, int) { return w - 1 - y, x })
	}
	return g
}

// rearrange makes an image of w by h from g; from says where a pixel comes
// from, and must be linear in x.
func rearrange(g *image.Gray, w, h int, from func(x, y int) (int, int)) *image.Gray {
	out := image.NewGray(image.Rect(0, 0, w, h))
	for y := range h {
		x0, y0 := from(0, y)
		x1, y1 := from(1, y)
		at, step := y0*g.Stride+x0, (y1-y0)*g.Stride+x1-x0
		row := out.Pix[y*out.Stride : y*out.Stride+w]
		picked(row, g.Pix, at, step)
	}
	return out
}
