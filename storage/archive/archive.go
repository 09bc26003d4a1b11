// Package archive watches over what is kept. A [Keeper] puts every file of the
// main store into the second one too, looks at all files of both within a set
// time, mends what is wrong in one from the other, and finds what no row names.
// A [Copier] copies one store into another, resumably.
//
// What the rows say is the truth; what was looked at when is written beside
// them, so that a keeper that was stopped goes on where it was. Nothing is
// removed here but by [Keeper.Prune], which only an operator's command calls, and
// by [Keeper.Dispose]: what two people decided to destroy.
package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"sohoa/dossier/digest"
	"sohoa/dossier/fixity"
	"sohoa/storage/blob"
)

// A Store is one that can be looked through, and shows what it keeps as it lies.
type Store interface {
	blob.Pruner
	Raw(ctx context.Context, d digest.Digest) (io.ReadCloser, error)
}

// Holdings say how every file is in every store.
type Holdings interface {
	Holdings(ctx context.Context, store fixity.Store, before time.Time, n int, states ...fixity.State) ([]fixity.Holding, error)
	HoldingCount(ctx context.Context, store fixity.Store) (int64, error)
	Redate(ctx context.Context, store fixity.Store, after, to time.Time) (int, error)
	Saw(ctx context.Context, seen map[fixity.Holding][]fixity.Finding) error
	Tally(ctx context.Context, store fixity.Store, before time.Time) (fixity.Tally, error)
	Findings(ctx context.Context, n int) ([]fixity.Finding, error)
}

// Orphans are the files that no row names.
type Orphans interface {
	Unnamed(ctx context.Context, digests []digest.Digest) ([]digest.Digest, error)
	Strayed(ctx context.Context, orphans []fixity.Orphan) error
	LastWalk(ctx context.Context, store fixity.Store) (fixity.Walk, error)
	Walked(ctx context.Context, store fixity.Store, w fixity.Walk) error
	Orphans(ctx context.Context, store fixity.Store, before time.Time, limit int) ([]fixity.Orphan, error)
	Pruned(ctx context.Context, f fixity.Finding) error
}

// A Keeper watches over one house's stores. Two may work at once, such as a
// service's and a command's.
type Keeper struct {
	Holdings
	Orphans
	Disposals Disposals // nil: nothing is ever disposed of here

	Main     Store
	Second   Store  // nil: there is none
	Evidence string // directory where damaged bytes go before they are replaced

	// Forget is told of bytes that were disposed of, to drop what was made of
	// them and is not kept in a store, as pictures. Optional.
	Forget func(digest.Digest)

	Policy fixity.Policy
	Now    func() time.Time
	Log    *slog.Logger
}

// machine is who looks and mends.
const machine = "fixity"

// stores are those of the house, by name.
func (k *Keeper) stores() []fixity.Store {
	if k.Second == nil {
		return []fixity.Store{fixity.Main}
	}
	return []fixity.Store{fixity.Main, fixity.Second}
}

func (k *Keeper) store(name fixity.Store) Store {
	if name == fixity.Second {
		return k.Second
	}
	return k.Main
}

// other is the store that name is mended from; nil if there is none.
func (k *Keeper) other(name fixity.Store) Store {
	if name == fixity.Second {
		return k.Main
	}
	return k.Second
}

// look reads a file to its end, mends it if it is wrong and the other store has
// the right bytes, and returns what is to be written about it. An error means
// that the store, the other one or the directory of evidence is not to be had:
// nothing is said about the file then.
func (k *Keeper) look(ctx context.Context, h fixity.Holding, pace *pace) (fixity.Holding, []fixity.Finding, error) {
	s := k.store(h.Store)
	size, err := read(ctx, s, h.Digest, pace)
	before := h.State
	h.Seen, h.State, h.Size = k.Now(), fixity.Kept, size
	what := fixity.FoundUnreadable
	switch {
	case err == nil:
		return h, nil, nil
	case ctx.Err() != nil, errors.Is(err, blob.ErrUnavailable):
		return h, nil, err
	case errors.Is(err, blob.ErrNotFound):
		h.State, what = fixity.Missing, fixity.FoundMissing
	case errors.Is(err, blob.ErrCorrupt):
		h.State, what = fixity.Damaged, fixity.FoundDamaged
	default:
		h.State = fixity.Unreadable
	}
	h.Size = -1
	k.Log.ErrorContext(ctx, "a file of the archive is not right", "store", h.Store, "sha256", h.Digest, "state", h.State, "err", err)
	var found []fixity.Finding
	if before != h.State {
		found = append(found, fixity.Finding{At: h.Seen, Store: h.Store, Digest: h.Digest, What: what, Who: machine})
	}
	if h.State == fixity.Unreadable || k.other(h.Store) == nil {
		return h, found, nil
	}
	evidence, size, err := k.mend(ctx, h, pace)
	if err != nil {
		if ctx.Err() == nil {
			k.Log.ErrorContext(ctx, "not mended", "store", h.Store, "sha256", h.Digest, "err", err)
		}
		if errors.Is(err, blob.ErrUnavailable) || ctx.Err() != nil {
			return h, nil, err
		}
		return h, found, nil
	}
	h.State, h.Size = fixity.Kept, size
	found = append(found, fixity.Finding{At: k.Now(), Store: h.Store, Digest: h.Digest, What: fixity.Mended, Evidence: evidence, Who: machine})
	return h, found, nil
}

