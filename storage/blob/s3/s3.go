// Package s3 keeps blobs as objects in one bucket of any S3 server:
// prefix/ab/abcdef… for the blob whose digest starts with ab. Nothing of what
// a blob stands for is in a key or beside an object.
//
// A server is not believed. Bytes are held against their digest before they
// are sent, travel under a signature and a checksum that a server can refuse
// them by, and are held against the digest again whenever they are read. Large
// blobs go in parts, and have no name before all parts are known to be right.
// An object has its name by a conditional put: what is kept is not replaced,
// unless it was read and found damaged. What a server truly enforces of all
// this, [Store.Probe] finds out by doing.
package s3

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"sohoa/dossier/digest"
	"sohoa/storage/blob"
)

// Kinds of failure beside those of package blob.
var (
	// ErrUnavailable: the server did not answer, broke off, or said that it
	// cannot now. The same call may succeed later.
	ErrUnavailable = blob.ErrUnavailable

	// ErrDenied: the server refused for want of rights, or because a retention
	// or a legal hold forbids it.
	ErrDenied = blob.ErrDenied
)

// Options say where the bucket is and how patient to be.
type Options struct {
	Endpoint  string // https://host or http://host:port, without a path
	Bucket    string // a bucket of its own, or
	Prefix    string // a folder of its own in a shared one; may be empty
	Region    string // empty: us-east-1, which most servers of one's own go by
	AccessKey string
	SecretKey string
	Create    bool // make the bucket if there is none, with object lock if Lock asks for it

	// Temp is where a small stream that cannot be read twice lies while it is
	// checked; empty: the system's directory.
	Temp string

	// Now is the clock of the time limits.
	Now func() time.Time

	// Patience is how long the server may be silent, neither taking nor giving
	// a byte; 0: a minute. Tries is how often a request is made before its
	// failure is told, a second apart at most; 0: five times.
	Patience time.Duration
	Tries    int

	Lock Lock // put on every new object
}

const (
	oneGo    = 64 << 20 // bytes; what is larger goes in parts
	partSize = 16 << 20 // bytes; held in memory while it is sent. S3 wants 5 MiB at least
	maxParts = 10_000   // of one object, by S3's limits
)

// A Store is a [blob.Pruner] on a bucket.
type Store struct {
	core   minio.Core
	bucket string
	prefix string // empty, or ends with a slash
	temp   string
	oneGo  int64
	part   int64
	tries  int
	lock   Lock
	now    func() time.Time
}

var (
	_ blob.Pruner = (*Store)(nil)
	_ blob.Base   = (*Store)(nil)
)

// Open returns the store of a bucket that exists and may be looked at, or was
// made now.
func Open(ctx context.Context, o Options) (*Store, error) {
	s, err := dial(o)
	if err != nil {
		return nil, fmt.Errorf("object store: %w", err)
	}
	there, err := s.core.BucketExists(ctx, o.Bucket)
	switch {
	case err != nil:
		return nil, fmt.Errorf("look for bucket %s: %w", o.Bucket, told(err))
	case there:
		return s, nil
	case !o.Create:
		return nil, fmt.Errorf("there is no bucket %s", o.Bucket)
	}
	err = s.core.MakeBucket(ctx, o.Bucket, minio.MakeBucketOptions{Region: o.Region, ObjectLocking: o.Lock != (Lock{})})
	if err != nil && said(err).Code != minio.BucketAlreadyOwnedByYou { // another of us was faster
		return nil, fmt.Errorf("make bucket %s: %w", o.Bucket, told(err))
	}
	return s, nil
}

func dial(o Options) (*Store, error) {
	u, err := url.Parse(o.Endpoint)
	switch {
	case err != nil:
		return nil, err
	case u.Scheme != "https" && u.Scheme != "http", u.Host == "", u.Path != "" && u.Path != "/":
		return nil, fmt.Errorf("%q is not https://host or http://host:port", o.Endpoint)
	case o.AccessKey == "" || o.SecretKey == "":
		return nil, errors.New("there is no access key")
	}
	road, err := minio.DefaultTransport(u.Scheme == "https")
	if err != nil {
		return nil, err
	}
	if err := o.Lock.check(); err != nil {
		return nil, err
	}
	if o.Patience == 0 {
		o.Patience = time.Minute
	}
	if o.Tries == 0 {
		o.Tries = 5
	}
	if o.Region == "" {
		o.Region = "us-east-1"
	}
	road.Proxy = nil // files of citizens go where the settings say, whatever the environment says
	road.ResponseHeaderTimeout = 0
	road.DialContext = impatient(o.Now, o.Patience)
	if road.TLSClientConfig != nil {
		road.TLSClientConfig.MinVersion = tls.VersionTLS12
	}
	core, err := minio.NewCore(u.Host, &minio.Options{
		Creds:  credentials.NewStaticV4(o.AccessKey, o.SecretKey, ""),
		Secure: u.Scheme == "https", Region: o.Region, Transport: road, MaxRetries: o.Tries,
		TrailingHeaders: false, // servers disagree about checksums after the body; ours go before it
	})
	if err != nil {
		return nil, err
	}
	prefix := strings.Trim(o.Prefix, "/")
	if prefix != "" {
		prefix += "/"
	}
	return &Store{core: *core, bucket: o.Bucket, prefix: prefix, temp: o.Temp, oneGo: oneGo, part: partSize,
		tries: o.Tries, lock: o.Lock, now: o.Now}, nil
}

