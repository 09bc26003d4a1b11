package archive

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"sohoa/dossier/digest"
	"sohoa/dossier/fixity"
	"sohoa/storage/blob"
	"sohoa/sweep"
)

const (
	copyEvery  = 5 * time.Second // from the second store's being behind to its being filled
	checkEvery = time.Minute
	walkEvery  = 24 * time.Hour
	again      = time.Hour // between two looks at a file that is not right
	atOnce     = 100       // files between two notes in the database
)

// Run watches until ctx ends. What cannot be done now is told and tried again.
func (k *Keeper) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	pace := newPace(k.Policy.Pace, k.Now)
	if k.Second != nil {
		filling := newPace(k.Policy.Pace, k.Now)
		g.Go(func() error {
			return k.every(ctx, copyEvery, "copy to the second store", func() error { _, err := k.fill(ctx, k.Now(), filling); return err })
		})
	}
	spread := &spread{k: k, credit: map[fixity.Store]float64{}, at: k.Now()}
	g.Go(func() error {
		return k.every(ctx, checkEvery, "look at files", func() error { return spread.check(ctx, pace) })
	})
	g.Go(func() error {
		return k.every(ctx, checkEvery, "look for orphans", func() error { return k.walkDue(ctx) })
	})
	if k.Disposals != nil {
		g.Go(func() error {
			return k.every(ctx, copyEvery, "remove what was disposed of", func() error { _, err := k.Dispose(ctx); return err })
		})
	}
	return g.Wait()
}

// every does something again and again; a failure is told once until it is over.
func (k *Keeper) every(ctx context.Context, d time.Duration, what string, do func() error) error {
	return sweep.Patient(ctx, d, func(context.Context) error { return do() }, func(err error) {
		k.Log.ErrorContext(ctx, "fixity: cannot "+what+" now", "err", err)
	})
}

// fill puts into the second store what it was owed before a time, and returns
// how many files that were. A file that cannot be had is missing there, and does
// not keep the others from going.
func (k *Keeper) fill(ctx context.Context, before time.Time, pace *pace) (done int, err error) {
	for {
		owed, err := k.Holdings.Holdings(ctx, fixity.Second, before, atOnce, fixity.Owed)
		if err != nil || len(owed) == 0 {
			return done, err
		}
		seen := map[fixity.Holding][]fixity.Finding{}
		var away error
		for _, h := range owed {
			size, err := k.duplicate(ctx, h.Digest, pace)
			if errors.Is(err, blob.ErrUnavailable) || ctx.Err() != nil {
				away = err
				break
			}
			h.Seen = k.Now()
			if err != nil {
				k.Log.ErrorContext(ctx, "not copied to the second store", "sha256", h.Digest, "err", err)
				h.State = fixity.Missing
				seen[h] = []fixity.Finding{{At: h.Seen, Store: h.Store, Digest: h.Digest, What: fixity.FoundMissing, Who: machine}}
				continue
			}
			h.State, h.Size = fixity.Kept, size
			seen[h] = nil
			done++
		}
		if err := errors.Join(k.Saw(context.WithoutCancel(ctx), seen), away); err != nil {
			return done, err
		}
	}
}

// duplicate puts a file of the main store into the second one, and reads it
// back there.
func (k *Keeper) duplicate(ctx context.Context, d digest.Digest, pace *pace) (int64, error) {
	size, err := k.Main.Stat(ctx, d)
	if err != nil {
		return 0, err
	}
	if err := transfer(ctx, k.Main, k.Second, d, size, pace); err != nil {
		return 0, err
	}
	return read(ctx, k.Second, d, nil)
}

// A spread looks at files at an even pace: all within nine tenths of the set
// time, so that a day without service does not make any late.
type spread struct {
	k      *Keeper
	credit map[fixity.Store]float64 // files that may be looked at now
	at     time.Time
	begun  bool
}

func (s *spread) check(ctx context.Context, pace *pace) error {
	now := s.k.Now()
	if back := now.Before(s.at); back || !s.begun {
		for _, name := range s.k.stores() {
			if err := s.k.redate(ctx, name, now.Add(again)); err != nil {
				return err
			}
		}
	}
	s.begun = true
	passed := min(max(now.Sub(s.at), 0), time.Hour)
	s.at = now
	var errs []error
	for _, name := range s.k.stores() {
		n, err := s.k.HoldingCount(ctx, name)
		if err != nil {
			return err
		}
		s.credit[name] += float64(n) * float64(passed) / (0.9 * float64(s.k.Policy.Every))
		due, err := s.k.due(ctx, name, now, int(s.credit[name]))
		if err != nil {
			return err
		}
		s.credit[name] = max(0, s.credit[name]-float64(len(due)))
		errs = append(errs, s.k.lookAt(ctx, due, pace))
	}
	return errors.Join(errs...)
}

// redate makes files due whose last look is said to be after a time that has not come: the
// clock was ahead, and went back. Else nobody would look at them before it came there.
func (k *Keeper) redate(ctx context.Context, name fixity.Store, after time.Time) error {
	n, err := k.Redate(ctx, name, after, k.Now().Add(-k.Policy.Every-again))
	if n > 0 {
		k.Log.WarnContext(ctx, "fixity: the clock went back; files that were looked at while it was ahead are due anew", "store", name, "files", n)
	}
	return err
}