// read reads a file to its end, and returns its size.
func read(ctx context.Context, s blob.Store, d digest.Digest, pace *pace) (int64, error) {
	r, err := s.Open(ctx, d)
	if err != nil {
		return 0, err
	}
	defer r.Close()
	return io.Copy(io.Discard, pace.reader(ctx, r))
}

// mend puts the bytes of the other store in the place of what is wrong, which is
// kept aside first, and reads them back.
func (k *Keeper) mend(ctx context.Context, h fixity.Holding, pace *pace) (evidence string, size int64, err error) {
	from, to := k.other(h.Store), k.store(h.Store)
	if size, err = read(ctx, from, h.Digest, pace); err != nil { // before anything is touched
		return "", 0, fmt.Errorf("the other store: %w", err)
	}
	if evidence, err = k.keepAside(ctx, h); err != nil {
		return "", 0, fmt.Errorf("keep the damaged bytes aside: %w", err)
	}
	if err := transfer(ctx, from, to, h.Digest, size, pace); err != nil {
		return evidence, 0, err
	}
	n, err := read(ctx, to, h.Digest, pace)
	if err == nil && n != size {
		err = blob.ErrCorrupt
	}
	return evidence, size, err
}

// transfer puts a file of one store into another.
func transfer(ctx context.Context, from, to blob.Store, d digest.Digest, size int64, pace *pace) error {
	r, err := from.Open(ctx, d)
	if err != nil {
		return err
	}
	defer r.Close()
	return to.Put(ctx, d, size, pace.reader(ctx, r))
}

// keepAside keeps the bytes that were found, as they lie, for whoever wants to
// know how they came to be wrong. Of a file that is gone there are none.
func (k *Keeper) keepAside(ctx context.Context, h fixity.Holding) (name string, err error) {
	if h.State == fixity.Missing {
		return "", nil
	}
	r, err := k.store(h.Store).Raw(ctx, h.Digest)
	if err != nil {
		return "", err
	}
	defer r.Close()
	if err := os.MkdirAll(k.Evidence, 0o700); err != nil {
		return "", err
	}
	name = fmt.Sprintf("%s-%s-%d", h.Digest, h.Store, h.Seen.UnixMilli())
	f, err := os.OpenFile(filepath.Join(k.Evidence, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", err
	}
	_, err = io.Copy(f, r)
	if errors.Is(err, blob.ErrCorrupt) { // a disk that gives no more than this
		err = nil
	}
	return name, errors.Join(err, f.Sync(), f.Close())
}

// Report says how the archive is.
func (k *Keeper) Report(ctx context.Context) (fixity.Report, error) {
	return ReportOf(ctx, k.Holdings, k.Policy, k.Now(), k.stores())
}

// mostShown is how many files and findings a report names.
const mostShown = 200

// ReportOf says how the archive is, from the rows alone.
func ReportOf(ctx context.Context, rows Holdings, p fixity.Policy, now time.Time, stores []fixity.Store) (fixity.Report, error) {
	r := fixity.Report{At: now, Policy: p}
	for _, s := range stores {
		t, err := rows.Tally(ctx, s, now.Add(-p.Keep))
		if err != nil {
			return r, err
		}
		r.Stores = append(r.Stores, t)
		bad, err := rows.Holdings(ctx, s, now.AddDate(1000, 0, 0), mostShown, fixity.Damaged, fixity.Missing, fixity.Unreadable)
		if err != nil {
			return r, err
		}
		r.Bad = append(r.Bad, bad...)
	}
	var err error
	r.Findings, err = rows.Findings(ctx, mostShown)
	return r, err
}
