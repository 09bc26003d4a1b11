package sqldb

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"sohoa/dossier"
)

const dossierColumns = "d.code, d.procedure, d.receiving, d.competent, d.holder, d.channel, d.received, d.due, d.resolved, COALESCE(d.applicant, ''), d.demo, d.version"

func scanDossier(r row) (d dossier.Dossier, err error) {
	var received int64
	var due, resolved sql.NullInt64
	err = r.Scan(&d.Code, &d.Procedure, &d.Receiving, &d.Competent, &d.Holder, &d.Channel,
		&received, &due, &resolved, &d.Applicant, &d.Demo, &d.Version)
	d.Received = moment(received)
	if due.Valid {
		d.Due = moment(due.Int64)
	}
	if resolved.Valid {
		d.Resolved = moment(resolved.Int64)
	}
	return d, err
}

// AddDossier writes a dossier that who received. Without a code it gets the
// next serial of the receiving agency on the day it was received: serials start
// at 1 and leave no gap. What an agency of the demonstration receives is part
// of the demonstration.
//
// A code that is taken wraps [dossier.ErrConflict]; an agency, procedure or
// holder that is unknown, [dossier.ErrNotFound].
func (db *DB) AddDossier(ctx context.Context, d dossier.Dossier, who dossier.PersonID) (dossier.Dossier, error) {
	d.Received = db.orNow(d.Received)
	if d.Competent == "" {
		d.Competent = d.Receiving
	}
	err := db.tx(ctx, func(tx *sql.Tx) (err error) {
		d, err = db.addDossier(ctx, tx, d, who)
		return err
	})
	if err != nil {
		return dossier.Dossier{}, fmt.Errorf("add dossier: %w", err)
	}
	return db.Dossier(ctx, d.Code)
}

func (db *DB) addDossier(ctx context.Context, tx *sql.Tx, d dossier.Dossier, who dossier.PersonID) (dossier.Dossier, error) {
	at, err := one(ctx, tx, scanAgency, "SELECT "+agencyColumns+" FROM agencies WHERE code = $1", string(d.Receiving))
	if err != nil {
		return d, fmt.Errorf("receiving agency: %w", err)
	}
	d.Demo = d.Demo || at.Demo
	if err := known(ctx, tx, "agencies", string(d.Competent)); err != nil {
		return d, err
	}
	if err := known(ctx, tx, "procedures", string(d.Procedure)); err != nil {
		return d, err
	}
	if _, err := one(ctx, tx, single[string], "SELECT id FROM holders WHERE id = $1", string(d.Holder)); err != nil {
		return d, fmt.Errorf("holder: %w", err)
	}
	if d.Applicant == d.Holder {
		d.Applicant = ""
	}
	if d.Applicant != "" {
		if _, err := one(ctx, tx, single[string], "SELECT id FROM holders WHERE id = $1", string(d.Applicant)); err != nil {
			return d, fmt.Errorf("applicant: %w", err)
		}
	}
	if d.Code == "" {
		d.Code, err = nextCode(ctx, tx, d)
	} else if taken, takenErr := codeTaken(ctx, tx, d.Code); taken {
		err = fmt.Errorf("%w: dossier %s is there already", dossier.ErrConflict, d.Code)
	} else {
		err = takenErr
	}
	if err != nil {
		return d, err
	}
	if d.Version, err = versionOn(ctx, tx, d.Procedure, d.Received); err != nil {
		return d, err
	}
	if _, err := tx.ExecContext(ctx, `
		INSERT INTO dossiers (code, procedure, receiving, competent, holder, channel, received, due, resolved, applicant, demo, officer, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		string(d.Code), string(d.Procedure), string(d.Receiving), string(d.Competent), string(d.Holder),
		string(d.Channel), d.Received.UnixMilli(), millis(d.Due), millis(d.Resolved), text(d.Applicant), flag(d.Demo), string(who), d.Version); err != nil {
		return d, err
	}
	if err := db.restand(ctx, tx, d.Code); err != nil {
		return d, err
	}
	return d, db.happenedTo(ctx, tx, dossier.Event{Dossier: d.Code, Act: dossier.DossierReceived, Who: who, At: d.Received}, 0, d)
}

func codeTaken(ctx context.Context, a asker, code dossier.Code) (bool, error) {
	return exists(ctx, a, "SELECT 1 FROM dossiers WHERE code = $1", string(code))
}

// nextCode returns the next code that is free: a code that came from another
// system with its dossier is passed over.
func nextCode(ctx context.Context, tx *sql.Tx, d dossier.Dossier) (dossier.Code, error) {
	day := d.Received.In(dossier.VietNam).Format("060102")
	for {
		serial, err := one(ctx, tx, single[int], `
			INSERT INTO serials (agency, day, newest) VALUES ($1, $2, 1)
			ON CONFLICT (agency, day) DO UPDATE SET newest = serials.newest + 1
			RETURNING newest`, string(d.Receiving), day)
		if err != nil {
			return "", err
		}
		code := dossier.NewCode(d.Receiving, d.Received, serial)
		if taken, err := codeTaken(ctx, tx, code); err != nil || !taken {
			return code, err
		}
	}
}

// happened writes an event, in its table and in the log.
func (db *DB) happened(ctx context.Context, tx *sql.Tx, e dossier.Event, amount int) error {
	return db.happenedTo(ctx, tx, e, amount, dossier.Dossier{})
}

// happenedTo is happened for the reception of a dossier: the log binds whose it
// is, and of what procedure.
func (db *DB) happenedTo(ctx context.Context, tx *sql.Tx, e dossier.Event, amount int, of dossier.Dossier) error {
	if e.Who == "" {
		return fmt.Errorf("%w: nobody is named who %s", dossier.ErrInvalid, e.Act)
	}
	demo, err := exists(ctx, tx, "SELECT 1 FROM dossiers WHERE code = $1 AND demo = 1", string(e.Dossier))
	if err != nil {
		return err
	}
	said := caseEvent(db.newID(), e, amount, demo)
	said.Holder, said.Subject = string(of.Holder), string(of.Procedure)
	if _, err := tx.ExecContext(ctx, `
		INSERT INTO events (id, dossier, act, who, at, slot, entry, amount) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		said.ID, text(e.Dossier), said.Act, said.Who, said.At, said.Slot, said.Entry, said.Amount); err != nil {
		return err
	}
	return db.log(ctx, tx, said)
}

