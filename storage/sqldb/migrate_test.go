package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pressly/goose/v3"

	"sohoa/dossier"
)

// released is the version of the tables of the last release.
const released = 61

// losing is what somebody may have put there, or left, that keeps a step from
// being taken back: how it is put, and taken away again. $paper is an archived
// paper, $dossier its dossier.
var losing = [...]struct{ why, put, away string }{
	{"step 71 would lose 1 acts on records", "INSERT INTO record_acts (id, act, deed, refers, said, who, role, at, why, salt, demo) VALUES ('A', 'withdraw', 'A', '', '', 'clerk', 'clerk', 1, '', '', 1)", "DELETE FROM record_acts"},
	{"step 71 would lose 1 days of birth", "UPDATE holders SET born = '1990-01-01' WHERE number = '008199012345'", "UPDATE holders SET born = ''"},
	{"step 72 would lose 1 norms", "INSERT INTO norms (" + normColumns + ") VALUES ('N', 'code', '', '2031-01-01', 'x', 'x', '', 'I', '', 'admin', 1, 1)", "DELETE FROM norms WHERE id = 'N'"},
	{"step 72 would lose 1 rules of keeping", "INSERT INTO retention_rules (id, kind, years, since, law, article, grade, note, who, at, demo) VALUES ('R', '#B1', 5, '2031-01-01', 'x', '', 'I', '', 'admin', 1, 1)", "DELETE FROM retention_rules WHERE id = 'R'"},
	{"step 73 would lose 2 codes", "INSERT INTO result_codes (document, code, norm, demo) SELECT id, 'KQ'||slot, 'norm-code-1', 1 FROM documents WHERE state = 'received'", "DELETE FROM result_codes WHERE demo = 1"}, // those without a number are made anew
	{"step 74 would lose 1 receipts", "INSERT INTO deliveries (dossier, owed, sent, receipt) VALUES ('$dossier', 1, 1, 'X')", "UPDATE deliveries SET sent = 0, receipt = ''"},                                          // owed alone is made anew
	{"step 75 would lose 1 settings of agencies", "INSERT INTO line_shares (agency, weight) VALUES ('H60.13', 30)", "UPDATE line_shares SET weight = 10"},
	{"step 75 would lose 1 papers in another lane", "UPDATE documents SET lane = 3 WHERE state = 'received' AND slot = 'T1'", "UPDATE documents SET lane = 2"},
	{"step 75 would lose 1 halts", fmt.Sprint("UPDATE documents SET next_try = ", int64(never), " WHERE state = 'received' AND slot = 'T1'"), "UPDATE documents SET next_try = 0"},
	{"step 76 would lose 1 pages", "INSERT INTO page_work (document, version, page, result) VALUES ('$paper', 1, 0, '')", "DELETE FROM page_work"},
	{"step 79 would lose 1 locks", "UPDATE people SET locked = 1 WHERE id = 'giver'", "UPDATE people SET locked = 0"},
	{"step 79 would lose 1 first passwords", "UPDATE people SET first = 1 WHERE id = 'giver'", "UPDATE people SET first = 0"},
	{"step 80 would lose 1 second factors", "INSERT INTO factors (person, secret, since, step) VALUES ('giver', 'x', 1, 0)", "UPDATE factors SET since = 0"}, // begun and not confirmed
	{"step 81 would lose 1 delegations", "INSERT INTO delegations (id, giver, taker, role, agency, why, at, until, salt, demo) VALUES ('D', 'a', 'b', 'clerk', '', 'x', 1, 2, '', 1)", "DELETE FROM delegations"},
	{"step 81 would lose 1 openings", "INSERT INTO broken_glass (id, person, role, dossier, why, at, until, salt, demo) VALUES ('G', 'a', 'auditor', '$dossier', 'x', 1, 2, '', 1)", "DELETE FROM broken_glass"},
	{"step 90 would lose 1 accounts of programs", "UPDATE people SET service = 1 WHERE id = 'giver'", "UPDATE people SET service = 0"},
	{"step 90 would lose 1 keys of programs", "INSERT INTO api_keys (id, account, secret, head, acts, agency, why, who, role, at, until, salt, demo) VALUES ('K', 'giver', 'x', 'x', 'look', 'H60', 'x', 'a', 'admin', 1, 2, '', 1)", "DELETE FROM api_keys"},
	{"step 92 would lose 1 addresses", "INSERT INTO hooks (id, url, secret, agency, why, who, at) VALUES ('H', 'https://a', '', 'H60', '', 'a', 1)", "DELETE FROM hooks"},
	{"step 95 would lose 1 accounts of scanners", "INSERT INTO scanners (id, login, agency, secret, why, who, at, until) VALUES ('S', 's', 'H60.12', 'x', 'x', 'a', 1, 2)", "DELETE FROM scanners"},
	{"step 95 would lose 1 files that scanners brought", "INSERT INTO drops (id, agency, source, inbox, name, size, at, state) VALUES ('D', 'H60.12', 'folder', 'f', 'a', 1, 1, 'refused')", "DELETE FROM drops"},
	{"step 97 would lose 1 batches", "INSERT INTO paper_batches (id, agency, who, at, feed, keep, standing) VALUES ('B', 'H60', 'a', 1, 'single', 0, 'waiting')", "DELETE FROM paper_batches"},
	{"step 103 would lose 1 passkeys", "INSERT INTO passkeys (id, person, name, key, count, synced, at, seen, doubt) VALUES ('P', 'giver', 'x', 'x', 0, 0, 1, 0, 0)", "DELETE FROM passkeys"},
	{"step 116 would lose 1 ratings", "INSERT INTO ratings (dossier, score, at) VALUES ('$dossier', 5, 1)", "DELETE FROM ratings"},
	{"step 104 would lose 1 people", "INSERT INTO identities (issuer, subject, person, at) VALUES ('https://a', 's', 'giver', 1)", "DELETE FROM identities"},
	{"step 107 would lose 1 originals", "INSERT INTO disposed_originals (document, part, sum) VALUES ('D', 'brought-1', 'x')", "DELETE FROM disposed_originals"},
	{"step 111 would lose 1 people", "INSERT INTO notice_contacts (id, dossier, channel, address, shown, lang, token, who, at) VALUES ('C', '$dossier', 'mail', 'x', 'x', 'vi', 't', 'a', 1)", "DELETE FROM notice_contacts"},
	{"step 111 would lose 1 wordings", "INSERT INTO notice_templates (id, agency, kind, channel, lang, since, subject, body, who, at) VALUES ('T', '', 'ready', 'mail', 'vi', '2026-01-01', 'x', 'x', 'a', 1)", "DELETE FROM notice_templates WHERE id = 'T'"},
	{"step 111 would lose 1 ways", "INSERT INTO neighbours (name, kept) VALUES ('zns', 'x')", "DELETE FROM neighbours"},
	{"step 113 would lose 1 accounts", "INSERT INTO pay_accounts (id, agency, bin, number, name, since, who, at) VALUES ('P', 'H60', '970403', '1', 'x', '2026-01-01', 'a', 1)", "DELETE FROM pay_accounts"},
	{"step 113 would lose 1 fees", "INSERT INTO procedure_fees (id, procedure, amount, since, law, who, at) VALUES ('F', 'x', 1, '2026-01-01', 'x', 'a', 1)", "DELETE FROM procedure_fees"},
	{"step 112 would lose 1 dossiers", "INSERT INTO onestop_dossiers (code, came) VALUES ('X', 1)", "DELETE FROM onestop_dossiers"},
	{"step 119 would lose 1 versions", "INSERT INTO procedure_versions (procedure, version, until, name, field, days, subjects) SELECT code, 7, 1, 'x', '', 0, '' FROM procedures ORDER BY code LIMIT 1", "DELETE FROM procedure_versions"},
	{"step 119 would lose 1 differences", "INSERT INTO national_orders (code, sum, since, who, role, at) VALUES ('X', 'x', '', 'a', 'admin', 1)", "DELETE FROM national_orders"},
	{"step 120 would lose 1 questions", "INSERT INTO population_checks (id, dossier, holder, outcome, who, at) SELECT 'P', code, holder, 'matches', 'a', 1 FROM dossiers WHERE code = '$dossier'", "DELETE FROM population_checks"},
	{"step 100 would lose 1 archives", "INSERT INTO archive_imports (id, sum, agency, who, began, changed) VALUES ('A', 'x', 'H60', 'a', 1, 1)", "DELETE FROM archive_imports"},
}

