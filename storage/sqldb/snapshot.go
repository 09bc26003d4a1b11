package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"sohoa/dossier/digest"
	"sohoa/storage/ledger"
)

// An At says where a database is: the file of SQLite at Path or, if Address is
// not empty, one of PostgreSQL, named as in [OpenPostgres].
type At struct{ Path, Address string }

// A Kind is what a column of a backup holds.
type Kind string

// The kinds of columns. The house has no others: see migrations.
const (
	KindText    Kind = "text"
	KindInteger Kind = "integer"
	KindBytes   Kind = "bytes"
)

// A Column is one of a table, without those that the database makes from others.
type Column struct {
	Name string `json:"name"`
	Kind Kind   `json:"kind"`
}

// A Table is one whose rows a backup holds, in the order of its primary key.
type Table struct {
	Name    string   `json:"name"`
	Columns []Column `json:"columns"`

	key []string
}

// leftOut are the tables whose rows no backup holds: what the migrations make,
// what would let people in again who were put out since, and what is said of
// stores that a restored house does not have, or by whom work is under way. The search's tables, too, are made
// anew.
func leftOut(table string) bool {
	return slices.Contains([]string{"goose_db_version", "sessions", "devices", "door_tickets", "orphans", "walks", "page_work", "duties"}, table) ||
		strings.HasPrefix(table, "search_") || strings.HasPrefix(table, "sqlite_")
}

// A Snapshot is a database as it stood at one moment, whatever others write
// meanwhile. It is read by one goroutine at a time.
type Snapshot struct {
	db       *sql.DB
	conn     *sql.Conn
	postgres bool

	Version int64 // of the tables
	Tables  []Table
}

// Snapshot begins to read a database. It changes nothing, not even the version
// of its tables; a service may be working on it, and a newer or older program
// may have made it. The caller closes it, soon: until then the database keeps
// what is changed and deleted.
func (at At) Snapshot(ctx context.Context) (*Snapshot, error) {
	s, err := at.snapshot(ctx)
	return s, named(err, "read all rows")
}

func (at At) snapshot(ctx context.Context) (_ *Snapshot, err error) {
	s := &Snapshot{postgres: at.Address != ""}
	begin := "BEGIN"
	if s.postgres {
		config, err := pgx.ParseConfig(at.Address)
		if err != nil {
			return nil, errAddress
		}
		s.db, begin = stdlib.OpenDB(*config), "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
	} else {
		if _, err := os.Stat(at.Path); err != nil {
			return nil, err
		}
		path, err := filepath.Abs(at.Path)
		if err != nil {
			return nil, err
		}
		if s.db, err = sql.Open("sqlite", address(path, true)+"&mode=ro"); err != nil {
			return nil, err
		}
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	if s.conn, err = s.db.Conn(ctx); err != nil {
		return nil, err
	}
	if _, err = s.conn.ExecContext(ctx, begin); err != nil {
		return nil, err
	}
	if s.Version, err = tablesVersion(ctx, s.conn); err != nil {
		return nil, fmt.Errorf("version of the tables: %w", err)
	}
	s.Tables, err = tablesOf(ctx, s.conn, s.postgres)
	return s, err
}

// tablesVersion is the newest migration that was applied.
func tablesVersion(ctx context.Context, a asker) (int64, error) {
	return one(ctx, a, single[int64], "SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version WHERE version_id > 0")
}

// Close ends reading.
func (s *Snapshot) Close() error {
	var err error
	if s.conn != nil {
		err = s.conn.Close()
	}
	return errors.Join(err, s.db.Close())
}

const (
	sqliteColumns = `SELECT m.name, c.name, c.type, c.pk FROM sqlite_master m, pragma_table_xinfo(m.name) c
		WHERE m.type = 'table' AND c.hidden = 0 ORDER BY m.name, c.cid`
	postgresColumns = `SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
			COALESCE(array_position(i.indkey::int2[], a.attnum), -1) + 1
		FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
		WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0
			AND NOT a.attisdropped AND a.attgenerated = ''
		ORDER BY c.relname COLLATE "C", a.attnum`
)

var columnKinds = map[string]Kind{"TEXT": KindText, "BIGINT": KindInteger, "INTEGER": KindInteger, "BLOB": KindBytes, "BYTEA": KindBytes}

// tablesOf lists the tables that a backup holds, by name.
func tablesOf(ctx context.Context, a asker, postgres bool) (tables []Table, err error) {
	query := sqliteColumns
	if postgres {
		query = postgresColumns
	}
	type line struct {
		table, column, kind string
		key                 int
	}
	lines, err := all(ctx, a, func(r row) (l line, err error) { return l, r.Scan(&l.table, &l.column, &l.kind, &l.key) }, query)
	if err != nil {
		return nil, err
	}
	for _, l := range lines {
		if leftOut(l.table) {
			continue
		}
		kind, ok := columnKinds[strings.ToUpper(l.kind)]
		if !ok {
			return nil, fmt.Errorf("column %s of %s has type %s, which no backup can hold", l.column, l.table, l.kind)
		}
		if len(tables) == 0 || tables[len(tables)-1].Name != l.table {
			tables = append(tables, Table{Name: l.table})
		}
		t := &tables[len(tables)-1]
		t.Columns = append(t.Columns, Column{l.column, kind})
		if l.key > 0 {
			t.key = append(t.key, make([]string, max(0, l.key-len(t.key)))...)
			t.key[l.key-1] = l.column
		}
	}
	return tables, nil
}

func (t Table) columns() string {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = ident(c.Name)
	}
	return strings.Join(names, ", ")
}

