package s3

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/minio/minio-go/v7"

	"sohoa/dossier/digest"
	"sohoa/storage/blob"
)

// A Fence says how far something that keeps bytes from going away holds.
type Fence int

const (
	Absent  Fence = iota // the server says that it has no such thing
	Claimed              // the server took the order, and the bytes could be lost all the same
	Held                 // it was tried, and it held
)

// String returns the fence in a word.
func (f Fence) String() string {
	if f < Absent || f > Held {
		return fmt.Sprintf("Fence(%d)", int(f))
	}
	return [...]string{"absent", "claimed, not held", "held"}[f]
}

// Findings are what a server did when it was tried; nothing of it is what a
// server said.
type Findings struct {
	Conditional      bool // a put on a name that must be free was refused when it was not
	ConditionalParts bool // and so was the completion of an upload in parts
	Signature        bool // bytes other than those signed were refused
	Checksum         bool // bytes other than those of the checksum were refused
	ChecksumParts    bool // and so were those of a part

	Versioning Fence // what was replaced can still be read by its version
	Governance Fence // a retention that a right of its own may lift kept the object
	Compliance Fence // a retention that nobody may lift kept the object
	Hold       Fence // a legal hold kept the object
	HoldAfter  Fence // a legal hold still kept it once a retention beside it had ended

	Left []string // keys of objects the probe could not remove again
}

// Probe finds out what the server truly enforces, by doing it to small objects
// under prefix/probe/, which it removes again. In a bucket with object lock this
// takes some three seconds; where the bucket itself puts a longer retention on
// everything, the objects stay, and are named in the findings. An error means
// that the probe could not be finished, or (it wraps [blob.ErrCorrupt]) that
// bytes just put were not what was read.
func (s *Store) Probe(ctx context.Context) (Findings, error) {
	p := probe{s: s, at: s.prefix + "probe/" + rand.Text() + "/"}
	var err error
	for _, try := range []func(context.Context) error{p.plain, p.conditions, p.sums, p.parts, p.versions, p.locks} {
		if err = try(ctx); err != nil {
			err = fmt.Errorf("probe: %w", err)
			break
		}
	}
	late, cancel := context.WithTimeout(context.WithoutCancel(ctx), 4*tidying)
	defer cancel()
	for _, key := range p.used {
		if s.forget(late, key) != nil {
			p.found.Left = append(p.found.Left, key)
		}
	}
	return p.found, err
}

type probe struct {
	s     *Store
	at    string // before the names of its objects
	used  []string
	until <-chan time.Time // the last retention of its objects ends then
	found Findings
}

var one, two = []byte("first of the probe"), []byte("other of the probe")

func (p *probe) key(name string) string {
	p.used = append(p.used, p.at+name)
	return p.at + name
}

// put puts b, under a signature of signed and with opts.
func (p *probe) put(ctx context.Context, key string, b, signed []byte, opts minio.PutObjectOptions) (minio.UploadInfo, error) {
	opts.DisableContentSha256 = true
	info, err := p.s.core.PutObject(ctx, p.s.bucket, key, bytes.NewReader(b), int64(len(b)), "", digest.Of(signed).String(), opts)
	return info, told(err)
}

// holds says whether the object has the bytes b, in the given version, if any.
func (p *probe) holds(ctx context.Context, key, version string, b []byte) (bool, error) {
	r, _, _, err := p.s.core.GetObject(ctx, p.s.bucket, key, minio.GetObjectOptions{VersionID: version})
	if err := told(err); errors.Is(err, blob.ErrNotFound) {
		return false, nil
	} else if err != nil {
		return false, err
	}
	defer r.Close()
	got, err := io.ReadAll(io.LimitReader(r, int64(len(b))+1))
	return bytes.Equal(got, b), err
}

// outage keeps a server that does not answer from looking like one that refuses.
func outage(ctx context.Context, err error) error {
	if errors.Is(err, ErrUnavailable) && said(err).StatusCode != 501 || ctx.Err() != nil {
		return err
	}
	return nil
}

