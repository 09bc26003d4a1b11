package sqldb

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/batch"
	"sohoa/dossier/digest"
	"sohoa/dossier/project"
	"sohoa/storage/ledger"
)

const batchColumns = "id, agency, who, at, feed, keep, standing, version, said"

func scanPaperBatch(r row) (b batch.Batch, err error) {
	var at int64
	var keep int
	err = r.Scan(&b.ID, &b.Agency, &b.Who, &at, &b.Feed, &keep, &b.Standing, &b.Version, &b.Said)
	b.At, b.Parting = moment(at), batch.PartingOf(keep)
	return b, err
}

// AddPaperBatch enters a batch of files whose bytes are in the store. It waits to be
// looked at.
func (db *DB) AddPaperBatch(ctx context.Context, b batch.Batch, by account.By) (batch.Batch, error) {
	if len(b.Files) == 0 {
		return b, fmt.Errorf("%w: a batch without files", dossier.ErrInvalid)
	}
	b.ID, b.Who, b.At, b.Standing = batch.ID(db.newID()), by.Who, moment(db.now().UnixMilli()), batch.Waiting
	err := db.tx(ctx, func(tx *sql.Tx) error {
		if err := known(ctx, tx, "agencies", string(b.Agency)); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO paper_batches (id, agency, who, at, feed, keep, standing) VALUES ($1, $2, $3, $4, $5, $6, $7)",
			string(b.ID), string(b.Agency), string(b.Who), b.At.UnixMilli(), string(b.Feed), b.Parting.Number(), string(b.Standing)); err != nil {
			return err
		}
		for i := range b.Files {
			f := &b.Files[i]
			f.Number = i + 1
			document, err := one(ctx, tx, single[string], `SELECT m.document FROM made m JOIN documents d ON d.id = m.document JOIN dossiers o ON o.code = d.dossier
				WHERE m.digest = $1 AND m.part IN ('scan', 'arrived') AND o.receiving = $2 LIMIT 1`, f.Sum.String(), string(b.Agency))
			if err != nil && !errors.Is(err, dossier.ErrNotFound) {
				return err
			}
			f.Known = dossier.DocumentID(document)
			if _, err := tx.ExecContext(ctx, "INSERT INTO batch_files (batch, number, digest, name, size, known) VALUES ($1, $2, $3, $4, $5, $6)",
				string(b.ID), f.Number, f.Sum.String(), f.Name, f.Size, document); err != nil {
				return err
			}
			if err := fromTray(ctx, tx, b, *f); err != nil {
				return err
			}
		}
		return db.logBatch(ctx, tx, dossier.BatchTaken, b.ID, by)
	})
	return b, named(err, "add batch")
}

// fromTray takes the drop that a file of a batch is out of the tray. One that somebody
// else took, or discarded, wraps [dossier.ErrConflict], and there is no batch.
func fromTray(ctx context.Context, tx *sql.Tx, b batch.Batch, f batch.File) error {
	if f.Drop == "" {
		return nil
	}
	n, err := affected(tx.ExecContext(ctx, "UPDATE drops SET batch = $1 WHERE id = $2 AND agency = $3 AND digest = $4 AND state = 'taken' AND batch IS NULL",
		string(b.ID), f.Drop, string(b.Agency), f.Sum.String()))
	if err == nil && n == 0 {
		err = fmt.Errorf("%w: a file is not in the tray any more", dossier.ErrConflict)
	}
	return err
}

func (db *DB) logBatch(ctx context.Context, tx *sql.Tx, act dossier.ReadingAct, id batch.ID, by account.By) error {
	return db.log(ctx, tx, ledger.Event{Kind: ledger.House, Act: string(act), At: db.now().UnixMilli(), Who: string(by.Who), Role: string(by.Role),
		Subject: string(id), Demo: by.Demo})
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}

// unclosed adds that no side of a batch goes into what is closed.
func unclosed(w *where, not dossier.Closed) {
	if not.IsZero() {
		return
	}
	in := where{values: w.values}
	among(&in, not.Procedures, "o.procedure")
	among(&in, not.Kinds, "CASE WHEN s.slot = '"+string(dossier.ResultSlot)+"' THEN p.result_kind ELSE k.kind END")
	w.values = in.values
	w.conditions = append(w.conditions, `NOT EXISTS (SELECT 1 FROM batch_sides s JOIN dossiers o ON o.code = s.dossier JOIN procedures p ON p.code = o.procedure
		LEFT JOIN components k ON k.procedure = o.procedure AND k.version = o.version AND k.slot = s.slot WHERE s.batch = paper_batches.id AND (`+strings.Join(in.conditions, " OR ")+"))")
}

