package sqldb

import (
	"context"

	"sohoa/dossier"
)

// A Commitment is a person's text that an event of the log commits to, with the
// salt that opens it (see [sohoa/storage/ledger.Commit]).
type Commitment struct {
	Version int64 // of the move
	Why     string
	Fields  string // as they are kept: what is committed to, byte for byte
	Salt    string
}

// Commitments returns what the moves of a document commit to, oldest first. A text
// that was erased by law is not among them.
func (db *DB) Commitments(ctx context.Context, id dossier.DocumentID) ([]Commitment, error) {
	found, err := all(ctx, db.read, func(r row) (c Commitment, err error) {
		return c, r.Scan(&c.Version, &c.Why, &c.Fields, &c.Salt)
	}, `SELECT c.version, c.why, c.fields, s.salt FROM changes c
		JOIN log_salts s ON s.document = c.document AND s.version = c.version
		WHERE c.document = $1 ORDER BY c.version`, string(id))
	return found, named(err, "commitments of %s", id)
}

// CaseLog returns what the log says of a dossier itself, not of its documents,
// oldest first: it was received, papers were used again, it was decided. It
// reads the whole log, some half a second for each million events.
func (db *DB) CaseLog(ctx context.Context, code dossier.Code) ([]dossier.Placed, error) {
	found, err := all(ctx, db.read, scanPlaced, `SELECT place, event FROM log_events
		WHERE event LIKE $1 AND event LIKE '%"kind":"case"%' ORDER BY place`, `%"dossier":"`+string(code)+`"%`)
	return found, named(err, "log of dossier %s", code)
}
