package sqldb

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"hash/maphash"
	"strconv"
	"strings"
	"unsafe"

	"sohoa/dossier"
	"sohoa/storage/ledger"
	"sohoa/storage/sqldb/btree"
)

// On SQLite an audit first reads the large tables page by page, which costs a tenth
// of what it costs to be given row after row. It says that all holds, or that
// something may not: whatever is odd, a column of another type, a page that does not
// fit, is left to the audit that asks the engine, and names. So a mistake here costs
// time, and never accuses anybody.

// errOdd: something is not as the program writes it.
var errOdd = errors.New("not as it was written")

// unless notes that the engine has to be asked, unless what was read is as it is written.
func (a *audit) unless(ok bool) { a.odd = a.odd || !ok }

// paged looks at the log and at rows by pages.
func (a *audit) paged() []func() error {
	return []func() error{a.eventPages, a.edge, a.waiting, a.rowPages}
}

// heldByPages reports whether all holds; what it returns besides is then the whole
// report.
func (a *audit) heldByPages() (bool, error) {
	err := a.run(a.paged())
	if errors.Is(err, btree.ErrPage) || errors.Is(err, errOdd) {
		return false, nil
	}
	return err == nil && len(a.report.Findings) == 0 && !a.odd && !a.differs(), err
}

// pagesAtOnce is how SQLite gives pages (https://sqlite.org/dbpage.html): those of
// the state that the transaction sees, with what is still in the journal. It goes along
// the list, and there is no other column: what it costs to hand a column over is a
// tenth of what a page costs. Were pages ever given in another order, they would not fit.
var pagesAtOnce = "SELECT p.data FROM (VALUES ($1)" + func() (more string) {
	for i := 2; i <= btree.AtOnce; i++ {
		more += ", ($" + strconv.Itoa(i) + ")"
	}
	return more
}() + ") AS v CROSS JOIN sqlite_dbpage AS p ON p.pgno = v.column1"

// pages is a [btree.Pages].
func (a *audit) pages(numbers []uint32, into []string) error {
	query, n := pagesAtOnce, btree.AtOnce
	if len(numbers) == 1 {
		query, n = "SELECT data FROM sqlite_dbpage WHERE pgno = $1", 1
	}
	a.numbers = a.numbers[:0]
	for i := range n { // those past the end are asked for as none
		v := driver.Value(nil)
		if i < len(numbers) {
			v = int64(numbers[i])
		}
		a.numbers = append(a.numbers, driver.NamedValue{Ordinal: i + 1, Value: v})
	}
	got := 0
	err := ask(a.ctx, a.conn, query, a.numbers, 1, func(v []driver.Value) error {
		page, _ := v[0].([]byte)
		if got == len(numbers) || len(page) == 0 {
			return fmt.Errorf("%w: an answer of other pages", btree.ErrPage)
		}
		into[got] = unsafe.String(unsafe.SliceData(page), len(page)) // made for this row, and nobody writes to it
		got++
		return nil
	})
	if err == nil && got < len(numbers) {
		err = fmt.Errorf("%w: of %d pages %d are there", btree.ErrPage, len(numbers), got)
	}
	return err
}

// A pagedTable is one that is read by pages.
type pagedTable struct {
	*btree.File
	root    uint32
	most    int // pages of the database
	columns map[string]int
	added   []string // what columns hold of rows that are older than they are: SQL
}

// stored is the order of columns in a record: without a rowid the primary key comes first.
const stored = "l.wr * CASE WHEN x.pk > 0 THEN x.pk - 1000 ELSE 0 END, x.cid"

// table finds where a table's rows are and how they are stored.
func (a *audit) table(name string) (t pagedTable, err error) {
	if t.File, err = btree.Open(a.pages); err != nil {
		return t, err
	}
	for query, into := range map[string]any{"PRAGMA page_count": &t.most, "SELECT rootpage FROM sqlite_schema WHERE type = 'table' AND name = '" + name + "'": &t.root} {
		if err := a.conn.QueryRowContext(a.ctx, query).Scan(into); err != nil {
			return t, err
		}
	}
	t.columns = map[string]int{}
	err = a.scan("SELECT x.name, COALESCE(x.dflt_value, '') FROM pragma_table_xinfo('"+name+"') AS x, pragma_table_list('"+name+"') AS l WHERE x.hidden <> 2 ORDER BY "+stored, 2, func(v []driver.Value) error {
		t.columns[said(v[0])] = len(t.added)
		t.added = append(t.added, said(v[1]))
		return nil
	})
	return t, err
}

