package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/digest"
	"sohoa/storage/ledger"
)

// AddSession remembers that a person is logged in by a token, of which only the
// digest is known here. Sessions that have ended are forgotten. Who is locked, a
// program, or nobody, wraps [dossier.ErrNotFound].
func (db *DB) AddSession(ctx context.Context, token digest.Digest, s account.Session) error {
	err := db.tx(ctx, func(tx *sql.Tx) error {
		if _, err := one(ctx, tx, single[string], "SELECT id FROM people WHERE id = $1 AND locked = 0 AND service = 0", string(s.Person)); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM sessions WHERE until <= $1 OR seen + idle <= $1", db.now().UnixMilli()); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO sessions (token, id, person, browser, began, seen, until, idle, proved, half, deputy, issuer, sid, strong)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
			token.String(), db.newID(), string(s.Person), s.Browser, s.Began.UnixMilli(), s.Began.UnixMilli(), s.Until.UnixMilli(), s.Idle.Milliseconds(),
			s.Proved.UnixMilli(), flag(s.Half), s.Deputy, s.Issuer, s.SID, flag(s.Strong))
		return err
	})
	return named(err, "add session of %s", s.Person)
}

const sessionColumns = "s.id, s.person, s.browser, s.began, s.seen, s.until, s.idle, s.proved, s.half, s.deputy, s.issuer, s.sid, s.strong"

// runs is what a session fulfils that has not ended at $1; of a locked person
// none has.
const runs = " s.until > $1 AND s.seen + s.idle > $1 "

func sessionOf(r row, more ...any) (s account.Session, err error) {
	var began, seen, until, idle, proved int64
	err = r.Scan(append(more, &s.ID, &s.Person, &s.Browser, &began, &seen, &until, &idle, &proved, &s.Half, &s.Deputy, &s.Issuer, &s.SID, &s.Strong)...)
	s.Began, s.Seen, s.Until, s.Proved, s.Idle = moment(began), moment(seen), moment(until), moment(proved), time.Duration(idle)*time.Millisecond
	return s, err
}

// Session returns who is logged in by a token, and the session. The error of a
// token that is unknown or has ended, or whose person is locked, wraps
// [dossier.ErrNotFound].
func (db *DB) Session(ctx context.Context, token digest.Digest) (dossier.Person, account.Session, error) {
	var p dossier.Person
	var factor bool
	s, err := one(ctx, db.read, func(r row) (account.Session, error) { return sessionOf(r, personInto(&p, &factor)...) },
		"SELECT "+personColumns+", (EXISTS (SELECT 1 FROM factors f WHERE f.person = p.id AND f.since > 0) OR EXISTS (SELECT 1 FROM passkeys k WHERE k.person = p.id)), "+sessionColumns+`
		FROM sessions s JOIN people p ON p.id = s.person AND p.locked = 0 WHERE`+runs+`AND s.token = $2`, db.now().UnixMilli(), token.String())
	s.Factor = factor
	return p, s, named(err, "session")
}

// SessionSeen remembers when somebody last did something in a session.
func (db *DB) SessionSeen(ctx context.Context, token digest.Digest, at time.Time) error {
	own := seeing{token.String(), at.UnixMilli()}
	if _, told, err := db.seens.ask(ctx, own); told || err != nil {
		return named(err, "session seen")
	}
	return named(db.seeTogether(ctx, []seeing{own}), "session seen")
}

// A seeing is a session in which somebody did something, and when.
type seeing struct {
	token string
	at    int64
}

// seeTogether remembers in one transaction what comes at the same time: at eight in the
// morning everybody comes.
func (db *DB) seeTogether(ctx context.Context, list []seeing) error {
	return db.tx(ctx, func(tx *sql.Tx) error {
		for _, s := range list {
			if _, err := tx.ExecContext(ctx, "UPDATE sessions SET seen = $1 WHERE token = $2 AND seen < $1", s.at, s.token); err != nil {
				return err
			}
		}
		return nil
	})
}

func (db *DB) seeAll(ctx context.Context, list []seeing) map[string]struct{} {
	if err := db.seeTogether(ctx, list); err != nil {
		return nil // each by itself says why
	}
	done := map[string]struct{}{}
	for _, s := range list {
		done[s.token] = struct{}{}
	}
	return done
}

// SessionProved remembers that a password or code was given in a session.
func (db *DB) SessionProved(ctx context.Context, token digest.Digest, at time.Time) error {
	_, err := db.write.ExecContext(ctx, "UPDATE sessions SET proved = $1 WHERE token = $2", at.UnixMilli(), token.String())
	return named(err, "session proved")
}

// SessionDeputy lets a session act under a delegation; empty: as its person. A
// delegation that does not run, or is not theirs to take, wraps
// [dossier.ErrNotFound].
func (db *DB) SessionDeputy(ctx context.Context, token digest.Digest, delegation string) error {
	n, err := affected(db.write.ExecContext(ctx, `UPDATE sessions SET deputy = $1 WHERE token = $2 AND ($1 = '' OR EXISTS (SELECT 1 FROM delegations d
		WHERE d.id = $1 AND d.taker = sessions.person AND d.until > $3 AND NOT EXISTS (SELECT 1 FROM delegation_ends e WHERE e.delegation = d.id)))`,
		delegation, token.String(), db.now().UnixMilli()))
	if err == nil && n == 0 {
		err = dossier.ErrNotFound
	}
	return named(err, "session as a deputy")
}

// SessionsOf returns a person's sessions that have not ended, the newest first.
func (db *DB) SessionsOf(ctx context.Context, p dossier.PersonID) ([]account.Session, error) {
	found, err := all(ctx, db.read, func(r row) (account.Session, error) { return sessionOf(r) },
		"SELECT "+sessionColumns+" FROM sessions s WHERE"+runs+"AND s.person = $2 AND s.half = 0 ORDER BY s.began DESC, s.id DESC", db.now().UnixMilli(), string(p))
	return found, named(err, "sessions of %s", p)
}

