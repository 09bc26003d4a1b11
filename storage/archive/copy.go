package archive

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"sohoa/dossier/digest"
	"sohoa/storage/blob"
)

// CopyOptions say how one store is copied into another.
type CopyOptions struct {
	// Journal is the file that names what is copied and was read back, so that a
	// copy that was broken off goes on with the rest. It belongs to one pair of
	// stores.
	Journal string

	Pace   int64 // bytes in a second; 0: no limit
	AtOnce int   // files under way; 0: 4
	Dry    bool  // say what would be copied, and copy nothing
	Trust  bool  // what is in the target already in the right size is not read
	Now    func() time.Time

	// Failed is told of each file that could not be copied. Optional.
	Failed func(d digest.Digest, err error)
}

// Copied is what a copy came to, in files and bytes.
type Copied struct {
	Found   int64 `json:"found"`   // in the source
	Copied  int64 `json:"copied"`  // now, each read back; with Dry: to be copied
	Bytes   int64 `json:"bytes"`   // of those
	There   int64 `json:"there"`   // were in the target already, and were read and right
	Skipped int64 `json:"skipped"` // are in the journal of an earlier run, or were trusted, and still there
	Failed  int64 `json:"failed"`
}

// ErrIncomplete: some files could not be copied.
var ErrIncomplete = errors.New("not everything was copied")

// Copy copies every blob of one store into another. What comes from the source
// is held against its digest while it is read, and once more when it is read
// back from the target; only then is it in the journal. What is in the target
// already is read too, and if it is damaged there it is put again. Nothing is
// removed anywhere. A file that cannot be copied does not hold up the others;
// the error wraps [ErrIncomplete] then. Both stores may be in use meanwhile.
func Copy(ctx context.Context, from, to Store, o CopyOptions) (Copied, error) {
	j, err := openJournal(o.Journal, o.Dry)
	if err != nil {
		return Copied{}, err
	}
	if o.AtOnce <= 0 {
		o.AtOnce = 4
	}
	c := &copier{CopyOptions: o, from: from, to: to, journal: j, pace: newPace(o.Pace, o.Now)}
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(o.AtOnce + 1)
	work := make(chan digest.Digest)
	for range o.AtOnce {
		g.Go(func() error {
			for d := range work {
				if err := c.copy(gctx, d); err != nil {
					return err
				}
			}
			return nil
		})
	}
	g.Go(func() error {
		defer close(work)
		return from.Walk(gctx, func(d digest.Digest) error {
			select {
			case work <- d:
				return nil
			case <-gctx.Done():
				return gctx.Err()
			}
		})
	})
	err = errors.Join(g.Wait(), j.close())
	if err == nil && c.out.Failed > 0 {
		err = fmt.Errorf("%w: %d files", ErrIncomplete, c.out.Failed)
	}
	return c.out, err
}

type copier struct {
	CopyOptions
	from, to Store
	journal  *journal
	pace     *pace

	mu  sync.Mutex
	out Copied
}

func (c *copier) count(n *int64, by int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	*n += by
}

// copy copies one file. An error ends the whole: a store is away, or the journal
// cannot be written.
func (c *copier) copy(ctx context.Context, d digest.Digest) error {
	c.count(&c.out.Found, 1)
	size, err := c.from.Stat(ctx, d)
	if err == nil {
		err = c.one(ctx, d, size)
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, blob.ErrUnavailable), errors.Is(err, errJournal), noRoom(err), ctx.Err() != nil:
		return err
	}
	c.count(&c.out.Failed, 1)
	if c.CopyOptions.Failed != nil {
		c.CopyOptions.Failed(d, err)
	}
	return nil
}

// noRoom reports whether a disk takes nothing more: that is no fault of the file,
// and the next one would meet it too.
func noRoom(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EROFS)
}

func (c *copier) one(ctx context.Context, d digest.Digest, size int64) error {
	kept, err := c.to.Stat(ctx, d)
	there := err == nil && kept == size
	switch {
	case err != nil && !errors.Is(err, blob.ErrNotFound):
		return err
	case there && (c.Trust || c.journal.has(d)):
		c.count(&c.out.Skipped, 1)
		return nil
	case c.Dry && there:
		c.count(&c.out.There, 1)
		return nil
	case c.Dry:
		c.count(&c.out.Copied, 1)
		c.count(&c.out.Bytes, size)
		return nil
	case there:
		_, err := read(ctx, c.to, d, c.pace)
		if err == nil {
			c.count(&c.out.There, 1)
			return c.journal.note(d)
		} else if !errors.Is(err, blob.ErrCorrupt) {
			return err
		}
	}
	if err := transfer(ctx, c.from, c.to, d, size, c.pace); err != nil {
		return err
	}
	if n, err := read(ctx, c.to, d, nil); err != nil {
		return fmt.Errorf("read back: %w", err)
	} else if n != size {
		return fmt.Errorf("read back: %w", blob.ErrCorrupt)
	}
	c.count(&c.out.Copied, 1)
	c.count(&c.out.Bytes, size)
	return c.journal.note(d)
}

var errJournal = errors.New("journal of the copy")

// A journal is a file of digests, one a line. A line that a killed process left
// half is none.
type journal struct {
	mu   sync.Mutex
	f    *os.File
	done map[digest.Digest]bool
}

func openJournal(path string, dry bool) (*journal, error) {
	j := &journal{done: map[digest.Digest]bool{}}
	if path == "" {
		return j, nil
	}
	flags := os.O_RDWR | os.O_CREATE | os.O_APPEND
	if dry {
		flags = os.O_RDONLY
	}
	f, err := os.OpenFile(path, flags, 0o600)
	if dry && errors.Is(err, fs.ErrNotExist) {
		return j, nil
	} else if err != nil {
		return nil, fmt.Errorf("%w: %w", errJournal, err)
	}
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if d, err := digest.Parse(lines.Text()); err == nil {
			j.done[d] = true
		}
	}
	if err := lines.Err(); err != nil {
		return nil, errors.Join(fmt.Errorf("%w: %w", errJournal, err), f.Close())
	}
	if dry {
		return j, f.Close()
	}
	j.f = f
	if _, err := f.WriteString("\n"); err != nil { // the last line may have been left half
		return nil, errors.Join(fmt.Errorf("%w: %w", errJournal, err), f.Close())
	}
	return j, nil
}

func (j *journal) has(d digest.Digest) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.done[d]
}

func (j *journal) note(d digest.Digest) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.f == nil {
		return nil
	}
	if _, err := j.f.WriteString(d.String() + "\n"); err != nil {
		return fmt.Errorf("%w: %w", errJournal, err)
	}
	return nil
}

func (j *journal) close() error {
	if j.f == nil {
		return nil
	}
	return errors.Join(j.f.Sync(), j.f.Close())
}
