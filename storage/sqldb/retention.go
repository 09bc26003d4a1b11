package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/retention"
	"sohoa/storage/ledger"
)

// retaining is a transaction about keeping: one at a time, so that a hold and an
// approval do not pass each other.
func (db *DB) retaining(ctx context.Context, fn func(*sql.Tx) error) error {
	return db.tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "UPDATE retention_head SET acts = acts + 1 WHERE id = 1"); err != nil {
			return err
		}
		return fn(tx)
	})
}

const ruleColumns = "id, kind, years, since, law, article, grade, note, who, at, demo"

func scanRule(r row) (x retention.Rule, err error) {
	var since string
	var at int64
	if err := r.Scan(&x.ID, &x.Kind, &x.Years, &since, &x.Law, &x.Article, &x.Grade, &x.Note, &x.Who, &at, &x.Demo); err != nil {
		return x, err
	}
	x.At = moment(at)
	x.From, err = time.ParseInLocation(time.DateOnly, since, dossier.VietNam)
	return x, err
}

// seedRules writes the rules that the program comes with, those that are not
// there.
func (db *DB) seedRules(ctx context.Context) error {
	for _, r := range retention.Seed() {
		there, err := exists(ctx, db.write, "SELECT 1 FROM retention_rules WHERE id = $1", r.ID)
		if err != nil || there {
			return named(err, "rules of retention")
		}
		if err := putRule(ctx, db.write, r); err != nil {
			if late, _ := exists(ctx, db.write, "SELECT 1 FROM retention_rules WHERE id = $1", r.ID); !late { // another one was faster
				return named(err, "rules of retention")
			}
		}
	}
	return nil
}

// execer is what a row can be written with.
type execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

func putRule(ctx context.Context, x execer, r retention.Rule) error {
	_, err := x.ExecContext(ctx, "INSERT INTO retention_rules ("+ruleColumns+") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
		r.ID, string(r.Kind), r.Years, dayOf(r.From), r.Law, r.Article, string(r.Grade), r.Note, string(r.Who), r.At.UnixMilli(), flag(r.Demo))
	return err
}

// Rules returns all rules: by kind, those for every kind first, and day.
func (db *DB) Rules(ctx context.Context) (retention.Rules, error) {
	rules, err := rulesOf(ctx, db.read)
	return rules, named(err, "rules of retention")
}

func rulesOf(ctx context.Context, a asker) (retention.Rules, error) {
	return all(ctx, a, scanRule, "SELECT "+ruleColumns+" FROM retention_rules ORDER BY kind, since")
}

// AddRule adds a rule in somebody's name and returns it with its ID. A kind that
// is unknown wraps [dossier.ErrNotFound]; one that has a rule of that day,
// [dossier.ErrConflict].
func (db *DB) AddRule(ctx context.Context, r retention.Rule, by dossier.Role) (retention.Rule, error) {
	if !retention.May(by, retention.PutRule) {
		return r, retention.ByRole(by, retention.PutRule)
	}
	r.ID, r.At = db.newID(), moment(db.now().UnixMilli())
	if err := r.Check(); err != nil {
		return r, err
	}
	r.From, _ = time.ParseInLocation(time.DateOnly, dayOf(r.From), dossier.VietNam)
	err := db.retaining(ctx, func(tx *sql.Tx) error {
		if code, ok := strings.CutPrefix(string(r.Kind), string(retention.OfCode(" "))[:1]); ok {
			if ok, err := exists(ctx, tx, "SELECT 1 FROM procedures WHERE retention = $1", code); err != nil || !ok {
				return firstOf(err, fmt.Errorf("%w: no procedure has this retention code", dossier.ErrNotFound))
			}
		} else if r.Kind != "" {
			if err := known(ctx, tx, "kinds", string(r.Kind)); err != nil {
				return err
			}
		}
		taken, err := exists(ctx, tx, "SELECT 1 FROM retention_rules WHERE kind = $1 AND since = $2", string(r.Kind), dayOf(r.From))
		if err == nil && taken {
			err = fmt.Errorf("%w: there is a rule of that day, and rules are never changed: the next one has a later day", dossier.ErrConflict)
		}
		if err != nil {
			return err
		}
		if err := putRule(ctx, tx, r); err != nil {
			return err
		}
		return db.log(ctx, tx, ruleEvent(db.newID(), r, by))
	})
	return r, named(err, "add a rule of retention")
}

