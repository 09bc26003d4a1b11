package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/pdf/raster"
	"sohoa/storage/blob"
)

// pictureDPI is enough to read a page of A4 on a screen.
const pictureDPI = 110

// pictures draws pages for the screen and keeps what it drew: a picture
// follows from its file's digest and may be thrown away at any time.
type pictures struct {
	blobs blob.Store
	cache string
	temp  string
}

// page returns a JPEG of a page, from 1, of the newest PDF of d. Before there
// is one it wraps [dossier.ErrNotFound].
func (p pictures) page(ctx context.Context, d dossier.Document, page int) ([]byte, error) {
	sum, ok := newestPDF(d)
	if !ok || page < 1 || page > d.Pages {
		return nil, fmt.Errorf("%w: no picture of page %d yet", dossier.ErrNotFound, page)
	}
	kept := filepath.Join(p.cache, fmt.Sprintf("%s-%d-%d.jpg", sum, page, pictureDPI))
	if b, err := os.ReadFile(kept); err == nil {
		return b, nil
	}
	path, done, err := fetch(ctx, p.blobs, sum, p.temp)
	if err != nil {
		return nil, err
	}
	defer done()
	b, err := raster.Page(ctx, path, page, pictureDPI)
	if err != nil {
		return nil, fmt.Errorf("draw page %d: %w", page, err)
	}
	tmp, err := os.CreateTemp(p.cache, "new-*")
	if err != nil {
		return nil, err
	}
	_, err = tmp.Write(b)
	if err = errors.Join(err, tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), kept)
	}
	if err != nil {
		os.Remove(tmp.Name())
	}
	return b, err
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
