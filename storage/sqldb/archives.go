package sqldb

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"sohoa/dossier"
	"sohoa/dossier/backlog"
	"sohoa/dossier/catalogue"
	"sohoa/dossier/digest"
	"sohoa/dossier/project"
	"sohoa/storage/ledger"
)

const archiveColumns = "id, sum, agency, who, began, changed, ended, place, row_count, taken, same, twice, bad, pages, bytes, signed, mended FROM archive_imports"

func scanArchive(r row) (i backlog.Import, err error) {
	var sum string
	var began, changed, ended int64
	if err = r.Scan(&i.ID, &sum, &i.Agency, &i.Who, &began, &changed, &ended, &i.Row, &i.Rows, &i.Taken, &i.Same, &i.Twice, &i.Bad, &i.Pages, &i.Bytes, &i.Signed, &i.Mended); err != nil {
		return i, err
	}
	i.Began, i.Changed, i.Ended = moment(began), moment(changed), sometime(ended)
	i.Sum, err = digest.Parse(sum)
	return i, err
}

// BeginArchive enters that an archive is taken over, or returns the import of the same
// index for the same agency that is there.
func (db *DB) BeginArchive(ctx context.Context, i backlog.Import) (kept backlog.Import, err error) {
	err = db.tx(ctx, func(tx *sql.Tx) error {
		if err := known(ctx, tx, "agencies", string(i.Agency)); err != nil {
			return err
		}
		id, now := db.newID(), db.now().UnixMilli()
		n, err := affected(tx.ExecContext(ctx, `INSERT INTO archive_imports (id, sum, agency, who, began, changed) VALUES ($1, $2, $3, $4, $5, $5)
			ON CONFLICT (sum, agency) DO NOTHING`, id, i.Sum.String(), string(i.Agency), string(i.Who), now))
		if err == nil && n > 0 {
			err = db.logArchive(ctx, tx, dossier.ArchiveBegun, id, i.Who)
		}
		if err != nil {
			return err
		}
		kept, err = one(ctx, tx, scanArchive, "SELECT "+archiveColumns+" WHERE sum = $1 AND agency = $2", i.Sum.String(), string(i.Agency))
		return err
	})
	return kept, named(err, "begin archive")
}

func (db *DB) logArchive(ctx context.Context, tx *sql.Tx, act dossier.ReadingAct, id string, who dossier.PersonID) error {
	demo, err := exists(ctx, tx, "SELECT 1 FROM archive_imports i JOIN agencies a ON a.code = i.agency WHERE i.id = $1 AND a.demo = 1", id)
	if err != nil {
		return err
	}
	return db.log(ctx, tx, ledger.Event{Kind: ledger.House, Act: string(act), At: db.now().UnixMilli(), Who: string(who), Role: string(dossier.Admin), Subject: id, Demo: demo})
}

// ArchiveDone moves the cursor of an import from a row to a later one, with what came
// of the rows between, the documents that they are, and what was wrong with them. If the
// cursor stands elsewhere, somebody else does the same import: the error wraps
// [dossier.ErrConflict].
func (db *DB) ArchiveDone(ctx context.Context, id string, from, to int, c backlog.Counts, papers []dossier.DocumentID, faults []catalogue.Problem) error {
	err := db.tx(ctx, func(tx *sql.Tx) error {
		n, err := affected(tx.ExecContext(ctx, `UPDATE archive_imports SET place = $1, changed = $2, row_count = row_count + $3, taken = taken + $4, same = same + $5,
			twice = twice + $6, bad = bad + $7, pages = pages + $8, bytes = bytes + $9, signed = signed + $10, mended = mended + $11
			WHERE id = $12 AND place = $13 AND ended = 0`,
			to, db.now().UnixMilli(), c.Rows, c.Taken, c.Same, c.Twice, c.Bad, c.Pages, c.Bytes, c.Signed, c.Mended, id, from))
		if err != nil {
			return err
		}
		if n == 0 {
			return fmt.Errorf("%w: another import of this index is under way", dossier.ErrConflict)
		}
		for some := range slices.Chunk(papers, perLookup) {
			if err := keepPapers(ctx, tx, id, some); err != nil {
				return err
			}
		}
		if err := db.paperOf(ctx, tx, project.Import, id, papers...); err != nil {
			return err
		}
		for _, f := range faults {
			if _, err := tx.ExecContext(ctx, `INSERT INTO archive_faults (import, place, field, code, seen, note) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
				id, f.Row, f.Field, f.Code, f.Seen, flag(f.Note)); err != nil {
				return err
			}
		}
		return nil
	})
	return named(err, "archive")
}

// keepPapers writes which documents an import became.
func keepPapers(ctx context.Context, tx *sql.Tx, id string, papers []dossier.DocumentID) error {
	query, values := "INSERT INTO archive_papers (import, document) VALUES ", []any{id}
	for i, d := range papers {
		if i > 0 {
			query += ", "
		}
		values = append(values, string(d))
		query += fmt.Sprintf("($1, $%d)", len(values))
	}
	_, err := tx.ExecContext(ctx, query+" ON CONFLICT DO NOTHING", values...)
	return err
}

// EndArchive enters that all rows of an import are done.
func (db *DB) EndArchive(ctx context.Context, id string, who dossier.PersonID) error {
	err := db.tx(ctx, func(tx *sql.Tx) error {
		n, err := affected(tx.ExecContext(ctx, "UPDATE archive_imports SET ended = $1 WHERE id = $2 AND ended = 0", db.now().UnixMilli(), id))
		if err != nil || n == 0 {
			return err
		}
		return db.logArchive(ctx, tx, dossier.ArchiveEnded, id, who)
	})
	return named(err, "end archive")
}

// Archives returns imports of agencies (none: of all), newest first.
func (db *DB) Archives(ctx context.Context, agencies []dossier.AgencyCode, limit int) ([]backlog.Import, error) {
	var w where
	among(&w, agencies, "agency")
	found, err := all(ctx, db.read, scanArchive, "SELECT "+archiveColumns+w.String()+" ORDER BY began DESC, id DESC"+limited(limit), w.values...)
	return found, named(err, "archives")
}

// ArchiveFaults returns what was wrong with rows of an import behind a row, in order.
func (db *DB) ArchiveFaults(ctx context.Context, id string, behind, limit int) ([]catalogue.Problem, error) {
	found, err := all(ctx, db.read, func(r row) (p catalogue.Problem, err error) {
		var note int
		err = r.Scan(&p.Row, &p.Field, &p.Code, &p.Seen, &note)
		p.Note = note != 0
		return p, err
	}, "SELECT place, field, code, seen, note FROM archive_faults WHERE import = $1 AND place > $2 ORDER BY place, field, code"+limited(limit), id, behind)
	return found, named(err, "faults of an archive")
}

// ScanKept reports whether a file came into the house before, wherever it stands.
func (db *DB) ScanKept(ctx context.Context, sum digest.Digest) (bool, error) {
	kept, err := exists(ctx, db.read, "SELECT 1 FROM made WHERE digest = $1 AND part IN ('scan', 'arrived')", sum.String())
	return kept, named(err, "scan")
}
