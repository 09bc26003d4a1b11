package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"sohoa/cmd/internal/wire"
	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/storage/backup"
	"sohoa/storage/blob/blobtest"
	"sohoa/storage/blob/fs"
	"sohoa/storage/sqldb"
)

// openHouse opens the rows of a house, wherever its settings say they are.
func openHouse(t *testing.T, env map[string]string, data string) *sqldb.DB {
	t.Helper()
	o := sqldb.Options{Now: time.Now}
	db, err := sqldb.Open(t.Context(), filepath.Join(data, "sohoa.db"), o)
	if address := env["SOHOA_DATABASE_URL"]; address != "" {
		db, err = sqldb.OpenPostgres(t.Context(), address, o)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// A seen is what people and auditors see of a house.
type seen struct {
	documents []dossier.Document
	bytes     map[digest.Digest][]byte
	size      int64
	root      [32]byte
	figures   string
	hits      []foundPage
}

// beheld looks at everything that a restored house must say the same of. The
// search comes last: who looked is entered in the ledger.
func beheld(t *testing.T, env map[string]string, data string) seen {
	t.Helper()
	db := openHouse(t, env, data)
	defer db.Close()
	var s seen
	var err error
	if s.documents, err = db.Documents(t.Context(), dossier.DocumentQuery{Limit: 1000}); err != nil || len(s.documents) == 0 {
		t.Fatalf("%d documents, %v", len(s.documents), err)
	}
	store, err := fs.Open(filepath.Join(data, "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	s.bytes = map[digest.Digest][]byte{}
	for _, d := range s.documents {
		for _, sum := range d.Parts {
			if s.bytes[sum], err = blobtest.Get(t, store, sum); err != nil {
				t.Errorf("%s: %v", d.ID, err)
			}
		}
	}
	if s.size, err = db.NumberEvents(t.Context()); err == nil {
		s.root, err = db.LogRoot(t.Context(), s.size)
	}
	if err != nil {
		t.Fatal(err)
	}
	code, figures := called(t, env, "figures", "--from", "2020-01-01", "--to", "2030-01-01", "--format", "json", "--data", data)
	s.figures = figures
	papers := 0
	for _, q := range []string{"giấy", "ubnd", "nguyen", "khai sinh", "quyet dinh", "2026"} {
		var found foundPage
		reported(t, env, &found, exitDone, "search", q, "--limit", "50", "--data", data)
		s.hits, papers = append(s.hits, found), papers+len(found.Papers)
		if found.Waiting > 0 || found.Count != len(found.Papers) {
			t.Errorf("%s: %d papers of %d, %d wait", q, len(found.Papers), found.Count, found.Waiting)
		}
	}
	if code != exitDone || papers == 0 {
		t.Fatalf("exit %d, %d papers are found", code, papers)
	}
	return s
}

func (s seen) same(t *testing.T, got seen) {
	t.Helper()
	if !reflect.DeepEqual(got.documents, s.documents) {
		t.Errorf("documents differ: %d and %d", len(s.documents), len(got.documents))
	}
	for sum, b := range s.bytes {
		if !bytes.Equal(got.bytes[sum], b) || len(b) == 0 {
			t.Errorf("%s: other bytes", sum)
		}
	}
	if got.figures != s.figures || !strings.Contains(s.figures, "numerator") {
		t.Errorf("figures:\n%s\n%s", s.figures, got.figures)
	}
	for i := range s.hits {
		sameHits(t, s.hits[i].Papers, got.hits[i].Papers)
	}
}

func sameHits(t *testing.T, want, got []foundLine) {
	t.Helper()
	ids := func(list []foundLine) (ids []dossier.DocumentID) {
		for _, h := range list {
			ids = append(ids, h.Document)
		}
		return ids
	}
	if !slices.Equal(ids(want), ids(got)) {
		t.Errorf("the search finds\n%v, it found\n%v", ids(got), ids(want))
		return
	}
	for i := range want {
		if !reflect.DeepEqual(want[i], got[i]) {
			t.Errorf("the search shows\n%+v, it showed\n%+v", got[i], want[i])
		}
	}
}

// backedUp backs a running house up, again after it ended, loses everything else,
// and has all of it back: files, ledger, figures, search, and a service that
// goes on.
func backedUp(t *testing.T, r *running, env map[string]string, db *sqldb.DB) {
	root := t.TempDir()
	to, keys := filepath.Join(root, "backups"), filepath.Join(root, "keys")
	r.wait(time.Minute, func() bool { n, err := db.SearchWaiting(t.Context()); return err == nil && n == 0 })
	var first, second backup.Report
	reported(t, env, &first, exitDone, "backup", "--to", to, "--data", r.data)
	if first.Files == 0 || first.Copied != first.Files || first.There != 0 || first.Bytes == 0 {
		t.Errorf("the first backup: %+v", first)
	}
	if err := r.end(); err != nil {
		t.Errorf("the service ended badly: %v", err)
	}
	db.Close()
	before := beheld(t, env, r.data)
	code, kept := called(t, env, "audit", "checkpoint", "--data", r.data)
	if code != exitDone {
		t.Fatal("no checkpoint")
	}
	checkpoint := filepath.Join(root, "checkpoint")
	if err := os.WriteFile(checkpoint, []byte(kept), 0o600); err != nil {
		t.Fatal(err)
	}
	reported(t, env, &second, exitDone, "backup", "--to", to, "--keys-to", keys, "--data", r.data)
	if second.Copied > 8 || second.There < first.Files || second.Log.Size <= first.Log.Size || len(second.Apart) != 2 {
		t.Errorf("the second backup: %+v", second)
	}
	nothingSecret(t, to, r.data)
	forget(t, env, r.data)
	for _, dir := range []string{"", "fresh"} { // where it was, and killed on the way in another place
		data := filepath.Join(r.data, dir)
		if dir != "" {
			data = filepath.Join(root, dir)
			forgetRows(t, env)
			killedRestore(t, env, to, keys, data)
		}
		var back wire.Restored
		if code, _ := called(t, env, "restore", "--from", to, "--data", data); code != exitUsage {
			t.Errorf("without the keys: exit %d", code)
		}
		reported(t, env, &back, exitDone, "restore", "--from", to, "--keys", keys, "--data", data)
		if back.Files != second.Files || back.Copied+back.There != back.Files || len(back.Lost) > 0 || back.Search == 0 || back.Orphans > int(second.Files) {
			t.Errorf("restored: %+v", back)
		}
		if code, out := called(t, env, "audit", "verify", "--checkpoint", checkpoint, "--data", data); code != exitDone {
			t.Errorf("the ledger: %d %s", code, out)
		}
		if back.Log != second.Log {
			t.Errorf("head %+v, want %+v", back.Log, second.Log)
		}
		got := beheld(t, env, data)
		if got.size != second.Log.Size {
			t.Errorf("%d events, %d were backed up", got.size, second.Log.Size)
		}
		if got.root != second.Log.Root {
			t.Error("another tree")
		}
		before.same(t, got)
		if code, _ := called(t, env, "fixity", "--now", "--data", data); code != exitDone {
			t.Error("fixity finds something")
		}
		if code, _ := called(t, env, "restore", "--from", to, "--keys", keys, "--data", data); code != exitUsage {
			t.Errorf("into a house that stands: exit %d", code)
		}
	}
}

// reported runs a command and reads its report.
func reported(t *testing.T, env map[string]string, r any, want int, args ...string) {
	t.Helper()
	code, out := called(t, env, append(args, "--json")...)
	if code != want {
		t.Fatalf("sohoa %v: exit %d, want %d: %s", args, code, want, out)
	}
	if err := json.Unmarshal([]byte(out), r); err != nil {
		t.Fatalf("sohoa %v: %v: %s", args, err, out)
	}
}

// forget destroys a house: its directory and its rows.
func forget(t *testing.T, env map[string]string, data string) {
	t.Helper()
	if err := os.RemoveAll(data); err != nil {
		t.Fatal(err)
	}
	forgetRows(t, env)
}

func forgetRows(t *testing.T, env map[string]string) {
	t.Helper()
	address := env["SOHOA_DATABASE_URL"]
	if address == "" {
		return
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	schema := u.Query().Get("search_path")
	db, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, s := range []string{"DROP SCHEMA " + schema + " CASCADE", "CREATE SCHEMA " + schema} {
		if _, err := db.ExecContext(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
}

// nothingSecret looks through a backup for what must not be in it.
func nothingSecret(t *testing.T, to, data string) {
	t.Helper()
	key, err := os.ReadFile(filepath.Join(data, "ledger", "key"))
	if err != nil {
		t.Fatal(err)
	}
	secrets := [][]byte{bytes.TrimSpace(key), []byte("PRIVATE KEY")}
	n := 0
	err = filepath.WalkDir(to, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o022 != 0 {
			t.Errorf("%s is %v", path, info.Mode())
		}
		b, err := os.ReadFile(path)
		for _, s := range secrets {
			if bytes.Contains(b, s) {
				t.Errorf("%s holds %.12q…", path, s)
			}
		}
		n++
		return err
	})
	if err != nil || n < 20 {
		t.Errorf("%d files, %v", n, err)
	}
	if info, err := os.Stat(to); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the directory of backups is open: %v, %v", info.Mode(), err)
	}
}

// program starts this test binary as the program, to be killed.
func program(t *testing.T, env map[string]string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	for name, value := range env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd
}

// killedAt kills a program when so many files are in the store in dir.
func killedAt(t *testing.T, cmd *exec.Cmd, dir string, files int) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); blobs(t, dir) < files && time.Now().Before(deadline); {
		time.Sleep(2 * time.Millisecond)
	}
	_ = cmd.Process.Kill()
	if err := cmd.Wait(); err == nil {
		t.Fatal("it was over before it was killed")
	}
	if n := blobs(t, dir); n < files {
		t.Fatalf("killed after %d files", n)
	}
}

// killedRestore kills a restore on its way: what is there is no house, and says so.
func killedRestore(t *testing.T, env map[string]string, to, keys, data string) {
	t.Helper()
	killedAt(t, program(t, env, "restore", "--from", to, "--keys", keys, "--data", data, "--pace", "2"), data, 8)
	for _, args := range [][]string{{"serve", "--addr", "127.0.0.1:0"}, {"backup", "--to", to}, {"fixity"}} {
		err := run(t.Context(), append(args, "--data", data), settingsOf(env), &bytes.Buffer{}, &bytes.Buffer{})
		if err == nil || !strings.Contains(err.Error(), "broken off") && !strings.Contains(err.Error(), "no house") {
			t.Errorf("%v works on what was left: %v", args, err)
		}
	}
	if _, broken, _ := examined(t, withData(env, data)); !slices.Contains(broken, "restore") {
		t.Errorf("the doctor says %v", broken)
	}
}

func withData(env map[string]string, data string) map[string]string {
	out := map[string]string{"SOHOA_DATA": data}
	for k, v := range env {
		out[k] = v
	}
	return out
}

// The same on PostgreSQL (make test-postgres): a demonstration of its own.
func TestBackupPostgres(t *testing.T) {
	server := os.Getenv("SOHOA_TEST_POSTGRES")
	if server == "" {
		t.Skip("no SOHOA_TEST_POSTGRES: make test-postgres starts a server")
	}
	env := map[string]string{"SOHOA_DATABASE_URL": pgSchema(t, server)}
	r := servingWith(t, env, t.TempDir(), "--demo", "--demo-cases", "3")
	r.wait(5*time.Minute, func() bool { return strings.Contains(r.said(), "Xem / look") })
	backedUp(t, r, env, openHouse(t, env, r.data))
}

// pgSchema makes an empty schema on a server, and returns the address of a
// database that is this schema.
func pgSchema(t *testing.T, server string) string {
	t.Helper()
	db, err := sql.Open("pgx", server)
	if err != nil {
		t.Fatal(err)
	}
	name := "house" + strings.ToLower(rand.Text())
	if _, err := db.ExecContext(t.Context(), "CREATE SCHEMA "+name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, err := db.ExecContext(context.WithoutCancel(t.Context()), "DROP SCHEMA "+name+" CASCADE")
		if err := errors.Join(err, db.Close()); err != nil {
			t.Error(err)
		}
	})
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("search_path", name)
	u.RawQuery = q.Encode()
	return u.String()
}
