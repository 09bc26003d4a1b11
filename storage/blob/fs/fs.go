// Package fs keeps blobs as read-only files on a disk: ab/abcdef… for the blob
// whose digest starts with ab.
//
// A blob comes to be by a rename that replaces nothing (renameat2(2); by link(2)
// where a file system knows none), after its bytes have reached the disk: there is
// never a half one under its name. Files under way lie in tmp/, each locked
// by the process that writes it; what a killed process left there is removed
// by the next [Open]. Several processes may use one directory at once.
package fs

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"

	"sohoa/dossier/digest"
	"sohoa/storage/blob"
	"sohoa/storage/durable"
)

// A Store is a [blob.Pruner] on a directory.
type Store struct{ root string }

var (
	_ blob.Pruner = (*Store)(nil)
	_ blob.Base   = (*Store)(nil)

	_ blob.Adopter = (*Store)(nil)
	_ blob.Lender  = (*Store)(nil)
)

const tmp = "tmp"

// Open returns the store in the directory root, which is made if need be, on
// one file system that knows renameat2(2) or hard links. It removes what killed processes left
// under way.
func Open(root string) (*Store, error) {
	s := &Store{root: root}
	if err := s.prepare(); err != nil {
		return nil, fmt.Errorf("open store %s: %w", root, err)
	}
	return s, nil
}

