package sealed

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"sohoa/dossier/digest"
	"sohoa/storage/blob"
	"sohoa/storage/blob/blobtest"
	"sohoa/storage/blob/fs"
	"sohoa/storage/blob/mem"
)

func newRing(t *testing.T) *Ring {
	t.Helper()
	r, err := NewRing(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestStore(t *testing.T) {
	t.Run("mem", func(t *testing.T) {
		blobtest.Run(t, func(t *testing.T) blob.Pruner { return New(&mem.Store{}, newRing(t)) })
	})
	t.Run("fs", func(t *testing.T) {
		blobtest.Run(t, func(t *testing.T) blob.Pruner {
			base, err := fs.Open(filepath.Join(t.TempDir(), "blobs"))
			if err != nil {
				t.Fatal(err)
			}
			return New(base, newRing(t))
		})
	})
}

func noise(n int, seed byte) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{seed}).Read(b)
	return b
}

// Sizes around the ends of segments come back whole, and the size that lies
// there is the one that was foretold, in both directions.
func TestSizes(t *testing.T) {
	base := &mem.Store{}
	s := New(base, newRing(t))
	for _, n := range []int{0, 1, perSegment - streamHead - 1, perSegment - streamHead, perSegment - streamHead + 1,
		2*perSegment - streamHead, 2*perSegment - streamHead + 1, 3*perSegment - streamHead - 1, 200_000} {
		b := noise(n, 1)
		d := blobtest.Put(t, s, b)
		if got, err := blobtest.Get(t, s, d); err != nil || !bytes.Equal(got, b) {
			t.Errorf("%d: %d bytes, %v", n, len(got), err)
		}
		lies, err := base.Size(t.Context(), s.ring.name(d))
		if err != nil || lies != sealedSize(int64(n)) || plainSize(lies) != int64(n) {
			t.Errorf("%d: %d lie there, want %d, back %d, %v", n, lies, sealedSize(int64(n)), plainSize(lies), err)
		}
	}
}

// Nothing of a blob shows at the base: not its bytes, not its digest, and the
// same blob sealed twice is not the same bytes, but the same name.
func TestNothingShows(t *testing.T) {
	ring := newRing(t)
	one, two := &mem.Store{}, &mem.Store{}
	plain := bytes.Repeat([]byte("Nguyễn Văn An 012345678901 "), 4000)
	d := blobtest.Put(t, New(one, ring), plain)
	blobtest.Put(t, New(two, ring), plain)
	a, b := lies(t, one, ring.name(d)), lies(t, two, ring.name(d))
	if bytes.Contains(a, []byte("012345678901")) || bytes.Contains(a, d[:]) || strings.Contains(ring.name(d), d.String()[:16]) || bytes.Equal(a[headerSize:], b[headerSize:]) {
		t.Error("something shows")
	}
	if ring.name(d) == newRing(t).name(d) {
		t.Error("two rings give one name")
	}
}