// plain puts and reads.
func (p *probe) plain(ctx context.Context) error {
	key := p.key("plain")
	if _, err := p.put(ctx, key, one, one, checked(digest.Of(one), true)); err != nil {
		return err
	}
	ok, err := p.holds(ctx, key, "", one)
	if err == nil && !ok {
		err = fmt.Errorf("%w: what was just put is not what is read", blob.ErrCorrupt)
	}
	return err
}

// conditions puts onto a name that is taken.
func (p *probe) conditions(ctx context.Context) (err error) {
	key := p.key("taken")
	if _, err := p.put(ctx, key, one, one, checked(digest.Of(one), false)); outage(ctx, err) != nil {
		return err
	} else if err != nil { // knows no conditions, and says so
		return nil
	}
	_, refused := p.put(ctx, key, two, two, checked(digest.Of(two), false))
	p.found.Conditional, err = p.refused(ctx, refused, key, one)
	return err
}

// refused says whether the answer was a no and the object still has the bytes b.
func (p *probe) refused(ctx context.Context, answer error, key string, b []byte) (bool, error) {
	if err := outage(ctx, answer); err != nil {
		return false, err
	}
	still, err := p.holds(ctx, key, "", b)
	return answer != nil && still, err
}

// sums sends bytes other than were announced.
func (p *probe) sums(ctx context.Context) (err error) {
	for name, try := range map[string]struct {
		found  *bool
		signed []byte
		opts   minio.PutObjectOptions
	}{
		"checksum":  {&p.found.Checksum, two, checked(digest.Of(one), true)},
		"signature": {&p.found.Signature, one, condition(true)},
	} {
		key := p.key(name)
		if _, err := p.put(ctx, key, one, one, condition(true)); err != nil {
			return err
		}
		_, answer := p.put(ctx, key, two, try.signed, try.opts)
		if *try.found, err = p.refused(ctx, answer, key, one); err != nil {
			return err
		}
	}
	return nil
}

// parts does the same with an upload in parts.
func (p *probe) parts(ctx context.Context) error {
	key := p.key("parts")
	if _, err := p.put(ctx, key, one, one, condition(true)); err != nil {
		return err
	}
	u := &upload{s: p.s, ctx: ctx, key: key, part: two}
	id, err := p.s.core.NewMultipartUpload(ctx, p.s.bucket, key, inParts())
	if err != nil {
		return outage(ctx, told(err))
	}
	u.id = id
	defer func() { _ = p.s.core.AbortMultipartUpload(ctx, p.s.bucket, key, id) }() // gone already, if it was completed
	_, answer := p.s.core.PutObjectPart(ctx, p.s.bucket, key, id, 1, bytes.NewReader(two), int64(len(two)),
		partOf(digest.Of(two), digest.Of(one)))
	if err := outage(ctx, told(answer)); err != nil {
		return err
	}
	p.found.ChecksumParts = answer != nil
	if err := u.send(); err != nil {
		return outage(ctx, err)
	}
	_, answer = p.s.core.CompleteMultipartUpload(ctx, p.s.bucket, key, id, u.done, condition(false))
	p.found.ConditionalParts, err = p.refused(ctx, told(answer), key, one)
	return err
}

// versions replaces an object and reads the first one.
func (p *probe) versions(ctx context.Context) error {
	key := p.key("version")
	first, err := p.put(ctx, key, one, one, condition(true))
	if err != nil || first.VersionID == "" || first.VersionID == "null" {
		return err
	}
	p.found.Versioning = Claimed
	if _, err := p.put(ctx, key, two, two, condition(true)); err != nil {
		return outage(ctx, err)
	}
	ok, err := p.holds(ctx, key, first.VersionID, one)
	if ok {
		p.found.Versioning = Held
	}
	return err
}
