// Package btree reads rows of SQLite's tables out of the file's pages, as
// https://sqlite.org/fileformat2.html describes them: §1.6 b-tree pages, §2.1
// records. Whoever must look at every row of a large table pays for a page of rows
// what the engine asks for one of them.
//
// It reads tables in UTF-8 databases and nothing else, with a rowid or without, and
// believes no page: what does not fit together is [ErrPage]. Where pages come from, and that
// they are all of one state of the database, is the caller's part.
package btree

import (
	"errors"
	"fmt"
	"math"
	"strconv"
)

// ErrPage: a page, or a record on it, is not one of a table's.
var ErrPage = errors.New("not a page of a table")

// Pages fills into with the pages of these numbers, in this order. There are never
// more than [AtOnce].
type Pages func(numbers []uint32, into []string) error

// AtOnce is how many pages are asked for with one call at most.
const AtOnce = 32

// deepest is how many levels a tree may have: one of 2^32 pages has fewer.
const deepest = 20

// A File is a database's.
type File struct {
	pages  Pages
	usable int // bytes of a page that are used
	left   int // pages that may still be read of a table: a tree has no page twice
}

// Open reads what page 1 says of the others.
func Open(pages Pages) (*File, error) {
	var first [1]string
	if err := pages([]uint32{1}, first[:]); err != nil {
		return nil, err
	}
	p := first[0]
	if len(p) < 512 || p[:16] != "SQLite format 3\x00" || four(p[56:]) > 1 {
		return nil, fmt.Errorf("%w: page 1 is no header of a database in UTF-8", ErrPage)
	}
	return &File{pages: pages, usable: len(p) - int(p[20])}, nil
}

// Rows calls fn with each row of the table whose root is on a page, in the order of
// rowids as the tree has them; of a table without a rowid, whose columns stand in the
// order in which its primary key comes first, in no order. The row is the callee's until it returns; the texts
// taken out of it last. most is how many pages the database has.
func (f *File) Rows(root uint32, most int, fn func(rowid int64, row *Row) error) error {
	f.left = most
	return f.walk([]uint32{root}, 0, new(Row), fn)
}

// walk goes through subtrees, one after the other.
func (f *File) walk(numbers []uint32, depth int, row *Row, fn func(int64, *Row) error) error {
	if depth > deepest {
		return fmt.Errorf("%w: a tree without an end", ErrPage)
	}
	var have [AtOnce]string
	for len(numbers) > 0 {
		n := min(len(numbers), AtOnce)
		if f.left -= n; f.left < 0 {
			return fmt.Errorf("%w: more of them than the database has", ErrPage)
		}
		if err := f.pages(numbers[:n], have[:n]); err != nil {
			return err
		}
		for i, page := range have[:n] {
			if err := f.page(page, numbers[i], depth, row, fn); err != nil {
				return fmt.Errorf("page %d: %w", numbers[i], err)
			}
		}
		numbers = numbers[n:]
	}
	return nil
}

// The types of pages: of tables with a rowid, and of those without, which are kept as
// an index is.
const (
	interior = 5
	leaf     = 13

	keyInterior = 2
	keyLeaf     = 10
)

func (f *File) page(p string, number uint32, depth int, row *Row, fn func(int64, *Row) error) error {
	at := 0
	if number == 1 {
		at = 100
	}
	if len(p) < f.usable || len(p) < at+12 {
		return ErrPage
	}
	p = p[:f.usable]
	cells := two(p[at+3:])
	switch p[at] {
	case leaf, keyLeaf:
		return f.cells(p, p[at], at+8, cells, row, fn)
	case interior, keyInterior:
		children := make([]uint32, 0, cells+1)
		for i := range cells {
			from, err := cell(p, at+12, i)
			if err != nil || from+4 > len(p) {
				return ErrPage
			}
			children = append(children, four(p[from:]))
		}
		if p[at] == keyInterior { // has rows of its own
			if err := f.cells(p, p[at], at+12, cells, row, fn); err != nil {
				return err
			}
		}
		return f.walk(append(children, four(p[at+8:])), depth+1, row, fn)
	}
	return fmt.Errorf("%w: its type is %d", ErrPage, p[at])
}

// cell is where the i-th cell of a page begins.
func cell(p string, pointers, i int) (int, error) {
	at := pointers + 2*i
	if at+2 > len(p) {
		return 0, ErrPage
	}
	from := two(p[at:])
	if from >= len(p) {
		return 0, ErrPage
	}
	return from, nil
}

// cells gives the rows of a page of a type.
func (f *File) cells(p string, kind byte, pointers, cells int, row *Row, fn func(int64, *Row) error) error {
	rowids, before := kind == leaf, 0
	if kind == keyInterior {
		before = 4 // the child
	}
	for i := range cells {
		from, err := cell(p, pointers, i)
		if err != nil {
			return err
		}
		if from += before; from > len(p) {
			return ErrPage
		}
		size, n := varint(p[from:])
		rowid, m := uint64(0), 0
		if rowids {
			rowid, m = varint(p[from+n:])
		}
		if n == 0 || rowids && m == 0 || size > math.MaxInt32 {
			return ErrPage
		}
		record, err := f.record(p[from+n+m:], int(size), rowids)
		if err != nil {
			return err
		}
		if err := row.read(record); err != nil {
			return err
		}
		if err := fn(int64(rowid), row); err != nil {
			return err
		}
	}
	return nil
}