func lies(t *testing.T, base *mem.Store, name string) []byte {
	t.Helper()
	r, err := base.Take(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func lay(t *testing.T, base blob.Base, name string, b []byte) {
	t.Helper()
	if err := base.Lay(t.Context(), name, int64(len(b)), true, func(w io.Writer) error { _, err := w.Write(b); return err }); err != nil {
		t.Fatal(err)
	}
}

// Whatever is done to what lies there has its own error, gives no wrong byte out
// as the end of a good blob, and is mended by the next Put; but a key that is
// lacking is no damage, and mends nothing.
func TestTampering(t *testing.T) {
	ring := newRing(t)
	plain := noise(3*perSegment, 7)
	other := noise(3*perSegment, 8)
	first, last := headerSize, 2*segment+headerSize
	for name, c := range map[string]struct {
		change func(b, other []byte) []byte
		want   error
	}{
		"magic":               {func(b, _ []byte) []byte { b[0]++; return b }, ErrHeader},
		"wrapped key":         {func(b, _ []byte) []byte { b[60]++; return b }, ErrHeader},
		"nonce":               {func(b, _ []byte) []byte { b[17]++; return b }, ErrHeader},
		"header of another":   {func(b, o []byte) []byte { return append(bytes.Clone(o[:headerSize]), b[headerSize:]...) }, ErrSwapped},
		"another blob":        {func(_, o []byte) []byte { return o }, ErrSwapped},
		"body of another":     {func(b, o []byte) []byte { return append(bytes.Clone(b[:headerSize]), o[headerSize:]...) }, ErrSegment},
		"key id":              {func(b, _ []byte) []byte { b[9]++; return b }, ErrKey},
		"first segment":       {func(b, _ []byte) []byte { b[first+100]++; return b }, ErrSegment},
		"salt":                {func(b, _ []byte) []byte { b[first+5]++; return b }, ErrSegment},
		"middle segment":      {func(b, _ []byte) []byte { b[first+segment+9]++; return b }, ErrSegment},
		"last tag":            {func(b, _ []byte) []byte { b[len(b)-1]++; return b }, ErrSegment},
		"order":               {func(b, _ []byte) []byte { return slicesSwapped(b, first+segment, last, segment-1000) }, ErrSegment},
		"last segment gone":   {func(b, _ []byte) []byte { return b[:first+3*segment] }, ErrCut},
		"middle segment gone": {func(b, _ []byte) []byte { return append(b[:first+segment:first+segment], b[last:]...) }, ErrSegment},
		"one byte short":      {func(b, _ []byte) []byte { return b[:len(b)-1] }, ErrCut},
		"header only":         {func(b, _ []byte) []byte { return b[:headerSize] }, ErrCut},
		"half a header":       {func(b, _ []byte) []byte { return b[:30] }, ErrCut},
		"empty":               {func([]byte, []byte) []byte { return nil }, ErrCut},
		"longer":              {func(b, _ []byte) []byte { return append(b, 0) }, ErrSegment},
	} {
		t.Run(name, func(t *testing.T) {
			base := &mem.Store{}
			s := New(base, ring)
			d, o := blobtest.Put(t, s, plain), blobtest.Put(t, s, other)
			lay(t, base, ring.name(d), c.change(bytes.Clone(lies(t, base, ring.name(d))), lies(t, base, ring.name(o))))
			_, err := blobtest.Get(t, s, d)
			if !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
			if errors.Is(err, blob.ErrCorrupt) == (c.want == ErrKey) {
				t.Errorf("%v: damage, or not", err)
			}
			err = s.Put(t.Context(), d, int64(len(plain)), bytes.NewReader(plain))
			if c.want == ErrKey {
				if !errors.Is(err, ErrKey) {
					t.Errorf("Put over what cannot be read: %v", err)
				}
				return
			}
			if got, gerr := blobtest.Get(t, s, d); err != nil || gerr != nil || !bytes.Equal(got, plain) {
				t.Errorf("not mended: %v, %v", err, gerr)
			}
		})
	}
}

// slicesSwapped swaps n bytes at two places.
func slicesSwapped(b []byte, i, j, n int) []byte {
	x := bytes.Clone(b[i : i+n])
	copy(b[i:i+n], b[j:j+n])
	copy(b[j:j+n], x)
	return b
}

// A base that breaks off is told as such, not as damage.
func TestBaseBreaksOff(t *testing.T) {
	ring := newRing(t)
	base := &mem.Store{}
	d := blobtest.Put(t, New(base, ring), noise(3*perSegment, 7))
	for _, after := range []int64{0, 50, int64(headerSize), int64(headerSize) + 20, segment + 1000} {
		s := New(breaking{base, after}, ring)
		if _, err := blobtest.Get(t, s, d); !errors.Is(err, blob.ErrUnavailable) || errors.Is(err, blob.ErrCorrupt) {
			t.Errorf("after %d: %v", after, err)
		}
	}
}

type breaking struct {
	blob.Base
	after int64
}

func (b breaking) Take(ctx context.Context, name string) (io.ReadCloser, error) {
	r, err := b.Base.Take(ctx, name)
	if err != nil {
		return nil, err
	}
	return io.NopCloser(io.MultiReader(io.LimitReader(r, b.after), failing{})), nil
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, blob.ErrUnavailable }

// A house of plain and sealed blobs is read as one, and sealed one by one;
// damaged ones are left as they are.
func TestSeal(t *testing.T) {
	base := &mem.Store{}
	a, b, c := blobtest.Put(t, base, []byte("a")), blobtest.Put(t, base, []byte("b")), blobtest.Put(t, base, []byte("c"))
	s := New(base, newRing(t))
	d := blobtest.Put(t, s, []byte("d"))
	base.Damage(c, []byte("C"))
	for x, want := range map[digest.Digest]string{a: "a", b: "b", d: "d"} {
		if got, err := blobtest.Get(t, s, x); err != nil || string(got) != want {
			t.Errorf("%q, %v", got, err)
		}
		if n, err := s.Stat(t.Context(), x); n != 1 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
	}
	blobtest.Put(t, s, []byte("b")) // sealed now, and still there unsealed
	count := func(walk func(context.Context, func(digest.Digest) error) error) (n int) {
		seen := map[digest.Digest]bool{}
		if err := walk(t.Context(), func(d digest.Digest) error { seen[d] = true; n++; return nil }); err != nil || len(seen) != n {
			t.Errorf("%v, %d of %d", err, len(seen), n)
		}
		return n
	}
	if n, m := count(s.Walk), count(s.Unsealed); n != 4 || m != 3 {
		t.Errorf("%d blobs, %d unsealed", n, m)
	}
	for x, want := range map[digest.Digest]error{a: nil, b: nil, c: blob.ErrCorrupt} {
		if _, err := s.Seal(t.Context(), x); !errors.Is(err, want) {
			t.Errorf("Seal = %v, want %v", err, want)
		}
	}
	if n, m := count(s.Walk), count(s.Unsealed); n != 4 || m != 1 {
		t.Errorf("afterwards %d blobs, %d unsealed", n, m)
	}
	if got := lies(t, base, c.String()); string(got) != "C" {
		t.Errorf("the damaged one: %q", got)
	}
}

// A ring is opened by its key alone, keeps reading what earlier keys sealed, and
// is wrapped anew without a blob being touched.
func TestRing(t *testing.T) {
	dir := t.TempDir()
	wrapper := func(name string) Wrapper {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, NewKey(), 0o600); err != nil {
			t.Fatal(err)
		}
		w, err := FileWrapper(path)
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	one, two := wrapper("one"), wrapper("two")
	ring, base := newRing(t), &mem.Store{}
	old := blobtest.Put(t, New(base, ring), []byte("old"))
	before := lies(t, base, ring.name(old))
	text, err := ring.Write(t.Context(), one)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ReadRing(t.Context(), text, two); !errors.Is(err, ErrWrapper) {
		t.Errorf("by another key: %v", err)
	}
	again, err := ReadRing(t.Context(), text, one)
	if err != nil {
		t.Fatal(err)
	}
	again.Add(time.Now())
	if text, err = again.Write(t.Context(), two); err != nil {
		t.Fatal(err)
	}
	if again, err = ReadRing(t.Context(), text, two); err != nil {
		t.Fatal(err)
	}
	s := New(base, again)
	fresh := blobtest.Put(t, s, []byte("fresh"))
	for d, want := range map[digest.Digest]string{old: "old", fresh: "fresh"} {
		if got, err := blobtest.Get(t, s, d); err != nil || string(got) != want {
			t.Errorf("%q, %v", got, err)
		}
	}
	if !bytes.Equal(before, lies(t, base, ring.name(old))) {
		t.Error("a blob was rewritten")
	}
	if _, err := blobtest.Get(t, New(base, ring), fresh); !errors.Is(err, ErrKey) || errors.Is(err, blob.ErrCorrupt) {
		t.Errorf("with the ring of before: %v", err)
	}
	for i := range text {
		bad := bytes.Clone(text)
		bad[i] ^= 4
		if got, err := ReadRing(t.Context(), bad, two); err == nil && (got.name(old) != again.name(old) || len(got.keys) != 2) {
			t.Fatalf("altered at %d: read as another ring", i)
		} else if err == nil && got.newest().id != again.newest().id {
			t.Fatalf("altered at %d: another key", i)
		}
	}
}

func TestKeyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	for _, c := range []struct {
		text string
		mode os.FileMode
		want error
	}{{string(NewKey()), 0o640, ErrOpen}, {string(NewKey()), 0o604, ErrOpen}, {"abc", 0o600, errAny}, {strings.Repeat("a", 70), 0o600, errAny}, {"", 0o600, errAny}, {string(NewKey()), 0o400, nil}} {
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, c.mode); err != nil {
			t.Fatal(err)
		}
		_, err := FileWrapper(path)
		if (err == nil) != (c.want == nil) || errors.Is(c.want, ErrOpen) && !errors.Is(err, ErrOpen) {
			t.Errorf("%q %v: %v", c.text, c.mode, err)
		}
		if err != nil && len(c.text) > 60 && strings.Contains(err.Error(), c.text[:10]) {
			t.Errorf("the error tells the key: %v", err)
		}
		_ = os.Chmod(path, 0o600)
	}
	if _, err := FileWrapper(filepath.Dir(path)); !errors.Is(err, ErrOpen) {
		t.Errorf("a directory: %v", err)
	}
}

