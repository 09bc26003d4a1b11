package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// A Server is what can be seen of a PostgreSQL server, and of the database in it,
// without changing anything.
type Server struct {
	Health
	There bool // the house's tables are there

	Version   string // as the server says it
	Number    int    // 150004 is 15.4
	Encoding  string // of the database; the house needs UTF8
	Collation string // and time zone: told, and nothing depends on them
	TimeZone  string

	Unsafe   []string      // settings that lose what was committed, or tear pages: name = value
	Sums     bool          // pages have checksums
	ReadOnly string        // why nothing can be written; empty: it can
	Lacks    []string      // rights that the role lacks
	Super    bool          // the role administers the server
	Open     bool          // bytes go over a network in the clear
	Ahead    time.Duration // how much the server's clock is ahead of ours
	Free     int           // connections that may still be made
	Lifted   []string      // triggers of the house that are disabled
	Sorted   []string      // indexes whose order depends on a collation of the operating system
	Stale    string        // what changed about that collation since; empty: nothing
}

// InspectPostgres looks at the database that address names, see [OpenPostgres].
// It changes nothing. No error shows the address.
func InspectPostgres(ctx context.Context, address string, now func() time.Time) (s Server, err error) {
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return s, errAddress
	}
	db := stdlib.OpenDB(*config)
	db.SetMaxOpenConns(1)
	defer func() { err = errors.Join(err, db.Close()) }()
	i := inspection{ctx: ctx, db: db, s: &s, now: now}
	for _, look := range []func() error{i.server, i.settings, i.rights, i.tables, i.rows} {
		if err := look(); err != nil {
			return s, fmt.Errorf("inspect PostgreSQL: %w", err)
		}
	}
	return s, nil
}

type inspection struct {
	ctx context.Context
	db  *sql.DB
	s   *Server
	now func() time.Time
}

func (i inspection) ask(query string, places ...any) error {
	return i.db.QueryRowContext(i.ctx, query).Scan(places...)
}

func (i inspection) list(query string) ([]string, error) {
	return all(i.ctx, i.db, single[string], query)
}

func (i inspection) server() error {
	var standby bool
	if err := i.ask(`SELECT current_setting('server_version'), current_setting('server_version_num')::int,
			pg_encoding_to_char(d.encoding), d.datcollate, current_setting('TimeZone'), pg_is_in_recovery(),
			current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int - (SELECT COUNT(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),
			COALESCE((SELECT NOT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), true)
				AND inet_server_addr() IS NOT NULL AND NOT (inet_server_addr() <<= '127.0.0.0/8' OR inet_server_addr() = '::1')
		FROM pg_database d WHERE d.datname = current_database()`,
		&i.s.Version, &i.s.Number, &i.s.Encoding, &i.s.Collation, &i.s.TimeZone, &standby, &i.s.Free, &i.s.Open); err != nil {
		return err
	}
	var source string
	if err := i.ask("SELECT COALESCE((SELECT source FROM pg_settings WHERE name = 'default_transaction_read_only' AND setting = 'on'), '')", &source); err != nil {
		return err
	}
	switch {
	case standby:
		i.s.ReadOnly = "the server is a standby (pg_is_in_recovery)"
	case source != "":
		i.s.ReadOnly = "default_transaction_read_only is on (" + source + ")"
	}
	if _, err := i.db.ExecContext(i.ctx, "SET default_transaction_read_only = on"); err != nil { // nothing is changed by mistake
		return err
	}
	began := i.now()
	var theirs time.Time
	if err := i.ask("SELECT clock_timestamp()", &theirs); err != nil {
		return err
	}
	ended := i.now()
	i.s.Ahead = theirs.Sub(began.Add(ended.Sub(began) / 2))
	return nil
}

// settings looks at what must be on for a commit to be kept. A role or a database
// may have settings of its own: they are looked at as this role has them.
func (i inspection) settings() (err error) {
	if i.s.Unsafe, err = i.list(`SELECT name || ' = ' || setting FROM pg_settings
		WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') AND setting = 'off' ORDER BY name`); err != nil {
		return err
	}
	if err := i.ask("SELECT current_setting('data_checksums') = 'on'", &i.s.Sums); err != nil {
		return err
	}
	return nil
}

// rights are what the house needs: its schema, and to own its tables, which it
// alters when a newer program starts.
func (i inspection) rights() (err error) {
	if err := i.ask("SELECT rolsuper FROM pg_roles WHERE rolname = current_user", &i.s.Super); err != nil {
		return err
	}
	i.s.Lacks, err = i.list(`SELECT 'a schema to make tables in: search_path has none that is there' WHERE current_schema() IS NULL
		UNION ALL SELECT p || ' on schema ' || current_schema() FROM unnest(ARRAY['USAGE', 'CREATE']) p
			WHERE current_schema() IS NOT NULL AND NOT has_schema_privilege(current_schema(), p)
		UNION ALL SELECT 'to own table ' || relname FROM pg_class
			WHERE relnamespace = to_regnamespace(current_schema()::text) AND relkind = 'r' AND NOT pg_has_role(relowner, 'USAGE')
		UNION ALL SELECT p || ' on table ' || relname FROM pg_class, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) p
			WHERE relnamespace = to_regnamespace(current_schema()::text) AND relkind = 'r' AND NOT has_table_privilege(oid, p)
		ORDER BY 1`)
	return err
}

// tables looks for triggers that somebody has disabled, and for indexes that a
// change of the operating system could put out of order.
func (i inspection) tables() (err error) {
	if i.s.Lifted, err = i.list(`SELECT t.tgname || ' on ' || c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
		WHERE c.relnamespace = to_regnamespace(current_schema()::text) AND t.tgenabled NOT IN ('O', 'A') ORDER BY 1`); err != nil {
		return err
	}
	if i.s.Sorted, err = i.list(`SELECT DISTINCT c.relname FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid, unnest(x.indcollation::oid[]) k
		WHERE c.relnamespace = to_regnamespace(current_schema()::text) AND k <> 0 AND k NOT IN (SELECT oid FROM pg_collation WHERE collname IN ('C', 'POSIX')) ORDER BY 1`); err != nil {
		return err
	}
	if i.s.Number >= 150000 && len(i.s.Sorted) > 0 {
		return i.ask(`SELECT CASE WHEN datcollversion <> pg_database_collation_actual_version(oid)
			THEN datcollversion || ' -> ' || pg_database_collation_actual_version(oid) ELSE '' END
			FROM pg_database WHERE datname = current_database()`, noText{&i.s.Stale})
	}
	return nil
}

// noText takes NULL for an empty text.
type noText struct{ to *string }

// Scan implements [sql.Scanner].
func (n noText) Scan(v any) error {
	var s sql.NullString
	err := s.Scan(v)
	*n.to = s.String
	return err
}

// rows says which version the tables have, and when the ledger's newest act was.
func (i inspection) rows() (err error) {
	if i.s.Want, err = newestMigration(); err != nil {
		return err
	}
	if err := i.ask("SELECT to_regclass('goose_db_version') IS NOT NULL AND to_regclass('changes') IS NOT NULL", &i.s.There); err != nil || !i.s.There {
		return err
	}
	if i.s.Have, err = tablesVersion(i.ctx, i.db); err != nil {
		return nil // not for this role to read: it is told what it lacks
	}
	var newest int64
	if err := i.ask("SELECT COALESCE(MAX(at), 0) FROM changes", &newest); err != nil {
		return nil
	}
	i.s.Newest = sometime(newest)
	return nil
}
