package sealed

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"testing"

	"sohoa/dossier/digest"
	"sohoa/storage/blob"
	"sohoa/storage/blob/blobtest"
	"sohoa/storage/blob/mem"
)

// aroundSegments are sizes around the ends of segments, and the largest that is held whole.
var aroundSegments = []int{0, 1, perSegment - streamHead - 1, perSegment - streamHead, perSegment - streamHead + 1,
	2*perSegment - streamHead, 2*perSegment - streamHead + 1, 3*perSegment - streamHead - 1, 200_000, small - 1, small}

// What is sealed in one go Tink reads, and what Tink wrote is opened in one go: it is
// one format, whoever wrote it and when.
func TestStreamIsTinks(t *testing.T) {
	ring := newRing(t)
	for _, n := range aroundSegments {
		plain := noise(n, 3)
		d := digest.Of(plain)
		sealed := make([]byte, sealedSize(int64(n)))
		if err := ring.sealWhole(sealed, d, plain); err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(byTink(t, ring, sealed)); err != nil || !bytes.Equal(got, plain) {
			t.Errorf("%d bytes sealed in one go: Tink reads %d, %v", n, len(got), err)
		}
		var b bytes.Buffer
		if err := ring.seal(&b, d, int64(n), func(w io.Writer) error { _, err := w.Write(plain); return err }); err != nil {
			t.Fatal(err)
		}
		r, err := ring.open(io.NopCloser(&b), d)
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := r.(*openedWhole); !ok {
			t.Errorf("%d bytes are opened as %T", n, r)
		}
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, plain) {
			t.Errorf("%d bytes that Tink sealed: %d come back, %v", n, len(got), err)
		}
	}
}

// byTink reads the stream of a sealed blob with Tink alone.
func byTink(t *testing.T, ring *Ring, sealed []byte) io.Reader {
	t.Helper()
	header := sealed[:headerSize]
	aead, err := gcm(ring.newest().secret)
	if err != nil {
		t.Fatal(err)
	}
	front := len(magic) + idSize
	inner, err := aead.Open(nil, header[front:front+nonceSize], header[front+nonceSize:], header[:front])
	if err != nil {
		t.Fatal(err)
	}
	secret, err := stream(inner[:keySize])
	if err != nil {
		t.Fatal(err)
	}
	r, err := secret.NewDecryptingReader(bytes.NewReader(sealed[headerSize:]), header)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Of a small blob that was altered anywhere, or cut anywhere, nothing comes out.
func TestNothingOfAnAlteredOneComesOut(t *testing.T) {
	ring := newRing(t)
	base := &mem.Store{}
	s := New(base, ring)
	d := blobtest.Put(t, s, noise(70_000, 9))
	good := lies(t, base, ring.name(d))
	for at := range good {
		if at > headerSize+50 && at%997 > 0 && at < len(good)-20 {
			continue
		}
		altered := bytes.Clone(good)
		altered[at] ^= 1
		for _, b := range [][]byte{altered, good[:at]} {
			lay(t, base, ring.name(d), b)
			if got, err := blobtest.Get(t, s, d); len(got) > 0 || !errors.Is(err, blob.ErrCorrupt) && !errors.Is(err, ErrKey) {
				t.Fatalf("byte %d, %d of them: %d bytes came out, %v", at, len(b), len(got), err)
			}
		}
	}
}

// A small blob whose bytes are not those of its digest is nowhere when Put has said
// so, though they were written before they were hashed.
func TestSmallWrongBytesAreNotKept(t *testing.T) {
	base := &mem.Store{}
	s := New(base, newRing(t))
	right := []byte("giấy khai sinh")
	if err := s.Put(t.Context(), digest.Of(right), int64(len(right)), bytes.NewReader([]byte("giấy khai sinH"))); !errors.Is(err, blob.ErrCorrupt) {
		t.Errorf("%v", err)
	}
	if err := base.Names(t.Context(), func(name string) error { t.Errorf("%s is kept", name); return nil }); err != nil {
		t.Error(err)
	}
}

// Memory that is used again belongs to one reader at a time, and to none that was closed.
func TestClosedGivesNothing(t *testing.T) {
	s := New(&mem.Store{}, newRing(t))
	b := make([]byte, 100_000)
	rand.Read(b)
	d := blobtest.Put(t, s, b)
	first, err := s.Open(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	half := make([]byte, 50_000)
	if _, err := io.ReadFull(first, half); err != nil {
		t.Fatal(err)
	}
	blobtest.Put(t, s, noise(100_000, 4)) // takes memory of its own
	rest, err := io.ReadAll(first)
	if err != nil || !bytes.Equal(append(half, rest...), b) {
		t.Errorf("%d bytes, %v", len(rest), err)
	}
	if err := first.Close(); err != nil {
		t.Error(err)
	}
	if n, err := first.Read(half); n != 0 || err == nil || errors.Is(err, io.EOF) {
		t.Errorf("after Close: %d, %v", n, err)
	}
	_ = first.Close() // twice harms nobody
	one, two := taken(1000), taken(1000)
	if &(*one)[0] == &(*two)[0] {
		t.Error("two have the same memory")
	}
}

// Whoever has the ring can still not put other bytes under a digest: tags hold, SHA-256
// does not.
func TestTagsAreNotEnough(t *testing.T) {
	ring, base := newRing(t), &mem.Store{}
	d, other := digest.Of([]byte("là")), []byte("khác")
	forged := make([]byte, sealedSize(int64(len(other))))
	if err := ring.sealWhole(forged, d, other); err != nil {
		t.Fatal(err)
	}
	lay(t, base, ring.name(d), forged)
	if got, err := blobtest.Get(t, New(base, ring), d); len(got) > 0 || !errors.Is(err, blob.ErrCorrupt) {
		t.Errorf("%q, %v", got, err)
	}
}
