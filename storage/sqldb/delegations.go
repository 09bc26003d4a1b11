package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/storage/ledger"
)

const delegationQuery = `SELECT d.id, d.giver, d.taker, d.role, d.agency, d.why, d.at, d.until, d.demo, e.at, e.who, e.why
	FROM delegations d LEFT JOIN delegation_ends e ON e.delegation = d.id`

func scanDelegation(r row) (d account.Delegation, err error) {
	var at, until int64
	var ended sql.NullInt64
	var by, why sql.NullString
	err = r.Scan(&d.ID, &d.Giver, &d.Taker, &d.Role, &d.Agency, &d.Why, &at, &until, &d.Demo, &ended, &by, &why)
	d.At, d.Until, d.Ended, d.EndedBy, d.EndedWhy = moment(at), moment(until), sometime(ended.Int64), dossier.PersonID(by.String), why.String
	return d, err
}

// Delegate gives a person's role in their agency to another, who keeps their own.
// Who cannot give or take it, or gives it to the same person twice, wraps
// [dossier.ErrInvalid], [dossier.ErrNotFound] or [dossier.ErrConflict]. Role and
// Agency are the giver's own, whatever d says.
func (db *DB) Delegate(ctx context.Context, d account.Delegation) (account.Delegation, error) {
	d.ID, d.At = db.newID(), moment(db.now().UnixMilli())
	d.Until = moment(d.Until.UnixMilli())
	err := db.tx(ctx, func(tx *sql.Tx) error {
		var err error
		if d, err = mayDelegate(ctx, tx, d); err != nil {
			return err
		}
		salt := ledger.NewSalt()
		if _, err := tx.ExecContext(ctx, "INSERT INTO delegations (id, giver, taker, role, agency, why, at, until, salt, demo) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
			d.ID, string(d.Giver), string(d.Taker), string(d.Role), string(d.Agency), d.Why, d.At.UnixMilli(), d.Until.UnixMilli(), salt, flag(d.Demo)); err != nil {
			return err
		}
		return db.log(ctx, tx, ledger.Event{Kind: ledger.House, Act: account.Delegated, At: d.At.UnixMilli(), Who: string(d.Giver), Role: string(d.Role),
			Subject: d.ID, Sum: d.Sum().String(), Text: ledger.Commit(salt, d.Why, ""), Demo: d.Demo})
	})
	return d, named(err, "delegate")
}

// mayDelegate looks at both people, and takes the giver's row, so that two at once
// give one.
func mayDelegate(ctx context.Context, tx *sql.Tx, d account.Delegation) (account.Delegation, error) {
	giver, err := one(ctx, tx, func(r row) (p dossier.Person, err error) { return p, r.Scan(&p.Role, &p.Agency, &p.Demo) },
		"UPDATE people SET role = role WHERE id = $1 AND locked = 0 AND service = 0 RETURNING role, COALESCE(agency, ''), demo", string(d.Giver))
	if err != nil {
		return d, fmt.Errorf("giver: %w", err)
	}
	d.Role, d.Agency, d.Demo = giver.Role, giver.Agency, giver.Demo
	if err := d.Check(d.At); err != nil {
		return d, err
	}
	taker, err := one(ctx, tx, single[dossier.Role], "SELECT role FROM people WHERE id = $1 AND locked = 0 AND service = 0", string(d.Taker))
	if err != nil {
		return d, fmt.Errorf("taker: %w", err)
	}
	if !slices.Contains(account.Takes, taker) {
		return d, fmt.Errorf("%w: who audits the house or runs it stands in for nobody", dossier.ErrInvalid)
	}
	same, err := exists(ctx, tx, "SELECT 1 FROM delegations d WHERE d.giver = $1 AND d.taker = $2 AND d.until > $3 AND NOT EXISTS (SELECT 1 FROM delegation_ends e WHERE e.delegation = d.id)",
		string(d.Giver), string(d.Taker), d.At.UnixMilli())
	if err == nil && same {
		err = fmt.Errorf("%w: the person stands in already", dossier.ErrConflict)
	}
	return d, err
}

