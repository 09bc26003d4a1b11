// Package sqldbtest makes the databases of other rooms' tests.
package sqldbtest

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"sohoa/storage/sqldb"
)

// tables is a database with all tables and nothing in them, made once in a
// process: the steps to it take a tenth of a second, and seconds under the race
// detector, in which SQLite is slow.
var tables struct {
	sync.Once
	file []byte
	err  error
}

func makeTables(ctx context.Context) ([]byte, error) {
	dir, err := os.MkdirTemp("", "tables")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "db")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		return nil, err
	}
	if err := (sqldb.At{Path: path}).Up(ctx); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
}

// New opens a new SQLite database at path, where no file is yet, as [sqldb.Open]
// does. now is its clock.
func New(t testing.TB, path string, now func() time.Time) *sqldb.DB {
	t.Helper()
	tables.Do(func() { tables.file, tables.err = makeTables(context.WithoutCancel(t.Context())) })
	if tables.err != nil {
		t.Fatal(tables.err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(tables.file); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sqldb.Open(t.Context(), path, sqldb.Options{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	return db
}