// prepare makes all folders at once, so that no Put has to, and has them on the
// disk before the first blob is.
func (s *Store) prepare() error {
	_, err := os.Stat(s.root)
	fresh := errors.Is(err, fs.ErrNotExist)
	if err := os.MkdirAll(s.root, 0o700); err != nil {
		return err
	}
	names := []string{tmp}
	for i := range 256 {
		names = append(names, fmt.Sprintf("%02x", i))
	}
	for _, n := range names {
		if err := os.Mkdir(filepath.Join(s.root, n), 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	if err := syncDir(s.root); err != nil {
		return err
	}
	if fresh { // else the directory above may not be ours to open
		if err := syncDir(filepath.Dir(s.root)); err != nil {
			return err
		}
	}
	return s.sweep()
}

// sweep removes files under way that nobody holds a lock on.
func (s *Store) sweep() error {
	left, err := os.ReadDir(filepath.Join(s.root, tmp))
	if err != nil {
		return err
	}
	for _, e := range left {
		path := filepath.Join(s.root, tmp, e.Name())
		f, err := os.Open(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue // its writer was just done with it
		} else if err != nil {
			return err
		}
		if syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
			err = os.Remove(path)
		}
		f.Close()
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// kept is the mode of a blob: nobody writes to it again.
const kept = 0o444

// create makes a locked file under way. A sweep of another process can hit the
// moment between making and locking; then the file has lost its name, and
// another one is made.
func (s *Store) create() (*os.File, error) {
	for {
		f, err := os.OpenFile(filepath.Join(s.root, tmp, "put-"+rand.Text()), os.O_RDWR|os.O_CREATE|os.O_EXCL, kept)
		if err != nil {
			return nil, err
		}
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX)
		var st syscall.Stat_t
		if err == nil {
			err = syscall.Fstat(int(f.Fd()), &st)
		}
		if err == nil && st.Mode&0o777 != kept { // the process's umask took some of it
			err = f.Chmod(kept)
		}
		if err == nil && st.Nlink > 0 {
			return f, nil
		}
		os.Remove(f.Name())
		f.Close()
		if err != nil {
			return nil, err
		}
	}
}

func (s *Store) folder(name string) string { return filepath.Join(s.root, name[:2]) }

func (s *Store) path(name string) string { return filepath.Join(s.folder(name), name) }

// Put implements [blob.Store]. A blob that is already kept is read and checked;
// if it has been damaged on the disk, the bytes of r take its place.
func (s *Store) Put(ctx context.Context, d digest.Digest, size int64, r io.Reader) error {
	if err := s.put(ctx, d, size, r); err != nil {
		return fmt.Errorf("put %s: %w", d, err)
	}
	return nil
}

// Adopt implements [blob.Adopter].
func (s *Store) Adopt(ctx context.Context, d digest.Digest, size int64, f *os.File) error {
	there, replace, err := s.there(ctx, d, size)
	if there || err != nil {
		return err
	}
	if err := errors.Join(f.Chmod(kept), f.Sync()); err != nil {
		return err
	}
	move := fresh
	if replace {
		move = os.Rename
	}
	switch err := move(f.Name(), s.path(d.String())); {
	case errors.Is(err, unix.EXDEV):
		return errors.ErrUnsupported
	case err != nil && !errors.Is(err, fs.ErrExist): // by one who put the same bytes just now
		return fmt.Errorf("adopt %s: %w", d, err)
	}
	return syncDir(s.folder(d.String()))
}

// Lend implements [blob.Lender].
func (s *Store) Lend(d digest.Digest) (string, bool) { return s.path(d.String()), true }

// there says whether d is kept as it should be, or is to be replaced.
func (s *Store) there(ctx context.Context, d digest.Digest, size int64) (there, replace bool, err error) {
	kept, err := s.check(ctx, d)
	switch {
	case err == nil && kept == size:
		return true, false, syncDir(s.folder(d.String())) // whoever moved it there may not have come to this
	case err == nil:
		return false, false, fmt.Errorf("%w: %d bytes are kept, %d were announced", blob.ErrCorrupt, kept, size)
	case errors.Is(err, blob.ErrCorrupt):
		return false, true, nil // mend
	case errors.Is(err, blob.ErrNotFound):
		return false, false, nil
	}
	return false, false, err
}

func (s *Store) put(ctx context.Context, d digest.Digest, size int64, r io.Reader) error {
	there, replace, err := s.there(ctx, d, size)
	if there || err != nil {
		return err
	}
	err = s.Lay(ctx, d.String(), size, replace, func(w io.Writer) error { return blob.Copy(ctx, w, r, d, size) })
	if errors.Is(err, blob.ErrTaken) { // by one who put the same bytes just now
		return nil
	}
	return err
}

// Lay implements [blob.Base].
func (s *Store) Lay(ctx context.Context, name string, size int64, replace bool, write func(io.Writer) error) error {
	if !blob.ValidName(name) {
		return fmt.Errorf("lay %q: no name", name)
	}
	if !replace { // else everything is written and synced before the name says so
		if _, err := os.Lstat(s.path(name)); err == nil {
			return errors.Join(blob.ErrTaken, syncDir(s.folder(name)))
		}
	}
	f, err := s.create()
	if err != nil {
		return err
	}
	defer f.Close()
	moved := false
	defer func() { // before Close: a name without a lock is for the sweep
		if !moved {
			os.Remove(f.Name())
		}
	}()
	if err := errors.Join(write(durable.Flowing(f, size)), ctx.Err()); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	move := fresh
	if replace {
		move = os.Rename
	}
	if err = move(f.Name(), s.path(name)); errors.Is(err, fs.ErrExist) {
		err = blob.ErrTaken
	} else if err != nil {
		return err
	}
	moved = err == nil
	if err := syncDir(s.folder(name)); err != nil { // also of one who moved it there and may not have come to this
		return err
	}
	return err
}

// fresh gives a file a name that is free, in one step.
func fresh(from, to string) error {
	err := unix.Renameat2(unix.AT_FDCWD, from, unix.AT_FDCWD, to, unix.RENAME_NOREPLACE)
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSYS) { // the file system, or the kernel, knows no such rename
		return linked(from, to)
	} else if err != nil {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: err}
	}
	return nil
}

// linked is fresh in two steps.
func linked(from, to string) error {
	if err := os.Link(from, to); err != nil {
		return err
	}
	return os.Remove(from)
}