// due returns n files, or more if more are late, and those that were not right
// an hour ago.
func (k *Keeper) due(ctx context.Context, name fixity.Store, now time.Time, n int) ([]fixity.Holding, error) {
	due, err := k.Holdings.Holdings(ctx, name, now.Add(-again), atOnce, fixity.Damaged, fixity.Missing, fixity.Unreadable)
	if err != nil {
		return nil, err
	}
	kept, err := k.Holdings.Holdings(ctx, name, now.Add(-k.Policy.Every), atOnce)
	if err == nil && len(kept) < n {
		kept, err = k.Holdings.Holdings(ctx, name, now, min(n, 10*atOnce))
	}
	for _, h := range kept {
		if h.State == fixity.Kept {
			due = append(due, h)
		}
	}
	return due, err
}

// lookAt looks at files and writes what that came to, a hundred at a time. A
// store that is not to be had ends it.
func (k *Keeper) lookAt(ctx context.Context, due []fixity.Holding, pace *pace) error {
	for len(due) > 0 {
		some := due[:min(len(due), atOnce)]
		due = due[len(some):]
		seen := map[fixity.Holding][]fixity.Finding{}
		var away error
		for _, h := range some {
			after, found, err := k.look(ctx, h, pace)
			if err != nil {
				away = fmt.Errorf("%s store: %w", h.Store, err)
				break
			}
			seen[after] = found
		}
		if err := errors.Join(k.Saw(context.WithoutCancel(ctx), seen), away); err != nil {
			return err
		}
	}
	return nil
}

// All looks at every file of every store now, fills the second one, looks for
// orphans, and removes what was disposed of, also what came back. Progress, if not nil, is told how many files were looked at.
func (k *Keeper) All(ctx context.Context, progress func(fixity.Store, int)) error {
	began, pace := k.Now(), newPace(k.Policy.Pace, k.Now)
	for _, name := range k.stores() {
		if err := k.redate(ctx, name, began); err != nil {
			return err
		}
	}
	if k.Second != nil {
		if _, err := k.fill(ctx, began, pace); err != nil {
			return err
		}
	}
	for _, name := range k.stores() {
		n := 0
		for {
			due, err := k.Holdings.Holdings(ctx, name, began, atOnce)
			if err != nil {
				return err
			}
			if len(due) == 0 {
				break
			}
			if err := k.lookAt(ctx, due, pace); err != nil {
				return err
			}
			if n += len(due); progress != nil {
				progress(name, n)
			}
		}
		if err := k.walk(ctx, name); err != nil {
			return err
		}
	}
	_, err := k.Dispose(ctx)
	return err
}

// walkDue looks for orphans in each store once a day.
func (k *Keeper) walkDue(ctx context.Context) error {
	var errs []error
	for _, name := range k.stores() {
		last, err := k.LastWalk(ctx, name)
		if err != nil {
			return err
		}
		if ago := k.Now().Sub(last.Began); ago >= walkEvery || ago < 0 {
			errs = append(errs, k.walk(ctx, name))
		}
	}
	return errors.Join(errs...)
}

// walk looks at the name of everything in a store, and notes what no row names.
func (k *Keeper) walk(ctx context.Context, name fixity.Store) error {
	w := fixity.Walk{Began: k.Now()}
	var some []digest.Digest
	note := func() error {
		stray, err := k.Unnamed(ctx, some)
		if err != nil || len(stray) == 0 {
			some = some[:0]
			return err
		}
		some = some[:0]
		var orphans []fixity.Orphan
		for _, d := range stray {
			size, err := k.store(name).Stat(ctx, d)
			if errors.Is(err, blob.ErrNotFound) {
				continue
			} else if err != nil {
				return err
			}
			orphans = append(orphans, fixity.Orphan{Store: name, Digest: d, Size: size, Last: k.Now()})
		}
		return k.Strayed(ctx, orphans)
	}
	err := k.store(name).Walk(ctx, func(d digest.Digest) error {
		w.Blobs++
		if some = append(some, d); len(some) < 10*atOnce {
			return nil
		}
		return note()
	})
	if err == nil {
		err = note()
	}
	if err != nil {
		return fmt.Errorf("%s store: %w", name, err)
	}
	w.Ended = k.Now()
	return k.Walked(ctx, name, w)
}

// ErrPrune: what would go is not what the operator was told.
var ErrPrune = errors.New("not pruned")

// Prune removes the orphans of a store that were seen as such for the time of
// the policy, each with a trace in the operator's name. The operator says how
// many those are, as the report told: a number that differs removes nothing, so
// that what an older database does not know is not lost by habit.
func (k *Keeper) Prune(ctx context.Context, name fixity.Store, count int, who string) (removed int, bytes int64, err error) {
	if who == "" {
		return 0, 0, fmt.Errorf("%w: nobody is named who does it", ErrPrune)
	}
	if name == fixity.Second && k.Second == nil {
		return 0, 0, fmt.Errorf("%w: there is no second store", ErrPrune)
	}
	orphans, err := k.Orphans.Orphans(ctx, name, k.Now().Add(-k.Policy.Keep), 0)
	if err != nil {
		return 0, 0, err
	}
	if len(orphans) != count {
		return 0, 0, fmt.Errorf("%w: %d files may go, not %d", ErrPrune, len(orphans), count)
	}
	for _, o := range orphans {
		f := fixity.Finding{At: k.Now(), Store: name, Digest: o.Digest, What: fixity.Pruned, Who: who}
		if err := k.Pruned(ctx, f); err != nil { // the trace first: killed here, it is an orphan again
			return removed, bytes, err
		}
		if err := k.store(name).Remove(ctx, o.Digest); err != nil {
			return removed, bytes, err
		}
		removed, bytes = removed+1, bytes+o.Size
	}
	return removed, bytes, nil
}