// record is a cell's content, which goes on in pages of its own where it is long.
func (f *File) record(cell string, size int, rowids bool) (string, error) {
	here := f.local(size, rowids)
	if here == size {
		if len(cell) < size {
			return "", ErrPage
		}
		return cell[:size], nil
	}
	if len(cell) < here+4 {
		return "", ErrPage
	}
	whole, next := make([]byte, 0, min(size, 1<<20)), four(cell[here:])
	for whole = append(whole, cell[:here]...); len(whole) < size; {
		var more [1]string
		if f.left--; f.left < 0 || next == 0 {
			return "", ErrPage
		}
		if err := f.pages([]uint32{next}, more[:]); err != nil {
			return "", err
		}
		p := more[0]
		if len(p) < f.usable {
			return "", ErrPage
		}
		next, p = four(p), p[4:f.usable]
		whole = append(whole, p[:min(len(p), size-len(whole))]...)
	}
	return string(whole), nil
}

// local is how many bytes of a record stand on its page (§1.6: X, M and K).
func (f *File) local(size int, rowids bool) int {
	most := f.usable - 35
	if !rowids {
		most = (f.usable-12)*64/255 - 23
	}
	if size <= most {
		return size
	}
	least := (f.usable-12)*32/255 - 23
	if k := least + (size-least)%(f.usable-4); k <= most {
		return k
	}
	return least
}

// mostColumns is how many columns a table may have that is read.
const mostColumns = 64

// A Row is a record. Its columns are numbered as they are stored: those that are
// generated are not.
type Row struct {
	body string
	n    int
	at   [mostColumns]place
}

type place struct {
	kind     uint32 // serial type, §2.1
	from, to int32
}

// sizes of serial types under 12, in bytes.
var sizes = [12]int32{0, 1, 2, 3, 4, 6, 8, 8, 0, 0, -1, -1}

// read takes a record apart.
func (r *Row) read(record string) error {
	head, i := varint(record)
	if i == 0 || head > uint64(len(record)) || head < uint64(i) {
		return fmt.Errorf("%w: a record without a header", ErrPage)
	}
	r.body, r.n = record, 0
	from, end := int(head), int(head)
	for ; i < end; r.n++ {
		kind, m := varint(record[i:end])
		if m == 0 || r.n == mostColumns || kind > math.MaxInt32 {
			return fmt.Errorf("%w: a record of other columns", ErrPage)
		}
		i += m
		size := int(kind-12) / 2
		if kind < 12 {
			size = int(sizes[kind])
		}
		if size < 0 || size > len(record)-from {
			return fmt.Errorf("%w: a record that is cut off", ErrPage)
		}
		r.at[r.n] = place{uint32(kind), int32(from), int32(from + size)}
		from += size
	}
	if from != len(record) {
		return fmt.Errorf("%w: a record with something after it", ErrPage)
	}
	return nil
}

// Len is how many columns the record has: fewer than the table if it was written
// before some were added, which have their defaults then.
func (r *Row) Len() int { return r.n }

// Null reports whether a column is there and holds nothing.
func (r *Row) Null(i int) bool { return i < r.n && r.at[i].kind == 0 }

// Text is a column that holds text; ok is false of any other.
func (r *Row) Text(i int) (s string, ok bool) {
	if i >= r.n || r.at[i].kind < 13 || r.at[i].kind&1 == 0 {
		return "", false
	}
	return r.body[r.at[i].from:r.at[i].to], true
}

// Int is a column that holds a whole number; ok is false of any other.
func (r *Row) Int(i int) (v int64, ok bool) {
	if i >= r.n {
		return 0, false
	}
	switch p := r.at[i]; p.kind {
	case 8, 9:
		return int64(p.kind - 8), true
	case 1, 2, 3, 4, 5, 6:
		s := r.body[p.from:p.to]
		v = int64(int8(s[0]))
		for _, b := range []byte(s[1:]) {
			v = v<<8 | int64(b)
		}
		return v, true
	}
	return 0, false
}

// Append appends a column as SQLite writes it as text; ok is false if it holds
// neither text nor a whole number.
func (r *Row) Append(b []byte, i int) (more []byte, ok bool) {
	if s, ok := r.Text(i); ok {
		return append(b, s...), true
	}
	v, ok := r.Int(i)
	if !ok {
		return b, false
	}
	return strconv.AppendInt(b, v, 10), true
}

func two(s string) int { return int(s[0])<<8 | int(s[1]) }

func four(s string) uint32 {
	return uint32(s[0])<<24 | uint32(s[1])<<16 | uint32(s[2])<<8 | uint32(s[3])
}

// varint reads a number of 1 to 9 bytes and says how many; 0 if it is cut off.
func varint(s string) (v uint64, n int) {
	if len(s) > 0 && s[0] < 0x80 { // nearly always
		return uint64(s[0]), 1
	}
	for n = 0; n < len(s) && n < 8; n++ {
		if v = v<<7 | uint64(s[n]&0x7f); s[n] < 0x80 {
			return v, n + 1
		}
	}
	if n < 8 || len(s) < 9 {
		return 0, 0
	}
	return v<<8 | uint64(s[8]), 9
}
