package sqldb

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/storage/ledger"
)

// Add writes a received document, version 0, and its reception in the ledger.
// Its ID, Version, Kind and Demo are given here; so is its State, Received,
// unless it is another of [dossier.Starts]. The files that it names must be
// stored already.
//
// The same scan for the same slot gives the document that is there, so a door
// unsure whether an earlier Add went through just calls it again. A slot filled
// by another live document, or by an entry used again, wraps
// [dossier.ErrConflict]; an unknown dossier or slot, [dossier.ErrNotFound].
func (db *DB) Add(ctx context.Context, d dossier.Document, who dossier.PersonID) (dossier.Document, error) {
	var kept dossier.Document
	err := db.tx(ctx, func(tx *sql.Tx) (err error) {
		kept, err = db.add(ctx, tx, d, who)
		return err
	})
	if errors.Is(err, errLeaving) {
		err = fmt.Errorf("%w: %w", dossier.ErrConflict, err)
	}
	if err != nil {
		return dossier.Document{}, fmt.Errorf("add to %s %s: %w", d.Dossier, d.Slot, err)
	}
	return kept, nil
}

func (db *DB) add(ctx context.Context, tx *sql.Tx, d dossier.Document, who dossier.PersonID) (dossier.Document, error) {
	if d.Parts[dossier.PartScan].IsZero() {
		return d, fmt.Errorf("%w: there is no scan", dossier.ErrInvalid)
	}
	at, kind, err := lockSlot(ctx, tx, d.Dossier, d.Slot)
	if err != nil {
		return d, err
	}
	live, err := liveIn(ctx, tx, d.Dossier, d.Slot)
	switch {
	case err != nil:
		return d, err
	case live != nil && live.Parts[dossier.PartScan] == d.Parts[dossier.PartScan]:
		return *live, nil
	case live != nil:
		return d, fmt.Errorf("%w: the slot is filled by another document", dossier.ErrConflict)
	}
	reused, err := exists(ctx, tx, "SELECT 1 FROM reuses WHERE dossier = $1 AND slot = $2", string(d.Dossier), string(d.Slot))
	if err != nil {
		return d, err
	}
	if reused {
		return d, fmt.Errorf("%w: the slot is filled from the holder's record", dossier.ErrConflict)
	}
	d.ID, d.Version, d.Kind, d.Demo = dossier.DocumentID(db.newID()), 0, kind, at.demo
	if !slices.Contains(dossier.Starts(), d.State) {
		d.State = dossier.Received
	}
	d.Received = db.orNow(d.Received)
	parts, err := asJSON(d.Parts)
	if err != nil {
		return d, err
	}
	if d.Flaw, err = flawOf(ctx, tx, d); err != nil {
		return d, err
	}
	if _, err := tx.ExecContext(ctx, `
		INSERT INTO documents (id, dossier, slot, kind, state, version, media, size, pages, received, changed, parts, fields, why, demo, flaw, agency, lane)
		VALUES ($1, $2, $3, $4, $5, 0, $6, $7, $8, $9, $9, $10, '[]', '', $11, $12, $13, $14)`,
		string(d.ID), string(d.Dossier), string(d.Slot), string(d.Kind), string(d.State), d.Media, d.Size, d.Pages,
		d.Received.UnixMilli(), parts, flag(d.Demo), string(d.Flaw), string(at.agency), int64(cmp.Or(d.Lane, dossier.Ordinary))); err != nil {
		return d, err
	}
	role, err := roleOf(ctx, tx, who)
	if err != nil {
		return d, err
	}
	c := dossier.Change{Document: d.ID, Act: dossier.Receive, By: role, Who: who, At: d.Received, Made: d.Parts}
	e := moveEvent(c, d.State, d.Demo)
	e.Dossier, e.Slot, e.Holder, e.Subject = string(d.Dossier), string(d.Slot), string(at.holder), string(d.Kind)
	e.Purpose = string(d.Flaw)
	if err := db.enterChange(ctx, tx, c, e); err != nil {
		return d, err
	}
	return one(ctx, tx, scanDocument, "SELECT "+documentColumns+" FROM documents d WHERE d.id = $1", string(d.ID))
}

// flawOf tells whether the bytes of a paper stand in another place of its dossier
// already: both cannot be what they were asked for.
func flawOf(ctx context.Context, tx *sql.Tx, d dossier.Document) (dossier.Flaw, error) {
	if !dossier.CountingAt(d.Received).Twice {
		return "", nil
	}
	twice, err := exists(ctx, tx, `SELECT 1 FROM documents k JOIN made m ON m.document = k.id AND m.part = `+constant(dossier.PartScan)+` AND m.digest = $1
		WHERE k.dossier = $2 AND k.slot <> $3 AND k.state <> `+constant(dossier.Refused),
		d.Parts[dossier.PartScan].String(), string(d.Dossier), string(d.Slot))
	if !twice || err != nil {
		return "", err
	}
	return dossier.FlawTwice, nil
}