// Steps are taken back and forth; not where there is no way back, not where it
// would lose what somebody put there, not under a service, and never by halves.
// The way back to the last release ends in its tables, and what they are owed is
// done again there, and after the way forth.
func TestStepsBackAndForth(t *testing.T) {
	h := newHouse(t)
	paper := h.in(dossier.Archived)
	open := h.newDossier().Code
	h.add(open, "T1")
	h.add(open, "T2")
	h.must(h.PutPerson(h.ctx, dossier.Person{ID: "giver", Login: "giver", Name: "Người giao", Role: dossier.Clerk, Agency: "H60.12"}, "hash"))
	h.blockOf = 1
	h.index()
	if _, err := h.SealSearch(h.ctx, nil); err != nil {
		t.Fatal(err)
	}
	names := strings.NewReplacer("$paper", string(paper.ID), "$dossier", string(paper.Dossier))
	for _, l := range losing {
		h.run(names.Replace(l.put))
		h.staysWhole(released, l.why)
		h.run(l.away)
	}
	h.staysWhole(60, "no way back")
	h.staysWhole(1000, "is asked for")
	if h.address != "" {
		h.must(h.MoveIn(h.ctx))
		h.staysWhole(released, "a service is working")
	}
	h.audited()
	code, err := h.ResultCode(h.ctx, paper.ID)
	h.must(err)
	h.must(h.Close())
	h.must(h.at().DownTo(h.ctx, released))
	list, err := h.at().Steps(h.ctx)
	h.must(err)
	for _, s := range list {
		if s.Applied != (s.Version <= released) || !s.Back && s.Version > released {
			t.Errorf("after the way back: %+v", s)
		}
	}
	got, want := h.shape(h.at()), h.shape(h.fresh(released))
	for _, s := range got {
		if !slices.Contains(want, s) {
			t.Errorf("after the way back there is\n%s", s)
		}
	}
	for _, s := range want {
		if !slices.Contains(got, s) {
			t.Errorf("after the way back there is no\n%s", s)
		}
	}
	for what, query := range map[string]string{"owed to the search": "SELECT COUNT(*) FROM search_owed", "found by": "SELECT 1 - COUNT(*) FROM search_docs"} {
		if n := h.count(h.at(), query); n != 1 {
			t.Errorf("after the way back: %s: %d", what, n)
		}
	}
	h.must(h.at().Up(h.ctx))
	h.open()
	if jobs := h.leased(5); len(jobs) != 2 {
		t.Errorf("the papers came back as %v", jobs)
	}
	if again, err := h.ResultCode(h.ctx, paper.ID); err != nil || again != code {
		t.Errorf("the code came back as %v, was %v, %v", again, code, err)
	}
	h.index()
	h.finds(asked(string(paper.Dossier)), string(paper.ID))
	h.audited()
	// these are never taken away again
	h.run(names.Replace("INSERT INTO entries (id, holder, kind, document, dossier, added, expires, number, title, issuer, issued, scope) SELECT 'S', e.holder, e.kind, d.id, d.dossier, 1, '', '', '', '', '', 'H60' FROM entries e JOIN documents d ON d.state = 'received' AND d.slot = 'T1'"))
	h.staysWhole(released, "step 71 would lose 1 areas")
	h.run(names.Replace("INSERT INTO events (id, dossier, act, who, at, slot, entry, amount) VALUES ('E', '$dossier', 'decided', 'clerk', 1, 'T1', 'digitise+1', 3)"))
	h.staysWhole(released, "step 65 would lose 1 counts of pages")
}

