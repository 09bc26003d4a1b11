package sqldb

import (
	"context"
	"database/sql"
	"fmt"

	"sohoa/dossier"
)

// DecideSlot writes what becomes of a component of a dossier, and how many pages the
// counter counted on it (0: none). A slot that the procedure has not wraps
// [dossier.ErrNotFound]; one that is filled already, or a dossier that is
// resolved, [dossier.ErrConflict]. The newest
// decision holds; all stay in the ledger.
func (db *DB) DecideSlot(ctx context.Context, code dossier.Code, slot dossier.SlotCode, d dossier.Decided, who dossier.PersonID) error {
	if !d.Decision.Known() || d.Pages < 0 || d.Pages > 100_000 || d.Twice < 0 || d.Twice > d.Pages ||
		d.Twice > 0 && d.Decision.Exempts() { // what is not scanned is not captured twice; figures rely on its code alone
		return fmt.Errorf("decide: %w: the decision or its pages", dossier.ErrInvalid)
	}
	err := db.open(ctx, code, func(tx *sql.Tx) error {
		if slot == dossier.ResultSlot {
			return fmt.Errorf("%w: a result is no component", dossier.ErrNotFound)
		}
		if ok, err := exists(ctx, tx, `SELECT 1 FROM components c JOIN dossiers d ON d.procedure = c.procedure AND d.version = c.version
			WHERE d.code = $1 AND c.slot = $2`, string(code), string(slot)); err != nil || !ok {
			return firstOf(err, fmt.Errorf("%w: the procedure has no slot %s", dossier.ErrNotFound, slot))
		}
		filled, err := exists(ctx, tx, `SELECT 1 FROM documents WHERE dossier = $1 AND slot = $2 AND state <> $3
			UNION SELECT 1 FROM reuses WHERE dossier = $1 AND slot = $2`, string(code), string(slot), string(dossier.Refused))
		if err != nil {
			return err
		}
		if filled && d.Decision.Exempts() {
			return fmt.Errorf("%w: the slot is filled", dossier.ErrConflict)
		}
		if err := db.happened(ctx, tx, dossier.Event{Dossier: code, Act: dossier.ComponentDecided, Who: who, At: db.now(),
			Slot: slot, Entry: dossier.EntryID(d.Said())}, d.Pages); err != nil {
			return err
		}
		return db.restand(ctx, tx, code)
	})
	return named(err, "decide %s of %s", slot, code)
}

func firstOf(first, second error) error {
	if first != nil {
		return first
	}
	return second
}

// open runs fn in a transaction in which a dossier is held, open and not to be
// filled meanwhile.
func (db *DB) open(ctx context.Context, code dossier.Code, fn func(*sql.Tx) error) error {
	return db.tx(ctx, func(tx *sql.Tx) error {
		n, err := affected(tx.ExecContext(ctx, "UPDATE dossiers SET filled = filled + 1 WHERE code = $1 AND resolved IS NULL", string(code)))
		if err != nil {
			return err
		}
		if n == 0 {
			if err := known(ctx, tx, "dossiers", string(code)); err != nil {
				return err
			}
			return fmt.Errorf("%w: the dossier is resolved", dossier.ErrConflict)
		}
		return fn(tx)
	})
}

// decided returns the newest decision on a slot; none is the zero one.
func decided(ctx context.Context, a asker, code dossier.Code, slot dossier.SlotCode) (dossier.Decided, error) {
	found, err := all(ctx, a, func(r row) (dossier.Decided, error) {
		var said string
		var pages int
		err := r.Scan(&said, &pages)
		return dossier.DecidedAs(said, pages), err
	},

		"SELECT entry, amount FROM events WHERE dossier = $1 AND slot = $2 AND act = "+constant(dossier.ComponentDecided)+" ORDER BY at DESC, id DESC LIMIT 1",
		string(code), string(slot))
	if err != nil || len(found) == 0 {
		return dossier.Decided{}, err
	}
	return found[0], nil
}

// DecidedOn returns the newest decision on a slot; none is the zero one.
func (db *DB) DecidedOn(ctx context.Context, code dossier.Code, slot dossier.SlotCode) (dossier.Decided, error) {
	d, err := decided(ctx, db.read, code, slot)
	return d, named(err, "decision on %s of %s", slot, code)
}