// PaperBatches returns batches of agencies, newest first, from the one after after on,
// without their files and sides.
func (db *DB) PaperBatches(ctx context.Context, agencies []dossier.AgencyCode, after batch.ID, limit int) ([]batch.Batch, error) {
	return db.OpenBatches(ctx, agencies, dossier.Closed{}, after, limit)
}

// OpenBatches is [DB.PaperBatches] without those of which a paper is closed.
func (db *DB) OpenBatches(ctx context.Context, agencies []dossier.AgencyCode, not dossier.Closed, after batch.ID, limit int) ([]batch.Batch, error) {
	var w where
	among(&w, agencies, "agency")
	unclosed(&w, not)
	if after != "" {
		w.and("id < %s", string(after))
	}
	found, err := all(ctx, db.read, scanPaperBatch, "SELECT "+batchColumns+" FROM paper_batches"+w.String()+" ORDER BY id DESC"+limited(limit), w.values...)
	return found, named(err, "batches")
}

// PaperBatch returns a batch of one of agencies (none: of any) with its files and sides.
func (db *DB) PaperBatch(ctx context.Context, id batch.ID, agencies []dossier.AgencyCode) (b batch.Batch, err error) {
	return db.OpenBatch(ctx, id, agencies, dossier.Closed{})
}

// OpenBatch is [DB.PaperBatch] of a batch of which no paper is closed.
func (db *DB) OpenBatch(ctx context.Context, id batch.ID, agencies []dossier.AgencyCode, not dossier.Closed) (b batch.Batch, err error) {
	var w where
	w.and("id = %s", string(id))
	among(&w, agencies, "agency")
	unclosed(&w, not)
	if b, err = one(ctx, db.read, scanPaperBatch, "SELECT "+batchColumns+" FROM paper_batches"+w.String(), w.values...); err != nil {
		return b, named(err, "batch")
	}
	if b.Files, err = all(ctx, db.read, scanBatchFile, "SELECT number, digest, name, size, pages, said, known FROM batch_files WHERE batch = $1 ORDER BY number", string(id)); err != nil {
		return b, named(err, "files of a batch")
	}
	b.Sides, err = all(ctx, db.read, scanSide, "SELECT "+sideColumns+" FROM batch_sides WHERE batch = $1 ORDER BY place, file, page", string(id))
	return b, named(err, "sides of a batch")
}

func scanBatchFile(r row) (f batch.File, err error) {
	var sum string
	if err := r.Scan(&f.Number, &sum, &f.Name, &f.Size, &f.Pages, &f.Said, &f.Known); err != nil {
		return f, err
	}
	if sum != "" { // else it was disposed of with the documents that its pages went into
		f.Sum, err = digest.Parse(sum)
	}
	return f, err
}

const sideColumns = "file, page, picture, print, dpi, width, height, lies, upright, blank, colour, spoiled, mark, twins, becomes, why, turn, starts, dossier, slot, document, refused"

func scanSide(r row) (s batch.Side, err error) {
	var print, blank, colour, spoiled, starts int64
	var mark, twins string
	if err := r.Scan(&s.File, &s.Page, &s.Picture, &print, &s.DPI, &s.Width, &s.Height, &s.Lies, &s.Look.Turn, &blank, &colour, &spoiled, &mark, &twins,
		&s.Use, &s.Why, &s.Turn, &starts, &s.Dossier, &s.Slot, &s.Document, &s.Refused); err != nil {
		return s, err
	}
	s.Print, s.Blank, s.Colour, s.Spoiled, s.Starts = uint64(print), blank == 1, colour == 1, spoiled == 1, starts == 1
	if mark != "" {
		err = json.Unmarshal([]byte(mark), &s.Mark)
	}
	if twins != "" && err == nil {
		err = json.Unmarshal([]byte(twins), &s.Twins)
	}
	return s, err
}

