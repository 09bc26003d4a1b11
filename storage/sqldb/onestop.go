package sqldb

import (
	"context"
	"database/sql"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/national"
	"sohoa/dossier/neighbour"
	"sohoa/storage/ledger"
)

// PutOneStop enters what became of a dossier that a one-stop system told of: a problem's
// code, or none. Once it agrees, what the house has of it already is owed, and each change
// from then on.
func (db *DB) PutOneStop(ctx context.Context, code dossier.Code, problem, field string) error {
	_, err := db.write.ExecContext(ctx, `INSERT INTO onestop_dossiers (code, came, problem, field, owed) VALUES ($1, $2, $3, $4,
			CASE WHEN $3 = '' AND EXISTS (SELECT 1 FROM documents WHERE dossier = $1 AND state = 'archived') THEN (SELECT place FROM onestop_head) ELSE 0 END)
		ON CONFLICT (code) DO UPDATE SET came = excluded.came, field = excluded.field, again = 0,
			owed = CASE WHEN onestop_dossiers.problem <> '' AND excluded.owed > onestop_dossiers.owed THEN excluded.owed ELSE onestop_dossiers.owed END,
			problem = excluded.problem`, string(code), db.now().UnixMilli(), problem, field)
	return named(err, "dossier %s of the one-stop system", code)
}

// AgainOneStop returns dossiers that somebody wants to be asked for again.
func (db *DB) AgainOneStop(ctx context.Context, limit int) ([]dossier.Code, error) {
	found, err := all(ctx, db.read, single[dossier.Code], "SELECT code FROM onestop_dossiers WHERE again = 1 ORDER BY code"+limited(limit))
	return found, named(err, "dossiers to be asked for again")
}

// OweOneStop reads the ledger on, and enters which of its dossiers changed so that the
// one-stop system is told: a paper was archived or used again, or it is resolved.
func (db *DB) OweOneStop(ctx context.Context) error {
	for {
		n := 0
		err := db.tx(ctx, func(tx *sql.Tx) (err error) {
			n, err = db.oweOneStop(ctx, tx)
			return err
		})
		if err != nil || n < mostOwed {
			return named(err, "what the one-stop system is owed")
		}
	}
}

func (db *DB) oweOneStop(ctx context.Context, tx *sql.Tx) (int, error) {
	from, err := one(ctx, tx, single[int64], "UPDATE onestop_head SET place = place WHERE id = 1 RETURNING place") // whoever reads on holds it
	if err != nil {
		return 0, err
	}
	events, err := all(ctx, tx, single[string], "SELECT event FROM log_events WHERE place >= $1 ORDER BY place"+limited(mostOwed), from)
	if err != nil || len(events) == 0 {
		return 0, err
	}
	for i, text := range events {
		e, err := ledger.Parse(text)
		if err != nil {
			return 0, err
		}
		told := e.Kind == ledger.Move && e.Act == string(dossier.Archive) || e.Kind == ledger.Case && (e.Act == string(dossier.DossierReused) || e.Act == string(dossier.DossierResolved))
		if !told || e.Demo {
			continue
		}
		if _, err := tx.ExecContext(ctx, `UPDATE onestop_dossiers SET owed = $1, next = 0, aside = 0, tries = 0
			WHERE problem = '' AND owed < $1 AND code = COALESCE((SELECT dossier FROM documents WHERE id = $2), $3)`, from+int64(i)+1, e.Document, e.Dossier); err != nil {
			return 0, err
		}
	}
	_, err = tx.ExecContext(ctx, "UPDATE onestop_head SET place = $1 WHERE id = 1", from+int64(len(events)))
	return len(events), err
}

const oneStopColumns = "code, owed, sent, tries, next, said, '', sum, at"

// OwedOneStop returns what is to be told now, what waits longest first.
func (db *DB) OwedOneStop(ctx context.Context, limit int) ([]national.Delivery, error) {
	found, err := all(ctx, db.read, scanDelivery, "SELECT "+oneStopColumns+" FROM onestop_dossiers WHERE owed > sent AND aside = 0 AND next <= $1 ORDER BY next, code"+limited(limit), db.now().UnixMilli())
	return found, named(err, "what the one-stop system is owed")
}

// SentOneStop enters that a dossier was told as it stood; what changed meanwhile is still
// owed.
func (db *DB) SentOneStop(ctx context.Context, d national.Delivery) error {
	_, err := db.write.ExecContext(ctx, "UPDATE onestop_dossiers SET sent = $1, tries = 0, said = '', sum = $2, at = $3 WHERE code = $4 AND sent < $1", d.Sent, d.Sum, d.At.UnixMilli(), string(d.Dossier))
	return named(err, "told of %s", d.Dossier)
}

// NotSentOneStop enters that a try failed, and when the next one is; or that it is put
// aside. What changed meanwhile is tried at once.
func (db *DB) NotSentOneStop(ctx context.Context, d national.Delivery, aside bool) error {
	_, err := db.write.ExecContext(ctx, "UPDATE onestop_dossiers SET tries = $1, said = $2, next = $3, aside = $4 WHERE code = $5 AND owed = $6",
		d.Tries, d.Said, d.Next.UnixMilli(), flag(aside), string(d.Dossier), d.Owed)
	return named(err, "not told of %s", d.Dossier)
}

// OneStopOdd returns dossiers that did not agree, or were put aside, after a code.
func (db *DB) OneStopOdd(ctx context.Context, after dossier.Code, limit int) ([]neighbour.Odd, error) {
	found, err := all(ctx, db.read, func(r row) (o neighbour.Odd, err error) {
		var came int64
		err = r.Scan(&o.Code, &o.Problem, &o.Field, &o.Said, &came, &o.Again)
		o.Came = moment(came)
		return o, err
	}, "SELECT code, problem, field, CASE WHEN aside <> 0 THEN said ELSE '' END, came, again FROM onestop_dossiers WHERE (problem <> '' OR aside <> 0) AND code > $1 ORDER BY code"+limited(limit), string(after))
	return found, named(err, "dossiers of the one-stop system that do not agree")
}

// OneStopStands returns how many dossiers wait to be told of, and how many do not agree or
// were put aside.
func (db *DB) OneStopStands(ctx context.Context) (waiting, odd int, err error) {
	err = db.read.QueryRowContext(ctx, `SELECT COALESCE(SUM(CASE WHEN owed > sent AND aside = 0 THEN 1 ELSE 0 END), 0),
		COALESCE(SUM(CASE WHEN problem <> '' OR aside <> 0 THEN 1 ELSE 0 END), 0) FROM onestop_dossiers`).Scan(&waiting, &odd)
	return waiting, odd, named(err, "how the one-stop system stands")
}

// ReplayOneStop lets a dossier that did not agree be asked for again, and one that was put
// aside be told again.
func (db *DB) ReplayOneStop(ctx context.Context, code dossier.Code, by account.By) error {
	err := db.tx(ctx, func(tx *sql.Tx) error {
		if _, err := one(ctx, tx, single[string], `UPDATE onestop_dossiers SET again = CASE WHEN problem <> '' THEN 1 ELSE 0 END, aside = 0, tries = 0, next = 0
			WHERE code = $1 AND (problem <> '' OR aside <> 0) RETURNING code`, string(code)); err != nil {
			return err
		}
		return db.log(ctx, tx, ledger.Event{Kind: ledger.House, Act: string(dossier.OneStopReplayed), At: db.now().UnixMilli(), Who: string(by.Who), Role: string(by.Role), Subject: string(code), Demo: by.Demo})
	})
	return named(err, "ask the one-stop system again for %s", code)
}
