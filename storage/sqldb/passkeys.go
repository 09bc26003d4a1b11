package sqldb

import (
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/digest"
)

// AddTicket remembers what goes with a ticket of the door, which is good once for what
// it is for, until a time. It is known by its digest. Tickets that are over are
// forgotten.
func (db *DB) AddTicket(ctx context.Context, ticket digest.Digest, what, said string, until time.Time) error {
	err := db.tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM door_tickets WHERE until <= $1", db.now().UnixMilli()); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO door_tickets (ticket, what, said, until) VALUES ($1, $2, $3, $4)", ticket.String(), what, said, until.UnixMilli())
		return err
	})
	return named(err, "add a ticket")
}

// TakeTicket takes a ticket, and returns what goes with it. One that is unknown,
// taken, over or for something else wraps [dossier.ErrNotFound]. Of two who take it
// at once one does.
func (db *DB) TakeTicket(ctx context.Context, ticket digest.Digest, what string) (said string, err error) {
	said, err = one(ctx, db.write, single[string], "DELETE FROM door_tickets WHERE ticket = $1 AND what = $2 AND until > $3 RETURNING said",
		ticket.String(), what, db.now().UnixMilli())
	return said, named(err, "take a ticket")
}

const passkeyColumns = "id, person, name, key, count, synced, at, seen, doubt"

func passkeyOf(r row) (k account.Passkey, err error) {
	var key string
	var at, seen, doubt int64
	if err := r.Scan(&k.ID, &k.Person, &k.Name, &key, &k.Count, &k.Synced, &at, &seen, &doubt); err != nil {
		return k, err
	}
	k.At, k.Seen, k.Doubt = moment(at), sometime(seen), sometime(doubt)
	k.Key, err = base64.StdEncoding.DecodeString(key)
	return k, err
}

// Passkeys returns a person's passkeys, the oldest first.
func (db *DB) Passkeys(ctx context.Context, p dossier.PersonID) ([]account.Passkey, error) {
	found, err := all(ctx, db.read, passkeyOf, "SELECT "+passkeyColumns+" FROM passkeys WHERE person = $1 ORDER BY at, id", string(p))
	return found, named(err, "passkeys of %s", p)
}

// Passkey returns the passkey with an id; an unknown one wraps [dossier.ErrNotFound].
func (db *DB) Passkey(ctx context.Context, id string) (account.Passkey, error) {
	k, err := one(ctx, db.read, passkeyOf, "SELECT "+passkeyColumns+" FROM passkeys WHERE id = $1", id)
	return k, named(err, "passkey")
}

// AddPasskey keeps a passkey of a person, with the hashes of recovery codes; nil: they
// keep those that they have. The person's other sessions end. One that is known, and
// one too many, wrap [dossier.ErrConflict].
func (db *DB) AddPasskey(ctx context.Context, k account.Passkey, recovery []string, keep digest.Digest, by account.By) error {
	if err := k.Check(); err != nil {
		return named(err, "add passkey of %s", k.Person)
	}
	err := db.tx(ctx, func(tx *sql.Tx) error {
		if err := changed(ctx, tx, k.Person, keep, "first = first"); err != nil { // takes the row: of many at once each counts the others
			return err
		}
		n, err := one(ctx, tx, single[int], "SELECT COUNT(*) FROM passkeys WHERE person = $1 OR id = $2", string(k.Person), k.ID)
		if err != nil {
			return err
		}
		known, err := exists(ctx, tx, "SELECT 1 FROM passkeys WHERE id = $1", k.ID)
		if err != nil {
			return err
		}
		if known || n >= account.MostPasskeys {
			return fmt.Errorf("%w: it is known, or one too many", dossier.ErrConflict)
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO passkeys ("+passkeyColumns+") VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0)", k.ID, string(k.Person), k.Name,
			base64.StdEncoding.EncodeToString(k.Key), int64(k.Count), flag(k.Synced), db.now().UnixMilli()); err != nil {
			return err
		}
		if recovery != nil {
			if err := keepRecovery(ctx, tx, k.Person, recovery); err != nil {
				return err
			}
		}
		return db.did(ctx, tx, dossier.PasskeyAdded, k.Person, by)
	})
	return named(err, "add passkey of %s", k.Person)
}

// UsePasskey reports whether a passkey whose count was what it was is taken with its
// new count. Of two at once with the same one is, but those that do not count.
func (db *DB) UsePasskey(ctx context.Context, k account.Passkey, count uint32) (bool, error) {
	n, err := affected(db.write.ExecContext(ctx, "UPDATE passkeys SET count = $2, seen = $3 WHERE id = $1 AND count = $4 AND doubt = 0",
		k.ID, int64(count), db.now().UnixMilli(), int64(k.Count)))
	return n == 1, named(err, "use a passkey of %s", k.Person)
}

// DoubtPasskey keeps a passkey from letting anybody in, since its count did not grow.
func (db *DB) DoubtPasskey(ctx context.Context, k account.Passkey, by account.By) error {
	err := db.tx(ctx, func(tx *sql.Tx) error {
		n, err := affected(tx.ExecContext(ctx, "UPDATE passkeys SET doubt = $2 WHERE id = $1 AND doubt = 0", k.ID, db.now().UnixMilli()))
		if err != nil || n == 0 {
			return err
		}
		return db.did(ctx, tx, dossier.PasskeyDoubted, k.Person, by)
	})
	return named(err, "doubt a passkey of %s", k.Person)
}

// RemovePasskey takes a passkey of a person away, or without an id all, and ends their
// sessions but that of the token keep. Without one the error wraps
// [dossier.ErrNotFound].
func (db *DB) RemovePasskey(ctx context.Context, p dossier.PersonID, id string, keep digest.Digest, by account.By) error {
	err := db.tx(ctx, func(tx *sql.Tx) error {
		n, err := affected(tx.ExecContext(ctx, "DELETE FROM passkeys WHERE person = $1 AND (id = $2 OR $2 = '')", string(p), id))
		if err == nil && n == 0 {
			err = dossier.ErrNotFound
		}
		if err != nil {
			return err
		}
		if err := errors.Join(forgetRecovery(ctx, tx, p), changed(ctx, tx, p, keep, "first = first")); err != nil {
			return err
		}
		return db.did(ctx, tx, dossier.PasskeyRemoved, p, by)
	})
	return named(err, "remove passkey of %s", p)
}
