package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/storage/sqldb"
)

// ledgerHouse is a data directory with a ledger of some events.
func ledgerHouse(t *testing.T, events int) string {
	t.Helper()
	data := t.TempDir()
	db, err := sqldb.Open(t.Context(), filepath.Join(data, "sohoa.db"), sqldb.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	for i := range events {
		if err := db.Note(t.Context(), dossier.Reading{Act: dossier.ReadViewed, Who: "p-1", By: dossier.Auditor, Document: dossier.DocumentID(fmt.Sprint("d", i)), Holder: "h"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return data
}

// spoil does to the rows what somebody with the database's file can.
func spoil(t *testing.T, data string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(data, "sohoa.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

func audited(t *testing.T, want int, args ...string) string {
	t.Helper()
	code, out, message := sohoa(t, append([]string{"audit"}, args...)...)
	if code != want {
		t.Fatalf("sohoa audit %v: exit %d, want %d: %s%s", args, code, want, out, message)
	}
	return out
}

// The whole way: signed, time-stamped, verified, proven, checked with files
// alone, under a second key.
func TestAuditCommands(t *testing.T) {
	data, dir := ledgerHouse(t, 20), t.TempDir()
	first, proof := filepath.Join(dir, "first"), filepath.Join(dir, "p.tlog-proof")
	audited(t, exitUsage, "verify", "--data", filepath.Join(dir, "nowhere"))
	audited(t, exitUsage, "prove", "3", "-o", proof, "--data", data) // no checkpoint yet
	if out := audited(t, exitDone, "verify", "--data", data); !strings.Contains(out, "20 chưa đánh số") || !strings.Contains(out, "there is no checkpoint yet") {
		t.Errorf("before any checkpoint: %s", out)
	}
	audited(t, exitDone, "checkpoint", "-o", first, "--data", data)
	out := audited(t, exitDone, "verify", "--data", data, "--checkpoint", first)
	if !strings.Contains(out, "KHỚP / HOLDS: 20") || !strings.Contains(out, "time-stamped: 1, mang từ ngoài / brought: 1") {
		t.Errorf("verify: %s", out)
	}
	audited(t, exitDone, "prove", "3", "-o", proof, "--data", data)
	key := strings.TrimSpace(audited(t, exitDone, "key", "--data", data))
	if out := audited(t, exitDone, "check", proof, "--key", key, "--checkpoint", first); !strings.Contains(out, "sự kiện / event 3 / 20") || !strings.Contains(out, `"document":"d3"`) {
		t.Errorf("check: %s", out)
	}
	var told struct{ Event struct{ ID string } }
	if err := json.Unmarshal([]byte(audited(t, exitDone, "check", proof, "--key", key, "--json")), &told); err != nil {
		t.Fatal(err)
	}
	audited(t, exitDone, "prove", told.Event.ID, "-o", proof, "--data", data, "--checkpoint", first)

	b, err := os.ReadFile(proof)
	if err != nil {
		t.Fatal(err)
	}
	forged := filepath.Join(dir, "forged")
	if err := os.WriteFile(forged, []byte(strings.Replace(string(b), "index 3", "index 4", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	audited(t, exitLedger, "check", forged, "--key", key)
	audited(t, exitLedger, "check", proof, "--key", strings.TrimSpace(audited(t, exitDone, "key", "--data", keyed(t))))
	audited(t, exitUsage, "check", proof)

	second := filepath.Join(dir, "second")
	audited(t, exitDone, "rotate", "-o", second, "--data", data)
	keys := strings.Fields(audited(t, exitDone, "key", "--data", data))
	if len(keys) != 2 || keys[0] != key {
		t.Fatalf("keys after the change: %v", keys)
	}
	for _, k := range keys { // both signed at the change
		audited(t, exitDone, "verify", "--data", data, "--key", keys[0], "--key", keys[1], "--checkpoint", second)
		audited(t, exitDone, "prove", "20", "-o", proof, "--data", data)
		audited(t, exitDone, "check", proof, "--key", k)
	}
}

// keyed is another house with a key of its own.
func keyed(t *testing.T) string {
	t.Helper()
	data := ledgerHouse(t, 1)
	audited(t, exitDone, "checkpoint", "--data", data)
	return data
}

// What somebody with the database's file does to it is found, and what they did
// to every row and hash alike by what was kept outside.
func TestAuditFinds(t *testing.T) {
	data, dir := ledgerHouse(t, 20), t.TempDir()
	first := filepath.Join(dir, "first")
	audited(t, exitDone, "checkpoint", "-o", first, "--data", data)
	drop := []string{"DROP TRIGGER log_events_once", "DROP TRIGGER log_events_kept", "DROP TRIGGER log_checkpoints_once", "DROP TRIGGER log_checkpoints_kept", "DROP TRIGGER log_tiles_grow", "DROP TRIGGER log_tiles_kept", "DROP TRIGGER log_head_grow"}
	spoil(t, data, append(drop, `UPDATE log_events SET event = replace(event, 'p-1', 'p-2') WHERE place = 7`)...)
	var r struct {
		Findings []struct {
			Code, Document string
			Place          int64
		}
	}
	if err := json.Unmarshal([]byte(audited(t, exitLedger, "verify", "--json", "--data", data)), &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Findings) != 2 || r.Findings[0].Code != "checkpoint" || r.Findings[1].Code != "changed" || r.Findings[1].Place != 7 || r.Findings[1].Document != "d7" {
		t.Errorf("findings: %+v", r.Findings)
	}
	spoil(t, data, `UPDATE log_events SET event = replace(event, 'p-2', 'p-1') WHERE place = 7`)
	audited(t, exitDone, "verify", "--data", data)

	spoil(t, data, `UPDATE log_checkpoints SET note = replace(note, '20', '21')`)
	if out := audited(t, exitLedger, "verify", "--data", data); !strings.Contains(out, "signature:") || !strings.Contains(out, "blob:") {
		t.Errorf("a forged checkpoint: %s", out)
	}
	spoil(t, data, `UPDATE log_checkpoints SET note = replace(note, '21', '20'), stamp = sum`)
	if out := audited(t, exitLedger, "verify", "--data", data); !strings.Contains(out, "stamp:") {
		t.Errorf("a time-stamp that is none: %s", out)
	}
	// The tail is cut off, as if it had never been: only an outsider can tell.
	spoil(t, data, `DELETE FROM log_checkpoints`, `DELETE FROM log_events WHERE place >= 12`,
		`UPDATE log_tiles SET hashes = CAST(substr(hashes, 1, 12 * 32) AS BLOB)`, `UPDATE log_head SET size = 12`)
	audited(t, exitDone, "verify", "--data", data)
	if out := audited(t, exitLedger, "verify", "--data", data, "--checkpoint", first); !strings.Contains(out, "truncated") || !strings.Contains(out, "from 12 to 19") {
		t.Errorf("cut off: %s", out)
	}
}

// Nothing is signed over a log that no longer holds what was signed last, nor
// with a key that others may read.
func TestAuditSignsNoFork(t *testing.T) {
	data := ledgerHouse(t, 20)
	audited(t, exitDone, "checkpoint", "--data", data)
	spoil(t, data, "DROP TRIGGER log_tiles_grow", `UPDATE log_tiles SET hashes = zeroblob(640)`)
	db, err := sqldb.Open(t.Context(), filepath.Join(data, "sohoa.db"), sqldb.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	err = db.Note(t.Context(), dossier.Reading{Act: dossier.LoggedIn, Who: "p-1"})
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	audited(t, exitLedger, "checkpoint", "--data", data)
	if err := os.Chmod(filepath.Join(data, "ledger", "key"), 0o644); err != nil {
		t.Fatal(err)
	}
	if code, _, message := sohoa(t, "audit", "checkpoint", "--data", data); code != exitOurs || !strings.Contains(message, "chmod 600") {
		t.Errorf("a key that others may read: exit %d: %s", code, message)
	}
}
