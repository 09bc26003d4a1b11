package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"hash/maphash"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/storage/ledger"
)

// busy fills a house with work of every kind and numbers it: a few hundred
// events, so that tiles have borders.
func (h *house) busy(dossiers int) []dossier.Document {
	h.t.Helper()
	var docs []dossier.Document
	for range dossiers {
		d := h.newDossier()
		one := h.to(h.add(d.Code, "T1"), dossier.Archived)
		two := h.to(h.add(d.Code, "T2"), dossier.Normalised)
		two, err := h.Advance(h.ctx, two, dossier.Change{Act: dossier.Refuse, By: dossier.Officer, Who: "officer", Why: "mờ, của bà Nguyễn Thị Tám"})
		h.must(err)
		h.must(h.RecordIntent(h.ctx, dossier.Intent{Document: one.ID, Version: 3, Purpose: "copy", ToSign: digest.Of([]byte("x")), Signer: digest.Of([]byte("y"))}))
		h.must(h.Note(h.ctx, dossier.Reading{Act: dossier.ReadViewed, Who: "auditor", By: dossier.Auditor, Document: one.ID, Holder: h.holder, Purpose: dossier.ForAudit}))
		_, err = h.Resolve(h.ctx, d.Code, noon, "officer")
		h.must(err)
		docs = append(docs, one, two)
	}
	_, err := h.NumberEvents(h.ctx)
	h.must(err)
	return docs
}

// copied is the same house in another place, for one test. On PostgreSQL, which
// takes long to make one, it is the house itself, which was saved as "_busy" and is
// restored afterwards.
func (h *house) copied(t *testing.T) *house {
	t.Helper()
	if h.address != "" {
		t.Cleanup(func() { h.must(restore(context.WithoutCancel(h.ctx), h.address, "_busy")) })
		return &house{DB: h.DB, t: t, ctx: t.Context(), clock: h.clock, address: h.address, holder: h.holder}
	}
	path := filepath.Join(t.TempDir(), "copy.db")
	_, err := h.write.ExecContext(h.ctx, "VACUUM INTO '"+path+"'")
	h.must(err)
	other := &house{t: t, ctx: t.Context(), clock: h.clock, path: path, holder: h.holder}
	other.open()
	t.Cleanup(func() { other.Close() })
	return other
}

func (h *house) audit(claims ...ledger.Claim) ledger.Report {
	h.t.Helper()
	r, err := h.Audit(h.ctx, claims)
	h.must(err)
	return r
}

// kept is what an outsider keeps of the log as it stands.
func (h *house) kept() ledger.Claim {
	h.t.Helper()
	size, err := h.LogSize(h.ctx)
	h.must(err)
	root, err := h.LogRoot(h.ctx, size)
	h.must(err)
	return ledger.Claim{Name: fmt.Sprint("kept outside at ", size), Size: size, Root: root}
}

// sql does what an attacker with the database's password does: without triggers
// or foreign keys.
func (h *house) sql(statements ...string) {
	h.t.Helper()
	if h.address != "" {
		h.postgresSQL(statements)
		return
	}
	db, err := sql.Open("sqlite", address(h.path, false))
	h.must(err)
	defer db.Close()
	db.SetMaxOpenConns(1)
	triggers, err := all(h.ctx, db, single[string], "SELECT name FROM sqlite_master WHERE type = 'trigger'")
	h.must(err)
	for _, t := range triggers {
		statements = append([]string{"DROP TRIGGER " + t}, statements...)
	}
	for _, s := range append([]string{"PRAGMA foreign_keys = OFF"}, statements...) {
		if _, err := db.ExecContext(h.ctx, s); err != nil {
			h.t.Fatalf("%s: %v", s, err)
		}
	}
}

// zeroes is how PostgreSQL says what SQLite's zeroblob does.
var zeroes = regexp.MustCompile(`zeroblob\((\w+(?:\(\w+\))?)\)`)

// postgresSQL is sql on PostgreSQL, where whoever owns the tables, or administers
// the server, is past triggers and foreign keys with one word.
func (h *house) postgresSQL(statements []string) {
	h.t.Helper()
	db, err := sql.Open("pgx", h.address)
	h.must(err)
	defer db.Close()
	db.SetMaxOpenConns(1)
	for _, s := range append([]string{"SET session_replication_role = replica"}, statements...) {
		s = zeroes.ReplaceAllString(s, "decode(repeat('00', $1::int), 'hex')")
		if _, err := db.ExecContext(h.ctx, s); err != nil {
			h.t.Fatalf("%s: %v", s, err)
		}
	}
}

