package durable

import (
	"errors"
	"os"
	"syscall"
)

// Lock keeps every other process, and whoever else asks in this one, from what the file at
// path stands for until release is called; it waits for who has it. The file is made if it
// is not there, is empty, and stays: who removed it would let two in. Where it cannot be
// made nobody is kept out, as nothing can be written beside it either. On network shares
// it holds if they pass locks on (NFS 4 and CephFS do).
func Lock(path string) (release func()) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return func() {}
	}
	for errors.Is(syscall.Flock(int(f.Fd()), syscall.LOCK_EX), syscall.EINTR) {
	}
	return func() { _ = f.Close() } // which unlocks
}
