package sqldb

import (
	"database/sql"
	"database/sql/driver"
	"fmt"
	"hash/maphash"
	"reflect"
	"slices"
	"strings"
	"testing"

	"sohoa/dossier"
	"sohoa/storage/ledger"
	"sohoa/storage/sqldb/btree"
)

// byPages is what an audit by pages says, and whether it could say so.
func (h *house) byPages() (ok bool, r ledger.Report) {
	h.t.Helper()
	conn, err := h.read.Conn(h.ctx)
	h.must(err)
	defer conn.Close()
	tx, err := conn.BeginTx(h.ctx, &sql.TxOptions{})
	h.must(err)
	defer tx.Rollback()
	a := &audit{ctx: h.ctx, conn: conn, seed: maphash.MakeSeed()}
	ok, err = a.heldByPages()
	h.must(err)
	return ok, a.report
}

// What an honest house has, of every kind, is held by its pages: nothing of it is
// left to the engine. TestAuditNames would not tell.
func TestAuditByPages(t *testing.T) {
	h := newHouse(t)
	if h.address != "" {
		t.Skip("PostgreSQL gives no pages")
	}
	h.busy(14)
	h.demonstrate(h.to(h.add(h.newDossier().Code, "T1"), dossier.Archived))
	h.sql("UPDATE documents SET why = why") // which nobody forbids, and writes rows again
	_, err := h.NumberEvents(h.ctx)
	h.must(err)
	h.add(h.newDossier().Code, "T1") // not numbered yet
	ok, r := h.byPages()
	conn, err := h.read.Conn(h.ctx)
	h.must(err)
	asked := &audit{ctx: h.ctx, conn: conn, seed: maphash.MakeSeed(), bundleQuery: h.bundleQuery()}
	held, err := asked.held()
	h.must(err)
	h.must(conn.Close())
	if !ok || !held || r.Events < 256 || !reflect.DeepEqual(r, asked.report) {
		t.Errorf("by pages %v %+v; asked %v %+v", ok, r, held, asked.report)
	}
	if _, _, err := h.RemoveDemo(h.ctx, "operator"); err != nil {
		t.Fatal(err)
	}
	if ok, r := h.byPages(); !ok {
		t.Errorf("after a demonstration was removed: %+v", r)
	}
}

// What pages alone tell of a row that lies: as much as the engine does, for each
// column that an event or another row says.
func TestPagesTellEachColumn(t *testing.T) {
	h := newHouse(t)
	if h.address != "" {
		t.Skip("PostgreSQL gives no pages")
	}
	docs := h.busy(3)
	doc, refused := string(docs[2].ID), string(docs[3].ID)
	if ok, r := h.byPages(); !ok {
		t.Fatalf("before: %+v", r)
	}
	of := map[string][]string{
		"changes WHERE document = '" + refused + "' AND act = 'refuse'": {"document", "version", "act", "role", "who", "at", "fields", "why"},
		"made WHERE document = '" + doc + "' AND part = 'sealed'":       {"document", "version", "part", "digest"},
		"intents WHERE document = '" + doc + "'":                        {"id", "document", "version", "purpose", "to_sign", "signer", "at"},
		"events WHERE act = 'received'":                                 {"id", "dossier", "act", "who", "at", "slot", "entry", "amount"},
		"dossiers WHERE resolved IS NOT NULL":                           {"code", "holder", "procedure", "received", "resolved"},
		"documents WHERE id = '" + doc + "'":                            {"id", "state", "version", "parts", "changed", "dossier", "slot", "kind", "fields", "disposed"},
		"documents WHERE id = '" + refused + "'":                        {"why"},
		"entries WHERE document = '" + doc + "'":                        {"document", "holder", "kind", "dossier"},
		"log_events WHERE place = 7":                                    {"event", "place"},
		"log_salts WHERE document = '" + refused + "'":                  {"document", "version", "salt"},
	}
	h.sql("SELECT 1") // without triggers from here on
	conn, err := h.write.Conn(h.ctx)
	h.must(err)
	defer conn.Close()
	_, err = conn.ExecContext(h.ctx, "PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON")
	h.must(err)
	heldAfter := func(do string) bool {
		tx, err := conn.BeginTx(h.ctx, nil)
		h.must(err)
		defer tx.Rollback()
		done, err := tx.ExecContext(h.ctx, do)
		if err != nil {
			t.Fatalf("%s: %v", do, err)
		}
		if n, _ := done.RowsAffected(); n == 0 {
			t.Fatalf("%s: no such row", do)
		}
		a := &audit{ctx: h.ctx, conn: conn, seed: maphash.MakeSeed()}
		ok, err := a.heldByPages()
		h.must(err)
		return ok
	}
	for row, columns := range of {
		table, where, _ := strings.Cut(row, " ")
		if table == "log_salts" && heldAfter("INSERT INTO log_salts SELECT document, version - 1, salt FROM "+row) {
			t.Error("a salt of nothing: held")
		}
		if heldAfter("DELETE FROM " + row) {
			t.Errorf("%s: deleted and held", row)
		}
		if table != "log_salts" { // which has no rowid
			where += " AND rowid IN (SELECT MIN(rowid) FROM " + row + ")"
		}
		for _, c := range columns {
			values := []string{"CASE typeof(" + c + ") WHEN 'integer' THEN " + c + " + 1000000 ELSE " + c + "||'x' END", "CAST(" + c + " AS BLOB)"}
			if c == "event" {
				values[0] = `replace(event, '"who":"', '"who":"x')`
			}
			if c == "place" {
				values = values[:1]
			}
			for _, value := range values {
				if heldAfter("UPDATE " + table + " SET " + c + " = " + value + " " + where) {
					t.Errorf("%s of %s is now %s: held", c, row, value)
				}
			}
		}
	}
}

