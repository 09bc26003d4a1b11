package sqldb

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"
)

func preparedFile(t testing.TB) *sql.DB {
	t.Helper()
	db, err := openSQLite(address(filepath.Join(t.TempDir(), "x.db"), false))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	db.SetMaxOpenConns(1)
	for _, s := range []string{"CREATE TABLE x (a INTEGER PRIMARY KEY, b TEXT)", "INSERT INTO x VALUES (1, 'one'), (2, 'two'), (3, 'three')"} {
		if _, err := db.Exec(s); err != nil {
			t.Fatal(err)
		}
	}
	return db
}

// inside calls do with the one connection, while nobody else has it.
func inside(t *testing.T, db *sql.DB, do func(*prepared)) {
	t.Helper()
	conn, err := db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.Raw(func(c any) error { do(c.(*prepared)); return nil }); err != nil {
		t.Fatal(err)
	}
}

// Asked again, a statement is the same one, with the values of the second time; asked
// within itself it is another; what failed is not kept; and never too many are.
func TestStatementsAreKept(t *testing.T) {
	db := preparedFile(t)
	const query = "SELECT b FROM x WHERE a >= $1 ORDER BY a"
	var first *statement
	for i, want := range []string{"one", "two", "three"} {
		var got string
		if err := db.QueryRow(query, i+1).Scan(&got); err != nil || got != want {
			t.Fatalf("the %d. time: %q, %v", i+1, got, err)
		}
		inside(t, db, func(p *prepared) {
			s := p.kept[query]
			if s == nil || first != nil && s != first {
				t.Fatal("it was prepared anew")
			}
			first = s
		})
	}
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	outer, err := tx.Query(query, 1)
	if err != nil {
		t.Fatal(err)
	}
	var seen []string
	for outer.Next() {
		var a, b string
		if err := outer.Scan(&a); err != nil {
			t.Fatal(err)
		}
		if err := tx.QueryRow(query, 2).Scan(&b); err != nil {
			t.Fatal(err)
		}
		seen = append(seen, a+b)
	}
	if err := outer.Err(); err != nil || fmt.Sprint(seen) != "[onetwo twotwo threetwo]" {
		t.Fatal(seen, err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	const twice = "INSERT INTO x VALUES ($1, 'again')"
	if _, err := db.Exec(twice, 1); err == nil {
		t.Fatal("a key was taken twice")
	}
	if _, err := db.Exec("ALTER TABLE x ADD COLUMN c TEXT DEFAULT 'new'"); err != nil {
		t.Fatal(err)
	}
	var got string
	if err := db.QueryRow(query, 3).Scan(&got); err != nil || got != "three" {
		t.Fatal("after its table was changed:", got, err)
	}
	for i := range 2 * mostPrepared {
		if _, err := db.Exec(fmt.Sprintf("UPDATE x SET b = 'n' WHERE a = $1 AND a < %d", i), 9); err != nil {
			t.Fatal(err)
		}
	}
	inside(t, db, func(p *prepared) {
		if len(p.kept) != mostPrepared || p.kept[twice] != nil || p.kept[query] != nil {
			t.Errorf("%d statements are kept", len(p.kept))
		}
	})
}

// BenchmarkPrepared compares a row by its key with and without what is kept.
func BenchmarkPrepared(b *testing.B) {
	kept := preparedFile(b)
	bare, err := sql.Open("sqlite", address(filepath.Join(b.TempDir(), "y.db"), false))
	if err != nil {
		b.Fatal(err)
	}
	defer bare.Close()
	if _, err := bare.Exec("CREATE TABLE x (a INTEGER PRIMARY KEY, b TEXT); INSERT INTO x VALUES (1, 'one')"); err != nil {
		b.Fatal(err)
	}
	for name, db := range map[string]*sql.DB{"kept": kept, "bare": bare} {
		b.Run(name, func(b *testing.B) {
			var got string
			for b.Loop() {
				if err := db.QueryRow("SELECT b FROM x WHERE a = $1", 1).Scan(&got); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
