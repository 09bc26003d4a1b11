package sqldb

import (
	"context"
	"slices"
	"time"

	"sohoa/dossier"
)

// untilMillis is how the end of a proof is kept: 0 if nothing is to be renewed.
func untilMillis(p dossier.Proof) int64 {
	if p.Until.IsZero() {
		return 0
	}
	return p.Until.UnixMilli()
}

// Renewals lists what will be due for renewal at a time, past or future, as the
// archive stands, reports of closed months among them: the most urgent first. A
// limit of 0 is none.
func (db *DB) Renewals(ctx context.Context, at time.Time, limit int) ([]dossier.Renewal, error) {
	ahead := db.aheadAt(at)
	found, err := all(ctx, db.read, func(r row) (dossier.Renewal, error) {
		d, err := scanDocument(r)
		if err != nil {
			return dossier.Renewal{}, err
		}
		part, sum, _ := d.Archival()
		return dossier.Renewal{Document: d.ID, Dossier: d.Dossier, Part: part, Sum: sum.String(), Until: d.Proof.Until, By: d.Proof.By,
			Due: d.Proof.Until.Add(-ahead), Trouble: d.Trouble, Since: d.Since, NextTry: d.NextTry}, nil
	}, "SELECT "+documentColumns+" FROM documents d WHERE d.proof_until > 0 AND d.proof_until <= $1"+
		" ORDER BY d.proof_until, d.id"+limited(limit), at.Add(ahead).UnixMilli())
	if err != nil {
		return nil, named(err, "renewals")
	}
	reports, err := db.sealRenewals(ctx, at.Add(ahead).UnixMilli(), ahead, limit)
	if len(reports) > 0 {
		found = append(found, reports...)
		slices.SortStableFunc(found, func(a, b dossier.Renewal) int { return a.Until.Compare(b.Until) })
		if limit > 0 && len(found) > limit {
			found = found[:limit]
		}
	}
	return found, named(err, "renewals of reports")
}

// Unproven returns up to n archived documents of which nobody knows how long
// their proof holds: those that an earlier version of the program archived.
func (db *DB) Unproven(ctx context.Context, n int) ([]dossier.Document, error) {
	found, err := all(ctx, db.read, scanDocument, "SELECT "+documentColumns+
		" FROM documents d WHERE d.state = 'archived' AND d.proof_until IS NULL ORDER BY d.id"+limited(n))
	return found, named(err, "unproven documents")
}

// KeepProof keeps how long the proof of an archived document holds, if nobody
// knew. If it was renewed meanwhile, or is known, nothing happens.
func (db *DB) KeepProof(ctx context.Context, d dossier.Document, p dossier.Proof) error {
	_, err := db.write.ExecContext(ctx, `UPDATE documents SET proof_until = $1, proof_by = $2
		WHERE id = $3 AND version = $4 AND state = 'archived' AND disposed = 0 AND proof_until IS NULL`,
		untilMillis(p), p.By, string(d.ID), d.Version)
	return named(err, "keep the proof of %s", d.ID)
}
