package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/pressly/goose/v3"
)

// Health is what can be seen of a database without changing it.
type Health struct {
	Faults     []string  // what SQLite finds wrong with the file; none if it is sound
	Have, Want int64     // version of its tables, and the one this program knows
	Newest     time.Time // of the newest act in the ledger; zero without one
}

// Inspect looks at the SQLite file at path and changes nothing, not even its
// version. It reads all of it. A service may be working on it.
func Inspect(ctx context.Context, path string) (h Health, err error) {
	db, err := sql.Open("sqlite", address(path, true)+"&mode=ro")
	if err != nil {
		return h, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	said, err := all(ctx, db, single[string], "PRAGMA quick_check(20)")
	if err != nil {
		return h, fmt.Errorf("inspect %s: %w", path, err)
	}
	for _, s := range said {
		if s != "ok" {
			h.Faults = append(h.Faults, s)
		}
	}
	wrong, err := all(ctx, db, func(r row) (s string, err error) {
		var table, parent string
		var id sql.NullInt64
		var key int64
		err = r.Scan(&table, &id, &parent, &key)
		return fmt.Sprintf("a row of %s names one of %s that is not there", table, parent), err
	}, "PRAGMA foreign_key_check")
	if err != nil {
		return h, fmt.Errorf("inspect %s: %w", path, err)
	}
	h.Faults = append(h.Faults, wrong[:min(len(wrong), 20)]...)
	if h.Have, err = one(ctx, db, single[int64], "SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version WHERE is_applied = 1"); err != nil {
		return h, fmt.Errorf("inspect %s: version of the tables: %w", path, err)
	}
	if h.Want, err = newestMigration(); err != nil {
		return h, err
	}
	newest, err := one(ctx, db, single[int64], "SELECT COALESCE(MAX(at), 0) FROM changes")
	h.Newest = sometime(newest)
	return h, named(err, "inspect %s", path)
}

func newestMigration() (newest int64, err error) {
	files, err := fs.Glob(migrations, "migrations/sqlite/*.sql")
	for _, f := range files {
		n, err := goose.NumericComponent(f)
		if err != nil {
			return 0, err
		}
		newest = max(newest, n)
	}
	return newest, err
}
