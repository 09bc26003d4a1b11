// Package durable writes small files that say what is so: states, keys, manifests. When a
// function returns without an error, bytes and name are on the disk; killed at any moment,
// there is the file as it was or as it was to be, and nothing between. Objects of the
// archive are not its work: they go through package blob.
package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// beside ends the name of what is not whole yet. Nobody reads it, and the next
// [Replace] writes over it.
const beside = ".new"

// Replace puts b at path, whole or not at all, in the place of what may be there: written
// beside it, brought to the disk, renamed (rename(2) is atomic), and the name brought to
// the disk (fsync(2): that of the file does not do it). Of several at once for one path
// only one may write: the caller holds a lock.
func Replace(path string, b []byte, mode fs.FileMode) error {
	if err := os.Remove(path + beside); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := write(path+beside, b, mode); err != nil {
		return err
	}
	if err := os.Rename(path+beside, path); err != nil {
		return err
	}
	return Settle(filepath.Dir(path))
}

// New writes a file that was not there. One that is there stays as it is, and the error
// wraps [fs.ErrExist].
func New(path string, b []byte, mode fs.FileMode) error {
	if err := write(path, b, mode); err != nil {
		return err
	}
	return Settle(filepath.Dir(path))
}

func write(path string, b []byte, mode fs.FileMode) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

// Settle brings a file that is written, or the names in a folder, to the disk.
func Settle(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
