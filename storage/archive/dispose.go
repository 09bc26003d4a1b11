package archive

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"sohoa/dossier/digest"
	"sohoa/dossier/fixity"
	"sohoa/dossier/retention"
	"sohoa/storage/blob"
)

// Disposals say which files two people have decided to destroy, and are told
// what became of them.
type Disposals interface {
	Leaving(ctx context.Context, at time.Time, n int) ([]retention.Leaving, error)
	Go(ctx context.Context, l retention.Leaving) (ok bool, err error)
	Went(ctx context.Context, l retention.Leaving, f fixity.Finding) error
	Stayed(ctx context.Context, l retention.Leaving) error
	Certify(ctx context.Context) (done int, err error)
}

const (
	locked = time.Hour   // between two tries at what the store's lock keeps
	away   = time.Minute // and at a store that does not answer
)

// A Disposed says what a sweep did.
type Disposed struct {
	Removed   int // files, of a store
	Locked    int // that a store refuses to remove now
	Away      int // of stores that do not answer, or are not set
	Certified int // documents
}

// Dispose removes the bytes that have to leave the stores, and writes the
// certificates of the documents whose bytes are gone from all of them. The row is
// written before the bytes go and after: killed anywhere it is called again, and
// ends the same. What a store refuses, since its own lock still runs, is said and
// tried again; nothing ever waits for that.
func (k *Keeper) Dispose(ctx context.Context) (d Disposed, err error) {
	if k.Disposals == nil {
		return d, nil
	}
	var failed []error
	for {
		due, err := k.Disposals.Leaving(ctx, k.Now(), atOnce)
		if err != nil {
			return d, err
		}
		for _, l := range due {
			if err := k.leave(ctx, l, &d); err != nil {
				failed = append(failed, err)
			}
			if ctx.Err() != nil {
				return d, ctx.Err()
			}
		}
		if len(due) < atOnce || len(failed) > 0 {
			break
		}
	}
	if d.Certified, err = k.Disposals.Certify(ctx); err != nil {
		failed = append(failed, err)
	}
	return d, errors.Join(failed...)
}

// leave removes a file from a store. An error is one of the rows; what a store
// says is written.
func (k *Keeper) leave(ctx context.Context, l retention.Leaving, d *Disposed) error {
	s := k.store(l.Store)
	if l.Store == fixity.Second && k.Second == nil {
		s = nil
	}
	ok, err := k.Disposals.Go(ctx, l)
	if err != nil || !ok {
		return err
	}
	switch {
	case s == nil && (l.Was == fixity.Owed || l.Was == ""): // it never was there
	case s == nil:
		err = fmt.Errorf("%w: there is no second store", blob.ErrUnavailable)
	default:
		err = k.destroy(ctx, s, l.Digest)
	}
	if err == nil {
		if err := k.Disposals.Went(ctx, l, fixity.Finding{At: k.Now(), Store: l.Store, Digest: l.Digest, What: fixity.Disposed, Who: machine}); err != nil {
			return err
		}
		d.Removed++
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	l.Said, l.Next = "away", k.Now().Add(away)
	if errors.Is(err, blob.ErrDenied) {
		l.Said, l.Next = "locked", k.Now().Add(locked)
		d.Locked++
	} else {
		d.Away++
	}
	k.Log.WarnContext(ctx, "bytes that were disposed of are still in the store", "store", l.Store, "sha256", l.Digest, "why", l.Said, "err", err)
	return k.Disposals.Stayed(ctx, l)
}

// destroy removes a file from a store, asks the store whether it is gone, and
// removes what was kept of it as evidence of a damage, and pictures of it.
func (k *Keeper) destroy(ctx context.Context, s Store, sum digest.Digest) error {
	if err := s.Remove(ctx, sum); err != nil {
		return err
	}
	if _, err := s.Stat(ctx, sum); !errors.Is(err, blob.ErrNotFound) {
		return errors.Join(err, fmt.Errorf("%w: the store says that it removed it, and has it still", blob.ErrDenied))
	}
	kept, err := filepath.Glob(filepath.Join(k.Evidence, sum.String()+"-*"))
	for _, path := range kept {
		if e := os.Remove(path); e != nil && !errors.Is(e, os.ErrNotExist) {
			err = errors.Join(err, e)
		}
	}
	if k.Forget != nil {
		k.Forget(sum)
	}
	return err
}
