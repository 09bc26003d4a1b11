package sqldb

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
)

// CountIntents returns how many intents were recorded for a signer's certificate
// since a time: every use of its key, whatever came of it.
func (db *DB) CountIntents(ctx context.Context, signer digest.Digest, since time.Time) (int, error) {
	from := int64(0)
	if !since.IsZero() {
		from = since.UnixMilli()
	}
	n, err := one(ctx, db.read, single[int64], "SELECT (SELECT COUNT(*) FROM intents WHERE signer = $1 AND at > $2) + (SELECT COUNT(*) FROM closing_intents WHERE signer = $1 AND at > $2)", signer.String(), from)
	return int(n), named(err, "count intents")
}

// LimitKey sets how many intents may be recorded for a signer's certificate in
// any period; a period of 0 means ever, uses of 0 no limit. From then on
// [DB.RecordIntent] refuses what is more, also of two at once.
func (db *DB) LimitKey(ctx context.Context, signer digest.Digest, uses int, period time.Duration) error {
	err := db.tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM key_limits WHERE signer = $1", signer.String()); err != nil || uses == 0 {
			return err
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO key_limits (signer, uses, period) VALUES ($1, $2, $3)", signer.String(), uses, period.Milliseconds())
		return err
	})
	return named(err, "limit key")
}

// AddBatch keeps what a person orders together, before any of it is done: every
// item begins as [dossier.NotOrdered]. It gives the batch its ID.
func (db *DB) AddBatch(ctx context.Context, b dossier.Batch) (dossier.Batch, error) {
	if len(b.Items) == 0 || len(b.Items) > dossier.MostInBatch || b.Who == "" {
		return b, fmt.Errorf("add batch: %w: of %d documents", dossier.ErrInvalid, len(b.Items))
	}
	b.ID, b.At = dossier.BatchID(db.newID()), db.orNow(b.At)
	err := db.tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "INSERT INTO batches (id, act, who, at) VALUES ($1, $2, $3, $4)",
			string(b.ID), string(b.Act), string(b.Who), b.At.UnixMilli()); err != nil {
			return err
		}
		for i := range b.Items {
			b.Items[i].Problem = dossier.NotOrdered
			if _, err := tx.ExecContext(ctx, "INSERT INTO batch_items (batch, place, document, version, problem) VALUES ($1, $2, $3, $4, $5)",
				string(b.ID), i, string(b.Items[i].Document), b.Items[i].Version, dossier.NotOrdered); err != nil {
				return err
			}
		}
		return nil
	})
	return b, named(err, "add batch")
}

// Ordered keeps whether the act was performed on a document of a batch: with an
// empty problem it was.
func (db *DB) Ordered(ctx context.Context, id dossier.BatchID, d dossier.DocumentID, problem string) error {
	n, err := affected(db.write.ExecContext(ctx, "UPDATE batch_items SET problem = $1 WHERE batch = $2 AND document = $3", problem, string(id), string(d)))
	if err == nil && n == 0 {
		err = dossier.ErrNotFound
	}
	return named(err, "batch %s", id)
}

// Batch returns a batch with its items.
func (db *DB) Batch(ctx context.Context, id dossier.BatchID) (dossier.Batch, error) {
	b, err := one(ctx, db.read, scanBatch, "SELECT id, act, who, at FROM batches WHERE id = $1", string(id))
	if err == nil {
		b.Items, err = all(ctx, db.read, func(r row) (i dossier.BatchItem, err error) {
			return i, r.Scan(&i.Document, &i.Version, &i.Problem)
		}, "SELECT document, version, problem FROM batch_items WHERE batch = $1 ORDER BY place", string(id))
	}
	return b, named(err, "batch %s", id)
}

// Batches returns the newest batches of a person, without items.
func (db *DB) Batches(ctx context.Context, who dossier.PersonID, limit int) ([]dossier.Batch, error) {
	found, err := all(ctx, db.read, scanBatch, "SELECT id, act, who, at FROM batches WHERE who = $1 ORDER BY at DESC, id DESC"+limited(limit), string(who))
	return found, named(err, "batches")
}

func scanBatch(r row) (b dossier.Batch, err error) {
	var at int64
	err = r.Scan(&b.ID, &b.Act, &b.Who, &at)
	b.At = moment(at)
	return b, err
}
