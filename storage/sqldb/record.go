package sqldb

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/record"
)

const holderColumns = "id, number, name, born, demo"

func scanHolder(r row) (h dossier.Holder, err error) {
	err = r.Scan(&h.ID, &h.Number, &h.Name, &h.Born, &h.Demo)
	return h, err
}

// Holder returns the holder with an id.
func (db *DB) Holder(ctx context.Context, id dossier.HolderID) (dossier.Holder, error) {
	h, err := one(ctx, db.read, scanHolder, "SELECT "+holderColumns+" FROM holders WHERE id = $1", string(id))
	return h, named(err, "holder %s", id)
}

// FindHolder returns the holder with a number. The error does not repeat it.
func (db *DB) FindHolder(ctx context.Context, number string) (dossier.Holder, error) {
	h, err := one(ctx, db.read, scanHolder, "SELECT "+holderColumns+" FROM holders WHERE number = $1", number)
	return h, named(err, "holder by number")
}

// PutHolder writes a holder and returns it with its ID: the same number is the
// same holder, whose name is brought up to date. A day of birth that is not given
// changes nothing; another one than is known wraps [dossier.ErrConflict], since
// nobody becomes somebody else by a number. One whom the demonstration made and who
// then comes in person is of the demonstration no more.
func (db *DB) PutHolder(ctx context.Context, h dossier.Holder) (kept dossier.Holder, err error) {
	if h.Number == "" || h.Name == "" {
		return dossier.Holder{}, fmt.Errorf("put holder: %w: number or name is missing", dossier.ErrInvalid)
	}
	if h.ID == "" {
		h.ID = dossier.HolderID(db.newID())
	}
	err = db.tx(ctx, func(tx *sql.Tx) error {
		kept, err = one(ctx, tx, scanHolder, `
			INSERT INTO holders (id, number, name, born, demo) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (number) DO UPDATE SET name = excluded.name,
				born = CASE WHEN holders.born = '' THEN excluded.born ELSE holders.born END,
				demo = CASE WHEN excluded.demo = 0 THEN 0 ELSE holders.demo END
			RETURNING `+holderColumns, string(h.ID), h.Number, h.Name, h.Born, flag(h.Demo))
		if err == nil && h.Born != "" && kept.Born != h.Born {
			err = fmt.Errorf("%w: the number is known with another day of birth", dossier.ErrConflict)
		}
		return err
	})
	if err != nil {
		kept = dossier.Holder{}
	}
	return kept, named(err, "put holder")
}

// undone is the condition that an act a was taken back.
const undone = "EXISTS (SELECT 1 FROM record_acts u WHERE u.refers = a.deed AND u.act = 'undo')"

// entryColumns are of an entry e as it stands after all acts: on whose record,
// whether it ended, and what its newest version says.
const entryColumns = `e.id, COALESCE((SELECT a.refers FROM record_acts a WHERE a.entry = e.id AND a.act = 'split' AND NOT ` + undone + `
		ORDER BY a.at DESC, a.id DESC LIMIT 1), e.holder),
	e.kind, e.document, e.dossier, e.added, e.expires, e.number, e.title, e.issuer, e.issued, e.scope,
	(SELECT COUNT(*) FROM record_acts a WHERE a.entry = e.id AND a.act = 'withdraw' AND NOT ` + undone + `),
	COALESCE((SELECT a.refers FROM record_acts a WHERE a.entry = e.id AND a.act = 'replace' AND NOT ` + undone + `
		ORDER BY a.at DESC, a.id DESC LIMIT 1), ''),
	(SELECT COUNT(*) FROM disposals x WHERE x.document = e.document),
	(SELECT COUNT(*) FROM record_acts a WHERE a.entry = e.id AND a.act = 'correct' AND NOT ` + undone + `),
	COALESCE((SELECT a.said FROM record_acts a WHERE a.entry = e.id AND a.act = 'correct' AND NOT ` + undone + `
		ORDER BY a.at DESC, a.id DESC LIMIT 1), '')`

func scanEntry(r row) (dossier.Entry, error) { return scanEntryAnd(r) }

