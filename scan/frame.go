package scan

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// Frames larger than these are no pages of ours.
const (
	maxHead = 64 << 10
	maxData = 1 << 30
)

// WritePage writes p as one frame: the length of the JSON as 4 bytes, the
// JSON, the length of the data as 8 bytes, the data; then in the same way the
// words it tells, in JSON, and the page itself; big-endian.
func WritePage(w io.Writer, p Page) error {
	head, err := json.Marshal(p)
	if err != nil {
		return err
	}
	if len(head) > maxHead || len(p.Data) > maxData || !p.Stored.check(p) {
		return fmt.Errorf("page %d is too large for a frame: %d bytes", p.Index+1, len(p.Data))
	}
	b := binary.BigEndian.AppendUint32(nil, uint32(len(head)))
	b = append(b, head...)
	b = binary.BigEndian.AppendUint64(b, uint64(len(p.Data)))
	if _, err := w.Write(b); err != nil {
		return err
	}
	if _, err := w.Write(p.Data); err != nil {
		return err
	}
	return writeMore(w, p)
}

// ReadPage reads one frame. It returns [io.EOF] where the frames end, and
// [io.ErrUnexpectedEOF] within one. It trusts no length and no field: the
// writer may be a child that a hostile file has taken over. A page whose data are
// elsewhere is none.
func ReadPage(r io.Reader) (Page, error) {
	p, err := ReadPageInPlace(r)
	if err == nil && !p.Stored.none() {
		return p, fmt.Errorf("page frame: the data of page %d are not in it", p.Index+1)
	}
	return p, err
}

// ReadPageInPlace is [ReadPage] of pages whose data may have been left in their
// file: see [Page.Take].
func ReadPageInPlace(r io.Reader) (Page, error) {
	var n [8]byte
	if _, err := io.ReadFull(r, n[:4]); err != nil {
		return Page{}, err
	}
	head, err := readN(r, int64(binary.BigEndian.Uint32(n[:4])), maxHead)
	if err != nil {
		return Page{}, err
	}
	var p Page
	if err := json.Unmarshal(head, &p); err != nil {
		return Page{}, fmt.Errorf("page frame: %w", err)
	}
	if err := p.check(); err != nil {
		return Page{}, err
	}
	if _, err := io.ReadFull(r, n[:]); err != nil {
		return Page{}, whole(err)
	}
	if p.Data, err = readN(r, int64(binary.BigEndian.Uint64(n[:])), maxData); err != nil {
		return p, err
	}
	if !p.Stored.check(p) {
		return p, fmt.Errorf("page frame: data that cannot be where they are said to be, of page %d", p.Index+1)
	}
	return p, readMore(r, &p)
}

// atOnce is what room is made for on a child's word alone: a page as a scanner
// sends it. What is larger gets as much again as has come.
const atOnce = 32 << 20

// readN reads n bytes, at most limit, without making room for much that never
// comes.
func readN(r io.Reader, n, limit int64) ([]byte, error) {
	if n < 0 || n > limit {
		return nil, fmt.Errorf("page frame: a length of %d bytes", n)
	}
	b := make([]byte, min(n, atOnce))
	if _, err := io.ReadFull(r, b); err != nil {
		return b, whole(err)
	}
	for int64(len(b)) < n {
		more := min(n-int64(len(b)), int64(len(b)))
		b = slices.Grow(b, int(more))[:int64(len(b))+more]
		if _, err := io.ReadFull(r, b[int64(len(b))-more:]); err != nil {
			return b, whole(err)
		}
	}
	return b, nil
}

// whole turns an end of file within something into an unexpected one.
func whole(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// check reports whether the fields of p can be true together.
func (p Page) check() error {
	known := p.Encoding == JPEG || p.Encoding == G4 || p.Encoding == JBIG2 || p.Encoding == Flate || p.Encoding == Itself
	bits := p.Bits == 8 || p.Components == 1 && (p.Bits == 1 || p.Bits == 2 || p.Bits == 4)
	colour := p.Components == 1 || p.Components == 3
	if p.Encoding == Itself {
		bits, colour = p.Bits == 0, p.Components == 0
	}
	known = known && (p.Old == "" || p.Old == Keep || p.Old == Redo || p.Old == Force) && len(p.Why) <= 64
	known = known && (!p.Unproven || p.Encoding == Flate && p.Bits > 1 || p.Encoding == JPEG)
	twoTone := p.Encoding == G4 || p.Encoding == JBIG2
	size := p.Width > 0 && p.Height > 0 && int64(p.Width) <= maxDecode && int64(p.Height) <= maxDecode/int64(p.Width)
	dpi := p.DPIX >= 1 && p.DPIX <= 1e5 && p.DPIY >= 1 && p.DPIY <= 1e5
	known = known && p.predictable()
	if !known || !bits || !colour || !size || !dpi || p.Turn < 0 || p.Turn > 3 || p.Index < 0 || twoTone && p.Bits != 1 || p.Encoding == JBIG2 && !p.BlackIsOne {
		return fmt.Errorf("page frame: fields that cannot be: %s %d×%d, %d×%d bit, %g×%g dpi", p.Encoding, p.Width, p.Height, p.Components, p.Bits, p.DPIX, p.DPIY)
	}
	return nil
}
