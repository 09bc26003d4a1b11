package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/room"
	"sohoa/storage/ledger"
)

// within adds that a dossier o, and with d a document of it, is in a part of the
// archive: nil is all of it.
func within(w *where, in *dossier.Within, d string) {
	if in == nil {
		return
	}
	among(w, in.Agencies, "o.receiving", "o.competent")
	if in.Dossier != "" {
		w.and("o.code = %s", string(in.Dossier))
	}
	if !in.From.IsZero() {
		w.and("o.received >= %s", in.From.UnixMilli())
	}
	if !in.To.IsZero() {
		w.and("o.received < %s", in.To.UnixMilli())
	}
	excluding(w, in.Not.Procedures, "o.procedure")
	if d != "" {
		among(w, in.Kinds, d+".kind")
		excluding(w, in.Not.Kinds, d+".kind")
	} else if len(in.Kinds) > 0 {
		var k where
		k.values = w.values
		among(&k, in.Kinds, "k.kind")
		w.values = k.values
		w.conditions = append(w.conditions, "EXISTS (SELECT 1 FROM documents k WHERE k.dossier = o.code AND "+k.conditions[0]+")")
	}
}

const grantColumns = "g.id, g.person, g.agency, g.dossier, g.kinds, g.since, g.till, g.purpose, g.until, g.who, g.role, g.at, g.demo"

func scanGrant(r row) (g room.Grant, err error) {
	var kinds, since, till string
	var until, at int64
	var ended sql.NullInt64
	var by, why sql.NullString
	if err := r.Scan(&g.ID, &g.Person, &g.Agency, &g.Dossier, &kinds, &since, &till, &g.Purpose, &until, &g.Who, &g.By, &at, &g.Demo, &ended, &by, &why); err != nil {
		return g, err
	}
	g.Until, g.At, g.EndedBy, g.EndedWhy = moment(until), moment(at), dossier.PersonID(by.String), why.String
	if ended.Valid {
		g.Ended = moment(ended.Int64)
	}
	if err := json.Unmarshal([]byte(kinds), &g.Kinds); err != nil {
		return g, err
	}
	if g.From, err = dayIn(since); err != nil {
		return g, err
	}
	g.To, err = dayIn(till)
	return g, err
}

// dayIn reads a day in Viet Nam; empty is none.
func dayIn(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	return time.ParseInLocation(time.DateOnly, s, dossier.VietNam)
}

func dayOrNone(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return dayOf(t)
}

// AddGrant gives an auditor a part of the archive to read. A person who is none,
// or a scope that is not there, wraps [dossier.ErrInvalid] or
// [dossier.ErrNotFound]; one who has a grant that runs, [dossier.ErrConflict]:
// what is read is read for one purpose.
func (db *DB) AddGrant(ctx context.Context, g room.Grant) (room.Grant, error) {
	if !room.May(g.By) {
		return g, fmt.Errorf("%w: only an administrator gives grants", dossier.ErrForbidden)
	}
	g.ID, g.At = db.newID(), moment(db.now().UnixMilli())
	g.Until = moment(g.Until.UnixMilli())
	if err := g.Check(g.At); err != nil {
		return g, err
	}
	kinds, err := asJSON(g.Kinds)
	if err != nil {
		return g, err
	}
	err = db.tx(ctx, func(tx *sql.Tx) error {
		if err := db.mayGrant(ctx, tx, g); err != nil {
			return err
		}
		salt := ledger.NewSalt()
		if _, err := tx.ExecContext(ctx, `INSERT INTO grants (id, person, agency, dossier, kinds, since, till, purpose, until, who, role, at, salt, demo)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`, g.ID, string(g.Person), string(g.Agency), string(g.Dossier), kinds,
			dayOrNone(g.From), dayOrNone(g.To), g.Purpose, g.Until.UnixMilli(), string(g.Who), string(g.By), g.At.UnixMilli(), salt, flag(g.Demo)); err != nil {
			return err
		}
		return db.log(ctx, tx, ledger.Event{Kind: ledger.House, Act: room.Granted, At: g.At.UnixMilli(), Who: string(g.Who), Role: string(g.By),
			Subject: g.ID, Sum: g.Sum().String(), Text: ledger.Commit(salt, g.Purpose, ""), Demo: g.Demo})
	})
	return g, named(err, "grant")
}

