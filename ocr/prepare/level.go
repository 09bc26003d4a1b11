package prepare

import (
	"image"
	"math"
)

// Rotate returns g turned clockwise by degrees about its centre, in a frame of
// the same size; what comes in at the corners is white.
func Rotate(g *image.Gray, degrees float64) *image.Gray {
	w, h := g.Rect.Dx(), g.Rect.Dy()
	if degrees == 0 || w < 2 || h < 2 {
		return g
	}
	out := image.NewGray(image.Rect(0, 0, w, h))
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	dx, dy := int64(math.Round(cos*one)), int64(math.Round(-sin*one))
	cx, cy := float64(w-1)/2, float64(h-1)/2
	for y := range h {
		// A point of the turned image lies in g where turning back puts it.
		fy := float64(y) - cy
		sx := int64(math.Round((cx - cx*cos + fy*sin) * one))
		sy := int64(math.Round((cy + cx*sin + fy*cos) * one))
		row := out.Pix[y*out.Stride : y*out.Stride+w]
		for x := range row {
			ix, iy := int(sx>>16), int(sy>>16)
			if uint(ix) < uint(w-1) && uint(iy) < uint(h-1) {
				row[x] = between(g.Pix[iy*g.Stride+ix:], g.Stride, uint32(sx>>8)&255, uint32(sy>>8)&255)
			} else {
				row[x] = at(g, int((sx+one/2)>>16), int((sy+one/2)>>16))
			}
			sx += dx
			sy += dy
		}
	}
	return out
}

func at(g *image.Gray, x, y int) byte {
	if uint(x) >= uint(g.Rect.Dx()) || uint(y) >= uint(g.Rect.Dy()) {
		return 255
	}
	return g.Pix[y*g.Stride+x]
}