func TestAuditOfAnHonestHouse(t *testing.T) {
	h := newHouse(t)
	h.busy(14)
	before := h.kept()
	h.busy(9)
	h.add(h.newDossier().Code, "T1") // not numbered yet
	r := h.audit(h.kept(), before)
	if len(r.Findings) > 0 || r.Claims != 2 || r.Waiting != 2 || r.Events < 256 || r.Documents != 47 {
		t.Errorf("audit: %+v", r)
	}
}

func TestEventsArePersonsNoOneCanRead(t *testing.T) {
	h := newHouse(t)
	h.busy(1)
	events, err := all(h.ctx, h.read, single[string], "SELECT event FROM log_events")
	h.must(err)
	for _, e := range events {
		for _, personal := range []string{"Tám", "mờ", "Nguyễn", "008199012345"} {
			if strings.Contains(e, personal) {
				t.Errorf("%q stands in the log: %s", personal, e)
			}
		}
	}
	if len(events) < 15 {
		t.Errorf("%d events", len(events))
	}
}

// Each row is changed, removed, inserted or moved by SQL; the audit finds it and
// says where.
func TestAuditNames(t *testing.T) {
	type attack struct {
		name, do, code string
		place          int64 // -2: any
	}
	attacks := []attack{
		{"an event is changed", `UPDATE log_events SET event = replace(event, '"who":"', '"who":"not-') WHERE place = 5`, "changed", 5},
		{"an event is not canonical any more", `UPDATE log_events SET event = ' '||event WHERE place = 40`, "form", 40},
		{"an event is removed", `DELETE FROM log_events WHERE place = 77`, "removed", 77},
		{"an event is removed and the rest closes up", `DELETE FROM log_events WHERE place = 77; UPDATE log_events SET place = -place WHERE place > 77; UPDATE log_events SET place = -place - 1 WHERE place < 0`, "removed", 77},
		{"the last events are removed", `DELETE FROM log_events WHERE place > (SELECT MAX(place) - 3 FROM log_events)`, "removed", -2},
		{"an event is inserted", `UPDATE log_events SET place = -place WHERE place >= 30; UPDATE log_events SET place = 1 - place WHERE place < 0;
			INSERT INTO log_events (place, event) SELECT 30, replace(event, '"id":"0', '"id":"1') FROM log_events WHERE place = 9`, "inserted", 30},
		{"two events change places", `UPDATE log_events SET place = -1 WHERE place = 10; UPDATE log_events SET place = 10 WHERE place = 200; UPDATE log_events SET place = 200 WHERE place = -1`, "moved", 10},
		{"an event has a line feed, and the next is gone", `UPDATE log_events SET event = replace(event, ',"at"', '` + "\n" + `,"at"') WHERE place = 220; DELETE FROM log_events WHERE place = 221`, "form", 220},
		{"places are left out", `UPDATE log_events SET place = -place WHERE place >= 50; UPDATE log_events SET place = 1000 - place WHERE place < 0`, "gap", -1},
		{"an event is no text", `UPDATE log_events SET event = CAST(event AS BLOB)||x'0a' WHERE place = 60`, "form", 60},
		{"a tile is written over", `UPDATE log_tiles SET hashes = zeroblob(length(hashes)) WHERE level = 0 AND number = 1`, "changed", 256},
		{"a node's hash is changed", `UPDATE log_tiles SET hashes = zeroblob(32) WHERE level = 1 AND number = 0`, "tile", -1},
		{"tiles are removed", `DELETE FROM log_tiles`, "tile", -1},
		{"the size is changed", `UPDATE log_head SET size = size + 1`, "head", -1},

		{"who moved it is changed", `UPDATE changes SET who = 'other' WHERE document = '$doc' AND version = 4`, "row-changed", -2},
		{"when it moved is changed", `UPDATE changes SET at = at + 1 WHERE document = '$doc' AND version = 5`, "row-changed", -2},
		{"a change is removed", `DELETE FROM changes WHERE document = '$doc' AND version = 8`, "row-removed", -2},
		{"a change is inserted", `INSERT INTO changes SELECT document, 99, act, role, who, at, fields, why FROM changes WHERE document = '$doc' AND version = 3`, "row-inserted", -1},
		{"a reason is changed", `UPDATE changes SET why = 'khác' WHERE act = 'refuse' AND document = '$refused'`, "row-changed", -2},
		{"a reason is added", `UPDATE changes SET why = 'khác' WHERE document = '$doc' AND version = 2`, "row-inserted", -1},
		{"confirmed fields are changed", `UPDATE changes SET fields = '[{"name":"title","value":"x","confidence":0}]' WHERE act = 'confirm' AND document = '$doc'`, "row-changed", -2},
		{"fields in the document are changed", `UPDATE documents SET fields = '[{"name":"title","value":"x","confidence":0}]' WHERE id = '$doc'`, "row-changed", -1},
		{"a salt is changed", `UPDATE log_salts SET salt = 'x' WHERE document = '$refused'`, "row-changed", -2},
		{"a file is exchanged", `UPDATE made SET digest = '` + digest.Of([]byte("forged")).String() + `' WHERE document = '$doc' AND part = 'sealed'`, "row-changed", -2},
		{"a file is removed", `DELETE FROM made WHERE document = '$doc' AND part = 'text'`, "row-removed", -2},
		{"a file is added", `INSERT INTO made SELECT document, version, 'renewed-1', digest FROM made WHERE document = '$doc' AND part = 'scan'`, "row-inserted", -1},
		{"a file in the document is exchanged", `UPDATE documents SET parts = replace(parts, '"sealed":"', '"sealed":"0') WHERE id = '$doc'`, "document", -2},
		{"files of the document are written otherwise", `UPDATE documents SET parts = parts||' ' WHERE id = '$doc'`, "document", -2},
		{"a state is changed", `UPDATE documents SET state = 'normalised' WHERE id = '$refused'`, "document", -2},
		{"a version is changed", `UPDATE documents SET version = version + 1 WHERE id = '$doc'`, "document", -2},
		{"a document is moved to another slot", `UPDATE documents SET slot = 'T3' WHERE id = '$refused'`, "document", -2},
		{"a document is removed", `DELETE FROM documents WHERE id = '$doc'`, "document", -2},
		{"a document is inserted", `INSERT INTO documents SELECT 'new', dossier, 'T3', kind, state, version, media, size, pages, received, changed, parts, fields, why, '', 0, 0, 0, 0, demo, proof_until, proof_by, 0, 0, flaw, agency, lane FROM documents WHERE id = '$refused'`, "document", -1},
		{"an intent is removed", `DELETE FROM intents WHERE document = '$doc'`, "row-removed", -2},
		{"an intent is changed", `UPDATE intents SET to_sign = signer WHERE document = '$doc'`, "row-changed", -2},
		{"what was done to a dossier is removed", `DELETE FROM events WHERE act = 'resolved' AND dossier = (SELECT dossier FROM documents WHERE id = '$doc')`, "row-removed", -2},
		{"a dossier is given to another holder", `UPDATE dossiers SET holder = 'other' WHERE code = (SELECT dossier FROM documents WHERE id = '$doc')`, "row-changed", -2},
		{"a dossier is resolved earlier", `UPDATE dossiers SET resolved = resolved - 1 WHERE code = (SELECT dossier FROM documents WHERE id = '$doc')`, "row-changed", -2},
		{"a dossier is removed", `DELETE FROM dossiers WHERE code = (SELECT dossier FROM documents WHERE id = '$doc')`, "row-removed", -2},
		{"an entry is given to another holder", `UPDATE entries SET holder = 'other' WHERE document = '$doc'`, "row-changed", -1},
		{"an entry is removed", `DELETE FROM entries WHERE document = '$doc'`, "row-changed", -1},
		{"a paper is used again without a word", `INSERT INTO reuses SELECT dossier, 'T3', id FROM entries WHERE document = '$doc'`, "row-changed", -1},
	}
	h := newHouse(t)
	docs := h.busy(20)
	doc, refused := string(docs[14].ID), string(docs[15].ID)
	if r := h.audit(); len(r.Findings) > 0 {
		t.Fatalf("before any attack: %v", r.Findings)
	}
	if h.address != "" {
		h.must(save(h.ctx, h.address, "_busy"))
	}
	for _, a := range attacks {
		t.Run(a.name, func(t *testing.T) {
			if strings.Contains(a.do, "CAST(event AS BLOB)") && h.address != "" {
				t.Skip("a text column of PostgreSQL holds no bytes")
			}
			h := h.copied(t)
			h.sql(strings.NewReplacer("$doc", doc, "$refused", refused).Replace(a.do))
			r := h.audit()
			i := slices.IndexFunc(r.Findings, func(f ledger.Finding) bool {
				return f.Code == a.code && (a.place == -2 && f.Place >= 0 || f.Place == a.place)
			})
			if i < 0 {
				t.Fatalf("not found, only %v", r.Findings)
			}
			f := r.Findings[i]
			about := strings.Contains(a.do, "$doc") && !strings.Contains(a.do, "dossiers") && !strings.Contains(a.do, "reuses") && !strings.Contains(a.do, "events") && f.Document != doc ||
				strings.Contains(a.do, "$refused") && f.Document != refused && f.Document != "new"
			if about {
				t.Errorf("the document is not named: %v", f)
			}
			if most := map[bool]int{true: 4, false: 10}[strings.Contains(a.do, "$")]; len(r.Findings) > most && !strings.Contains(a.do, "zeroblob(length") && !strings.Contains(a.name, "and the next is gone") {
				t.Errorf("%d findings for one row: %v", len(r.Findings), r.Findings)
			}
			t.Log(f)
		})
	}
}