// mayGrant looks at whom a grant is for, and takes that row, so that two at once
// give one.
func (db *DB) mayGrant(ctx context.Context, tx *sql.Tx, g room.Grant) error {
	role, err := one(ctx, tx, single[dossier.Role], "UPDATE people SET role = role WHERE id = $1 RETURNING role", string(g.Person))
	if err != nil {
		return fmt.Errorf("person: %w", err)
	}
	if role != dossier.Auditor {
		return fmt.Errorf("%w: the person is no auditor", dossier.ErrInvalid)
	}
	if g.Agency != "" {
		if err := known(ctx, tx, "agencies", string(g.Agency)); err != nil {
			return err
		}
	}
	if g.Dossier != "" {
		if err := known(ctx, tx, "dossiers", string(g.Dossier)); err != nil {
			return err
		}
	}
	for _, k := range g.Kinds {
		if err := known(ctx, tx, "kinds", string(k)); err != nil {
			return err
		}
	}
	runs, err := exists(ctx, tx, "SELECT 1 FROM grants g WHERE g.person = $1 AND g.until > $2 AND NOT EXISTS (SELECT 1 FROM grant_ends e WHERE e.grantid = g.id)",
		string(g.Person), g.At.UnixMilli())
	if err == nil && runs {
		err = fmt.Errorf("%w: the auditor has a grant that runs: end it first", dossier.ErrConflict)
	}
	return err
}

// EndGrant ends a grant before its day, with a reason. One that has ended wraps
// [dossier.ErrConflict].
func (db *DB) EndGrant(ctx context.Context, id string, who dossier.PersonID, by dossier.Role, why string) error {
	switch {
	case !room.May(by):
		return fmt.Errorf("end a grant: %w: only an administrator does", dossier.ErrForbidden)
	case why == "" || len(why) > 1000:
		return fmt.Errorf("end a grant: %w: it needs a reason", dossier.ErrInvalid)
	}
	err := db.tx(ctx, func(tx *sql.Tx) error {
		g, err := one(ctx, tx, scanGrant, grantQuery+" WHERE g.id = $1", id)
		if err != nil {
			return err
		}
		now := db.now()
		if !g.Active(now) {
			return fmt.Errorf("%w: it has ended", dossier.ErrConflict)
		}
		e := ledger.Event{ID: db.newID(), Kind: ledger.House, Act: room.Ended, At: now.UnixMilli(), Who: string(who), Role: string(by), Subject: id, Demo: g.Demo}
		salt := ledger.NewSalt()
		e.Text = ledger.Commit(salt, why, "")
		if _, err := tx.ExecContext(ctx, "INSERT INTO grant_ends (id, grantid, who, role, at, why, salt, demo) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
			e.ID, id, e.Who, e.Role, e.At, why, salt, flag(e.Demo)); err != nil {
			return err
		}
		return db.log(ctx, tx, e)
	})
	return named(err, "end a grant")
}

const grantQuery = "SELECT " + grantColumns + ", e.at, e.who, e.why FROM grants g LEFT JOIN grant_ends e ON e.grantid = g.id"

// Grants returns the newest grants, of all or of one person, and no more than
// limit; 0: all.
func (db *DB) Grants(ctx context.Context, person dossier.PersonID, limit int) ([]room.Grant, error) {
	found, err := all(ctx, db.read, scanGrant, grantQuery+" WHERE g.person = $1 OR $1 = '' ORDER BY g.at DESC, g.id DESC"+limited(limit), string(person))
	return found, named(err, "grants")
}

