package sqldb

import (
	"context"
	"database/sql"
	"encoding/json"

	"sohoa/dossier"
	"sohoa/dossier/account"
)

// BeginAnswer claims an account's key for a request, or returns what is kept under it:
// then fresh is false. Answers whose time is over are forgotten.
func (db *DB) BeginAnswer(ctx context.Context, k account.Kept) (kept account.Kept, fresh bool, err error) {
	err = db.tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM api_answers WHERE at <= $1", db.now().Add(-account.KeptFor).UnixMilli()); err != nil {
			return err
		}
		n, err := affected(tx.ExecContext(ctx, "INSERT INTO api_answers (account, key, print, at, status, header) VALUES ($1, $2, $3, $4, 0, '{}') ON CONFLICT (account, key) DO NOTHING",
			string(k.Account), k.Key, k.Print, db.now().UnixMilli()))
		if fresh = n == 1; fresh || err != nil {
			return err
		}
		kept, err = one(ctx, tx, scanAnswer, "SELECT account, key, print, at, status, header, body FROM api_answers WHERE account = $1 AND key = $2", string(k.Account), k.Key)
		return err
	})
	return kept, fresh, named(err, "begin an answer")
}

func scanAnswer(r row) (k account.Kept, err error) {
	var at int64
	var header string
	if err := r.Scan(&k.Account, &k.Key, &k.Print, &at, &k.Status, &header, &k.Body); err != nil {
		return k, err
	}
	k.At = moment(at)
	return k, json.Unmarshal([]byte(header), &k.Header)
}

// KeepAnswer keeps what was answered under a key that was claimed; a status of 0 gives
// the key free again, since nothing was done.
func (db *DB) KeepAnswer(ctx context.Context, k account.Kept) error {
	if k.Status == 0 {
		_, err := db.write.ExecContext(ctx, "DELETE FROM api_answers WHERE account = $1 AND key = $2 AND status = 0", string(k.Account), k.Key)
		return named(err, "free a key")
	}
	header, err := asJSON(k.Header)
	if err != nil {
		return err
	}
	_, err = db.write.ExecContext(ctx, "UPDATE api_answers SET status = $1, header = $2, body = $3 WHERE account = $4 AND key = $5 AND status = 0",
		k.Status, header, k.Body, string(k.Account), k.Key)
	return named(err, "keep an answer")
}

// AddJob enters that a program waits for what becomes of a document.
func (db *DB) AddJob(ctx context.Context, j account.Job) (account.Job, error) {
	j.ID, j.At = db.newID(), moment(db.now().UnixMilli())
	err := db.tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO api_jobs (id, account, document, at) VALUES ($1, $2, $3, $4)", j.ID, string(j.Account), string(j.Document), j.At.UnixMilli())
		if err == nil && j.URL != "" {
			_, err = tx.ExecContext(ctx, "INSERT INTO api_callbacks (job, key, url, failed) VALUES ($1, $2, $3, $4)", j.ID, j.Key, j.URL, j.FailedURL)
		}
		return err
	})
	return j, named(err, "add job")
}

// Job returns a job of an account; another's wraps [dossier.ErrNotFound].
func (db *DB) Job(ctx context.Context, of dossier.PersonID, id string) (account.Job, error) {
	j, err := one(ctx, db.read, func(r row) (j account.Job, err error) {
		var at int64
		err = r.Scan(&j.ID, &j.Account, &j.Document, &at)
		j.At = moment(at)
		return j, err
	}, "SELECT id, account, document, at FROM api_jobs WHERE id = $1 AND account = $2", id, string(of))
	return j, named(err, "job")
}
