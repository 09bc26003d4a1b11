//go:build s3

package s3

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"

	"sohoa/dossier/digest"
	"sohoa/storage/blob"
	"sohoa/storage/blob/blobtest"
	"sohoa/storage/blob/sealed"
)

// built names a server that somebody has built already.
const built = "SOHOA_TEST_S3"

// keepsNothing says that the server that was built is S3Proxy, which knows
// neither versions nor locks: what a bucket with those is to do is not asked of it.
func keepsNothing() bool { return os.Getenv(built+"_IS") == "s3proxy" }

// server is the address of a real S3 server that ends with this process.
var server = sync.OnceValues(func() (string, error) {
	program := os.Getenv(built)
	if program == "" {
		dir, err := os.MkdirTemp("", "s3-server-")
		if err != nil {
			return "", err
		}
		defer os.RemoveAll(dir)
		program = filepath.Join(dir, "server")
		if out, err := exec.Command("go", "build", "-C", "servertest", "-o", program, ".").CombinedOutput(); err != nil {
			return "", fmt.Errorf("%w: %s", err, out)
		}
	}
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), "SERVERTEST_ACCESS=somebody", "SERVERTEST_SECRET=nobody-knows")
	cmd.Stderr = os.Stderr
	leash, err := cmd.StdinPipe() // it ends when this does
	if err != nil {
		return "", err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := cmd.Start(); err != nil {
		return "", err
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if addr, ok := strings.CutPrefix(lines.Text(), "listening "); ok {
			go func() {
				_, _ = io.Copy(io.Discard, out)
				runtime.KeepAlive(leash)
			}()
			return addr, nil
		}
	}
	return "", errors.Join(errors.New("the server said nothing"), cmd.Wait())
})

var buckets atomic.Int32

func options(t *testing.T) Options {
	t.Helper()
	addr, err := server()
	if err != nil {
		t.Fatal(err)
	}
	return Options{Endpoint: "http://" + addr, Bucket: fmt.Sprintf("bucket-%d", buckets.Add(1)), Prefix: "a/house",
		AccessKey: "somebody", SecretKey: "nobody-knows", Create: true, Temp: t.TempDir(), Now: time.Now}
}

