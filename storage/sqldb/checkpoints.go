package sqldb

import (
	"context"
	"fmt"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/storage/ledger"
)

const checkpointColumns = "size, at, note, sum, stamp"

func scanCheckpoint(r row) (k ledger.Kept, err error) {
	var note string
	err = r.Scan(&k.Size, &k.At, &note, &k.Sum, &k.Stamp)
	k.Note = []byte(note)
	return k, err
}

// AddCheckpoint keeps a signed checkpoint. The blobs that it names must be
// stored already. One of the same size that is there stays, and is returned.
func (db *DB) AddCheckpoint(ctx context.Context, k ledger.Kept) (ledger.Kept, error) {
	if _, err := db.write.ExecContext(ctx, "INSERT INTO log_checkpoints ("+checkpointColumns+`) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (size) DO NOTHING`, k.Size, k.At, string(k.Note), k.Sum, k.Stamp); err != nil {
		return k, fmt.Errorf("add checkpoint: %w", err)
	}
	return db.Checkpoint(ctx, k.Size)
}

// StampCheckpoint keeps the time-stamp of a checkpoint that had none.
func (db *DB) StampCheckpoint(ctx context.Context, size int64, stamp digest.Digest) error {
	_, err := db.write.ExecContext(ctx, "UPDATE log_checkpoints SET stamp = $1 WHERE size = $2 AND stamp = ''", stamp.String(), size)
	return named(err, "stamp checkpoint %d", size)
}

// Checkpoint returns the checkpoint of a size.
func (db *DB) Checkpoint(ctx context.Context, size int64) (ledger.Kept, error) {
	k, err := one(ctx, db.read, scanCheckpoint, "SELECT "+checkpointColumns+" FROM log_checkpoints WHERE size = $1", size)
	return k, named(err, "checkpoint of %d events", size)
}

// Checkpoints returns the newest checkpoints first; a limit of 0 is none.
func (db *DB) Checkpoints(ctx context.Context, limit int) ([]ledger.Kept, error) {
	found, err := all(ctx, db.read, scanCheckpoint, "SELECT "+checkpointColumns+" FROM log_checkpoints ORDER BY size DESC"+limited(limit))
	return found, named(err, "checkpoints")
}

// CheckpointOver returns the smallest checkpoint under which the event at a place
// stands: from then on its proof never changes.
func (db *DB) CheckpointOver(ctx context.Context, place int64) (ledger.Kept, error) {
	found, err := all(ctx, db.read, scanCheckpoint, "SELECT "+checkpointColumns+" FROM log_checkpoints WHERE size > $1 ORDER BY size LIMIT 1", place)
	if err == nil && len(found) == 0 {
		err = dossier.ErrNotFound
	}
	if err != nil {
		return ledger.Kept{}, fmt.Errorf("checkpoint over event %d: %w", place, err)
	}
	return found[0], nil
}

// FindEvent returns the place of the event with an id, or of the change that led
// a document to a version if both are given instead.
func (db *DB) FindEvent(ctx context.Context, id string, document dossier.DocumentID, version int64) (int64, error) {
	if document != "" {
		placed, err := db.LogOf(ctx, document)
		if err != nil {
			return 0, err
		}
		for _, p := range placed {
			if p.Kind == string(ledger.Move) && p.Version == version {
				return p.Place, nil
			}
		}
		return 0, fmt.Errorf("version %d of %s in the log: %w", version, document, dossier.ErrNotFound)
	}
	place, err := one(ctx, db.read, single[int64], "SELECT place FROM log_events WHERE event LIKE $1 ORDER BY place LIMIT 1", `%"id":"`+id+`"%`)
	return place, named(err, "event %s", id)
}

// IsCheckpoint says whether a file is a checkpoint of the ledger, or the
// time-stamp of one.
func (db *DB) IsCheckpoint(ctx context.Context, d digest.Digest) (bool, error) {
	known, err := exists(ctx, db.read, "SELECT 1 FROM log_checkpoints WHERE sum = $1 OR stamp = $1", d.String())
	return known, named(err, "is %s a checkpoint", d)
}
