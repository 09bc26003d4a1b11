package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/catalogue"
	"sohoa/storage/ledger"
)

// ImportCatalogue writes kinds, procedures, agencies and days as a dry run announced
// them, all or none, each with its event in the log. What is not in o is left.
func (db *DB) ImportCatalogue(ctx context.Context, o catalogue.Orders, who dossier.PersonID) error {
	err := db.tx(ctx, func(tx *sql.Tx) error {
		for _, k := range o.Kinds {
			if err := db.importKind(ctx, tx, k, who); err != nil {
				return fmt.Errorf("kind %s: %w", k.Code, err)
			}
		}
		for _, p := range o.Procedures {
			if err := db.putProcedure(ctx, tx, p.Procedure); err != nil {
				return fmt.Errorf("procedure %s: %w", p.Code, err)
			}
			if err := putProcedureSpans(ctx, tx, p.Code, p.Spans); err != nil {
				return fmt.Errorf("procedure %s: %w", p.Code, err)
			}
			if err := db.logPutting(ctx, tx, dossier.PutProcedure, string(p.Code), who, p.Demo); err != nil {
				return err
			}
		}
		if err := db.importCalendar(ctx, tx, o.Calendar, who); err != nil {
			return fmt.Errorf("calendar: %w", err)
		}
		return db.importAgencies(ctx, tx, o.Agencies, who)
	})
	return named(err, "import the catalogue")
}

func (db *DB) importKind(ctx context.Context, tx *sql.Tx, k dossier.Kind, who dossier.PersonID) error {
	if _, err := tx.ExecContext(ctx, `INSERT INTO kinds (code, name, demo) VALUES ($1, $2, $3)
		ON CONFLICT (code) DO NOTHING`, string(k.Code), k.Name, flag(k.Demo)); err != nil {
		return err
	}
	return db.logPutting(ctx, tx, dossier.PutKind, string(k.Code), who, k.Demo)
}

// importAgencies writes agencies, parents before those under them and into whom
// one went before what says so.
func (db *DB) importAgencies(ctx context.Context, tx *sql.Tx, list []catalogue.AgencyOrder, who dossier.PersonID) error {
	for _, a := range list {
		if err := db.putAgency(ctx, tx, a.Agency); err != nil {
			return fmt.Errorf("agency %s: %w", a.Code, err)
		}
	}
	for _, a := range list {
		if err := putAgencySpans(ctx, tx, a.Code, a.Spans); err != nil {
			return fmt.Errorf("agency %s: %w", a.Code, err)
		}
		if err := db.logPutting(ctx, tx, dossier.PutAgency, string(a.Code), who, a.Demo); err != nil {
			return err
		}
	}
	return nil
}

func (db *DB) logPutting(ctx context.Context, tx *sql.Tx, act dossier.ReadingAct, subject string, who dossier.PersonID, demo bool) error {
	return db.log(ctx, tx, ledger.Event{Kind: ledger.House, Act: string(act), At: db.now().UnixMilli(), Who: string(who),
		Role: string(dossier.Admin), Subject: subject, Demo: demo})
}

// perImport is how many dossiers are written in one transaction: nobody at a
// counter waits longer than that takes.
const perImport = 100

