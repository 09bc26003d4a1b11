package sealed

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"sohoa/dossier/digest"
	"sohoa/storage/blob"
)

// A sealed blob is a header and a stream.
//
//	8   "sohoaS1\n"
//	8   id of the ring's key
//	12  nonce
//	88  AES-256-GCM of data key (32), digest (32) and size (8), with the 16 bytes
//	    before as associated data
//	…   stream, with the 116 bytes before as associated data
const (
	magic      = "sohoaS1\n"
	idSize     = 8
	nonceSize  = 12
	tagSize    = 16
	keySize    = 32
	sumSize    = len(digest.Digest{})
	headerSize = len(magic) + idSize + nonceSize + keySize + sumSize + 8 + tagSize

	segment    = 64 << 10          // of the stream, with its tag
	streamHead = 1 + keySize + 7   // of the stream, within its first segment
	perSegment = segment - tagSize // bytes of the blob in a segment
)

// sealedSize is how many bytes a blob of n takes.
func sealedSize(n int64) int64 {
	segments := max(1, (n+streamHead+perSegment-1)/perSegment)
	return int64(headerSize) + streamHead + n + segments*tagSize
}

// plainSize is the reverse; 0 of what is too short to be a sealed blob.
func plainSize(n int64) int64 {
	body := n - int64(headerSize)
	segments := max(1, (body+segment-1)/segment)
	return max(0, body-streamHead-segments*tagSize)
}

func gcm(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

func (r *Ring) header(dataKey []byte, d digest.Digest, size int64) ([]byte, error) {
	k := r.newest()
	aead, err := gcm(k.secret)
	if err != nil {
		return nil, err
	}
	h := append([]byte(magic), k.id[:]...)
	nonce := make([]byte, nonceSize)
	rand.Read(nonce)
	inner := binary.BigEndian.AppendUint64(append(bytes.Clone(dataKey), d[:]...), uint64(size))
	defer clear(inner)
	return aead.Seal(append(h, nonce...), nonce, inner, h), nil
}

// open reads the header of the blob d from r, and returns a reader of the blob, which
// holds it against d and lets go of r.
func (r *Ring) open(from io.ReadCloser, d digest.Digest) (io.ReadCloser, error) {
	header := make([]byte, headerSize)
	if _, err := io.ReadFull(from, header); errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, ErrCut
	} else if err != nil {
		return nil, err
	}
	front := header[:len(magic)+idSize]
	if !bytes.HasPrefix(front, []byte(magic)) {
		return nil, ErrHeader
	}
	k := r.key([idSize]byte(front[len(magic):]))
	if k == nil {
		return nil, fmt.Errorf("%w %x", ErrKey, front[len(magic):])
	}
	aead, err := gcm(k.secret)
	if err != nil {
		return nil, err
	}
	inner, err := aead.Open(nil, header[len(front):len(front)+nonceSize], header[len(front)+nonceSize:], front)
	if err != nil {
		return nil, ErrHeader
	}
	defer clear(inner)
	if digest.Digest(inner[keySize:keySize+sumSize]) != d {
		return nil, ErrSwapped
	}
	size := binary.BigEndian.Uint64(inner[keySize+sumSize:])
	if size <= small {
		return &openedWhole{body: &body{r: from, left: sealedSize(int64(size)) - int64(headerSize)}, d: d, size: int64(size), header: header, dataKey: bytes.Clone(inner[:keySize])}, nil
	}
	opening, err := openLarge(&body{r: from, left: sealedSize(int64(size)) - int64(headerSize)}, inner[:keySize], header)
	if err != nil {
		return nil, err
	}
	return blob.Checked(opening, d), nil
}

// A body reads the stream of a sealed blob, and knows how long it is to be and
// what broke it off.
type body struct {
	r    io.ReadCloser
	left int64
	err  error // of the base, but io.EOF
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	b.left -= int64(n)
	if err != nil && err != io.EOF {
		b.err = err
	}
	return n, err
}
