package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"sohoa/dossier/digest"
	"sohoa/dossier/fixity"
	"sohoa/storage/ledger"
)

// A Filling is what an empty database is filled with.
type Filling struct {
	Version int64 // of the tables that the rows come from
	Tables  []Table

	// Open opens the rows of a table, in COPY's text format. A reader that fails,
	// and be it at its end, fills nothing.
	Open func(Table) (io.ReadCloser, error)

	// What becomes of the files: all are in the main store from now on but those
	// that are missing; the second store is owed all.
	At      time.Time
	Missing []digest.Digest
}

// Errors of filling a database.
var (
	ErrFilled = errors.New("the database is not empty")
	ErrNewer  = errors.New("made by a newer program: use that one")
)

// Fill makes the tables of a database as they were in the version of the rows,
// and puts the rows into them, all or none: broken off anywhere, it may be done
// again. The error of a database that holds a house wraps [ErrFilled]. It is
// for [Open] or [OpenPostgres] to bring the tables up to date then.
func (at At) Fill(ctx context.Context, f Filling) error {
	return named(at.fill(ctx, f), "fill the database")
}

func (at At) fill(ctx context.Context, f Filling) (err error) {
	p, conn, done, err := at.prepare(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	have, want, err := p.GetVersions(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("version of the tables: %w", err)
	case f.Version > want:
		return fmt.Errorf("the rows have version %d, this program knows %d: %w", f.Version, want, ErrNewer)
	case have > f.Version:
		return fmt.Errorf("%w: its tables have version %d, the rows %d", ErrFilled, have, f.Version)
	}
	if _, err := p.UpTo(ctx, f.Version); err != nil {
		return fmt.Errorf("make the tables: %w", err)
	}
	l := loader{ctx: ctx, conn: conn, postgres: at.Address != "", Filling: f}
	return l.load()
}

// prepare opens a database for filling, with its migrations.
func (at At) prepare(ctx context.Context) (p *goose.Provider, conn *sql.Conn, done func() error, err error) {
	var db *sql.DB
	dialect, files, dir := goose.DialectSQLite3, fs.FS(migrations), "migrations/sqlite"
	if at.Address != "" {
		config, err := pgx.ParseConfig(at.Address)
		if err != nil {
			return nil, nil, nil, errAddress
		}
		db, dialect, files, dir = stdlib.OpenDB(*config), goose.DialectPostgres, postgresMigrations, "migrations/postgres"
	} else {
		path, err := filepath.Abs(at.Path)
		if err != nil {
			return nil, nil, nil, err
		}
		if err := touch(path); err != nil {
			return nil, nil, nil, err
		}
		if db, err = sql.Open("sqlite", address(path, false)); err != nil {
			return nil, nil, nil, err
		}
	}
	var steps fs.FS
	if steps, err = fs.Sub(files, dir); err == nil {
		p, err = goose.NewProvider(dialect, db, steps, goose.WithDisableGlobalRegistry(true))
	}
	if err == nil {
		conn, err = db.Conn(ctx)
	}
	if err != nil {
		return nil, nil, nil, errors.Join(err, db.Close())
	}
	return p, conn, func() error { return errors.Join(conn.Close(), db.Close()) }, nil
}

// A loader puts rows into tables past their triggers, in one transaction.
type loader struct {
	Filling
	ctx      context.Context
	conn     *sql.Conn
	postgres bool
}

func (l *loader) load() (err error) {
	begin := "BEGIN IMMEDIATE"
	if l.postgres {
		begin = "BEGIN"
	}
	if _, err := l.conn.ExecContext(l.ctx, begin); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_, e := l.conn.ExecContext(context.WithoutCancel(l.ctx), "ROLLBACK")
			err = errors.Join(err, e)
		}
	}()
	tables, err := l.match()
	if err != nil {
		return err
	}
	if err := l.empty(); err != nil {
		return err
	}
	restore, err := l.lift(tables)
	if err != nil {
		return fmt.Errorf("lift the triggers: %w", err)
	}
	for _, t := range slices.Backward(tables) { // what the migrations put there
		if err := l.do("DELETE FROM " + ident(t.Name)); err != nil {
			return err
		}
	}
	for _, t := range tables {
		if err := l.table(t); err != nil {
			return fmt.Errorf("rows of %s: %w", t.Name, err)
		}
	}
	if err := l.settle(); err != nil {
		return err
	}
	for _, s := range restore {
		if err := l.do(s); err != nil {
			return fmt.Errorf("put the triggers back: %w", err)
		}
	}
	return l.do("COMMIT")
}

func (l *loader) do(statement string, values ...any) error {
	_, err := l.conn.ExecContext(l.ctx, statement, values...)
	return err
}

// inhabitants are tables that are empty in a database in which nobody has begun.
var inhabitants = [...]string{"agencies", "people", "holders", "dossiers", "documents", "log_events", "log_pending"}

func (l *loader) empty() error {
	for _, t := range inhabitants {
		if some, err := exists(l.ctx, l.conn, "SELECT 1 FROM "+t); err != nil {
			return err
		} else if some {
			return fmt.Errorf("%w: there are %s in it", ErrFilled, t)
		}
	}
	return nil
}