// ruleEvent is what the log says of a rule.
func ruleEvent(id string, r retention.Rule, by dossier.Role) ledger.Event {
	return ledger.Event{ID: id, Kind: ledger.Retention, Act: string(retention.PutRule), At: r.At.UnixMilli(), Who: string(r.Who), Role: string(by),
		Subject: r.ID, Law: r.Cites(), Sum: r.Sum().String(), Demo: r.Demo}
}

const deedColumns = "id, act, document, dossier, holder, refers, who, role, at, why, demo"

func scanDeed(r row) (d retention.Deed, err error) { return scanDeedAnd(r) }

func scanDeedAnd(r row, more ...any) (d retention.Deed, err error) {
	var at int64
	err = r.Scan(append([]any{&d.ID, &d.Act, &d.Document, &d.Dossier, &d.Holder, &d.Refers, &d.Who, &d.By, &at, &d.Why, &d.Demo}, more...)...)
	d.At = moment(at)
	return d, err
}

// do writes a deed, in its table and in the log.
func (db *DB) do(ctx context.Context, tx *sql.Tx, d retention.Deed) (retention.Deed, error) {
	if d.Who == "" {
		return d, fmt.Errorf("%w: nobody is named who does it", dossier.ErrInvalid)
	}
	d.ID, d.At = db.newID(), moment(db.now().UnixMilli())
	salt := ""
	if d.Why != "" {
		salt = ledger.NewSalt()
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO retention_acts ("+deedColumns+", salt) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
		d.ID, string(d.Act), string(d.Document), string(d.Dossier), string(d.Holder), d.Refers, string(d.Who), string(d.By),
		d.At.UnixMilli(), d.Why, flag(d.Demo), salt); err != nil {
		return d, err
	}
	return d, db.log(ctx, tx, deedEvent(d, salt))
}

// deedEvent is what the log says of a deed.
func deedEvent(d retention.Deed, salt string) ledger.Event {
	e := ledger.Event{ID: d.ID, Kind: ledger.Retention, Act: string(d.Act), At: d.At.UnixMilli(), Who: string(d.Who), Role: string(d.By),
		Document: string(d.Document), Dossier: string(d.Dossier), Holder: string(d.Holder), Subject: d.Refers, Demo: d.Demo}
	if d.Why != "" {
		e.Text = ledger.Commit(salt, d.Why, "")
	}
	return e
}

// HoldPapers has a document, a dossier or all papers of a holder stay until the hold is
// lifted; exactly one of the three is named. What is not there wraps
// [dossier.ErrNotFound], and a document that was disposed of is a
// [*retention.Refusal].
func (db *DB) HoldPapers(ctx context.Context, d retention.Deed) (retention.Deed, error) {
	d.Act, d.Refers = retention.Hold, ""
	if err := mayDo(d); err != nil {
		return d, err
	}
	if named := slices.DeleteFunc([]string{string(d.Document), string(d.Dossier), string(d.Holder)}, func(s string) bool { return s == "" }); len(named) != 1 {
		return d, fmt.Errorf("%w: a hold is on a document, a dossier or a holder: on one of them", dossier.ErrInvalid)
	}
	err := db.retaining(ctx, func(tx *sql.Tx) (err error) {
		var disposed int64
		_, err = one(ctx, tx, func(r row) (struct{}, error) { return struct{}{}, r.Scan(&d.Demo, &disposed) }, `
			SELECT demo, disposed FROM documents WHERE id = $1
			UNION ALL SELECT demo, 0 FROM dossiers WHERE code = $2
			UNION ALL SELECT demo, 0 FROM holders WHERE id = $3`, string(d.Document), string(d.Dossier), string(d.Holder))
		if err != nil {
			return err
		}
		if disposed != 0 {
			return retention.Standing{Disposed: moment(disposed)}.Refuse(db.now())
		}
		d, err = db.do(ctx, tx, d)
		return err
	})
	return d, named(err, "hold")
}

