package wire

import (
	"context"
	"errors"
	"io"

	"sohoa/dossier"
	"sohoa/ingest/upload"
	"sohoa/web"
)

// arrivingFiles is how many files of one person may be on their way at once.
const arrivingFiles = 200

// uploads lets the pages keep files that arrive in pieces.
type uploads struct{ store *upload.Store }

func (h *House) openUploads() uploads {
	h.uploads = &upload.Store{Dir: h.arriving(), Each: Limits.Bytes, Most: mostDrafted, Files: arrivingFiles, Life: draftLife, Now: h.Settings.now}
	return uploads{h.uploads}
}

// Begin announces a file.
func (u uploads) Begin(_ context.Context, x web.Upload) (web.Upload, error) {
	got, err := u.store.Begin(upload.Upload(x))
	return web.Upload(got), err
}

// Upload returns how far a file is.
func (u uploads) Upload(_ context.Context, who dossier.PersonID, id string) (web.Upload, error) {
	got, err := u.store.Upload(who, id)
	return web.Upload(got), err
}

// Append adds a piece.
func (u uploads) Append(_ context.Context, who dossier.PersonID, id string, p web.Piece) (web.Upload, error) {
	got, err := u.store.Append(who, id, p.Offset, p.Sum, p.Body)
	if errors.Is(err, upload.ErrSum) {
		err = web.ErrSum
	}
	return web.Upload(got), err
}

// Take gives a whole file to who takes it in, once.
func (u uploads) Take(_ context.Context, who dossier.PersonID, id string, take func(web.Upload, io.Reader) (string, error)) (string, error) {
	return u.store.Take(who, id, func(x upload.Upload, body io.Reader) (string, error) { return take(web.Upload(x), body) })
}

// Remove forgets a file that is on its way.
func (u uploads) Remove(_ context.Context, who dossier.PersonID, id string) error {
	return u.store.Remove(who, id)
}
