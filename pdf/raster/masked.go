package raster

import (
	"encoding/binary"

	"sohoa/scan"
	"sohoa/scan/turbo"
)

// A mask is a picture of two tones of which the black is painted in a colour and
// the white is not, over all that lies under it.
type mask struct {
	image  scan.Page
	colour [3]byte // red, green, blue
}

// paint paints the mask over a page. The rest is as in onPage.
func (m mask) paint(v turbo.View, toImage matrix, across, up float64) (turbo.View, error) {
	if int64(m.image.Width)*int64(m.image.Height) > maxPixels*2 {
		return v, errOther
	}
	p, err := twoTones(m.image, across, up, 255)
	if err != nil {
		return v, err
	}
	ink := p.onPage(toImage, across, up, v.Width, v.Height, [3]byte{})
	grey := m.colour[0] == m.colour[1] && m.colour[0] == m.colour[2]
	if v.Components == 1 && !grey {
		v = coloured(v)
	}
	colour := m.colour
	if !v.RGB {
		colour = ycc(int32(colour[0]), int32(colour[1]), int32(colour[2]))
	}
	for i := 0; i < len(ink.Pix); i++ {
		if i%8 == 0 { // most of a mask is blank
			for i+8 <= len(ink.Pix) && binary.LittleEndian.Uint64(ink.Pix[i:]) == 0 {
				i += 8
			}
			if i == len(ink.Pix) {
				break
			}
		}
		if a := uint32(ink.Pix[i]); a > 0 {
			lay(v.Pix[i*v.Components:][:v.Components], colour, a)
		}
	}
	return v, nil
}
