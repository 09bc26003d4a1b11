package sqldb

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/dossier/search"
)

// An OwedPaper is an archived paper whose lexemes are to be made, without its
// text: Source names it; zero if the paper has none.
type OwedPaper struct {
	search.Paper
	Source digest.Digest
	Stamp  int64 // of what is owed: another one if the rows changed since
}

// owedAtMost is how far ahead a paper may be due: what is tried again is so within less.
// One that is due later was put there while the clock was ahead, and is due now.
const owedAtMost = 2 * time.Hour

// SearchOwed returns up to n archived papers whose lexemes are not there or not
// those of today, the longest archived first.
func (db *DB) SearchOwed(ctx context.Context, n int) ([]OwedPaper, error) {
	now := db.now()
	owed, err := all(ctx, db.read, func(r row) (o OwedPaper, err error) {
		var fields, parts string
		if err = r.Scan(&o.Stamp, &o.Document, &o.Dossier, &o.Kind, &fields, &parts, &o.Receiving, &o.Competent, &o.Holder, &o.Name, &o.Number); err != nil {
			return o, err
		}
		if o.Fields, err = fieldsFrom(fields); err != nil {
			return o, err
		}
		var files map[dossier.Part]digest.Digest
		err = json.Unmarshal([]byte(parts), &files)
		o.Source = files[dossier.PartText]
		return o, err
	}, `SELECT w.stamp, d.id, d.dossier, d.kind, d.fields, d.parts, o.receiving, o.competent, h.id, h.name, h.number
		FROM search_owed w JOIN documents d ON d.id = w.document JOIN dossiers o ON o.code = d.dossier JOIN holders h ON h.id = o.holder
		WHERE w.due <= $1 OR w.due > $2 ORDER BY w.at, w.document`+limited(n), now.UnixMilli(), now.Add(owedAtMost).UnixMilli())
	if err == nil {
		err = db.over(ctx, owed)
	}
	return owed, named(err, "what the search is owed")
}

// over says which agencies are above those of papers.
func (db *DB) over(ctx context.Context, owed []OwedPaper) error {
	above := map[dossier.AgencyCode][]dossier.AgencyCode{}
	for i, o := range owed {
		for _, a := range []dossier.AgencyCode{o.Receiving, o.Competent} {
			list, ok := above[a]
			if !ok {
				var err error
				list, err = all(ctx, db.read, single[dossier.AgencyCode], "SELECT head FROM search_branches WHERE code = $1 ORDER BY head", string(a))
				if err != nil {
					return err
				}
				above[a] = list
			}
			owed[i].Over = append(owed[i].Over, list...)
		}
	}
	return nil
}

// SearchWaiting returns how many archived papers wait for their lexemes.
func (db *DB) SearchWaiting(ctx context.Context) (int, error) {
	n, err := one(ctx, db.read, single[int], "SELECT COUNT(*) FROM search_owed")
	return n, named(err, "what the search is owed")
}

// An IndexedPaper is an owed paper with its text and lexemes.
type IndexedPaper struct {
	OwedPaper
	Lexemes []string

	// Again is when the paper is to be done again, if its text could not be
	// had: until then it is found by what the rows say. Zero: it is done.
	Again time.Time
}

// PutSearch keeps the lexemes and texts of papers, all or none. A paper whose
// rows changed since it was read, or that is no more, is left alone.
func (db *DB) PutSearch(ctx context.Context, papers []IndexedPaper) error {
	err := db.tx(ctx, func(tx *sql.Tx) error {
		places := make([]int64, len(papers))
		// One at a time gives places, and before it holds what is owed, as a rebuild does.
		if _, err := tx.ExecContext(ctx, "UPDATE search_rebuild SET marked = marked WHERE id = 1"); err != nil {
			return err
		}
		for i, p := range papers {
			var err error
			if places[i], err = db.putPaper(ctx, tx, p); err != nil {
				return fmt.Errorf("%s: %w", p.Document, err)
			}
		}
		// Lexemes come last: a statement that returns rows is a savepoint, at each
		// of which FTS5 writes what it has as one more segment to be merged.
		f := db.finder()
		for i, p := range papers {
			if places[i] == 0 {
				continue
			}
			if err := putLexemes(ctx, tx, f.freshPut, places[i], f.list(p.Lexemes)); err != nil {
				return fmt.Errorf("%s: %w", p.Document, err)
			}
		}
		return nil
	})
	return named(err, "put into the search")
}