func scanEntryAnd(r row, more ...any) (e dossier.Entry, err error) {
	var added int64
	var withdrawn, disposed int
	var said string
	if err := r.Scan(append([]any{&e.ID, &e.Holder, &e.Kind, &e.Document, &e.Dossier, &added, &e.Expires, &e.Number, &e.Title, &e.Issuer, &e.Issued, &e.Scope,
		&withdrawn, &e.Replaced, &disposed, &e.Version, &said}, more...)...); err != nil {
		return e, err
	}
	e.Added, e.Withdrawn, e.Disposed = moment(added), withdrawn > 0, disposed > 0
	if said != "" {
		var v record.Values
		if err := json.Unmarshal([]byte(said), &v); err != nil {
			return e, err
		}
		v.Onto(&e)
	}
	return e, nil
}

// dayOf returns the day of t in Viet Nam as YYYY-MM-DD.
func dayOf(t time.Time) string { return t.In(dossier.VietNam).Format(time.DateOnly) }

// onRecord is which entries stand on the record of a group of holders: those that
// were entered there and not split off, and those split off to them.
func onRecord(w *where, group []dossier.HolderID) string {
	places := make([]string, len(group))
	for i, id := range group {
		places[i] = w.value(string(id))
	}
	of := " IN (" + strings.Join(places, ", ") + ")"
	return `(SELECT e.* FROM entries e WHERE e.holder` + of + ` AND NOT EXISTS (SELECT 1 FROM record_acts a WHERE a.entry = e.id AND a.act = 'split' AND NOT ` + undone + `)
		UNION SELECT e.* FROM record_acts s JOIN entries e ON e.id = s.entry WHERE s.act = 'split' AND s.refers` + of + `
		AND s.id = (SELECT a.id FROM record_acts a WHERE a.entry = e.id AND a.act = 'split' AND NOT ` + undone + ` ORDER BY a.at DESC, a.id DESC LIMIT 1))`
}

// Entries returns a holder's record, newest first, with those of all holders that
// were merged with them: all of it, or what may be used again on a day if one is
// given: what is valid on it, not withdrawn or replaced, and whose paper was not
// disposed of.
func (db *DB) Entries(ctx context.Context, holder dossier.HolderID, validOn time.Time) ([]dossier.Entry, error) {
	found, err := db.entries(ctx, db.read, holder, nil)
	if !validOn.IsZero() {
		day := dayOf(validOn)
		found = slices.DeleteFunc(found, func(e dossier.Entry) bool { return !e.Offered(day) })
	}
	return found, named(err, "record of %s", holder)
}

func (db *DB) entries(ctx context.Context, a asker, holder dossier.HolderID, in *dossier.Within) ([]dossier.Entry, error) {
	_, group, err := group(ctx, a, holder)
	if err != nil {
		return nil, err
	}
	var w where
	from := onRecord(&w, group) + " e"
	if in != nil {
		within(&w, in, "e")
		from += " JOIN dossiers o ON o.code = e.dossier"
	}
	return all(ctx, a, scanEntry, "SELECT "+entryColumns+" FROM "+from+w.String()+" ORDER BY e.added DESC, e.id DESC", w.values...)
}

// enter puts an archived document on the record of its dossier's holder. That a
// document has one entry at most is the table's rule.
func (db *DB) enter(ctx context.Context, tx *sql.Tx, d dossier.Document, fields []dossier.Field) error {
	value := map[dossier.FieldName]string{}
	for _, f := range fields {
		value[f.Name] = f.Value
	}
	_, err := tx.ExecContext(ctx, `
		INSERT INTO entries (id, holder, kind, document, dossier, added, expires, number, title, issuer, issued, scope)
		SELECT $1, holder, $2, $3, code, CAST($4 AS BIGINT), $5, $6, $7, $8, $9, $11 FROM dossiers WHERE code = $10`,
		db.newID(), string(d.Kind), string(d.ID), d.Changed.UnixMilli(), value[dossier.FieldExpires],
		value[dossier.FieldNumber], value[dossier.FieldTitle], value[dossier.FieldIssuer], value[dossier.FieldIssued],
		string(d.Dossier), value[dossier.FieldScope])
	if err != nil {
		return err
	}
	return db.codeResult(ctx, tx, d.ID)
}

