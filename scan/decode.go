package scan

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/jpeg"
	"io"

	"golang.org/x/image/ccitt"

	"sohoa/scan/jbig2"
	"sohoa/scan/room"
)

// maxDecode is the most pixels [Decode] will ever make room for.
const maxDecode int64 = 1 << 29

// Decode returns the pixels of p as stored, not turned: an [*image.Gray], an
// opaque [*image.RGBA] or an [*image.YCbCr]. What the data say of their size
// is compared with p before they are decoded. A page that is not whole is a
// [*jail.Refusal] with the code "damaged".
func Decode(p Page) (image.Image, error) {
	img, _, err := DecodeProven(p)
	return img, err
}

// DecodeProven is [Decode], and reports whether the data of a [Flate] or [JPEG] page
// were found whole, with nothing besides the rows in them and the right checksum, or
// nothing behind the picture's end. That they were not found so says nothing against
// the pixels.
func DecodeProven(p Page) (img image.Image, proven bool, err error) {
	if err := p.fits(); err != nil {
		return nil, false, err
	}
	if p.Encoding == Flate {
		img, proven, err = decodeFlate(p)
	} else {
		img, err = decode(p)
		proven = err == nil && p.Encoding == JPEG && JPEGAlone(p.Data)
	}
	if err != nil {
		return nil, false, damaged(p.Index+1, "the picture cannot be decoded (%v)", err)
	}
	return img, proven, nil
}

// fits refuses a page that has no size, or more pixels than room is made for.
func (p Page) fits() error {
	if p.Width <= 0 || p.Height <= 0 || int64(p.Width) > maxDecode || int64(p.Height) > maxDecode/int64(p.Width) {
		return refuse(CodePixels, p.Index+1, "the picture has %d × %d pixels", p.Width, p.Height)
	}
	return nil
}

func decode(p Page) (image.Image, error) {
	switch p.Encoding {
	case JPEG:
		head, err := readJPEGHead(p.Data)
		if err != nil {
			return nil, err
		}
		if head.w != p.Width || head.h != p.Height {
			return nil, fmt.Errorf("it has %d × %d pixels, not %d × %d", head.w, head.h, p.Width, p.Height)
		}
		return jpeg.Decode(bytes.NewReader(p.Data))
	case G4:
		return decodeG4(p)
	case JBIG2:
		return decodeJBIG2(p)
	}
	return nil, fmt.Errorf("an encoding of %q", p.Encoding)
}

// newGray is a grey picture, all black.
func newGray(w, h int) *image.Gray {
	return &image.Gray{Pix: room.For(w * h), Stride: w, Rect: image.Rect(0, 0, w, h)}
}

func decodeG4(p Page) (image.Image, error) {
	img := newGray(p.Width, p.Height)
	// The decoder's white is 0xff, so the usual fax comes out right.
	o := &ccitt.Options{Invert: !p.BlackIsOne}
	return img, whole(ccitt.DecodeIntoGray(img, bytes.NewReader(p.Data), ccitt.MSB, ccitt.Group4, o))
}

func decodeJBIG2(p Page) (image.Image, error) {
	rows, err := jbig2.Decode(p.Data, p.Width, p.Height)
	if err != nil {
		return nil, err
	}
	img, stride := newGray(p.Width, p.Height), (p.Width+7)/8
	for i := range rows {
		rows[i] ^= 0xff // one is black here
	}
	for y := range p.Height {
		if err := unpack(img.Pix[y*img.Stride:][:p.Width], rows[y*stride:], 1); err != nil {
			return nil, err
		}
	}
	return img, nil
}

func decodeFlate(p Page) (_ image.Image, proven bool, _ error) {
	r, err := newRowReader(p)
	if err != nil {
		return nil, false, err
	}
	if p.Components == 3 && p.Bits == 8 {
		img := &image.RGBA{Pix: room.For(4 * p.Width * p.Height), Stride: 4 * p.Width, Rect: image.Rect(0, 0, p.Width, p.Height)}
		for y := range p.Height {
			row, err := r.next()
			if err != nil {
				return nil, false, err
			}
			dst := img.Pix[y*img.Stride:][:4*p.Width]
			for ; len(dst) >= 4 && len(row) >= 3; dst, row = dst[4:], row[3:] {
				dst[0], dst[1], dst[2], dst[3] = row[0], row[1], row[2], 0xff
			}
		}
		return img, r.zr == nil, r.end()
	}
	if p.Components != 1 {
		return nil, false, fmt.Errorf("%d components of %d bits", p.Components, p.Bits)
	}
	img := newGray(p.Width, p.Height)
	for y := range p.Height {
		row, err := r.next()
		if err != nil {
			return nil, false, err
		}
		dst := img.Pix[y*img.Stride:][:p.Width]
		if err := unpack(dst, row, p.Bits); err != nil {
			return nil, false, err
		}
		if p.BlackIsOne && p.Bits == 1 {
			for i := range dst {
				dst[i] ^= 0xff
			}
		}
	}
	return img, r.zr == nil, r.end()
}

