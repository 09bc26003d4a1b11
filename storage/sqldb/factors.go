package sqldb

import (
	"context"
	"database/sql"
	"fmt"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/digest"
)

// Factor returns a person's second factor, confirmed or only begun;
// [dossier.ErrNotFound] if there is none.
func (db *DB) Factor(ctx context.Context, p dossier.PersonID) (account.Factor, error) {
	f, err := one(ctx, db.read, func(r row) (f account.Factor, err error) {
		var since int64
		err = r.Scan(&f.Secret, &since, &f.Step, &f.Left)
		f.Since = sometime(since)
		return f, err
	}, "SELECT secret, since, step, (SELECT COUNT(*) FROM recovery_codes c WHERE c.person = factors.person) FROM factors WHERE person = $1", string(p))
	return f, named(err, "factor of %s", p)
}

// BeginFactor keeps the secret of a factor that is still to be confirmed, in the
// place of one that was begun before. A confirmed one wraps [dossier.ErrConflict].
func (db *DB) BeginFactor(ctx context.Context, p dossier.PersonID, secret string) error {
	n, err := affected(db.write.ExecContext(ctx, `INSERT INTO factors (person, secret, since, step) VALUES ($1, $2, 0, 0)
		ON CONFLICT (person) DO UPDATE SET secret = excluded.secret, step = 0 WHERE factors.since = 0`, string(p), secret))
	if err == nil && n == 0 {
		err = fmt.Errorf("%w: there is one", dossier.ErrConflict)
	}
	return named(err, "begin factor of %s", p)
}

// AddFactor confirms the factor that was begun, by a code of a step, with the
// hashes of its recovery codes. The person's other sessions end.
func (db *DB) AddFactor(ctx context.Context, p dossier.PersonID, step int64, recovery []string, keep digest.Digest, by account.By) error {
	err := db.tx(ctx, func(tx *sql.Tx) error {
		n, err := affected(tx.ExecContext(ctx, "UPDATE factors SET since = $2, step = $3 WHERE person = $1 AND since = 0", string(p), db.now().UnixMilli(), step))
		if err == nil && n == 0 {
			err = fmt.Errorf("%w: none was begun", dossier.ErrConflict)
		}
		if err != nil {
			return err
		}
		if err := keepRecovery(ctx, tx, p, recovery); err != nil {
			return err
		}
		if err := changed(ctx, tx, p, keep, "first = first"); err != nil {
			return err
		}
		return db.did(ctx, tx, dossier.FactorAdded, p, by)
	})
	return named(err, "add factor of %s", p)
}

// keepRecovery puts new recovery codes in the place of those that were there.
func keepRecovery(ctx context.Context, tx *sql.Tx, p dossier.PersonID, hashes []string) error {
	if _, err := tx.ExecContext(ctx, "DELETE FROM recovery_codes WHERE person = $1", string(p)); err != nil {
		return err
	}
	for _, hash := range hashes {
		if _, err := tx.ExecContext(ctx, "INSERT INTO recovery_codes (person, hash) VALUES ($1, $2)", string(p), hash); err != nil {
			return err
		}
	}
	return nil
}

// UseCode reports whether the code of a step may be taken: it is newer than all
// that were. Of two at once one is.
func (db *DB) UseCode(ctx context.Context, p dossier.PersonID, step int64) (bool, error) {
	n, err := affected(db.write.ExecContext(ctx, "UPDATE factors SET step = $2 WHERE person = $1 AND since > 0 AND step < $2", string(p), step))
	return n == 1, named(err, "use a code of %s", p)
}

// UseRecovery reports whether a recovery code with a hash is there, and forgets it.
func (db *DB) UseRecovery(ctx context.Context, p dossier.PersonID, hash string) (bool, error) {
	n, err := affected(db.write.ExecContext(ctx, "DELETE FROM recovery_codes WHERE person = $1 AND hash = $2", string(p), hash))
	return n == 1, named(err, "use a recovery code of %s", p)
}

// RemoveFactor takes a person's factor and recovery codes away, and ends their
// sessions but that of the token keep. Without one the error wraps
// [dossier.ErrNotFound].
func (db *DB) RemoveFactor(ctx context.Context, p dossier.PersonID, keep digest.Digest, by account.By) error {
	err := db.tx(ctx, func(tx *sql.Tx) error {
		n, err := affected(tx.ExecContext(ctx, "DELETE FROM factors WHERE person = $1", string(p)))
		if err == nil && n == 0 {
			err = dossier.ErrNotFound
		}
		if err != nil {
			return err
		}
		if err := forgetRecovery(ctx, tx, p); err != nil {
			return err
		}
		if err := changed(ctx, tx, p, keep, "first = first"); err != nil {
			return err
		}
		return db.did(ctx, tx, dossier.FactorRemoved, p, by)
	})
	return named(err, "remove factor of %s", p)
}

// forgetRecovery takes recovery codes away with the last factor that they stand in for.
func forgetRecovery(ctx context.Context, tx *sql.Tx, p dossier.PersonID) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM recovery_codes WHERE person = $1 AND NOT EXISTS (SELECT 1 FROM factors WHERE person = $1 AND since > 0)
		AND NOT EXISTS (SELECT 1 FROM passkeys WHERE person = $1)`, string(p))
	return err
}

// mostDevices is how many browsers of a person are remembered.
const mostDevices = 8

// AddDevice remembers a browser in which a person logged in, by the digest of
// what it holds; the oldest of many are forgotten.
func (db *DB) AddDevice(ctx context.Context, token digest.Digest, p dossier.PersonID) error {
	err := db.tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "INSERT INTO devices (token, person, at) VALUES ($1, $2, $3) ON CONFLICT (token, person) DO UPDATE SET at = excluded.at",
			token.String(), string(p), db.now().UnixMilli()); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "DELETE FROM devices WHERE person = $1 AND token NOT IN (SELECT token FROM devices WHERE person = $1 ORDER BY at DESC, token"+limited(mostDevices)+")", string(p))
		return err
	})
	return named(err, "add device of %s", p)
}

// IsDevice reports whether a browser is one in which the person with a login
// logged in before.
func (db *DB) IsDevice(ctx context.Context, token digest.Digest, login string) (bool, error) {
	is, err := exists(ctx, db.read, "SELECT 1 FROM devices d JOIN people p ON p.id = d.person WHERE d.token = $1 AND p.login = $2", token.String(), login)
	return is, named(err, "device")
}
