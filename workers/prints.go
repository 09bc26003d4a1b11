package workers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/batch"
	"sohoa/jail"
	"sohoa/ocr"
	"sohoa/storage/blob"
	"sohoa/sweep"
)

// PrintRows say of which documents nobody has written down what their pages look like,
// and keep it. [sohoa/storage/sqldb.DB] has them.
type PrintRows interface {
	OwedPrints(ctx context.Context, n int) ([]batch.Unprinted, error)
	PutPrints(ctx context.Context, id dossier.DocumentID, pages []batch.PagePrint) error
	PutOffPrints(ctx context.Context, id dossier.DocumentID, until time.Time) error
}

// Prints writes down what the pages of documents look like, whichever way they came, so
// that a sheet is found again that somebody brings again. Whoever reads a page says it;
// of papers that were read before that, the pictures are looked at once more. It goes
// by rows: killed anywhere, it goes on where it was.
type Prints struct {
	Rows  PrintRows
	Blobs blob.Store
	Temp  string
	Now   func() time.Time
	Log   *slog.Logger

	Lately *Lately // what this process has read; nil: nothing

	// Look looks at the pages of the scan at path, also of what is signed.
	Look func(ctx context.Context, path string, each func(batch.PagePrint) error) error

	// Draw draws page, counted from 1, of the PDF at path and returns the print of what is
	// drawn: of a page that told its words itself, and is found when its printout is
	// scanned. 0: it has none, or cannot be drawn.
	Draw func(ctx context.Context, path string, page int) uint64
}

const (
	printsEvery = 2 * time.Second // from a paper's being read to its pages' being found
	printsAgain = time.Hour       // after a file could not be read
	printsOnce  = 64              // documents for one look at what is owed
	printsDrawn = 50              // pages of one document that are drawn
)

// Run writes down what is owed until ctx ends. What cannot be done now is told once,
// and tried again.
func (k *Prints) Run(ctx context.Context) error {
	return sweep.Patient(ctx, printsEvery, func(ctx context.Context) error {
		_, err := k.Sweep(ctx)
		return err
	}, func(err error) { k.Log.ErrorContext(ctx, "prints of pages cannot be written down now", "err", err) })
}

// Sweep writes down all that is owed now, and returns of how many documents that was.
// After each it leaves others as much time as it took.
func (k *Prints) Sweep(ctx context.Context) (done int, err error) {
	for {
		owed, err := k.Rows.OwedPrints(ctx, printsOnce)
		if err != nil || len(owed) == 0 {
			return done, err
		}
		for _, u := range owed {
			began := k.Now()
			if err := k.write(ctx, u); err != nil {
				return done, err
			}
			done++
			select {
			case <-ctx.Done():
				return done, ctx.Err()
			case <-time.After(min(max(k.Now().Sub(began), 0), time.Second)):
			}
		}
	}
}

// write writes down what the pages of one document look like. One whose file is at
// fault has none; one whose file cannot be had waits.
func (k *Prints) write(ctx context.Context, u batch.Unprinted) error {
	pages, err := k.pages(ctx, u)
	var refused *jail.Refusal
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &refused):
		pages = nil
	case err != nil:
		k.Log.ErrorContext(ctx, "a paper cannot be looked at again", "document", u.Document, "err", err)
		return k.Rows.PutOffPrints(ctx, u.Document, k.Now().Add(printsAgain))
	}
	return k.Rows.PutPrints(ctx, u.Document, pages)
}

func (k *Prints) pages(ctx context.Context, u batch.Unprinted) ([]batch.PagePrint, error) {
	read, here := k.Lately.looked(u.Words)
	if !here {
		r, err := k.Blobs.Open(ctx, u.Words)
		if err != nil {
			return nil, fmt.Errorf("open words: %w", err)
		}
		defer r.Close()
		if read, err = seenIn(r); err != nil {
			return nil, fmt.Errorf("words: %w", err)
		}
	}
	pages, known := printsOf(read)
	told := toldOf(read)
	if known && len(told) == 0 {
		return pages, nil
	}
	path, done, err := fetched(ctx, k.Blobs, u.Scan, k.Temp, "again")
	if err != nil {
		return nil, err
	}
	defer done()
	if !known {
		if pages, err = k.looked(ctx, path); err != nil {
			return nil, err
		}
	}
	for _, page := range told[:min(len(told), printsDrawn)] {
		if p := k.Draw(ctx, path, page); p != 0 {
			pages = append(pages, batch.PagePrint{Page: page, Print: p})
		}
	}
	return pages, ctx.Err()
}

// A look is what a page looks like by its words, most of which say something else.
type look struct {
	Index   int    `json:"index"`
	Blank   bool   `json:"blank"`
	Engine  string `json:"engine"`
	Print   uint64 `json:"print,string"`
	Picture string `json:"picture"`
}

// seenIn reads of a paper's words only what the pages look like.
func seenIn(r io.Reader) (read []look, err error) {
	all, err := io.ReadAll(r) // what is read piece by piece is looked through twice
	if err == nil {
		err = json.Unmarshal(all, &read)
	}
	return read, err
}

// looksOf is seenIn of words that are read.
func looksOf(pages []ocr.Page) []look {
	read := make([]look, len(pages))
	for i, p := range pages {
		read[i] = look{p.Index, p.Blank, p.Engine, p.Print, p.Picture}
	}
	return read
}

// toldOf are the numbers of the pages that told their words themselves: no picture of
// them came.
func toldOf(read []look) (pages []int) {
	for _, p := range read {
		if p.Engine == ocr.EngineTold && p.Print == 0 && !p.Blank {
			pages = append(pages, p.Index+1)
		}
	}
	return pages
}

// printsOf returns what whoever read pages says they look like; not known if one of
// them was read before that was said.
func printsOf(read []look) (pages []batch.PagePrint, known bool) {
	for _, p := range read {
		if p.Picture == "" && p.Engine != ocr.EngineTold {
			return nil, false
		}
		if p.Print != 0 {
			pages = append(pages, batch.PagePrint{Page: p.Index + 1, Picture: p.Picture, Print: p.Print})
		}
	}
	return pages, true
}

// looked looks at the pictures of a scan once more.
func (k *Prints) looked(ctx context.Context, path string) (pages []batch.PagePrint, err error) {
	err = k.Look(ctx, path, func(p batch.PagePrint) error {
		if p.Print != 0 {
			pages = append(pages, p)
		}
		return nil
	})
	return pages, err
}
