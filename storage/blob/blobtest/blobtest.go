// Package blobtest says in code what package blob says in words. A new kind of
// store is finished when Run passes against the real thing.
package blobtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"testing"
	"testing/iotest"

	"sohoa/dossier/digest"
	"sohoa/storage/blob"
)

// Run checks the stores that open returns. Each subtest gets an empty one.
func Run(t *testing.T, open func(*testing.T) blob.Pruner) {
	checks := map[string]func(*testing.T, blob.Pruner){
		"put, stat, open":        testRoundTrip,
		"put twice":              testPutTwice,
		"put the wrong bytes":    testPutWrong,
		"put the wrong size":     testPutWrongSize,
		"put from a torn line":   testPutTorn,
		"put after the end":      testPutCancelled,
		"absent":                 testAbsent,
		"read in small bits":     testSmallReads,
		"eight at the counter":   testConcurrent,
		"remove and put again":   testRemove,
		"walk sees what is kept": testWalk,
	}
	for _, name := range slices.Sorted(maps.Keys(checks)) {
		t.Run(name, func(t *testing.T) { checks[name](t, open(t)) })
	}
}

// Put keeps b in s, or fails the test.
func Put(t *testing.T, s blob.Store, b []byte) digest.Digest {
	t.Helper()
	d := digest.Of(b)
	if err := s.Put(t.Context(), d, int64(len(b)), bytes.NewReader(b)); err != nil {
		t.Fatal(err)
	}
	return d
}

// Get reads d to its end.
func Get(t *testing.T, s blob.Store, d digest.Digest) ([]byte, error) {
	t.Helper()
	r, err := s.Open(t.Context(), d)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(r)
	return b, errors.Join(err, r.Close())
}

// holds checks that exactly b is kept under its digest.
func holds(t *testing.T, s blob.Store, b []byte) {
	t.Helper()
	d := digest.Of(b)
	if n, err := s.Stat(t.Context(), d); err != nil || n != int64(len(b)) {
		t.Errorf("Stat = %d, %v, want %d", n, err, len(b))
	}
	if got, err := Get(t, s, d); err != nil || !bytes.Equal(got, b) {
		t.Errorf("Open gave %d bytes, %v, want %d", len(got), err, len(b))
	}
}

// lacks checks that nothing is kept at all.
func lacks(t *testing.T, s blob.Pruner, d digest.Digest) {
	t.Helper()
	if _, err := s.Stat(t.Context(), d); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("Stat = %v, want ErrNotFound", err)
	}
	if _, err := Get(t, s, d); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("Open = %v, want ErrNotFound", err)
	}
	if kept := walk(t, s); len(kept) > 0 {
		t.Errorf("kept: %v", kept)
	}
}

func walk(t *testing.T, s blob.Pruner) map[digest.Digest]bool {
	t.Helper()
	kept := map[digest.Digest]bool{}
	if err := s.Walk(t.Context(), func(d digest.Digest) error {
		if kept[d] {
			t.Errorf("%s came twice", d)
		}
		kept[d] = true
		return nil
	}); err != nil {
		t.Error(err)
	}
	return kept
}

func testRoundTrip(t *testing.T, s blob.Pruner) {
	for _, b := range [][]byte{{}, []byte("giấy tờ"), bytes.Repeat([]byte{0, 255, 13, 10}, 50_000)} {
		Put(t, s, b)
		holds(t, s, b)
	}
}

func testPutTwice(t *testing.T, s blob.Pruner) {
	b := []byte("twice")
	Put(t, s, b)
	Put(t, s, b)
	holds(t, s, b)
	if kept := walk(t, s); len(kept) != 1 {
		t.Errorf("kept: %v", kept)
	}
	if err := s.Put(t.Context(), digest.Of(b), 4, bytes.NewReader(b)); !errors.Is(err, blob.ErrCorrupt) {
		t.Errorf("Put of a kept blob with the wrong size = %v, want ErrCorrupt", err)
	}
	holds(t, s, b)
}

func testPutWrong(t *testing.T, s blob.Pruner) {
	d, b := digest.Of([]byte("claimed")), []byte("carried")
	if err := s.Put(t.Context(), d, int64(len(b)), bytes.NewReader(b)); !errors.Is(err, blob.ErrCorrupt) {
		t.Errorf("Put = %v, want ErrCorrupt", err)
	}
	lacks(t, s, d)
}

