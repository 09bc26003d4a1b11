package durable_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"sohoa/storage/durable"
)

func holds(t *testing.T, path, want string, mode fs.FileMode) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil || string(b) != want {
		t.Errorf("%s: %q, %v; want %q", filepath.Base(path), b, err, want)
	}
	if i, err := os.Stat(path); err != nil || i.Mode() != mode {
		t.Errorf("%s: %v, %v", filepath.Base(path), i, err)
	}
}

func TestReplace(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "state")
	if err := durable.Replace(path, []byte("one"), 0o600); err != nil {
		t.Fatal(err)
	}
	// Somebody was killed: what is half written says nothing and is in nobody's way.
	if err := os.WriteFile(path+".new", []byte("half of a longer text"), 0o644); err != nil {
		t.Fatal(err)
	}
	holds(t, path, "one", 0o600)
	if err := durable.Replace(path, []byte("two"), 0o600); err != nil {
		t.Fatal(err)
	}
	holds(t, path, "two", 0o600)
	if all, err := os.ReadDir(dir); err != nil || len(all) != 1 {
		t.Errorf("left behind: %v, %v", all, err)
	}
	// Where it cannot be written, what was there stays.
	if err := os.Mkdir(path+".new", 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(path+".new", "in the way"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := durable.Replace(path, []byte("three"), 0o600); err == nil {
		t.Error("replaced past a folder")
	}
	holds(t, path, "two", 0o600)
}

func TestNew(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	if err := durable.New(path, []byte("one"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := durable.New(path, []byte("two"), 0o600); !errors.Is(err, fs.ErrExist) {
		t.Errorf("written over: %v", err)
	}
	holds(t, path, "one", 0o600)
}

func TestSettle(t *testing.T) {
	if err := durable.Settle(t.TempDir()); err != nil {
		t.Error(err)
	}
	if err := durable.Settle(filepath.Join(t.TempDir(), "nothing")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("settled what is not there: %v", err)
	}
}