// impatient dials connections on which a read or write fails once nothing has
// moved in either direction for d: a long upload is no silence of the server.
func impatient(now func() time.Time, d time.Duration) func(context.Context, string, string) (net.Conn, error) {
	dialer := net.Dialer{Timeout: min(d, 10*time.Second)}
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := dialer.DialContext(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return &conn{Conn: c, now: now, patience: d}, nil
	}
}

type conn struct {
	net.Conn
	now      func() time.Time
	patience time.Duration
}

func (c *conn) Read(p []byte) (int, error) {
	if err := c.SetDeadline(c.now().Add(c.patience)); err != nil {
		return 0, err
	}
	return c.Conn.Read(p)
}

func (c *conn) Write(p []byte) (int, error) {
	if err := c.SetDeadline(c.now().Add(c.patience)); err != nil {
		return 0, err
	}
	return c.Conn.Write(p)
}

func (s *Store) key(d digest.Digest) string { return s.keyOf(d.String()) }

func (s *Store) keyOf(name string) string { return s.prefix + name[:2] + "/" + name }

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

// Remove implements [blob.Pruner]. In a bucket with versions all of the blob's
// go: a delete marker alone would leave the bytes. The error of what a
// retention or a hold protects wraps [ErrDenied].
func (s *Store) Remove(ctx context.Context, d digest.Digest) error {
	if err := s.forget(ctx, s.key(d)); err != nil {
		return fmt.Errorf("remove %s: %w", d, err)
	}
	return nil
}

// forget removes every version of an object and every delete marker, and of a
// server that knows no versions the object.
func (s *Store) forget(ctx context.Context, key string) error {
	var versions []string
	for v := range s.core.ListObjectsIter(ctx, s.bucket, minio.ListObjectsOptions{Prefix: key, WithVersions: true, Recursive: true}) {
		code := said(v.Err).StatusCode
		if code == 501 || code == 405 { // the server, or this bucket, keeps no versions
			break
		} else if v.Err != nil {
			return told(v.Err)
		}
		if v.Key == key && v.VersionID != "" {
			versions = append(versions, v.VersionID)
		}
	}
	if err := ctx.Err(); err != nil { // a list that was broken off just ends
		return err
	}
	for _, v := range versions {
		if err := s.core.RemoveObject(ctx, s.bucket, key, minio.RemoveObjectOptions{VersionID: v}); err != nil {
			return told(err)
		}
	}
	if len(versions) > 0 {
		return nil
	}
	err := told(s.core.RemoveObject(ctx, s.bucket, key, minio.RemoveObjectOptions{}))
	if errors.Is(err, blob.ErrNotFound) {
		return nil
	}
	return err
}

// Walk implements [blob.Pruner], in the order of the digests, a page of a
// thousand at a time.
func (s *Store) Walk(ctx context.Context, fn func(digest.Digest) error) error {
	return s.Names(ctx, func(name string) error {
		d, err := digest.Parse(name)
		if err != nil {
			return nil // sealed
		}
		return fn(d)
	})
}

// said is what the server answered; empty if it did not.
func said(err error) (e minio.ErrorResponse) {
	errors.As(err, &e)
	return e
}

// told puts a failure of the client into the words of package blob and our own.
func told(err error) error {
	e := said(err)
	switch {
	case err == nil, errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case e.Code == "" && e.StatusCode == 0: // no answer: the line, or the names and certificates that belong to it
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	case e.Code == minio.NoSuchKey, e.Code == minio.NoSuchVersion:
		return fmt.Errorf("%w: %w", blob.ErrNotFound, err)
	case e.Code == "BadDigest", e.Code == "XAmzContentSHA256Mismatch", e.Code == "XAmzContentChecksumMismatch":
		return fmt.Errorf("%w on arrival: %w", blob.ErrCorrupt, err)
	case e.StatusCode == 401, e.StatusCode == 403:
		return fmt.Errorf("%w: %s: %w", ErrDenied, e.Code, err)
	case e.StatusCode >= 500, e.StatusCode == 429, e.StatusCode == 408:
		return fmt.Errorf("%w: %s: %w", ErrUnavailable, e.Code, err)
	}
	return fmt.Errorf("%s: %w", e.Code, err)
}

// taken says whether the server refused a name because it is taken, or was
// contested at that moment, or because the upload that asks for it is over: the
// answer to an earlier attempt may have been lost.
func taken(err error) bool {
	e := said(err)
	return e.StatusCode == 412 || e.StatusCode == 409 || e.Code == "NoSuchUpload"
}
