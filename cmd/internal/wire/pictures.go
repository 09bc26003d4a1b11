package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/pdf/picture"
	"sohoa/pdf/raster"
	"sohoa/storage/blob"
	"sohoa/web"
)

// Bounds of the pictures that are kept, some ten thousand pages, and of those
// that wait to be drawn.
const (
	mostPictures    = 2 << 30
	waitingPictures = 200
)

// pictures draws pages for the screen.
type pictures struct {
	gallery *picture.Gallery
	copies  *copies
}

// openPictures opens the gallery in the data directory.
func (h *House) openPictures() (pictures, error) {
	g, err := picture.Open(picture.Settings{Dir: h.cache(), Most: mostPictures,
		AtOnce: max(1, runtime.NumCPU()), Waiting: waitingPictures, Now: h.Settings.now, View: raster.View})
	return pictures{gallery: g, copies: &copies{blobs: h.Blobs, temp: h.copying(), most: mostCopies}}, err
}

// Name says what the picture of a page is called.
func (p pictures) Name(d dossier.Document, page int, size string) (string, error) {
	sum, err := p.of(d, page, size)
	return p.gallery.Name(sum.String(), page, raster.Size(size)), err
}

// Page draws a page of the newest PDF of d.
func (p pictures) Page(ctx context.Context, d dossier.Document, page int, size string) ([]byte, error) {
	sum, err := p.of(d, page, size)
	if err != nil {
		return nil, err
	}
	b, err := p.gallery.Page(ctx, picture.Source{Sum: sum.String(), Fetch: func(ctx context.Context) (string, func(), error) {
		return p.copies.get(ctx, sum)
	}}, page, raster.Size(size))
	return b, busy(err)
}

// forget drops what is at hand of bytes that were disposed of.
func (p pictures) forget(sum digest.Digest) {
	p.gallery.Forget(sum.String())
	p.copies.forget(sum)
}

// busy says in the words of the pages that too many wait.
func busy(err error) error {
	if errors.Is(err, picture.ErrBusy) {
		return fmt.Errorf("%w: %w", web.ErrBusy, err)
	}
	return err
}

// of returns the file that shows a page of d. Before there is one it wraps
// [dossier.ErrNotFound]; so does a size that is none.
func (p pictures) of(d dossier.Document, page int, size string) (digest.Digest, error) {
	sum, ok := newestPDF(d)
	if !ok || page < 1 || page > d.Pages || !slices.Contains(raster.Sizes(), raster.Size(size)) {
		return sum, fmt.Errorf("%w: no picture of page %d in size %q yet", dossier.ErrNotFound, page, size)
	}
	return sum, nil
}

// newestPDF returns the newest PDF of d. What came in signed is one.
func newestPDF(d dossier.Document) (digest.Digest, bool) {
	if _, sum, ok := d.Archival(); ok {
		return sum, true
	}
	for _, part := range []dossier.Part{dossier.PartSealed, dossier.PartCopySigned, dossier.PartPlain} {
		if sum, ok := d.Parts[part]; ok {
			return sum, true
		}
	}
	if _, ok := d.Parts[dossier.PartVerdict]; ok {
		return d.Parts[dossier.PartScan], true
	}
	return digest.Digest{}, false
}

// fetch copies a blob to a temporary file; done removes it.
func fetch(ctx context.Context, blobs blob.Store, sum digest.Digest, temp string) (path string, done func(), err error) {
	r, err := blobs.Open(ctx, sum)
	if err != nil {
		return "", nil, err
	}
	defer r.Close()
	f, err := os.CreateTemp(temp, "blob-*")
	if err != nil {
		return "", nil, err
	}
	_, err = io.Copy(f, r)
	if err = errors.Join(err, f.Close()); err != nil {
		os.Remove(f.Name())
		return "", nil, err
	}
	return f.Name(), func() { os.Remove(f.Name()) }, nil
}
