package sealed

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"

	"sohoa/dossier/digest"
	"sohoa/storage/blob"
)

// Small blobs, which are nearly all, are sealed and opened in one go: the same stream
// (what is written here Tink reads, and the other way round: TestStreamIsTinks), with
// one buffer where Tink's writer has two and a copy for each, and one write where it
// has one for each segment.

// small is what is held in memory as a whole, and laid without asking first whether it
// is there: that is a round trip to a server, which tells so itself when it is.
const small = 1 << 20

// room holds buffers that are used again.
var room = sync.Pool{New: func() any { return new([]byte) }}

// taken is a buffer of n bytes, for [room] when it is no longer needed.
func taken(n int64) *[]byte {
	b := room.Get().(*[]byte)
	if int64(cap(*b)) < n {
		*b = make([]byte, n, n+n/4)
	}
	*b = (*b)[:n]
	return b
}

// A whole is a small blob that is to be sealed. It is read once, however often it is
// laid.
type whole struct {
	ring  *Ring
	d     digest.Digest
	size  int64
	r     io.Reader
	plain *[]byte // what was read; nil before
}

// write writes it sealed, and then holds it against its digest, while a disk already
// takes what was written: of what cannot be written to its end a base keeps nothing.
func (b *whole) write(w io.Writer) error {
	if b.plain == nil {
		if err := b.read(); err != nil {
			return err
		}
	}
	out := taken(sealedSize(b.size))
	defer room.Put(out)
	if err := b.ring.sealWhole(*out, b.d, *b.plain); err != nil {
		return err
	}
	if _, err := w.Write(*out); err != nil {
		return err
	}
	if digest.Of(*b.plain) != b.d {
		return blob.ErrCorrupt
	}
	return nil
}

func (b *whole) read() error {
	plain := taken(b.size + 1) // one more, to see whether there is
	switch n, err := io.ReadFull(b.r, *plain); {
	case err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
		room.Put(plain)
		return err
	case int64(n) != b.size:
		room.Put(plain)
		return fmt.Errorf("%w: %d bytes or more came, %d were announced", blob.ErrCorrupt, n, b.size)
	}
	*plain = (*plain)[:b.size]
	b.plain = plain
	return nil
}

// done lets go of what was read.
func (b *whole) done() {
	if b.plain != nil {
		room.Put(b.plain)
		b.plain = nil
	}
}

// sealWhole fills to, which is as long as sealedSize says, with a blob.
func (r *Ring) sealWhole(to []byte, d digest.Digest, plain []byte) error {
	dataKey := make([]byte, keySize)
	rand.Read(dataKey) // never fails (crypto/rand)
	defer clear(dataKey)
	header, err := r.header(dataKey, d, int64(len(plain)))
	if err != nil {
		return err
	}
	copy(to, header)
	to = to[headerSize:]
	to[0] = streamHead
	rand.Read(to[1:streamHead])
	s, err := newSegments(to[:streamHead], dataKey, header)
	if err != nil {
		return err
	}
	at := streamHead
	for last := false; !last; s.n++ {
		n := min(len(plain), segment-tagSize-at%segment)
		last = n == len(plain)
		s.aead.Seal(to[:at], s.nonce(last), plain[:n], nil)
		at, plain = at+n+tagSize, plain[n:]
	}
	return nil
}

// Segments are those of one stream, in their order.
type segments struct {
	aead   cipher.AEAD
	prefix [nonceSize - 5]byte
	n      uint32 // the next one's number
}

// newSegments makes ready for the segments of a stream that begins with head: the
// length of that, a salt, a prefix of nonces.
func newSegments(head, dataKey, header []byte) (*segments, error) {
	key, err := hkdf.Key(sha256.New, dataKey, head[1:1+keySize], string(header), keySize)
	if err != nil {
		return nil, err
	}
	defer clear(key)
	aead, err := gcm(key)
	if err != nil {
		return nil, err
	}
	return &segments{aead: aead, prefix: [nonceSize - 5]byte(head[1+keySize:])}, nil
}

// nonce is the next segment's: prefix, number, and whether it is the last.
func (s *segments) nonce(last bool) []byte {
	n := append(make([]byte, 0, nonceSize), s.prefix[:]...)
	n = append(binary.BigEndian.AppendUint32(n, s.n), 0)
	if last {
		n[nonceSize-1] = 1
	}
	return n
}

// An openedWhole is a small blob that is read and opened when its first byte is asked
// for: nothing of it comes out before all was held against its tags and its digest.
type openedWhole struct {
	body    *body
	d       digest.Digest
	size    int64
	header  []byte
	dataKey []byte

	plain *[]byte // nil before, and when it is closed
	at    int     // bytes that were given out
	err   error   // nil before
}

// Read implements [io.Reader].
func (o *openedWhole) Read(p []byte) (int, error) {
	if err := o.load(); err != nil {
		return 0, err
	}
	if o.at == len(*o.plain) {
		return 0, io.EOF
	}
	n := copy(p, (*o.plain)[o.at:])
	o.at += n
	return n, nil
}

// WriteTo implements [io.WriterTo].
func (o *openedWhole) WriteTo(w io.Writer) (int64, error) {
	if err := o.load(); err != nil {
		return 0, err
	}
	n, err := w.Write((*o.plain)[o.at:])
	if o.at += n; err == nil && o.at < len(*o.plain) {
		err = io.ErrShortWrite
	}
	return int64(n), err
}

// Close lets go of the base and of the memory. What is read after it is an error.
func (o *openedWhole) Close() error {
	if o.plain != nil {
		room.Put(o.plain)
		o.plain = nil
	}
	clear(o.dataKey)
	o.err = errClosed
	return o.body.r.Close()
}

var errClosed = errors.New("read of a blob that was closed")

// load opens the blob, once.
func (o *openedWhole) load() error {
	if o.plain == nil && o.err == nil {
		o.plain, o.err = o.open()
	}
	return o.err
}

func (o *openedWhole) open() (*[]byte, error) {
	lies := taken(o.body.left + 1) // one more, to see whether there is
	defer room.Put(lies)
	want := int(o.body.left)
	n, _ := io.ReadFull(o.body, *lies)
	if o.body.err != nil {
		return nil, o.body.err
	}
	plain := taken(o.size)
	err := openStream((*plain)[:0], (*lies)[:n], want, o.dataKey, o.header)
	if err == nil && digest.Of(*plain) != o.d {
		err = blob.ErrCorrupt
	}
	if err != nil {
		room.Put(plain)
		return nil, err
	}
	return plain, nil
}

// openStream appends to plain what a stream holds that is to have so many bytes.
func openStream(plain, stream []byte, want int, dataKey, header []byte) error {
	if len(stream) < streamHead {
		return ErrCut
	} else if stream[0] != streamHead {
		return ErrSegment
	}
	s, err := newSegments(stream[:streamHead], dataKey, header)
	if err != nil {
		return err
	}
	for at := streamHead; at < want; s.n++ {
		end := min(want, at-at%segment+segment)
		if len(stream) < end {
			return ErrCut
		}
		if plain, err = s.aead.Open(plain, s.nonce(end == want), stream[at:end], nil); err != nil {
			return ErrSegment
		}
		at = end
	}
	if len(stream) > want {
		return ErrSegment
	}
	return nil
}
