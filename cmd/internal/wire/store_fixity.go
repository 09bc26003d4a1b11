package wire

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"sohoa/dossier/digest"
	"sohoa/dossier/fixity"
	"sohoa/storage/archive"
	"sohoa/storage/blob"
	"sohoa/storage/sqldb"
)

// keeper builds what watches over the files.
func keeper(s Settings, db *sqldb.DB, main archive.Store, log *slog.Logger) *archive.Keeper {
	k := &archive.Keeper{Holdings: db, Orphans: db, Disposals: db, Main: fencedStore(s, s.main(), main, db.IsCheckpoint, log), Evidence: filepath.Join(s.Data, "evidence"),
		Policy: s.fixity(), Now: s.now, Log: log}
	k.Forget = func(sum digest.Digest) {
		if g, err := filepath.Glob(filepath.Join(s.Data, "cache", sum.String()+"-*")); err == nil {
			for _, path := range g {
				_ = os.Remove(path) // a picture that can be drawn no more
			}
		}
	}
	if second := openSecond(s); second != nil {
		k.Second = fencedStore(s, s.Second, second, db.IsCheckpoint, log)
	}
	return k
}

// fixity is the policy of the settings, or the default one.
func (s Settings) fixity() fixity.Policy {
	if s.Fixity.Every == 0 {
		return fixity.Default
	}
	return s.Fixity
}

// fixityReport says how the archive is.
func (h *House) fixityReport(ctx context.Context) (fixity.Report, error) { return h.Keeper.Report(ctx) }

// FixityReport says how the archive in s.Data is, by what was looked at so far.
// A service may be working on it.
func FixityReport(ctx context.Context, s Settings) (r fixity.Report, err error) {
	err = withKeeper(ctx, s, slog.New(slog.DiscardHandler), func(k *archive.Keeper) error {
		r, err = k.Report(ctx)
		return err
	})
	return r, err
}

// FixityNow looks at every file now, and mends what it can. A service may be
// working on the same directory.
func FixityNow(ctx context.Context, s Settings, log *slog.Logger, progress func(fixity.Store, int)) (r fixity.Report, err error) {
	err = withKeeper(ctx, s, log, func(k *archive.Keeper) error {
		if err := k.All(ctx, progress); err != nil {
			return err
		}
		r, err = k.Report(ctx)
		return err
	})
	return r, err
}

// PruneOrphans removes the orphans of a store that may go, if they are so many.
func PruneOrphans(ctx context.Context, s Settings, store fixity.Store, count int, who string) (removed int, bytes int64, err error) {
	err = withKeeper(ctx, s, slog.New(slog.DiscardHandler), func(k *archive.Keeper) error {
		removed, bytes, err = k.Prune(ctx, store, count, who)
		return err
	})
	return removed, bytes, err
}

// ListOrphans lists the orphans of a store.
func ListOrphans(ctx context.Context, s Settings, store fixity.Store) (list []fixity.Orphan, err error) {
	err = withKeeper(ctx, s, slog.New(slog.DiscardHandler), func(k *archive.Keeper) error {
		list, err = k.Orphans.Orphans(ctx, store, s.now(), 0)
		return err
	})
	return list, err
}

// withKeeper has do use the keeper of a house that is there.
func withKeeper(ctx context.Context, s Settings, log *slog.Logger, do func(*archive.Keeper) error) error {
	return withArchive(ctx, s, func(db *sqldb.DB, main archive.Store) error { return do(keeper(s, db, main, log)) })
}

// withArchive opens rows and files of a house that is there, without taking its
// directory: a service may have it.
func withArchive(ctx context.Context, s Settings, do func(*sqldb.DB, archive.Store) error) (err error) {
	if err := s.check(); err != nil {
		return err
	}
	if err := standing(s); err != nil {
		return err
	}
	db, err := openRows(ctx, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if s, err = s.under(ctx, db); err != nil {
		return err
	}
	main, err := openBlobs(ctx, s)
	if err != nil {
		return fmt.Errorf("files of the archive: %w", err)
	}
	return do(db, main)
}

// CopyPlace copies one store into another, and notes in s.Data what is done.
func CopyPlace(ctx context.Context, s Settings, from, to Place, o archive.CopyOptions) (out archive.Copied, err error) {
	source, err := openPlace(ctx, from, s)
	if err != nil {
		return out, err
	}
	target, err := openPlace(ctx, to, s)
	if err != nil {
		return out, err
	}
	return archive.Copy(ctx, source, target, o)
}

var _ blob.Pruner = (*late)(nil)
