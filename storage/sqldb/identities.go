package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/digest"
)

// BindIdentity says that a person is the one whom an identity provider knows as a
// subject, in the place of another. Their sessions end. A subject that is somebody
// else wraps [dossier.ErrConflict], a program [dossier.ErrInvalid].
func (db *DB) BindIdentity(ctx context.Context, p dossier.PersonID, issuer, subject string, by account.By) error {
	if issuer == "" || subject == "" || len(subject) > 255 { // OpenID Connect Core 1.0 section 2: at most 255 ASCII characters
		return fmt.Errorf("bind identity of %s: %w: an issuer and a subject", p, dossier.ErrInvalid)
	}
	err := db.tx(ctx, func(tx *sql.Tx) error {
		if err := changed(ctx, tx, p, digest.Digest{}, "first = first"); err != nil {
			return err
		}
		if program, err := one(ctx, tx, single[bool], "SELECT service FROM people WHERE id = $1", string(p)); err != nil || program {
			return errors.Join(err, fmt.Errorf("%w: a program logs in nowhere", dossier.ErrInvalid))
		}
		if taken, err := exists(ctx, tx, "SELECT 1 FROM identities WHERE issuer = $1 AND subject = $2 AND person <> $3", issuer, subject, string(p)); err != nil || taken {
			return errors.Join(err, fmt.Errorf("%w: the subject is somebody else", dossier.ErrConflict))
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM identities WHERE issuer = $1 AND person = $2", issuer, string(p)); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO identities (issuer, subject, person, at) VALUES ($1, $2, $3, $4)", issuer, subject, string(p), db.now().UnixMilli()); err != nil {
			return err
		}
		return db.did(ctx, tx, dossier.IdentityBound, p, by)
	})
	return named(err, "bind identity of %s", p)
}

// UnbindIdentity forgets whom an identity provider knows a person as, and ends their
// sessions. Without one the error wraps [dossier.ErrNotFound].
func (db *DB) UnbindIdentity(ctx context.Context, p dossier.PersonID, issuer string, by account.By) error {
	err := db.tx(ctx, func(tx *sql.Tx) error {
		n, err := affected(tx.ExecContext(ctx, "DELETE FROM identities WHERE issuer = $1 AND person = $2", issuer, string(p)))
		if err == nil && n == 0 {
			err = dossier.ErrNotFound
		}
		if err == nil {
			err = changed(ctx, tx, p, digest.Digest{}, "first = first")
		}
		if err != nil {
			return err
		}
		return db.did(ctx, tx, dossier.IdentityUnbound, p, by)
	})
	return named(err, "unbind identity of %s", p)
}

// PersonByIdentity returns whom an identity provider knows as a subject; nobody wraps
// [dossier.ErrNotFound].
func (db *DB) PersonByIdentity(ctx context.Context, issuer, subject string) (dossier.Person, error) {
	id, err := one(ctx, db.read, single[dossier.PersonID], "SELECT person FROM identities WHERE issuer = $1 AND subject = $2", issuer, subject)
	if err != nil {
		return dossier.Person{}, named(err, "person by identity")
	}
	return db.Person(ctx, id)
}

// IdentityOf returns whom an identity provider knows a person as; empty if it does not.
func (db *DB) IdentityOf(ctx context.Context, p dossier.PersonID, issuer string) (subject string, err error) {
	subject, err = one(ctx, db.read, single[string], "SELECT subject FROM identities WHERE issuer = $1 AND person = $2", issuer, string(p))
	if errors.Is(err, dossier.ErrNotFound) {
		return "", nil
	}
	return subject, named(err, "identity of %s", p)
}

// EndProvided ends the sessions that began at an identity provider: of a session there,
// or without one all of a subject. It returns how many.
func (db *DB) EndProvided(ctx context.Context, issuer, sid, subject string) (n int, err error) {
	err = db.tx(ctx, func(tx *sql.Tx) error {
		p, err := one(ctx, tx, single[dossier.PersonID], `SELECT person FROM sessions WHERE issuer = $1 AND ((sid = $2 AND $2 <> '') OR ($2 = '' AND person IN
			(SELECT person FROM identities WHERE issuer = $1 AND subject = $3)))`+limited(1), issuer, sid, subject)
		if errors.Is(err, dossier.ErrNotFound) {
			return nil
		} else if err != nil {
			return err
		}
		if n, err = affected(tx.ExecContext(ctx, "DELETE FROM sessions WHERE issuer = $1 AND person = $2 AND (sid = $3 OR $3 = '')", issuer, string(p), sid)); err != nil {
			return err
		}
		return db.did(ctx, tx, dossier.SessionEnded, p, account.By{Who: p})
	})
	return n, named(err, "end sessions from a provider")
}
