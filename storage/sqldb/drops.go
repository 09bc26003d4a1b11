package sqldb

import (
	"context"
	"database/sql"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/digest"
	"sohoa/dossier/drop"
	"sohoa/storage/ledger"
)

const dropColumns = "id, agency, source, inbox, scanner, name, sum, size, media, pages, at, state, code, why, dossier, slot, COALESCE(batch, ''), gone"

func scanDrop(r row) (d drop.Drop, err error) {
	var sum string
	var at, gone int64
	if err = r.Scan(&d.ID, &d.Agency, &d.Source, &d.Inbox, &d.Scanner, &d.Name, &sum, &d.Size, &d.Media, &d.Pages, &at, &d.State, &d.Code, &d.Why, &d.Dossier, &d.Slot, &d.Batch, &gone); err != nil {
		return d, err
	}
	if d.At, d.Gone = moment(at), sometime(gone); sum != "" {
		d.Sum, err = digest.Parse(sum)
	}
	return d, err
}

// FindDrop returns what was taken or refused of these bytes under this name. Without
// it the error is [dossier.ErrNotFound].
func (db *DB) FindDrop(ctx context.Context, inbox, name string, sum digest.Digest) (drop.Drop, error) {
	d, err := one(ctx, db.read, scanDrop, "SELECT "+dropColumns+" FROM drops WHERE inbox = $1 AND name = $2 AND sum = $3 AND state IN ('taken', 'refused')", inbox, name, sum.String())
	return d, named(err, "find a drop")
}

// AddDrop enters a file that was taken, whose bytes are in the store, or refused. The
// same bytes under the same name in the same inbox are the same drop, which is
// returned as it stands.
func (db *DB) AddDrop(ctx context.Context, d drop.Drop) (drop.Drop, error) {
	d.ID, d.At = db.newID(), moment(db.now().UnixMilli())
	kept, act := "", drop.DropRefused
	if d.State == drop.Taken {
		kept, act = d.Sum.String(), drop.DropTaken
	}
	who := drop.Machine
	if d.Scanner != "" {
		who = dossier.PersonID(d.Scanner)
	}
	err := db.tx(ctx, func(tx *sql.Tx) error {
		n, err := affected(tx.ExecContext(ctx, `INSERT INTO drops (id, agency, source, inbox, scanner, name, sum, digest, size, media, pages, at, state, code, why)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) ON CONFLICT (inbox, name, sum) WHERE state IN ('taken', 'refused') DO NOTHING`,
			d.ID, string(d.Agency), string(d.Source), d.Inbox, d.Scanner, d.Name, d.Sum.String(), kept, d.Size, d.Media, d.Pages, d.At.UnixMilli(), string(d.State), d.Code, d.Why))
		if err != nil {
			return err
		}
		if n == 0 {
			d, err = one(ctx, tx, scanDrop, "SELECT "+dropColumns+" FROM drops WHERE inbox = $1 AND name = $2 AND sum = $3 AND state IN ('taken', 'refused')", d.Inbox, d.Name, d.Sum.String())
			return err
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM drops WHERE inbox = $1 AND name = $2 AND state = 'waiting'", d.Inbox, d.Name); err != nil { // it waits no more
			return err
		}
		return db.log(ctx, tx, ledger.Event{Kind: ledger.House, Act: act, At: d.At.UnixMilli(), Who: string(who), Role: string(dossier.Counter), Subject: d.ID, Sum: d.Sum.String()})
	})
	return d, named(err, "add a drop")
}

// SetWaiting says which files of an inbox wait, instead of those that were said before.
func (db *DB) SetWaiting(ctx context.Context, inbox string, list []drop.Drop) error {
	err := db.tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM drops WHERE inbox = $1 AND state = 'waiting'", inbox); err != nil {
			return err
		}
		for _, d := range list {
			if _, err := tx.ExecContext(ctx, "INSERT INTO drops (id, agency, source, inbox, scanner, name, size, at, state, code) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'waiting', $9)",
				db.newID(), string(d.Agency), string(d.Source), inbox, d.Scanner, d.Name, d.Size, db.now().UnixMilli(), d.Code); err != nil {
				return err
			}
		}
		return nil
	})
	return named(err, "files that wait")
}