// EndDelegation ends a delegation before its day: its giver, its taker or an
// administrator does. One of others wraps [dossier.ErrNotFound], one that has
// ended [dossier.ErrConflict].
func (db *DB) EndDelegation(ctx context.Context, id, why string, by account.By) error {
	if len(why) > 1000 {
		return fmt.Errorf("end a delegation: %w: the reason is too long", dossier.ErrInvalid)
	}
	err := db.tx(ctx, func(tx *sql.Tx) error {
		d, err := one(ctx, tx, scanDelegation, delegationQuery+" WHERE d.id = $1", id)
		switch {
		case err != nil:
			return err
		case by.Who != d.Giver && by.Who != d.Taker && by.Role != dossier.Admin:
			return dossier.ErrNotFound
		case !d.Active(db.now()):
			return fmt.Errorf("%w: it has ended", dossier.ErrConflict)
		}
		salt := ledger.NewSalt()
		e := ledger.Event{ID: db.newID(), Kind: ledger.House, Act: account.DelegateEnd, At: db.now().UnixMilli(), Who: string(by.Who), Role: string(by.Role), Subject: id,
			Text: ledger.Commit(salt, why, ""), Demo: d.Demo}
		if _, err := tx.ExecContext(ctx, "INSERT INTO delegation_ends (id, delegation, who, role, at, why, salt, demo) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
			e.ID, id, e.Who, e.Role, e.At, why, salt, flag(e.Demo)); err != nil {
			return err
		}
		return db.log(ctx, tx, e)
	})
	return named(err, "end a delegation")
}

// Delegation returns a delegation that runs, whose giver still has the role and
// the agency, and is not locked; else the error wraps [dossier.ErrNotFound].
func (db *DB) Delegation(ctx context.Context, id string) (account.Delegation, error) {
	d, err := one(ctx, db.read, scanDelegation, delegationQuery+` JOIN people p ON p.id = d.giver AND p.locked = 0 AND p.role = d.role AND p.agency = d.agency
		WHERE d.id = $1 AND d.until > $2 AND e.id IS NULL`, id, db.now().UnixMilli())
	return d, named(err, "delegation")
}

// Delegations returns what a person gave and was given, newest first.
func (db *DB) Delegations(ctx context.Context, p dossier.PersonID) ([]account.Delegation, error) {
	found, err := all(ctx, db.read, scanDelegation, delegationQuery+" WHERE d.giver = $1 OR d.taker = $1 ORDER BY d.at DESC, d.id DESC"+limited(100), string(p))
	return found, named(err, "delegations of %s", p)
}

const glassQuery = "SELECT g.id, g.person, g.dossier, g.why, g.at, g.until, g.demo FROM broken_glass g"

func scanGlass(r row) (g account.Glass, err error) {
	var at, until int64
	err = r.Scan(&g.ID, &g.Person, &g.Dossier, &g.Why, &at, &until, &g.Demo)
	g.At, g.Until = moment(at), moment(until)
	return g, err
}

// BreakGlass opens one dossier to an auditor for an hour. A dossier that is not
// there wraps [dossier.ErrNotFound], one who is no auditor [dossier.ErrForbidden].
func (db *DB) BreakGlass(ctx context.Context, g account.Glass) (account.Glass, error) {
	if g.Why == "" || len(g.Why) > 1000 {
		return g, fmt.Errorf("break the glass: %w: it needs a reason", dossier.ErrInvalid)
	}
	g.ID, g.At = db.newID(), moment(db.now().UnixMilli())
	g.Until = g.At.Add(account.GlassTime)
	err := db.tx(ctx, func(tx *sql.Tx) error {
		role, err := one(ctx, tx, single[dossier.Role], "SELECT role FROM people WHERE id = $1", string(g.Person))
		if err != nil {
			return err
		}
		if role != dossier.Auditor {
			return fmt.Errorf("%w: only an auditor does", dossier.ErrForbidden)
		}
		if g.Demo, err = one(ctx, tx, single[bool], "SELECT demo FROM dossiers WHERE code = $1", string(g.Dossier)); err != nil {
			return err
		}
		salt := ledger.NewSalt()
		if _, err := tx.ExecContext(ctx, "INSERT INTO broken_glass (id, person, role, dossier, why, at, until, salt, demo) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
			g.ID, string(g.Person), string(role), string(g.Dossier), g.Why, g.At.UnixMilli(), g.Until.UnixMilli(), salt, flag(g.Demo)); err != nil {
			return err
		}
		return db.log(ctx, tx, ledger.Event{Kind: ledger.House, Act: account.GlassBroken, At: g.At.UnixMilli(), Who: string(g.Person), Role: string(role),
			Dossier: string(g.Dossier), Subject: g.ID, Sum: g.Sum().String(), Text: ledger.Commit(salt, g.Why, ""), Demo: g.Demo})
	})
	return g, named(err, "break the glass")
}

