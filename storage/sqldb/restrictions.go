package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sohoa/dossier"
	"sohoa/dossier/restriction"
	"sohoa/storage/ledger"
)

const restrictionColumns = "r.id, r.person, r.role, r.agency, r.mode, r.kinds, r.fields, r.why, r.who, r.byrole, r.at, r.demo"

const restrictionQuery = "SELECT " + restrictionColumns + `, a.who, a.at, a.why, e.who, e.at FROM restrictions r
	LEFT JOIN restriction_ends a ON a.restriction = r.id AND a.act = 'ask'
	LEFT JOIN restriction_ends e ON e.restriction = r.id AND e.act = 'end'`

const modeOnly = "only" // these classes alone are open; the other mode is "not": these are closed

func scanRestriction(r row) (x restriction.Rule, err error) {
	var mode, kinds, fields string
	var at int64
	var asker, askedWhy, ender sql.NullString
	var asked, ended sql.NullInt64
	if err := r.Scan(&x.ID, &x.Person, &x.Role, &x.Agency, &mode, &kinds, &fields, &x.Why, &x.Who, &x.By, &at, &x.Demo,
		&asker, &asked, &askedWhy, &ender, &ended); err != nil {
		return x, err
	}
	x.Only, x.At = mode == modeOnly, moment(at)
	x.AskedBy, x.AskedAt, x.AskedWhy = dossier.PersonID(asker.String), sometime(asked.Int64), askedWhy.String
	x.EndedBy, x.EndedAt = dossier.PersonID(ender.String), sometime(ended.Int64)
	return x, errors.Join(json.Unmarshal([]byte(kinds), &x.Kinds), json.Unmarshal([]byte(fields), &x.Fields))
}

// AddRestriction closes classes of paper to somebody, at once. A person, an agency, a kind
// or a field that is not there wraps [dossier.ErrNotFound]; what else is wrong,
// [dossier.ErrInvalid]. Nobody closes anything to themself: [dossier.ErrForbidden].
func (db *DB) AddRestriction(ctx context.Context, r restriction.Rule) (restriction.Rule, error) {
	if !restriction.May(r.By) || r.Person == r.Who {
		return r, fmt.Errorf("restriction: %w: another administrator puts it", dossier.ErrForbidden)
	}
	if err := r.Check(); err != nil {
		return r, named(err, "restriction")
	}
	slices.Sort(r.Kinds)
	slices.Sort(r.Fields)
	r.Kinds, r.Fields = slices.Compact(r.Kinds), slices.Compact(r.Fields)
	r.ID, r.At = db.newID(), moment(db.now().UnixMilli())
	kinds, err := asJSON(r.Kinds)
	if err != nil {
		return r, err
	}
	fields, err := asJSON(r.Fields)
	if err != nil {
		return r, err
	}
	mode := "not"
	if r.Only {
		mode = modeOnly
	}
	err = db.tx(ctx, func(tx *sql.Tx) error {
		if err := classesKnown(ctx, tx, r); err != nil {
			return err
		}
		salt := ledger.NewSalt()
		if _, err := tx.ExecContext(ctx, `INSERT INTO restrictions (id, person, role, agency, mode, kinds, fields, why, who, byrole, at, salt, demo)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`, r.ID, string(r.Person), string(r.Role), string(r.Agency), mode, kinds, fields,
			r.Why, string(r.Who), string(r.By), r.At.UnixMilli(), salt, flag(r.Demo)); err != nil {
			return err
		}
		return db.log(ctx, tx, ledger.Event{Kind: ledger.House, Act: restriction.Put, At: r.At.UnixMilli(), Who: string(r.Who), Role: string(r.By),
			Subject: r.ID, Sum: r.Sum().String(), Text: ledger.Commit(salt, r.Why, ""), Demo: r.Demo})
	})
	return r, named(err, "restriction")
}

