package s3

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/minio/minio-go/v7"

	"sohoa/dossier/digest"
	"sohoa/storage/blob"
)

const (
	held    = 1 << 20         // bytes; a smaller stream is checked in memory
	tidying = 5 * time.Second // for giving up an upload that has failed
)

// Put implements [blob.Store]. A blob that is already kept is read and checked;
// if it has been damaged, the bytes of r take its place.
func (s *Store) Put(ctx context.Context, d digest.Digest, size int64, r io.Reader) error {
	put := s.putWhole
	if size > s.oneGo {
		put = s.putParts
	}
	if err := put(ctx, d, size, r); err != nil {
		return fmt.Errorf("put %s: %w", d, err)
	}
	return nil
}

func (s *Store) putWhole(ctx context.Context, d digest.Digest, size int64, r io.Reader) error {
	body, done, err := s.stage(ctx, d, size, r)
	if err != nil {
		return err
	}
	defer done()
	return s.settle(ctx, d, size, func(ctx context.Context, replace bool) error {
		_, err := s.core.PutObject(ctx, s.bucket, s.key(d), body, size, "", d.String(), s.locked(checked(d, replace)))
		return told(err)
	})
}

// settle gives d its name, by send. If it is taken, what is kept under it is
// read: good, and all is well; damaged, and it is replaced.
func (s *Store) settle(ctx context.Context, d digest.Digest, size int64, send func(_ context.Context, replace bool) error) error {
	err := send(ctx, false)
	if !taken(err) {
		return err
	}
	switch kept, err := s.check(ctx, d); {
	case err == nil && kept == size:
		return nil
	case err == nil:
		return fmt.Errorf("%w: %d bytes are kept, %d were announced", blob.ErrCorrupt, kept, size)
	case errors.Is(err, blob.ErrCorrupt), errors.Is(err, blob.ErrNotFound): // mend, or: it was removed just now
		return send(ctx, true)
	default:
		return err
	}
}

// check reads a kept blob to its end and returns its size.
func (s *Store) check(ctx context.Context, d digest.Digest) (int64, error) {
	r, err := s.Open(ctx, d)
	if err != nil {
		return 0, err
	}
	defer r.Close()
	return io.Copy(io.Discard, r)
}

// stage holds the bytes of r against d before anything is sent, and returns
// them as something that can be sent again when an attempt fails: r itself if
// it can be read twice, else a copy in memory, or in a file without a name.
func (s *Store) stage(ctx context.Context, d digest.Digest, size int64, r io.Reader) (_ io.Reader, done func(), err error) {
	if twice, ok := r.(interface {
		io.ReaderAt
		io.Seeker
	}); ok {
		if start, err := twice.Seek(0, io.SeekCurrent); err == nil {
			err := blob.Copy(ctx, io.Discard, r, d, size)
			return io.NewSectionReader(twice, start, size), func() {}, err
		}
	}
	if size <= held {
		var b bytes.Buffer
		err := blob.Copy(ctx, &b, r, d, size)
		return bytes.NewReader(b.Bytes()), func() {}, err
	}
	f, err := os.CreateTemp(s.temp, "put-*")
	if err != nil {
		return nil, nil, err
	}
	err = errors.Join(os.Remove(f.Name()), blob.Copy(ctx, f, r, d, size))
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	return io.NewSectionReader(f, 0, size), func() { f.Close() }, nil
}

// putParts sends a large blob in parts, one in memory at a time, and gives the
// whole its name only when all bytes have been held against d.
func (s *Store) putParts(ctx context.Context, d digest.Digest, size int64, r io.Reader) (err error) {
	kept, err := s.check(ctx, d)
	switch {
	case err == nil && kept == size:
		return nil
	case err == nil:
		return fmt.Errorf("%w: %d bytes are kept, %d were announced", blob.ErrCorrupt, kept, size)
	case !errors.Is(err, blob.ErrCorrupt) && !errors.Is(err, blob.ErrNotFound):
		return err
	}
	u, giveUp, err := s.begin(ctx, s.key(d), size)
	if err != nil {
		return err
	}
	defer giveUp()
	if err := blob.Copy(ctx, u, r, d, size); err != nil {
		return err
	}
	return s.settle(ctx, d, size, u.finish)
}

