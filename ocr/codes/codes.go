// Package codes reads the machine-readable codes on a page: QR codes (ISO/IEC
// 18004; on citizen cards, receipts and separator sheets) and Code
// 128 (ISO/IEC 15417), at any angle, as many as there are.
//
// The reading is ZXing's (the C++ library, Debian's libzxing). It meets pixels
// of outside origin and is called in a child of [sohoa/jail] only, like the
// reader of words.
package codes

// #cgo CXXFLAGS: -std=c++17
// #cgo LDFLAGS: -lZXing
// #include <stdlib.h>
// #include "shim.h"
import "C"

import (
	"cmp"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"math"
	"slices"
	"strconv"
	"strings"
	"unsafe"
)

// The formats of codes, as [Code.Format] has them.
const (
	QR      = "QR"
	Code128 = "Code 128"
)

// A Code is one code on an image.
type Code struct {
	Format  string
	Text    string         // UTF-8, as the code carries it
	Corners [4]image.Point // pixels of the image, from the code's own top left corner clockwise
}

// formats are what is looked for.
type formats int

const (
	qr     formats = C.SOHOA_QR
	linear formats = C.SOHOA_LINEAR
	plain  formats = C.SOHOA_PLAIN // black and white by the library itself, which is slower
)

// errReader is returned if the library gives up: it ran out of memory.
var errReader = errors.New("the reader of codes gave up on the image")

// Find returns the codes on m in the order of their places, from the top down.
// A code that cannot be read without doubt (its checksum, ISO/IEC 15417 4.6, or
// its error correction says so) is not there. m must start at (0, 0).
func Find(m *image.Gray) ([]Code, error) {
	all, err := find(m, qr)
	if err != nil {
		return nil, err
	}
	if bilevel(m) {
		m = soft(m)
		again, err := find(m, qr)
		if err != nil {
			return nil, err
		}
		for _, c := range again {
			all = keep(all, c)
		}
	}
	for _, b := range places(m) {
		linear, err := bar(m, b)
		if err != nil {
			return nil, err
		}
		for _, c := range linear {
			all = keep(all, c)
		}
	}
	slices.SortStableFunc(all, func(a, b Code) int {
		return cmp.Or(cmp.Compare(a.Box().Min.Y, b.Box().Min.Y), cmp.Compare(a.Box().Min.X, b.Box().Min.X))
	})
	return all, nil
}

// bar returns the linear codes at b. Where nothing is found the bars are looked
// at again, evened out along their length, which noise and the steps of a fax
// do not survive, and enlarged.
func bar(m *image.Gray, b bars) ([]Code, error) {
	for _, look := range [...]struct {
		zoom float64
		even int
	}{{1, 1}, {1, 8}, {2, 16}, {2, 40}} {
		l := turned(m, b, look.zoom)
		even(l.m, look.even)
		found, err := find(l.m, linear)
		if err != nil {
			return nil, err
		}
		for i := range found {
			for j, p := range found[i].Corners {
				u, v := l.back(float64(p.X), float64(p.Y))
				found[i].Corners[j] = image.Pt(int(math.Round(u)), int(math.Round(v)))
			}
		}
		if len(found) > 0 {
			return found, nil
		}
	}
	return nil, nil
}

// keep adds c to all unless the very code is there: two places may show it.
func keep(all []Code, c Code) []Code {
	same := func(x Code) bool {
		return x.Format == c.Format && x.Text == c.Text && x.Box().Overlaps(c.Box())
	}
	if slices.ContainsFunc(all, same) {
		return all
	}
	return append(all, c)
}

// Box is the smallest upright rectangle around c.
func (c Code) Box() image.Rectangle {
	r := image.Rectangle{c.Corners[0], c.Corners[0]}
	for _, p := range c.Corners {
		r.Min.X, r.Min.Y = min(r.Min.X, p.X), min(r.Min.Y, p.Y)
		r.Max.X, r.Max.Y = max(r.Max.X, p.X+1), max(r.Max.Y, p.Y+1)
	}
	return r
}

func find(m *image.Gray, f formats) ([]Code, error) {
	if m.Rect.Empty() {
		return nil, nil
	}
	text := C.sohoa_codes((*C.uchar)(unsafe.Pointer(&m.Pix[0])), C.int(m.Rect.Dx()), C.int(m.Rect.Dy()), C.int(m.Stride), C.int(f))
	if text == nil {
		return nil, errReader
	}
	defer C.free(unsafe.Pointer(text))
	return parse(C.GoString(text))
}

// finders reports whether m has what a QR code has as it is, not made smaller: without that
// the library is not asked.
func finders(m *image.Gray) bool {
	w, h, stride := C.int(m.Rect.Dx()), C.int(m.Rect.Dy()), C.int(m.Stride)
	pixels := (*C.uchar)(unsafe.Pointer(unsafe.SliceData(m.Pix)))
	levels := C.sohoa_levels(pixels, w, h, stride)
	defer C.free(unsafe.Pointer(levels))
	return levels != nil && C.sohoa_finders(levels, pixels, w, h, stride) != 0
}

func parse(text string) ([]Code, error) {
	var all []Code
	for line := range strings.Lines(text) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(f) != 10 {
			return nil, fmt.Errorf("a code of %d fields", len(f))
		}
		c := Code{Format: f[0]}
		for i := range 4 {
			x, errX := strconv.Atoi(f[1+2*i])
			y, errY := strconv.Atoi(f[2+2*i])
			if err := errors.Join(errX, errY); err != nil {
				return nil, err
			}
			c.Corners[i] = image.Pt(x, y)
		}
		b, err := hex.DecodeString(f[9])
		if err != nil {
			return nil, err
		}
		c.Text = strings.ToValidUTF8(string(b), "\uFFFD")
		all = append(all, c)
	}
	return all, nil
}
