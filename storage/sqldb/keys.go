package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/digest"
	"sohoa/storage/ledger"
)

const keyColumns = "k.id, k.account, k.head, k.acts, k.agency, k.why, k.who, k.at, k.until, k.demo, e.at, e.who, u.seen"

const keyTables = " FROM api_keys k LEFT JOIN api_key_ends e ON e.key = k.id LEFT JOIN api_key_uses u ON u.key = k.id"

func keyOf(r row, more ...any) (k account.Key, err error) {
	var at, until int64
	var ended, seen sql.NullInt64
	var by sql.NullString
	var acts string
	err = r.Scan(append(more, &k.ID, &k.Account, &k.Head, &acts, &k.Agency, &k.Why, &k.Who, &at, &until, &k.Demo, &ended, &by, &seen)...)
	k.Acts, k.At, k.Until = strings.Fields(acts), moment(at), moment(until)
	k.Ended, k.EndedBy, k.Seen = sometime(ended.Int64), dossier.PersonID(by.String), sometime(seen.Int64)
	return k, err
}

// MakeKey gives a service account a key, of which only the digest of the secret is
// known here. An account that is none wraps [dossier.ErrNotFound].
func (db *DB) MakeKey(ctx context.Context, k account.Key, secret digest.Digest, by account.By) (account.Key, error) {
	k.ID, k.At, k.Who = db.newID(), moment(db.now().UnixMilli()), by.Who
	k.Until = moment(k.Until.UnixMilli())
	if err := k.Check(k.At); err != nil {
		return k, fmt.Errorf("make key: %w", err)
	}
	err := db.tx(ctx, func(tx *sql.Tx) (err error) {
		if k.Demo, err = one(ctx, tx, single[bool], "UPDATE people SET role = role WHERE id = $1 AND service = 1 RETURNING demo", string(k.Account)); err != nil {
			return err
		}
		if err := known(ctx, tx, "agencies", string(k.Agency)); err != nil {
			return err
		}
		salt := ledger.NewSalt()
		if _, err := tx.ExecContext(ctx, `INSERT INTO api_keys (id, account, secret, head, acts, agency, why, who, role, at, until, salt, demo)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
			k.ID, string(k.Account), secret.String(), k.Head, strings.Join(k.Acts, " "), string(k.Agency), k.Why, string(k.Who), string(by.Role),
			k.At.UnixMilli(), k.Until.UnixMilli(), salt, flag(k.Demo)); err != nil {
			return err
		}
		return db.log(ctx, tx, ledger.Event{Kind: ledger.House, Act: account.KeyMade, At: k.At.UnixMilli(), Who: string(by.Who), Role: string(by.Role),
			Subject: k.ID, Sum: k.Sum(secret.String()), Text: ledger.Commit(salt, k.Why, ""), Demo: k.Demo})
	})
	return k, named(err, "make key")
}

// EndKey ends a key of an account before its day. One that is not there wraps
// [dossier.ErrNotFound], one that was ended [dossier.ErrConflict].
func (db *DB) EndKey(ctx context.Context, of dossier.PersonID, id string, by account.By) error {
	err := db.tx(ctx, func(tx *sql.Tx) error {
		k, err := one(ctx, tx, func(r row) (account.Key, error) { return keyOf(r) }, "SELECT "+keyColumns+keyTables+" WHERE k.id = $1 AND k.account = $2", id, string(of))
		if err != nil {
			return err
		}
		if !k.Ended.IsZero() {
			return fmt.Errorf("%w: it has ended", dossier.ErrConflict)
		}
		e := ledger.Event{ID: db.newID(), Kind: ledger.House, Act: account.KeyEnded, At: db.now().UnixMilli(), Who: string(by.Who), Role: string(by.Role), Subject: id, Demo: k.Demo}
		if _, err := tx.ExecContext(ctx, "INSERT INTO api_key_ends (id, key, who, role, at, demo) VALUES ($1, $2, $3, $4, $5, $6)",
			e.ID, id, e.Who, e.Role, e.At, flag(e.Demo)); err != nil {
			return err
		}
		return db.log(ctx, tx, e)
	})
	return named(err, "end key")
}

// Keys returns the keys of an account, newest first, those that have ended too.
func (db *DB) Keys(ctx context.Context, of dossier.PersonID) ([]account.Key, error) {
	found, err := all(ctx, db.read, func(r row) (account.Key, error) { return keyOf(r) },
		"SELECT "+keyColumns+keyTables+" WHERE k.account = $1 ORDER BY k.at DESC, k.id DESC"+limited(200), string(of))
	return found, named(err, "keys of %s", of)
}

// KeyBySecret returns the key whose secret has a digest, and its account. A key that
// is unknown or has ended, or whose account is locked, wraps [dossier.ErrNotFound].
func (db *DB) KeyBySecret(ctx context.Context, secret digest.Digest) (dossier.Person, account.Key, error) {
	var p dossier.Person
	k, err := one(ctx, db.read, func(r row) (account.Key, error) { return keyOf(r, personInto(&p)...) },
		"SELECT "+personColumns+", "+keyColumns+keyTables+` JOIN people p ON p.id = k.account AND p.locked = 0 AND p.service = 1
		WHERE k.secret = $1 AND k.until > $2 AND e.id IS NULL`, secret.String(), db.now().UnixMilli())
	return p, k, named(err, "key")
}

// KeySeen remembers when a key was last used.
func (db *DB) KeySeen(ctx context.Context, id string, at time.Time) error {
	_, err := db.write.ExecContext(ctx, "INSERT INTO api_key_uses (key, seen) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET seen = excluded.seen WHERE api_key_uses.seen < excluded.seen", id, at.UnixMilli())
	return named(err, "key seen")
}

// keyed takes an event of keys into account.
func (a *audit) keyed(place int64, e *ledger.Event) {
	at := strconv.FormatInt(e.At, 10)
	switch e.Act {
	case account.KeyMade:
		a.says(laneKeys, place, e, 1, e.Subject, e.Sum, e.Who, e.Role, at, e.Text)
	case account.KeyEnded:
		a.says(laneKeys, place, e, 1, e.ID, e.Subject, e.Who, e.Role, at)
	}
}

// keyRows compares keys and their ends.
func (a *audit) keyRows() error {
	made := a.scan("SELECT id, account, head, acts, agency, until, secret, who, role, at, why, salt FROM api_keys", 12, func(v []driver.Value) error {
		until, _ := strconv.ParseInt(said(v[5]), 10, 64) // spoilt, it is another sum
		k := account.Key{Account: dossier.PersonID(said(v[1])), Head: said(v[2]), Acts: strings.Fields(said(v[3])), Agency: dossier.AgencyCode(said(v[4])), Until: moment(until)}
		a.has(laneKeys, 1, strings.Join([]string{said(v[0]), k.Sum(said(v[6])), said(v[7]), said(v[8]), said(v[9]), ledger.Commit(said(v[11]), said(v[10]), "")}, unit))
		return nil
	})
	return errors.Join(made, a.scan("SELECT id, key, who, role, at FROM api_key_ends", 5, func(v []driver.Value) error {
		a.has(laneKeys, 1, strings.Join([]string{said(v[0]), said(v[1]), said(v[2]), said(v[3]), said(v[4])}, unit))
		return nil
	}))
}