// Reuse fills a slot of a dossier with an entry of its holder's record, so that
// nobody is asked for the same paper twice. Doing it again changes nothing.
//
// The entry must be of the same holder (else [dossier.ErrForbidden]), of the
// slot's kind and valid today (else [dossier.ErrInvalid]), and the slot without
// a live document or another entry (else [dossier.ErrConflict]). A real dossier
// takes no paper of the demonstration, nor the other way round.
func (db *DB) Reuse(ctx context.Context, code dossier.Code, slot dossier.SlotCode, entry dossier.EntryID, who dossier.PersonID) error {
	err := db.tx(ctx, func(tx *sql.Tx) error { return db.reuse(ctx, tx, code, slot, entry, who) })
	return named(err, "reuse in %s %s", code, slot)
}

func (db *DB) reuse(ctx context.Context, tx *sql.Tx, code dossier.Code, slot dossier.SlotCode, entry dossier.EntryID, who dossier.PersonID) error {
	d, kind, err := lockSlot(ctx, tx, code, slot)
	if err != nil {
		return err
	}
	e, _, err := heldEntry(ctx, tx, entry)
	if err != nil {
		return err
	}
	if err := db.mayReuse(ctx, tx, d, kind, e); err != nil {
		return err
	}
	kept, err := all(ctx, tx, single[dossier.EntryID], "SELECT entry FROM reuses WHERE dossier = $1 AND slot = $2", string(code), string(slot))
	if err != nil {
		return err
	}
	if len(kept) > 0 {
		if kept[0] == entry {
			return nil
		}
		return fmt.Errorf("%w: the slot is filled by another entry", dossier.ErrConflict)
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO reuses (dossier, slot, entry) VALUES ($1, $2, $3)",
		string(code), string(slot), string(entry)); err != nil {
		return err
	}
	if err := db.restand(ctx, tx, code); err != nil {
		return err
	}
	return db.happened(ctx, tx, dossier.Event{Dossier: code, Act: dossier.DossierReused, Who: who,
		At: db.now(), Slot: slot, Entry: entry}, 0)
}

func (db *DB) mayReuse(ctx context.Context, tx *sql.Tx, d place, kind dossier.KindCode, e dossier.Entry) error {
	if _, of, err := group(ctx, tx, d.holder); err != nil {
		return err
	} else if !slices.Contains(of, e.Holder) {
		return fmt.Errorf("%w: the entry is on another holder's record", dossier.ErrForbidden)
	}
	if e.Kind != kind {
		return fmt.Errorf("%w: the slot asks for a paper of another kind", dossier.ErrInvalid)
	}
	if e.Expires != "" && e.Expires < dayOf(db.now()) {
		return fmt.Errorf("%w: the paper has expired", dossier.ErrInvalid)
	}
	if e.Withdrawn || e.Replaced != "" {
		return fmt.Errorf("%w: the paper was withdrawn or replaced", dossier.ErrInvalid)
	}
	of, err := one(ctx, tx, scanDocument, "SELECT "+documentColumns+" FROM documents d WHERE d.id = $1", string(e.Document))
	if err != nil {
		return err
	}
	if e.Disposed { // and until this is done it cannot be: its row is held
		return fmt.Errorf("%w: the paper was disposed of", dossier.ErrInvalid)
	}
	if of.Demo != d.demo {
		return fmt.Errorf("%w: a real dossier and a demonstration do not mix", dossier.ErrForbidden)
	}
	if of.Flaw != "" {
		return fmt.Errorf("%w: the paper does not count as digitised (%s): it is to be scanned again", dossier.ErrInvalid, of.Flaw)
	}
	live, err := liveIn(ctx, tx, d.code, d.slot)
	if err == nil && live != nil {
		err = fmt.Errorf("%w: the slot is filled by a document", dossier.ErrConflict)
	}
	return err
}

// reusedIn returns the entries that fill slots of a dossier.
func (db *DB) reusedIn(ctx context.Context, code dossier.Code) (map[dossier.SlotCode]dossier.Entry, error) {
	reused := map[dossier.SlotCode]dossier.Entry{}
	_, err := all(ctx, db.read, func(r row) (struct{}, error) {
		var slot dossier.SlotCode
		e, err := scanEntryAnd(r, &slot)
		reused[slot] = e
		return struct{}{}, err
	}, "SELECT "+entryColumns+", r.slot FROM reuses r JOIN entries e ON e.id = r.entry WHERE r.dossier = $1", string(code))
	return reused, err
}
