package sqldb

import (
	"context"
	"database/sql"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/backlog"
	"sohoa/dossier/catalogue"
	"sohoa/dossier/digest"
	"sohoa/dossier/project"
)

// dump returns every row of the house as text, by table.
func (h *house) dump() map[string][]string {
	h.t.Helper()
	found := map[string][]string{}
	for _, table := range []string{"agencies", "kinds", "procedures", "components", "people", "sessions", "holders", "dossiers",
		"factors", "recovery_codes", "devices", "passkeys", "identities", "door_tickets", "delegations", "delegation_ends", "broken_glass", "api_keys", "api_key_ends", "api_key_uses", "api_jobs", "api_callbacks", "hooks", "hook_deliveries", "notice_contacts", "notices", "notice_templates", "onestop_dossiers", "pay_accounts", "procedure_fees",
		"procedure_versions", "population_checks", "national_procedures", "national_orders", "serials", "documents", "entries", "reuses", "changes", "made", "intents", "events",
		"archive_imports", "archive_faults", "archive_papers", "projects", "project_people", "project_ties", "project_papers", "project_days", "project_lots", "lot_rounds", "lot_picks"} {
		rows, err := h.read.QueryContext(h.ctx, "SELECT * FROM "+table)
		h.must(err)
		columns, err := rows.Columns()
		h.must(err)
		for rows.Next() {
			values, into := make([]any, len(columns)), make([]any, len(columns))
			for i := range values {
				into[i] = &values[i]
			}
			h.must(rows.Scan(into...))
			found[table] = append(found[table], fmt.Sprintln(values...))
		}
		h.must(rows.Err())
		slices.Sort(found[table])
	}
	return found
}

// demonstrate puts a demonstration into the house, as close to real rows as it
// can come: an agency below a real one, a shared kind, the same bytes.
func (h *house) demonstrate(real dossier.Document) (only, shared []digest.Digest) {
	h.t.Helper()
	h.must(h.PutAgency(h.ctx, dossier.Agency{Code: "H60.99", Parent: "H60", Name: "Xã Mẫu", Tier: dossier.Commune, Demo: true}))
	h.must(h.PutAgency(h.ctx, dossier.Agency{Code: "H60.99.1", Parent: "H60.99", Name: "Thôn Mẫu", Tier: dossier.Commune, Demo: true}))
	h.must(h.PutKind(h.ctx, dossier.Kind{Code: "MAU", Name: "Giấy mẫu", Demo: true}))
	h.must(h.PutProcedure(h.ctx, dossier.Procedure{Code: "mau", Level: dossier.Full, Demo: true, ResultKind: "MAU",
		Components: []dossier.Component{{Slot: "T1", Kind: "MAU", Required: true, Digitise: true}, {Slot: "T2", Kind: "MAU"}, {Slot: "T3", Kind: "MAU"}}}))
	h.must(h.PutPerson(h.ctx, dossier.Person{ID: "demo", Login: "demo", Role: dossier.Counter, Agency: "H60.99", Demo: true}, "x"))
	h.must(h.AddSession(h.ctx, digest.Of([]byte("session")), stay("demo", 10000*time.Hour)))
	holder := h.someone("999", true)
	var docs []dossier.Document
	for range 2 {
		d, err := h.AddDossier(h.ctx, dossier.Dossier{Procedure: "mau", Receiving: "H60.99", Holder: holder}, "demo")
		h.must(err)
		if !d.Demo {
			h.t.Error("what an agency of the demonstration receives is not marked")
		}
		docs = append(docs, h.to(h.add(d.Code, "T1"), dossier.Archived), h.to(h.add(d.Code, "T2"), dossier.Normalised))
	}
	same := scan(docs[0].Dossier, "T3", "")
	same.Parts[dossier.PartScan] = real.Parts[dossier.PartScan] // the bytes of a real paper
	_, err := h.Add(h.ctx, same, "demo")
	h.must(err)
	h.must(h.RecordIntent(h.ctx, dossier.Intent{Document: docs[0].ID, At: noon}))
	third, err := h.AddDossier(h.ctx, dossier.Dossier{Procedure: "mau", Receiving: "H60.12", Holder: holder, Demo: true}, "demo")
	h.must(err)
	record, err := h.Entries(h.ctx, holder, time.Time{})
	h.must(err)
	h.must(h.Reuse(h.ctx, third.Code, "T1", record[0].ID, "demo"))
	h.demoProject(docs)
	for _, d := range docs {
		if !d.Demo {
			h.t.Errorf("%+v is not marked", d)
		}
		for _, sum := range d.Parts {
			only = append(only, sum)
		}
	}
	return only, []digest.Digest{real.Parts[dossier.PartScan]}
}

