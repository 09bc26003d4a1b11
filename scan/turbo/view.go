package turbo

// #include <stdlib.h>
// #include "view.h"
import "C"

import (
	"runtime"
	"unsafe"

	"sohoa/scan/room"
)

// A View is a picture to look at: rows of pixels without gaps, each of one
// sample (grey) or three (YCbCr as JFIF has it, or RGB).
type View struct {
	Pix           []byte
	Width, Height int
	Components    int  // 1 or 3
	RGB           bool // three samples are red, green and blue
}

// Scaled returns the picture in data drawn at eighths/8 of its size, eighths
// being 1 to 8: what is not drawn is not computed, which at a half costs a
// third. The error wraps [ErrOther].
func Scaled(data []byte, eighths int) (View, error) {
	var size C.sohoa_view
	if apart.Load() || len(data) == 0 || eighths < 1 || eighths > 8 || C.sohoa_view_size(bytesOf(data), C.size_t(len(data)), C.int(eighths), &size) != 0 ||
		size.width < 1 || size.height < 1 || int64(size.width)*int64(size.height) > mostPixels {
		return View{}, ErrOther
	}
	v := View{Width: int(size.width), Height: int(size.height), Components: int(size.components)}
	v.Pix = room.For(v.Width * v.Height * v.Components)
	if C.sohoa_view_draw(bytesOf(data), C.size_t(len(data)), C.int(eighths), &size, bytesOf(v.Pix)) != 0 {
		return View{}, ErrOther
	}
	return v, nil
}

// Encode writes v as a JPEG file of a quality from 1 to 100, colour at half
// the resolution of brightness. The same view gives the same bytes. The error
// wraps [ErrOther]: v is no picture, or there is no memory for it.
func (v View) Encode(quality, dpi int) ([]byte, error) {
	if v.Width < 1 || v.Height < 1 || v.Width > 65500 || v.Height > 65500 || v.Components != 1 && v.Components != 3 || len(v.Pix) != v.Width*v.Height*v.Components {
		return nil, ErrOther
	}
	size := C.sohoa_view{width: C.int(v.Width), height: C.int(v.Height), components: C.int(v.Components)}
	if v.RGB {
		size.rgb = 1
	}
	var pinned runtime.Pinner
	defer pinned.Unpin()
	pinned.Pin(&v.Pix[0])
	var out *C.uchar
	var n C.ulong
	if C.sohoa_view_write(bytesOf(v.Pix), &size, C.int(quality), C.int(dpi), &out, &n) != 0 {
		return nil, ErrOther
	}
	defer C.free(unsafe.Pointer(out))
	return C.GoBytes(unsafe.Pointer(out), C.int(n)), nil
}