// Whoever rewrites rows, events and every hash consistently, or cuts the tail
// off, is found by what an outsider kept.
func TestAuditAgainstAnOutsider(t *testing.T) {
	rehash := func(h *house) {
		h.t.Helper()
		events, err := all(h.ctx, h.read, single[string], "SELECT event FROM log_events ORDER BY place")
		h.must(err)
		h.sql("DELETE FROM log_events", "DELETE FROM log_tiles", "UPDATE log_head SET size = 0")
		h.must(h.tx(h.ctx, func(tx *sql.Tx) error {
			g, err := h.DB.grow(h.ctx, tx, 0)
			if err != nil {
				return err
			}
			for _, e := range events {
				if err := g.add(e); err != nil {
					return err
				}
			}
			return g.keep()
		}))
	}
	h := newHouse(t)
	h.busy(5)
	first := h.kept()
	docs := h.busy(5)
	second := h.kept()
	doc := string(docs[2].ID)
	h.sql(`UPDATE log_events SET event = replace(event, '"who":"officer"', '"who":"somebody"') WHERE document = '`+doc+`'`,
		`UPDATE changes SET who = 'somebody' WHERE who = 'officer' AND document = '`+doc+`'`)
	rehash(h)
	if r := h.audit(); len(r.Findings) > 0 {
		t.Fatalf("not consistent, so no test: %v", r.Findings)
	}
	r := h.audit(first, second)
	if len(r.Findings) != 1 || r.Findings[0].Code != "checkpoint" || !strings.Contains(r.Findings[0].English, fmt.Sprintf("from %d to %d", first.Size, second.Size-1)) {
		t.Errorf("rewritten: %v", r.Findings)
	}

	h = newHouse(t)
	h.busy(5)
	first = h.kept()
	h.sql(`CREATE TABLE gone AS SELECT DISTINCT document FROM log_events WHERE place >= 60 AND document IS NOT NULL`)
	all := h.kept()
	h.sql(`DELETE FROM log_events WHERE place >= 60`)
	rehash(h)
	r = h.audit(all)
	if !slices.ContainsFunc(r.Findings, func(f ledger.Finding) bool {
		return f.Code == "truncated" && strings.Contains(f.English, fmt.Sprintf("60 to %d", all.Size-1))
	}) {
		t.Errorf("cut off: %v", r.Findings)
	}
}