// Dossier returns the dossier with a code.
func (db *DB) Dossier(ctx context.Context, code dossier.Code) (dossier.Dossier, error) {
	d, err := one(ctx, db.read, scanDossier, "SELECT "+dossierColumns+" FROM dossiers d WHERE d.code = $1", string(code))
	return d, named(err, "dossier %s", code)
}

// DossierQuery is the vocabulary's.
type DossierQuery = dossier.DossierQuery

// DossiersOf returns dossiers by their codes, in one query; codes that are no dossier's
// are left out.
func (db *DB) DossiersOf(ctx context.Context, codes []dossier.Code) (map[dossier.Code]dossier.Dossier, error) {
	found := map[dossier.Code]dossier.Dossier{}
	if len(codes) == 0 {
		return found, nil
	}
	var w where
	among(&w, codes, "d.code")
	list, err := all(ctx, db.read, scanDossier, "SELECT "+dossierColumns+" FROM dossiers d"+w.String(), w.values...)
	for _, d := range list {
		found[d.Code] = d
	}
	return found, named(err, "dossiers by their codes")
}

// Dossiers returns what q asks for, newest first.
func (db *DB) Dossiers(ctx context.Context, q DossierQuery) ([]dossier.Dossier, error) {
	var w where
	among(&w, q.Agencies, "o.receiving", "o.competent")
	among(&w, q.Holders, "o.holder", "o.applicant")
	within(&w, q.Within, "")
	if !q.From.IsZero() {
		w.and("o.received >= %s", q.From.UnixMilli())
	}
	if !q.To.IsZero() {
		w.and("o.received < %s", q.To.UnixMilli())
	}
	if q.After != nil {
		w.and("(o.received < %s OR o.received = %s AND o.code < %s)", q.After.At, q.After.At, string(q.After.Code))
	}
	if q.Open {
		w.and("o.resolved IS NULL")
	}
	if q.Code != "" {
		part := strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(strings.ToUpper(q.Code))
		w.and("UPPER(o.code) LIKE %s ESCAPE '!'", "%"+part+"%")
	}
	found, err := all(ctx, db.read, scanDossier, "SELECT "+strings.ReplaceAll(dossierColumns, "d.", "o.")+" FROM dossiers o"+w.String()+
		" ORDER BY o.received DESC, o.code DESC"+limited(q.Limit), w.values...)
	return found, named(err, "dossiers")
}

