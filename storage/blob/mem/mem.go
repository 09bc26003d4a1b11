// Package mem keeps blobs in memory, for tests. With a Fault it is stricter
// than life: every kind of failure of a Put can be had on demand.
package mem

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"

	"sohoa/dossier/digest"
	"sohoa/storage/blob"
)

// A Store is a [blob.Pruner]. The zero Store is ready to use.
type Store struct {
	// Fault, if set, is asked in every Put whose bytes are right. It may fail
	// the call, and it says whether the bytes are kept all the same: a timeout
	// after the disk has written looks to the caller just like a timeout
	// before. Without an error the bytes are kept.
	Fault func(d digest.Digest) (keep bool, err error)

	mu sync.Mutex
	m  map[string][]byte
}

var (
	_ blob.Pruner = (*Store)(nil)
	_ blob.Base   = (*Store)(nil)
)

// Put implements [blob.Store]. A blob that has been damaged is replaced.
func (s *Store) Put(ctx context.Context, d digest.Digest, size int64, r io.Reader) error {
	if kept, good := s.good(d); good && kept != size {
		return fmt.Errorf("put %s: %w: %d bytes are kept, %d were announced", d, blob.ErrCorrupt, kept, size)
	}
	var b bytes.Buffer
	if err := blob.Copy(ctx, &b, r, d, size); err != nil {
		return fmt.Errorf("put %s: %w", d, err)
	}
	keep, fault := true, error(nil)
	if s.Fault != nil {
		if keep, fault = s.Fault(d); fault == nil {
			keep = true
		}
	}
	if keep {
		s.set(d.String(), b.Bytes())
	}
	if fault != nil {
		return fmt.Errorf("put %s: %w", d, fault)
	}
	return nil
}

// good says whether the bytes of d are there and right, and how many they are.
func (s *Store) good(d digest.Digest) (int64, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.m[d.String()]
	return int64(len(b)), ok && digest.Of(b) == d
}

func (s *Store) set(name string, b []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.m == nil {
		s.m = map[string][]byte{}
	}
	s.m[name] = b
}

// Open implements [blob.Store].
func (s *Store) Open(ctx context.Context, d digest.Digest) (io.ReadCloser, error) {
	r, err := s.Take(ctx, d.String())
	if err != nil {
		return nil, err
	}
	return blob.Checked(r, d), nil
}

// Raw returns the bytes of d as they lie, good or not.
func (s *Store) Raw(ctx context.Context, d digest.Digest) (io.ReadCloser, error) {
	return s.Take(ctx, d.String())
}

// Stat implements [blob.Store].
func (s *Store) Stat(ctx context.Context, d digest.Digest) (int64, error) {
	return s.Size(ctx, d.String())
}

// Remove implements [blob.Pruner].
func (s *Store) Remove(ctx context.Context, d digest.Digest) error { return s.Drop(ctx, d.String()) }

// Walk implements [blob.Pruner].
func (s *Store) Walk(ctx context.Context, fn func(digest.Digest) error) error {
	return s.Names(ctx, func(name string) error {
		d, err := digest.Parse(name)
		if err != nil {
			return nil // sealed
		}
		return fn(d)
	})
}

// Lay implements [blob.Base].
func (s *Store) Lay(ctx context.Context, name string, _ int64, replace bool, write func(io.Writer) error) error {
	if !replace {
		if _, err := s.Size(ctx, name); err == nil {
			return fmt.Errorf("lay %s: %w", name, blob.ErrTaken)
		}
	}
	var b bytes.Buffer
	if err := errors.Join(write(&b), ctx.Err()); err != nil {
		return err
	}
	s.set(name, b.Bytes())
	return nil
}

// Take implements [blob.Base].
func (s *Store) Take(_ context.Context, name string) (io.ReadCloser, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.m[name]
	if !ok {
		return nil, fmt.Errorf("open %s: %w", name, blob.ErrNotFound)
	}
	return io.NopCloser(bytes.NewReader(b)), nil
}

// Size implements [blob.Base].
func (s *Store) Size(_ context.Context, name string) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.m[name]
	if !ok {
		return 0, fmt.Errorf("stat %s: %w", name, blob.ErrNotFound)
	}
	return int64(len(b)), nil
}

// Drop implements [blob.Base].
func (s *Store) Drop(_ context.Context, name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.m, name)
	return nil
}

// Names implements [blob.Base], in the order of the names.
func (s *Store) Names(ctx context.Context, fn func(name string) error) error {
	s.mu.Lock()
	all := slices.Sorted(maps.Keys(s.m))
	s.mu.Unlock()
	for _, name := range all {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := fn(name); err != nil {
			return err
		}
	}
	return nil
}

// Damage replaces the bytes kept under d, as a failing disk would.
func (s *Store) Damage(d digest.Digest, b []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.m[d.String()] = b
}