// ImportDossiers writes dossiers with those they belong to, and resolves those
// that are. Broken off, what is written is whole, and the same import again does
// the rest. A holder who is known by another name wraps [dossier.ErrConflict].
func (db *DB) ImportDossiers(ctx context.Context, list []catalogue.DossierOrder, who dossier.PersonID) error {
	for some := range slices.Chunk(list, perImport) {
		err := db.tx(ctx, func(tx *sql.Tx) error {
			for _, o := range some {
				if err := db.importDossier(ctx, tx, o, who); err != nil {
					return fmt.Errorf("%s: %w", o.Dossier.Code, err)
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("import dossiers: %w", err)
		}
	}
	return nil
}

// TakePapers writes papers, each with its dossier, in one transaction, and says in list
// what each became: a document, as of [DB.Add], or one whose place is filled. Their files
// must be stored already. Broken off, nothing of it is written.
func (db *DB) TakePapers(ctx context.Context, list []catalogue.Taking, who dossier.PersonID) error {
	err := db.tx(ctx, func(tx *sql.Tx) error {
		for i := range list {
			if err := db.takePaper(ctx, tx, &list[i], who); err != nil {
				return fmt.Errorf("%s: %w", list[i].Dossier.Code, err)
			}
		}
		return nil
	})
	return named(err, "take papers over")
}

func (db *DB) takePaper(ctx context.Context, tx *sql.Tx, x *catalogue.Taking, who dossier.PersonID) error {
	known, err := exists(ctx, tx, "SELECT 1 FROM dossiers WHERE code = $1", string(x.Dossier.Code)) // also by a row before
	if err != nil {
		return err
	}
	if o := x.DossierOrder; !known || o.Known && !o.Dossier.Resolved.IsZero() {
		o.Known = known // a row before, which was to bring it, may have been a bad one
		if err := db.importDossier(ctx, tx, o, who); err != nil {
			return err
		}
	}
	kept, err := db.add(ctx, tx, x.Paper, who)
	if x.Filled = errors.Is(err, dossier.ErrConflict); x.Filled {
		return nil // said before anything of it was written
	}
	x.Paper = kept
	return err
}

func (db *DB) importDossier(ctx context.Context, tx *sql.Tx, o catalogue.DossierOrder, who dossier.PersonID) (err error) {
	d, resolved := o.Dossier, o.Dossier.Resolved
	d.Resolved = time.Time{} // resolving is an act of its own
	if !o.Known {
		if d.Holder, err = db.importHolder(ctx, tx, o.Holder); err != nil {
			return fmt.Errorf("holder: %w", err)
		}
		if o.Applicant.Number != "" {
			if d.Applicant, err = db.importHolder(ctx, tx, o.Applicant); err != nil {
				return fmt.Errorf("applicant: %w", err)
			}
		}
		if d, err = db.addDossier(ctx, tx, d, who); err != nil {
			return err
		}
	}
	if resolved.IsZero() {
		return nil
	}
	return db.resolve(ctx, tx, d.Code, resolved, who)
}

// importHolder finds the holder with a number, or makes one. Unlike a counter,
// where the person stands, a file renames nobody.
func (db *DB) importHolder(ctx context.Context, tx *sql.Tx, h dossier.Holder) (dossier.HolderID, error) {
	kept, err := one(ctx, tx, scanHolder, "SELECT "+holderColumns+" FROM holders WHERE number = $1", h.Number)
	switch {
	case err == nil && kept.Name != h.Name:
		return "", fmt.Errorf("%w: the number is somebody's with another name", dossier.ErrConflict)
	case err == nil:
		return kept.ID, nil
	case !errors.Is(err, dossier.ErrNotFound):
		return "", err
	}
	h.ID = dossier.HolderID(db.newID())
	_, err = tx.ExecContext(ctx, "INSERT INTO holders (id, number, name, demo) VALUES ($1, $2, $3, $4)",
		string(h.ID), h.Number, h.Name, flag(h.Demo))
	return h.ID, err
}

// perLookup is how many numbers or codes stand in one query.
const perLookup = 400

// HoldersByNumber returns those whose numbers are among some.
func (db *DB) HoldersByNumber(ctx context.Context, numbers []string) ([]dossier.Holder, error) {
	var found []dossier.Holder
	for some := range slices.Chunk(numbers, perLookup) {
		var w where
		among(&w, some, "number")
		more, err := all(ctx, db.read, scanHolder, "SELECT "+holderColumns+" FROM holders"+w.String()+" ORDER BY number", w.values...)
		if err != nil {
			return nil, named(err, "holders by number")
		}
		found = append(found, more...)
	}
	return found, nil
}

// DossiersByCode returns those whose codes are among some.
func (db *DB) DossiersByCode(ctx context.Context, codes []dossier.Code) ([]dossier.Dossier, error) {
	var found []dossier.Dossier
	for some := range slices.Chunk(codes, perLookup) {
		var w where
		among(&w, some, "d.code")
		more, err := all(ctx, db.read, scanDossier, "SELECT "+dossierColumns+" FROM dossiers d"+w.String()+" ORDER BY d.code", w.values...)
		if err != nil {
			return nil, named(err, "dossiers by code")
		}
		found = append(found, more...)
	}
	return found, nil
}

// Holders returns all holders in the order of their numbers: for an export.
func (db *DB) Holders(ctx context.Context) ([]dossier.Holder, error) {
	found, err := all(ctx, db.read, scanHolder, "SELECT "+holderColumns+" FROM holders ORDER BY number")
	return found, named(err, "holders")
}