// LeaseBatch gives a batch that waits to be looked at, or to enter, to whoever asks,
// until a time; with who ordered it. [dossier.ErrNotFound] if there is none. One
// over which its worker died is given again when the time is over.
func (db *DB) LeaseBatch(ctx context.Context, until time.Time) (b batch.Batch, ordered account.By, err error) {
	var id, who string
	err = db.tx(ctx, func(tx *sql.Tx) (err error) {
		type got struct{ id, who string }
		g, err := one(ctx, tx, func(r row) (g got, err error) { return g, r.Scan(&g.id, &g.who) }, `UPDATE paper_batches SET leased = $1, tries = tries + 1
			WHERE id = (SELECT id FROM paper_batches WHERE standing IN ('waiting', 'entering') AND leased <= $2 ORDER BY leased, id LIMIT 1`+db.skipLocked+`) RETURNING id, ordered`,
			until.UnixMilli(), db.now().UnixMilli())
		id, who = g.id, g.who
		return err
	})
	if err != nil {
		return b, ordered, named(err, "lease a batch")
	}
	if b, err = db.PaperBatch(ctx, batch.ID(id), nil); err != nil || who == "" {
		return b, ordered, err
	}
	p, err := db.Person(ctx, dossier.PersonID(who))
	return b, account.By{Who: p.ID, Role: p.Role, Demo: p.Demo}, err
}

// HoldBatch makes the lease of a batch last until a time.
func (db *DB) HoldBatch(ctx context.Context, id batch.ID, until time.Time) error {
	_, err := db.write.ExecContext(ctx, "UPDATE paper_batches SET leased = $1 WHERE id = $2 AND leased > 0 AND leased < $1 AND standing IN ('waiting', 'entering')", until.UnixMilli(), string(id))
	return named(err, "hold a batch")
}

// PutSides writes what was seen of a file's sides, once: a second writer changes
// nothing. said is why it could not be taken apart.
func (db *DB) PutSides(ctx context.Context, id batch.ID, file int, sides []batch.Side, said string) error {
	err := db.tx(ctx, func(tx *sql.Tx) error {
		n, err := affected(tx.ExecContext(ctx, "UPDATE batch_files SET looked = 1, pages = $1, said = $2 WHERE batch = $3 AND number = $4 AND looked = 0", len(sides), said, string(id), file))
		if err != nil || n == 0 {
			return err
		}
		for _, s := range sides {
			if err := putSide(ctx, tx, id, s); err != nil {
				return err
			}
		}
		return nil
	})
	return named(err, "sides of a file")
}

func putSide(ctx context.Context, tx *sql.Tx, id batch.ID, s batch.Side) error {
	mark := ""
	if s.Mark != (batch.Mark{}) {
		b, err := json.Marshal(s.Mark)
		if err != nil {
			return err
		}
		mark = string(b)
	}
	n, err := one(ctx, tx, single[int64], `INSERT INTO batch_sides (batch, file, page, place, picture, print, dpi, width, height, lies, upright, blank, colour, spoiled, mark, becomes)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) RETURNING id`,
		string(id), s.File, s.Page, s.Page, s.Picture, int64(s.Print), int(s.DPI), s.Width, s.Height, s.Lies, s.Look.Turn, truth(s.Blank), truth(s.Colour), truth(s.Spoiled), mark, string(batch.Page))
	if err != nil || s.Print == 0 || s.Mark != (batch.Mark{}) { // separators look alike
		return err
	}
	return putPrint(ctx, tx, n, s.Print)
}

// LookedFiles reports which files of a batch have been looked at.
func (db *DB) LookedFiles(ctx context.Context, id batch.ID) (map[int]bool, error) {
	list, err := all(ctx, db.read, single[int], "SELECT number FROM batch_files WHERE batch = $1 AND looked = 1", string(id))
	done := map[int]bool{}
	for _, n := range list {
		done[n] = true
	}
	return done, named(err, "files that were looked at")
}

// ProposeBatch writes the order and borders that the machine proposes for a batch that
// waits, and hands it to people. Of one that does not wait nothing changes.
func (db *DB) ProposeBatch(ctx context.Context, b batch.Batch) error {
	err := db.tx(ctx, func(tx *sql.Tx) error {
		n, err := affected(tx.ExecContext(ctx, "UPDATE paper_batches SET standing = $1, feed = $2, keep = $3, version = version + 1, leased = 0, tries = 0, said = $4 WHERE id = $5 AND standing = 'waiting'",
			string(batch.Proposed), string(b.Feed), b.Parting.Number(), b.Said, string(b.ID)))
		if err != nil || n == 0 {
			return err
		}
		return setSides(ctx, tx, b)
	})
	return named(err, "propose the borders of a batch")
}