// Pages say of every row what the engine says: long ones, old ones, many and few.
func TestPagesAreRows(t *testing.T) {
	h := newHouse(t)
	if h.address != "" {
		t.Skip("PostgreSQL gives no pages")
	}
	h.sql("CREATE TABLE sorts (a INTEGER PRIMARY KEY, b TEXT, c BIGINT, d BLOB)")
	h.must(h.tx(h.ctx, func(tx *sql.Tx) error {
		do := h.preparing(tx)
		for i := range 3000 {
			var c any = int64(i%5-2) << (i % 62)
			if i%11 == 0 {
				c = nil
			}
			do("INSERT INTO sorts (a, b, c, d) VALUES ($1, $2, $3, $4)", int64(i*i*i)-1000, strings.Repeat("chữ ", []int{0, 1, 40, 1009, 1012, 9000}[i%6]*min(1, i%7)), c, []byte{byte(i)})
		}
		return nil
	}))
	h.sql("DELETE FROM sorts WHERE a % 7 = 3", "ALTER TABLE sorts ADD COLUMN e BIGINT NOT NULL DEFAULT 41", "UPDATE sorts SET e = 5 WHERE a % 2 = 0")
	conn, err := h.read.Conn(h.ctx)
	h.must(err)
	defer conn.Close()
	a := &audit{ctx: h.ctx, conn: conn, seed: maphash.MakeSeed()}
	var want, got []string
	h.must(a.scan("SELECT a, b, c, e FROM sorts ORDER BY a", 4, func(v []driver.Value) error {
		want = append(want, fmt.Sprint(v))
		return nil
	}))
	h.must(a.each("sorts", []string{"b", "c", "e"}, func(r *pagedRow) error {
		var c any
		if !r.Null(r.columns[1]) {
			c = r.number(1)
		}
		got = append(got, fmt.Sprint([]any{r.rowid, r.text(0), c, r.number(2)}))
		return nil
	}))
	h.sql("CREATE TABLE keyed (x TEXT, k BIGINT, j TEXT, PRIMARY KEY (j, k)) WITHOUT ROWID", "INSERT INTO keyed (x, k, j) SELECT substr(COALESCE(b, ''), 1, 9000), a, a%7||'j' FROM sorts")
	for query, into := range map[string]*[]string{"SELECT x, k, j FROM keyed": &want, "": &got} {
		var rows []string
		if query != "" {
			h.must(a.scan(query, 3, func(v []driver.Value) error { rows = append(rows, fmt.Sprint(v)); return nil }))
		} else {
			h.must(a.each("keyed", []string{"x", "k", "j"}, func(r *pagedRow) error {
				rows = append(rows, fmt.Sprint([]any{r.text(0), r.number(1), r.text(2)}))
				return nil
			}))
		}
		slices.Sort(rows) // without a rowid they come in no order
		*into = append(*into, rows...)
	}
	if len(want) < 5000 || !slices.Equal(got, want) || a.odd {
		t.Errorf("%d rows by pages, %d by the engine, the same: %v; odd: %v", len(got), len(want), slices.Equal(got, want), a.odd)
	}
}

// A file whose pages were written over is never held, and never brings the program
// down.
func TestPagesWrittenOver(t *testing.T) {
	h := newHouse(t)
	if h.address != "" {
		t.Skip("PostgreSQL gives no pages")
	}
	h.busy(3)
	conn, err := h.read.Conn(h.ctx)
	h.must(err)
	defer conn.Close()
	honest := &audit{ctx: h.ctx, conn: conn, seed: maphash.MakeSeed()}
	table, err := honest.table("changes")
	h.must(err)
	sum := func(damage func(number uint32, page []byte)) (sum uint64, err error) {
		file, err := btree.Open(func(numbers []uint32, into []string) error {
			if err := honest.pages(numbers, into); err != nil {
				return err
			}
			for i, number := range numbers {
				page := []byte(into[i])
				damage(number, page)
				into[i] = string(page)
			}
			return nil
		})
		if err != nil {
			return 0, err
		}
		var row []byte
		err = file.Rows(table.root, table.most, func(rowid int64, r *btree.Row) error {
			row = fmt.Appendf(row[:0], "%d", rowid)
			for i := range r.Len() {
				row, _ = r.Append(append(row, '|'), i)
			}
			sum += maphash.Bytes(honest.seed, row)
			return nil
		})
		return sum, err
	}
	want, err := sum(func(uint32, []byte) {})
	h.must(err)
	press, same, wrong := newPress(), 0, 0
	for range 4000 {
		at, to := press.r.IntN(4096), byte(press.r.IntN(256))
		got, err := sum(func(number uint32, page []byte) {
			if number != 1 {
				page[at] = to
			}
		})
		switch {
		case err != nil:
			wrong++
		case got == want:
			same++ // where no row stands, or what stood there already
		}
	}
	if wrong == 0 || same == 4000 {
		t.Errorf("%d of 4000 damages are no pages, %d changed nothing", wrong, same)
	}
}
