package sqldb

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"sohoa/dossier"
)

const documentColumns = `d.id, d.dossier, d.slot, d.kind, d.state, d.version, d.media, d.size, d.pages,
	d.received, d.changed, d.parts, d.why, d.trouble, d.trouble_since, d.next_try, d.proof_until, d.proof_by, d.disposed, d.flaw, d.lane, d.demo`

func scanDocument(r row) (dossier.Document, error) { return scanDocumentAnd(r) }

// scanDocumentAnd scans documentColumns and what stands behind them.
func scanDocumentAnd(r row, more ...any) (d dossier.Document, err error) {
	var received, changed, since, next, disposed int64
	var until sql.NullInt64
	var parts string
	into := []any{&d.ID, &d.Dossier, &d.Slot, &d.Kind, &d.State, &d.Version, &d.Media, &d.Size, &d.Pages,
		&received, &changed, &parts, &d.Why, &d.Trouble, &since, &next, &until, &d.Proof.By, &disposed, &d.Flaw, &d.Lane, &d.Demo}
	if err := r.Scan(append(into, more...)...); err != nil {
		return d, err
	}
	d.Received, d.Changed = moment(received), moment(changed)
	d.Since, d.NextTry, d.Proof.Until, d.Disposed = sometime(since), sometime(next), sometime(until.Int64), sometime(disposed)
	if err := json.Unmarshal([]byte(parts), &d.Parts); err != nil {
		return d, fmt.Errorf("parts of %s: %w", d.ID, err)
	}
	return d, nil
}

// Document returns the document with an id.
func (db *DB) Document(ctx context.Context, id dossier.DocumentID) (dossier.Document, error) {
	d, err := one(ctx, db.read, scanDocument, "SELECT "+documentColumns+" FROM documents d WHERE d.id = $1", string(id))
	return d, named(err, "document %s", id)
}

// DocumentQuery is the vocabulary's.
type DocumentQuery = dossier.DocumentQuery

// Documents returns what q asks for: the longest unmoved first, unless by urgency or their ids.
func (db *DB) Documents(ctx context.Context, q DocumentQuery) ([]dossier.Document, error) {
	var w where
	among(&w, q.States, "d.state")
	among(&w, q.Agencies, "o.receiving", "o.competent")
	within(&w, q.Within, "d")
	if q.Dossier != "" {
		w.and("d.dossier = %s", string(q.Dossier))
	}
	if q.Troubled {
		w.and("d.trouble <> ''")
	}
	order := " ORDER BY d.changed, d.id"
	if q.Doubtful {
		w.and(unreviewed)
		order = " ORDER BY +d.changed, d.id" // not along the index of all papers: these are few
	}
	if q.Urgent {
		order = " ORDER BY o.due IS NULL, o.due, d.changed, d.id"
	}
	if q.ByID {
		order = " ORDER BY d.id"
		w.and("d.id > %s", string(q.After))
	}
	found, err := all(ctx, db.read, scanDocument, "SELECT "+documentColumns+
		" FROM documents d JOIN dossiers o ON o.code = d.dossier"+w.String()+
		order+limited(q.Limit), w.values...)
	return found, named(err, "documents")
}

// Counts returns how many documents stand in each state, of dossiers that
// agencies received or decide and that are in a part of the archive; no agencies
// and no part mean all. A state without documents is not in it.
func (db *DB) Counts(ctx context.Context, agencies []dossier.AgencyCode, in *dossier.Within) (map[dossier.State]int, error) {
	var w where
	among(&w, agencies, "o.receiving", "o.competent")
	within(&w, in, "d")
	counts := map[dossier.State]int{}
	_, err := all(ctx, db.read, func(r row) (struct{}, error) {
		var s dossier.State
		var n int
		err := r.Scan(&s, &n)
		counts[s] = n
		return struct{}{}, err
	}, "SELECT d.state, COUNT(*) FROM documents d JOIN dossiers o ON o.code = d.dossier"+w.String()+
		" GROUP BY d.state", w.values...)
	return counts, named(err, "count documents")
}

// Fields returns the fields that a person confirmed of a document: none before.
func (db *DB) Fields(ctx context.Context, id dossier.DocumentID) ([]dossier.Field, error) {
	fields, err := fieldsOf(ctx, db.read, id)
	return fields, named(err, "fields of %s", id)
}

func fieldsOf(ctx context.Context, a asker, id dossier.DocumentID) ([]dossier.Field, error) {
	kept, err := one(ctx, a, single[string], "SELECT fields FROM documents WHERE id = $1", string(id))
	if err != nil {
		return nil, err
	}
	return fieldsFrom(kept)
}

func fieldsFrom(kept string) (fields []dossier.Field, err error) {
	if err := json.Unmarshal([]byte(kept), &fields); err != nil {
		return nil, err
	}
	if len(fields) == 0 {
		return nil, nil
	}
	return fields, nil
}

// asJSON is how a value without columns of its own is kept.
func asJSON(v any) (string, error) {
	b, err := json.Marshal(v)
	return string(b), err
}

// A place is a slot of a dossier, held until the transaction ends.
type place struct {
	code   dossier.Code
	agency dossier.AgencyCode // that received the dossier
	slot   dossier.SlotCode
	holder dossier.HolderID
	demo   bool
}

// lockSlot finds a slot and its kind, and makes others who would fill a slot
// of this dossier wait: on SQLite every writer does, elsewhere the row's lock
// has it so.
func lockSlot(ctx context.Context, tx *sql.Tx, code dossier.Code, slot dossier.SlotCode) (place, dossier.KindCode, error) {
	at := place{code: code, slot: slot}
	var procedure dossier.ProcedureCode
	var version int
	_, err := one(ctx, tx, func(r row) (struct{}, error) {
		return struct{}{}, r.Scan(&at.holder, &procedure, &version, &at.agency, &at.demo)
	}, "UPDATE dossiers SET filled = filled + 1 WHERE code = $1 RETURNING holder, procedure, version, receiving, demo", string(code))
	if err != nil {
		return at, "", fmt.Errorf("dossier %s: %w", code, err)
	}
	query, args := "SELECT kind FROM components WHERE procedure = $1 AND version = $2 AND slot = $3", []any{string(procedure), version, string(slot)}
	if slot == dossier.ResultSlot {
		query, args = `SELECT result_kind FROM procedures WHERE code = $1 AND version = $2 AND result_kind IS NOT NULL
			UNION ALL SELECT result_kind FROM procedure_versions WHERE procedure = $1 AND version = $2 AND result_kind IS NOT NULL`, args[:2]
	}
	kind, err := one(ctx, tx, single[dossier.KindCode], query, args...)
	if err != nil {
		return at, "", fmt.Errorf("slot %s: %w", slot, err)
	}
	return at, kind, notSecret(ctx, tx, code, slot)
}

// liveIn returns the live document of a slot, nil if there is none.
func liveIn(ctx context.Context, a asker, code dossier.Code, slot dossier.SlotCode) (*dossier.Document, error) {
	live, err := all(ctx, a, scanDocument, "SELECT "+documentColumns+
		" FROM documents d WHERE d.dossier = $1 AND d.slot = $2 AND d.state <> "+constant(dossier.Refused),
		string(code), string(slot))
	if err != nil || len(live) == 0 {
		return nil, err
	}
	return &live[0], nil
}
