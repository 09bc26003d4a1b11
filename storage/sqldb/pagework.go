package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"sohoa/dossier"
)

// OpenPages offers the pages of a document to whoever is free, each as a row; those
// that are offered already stay as they are.
func (db *DB) OpenPages(ctx context.Context, id dossier.DocumentID, version int64, n int) error {
	const atOnce = 200
	for from := 0; from < n; from += atOnce {
		var w where
		doc, v := w.value(string(id)), w.value(version)
		var rows []string
		for i := from; i < min(from+atOnce, n); i++ {
			rows = append(rows, fmt.Sprintf("(%s, CAST(%s AS BIGINT), %d)", doc, v, i))
		}
		if _, err := db.write.ExecContext(ctx, "INSERT INTO page_work (document, version, page) VALUES "+strings.Join(rows, ", ")+
			" ON CONFLICT (document, version, page) DO NOTHING", w.values...); err != nil {
			return named(err, "offer pages of %s", id)
		}
	}
	return nil
}

// ClaimPage begins the first page of a document that nobody reads and nobody has
// read, for d, and returns it with the number of the attempt, as [DB.Claim] does.
// If there is none, the agency is paused, or the paper rests in its trouble, the error is [dossier.ErrNotFound].
// The page counts for its agency's turn.
func (db *DB) ClaimPage(ctx context.Context, id dossier.DocumentID, version int64, holder string, d time.Duration) (number, attempt int, err error) {
	now := db.now()
	err = db.tx(ctx, func(tx *sql.Tx) error {
		if _, err := one(ctx, tx, func(r row) (struct{}, error) { return struct{}{}, r.Scan(&number, &attempt) },
			`UPDATE page_work SET holder = $1, lease_until = $2, attempts = attempts + 1
			WHERE document = $3 AND version = $4 AND result IS NULL AND lease_until <= $5 AND page = (SELECT page FROM page_work
				WHERE document = $3 AND version = $4 AND result IS NULL AND lease_until <= $5 ORDER BY page LIMIT 1`+db.skipLocked+`)
				AND EXISTS (SELECT 1 FROM documents WHERE id = $3 AND version = $4 AND (trouble = '' OR lease_until > $5) AND `+notPaused("documents")+`)
			RETURNING page, attempts`, holder, now.Add(d).UnixMilli(), string(id), version, now.UnixMilli()); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `UPDATE line_shares SET served = served + $1 / weight
			WHERE agency = (SELECT agency FROM documents WHERE id = $2)`, int64(page), string(id))
		return err
	})
	return number, attempt, named(err, "claim a page of %s", id)
}

// HoldPage keeps a page held for d from now on. If somebody else has it, or it is
// done, the error is [dossier.ErrConflict].
func (db *DB) HoldPage(ctx context.Context, id dossier.DocumentID, version int64, number int, holder string, d time.Duration) error {
	return named(db.onPage(ctx, id, version, number, holder, "lease_until = $5", db.now().Add(d).UnixMilli()), "hold page %d of %s", number, id)
}

// GivePage gives a page back, for others to begin after rest. What was begun came
// to an outcome: no attempt counts any more.
func (db *DB) GivePage(ctx context.Context, id dossier.DocumentID, version int64, number int, holder string, rest time.Duration) error {
	until := int64(0)
	if rest > 0 {
		until = db.now().Add(rest).UnixMilli()
	}
	return named(db.onPage(ctx, id, version, number, holder, "attempts = 0, holder = '', lease_until = $5", until), "give page %d of %s back", number, id)
}

// KeepPage keeps what was read of a page, once, and returns how many pages of the
// document are left. After the last one the document is due at once.
func (db *DB) KeepPage(ctx context.Context, id dossier.DocumentID, version int64, number int, holder string, result []byte) (left int, err error) {
	if err := db.onPage(ctx, id, version, number, holder, "result = $5, lease_until = 0", result); err != nil {
		return 0, named(err, "keep page %d of %s", number, id)
	}
	left, err = one(ctx, db.write, single[int], "SELECT COUNT(*) FROM page_work WHERE document = $1 AND version = $2 AND result IS NULL", string(id), version)
	if err == nil && left == 0 {
		_, err = db.write.ExecContext(ctx, "UPDATE documents SET next_try = 0 WHERE id = $1 AND version = $2 AND trouble = ''", string(id), version)
	}
	return left, named(err, "keep page %d of %s", number, id)
}

