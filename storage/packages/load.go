package packages

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/storage/blob"
)

// A file is one file of a package, weighed.
type file struct {
	path    string // within the root folder
	media   string
	created time.Time
	size    int64
	crc     uint32
	sha256  [sha256.Size]byte
	sha512  [sha512.Size]byte
	open    func(context.Context) (io.ReadCloser, error)
}

// A load is the files of a package, in the order in which they are written.
type load struct{ files []*file }

// bytes adds a file of the house's own making.
func (l *load) bytes(path, media string, at time.Time, b []byte) *file {
	f := &file{path: path, media: media, created: at, size: int64(len(b)), crc: crc32.ChecksumIEEE(b),
		sha256: sha256.Sum256(b), sha512: sha512.Sum512(b),
		open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil }}
	l.files = append(l.files, f)
	return f
}

// kept adds a file of the archive, after reading it once. If it is not whole the
// error is a [*Lost].
func (l *load) kept(ctx context.Context, blobs Blobs, path, media string, d dossier.Document, part dossier.Part, at time.Time) (*file, error) {
	sum := d.Parts[part]
	f, err := l.read(ctx, path, media, at, func(ctx context.Context) (io.ReadCloser, error) { return blobs.Open(ctx, sum) })
	if err == nil && digest.Digest(f.sha256) != sum { // whatever the store believes
		err = blob.ErrCorrupt
	}
	if lost, ok := LostFile(d, part, err); ok {
		return nil, lost
	} else if err != nil {
		return nil, fmt.Errorf("%s of %s: %w", part, d.ID, err)
	}
	return f, nil
}

// LostFile says whether an error of a store means that a file of d is missing or
// changed, and words it.
func LostFile(d dossier.Document, part dossier.Part, err error) (*Lost, bool) {
	missing := errors.Is(err, blob.ErrNotFound)
	if !missing && !errors.Is(err, blob.ErrCorrupt) {
		return nil, false
	}
	return &Lost{d.ID, part, d.Parts[part], missing}, true
}

// read adds a file that can be opened twice, after reading it once.
func (l *load) read(ctx context.Context, path, media string, at time.Time, open func(context.Context) (io.ReadCloser, error)) (*file, error) {
	f := &file{path: path, media: media, created: at, open: open}
	r, err := open(ctx)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	short, long, sum := sha256.New(), sha512.New(), crc32.NewIEEE()
	f.size, err = io.Copy(io.MultiWriter(short, long, sum), live{ctx, r})
	if err != nil {
		return nil, err
	}
	if f.size > math.MaxUint32-1 {
		return nil, fmt.Errorf("%w: %s has %d bytes; a package takes files of less than 4 GiB", dossier.ErrInvalid, path, f.size)
	}
	short.Sum(f.sha256[:0])
	long.Sum(f.sha512[:0])
	f.crc = sum.Sum32()
	l.files = append(l.files, f)
	return f, nil
}

// write gives all files to a sink, under one root folder.
func (l *load) write(ctx context.Context, to Sink, root string) error {
	seen := map[string]bool{}
	for _, f := range l.files {
		if seen[f.path] {
			return fmt.Errorf("two files of a package are called %s", f.path)
		}
		seen[f.path] = true
		if err := to.Add(root+"/"+f.path, f.size, f.crc, func(w io.Writer) error { return f.copy(ctx, w) }); err != nil {
			return fmt.Errorf("%s: %w", f.path, err)
		}
	}
	return nil
}

// copy writes f as it was weighed, or fails: a file may rot between two looks.
func (f *file) copy(ctx context.Context, w io.Writer) error {
	r, err := f.open(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(w, sum), live{ctx, r})
	if err != nil {
		return err
	}
	if n != f.size || [sha256.Size]byte(sum.Sum(nil)) != f.sha256 {
		return fmt.Errorf("%w: %s changed while it was packed", ErrBytes, f.path)
	}
	return nil
}

// live is a reader that stops when its context ends.
type live struct {
	ctx context.Context
	r   io.Reader
}

func (l live) Read(b []byte) (int, error) {
	if err := l.ctx.Err(); err != nil {
		return 0, err
	}
	return l.r.Read(b)
}