// putPaper keeps all of a paper but its lexemes, and returns its place: 0 if it
// is left alone.
func (db *DB) putPaper(ctx context.Context, tx *sql.Tx, p IndexedPaper) (place int64, err error) {
	done := "DELETE FROM search_owed WHERE document = $1 AND stamp = $2"
	args := []any{string(p.Document), p.Stamp}
	if !p.Again.IsZero() {
		done = "UPDATE search_owed SET due = $3 WHERE document = $1 AND stamp = $2"
		args = append(args, p.Again.UnixMilli())
	}
	if n, err := affected(tx.ExecContext(ctx, done, args...)); err != nil || n == 0 {
		return 0, err
	}
	f, issued := db.finder(), p.Field(dossier.FieldIssued)
	if _, err := time.Parse(time.DateOnly, issued); err != nil {
		issued = ""
	}
	place, err = one(ctx, tx, single[int64], "UPDATE search_docs SET issued = $2 WHERE document = $1 RETURNING place", string(p.Document), issued)
	if errors.Is(err, dossier.ErrNotFound) {
		if place, err = placeOf(ctx, tx, p.Document); err == nil {
			_, err = tx.ExecContext(ctx, f.insert, place, string(p.Document), issued)
		}
	}
	if err != nil {
		return 0, err
	}
	if _, err := tx.ExecContext(ctx, `UPDATE search_docs SET fresh = fresh + 1, sealed = CASE WHEN EXISTS (SELECT 1 FROM search_blocks WHERE block = search_docs.place / $2) THEN 1 ELSE sealed END
		WHERE place = $1`, place, db.blockOf); err != nil {
		return 0, err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO search_texts (place, body) VALUES ($1, $2)
		ON CONFLICT (place) DO UPDATE SET body = excluded.body`, place, p.Paper.Text)
	return place, err
}

// placeOf returns the place of a paper in the order of answers: the one it has had,
// of a paper that is made findable for the first time the next one.
func placeOf(ctx context.Context, tx *sql.Tx, d dossier.DocumentID) (int64, error) {
	place, err := one(ctx, tx, single[int64], "SELECT place FROM findable WHERE document = $1", string(d))
	if errors.Is(err, dossier.ErrNotFound) {
		place, err = one(ctx, tx, single[int64], "INSERT INTO findable (place, document) SELECT COALESCE(MAX(place), 0) + 1, $1 FROM findable RETURNING place", string(d))
	}
	return place, err
}

// putLexemes runs statements with the place of a paper, and its lexemes.
func putLexemes(ctx context.Context, tx *sql.Tx, statements []string, values ...any) error {
	for _, statement := range statements {
		if _, err := tx.ExecContext(ctx, statement, values...); err != nil {
			return err
		}
	}
	return nil
}

// allMarked is how far a rebuild has come that noted all that is owed: behind
// every id.
const allMarked = "~"

// OweSearch begins a rebuild, or goes on with one that was broken off: it notes
// up to n more archived papers as owed, and reports whether all are. fresh begins
// anew, with an index that is emptied first, in one transaction.
func (db *DB) OweSearch(ctx context.Context, n int, fresh bool) (all bool, err error) {
	err = db.tx(ctx, func(tx *sql.Tx) error {
		marked, err := one(ctx, tx, single[sql.NullString], "UPDATE search_rebuild SET marked = marked WHERE id = 1 RETURNING marked")
		if err != nil {
			return err
		}
		if fresh {
			marked.String = ""
			for _, statement := range db.finder().empty {
				if _, err := tx.ExecContext(ctx, statement); err != nil {
					return err
				}
			}
		}
		all, err = mark(ctx, tx, marked.String, n)
		return err
	})
	return all, named(err, "rebuild the search")
}

func mark(ctx context.Context, tx *sql.Tx, after string, n int) (bool, error) {
	if after == allMarked {
		return true, nil
	}
	last, err := one(ctx, tx, single[sql.NullString], `SELECT MAX(id) FROM (SELECT id FROM documents
		WHERE state = 'archived' AND disposed = 0 AND id > $1 ORDER BY id`+limited(n)+") AS few", after)
	if err != nil {
		return false, err
	}
	next := allMarked
	if last.Valid {
		next = last.String
		if _, err := tx.ExecContext(ctx, `INSERT INTO search_owed (document, at, stamp, due)
			SELECT d.id, COALESCE(e.added, d.changed), 1, 0 FROM documents d LEFT JOIN entries e ON e.document = d.id
			WHERE d.state = 'archived' AND d.disposed = 0 AND d.id > $1 AND d.id <= $2
			ON CONFLICT (document) DO UPDATE SET stamp = search_owed.stamp + 1, due = 0`, after, next); err != nil {
			return false, err
		}
	}
	_, err = tx.ExecContext(ctx, "UPDATE search_rebuild SET marked = $1 WHERE id = 1", next)
	return next == allMarked, err
}

// RebuiltSearch ends a rebuild of which nothing is owed any more; the next one
// begins anew.
func (db *DB) RebuiltSearch(ctx context.Context) error {
	_, err := db.write.ExecContext(ctx, "UPDATE search_rebuild SET marked = NULL WHERE id = 1 AND marked = $1", allMarked)
	return named(err, "rebuild the search")
}
