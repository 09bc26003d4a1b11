// Package doors are the ways by which a scanner lays files down over the network:
// SFTP, WebDAV and letters. Whoever comes in has an account that can do nothing else. They write
// new files into a directory of their own, see what of it waits, and read, replace or
// remove nothing.
//
// A file that is being sent lies under a hidden name, and gets its own when it is
// whole; a line that broke leaves the hidden one, which the same account may go on
// with. What has its name is taken by package drop.
package doors

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"sohoa/dossier/digest"
	"sohoa/dossier/drop"
)

// Limits of what one account may have lying there.
const (
	MostFiles = 2000
	MostBytes = 20 << 30
	// Forgotten is after how long what was never sent to its end is removed.
	Forgotten = 24 * time.Hour
)

// Errors of boxes. None says anything of others' files.
var (
	ErrName   = errors.New("not a name for a file here: one plain name, up to 215 bytes, not hidden, without folders")
	ErrExists = errors.New("a file of this name waits already; send it under another")
	ErrFull   = errors.New("too much waits here already; wait until it is taken")
	ErrLarge  = errors.New("the file is larger than the house takes")
	ErrBusy   = errors.New("this file is being sent already")
)

// A Spool is where the boxes of all accounts are.
type Spool struct {
	Dir   string
	Bytes int64 // of the largest file

	mu   sync.Mutex
	open map[string]bool
}

// Dir is the directory of the box of an account's door, which is made if need be.
func (s *Spool) dir(scanner string, from drop.Source) (string, error) {
	if scanner == "" || strings.ContainsAny(scanner, `/\.`) {
		return "", ErrName
	}
	dir := filepath.Join(s.Dir, scanner, string(from))
	return dir, os.MkdirAll(dir, 0o700)
}

// Box opens the box of an account's door; the caller closes it.
func (s *Spool) Box(scanner string, from drop.Source) (*Box, error) {
	dir, err := s.dir(scanner, from)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	return &Box{spool: s, key: dir, root: root}, nil
}

// A Box is what one account has lying by one door.
type Box struct {
	spool *Spool
	key   string
	root  *os.Root
}

// Close lets go of the directory.
func (b *Box) Close() error { return b.root.Close() }

// hidden is the name of a file while it is sent. It tells nothing of the real one.
func hidden(name string) string {
	sum := digest.Of([]byte(name))
	return "." + hex.EncodeToString(sum[:16]) + ".part"
}

// List returns what waits, in the order of names.
func (b *Box) List() (found []fs.FileInfo, err error) {
	d, err := b.root.Open(".")
	if err != nil {
		return nil, err
	}
	defer d.Close()
	all, err := d.Readdir(MostFiles + 100)
	if err != nil && err != io.EOF {
		return nil, err
	}
	for _, info := range all {
		if info.Mode().IsRegular() && drop.GoodName(info.Name()) {
			found = append(found, info)
		}
	}
	slices.SortFunc(found, func(a, b fs.FileInfo) int { return strings.Compare(a.Name(), b.Name()) })
	return found, nil
}

// Stat returns what is known of a file: one that waits, or as much as was sent of one.
func (b *Box) Stat(name string) (fs.FileInfo, error) {
	if !drop.GoodName(name) {
		return nil, fs.ErrNotExist
	}
	info, err := b.root.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		if info, err = b.root.Lstat(hidden(name)); err == nil {
			return called{info, name}, nil
		}
	}
	return info, err
}

type called struct {
	fs.FileInfo
	name string
}

func (c called) Name() string { return c.name }

// room says whether another file may be sent.
func (b *Box) room() error {
	d, err := b.root.Open(".")
	if err != nil {
		return err
	}
	defer d.Close()
	all, err := d.Readdir(MostFiles + 1)
	if err != nil && err != io.EOF {
		return err
	}
	var sum int64
	for _, info := range all {
		sum += info.Size()
	}
	if len(all) > MostFiles || sum > MostBytes {
		return ErrFull
	}
	return nil
}

