package scan

import (
	"fmt"

	"sohoa/jail"
)

// Limits are what a file may cost. Where a file claims something, the claim is
// checked before anything is decoded. A zero field means the default of its kind.
type Limits struct {
	Pixels int64 `json:"pixels"` // of one page
	Pages  int   `json:"pages"`
	Bytes  int64 `json:"bytes"` // of the file

	Objects   int   `json:"objects,omitempty"`   // of a PDF
	Depth     int   `json:"depth,omitempty"`     // of a PDF's objects, one within the other
	Expand    int64 `json:"expand,omitempty"`    // bytes that one stream of a PDF may become
	ExpandAll int64 `json:"expandAll,omitempty"` // bytes that all of them may become together

	Memory  int64 `json:"memory,omitempty"`  // bytes of the child that meets the file
	Seconds int   `json:"seconds,omitempty"` // of processor time for looking into the file
}

// The default limits: an A0 sheet at 300 dpi has 139 million pixels; the largest
// born-digital documents we know have some 300,000 objects, and content streams
// of 20 MB.
const (
	DefaultPixels    int64 = 200_000_000
	DefaultPages           = 2000
	DefaultBytes     int64 = 512 << 20
	DefaultObjects         = 2_000_000
	DefaultDepth           = 64
	DefaultExpand    int64 = 256 << 20
	DefaultExpandAll int64 = 2 << 30
	DefaultMemory    int64 = 1 << 30
	DefaultSeconds         = 60
)

// OrDefault returns l with its zero fields set to the defaults.
func (l Limits) OrDefault() Limits {
	for _, x := range []struct {
		field *int64
		or    int64
	}{{&l.Pixels, DefaultPixels}, {&l.Bytes, DefaultBytes}, {&l.Expand, DefaultExpand}, {&l.ExpandAll, DefaultExpandAll}, {&l.Memory, DefaultMemory}} {
		if *x.field <= 0 {
			*x.field = x.or
		}
	}
	for _, x := range []struct {
		field *int
		or    int
	}{{&l.Pages, DefaultPages}, {&l.Objects, DefaultObjects}, {&l.Depth, DefaultDepth}, {&l.Seconds, DefaultSeconds}} {
		if *x.field <= 0 {
			*x.field = x.or
		}
	}
	return l
}

// The codes of refused files, as [jail.Refusal] carries them.
const (
	CodeEmpty   = "empty"   // no bytes
	CodeDamaged = "damaged" // cut short, or not what its format asks for
	CodeKind    = "kind"    // a kind of file, or a variety of it, that is not taken
	CodePages   = "pages"   // more pages than the limit
	CodePixels  = "pixels"  // a page with more pixels than the limit
	CodeBytes   = "bytes"   // a larger file than the limit
	CodeTime    = "time"    // took longer than the limit
	CodeMemory  = "memory"  // needed more memory than the limit
	CodeNoPages = "nopages" // well-formed, but without a page
	CodeObjects = "objects" // a PDF of more objects than the limit
	CodeDepth   = "depth"   // a PDF whose objects are nested deeper than the limit
	CodeExpand  = "expand"  // a PDF with compressed data that become more than the limit
)

// Taken names the kinds of file that are taken, for messages.
const Taken = "JPEG, PNG, TIFF and PDF"

// refuse makes a refusal; page counts from 1, 0 means the whole file.
func refuse(code string, page int, format string, args ...any) *jail.Refusal {
	return &jail.Refusal{Code: code, Page: page, Text: fmt.Sprintf(format, args...)}
}

func damaged(page int, format string, args ...any) *jail.Refusal {
	return refuse(CodeDamaged, page, format+"; scan the paper again or send the file again", args...)
}

// checkSize refuses a page whose claimed size is none, or over the limit.
func (l Limits) checkSize(page int, w, h int64) error {
	if w <= 0 || h <= 0 {
		return damaged(page, "the picture has no size (%d × %d pixels)", w, h)
	}
	if w > l.Pixels || h > l.Pixels || w*h > l.Pixels {
		return refuse(CodePixels, page, "the picture has %d × %d pixels, more than the limit of %d; scan it at a lower resolution", w, h, l.Pixels)
	}
	return nil
}

// CheckPixels refuses a page, from 1, whose claimed size is none or over the
// limit.
func (l Limits) CheckPixels(page, w, h int) error {
	return l.OrDefault().checkSize(page, int64(w), int64(h))
}

// CheckBytes refuses a file of size bytes if it is empty or over the limit.
func (l Limits) CheckBytes(size int64) error {
	l = l.OrDefault()
	if size <= 0 {
		return refuse(CodeEmpty, 0, "the file is empty; send it again")
	}
	if size > l.Bytes {
		return refuse(CodeBytes, 0, "the file has %d bytes, more than the limit of %d; split it or scan at a lower resolution", size, l.Bytes)
	}
	return nil
}

// CheckPages refuses a file of n pages if that is none or over the limit.
func (l Limits) CheckPages(n int) error {
	l = l.OrDefault()
	if n <= 0 {
		return refuse(CodeNoPages, 0, "the file has no pages; export or scan it again")
	}
	if n > l.Pages {
		return refuse(CodePages, 0, "the file has %d pages or more, over the limit of %d; split it", n, l.Pages)
	}
	return nil
}

// CheckObjects refuses a PDF of n objects if that is over the limit.
func (l Limits) CheckObjects(n int) error {
	if l = l.OrDefault(); n > l.Objects {
		return refuse(CodeObjects, 0, "the PDF has %d objects or more, over the limit of %d; split it, or print it to PDF again", n, l.Objects)
	}
	return nil
}

// CheckDepth refuses a PDF with objects nested n deep if that is over the limit.
func (l Limits) CheckDepth(n int) error {
	if l = l.OrDefault(); n > l.Depth {
		return refuse(CodeDepth, 0, "the PDF's objects are nested deeper than the limit of %d; print it to PDF again", l.Depth)
	}
	return nil
}

// CheckExpand refuses a PDF of which a stream becomes one bytes, and all its
// streams together become all, if either is over the limit.
func (l Limits) CheckExpand(one, all int64) error {
	l = l.OrDefault()
	switch {
	case one > l.Expand:
		return refuse(CodeExpand, 0, "compressed data in the PDF become more than the limit of %d MB; print it to PDF again", l.Expand>>20)
	case all > l.ExpandAll:
		return refuse(CodeExpand, 0, "the compressed data in the PDF become more than the limit of %d MB in all; split it, or print it to PDF again", l.ExpandAll>>20)
	}
	return nil
}
