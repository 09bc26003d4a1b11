// Package sqldb keeps the rows of the house: dossiers, documents and their
// ledger, holders' records, the catalogue, people. It never touches bytes.
//
// A document has one row, the truth about where it stands, and a [dossier.Change]
// in the ledger for every move; [DB.Add] and [DB.Advance] write both or neither,
// and nothing else assigns a state. Beside them each transaction writes what the
// log over the whole house says of it (docs/ledger.md); [DB.NumberEvents] gives
// these events their places and hashes, and [DB.Audit] recomputes everything. The row is also the machine's job: a lease
// says who holds it, an epoch numbers the leases, attempts counts the claims
// that came to no outcome. The ledger's tables refuse UPDATE and DELETE in the
// database itself, except for what was received as a demonstration.
//
// The SQL is the common part of SQLite ([Open]) and PostgreSQL ([OpenPostgres]);
// only the migrations differ, and what stands in postgres.go. Times are kept in milliseconds and come back in Vietnamese time.
package sqldb

import (
	"context"
	"crypto/rand"
	"database/sql"
	"embed"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"sohoa/dossier"
	"sohoa/dossier/restriction"
)

//go:embed migrations/sqlite/*.sql
var migrations embed.FS

// Options are what a database is opened with.
type Options struct {
	Now func() time.Time // the clock of leases, sessions and acts without a time

	// Ahead is how long before its proof ends an archived document is owed its
	// renewal; 0: what the policy of the day says ([dossier.PolicyAt]).
	Ahead time.Duration
}

// A DB is the house's database. Its methods may be called concurrently, and
// several processes may open one database.
type DB struct {
	notes *gathering[noting, struct{}] // of readings
	seens *gathering[seeing, struct{}] // of sessions

	write *sql.DB // to SQLite one connection: it has one writer, and queueing here is fair
	read  *sql.DB // sees every committed write, waits for none

	living     *sql.Conn // says to others that this house lives, on PostgreSQL; nil before MoveIn
	skipLocked string    // ends a query for rows to take, so that takers do not wait for each other
	now        func() time.Time
	ahead      time.Duration // 0: as the policy says

	claims *gathering[claiming, claimed] // nil on SQLite, whose one writer has no way to go
	moves  *gathering[moving, dossier.Document]

	agencies   kept[*realm]
	procedures kept[[]dossier.Procedure]
	kinds      kept[[]dossier.Kind]

	restrictions kept[[]restriction.Rule]

	blockOf  int64 // papers of a block of the search
	volumeOf int64 // blocks of a volume of it

	idMu   sync.Mutex
	lastID uint64
}

const readers = 4

// Open opens the SQLite file at path, making it if need be, readable by its
// owner only, and brings its tables up to date. A file written by a newer
// program is refused.
func Open(ctx context.Context, path string, o Options) (*DB, error) {
	db, err := open(ctx, path, o)
	if err != nil {
		return nil, fmt.Errorf("open database %s: %w", path, err)
	}
	return db, nil
}

func open(ctx context.Context, path string, o Options) (*DB, error) {
	if o.Now == nil {
		return nil, errors.New("no clock")
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	unlock, err := lock(ctx, path+"-lock")
	if err != nil {
		return nil, err
	}
	defer unlock()
	if err := touch(path); err != nil {
		return nil, err
	}
	db := &DB{now: o.Now, ahead: o.Ahead, blockOf: blockOf, volumeOf: volumeOf}
	if db.write, err = openSQLite(address(path, false)); err != nil {
		return nil, err
	}
	db.write.SetMaxOpenConns(1)
	if err := migrate(ctx, db.write); err != nil {
		return nil, errors.Join(err, db.write.Close())
	}
	if db.read, err = openSQLite(address(path, true)); err != nil {
		return nil, errors.Join(err, db.write.Close())
	}
	db.read.SetMaxOpenConns(readers)
	db.read.SetMaxIdleConns(readers)
	if err := db.openLog(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// lock makes those who open the same database wait for each other: goose does
// not, on SQLite.
func lock(ctx context.Context, path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return func() { f.Close() }, nil // which unlocks
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			return nil, errors.Join(err, f.Close())
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), f.Close())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// touch makes the file, readable by its owner only; SQLite gives -wal and -shm
// the same mode. A file that is there is not opened: closing it again would let
// go of the locks that SQLite has on it in this process.
func touch(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	} else if err != nil {
		return err
	}
	return f.Close()
}

// readCache is how many KiB of pages SQLite keeps for each connection that reads: lists
// of a province's papers are read again and again.
const readCache = 8192

// address names the file and how each connection is set up: a commit is on the
// disk when it returns, a writer says so when it begins, and a reader cannot
// write by mistake.
func address(path string, readOnly bool) string {
	q := url.Values{"_pragma": {"busy_timeout(30000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(ON)", "recursive_triggers(ON)"}}
	if readOnly {
		q.Add("_pragma", "query_only(ON)")
		q.Add("_pragma", fmt.Sprintf("cache_size(-%d)", readCache))
	} else {
		q.Set("_txlock", "immediate")
	}
	return (&url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}).String()
}

