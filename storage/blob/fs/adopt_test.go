package fs_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"sohoa/dossier/digest"
	"sohoa/storage/blob"
	"sohoa/storage/blob/blobtest"
	"sohoa/storage/blob/mem"
)

func written(t *testing.T, dir string, b []byte) *os.File {
	t.Helper()
	f, err := os.CreateTemp(dir, "made-*")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Remove(f.Name()); f.Close() })
	if _, err := f.Write(b); err != nil {
		t.Fatal(err)
	}
	return f
}

// A file of one's own is what is kept, wherever it can be moved; the second of two
// equal ones is left, a damaged one is replaced, and from elsewhere a file is copied.
func TestPutFile(t *testing.T) {
	dir, temp := t.TempDir(), t.TempDir()
	s := open(t, dir)
	b := bytes.Repeat([]byte("paper "), 1<<17)
	f := written(t, temp, b)
	was, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	d, err := blob.PutFile(t.Context(), s, f)
	if err != nil || d != digest.Of(b) {
		t.Fatal(d, err)
	}
	is, err := os.Stat(path(dir, d))
	if err != nil || !os.SameFile(was, is) || is.Mode() != 0o444 {
		t.Errorf("another file is kept, or one that can be written to: %v, %v", is, err)
	}
	second := written(t, temp, b)
	if _, err := blob.PutFile(t.Context(), s, second); err != nil {
		t.Error("kept already:", err)
	}
	if now, err := os.Stat(path(dir, d)); err != nil || !os.SameFile(is, now) {
		t.Error("what is kept was replaced:", err)
	}
	if err := errors.Join(os.Chmod(path(dir, d), 0o600), os.WriteFile(path(dir, d), b[1:], 0o600)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := blob.Lent(t.Context(), s, d); !errors.Is(err, blob.ErrCorrupt) {
		t.Errorf("a damaged file is lent: %v", err)
	}
	if _, err := blob.PutFile(t.Context(), s, second); err != nil {
		t.Error("damaged:", err)
	}
	if got, err := blobtest.Get(t, s, d); err != nil || !bytes.Equal(got, b) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if lent, ok, err := blob.Lent(t.Context(), s, d); err != nil || !ok || lent != path(dir, d) {
		t.Errorf("lent: %q, %v", lent, err)
	}
	if _, _, err := blob.Lent(t.Context(), s, digest.Of(nil)); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("what is not there is lent: %v", err)
	}
	other := &mem.Store{}
	d, err = blob.PutFile(t.Context(), other, written(t, temp, b))
	if got, e := blobtest.Get(t, other, d); errors.Join(err, e) != nil || !bytes.Equal(got, b) {
		t.Errorf("a store that adopts nothing: %d bytes, %v, %v", len(got), err, e)
	}
	if _, ok, err := blob.Lent(t.Context(), other, d); ok || err != nil {
		t.Error("a store without files lends one:", err)
	}
	if away, err := os.MkdirTemp("/dev/shm", "sohoa-*"); err == nil { // another file system, nearly everywhere
		defer os.RemoveAll(away)
		d, err := blob.PutFile(t.Context(), s, written(t, away, b[:99]))
		if got, e := blobtest.Get(t, s, d); errors.Join(err, e) != nil || !bytes.Equal(got, b[:99]) {
			t.Errorf("from another file system: %q, %v, %v", got, err, e)
		}
	}
	if left, err := os.ReadDir(filepath.Join(dir, "tmp")); err != nil || len(left) != 0 {
		t.Errorf("left under way: %v, %v", left, err)
	}
}
