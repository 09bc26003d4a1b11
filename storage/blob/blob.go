// Package blob keeps immutable bytes under the only name bytes have, their
// SHA-256. It never knows what a blob stands for.
//
// A [Store] takes and gives blobs; a [Pruner] can also list and forget them.
// Package fs keeps them on a disk, package mem in memory, and package blobtest
// says in code what the comments here say in words.
package blob

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"sync"

	"sohoa/dossier/digest"
)

// Kinds of failure that callers tell apart with [errors.Is].
var (
	// ErrNotFound: no such blob is kept.
	ErrNotFound = errors.New("no such blob")

	// ErrCorrupt: bytes are not those their digest names, or not as many as was
	// said.
	ErrCorrupt = errors.New("bytes do not match their digest")

	// ErrTaken: there are bytes under the name already.
	ErrTaken = errors.New("the name is taken")

	// ErrUnavailable: the place did not answer, broke off, or said that it
	// cannot now. The same call may succeed later; nothing is said of the blob.
	ErrUnavailable error = away("the object store does not answer as it should")

	// ErrDenied: the place refused for want of rights, or because a retention
	// or a legal hold of its own forbids it.
	ErrDenied = errors.New("the object store refuses this")
)

// An away is an error that says so to whoever does not know this package.
type away string

func (a away) Error() string { return string(a) }

// Away reports that an engine does not answer now, and that the same may go later.
func (a away) Away() bool { return true }

// A Store keeps blobs. Its methods may be called concurrently.
// Every implementation passes [sohoa/storage/blob/blobtest.Run].
type Store interface {
	// Put keeps the size bytes of r under d. When Put returns nil the bytes
	// are durable, and were checked against d; bytes that do not match d or
	// size are not kept, and the error wraps [ErrCorrupt]. Putting a blob that
	// is already kept succeeds and changes nothing, so a caller unsure whether
	// an earlier Put went through just calls it again. It may return without
	// reading r.
	Put(ctx context.Context, d digest.Digest, size int64, r io.Reader) error

	// Open returns the bytes of d. A reader that reaches io.EOF has read bytes
	// that match d; otherwise its last Read fails with [ErrCorrupt]. The error
	// of a blob that is not kept wraps [ErrNotFound].
	Open(ctx context.Context, d digest.Digest) (io.ReadCloser, error)

	// Stat returns the size of d in bytes without reading it. The error of a
	// blob that is not kept wraps [ErrNotFound].
	Stat(ctx context.Context, d digest.Digest) (size int64, err error)
}

// A Pruner is a Store that can also forget. Only the operator's commands ask
// for one: no worker and no web page can reach a way to delete.
type Pruner interface {
	Store

	// Remove forgets d. Removing a blob that is not kept succeeds.
	Remove(ctx context.Context, d digest.Digest) error

	// Walk calls fn with every blob that is kept, in no promised order, until
	// fn fails; that error is returned. Blobs put or removed meanwhile may be
	// seen or not.
	Walk(ctx context.Context, fn func(digest.Digest) error) error
}

// A Base keeps bytes under names and knows nothing of either: what a store is
// made of that keeps something else than it is given (see package sealed). Its
// names are those of [ValidName]; a [Pruner] on the same place uses those of 64
// digits. Its methods may be called concurrently.
type Base interface {
	// Lay keeps under name the size bytes that write writes, durably and whole
	// or not at all. The error wraps [ErrTaken] if the name is taken and is not
	// to be replaced; write may not have been called then.
	Lay(ctx context.Context, name string, size int64, replace bool, write func(io.Writer) error) error

	// Take returns the bytes as they lie, unchecked: whoever takes them judges
	// them. The error of a name that is free wraps [ErrNotFound].
	Take(ctx context.Context, name string) (io.ReadCloser, error)

	// Size returns how many bytes lie under name.
	Size(ctx context.Context, name string) (int64, error)

	// Drop frees name. Freeing a free name succeeds.
	Drop(ctx context.Context, name string) error

	// Names calls fn with every name, as [Pruner.Walk] does with blobs.
	Names(ctx context.Context, fn func(name string) error) error
}