func open(t *testing.T, o Options) *Store {
	t.Helper()
	s, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStore(t *testing.T) {
	blobtest.Run(t, func(t *testing.T) blob.Pruner { return open(t, options(t)) })
}

// Everything also holds where every blob that is not empty goes in parts.
func TestStoreInParts(t *testing.T) {
	blobtest.Run(t, func(t *testing.T) blob.Pruner {
		s := open(t, options(t))
		s.oneGo = 0
		return s
	})
}

// Everything also holds for blobs that are sealed, whole and in parts, and of
// what is kept the server sees nothing.
func TestSealed(t *testing.T) {
	ring, err := sealed.NewRing(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for _, oneGo := range []int64{oneGo, 0} {
		blobtest.Run(t, func(t *testing.T) blob.Pruner {
			s := open(t, options(t))
			s.oneGo = oneGo
			return sealed.New(s, ring)
		})
	}
	base := open(t, options(t))
	d := blobtest.Put(t, sealed.New(base, ring), bytes.Repeat([]byte("giấy tờ "), 300_000))
	err = base.Names(t.Context(), func(name string) error {
		r, err := base.Take(t.Context(), name)
		if err != nil {
			return err
		}
		defer r.Close()
		b, err := io.ReadAll(r)
		if bytes.Contains(b, []byte("giấy tờ")) || name == d.String() {
			t.Error("the server sees it")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// New objects carry the lock that is configured, whole and in parts, and what is
// locked cannot be removed; a lock that cannot be ordered is refused at once.
func TestLockOnNewObjects(t *testing.T) {
	if keepsNothing() {
		t.Skip("the server keeps neither versions nor locks, as TestProbe says")
	}
	for lock, oneGo := range map[Lock]int64{{Mode: "governance", Days: 3}: oneGo, {Mode: "compliance", Days: 3}: 0, {Hold: true}: oneGo, {Mode: "governance", Days: 3, Hold: true}: 0} {
		o := options(t)
		o.Create = false
		plain := open(t, options(t)) // to make the bucket with
		if err := plain.core.MakeBucket(t.Context(), o.Bucket, minio.MakeBucketOptions{ObjectLocking: true}); err != nil {
			t.Fatal(err)
		}
		o.Lock = lock
		s := open(t, o)
		s.oneGo = oneGo
		d := blobtest.Put(t, s, bytes.Repeat([]byte("locked"), 1000))
		info, err := s.core.StatObject(t.Context(), s.bucket, s.key(d), minio.StatObjectOptions{})
		if until, terr := time.Parse(time.RFC3339, info.Metadata.Get("X-Amz-Object-Lock-Retain-Until-Date")); err != nil ||
			!strings.EqualFold(info.Metadata.Get("X-Amz-Object-Lock-Mode"), lock.Mode) || (info.Metadata.Get("X-Amz-Object-Lock-Legal-Hold") == "ON") != lock.Hold ||
			lock.Mode != "" && (terr != nil || until.Before(time.Now().AddDate(0, 0, 2))) {
			t.Errorf("%s: %v, %v", lock, info.Metadata, err)
		}
		if err := s.Remove(t.Context(), d); !errors.Is(err, ErrDenied) {
			t.Errorf("removed what is locked: %v", err)
		}
		if _, err := blobtest.Get(t, s, d); err != nil {
			t.Errorf("it is gone: %v", err)
		}
	}
	for _, wrong := range []Lock{{Mode: "governance"}, {Days: 3}, {Mode: "retention", Days: 3}, {Mode: "compliance", Days: -1}} {
		o := options(t)
		o.Lock = wrong
		if _, err := Open(t.Context(), o); !errors.Is(err, ErrLock) {
			t.Errorf("%+v: %v", wrong, err)
		}
	}
}

// Everything also holds in a bucket that keeps versions: what is removed is
// gone, not hidden.
func TestStoreWithVersions(t *testing.T) {
	if keepsNothing() {
		t.Skip("the server keeps neither versions nor locks, as TestProbe says")
	}
	blobtest.Run(t, func(t *testing.T) blob.Pruner { return versioned(t) })
	s := versioned(t)
	d := blobtest.Put(t, s, []byte("gone"))
	if err := s.Remove(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	for v := range s.core.ListObjectsIter(t.Context(), s.bucket, minio.ListObjectsOptions{WithVersions: true, Recursive: true}) {
		t.Errorf("left: %s %s, %v", v.Key, v.VersionID, v.Err)
	}
}

func versioned(t *testing.T) *Store {
	s := open(t, options(t))
	if err := s.core.EnableVersioning(t.Context(), s.bucket); err != nil {
		t.Fatal(err)
	}
	return s
}

// unfinished are the uploads that were begun and neither completed nor given up.
func unfinished(t *testing.T, s *Store) (keys []string) {
	t.Helper()
	if keepsNothing() { // nor does it list uploads
		return nil
	}
	for u := range s.core.ListIncompleteUploads(t.Context(), s.bucket, "", true) {
		if u.Err != nil {
			t.Fatal(u.Err)
		}
		keys = append(keys, u.Key)
	}
	return keys
}

// A blob of many parts comes back whole; the same with one byte wrong in the
// last part never has a name, and leaves no parts behind.
func TestParts(t *testing.T) {
	s := open(t, options(t))
	s.oneGo, s.part = 1<<20, 5<<20
	b := make([]byte, 12<<20)
	rand.NewChaCha8([32]byte{2}).Read(b)
	d := blobtest.Put(t, s, b)
	if got, err := blobtest.Get(t, s, d); err != nil || !bytes.Equal(got, b) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if err := s.Put(t.Context(), d, int64(len(b)), strings.NewReader("not read")); err != nil {
		t.Errorf("again: %v", err)
	}
	other := digest.Of(b[1:])
	b[len(b)-1]++
	if err := s.Put(t.Context(), other, int64(len(b)-1), bytes.NewReader(b[1:])); !errors.Is(err, blob.ErrCorrupt) {
		t.Errorf("wrong bytes: %v", err)
	}
	if _, err := s.Stat(t.Context(), other); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("wrong bytes have a name: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	r := io.MultiReader(bytes.NewReader(b[1:9<<20]), readerFunc(func([]byte) (int, error) { cancel(); return 0, nil }))
	if err := s.Put(ctx, other, int64(len(b)-1), r); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if left := unfinished(t, s); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// A large blob passes with one part in memory, not all.
func TestLargeBlobIsStreamed(t *testing.T) {
	const size = oneGo + 5<<20
	source := func() io.Reader { return io.LimitReader(rand.NewChaCha8([32]byte{1}), size) }
	h := sha256.New()
	if _, err := io.Copy(h, source()); err != nil {
		t.Fatal(err)
	}
	s, d := open(t, options(t)), digest.Digest(h.Sum(nil))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if err := s.Put(t.Context(), d, size, source()); err != nil {
		t.Fatal(err)
	}
	r, err := s.Open(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if n, err := io.Copy(io.Discard, r); err != nil || n != size {
		t.Fatalf("read %d, %v", n, err)
	}
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > partSize+8<<20 {
		t.Errorf("%d bytes were allocated for a blob of %d", got, size)
	}
}

// An object that changed behind our back is never read as good, and the next
// Put of the same bytes mends it, whether they go whole or in parts.
func TestDamagedOnTheServer(t *testing.T) {
	good := bytes.Repeat([]byte("good"), 20_000)
	for name, bad := range map[string][]byte{"shorter": good[:len(good)-1], "empty": {}, "another": []byte("evil"),
		"one bit": append([]byte("Good"), good[4:]...)} {
		for _, oneGo := range []int64{0, oneGo} {
			t.Run(fmt.Sprint(name, " ", oneGo), func(t *testing.T) {
				s := open(t, options(t))
				s.oneGo = oneGo
				d := blobtest.Put(t, s, good)
				// Not signed as a stream: of an empty one the server leaves the
				// last chunk unread, and chokes on it as the next request.
				plain := minio.PutObjectOptions{DisableContentSha256: true}
				if _, err := s.core.Client.PutObject(t.Context(), s.bucket, s.key(d), bytes.NewReader(bad), int64(len(bad)), plain); err != nil {
					t.Fatal(err)
				}
				if _, err := blobtest.Get(t, s, d); !errors.Is(err, blob.ErrCorrupt) {
					t.Errorf("Get = %v, want ErrCorrupt", err)
				}
				if err := s.Put(t.Context(), d, 7, strings.NewReader("not it!")); !errors.Is(err, blob.ErrCorrupt) {
					t.Errorf("mended with the wrong bytes: %v", err)
				}
				blobtest.Put(t, s, good)
				if got, err := blobtest.Get(t, s, d); err != nil || !bytes.Equal(got, good) {
					t.Errorf("not mended: %v", err)
				}
			})
		}
	}
}

// Other houses and other things in the bucket are not ours to see.
func TestOnlyOurs(t *testing.T) {
	o := options(t)
	one := open(t, o)
	o.Prefix = ""
	all := open(t, o)
	d := blobtest.Put(t, one, []byte("ours"))
	for _, key := range []string{"a/house/README", "a/house/zz/" + d.String(), "a/house2/" + d.String()[:2] + "/" + d.String()} {
		if _, err := all.core.Client.PutObject(t.Context(), o.Bucket, key, strings.NewReader("x"), 1, minio.PutObjectOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	for s, want := range map[*Store]int{one: 1, all: 0} {
		n := 0
		if err := s.Walk(t.Context(), func(digest.Digest) error { n++; return nil }); err != nil || n != want {
			t.Errorf("%q: %d blobs, %v, want %d", s.prefix, n, err, want)
		}
	}
}

// A list longer than a page of a thousand is walked to its end.
func TestWalkPages(t *testing.T) {
	s := open(t, options(t))
	const many = 1005
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := w; i < many; i += 4 {
				b := fmt.Appendf(nil, "%d", i)
				if err := s.Put(t.Context(), digest.Of(b), int64(len(b)), bytes.NewReader(b)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	n := 0
	if err := s.Walk(t.Context(), func(digest.Digest) error { n++; return nil }); err != nil || n != many {
		t.Errorf("%d blobs, %v, want %d", n, err, many)
	}
}

func TestDoors(t *testing.T) {
	o := options(t)
	o.Create = false
	if _, err := Open(t.Context(), o); err == nil || !strings.Contains(err.Error(), o.Bucket) {
		t.Errorf("a bucket that is not there: %v", err)
	}
	o.Create, o.SecretKey = true, "wrong"
	if _, err := Open(t.Context(), o); !errors.Is(err, ErrDenied) {
		t.Errorf("a wrong key: %v, want ErrDenied", err)
	}
}
