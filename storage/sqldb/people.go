package sqldb

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"sohoa/dossier"
	"sohoa/dossier/account"
)

const personColumns = "p.id, p.login, p.name, p.role, COALESCE(p.agency, ''), p.first, p.locked <> 0, p.demo, p.service <> 0"

func personInto(p *dossier.Person, more ...any) []any {
	return append([]any{&p.ID, &p.Login, &p.Name, &p.Role, &p.Agency, &p.First, &p.Locked, &p.Demo, &p.Service}, more...)
}

func scanPerson(r row) (p dossier.Person, err error) {
	err = r.Scan(personInto(&p)...)
	return p, err
}

// PutPerson writes a person. Without an ID it is the person with that login, or
// a new one. An empty hash keeps the password a known person has, and whether it
// is a first one; whether they are locked, or a program, is kept in any case. A new password,
// role or agency ends the person's sessions. A login of somebody else wraps [dossier.ErrConflict], an unknown agency
// [dossier.ErrNotFound].
func (db *DB) PutPerson(ctx context.Context, p dossier.Person, hash string) error {
	err := db.tx(ctx, func(tx *sql.Tx) error { return db.putPerson(ctx, tx, p, hash) })
	return named(err, "put person %s", p.Login)
}

func (db *DB) putPerson(ctx context.Context, tx *sql.Tx, p dossier.Person, hash string) error {
	if p.Login == "" || !slices.Contains(dossier.Roles[:], p.Role) {
		return fmt.Errorf("%w: a person needs a login and one of the roles", dossier.ErrInvalid)
	}
	if p.Service && (hash != "" || !slices.Contains(account.Serves, p.Role)) {
		return fmt.Errorf("%w: a program has no password, and does not run the house", dossier.ErrInvalid)
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
	if _, err := tx.ExecContext(ctx, "DELETE FROM sessions WHERE person = $1 AND ($2 <> '' OR EXISTS (SELECT 1 FROM people p WHERE p.id = $1 AND (p.role <> $3 OR COALESCE(p.agency, '') <> $4)))",
		string(p.ID), hash, string(p.Role), string(p.Agency)); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO people (id, login, name, role, agency, hash, first, demo, service) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (id) DO UPDATE SET login = excluded.login, name = excluded.name, role = excluded.role,
			agency = excluded.agency, demo = excluded.demo,
			first = CASE WHEN excluded.hash = '' THEN people.first ELSE excluded.first END,
			hash = CASE WHEN excluded.hash = '' THEN people.hash ELSE excluded.hash END`,
		string(p.ID), p.Login, p.Name, string(p.Role), text(p.Agency), hash, flag(p.First), flag(p.Demo), flag(p.Service))
	return err
}

// Person returns the person with an id.
func (db *DB) Person(ctx context.Context, id dossier.PersonID) (dossier.Person, error) {
	p, err := one(ctx, db.read, scanPerson, "SELECT "+personColumns+" FROM people p WHERE p.id = $1", string(id))
	return p, named(err, "person %s", id)
}

// PersonByLogin returns the person with a login and the hash of the password.
func (db *DB) PersonByLogin(ctx context.Context, login string) (dossier.Person, string, error) {
	var hash string
	p, err := one(ctx, db.read, func(r row) (p dossier.Person, err error) {
		err = r.Scan(personInto(&p, &hash)...)
		return p, err
	}, "SELECT "+personColumns+", p.hash FROM people p WHERE p.login = $1", login)
	return p, hash, named(err, "person by login") // what was typed may be a password
}

// People returns all people in the order of their logins.
func (db *DB) People(ctx context.Context) ([]dossier.Person, error) {
	p, err := all(ctx, db.read, scanPerson, "SELECT "+personColumns+" FROM people p ORDER BY p.login")
	return p, named(err, "people")
}