// ValidName says whether a [Base] may be asked for a name: 64 to 128
// hexadecimal digits of one spelling.
func ValidName(name string) bool {
	if len(name) < 64 || len(name) > 128 {
		return false
	}
	for _, c := range []byte(name) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// Checked returns a reader of r that answers [ErrCorrupt] instead of io.EOF if
// what was read is not d. Implementations of [Store.Open] give it out.
func Checked(r io.ReadCloser, d digest.Digest) io.ReadCloser {
	return &checked{ReadCloser: r, want: d, hash: sha256.New()}
}

type checked struct {
	io.ReadCloser
	want digest.Digest
	hash hash.Hash
	err  error // of the last Read, kept: a second Read at the end says the same
}

func (c *checked) Read(p []byte) (int, error) {
	if c.err != nil {
		return 0, c.err
	}
	n, err := c.ReadCloser.Read(p)
	c.hash.Write(p[:n])
	return n, c.end(err)
}

// end judges what was read when there is no more.
func (c *checked) end(err error) error {
	if err == io.EOF && digest.Digest(c.hash.Sum(nil)) != c.want {
		err = fmt.Errorf("%w: read %s", ErrCorrupt, c.want)
	}
	c.err = err
	return err
}

// WriteTo writes all to w, hashing one piece while another is written. It makes
// io.Copy faster, and says the same as reading to the end.
func (c *checked) WriteTo(w io.Writer) (int64, error) {
	if c.err == io.EOF {
		return 0, nil
	} else if c.err != nil {
		return 0, c.err
	}
	n, err := hashed(w, c.ReadCloser, c.hash)
	if err != nil {
		c.err = err
		return n, err
	}
	if err = c.end(io.EOF); err == io.EOF {
		err = nil
	}
	return n, err
}

// What is hashed and written at once: a few pieces, so that neither of the two waits
// for the other when it is held up for a moment.
const (
	piece  = 256 << 10
	pieces = 4
)

var spare = sync.Pool{New: func() any { b := make([]byte, piece); return &b }}

// hashed copies r to w and h, both at once where there is more than one piece.
func hashed(w io.Writer, r io.Reader, h hash.Hash) (n int64, err error) {
	var (
		in, out = make(chan *[]byte, pieces), make(chan *[]byte, pieces) // to be hashed; to be filled again
		busy    sync.WaitGroup
		taken   int
	)
	end := sync.OnceFunc(func() { close(in); busy.Wait() })
	defer func() {
		end()
		close(out)
		for b := range out {
			spare.Put(b)
		}
	}()
	for err == nil {
		var b *[]byte
		if taken < pieces && len(out) == 0 {
			b = spare.Get().(*[]byte)
			taken++
		} else {
			b = <-out
		}
		var m int
		m, err = fill(r, *b)
		if m == len(*b) {
			if n == 0 {
				busy.Go(func() {
					for b := range in {
						h.Write(*b)
						out <- b
					}
				})
			}
			in <- b
		}
		put, werr := w.Write((*b)[:m])
		n += int64(put)
		if werr == nil && put < m {
			werr = io.ErrShortWrite
		}
		if m < len(*b) { // after it was written: a disk may be at it already
			end()
			h.Write((*b)[:m])
			out <- b
		}
		if werr != nil {
			return n, werr
		}
	}
	if err == io.EOF {
		err = nil
	}
	return n, err
}

// fill reads until b is full or r fails, and says as r does why it is not: an
// end is io.EOF, and nothing else is.
func fill(r io.Reader, b []byte) (n int, err error) {
	for n < len(b) && err == nil {
		var m int
		m, err = r.Read(b[n:])
		n += m
	}
	return n, err
}

// Copy copies r to w up to its end and says whether that were the size bytes
// of d: the error wraps [ErrCorrupt] if not. It reads at most one byte more
// than size, and stops when ctx ends. Implementations of [Store.Put] use it.
func Copy(ctx context.Context, w io.Writer, r io.Reader, d digest.Digest, size int64) error {
	h := sha256.New()
	n, err := hashed(w, While(ctx, io.LimitReader(r, size+1)), h)
	switch {
	case err != nil:
		return err
	case n != size:
		return fmt.Errorf("%w: %d bytes or more came, %d were announced", ErrCorrupt, n, size)
	case digest.Digest(h.Sum(nil)) != d:
		return ErrCorrupt
	}
	return nil
}

// While returns a reader of r that fails when ctx has ended.
func While(ctx context.Context, r io.Reader) io.Reader { return &bounded{ctx: ctx, r: r} }

type bounded struct {
	ctx context.Context
	r   io.Reader
}

func (b *bounded) Read(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	return b.r.Read(p)
}
