//go:build conformance

package conformance

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/storage/sqldb"
)

// TestLedgerByAStranger has a program that knows nothing of Sohoa, written from
// docs/ledger.md, check proofs of a real ledger around the borders of its tree,
// and refuse what was tampered with.
func TestLedgerByAStranger(t *testing.T) {
	python, data, dir := pyHanko(t), t.TempDir(), t.TempDir()
	db, err := sqldb.Open(t.Context(), filepath.Join(data, "sohoa.db"), sqldb.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	for range 300 {
		if err := db.Note(t.Context(), dossier.Reading{Act: dossier.LoggedIn, Who: "p-đ\"\\"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	kept := filepath.Join(dir, "kept")
	said(t, ".", "../bin/sohoa", "audit", "checkpoint", "-o", kept, "--data", data)
	key := strings.TrimSpace(said(t, ".", "../bin/sohoa", "audit", "key", "--data", data))
	proof := filepath.Join(dir, "proof")
	for _, place := range []string{"0", "1", "127", "128", "255", "256", "298", "299"} {
		said(t, ".", "../bin/sohoa", "audit", "prove", place, "-o", proof, "--data", data)
		if says := said(t, ".", python, "ledgerproof.py", proof, key, kept); !strings.Contains(says, `"holds": true, "place": `+place) {
			t.Errorf("event %s: %s", place, says)
		}
	}
	b, err := os.ReadFile(proof)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(b), "\n")
	for what, forged := range map[string]string{
		"another place": strings.Replace(string(b), "index 299", "index 298", 1),
		"another event": strings.Replace(string(b), "extra eyJhY3", "extra eyJhY2", 1),
		"another size":  strings.Replace(string(b), "\n300\n", "\n301\n", 1),
		"a hash less":   strings.Join(append(append([]string{}, lines[:3]...), lines[4:]...), "\n"),
		"a hash more":   strings.Join(append(append(append([]string{}, lines[:4]...), lines[3]), lines[4:]...), "\n"),
	} {
		if forged == string(b) {
			t.Fatalf("%s: nothing was forged", what)
		}
		put(t, dir, "forged", []byte(forged))
		if out, err := exec.Command(python, "ledgerproof.py", filepath.Join(dir, "forged"), key).CombinedOutput(); err == nil {
			t.Errorf("%s is taken: %s", what, out)
		}
	}
}
