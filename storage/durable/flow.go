package durable

import (
	"io"
	"os"
	"syscall"
)

// flow is how many bytes are sent on to the disk at once: few, so that little is left
// for the sync at the end.
const flow = 1 << 20

// Flowing returns a writer of f for what is synced at its end: bytes are on their way to
// the disk while more of them are read, hashed or opened, so that the sync waits for
// little. After so many bytes the rest is sent on at once; less than 0: nobody knows how
// many there will be. It says nothing of what became of them: that is the sync's to say.
func Flowing(f *os.File, whole int64) io.Writer { return &flowing{f: f, whole: whole} }

type flowing struct {
	f                   *os.File
	whole, size, flowed int64 // bytes: of all, so far, of those that were sent on
}

// Write implements [io.Writer].
func (w *flowing) Write(p []byte) (int, error) {
	n, err := w.f.Write(p)
	if w.size += int64(n); w.size-w.flowed >= flow || w.size == w.whole && n > 0 {
		const write = 2 // SYNC_FILE_RANGE_WRITE: begin, and wait for nothing
		_ = syscall.SyncFileRange(int(w.f.Fd()), w.flowed, w.size-w.flowed, write)
		w.flowed = w.size
	}
	return n, err
}
