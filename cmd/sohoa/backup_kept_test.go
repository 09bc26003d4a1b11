package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sohoa/cmd/internal/wire"
	"sohoa/dossier/digest"
	"sohoa/storage/backup"
	"sohoa/storage/blob"
	"sohoa/storage/blob/blobtest"
	"sohoa/storage/blob/fs"
	"sohoa/storage/sqldb"
)

// A house of many files, for what needs no pipeline.
func manyFiles(t *testing.T, n int) (data string, sums []digest.Digest) {
	t.Helper()
	data = t.TempDir()
	main, err := fs.Open(filepath.Join(data, "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	db, err := sqldb.Open(t.Context(), filepath.Join(data, "sohoa.db"), sqldb.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for i := range n {
		b := bytes.Repeat([]byte{byte(i), byte(i >> 8), 'x'}, 64<<10)
		sums = append(sums, blobtest.Put(t, main, b))
		receiveAgain(t, db, sums[i], int64(len(b)), i)
	}
	return data, sums
}

// A backup that is killed is none: those before it stay, and the next goes on.
func TestBackupKilled(t *testing.T) {
	data, _ := manyFiles(t, 30)
	to := filepath.Join(t.TempDir(), "to")
	killedAt(t, program(t, nil, "backup", "--to", to, "--data", data, "--pace", "1"), to, 30) // rows are files too
	if _, err := backup.Backups(to); !errors.Is(err, backup.ErrNone) {
		t.Errorf("what was killed passes for a backup: %v", err)
	}
	if code, _ := called(t, nil, "restore", "--from", to, "--data", filepath.Join(t.TempDir(), "new")); code != exitUsage {
		t.Errorf("restored from nothing: %d", code)
	}
	if left, _ := filepath.Glob(filepath.Join(data, ".*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	var r backup.Report
	reported(t, nil, &r, exitDone, "backup", "--to", to, "--data", data)
	if r.There == 0 || r.There+r.Copied != 30 || r.Files != 30 {
		t.Errorf("run again: %+v", r)
	}
	reported(t, nil, &r, exitDone, "backup", "--check", to)
	if r.There != 30 {
		t.Errorf("checked: %+v", r)
	}
}

// What is wrong in a backup or in the house is named by its document, and never
// passes for whole; what can be saved is.
func TestBackupNames(t *testing.T) {
	data, sums := manyFiles(t, 4)
	to := filepath.Join(t.TempDir(), "to")
	second := filepath.Join(t.TempDir(), "second")
	lose := func(dir string, d digest.Digest) {
		t.Helper()
		if err := os.Remove(filepath.Join(dir, "blobs", d.String()[:2], d.String())); err != nil {
			t.Fatal(err)
		}
	}
	names := func(out string) bool {
		return strings.Contains(out, "document ") && strings.Contains(out, " TP01, Giấy): scan") && !strings.Contains(out, "Nguyễn")
	}
	lose(data, sums[0])
	code, out := called(t, nil, "backup", "--to", to, "--data", data)
	if code != exitUnsound || !names(out) {
		t.Errorf("the house lacks a file: %d %s", code, out)
	}
	other, err := fs.Open(second)
	if err != nil {
		t.Fatal(err)
	}
	blobtest.Put(t, other, bytes.Repeat([]byte{0, 0, 'x'}, 64<<10))
	if code, _ := called(t, map[string]string{"SOHOA_SECOND_DIR": second}, "backup", "--to", to, "--data", data); code != exitDone {
		t.Errorf("the second store has it: %d", code)
	}

	rot(t, filepath.Join(to, "blobs"), sums[1])
	code, out = called(t, nil, "backup", "--check", to)
	if code != exitUnsound || !names(out) {
		t.Errorf("a file of the backup rotted: %d %s", code, out)
	}
	if code, out := called(t, nil, "backup", "--to", to, "--data", data); code != exitDone {
		t.Errorf("the size is right, it is not read: %d %s", code, out)
	}
	new1 := filepath.Join(t.TempDir(), "new")
	code, out = called(t, nil, "restore", "--from", to, "--data", new1)
	if code != exitUnsound || !names(out) {
		t.Errorf("restored from it: %d %s", code, out)
	}
	if code, out := called(t, nil, "fixity", "--data", new1); code != exitUnsound || !strings.Contains(out, "missing  main  "+sums[1].String()) {
		t.Errorf("the house does not know what it lacks: %d %s", code, out)
	}
	if code, _ := called(t, nil, "backup", "--to", to, "--verify", "--data", data); code != exitDone {
		t.Errorf("read and put right: %d", code)
	}
	if code, _ := called(t, nil, "backup", "--check", to); code != exitDone {
		t.Errorf("after that: %d", code)
	}

	e, err := backup.Find(to, "")
	if err != nil {
		t.Fatal(err)
	}
	filled := slices.IndexFunc(e.Rows, func(x backup.Rows) bool { return x.Size > 0 })
	rot(t, filepath.Join(to, "blobs"), e.Rows[filled].Sum)
	new2 := filepath.Join(t.TempDir(), "new")
	if code, _ := called(t, nil, "backup", "--check", to); code != exitUnsound {
		t.Errorf("rows rotted: %d", code)
	}
	if code, _ := called(t, nil, "restore", "--from", to, "--data", new2); code != exitUnsound {
		t.Errorf("restored from rotten rows: %d", code)
	}
	if _, err := os.Stat(filepath.Join(new2, "sohoa.db")); err == nil {
		t.Error("a database of rotten rows")
	}
	path := filepath.Join(to, "backups", e.Name)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, bytes.Replace(b, []byte(`"format"`), []byte(`"Format"`), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _ := called(t, nil, "backup", "--check", to); code != exitUnsound {
		t.Errorf("a manifest was changed: %d", code)
	}
	if code, _ := called(t, nil, "backup", "--to", filepath.Join(data, "here"), "--data", data); code == exitDone {
		t.Error("a backup within the house")
	}
}

// rot changes one bit of a file of a store.
func rot(t *testing.T, dir string, d digest.Digest) {
	t.Helper()
	path := filepath.Join(dir, d.String()[:2], d.String())
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 1
	if err := errors.Join(os.Chmod(path, 0o600), os.WriteFile(path, b, 0o600)); err != nil {
		t.Fatal(err)
	}
}

// A sealed archive has a sealed backup: nothing personal is in it in the clear,
// neither files nor rows, and without the key it is refused in words.
func TestBackupSealed(t *testing.T) {
	data, sums := manyFiles(t, 3)
	root := t.TempDir()
	ring, key := filepath.Join(root, "ring"), filepath.Join(root, "key")
	env := map[string]string{"SOHOA_SEAL_RING": ring, "SOHOA_SEAL_KEY": "file:" + key}
	for _, args := range [][]string{{"store", "ring", ring, "--key", "file:" + key}, {"store", "seal", "main", "--data", data}} {
		if code, out := called(t, env, args...); code != exitDone {
			t.Fatalf("%v: %d %s", args, code, out)
		}
	}
	to, keys := filepath.Join(root, "to"), filepath.Join(root, "keys")
	var r backup.Report
	reported(t, env, &r, exitDone, "backup", "--to", to, "--keys-to", keys, "--data", data)
	secret, err := os.ReadFile(key)
	if err != nil {
		t.Fatal(err)
	}
	filepath.WalkDir(to, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			b, err := os.ReadFile(path)
			for _, s := range [][]byte{[]byte("Nguyễn"), []byte("012345678901"), bytes.TrimSpace(secret), {0, 0, 'x', 0, 0, 'x'}, {1, 0, 'x', 1, 0, 'x'}} {
				if err != nil || bytes.Contains(b, s) {
					t.Errorf("%s holds %q in the clear (%v)", path, s, err)
				}
			}
		}
		return err
	})
	reported(t, env, &r, exitDone, "backup", "--check", to)
	data2 := filepath.Join(root, "new")
	other := filepath.Join(root, "other")
	if code, _ := called(t, nil, "store", "ring", filepath.Join(root, "ring2"), "--key", "file:"+other); code != exitDone {
		t.Fatal(code)
	}
	for name, wrong := range map[string]map[string]string{
		"no key":       nil,
		"another key":  {"SOHOA_SEAL_RING": filepath.Join(root, "r"), "SOHOA_SEAL_KEY": "file:" + other},
		"a lost key":   {"SOHOA_SEAL_RING": filepath.Join(root, "r"), "SOHOA_SEAL_KEY": "file:" + filepath.Join(root, "none")},
		"no ring told": {"SOHOA_SEAL_KEY": "file:" + key},
	} {
		err := run(t.Context(), []string{"restore", "--from", to, "--data", data2}, settingsOf(wrong), &bytes.Buffer{}, &bytes.Buffer{})
		if err == nil || !strings.Contains(err.Error(), wrappedBy(t, to)) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := os.Stat(data2); err == nil {
			t.Errorf("%s: something was written", name)
		}
	}
	if err := errors.Join(os.Remove(ring), os.Remove(key), os.RemoveAll(data)); err != nil {
		t.Fatal(err)
	}
	var back wire.Restored
	reported(t, env, &back, exitDone, "restore", "--from", to, "--keys", keys, "--data", data2)
	if back.Copied != 3 {
		t.Errorf("%+v", back)
	}
	if code, _ := called(t, env, "fixity", "--now", "--data", data2); code != exitDone {
		t.Error("the files do not open")
	}
	plain, err := fs.Open(filepath.Join(data2, "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := plain.Stat(t.Context(), sums[0]); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("restored in the clear: %v", err)
	}
}

// wrappedBy is the key that the newest backup needs.
func wrappedBy(t *testing.T, to string) string {
	t.Helper()
	e, err := backup.Find(to, "")
	if err != nil || e.RingKey == "" {
		t.Fatalf("%q, %v", e.RingKey, err)
	}
	return e.RingKey
}

// Several backups share a directory. Those that are old go when they are told to,
// with what only they named.
func TestBackupsAreKept(t *testing.T) {
	data, _ := manyFiles(t, 2)
	to := filepath.Join(t.TempDir(), "to")
	var first, r backup.Report
	reported(t, nil, &first, exitDone, "backup", "--to", to, "--data", data)
	db := openHouse(t, nil, data)
	main, err := fs.Open(filepath.Join(data, "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	receiveAgain(t, db, blobtest.Put(t, main, []byte("newer")), 5, 99)
	reported(t, nil, &r, exitDone, "backup", "--to", to, "--data", data)
	if r.Copied != 1 || r.There != 2 {
		t.Errorf("%+v", r)
	}
	if code, out := called(t, nil, "backup", "--list", to); code != exitDone || strings.Count(out, "\n") != 2 {
		t.Errorf("%d %s", code, out)
	}
	old := filepath.Join(t.TempDir(), "old")
	var back wire.Restored
	reported(t, nil, &back, exitDone, "restore", "--from", to, "--backup", first.Name[:20], "--data", old)
	if back.Files != 2 {
		t.Errorf("the older one: %+v", back)
	}
	before := blobs(t, to)
	reported(t, nil, &r, exitDone, "backup", "--to", to, "--keep", "1", "--data", data)
	if list, err := backup.Backups(to); err != nil || len(list) != 1 || list[0].Name != r.Name || blobs(t, to) >= before {
		t.Errorf("%d backups, %v, %d files of %d", len(list), err, blobs(t, to), before)
	}
	if code, _ := called(t, nil, "backup", "--check", to); code != exitDone {
		t.Errorf("what is left is not whole: %d", code)
	}
}

// What is kept apart is asked for by its id before anything is written; another
// house's key is not taken for it. Whoever has lost it begins with a new one, and
// what the old one signed can still be checked.
func TestRestoreWantsKeys(t *testing.T) {
	data := ledgerHouse(t, 7)
	root := t.TempDir()
	to, keys, back := filepath.Join(root, "to"), filepath.Join(root, "keys"), filepath.Join(root, "back")
	audited(t, exitDone, "checkpoint", "--data", data)
	public := strings.Fields(audited(t, exitDone, "key", "--data", data))
	var r backup.Report
	reported(t, nil, &r, exitDone, "backup", "--to", to, "--keys-to", keys, "--data", data)
	for _, f := range []string{"ledger.key", "devca/ca/root.key"} {
		if info, err := os.Stat(filepath.Join(keys, f)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v", f, err)
		}
	}
	wrong := filepath.Join(root, "wrong")
	other := ledgerHouse(t, 1)
	audited(t, exitDone, "checkpoint", "--data", other)
	if code, _ := called(t, nil, "backup", "--to", filepath.Join(root, "to2"), "--keys-to", wrong, "--data", other); code != exitDone {
		t.Fatal(code)
	}
	for name, args := range map[string][]string{"none": nil, "another house's": {"--keys", wrong}, "an empty directory": {"--keys", t.TempDir()}} {
		err := run(t.Context(), append([]string{"restore", "--from", to, "--data", back}, args...), settingsOf(nil), &bytes.Buffer{}, &bytes.Buffer{})
		id := strings.Join(strings.Split(public[0], "+")[:2], "+")
		if err == nil || !strings.Contains(err.Error(), "ledger-key "+id) || !strings.Contains(err.Error(), "devca ") {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := os.Stat(back); err == nil {
			t.Fatalf("%s: something was written", name)
		}
	}
	if code, _ := called(t, nil, "restore", "--from", to, "--data", back, "--without-keys"); code != exitDone {
		t.Fatal(code)
	}
	if now := strings.Fields(audited(t, exitDone, "key", "--data", back)); len(now) != 2 || now[0] != public[0] {
		t.Errorf("keys %v", now)
	}
	if out := audited(t, exitLedger, "verify", "--data", back); strings.Contains(out, "signature") || !strings.Contains(out, "stamp") {
		t.Errorf("only the time-stamps of the lost authority cannot be believed: %s", out)
	}
	whole := filepath.Join(root, "whole")
	if code, _ := called(t, nil, "restore", "--from", to, "--data", whole, "--keys", keys); code != exitDone {
		t.Fatal(code)
	}
	audited(t, exitDone, "verify", "--data", whole)
	audited(t, exitDone, "checkpoint", "--data", whole)
}
