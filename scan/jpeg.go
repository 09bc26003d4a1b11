package scan

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"io"

	"sohoa/scan/turbo"
)

// A jpegHead is what the segments of a JPEG file say (ITU-T T.81 annex B).
type jpegHead struct {
	sof        byte // the low byte of the frame's marker
	precision  int
	w, h       int
	components int
	rgb        bool // three components that are not YCbCr
	rgbByName  bool // so only by the components' names, which not all readers heed
	x, y       float64
	mirrored   bool
	turn       int
	end        int // just after the EOI marker
}

type jpegSource struct {
	b        []byte
	head     jpegHead
	l        Limits
	unproven bool // see [Page.Unproven]
}

func openJPEG(r io.ReaderAt, size int64, l Limits) (source, error) {
	b := make([]byte, size)
	if _, err := io.ReadFull(io.NewSectionReader(r, 0, size), b); err != nil {
		return nil, err
	}
	head, err := readJPEGHead(b)
	if head.w > 0 { // too large is the better word for a picture that is also cut short
		if err := l.checkSize(1, int64(head.w), int64(head.h)); err != nil {
			return nil, err
		}
	}
	if err != nil {
		return nil, err
	}
	return &jpegSource{b: b, head: head, l: l}, head.check(l)
}

func (s *jpegSource) count() int          { return 1 }
func (s *jpegSource) size(int) (w, h int) { return s.head.w, s.head.h }
func (s *jpegSource) page(int) (Page, error) {
	p, err := carryJPEG(s.b, s.head, s.l, s.unproven)
	if err == nil && p.Encoding == JPEG {
		p.Stored = Extent{Bytes: int64(len(p.Data))}
	}
	return p, err
}

func (h jpegHead) check(l Limits) error {
	if err := l.checkSize(1, int64(h.w), int64(h.h)); err != nil {
		return err
	}
	if h.sof > 2 {
		return refuse(CodeKind, 1, "a JPEG coded losslessly, hierarchically or arithmetically is not taken; save it as an ordinary JPEG")
	}
	if h.precision != 8 {
		return refuse(CodeKind, 1, "a JPEG of %d bits is not taken; save it with 8", h.precision)
	}
	return nil
}

// JPEGPage returns the page that b is, a JPEG file found inside another
// container: that container, not the JPEG's own marks, says which way is up
// and at what resolution, so Turn is 0 and the resolution the best guess.
func JPEGPage(b []byte, l Limits) (Page, error) { return jpegPage(b, l, false) }

// JPEGUnproven is JPEGPage for who decodes the page in full, or has it from who did: a
// JPEG that is carried over as it is comes [Page.Unproven].
func JPEGUnproven(b []byte, l Limits) (Page, error) { return jpegPage(b, l, true) }

func jpegPage(b []byte, l Limits, unproven bool) (Page, error) {
	head, err := readJPEGHead(b)
	if err != nil {
		return Page{}, err
	}
	l = l.OrDefault()
	if err := head.check(l); err != nil {
		return Page{}, err
	}
	head.mirrored, head.turn, head.x, head.y = false, 0, 0, 0
	return carryJPEG(b, head, l, unproven)
}

// carryJPEG decodes b once to know that it is whole, and carries it over as it
// is unless its colours or its mirror image call for another encoding. Plain
// kinds are decoded by libjpeg-turbo, in a tenth of the time of image/jpeg,
// which has the last word on all it does not take. One that goes as it is may be left
// unproven instead. It is called in a child.
func carryJPEG(b []byte, h jpegHead, l Limits, unproven bool) (Page, error) {
	asItIs := !h.mirrored && !h.rgbByName && (h.components == 1 || h.components == 3)
	unproven = unproven && asItIs
	var img image.Image
	if !asItIs || !unproven && !turbo.Whole(b[:h.end], h.w, h.h) {
		var err error
		if img, err = jpeg.Decode(bytes.NewReader(b[:h.end])); err != nil {
			return Page{}, jpegTrouble(err)
		}
	}
	p := Page{Encoding: JPEG, Width: h.w, Height: h.h, Components: h.components, Bits: 8, Turn: h.turn, Unproven: unproven, Data: b[:h.end]}
	p.DPIX, p.DPIY, p.DPIFrom = Resolution(h.w, h.h, h.x, h.y)
	if len(bytes.Trim(b[h.end:], "\x00\t\n\r ")) > 0 {
		p.Note = "bytes after the end of the picture left out"
	}
	if asItIs {
		return p, nil
	}
	note := ""
	switch {
	case h.components == 4:
		note = "CMYK turned into RGB"
	case h.mirrored:
		note = "mirror image undone"
	case h.rgbByName:
		note = "RGB stored without loss"
	}
	if h.mirrored {
		img = mirrored{img}
	}
	return restore(p, img, note)
}

