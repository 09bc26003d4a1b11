package blob

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"os"

	"sohoa/dossier/digest"
)

// A Lender is a Store whose blobs lie as plain files on this machine.
type Lender interface {
	// Lend returns where d would lie. Nothing is said of whether it does; who uses the
	// file has held it against d by [Store.Open], and only reads it.
	Lend(d digest.Digest) (path string, ok bool)
}

// Lent returns the path of d and that it is of s, after all of it was read and held
// against d; ok is false if s lends nothing. Errors are those of [Store.Open].
func Lent(ctx context.Context, s Store, d digest.Digest) (path string, ok bool, err error) {
	l, ok := s.(Lender)
	if ok {
		path, ok = l.Lend(d)
	}
	if !ok {
		return "", false, nil
	}
	r, err := s.Open(ctx, d)
	if err != nil {
		return "", true, err
	}
	defer r.Close()
	return path, true, drain(While(ctx, r), func([]byte) {})
}

// An Adopter is a Store that can make a file its own where it lies.
type Adopter interface {
	// Adopt is Put of the size bytes of f, a file with a name that nobody else writes to or
	// names; d is of what was read from it after it was written. The file may have lost its
	// name then, and stays open. An error that wraps [errors.ErrUnsupported] says
	// that it cannot be had that way and nothing was done, such as from another file system.
	Adopt(ctx context.Context, d digest.Digest, size int64, f *os.File) error
}

// PutFile keeps all of f, a temporary file of the caller's that is written, and returns
// what it is called; the caller removes it. It takes one look at the bytes where s is an
// [Adopter], and the file itself is what is kept.
func PutFile(ctx context.Context, s Store, f *os.File) (d digest.Digest, err error) {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return d, err
	}
	h, size := sha256.New(), int64(0)
	if err := drain(While(ctx, f), func(b []byte) {
		h.Write(b)
		size += int64(len(b))
	}); err != nil {
		return d, err
	}
	d = digest.Digest(h.Sum(nil))
	if a, ok := s.(Adopter); ok {
		if err := a.Adopt(ctx, d, size, f); !errors.Is(err, errors.ErrUnsupported) {
			return d, err
		}
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return d, err
	}
	return d, s.Put(ctx, d, size, f)
}

// drain reads r to its end.
func drain(r io.Reader, each func([]byte)) error {
	b := spare.Get().(*[]byte)
	defer spare.Put(b)
	for {
		n, err := r.Read(*b)
		each((*b)[:n])
		if err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}
