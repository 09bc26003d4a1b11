package sqldb

import (
	"context"
	"database/sql"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/dossier/figures/closing"
	"sohoa/storage/ledger"
)

// The acts of a closed month that the log knows beside closing and correcting
// it, and the files that a seal brought, as the log names them.
const (
	sealAct       = "seal"
	intendSealAct = "intend-seal"
	renewSealAct  = "renew-seal"
	reportPart    = "report"
	signaturePart = "signature"
	evidencePart  = "evidence"
)

const (
	sealColumns = "id, period, version, report, signature, agency, at, demo"

	// sealNow are the columns of a seal s with its report and evidence as they were renewed last.
	sealNow = `s.id, s.period, s.version, COALESCE((SELECT r.report FROM closing_renewals r WHERE r.period = s.period AND r.version = s.version ORDER BY r.n DESC LIMIT 1), s.report),
		s.signature, s.agency, s.at, s.demo, (SELECT COUNT(*) FROM closing_renewals r WHERE r.period = s.period AND r.version = s.version),
		COALESCE((SELECT r.evidence FROM closing_renewals r WHERE r.period = s.period AND r.version = s.version ORDER BY r.n DESC LIMIT 1), '')`
)

func scanSeal(r row) (s closing.Seal, err error) {
	var report, signature, evidence string
	var at int64
	if err := r.Scan(&s.ID, &s.Month, &s.Version, &report, &signature, &s.Agency, &at, &s.Demo, &s.Renewals, &evidence); err != nil {
		return s, err
	}
	s.At = moment(at)
	if s.Report, err = digest.Parse(report); err != nil {
		return s, err
	}
	if s.Signature, err = digest.Parse(signature); err != nil || evidence == "" {
		return s, err
	}
	s.Evidence, err = digest.Parse(evidence)
	return s, err
}

// Seals returns the seals of a closed month, or with "" of all: by month and
// version.
func (db *DB) Seals(ctx context.Context, m closing.Month) ([]closing.Seal, error) {
	found, err := all(ctx, db.read, scanSeal, "SELECT "+sealNow+" FROM closing_seals s WHERE s.period = $1 OR $1 = '' ORDER BY s.period, s.version", string(m))
	return found, named(err, "seals")
}

// Unsealed returns the versions of closed months that have no seal, the oldest
// first.
func (db *DB) Unsealed(ctx context.Context) ([]closing.Closing, error) {
	found, err := all(ctx, db.read, scanClosing, "SELECT "+closingColumns+` FROM closings c
		WHERE NOT EXISTS (SELECT 1 FROM closing_seals s WHERE s.period = c.period AND s.version = c.version) ORDER BY period, version`)
	return found, named(err, "closings without a seal")
}

// AddSeal writes a seal and its event, both or neither, and returns it with its
// ID. The files that it names must be stored already. A version that is not
// closed wraps [dossier.ErrNotFound], one that has a seal [dossier.ErrConflict].
func (db *DB) AddSeal(ctx context.Context, s closing.Seal) (closing.Seal, error) {
	s.ID, s.At = db.newID(), moment(db.orNow(s.At).UnixMilli())
	err := db.tx(ctx, func(tx *sql.Tx) (err error) {
		if s.Demo, err = closedDemo(ctx, tx, s.Month, s.Version); err != nil {
			return err
		}
		had, err := exists(ctx, tx, "SELECT 1 FROM closing_seals WHERE period = $1 AND version = $2", string(s.Month), s.Version)
		if err != nil {
			return err
		} else if had {
			return dossier.ErrConflict
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO closing_seals ("+sealColumns+") VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
			s.ID, string(s.Month), s.Version, s.Report.String(), s.Signature.String(), string(s.Agency), s.At.UnixMilli(), flag(s.Demo)); err != nil {
			return err
		}
		return db.log(ctx, tx, sealEvent(s))
	})
	return s, named(err, "add the seal of %s", s.Month)
}

// closedDemo reports whether a version of a closed month is of a demonstration.
func closedDemo(ctx context.Context, a asker, m closing.Month, version int) (bool, error) {
	return one(ctx, a, single[bool], "SELECT demo FROM closings WHERE period = $1 AND version = $2", string(m), version)
}

// sealEvent is what the log says of a seal.
func sealEvent(s closing.Seal) ledger.Event {
	return ledger.Event{ID: s.ID, Kind: ledger.Closing, Act: sealAct, At: s.At.UnixMilli(), Who: machine, Role: machine, Subject: string(s.Month),
		Version: int64(s.Version), Entry: string(s.Agency), Demo: s.Demo,
		Made: []ledger.Made{{Part: reportPart, Sum: s.Report.String()}, {Part: signaturePart, Sum: s.Signature.String()}}}
}

// RecordSealIntent writes that a key is about to be asked for a seal. When it
// returns nil the note is durable. A version that is not closed wraps
// [dossier.ErrNotFound].
func (db *DB) RecordSealIntent(ctx context.Context, i closing.Intent) error {
	err := db.tx(ctx, func(tx *sql.Tx) error {
		demo, err := closedDemo(ctx, tx, i.Month, i.Version)
		if err != nil {
			return err
		}
		e := ledger.Event{ID: db.newID(), Kind: ledger.Closing, Act: intendSealAct, At: db.orNow(i.At).UnixMilli(), Who: machine, Role: machine,
			Subject: string(i.Month), Version: int64(i.Version), Purpose: i.Purpose, Sum: i.ToSign.String(), Entry: i.Signer.String(), Demo: demo}
		if _, err := tx.ExecContext(ctx, "INSERT INTO closing_intents (id, period, version, purpose, to_sign, signer, at, demo) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
			e.ID, e.Subject, e.Version, e.Purpose, e.Sum, e.Entry, e.At, flag(demo)); err != nil {
			return err
		}
		return db.log(ctx, tx, e)
	})
	return named(err, "record intent for the seal of %s", i.Month)
}