// Events get places without gaps, each once, each document's moves in order,
// however many write and number at once.
func TestNumberingAtOnce(t *testing.T) {
	h := newHouse(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 6 {
				d := h.add(h.newDossier().Code, "T1")
				for d.State != dossier.Normalised {
					var err error
					if d, err = h.Advance(h.ctx, d, change(onward(d.State))); err != nil {
						t.Error(err)
						return
					}
				}
			}
		})
		wg.Go(func() {
			for range 20 {
				if _, err := h.NumberEvents(h.ctx); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	size, err := h.NumberEvents(h.ctx)
	h.must(err)
	if r := h.audit(h.kept()); len(r.Findings) > 0 || r.Events != size || size != 24*4 || r.Waiting != 0 {
		t.Errorf("%d events: %+v", size, r)
	}
}

// Two machines whose clocks differ wrote one document's moves.
func TestMovesInOrderWhateverTheClocks(t *testing.T) {
	event := func(id, document string, version int64) waiting {
		return waiting{id, string(ledger.Event{ID: id, Kind: ledger.Move, Act: "a", Document: document, State: "s", Version: version}.Bytes())}
	}
	events := []waiting{event("5", "d", 1), event("3", "d", 2), event("4", "e", 0), event("1", "d", 3)}
	if err := inOrder(events); err != nil {
		t.Fatal(err)
	}
	var got string
	for _, w := range events {
		got += w.id
	}
	if got != "5341" {
		t.Errorf("order %s", got)
	}
}

// A failed move leaves no event, and one that was broken off is numbered by the
// next life of the house.
func TestEventsAreOfTheTransaction(t *testing.T) {
	h := newHouse(t)
	d := h.add(h.newDossier().Code, "T1")
	_, err := h.Advance(h.ctx, dossier.Document{ID: d.ID, State: d.State, Version: 7}, change(onward(d.State)))
	if !errors.Is(err, dossier.ErrConflict) {
		t.Fatal(err)
	}
	h.must(h.Close())
	h.open()
	size, err := h.NumberEvents(h.ctx)
	h.must(err)
	if r := h.audit(); size != 2 || len(r.Findings) > 0 {
		t.Errorf("%d events, %v", size, r.Findings)
	}
}

func TestDemoMayGo(t *testing.T) {
	h := newHouse(t)
	h.busy(2)
	h.demonstrate(h.to(h.add(h.newDossier().Code, "T1"), dossier.Archived))
	_, err := h.NumberEvents(h.ctx)
	h.must(err)
	before := h.kept()
	if _, _, err := h.RemoveDemo(h.ctx, "operator"); err != nil {
		t.Fatal(err)
	}
	if r := h.audit(before); len(r.Findings) > 0 {
		t.Errorf("after the removal: %v", r.Findings)
	}
}

// A database from before the log has its rows taken in, in order, and is audited
// like any other.
func TestOlderRowsAreTakenIn(t *testing.T) {
	h := newHouse(t)
	docs := h.busy(20)
	h.sql("DELETE FROM log_events", "DELETE FROM log_tiles", "DELETE FROM log_salts", "UPDATE log_head SET size = 0, taken = 0")
	h.must(h.Close())
	h.open()
	r := h.audit(h.kept())
	if len(r.Findings) > 0 || r.Events != 20*(1+5+1+10+1)-20 && r.Events < 250 {
		t.Errorf("taken in: %+v", r)
	}
	placed, err := h.LogOf(h.ctx, docs[0].ID)
	h.must(err)
	last := int64(-1)
	for _, p := range placed {
		if p.Kind == "move" {
			if p.Version != last+1 {
				t.Errorf("version %d after %d", p.Version, last)
			}
			last = p.Version
		}
	}
	if last != docs[0].Version {
		t.Errorf("up to version %d of %d", last, docs[0].Version)
	}
	size := r.Events
	h.must(h.Close())
	h.open()
	if r := h.audit(); r.Events != size {
		t.Errorf("opened again: %d events, had %d", r.Events, size)
	}
}

func TestProofsFromRows(t *testing.T) {
	h := newHouse(t)
	docs := h.busy(20)
	c := h.kept()
	place, err := h.FindEvent(h.ctx, "", docs[3].ID, 2)
	h.must(err)
	p, err := h.ProveEvent(h.ctx, place, c.Size, nil)
	h.must(err)
	if err := tlog.CheckRecord(p.Path, c.Size, c.Root, place, tlog.RecordHash([]byte(p.Event))); err != nil {
		t.Error(err)
	}
	e, err := ledger.Parse(p.Event)
	h.must(err)
	if again, err := h.FindEvent(h.ctx, e.ID, "", 0); err != nil || again != place || e.Document != string(docs[3].ID) || e.Version != 2 {
		t.Errorf("event %+v at %d: %v", e, again, err)
	}
	looked, err := h.Looked(h.ctx, h.holder, 5)
	h.must(err)
	if len(looked) != 5 || looked[0].Place < looked[1].Place {
		t.Errorf("who looked: %+v", looked)
	}
}

// auditLog is the part of an audit that needs the log alone: events, hashes,
// tiles, and each document's moves.
func (h *house) auditLog(t testing.TB) {
	conn, err := h.read.Conn(h.ctx)
	h.must(err)
	defer conn.Close()
	a := &audit{ctx: h.ctx, conn: conn, bundleQuery: h.bundleQuery(), seed: maphash.MakeSeed()}
	steps := []func() error{a.events, a.edge}
	if h.address == "" {
		steps[0] = a.eventPages
	}
	h.must(a.run(steps))
	if len(a.report.Findings) > 0 {
		t.Fatal(a.report.Findings)
	}
}
