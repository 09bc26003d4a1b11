package s3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"

	"sohoa/storage/blob"
)

// rest is between two attempts to go on with a read that broke off.
const rest = 200 * time.Millisecond

// Take implements [blob.Base]. A read that breaks off goes on where it was, on
// the same object and no other, as often as the options say that a request is
// tried; every byte that comes allows as many attempts again.
func (s *Store) Take(ctx context.Context, name string) (io.ReadCloser, error) {
	if !blob.ValidName(name) {
		return nil, fmt.Errorf("open %q: %w", name, blob.ErrNotFound)
	}
	r, info, _, err := s.core.GetObject(ctx, s.bucket, s.keyOf(name), minio.GetObjectOptions{})
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", name, told(err))
	}
	return &body{ctx: ctx, s: s, key: s.keyOf(name), r: r, etag: info.ETag, version: info.VersionID, size: info.Size}, nil
}

// A body is an object that is being read.
type body struct {
	ctx           context.Context
	s             *Store
	key           string
	r             io.ReadCloser
	etag, version string
	at, size      int64 // bytes that came; bytes that were announced, or less than 0
	failed        int   // attempts since the last byte
	err           error
}

func (b *body) Read(p []byte) (int, error) {
	for {
		if b.err != nil {
			return 0, b.err
		}
		n, err := b.r.Read(p)
		b.at += int64(n)
		if n > 0 {
			b.failed = 0
		}
		if err == io.EOF && b.size >= 0 && b.at < b.size {
			err = io.ErrUnexpectedEOF
		}
		if err == nil || err == io.EOF {
			return n, err
		}
		if b.err = b.again(err); n > 0 {
			return n, nil
		}
	}
}

// again goes on at the byte after the last that came; what broke the reading off
// is told if it cannot.
func (b *body) again(broke error) error {
	broke = told(broke)
	for b.failed++; b.failed < b.s.tries; b.failed++ {
		select {
		case <-b.ctx.Done():
			return b.ctx.Err()
		case <-time.After(rest):
		}
		opts := minio.GetObjectOptions{}
		if b.version != "" && b.version != "null" {
			opts.VersionID = b.version
		}
		if b.etag != "" {
			if err := opts.SetMatchETag(b.etag); err != nil {
				return err
			}
		}
		if b.at > 0 {
			if err := opts.SetRange(b.at, 0); err != nil {
				return err
			}
		}
		r, _, head, err := b.s.core.GetObject(b.ctx, b.s.bucket, b.key, opts)
		if err := told(err); errors.Is(err, ErrUnavailable) {
			continue
		} else if err != nil {
			return fmt.Errorf("%w: and then: %w", broke, err)
		}
		if b.at > 0 && !strings.HasPrefix(head.Get("Content-Range"), fmt.Sprintf("bytes %d-", b.at)) {
			return errors.Join(fmt.Errorf("%w: the server gives no part of an object", broke), r.Close())
		}
		_ = b.r.Close()
		b.r = r
		return nil
	}
	return broke
}

// Close lets go of the connection.
func (b *body) Close() error { return b.r.Close() }
