package archive

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"sohoa/dossier/digest"
	"sohoa/storage/blob"
	"sohoa/storage/blob/blobtest"
	"sohoa/storage/blob/fs"
	"sohoa/storage/blob/mem"
)

// counted counts what is put into it, and is away after so many.
type counted struct {
	Store
	puts, left atomic.Int32
}

func (c *counted) Put(ctx context.Context, d digest.Digest, size int64, r io.Reader) error {
	if c.left.Add(-1) < 0 {
		return blob.ErrUnavailable
	}
	c.puts.Add(1)
	return c.Store.Put(ctx, d, size, r)
}

func newTarget(t *testing.T, left int32) *counted {
	t.Helper()
	s, err := fs.Open(filepath.Join(t.TempDir(), "to"))
	if err != nil {
		t.Fatal(err)
	}
	c := &counted{Store: s}
	c.left.Store(left)
	return c
}

func source(t *testing.T, n int) (*mem.Store, []digest.Digest) {
	t.Helper()
	s := &mem.Store{}
	var all []digest.Digest
	for i := range n {
		all = append(all, blobtest.Put(t, s, fmt.Appendf(bytes.Repeat([]byte("x"), i), "%d", i)))
	}
	return s, all
}

// A copy that was broken off goes on with the rest: what is in the journal is
// not read again, what came between copy and journal is read and not sent.
func TestCopyGoesOn(t *testing.T) {
	from, all := source(t, 30)
	to := newTarget(t, 11)
	o := CopyOptions{Journal: filepath.Join(t.TempDir(), "journal"), Now: time.Now, AtOnce: 1}
	out, err := Copy(t.Context(), from, to, o)
	if !errors.Is(err, blob.ErrUnavailable) || out.Copied != 11 {
		t.Fatalf("%+v, %v", out, err)
	}
	b, err := os.ReadFile(o.Journal)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(o.Journal, b[:len(b)-20], 0o600); err != nil { // killed in the middle of the last line
		t.Fatal(err)
	}
	dry := o
	dry.Dry = true
	if out, err := Copy(t.Context(), from, to, dry); err != nil || out.Copied != 19 || out.Skipped != 10 || out.There != 1 || to.puts.Load() != 11 {
		t.Errorf("dry: %+v, %v", out, err)
	}
	to.left.Store(1000)
	out, err = Copy(t.Context(), from, to, o)
	if want := (Copied{Found: 30, Copied: 19, Bytes: out.Bytes, There: 1, Skipped: 10}); err != nil || out != want || to.puts.Load() != 30 {
		t.Errorf("%+v, %v, %d puts", out, err, to.puts.Load())
	}
	for _, d := range all {
		if _, err := blobtest.Get(t, to, d); err != nil {
			t.Error(err)
		}
	}
	if out, err = Copy(t.Context(), from, to, o); err != nil || out.Skipped != 30 {
		t.Errorf("once more: %+v, %v", out, err)
	}
}

// Damage at the source is told and copied nowhere; damage at the target is put
// right; the others go on.
func TestCopyDamaged(t *testing.T) {
	from, all := source(t, 8)
	to := newTarget(t, 100)
	if _, err := Copy(t.Context(), from, to, CopyOptions{Now: time.Now}); err != nil {
		t.Fatal(err)
	}
	extra := blobtest.Put(t, from, []byte("damaged at the source"))
	from.Damage(extra, []byte("Damaged at the source"))
	mendable := &mem.Store{}
	good := blobtest.Put(t, mendable, []byte("0")) // the first of the source
	mendable.Damage(good, []byte("1"))
	var told []digest.Digest
	out, err := Copy(t.Context(), from, mendable, CopyOptions{Now: time.Now, AtOnce: 1, Failed: func(d digest.Digest, _ error) { told = append(told, d) }})
	if !errors.Is(err, ErrIncomplete) || out.Failed != 1 || out.Copied != 8 || len(told) != 1 || told[0] != extra {
		t.Errorf("%+v, %v, %v", out, err, told)
	}
	if _, err := mendable.Stat(t.Context(), extra); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("damaged bytes at the target: %v", err)
	}
	for _, d := range all {
		if _, err := blobtest.Get(t, mendable, d); err != nil {
			t.Error(err)
		}
	}
}
