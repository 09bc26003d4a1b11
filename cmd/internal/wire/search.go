package wire

import (
	"context"
	"log/slog"

	"sohoa/dossier"
	"sohoa/dossier/search"
	"sohoa/storage/archive"
	"sohoa/storage/index"
	"sohoa/storage/sqldb"
)

// indexer builds what makes archived papers findable.
func indexer(s Settings, db *sqldb.DB, blobs index.Blobs, log *slog.Logger) *index.Keeper {
	return &index.Keeper{Rows: db, Blobs: blobs, Now: s.now, Log: log}
}

// Searched is an answer, and how many archived papers are not in the index yet.
type Searched struct {
	search.Answer
	Waiting int
}

// Search answers a query over the archive in s.Data with the rights of who runs
// the house, and notes who looked before it returns. A service may be running.
// An agency that is not there is [dossier.ErrNotFound], a directory without a
// house [os.ErrNotExist].
func Search(ctx context.Context, s Settings, q search.Query, agency dossier.AgencyCode, who dossier.PersonID) (out Searched, err error) {
	err = withIndex(ctx, s, slog.New(slog.DiscardHandler), func(db *sqldb.DB, _ *index.Keeper) error {
		q.Scope, q.People = nil, true
		if agency != "" {
			if _, err := db.Agency(ctx, agency); err != nil {
				return err
			}
			below, err := db.Below(ctx, agency)
			if err != nil {
				return err
			}
			q.Agencies = append(below, agency)
		}
		if out.Answer, err = db.Search(ctx, q); err != nil {
			return err
		}
		if out.Waiting, err = db.SearchWaiting(ctx); err != nil {
			return err
		}
		note := dossier.Reading{Act: dossier.ReadSearched, Who: who, By: dossier.Admin, At: s.now(), Purpose: dossier.PurposeOf(dossier.Admin)}
		list := []dossier.Reading{note}
		for _, h := range out.Hits {
			note.Act, note.Document, note.Dossier, note.Holder, note.Demo = dossier.ReadFound, h.Document, h.Dossier, h.Holder, h.Demo
			list = append(list, note)
		}
		return db.NoteAll(ctx, list...)
	})
	return out, err
}

// RebuildSearch makes the index of the archive in s.Data anew, from its rows and
// files: see [index.Keeper.Rebuild]. A service may be running.
func RebuildSearch(ctx context.Context, s Settings, log *slog.Logger, fresh bool, progress func(done int)) (done int, err error) {
	err = withIndex(ctx, s, log, func(_ *sqldb.DB, k *index.Keeper) error {
		done, err = k.Rebuild(ctx, fresh, progress)
		return err
	})
	return done, err
}

func withIndex(ctx context.Context, s Settings, log *slog.Logger, do func(*sqldb.DB, *index.Keeper) error) error {
	return withArchive(ctx, s, func(db *sqldb.DB, blobs archive.Store) error { return do(db, indexer(s, db, blobs, log)) })
}
