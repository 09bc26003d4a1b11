package sqldb

import (
	"context"
	"database/sql"

	"sohoa/dossier"
	"sohoa/storage/ledger"
)

// Setting returns what an administrator has set for the house; empty if nothing.
func (db *DB) Setting(ctx context.Context, name string) (string, error) {
	found, err := all(ctx, db.read, single[string], "SELECT value FROM settings WHERE name = $1", name)
	if err != nil || len(found) == 0 {
		return "", named(err, "setting %s", name)
	}
	return found[0], nil
}

// PutSetting sets something for the house, with an event in the log that says
// what and who: a setting holds nothing personal.
func (db *DB) PutSetting(ctx context.Context, name, value string, who dossier.PersonID) error {
	now := db.now().UnixMilli()
	err := db.tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `INSERT INTO settings (name, value, who, at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (name) DO UPDATE SET value = excluded.value, who = excluded.who, at = excluded.at`, name, value, string(who), now); err != nil {
			return err
		}
		return db.log(ctx, tx, ledger.Event{Kind: ledger.House, Act: "put-setting", At: now, Who: string(who), Subject: name + "=" + value})
	})
	return named(err, "put setting %s", name)
}
