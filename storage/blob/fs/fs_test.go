package fs_test

import (
	"bufio"
	"bytes"
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
	"syscall"
	"testing"
	"time"

	"sohoa/dossier/digest"
	"sohoa/storage/blob"
	"sohoa/storage/blob/blobtest"
	"sohoa/storage/blob/fs"
)

// putter makes this test binary a process that puts blobs until it is killed.
const putter = "SOHOA_TEST_PUT_INTO"

func TestMain(m *testing.M) {
	if dir := os.Getenv(putter); dir != "" {
		putForEver(dir)
	}
	os.Exit(m.Run())
}

func open(t *testing.T, dir string) *fs.Store {
	t.Helper()
	s, err := fs.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStore(t *testing.T) {
	blobtest.Run(t, func(t *testing.T) blob.Pruner { return open(t, filepath.Join(t.TempDir(), "new", "blobs")) })
}

func path(dir string, d digest.Digest) string { return filepath.Join(dir, d.String()[:2], d.String()) }

func underWay(t *testing.T, dir string) []os.DirEntry {
	t.Helper()
	left, err := os.ReadDir(filepath.Join(dir, "tmp"))
	if err != nil {
		t.Fatal(err)
	}
	return left
}

func TestKeptFilesAreReadOnly(t *testing.T) {
	dir := t.TempDir()
	d := blobtest.Put(t, open(t, dir), []byte("kept"))
	info, err := os.Stat(path(dir, d))
	if err != nil || info.Mode() != 0o444 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if left := underWay(t, dir); len(left) > 0 {
		t.Errorf("left under way: %v", left)
	}
}

// A file that rots on the disk is never read as good, and the next Put of the
// same bytes mends it.
func TestDamagedOnDisk(t *testing.T) {
	good := bytes.Repeat([]byte("good"), 20_000)
	for name, damage := range map[string]func(b []byte) []byte{
		"truncated": func(b []byte) []byte { return b[:len(b)-1] },
		"empty":     func([]byte) []byte { return nil },
		"longer":    func(b []byte) []byte { return append(b, 0) },
		"one bit":   func(b []byte) []byte { b[777] ^= 1; return b },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s := open(t, dir)
			d := blobtest.Put(t, s, good)
			if err := os.Chmod(path(dir, d), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path(dir, d), damage(bytes.Clone(good)), 0o600); err != nil {
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
			if info, err := os.Stat(path(dir, d)); err != nil || info.Mode() != 0o444 {
				t.Errorf("mended file: %v, %v", info.Mode(), err)
			}
		})
	}
}

// A large blob passes through without being held in memory.
func TestLargeBlobIsStreamed(t *testing.T) {
	const size = 64 << 20
	source := func() io.Reader { return io.LimitReader(rand.NewChaCha8([32]byte{1}), size) }
	h := sha256.New()
	if _, err := io.Copy(h, source()); err != nil {
		t.Fatal(err)
	}
	d := digest.Digest(h.Sum(nil))
	s := open(t, t.TempDir())
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
	// Some pieces of 256 KiB each way; the race detector has a pool forget some at random.
	if got := after.TotalAlloc - before.TotalAlloc; got > size/16 {
		t.Errorf("%d bytes were allocated for a blob of %d", got, size)
	}
}

