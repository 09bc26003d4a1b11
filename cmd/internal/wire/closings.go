package wire

import (
	"context"
	"errors"

	"sohoa/dossier/figures/closing"
	"sohoa/storage/archive"
	"sohoa/storage/sqldb"
)

// WithBooks calls fn with what closes months in the house in s.Data. A service
// may be working on it. A directory without a house is [os.ErrNotExist].
func WithBooks(ctx context.Context, s Settings, fn func(*closing.Books) error) error {
	return withRowsAndFiles(ctx, s, func(h rowsAndFiles) error { return fn(h.books) })
}

// rowsAndFiles are those of a house that a service may be working on.
type rowsAndFiles struct {
	rows  *sqldb.DB
	files archive.Store
	books *closing.Books
}

// withRowsAndFiles calls fn with the rows and files of the house in s.Data.
func withRowsAndFiles(ctx context.Context, s Settings, fn func(rowsAndFiles) error) (err error) {
	if err := s.check(); err != nil {
		return err
	}
	db, err := rowsOf(ctx, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if s, err = s.under(ctx, db); err != nil {
		return err
	}
	files, err := openBlobs(ctx, s)
	if err != nil {
		return err
	}
	return fn(rowsAndFiles{db, files, &closing.Books{Rows: db, Files: files, Now: s.now}})
}

// books are those of a running house.
func (h *House) books() *closing.Books {
	return &closing.Books{Rows: h.DB, Files: h.Blobs, Now: h.Settings.now}
}
