package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"sohoa/dossier/digest"
	"sohoa/storage/archive"
	"sohoa/storage/blob"
	"sohoa/storage/durable"
	"sohoa/storage/sqldb"
)

// Check reads everything that belongs to a backup, and holds it against its
// digests. It changes nothing, and needs nothing of the house. Rows that are not
// whole wrap [ErrDamaged]: nothing can be restored from this backup then. Files
// that are missing or damaged are in the report, and wrap [ErrIncomplete].
// progress, if not nil, is told how many files were read.
func Check(ctx context.Context, root string, from archive.Store, e Entry, progress func(int64)) (r Report, err error) {
	r = Report{Name: e.Name, At: e.At, Log: e.Log, Files: e.Files, Apart: e.Apart}
	for _, t := range e.Rows {
		if err := intact(ctx, from, t.File, "rows of "+t.Name); err != nil {
			return r, err
		}
		r.Rows += t.Count
	}
	if err := intact(ctx, from, e.List, "list of files"); err != nil {
		return r, err
	}
	for _, h := range e.House {
		if err := intact(ctx, from, h.File, h.Path); err != nil {
			return r, err
		}
	}
	open := func() (io.ReadCloser, error) { return from.Open(ctx, e.List.Sum) }
	list, err := open()
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, list.Close()) }()
	lost := &losses{}
	if err := each(list, func(f sqldb.NamedFile) error {
		n, err := whole(ctx, from, f.Digest, f.Size)
		switch {
		case err == nil:
			r.There, r.Bytes = r.There+1, r.Bytes+n
		case ctx.Err() != nil, errors.Is(err, blob.ErrUnavailable):
			return err
		default:
			lost.add(f.Digest, err)
		}
		if done := r.There + int64(len(lost.why)); progress != nil && done%1000 == 0 {
			progress(done)
		}
		return nil
	}); err != nil {
		return r, err
	}
	if r.Lost, err = lost.called(open); err == nil && len(r.Lost) > 0 {
		err = fmt.Errorf("%w: %d", ErrIncomplete, len(r.Lost))
	}
	return r, err
}

// intact reads a file of the backup that must be whole.
func intact(ctx context.Context, from archive.Store, f File, what string) error {
	_, err := whole(ctx, from, f.Sum, f.Size)
	if errors.Is(err, blob.ErrNotFound) || errors.Is(err, blob.ErrCorrupt) {
		return fmt.Errorf("%w: %s: %w; take another backup of the directory", ErrDamaged, what, err)
	}
	return err
}

// Sums calls fn with everything that belongs to a backup.
func (e Entry) Sums(ctx context.Context, from archive.Store, fn func(digest.Digest) error) (err error) {
	for _, t := range e.Rows {
		if err := fn(t.Sum); err != nil {
			return err
		}
	}
	for _, h := range e.House {
		if err := fn(h.Sum); err != nil {
			return err
		}
	}
	if err := fn(e.List.Sum); err != nil {
		return err
	}
	list, err := from.Open(ctx, e.List.Sum)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, list.Close()) }()
	return each(list, func(f sqldb.NamedFile) error { return fn(f.Digest) })
}

// Forget removes all backups but the newest keep, and then what no backup names
// any more: a paper that was disposed of must not stay for ever where it was
// copied to. It returns the names of those that went and how many files.
func Forget(ctx context.Context, root string, store archive.Store, keep int) (gone []string, files int, err error) {
	release, err := hold(root)
	if err != nil {
		return nil, 0, err
	}
	defer func() { err = errors.Join(err, release()) }()
	list, err := Backups(root)
	if err != nil || keep < 1 { // one that cannot be read may name anything
		return nil, 0, err
	}
	old := list[:max(0, len(list)-keep)]
	named := map[digest.Digest]struct{}{}
	for _, e := range list[len(old):] {
		if err := e.Sums(ctx, store, func(d digest.Digest) error { named[d] = struct{}{}; return ctx.Err() }); err != nil {
			return nil, 0, fmt.Errorf("%s: %w", e.Name, err)
		}
	}
	for _, e := range old { // before what they name
		if err := os.Remove(filepath.Join(root, folderManifests, e.Name)); err != nil {
			return gone, 0, err
		}
		gone = append(gone, e.Name)
	}
	if err := durable.Settle(filepath.Join(root, folderManifests)); err != nil {
		return gone, 0, err
	}
	var stray []digest.Digest
	if err := store.Walk(ctx, func(d digest.Digest) error {
		if _, ok := named[d]; !ok {
			stray = append(stray, d)
		}
		return nil
	}); err != nil {
		return gone, 0, err
	}
	for _, d := range stray {
		if err := store.Remove(ctx, d); err != nil {
			return gone, files, err
		}
		files++
	}
	return gone, files, nil
}
