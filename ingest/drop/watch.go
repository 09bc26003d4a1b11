package drop

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/fsnotify/fsnotify"

	"sohoa/dossier/drop"
)

// Directories of an inbox in which nothing is looked for.
const (
	takenDir   = "taken"
	refusedDir = "refused"
)

// How far into an inbox files are looked for, how many in one look, and how many
// waiting ones are told of.
const (
	deepest  = 5
	mostSeen = 5000
	mostTold = 200
)

// hold is what a file was like at the last look.
type hold struct {
	size  int64
	mtime time.Time
	since time.Time
}

// A Watch looks after one inbox.
type Watch struct {
	Taker *Taker
	Inbox Inbox
	Every time.Duration // between looks, when nothing tells of changes
	Log   *slog.Logger

	// Silent is how long an inbox may take to answer one question before it is told that
	// it does not; 0: half a minute.
	Silent time.Duration

	seen map[string]hold

	asked atomic.Int64 // when the inbox was asked what it has not answered; 0: nothing

	saying  sync.Mutex // held while it is said what waits
	waiting []drop.Drop
	told    string // what was last said to wait
}

// looks looks at the inbox until ctx ends: whenever the system tells of a change there,
// and every so often, for what is on other machines nobody tells of. Nothing that
// lies there ends it.
func (w *Watch) looks(ctx context.Context) {
	answered := w.ask()
	events, errs, done := w.notified()
	answered()
	defer done()
	clock := time.NewTicker(w.Every)
	defer clock.Stop()
	trouble := ""
	for {
		n, err := w.Look(ctx)
		if trouble = w.report(ctx, trouble, err); err == nil && n > 0 {
			w.Log.InfoContext(ctx, "inbox", "inbox", w.Inbox.ID, "files", n)
		}
		select {
		case <-ctx.Done():
			return
		case <-clock.C:
		case <-errs: // an overflow: the look that comes sees everything
		case <-events:
			w.settle(ctx, events)
		}
	}
}

// report logs what is in the way of looks when it changes, and when it is over: a share
// that is away is looked for every few seconds.
func (w *Watch) report(ctx context.Context, before string, err error) (now string) {
	if ctx.Err() != nil {
		return before
	}
	if err != nil {
		now = plain(err).Error()
	}
	switch {
	case now == before:
	case err != nil:
		w.Log.ErrorContext(ctx, "inbox not looked at", "inbox", w.Inbox.ID, "err", now)
		w.tellAs(ctx, drop.Away)
	default:
		w.Log.InfoContext(ctx, "inbox looked at again", "inbox", w.Inbox.ID)
	}
	return now
}