// roleOf returns the role of a person; whoever is not known as one came in at
// the counter.
func roleOf(ctx context.Context, a asker, who dossier.PersonID) (dossier.Role, error) {
	roles, err := all(ctx, a, single[dossier.Role], "SELECT role FROM people WHERE id = $1", string(who))
	if err != nil || len(roles) == 0 {
		return dossier.Counter, err
	}
	return roles[0], nil
}

// enterChange puts a change into the ledger, and what the log says of it.
func (db *DB) enterChange(ctx context.Context, tx *sql.Tx, c dossier.Change, e ledger.Event) error {
	if c.Who == "" {
		return fmt.Errorf("%w: nobody is named who did it", dossier.ErrInvalid)
	}
	fields, err := asJSON(c.Fields)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `
		INSERT INTO changes (document, version, act, role, who, at, fields, why) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		string(c.Document), c.Version, string(c.Act), string(c.By), string(c.Who), c.At.UnixMilli(), fields, c.Why); err != nil {
		return err
	}
	for _, part := range slices.Sorted(maps.Keys(c.Made)) {
		if _, err := tx.ExecContext(ctx, "INSERT INTO made (document, version, part, digest) VALUES ($1, $2, $3, $4)",
			string(c.Document), c.Version, string(part), c.Made[part].String()); err != nil {
			return leaving(err)
		}
	}
	if err := commit(ctx, tx, &e, c.Why, fields); err != nil {
		return err
	}
	return db.log(ctx, tx, e)
}

// errLeaving: bytes that a change names were disposed of a moment ago, or are
// just going. Whoever put them again did so too early; a little later it works.
var errLeaving = errors.New("these bytes are being disposed of")

// leaving recognises what the tables say of such bytes.
func leaving(err error) error {
	if strings.Contains(err.Error(), errLeaving.Error()) {
		return fmt.Errorf("%w: try again in a few minutes", errLeaving)
	}
	return err
}

// Advance performs c on d and writes it in the ledger, both or neither. It
// returns the document as it then stands.
//
// c.Document and c.Version need not be set; without a time it happens now. The
// files that c names must be stored already: a row never points at a blob that
// may not be there. With Confirm the fields are kept as the confirmed ones;
// Refuse, Doubt and Adopt need a reason. A document that becomes Archived is
// entered on the record of its dossier's holder, in the same transaction; how
// long its proof holds is kept, or looked up later if the change does not say.
// A renewal brings the next renewed file and nothing else.
//
// If d is no longer the newest version, nothing is written and the error wraps
// [dossier.ErrConflict]; what the state table or four eyes do not allow wraps
// [dossier.ErrForbidden].
func (db *DB) Advance(ctx context.Context, d dossier.Document, c dossier.Change) (dossier.Document, error) {
	to, err := dossier.Next(d.State, c.Act, c.By)
	if err == nil {
		err = checkChange(d, c)
	}
	if err != nil {
		return d, fmt.Errorf("%s %s v%d: %w", c.Act, d.ID, d.Version, err)
	}
	c.Document, c.Version, c.At = d.ID, d.Version+1, db.orNow(c.At)
	moved, told, err := db.advanceGathered(ctx, d, c, to)
	if told {
		return moved, nil
	} else if err != nil {
		return d, fmt.Errorf("%s %s v%d: %w", c.Act, d.ID, d.Version, err)
	}
	err = db.tx(ctx, func(tx *sql.Tx) (err error) {
		moved, err = db.advance(ctx, tx, d, c, to)
		return err
	})
	if err != nil {
		return d, fmt.Errorf("%s %s v%d: %w", c.Act, d.ID, d.Version, err)
	}
	return moved, nil
}

// checkChange says what is wrong with a change, whatever the document.
func checkChange(d dossier.Document, c dossier.Change) error {
	for part, sum := range c.Made {
		if sum.IsZero() {
			return fmt.Errorf("%w: %s names nothing", dossier.ErrInvalid, part)
		}
		if _, has := d.Parts[part]; has {
			return fmt.Errorf("%w: %s was made before", dossier.ErrInvalid, part)
		}
	}
	if (dossier.NeedsReason(c.Act) || c.Act == dossier.Doubt) && c.Why == "" {
		return fmt.Errorf("%w: to %s needs a reason", dossier.ErrInvalid, c.Act)
	}
	if c.Act == dossier.Renew && (len(c.Made) != 1 || c.Made[dossier.RenewedPart(d.Renewals()+1)].IsZero() || c.Proof == nil || !c.Proof.Until.After(d.Proof.Until)) {
		return fmt.Errorf("%w: a renewal makes the next renewed file, whose proof holds longer", dossier.ErrInvalid)
	}
	if c.Act != dossier.Confirm {
		return nil
	}
	seen := map[dossier.FieldName]bool{}
	for _, f := range c.Fields {
		if seen[f.Name] || !slices.Contains(dossier.FieldNames[:], f.Name) {
			return fmt.Errorf("%w: field %q is unknown, or given twice", dossier.ErrInvalid, f.Name)
		}
		seen[f.Name] = true
		if f.Value == "" || f.Name != dossier.FieldIssued && f.Name != dossier.FieldExpires {
			continue
		}
		if _, err := time.Parse(time.DateOnly, f.Value); err != nil { // days are compared as text
			return fmt.Errorf("%w: %s is not a day of the form YYYY-MM-DD", dossier.ErrInvalid, f.Name)
		}
	}
	return nil
}

// advance moves the row first: from then on nobody else can.
func (db *DB) advance(ctx context.Context, tx *sql.Tx, d dossier.Document, c dossier.Change, to dossier.State) (dossier.Document, error) {
	kept, err := one(ctx, tx, scanDocument, "SELECT "+documentColumns+" FROM documents d WHERE d.id = $1", string(d.ID))
	if err != nil {
		return d, err
	}
	maps.Copy(kept.Parts, c.Made)
	parts, err := asJSON(kept.Parts)
	if err != nil {
		return d, err
	}
	moved, err := one(ctx, tx, scanDocument, `
		UPDATE documents SET state = $1, version = version + 1, changed = $2, parts = $3, why = $4,
			trouble = '', trouble_since = 0, lease_until = 0, attempts = 0, next_try = 0
		WHERE id = $5 AND version = $6 AND state = $7 AND disposed = 0 RETURNING `+bareColumns,
		string(to), c.At.UnixMilli(), parts, standing(c), string(d.ID), d.Version, string(d.State))
	if errors.Is(err, dossier.ErrNotFound) {
		err = dossier.ErrConflict
	}
	if err != nil {
		return d, err
	}
	if c.By != dossier.Machine {
		past, err := changesOf(ctx, tx, d.ID)
		if err != nil {
			return d, err
		}
		if err := dossier.FourEyes(past, c.Act, c.Who); err != nil {
			return d, err
		}
	}
	if err := db.enterChange(ctx, tx, c, moveEvent(c, to, kept.Demo)); err != nil {
		return d, err
	}
	if moved.Pages > dossier.ShortPaper && (c.Act == dossier.Recognise || c.Act == dossier.Refuse) {
		if err := forgetPages(ctx, tx, d.ID); err != nil {
			return d, err
		}
	}
	if err := db.settle(ctx, tx, d.ID, c); err != nil {
		return d, err
	}
	if c.Proof == nil && c.Made[dossier.PartUnread].IsZero() { // settle has changed nothing of what is shown of it
		return moved, nil
	}
	return one(ctx, tx, scanDocument, "SELECT "+documentColumns+" FROM documents d WHERE d.id = $1", string(d.ID))
}

// standing is the reason that a document stands where a change led it; a reason
// to go on is in the ledger alone.
func standing(c dossier.Change) string {
	if c.Act == dossier.Refuse || c.Act == dossier.Doubt || dossier.Back(c.Act) {
		return c.Why
	}
	return ""
}

// settle writes what follows from a move beside it: confirmed fields, how long
// a proof holds, and the entry of an archived document. What two people typed of a
// document that is refused is forgotten.
func (db *DB) settle(ctx context.Context, tx *sql.Tx, id dossier.DocumentID, c dossier.Change) error {
	if c.Act == dossier.Confirm {
		if err := db.settleEntries(ctx, tx, id, c); err != nil {
			return err
		}
		fields, err := asJSON(c.Fields)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "UPDATE documents SET fields = $1 WHERE id = $2", fields, string(id)); err != nil {
			return err
		}
	}
	if c.Act == dossier.Refuse {
		if _, err := tx.ExecContext(ctx, "DELETE FROM project_entries WHERE document = $1", string(id)); err != nil {
			return err
		}
	}
	if !c.Made[dossier.PartUnread].IsZero() {
		if _, err := tx.ExecContext(ctx, "UPDATE documents SET flaw = $1 WHERE id = $2 AND flaw = ''", string(dossier.FlawUnread), string(id)); err != nil {
			return err
		}
	}
	if c.Proof != nil {
		if _, err := tx.ExecContext(ctx, "UPDATE documents SET proof_until = $1, proof_by = $2 WHERE id = $3",
			untilMillis(*c.Proof), c.Proof.By, string(id)); err != nil {
			return err
		}
	}
	if c.Act != dossier.Archive {
		return nil
	}
	moved, err := one(ctx, tx, scanDocument, "SELECT "+documentColumns+" FROM documents d WHERE d.id = $1", string(id))
	if err != nil {
		return err
	}
	fields, err := fieldsOf(ctx, tx, id)
	if err != nil {
		return err
	}
	if err := db.enter(ctx, tx, moved, fields); err != nil {
		return err
	}
	return db.restand(ctx, tx, moved.Dossier)
}

// Changes returns the ledger of a document, oldest first.
func (db *DB) Changes(ctx context.Context, id dossier.DocumentID) ([]dossier.Change, error) {
	found, err := changesOf(ctx, db.read, id)
	if err == nil && len(found) == 0 { // every document has its reception
		err = dossier.ErrNotFound
	}
	return found, named(err, "changes of %s", id)
}

// changesOf reads one row for each file made, folded here.
func changesOf(ctx context.Context, a asker, id dossier.DocumentID) ([]dossier.Change, error) {
	var found []dossier.Change
	_, err := all(ctx, a, func(r row) (struct{}, error) {
		var c dossier.Change
		var at int64
		var fields, sum string
		var part dossier.Part
		if err := r.Scan(&c.Document, &c.Version, &c.Act, &c.By, &c.Who, &at, &fields, &c.Why, &part, &sum); err != nil {
			return struct{}{}, err
		}
		if n := len(found); n == 0 || found[n-1].Version != c.Version {
			var err error
			if c.Fields, err = fieldsFrom(fields); err != nil {
				return struct{}{}, err
			}
			c.At = moment(at)
			found = append(found, c)
		}
		if part == "" {
			return struct{}{}, nil
		}
		last := &found[len(found)-1]
		if last.Made == nil {
			last.Made = map[dossier.Part]digest.Digest{}
		}
		d, err := digest.Parse(sum)
		last.Made[part] = d
		return struct{}{}, err
	}, `SELECT c.document, c.version, c.act, c.role, c.who, c.at, c.fields, c.why, COALESCE(m.part, ''), COALESCE(m.digest, '')
		FROM changes c LEFT JOIN made m ON m.document = c.document AND m.version = c.version
		WHERE c.document = $1 ORDER BY c.version, m.part`, string(id))
	return found, err
}

// RecordIntent writes that a key is about to be asked. When it returns nil the
// note is durable. An unknown document wraps [dossier.ErrNotFound].
func (db *DB) RecordIntent(ctx context.Context, i dossier.Intent) error {
	err := db.tx(ctx, func(tx *sql.Tx) error {
		demo, err := one(ctx, tx, single[bool], "SELECT demo FROM documents WHERE id = $1", string(i.Document))
		if err != nil {
			return err
		}
		e := intentEvent(db.newID(), i, demo)
		e.At = db.orNow(i.At).UnixMilli()
		if _, err := tx.ExecContext(ctx, `
			INSERT INTO intents (id, document, version, purpose, to_sign, signer, at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			e.ID, e.Document, e.Version, e.Purpose, e.Sum, e.Subject, e.At); err != nil {
			return err
		}
		return db.log(ctx, tx, e)
	})
	return named(err, "record intent for %s", i.Document)
}

// Intents returns the intents about a document, oldest first.
func (db *DB) Intents(ctx context.Context, id dossier.DocumentID) ([]dossier.Intent, error) {
	found, err := all(ctx, db.read, func(r row) (i dossier.Intent, err error) {
		var at int64
		var toSign, signer string
		if err := r.Scan(&i.Document, &i.Version, &i.Purpose, &toSign, &signer, &at); err != nil {
			return i, err
		}
		i.At = moment(at)
		if i.ToSign, err = digest.Parse(toSign); err != nil {
			return i, err
		}
		i.Signer, err = digest.Parse(signer)
		return i, err
	}, "SELECT document, version, purpose, to_sign, signer, at FROM intents WHERE document = $1 ORDER BY at, id", string(id))
	return found, named(err, "intents of %s", id)
}
