package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"sohoa/dossier"
	"sohoa/dossier/record"
	"sohoa/dossier/search"
	"sohoa/storage/ledger"
)

// group returns the holder under whom somebody's record now stands, and all whose
// records are part of it: those that were merged, and themselves.
func group(ctx context.Context, a asker, id dossier.HolderID) (root dossier.HolderID, of []dossier.HolderID, err error) {
	roots, err := all(ctx, a, single[dossier.HolderID], `WITH RECURSIVE up (id, far) AS (SELECT id, 0 FROM holders WHERE id = $1
		UNION SELECT a.refers, up.far + 1 FROM record_acts a JOIN up ON a.holder = up.id WHERE a.act = 'merge' AND NOT `+undone+`)
		SELECT id FROM up ORDER BY far DESC LIMIT 1`, string(id))
	if err != nil || len(roots) == 0 {
		return id, nil, err
	}
	of, err = all(ctx, a, single[dossier.HolderID], `WITH RECURSIVE down (id) AS (SELECT id FROM holders WHERE id = $1
		UNION SELECT a.holder FROM record_acts a JOIN down ON a.refers = down.id WHERE a.act = 'merge' AND NOT `+undone+`)
		SELECT id FROM down ORDER BY id`, string(roots[0]))
	return roots[0], of, err
}

// HolderGroup returns the holder under whom somebody's record now stands, and the
// ids of all who were merged into them, themselves included.
func (db *DB) HolderGroup(ctx context.Context, id dossier.HolderID) (root dossier.HolderID, of []dossier.HolderID, err error) {
	root, of, err = group(ctx, db.read, id)
	return root, of, named(err, "holder %s", id)
}

// HolderWithin returns a holder if a dossier of theirs, or of somebody merged with
// them, is in a part of the archive: received or decided by one of agencies (none:
// all), and in what in says. Else there is none: [dossier.ErrNotFound].
func (db *DB) HolderWithin(ctx context.Context, id dossier.HolderID, agencies []dossier.AgencyCode, in *dossier.Within) (dossier.Holder, error) {
	none := dossier.Holder{}
	_, of, err := group(ctx, db.read, id)
	if err != nil {
		return none, named(err, "holder %s", id)
	}
	var w where
	among(&w, of, "o.holder", "o.applicant")
	among(&w, agencies, "o.receiving", "o.competent")
	within(&w, in, "")
	if ok, err := exists(ctx, db.read, "SELECT 1 FROM dossiers o"+w.String(), w.values...); err != nil || !ok {
		return none, named(firstOf(err, dossier.ErrNotFound), "holder %s", id)
	}
	return db.Holder(ctx, id)
}

// mostNamesakes is how many people of one name and day of birth are told.
const mostNamesakes = 20

// FindHolders returns the holders with a name, with tone marks or without, who were
// born on a day, YYYY-MM-DD. The error repeats neither.
func (db *DB) FindHolders(ctx context.Context, name, born string) ([]dossier.Holder, error) {
	if name == "" || born == "" {
		return nil, fmt.Errorf("find a holder: %w: a name and a day of birth are needed", dossier.ErrInvalid)
	}
	want := search.FoldString(name)
	found, err := all(ctx, db.read, scanHolder, "SELECT "+holderColumns+" FROM holders WHERE born = $1 ORDER BY id", born)
	found = slices.DeleteFunc(found, func(h dossier.Holder) bool { return search.FoldString(h.Name) != want })
	return found[:min(len(found), mostNamesakes)], named(err, "find a holder")
}

// EntryWithin returns an entry that is in a part of the archive, with the dossiers
// there that used it again; else [dossier.ErrNotFound].
func (db *DB) EntryWithin(ctx context.Context, id dossier.EntryID, agencies []dossier.AgencyCode, in *dossier.Within) (e dossier.Entry, used []dossier.Code, err error) {
	var w where
	w.and("e.id = %s", string(id))
	among(&w, agencies, "o.receiving", "o.competent")
	within(&w, in, "e")
	e, err = one(ctx, db.read, scanEntry, "SELECT "+entryColumns+" FROM entries e JOIN dossiers o ON o.code = e.dossier"+w.String(), w.values...)
	if err != nil {
		return e, nil, named(err, "entry %s", id)
	}
	var u where
	u.and("r.entry = %s", string(id))
	among(&u, agencies, "o.receiving", "o.competent")
	within(&u, in, "")
	used, err = all(ctx, db.read, single[dossier.Code], "SELECT DISTINCT o.code FROM reuses r JOIN dossiers o ON o.code = r.dossier"+u.String()+" ORDER BY 1", u.values...)
	return e, used, named(err, "entry %s", id)
}