// Open removes what the dead left, and nothing a living process still writes.
func TestLeftovers(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	dead := filepath.Join(dir, "tmp", "put-dead")
	if err := os.WriteFile(dead, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	note := filepath.Join(dir, "ab", "README")
	if err := os.WriteFile(note, []byte("an operator's"), 0o600); err != nil {
		t.Fatal(err)
	}
	b := bytes.Repeat([]byte("living"), 1000)
	pr, pw := io.Pipe()
	done := make(chan error)
	go func() { done <- s.Put(t.Context(), digest.Of(b), int64(len(b)), pr) }()
	if _, err := pw.Write(b[:100]); err != nil { // it is under way now
		t.Fatal(err)
	}
	other := open(t, dir)
	if left := underWay(t, dir); len(left) != 1 {
		t.Errorf("under way: %v, want the living one only", left)
	}
	if _, err := pw.Write(b[100:]); err != nil {
		t.Fatal(err)
	}
	pw.Close()
	if err := <-done; err != nil {
		t.Errorf("a Put met another Open: %v", err)
	}
	if got, err := blobtest.Get(t, other, digest.Of(b)); err != nil || !bytes.Equal(got, b) {
		t.Errorf("the other store: %v", err)
	}
	if _, err := os.Stat(note); err != nil {
		t.Errorf("a foreign file is gone: %v", err)
	}
}

// Stores open and put on one directory at once.
func TestTwoStores(t *testing.T) {
	dir := t.TempDir()
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			for i := range 20 {
				s, err := fs.Open(dir)
				if err != nil {
					t.Error(err)
					return
				}
				b := fmt.Appendf(nil, "blob %d", i)
				if err := s.Put(t.Context(), digest.Of(b), int64(len(b)), bytes.NewReader(b)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	n := 0
	if err := open(t, dir).Walk(t.Context(), func(digest.Digest) error { n++; return nil }); err != nil || n != 20 {
		t.Errorf("%d blobs, %v", n, err)
	}
}

// putForEver says each digest on its output once Put has returned.
func putForEver(dir string) {
	s, err := fs.Open(dir)
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	random := rand.NewChaCha8([32]byte{byte(os.Getpid()), byte(os.Getpid() >> 8)})
	for {
		b := make([]byte, 200_000)
		random.Read(b)
		d := digest.Of(b)
		if err := s.Put(noEnd{}, d, int64(len(b)), bytes.NewReader(b)); err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		fmt.Println(d)
	}
}

// noEnd is the context of a process that is only ever killed.
type noEnd struct{}

func (noEnd) Deadline() (time.Time, bool) { return time.Time{}, false }
func (noEnd) Done() <-chan struct{}       { return nil }
func (noEnd) Err() error                  { return nil }
func (noEnd) Value(any) any               { return nil }

// Killed at any moment, a process leaves every blob whose Put returned, no half
// blob under a name, and nothing under way after the next Open.
func TestKilled(t *testing.T) {
	dir := t.TempDir()
	said := map[digest.Digest]bool{}
	for round := range 8 {
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), putter+"="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for n := 0; lines.Scan(); n++ {
			d, err := digest.Parse(lines.Text())
			if err != nil {
				t.Fatal(lines.Text())
			}
			said[d] = true
			if n == 0 {
				time.AfterFunc(time.Duration(7*round)*time.Millisecond, func() { _ = cmd.Process.Signal(syscall.SIGKILL) })
			}
		}
		_ = cmd.Wait() // it was killed
	}
	s := open(t, dir)
	if left := underWay(t, dir); len(left) > 0 {
		t.Errorf("left under way: %v", left)
	}
	for d := range said {
		if _, err := blobtest.Get(t, s, d); err != nil {
			t.Errorf("lost: %v", err)
		}
	}
	kept := 0
	if err := s.Walk(t.Context(), func(d digest.Digest) error {
		kept++
		_, err := blobtest.Get(t, s, d)
		return err
	}); err != nil {
		t.Errorf("a half blob: %v", err)
	}
	if len(said) < 8 || kept < len(said) || kept > len(said)+8 {
		t.Errorf("%d blobs were said to be kept, %d are", len(said), kept)
	}
	t.Logf("%d said, %d kept", len(said), kept)
}

// A full disk keeps nothing half, says so, and takes the next file when there is
// room. It is a real one, of a megabyte, which only root may mount.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		t.Skip("no small disk can be mounted:", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	root := filepath.Join(dir, "blobs")
	s := open(t, root)
	filler := blobtest.Put(t, s, bytes.Repeat([]byte("filler"), 120_000))
	b := bytes.Repeat([]byte("too much"), 60_000)
	d := digest.Of(b)
	if err := s.Put(t.Context(), d, int64(len(b)), bytes.NewReader(b)); !errors.Is(err, syscall.ENOSPC) || errors.Is(err, blob.ErrCorrupt) {
		t.Errorf("Put = %v, want ENOSPC", err)
	}
	if _, err := s.Stat(t.Context(), d); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("something is kept: %v", err)
	}
	if left := underWay(t, root); len(left) > 0 {
		t.Errorf("left under way: %v", left)
	}
	if err := s.Remove(t.Context(), filler); err != nil {
		t.Fatal(err)
	}
	blobtest.Put(t, s, b)
}