// Tray returns the drops of agencies, newest first, after one of them: all but those
// that were discarded or went into a batch.
func (db *DB) Tray(ctx context.Context, agencies []dossier.AgencyCode, after string, limit int) ([]drop.Drop, error) {
	var w where
	w.and("state <> 'discarded' AND batch IS NULL")
	among(&w, agencies, "agency")
	if after != "" {
		at, err := one(ctx, db.read, single[int64], "SELECT at FROM drops WHERE id = $1", after)
		if err != nil {
			return nil, named(err, "tray")
		}
		w.and("(at < %s OR at = %s AND id < %s)", at, at, after)
	}
	found, err := all(ctx, db.read, scanDrop, "SELECT "+dropColumns+" FROM drops"+w.String()+" ORDER BY at DESC, id DESC"+limited(limit), w.values...)
	return found, named(err, "tray")
}

// Drop returns a drop of agencies; of others it is [dossier.ErrNotFound].
func (db *DB) Drop(ctx context.Context, id string, agencies []dossier.AgencyCode) (drop.Drop, error) {
	var w where
	w.and("id = %s", id)
	among(&w, agencies, "agency")
	d, err := one(ctx, db.read, scanDrop, "SELECT "+dropColumns+" FROM drops"+w.String(), w.values...)
	return d, named(err, "drop")
}

// DropLaid enters that a taken file was laid out for a place of a dossier.
func (db *DB) DropLaid(ctx context.Context, id string, code dossier.Code, slot dossier.SlotCode, by account.By) error {
	return named(db.dropAct(ctx, drop.DropLaid, id, by, "UPDATE drops SET dossier = $2, slot = $3 WHERE id = $1 AND state = 'taken' AND batch IS NULL", string(code), string(slot)), "lay out a drop")
}

// DiscardDrop takes a drop out of the tray: of a taken one the house lets go of the
// file. The row and what the ledger says of it stay.
func (db *DB) DiscardDrop(ctx context.Context, id string, by account.By) error {
	return named(db.dropAct(ctx, drop.DropGone, id, by, "UPDATE drops SET state = 'discarded', digest = '', gone = $2 WHERE id = $1 AND state IN ('taken', 'refused') AND batch IS NULL", db.now().UnixMilli()), "discard a drop")
}

// RestoreDrop puts a file that was taken, and discarded a short time ago, into the tray
// again; its bytes are kept as before. [dossier.ErrNotFound] if there is none, or the same
// was brought anew.
func (db *DB) RestoreDrop(ctx context.Context, id string, by account.By) error {
	return named(db.dropAct(ctx, drop.DropBack, id, by, `UPDATE drops SET state = 'taken', digest = sum, gone = 0 WHERE id = $1 AND state = 'discarded' AND code = '' AND gone > $2
		AND NOT EXISTS (SELECT 1 FROM drops d WHERE d.inbox = drops.inbox AND d.name = drops.name AND d.sum = drops.sum AND d.state IN ('taken', 'refused'))`,
		db.now().Add(-drop.UndoFor).UnixMilli()), "take back a drop")
}

func (db *DB) dropAct(ctx context.Context, act, id string, by account.By, statement string, more ...any) error {
	return db.tx(ctx, func(tx *sql.Tx) error {
		n, err := affected(tx.ExecContext(ctx, statement, append([]any{id}, more...)...))
		if err == nil && n == 0 {
			err = dossier.ErrNotFound
		}
		if err != nil {
			return err
		}
		return db.log(ctx, tx, ledger.Event{Kind: ledger.House, Act: act, At: db.now().UnixMilli(), Who: string(by.Who), Role: string(by.Role), Subject: id, Demo: by.Demo})
	})
}

const scannerColumns = "id, login, agency, why, pubkey, who, at, until, ended, COALESCE((SELECT MAX(d.at) FROM drops d WHERE d.scanner = scanners.id AND d.state <> 'waiting'), 0), (SELECT COUNT(*) FROM drops d WHERE d.scanner = scanners.id AND d.state = 'waiting')"

