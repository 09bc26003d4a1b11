package durable

import (
	"io"
	"os"
	"sync/atomic"
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
	busy                atomic.Bool
}

// Write implements [io.Writer].
func (w *flowing) Write(p []byte) (int, error) {
	n, err := w.f.Write(p)
	if w.size += int64(n); (w.size-w.flowed >= flow || w.size == w.whole && n > 0) && w.busy.CompareAndSwap(false, true) {
		from, bytes := w.flowed, w.size-w.flowed
		w.flowed = w.size
		if w.size < flow { // all of a small file: another goroutine would come later than the sync
			w.send(from, bytes)
		} else {
			go w.send(from, bytes) // a disk that has much to do makes whoever sends wait
		}
	}
	return n, err
}

func (w *flowing) send(from, bytes int64) {
	defer w.busy.Store(false)
	c, err := w.f.SyscallConn()
	if err != nil {
		return
	}
	_ = c.Control(func(fd uintptr) { // that fails if the file is closed, and keeps it open meanwhile
		const write = 2 // SYNC_FILE_RANGE_WRITE: begin, and wait for nothing
		_ = syscall.SyncFileRange(int(fd), from, bytes, write)
	})
}