// ActiveGrant returns the grant that lets a person read now;
// [dossier.ErrNotFound] if there is none.
func (db *DB) ActiveGrant(ctx context.Context, person dossier.PersonID) (room.Grant, error) {
	g, err := one(ctx, db.read, scanGrant, grantQuery+" WHERE g.person = $1 AND g.until > $2 AND e.id IS NULL ORDER BY g.at DESC, g.id DESC LIMIT 1",
		string(person), db.now().UnixMilli())
	if errors.Is(err, dossier.ErrNotFound) {
		return g, err
	}
	return g, named(err, "grant of %s", person)
}

// EntriesWithin is [DB.Entries] of all times, of what is in a part of the archive.
func (db *DB) EntriesWithin(ctx context.Context, holder dossier.HolderID, in *dossier.Within) ([]dossier.Entry, error) {
	found, err := db.entries(ctx, db.read, holder, in)
	return found, named(err, "record of %s", holder)
}

// LookedWithin is [DB.Looked] of readings in a part of the archive.
func (db *DB) LookedWithin(ctx context.Context, holder dossier.HolderID, in *dossier.Within, limit int) ([]dossier.Placed, error) {
	_, of, err := group(ctx, db.read, holder)
	if err != nil {
		return nil, named(err, "who looked at %s", holder)
	}
	var w where
	among(&w, of, "l.holder")
	var o where
	o.values = w.values
	o.and("o.code = l.dossier")
	within(&o, in, "")
	w.values = o.values
	if in != nil {
		w.conditions = append(w.conditions, "EXISTS (SELECT 1 FROM dossiers o"+o.String()+")")
		if len(in.Kinds)+len(in.Not.Kinds) > 0 {
			d := where{values: w.values}
			d.and("d.id = l.document")
			among(&d, in.Kinds, "d.kind")
			excluding(&d, in.Not.Kinds, "d.kind")
			w.values = d.values
			w.conditions = append(w.conditions, "(l.document IS NULL OR EXISTS (SELECT 1 FROM documents d"+d.String()+"))")
		}
	}
	found, err := all(ctx, db.read, scanPlaced, "SELECT l.place, l.event FROM log_events l"+w.String()+" ORDER BY l.place DESC"+limited(limit), w.values...)
	return found, named(err, "who looked at %s", holder)
}

// granted takes an event of the reading room into account.
func (a *audit) granted(place int64, e *ledger.Event) {
	at := strconv.FormatInt(e.At, 10)
	switch e.Act {
	case PutNorm:
		a.says(laneNorms, place, e, 1, e.Subject, e.Sum)
	case room.Granted:
		a.says(laneGrants, place, e, 1, e.Subject, e.Sum, e.Who, e.Role, at, e.Text)
	case room.Ended:
		a.says(laneGrants, place, e, 1, e.ID, e.Subject, e.Who, e.Role, at, e.Text)
	}
}

// grantRows compares grants and their ends.
func (a *audit) grantRows() error {
	err := a.scan("SELECT "+grantColumns+", g.salt FROM grants g", 14, func(v []driver.Value) error {
		g := room.Grant{ID: said(v[0]), Person: dossier.PersonID(said(v[1])), Agency: dossier.AgencyCode(said(v[2])), Dossier: dossier.Code(said(v[3]))}
		_ = json.Unmarshal([]byte(said(v[4])), &g.Kinds) // spoilt, it is another sum
		g.From, _ = dayIn(said(v[5]))
		g.To, _ = dayIn(said(v[6]))
		until, _ := strconv.ParseInt(said(v[8]), 10, 64)
		g.Until = moment(until)
		a.has(laneGrants, 1, strings.Join([]string{g.ID, g.Sum().String(), said(v[9]), said(v[10]), said(v[11]), ledger.Commit(said(v[13]), said(v[7]), "")}, unit))
		return nil
	})
	if err != nil {
		return err
	}
	return a.scan("SELECT id, grantid, who, role, at, why, salt FROM grant_ends", 7, func(v []driver.Value) error {
		a.has(laneGrants, 1, strings.Join([]string{said(v[0]), said(v[1]), said(v[2]), said(v[3]), said(v[4]), ledger.Commit(said(v[6]), said(v[5]), "")}, unit))
		return nil
	})
}
