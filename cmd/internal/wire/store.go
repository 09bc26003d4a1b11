package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"sohoa/dossier/digest"
	"sohoa/dossier/fixity"
	"sohoa/pattern"
	"sohoa/storage/archive"
	"sohoa/storage/blob"
	"sohoa/storage/blob/fs"
	"sohoa/storage/blob/s3"
)

// S3 says which bucket takes the place of a directory of files.
type S3 struct {
	Endpoint string // https://host or http://host:port; empty: the directory
	Bucket   string
	Prefix   string // folder in the bucket
	Region   string
	KeyFile  string // a file that holds access:secret
	Lock     string // put on new objects: governance:DAYS or compliance:DAYS; empty: none
	Hold     bool   // and a legal hold
}

// A Place is where the files of one store are.
type Place struct {
	Dir  string // a directory of its own; for the main store, empty: "blobs" in Data
	S3   S3     // in its place
	Seal Seal   // how files are encrypted there; zero: not at all
}

// set says whether anything is said of the place.
func (p Place) set() bool { return p.Dir != "" || p.S3.Endpoint != "" }

// readPlace reads what getenv says of a place: prefix_DIR, prefix_S3_ENDPOINT,
// _BUCKET, _PREFIX, _REGION, _KEY_FILE, _LOCK and _HOLD, prefix_SEAL_RING, _KEY,
// _PIN and _ENVIRONMENT.
func readPlace(getenv func(string) string, prefix string) Place {
	s := prefix + "_S3_"
	return Place{Dir: getenv(prefix + "_DIR"), S3: S3{Endpoint: getenv(s + "ENDPOINT"), Bucket: getenv(s + "BUCKET"),
		Prefix: getenv(s + "PREFIX"), Region: getenv(s + "REGION"), KeyFile: getenv(s + "KEY_FILE"),
		Lock: getenv(s + "LOCK"), Hold: getenv(s+"HOLD") == "1"},
		Seal: Seal{Ring: getenv(prefix + "_SEAL_RING"), Key: getenv(prefix + "_SEAL_KEY"), PIN: getenv(prefix + "_SEAL_PIN"),
			Environment: getenv(prefix + "_SEAL_ENVIRONMENT")}}
}

// lock reads what is to be put on new objects.
func (s S3) lock() (s3.Lock, error) {
	l := s3.Lock{Hold: s.Hold}
	if s.Lock == "" {
		return l, nil
	}
	mode, days, _ := strings.Cut(s.Lock, ":")
	n, err := strconv.Atoi(days)
	if err != nil {
		return l, fmt.Errorf("lock of new objects: %q is not governance:DAYS or compliance:DAYS", s.Lock)
	}
	l.Mode, l.Days = mode, n
	return l, nil
}

// lockedDays is for how long new objects are to be locked; 0: not at all.
func (s S3) lockedDays() int {
	l, err := s.lock()
	if err != nil {
		return 0
	}
	return l.Days
}

// A base is a store that keeps what it is given as it is, and that a sealed one
// can stand on.
type base interface {
	archive.Store
	blob.Base
}

// openPlace opens a store. A bucket is never made here: its rights, its lock and
// its versions are its owner's to choose.
func openPlace(ctx context.Context, p Place, s Settings) (archive.Store, error) {
	b, err := openBase(ctx, p, s)
	if err != nil || p.Seal.Ring == "" {
		return b, err
	}
	return openSealed(ctx, b, p.Seal, s)
}

func openBase(ctx context.Context, p Place, s Settings) (base, error) {
	if p.S3.Endpoint == "" {
		return fs.Open(p.Dir)
	}
	return openBucket(ctx, p.S3, s)
}

func openBucket(ctx context.Context, o S3, s Settings) (*s3.Store, error) {
	key, err := secretOf(o.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("key of the object store (…_S3_KEY_FILE): %w", err)
	}
	access, secret, ok := strings.Cut(key, ":")
	if !ok {
		return nil, fmt.Errorf("key of the object store: %s does not hold access:secret", o.KeyFile)
	}
	lock, err := o.lock()
	if err != nil {
		return nil, err
	}
	lock.Days = s.fenced(lock.Days)
	return s3.Open(ctx, s3.Options{
		Endpoint: o.Endpoint, Bucket: o.Bucket, Prefix: o.Prefix, Region: o.Region,
		AccessKey: access, SecretKey: secret, Temp: filepath.Join(s.Data, "tmp"), Now: s.now, Lock: lock,
	})
}

