// Package mem keeps blobs in memory, for tests. With a Fault it is stricter
// than life: every kind of failure of a Put can be had on demand.
package mem

import (
	"bytes"
	"context"
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
	m  map[digest.Digest][]byte
}

var _ blob.Pruner = (*Store)(nil)

// Put implements [blob.Store].
func (s *Store) Put(ctx context.Context, d digest.Digest, size int64, r io.Reader) error {
	if kept, err := s.Stat(ctx, d); err == nil && kept != size {
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
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.m == nil {
			s.m = map[digest.Digest][]byte{}
		}
		s.m[d] = b.Bytes()
	}
	if fault != nil {
		return fmt.Errorf("put %s: %w", d, fault)
	}
	return nil
}

// Open implements [blob.Store].
func (s *Store) Open(_ context.Context, d digest.Digest) (io.ReadCloser, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.m[d]
	if !ok {
		return nil, fmt.Errorf("open %s: %w", d, blob.ErrNotFound)
	}
	return blob.Checked(io.NopCloser(bytes.NewReader(b)), d), nil
}

// Stat implements [blob.Store].
func (s *Store) Stat(_ context.Context, d digest.Digest) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.m[d]
	if !ok {
		return 0, fmt.Errorf("stat %s: %w", d, blob.ErrNotFound)
	}
	return int64(len(b)), nil
}

// Remove implements [blob.Pruner].
func (s *Store) Remove(_ context.Context, d digest.Digest) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.m, d)
	return nil
}

// Walk implements [blob.Pruner].
func (s *Store) Walk(ctx context.Context, fn func(digest.Digest) error) error {
	s.mu.Lock()
	all := slices.Collect(maps.Keys(s.m))
	s.mu.Unlock()
	for _, d := range all {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := fn(d); err != nil {
			return err
		}
	}
	return nil
}

// Damage replaces the bytes kept under d, as a failing disk would.
func (s *Store) Damage(d digest.Digest, b []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.m[d] = b
}
