package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/dossier/fixity"
	"sohoa/storage/blob/blobtest"
	"sohoa/storage/blob/fs"
	"sohoa/storage/sqldb"
)

func settingsOf(env map[string]string) func(string) string {
	return func(name string) string { return env[name] }
}

// called runs the program's run with an environment.
func called(t *testing.T, env map[string]string, args ...string) (code int, stdout string) {
	t.Helper()
	var out, errs bytes.Buffer
	err := run(t.Context(), args, settingsOf(env), &out, &errs)
	if err != nil {
		t.Log(strings.Join(args, " "), "→", err)
	}
	return exitCode(t.Context(), err), out.String()
}

// TestCopyKilled kills a copy of one directory into another with SIGKILL, and
// runs it again: what was read back before is not read again, and nothing is
// missing in the end.
func TestCopyKilled(t *testing.T) {
	root := t.TempDir()
	from, err := fs.Open(filepath.Join(root, "from"))
	if err != nil {
		t.Fatal(err)
	}
	const files = 120
	var all []digest.Digest
	for i := range files {
		all = append(all, blobtest.Put(t, from, bytes.Repeat(fmt.Appendf(nil, "%06d", i), 16<<10)))
	}
	journal := filepath.Join(root, "journal")
	args := []string{"store", "copy", "dir:" + filepath.Join(root, "from"), "dir:" + filepath.Join(root, "to"), "--journal", journal, "--data", root, "--json"}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, append(args, "--pace", "4")...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := func() int {
		b, _ := os.ReadFile(journal)
		return bytes.Count(b, []byte("\n")) - 1
	}
	for deadline := time.Now().Add(20 * time.Second); lines() < 20 && time.Now().Before(deadline); {
		time.Sleep(5 * time.Millisecond)
	}
	_ = cmd.Process.Kill()
	if err := cmd.Wait(); err == nil {
		t.Fatal("it was over before it was killed")
	}
	before := int64(lines())
	if before < 20 || before > files-10 {
		t.Fatalf("killed after %d files", before)
	}
	code, out := called(t, nil, args...)
	var r copyReport
	if err := json.Unmarshal([]byte(out), &r); err != nil || code != exitDone {
		t.Fatalf("%d, %v: %s", code, err, out)
	}
	if r.Found != files || r.Skipped < before || r.Copied.Copied+r.There+r.Skipped != files || r.Copied.Copied > files-before || r.Failed != 0 {
		t.Errorf("after %d: %+v", before, r)
	}
	to, err := fs.Open(filepath.Join(root, "to"))
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range all {
		if _, err := blobtest.Get(t, to, d); err != nil {
			t.Error(err)
		}
	}
}

func TestStoreUsage(t *testing.T) {
	dir := t.TempDir()
	for _, args := range [][]string{{"store"}, {"store", "move"}, {"store", "copy", "main"}, {"store", "copy", "main", "second"}, {"store", "copy", "main", "env:OTHER"},
		{"store", "copy", "main", "dir:"}, {"store", "copy", "main", "dir:" + filepath.Join(dir, "blobs")}, {"store", "copy", "main", "main"},
		{"fixity", "--prune", "3"}, {"fixity", "--store", "third"}, {"fixity", "extra"}, {"fixity"}} {
		if code, _ := called(t, nil, append(args, "--data", dir)...); code != exitUsage {
			t.Errorf("%v: %d", args, code)
		}
	}
}