// OpenGlass returns what an auditor has opened, if it is still open;
// [dossier.ErrNotFound] if nothing is.
func (db *DB) OpenGlass(ctx context.Context, p dossier.PersonID) (account.Glass, error) {
	g, err := one(ctx, db.read, scanGlass, glassQuery+" WHERE g.person = $1 AND g.until > $2 ORDER BY g.at DESC, g.id DESC LIMIT 1", string(p), db.now().UnixMilli())
	return g, named(err, "glass of %s", p)
}

// BrokenGlass returns what was opened, newest first, and no more than limit.
func (db *DB) BrokenGlass(ctx context.Context, limit int) ([]account.Glass, error) {
	found, err := all(ctx, db.read, scanGlass, glassQuery+" ORDER BY g.at DESC, g.id DESC"+limited(limit))
	return found, named(err, "broken glass")
}

// stoodIn takes an event of delegations and of broken glass into account.
func (a *audit) stoodIn(place int64, e *ledger.Event) {
	at := strconv.FormatInt(e.At, 10)
	switch e.Act {
	case account.Delegated:
		a.says(laneDelegations, place, e, 1, e.Subject, e.Sum, e.Role, at, e.Text)
	case account.DelegateEnd:
		a.says(laneDelegations, place, e, 1, e.ID, e.Subject, e.Who, e.Role, at, e.Text)
	case account.GlassBroken:
		a.says(laneGlass, place, e, 1, e.Subject, e.Sum, e.Who, e.Role, at, e.Text)
	}
}

// deputyRows compares delegations, their ends, and broken glass.
func (a *audit) deputyRows() error {
	number := func(v driver.Value) int64 {
		n, _ := strconv.ParseInt(said(v), 10, 64) // spoilt, it is another sum
		return n
	}
	if err := a.scan("SELECT id, giver, taker, role, agency, until, at, why, salt FROM delegations", 9, func(v []driver.Value) error {
		d := account.Delegation{ID: said(v[0]), Giver: dossier.PersonID(said(v[1])), Taker: dossier.PersonID(said(v[2])), Role: dossier.Role(said(v[3])),
			Agency: dossier.AgencyCode(said(v[4])), Until: moment(number(v[5]))}
		a.has(laneDelegations, 1, strings.Join([]string{d.ID, d.Sum().String(), said(v[3]), said(v[6]), ledger.Commit(said(v[8]), said(v[7]), "")}, unit))
		return nil
	}); err != nil {
		return err
	}
	if err := a.scan("SELECT id, delegation, who, role, at, why, salt FROM delegation_ends", 7, func(v []driver.Value) error {
		a.has(laneDelegations, 1, strings.Join([]string{said(v[0]), said(v[1]), said(v[2]), said(v[3]), said(v[4]), ledger.Commit(said(v[6]), said(v[5]), "")}, unit))
		return nil
	}); err != nil {
		return err
	}
	return a.scan("SELECT id, person, dossier, until, role, at, why, salt FROM broken_glass", 8, func(v []driver.Value) error {
		g := account.Glass{ID: said(v[0]), Person: dossier.PersonID(said(v[1])), Dossier: dossier.Code(said(v[2])), Until: moment(number(v[3]))}
		a.has(laneGlass, 1, strings.Join([]string{g.ID, g.Sum().String(), said(v[1]), said(v[4]), said(v[5]), ledger.Commit(said(v[7]), said(v[6]), "")}, unit))
		return nil
	})
}