const recordColumns = "a.id, a.act, a.deed, a.entry, a.holder, a.refers, a.said, a.who, a.role, a.at, a.why, a.demo"

func scanRecordDeed(r row) (d record.Deed, err error) {
	var entry, holder, undoneBy sql.NullString
	var said string
	var at int64
	if err := r.Scan(&d.ID, &d.Act, &d.Deed, &entry, &holder, &d.Refers, &said, &d.Who, &d.By, &at, &d.Why, &d.Demo, &undoneBy); err != nil {
		return d, err
	}
	d.Entry, d.Holder, d.At, d.Undone = dossier.EntryID(entry.String), dossier.HolderID(holder.String), moment(at), undoneBy.String
	if said != "" {
		d.Values = &record.Values{}
		err = json.Unmarshal([]byte(said), d.Values)
	}
	return d, err
}

const recordDeeds = "SELECT " + recordColumns + ", (SELECT u.id FROM record_acts u WHERE u.refers = a.deed AND u.act = 'undo') FROM record_acts a"

// RecordDeeds returns what was done with the record of a holder and of all merged
// with them, oldest first.
func (db *DB) RecordDeeds(ctx context.Context, holder dossier.HolderID) ([]record.Deed, error) {
	_, of, err := group(ctx, db.read, holder)
	if err != nil {
		return nil, named(err, "acts on the record of %s", holder)
	}
	var w where
	among(&w, of, "a.holder", "a.refers")
	found, err := all(ctx, db.read, scanRecordDeed, recordDeeds+w.String()+" ORDER BY a.at, a.id", w.values...)
	return found, named(err, "acts on the record of %s", holder)
}

// DoRecord does an act with a record. Entry is what is withdrawn, replaced or
// corrected; Holder and Refers of a merge are who is merged and into whom; of a
// split entries are those that go to the holder Refers; of an undoing Refers is the
// deed. Who may not wraps [dossier.ErrForbidden], what lacks something
// [dossier.ErrInvalid], what cannot be as things stand [dossier.ErrConflict].
func (db *DB) DoRecord(ctx context.Context, d record.Deed, entries ...dossier.EntryID) (record.Deed, error) {
	if err := d.Check(); err != nil {
		return d, err
	}
	err := db.tx(ctx, func(tx *sql.Tx) (err error) {
		d.ID, d.Deed, d.At = db.newID(), "", moment(db.now().UnixMilli())
		d.Deed = d.ID
		switch d.Act {
		case record.Merge:
			err = db.mayMerge(ctx, tx, &d)
		case record.Split:
			return db.split(ctx, tx, &d, entries)
		case record.Undo:
			err = db.mayUndo(ctx, tx, &d)
		default:
			err = db.mayEnd(ctx, tx, &d)
		}
		if err != nil {
			return err
		}
		return db.putRecordDeed(ctx, tx, d)
	})
	return d, named(err, "%s", d.Act)
}

// heldEntry returns an entry whose paper nobody else uses again, disposes of or
// judges until the transaction ends.
func heldEntry(ctx context.Context, tx *sql.Tx, id dossier.EntryID) (e dossier.Entry, demo bool, err error) {
	demo, err = one(ctx, tx, single[bool], "UPDATE documents SET disposed = disposed WHERE id = (SELECT document FROM entries WHERE id = $1) RETURNING demo", string(id))
	if err != nil {
		return e, false, fmt.Errorf("entry %s: %w", id, err)
	}
	e, err = one(ctx, tx, scanEntry, "SELECT "+entryColumns+" FROM entries e WHERE e.id = $1", string(id))
	return e, demo, err
}

