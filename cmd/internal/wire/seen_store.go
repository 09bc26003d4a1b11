package wire

import (
	"context"
	"errors"
	"io"
	"os"
	"time"

	"sohoa/cmd/internal/meter"
	"sohoa/dossier/digest"
	"sohoa/dossier/fixity"
	"sohoa/storage/archive"
	"sohoa/storage/blob"
)

// A seenStore counts what is done with the files of a store.
type seenStore struct {
	archive.Store
	name fixity.Store
	m    *meter.Meter
	now  func() time.Time
}

// told words how an act on a file ended, in few words.
func told(err error) string {
	switch {
	case err == nil:
		return "ok"
	case errors.Is(err, blob.ErrNotFound):
		return "missing"
	case errors.Is(err, blob.ErrCorrupt):
		return "corrupt"
	case errors.Is(err, blob.ErrDenied):
		return "denied"
	case errors.Is(err, blob.ErrUnavailable):
		return "unavailable"
	}
	return "error"
}

func (s seenStore) note(operation string, began time.Time, bytes int64, err error) {
	if err == nil {
		s.m.Passed(s.name, operation, bytes)
	}
	s.m.Stored(s.name, operation, told(err), s.now().Sub(began))
}

func (s seenStore) Put(ctx context.Context, d digest.Digest, size int64, r io.Reader) error {
	began := s.now()
	err := s.Store.Put(ctx, d, size, r)
	s.note("put", began, size, err)
	return err
}

// Adopt implements [blob.Adopter] as the store does.
func (s seenStore) Adopt(ctx context.Context, d digest.Digest, size int64, f *os.File) error {
	a, ok := s.Store.(blob.Adopter)
	if !ok {
		return errors.ErrUnsupported
	}
	began := s.now()
	err := a.Adopt(ctx, d, size, f)
	if !errors.Is(err, errors.ErrUnsupported) {
		s.note("put", began, size, err)
	}
	return err
}

// Lend implements [blob.Lender] as the store does.
func (s seenStore) Lend(d digest.Digest) (string, bool) {
	if l, ok := s.Store.(blob.Lender); ok {
		return l.Lend(d)
	}
	return "", false
}

func (s seenStore) Open(ctx context.Context, d digest.Digest) (io.ReadCloser, error) {
	return s.open(ctx, "get", d, s.Store.Open)
}

func (s seenStore) Raw(ctx context.Context, d digest.Digest) (io.ReadCloser, error) {
	return s.open(ctx, "raw", d, s.Store.Raw)
}

func (s seenStore) open(ctx context.Context, operation string, d digest.Digest, open func(context.Context, digest.Digest) (io.ReadCloser, error)) (io.ReadCloser, error) {
	began := s.now()
	r, err := open(ctx, d)
	s.note(operation, began, 0, err)
	if err != nil {
		return nil, err
	}
	return &seenBytes{ReadCloser: r, s: s, operation: operation}, nil
}

func (s seenStore) Stat(ctx context.Context, d digest.Digest) (int64, error) {
	began := s.now()
	n, err := s.Store.Stat(ctx, d)
	s.note("stat", began, 0, err)
	return n, err
}

func (s seenStore) Remove(ctx context.Context, d digest.Digest) error {
	began := s.now()
	err := s.Store.Remove(ctx, d)
	s.note("remove", began, 0, err)
	return err
}

// seenBytes counts what is read of a file, and a file that turns out to be wrong
// while it is read.
type seenBytes struct {
	io.ReadCloser
	s         seenStore
	operation string
	n         int64
	wrong     bool
}

func (b *seenBytes) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.n += int64(n)
	if err != nil && err != io.EOF && !b.wrong {
		b.wrong = true
		b.s.m.Stored(b.s.name, b.operation, told(err), 0)
	}
	return n, err
}

func (b *seenBytes) Close() error {
	b.s.m.Passed(b.s.name, b.operation, b.n)
	b.n = 0
	return b.ReadCloser.Close()
}
