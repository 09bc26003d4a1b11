package sqldb

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/project"
	"sohoa/storage/ledger"
)

// TypedTwice returns the project in which the fields of a document are typed by two
// people, and what was typed; [dossier.ErrNotFound] if it is in none.
func (db *DB) TypedTwice(ctx context.Context, id dossier.DocumentID) (p project.Project, entries []project.Entry, err error) {
	p, err = one(ctx, db.read, scanProject, "SELECT "+projectColumns+" WHERE method = 'double' AND ended = 0 AND id = (SELECT project FROM project_papers WHERE document = $1 AND planned = 1)", string(id))
	if err == nil {
		entries, err = entriesOf(ctx, db.read, id)
	}
	return p, entries, named(err, "typed fields")
}

func entriesOf(ctx context.Context, a asker, id dossier.DocumentID) ([]project.Entry, error) {
	return all(ctx, a, func(r row) (e project.Entry, err error) {
		var fields []byte
		if err := r.Scan(&e.Turn, &e.Who, &fields); err != nil {
			return e, err
		}
		return e, json.Unmarshal(fields, &e.Fields)
	}, "SELECT turn, who, fields FROM project_entries WHERE document = $1 ORDER BY turn", string(id))
}

// TypeEntry keeps what somebody typed of a document, as the first or the second. Who
// typed it already wraps [dossier.ErrForbidden]; if two did, [dossier.ErrConflict].
func (db *DB) TypeEntry(ctx context.Context, id dossier.DocumentID, fields []dossier.Field, by account.By) (entries []project.Entry, err error) {
	kept, err := json.Marshal(fields)
	if err != nil {
		return nil, err
	}
	err = db.tx(ctx, func(tx *sql.Tx) error {
		p, err := one(ctx, tx, single[project.ID], "SELECT project FROM project_papers WHERE document = $1", string(id))
		if err != nil {
			return err
		}
		if _, err := running(ctx, tx, p); err != nil {
			return err
		}
		if entries, err = entriesOf(ctx, tx, id); err != nil {
			return err
		}
		if len(entries) > 1 {
			return fmt.Errorf("%w: two people have typed it", dossier.ErrConflict)
		}
		if len(entries) == 1 && entries[0].Who == by.Who {
			return project.ErrTyped
		}
		e := project.Entry{Turn: len(entries) + 1, Who: by.Who, Fields: fields}
		entries = append(entries, e)
		if _, err := tx.ExecContext(ctx, "INSERT INTO project_entries (document, turn, who, at, fields) VALUES ($1, $2, $3, $4, $5)", string(id), e.Turn, string(e.Who), db.now().UnixMilli(), string(kept)); err != nil {
			return err
		}
		return db.logProject(ctx, tx, dossier.EntryTyped, p, by, ledger.Event{Document: string(id), Amount: int64(e.Turn)})
	})
	return entries, named(err, "type an entry")
}

// settleEntries counts how often those who typed a document were right, and forgets what
// they typed, in the transaction in which its fields are confirmed. Fields of a document
// that two have to type, and have not, are not confirmed; where they differ, neither of
// them confirms.
func (db *DB) settleEntries(ctx context.Context, tx *sql.Tx, id dossier.DocumentID, c dossier.Change) error {
	p, err := one(ctx, tx, scanProject, "SELECT "+projectColumns+" WHERE method = 'double' AND ended = 0 AND id = (SELECT project FROM project_papers WHERE document = $1 AND planned = 1)", string(id))
	if errors.Is(err, dossier.ErrNotFound) {
		return nil
	} else if err != nil {
		return err
	}
	entries, err := entriesOf(ctx, tx, id)
	if err != nil {
		return err
	}
	if len(entries) < 2 {
		return project.ErrTwice
	}
	if len(project.Differences(entries[0].Fields, entries[1].Fields)) > 0 && (c.Who == entries[0].Who || c.Who == entries[1].Who) {
		return project.ErrTyped
	}
	for _, e := range entries {
		wrong := len(project.Differences(e.Fields, c.Fields))
		if _, err := tx.ExecContext(ctx, `INSERT INTO project_typists (project, who, papers, wrong) VALUES ($1, $2, 1, $3)
			ON CONFLICT (project, who) DO UPDATE SET papers = project_typists.papers + 1, wrong = project_typists.wrong + excluded.wrong`, string(p.ID), string(e.Who), wrong); err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, "DELETE FROM project_entries WHERE document = $1", string(id))
	return err
}

// Typists returns how often each person's typing was not what was settled on.
func (db *DB) Typists(ctx context.Context, id project.ID) ([]project.Typist, error) {
	found, err := all(ctx, db.read, func(r row) (t project.Typist, err error) { return t, r.Scan(&t.Who, &t.Papers, &t.Wrong) },
		"SELECT who, papers, wrong FROM project_typists WHERE project = $1 ORDER BY papers DESC, who", string(id))
	return found, named(err, "typists of a project")
}

// Unsettled returns papers of a project in which two people typed something else, behind
// one, in the order of their ids.
func (db *DB) Unsettled(ctx context.Context, id project.ID, after dossier.DocumentID, limit int) ([]dossier.DocumentID, error) {
	found, err := all(ctx, db.read, single[dossier.DocumentID], `SELECT e.document FROM project_entries e JOIN project_papers p ON p.document = e.document
		WHERE p.project = $1 AND e.turn = 2 AND e.document > $2 ORDER BY e.document`+limited(limit), string(id), string(after))
	return found, named(err, "papers that are typed otherwise")
}
