package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
)

// schema makes an empty schema on the PostgreSQL server that SOHOA_TEST_POSTGRES
// names, for one test, and returns the address of a database that is this
// schema. It is for tests of how tables are made; others take [upToDate].
func schema(t testing.TB, server string) string {
	t.Helper()
	address, err := newSchema(t.Context(), server)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := dropSchema(context.WithoutCancel(t.Context()), address); err != nil {
			t.Error(err)
		}
	})
	return address
}

func newSchema(ctx context.Context, server string) (address string, err error) {
	name := strings.ReplaceAll("test"+rnd()+fmt.Sprint("_", os.Getpid()), "-", "_")
	if err := administer(ctx, server, "CREATE SCHEMA "+name); err != nil {
		return "", err
	}
	u, err := url.Parse(server)
	if err != nil {
		return "", err
	}
	q := u.Query()
	q.Set("search_path", name)
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// administer runs a statement of whoever has the server.
func administer(ctx context.Context, address, statement string) error {
	db, err := sql.Open("pgx", address)
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, statement)
	return errors.Join(err, db.Close())
}

// needPostgres skips a test of what only PostgreSQL has where there is none.
func needPostgres(t *testing.T) string {
	t.Helper()
	server := os.Getenv("SOHOA_TEST_POSTGRES")
	if server == "" {
		t.Skip("no SOHOA_TEST_POSTGRES: make test-postgres starts a server")
	}
	return server
}

// The tables of both engines are made by the same steps.
func TestSameMigrations(t *testing.T) {
	var names [2][]string
	for i, x := range []struct {
		fs  fs.FS
		dir string
	}{{migrations, "migrations/sqlite"}, {postgresMigrations, "migrations/postgres"}} {
		entries, err := fs.ReadDir(x.fs, x.dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			names[i] = append(names[i], e.Name())
		}
	}
	if !slices.Equal(names[0], names[1]) || len(names[0]) == 0 {
		t.Errorf("SQLite has %v, PostgreSQL %v", names[0], names[1])
	}
}

func TestAddressIsNotShown(t *testing.T) {
	for _, address := range []string{"postgres://u:s3cret@127.0.0.1:1/x", "postgres://u:s3cret@[:x", "password=s3cret host='"} {
		_, err := OpenPostgres(t.Context(), address, Options{Now: time.Now})
		if err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("opened %q: %v", address, err)
		}
	}
}

func TestPostgresAtOnce(t *testing.T) {
	address := schema(t, needPostgres(t))
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			db, err := OpenPostgres(t.Context(), address, Options{Now: time.Now})
			if err == nil {
				err = db.Close()
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

// A program that is too old does not touch the tables, a reader cannot write,
// and no table that is written once can be emptied.
func TestPostgresRefuses(t *testing.T) {
	needPostgres(t)
	h := newHouse(t)
	if _, err := h.read.ExecContext(h.ctx, "UPDATE documents SET size = 0"); err == nil {
		t.Error("a reader can write")
	}
	for _, table := range []string{"documents", "dossiers", "changes", "made", "entries", "events", "intents", "reviews"} {
		if _, err := h.write.ExecContext(h.ctx, "TRUNCATE "+table+" CASCADE"); err == nil {
			t.Errorf("%s can be emptied", table)
		}
	}
	_, err := h.write.ExecContext(h.ctx, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, true)")
	h.must(err)
	if _, err := OpenPostgres(h.ctx, h.address, Options{Now: time.Now}); err == nil || !strings.Contains(err.Error(), "newer") {
		t.Errorf("tables of a newer program: %v", err)
	}
}

// A transaction that another stands in the way of is begun anew: two that take
// the same rows in opposite order both end well.
func TestPostgresDeadlock(t *testing.T) {
	needPostgres(t)
	h := newHouse(t)
	codes := []dossier.Code{h.newDossier().Code, h.newDossier().Code}
	var met sync.WaitGroup
	met.Add(2)
	var wg sync.WaitGroup
	for i := range 2 {
		wg.Go(func() {
			first := true
			err := h.tx(h.ctx, func(tx *sql.Tx) error {
				for k := range 2 {
					if _, err := tx.ExecContext(h.ctx, "UPDATE dossiers SET filled = filled + 1 WHERE code = $1", string(codes[(i+k)%2])); err != nil {
						return err
					}
					if k == 0 && first {
						first = false
						met.Done()
						met.Wait()
					}
				}
				return nil
			})
			if err != nil {
				t.Errorf("one of two in each other's way: %v", err)
			}
		})
	}
	wg.Wait()
	for _, c := range codes {
		if n, err := one(h.ctx, h.read, single[int], "SELECT filled FROM dossiers WHERE code = $1", string(c)); err != nil || n != 2 {
			t.Errorf("%s was written %d times, %v", c, n, err)
		}
	}
}

// Leases are voided by a house that is alone, never by one that joins another at
// work; one that died was there no longer.
func TestPostgresMoveIn(t *testing.T) {
	needPostgres(t)
	h := newHouse(t)
	h.must(h.MoveIn(h.ctx))
	h.add(h.newDossier().Code, "T1")
	if jobs, err := h.Lease(h.ctx, 5, time.Hour); err != nil || len(jobs) != 1 {
		t.Fatalf("%d leases, %v", len(jobs), err)
	}
	held := func() int {
		n, err := one(h.ctx, h.read, single[int], "SELECT COUNT(*) FROM documents WHERE lease_until > 0")
		h.must(err)
		return n
	}
	second, err := OpenPostgres(h.ctx, h.address, Options{Now: h.clock.now})
	h.must(err)
	h.must(second.MoveIn(h.ctx))
	if held() != 1 {
		t.Error("a house that joined another voided its leases")
	}
	h.must(second.Close())
	h.must(h.Close())
	h.open()
	h.must(h.MoveIn(h.ctx))
	if held() != 0 {
		t.Error("a house alone left the leases of the dead")
	}
}

// Documents of the same bytes put at the same moment are all taken, and the
// bytes held once.
func TestPostgresSameBytesAtOnce(t *testing.T) {
	needPostgres(t)
	h := newHouse(t)
	for round := range 20 {
		var codes [4]dossier.Code
		for i := range codes {
			codes[i] = h.newDossier().Code
		}
		name := fmt.Sprint("the same paper ", round)
		var wg sync.WaitGroup
		for _, code := range codes {
			wg.Go(func() {
				if _, err := h.Add(h.ctx, scan(code, "T1", name), "counter"); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		n, err := one(h.ctx, h.read, single[int], "SELECT COUNT(*) FROM holdings WHERE digest = $1", digest.Of([]byte(name)).String())
		if err != nil || n != 2 {
			t.Fatalf("%d holdings in two stores, %v", n, err)
		}
	}
}
