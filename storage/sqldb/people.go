package sqldb

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
)

const personColumns = "id, login, name, role, COALESCE(agency, ''), demo"

func scanPerson(r row) (p dossier.Person, err error) {
	err = r.Scan(&p.ID, &p.Login, &p.Name, &p.Role, &p.Agency, &p.Demo)
	return p, err
}

// PutPerson writes a person. Without an ID it is the person with that login, or
// a new one. An empty hash keeps the password a known person has. A login of
// somebody else wraps [dossier.ErrConflict], an unknown agency
// [dossier.ErrNotFound].
func (db *DB) PutPerson(ctx context.Context, p dossier.Person, hash string) error {
	err := db.tx(ctx, func(tx *sql.Tx) error { return db.putPerson(ctx, tx, p, hash) })
	return named(err, "put person %s", p.Login)
}

func (db *DB) putPerson(ctx context.Context, tx *sql.Tx, p dossier.Person, hash string) error {
	if p.Login == "" || !slices.Contains(dossier.Roles[:], p.Role) {
		return fmt.Errorf("%w: a person needs a login and one of the roles", dossier.ErrInvalid)
	}
	if p.Agency != "" {
		if err := known(ctx, tx, "agencies", string(p.Agency)); err != nil {
			return err
		}
	}
	same, err := all(ctx, tx, single[dossier.PersonID], "SELECT id FROM people WHERE login = $1", p.Login)
	switch {
	case err != nil:
		return err
	case p.ID == "" && len(same) > 0:
		p.ID = same[0]
	case p.ID == "":
		p.ID = dossier.PersonID(db.newID())
	case len(same) > 0 && same[0] != p.ID:
		return fmt.Errorf("%w: somebody else has this login", dossier.ErrConflict)
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO people (id, login, name, role, agency, hash, demo) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (id) DO UPDATE SET login = excluded.login, name = excluded.name, role = excluded.role,
			agency = excluded.agency, demo = excluded.demo,
			hash = CASE WHEN excluded.hash = '' THEN people.hash ELSE excluded.hash END`,
		string(p.ID), p.Login, p.Name, string(p.Role), text(p.Agency), hash, flag(p.Demo))
	return err
}

// Person returns the person with an id.
func (db *DB) Person(ctx context.Context, id dossier.PersonID) (dossier.Person, error) {
	p, err := one(ctx, db.read, scanPerson, "SELECT "+personColumns+" FROM people WHERE id = $1", string(id))
	return p, named(err, "person %s", id)
}

// PersonByLogin returns the person with a login and the hash of the password.
func (db *DB) PersonByLogin(ctx context.Context, login string) (dossier.Person, string, error) {
	var hash string
	p, err := one(ctx, db.read, func(r row) (p dossier.Person, err error) {
		err = r.Scan(&p.ID, &p.Login, &p.Name, &p.Role, &p.Agency, &p.Demo, &hash)
		return p, err
	}, "SELECT "+personColumns+", hash FROM people WHERE login = $1", login)
	return p, hash, named(err, "person by login") // what was typed may be a password
}

// People returns all people in the order of their logins.
func (db *DB) People(ctx context.Context) ([]dossier.Person, error) {
	p, err := all(ctx, db.read, scanPerson, "SELECT "+personColumns+" FROM people ORDER BY login")
	return p, named(err, "people")
}

// AddSession remembers until when a person is logged in by a token, of which
// only the digest is known here. Sessions that have ended are forgotten.
func (db *DB) AddSession(ctx context.Context, token digest.Digest, p dossier.PersonID, until time.Time) error {
	err := db.tx(ctx, func(tx *sql.Tx) error {
		if _, err := one(ctx, tx, single[string], "SELECT id FROM people WHERE id = $1", string(p)); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM sessions WHERE until <= $1", db.now().UnixMilli()); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO sessions (token, person, until) VALUES ($1, $2, $3)",
			token.String(), string(p), until.UnixMilli())
		return err
	})
	return named(err, "add session of %s", p)
}

// Session returns the person logged in by a token. The error of a token that
// is unknown or has ended wraps [dossier.ErrNotFound].
func (db *DB) Session(ctx context.Context, token digest.Digest) (dossier.Person, error) {
	p, err := one(ctx, db.read, scanPerson, "SELECT "+personColumns+` FROM people
		WHERE id = (SELECT person FROM sessions WHERE token = $1 AND until > $2)`,
		token.String(), db.now().UnixMilli())
	return p, named(err, "session")
}

// EndSession forgets a token. An unknown one is not an error.
func (db *DB) EndSession(ctx context.Context, token digest.Digest) error {
	_, err := db.write.ExecContext(ctx, "DELETE FROM sessions WHERE token = $1", token.String())
	return named(err, "end session")
}
