package scan

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"sohoa/scan/room"
)

// An Extent is a part of a file: Bytes of it from At on. A page whose Data are
// such a part need not bring them from the child that found it: who started the
// child has the file too.
type Extent struct {
	At    int64 `json:"at"`
	Bytes int64 `json:"bytes"`

	// Front is what stands before the part in Data: a JPEG picture in a TIFF file has
	// its tables elsewhere.
	Front []byte `json:"front,omitempty"`

	// Sum is the SHA-256 of the Data, where something was found out about them; none
	// where nobody has looked, which [Page.Unproven] says too.
	Sum []byte `json:"sum,omitempty"`
}

// maxFront is the most that is put before a part, in bytes: the tables of a JPEG picture
// are some hundred, and a frame's head has no room for many.
const maxFront = 16 << 10

func (e Extent) none() bool { return e.Bytes == 0 }

// Len is how many bytes the Data are; 0: they are not left in the file.
func (e Extent) Len() int64 {
	if e.none() {
		return 0
	}
	return int64(len(e.Front)) + e.Bytes
}

// check reports whether the extent can be true of p, whose file is not known here.
func (e Extent) check(p Page) bool {
	if e.none() {
		return e.At == 0 && e.Sum == nil && e.Front == nil
	}
	looked := len(e.Sum) == sha256.Size
	kind := p.Encoding == Flate && p.Bits > 1 && e.Front == nil || p.Encoding == JPEG && len(e.Front) <= maxFront
	return e.At >= 0 && e.Bytes > 0 && e.Bytes <= maxData-maxFront && kind && len(p.Data) == 0 &&
		looked != p.Unproven && (looked || e.Sum == nil)
}

// errChanged: the bytes are not those that a child has looked at.
var errChanged = errors.New("the file is no longer what it was a moment ago")

// Take returns p with its Data, out of its file r of that many bytes if they were
// left there, and their Digest if something was found out about them: they are
// the very bytes of which it was.
func (p Page) Take(r io.ReaderAt, size int64) (Page, error) {
	e := p.Stored
	if e.none() {
		return p, nil
	}
	if !e.check(p) || e.At > size-e.Bytes {
		return p, fmt.Errorf("page %d: %d bytes from %d on are no part of a file of %d", p.Index+1, e.Bytes, e.At, size)
	}
	data := room.Any(int(e.Len()))
	if _, err := r.ReadAt(data[copy(data, e.Front):], e.At); err != nil && !(errors.Is(err, io.EOF) && e.At+e.Bytes == size) {
		return p, whole(err)
	}
	if e.Sum != nil {
		if p.Digest = sha256.Sum256(data); !bytes.Equal(p.Digest[:], e.Sum) {
			return p, errChanged
		}
	}
	p.Data, p.Stored = data, Extent{}
	return p, nil
}

// Back gives back the room of the page's Data, which nobody looks at any more: that of the
// next page's is had from there ([Page.Take]).
func (p Page) Back() { room.Back(p.Data) }