// staysWhole asks for the way back to a version, which is refused and changes
// nothing.
func (h *house) staysWhole(version int64, why string) {
	h.t.Helper()
	if err := h.at().DownTo(h.ctx, version); !errors.Is(err, ErrStep) || !strings.Contains(err.Error(), why) {
		h.t.Errorf("back to %d: %v, want %q", version, err, why)
	}
	list, err := h.at().Steps(h.ctx)
	h.must(err)
	for _, s := range list {
		if !s.Applied {
			h.t.Fatalf("step %d is gone after a refusal", s.Version)
		}
	}
}

// fresh makes an empty database whose tables have a version.
func (h *house) fresh(version int64) At {
	h.t.Helper()
	at := At{Path: filepath.Join(h.t.TempDir(), "fresh.db")}
	if h.address != "" {
		at = At{Address: schema(h.t, os.Getenv("SOHOA_TEST_POSTGRES"))}
	} else {
		h.must(os.WriteFile(at.Path, nil, 0o600))
	}
	h.must(at.stepping(h.ctx, func(p *goose.Provider, _ *sql.DB) error {
		_, err := p.UpTo(h.ctx, version)
		return err
	}))
	return at
}

func (h *house) count(at At, query string) (n int64) {
	h.t.Helper()
	h.must(at.stepping(h.ctx, func(_ *goose.Provider, db *sql.DB) (err error) {
		n, err = one(h.ctx, db, single[int64], query)
		return err
	}))
	return n
}

// shape lists the columns, indexes, triggers, views and functions of a database.
func (h *house) shape(at At) (found []string) {
	h.t.Helper()
	queries := []string{
		"SELECT m.name||' '||c.name||' '||c.type||' '||c.\"notnull\"||' '||COALESCE(c.dflt_value, '')||' '||c.pk FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'",
		"SELECT COALESCE(sql, name) FROM sqlite_master WHERE type <> 'table'",
	}
	if at.Address != "" {
		queries = []string{
			"SELECT table_name||' '||column_name||' '||data_type||' '||is_nullable||' '||COALESCE(column_default, '')||' '||COALESCE(collation_name, '') FROM information_schema.columns WHERE table_schema = current_schema()",
			"SELECT replace(indexdef, current_schema()||'.', '') FROM pg_indexes WHERE schemaname = current_schema()",
			"SELECT replace(pg_get_triggerdef(t.oid), current_schema()||'.', '') FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE c.relnamespace = current_schema()::regnamespace AND NOT t.tgisinternal",
			"SELECT c.conname||' '||pg_get_constraintdef(c.oid) FROM pg_constraint c WHERE c.connamespace = current_schema()::regnamespace",
			"SELECT proname||prosrc FROM pg_proc WHERE pronamespace = current_schema()::regnamespace",
		}
	}
	h.must(at.stepping(h.ctx, func(_ *goose.Provider, db *sql.DB) error { return listInto(h.ctx, db, &found, queries) }))
	slices.Sort(found)
	return found
}

func listInto(ctx context.Context, db *sql.DB, found *[]string, queries []string) error {
	for _, q := range queries {
		some, err := all(ctx, db, single[string], q)
		if err != nil {
			return err
		}
		*found = append(*found, some...)
	}
	return nil
}
