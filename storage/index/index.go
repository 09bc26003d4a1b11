// Package index makes archived papers findable: beside the line, never in its
// way. A transaction that archives a paper notes that its lexemes are owed; the
// [Keeper] reads the paper's text, makes them, and keeps them in transactions so
// short that nobody who moves a document waits for more than one of them.
//
// Rows and files are the truth, the index is a hint. What cannot be read now is
// found by its rows, and tried again.
package index

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"

	"sohoa/dossier/digest"
	"sohoa/dossier/search"
	"sohoa/storage/sqldb"
	"sohoa/sweep"
)

// Rows say what is owed, and keep what is made.
type Rows interface {
	SearchOwed(ctx context.Context, n int) ([]sqldb.OwedPaper, error)
	SearchWaiting(ctx context.Context) (int, error)
	PutSearch(ctx context.Context, papers []sqldb.IndexedPaper) error
	OweSearch(ctx context.Context, n int, fresh bool) (all bool, err error)
	SealSearch(ctx context.Context, pause func() error) (bool, error)
	RebuiltSearch(ctx context.Context) error
}

// Blobs are the files.
type Blobs interface {
	Open(ctx context.Context, d digest.Digest) (io.ReadCloser, error)
}

// A Keeper keeps the index as the rows say.
type Keeper struct {
	Rows  Rows
	Blobs Blobs
	Now   func() time.Time
	Log   *slog.Logger
}

const (
	every     = 2 * time.Second // from a paper's being archived to its being found
	again     = time.Hour       // after a text could not be read
	atOnce    = 64              // papers that are read for one look at what is owed
	together  = 8               // papers that are kept in one transaction
	markAtOne = 1000            // papers that a rebuild notes in one transaction
)

// Run makes lexemes until ctx ends. What cannot be done now is told once, and
// tried again.
func (k *Keeper) Run(ctx context.Context) error {
	return sweep.Patient(ctx, every, func(ctx context.Context) error {
		_, err := k.Sweep(ctx, nil)
		return err
	}, func(err error) { k.Log.ErrorContext(ctx, "search: cannot keep the index now", "err", err) })
}

// Sweep makes all lexemes that are owed now, and returns how many papers that
// were. Between two transactions it leaves others as much time as it took.
// progress, if not nil, is called with the papers done so far.
func (k *Keeper) Sweep(ctx context.Context, progress func(done int)) (done int, err error) {
	for {
		if err := k.seal(ctx); err != nil {
			return done, err
		}
		owed, err := k.Rows.SearchOwed(ctx, atOnce)
		if err != nil || len(owed) == 0 {
			return done, err
		}
		for len(owed) > 0 {
			n := min(together, len(owed))
			if err := k.make(ctx, owed[:n]); err != nil {
				return done, err
			}
			owed, done = owed[n:], done+n
			if progress != nil {
				progress(done)
			}
		}
	}
}

func (k *Keeper) make(ctx context.Context, owed []sqldb.OwedPaper) error {
	papers := make([]sqldb.IndexedPaper, 0, len(owed))
	for _, o := range owed {
		p := sqldb.IndexedPaper{OwedPaper: o}
		text, err := k.text(ctx, o.Source)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			k.Log.ErrorContext(ctx, "search: a text cannot be read", "document", o.Document, "err", err)
			p.Again = k.Now().Add(again)
		}
		p.OwedPaper.Paper.Text = text
		p.Lexemes = search.Lexemes(p.OwedPaper.Paper)
		papers = append(papers, p)
	}
	began := k.Now()
	if err := k.Rows.PutSearch(ctx, papers); err != nil {
		return err
	}
	return k.leave(ctx, began)
}

// leave leaves others as much time as was taken since began.
func (k *Keeper) leave(ctx context.Context, began time.Time) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(min(max(k.Now().Sub(began), 0), time.Second)):
		return nil
	}
}

// seal makes the block that is to be made, if there is one.
func (k *Keeper) seal(ctx context.Context) error {
	began := k.Now()
	_, err := k.Rows.SealSearch(ctx, func() error {
		err := k.leave(ctx, began)
		began = k.Now()
		return err
	})
	return err
}

// text reads a text, as much of it as is looked at; none of a paper without one.
func (k *Keeper) text(ctx context.Context, d digest.Digest) (string, error) {
	if d.IsZero() {
		return "", nil
	}
	r, err := k.Blobs.Open(ctx, d)
	if err != nil {
		return "", fmt.Errorf("open text: %w", err)
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, search.MostText))
	if err != nil {
		return "", fmt.Errorf("read text: %w", err)
	}
	return search.Normal(string(b)), nil
}

// Rebuild makes the lexemes of the whole archive anew, and returns of how many
// papers. Broken off anywhere it goes on where it was when it is called again;
// the search works meanwhile. With fresh the index is emptied first: what was in
// it, damaged or not, is gone, and until the end only what is done is found.
func (k *Keeper) Rebuild(ctx context.Context, fresh bool, progress func(done int)) (done int, err error) {
	for all := false; !all; fresh = false {
		if all, err = k.Rows.OweSearch(ctx, markAtOne, fresh); err != nil {
			return 0, err
		}
	}
	if done, err = k.Sweep(ctx, progress); err != nil {
		return done, err
	}
	return done, k.Rows.RebuiltSearch(ctx)
}
