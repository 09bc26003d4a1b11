package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sohoa/dossier"
	"sohoa/storage/sqldb"
)

// packedUp takes every kind of package of an archived document beside the running
// service, by the command and by the page, and looks at each with the house's
// published key. Then what is not archived and what is not whole.
func packedUp(t *testing.T, r *running, db *sqldb.DB) {
	docs, err := db.Documents(t.Context(), sqldb.DocumentQuery{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	var done, under *dossier.Document
	for i, d := range docs {
		switch d.State {
		case dossier.Archived:
			done = &docs[i]
		case dossier.Refused:
		default:
			under = &docs[i]
		}
	}
	if done == nil {
		t.Fatal("nothing is archived")
	}
	dir := t.TempDir()
	key := filepath.Join(dir, "key")
	_, keys, _ := sohoa(t, "audit", "key", "--data", r.data)
	if err := os.WriteFile(key, []byte(keys), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"audit", "sip", "aip", "dip"} {
		out := filepath.Join(dir, kind)
		if kind != "aip" { // that one as a directory
			out += ".zip"
		}
		if code, _, message := sohoa(t, "package", "--kind", kind, "--document", string(done.ID), "-o", out, "--data", r.data, "--who", "kiemtra"); code != exitDone {
			t.Fatalf("%s: exit %d: %s", kind, code, message)
		}
		code, says, message := sohoa(t, "package", "--check", out, "--key", key)
		if code != exitDone || !strings.Contains(says, "WHOLE: "+kind+"-"+string(done.Dossier)) || (kind == "audit" || kind == "aip") != strings.Contains(says, "proofs hold") {
			t.Errorf("%s: exit %d: %s%s", kind, code, says, message)
		}
		if code, _, _ := sohoa(t, "package", "--kind", kind, "--document", string(done.ID), "-o", out, "--data", r.data); code != exitUsage {
			t.Errorf("%s is written over another: exit %d", kind, code)
		}
	}
	if err := r.login(dossier.Auditor).Visit(t.Context(), "/documents/"+string(done.ID)+"/packages/audit"); err != nil {
		t.Error(err)
	}
	if err := r.login(dossier.Counter).Visit(t.Context(), "/documents/"+string(done.ID)+"/packages/audit"); err == nil {
		t.Error("the counter takes a package")
	}
	exported(t, db, done.ID, 5)
	if under != nil {
		if code, _, message := sohoa(t, "package", "--kind", "sip", "--document", string(under.ID), "-o", filepath.Join(dir, "x.zip"), "--data", r.data); code != exitUsage || !strings.Contains(message, string(under.State)) {
			t.Errorf("a document that is %s: exit %d: %s", under.State, code, message)
		}
	}
	notWhole(t, r, done, dir)
}

// exported counts the packages of a document in the ledger.
func exported(t *testing.T, db *sqldb.DB, id dossier.DocumentID, want int) {
	t.Helper()
	if _, err := db.NumberEvents(t.Context()); err != nil {
		t.Fatal(err)
	}
	log, err := db.LogOf(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, e := range log {
		if e.Act == dossier.ReadExported && strings.HasPrefix(string(e.Part), "package-") && e.Who != "" && e.Purpose != "" && e.Holder != "" {
			n++
		}
	}
	if n != want {
		t.Errorf("%d packages of the document stand in the ledger, %d were taken", n, want)
	}
}

// notWhole flips a byte of a kept file, and takes the file away: no package is
// made, and the file is named. It is as it was afterwards.
func notWhole(t *testing.T, r *running, d *dossier.Document, dir string) {
	t.Helper()
	sum := d.Parts[dossier.PartScan].String()
	at := filepath.Join(r.data, "blobs", sum[:2], sum)
	whole, err := os.ReadFile(at)
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "not.zip")
	refused := func(what, why string) {
		t.Helper()
		code, _, message := sohoa(t, "package", "--kind", "aip", "--document", string(d.ID), "-o", out, "--data", r.data)
		if _, err := os.Stat(out); code != exitUnsound || !strings.Contains(message, sum) || !strings.Contains(message, `"scan"`) || !strings.Contains(message, why) || err == nil {
			t.Errorf("%s: exit %d: %s", what, code, message)
		}
	}
	rotten := bytes.Clone(whole)
	rotten[len(rotten)/2] ^= 1
	if err := os.Remove(at); err != nil {
		t.Fatal(err)
	}
	refused("a file that is gone", "is missing")
	if err := os.WriteFile(at, rotten, 0o600); err != nil {
		t.Fatal(err)
	}
	refused("a flipped byte", "its bytes were changed")
	if err := os.WriteFile(at, whole, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestPackageUsage asks for what cannot be.
func TestPackageUsage(t *testing.T) {
	for _, args := range [][]string{
		{"package"}, {"package", "--kind", "tar", "--document", "x", "-o", "y.zip"}, {"package", "--kind", "sip", "-o", "y.zip"},
		{"package", "--kind", "sip", "--document", "x", "--dossier", "y", "-o", "z.zip"}, {"package", "--kind", "sip", "--document", "x"},
		{"package", "--check", "x", "--kind", "sip"}, {"package", "--check", filepath.Join(t.TempDir(), "none")},
		{"package", "--kind", "sip", "--document", "x", "-o", filepath.Join(t.TempDir(), "z.zip"), "--data", t.TempDir()},
	} {
		if code, _, message := sohoa(t, args...); code != exitUsage {
			t.Errorf("%v: exit %d: %s", args, code, message)
		}
	}
	text := filepath.Join(t.TempDir(), "a.txt")
	if err := os.WriteFile(text, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, message := sohoa(t, "package", "--check", text); code != exitKind {
		t.Errorf("a text: exit %d: %s", code, message)
	}
}