// each calls fn with each row, of which the columns of these names are taken.
func (a *audit) each(table string, names []string, fn func(r *pagedRow) error) error {
	t, err := a.table(table)
	if err != nil {
		return fmt.Errorf("%s: %w", table, err)
	}
	r := &pagedRow{a: a, columns: make([]int, len(names)), added: t.added}
	for i, name := range names {
		var ok bool
		if r.columns[i], ok = t.columns[name]; !ok {
			return fmt.Errorf("%w: %s has no column %s", errOdd, table, name)
		}
	}
	err = t.Rows(t.root, t.most, func(rowid int64, row *btree.Row) error {
		r.rowid, r.Row = rowid, row
		return fn(r)
	})
	if err != nil {
		err = fmt.Errorf("%s: %w", table, err)
	}
	return err
}

// A pagedRow is a row of a table with the columns that were asked for, by their
// place among these.
type pagedRow struct {
	*btree.Row
	a       *audit
	rowid   int64
	columns []int
	added   []string
}

// text is a column that holds text and cannot hold anything else.
func (r *pagedRow) text(i int) string {
	s, ok := r.Text(r.columns[i])
	r.a.unless(ok)
	return s
}

// number is a column that holds a whole number.
func (r *pagedRow) number(i int) int64 {
	c := r.columns[i]
	if c >= r.Len() { // the row is older than the column
		n, err := strconv.ParseInt(r.added[c], 10, 64)
		r.a.unless(err == nil)
		return n
	}
	n, ok := r.Int(c)
	r.a.unless(ok)
	return n
}

// onto appends columns to what will be hashed of a row.
func (r *pagedRow) onto(b []byte, from, to int) []byte {
	for i := from; i < to; i++ {
		if i > from {
			b = append(b, unit...)
		}
		var ok bool
		b, ok = r.Append(b, r.columns[i])
		r.a.unless(ok)
	}
	return b
}

// shows takes what a row says off its lane: the text before, and columns.
func (r *pagedRow) shows(lane int, before string, from, to int) {
	a := r.a
	a.buf = r.onto(append(a.buf[:0], before...), from, to)
	a.lanes[lane].sum -= maphash.Bytes(a.seed, a.buf)
}

// eventPages goes through the log in order.
func (a *audit) eventPages() error {
	err := a.each("log_events", []string{"event"}, func(r *pagedRow) error {
		event := r.text(0)
		if a.odd || r.rowid != a.report.Events {
			return fmt.Errorf("%w: event %d", errOdd, a.report.Events)
		}
		return a.event(event)
	})
	if err != nil {
		return err
	}
	return a.claimed(a.report.Events)
}

