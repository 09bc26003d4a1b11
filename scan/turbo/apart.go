package turbo

// #include "shim.h"
import "C"

import (
	"errors"
	"sync/atomic"
)

var apart, fell atomic.Bool

// ErrFell: a process that decoded came to another end than it should.
var ErrFell = errors.New("the process that decoded a JPEG picture did not come to its end")

// Apart has this process decode nothing by itself from now on, for it looks at data of
// more than one origin: [Whole] has each picture decoded in a process of its own, forked
// for it, which has its memory and nothing else, and of whose end nothing is believed
// but yes or no; [Decode] and [Scaled] take nothing.
func Apart() { apart.Store(true) }

// Fell returns [ErrFell] if since the last time that it was asked a process of [Apart]'s
// came to another end, in which case Whole said no.
func Fell() error {
	if fell.Swap(false) {
		return ErrFell
	}
	return nil
}

func wholeApart(data []byte, width, height int) bool {
	if int64(width)*int64(height) > mostPixels || len(data) == 0 {
		return false
	}
	want := C.sohoa_jpeg{width: C.int(width), height: C.int(height)}
	end := C.sohoa_jpeg_whole_apart(bytesOf(data), C.size_t(len(data)), &want)
	if end < 0 {
		fell.Store(true)
	}
	return end == 0
}