// onPage changes a page that holder has.
func (db *DB) onPage(ctx context.Context, id dossier.DocumentID, version int64, number int, holder, set string, value any) error {
	n, err := affected(db.write.ExecContext(ctx, "UPDATE page_work SET "+set+
		" WHERE document = $1 AND version = $2 AND page = $3 AND holder = $4 AND result IS NULL", string(id), version, number, holder, value))
	if err == nil && n == 0 {
		err = dossier.ErrConflict
	}
	return err
}

// ReadPages returns what was read of every page, in the order of the pages. Until
// all are read the error is [dossier.ErrNotFound].
func (db *DB) ReadPages(ctx context.Context, id dossier.DocumentID, version int64) ([][]byte, error) {
	done, of, err := pagesDone(ctx, db.read, id, version)
	if err != nil || done < of || of == 0 {
		return nil, named(errors.Join(err, dossier.ErrNotFound), "pages of %s", id)
	}
	list, err := all(ctx, db.read, single[[]byte], "SELECT result FROM page_work WHERE document = $1 AND version = $2 ORDER BY page", string(id), version)
	return list, named(err, "pages of %s", id)
}

// PagesDone returns how many pages of a document are read, of how many that are
// offered; none if they are not read one by one.
func (db *DB) PagesDone(ctx context.Context, d dossier.Document) (done, of int, err error) {
	done, of, err = pagesDone(ctx, db.read, d.ID, d.Version)
	return done, of, named(err, "pages of %s", d.ID)
}

func pagesDone(ctx context.Context, a asker, id dossier.DocumentID, version int64) (done, of int, err error) {
	_, err = one(ctx, a, func(r row) (struct{}, error) { return struct{}{}, r.Scan(&done, &of) },
		"SELECT COUNT(result), COUNT(*) FROM page_work WHERE document = $1 AND version = $2", string(id), version)
	return done, of, err
}

// FreePages lists documents with pages that wait for a reader, up to most of them:
// a job for each, with its lane and how many wait as its epoch.
func (db *DB) FreePages(ctx context.Context, most int) ([]dossier.Job, error) {
	found, err := all(ctx, db.read, func(r row) (j dossier.Job, err error) {
		err = r.Scan(&j.Document, &j.Version, &j.Epoch, &j.Lane)
		return j, err
	}, `SELECT p.document, p.version, p.n, d.lane FROM (
			SELECT document, version, COUNT(*) AS n FROM page_work WHERE result IS NULL AND lease_until <= $1
			GROUP BY document, version ORDER BY document`+limited(most)+`) AS p
		JOIN documents d ON d.id = p.document AND d.version = p.version WHERE (d.trouble = '' OR d.lease_until > $1) AND `+notPaused("d"), db.now().UnixMilli())
	return found, named(err, "pages that wait")
}

// OthersWait reports whether something is owed to a paper of another agency in the lane of
// a document, or to any in a lane before it. Papers in hand count, too.
func (db *DB) OthersWait(ctx context.Context, id dossier.DocumentID) (bool, error) {
	owed := strings.ReplaceAll(isOwed, "state", "o.state")
	var some []string
	for _, other := range [...]string{"o.lane < d.lane", "o.lane = d.lane AND o.agency < d.agency", "o.lane = d.lane AND o.agency > d.agency"} {
		some = append(some, "EXISTS (SELECT 1 FROM documents o WHERE "+other+" AND "+owed+")")
	}
	others, err := exists(ctx, db.read, "SELECT 1 FROM documents d WHERE d.id = $1 AND ("+strings.Join(some, " OR ")+")", string(id))
	return others, named(err, "others than %s", id)
}

// forgetPages lets go of the pages of a document that has moved on.
func forgetPages(ctx context.Context, tx *sql.Tx, id dossier.DocumentID) error {
	_, err := tx.ExecContext(ctx, "DELETE FROM page_work WHERE document = $1", string(id))
	return err
}