// EndSession forgets a token. An unknown one is not an error.
func (db *DB) EndSession(ctx context.Context, token digest.Digest) error {
	_, err := db.write.ExecContext(ctx, "DELETE FROM sessions WHERE token = $1", token.String())
	return named(err, "end session")
}

// EndSessions ends the session of a person with an id, or without one all but
// that of the token keep. It returns how many it ended, and says so in the log.
func (db *DB) EndSessions(ctx context.Context, p dossier.PersonID, id string, keep digest.Digest, by account.By) (n int, err error) {
	err = db.tx(ctx, func(tx *sql.Tx) error {
		n, err = affected(tx.ExecContext(ctx, "DELETE FROM sessions WHERE person = $1 AND (id = $2 OR $2 = '') AND token <> $3", string(p), id, keep.String()))
		if err != nil || n == 0 {
			return err
		}
		return db.did(ctx, tx, dossier.SessionEnded, p, by)
	})
	return n, named(err, "end sessions of %s", p)
}

// did writes that something was done to a person's account.
func (db *DB) did(ctx context.Context, tx *sql.Tx, act dossier.ReadingAct, to dossier.PersonID, by account.By) error {
	return db.log(ctx, tx, ledger.Event{Kind: ledger.House, Act: string(act), At: db.now().UnixMilli(), Who: string(by.Who), Role: string(by.Role), Subject: string(to), Demo: by.Demo})
}

// changed takes a person's row for a change; nobody wraps [dossier.ErrNotFound].
// Their other sessions end.
func changed(ctx context.Context, tx *sql.Tx, p dossier.PersonID, keep digest.Digest, set string, values ...any) error {
	n, err := affected(tx.ExecContext(ctx, "UPDATE people SET "+set+" WHERE id = $1", append([]any{string(p)}, values...)...))
	if err == nil && n == 0 {
		err = dossier.ErrNotFound
	}
	if err == nil && keep != (digest.Digest{}) { // of two who change it at once, the second has been put out by the first
		_, err = one(ctx, tx, single[string], "SELECT person FROM sessions WHERE token = $1 AND person = $2", keep.String(), string(p))
	}
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "DELETE FROM sessions WHERE person = $1 AND token <> $2", string(p), keep.String())
	return err
}

// SetPassword gives a person another password, by its hash; first: somebody else
// knows it, and it must be changed. All their sessions end but that of the token
// keep.
func (db *DB) SetPassword(ctx context.Context, p dossier.PersonID, hash string, first bool, keep digest.Digest, by account.By) error {
	if hash == "" {
		return fmt.Errorf("set password: %w: no hash", dossier.ErrInvalid)
	}
	act := dossier.PutPassword
	if by.Who == p {
		act = dossier.PasswordChanged
	}
	err := db.tx(ctx, func(tx *sql.Tx) error {
		if err := changed(ctx, tx, p, keep, "hash = $2, first = $3", hash, flag(first)); err != nil {
			return err
		}
		if program, err := one(ctx, tx, single[bool], "SELECT service FROM people WHERE id = $1", string(p)); err != nil || program {
			return errors.Join(err, fmt.Errorf("%w: a program has keys and no password", dossier.ErrInvalid))
		}
		return db.did(ctx, tx, act, p, by)
	})
	return named(err, "set password of %s", p)
}

// RehashPassword puts another hash of the password that a person has in place of the one
// that it was checked against; if it was changed meanwhile, that one stays. Nothing of the
// account changes, so that no session ends and the ledger says nothing.
func (db *DB) RehashPassword(ctx context.Context, p dossier.PersonID, old, hash string) error {
	if hash == "" {
		return fmt.Errorf("hash a password anew: %w: no hash", dossier.ErrInvalid)
	}
	_, err := db.write.ExecContext(ctx, "UPDATE people SET hash = $3 WHERE id = $1 AND hash = $2", string(p), old, hash)
	return named(err, "hash the password of %s anew", p)
}

// LockPerson keeps a person out, at once, or lets them in again.
func (db *DB) LockPerson(ctx context.Context, p dossier.PersonID, lock bool, by account.By) error {
	act, since := dossier.AccountUnlocked, int64(0)
	if lock {
		act, since = dossier.AccountLocked, db.now().UnixMilli()
	}
	err := db.tx(ctx, func(tx *sql.Tx) error {
		if err := changed(ctx, tx, p, digest.Digest{}, "locked = $2", since); err != nil {
			return err
		}
		return db.did(ctx, tx, act, p, by)
	})
	return named(err, "lock %s", p)
}

// PlacePerson gives a person another role and agency, and ends their sessions.
func (db *DB) PlacePerson(ctx context.Context, p dossier.PersonID, role dossier.Role, agency dossier.AgencyCode, by account.By) error {
	err := db.tx(ctx, func(tx *sql.Tx) error {
		if err := known(ctx, tx, "agencies", string(agency)); err != nil {
			return err
		}
		if err := changed(ctx, tx, p, digest.Digest{}, "role = $2, agency = $3", string(role), string(agency)); err != nil {
			return err
		}
		if program, err := one(ctx, tx, single[bool], "SELECT service FROM people WHERE id = $1", string(p)); err != nil {
			return err
		} else if program && !slices.Contains(account.Serves, role) {
			return fmt.Errorf("%w: a program does not run the house", dossier.ErrInvalid)
		}
		return db.did(ctx, tx, dossier.PersonPlaced, p, by)
	})
	return named(err, "place %s", p)
}