// mayEnd looks at an entry that is withdrawn, replaced or corrected.
func (db *DB) mayEnd(ctx context.Context, tx *sql.Tx, d *record.Deed) error {
	e, demo, err := heldEntry(ctx, tx, d.Entry)
	if err != nil {
		return err
	}
	d.Holder, d.Demo = e.Holder, demo
	if d.Act == record.Correct {
		if d.Values == nil {
			return fmt.Errorf("%w: nothing is corrected", dossier.ErrInvalid)
		}
		if *d.Values == record.ValuesOf(e) {
			return fmt.Errorf("%w: nothing is changed", dossier.ErrInvalid)
		}
		return nil
	}
	d.Values = nil
	if e.Withdrawn || e.Replaced != "" {
		return fmt.Errorf("%w: it was withdrawn or replaced already: undo that first", dossier.ErrConflict)
	}
	if d.Act == record.Withdraw {
		d.Refers = ""
		return nil
	}
	by, _, err := heldEntry(ctx, tx, dossier.EntryID(d.Refers))
	switch {
	case err != nil:
		return err
	case by.ID == e.ID || by.Holder != e.Holder || by.Kind != e.Kind:
		return fmt.Errorf("%w: what replaces it is another paper of the same holder and kind", dossier.ErrInvalid)
	case by.Withdrawn || by.Replaced != "":
		return fmt.Errorf("%w: what would replace it was itself withdrawn or replaced", dossier.ErrConflict)
	}
	return nil
}

// heldHolders takes two holders' rows, in one order, so that two merges do not pass
// each other.
func heldHolders(ctx context.Context, tx *sql.Tx, a, b dossier.HolderID) (first, second dossier.Holder, err error) {
	for _, id := range slices.Sorted(slices.Values([]dossier.HolderID{a, b})) {
		h, err := one(ctx, tx, scanHolder, "UPDATE holders SET demo = demo WHERE id = $1 RETURNING "+holderColumns, string(id))
		if err != nil {
			return first, second, fmt.Errorf("holder %s: %w", id, err)
		}
		if id == a {
			first = h
		}
		if id == b {
			second = h
		}
	}
	if first.Demo != second.Demo {
		err = fmt.Errorf("%w: a real holder and a demonstration do not mix", dossier.ErrForbidden)
	}
	return first, second, err
}

func (db *DB) mayMerge(ctx context.Context, tx *sql.Tx, d *record.Deed) error {
	d.Entry, d.Values = "", nil
	from, into, err := heldHolders(ctx, tx, d.Holder, dossier.HolderID(d.Refers))
	if err != nil {
		return err
	}
	d.Demo = from.Demo
	a, _, err := group(ctx, tx, from.ID)
	if err != nil {
		return err
	}
	b, _, err := group(ctx, tx, into.ID)
	switch {
	case err != nil:
		return err
	case a == b:
		return fmt.Errorf("%w: they are one already", dossier.ErrConflict)
	case a != from.ID || b != into.ID:
		return fmt.Errorf("%w: one of them was merged into another: merge that one", dossier.ErrConflict)
	}
	return nil
}

// split writes a row for each entry that goes to another holder.
func (db *DB) split(ctx context.Context, tx *sql.Tx, d *record.Deed, entries []dossier.EntryID) error {
	d.Values = nil
	_, of, err := group(ctx, tx, d.Holder)
	if err != nil {
		return err
	}
	if len(entries) == 0 || len(entries) > 1000 {
		return fmt.Errorf("%w: a split says which entries go, a thousand at most", dossier.ErrInvalid)
	}
	from, into, err := heldHolders(ctx, tx, d.Holder, dossier.HolderID(d.Refers))
	if err != nil {
		return err
	}
	if slices.Contains(of, into.ID) {
		return fmt.Errorf("%w: they go to another holder, or to one who is not merged with this one", dossier.ErrConflict)
	}
	d.Demo = from.Demo
	for i, id := range entries {
		e, _, err := heldEntry(ctx, tx, id)
		if err != nil {
			return err
		}
		if !slices.Contains(of, e.Holder) {
			return fmt.Errorf("%w: entry %s is not on this record", dossier.ErrInvalid, id)
		}
		row := *d
		row.Entry, row.Holder = id, e.Holder
		if i > 0 {
			row.ID = db.newID()
		}
		if err := db.putRecordDeed(ctx, tx, row); err != nil {
			return err
		}
	}
	return nil
}