// Take implements [blob.Base].
func (s *Store) Take(_ context.Context, name string) (io.ReadCloser, error) {
	if !blob.ValidName(name) {
		return nil, fmt.Errorf("take %q: %w", name, blob.ErrNotFound)
	}
	f, err := os.Open(s.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("open %s: %w", name, blob.ErrNotFound)
	} else if err != nil {
		return nil, fmt.Errorf("open %s: %w", name, err)
	}
	return file{f}, nil
}

// A file is one whose bytes may be past reading: what a disk cannot give back
// any more is damaged, and may be mended.
type file struct{ *os.File }

func (f file) Read(p []byte) (int, error) {
	n, err := f.File.Read(p)
	if errors.Is(err, syscall.EIO) {
		err = fmt.Errorf("%w: %w", blob.ErrCorrupt, err)
	}
	return n, err
}

// check reads a kept blob to its end and returns its size.
func (s *Store) check(ctx context.Context, d digest.Digest) (int64, error) {
	r, err := s.Open(ctx, d)
	if err != nil {
		return 0, err
	}
	defer r.Close()
	return io.Copy(io.Discard, r)
}

// Open implements [blob.Store].
func (s *Store) Open(ctx context.Context, d digest.Digest) (io.ReadCloser, error) {
	f, err := s.Take(ctx, d.String())
	if err != nil {
		return nil, err
	}
	return blob.Checked(f, d), nil
}

// Raw returns the bytes of d as they lie, good or not.
func (s *Store) Raw(ctx context.Context, d digest.Digest) (io.ReadCloser, error) {
	return s.Take(ctx, d.String())
}

// Stat implements [blob.Store].
func (s *Store) Stat(ctx context.Context, d digest.Digest) (int64, error) {
	return s.Size(ctx, d.String())
}

// Size implements [blob.Base].
func (s *Store) Size(_ context.Context, name string) (int64, error) {
	if !blob.ValidName(name) {
		return 0, fmt.Errorf("stat %q: %w", name, blob.ErrNotFound)
	}
	info, err := os.Lstat(s.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, fmt.Errorf("stat %s: %w", name, blob.ErrNotFound)
	} else if err != nil {
		return 0, fmt.Errorf("stat %s: %w", name, err)
	}
	return info.Size(), nil
}

// Remove implements [blob.Pruner].
func (s *Store) Remove(ctx context.Context, d digest.Digest) error { return s.Drop(ctx, d.String()) }

// Drop implements [blob.Base].
func (s *Store) Drop(_ context.Context, name string) error {
	if !blob.ValidName(name) {
		return nil
	}
	err := os.Remove(s.path(name))
	if err == nil {
		err = syncDir(s.folder(name))
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove %s: %w", name, err)
	}
	return nil
}

// Walk implements [blob.Pruner], in the order of the digests.
func (s *Store) Walk(ctx context.Context, fn func(digest.Digest) error) error {
	return s.Names(ctx, func(name string) error {
		d, err := digest.Parse(name)
		if err != nil {
			return nil // not ours: sealed, or an operator's note
		}
		return fn(d)
	})
}

// Names implements [blob.Base], in the order of the names.
func (s *Store) Names(ctx context.Context, fn func(name string) error) error {
	for i := range 256 {
		folder := fmt.Sprintf("%02x", i)
		entries, err := os.ReadDir(filepath.Join(s.root, folder))
		if err != nil {
			return fmt.Errorf("walk: %w", err)
		}
		for _, e := range entries {
			if err := ctx.Err(); err != nil {
				return err
			}
			if !blob.ValidName(e.Name()) || e.Name()[:2] != folder {
				continue // not ours: an operator's note, a file of a backup program
			}
			if err := fn(e.Name()); err != nil {
				return err
			}
		}
	}
	return nil
}

// syncDir makes the names in a directory durable.
func syncDir(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