// Create begins a file, or with resume goes on with one that broke off. One that
// waits is never written again.
func (b *Box) Create(name string, resume bool) (*Upload, error) {
	if !drop.GoodName(name) {
		return nil, ErrName
	}
	if _, err := b.root.Lstat(name); err == nil {
		return nil, ErrExists
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err := b.room(); err != nil {
		return nil, err
	}
	if !b.spool.hold(b.key+"/"+name, true) {
		return nil, ErrBusy
	}
	flags := os.O_WRONLY | os.O_CREATE | syscall.O_NOFOLLOW
	if !resume {
		flags |= os.O_TRUNC
	}
	f, err := b.root.OpenFile(hidden(name), flags, 0o600)
	if err != nil {
		b.spool.hold(b.key+"/"+name, false)
		return nil, err
	}
	return &Upload{b: b, f: f, name: name}, nil
}

// hold takes a name for one who writes, or gives it back.
func (s *Spool) hold(key string, take bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !take {
		delete(s.open, key)
		return true
	}
	if s.open == nil {
		s.open = map[string]bool{}
	}
	if s.open[key] {
		return false
	}
	s.open[key] = true
	return true
}

// Rename gives a file that was sent under a name for what is not whole its own name.
// Nothing else is renamed, and nothing replaced.
func (b *Box) Rename(from, to string) error {
	if !drop.GoodName(from) || !drop.GoodName(to) || !drop.IsPartial(from) || drop.IsPartial(to) {
		return ErrName
	}
	return b.name(from, to)
}

// name moves a file to a name that nothing has.
func (b *Box) name(from, to string) error {
	if err := b.root.Link(from, to); errors.Is(err, fs.ErrExist) {
		return ErrExists
	} else if err != nil {
		return err
	}
	if err := b.root.Remove(from); err != nil { // killed before, it has two names: see Tidy
		return err
	}
	d, err := b.root.Open(".")
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close()) // whoever sent it may forget it now
}

// An Upload is a file that is being sent.
type Upload struct {
	b    *Box
	f    *os.File
	name string
	at   int64
	bad  error
	done bool
}

// WriteAt writes what was sent, up to the limit.
func (u *Upload) WriteAt(p []byte, off int64) (int, error) {
	if off < 0 || off+int64(len(p)) > u.b.spool.Bytes {
		u.bad = ErrLarge
		return 0, ErrLarge
	}
	return u.f.WriteAt(p, off)
}

// Write goes on where the last one ended.
func (u *Upload) Write(p []byte) (int, error) {
	n, err := u.WriteAt(p, u.at)
	u.at += int64(n)
	return n, err
}

// Break says that the line broke: what there is stays, to go on with.
func (u *Upload) Break(err error) {
	if u.bad == nil && err != nil {
		u.bad = err
	}
}

// Close gives the file its name if it came whole; then it is durable.
func (u *Upload) Close() error {
	if u.done {
		return nil
	}
	u.done = true
	defer u.b.spool.hold(u.b.key+"/"+u.name, false)
	err := errors.Join(u.f.Sync(), u.f.Close())
	switch {
	case errors.Is(u.bad, ErrLarge):
		return errors.Join(ErrLarge, u.b.root.Remove(hidden(u.name)))
	case u.bad != nil:
		return u.bad
	case err != nil:
		return err
	}
	return u.b.name(hidden(u.name), u.name)
}

// Tidy removes what was never sent to its end, and the hidden name of what has its
// own. It is called while no door is open, and by the day.
func (s *Spool) Tidy(ctx context.Context, now time.Time) error {
	return filepath.WalkDir(s.Dir, func(p string, e fs.DirEntry, err error) error {
		if err != nil || ctx.Err() != nil || !strings.HasSuffix(p, ".part") || !e.Type().IsRegular() || !strings.HasPrefix(e.Name(), ".") {
			return ctx.Err()
		}
		info, err := e.Info()
		if err != nil {
			return nil
		}
		st, _ := info.Sys().(*syscall.Stat_t)
		if now.Sub(info.ModTime()) > Forgotten || st != nil && st.Nlink > 1 {
			_ = os.Remove(p)
		}
		return nil
	})
}
