package sealed

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"

	"sohoa/dossier/digest"
	"sohoa/storage/blob"
)

// Larger blobs are sealed and opened some segments at a time, in place: Tink's writer
// and reader copy every byte once more, and write and read segment by segment.

// together is how many bytes of segments are sealed, written, read and opened at once.
const together = 16 * segment

// seal writes the blob d of so many bytes, which write writes, to w. What is written
// besides is not sealed, and is an error.
func (r *Ring) seal(w io.Writer, d digest.Digest, size int64, write func(io.Writer) error) error {
	dataKey := make([]byte, keySize)
	rand.Read(dataKey) // never fails (crypto/rand)
	defer clear(dataKey)
	header, err := r.header(dataKey, d, size)
	if err != nil {
		return err
	}
	if _, err := w.Write(header); err != nil {
		return err
	}
	buf := taken(together)
	defer room.Put(buf)
	b := *buf
	b[0] = streamHead
	rand.Read(b[1:streamHead])
	s, err := newSegments(b[:streamHead], dataKey, header)
	if err != nil {
		return err
	}
	sealing := &sealing{w: w, s: s, b: b, at: streamHead, from: streamHead, left: size}
	if err := write(sealing); err != nil {
		return err
	}
	if sealing.left > 0 {
		return fmt.Errorf("%w: %d bytes less came than were announced", blob.ErrCorrupt, sealing.left)
	}
	return sealing.flush()
}

// A sealing seals what is written to it. What it has of the segment that is not full
// yet, or may be the last one, is from from to at.
type sealing struct {
	w        io.Writer
	s        *segments
	b        []byte // segments, the last of them not sealed yet
	from, at int
	left     int64 // bytes of the blob
}

// Write implements [io.Writer].
func (s *sealing) Write(p []byte) (n int, err error) {
	if int64(len(p)) > s.left {
		return 0, fmt.Errorf("%w: more bytes came than were announced", blob.ErrCorrupt)
	}
	for n < len(p) {
		end := s.at - s.at%segment + perSegment // of the plain bytes of this segment
		m := copy(s.b[s.at:end], p[n:])
		n, s.at, s.left = n+m, s.at+m, s.left-int64(m)
		if s.at < end || s.left == 0 { // the last one is sealed as such when all is written
			continue
		}
		s.seal(false)
		if s.at == len(s.b) {
			if err := s.write(); err != nil {
				return n, err
			}
		}
	}
	return n, nil
}

// seal seals the segment in place, with its tag behind it.
func (s *sealing) seal(last bool) {
	sealed := s.s.aead.Seal(s.b[s.from:s.from], s.s.nonce(last), s.b[s.from:s.at], nil)
	s.s.n++
	s.at = s.from + len(sealed)
	s.from = s.at
}

func (s *sealing) write() error {
	_, err := s.w.Write(s.b[:s.at])
	s.from, s.at = 0, 0
	return err
}

func (s *sealing) flush() error {
	s.seal(true)
	return s.write()
}

// An openedStream is a large blob that is being opened: segments that were held
// against their tags come out of it, in their order.
type openedStream struct {
	body  *body
	s     *segments
	buf   *[]byte
	lies  []byte // of buf: segments that are read and not opened
	plain []byte // of buf: what was opened and not given out
	err   error
}

// openLarge begins to open a stream.
func openLarge(body *body, dataKey, header []byte) (*openedStream, error) {
	o := &openedStream{body: body, buf: taken(together)}
	if err := o.read(); err != nil {
		room.Put(o.buf)
		return nil, err
	}
	if o.lies[0] != streamHead {
		room.Put(o.buf)
		return nil, ErrSegment
	}
	var err error
	if o.s, err = newSegments(o.lies[:streamHead], dataKey, header); err != nil {
		room.Put(o.buf)
		return nil, err
	}
	return o, nil
}

// read reads the next segments.
func (o *openedStream) read() error {
	b := (*o.buf)[:min(int64(together), o.body.left)]
	n, _ := io.ReadFull(o.body, b)
	if o.body.err != nil {
		return o.body.err
	}
	if n < len(b) {
		return ErrCut
	}
	if o.body.left == 0 { // one more, to see whether there is
		var more [1]byte
		if n, _ := io.ReadFull(o.body, more[:]); n > 0 {
			return ErrSegment
		} else if o.body.err != nil {
			return o.body.err
		}
	}
	o.lies = b
	return nil
}

// Read implements [io.Reader].
func (o *openedStream) Read(p []byte) (int, error) {
	for len(o.plain) == 0 && o.err == nil {
		o.err = o.next()
	}
	if o.err != nil {
		return 0, o.err
	}
	n := copy(p, o.plain)
	o.plain = o.plain[n:]
	return n, nil
}

// next opens the next segment, in place.
func (o *openedStream) next() error {
	if len(o.lies) == 0 {
		if o.body.left == 0 {
			return io.EOF
		}
		if err := o.read(); err != nil {
			return err
		}
	}
	from := 0
	if o.s.n == 0 {
		from = streamHead
	}
	end := min(len(o.lies), segment)
	last := o.body.left == 0 && end == len(o.lies)
	plain, err := o.s.aead.Open(o.lies[from:from], o.s.nonce(last), o.lies[from:end], nil)
	if err != nil {
		return ErrSegment
	}
	o.s.n++
	o.plain, o.lies = plain, o.lies[end:]
	return nil
}

// Close lets go of the base and of the memory. What is read after it is an error.
func (o *openedStream) Close() error {
	if !errors.Is(o.err, errClosed) {
		room.Put(o.buf)
		o.lies, o.plain, o.err = nil, nil, errClosed
	}
	return o.body.r.Close()
}