// Samples returns the samples of a [Flate] page of 8 bits, row after row without
// gaps: w, or 3 w for RGB, in each. Errors are those of [Decode].
func Samples(p Page) ([]byte, error) {
	if err := p.fits(); err != nil {
		return nil, err
	}
	rows, err := samples(p)
	if err != nil {
		return nil, damaged(p.Index+1, "the picture cannot be decoded (%v)", err)
	}
	return rows, nil
}

func samples(p Page) ([]byte, error) {
	if p.Encoding != Flate || p.Bits != 8 || p.Components != 1 && p.Components != 3 {
		return nil, fmt.Errorf("%s with %d components of %d bits", p.Encoding, p.Components, p.Bits)
	}
	r, err := newRowReader(p)
	if err != nil {
		return nil, err
	}
	n := p.Width * p.Components
	all, at := r.opened, 0
	if all == nil || r.predictor >= 10 { // whose rows are told from the ones above
		all = room.For(n * p.Height)
	}
	for range p.Height {
		row, err := r.next()
		if err != nil {
			return nil, err
		}
		at += copy(all[at:], row) // onto itself if it was opened at once
	}
	return all[:at], r.end()
}

// eightOf are eight pixels of two tones, the first one lowest.
var eightOf = func() (all [256]uint64) {
	for v := range all {
		for x := range 8 {
			all[v] |= uint64(-(byte(v) >> (7 - x) & 1)) << (8 * x)
		}
	}
	return all
}()

// unpack spreads samples of 1, 2, 4 or 8 bits over the range of a byte.
func unpack(dst, row []byte, bits int) error {
	switch bits {
	case 8:
		copy(dst, row)
	case 1:
		for ; len(dst) >= 8 && len(row) > 0; dst, row = dst[8:], row[1:] {
			binary.LittleEndian.PutUint64(dst, eightOf[row[0]])
		}
		for x := range dst {
			dst[x] = -(row[0] >> (7 - x) & 1)
		}
	case 2, 4:
		scale := byte(255 / (1<<bits - 1))
		for x := range dst {
			at := x * bits
			dst[x] = row[at/8] >> (8 - bits - at%8) & (1<<bits - 1) * scale
		}
	default:
		return fmt.Errorf("samples of %d bits", bits)
	}
	return nil
}

// Grey returns img in grey: its luma (ITU-R BT.601, as JPEG has it).
// The result may share its pixels with img.
func Grey(img image.Image) *image.Gray {
	b := img.Bounds()
	switch m := img.(type) {
	case *image.Gray:
		return m
	case *image.YCbCr:
		return &image.Gray{Pix: m.Y[m.YOffset(b.Min.X, b.Min.Y):], Stride: m.YStride, Rect: b}
	}
	out := image.NewGray(b)
	rgb := make([]byte, 3*b.Dx())
	for y := b.Min.Y; y < b.Max.Y; y++ {
		rowRGB(img, y, rgb)
		dst := out.Pix[(y-b.Min.Y)*out.Stride:]
		for x := range b.Dx() {
			dst[x] = byte(((19595*uint32(rgb[3*x])+38470*uint32(rgb[3*x+1])+7471*uint32(rgb[3*x+2]))*0x101 + 1<<15) >> 24)
		}
	}
	return out
}

// checkG4 reads all rows of one T.6 strip to know that it is whole.
func checkG4(data []byte, w, h int) error {
	r := ccitt.NewReader(bytes.NewReader(data), ccitt.MSB, ccitt.Group4, w, h, nil)
	n, err := io.Copy(io.Discard, r)
	if err == nil && n != int64((w+7)/8)*int64(h) {
		err = io.ErrUnexpectedEOF
	}
	return whole(err)
}