// TestFixityCommand looks at a house with two stores: damage in the main one is
// mended, damage in both is an exit code of its own, and what no row names goes
// only when the operator says how many.
func TestFixityCommand(t *testing.T) {
	data := t.TempDir()
	main, err := fs.Open(filepath.Join(data, "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	paper := []byte("giấy tờ")
	d := blobtest.Put(t, main, paper)
	db, err := sqldb.Open(t.Context(), filepath.Join(data, "sohoa.db"), sqldb.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	receiveInto(t, db, d, int64(len(paper)))
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"SOHOA_DATA": data}
	report := func(args ...string) (r fixity.Plain, code int) {
		code, out := called(t, env, append([]string{"fixity", "--json"}, args...)...)
		if err := json.Unmarshal([]byte(out), &r); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return r, code
	}
	if r, code := report("--now"); code != exitDone || len(r.Stores) != 1 || r.Stores[0].Counts[fixity.Kept] != 1 {
		t.Errorf("%d %+v", code, r)
	}
	env["SOHOA_SECOND_DIR"] = filepath.Join(t.TempDir(), "second")
	if r, code := report("--now"); code != exitDone || len(r.Stores) != 2 || r.Stores[1].Counts[fixity.Kept] != 1 {
		t.Errorf("%d %+v", code, r)
	}
	ruin := func(dir string) {
		path := filepath.Join(dir, d.String()[:2], d.String())
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("giấy tớ"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ruin(filepath.Join(data, "blobs"))
	if r, code := report("--now"); code != exitDone || len(r.Findings) != 2 || r.Findings[0].What != fixity.Mended || r.Findings[0].Evidence == "" {
		t.Errorf("%d %+v", code, r)
	}
	ruin(filepath.Join(data, "blobs"))
	ruin(env["SOHOA_SECOND_DIR"])
	if r, code := report("--now"); code != exitUnsound || r.Bad != 2 {
		t.Errorf("%d %+v", code, r)
	}
	if r, code := report(); code != exitUnsound || len(r.Files) != 2 {
		t.Errorf("%d %+v", code, r)
	}
	blobtest.Put(t, main, []byte("orphan"))
	if r, _ := report("--now"); r.Stores[0].Orphans != 1 || r.Stores[0].Prunable != 0 {
		t.Errorf("%+v", r.Stores[0])
	}
	if code, out := called(t, env, "fixity", "--orphans"); code != exitDone || !strings.Contains(out, digest.Of([]byte("orphan")).String()) {
		t.Errorf("%d %s", code, out)
	}
	if code, _ := called(t, env, "fixity", "--prune", "1", "--who", "quản trị"); code != exitOurs {
		t.Errorf("pruned on the first day: %d", code)
	}
	if code, out := called(t, env, "fixity"); code != exitUnsound || !strings.Contains(out, "damaged  main") {
		t.Errorf("%d %s", code, out)
	}
}

// receiveInto writes the rows of one received paper.
func receiveInto(t *testing.T, db *sqldb.DB, d digest.Digest, size int64) {
	t.Helper()
	receiveAgain(t, db, d, size, 0)
}

// receiveAgain is receiveInto for the nth paper of a house.
func receiveAgain(t *testing.T, db *sqldb.DB, d digest.Digest, size int64, nth int) {
	t.Helper()
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(db.PutAgency(ctx, dossier.Agency{Code: "H98", Name: "UBND", Tier: dossier.Commune}))
	must(db.PutKind(ctx, dossier.Kind{Code: "DT", Name: "Giấy"}))
	must(db.PutProcedure(ctx, dossier.Procedure{Code: "9.9", Name: "Thử", Level: dossier.Full, Components: []dossier.Component{{Slot: "TP01", Kind: "DT", Name: "Giấy"}}}))
	holder, err := db.PutHolder(ctx, dossier.Holder{Number: fmt.Sprintf("%012d", 12345678901+nth), Name: "Nguyễn Văn An"})
	must(err)
	of, err := db.AddDossier(ctx, dossier.Dossier{Procedure: "9.9", Receiving: "H98", Competent: "H98", Holder: holder.ID, Channel: dossier.Direct, Received: time.Now()}, "p")
	must(err)
	_, err = db.Add(ctx, dossier.Document{Dossier: of.Code, Slot: "TP01", Media: "image/jpeg", Size: size, Pages: 1,
		Received: time.Now().Add(-time.Minute), Parts: map[dossier.Part]digest.Digest{dossier.PartScan: d}}, "p")
	must(err)
}