// mayDo says who may not, and what lacks its reason.
func mayDo(d retention.Deed) error {
	switch {
	case !retention.May(d.By, d.Act):
		return retention.ByRole(d.By, d.Act)
	case d.Why == "" && d.Act != retention.Propose && d.Act != retention.Approve:
		return retention.Unreasoned(d.Act)
	case len(d.Why) > 4000:
		return fmt.Errorf("%w: the reason is too long", dossier.ErrInvalid)
	}
	return nil
}

// LiftHold ends the hold that d refers to.
func (db *DB) LiftHold(ctx context.Context, d retention.Deed) (retention.Deed, error) {
	d.Act = retention.Lift
	if err := mayDo(d); err != nil {
		return d, err
	}
	err := db.retaining(ctx, func(tx *sql.Tx) error {
		held, err := unanswered(ctx, tx, d.Refers, retention.Hold)
		if err != nil {
			return err
		}
		d.Document, d.Dossier, d.Holder, d.Demo = held.Document, held.Dossier, held.Holder, held.Demo
		d, err = db.do(ctx, tx, d)
		return err
	})
	return d, named(err, "lift a hold")
}

// unanswered returns the hold or proposal with an id that nobody has answered.
func unanswered(ctx context.Context, tx *sql.Tx, id string, act retention.Act) (retention.Deed, error) {
	d, err := one(ctx, tx, scanDeed, "SELECT "+deedColumns+` FROM retention_acts WHERE id = $1 AND act = $2
		AND NOT EXISTS (SELECT 1 FROM retention_acts a WHERE a.refers = $1 AND a.act IN ('lift', 'approve', 'refuse'))`, id, string(act))
	if errors.Is(err, dossier.ErrNotFound) {
		err = retention.Answered()
	}
	return d, err
}

// Holds returns holds, the newest first; active: only those that stand.
func (db *DB) Holds(ctx context.Context, active bool, limit int) ([]retention.Held, error) {
	var out []retention.Held
	err := db.answered(ctx, new(where), "p.at DESC, p.id DESC", retention.Hold, active, limit, nil, func(d retention.Deed, a *retention.Deed) { out = append(out, retention.Held{Deed: d, Lifted: a}) })
	return out, named(err, "holds")
}

// Proposals returns proposals, the newest first; active: only those that wait
// for an answer. Agencies are those that received or decide the dossier; none
// mean all.
func (db *DB) Proposals(ctx context.Context, active bool, agencies []dossier.AgencyCode, in *dossier.Within, limit int) ([]retention.Proposal, error) {
	var out []retention.Proposal
	var w where
	within(&w, in, "d")
	err := db.answered(ctx, &w, "p.at DESC, p.id DESC", retention.Propose, active, limit, agencies, func(d retention.Deed, a *retention.Deed) {
		out = append(out, retention.Proposal{Deed: d, Answer: a})
	})
	return out, named(err, "proposals")
}

// ProposalsFrom returns proposals that wait, in the order of their ids, from after one on.
func (db *DB) ProposalsFrom(ctx context.Context, agencies []dossier.AgencyCode, in *dossier.Within, after string, limit int) ([]retention.Proposal, error) {
	var out []retention.Proposal
	var w where
	w.and("p.id > %s", after)
	within(&w, in, "d")
	err := db.answered(ctx, &w, "p.id", retention.Propose, true, limit, agencies, func(d retention.Deed, a *retention.Deed) {
		out = append(out, retention.Proposal{Deed: d, Answer: a})
	})
	return out, named(err, "proposals")
}

