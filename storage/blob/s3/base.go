package s3

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/minio/minio-go/v7"

	"sohoa/dossier/digest"
	"sohoa/storage/blob"
)

// Lay implements [blob.Base]. What is no larger than two parts goes whole, once it is
// known, and is in memory until then: it is made on the way and cannot be read twice, and
// a file to read it from costs more than sealing it (20 MB: 30 ms of 57). What is larger
// goes in parts while it is written, and has its name at the end.
func (s *Store) Lay(ctx context.Context, name string, size int64, replace bool, write func(io.Writer) error) error {
	if !blob.ValidName(name) {
		return fmt.Errorf("lay %q: no name", name)
	}
	lay := s.layWhole
	if size > min(s.oneGo, 2*s.part) {
		lay = s.layParts
	}
	err := lay(ctx, s.keyOf(name), size, replace, write)
	if taken(err) {
		err = fmt.Errorf("%w: %w", blob.ErrTaken, err)
	}
	if err != nil {
		return fmt.Errorf("lay %s: %w", name, err)
	}
	return nil
}

func (s *Store) layWhole(ctx context.Context, key string, size int64, replace bool, write func(io.Writer) error) error {
	b := bytes.NewBuffer(make([]byte, 0, size))
	if err := write(b); err != nil {
		return err
	}
	body, sum := b.Bytes(), digest.Of(b.Bytes())
	_, err := s.core.PutObject(ctx, s.bucket, key, bytes.NewReader(body), int64(len(body)), "", sum.String(), s.locked(checked(sum, replace)))
	return told(err)
}

func (s *Store) layParts(ctx context.Context, key string, size int64, replace bool, write func(io.Writer) error) error {
	u, giveUp, err := s.begin(ctx, key, size)
	if err != nil {
		return err
	}
	defer giveUp()
	if err := write(u); err != nil {
		return err
	}
	return u.finish(ctx, replace)
}

// Size implements [blob.Base].
func (s *Store) Size(ctx context.Context, name string) (int64, error) {
	if !blob.ValidName(name) {
		return 0, fmt.Errorf("stat %q: %w", name, blob.ErrNotFound)
	}
	info, err := s.core.StatObject(ctx, s.bucket, s.keyOf(name), minio.StatObjectOptions{})
	if err != nil {
		return 0, fmt.Errorf("stat %s: %w", name, told(err))
	}
	return info.Size, nil
}

// Drop implements [blob.Base], as [Store.Remove] does.
func (s *Store) Drop(ctx context.Context, name string) error {
	if !blob.ValidName(name) {
		return nil
	}
	if err := s.forget(ctx, s.keyOf(name)); err != nil {
		return fmt.Errorf("remove %s: %w", name, err)
	}
	return nil
}

// Names implements [blob.Base], in the order of the names, a page of a thousand
// at a time.
func (s *Store) Names(ctx context.Context, fn func(name string) error) error {
	for o := range s.core.ListObjectsIter(ctx, s.bucket, minio.ListObjectsOptions{Prefix: s.prefix, Recursive: true}) {
		if err := ctx.Err(); err != nil {
			return err
		} else if o.Err != nil {
			return fmt.Errorf("walk: %w", told(o.Err))
		}
		name := o.Key[strings.LastIndexByte(o.Key, '/')+1:]
		if !blob.ValidName(name) || s.keyOf(name) != o.Key {
			continue // not ours
		}
		if err := fn(name); err != nil {
			return err
		}
	}
	return ctx.Err() // a list that was broken off just ends
}
