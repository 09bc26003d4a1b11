package btree

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	_ "modernc.org/sqlite" // writes the files that are read
)

// inMemory are the pages of a file that is there as a whole, as the engine gives them:
// of a number past its end there is none.
func inMemory(file string, size int) Pages {
	return func(numbers []uint32, into []string) error {
		for i, n := range numbers {
			from := (int64(n) - 1) * int64(size)
			if n == 0 || from+int64(size) > int64(len(file)) {
				return fmt.Errorf("%w: no page %d", ErrPage, n)
			}
			into[i] = file[from : from+int64(size)]
		}
		return nil
	}
}

// pageSize is what page 1 says (§1.3.2).
func pageSize(file string) int {
	if len(file) < 100 {
		return 512
	}
	size := two(file[16:])
	if size == 1 {
		size = 65536
	}
	if size < 512 || size&(size-1) != 0 {
		return 512
	}
	return size
}

// written is a database of tables of every shape that this package reads: with a rowid
// and without, of one page and of several levels, with records that go on elsewhere,
// with columns that were added later, with pages that are free again.
func written(t testing.TB, size, rows int) (file string, roots map[string]uint32) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "some.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	do := func(query string, args ...any) {
		if _, err := db.Exec(query, args...); err != nil {
			t.Fatal(query, err)
		}
	}
	do(fmt.Sprintf("PRAGMA page_size = %d", size))
	do("BEGIN")
	do("CREATE TABLE plain (a TEXT, b INTEGER, c TEXT)")
	do("CREATE TABLE keyed (k TEXT, n INTEGER, v TEXT, PRIMARY KEY (k, n)) WITHOUT ROWID")
	do("CREATE TABLE gone (x TEXT)")
	for i := range rows {
		long := strings.Repeat("giấy khai sinh ", i%7*i%97)
		do("INSERT INTO plain VALUES ($1, $2, $3)", long, []any{0, 1, -1, 300, -70000, int64(1) << 40, nil}[i%7], "x")
		do("INSERT INTO keyed VALUES ($1, $2, $3)", fmt.Sprint("k", i), i, long)
		do("INSERT INTO gone VALUES ($1)", long)
	}
	do("ALTER TABLE plain ADD COLUMN d INTEGER NOT NULL DEFAULT 5")
	do("INSERT INTO plain (a) VALUES ('after')")
	do("DROP TABLE gone")
	do("COMMIT")
	roots = map[string]uint32{}
	found, err := db.Query("SELECT name, rootpage FROM sqlite_schema WHERE type = 'table'")
	if err != nil {
		t.Fatal(err)
	}
	defer found.Close()
	for found.Next() {
		var name string
		var root uint32
		if err := found.Scan(&name, &root); err != nil {
			t.Fatal(err)
		}
		roots[name] = root
	}
	if err := errors.Join(found.Err(), found.Close(), db.Close()); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b), roots
}

// read is what stands in a table: each row with all its columns.
func read(file string, root uint32) (rows []string, err error) {
	size := pageSize(file)
	f, err := Open(inMemory(file, size))
	if err != nil {
		return nil, err
	}
	err = f.Rows(root, len(file)/size, func(rowid int64, row *Row) error {
		line := fmt.Sprint(rowid)
		for i := range row.Len() + 1 { // one more than it has: nothing, and no harm
			text, isText := row.Text(i)
			n, isInt := row.Int(i)
			more, ok := row.Append(nil, i)
			if ok != (isText || isInt) || isText && string(more) != text || isInt && string(more) != fmt.Sprint(n) || row.Null(i) && ok {
				return fmt.Errorf("column %d is %q, %d and %q at once", i, text, n, more)
			}
			line += "|" + string(more)
		}
		rows = append(rows, line)
		return nil
	})
	return rows, err
}

// Every table of every shape is read as it was written.
func TestRows(t *testing.T) {
	for _, size := range []int{512, 4096, 65536} {
		file, roots := written(t, size, 300)
		plain, err := read(file, roots["plain"])
		if err != nil || len(plain) != 301 || plain[0] != "1||0|x|" || plain[300] != "301|after|||5|" || plain[6] != "7|"+strings.Repeat("giấy khai sinh ", 6%7*6%97)+"||x|" {
			t.Errorf("%d: %d rows, %v, %.40q %.40q", size, len(plain), err, plain[:min(1, len(plain))], plain[max(0, len(plain)-1):])
		}
		keyed, err := read(file, roots["keyed"])
		long := strings.Repeat("giấy khai sinh ", 96%7*96%97)
		if err != nil || len(keyed) != 300 || !slices.Contains(keyed, "0|k96|96|"+long+"|") {
			t.Errorf("%d: %d rows without a rowid, %v", size, len(keyed), err)
		}
	}
}

// A damaged database is not believed: whatever its bytes are, reading ends, harms
// nothing, and says rows or that it is none of ours.
func FuzzRows(f *testing.F) {
	for _, size := range []int{512, 1024} {
		file, roots := written(f, size, 14)
		for _, root := range roots {
			f.Add([]byte(file), root)
		}
		file, roots = written(f, size, 2)
		f.Add([]byte(file), roots["plain"])
	}
	f.Add([]byte("SQLite format 3\x00"), uint32(1))
	f.Fuzz(func(t *testing.T, file []byte, root uint32) {
		if len(file) > 1<<17 {
			return
		}
		if _, err := read(string(file), root); err != nil && !errors.Is(err, ErrPage) {
			t.Fatal(err)
		}
	})
}
