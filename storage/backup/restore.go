package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"sohoa/dossier/digest"
	"sohoa/storage/archive"
	"sohoa/storage/sqldb"
)

// A Target is where a house is restored.
type Target struct {
	Main archive.Store // may hold files already, such as a bucket that was not lost
	Rows sqldb.At
	Data string // the data directory
	Now  func() time.Time
	Pace int64 // bytes in a second; 0: no limit

	// Again says that a restore of this very backup was begun here: a database
	// that holds its rows already is not refused.
	Again bool
}

// Restore puts a backup into an empty place: files first, then what lies beside
// them, then all rows in one transaction. Everything is held against its digest
// on its way, and files are read back; a target that does not give them back ends
// it. Files that neither the backup nor the
// target has are named in the report, and the error wraps [ErrIncomplete]: the
// house stands then, and knows that it lacks them. Broken off anywhere, the same
// call does the rest. A database that holds another house is refused with
// [sqldb.ErrFilled].
func Restore(ctx context.Context, from archive.Store, e Entry, t Target) (r Report, err error) {
	r = Report{Name: e.Name, At: e.At, Log: e.Log, Files: e.Files}
	stands, events, head, err := t.Rows.Stands(ctx)
	if err != nil {
		return r, err
	}
	if stands && (!t.Again || Head{events, digest.Digest(head)} != e.Log) {
		return r, fmt.Errorf("%w: a house with %d events in its ledger is in it; give an empty one", sqldb.ErrFilled, events)
	}
	w := &restorer{ctx: ctx, from: from, e: e, t: t, r: &r}
	if err := errors.Join(w.rowsWhole(), w.house()); err != nil {
		return r, err
	}
	missing, err := w.files()
	if err != nil {
		return r, err
	}
	if !stands {
		if err := w.fill(missing); err != nil {
			return r, err
		}
	}
	if len(r.Lost) > 0 {
		return r, fmt.Errorf("%w: %d", ErrIncomplete, len(r.Lost))
	}
	return r, nil
}

type restorer struct {
	ctx  context.Context
	from archive.Store
	e    Entry
	t    Target
	r    *Report
}

// rowsWhole reads all rows before anything is written: a backup whose rows are
// damaged is refused while the target is still empty.
func (w *restorer) rowsWhole() error {
	for _, t := range w.e.Rows {
		if err := intact(w.ctx, w.from, t.File, "rows of "+t.Name); err != nil {
			return err
		}
		w.r.Rows += t.Count
	}
	return intact(w.ctx, w.from, w.e.List, "list of files")
}

// house puts the small files into the data directory.
func (w *restorer) house() error {
	for _, h := range w.e.House {
		if !filepath.IsLocal(h.Path) || strings.Contains(h.Path, "\\") {
			return fmt.Errorf("%w: path %q", ErrDamaged, h.Path)
		}
		if err := intact(w.ctx, w.from, h.File, h.Path); err != nil {
			return err
		}
		b, err := w.read(h.Sum)
		if err != nil {
			return err
		}
		path := filepath.Join(w.t.Data, filepath.FromSlash(h.Path))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		if err := lay(path, b); err != nil {
			return err
		}
	}
	return nil
}

func (w *restorer) read(d digest.Digest) (b []byte, err error) {
	r, err := w.from.Open(w.ctx, d)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	return io.ReadAll(r)
}

// files copies every file, and returns those that are nowhere.
func (w *restorer) files() ([]digest.Digest, error) {
	open := func() (io.ReadCloser, error) { return w.from.Open(w.ctx, w.e.List.Sum) }
	lost := &losses{}
	from := &listed{Store: w.from, open: open, sizes: map[digest.Digest]int64{}}
	done, err := archive.Copy(w.ctx, from, w.t.Main, archive.CopyOptions{Pace: w.t.Pace, Now: w.t.Now, Failed: lost.add})
	if err != nil && !errors.Is(err, archive.ErrIncomplete) {
		return nil, err
	}
	w.r.Copied, w.r.Bytes, w.r.There = done.Copied, done.Bytes, done.There
	n, err := lost.found(w.ctx, w.t.Main) // the target may have what the backup lacks
	if err != nil {
		return nil, err
	}
	w.r.There += n
	for _, d := range lost.digests() { // what the backup has is not lost: the target does not keep it
		if _, err := whole(w.ctx, w.from, d, -1); err == nil {
			return nil, fmt.Errorf("the store of the house does not keep %s: %w; mend it and run the restore again", d, lost.why[d])
		}
	}
	w.r.Lost, err = lost.called(open)
	return lost.digests(), err
}

func (w *restorer) fill(missing []digest.Digest) error {
	f := sqldb.Filling{Version: w.e.Tables, At: w.t.Now(), Missing: missing}
	byName := map[string]Rows{}
	for _, t := range w.e.Rows {
		f.Tables = append(f.Tables, t.Table)
		byName[t.Name] = t
	}
	f.Open = func(t sqldb.Table) (io.ReadCloser, error) { return w.from.Open(w.ctx, byName[t.Name].Sum) }
	return w.t.Rows.Fill(w.ctx, f)
}
