package raster

import (
	"encoding/binary"
	"image"
	"math/bits"

	"sohoa/scan"
	"sohoa/scan/turbo"
)

// Pixels are a stored picture, or one made smaller by a whole number: then the
// last column and row may lie partly beyond it.
type pixels struct {
	turbo.View
	across, up float64 // of its pixels, what belongs to the picture
}

// decoded returns the pixels of p, at least about across by up of them if it has
// as many.
func decoded(p scan.Page, across, up float64) (pixels, error) {
	if p.Encoding == scan.JPEG {
		eighths := 8 // halved: libjpeg's other scales are slow
		for eighths > 1 && float64(p.Width*eighths/2) >= 7.96*across && float64(p.Height*eighths/2) >= 7.96*up {
			eighths /= 2
		}
		v, err := turbo.Scaled(p.Data, eighths)
		return all(v), err
	}
	if int64(p.Width)*int64(p.Height) > maxPixels*2 || p.Width < 1 || p.Height < 1 {
		return pixels{}, errOther
	}
	switch {
	case p.Bits == 1 && p.Components == 1:
		return twoTones(p, across, up, 0)
	case p.Bits == 8 && p.Encoding == scan.Flate:
		rows, err := scan.Samples(p)
		return all(turbo.View{Pix: rows, Width: p.Width, Height: p.Height, Components: p.Components, RGB: p.Components == 3}), err
	}
	img, err := scan.Decode(p)
	if err != nil {
		return pixels{}, err
	}
	m, ok := img.(*image.Gray)
	if !ok || m.Stride != p.Width {
		return pixels{}, errOther
	}
	return all(turbo.View{Pix: m.Pix[:p.Width*p.Height], Width: p.Width, Height: p.Height, Components: 1}), nil
}

func all(v turbo.View) pixels { return pixels{v, float64(v.Width), float64(v.Height)} }

// twoTones returns the pixels of a page of two tones in grey, black being ink and
// white the other end: each the average of 1, 2, 4 or 8 by as many, as many as
// leave about across by up. They are counted as they lie, eight to a byte.
func twoTones(p scan.Page, across, up float64, ink byte) (pixels, error) {
	rows, err := scan.Bits(p)
	if err != nil {
		return pixels{}, err
	}
	k := 1
	for k < 8 && float64(p.Width) >= 1.99*across*float64(k) && float64(p.Height) >= 1.99*up*float64(k) {
		k *= 2
	}
	v := turbo.View{Width: (p.Width + k - 1) / k, Height: (p.Height + k - 1) / k, Components: 1}
	v.Pix = make([]byte, v.Width*v.Height)
	stride, levels := (p.Width+7)/8, levelsOf(k, ink)
	counts := make([]byte, 8*stride/k+8)
	for y := range v.Height {
		clear(counts)
		for i := range k {
			if y*k+i < p.Height {
				count(counts, rows[(y*k+i)*stride:][:stride], k)
			}
		}
		to := v.Pix[y*v.Width:][:v.Width]
		for x := range to {
			to[x] = levels[counts[x]]
		}
	}
	return pixels{v, float64(p.Width) / float64(k), float64(p.Height) / float64(k)}, nil
}

// levelsOf are the shades of so many black pixels among k by k.
func levelsOf(k int, ink byte) (levels [256]byte) {
	for n := range min(k*k+1, 256) {
		share := (n*255 + k*k/2) / (k * k)
		if levels[n] = byte(share); ink == 0 {
			levels[n] = byte(255 - share)
		}
	}
	return levels
}

// ones says of each byte how many bits are set in each single one, pair and half
// of it, the first lowest.
var ones = func() (all [3][256]uint64) {
	for v := range 256 {
		for n, k := range [...]int{1, 2, 4} {
			for i := range 8 / k {
				set := bits.OnesCount8(byte(v) << (i * k) & ^byte(0xff>>k))
				all[n][v] |= uint64(set) << (8 * i)
			}
		}
	}
	return all
}()

// count adds to each of counts, which has room for seven more than it needs, how
// many of k pixels in a row are black.
func count(counts, row []byte, k int) {
	if k == 8 {
		for i, b := range row {
			counts[i] += byte(bits.OnesCount8(b))
		}
		return
	}
	table, step := &ones[bits.Len(uint(k))-1], 8/k
	for i, b := range row {
		if b != 0 {
			to := counts[i*step:][:8]
			binary.LittleEndian.PutUint64(to, binary.LittleEndian.Uint64(to)+table[b])
		}
	}
}
