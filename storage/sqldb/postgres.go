package sqldb

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

//go:embed migrations/postgres/*.sql
var postgresMigrations embed.FS

// writers is how many connections of one process write at once: on PostgreSQL
// they wait for each other only over the same rows.
const writers = 8

// OpenPostgres opens the PostgreSQL database that address names, as a URL or as
// keywords (libpq's "Connection Strings"; passfile keeps the password out of
// it), and brings its tables up to date in the schema that its search_path names
// first. Several processes, on several machines, may open one database. Tables
// of a newer program are refused. No error shows the address.
func OpenPostgres(ctx context.Context, address string, o Options) (*DB, error) {
	db, err := openPostgres(ctx, address, o)
	if err != nil {
		return nil, fmt.Errorf("open the PostgreSQL database: %w", err)
	}
	return db, nil
}

// errAddress: pgx would show what it could not read, with the password in it.
var errAddress = errors.New("the address cannot be read: it is a URL, postgres://USER@HOST:PORT/DATABASE?passfile=FILE&sslmode=verify-full")

func openPostgres(ctx context.Context, address string, o Options) (*DB, error) {
	if o.Now == nil {
		return nil, errors.New("no clock")
	}
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, errAddress
	}
	if _, said := config.RuntimeParams["jit"]; !said {
		config.RuntimeParams["jit"] = "off" // no query of ours runs as long as it takes to compile one
	}
	db := &DB{now: o.Now, ahead: o.Ahead, blockOf: blockOf, volumeOf: volumeOf, skipLocked: " FOR UPDATE SKIP LOCKED"}
	db.write = stdlib.OpenDB(*config)
	db.write.SetMaxOpenConns(writers)
	db.write.SetMaxIdleConns(writers)
	if err := migratePostgres(ctx, db.write); err != nil {
		return nil, errors.Join(err, db.write.Close())
	}
	readOnly := config.Copy()
	readOnly.RuntimeParams["default_transaction_read_only"] = "on" // a reader cannot write by mistake
	db.read = stdlib.OpenDB(*readOnly)
	db.read.SetMaxOpenConns(readers)
	db.read.SetMaxIdleConns(readers)
	if err := db.openLog(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	db.gather()
	return db, nil
}

// migratePostgres brings the tables up to date.
func migratePostgres(ctx context.Context, db *sql.DB) error {
	return migratingAlone(ctx, db, func() error {
		p, err := steps(db, true)
		if err != nil {
			return err
		}
		return up(ctx, p)
	})
}

// migratingAlone calls do while others who would change the tables wait. goose's
// own lock is not enough: it makes its table before it.
func migratingAlone(ctx context.Context, db *sql.DB, do func() error) (err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, "SELECT pg_advisory_lock($1)", migrating); err != nil {
		return err
	}
	defer func() {
		_, e := conn.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", migrating)
		err = errors.Join(err, e)
	}()
	return do()
}

// migrating is the advisory lock of those who bring tables up to date.
const migrating int64 = 0x736f686f61 // "sohoa"

// MoveIn says that a house begins to work on the database, until [DB.Close] or
// its death. If it is the only one, whoever held a lease is dead: all are
// voided. A SQLite file is one house's, whose directory is locked. On PostgreSQL
// the houses at work share an advisory lock, each for as long as its connection
// lives; who can have it alone is alone.
func (db *DB) MoveIn(ctx context.Context) error {
	if db.skipLocked == "" {
		return db.VoidLeases(ctx)
	}
	db.write.SetMaxOpenConns(writers + 1)
	var err error
	if db.living, err = db.write.Conn(ctx); err != nil {
		return fmt.Errorf("move in: %w", err)
	}
	alone := false
	err = db.living.QueryRowContext(ctx, "SELECT pg_try_advisory_lock($1, hashtext(current_schema()))", inhabited).Scan(&alone)
	if err == nil { // whoever comes while another is alone waits here
		_, err = db.living.ExecContext(ctx, "SELECT pg_advisory_lock_shared($1, hashtext(current_schema()))", inhabited)
	}
	if err == nil && alone {
		err = db.VoidLeases(ctx)
	}
	if err == nil && alone {
		_, err = db.living.ExecContext(ctx, "SELECT pg_advisory_unlock($1, hashtext(current_schema()))", inhabited)
	}
	return named(err, "move in")
}

// inhabited is the advisory lock of houses at work.
const inhabited int32 = 0x736f68 // "soh"

// mostTries is how often a transaction is begun anew that PostgreSQL broke off
// because it stood in the way of another.
const mostTries = 8

// inTheWay reports whether a transaction was broken off for another's sake: it
// wrote nothing, and the same again may succeed (serialization failure, deadlock).
func inTheWay(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01")
}

// pause waits a little longer each time.
func pause(ctx context.Context, try int) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Duration(try*try) * 5 * time.Millisecond):
		return nil
	}
}