// settle lets what came together be looked at together.
func (w *Watch) settle(ctx context.Context, events <-chan fsnotify.Event) {
	soon := time.NewTimer(100 * time.Millisecond)
	defer soon.Stop()
	for {
		select {
		case <-events:
		case <-soon.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

// notified has the system tell of changes in the inbox, if it can.
func (w *Watch) notified() (<-chan fsnotify.Event, <-chan error, func()) {
	n, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, nil, func() {}
	}
	_ = n.Add(w.Inbox.Dir) // where that is impossible, the clock does
	return n.Events, n.Errors, func() { _ = n.Close() }
}

// plain is an error without the path that it is of: names of files tell of people.
func plain(err error) error {
	var p *fs.PathError
	var l *os.LinkError
	switch {
	case errors.As(err, &p):
		return p.Err
	case errors.As(err, &l):
		return l.Err
	}
	return err
}

// Look takes what is whole now, and returns how many files ended one way or the other.
// A file that cannot be dealt with is left, and the others go on; the first such error
// is returned.
func (w *Watch) Look(ctx context.Context) (n int, err error) {
	answered := w.ask()
	root, err := os.OpenRoot(w.Inbox.Dir)
	answered()
	if err != nil {
		return 0, err
	}
	defer root.Close()
	if w.seen == nil {
		w.seen = map[string]hold{}
	}
	var waiting []drop.Drop
	found := map[string]hold{}
	for _, name := range w.list(root) {
		if ctx.Err() != nil {
			return n, nil
		}
		code, err1 := w.one(ctx, root, name, found)
		if err1 != nil {
			code, err = drop.NoRoom, errors.Join(err, plain(err1))
		}
		if code == "" {
			n++
			continue
		}
		waiting = append(waiting, drop.Drop{Agency: w.Inbox.Agency, Source: w.Inbox.Source, Scanner: w.Inbox.Scanner, Name: drop.CleanName(name), Size: found[name].size, Code: code})
	}
	w.seen = found
	return n, errors.Join(err, w.tell(ctx, waiting))
}

// tell says what waits, if that is other than before.
func (w *Watch) tell(ctx context.Context, waiting []drop.Drop) error {
	waiting = waiting[:min(len(waiting), mostTold)]
	w.saying.Lock()
	defer w.saying.Unlock()
	w.waiting = waiting
	return w.say(ctx, waiting)
}

// say says what waits, if that is other than before. Who calls it holds saying.
func (w *Watch) say(ctx context.Context, waiting []drop.Drop) error {
	var b strings.Builder
	b.WriteString("said")
	for _, d := range waiting {
		b.WriteString("\x00" + d.Name + "\x00" + d.Code)
	}
	if b.String() == w.told {
		return nil
	}
	if err := w.Taker.Rows.SetWaiting(ctx, w.Inbox.ID, waiting); err != nil {
		return err
	}
	w.told = b.String()
	return nil
}

// list names the regular files of an inbox, those that lie longest first of each
// folder, and none that is reached by a link.
func (w *Watch) list(root *os.Root) (names []string) {
	defer w.ask()()
	_ = fs.WalkDir(root.FS(), ".", func(p string, e fs.DirEntry, err error) error {
		w.ask() // it answered, and is asked for the next
		switch {
		case err != nil && p == ".":
			return err
		case err != nil:
			return nil // gone, or not ours to read: the others go on
		case len(names) >= mostSeen:
			return fs.SkipAll
		case e.IsDir() && (p == takenDir || p == refusedDir || strings.HasPrefix(e.Name(), ".") && p != "." || strings.Count(p, "/") >= deepest):
			return fs.SkipDir
		case e.Type().IsRegular():
			names = append(names, p)
		}
		return nil
	})
	slices.Sort(names)
	return names
}

// one deals with one file. It returns why the file waits, or "" when it does not.
func (w *Watch) one(ctx context.Context, root *os.Root, name string, found map[string]hold) (code string, err error) {
	answered := w.ask()
	info, err := root.Lstat(name)
	answered()
	if err != nil || !info.Mode().IsRegular() {
		return "", nil // gone, or another thing since: nothing to take
	}
	now := w.Taker.Door.Now()
	h := hold{info.Size(), info.ModTime(), now}
	if was, ok := w.seen[name]; ok && was.size == h.size && was.mtime.Equal(h.mtime) {
		h.since = was.since
	}
	found[name] = h
	st, _ := info.Sys().(*syscall.Stat_t)
	switch {
	case drop.IsPartial(path.Base(name)):
		return drop.Partial, nil
	case w.Inbox.Quiet > 0 && now.Sub(h.since) < w.Inbox.Quiet:
		return drop.Growing, nil
	case st != nil && st.Nlink > 1:
		return drop.Linked, nil // written under one name and not yet taken from the other
	}
	answered = w.ask()
	f, err := root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK|syscall.O_NOFOLLOW, 0)
	answered()
	if err != nil {
		return drop.NoRoom, err
	}
	defer f.Close()
	answered = w.ask()
	opened, err := f.Stat()
	answered()
	if err != nil || !os.SameFile(info, opened) {
		return drop.Growing, err // another file took its place: looked at anew
	}
	d, err := w.Taker.take(ctx, w.Inbox, name, asking{w, f}, func() bool {
		defer w.ask()()
		after, err := root.Lstat(name)
		return err == nil && os.SameFile(info, after) && after.Size() == info.Size() && after.ModTime().Equal(info.ModTime())
	})
	if errors.Is(err, errChanged) {
		delete(found, name)
		return drop.Growing, nil
	} else if err != nil {
		return drop.NoRoom, err
	}
	return "", w.away(root, name, d)
}

// away takes a file that was dealt with out of the inbox.
func (w *Watch) away(root *os.Root, name string, d drop.Drop) error {
	defer w.ask()()
	if d.State == drop.Taken && !w.Inbox.Keep {
		return root.Remove(name)
	}
	dir := takenDir
	if d.State == drop.Refused {
		dir = refusedDir
	}
	if err := root.Mkdir(dir, 0o750); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if info, err := root.Lstat(dir); err != nil || !info.IsDir() {
		return errors.Join(errors.New(dir+" is not a directory: remove what has that name"), err)
	}
	to, err := free(root, dir, path.Base(name))
	if err != nil {
		return err
	}
	if d.State == drop.Refused { // the reason first: killed here, it is written again
		note, err := root.OpenFile(to+".ly-do.txt", os.O_WRONLY|os.O_CREATE|os.O_TRUNC|syscall.O_NOFOLLOW, 0o640)
		if err != nil {
			return err
		}
		_, err = note.WriteString(w.Taker.reason(d))
		if err := errors.Join(err, note.Close()); err != nil {
			return err
		}
	}
	return root.Rename(name, to)
}

// free finds a name in a directory that nothing has.
func free(root *os.Root, dir, name string) (string, error) {
	if len(name) > 200 { // with a number and the reason's ending it is a name still
		name = name[len(name)-200:]
	}
	for i := range 10_000 {
		to := path.Join(dir, name)
		if i > 0 {
			to = path.Join(dir, strconv.Itoa(i)+"-"+name)
		}
		if _, err := root.Lstat(to); errors.Is(err, fs.ErrNotExist) {
			return to, nil
		}
	}
	return "", errors.New(dir + " is full of files of one name: empty it")
}