// migrate brings the tables up to date.
func migrate(ctx context.Context, db *sql.DB) error {
	p, err := steps(db, false)
	if err != nil {
		return err
	}
	return up(ctx, p)
}

// up refuses tables of a newer program, and brings older ones up to date.
func up(ctx context.Context, p *goose.Provider) error {
	have, want, err := p.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("version of the tables: %w", err)
	}
	if have > want {
		return fmt.Errorf("its tables have version %d, this program knows %d: use a newer program", have, want)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("bring the tables up to date: %w", err)
	}
	return nil
}

// Close lets go of the database.
func (db *DB) Close() error {
	var gone error
	if db.living != nil {
		gone = db.living.Close()
	}
	return errors.Join(gone, db.read.Close(), db.write.Close())
}

// tx runs fn in a transaction: everything it wrote is kept, or nothing. It may
// run fn again from the start, after one that was broken off in another's favour.
func (db *DB) tx(ctx context.Context, fn func(*sql.Tx) error) error {
	for try := 1; ; try++ {
		err := db.once(ctx, fn)
		if !inTheWay(err) || try == mostTries {
			return err
		}
		if late := pause(ctx, try); late != nil {
			return errors.Join(err, late)
		}
	}
}

func (db *DB) once(ctx context.Context, fn func(*sql.Tx) error) error {
	tx, err := db.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := fn(tx); err != nil {
		return errors.Join(full(err), ended(tx.Rollback()))
	}
	return full(tx.Commit())
}

// full says in the system's own word that the database has no room: people are told so.
func full(err error) error {
	const sqliteFull, postgresFull = 13, "53100" // SQLITE_FULL, disk_full
	var lite interface{ Code() int }
	var pg *pgconn.PgError
	if errors.As(err, &lite) && lite.Code()&0xff == sqliteFull || errors.As(err, &pg) && pg.Code == postgresFull {
		return fmt.Errorf("%w: %w", syscall.ENOSPC, err)
	}
	return err
}

// ended forgives a transaction for having been rolled back by its context.
func ended(err error) error {
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}

// An asker answers queries: the readers, or a transaction.
type asker interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// newID returns an id that is new everywhere and sorts after the ones this
// process made before: a UUID of version 7 (RFC 9562 §5.7) whose 12 bits after
// the milliseconds count.
func (db *DB) newID() string {
	db.idMu.Lock()
	next := max(uint64(db.now().UnixMilli())<<12, db.lastID+1)
	db.lastID = next
	db.idMu.Unlock()
	var b [16]byte
	rand.Read(b[:]) // never fails (crypto/rand)
	binary.BigEndian.PutUint64(b[:8], next>>12<<16|7<<12|next&0xfff)
	b[8] = b[8]&0x3f | 0x80
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// millis is how a time is kept; the zero time is NULL.
func millis(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMilli()
}

// moment is the time kept as ms.
func moment(ms int64) time.Time { return time.UnixMilli(ms).In(dossier.VietNam) }

// sometime is the time kept as ms, or none for 0.
func sometime(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return moment(ms)
}

// orNow returns t, or the time now if t is zero.
func (db *DB) orNow(t time.Time) time.Time {
	if t.IsZero() {
		return db.now()
	}
	return t
}

// flag is how a truth is kept.
func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// text is how an optional reference is kept; none is NULL.
func text[T ~string](s T) any {
	if s == "" {
		return nil
	}
	return string(s)
}
