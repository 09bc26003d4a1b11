// Package turbo decodes JPEG (ISO/IEC 10918-1) with libjpeg-turbo, which takes
// a third of the time of image/jpeg. It knows the plain kinds that scanners
// make: 8 bits, grey or YCbCr, and takes no data with anything wrong in them;
// who calls has image/jpeg for the rest.
//
// It meets bytes of outside origin in C and is called in a child of
// [sohoa/jail] only.
package turbo

// #cgo LDFLAGS: -ljpeg
// #include "shim.h"
import "C"

import (
	"errors"
	"image"
	"runtime"
	"unsafe"

	"sohoa/scan/room"
)

// ErrOther: the data are damaged or of another kind.
var ErrOther = errors.New("no plain JPEG")

// mostPixels bounds what room is made for.
const mostPixels = 1 << 29

// Decode returns the picture in data, an [*image.Gray] or [*image.YCbCr] of
// width by height pixels. The error wraps [ErrOther].
func Decode(data []byte, width, height int) (image.Image, error) {
	return decode(data, width, height, true)
}

// DecodeRed is Decode for whoever does not look at blue: the plane Cb of the picture is
// that of Cr. All of data is looked at.
func DecodeRed(data []byte, width, height int) (image.Image, error) {
	return decode(data, width, height, false)
}

func decode(data []byte, width, height int, all bool) (image.Image, error) {
	var head C.sohoa_jpeg
	if apart.Load() || int64(width)*int64(height) > mostPixels || len(data) == 0 || C.sohoa_jpeg_head(bytesOf(data), C.size_t(len(data)), &head) != 0 ||
		int(head.width) != width || int(head.height) != height || width < 1 || height < 1 {
		return nil, ErrOther
	}
	if head.components == 1 {
		across, down := whole(width, 8), whole(height, 8)
		m := &image.Gray{Pix: room.Any(across * down), Stride: across, Rect: image.Rect(0, 0, across, down)}
		if !planes(data, []plane{{m.Pix, m.Stride}}, all) {
			return nil, ErrOther
		}
		return m.SubImage(image.Rect(0, 0, width, height)), nil
	}
	ratio := map[[2]C.int]image.YCbCrSubsampleRatio{
		{1, 1}: image.YCbCrSubsampleRatio444, {2, 1}: image.YCbCrSubsampleRatio422,
		{2, 2}: image.YCbCrSubsampleRatio420, {1, 2}: image.YCbCrSubsampleRatio440,
	}[[2]C.int{head.h, head.v}]
	m := colours(whole(width, 8*int(head.h)), whole(height, 8*int(head.v)), int(head.h), int(head.v), ratio)
	m.Cb = m.Cr
	if all {
		m.Cb = room.Any(len(m.Cr))
	}
	if !planes(data, []plane{{m.Y, m.YStride}, {m.Cb, m.CStride}, {m.Cr, m.CStride}}, all) {
		return nil, ErrOther
	}
	return m.SubImage(image.Rect(0, 0, width, height)), nil
}

// Whole reports whether data are a picture of width by height pixels that
// [Decode] would take: all of it is decoded, but drawn at an eighth of its
// size, which takes half of the time. That it is not so says nothing against
// the data: image/jpeg knows more kinds.
func Whole(data []byte, width, height int) bool {
	if apart.Load() {
		return wholeApart(data, width, height)
	}
	var head C.sohoa_jpeg
	return int64(width)*int64(height) <= mostPixels && len(data) > 0 &&
		C.sohoa_jpeg_whole(bytesOf(data), C.size_t(len(data)), &head) == 0 &&
		int(head.width) == width && int(head.height) == height
}

// colours is [image.NewYCbCr] with room that is not zero, and none for Cb.
func colours(w, h, across, down int, ratio image.YCbCrSubsampleRatio) *image.YCbCr {
	n := w / across * (h / down)
	return &image.YCbCr{Y: room.Any(w * h), Cr: room.Any(n), YStride: w, CStride: w / across,
		SubsampleRatio: ratio, Rect: image.Rect(0, 0, w, h)}
}

// whole is the least multiple of block that is at least n.
func whole(n, block int) int { return (n + block - 1) / block * block }

type plane struct {
	pixels []byte
	stride int
}

// planes decodes data into planes, which are as large as whole blocks need; all of them,
// or nothing into the second.
func planes(data []byte, of []plane, all bool) bool {
	var to [3]*C.uchar
	var stride [3]C.int
	var pinned runtime.Pinner
	defer pinned.Unpin()
	for i, p := range of {
		pinned.Pin(&p.pixels[0])
		to[i], stride[i] = bytesOf(p.pixels), C.int(p.stride)
	}
	blue := C.int(0)
	if all {
		blue = 1
	}
	return C.sohoa_jpeg_planes(bytesOf(data), C.size_t(len(data)), &to[0], &stride[0], blue) == 0
}

func bytesOf(b []byte) *C.uchar { return (*C.uchar)(unsafe.Pointer(&b[0])) }
