package sqldb

import (
	"context"
	"database/sql"
	"fmt"

	"sohoa/dossier"
)

// unreviewed is the condition on a document d that was read badly and that
// nobody has looked at: it is found from those that were, which are few.
const unreviewed = `d.state <> 'refused' AND d.id IN (SELECT m.document FROM made m WHERE m.part = 'doubts'
	AND NOT EXISTS (SELECT 1 FROM reviews r WHERE r.document = m.document))`

// Review notes that a person looked at the pages of a document that were read
// badly. Doing it again changes nothing. A document that was read well is an
// error that wraps [dossier.ErrInvalid].
func (db *DB) Review(ctx context.Context, id dossier.DocumentID, who dossier.PersonID) error {
	if who == "" {
		return fmt.Errorf("review document %s: %w: nobody is named", id, dossier.ErrInvalid)
	}
	err := db.tx(ctx, func(tx *sql.Tx) error {
		d, err := one(ctx, tx, scanDocument, "SELECT "+documentColumns+" FROM documents d WHERE d.id = $1", string(id))
		if err != nil {
			return err
		}
		if d.Parts[dossier.PartDoubts].IsZero() {
			return fmt.Errorf("%w: it was read well", dossier.ErrInvalid)
		}
		now := db.now()
		n, err := affected(tx.ExecContext(ctx, `INSERT INTO reviews (document, who, at) VALUES ($1, $2, $3)
			ON CONFLICT (document) DO NOTHING`, string(id), string(who), now.UnixMilli()))
		if err != nil || n == 0 {
			return err
		}
		return db.happened(ctx, tx, dossier.Event{Dossier: d.Dossier, Act: dossier.PaperReviewed, Who: who, At: now, Slot: d.Slot}, 0)
	})
	return named(err, "review document %s", id)
}

// Reviewed returns who looked at what was read badly of a document; empty if
// nobody did.
func (db *DB) Reviewed(ctx context.Context, id dossier.DocumentID) (dossier.PersonID, error) {
	who, err := all(ctx, db.read, single[dossier.PersonID], "SELECT who FROM reviews WHERE document = $1", string(id))
	if err != nil || len(who) == 0 {
		return "", named(err, "review of %s", id)
	}
	return who[0], nil
}