// HandOn writes that the counter gave a dossier to who is competent. One with
// required components that are undecided, or handed on already, wraps
// [dossier.ErrConflict].
func (db *DB) HandOn(ctx context.Context, code dossier.Code, who dossier.PersonID) error {
	err := db.open(ctx, code, func(tx *sql.Tx) error {
		open, err := all(ctx, tx, single[string], `
			SELECT c.slot FROM components c JOIN dossiers d ON d.procedure = c.procedure AND d.version = c.version
			WHERE d.code = $1 AND c.required = 1
				AND NOT EXISTS (SELECT 1 FROM documents x WHERE x.dossier = d.code AND x.slot = c.slot AND x.state <> $2)
				AND NOT EXISTS (SELECT 1 FROM reuses r WHERE r.dossier = d.code AND r.slot = c.slot)
			ORDER BY c.place`, string(code), string(dossier.Refused))
		if err != nil {
			return err
		}
		for _, slot := range open {
			d, err := decided(ctx, tx, code, dossier.SlotCode(slot))
			if err != nil {
				return err
			}
			if !d.Decision.Exempts() {
				return fmt.Errorf("%w: nobody has said what becomes of %s", dossier.ErrConflict, slot)
			}
		}
		if again, err := handedOn(ctx, tx, code); err != nil || again {
			return firstOf(err, fmt.Errorf("%w: it was handed on", dossier.ErrConflict))
		}
		return db.happened(ctx, tx, dossier.Event{Dossier: code, Act: dossier.DossierHandedOn, Who: who, At: db.now()}, 0)
	})
	return named(err, "hand on %s", code)
}

// TakeBack writes that the counter takes back a dossier that it handed on, and why. A
// mistake that is none of [dossier.Mistakes] wraps [dossier.ErrInvalid]; a dossier that was
// not handed on, that is resolved, or of which the agency has brought a result already,
// [dossier.ErrConflict].
func (db *DB) TakeBack(ctx context.Context, code dossier.Code, why dossier.Mistake, who dossier.PersonID) error {
	if !why.Known() {
		return fmt.Errorf("take back %s: %w: why", code, dossier.ErrInvalid)
	}
	err := db.open(ctx, code, func(tx *sql.Tx) error {
		if on, err := handedOn(ctx, tx, code); err != nil || !on {
			return firstOf(err, fmt.Errorf("%w: it was not handed on", dossier.ErrConflict))
		}
		if answered, err := exists(ctx, tx, "SELECT 1 FROM documents WHERE dossier = $1 AND slot = $2 AND state <> $3",
			string(code), string(dossier.ResultSlot), string(dossier.Refused)); err != nil || answered {
			return firstOf(err, fmt.Errorf("%w: its result was brought", dossier.ErrConflict))
		}
		return db.happened(ctx, tx, dossier.Event{Dossier: code, Act: dossier.DossierTakenBack, Who: who, At: db.now(), Entry: dossier.EntryID(why)}, 0)
	})
	return named(err, "take back %s", code)
}

// handedOn reports whether a dossier was handed on and not taken back since.
func handedOn(ctx context.Context, a asker, code dossier.Code) (bool, error) {
	found, err := all(ctx, a, single[string], "SELECT act FROM events WHERE dossier = $1 AND act IN ($2, $3) ORDER BY at DESC, id DESC LIMIT 1",
		string(code), string(dossier.DossierHandedOn), string(dossier.DossierTakenBack))
	return len(found) > 0 && found[0] == string(dossier.DossierHandedOn), err
}

// notSecret refuses a paper for a slot of which the counter said that it is a
// state secret: within the transaction that would enter it.
func notSecret(ctx context.Context, tx *sql.Tx, code dossier.Code, slot dossier.SlotCode) error {
	d, err := decided(ctx, tx, code, slot)
	if err == nil && d.Decision == dossier.Secret {
		err = fmt.Errorf("%w: the paper is a state secret", dossier.ErrForbidden)
	}
	return err
}
