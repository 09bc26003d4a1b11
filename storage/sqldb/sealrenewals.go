package sqldb

import (
	"context"
	"database/sql"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/dossier/figures/closing"
	"sohoa/storage/ledger"
)

// monthlyPart is what lists call the report of a closed month.
const monthlyPart = "monthly"

// UnprovenSeals returns the seals of which nobody knows how long the proof of
// their report holds: those that were just made, or by an earlier program.
func (db *DB) UnprovenSeals(ctx context.Context) ([]closing.Seal, error) {
	found, err := all(ctx, db.read, scanSeal, "SELECT "+sealNow+` FROM closing_seals s
		WHERE NOT EXISTS (SELECT 1 FROM closing_proofs p WHERE p.period = s.period AND p.version = s.version) ORDER BY s.period, s.version`)
	return found, named(err, "unproven seals")
}

// DueSeals returns the seals whose report is due for renewal now, the most urgent
// first; with waiting those too whose time for a next try has not come.
func (db *DB) DueSeals(ctx context.Context, waiting bool) ([]closing.Seal, error) {
	var w where
	w.and("p.until > 0 AND p.until <= %s", db.dueBy(db.now()))
	if !waiting {
		w.and("p.next_try <= %s", db.now().UnixMilli())
	}
	found, err := all(ctx, db.read, scanSeal, "SELECT "+sealNow+" FROM closing_proofs p JOIN closing_seals s ON s.period = p.period AND s.version = p.version"+
		w.String()+" ORDER BY p.until, s.period, s.version", w.values...)
	return found, named(err, "seals that are due for renewal")
}

// KeepSealProof keeps how long the proof of a seal's report holds, if nobody knew.
func (db *DB) KeepSealProof(ctx context.Context, s closing.Seal, p dossier.Proof) error {
	_, err := db.write.ExecContext(ctx, `INSERT INTO closing_proofs (period, version, until, authority) VALUES ($1, $2, $3, $4)
		ON CONFLICT (period, version) DO NOTHING`, string(s.Month), s.Version, untilMillis(p), p.By)
	return named(err, "keep the proof of the report of %s", s.Month)
}

// PostponeSeal lets a renewal rest until a time, with what is in its way.
func (db *DB) PostponeSeal(ctx context.Context, s closing.Seal, until time.Time, trouble string) error {
	_, err := db.write.ExecContext(ctx, `UPDATE closing_proofs SET next_try = $1, trouble = $2,
		trouble_since = CASE WHEN trouble_since > 0 THEN trouble_since ELSE $3 END WHERE period = $4 AND version = $5`,
		until.UnixMilli(), trouble, db.now().UnixMilli(), string(s.Month), s.Version)
	return named(err, "postpone the renewal of the report of %s", s.Month)
}

// RenewSeal writes that a seal was renewed, its report and the evidence of its
// signature, as files that are stored already, and its event: all or nothing. Without
// evidence the report alone was renewed. If it was renewed since s
// was read the error wraps [dossier.ErrConflict], if there is no such seal
// [dossier.ErrNotFound].
func (db *DB) RenewSeal(ctx context.Context, s closing.Seal, report, evidence digest.Digest, p dossier.Proof) error {
	err := db.tx(ctx, func(tx *sql.Tx) error {
		var had int
		demo, err := one(ctx, tx, func(r row) (demo bool, err error) {
			return demo, r.Scan(&demo, &had)
		}, `SELECT s.demo, (SELECT COUNT(*) FROM closing_renewals r WHERE r.period = s.period AND r.version = s.version)
			FROM closing_seals s WHERE s.period = $1 AND s.version = $2`, string(s.Month), s.Version)
		if err != nil {
			return err
		} else if had != s.Renewals {
			return dossier.ErrConflict
		}
		e := ledger.Event{ID: db.newID(), Kind: ledger.Closing, Act: renewSealAct, At: db.now().UnixMilli(), Who: machine, Role: machine, Subject: string(s.Month),
			Version: int64(s.Version), Amount: int64(had + 1), Demo: demo, Made: []ledger.Made{{Part: reportPart, Sum: report.String()}}}
		kept := ""
		if !evidence.IsZero() {
			kept = evidence.String()
			e.Made = append(e.Made, ledger.Made{Part: evidencePart, Sum: kept})
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO closing_renewals (id, period, version, n, report, evidence, at, demo) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
			e.ID, e.Subject, e.Version, e.Amount, report.String(), kept, e.At, flag(demo)); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO closing_proofs (period, version, until, authority) VALUES ($1, $2, $3, $4)
			ON CONFLICT (period, version) DO UPDATE SET until = excluded.until, authority = excluded.authority, next_try = 0, trouble = '', trouble_since = 0`,
			e.Subject, e.Version, untilMillis(p), p.By); err != nil {
			return err
		}
		return db.log(ctx, tx, e)
	})
	return named(err, "renew the report of %s", s.Month)
}

// sealRenewals are the reports that will be due by the end of a proof.
func (db *DB) sealRenewals(ctx context.Context, ends int64, ahead time.Duration, limit int) ([]dossier.Renewal, error) {
	return all(ctx, db.read, func(r row) (out dossier.Renewal, err error) {
		var n int
		var until, since, next int64
		err = r.Scan(&out.Report, &n, &out.Sum, &until, &out.By, &out.Trouble, &since, &next)
		if out.Part = monthlyPart; n > 0 {
			out.Part = dossier.RenewedPart(n)
		}
		out.Until, out.Since, out.NextTry = moment(until), moment(since), moment(next)
		out.Due = out.Until.Add(-ahead)
		return out, err
	}, `SELECT p.period || '/' || p.version, (SELECT COUNT(*) FROM closing_renewals r WHERE r.period = s.period AND r.version = s.version),
		COALESCE((SELECT r.report FROM closing_renewals r WHERE r.period = s.period AND r.version = s.version ORDER BY r.n DESC LIMIT 1), s.report),
		p.until, p.authority, p.trouble, p.trouble_since, p.next_try
		FROM closing_proofs p JOIN closing_seals s ON s.period = p.period AND s.version = p.version
		WHERE p.until > 0 AND p.until <= $1 ORDER BY p.until, p.period, p.version`+limited(limit), ends)
}
