package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/batch"
	"sohoa/dossier/digest"
	"sohoa/ingest"
	incoming "sohoa/ingest/batch"
	"sohoa/ingest/malware"
	"sohoa/ingest/sniff"
	"sohoa/ocr/sides"
	"sohoa/pdf/arrange"
	"sohoa/pdf/picture"
	"sohoa/pdf/raster"
	"sohoa/web"
	"sohoa/workers"
)

// batchPause is between two looks whether a batch waits.
const batchPause = time.Second

// batchDesk builds what works at batches.
func (h *House) batchDesk() *incoming.Desk {
	return &incoming.Desk{Rows: h.DB, Blobs: h.Blobs, Bench: arrange.Bench{Temp: h.drafting(), Limits: Limits}, Dir: h.drafting(), Now: h.Settings.now,
		Look: lookAtSides,
		Accept: func(ctx context.Context, in ingest.Intake) (dossier.Document, error) {
			began := h.Settings.now()
			got, err := h.Door.Accept(ctx, in)
			if err == nil {
				h.received(ctx, got, began)
				h.Worker.Nudge()
			}
			return got, err
		}}
}

// lookAtSides looks at the sides of a file one after the other.
func lookAtSides(ctx context.Context, path string, each func(batch.Look) error) error {
	reader := batch.Reader{Title: receiptTitle, System: system}
	return sides.Looks(ctx, sniff.SplitToRead(ctx, path, Limits), func(l sides.Look) error {
		seen := batch.Look{Picture: l.Sum, Print: l.Print, DPI: l.DPI, Width: l.Width, Height: l.Height, Turn: l.Turn, Blank: l.Blank, Colour: l.Colour}
		seen.Mark, seen.Spoiled = reader.Mark(l.Says, l.Patch)
		return each(seen)
	})
}

// pagePrints builds what writes down how the pages of all papers look, to find a sheet
// again that somebody brings again.
func (h *House) pagePrints() *workers.Prints {
	return &workers.Prints{Rows: h.DB, Blobs: h.Blobs, Temp: h.temp, Now: h.Settings.now, Log: h.Log, Lately: h.tools.Lately,
		Look: func(ctx context.Context, path string, each func(batch.PagePrint) error) error {
			return sides.Looks(ctx, keptSplitter(ctx, path), func(l sides.Look) error {
				return each(batch.PagePrint{Page: l.Page, Picture: l.Sum, Print: l.Print})
			})
		}, Draw: drawnPrint}
}

// An A4 sheet at the resolution of prints. A print has a grid over the ink: of another
// sheet the proportions do not count.
const drawnWidth, drawnHeight = 827, 1169

// drawnPrint is the print of a page as it is drawn; 0 if it cannot be.
func drawnPrint(ctx context.Context, path string, page int) uint64 {
	m, err := raster.Gray(ctx, path, page, drawnWidth, drawnHeight)
	if err != nil {
		return 0
	}
	return sides.Print(m)
}

// workBatches works at batches that wait until ctx ends. What was in the way is
// logged, and tried again when the lease ends.
func (h *House) workBatches(ctx context.Context) error {
	clock := time.NewTicker(batchPause)
	defer clock.Stop()
	for {
		did, err := h.bundles.Step(ctx)
		if err != nil && ctx.Err() == nil {
			h.Log.ErrorContext(ctx, "batch not worked at", "err", err)
		}
		if did && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-clock.C:
		}
	}
}

// bundles lets the pages use batches.
type bundles struct {
	h       *House
	gallery *picture.Gallery
	held    *copies
	print   func(io.Writer, []web.Separator) error
}

func (h *House) openBatches(g *picture.Gallery, print func(io.Writer, []web.Separator) error) bundles {
	return bundles{h: h, gallery: g, print: print, held: &copies{blobs: h.Blobs, temp: h.drafting(), most: mostCopies, open: h.bundles.Shown}}
}

func (b bundles) List(ctx context.Context, agencies []dossier.AgencyCode, not dossier.Closed, after batch.ID, limit int) ([]batch.Batch, error) {
	return b.h.DB.OpenBatches(ctx, agencies, not, after, limit)
}

func (b bundles) Batch(ctx context.Context, id batch.ID, agencies []dossier.AgencyCode, not dossier.Closed) (batch.Batch, error) {
	return b.h.DB.OpenBatch(ctx, id, agencies, not)
}

// Lay puts the bytes of a file in the store, if no malware is in it.
func (b bundles) Lay(ctx context.Context, name string, body io.Reader, by account.By) (batch.File, error) {
	f, err := os.CreateTemp(b.h.drafting(), "lay-*")
	if err != nil {
		return batch.File{}, err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	if _, err := io.Copy(f, body); err != nil {
		return batch.File{}, err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return batch.File{}, err
	}
	if err := b.h.malware().Pass(ctx, f.Name(), malware.Trace{Door: "batches", Who: string(by.Who)}); err != nil {
		return batch.File{}, later(err)
	}
	sum, size, err := digest.Read(f)
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err == nil {
		err = b.h.Blobs.Put(ctx, sum, size, f)
	}
	name = filepath.Base(strings.ToValidUTF8(name, "?"))
	return batch.File{Sum: sum, Size: size, Name: name[:min(len(name), 200)]}, err
}

func (b bundles) Take(ctx context.Context, agency dossier.AgencyCode, feed batch.Feed, parting batch.Parting, files []batch.File, by account.By) (batch.Batch, error) {
	return b.h.bundles.Take(ctx, agency, feed, parting, files, by)
}

func (b bundles) Propose(ctx context.Context, x *batch.Batch) error {
	return b.h.bundles.Propose(ctx, x)
}

func (b bundles) Arrange(ctx context.Context, x batch.Batch, order bool, by account.By) error {
	return b.h.DB.ArrangeBatch(ctx, x, order, by)
}

func (b bundles) Separators(w io.Writer, sheets []web.Separator) error { return b.print(w, sheets) }

// Picture is what the picture of a side is called, and how it is drawn.
func (b bundles) Picture(ctx context.Context, x batch.Batch, file, page int, size string) (string, func() ([]byte, error), error) {
	if !slices.Contains(raster.Sizes(), raster.Size(size)) || file < 1 || file > len(x.Files) {
		return "", nil, fmt.Errorf("%w: no picture in size %q", dossier.ErrNotFound, size)
	}
	sum := x.Files[file-1].Sum
	src := picture.Source{Sum: sum.String(), Fetch: func(ctx context.Context) (string, func(), error) { return b.held.get(ctx, sum) }}
	return b.gallery.Name(src.Sum, page, raster.Size(size)), func() ([]byte, error) {
		drawn, err := b.gallery.Page(ctx, src, page, raster.Size(size))
		if errors.Is(err, raster.ErrInput) {
			err = fmt.Errorf("%w: %w", dossier.ErrNotFound, err)
		}
		return drawn, busy(err)
	}, nil
}