// JPEGAlone reports whether b, which a decoder took, ends where the JPEG picture in it does:
// decoders do not look at what comes behind.
func JPEGAlone(b []byte) bool {
	h, err := readJPEGHead(b)
	return err == nil && h.end == len(b)
}

func jpegTrouble(err error) error {
	var unsupported jpeg.UnsupportedError
	if errors.As(err, &unsupported) {
		return refuse(CodeKind, 0, "this variety of JPEG is not taken (%s); save it as an ordinary JPEG", string(unsupported))
	}
	return damaged(0, "the JPEG picture is cut short or damaged (%v)", err)
}

// readJPEGHead walks all markers of b to its end, without decoding: a file cut
// short has no EOI where the walk ends.
func readJPEGHead(b []byte) (jpegHead, error) {
	h := jpegHead{sof: 0xff}
	var jfif bool
	adobe := -1
	i := 2
	for {
		marker, at, ok := nextMarker(b, i)
		if !ok {
			return h, jpegTrouble(io.ErrUnexpectedEOF)
		}
		if i = at + 2; marker == 0xd9 {
			break
		}
		if marker == 0x01 || marker >= 0xd0 && marker <= 0xd7 {
			continue
		}
		if i+2 > len(b) {
			return h, jpegTrouble(io.ErrUnexpectedEOF)
		}
		n := int(binary.BigEndian.Uint16(b[i:]))
		if n < 2 || i+n > len(b) {
			return h, jpegTrouble(io.ErrUnexpectedEOF)
		}
		seg := b[i+2 : i+n]
		i += n
		switch {
		case marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc:
			if !h.frame(marker, seg) {
				return h, damaged(0, "the frame header of the JPEG picture is broken")
			}
		case marker == 0xe0 && len(seg) >= 12 && string(seg[:5]) == "JFIF\x00":
			jfif = true
			h.density(seg)
		case marker == 0xe1 && bytes.HasPrefix(seg, []byte("Exif\x00\x00")):
			h.exif(seg[6:], jfif)
		case marker == 0xee && len(seg) >= 12 && string(seg[:5]) == "Adobe":
			adobe = int(seg[11])
		}
	}
	if h.end = i; h.sof == 0xff {
		return h, damaged(0, "the JPEG file has no picture")
	}
	h.rgb = h.rgb && !jfif && adobe < 0 || h.components == 3 && adobe == 0
	h.rgbByName = h.rgb && adobe < 0
	return h, nil
}

// nextMarker finds the first marker at or after i, passing over entropy-coded
// data, in which FF is followed by 00 or RSTn.
func nextMarker(b []byte, i int) (marker byte, at int, ok bool) {
	for i < len(b) {
		k := bytes.IndexByte(b[i:], 0xff)
		if k < 0 || i+k+1 >= len(b) {
			return 0, 0, false
		}
		i += k
		if m := b[i+1]; m != 0 && m != 0xff {
			return m, i, true
		}
		i++
	}
	return 0, 0, false
}

func (h *jpegHead) frame(marker byte, seg []byte) bool {
	if len(seg) < 6 || len(seg) < 6+3*int(seg[5]) || h.sof != 0xff {
		return false
	}
	h.sof, h.precision = marker&0x0f, int(seg[0])
	h.h, h.w = int(binary.BigEndian.Uint16(seg[1:])), int(binary.BigEndian.Uint16(seg[3:]))
	h.components = int(seg[5])
	h.rgb = h.components == 3 && seg[6] == 'R' && seg[9] == 'G' && seg[12] == 'B'
	return true
}

func (h *jpegHead) density(seg []byte) {
	x, y := float64(binary.BigEndian.Uint16(seg[8:])), float64(binary.BigEndian.Uint16(seg[10:]))
	switch seg[7] {
	case 1:
		h.x, h.y = x, y
	case 2:
		h.x, h.y = 2.54*x, 2.54*y
	}
}

// exif takes over the orientation, and the resolution unless JFIF gave one.
// A broken EXIF block is no reason to refuse a whole picture.
func (h *jpegHead) exif(b []byte, jfif bool) {
	r := bytes.NewReader(b)
	order, first, err := readHeader(r)
	if err != nil {
		return
	}
	d, err := readIFD(r, int64(len(b)), first, order)
	if err != nil {
		return
	}
	h.mirrored, h.turn = upright(d.first(tagOrientation, 1))
	if x, y := d.resolution(); !jfif || h.x == 0 {
		h.x, h.y = x, y
	}
}

// mirrored is a picture seen in a mirror, left to right.
type mirrored struct{ image.Image }

func (m mirrored) At(x, y int) color.Color {
	b := m.Bounds()
	return m.Image.At(b.Min.X+b.Max.X-1-x, y)
}