func (db *DB) answered(ctx context.Context, w *where, order string, act retention.Act, active bool, limit int, agencies []dossier.AgencyCode, do func(retention.Deed, *retention.Deed)) error {
	w.and("p.act = %s", string(act))
	if active {
		w.and("a.id IS NULL")
	}
	if len(agencies) > 0 {
		among(w, agencies, "o.receiving", "o.competent")
	}
	_, err := all(ctx, db.read, func(r row) (struct{}, error) {
		var id, what, who, why sql.NullString
		var at sql.NullInt64
		d, err := scanDeedAnd(r, &id, &what, &who, &at, &why)
		if err != nil {
			return struct{}{}, err
		}
		var a *retention.Deed
		if id.Valid {
			a = &retention.Deed{ID: id.String, Act: retention.Act(what.String), Document: d.Document, Dossier: d.Dossier, Holder: d.Holder,
				Refers: d.ID, Who: dossier.PersonID(who.String), At: moment(at.Int64), Why: why.String, Demo: d.Demo}
		}
		do(d, a)
		return struct{}{}, nil
	}, `SELECT p.id, p.act, p.document, p.dossier, p.holder, p.refers, p.who, p.role, p.at, p.why, p.demo, a.id, a.act, a.who, a.at, a.why
		FROM retention_acts p LEFT JOIN retention_acts a ON a.refers = p.id AND a.act IN ('lift', 'approve', 'refuse')
		LEFT JOIN dossiers o ON o.code = p.dossier LEFT JOIN documents d ON d.id = p.document`+w.String()+" ORDER BY "+order+limited(limit), w.values...)
	return err
}

// standingColumns are of a document d in a dossier o.
const standingColumns = `d.id, d.dossier, d.slot, d.kind, d.state, d.disposed, d.lease_until, d.demo, o.receiving, o.competent, o.holder, o.resolved,
	COALESCE((SELECT p.retention FROM procedures p WHERE p.code = o.procedure), ''),
	(SELECT COUNT(*) FROM entries e JOIN reuses r ON r.entry = e.id JOIN dossiers x ON x.code = r.dossier WHERE e.document = d.id AND x.resolved IS NULL),
	(SELECT MAX(x.resolved) FROM entries e JOIN reuses r ON r.entry = e.id JOIN dossiers x ON x.code = r.dossier WHERE e.document = d.id),
	CASE WHEN EXISTS (SELECT 1 FROM retention_acts h WHERE h.act = 'hold' AND (h.document = d.id OR h.dossier = d.dossier OR h.holder = o.holder
			OR h.holder <> '' AND h.holder IN (WITH RECURSIVE up (id) AS (SELECT o.holder
				UNION SELECT a.refers FROM record_acts a JOIN up ON a.holder = up.id WHERE a.act = 'merge' AND NOT ` + undone + `) SELECT id FROM up))
		AND NOT EXISTS (SELECT 1 FROM retention_acts l WHERE l.act = 'lift' AND l.refers = h.id)) THEN 1 ELSE 0 END,
	COALESCE((SELECT MAX(p.id) FROM retention_acts p WHERE p.act = 'propose' AND p.document = d.id
		AND NOT EXISTS (SELECT 1 FROM retention_acts a WHERE a.act IN ('approve', 'refuse') AND a.refers = p.id)), '')`

// standings scans how documents stand at a time, by rules.
func (db *DB) standings(rules retention.Rules, at time.Time) func(row) (retention.Standing, error) {
	return func(r row) (s retention.Standing, err error) {
		var disposed, lease, open int64
		var resolved, used sql.NullInt64
		if err := r.Scan(&s.Document, &s.Dossier, &s.Slot, &s.Kind, &s.State, &disposed, &lease, &s.Demo, &s.Receiving, &s.Competent, &s.Holder, &resolved, &s.Code,
			&open, &used, &s.Held, &s.Proposed); err != nil {
			return s, err
		}
		s.Disposed, s.Busy = sometime(disposed), lease > db.now().UnixMilli()
		if resolved.Valid && open == 0 {
			s.Ended = moment(max(resolved.Int64, used.Int64))
			s.Rule, _ = rules.ForCode(s.Kind, s.Code, s.Ended, at)
		}
		return s, nil
	}
}