// classesKnown looks whether what a rule names is there.
func classesKnown(ctx context.Context, a asker, r restriction.Rule) error {
	if r.Person != "" {
		ok, err := exists(ctx, a, "SELECT 1 FROM people WHERE id = $1", string(r.Person))
		if err == nil && !ok {
			err = fmt.Errorf("%w: no such person", dossier.ErrNotFound)
		}
		if err != nil {
			return err
		}
	}
	if r.Agency != "" {
		if err := known(ctx, a, "agencies", string(r.Agency)); err != nil {
			return err
		}
	}
	for _, k := range r.Kinds {
		if err := known(ctx, a, "kinds", string(k)); err != nil {
			return err
		}
	}
	for _, f := range r.Fields {
		ok, err := exists(ctx, a, "SELECT 1 FROM procedures WHERE field = $1", f)
		if err == nil && !ok {
			err = fmt.Errorf("%w: no procedure has this field", dossier.ErrNotFound)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// AskRestrictionEnd asks that a rule ends, with a reason; it stays in force. One that was
// asked for already, or has ended, wraps [dossier.ErrConflict].
func (db *DB) AskRestrictionEnd(ctx context.Context, id string, who dossier.PersonID, by dossier.Role, why string) error {
	if why == "" || len(why) > restriction.MostWhy {
		return fmt.Errorf("end of a restriction: %w: it needs a reason", dossier.ErrInvalid)
	}
	return db.restrictionStep(ctx, id, who, by, "ask", restriction.Asked, why, func(r restriction.Rule) error {
		if r.AskedBy != "" {
			return fmt.Errorf("%w: its end is asked for already", dossier.ErrConflict)
		}
		return nil
	})
}

// EndRestriction ends a rule whose end another administrator asked for: who asked wraps
// [restriction.ErrOther]; without that, or after its end, [dossier.ErrConflict].
func (db *DB) EndRestriction(ctx context.Context, id string, who dossier.PersonID, by dossier.Role) error {
	return db.restrictionStep(ctx, id, who, by, "end", restriction.Ended, "", func(r restriction.Rule) error {
		switch {
		case r.AskedBy == "" || r.EndedBy != "":
			return fmt.Errorf("%w: nobody asked for its end, or it has ended", dossier.ErrConflict)
		case r.AskedBy == who:
			return restriction.ErrOther
		}
		return nil
	})
}

// restrictionStep writes one step towards the end of a rule, if may lets it. Nobody opens
// anything to themself.
func (db *DB) restrictionStep(ctx context.Context, id string, who dossier.PersonID, by dossier.Role, act, said, why string, may func(restriction.Rule) error) error {
	if !restriction.May(by) {
		return fmt.Errorf("end of a restriction: %w: only an administrator ends it", dossier.ErrForbidden)
	}
	err := db.tx(ctx, func(tx *sql.Tx) error {
		r, err := one(ctx, tx, scanRestriction, restrictionQuery+" WHERE r.id = $1", id)
		if err != nil {
			return err
		}
		if r.Person == who {
			return fmt.Errorf("%w: it is for them", dossier.ErrForbidden)
		}
		if err := may(r); err != nil {
			return err
		}
		e := ledger.Event{ID: db.newID(), Kind: ledger.House, Act: said, At: db.now().UnixMilli(), Who: string(who), Role: string(by), Subject: id, Demo: r.Demo}
		salt := ledger.NewSalt()
		e.Text = ledger.Commit(salt, why, "")
		n, err := affected(tx.ExecContext(ctx, `INSERT INTO restriction_ends (id, restriction, act, who, byrole, at, why, salt, demo)
			SELECT $1, $2, $3, $4, $5, CAST($6 AS BIGINT), $7, $8, CAST($9 AS BIGINT) WHERE NOT EXISTS (SELECT 1 FROM restriction_ends x WHERE x.restriction = $2 AND x.act = $3)`,
			e.ID, id, act, e.Who, e.Role, e.At, why, salt, flag(e.Demo)))
		if err == nil && n == 0 {
			err = fmt.Errorf("%w: somebody was quicker", dossier.ErrConflict)
		}
		if err != nil {
			return err
		}
		return db.log(ctx, tx, e)
	})
	return named(err, "end of a restriction")
}

// Restrictions returns the newest rules, also those that have ended, and no more than
// limit; 0: all.
func (db *DB) Restrictions(ctx context.Context, limit int) ([]restriction.Rule, error) {
	found, err := all(ctx, db.read, scanRestriction, restrictionQuery+" ORDER BY r.at DESC, r.id DESC"+limited(limit))
	return found, named(err, "restrictions")
}

// RestrictionsInForce returns the rules that close something now. What another process
// put is known with the next asking.
func (db *DB) RestrictionsInForce(ctx context.Context) ([]restriction.Rule, error) {
	found, err := db.restrictions.get(ctx, db, func(s dossier.Stamps) int64 { return s.Restrictions }, func() ([]restriction.Rule, error) {
		return all(ctx, db.read, scanRestriction, restrictionQuery+" WHERE e.id IS NULL ORDER BY r.id")
	})
	return slices.Clone(found), named(err, "restrictions in force")
}

// restricted takes an event about classes of paper into account.
func (a *audit) restricted(place int64, e *ledger.Event) {
	at := strconv.FormatInt(e.At, 10)
	switch e.Act {
	case restriction.Put:
		a.says(laneRestrictions, place, e, 1, e.Subject, e.Sum, e.Who, e.Role, at, e.Text)
	case restriction.Asked:
		a.says(laneRestrictions, place, e, 1, e.ID, "ask", e.Subject, e.Who, e.Role, at, e.Text)
	case restriction.Ended:
		a.says(laneRestrictions, place, e, 1, e.ID, "end", e.Subject, e.Who, e.Role, at, e.Text)
	}
}

// restrictionRows compares rules and their ends.
func (a *audit) restrictionRows() error {
	err := a.scan("SELECT "+restrictionColumns+", r.salt FROM restrictions r", 13, func(v []driver.Value) error {
		r := restriction.Rule{Person: dossier.PersonID(said(v[1])), Role: dossier.Role(said(v[2])), Agency: dossier.AgencyCode(said(v[3])), Only: said(v[4]) == modeOnly}
		_ = json.Unmarshal([]byte(said(v[5])), &r.Kinds) // spoilt, it is another sum
		_ = json.Unmarshal([]byte(said(v[6])), &r.Fields)
		a.has(laneRestrictions, 1, strings.Join([]string{said(v[0]), r.Sum().String(), said(v[8]), said(v[9]), said(v[10]), ledger.Commit(said(v[12]), said(v[7]), "")}, unit))
		return nil
	})
	if err != nil {
		return err
	}
	return a.scan("SELECT id, act, restriction, who, byrole, at, why, salt FROM restriction_ends", 8, func(v []driver.Value) error {
		a.has(laneRestrictions, 1, strings.Join([]string{said(v[0]), said(v[1]), said(v[2]), said(v[3]), said(v[4]), said(v[5]), ledger.Commit(said(v[7]), said(v[6]), "")}, unit))
		return nil
	})
}
