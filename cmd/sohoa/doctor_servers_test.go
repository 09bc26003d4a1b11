package main

import (
	"database/sql"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"sohoa/cmd/internal/wire"
	"sohoa/storage/sqldb"
)

// The doctor looks into PostgreSQL (make test-postgres): each thing that is wrong
// with a server is named, several in one go, and nothing is changed.
func TestDoctorPostgres(t *testing.T) {
	server := os.Getenv("SOHOA_TEST_POSTGRES")
	if server == "" {
		t.Skip("no SOHOA_TEST_POSTGRES: make test-postgres starts a server")
	}
	data, _ := oneFile(t)
	admin, err := sql.Open("pgx", server)
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	do := func(statements ...string) {
		t.Helper()
		for _, s := range statements {
			if _, err := admin.ExecContext(t.Context(), s); err != nil {
				t.Fatalf("%s: %v", s, err)
			}
		}
	}
	address := pgSchema(t, server)
	env := func(address string) map[string]string {
		return map[string]string{"SOHOA_DATA": data, "SOHOA_DATABASE_URL": address}
	}
	with := func(name, value string) string {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		q := u.Query()
		q.Set(name, value)
		u.RawQuery = q.Encode()
		return u.String()
	}
	// pg_virtualenv's servers forget what was committed, on purpose: that is a
	// finding. The rest is looked at with it on.
	if code, broken, all := examined(t, env(address)); code != exitUnsound || !slices.Equal(broken, []string{"postgres-durability"}) || !strings.Contains(all["postgres-durability"].EN, "fsync = off") {
		t.Errorf("as pg_virtualenv makes it: %v %+v", broken, all["postgres-durability"])
	} else if all["database"].State != wire.Note {
		t.Errorf("an empty schema: %+v", all["database"])
	}
	do("ALTER SYSTEM SET fsync = on", "SELECT pg_reload_conf()")
	defer do("ALTER SYSTEM RESET fsync", "SELECT pg_reload_conf()")
	db := openHouse(t, env(address), data)
	defer db.Close()
	code, broken, all := examined(t, env(address))
	for end := time.Now().Add(20 * time.Second); len(broken) > 0 && time.Now().Before(end); { // until the server has read its settings
		time.Sleep(200 * time.Millisecond)
		code, broken, all = examined(t, env(address))
	}
	if code != exitDone || len(broken) > 0 || !strings.Contains(all["postgres"].EN, "UTF8") || all["postgres-superuser"].State != wire.Note || all["database"].State != wire.Well {
		t.Fatalf("a sound one: %d %v %+v", code, broken, all)
	}
	schema, _ := url.Parse(address)
	name := schema.Query().Get("search_path")
	role := strings.Replace(name, "house", "role", 1)
	do("CREATE ROLE " + role + " LOGIN PASSWORD 'x'")
	defer do("DROP OWNED BY "+role, "DROP ROLE "+role)
	do("GRANT USAGE ON SCHEMA "+name+" TO "+role, "GRANT SELECT ON ALL TABLES IN SCHEMA "+name+" TO "+role)
	u, _ := url.Parse(address)
	u.User = url.UserPassword(role, "x")
	for what, x := range map[string]struct {
		address, says string
		do, undo      []string
	}{
		"database":            {address: "postgres://u:s3cret@127.0.0.1:1/x", says: "inspect PostgreSQL"},
		"postgres-durability": {address: with("synchronous_commit", "off"), says: "synchronous_commit = off"},
		"postgres-rights":     {address: u.String(), says: "INSERT on table changes"},
		"postgres-read-only": {address: u.String(), says: "default_transaction_read_only is on (user)",
			do: []string{"ALTER ROLE " + role + " SET default_transaction_read_only = on"}, undo: []string{"ALTER ROLE " + role + " RESET default_transaction_read_only"}},
		"postgres-triggers": {address: address, says: "changes_once on changes",
			do: []string{"ALTER TABLE " + name + ".changes DISABLE TRIGGER changes_once"}, undo: []string{"ALTER TABLE " + name + ".changes ENABLE TRIGGER changes_once"}},
	} {
		do(x.do...)
		code, broken, all := examined(t, env(x.address))
		do(x.undo...)
		if code != exitUnsound || !slices.Contains(broken, what) || !strings.Contains(all[what].EN, x.says) || strings.Contains(all[what].EN, "s3cret") {
			t.Errorf("%s: %v %+v", what, broken, all[what])
		}
		if x.address != u.String() && len(broken) != 1 {
			t.Errorf("%s: and also %v", what, broken)
		}
	}
	s := wire.Read(settingsOf(env(with("synchronous_commit", "off"))))
	s.Now = func() time.Time { return time.Now().Add(-time.Hour) }
	var names []string
	for _, f := range wire.Doctor(t.Context(), s) {
		if f.State == wire.Broken && strings.HasPrefix(f.What, "postgres") {
			names = append(names, f.What)
		}
	}
	slices.Sort(names)
	if !slices.Equal(names, []string{"postgres-clock", "postgres-durability"}) {
		t.Errorf("two things in one go: %v", names)
	}
	found, err := sqldb.InspectPostgres(t.Context(), address, time.Now)
	if err != nil || len(found.Sorted) > 0 || found.Have != found.Want || found.Have == 0 {
		t.Errorf("an index of ours depends on the operating system, or versions differ: %+v, %v", found, err)
	}
}

// The doctor looks into a Redis: one that is paused, refuses or is elsewhere in
// time is named.
func TestDoctorRedis(t *testing.T) {
	data, _ := oneFile(t)
	m := miniredis.RunT(t)
	env := map[string]string{"SOHOA_DATA": data, "SOHOA_REDIS_URL": "redis://" + m.Addr() + "/0"}
	if code, broken, all := examined(t, env); code != exitDone || len(broken) > 0 || all["queue"].State != wire.Well {
		t.Fatalf("a sound one: %d %v", code, broken)
	}
	if keys := m.Keys(); len(keys) > 0 {
		t.Errorf("left behind: %v", keys)
	}
	m.SetTime(time.Now().Add(2 * time.Hour))
	if _, err := m.SetAdd("asynq:queues", "line"); err != nil {
		t.Fatal(err)
	}
	if err := m.Set("asynq:{line}:paused", "1"); err != nil {
		t.Fatal(err)
	}
	if code, broken, _ := examined(t, env); code != exitUnsound || !slices.Equal(broken, []string{"queue-clock", "queue-paused"}) {
		t.Errorf("paused, and two hours ahead: %v", broken)
	}
	m.RequireAuth("secret")
	if _, broken, _ := examined(t, env); !slices.Equal(broken, []string{"queue"}) {
		t.Errorf("a password is wanted: %v", broken)
	}
}