// begin begins an upload in parts. What is not finished is given up in the end.
func (s *Store) begin(ctx context.Context, key string, size int64) (u *upload, giveUp func(), err error) {
	u = &upload{s: s, ctx: ctx, key: key, part: make([]byte, 0, max(s.part, (size+maxParts-1)/maxParts))}
	if u.id, err = s.core.NewMultipartUpload(ctx, s.bucket, u.key, s.locked(inParts())); err != nil {
		return nil, nil, told(err)
	}
	return u, func() {
		if !u.named { // also when the call was cancelled: parts without an end are kept and paid for
			late, cancel := context.WithTimeout(context.WithoutCancel(ctx), tidying)
			defer cancel()
			_ = s.core.AbortMultipartUpload(late, s.bucket, u.key, u.id) // failed already; what is left, the bucket's rules sweep
		}
	}, nil
}

// An upload takes the bytes of a large blob and sends them in parts.
type upload struct {
	s    *Store
	ctx  context.Context
	key  string
	id   string
	part []byte // its capacity is the size of a part
	done []minio.CompletePart

	named bool // it is whole, and has its name
}

// finish sends what is left and gives the whole its name.
func (u *upload) finish(ctx context.Context, replace bool) error {
	if len(u.part) > 0 || len(u.done) == 0 {
		if err := u.send(); err != nil {
			return err
		}
	}
	_, err := u.s.core.CompleteMultipartUpload(ctx, u.s.bucket, u.key, u.id, u.done, condition(replace))
	u.named = err == nil
	return told(err)
}

func (u *upload) Write(p []byte) (n int, err error) {
	for n < len(p) {
		if len(u.part) == cap(u.part) {
			if err := u.send(); err != nil {
				return n, err
			}
		}
		took := min(cap(u.part)-len(u.part), len(p)-n)
		u.part = append(u.part, p[n:n+took]...)
		n += took
	}
	return n, nil
}

// send sends the part that was gathered.
func (u *upload) send() error {
	sum, n := digest.Digest(sha256.Sum256(u.part)), len(u.done)+1
	said, err := u.s.core.PutObjectPart(u.ctx, u.s.bucket, u.key, u.id, n, bytes.NewReader(u.part), int64(len(u.part)), partOf(sum, sum))
	if err != nil {
		return fmt.Errorf("part %d: %w", n, told(err))
	}
	u.done = append(u.done, minio.CompletePart{PartNumber: n, ETag: said.ETag, ChecksumSHA256: base64Of(sum)})
	u.part = u.part[:0]
	return nil
}

const sumHeader = "X-Amz-Checksum-Sha256"

func base64Of(d digest.Digest) string { return base64.StdEncoding.EncodeToString(d[:]) }

// checked are the options of a put that the server is to refuse unless the
// bytes are those of d and, but for replace, the name is free.
func checked(d digest.Digest, replace bool) minio.PutObjectOptions {
	opts := condition(replace)
	opts.UserMetadata = map[string]string{sumHeader: base64Of(d)}
	opts.DisableContentSha256 = true // the signature covers the digest of all, not of chunks
	return opts
}

// inParts are the options of an upload whose parts have checksums.
func inParts() minio.PutObjectOptions {
	return minio.PutObjectOptions{UserMetadata: map[string]string{"X-Amz-Checksum-Algorithm": "SHA256"}}
}

// partOf are the options of a part whose bytes are to be those of signed and of sum.
func partOf(signed, sum digest.Digest) minio.PutObjectPartOptions {
	return minio.PutObjectPartOptions{Sha256Hex: signed.String(), DisableContentSha256: true,
		CustomHeader: map[string][]string{sumHeader: {base64Of(sum)}}}
}

// condition is that the name is free, but for replace.
func condition(replace bool) (opts minio.PutObjectOptions) {
	if !replace {
		opts.SetMatchETagExcept("*")
	}
	return opts
}
