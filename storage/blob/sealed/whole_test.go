package sealed

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"testing"

	streaming "github.com/tink-crypto/tink-go/v2/streamingaead/subtle"

	"sohoa/dossier/digest"
	"sohoa/storage/blob"
	"sohoa/storage/blob/blobtest"
	"sohoa/storage/blob/mem"
)

// aroundSegments are sizes around the ends of segments, and the largest that is held whole.
var aroundSegments = []int{0, 1, perSegment - streamHead - 1, perSegment - streamHead, perSegment - streamHead + 1,
	2*perSegment - streamHead, 2*perSegment - streamHead + 1, 3*perSegment - streamHead - 1, 200_000, small - 1, small}

// larger ones are sealed and opened some segments at a time: sizes around the ends of
// these, too.
var larger = []int{small + 1, together - streamHead - 16*tagSize - 1, together - streamHead - 16*tagSize, together - streamHead - 16*tagSize + 1,
	together + 5*perSegment, 2*together - streamHead - 32*tagSize, 2*together - streamHead - 32*tagSize + 1, 3_000_000}

// What is sealed here Tink reads, and what Tink wrote is opened here, small or large: it
// is one format, whoever wrote it and when.
func TestStreamIsTinks(t *testing.T) {
	ring := newRing(t)
	for _, n := range append(aroundSegments, larger...) {
		plain := noise(n, 3)
		d := digest.Of(plain)
		for _, at := range []int{1, 7777, perSegment, 128 << 10, n} { // written in pieces
			var b bytes.Buffer
			if at == n && n <= small {
				sealed := make([]byte, sealedSize(int64(n)))
				if err := ring.sealWhole(sealed, d, plain); err != nil {
					t.Fatal(err)
				}
				b.Write(sealed)
			} else if at > n || at < 1000 && n > 70_000 {
				continue
			} else if err := ring.seal(&b, d, int64(n), func(w io.Writer) error {
				for rest := plain; len(rest) > 0; rest = rest[min(at, len(rest)):] {
					if _, err := w.Write(rest[:min(at, len(rest))]); err != nil {
						return err
					}
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			if b.Len() != int(sealedSize(int64(n))) {
				t.Errorf("%d bytes take %d", n, b.Len())
			}
			if got, err := io.ReadAll(byTink(t, ring, b.Bytes())); err != nil || !bytes.Equal(got, plain) {
				t.Errorf("%d bytes sealed here, %d at once: Tink reads %d, %v", n, at, len(got), err)
			}
		}
		r, err := ring.open(io.NopCloser(bytes.NewReader(sealedByTink(t, ring, d, plain))), d)
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := r.(*openedWhole); ok != (n <= small) {
			t.Errorf("%d bytes are opened as %T", n, r)
		}
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, plain) {
			t.Errorf("%d bytes that Tink sealed: %d come back, %v", n, len(got), err)
		}
	}
}

// What is sealed is as many bytes as were said, and nothing else is.
func TestSealedIsAsLongAsSaid(t *testing.T) {
	plain := noise(small+100, 4)
	for _, n := range []int{small + 99, small + 101} {
		err := newRing(t).seal(io.Discard, digest.Of(plain), int64(n), func(w io.Writer) error { _, err := w.Write(plain); return err })
		if !errors.Is(err, blob.ErrCorrupt) {
			t.Errorf("%d bytes of %d: %v", len(plain), n, err)
		}
	}
}

// Of a large blob no segment comes out that was altered, moved, or is not the end where
// the stream ends; what was cut is told from what was altered.
func TestNothingAlteredComesOutOfALargeOne(t *testing.T) {
	ring := newRing(t)
	base := &mem.Store{}
	s := New(base, ring)
	plain := noise(together+3*segment, 9)
	d := blobtest.Put(t, s, plain)
	good := lies(t, base, ring.name(d))
	at := func(segments int) int { return headerSize + segments*segment }
	swapped := bytes.Clone(good)
	copy(swapped[at(2):at(3)], good[at(3):at(4)])
	copy(swapped[at(3):at(4)], good[at(2):at(3)])
	cases := map[string][]byte{"cut at the end of a segment": good[:at(5)], "cut at the end of those read at once": good[:at(16)], "cut in its head": good[:headerSize+3],
		"swapped": swapped, "longer": append(bytes.Clone(good), 0)}
	for _, i := range []int{headerSize, headerSize + 1, headerSize + streamHead, at(1) - 1, at(1), at(15) + 8, at(16) - 1, at(16), at(17), len(good) - 1} {
		altered := bytes.Clone(good)
		altered[i] ^= 1
		cases[fmt.Sprint("byte ", i)] = altered
	}
	for what, b := range cases {
		lay(t, base, ring.name(d), b)
		got, err := blobtest.Get(t, s, d)
		if !errors.Is(err, blob.ErrCorrupt) || !bytes.HasPrefix(plain, got) {
			t.Errorf("%s: %d bytes come out, %v", what, len(got), err)
		}
		if cut := len(b) < len(good); errors.Is(err, ErrCut) != cut {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// stream is Tink's, which says what the format is.
func stream(dataKey []byte) (*streaming.AESGCMHKDF, error) {
	return streaming.NewAESGCMHKDF(dataKey, "SHA256", keySize, segment, 0)
}

// sealedByTink is a blob whose stream Tink wrote alone.
func sealedByTink(t *testing.T, ring *Ring, d digest.Digest, plain []byte) []byte {
	t.Helper()
	dataKey := make([]byte, keySize)
	rand.Read(dataKey)
	header, err := ring.header(dataKey, d, int64(len(plain)))
	if err != nil {
		t.Fatal(err)
	}
	aead, err := stream(dataKey)
	if err != nil {
		t.Fatal(err)
	}
	b := bytes.NewBuffer(bytes.Clone(header))
	w, err := aead.NewEncryptingWriter(b, header)
	if err == nil {
		_, err = w.Write(plain)
	}
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
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