// match returns the tables to be filled, those that others name first. They must
// be those that this program makes: rows of a table that nobody knows would be
// lost without a word.
func (l *loader) match() ([]Table, error) {
	ours, err := tablesOf(l.ctx, l.conn, l.postgres)
	if err != nil {
		return nil, err
	}
	byName := map[string]Table{}
	for _, t := range ours {
		byName[t.Name] = t
	}
	for _, t := range l.Tables {
		our, ok := byName[t.Name]
		if !ok || !slices.Equal(our.Columns, t.Columns) && !slices.Equal(sortedColumns(our), sortedColumns(t)) {
			return nil, fmt.Errorf("table %s is not as this program makes it in version %d", t.Name, l.Version)
		}
	}
	if len(l.Tables) != len(ours) {
		return nil, fmt.Errorf("%d tables, this program makes %d in version %d", len(l.Tables), len(ours), l.Version)
	}
	parents, err := l.parents()
	return parentsFirst(l.Tables, parents), err
}

func sortedColumns(t Table) []Column {
	return slices.SortedFunc(slices.Values(t.Columns), func(a, b Column) int { return strings.Compare(a.Name, b.Name) })
}

// parents are the tables that each table's rows name.
func (l *loader) parents() (map[string][]string, error) {
	query := `SELECT m.name, f."table" FROM sqlite_master m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table'`
	if l.postgres {
		query = `SELECT c.relname, p.relname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class p ON p.oid = k.confrelid
			WHERE k.contype = 'f' AND c.relnamespace = current_schema()::regnamespace`
	}
	out := map[string][]string{}
	_, err := all(l.ctx, l.conn, func(r row) (struct{}, error) {
		var child, parent string
		err := r.Scan(&child, &parent)
		out[child] = append(out[child], parent)
		return struct{}{}, err
	}, query)
	return out, err
}

func parentsFirst(tables []Table, parents map[string][]string) (out []Table) {
	byName, done := map[string]Table{}, map[string]bool{}
	for _, t := range tables {
		byName[t.Name] = t
	}
	var visit func(Table)
	visit = func(t Table) {
		if done[t.Name] {
			return
		}
		done[t.Name] = true
		for _, p := range parents[t.Name] {
			if parent, ok := byName[p]; ok {
				visit(parent)
			}
		}
		out = append(out, t)
	}
	for _, t := range tables {
		visit(t)
	}
	return out
}

// lift takes the triggers away, and returns the statements that put them back.
func (l *loader) lift(tables []Table) (back []string, err error) {
	if l.postgres {
		for _, t := range tables {
			if err := l.do("ALTER TABLE " + ident(t.Name) + " DISABLE TRIGGER USER"); err != nil {
				return nil, err
			}
			back = append(back, "ALTER TABLE "+ident(t.Name)+" ENABLE TRIGGER USER")
		}
		return back, nil
	}
	if err := l.do("PRAGMA defer_foreign_keys = ON"); err != nil {
		return nil, err
	}
	var names []string
	if _, err := all(l.ctx, l.conn, func(r row) (struct{}, error) {
		var name, statement string
		err := r.Scan(&name, &statement)
		names, back = append(names, name), append(back, statement)
		return struct{}{}, err
	}, "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY rowid"); err != nil {
		return nil, err
	}
	for _, n := range names {
		if err := l.do("DROP TRIGGER " + ident(n)); err != nil {
			return nil, err
		}
	}
	return back, nil
}

func (l *loader) table(t Table) error {
	r, err := l.Open(t)
	if err != nil {
		return err
	}
	defer r.Close()
	if l.postgres {
		return l.conn.Raw(func(driver any) error {
			_, err := driver.(*stdlib.Conn).Conn().PgConn().CopyFrom(l.ctx, r, "COPY "+ident(t.Name)+" ("+t.columns()+") FROM STDIN (ENCODING 'UTF8')")
			return err
		})
	}
	places := make([]string, len(t.Columns))
	for i := range places {
		places[i] = fmt.Sprintf("$%d", i+1)
	}
	put, err := l.conn.PrepareContext(l.ctx, "INSERT INTO "+ident(t.Name)+" ("+t.columns()+") VALUES ("+strings.Join(places, ", ")+")")
	if err != nil {
		return err
	}
	defer put.Close()
	_, err = readCopyRows(r, t.Columns, func(values []any) error {
		_, err := put.ExecContext(l.ctx, values...)
		return err
	})
	return err
}

// settle says of every file where it is now, and that nobody holds a document.
func (l *loader) settle() error {
	if err := l.do("UPDATE holdings SET state = CASE WHEN store = 'main' THEN 'kept' ELSE 'owed' END, seen = $1", l.At.UnixMilli()); err != nil {
		return err
	}
	for _, d := range l.Missing {
		if err := l.do("UPDATE holdings SET state = $1 WHERE store = 'main' AND digest = $2", string(fixity.Missing), d.String()); err != nil {
			return err
		}
	}
	return l.do("UPDATE documents SET lease_until = 0")
}

// Stands says whether a database holds a house, and the head of its ledger; of
// one that is not there, or empty, neither.
func (at At) Stands(ctx context.Context) (stands bool, size int64, root ledger.Hash, err error) {
	if at.Address == "" && !isThere(at.Path) {
		return false, 0, root, nil
	}
	s, err := at.Snapshot(ctx)
	if missingTable(err) {
		return false, 0, root, nil
	} else if err != nil {
		return false, 0, root, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if !slices.ContainsFunc(s.Tables, func(t Table) bool { return t.Name == "log_pending" }) {
		return false, 0, root, nil // filling was broken off while its tables were made
	}
	l := loader{ctx: ctx, conn: s.conn}
	if err := l.empty(); !errors.Is(err, ErrFilled) {
		return false, 0, root, err
	}
	size, root, err = s.Head(ctx)
	return true, size, root, err
}

// isThere says whether a file has anything in it.
func isThere(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Size() > 0
}

// missingTable reports whether a table that was asked for is not there: in a
// database in which nobody has begun.
func missingTable(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "42P01" || err != nil && strings.Contains(err.Error(), "no such table")
}