// ident is a name that the database itself told, in a statement.
func ident(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// query asks for all rows in an order that is always the same.
func (t Table) query() string {
	q := "SELECT " + t.columns() + " FROM " + ident(t.Name)
	if len(t.key) == 0 {
		return q + " ORDER BY " + t.columns()
	}
	key := make([]string, len(t.key))
	for i, k := range t.key {
		key[i] = ident(k)
	}
	return q + " ORDER BY " + strings.Join(key, ", ")
}

// CopyTo writes all rows of a table in COPY's text format, and returns how many.
// The same rows give the same bytes, on either engine.
func (s *Snapshot) CopyTo(ctx context.Context, t Table, w io.Writer) (rows int64, err error) {
	if s.postgres {
		rows, err = s.copyOut(ctx, t, w)
	} else {
		rows, err = s.writeOut(ctx, t, w)
	}
	return rows, named(err, "read the rows of %s", t.Name)
}

func (s *Snapshot) copyOut(ctx context.Context, t Table, w io.Writer) (rows int64, err error) {
	err = s.conn.Raw(func(driver any) error {
		tag, err := driver.(*stdlib.Conn).Conn().PgConn().CopyTo(ctx, w, "COPY ("+t.query()+") TO STDOUT (ENCODING 'UTF8')")
		rows = tag.RowsAffected()
		return err
	})
	return rows, err
}

func (s *Snapshot) writeOut(ctx context.Context, t Table, w io.Writer) (n int64, err error) {
	rows, err := s.conn.QueryContext(ctx, t.query())
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	values, places := make([]any, len(t.Columns)), make([]any, len(t.Columns))
	for i := range values {
		places[i] = &values[i]
	}
	var line []byte
	for ; rows.Next(); n++ {
		if err := rows.Scan(places...); err != nil {
			return n, err
		}
		if line, err = appendCopyRow(line[:0], values); err != nil {
			return n, err
		}
		if _, err := w.Write(line); err != nil {
			return n, err
		}
	}
	return n, rows.Err()
}

// A NamedFile is a file that a row names.
type NamedFile struct {
	Digest digest.Digest
	Size   int64  // -1: nobody has looked
	Name   string // of what it belongs to; of a document, its dossier, slot and kind; nobody's
}

// Files calls fn with every file that a row names, in the order of their
// digests; one that several rows name comes as often.
func (s *Snapshot) Files(ctx context.Context, fn func(NamedFile) error) error {
	var parts []string
	for _, n := range naming {
		if slices.ContainsFunc(s.Tables, func(t Table) bool {
			return t.Name == n[0] && slices.ContainsFunc(t.Columns, func(c Column) bool { return c.Name == n[1] })
		}) {
			parts = append(parts, fileNames(n[0], n[1]))
		}
	}
	query := "SELECT f.digest, COALESCE(h.size, -1), f.name FROM (" + strings.Join(parts, " UNION ALL ") +
		") f LEFT JOIN holdings h ON h.store = 'main' AND h.digest = f.digest ORDER BY 1, 3"
	rows, err := s.conn.QueryContext(ctx, query)
	if err != nil {
		return named(err, "list the files")
	}
	defer rows.Close()
	for rows.Next() {
		var f NamedFile
		var sum string
		if err := rows.Scan(&sum, &f.Size, &f.Name); err != nil {
			return named(err, "list the files")
		}
		if f.Digest, err = digest.Parse(sum); err != nil {
			return named(err, "list the files: %s", f.Name)
		}
		if err := fn(f); err != nil {
			return err
		}
	}
	return named(rows.Err(), "list the files")
}

// fileNames asks for the files that a column names, and what they belong to.
func fileNames(table, column string) string {
	switch table {
	case "made":
		return `SELECT m.digest AS digest, 'document ' || m.document || ' (' || d.dossier || ' ' || d.slot || ', ' || k.name || '): ' || m.part AS name
			FROM made m JOIN documents d ON d.id = m.document JOIN kinds k ON k.code = d.kind`
	case "log_checkpoints":
		return "SELECT " + column + " AS digest, 'checkpoint of ' || size || ' events: " + column + "' AS name FROM log_checkpoints WHERE " + column + " <> ''"
	case "closings":
		return "SELECT " + column + " AS digest, 'figures of ' || period || ', version ' || version || ': " + column + "' AS name FROM closings"
	}
	return "SELECT " + column + " AS digest, '" + table + "." + column + "' AS name FROM " + table + " WHERE COALESCE(" + column + ", '') <> ''"
}

// Head is the size and the root of the ledger at that moment.
func (s *Snapshot) Head(ctx context.Context) (size int64, root ledger.Hash, err error) {
	if size, err = one(ctx, s.conn, single[int64], "SELECT size FROM log_head WHERE id = 1"); err == nil {
		root, err = ledger.RootOf(size, tiles(ctx, s.conn))
	}
	return size, root, named(err, "head of the ledger")
}
