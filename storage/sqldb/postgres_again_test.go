package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// Making all tables takes PostgreSQL seconds, of which a test needs few: so a
// schema is used by one test after the other, each of which finds in it what was
// there when it was made.
var rested struct {
	sync.Mutex
	free, all []madeSchema
}

// A madeSchema is a schema with all tables, and what it was like at first.
type madeSchema struct{ address, shape string }

func TestMain(m *testing.M) {
	code := m.Run()
	for _, p := range rested.all {
		if err := dropSchema(context.Background(), p.address); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
	os.Exit(code)
}

// upToDate returns the address of a schema on the PostgreSQL server that has all
// tables and nothing in them but what a new house has, for one test.
func upToDate(t testing.TB, server string) string {
	t.Helper()
	p, err := restedOne(t.Context(), server)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		if err := restore(ctx, p.address, "_new"); err != nil {
			return // another is made
		}
		if shape, err := shapeOf(ctx, p.address); err != nil || shape != p.shape {
			return // the test did something to the tables themselves
		}
		rested.Lock()
		defer rested.Unlock()
		rested.free = append(rested.free, p)
	})
	return p.address
}

func restedOne(ctx context.Context, server string) (p madeSchema, err error) {
	rested.Lock()
	defer rested.Unlock()
	if n := len(rested.free); n > 0 {
		p = rested.free[n-1]
		rested.free = rested.free[:n-1]
		return p, nil
	}
	if p.address, err = newSchema(ctx, server); err != nil {
		return p, err
	}
	db, err := OpenPostgres(ctx, p.address, Options{Now: time.Now})
	if err != nil {
		return p, err
	}
	if err = errors.Join(db.Close(), save(ctx, p.address, "_new")); err != nil {
		return p, err
	}
	if p.shape, err = shapeOf(ctx, p.address); err == nil {
		rested.all = append(rested.all, p)
	}
	return p, err
}

// save keeps the rows of all tables and where sequences are beside them, under a name.
func save(ctx context.Context, address, as string) error {
	return administer(ctx, address, strings.ReplaceAll(`DO $do$ DECLARE r record; filled boolean; kept text := current_schema()||'$as'; BEGIN
		EXECUTE format('DROP SCHEMA IF EXISTS %I CASCADE', kept);
		EXECUTE format('CREATE SCHEMA %I', kept);
		EXECUTE format('CREATE TABLE %I.sequences AS SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = current_schema()', kept);
		FOR r IN SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' LOOP
			EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I)', r.relname) INTO filled;
			IF filled THEN
				EXECUTE format('CREATE TABLE %I.%I AS TABLE %I', kept, r.relname, r.relname);
			END IF;
		END LOOP;
	END $do$`, "$as", as))
}

// restore brings back all rows that were saved under a name, and takes away all
// others, past triggers and foreign keys; for who comes next there are none left
// to be stepped over.
func restore(ctx context.Context, address, as string) error {
	db, err := sql.Open("pgx", address)
	if err != nil {
		return err
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(ctx, strings.ReplaceAll(`DO $do$ DECLARE r record; filled boolean; names text; emptied text := ''; n bigint; gone bigint := 0; BEGIN
		SET LOCAL session_replication_role = replica;
		SET LOCAL lock_timeout = '10s'; -- of somebody who was left behind
		FOR r IN SELECT oid, relname, to_regclass(format('%I.%I', current_schema()||'$as', relname)) AS kept
			FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' LOOP
			EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I)', r.relname) INTO filled;
			IF filled THEN
				EXECUTE format('DELETE FROM %I', r.relname);
				GET DIAGNOSTICS n = ROW_COUNT;
				gone := gone + n;
				emptied := emptied||', '||quote_ident(r.relname);
			END IF;
			IF r.kept IS NOT NULL THEN
				SELECT string_agg(quote_ident(attname), ', ') INTO names FROM pg_attribute WHERE attrelid = r.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '';
				EXECUTE format('INSERT INTO %I (%s) SELECT %s FROM %s', r.relname, names, names, r.kept);
			END IF;
		END LOOP;
		FOR r IN EXECUTE format('SELECT sequencename AS name, COALESCE(last_value, 1) AS at, last_value IS NOT NULL AS used FROM %I.sequences', current_schema()||'$as') LOOP
			PERFORM setval(quote_ident(r.name), r.at, r.used);
		END LOOP;
		IF gone > 5000 THEN -- indexes keep the room of so many, and are slower for it
			RAISE EXCEPTION '% rows were left', gone;
		END IF;
		PERFORM set_config('sohoa.emptied', substr(emptied, 3), false);
	END $do$`, "$as", as)); err != nil {
		return err
	}
	var emptied string
	err = db.QueryRowContext(ctx, "SELECT current_setting('sohoa.emptied')").Scan(&emptied)
	if err == nil && emptied != "" {
		_, err = db.ExecContext(ctx, "VACUUM "+emptied)
	}
	if err == nil { // of a table that was emptied PostgreSQL thinks that it stays so, of a new one it does not
		_, err = db.ExecContext(ctx, "UPDATE pg_class SET reltuples = -1, relpages = 0, relallvisible = 0 WHERE relnamespace = current_schema()::regnamespace AND reltuples >= 0")
	}
	if err == nil {
		_, err = db.ExecContext(ctx, "DELETE FROM pg_statistic WHERE starelid IN (SELECT oid FROM pg_class WHERE relnamespace = current_schema()::regnamespace)")
	}
	return err
}

// shapeOf sums up the tables, columns, triggers and functions of a schema.
func shapeOf(ctx context.Context, address string) (shape string, err error) {
	db, err := sql.Open("pgx", address)
	if err != nil {
		return "", err
	}
	err = db.QueryRowContext(ctx, `SELECT concat_ws(' ',
		(SELECT sum(hashtextextended(concat(c.oid::text, c.relname, c.relkind, c.relhastriggers), 0)) FROM pg_class c WHERE c.relnamespace = n.oid),
		(SELECT sum(hashtextextended(concat(a.attrelid::text, a.attname, a.atttypid, a.attnotnull, a.attisdropped), 0)) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE c.relnamespace = n.oid),
		(SELECT sum(hashtextextended(concat(t.oid::text, t.tgenabled), 0)) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE c.relnamespace = n.oid),
		(SELECT sum(hashtextextended(concat(p.oid::text, p.prosrc), 0)) FROM pg_proc p WHERE p.pronamespace = n.oid),
		(SELECT sum(hashtextextended(concat(k.oid::text, pg_get_constraintdef(k.oid)), 0)) FROM pg_constraint k WHERE k.connamespace = n.oid))
		FROM pg_namespace n WHERE n.oid = current_schema()::regnamespace`).Scan(&shape)
	return shape, errors.Join(err, db.Close())
}

// dropSchema removes a schema and what was saved of it.
func dropSchema(ctx context.Context, address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	name := u.Query().Get("search_path")
	return administer(ctx, address, "DROP SCHEMA IF EXISTS "+name+", "+name+"_new, "+name+"_busy CASCADE")
}