func scanScanner(r row) (drop.Scanner, error) { return scannerInto(r) }

func scannerInto(r row, more ...any) (s drop.Scanner, err error) {
	var at, until, ended, seen int64
	err = r.Scan(append(more, &s.ID, &s.Login, &s.Agency, &s.Why, &s.Key, &s.Who, &at, &until, &ended, &seen, &s.Waiting)...)
	s.At, s.Until, s.Ended, s.Seen = moment(at), moment(until), sometime(ended), sometime(seen)
	return s, err
}

// AddScanner makes the account of a scanner, of whose password only the digest is
// known here. A name that is in use, be it of one that has ended, wraps
// [dossier.ErrConflict].
func (db *DB) AddScanner(ctx context.Context, s drop.Scanner, secret digest.Digest, by account.By) (drop.Scanner, error) {
	s.ID, s.At, s.Who = "sc-"+db.newID(), moment(db.now().UnixMilli()), by.Who
	if err := s.Check(s.At); err != nil {
		return s, named(err, "add scanner")
	}
	err := db.tx(ctx, func(tx *sql.Tx) error {
		if err := known(ctx, tx, "agencies", string(s.Agency)); err != nil {
			return err
		}
		n, err := affected(tx.ExecContext(ctx, "INSERT INTO scanners (id, login, agency, secret, pubkey, why, who, at, until) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (login) DO NOTHING",
			s.ID, s.Login, string(s.Agency), secret.String(), s.Key, s.Why, string(s.Who), s.At.UnixMilli(), s.Until.UnixMilli()))
		if err == nil && n == 0 {
			err = dossier.ErrConflict
		}
		if err != nil {
			return err
		}
		return db.log(ctx, tx, ledger.Event{Kind: ledger.House, Act: drop.ScannerAdded, At: s.At.UnixMilli(), Who: string(by.Who), Role: string(by.Role), Subject: s.ID, Demo: by.Demo})
	})
	return s, named(err, "add scanner")
}

// EndScanner ends an account: from then on it opens nothing. One that is not there, or
// has ended, wraps [dossier.ErrNotFound].
func (db *DB) EndScanner(ctx context.Context, id string, by account.By) error {
	err := db.tx(ctx, func(tx *sql.Tx) error {
		n, err := affected(tx.ExecContext(ctx, "UPDATE scanners SET ended = $1 WHERE id = $2 AND ended = 0", db.now().UnixMilli(), id))
		if err == nil && n == 0 {
			err = dossier.ErrNotFound
		}
		if err != nil {
			return err
		}
		return db.log(ctx, tx, ledger.Event{Kind: ledger.House, Act: drop.ScannerEnded, At: db.now().UnixMilli(), Who: string(by.Who), Role: string(by.Role), Subject: id, Demo: by.Demo})
	})
	return named(err, "end scanner")
}

// Scanners returns the accounts of scanners, newest first, those that have ended too.
func (db *DB) Scanners(ctx context.Context) ([]drop.Scanner, error) {
	found, err := all(ctx, db.read, scanScanner, "SELECT "+scannerColumns+" FROM scanners ORDER BY at DESC, id DESC"+limited(1000))
	return found, named(err, "scanners")
}

// ScannerByLogin returns an account that opens doors now, and the digest of its
// password. One that is unknown or over wraps [dossier.ErrNotFound].
func (db *DB) ScannerByLogin(ctx context.Context, login string) (s drop.Scanner, secret digest.Digest, err error) {
	var kept string
	s, err = one(ctx, db.read, func(r row) (drop.Scanner, error) { return scannerInto(r, &kept) }, "SELECT secret, "+scannerColumns+" FROM scanners WHERE login = $1", login)
	if err == nil && !s.Active(db.now().Truncate(time.Millisecond)) {
		err = dossier.ErrNotFound
	}
	if err == nil {
		secret, err = digest.Parse(kept)
	}
	if err != nil {
		return drop.Scanner{}, digest.Digest{}, named(err, "scanner")
	}
	return s, secret, nil
}