// Standing returns how a document stands to the rules at a time.
func (db *DB) Standing(ctx context.Context, id dossier.DocumentID, at time.Time) (retention.Standing, error) {
	s, err := db.standing(ctx, db.read, id, at)
	return s, named(err, "how %s stands", id)
}

func (db *DB) standing(ctx context.Context, a asker, id dossier.DocumentID, at time.Time) (retention.Standing, error) {
	rules, err := rulesOf(ctx, a)
	if err != nil {
		return retention.Standing{}, err
	}
	return one(ctx, a, db.standings(rules, at), "SELECT "+standingColumns+" FROM documents d JOIN dossiers o ON o.code = d.dossier WHERE d.id = $1", string(id))
}

// Due lists the documents whose time is over at a time, past or to come, those
// first whose work ended first; of dossiers that agencies received or decide, no
// agencies mean all. Those that a hold keeps are in the list, and say so. More
// tells that there are more than limit.
func (db *DB) Due(ctx context.Context, at time.Time, agencies []dossier.AgencyCode, in *dossier.Within, limit int) (due []retention.Standing, more bool, err error) {
	var w where
	within(&w, in, "d")
	return db.due(ctx, &w, "o.resolved, d.id", at, agencies, limit)
}

// DueFrom is [DB.Due] in the order of the papers' ids, from after one on.
func (db *DB) DueFrom(ctx context.Context, at time.Time, agencies []dossier.AgencyCode, in *dossier.Within, after dossier.DocumentID, limit int) ([]retention.Standing, bool, error) {
	var w where
	w.and("d.id > %s", string(after))
	within(&w, in, "d")
	return db.due(ctx, &w, "d.id", at, agencies, limit)
}

func (db *DB) due(ctx context.Context, w *where, order string, at time.Time, agencies []dossier.AgencyCode, limit int) (due []retention.Standing, more bool, err error) {
	rules, err := rulesOf(ctx, db.read)
	if err != nil {
		return nil, false, named(err, "what is due")
	}
	kinds, err := db.Kinds(ctx)
	if err != nil {
		return nil, false, err
	}
	among(w, agencies, "o.receiving", "o.competent")
	w.and("d.disposed = 0 AND d.state IN ('archived', 'refused')")
	if !overdue(w, rules, kinds, at) {
		return nil, false, nil
	}
	scan := db.standings(rules, at)
	_, err = all(ctx, db.read, func(r row) (struct{}, error) {
		s, err := scan(r)
		if until := s.Until(); err != nil || until.IsZero() || at.Before(until) {
			return struct{}{}, err // a longer rule, or used again later
		}
		if more = limit > 0 && len(due) == limit; more {
			return struct{}{}, errFull
		}
		due = append(due, s)
		return struct{}{}, nil
	}, "SELECT "+standingColumns+" FROM documents d JOIN dossiers o ON o.code = d.dossier"+w.String()+" ORDER BY "+order, w.values...)
	if errors.Is(err, errFull) {
		err = nil
	}
	return due, more, named(err, "what is due")
}

// overdue adds for each kind that the work ended so long ago that the shortest of
// its rules is over; nothing can be due of the others.
func overdue(w *where, rules retention.Rules, kinds []dossier.Kind, at time.Time) bool {
	var any []string
	for _, k := range kinds {
		if n, ok := rules.Shortest(k.Code, at); ok {
			over := time.Date(at.In(dossier.VietNam).Year()-n, 1, 1, 0, 0, 0, 0, dossier.VietNam)
			any = append(any, "d.kind = "+w.value(string(k.Code))+" AND o.resolved < "+w.value(over.UnixMilli()))
		}
	}
	if len(any) == 0 {
		return false
	}
	w.conditions = append(w.conditions, "("+strings.Join(any, " OR ")+")")
	return true
}
