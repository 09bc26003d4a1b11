package durable

import (
	"path/filepath"
	"testing"
	"time"
)

// Who comes second waits until the first lets go, as if they were of another process: each
// asks by an open file of its own.
func TestLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.lock")
	release := Lock(path)
	got := make(chan struct{})
	go func() { defer close(got); Lock(path)() }()
	select {
	case <-got:
		t.Fatal("two have it")
	case <-time.After(100 * time.Millisecond):
	}
	release()
	select {
	case <-got:
	case <-time.After(10 * time.Second):
		t.Fatal("it is not let go")
	}
	Lock(filepath.Join(t.TempDir(), "none", "x"))() // nothing can be written there either
}