// Resolve writes that the agency decided a dossier at a time. A dossier that
// is resolved already wraps [dossier.ErrConflict].
func (db *DB) Resolve(ctx context.Context, code dossier.Code, at time.Time, who dossier.PersonID) (dossier.Dossier, error) {
	at = db.orNow(at)
	err := db.tx(ctx, func(tx *sql.Tx) error { return db.resolve(ctx, tx, code, at, who) })
	if err != nil {
		return dossier.Dossier{}, fmt.Errorf("resolve %s: %w", code, err)
	}
	return db.Dossier(ctx, code)
}

func (db *DB) resolve(ctx context.Context, tx *sql.Tx, code dossier.Code, at time.Time, who dossier.PersonID) error {
	n, err := affected(tx.ExecContext(ctx, "UPDATE dossiers SET resolved = $1 WHERE code = $2 AND resolved IS NULL",
		at.UnixMilli(), string(code)))
	if err != nil {
		return err
	}
	if n == 0 {
		if err := known(ctx, tx, "dossiers", string(code)); err != nil {
			return err
		}
		return dossier.ErrConflict
	}
	if err := db.restand(ctx, tx, code); err != nil {
		return err
	}
	return db.happened(ctx, tx, dossier.Event{Dossier: code, Act: dossier.DossierResolved, Who: who, At: at}, 0)
}

// Events returns what was done to a dossier, oldest first. With an empty code
// it returns the events of the house, such as [DemoRemoved].
func (db *DB) Events(ctx context.Context, code dossier.Code) ([]dossier.Event, error) {
	found, err := all(ctx, db.read, func(r row) (e dossier.Event, err error) {
		var at int64
		var amount int
		err = r.Scan(&e.Dossier, &e.Act, &e.Who, &at, &e.Slot, &e.Entry, &amount)
		if e.At = moment(at); e.Act == dossier.ComponentDecided {
			d := dossier.DecidedAs(string(e.Entry), amount)
			e.Decision, e.Pages, e.Twice, e.Entry = d.Decision, d.Pages, d.Twice, ""
		}
		if e.Act == dossier.DossierTakenBack {
			e.Why, e.Entry = dossier.Mistake(e.Entry), ""
		}
		return e, err
	}, `SELECT COALESCE(dossier, ''), act, who, at, slot, entry, amount FROM events
		WHERE COALESCE(dossier, '') = $1 ORDER BY at, id`, string(code))
	return found, named(err, "events of %s", code)
}

// Fillings returns the slots of a dossier in the order of its procedure, each
// with the document that fills it, or the newest refused one, or the entry used
// again. A document of a slot that the procedure has lost since comes last.
func (db *DB) Fillings(ctx context.Context, code dossier.Code) ([]dossier.Filling, error) {
	found, err := db.fillings(ctx, code)
	return found, named(err, "fillings of %s", code)
}

func (db *DB) fillings(ctx context.Context, code dossier.Code) ([]dossier.Filling, error) {
	d, err := db.Dossier(ctx, code)
	if err != nil {
		return nil, err
	}
	p, err := db.ProcedureOf(ctx, d)
	if err != nil {
		return nil, err
	}
	var slots []dossier.Filling
	for _, c := range p.Slots() {
		slots = append(slots, dossier.Filling{Component: c})
	}
	place := func(s dossier.SlotCode, k dossier.KindCode) *dossier.Filling {
		i := slices.IndexFunc(slots, func(f dossier.Filling) bool { return f.Slot == s })
		if i < 0 {
			i = len(slots)
			slots = append(slots, dossier.Filling{Component: dossier.Component{Slot: s, Kind: k, Name: string(s)}})
		}
		return &slots[i]
	}
	docs, err := all(ctx, db.read, scanDocument, "SELECT "+documentColumns+" FROM documents d WHERE d.dossier = $1 ORDER BY d.received, d.id", string(code))
	if err != nil {
		return nil, err
	}
	for _, doc := range docs {
		if f := place(doc.Slot, doc.Kind); f.Document == nil || f.Document.State == dossier.Refused {
			f.Document = &doc
		}
	}
	reused, err := db.reusedIn(ctx, code)
	if err != nil {
		return nil, err
	}
	for slot, e := range reused {
		f := place(slot, e.Kind)
		f.Document, f.Reused = nil, &e
	}
	return slots, nil
}
