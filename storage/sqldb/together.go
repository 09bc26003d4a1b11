package sqldb

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"sohoa/dossier"
)

// On PostgreSQL the claims and moves of a machine that come at the same time are
// one statement each (decision 54). What such a statement does not do (a row that
// changed meanwhile, a move with a reason, a proof, an entry in a record) is done
// by itself, which also finds the words for what is wrong.

// gather makes ready what several ask together.
func (db *DB) gather() {
	db.claims = &gathering[claiming, claimed]{do: db.claimAll, key: func(c claiming) string { return string(c.job.Document) }}
	db.moves = &gathering[moving, dossier.Document]{do: db.advanceAll, key: func(m moving) string { return string(m.d.ID) }}
}

type claiming struct {
	job   dossier.Job
	until int64 // milliseconds
}

type claimed struct {
	document dossier.Document
	attempt  int
}

// owedActs are the acts that a state owes, as act/state: those of a day of their
// own are not among them.
var owedActs = func() (list []string) {
	for _, s := range owed() {
		act, _ := dossier.Due(s)
		list = append(list, string(act)+"/"+string(s))
	}
	return list
}()

// claimGathered is [DB.Claim] together with others. told is false if the job
// has to be claimed by itself.
func (db *DB) claimGathered(ctx context.Context, j dossier.Job, d time.Duration) (c claimed, told bool, err error) {
	if db.claims == nil {
		return c, false, nil
	}
	return db.claims.ask(ctx, claiming{j, db.now().Add(d).UnixMilli()})
}

var claimAllQuery = `UPDATE documents d SET attempts = d.attempts + 1, lease_until = j.until
	FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::bigint[]) AS j (id, version, epoch, act, until)
	WHERE d.id = j.id AND d.version = j.version AND d.epoch = j.epoch AND (j.act || '/' || d.state) = ANY ($6)
		AND ` + notPaused("d") + ` RETURNING ` + documentColumns + `, d.attempts`

func (db *DB) claimAll(ctx context.Context, all []claiming) map[string]claimed {
	var ids, acts []string
	var versions, epochs, untils []int64
	for _, c := range all {
		ids, acts = append(ids, string(c.job.Document)), append(acts, string(c.job.Act))
		versions, epochs, untils = append(versions, c.job.Version), append(epochs, c.job.Epoch), append(untils, c.until)
	}
	found, err := keyed(ctx, db, func(r row) (string, claimed, error) {
		var c claimed
		var err error
		c.document, err = scanDocumentAnd(r, &c.attempt)
		return string(c.document.ID), c, err
	}, claimAllQuery, ids, versions, epochs, acts, untils, owedActs)
	if err != nil {
		return nil // each by itself says why
	}
	return found
}

// keyed is all, each answer under its key.
func keyed[A any](ctx context.Context, db *DB, scan func(row) (string, A, error), query string, args ...any) (map[string]A, error) {
	found := map[string]A{}
	_, err := all(ctx, db.write, func(r row) (struct{}, error) {
		k, a, err := scan(r)
		found[k] = a
		return struct{}{}, err
	}, query, args...)
	return found, err
}

// A moving is a change that leads d to a state.
type moving struct {
	d       dossier.Document
	c       dossier.Change
	to      dossier.State
	before  string // its parts, as they are kept
	parts   string // with what is made
	eventID string
	event   string
}

// plain reports whether a change is nothing but a move: a machine's, without words
// and without anything that follows from it beside the ledger.
func plain(d dossier.Document, c dossier.Change) bool {
	return c.By == dossier.Machine && c.Who != "" && c.Why == "" && c.Fields == nil && c.Proof == nil &&
		c.Act != dossier.Archive && c.Act != dossier.Renew && c.Made[dossier.PartUnread].IsZero() &&
		(c.Act != dossier.Recognise || d.Pages <= dossier.ShortPaper)
}

// advanceGathered is [DB.Advance] together with others. told is false if the
// change has to be made by itself.
func (db *DB) advanceGathered(ctx context.Context, d dossier.Document, c dossier.Change, to dossier.State) (moved dossier.Document, told bool, err error) {
	if db.moves == nil || d.Parts == nil || !plain(d, c) {
		return d, false, nil
	}
	m := moving{d: d, c: c, to: to, eventID: db.newID()}
	if m.before, err = asJSON(d.Parts); err != nil {
		return d, false, err
	}
	parts := maps.Clone(d.Parts)
	maps.Copy(parts, c.Made)
	if m.parts, err = asJSON(parts); err != nil {
		return d, false, err
	}
	e := moveEvent(c, to, d.Demo)
	e.ID = m.eventID
	m.event = string(e.Bytes())
	return db.moves.ask(ctx, m)
}

// The row has to be as d is: then parts and event say what they would say if it
// were read first.
var advanceAllQuery = `WITH j AS MATERIALIZED (SELECT *
		FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[], $8::bigint[], $9::text[], $10::text[], $11::text[], $12::text[])
		AS j (id, version, was, before, parts, demo, state, at, act, who, event_id, event)),
	moved AS (UPDATE documents d SET state = j.state, version = d.version + 1, changed = j.at, parts = j.parts, why = '',
			trouble = '', trouble_since = 0, lease_until = 0, attempts = 0, next_try = 0
		FROM j WHERE d.id = j.id AND d.version = j.version AND d.state = j.was AND d.parts = j.before AND d.demo = j.demo AND d.disposed = 0
		RETURNING ` + documentColumns + `),
	entered AS (INSERT INTO changes (document, version, act, role, who, at, fields, why)
		SELECT j.id, j.version + 1, j.act, '` + string(dossier.Machine) + `', j.who, j.at, 'null', '' FROM j JOIN moved USING (id)),
	files AS (INSERT INTO made (document, version, part, digest)
		SELECT f.document, m.version, f.part, f.digest FROM unnest($13::text[], $14::text[], $15::text[]) AS f (document, part, digest) JOIN moved m ON m.id = f.document),
	said AS (INSERT INTO log_pending (id, event) SELECT j.event_id, j.event FROM j JOIN moved USING (id))
	SELECT ` + strings.ReplaceAll(documentColumns, "d.", "moved.") + ` FROM moved`

func (db *DB) advanceAll(ctx context.Context, all []moving) map[string]dossier.Document {
	var ids, was, before, parts, to, acts, who, eventIDs, events []string
	var versions, demo, at []int64
	var documents, names, sums []string
	for _, m := range all {
		id := string(m.d.ID)
		ids, was, before, parts, to = append(ids, id), append(was, string(m.d.State)), append(before, m.before), append(parts, m.parts), append(to, string(m.to))
		versions, demo, at = append(versions, m.d.Version), append(demo, flag(m.d.Demo)), append(at, m.c.At.UnixMilli())
		acts, who, eventIDs, events = append(acts, string(m.c.Act)), append(who, string(m.c.Who)), append(eventIDs, m.eventID), append(events, m.event)
		for _, part := range slices.Sorted(maps.Keys(m.c.Made)) {
			documents, names, sums = append(documents, id), append(names, string(part)), append(sums, m.c.Made[part].String())
		}
	}
	found, err := keyed(ctx, db, func(r row) (string, dossier.Document, error) {
		d, err := scanDocument(r)
		return string(d.ID), d, err
	}, advanceAllQuery, ids, versions, was, before, parts, demo, to, at, acts, who, eventIDs, events, documents, names, sums)
	if err != nil {
		return nil // each by itself says why
	}
	return found
}
