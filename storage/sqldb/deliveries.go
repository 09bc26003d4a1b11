package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/national"
	"sohoa/storage/ledger"
)

// mostOwed is how many events are read at once for what is owed.
const mostOwed = 2000

// OweDeliveries reads the log from a place, enters which dossiers changed since, and
// returns the place to go on from; 0 goes on from what was entered last. Dossiers of a
// demonstration are owed to nobody.
func (db *DB) OweDeliveries(ctx context.Context, from int64) (next int64, err error) {
	if next = from; next == 0 {
		if next, err = one(ctx, db.read, single[int64], "SELECT COALESCE(MAX(owed), 0) FROM deliveries"); err != nil {
			return from, named(err, "what is owed to the portal")
		}
	}
	for {
		events, err := all(ctx, db.read, single[string], "SELECT event FROM log_events WHERE place >= $1 ORDER BY place"+limited(mostOwed), next)
		if err != nil || len(events) == 0 {
			return next, named(err, "what is owed to the portal")
		}
		err = db.tx(ctx, func(tx *sql.Tx) error {
			for i, text := range events {
				e, err := ledger.Parse(text)
				if err != nil {
					return err
				}
				if e.Demo || e.Kind != ledger.Move && e.Kind != ledger.Case {
					continue
				}
				if err := owe(ctx, tx, e, next+int64(i)+1); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return next, named(err, "what is owed to the portal")
		}
		next += int64(len(events))
	}
}

func owe(ctx context.Context, tx *sql.Tx, e ledger.Event, mark int64) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO deliveries (dossier, owed) SELECT code, $1 FROM dossiers
			WHERE demo = 0 AND code = COALESCE((SELECT dossier FROM documents WHERE id = $2), $3)
		ON CONFLICT (dossier) DO UPDATE SET owed = excluded.owed, next = 0 WHERE deliveries.owed < excluded.owed`, mark, e.Document, e.Dossier)
	return err
}

const deliveryColumns = "dossier, owed, sent, tries, next, said, receipt, sum, at"

func scanDelivery(r row) (d national.Delivery, err error) {
	var next, at int64
	err = r.Scan(&d.Dossier, &d.Owed, &d.Sent, &d.Tries, &next, &d.Said, &d.Receipt, &d.Sum, &at)
	d.Next, d.At = sometime(next), sometime(at)
	return d, err
}

// OwedDeliveries returns what is to be tried now, what waits longest first.
func (db *DB) OwedDeliveries(ctx context.Context, now time.Time, limit int) ([]national.Delivery, error) {
	found, err := all(ctx, db.read, scanDelivery, "SELECT "+deliveryColumns+" FROM deliveries WHERE owed > sent AND next <= $1 ORDER BY next, dossier"+limited(limit), now.UnixMilli())
	return found, named(err, "what is owed to the portal")
}

// DeliveryOf returns how the portal was told of a dossier; [dossier.ErrNotFound] if
// nothing is owed.
func (db *DB) DeliveryOf(ctx context.Context, code dossier.Code) (national.Delivery, error) {
	d, err := one(ctx, db.read, scanDelivery, "SELECT "+deliveryColumns+" FROM deliveries WHERE dossier = $1", string(code))
	return d, named(err, "delivery of %s", code)
}

// Delivered enters a receipt: of the dossier as it stood when d was read; what changed
// meanwhile is still owed.
func (db *DB) Delivered(ctx context.Context, d national.Delivery) error {
	_, err := db.write.ExecContext(ctx, "UPDATE deliveries SET sent = $1, tries = 0, said = '', receipt = $2, sum = $3, at = $4 WHERE dossier = $5 AND sent < $1",
		d.Sent, d.Receipt, d.Sum, d.At.UnixMilli(), string(d.Dossier))
	return named(err, "receipt of %s", d.Dossier)
}

// NotDelivered enters that a try failed, and when the next one is. What changed
// meanwhile is tried at once.
func (db *DB) NotDelivered(ctx context.Context, d national.Delivery) error {
	_, err := db.write.ExecContext(ctx, "UPDATE deliveries SET tries = $1, said = $2, next = CASE WHEN owed = $3 THEN $4 ELSE 0 END WHERE dossier = $5",
		d.Tries, d.Said, d.Owed, d.Next.UnixMilli(), string(d.Dossier))
	return named(err, "delivery of %s", d.Dossier)
}

// NationalFacts returns what the payload of a dossier is made of, but for links.
func (db *DB) NationalFacts(ctx context.Context, code dossier.Code) (f national.Facts, err error) {
	f.Fields, f.Codes = map[dossier.DocumentID][]dossier.Field{}, map[dossier.DocumentID]string{}
	if f.Dossier, err = db.Dossier(ctx, code); err != nil {
		return f, err
	}
	if f.Procedure, err = db.ProcedureOf(ctx, f.Dossier); err != nil {
		return f, err
	}
	if f.Holder, err = db.Holder(ctx, f.Dossier.Holder); err != nil {
		return f, err
	}
	if f.Fillings, err = db.Fillings(ctx, code); err != nil {
		return f, err
	}
	for _, x := range f.Fillings {
		var id dossier.DocumentID
		switch {
		case x.Reused != nil:
			id = x.Reused.Document
		case x.Document != nil && x.Document.State == dossier.Archived:
			id = x.Document.ID
		default:
			continue
		}
		c, err := db.ResultCode(ctx, id)
		if err != nil && !errors.Is(err, dossier.ErrNotFound) {
			return f, err
		}
		f.Codes[id] = c.Code
		if f.Fields[id], err = db.Fields(ctx, id); err != nil {
			return f, err
		}
	}
	return f, nil
}

// DeliveriesStand returns when the national portal was told last and why a try failed
// that is the last of its dossier (a word; empty if none does), and how many dossiers it is
// owed.
func (db *DB) DeliveriesStand(ctx context.Context) (at, ok time.Time, said string, owed int, err error) {
	var last int64
	err = db.read.QueryRowContext(ctx, `SELECT COALESCE(MAX(at), 0), COALESCE(MAX(CASE WHEN owed > sent THEN said ELSE '' END), ''), COALESCE(SUM(CASE WHEN owed > sent THEN 1 ELSE 0 END), 0) FROM deliveries`).Scan(&last, &said, &owed)
	return sometime(last), sometime(last), said, owed, named(err, "how the portal stands")
}
