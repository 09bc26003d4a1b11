package sqldb

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"sohoa/dossier"
)

func scanHolder(r row) (h dossier.Holder, err error) {
	err = r.Scan(&h.ID, &h.Number, &h.Name, &h.Demo)
	return h, err
}

// Holder returns the holder with an id.
func (db *DB) Holder(ctx context.Context, id dossier.HolderID) (dossier.Holder, error) {
	h, err := one(ctx, db.read, scanHolder, "SELECT id, number, name, demo FROM holders WHERE id = $1", string(id))
	return h, named(err, "holder %s", id)
}

// FindHolder returns the holder with a number. The error does not repeat it.
func (db *DB) FindHolder(ctx context.Context, number string) (dossier.Holder, error) {
	h, err := one(ctx, db.read, scanHolder, "SELECT id, number, name, demo FROM holders WHERE number = $1", number)
	return h, named(err, "holder by number")
}

// PutHolder writes a holder and returns it with its ID: the same number is the
// same holder, whose name is brought up to date. One whom the demonstration made
// and who then comes in person is of the demonstration no more.
func (db *DB) PutHolder(ctx context.Context, h dossier.Holder) (dossier.Holder, error) {
	if h.Number == "" || h.Name == "" {
		return dossier.Holder{}, fmt.Errorf("put holder: %w: number or name is missing", dossier.ErrInvalid)
	}
	if h.ID == "" {
		h.ID = dossier.HolderID(db.newID())
	}
	kept, err := one(ctx, db.write, scanHolder, `
		INSERT INTO holders (id, number, name, demo) VALUES ($1, $2, $3, $4)
		ON CONFLICT (number) DO UPDATE SET name = excluded.name,
			demo = CASE WHEN excluded.demo = 0 THEN 0 ELSE holders.demo END
		RETURNING id, number, name, demo`, string(h.ID), h.Number, h.Name, flag(h.Demo))
	return kept, named(err, "put holder")
}

const entryColumns = "e.id, e.holder, e.kind, e.document, e.dossier, e.added, e.expires, e.number, e.title, e.issuer, e.issued"

func entryInto(e *dossier.Entry, added *int64) []any {
	return []any{&e.ID, &e.Holder, &e.Kind, &e.Document, &e.Dossier, added,
		&e.Expires, &e.Number, &e.Title, &e.Issuer, &e.Issued}
}

func scanEntry(r row) (e dossier.Entry, err error) {
	var added int64
	err = r.Scan(entryInto(&e, &added)...)
	e.Added = moment(added)
	return e, err
}

// dayOf returns the day of t in Viet Nam as YYYY-MM-DD.
func dayOf(t time.Time) string { return t.In(dossier.VietNam).Format(time.DateOnly) }

// Entries returns a holder's record, newest first: all of it, or what is valid
// on a day if one is given. An entry is valid on the day it expires, and until
// its paper is disposed of.
func (db *DB) Entries(ctx context.Context, holder dossier.HolderID, validOn time.Time) ([]dossier.Entry, error) {
	var w where
	w.and("e.holder = %s", string(holder))
	if !validOn.IsZero() {
		w.and("(e.expires = '' OR e.expires >= %s)", dayOf(validOn))
		w.and("EXISTS (SELECT 1 FROM documents d WHERE d.id = e.document AND d.disposed = 0)")
	}
	found, err := all(ctx, db.read, scanEntry, "SELECT "+entryColumns+" FROM entries e"+w.String()+
		" ORDER BY e.added DESC, e.id DESC", w.values...)
	return found, named(err, "record of %s", holder)
}

// enter puts an archived document on the record of its dossier's holder. That a
// document has one entry at most is the table's rule.
func (db *DB) enter(ctx context.Context, tx *sql.Tx, d dossier.Document, fields []dossier.Field) error {
	value := map[dossier.FieldName]string{}
	for _, f := range fields {
		value[f.Name] = f.Value
	}
	_, err := tx.ExecContext(ctx, `
		INSERT INTO entries (id, holder, kind, document, dossier, added, expires, number, title, issuer, issued)
		SELECT $1, holder, $2, $3, code, CAST($4 AS BIGINT), $5, $6, $7, $8, $9 FROM dossiers WHERE code = $10`,
		db.newID(), string(d.Kind), string(d.ID), d.Changed.UnixMilli(), value[dossier.FieldExpires],
		value[dossier.FieldNumber], value[dossier.FieldTitle], value[dossier.FieldIssuer], value[dossier.FieldIssued],
		string(d.Dossier))
	return err
}

// Reuse fills a slot of a dossier with an entry of its holder's record, so that
// nobody is asked for the same paper twice. Doing it again changes nothing.
//
// The entry must be of the same holder (else [dossier.ErrForbidden]), of the
// slot's kind and valid today (else [dossier.ErrInvalid]), and the slot without
// a live document or another entry (else [dossier.ErrConflict]). A real dossier
// takes no paper of the demonstration, nor the other way round.
func (db *DB) Reuse(ctx context.Context, code dossier.Code, slot dossier.SlotCode, entry dossier.EntryID, who dossier.PersonID) error {
	err := db.tx(ctx, func(tx *sql.Tx) error {
		d, kind, err := lockSlot(ctx, tx, code, slot)
		if err != nil {
			return err
		}
		e, err := one(ctx, tx, scanEntry, "SELECT "+entryColumns+" FROM entries e WHERE e.id = $1", string(entry))
		if err != nil {
			return fmt.Errorf("entry %s: %w", entry, err)
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
	})
	return named(err, "reuse in %s %s", code, slot)
}

func (db *DB) mayReuse(ctx context.Context, tx *sql.Tx, d place, kind dossier.KindCode, e dossier.Entry) error {
	if e.Holder != d.holder {
		return fmt.Errorf("%w: the entry is on another holder's record", dossier.ErrForbidden)
	}
	if e.Kind != kind {
		return fmt.Errorf("%w: the slot asks for a paper of another kind", dossier.ErrInvalid)
	}
	if e.Expires != "" && e.Expires < dayOf(db.now()) {
		return fmt.Errorf("%w: the paper has expired", dossier.ErrInvalid)
	}
	of, err := one(ctx, tx, scanDocument, "SELECT "+documentColumns+" FROM documents d WHERE d.id = $1", string(e.Document))
	if err != nil {
		return err
	}
	if n, err := affected(tx.ExecContext(ctx, "UPDATE documents SET disposed = disposed WHERE id = $1 AND disposed = 0", string(e.Document))); err != nil {
		return err
	} else if n == 0 { // and from here on it cannot be, until this is done
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
		var e dossier.Entry
		var added int64
		var slot dossier.SlotCode
		err := r.Scan(append(entryInto(&e, &added), &slot)...)
		e.Added = moment(added)
		reused[slot] = e
		return struct{}{}, err
	}, "SELECT "+entryColumns+", r.slot FROM reuses r JOIN entries e ON e.id = r.entry WHERE r.dossier = $1", string(code))
	return reused, err
}
