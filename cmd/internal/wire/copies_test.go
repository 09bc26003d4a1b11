package wire

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"

	"sohoa/dossier/digest"
	"sohoa/storage/blob"
	"sohoa/storage/blob/mem"
)

// A file is fetched once for all who read it, stays at hand for a while, and is
// removed when others came after it.
func TestCopies(t *testing.T) {
	store := &mem.Store{}
	var sums []digest.Digest
	for i := range 4 {
		b := []byte(fmt.Sprint("file ", i))
		sums = append(sums, digest.Of(b))
		if err := store.Put(t.Context(), sums[i], int64(len(b)), bytes.NewReader(b)); err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	c := &copies{blobs: store, temp: dir, most: 2}
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			path, done, err := c.get(t.Context(), sums[i%2])
			if err != nil {
				t.Error(err)
				return
			}
			defer done()
			if b, err := os.ReadFile(path); err != nil || string(b) != fmt.Sprint("file ", i%2) {
				t.Errorf("%q %v", b, err)
			}
		})
	}
	all.Wait()
	count := func() int {
		left, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		return len(left)
	}
	if n := count(); n != 2 {
		t.Errorf("%d files for two", n)
	}
	path, done, err := c.get(t.Context(), sums[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range sums[1:] {
		_, done, err := c.get(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		done()
	}
	if _, err := os.Stat(path); err != nil {
		t.Error("a file in use was removed")
	}
	if done(); count() != 2 {
		t.Errorf("%d files are at hand, not 2", count())
	}
	if _, _, err := c.get(t.Context(), digest.Of([]byte("nothing"))); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("a file that is not there: %v", err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := c.get(gone, digest.Of([]byte("nothing"))); err == nil || count() != 2 {
		t.Errorf("gone: %v, %d files", err, count())
	}
}
