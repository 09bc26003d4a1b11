package turbo

// #include "strips.h"
import "C"

import (
	"image"
	"runtime"
)

// StripRows is how many rows of pixels a strip of [Strips] has: whole blocks, and a whole
// number of thirds, fourths, sixths and eighths of rows. A strip of A4 at 300 dpi takes a
// seventh of the nearest cache that is a core's own.
const StripRows = 48

// Strips decodes the picture in data, of width by height pixels, and calls each with one strip
// after the other, from the top: top is its first row. What looks at a page strip by strip finds
// it in the cache, and the page's planes have no room at all. A strip begins at its own top left
// corner; its plane Cb is that of Cr, as with [DecodeRed]; and it is overwritten by the next. The
// last has fewer rows where the picture ends. Taken are pictures of YCbCr of which two pixels side
// by side share their colour, as scanners send them. The error wraps [ErrOther]: then what was
// seen of the picture is worth nothing.
func Strips(data []byte, width, height int, each func(top int, strip *image.YCbCr)) error {
	if apart.Load() || len(data) == 0 || width < 1 || height < 1 || int64(width)*int64(height) > mostPixels {
		return ErrOther
	}
	var pinned runtime.Pinner
	defer pinned.Unpin()
	pinned.Pin(&data[0]) // the decoder keeps where they are from call to call
	var down C.int
	s := C.sohoa_strips_open(bytesOf(data), C.size_t(len(data)), C.int(width), C.int(height), &down)
	if s == nil {
		return ErrOther
	}
	defer C.sohoa_strips_close(s)
	ratio := image.YCbCrSubsampleRatio422
	if down == 2 {
		ratio = image.YCbCrSubsampleRatio420
	}
	across := whole(width, 16)
	luma, red := make([]byte, StripRows*across), make([]byte, StripRows/int(down)*across/2)
	for top := 0; top < height; top += StripRows {
		if C.sohoa_strips_next(s, bytesOf(luma), C.int(across), bytesOf(red), C.int(across/2), StripRows) != 0 {
			return ErrOther
		}
		each(top, &image.YCbCr{Y: luma, Cb: red, Cr: red, YStride: across, CStride: across / 2,
			SubsampleRatio: ratio, Rect: image.Rect(0, 0, width, min(StripRows, height-top))})
	}
	return nil
}