// demoProject has docs be an archive that was taken over for an agency of the
// demonstration, and a lot of a project of it, which a real person began.
func (h *house) demoProject(docs []dossier.Document) {
	h.t.Helper()
	var papers []dossier.DocumentID
	for _, d := range docs {
		papers = append(papers, d.ID)
	}
	i, err := h.BeginArchive(h.ctx, backlog.Import{Sum: digest.Of([]byte("demo")), Agency: "H60.99", Who: "demo"})
	h.must(err)
	h.must(h.ArchiveDone(h.ctx, i.ID, 0, len(docs), backlog.Counts{Rows: len(docs), Taken: len(docs)}, papers, []catalogue.Problem{{Row: 2, Field: "number", Code: "number-place", Note: true}}))
	h.must(h.EndArchive(h.ctx, i.ID, "demo"))
	p, err := h.AddProject(h.ctx, project.Plan{Name: "Kho mẫu", Agency: "H60.99", Dossiers: 9, From: "2026-11-02", To: "2026-12-31", Method: project.Sample, Level: "II", AQL: "6.5"}, leader)
	h.must(err)
	h.must(h.PutMember(h.ctx, p.ID, "demo", project.Bring, false, leader))
	h.must(h.TieToProject(h.ctx, p.ID, project.Tie{Source: project.Import, Ref: i.ID}, leader))
	if l, err := h.CloseLot(h.ctx, p.ID, 0, leader); err != nil || l.Size != len(docs) {
		h.t.Errorf("%+v, %v", l, err)
	}
	h.must(h.DrawLot(h.ctx, p.ID, 1))
}

func TestRemoveDemoLeavesWhatIsReal(t *testing.T) {
	h := newHouse(t)
	code := h.newDossier().Code
	real := h.to(h.add(code, "T1"), dossier.Archived)
	h.add(code, "T2")
	h.must(h.RecordIntent(h.ctx, dossier.Intent{Document: real.ID, At: noon}))
	h.must(h.PutPerson(h.ctx, dossier.Person{ID: "p", Login: "p", Role: dossier.Admin}, "x"))
	begun, err := h.BeginArchive(h.ctx, backlog.Import{Sum: digest.Of([]byte("real")), Agency: "H60", Who: "p"}) // of which an agency below is of the demonstration
	h.must(err)
	before := h.dump()
	only, shared := h.demonstrate(real)
	mixed, err := h.Documents(h.ctx, dossier.DocumentQuery{Limit: 100})
	h.must(err)
	for _, d := range mixed {
		if d.Demo {
			h.must(h.ArchiveDone(h.ctx, begun.ID, 0, 0, backlog.Counts{}, []dossier.DocumentID{d.ID}, nil))
		}
	}
	removed, orphans, err := h.RemoveDemo(h.ctx, "p")
	h.must(err)
	after := h.dump()
	var left []string
	for table := range after {
		for _, r := range after[table] {
			if !slices.Contains(before[table], r) {
				left = append(left, table+": "+r)
			}
		}
		for _, r := range before[table] {
			if !slices.Contains(after[table], r) && table != "serials" {
				t.Errorf("a real row of %s is gone: %s", table, r)
			}
		}
	}
	slices.Sort(left) // the event; and the serial of the real agency, which is not given again
	if len(left) != 2 || !strings.HasPrefix(left[0], "events: ") || !strings.HasPrefix(left[1], "serials: H60.12 261121 2") {
		t.Errorf("left behind: %q", left)
	}
	compare := func(a, b digest.Digest) int { return strings.Compare(a.String(), b.String()) }
	slices.SortFunc(only, compare)
	if !slices.Equal(orphans, only) || slices.Contains(orphans, shared[0]) {
		t.Errorf("%d orphans, want %d", len(orphans), len(only))
	}
	if removed != 5+3+1+1+2+1+1 { // documents, dossiers, holder, person, agencies, kind, procedure
		t.Errorf("removed %d", removed)
	}
	events, err := h.Events(h.ctx, "")
	h.must(err)
	if want := []dossier.Event{{Act: DemoRemoved, Who: "p", At: noon}}; !reflect.DeepEqual(events, want) {
		t.Errorf("events of the house: %+v", events)
	}
	if n, err := one(h.ctx, h.read, single[int], "SELECT amount FROM events WHERE act = $1", string(DemoRemoved)); err != nil || n != removed {
		t.Errorf("the event says %d, %v", n, err)
	}
	if again, orphans, err := h.RemoveDemo(h.ctx, "p"); again != 0 || orphans != nil || err != nil {
		t.Errorf("removed again: %d, %v, %v", again, orphans, err)
	}
	if n, err := affected(h.write.ExecContext(h.ctx, "DELETE FROM events WHERE dossier IS NULL")); err == nil {
		t.Errorf("%d events of the house deleted", n)
	}
}