// setSides writes what becomes of each side, and their order.
func setSides(ctx context.Context, tx *sql.Tx, b batch.Batch) error {
	for i, s := range b.Sides {
		twins := ""
		if len(s.Twins) > 0 {
			t, err := json.Marshal(s.Twins)
			if err != nil {
				return err
			}
			twins = string(t)
		}
		if _, err := tx.ExecContext(ctx, `UPDATE batch_sides SET place = $1, becomes = $2, why = $3, turn = $4, starts = $5, dossier = $6, slot = $7, refused = $8, twins = $9
			WHERE batch = $10 AND file = $11 AND page = $12`,
			i+1, string(s.Use), s.Why, s.Turn, truth(s.Starts), string(s.Dossier), string(s.Slot), s.Refused, twins, string(b.ID), s.File, s.Page); err != nil {
			return err
		}
	}
	return nil
}

// ArrangeBatch writes what a person wants of the sides of a batch, all of which b
// has, and with order that its papers enter. Whoever has not seen the newest version
// gets [dossier.ErrConflict], and so does everybody while its papers enter.
func (db *DB) ArrangeBatch(ctx context.Context, b batch.Batch, order bool, by account.By) error {
	err := db.tx(ctx, func(tx *sql.Tx) error {
		standing, ordered, act := batch.Proposed, "", dossier.BatchArranged
		if order {
			standing, ordered, act = batch.Entering, string(by.Who), dossier.BatchOrdered
		}
		n, err := affected(tx.ExecContext(ctx, "UPDATE paper_batches SET version = version + 1, feed = $1, keep = $2, standing = $3, ordered = $4, said = '', leased = 0, tries = 0 WHERE id = $5 AND version = $6 AND standing = 'proposed'",
			string(b.Feed), b.Parting.Number(), string(standing), ordered, string(b.ID), b.Version))
		if err == nil && n == 0 {
			err = fmt.Errorf("%w: the batch has another version than %d", dossier.ErrConflict, b.Version)
		}
		if err != nil {
			return err
		}
		if err := setSides(ctx, tx, b); err != nil {
			return err
		}
		if err := db.logBatch(ctx, tx, act, b.ID, by); err != nil || order {
			return err
		}
		return db.endBatch(ctx, tx, b.ID, by)
	})
	return named(err, "arrange a batch")
}

// EnteredBatch writes that a paper of a batch became a document, or why it did not.
// Said twice it is the same.
func (db *DB) EnteredBatch(ctx context.Context, id batch.ID, pages []batch.Side, document dossier.DocumentID, refused string, by account.By) error {
	err := db.tx(ctx, func(tx *sql.Tx) error {
		changed := 0
		for i, s := range pages {
			said := ""
			if i == 0 {
				said = refused
			}
			n, err := affected(tx.ExecContext(ctx, "UPDATE batch_sides SET document = $1, refused = $2 WHERE batch = $3 AND file = $4 AND page = $5 AND document = ''", string(document), said, string(id), s.File, s.Page))
			if err != nil {
				return err
			}
			changed += n
		}
		if document == "" || changed == 0 {
			return nil
		}
		if err := db.paperOf(ctx, tx, project.Batch, string(id), document); err != nil {
			return err
		}
		return db.logBatch(ctx, tx, dossier.BatchEntered, id, by)
	})
	return named(err, "enter a paper of a batch")
}

// RestBatch gives a batch back to people when all that could enter has, or with said
// what was in the way; if each side is accounted for it is done.
func (db *DB) RestBatch(ctx context.Context, id batch.ID, said string, by account.By) error {
	err := db.tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "UPDATE paper_batches SET standing = 'proposed', version = version + 1, said = $1, leased = 0, tries = 0 WHERE id = $2 AND standing = 'entering'", said, string(id)); err != nil {
			return err
		}
		return db.endBatch(ctx, tx, id, by)
	})
	return named(err, "rest a batch")
}

// endBatch ends a batch if its sums agree: no side is open, and each side that its
// files have is there.
func (db *DB) endBatch(ctx context.Context, tx *sql.Tx, id batch.ID, by account.By) error {
	n, err := affected(tx.ExecContext(ctx, `UPDATE paper_batches SET standing = 'done' WHERE id = $1 AND standing = 'proposed'
		AND NOT EXISTS (SELECT 1 FROM batch_sides s WHERE s.batch = paper_batches.id AND s.becomes = 'page' AND s.document = '')
		AND NOT EXISTS (SELECT 1 FROM batch_files f WHERE f.batch = paper_batches.id AND (f.looked = 0 OR f.said <> ''))
		AND (SELECT COUNT(*) FROM batch_sides s WHERE s.batch = paper_batches.id) = (SELECT SUM(f.pages) FROM batch_files f WHERE f.batch = paper_batches.id)`, string(id)))
	if err != nil || n == 0 {
		return err
	}
	return db.logBatch(ctx, tx, dossier.BatchDone, id, by)
}