// openBlobs opens where the files are: the bucket, if one is set, else the
// directory.
func openBlobs(ctx context.Context, s Settings) (archive.Store, error) {
	return openPlace(ctx, s.main(), s)
}

// main is where the main store is.
func (s Settings) main() Place {
	return Place{Dir: filepath.Join(s.Data, "blobs"), S3: s.S3, Seal: s.Seal}
}

// openSecond opens the second store when it is first asked for, so that nobody
// at the counter waits for it; nil if none is set.
func openSecond(s Settings) archive.Store {
	if !s.Second.set() {
		return nil
	}
	return &late{open: func(ctx context.Context) (archive.Store, error) { return openPlace(ctx, s.Second, s) }}
}

// A late store is opened when it is first asked for, and again if that failed.
// While it cannot be opened it is away: nothing is said of its files.
type late struct {
	open func(context.Context) (archive.Store, error)

	mu     sync.Mutex
	opened archive.Store
}

func (l *late) store(ctx context.Context) (archive.Store, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.opened != nil {
		return l.opened, nil
	}
	s, err := l.open(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", blob.ErrUnavailable, err)
	}
	l.opened = s
	return s, nil
}

func (l *late) Put(ctx context.Context, d digest.Digest, size int64, r io.Reader) error {
	s, err := l.store(ctx)
	if err != nil {
		return err
	}
	return s.Put(ctx, d, size, r)
}

func (l *late) Open(ctx context.Context, d digest.Digest) (io.ReadCloser, error) {
	s, err := l.store(ctx)
	if err != nil {
		return nil, err
	}
	return s.Open(ctx, d)
}

func (l *late) Raw(ctx context.Context, d digest.Digest) (io.ReadCloser, error) {
	s, err := l.store(ctx)
	if err != nil {
		return nil, err
	}
	return s.Raw(ctx, d)
}

func (l *late) Stat(ctx context.Context, d digest.Digest) (int64, error) {
	s, err := l.store(ctx)
	if err != nil {
		return 0, err
	}
	return s.Stat(ctx, d)
}

func (l *late) Remove(ctx context.Context, d digest.Digest) error {
	s, err := l.store(ctx)
	if err != nil {
		return err
	}
	return s.Remove(ctx, d)
}

func (l *late) Walk(ctx context.Context, fn func(digest.Digest) error) error {
	s, err := l.store(ctx)
	if err != nil {
		return err
	}
	return s.Walk(ctx, fn)
}

var placeName = pattern.Late(`^[A-Z][A-Z0-9_]{0,30}$`)

// PlaceOf returns the store that a person names: main or second, dir:PATH, or
// env:NAME for what the environment says with SOHOA_NAME_DIR or
// SOHOA_NAME_S3_ENDPOINT and the rest.
func PlaceOf(name string, s Settings, getenv func(string) string) (Place, error) {
	kind, what, _ := strings.Cut(name, ":")
	switch {
	case name == string(fixity.Main):
		return s.main(), nil
	case name == string(fixity.Second) && s.Second.set():
		return s.Second, nil
	case name == string(fixity.Second):
		return Place{}, errors.New("there is no second store: set SOHOA_SECOND_DIR or SOHOA_SECOND_S3_ENDPOINT")
	case kind == "dir" && what != "":
		dir, err := filepath.Abs(what)
		return Place{Dir: dir}, err
	case kind == "env" && placeName().MatchString(what):
		if p := readPlace(getenv, "SOHOA_"+what); p.set() {
			return p, nil
		}
		return Place{}, fmt.Errorf("neither SOHOA_%s_DIR nor SOHOA_%s_S3_ENDPOINT is set", what, what)
	}
	return Place{}, fmt.Errorf("%q names no store: main, second, dir:PATH or env:NAME", name)
}

// policy reads how often and how fast files are looked at; what is no number is
// so small that it is refused.
func policy(everyDays, pace string) fixity.Policy {
	p := fixity.Default
	if everyDays != "" {
		p.Every = days(everyDays)
	}
	if n, err := strconv.ParseInt(pace, 10, 64); pace != "" && (err != nil || n < 0 || n > 1<<20) {
		p.Pace = -1
	} else if pace != "" {
		p.Pace = n << 20
	}
	return p
}

func checkPolicy(p fixity.Policy) error {
	switch {
	case p.Every != 0 && p.Every < 24*time.Hour:
		return errors.New("SOHOA_FIXITY_DAYS: a number of days, 1 or more")
	case p.Pace < 0:
		return errors.New("SOHOA_FIXITY_PACE: mebibytes in a second; 0: no limit")
	}
	return nil
}