// rowPages compares all rows with what events said of them.
func (a *audit) rowPages() error {
	a.holders = map[uint64]uint64{}
	for _, step := range []func() error{a.changePages, a.filePages, a.dossierPages, a.documentPages, a.entryPages, a.fewRows, a.usedAgain, a.stand} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// salts are what opens commitments, by document and version.
func (a *audit) salts() (map[uint64]string, error) {
	salts := map[uint64]string{}
	return salts, a.each("log_salts", []string{"document", "version", "salt"}, func(r *pagedRow) error {
		a.buf = r.onto(a.buf[:0], 0, 2)
		salts[maphash.Bytes(a.seed, a.buf)] = strings.Clone(r.text(2)) // not with its page
		return nil
	})
}

func (a *audit) changePages() error {
	salts, err := a.salts()
	if err != nil {
		return err
	}
	const document, version, act, role, who, at, fields, why = 0, 1, 2, 3, 4, 5, 6, 7
	var last string
	var d *standingDoc
	err = a.each("changes", []string{"document", "version", "act", "role", "who", "at", "fields", "why"}, func(r *pagedRow) error {
		r.shows(laneMoves, "", document, at+1)
		if id := r.text(document); id != last || d == nil {
			last, d = id, a.doc(id)
		}
		v, reason, confirmed := r.number(version), r.text(why), r.text(fields)
		if reason != "" || someFields(confirmed) {
			a.buf = r.onto(a.buf[:0], document, version+1)
			h := maphash.Bytes(a.seed, a.buf)
			a.buf = append(append(a.buf, unit...), ledger.Commit(salts[h], reason, confirmed)...)
			a.lanes[laneTexts].sum -= maphash.Bytes(a.seed, a.buf)
			delete(salts, h)
		}
		if d == nil {
			return nil // the sum tells
		}
		did := dossier.Act(r.text(act))
		if v == d.version {
			if did != dossier.Refuse && did != dossier.Doubt && did != dossier.Return && did != dossier.TakeBack {
				reason = ""
			}
			d.why = maphash.String(a.seed, reason)
		}
		if did == dossier.Confirm && v > d.confirmed {
			d.confirmed, d.fields = v, maphash.String(a.seed, confirmed)
		}
		return nil
	})
	a.unless(len(salts) == 0)
	return err
}

func (a *audit) filePages() error {
	if err := a.each("made", []string{"document", "version", "part", "digest"}, func(r *pagedRow) error {
		r.shows(laneMade, "", 0, 4)
		return nil
	}); err != nil {
		return err
	}
	return a.each("intents", []string{"id", "document", "version", "purpose", "to_sign", "signer", "at"}, func(r *pagedRow) error {
		r.shows(laneIntents, "", 0, 7)
		return nil
	})
}

func (a *audit) dossierPages() error {
	if err := a.each("events", []string{"id", "dossier", "act", "who", "at", "slot", "entry", "amount"}, func(r *pagedRow) error {
		if !r.Null(r.columns[1]) {
			r.shows(laneCases, "", 0, 8)
			return nil
		}
		a.buf = append(r.onto(a.buf[:0], 0, 1), unit+unit...) // of the house
		a.buf = r.onto(a.buf, 2, 8)
		a.lanes[laneCases].sum -= maphash.Bytes(a.seed, a.buf)
		return nil
	}); err != nil {
		return err
	}
	return a.each("dossiers", []string{"code", "holder", "procedure", "received", "resolved"}, func(r *pagedRow) error {
		r.shows(laneDossiers, "received"+unit, 0, 4)
		if c := r.columns[4]; !r.Null(c) {
			a.buf = append(append(r.onto(append(a.buf[:0], "resolved"+unit...), 0, 1), unit...), strconv.FormatInt(r.number(4), 10)...)
			a.lanes[laneDossiers].sum -= maphash.Bytes(a.seed, a.buf)
		}
		a.holders[maphash.String(a.seed, r.text(0))] = maphash.String(a.seed, r.text(1))
		return nil
	})
}

func (a *audit) documentPages() error {
	const id, state, version, parts, changed, dossier, slot, kind, why, fields, disposed = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
	return a.each("documents", []string{"id", "state", "version", "parts", "changed", "dossier", "slot", "kind", "why", "fields", "disposed"}, func(r *pagedRow) error {
		a.report.Documents++
		d := a.doc(r.text(id))
		if d == nil {
			a.odd = true
			return nil
		}
		d.seen, d.disposed = true, r.number(disposed)
		d.filed = a.row(r.text(kind), r.text(dossier))
		a.unless(r.text(state) == string(d.state) && r.number(version) == d.version && r.number(changed) == d.changed &&
			a.partsOf(r.text(parts)) == d.parts && a.row(r.text(dossier), r.text(slot), r.text(kind)) == d.where &&
			maphash.String(a.seed, r.text(why)) == d.why && (d.confirmed < 0 || maphash.String(a.seed, r.text(fields)) == d.fields))
		return nil
	})
}

func (a *audit) entryPages() error {
	const document, holder, kind, dossier = 0, 1, 2, 3
	return a.each("entries", []string{"document", "holder", "kind", "dossier"}, func(r *pagedRow) error {
		d := a.doc(r.text(document))
		if d == nil || d.entered {
			a.odd = true
			return nil
		}
		d.entered = true
		a.unless(a.row(r.text(kind), r.text(dossier)) == d.filed && maphash.String(a.seed, r.text(holder)) == a.holders[maphash.String(a.seed, r.text(dossier))])
		return nil
	})
}

// usedAgain asks the engine about papers that are used again: the last of beside.
func (a *audit) usedAgain() error {
	return a.scan(beside[len(beside)-1].query, 1, func([]driver.Value) error {
		a.odd = true
		return nil
	})
}

// stand ends the comparison of documents: each was seen, those that are archived
// are on a record, and those that were disposed of say so.
func (a *audit) stand() error {
	if err := a.scan("SELECT document, at FROM disposals", 2, func(v []driver.Value) error {
		at, ok := v[1].(int64)
		d := a.doc(said(v[0]))
		if a.unless(ok && d != nil); d != nil {
			d.disposed -= at
		}
		return nil
	}); err != nil {
		return err
	}
	for _, d := range a.docs {
		a.unless(d.seen && d.disposed == 0 && d.entered == (d.state == dossier.Archived))
	}
	return nil
}