var errAny = errors.New("any")

// A large blob passes without being held in memory, both ways.
func TestLargeBlobIsStreamed(t *testing.T) {
	const size = 64 << 20
	source := func() io.Reader { return io.LimitReader(rand.NewChaCha8([32]byte{1}), size) }
	h := sha256.New()
	if _, err := io.Copy(h, source()); err != nil {
		t.Fatal(err)
	}
	base, err := fs.Open(filepath.Join(t.TempDir(), "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	s, d := New(base, newRing(t)), digest.Digest(h.Sum(nil))
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
	if got := after.TotalAlloc - before.TotalAlloc; got > 4<<20 {
		t.Errorf("%d bytes were allocated for a blob of %d", got, size)
	}
}

// A small blob is laid without a question, and one whose bytes were damaged gives way
// all the same.
func TestSmallIsNotAskedFor(t *testing.T) {
	base := &asked{Base: &mem.Store{}}
	s := New(base, newRing(t))
	b := bytes.Repeat([]byte("giấy "), 5000)
	d := digest.Of(b)
	for range 2 {
		if err := s.Put(t.Context(), d, int64(len(b)), bytes.NewReader(b)); err != nil || base.n != 0 {
			t.Fatalf("%d questions, %v", base.n, err)
		}
	}
	for name := range base.names(t) {
		if err := base.Lay(t.Context(), name, 3, true, func(w io.Writer) error { _, err := w.Write([]byte("xyz")); return err }); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Put(t.Context(), d, int64(len(b)), bytes.NewReader(b)); err != nil {
		t.Fatal(err)
	}
	r, err := s.Open(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, b) {
		t.Errorf("%d bytes of %d, %v", len(got), len(b), err)
	}
}

// asked counts how often it is asked for sizes.
type asked struct {
	blob.Base
	n int
}

func (a *asked) Size(ctx context.Context, name string) (int64, error) {
	a.n++
	return a.Base.Size(ctx, name)
}

func (a *asked) names(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	if err := a.Names(t.Context(), func(name string) error { names[name] = true; return nil }); err != nil || len(names) != 1 {
		t.Fatalf("%v, %v", names, err)
	}
	return names
}