// What real rows lean on stays, even if the demonstration brought it.
func TestRemoveDemoKeepsWhatIsNeeded(t *testing.T) {
	h := newHouse(t)
	h.must(h.PutAgency(h.ctx, dossier.Agency{Code: "H61", Name: "Tỉnh Mẫu", Demo: true}))
	h.must(h.PutAgency(h.ctx, dossier.Agency{Code: "H61.1", Parent: "H61", Name: "Xã Thật"}))
	h.must(h.PutKind(h.ctx, dossier.Kind{Code: "MAU", Demo: true}))
	h.must(h.PutProcedure(h.ctx, dossier.Procedure{Code: "mau", Demo: true, Components: []dossier.Component{{Slot: "T1", Kind: "MAU"}}}))
	holder := h.someone("5", true)
	real, err := h.AddDossier(h.ctx, dossier.Dossier{Procedure: "mau", Receiving: "H61.1", Holder: holder}, "counter")
	h.must(err)
	if real.Demo {
		t.Fatal("a real agency's dossier is of the demonstration")
	}
	d := h.to(h.add(real.Code, "T1"), dossier.Archived)
	removed, orphans, err := h.RemoveDemo(h.ctx, "p")
	if removed != 0 || orphans != nil || err != nil {
		t.Errorf("removed %d, %v, %v", removed, orphans, err)
	}
	if now, err := h.Document(h.ctx, d.ID); err != nil || !equalDocuments(now, d) {
		t.Errorf("%+v, %v", now, err)
	}
}

func TestRealAndDemoDoNotMix(t *testing.T) {
	h := newHouse(t)
	real := h.entry("T1")
	demo, err := h.AddDossier(h.ctx, dossier.Dossier{Procedure: procedure, Receiving: "H60.12", Holder: h.holder, Demo: true}, "counter")
	h.must(err)
	wantErr(t, "a real paper in a demonstration", h.Reuse(h.ctx, demo.Code, "T1", real.ID, "counter"), dossier.ErrForbidden)
	fake := h.to(h.add(demo.Code, "T1"), dossier.Archived)
	all, err := h.Entries(h.ctx, h.holder, time.Time{})
	h.must(err)
	i := slices.IndexFunc(all, func(e dossier.Entry) bool { return e.Document == fake.ID })
	wantErr(t, "a paper of the demonstration in a real dossier", h.Reuse(h.ctx, h.newDossier().Code, "T1", all[i].ID, "counter"), dossier.ErrForbidden)
	_, err = h.write.ExecContext(h.ctx, `INSERT INTO documents (id, dossier, slot, kind, state, version, media, size, pages, received, changed, parts, fields, why, demo)
		VALUES ('x', $1, 'T3', 'GKS', 'received', 0, '', 0, 0, 0, 0, '{}', '[]', '', 0)`, string(demo.Code))
	if err == nil {
		t.Error("a real document is in a dossier of the demonstration")
	}
}

// A removal that is broken off removes nothing.
func TestRemoveDemoIsWhole(t *testing.T) {
	h := newHouse(t)
	code := h.newDossier().Code
	h.demonstrate(h.add(code, "T1"))
	before := h.dump()
	if _, _, err := h.RemoveDemo(h.ctx, ""); err == nil { // the event at the end needs somebody
		t.Error("nobody removed the demonstration")
	}
	ctx, cancel := context.WithCancel(h.ctx)
	_ = h.tx(h.ctx, func(tx *sql.Tx) error {
		_, err := demoOnly(ctx, tx)
		h.must(err)
		cancel()
		_, err = tx.ExecContext(ctx, removals[0].statement)
		return err
	})
	if after := h.dump(); !reflect.DeepEqual(after, before) {
		t.Error("something is gone")
	}
}