func testPutWrongSize(t *testing.T, s blob.Pruner) {
	b := bytes.Repeat([]byte("size"), 10_000)
	for _, size := range []int64{0, 1, int64(len(b)) - 1, int64(len(b)) + 1, -1} {
		if err := s.Put(t.Context(), digest.Of(b), size, bytes.NewReader(b)); !errors.Is(err, blob.ErrCorrupt) {
			t.Errorf("Put of %d bytes as %d = %v, want ErrCorrupt", len(b), size, err)
		}
	}
	lacks(t, s, digest.Of(b))
}

func testPutTorn(t *testing.T, s blob.Pruner) {
	b := bytes.Repeat([]byte("torn"), 50_000)
	torn := errors.New("the line is torn")
	r := io.MultiReader(bytes.NewReader(b[:120_000]), iotest.ErrReader(torn))
	if err := s.Put(t.Context(), digest.Of(b), int64(len(b)), r); !errors.Is(err, torn) {
		t.Errorf("Put = %v, want the reader's error", err)
	}
	lacks(t, s, digest.Of(b))
	Put(t, s, b)
	holds(t, s, b)
}

func testPutCancelled(t *testing.T, s blob.Pruner) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	b := []byte("too late")
	if err := s.Put(ctx, digest.Of(b), int64(len(b)), bytes.NewReader(b)); !errors.Is(err, context.Canceled) {
		t.Errorf("Put = %v, want context.Canceled", err)
	}
	lacks(t, s, digest.Of(b))
}

func testAbsent(t *testing.T, s blob.Pruner) {
	lacks(t, s, digest.Of([]byte("absent")))
	lacks(t, s, digest.Digest{})
}

// The last Read of a good blob is io.EOF however small the bits, and stays so.
func testSmallReads(t *testing.T, s blob.Pruner) {
	b := bytes.Repeat([]byte("bit"), 1000)
	r, err := s.Open(t.Context(), Put(t, s, b))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	got, err := io.ReadAll(iotest.OneByteReader(r))
	if err != nil || !bytes.Equal(got, b) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if n, err := r.Read(make([]byte, 8)); n != 0 || err != io.EOF {
		t.Errorf("after the end: %d, %v", n, err)
	}
}

// Eight put the same and their own at once, and read them back.
func testConcurrent(t *testing.T, s blob.Pruner) {
	same := bytes.Repeat([]byte("same"), 30_000)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			own := fmt.Appendf(nil, "own %d", i)
			for range 3 {
				for _, b := range [][]byte{same, own} {
					if err := s.Put(t.Context(), digest.Of(b), int64(len(b)), bytes.NewReader(b)); err != nil {
						t.Error(err)
					}
					holds(t, s, b)
				}
			}
		})
	}
	wg.Wait()
	if kept := walk(t, s); len(kept) != 9 {
		t.Errorf("%d blobs are kept, want 9", len(kept))
	}
}

func testRemove(t *testing.T, s blob.Pruner) {
	b := []byte("remove")
	d := Put(t, s, b)
	for range 2 {
		if err := s.Remove(t.Context(), d); err != nil {
			t.Errorf("Remove = %v", err)
		}
		lacks(t, s, d)
	}
	Put(t, s, b)
	holds(t, s, b)
}

func testWalk(t *testing.T, s blob.Pruner) {
	want := map[digest.Digest]bool{}
	for i := range 40 {
		want[Put(t, s, fmt.Appendf(nil, "blob %d", i))] = true
	}
	if kept := walk(t, s); !maps.Equal(kept, want) {
		t.Errorf("%d blobs seen, want %d", len(kept), len(want))
	}
	enough := errors.New("enough")
	calls := 0
	err := s.Walk(t.Context(), func(digest.Digest) error {
		calls++
		return enough
	})
	if !errors.Is(err, enough) || calls != 1 {
		t.Errorf("Walk = %v after %d calls", err, calls)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Walk(ctx, func(digest.Digest) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("Walk after the end = %v", err)
	}
}