// mayUndo finds what is undone: the act itself, once, by who may do it.
func (db *DB) mayUndo(ctx context.Context, tx *sql.Tx, d *record.Deed) error {
	was, err := one(ctx, tx, scanRecordDeed, recordDeeds+" WHERE a.id = $1", d.Refers)
	switch {
	case err != nil:
		return err
	case was.Act == record.Undo || was.ID != was.Deed:
		return fmt.Errorf("%w: an undoing is not undone: the act is done again", dossier.ErrInvalid)
	case was.Undone != "":
		return fmt.Errorf("%w: it was undone already", dossier.ErrConflict)
	case !record.May(d.By, was.Act):
		return fmt.Errorf("%w: a %s does not undo a %s", dossier.ErrForbidden, d.By, was.Act)
	}
	d.Entry, d.Holder, d.Values, d.Demo = was.Entry, was.Holder, nil, was.Demo
	return nil
}

// putRecordDeed writes a row and what the log says of it.
func (db *DB) putRecordDeed(ctx context.Context, tx *sql.Tx, d record.Deed) error {
	salt := ledger.NewSalt()
	if _, err := tx.ExecContext(ctx, `INSERT INTO record_acts (id, act, deed, entry, holder, refers, said, who, role, at, why, salt, demo)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`, d.ID, string(d.Act), d.Deed, text(d.Entry), text(d.Holder), d.Refers, d.Said(),
		string(d.Who), string(d.By), d.At.UnixMilli(), d.Why, salt, flag(d.Demo)); err != nil {
		return err
	}
	return db.log(ctx, tx, ledger.Event{ID: d.ID, Kind: ledger.Record, Act: string(d.Act), At: d.At.UnixMilli(), Who: string(d.Who), Role: string(d.By),
		Entry: string(d.Entry), Holder: string(d.Holder), Subject: d.Refers, Sum: d.Sum().String(), Text: ledger.Commit(salt, d.Why, d.Said()), Demo: d.Demo})
}

// recorded takes an event of a record into account.
func (a *audit) recorded(place int64, e *ledger.Event, at string) {
	a.says(laneRecords, place, e, 1, e.ID, e.Act, e.Entry, e.Holder, e.Subject, e.Sum, e.Who, e.Role, at, e.Text)
}

// recordRows compares what was done with records.
func (a *audit) recordRows() error {
	return a.scan("SELECT id, act, deed, entry, holder, refers, said, who, role, at, why, salt FROM record_acts", 12, func(v []driver.Value) error {
		d := record.Deed{Act: record.Act(said(v[1])), Deed: said(v[2]), Entry: dossier.EntryID(said(v[3])), Holder: dossier.HolderID(said(v[4])), Refers: said(v[5])}
		a.has(laneRecords, 1, strings.Join([]string{said(v[0]), said(v[1]), said(v[3]), said(v[4]), said(v[5]), d.Sum().String(), said(v[7]), said(v[8]), said(v[9]),
			ledger.Commit(said(v[11]), said(v[10]), said(v[6]))}, unit))
		return nil
	})
}

// ReuseAll fills every open place of a dossier that one valid paper of the
// holder's record fits, the newest of its kind, and tells how many it filled: all of
// them or, if one cannot be, none. Each paper fills one place.
func (db *DB) ReuseAll(ctx context.Context, code dossier.Code, offers []dossier.Offer, who dossier.PersonID) (n int, err error) {
	err = db.tx(ctx, func(tx *sql.Tx) error {
		n = 0
		for _, o := range offers {
			if err := db.reuse(ctx, tx, code, o.Slot, o.Entry, who); err != nil {
				return fmt.Errorf("%s: %w", o.Slot, err)
			}
			n++
		}
		return nil
	})
	if errors.Is(err, dossier.ErrNotFound) {
		err = fmt.Errorf("%w: %w", dossier.ErrConflict, err)
	}
	return n, named(err, "reuse in %s", code)
}
