package sqldb

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"math"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"sohoa/dossier"
	"sohoa/storage/ledger"
)

// mostFindings is how many things of one audit are named one by one.
const mostFindings = 1000

// spare is what the collector of garbage counts as memory in use while an audit runs:
// all that is read is garbage at once, and of a small house it would be collected for
// every few thousand events.
const spare = 16 << 20

// Audit recomputes the log from its rows, in one view of the database: every
// event's form, its place, hash and tile; the root under each of claims; each
// document's moves by the state table, and the rows that say the same as events.
// It writes nothing.
//
// Rows and events are first compared by sums of keyed hashes, without order and
// with a key that nobody knows beforehand, on SQLite page by page (auditpages.go);
// only if a sum differs is everything read again and named. So memory grows with
// the number of documents, not of events, unless something is wrong.
func (db *DB) Audit(ctx context.Context, claims []ledger.Claim) (ledger.Report, error) {
	defer runtime.KeepAlive(make([]byte, spare)) // never touched, so it is no memory
	conn, err := db.read.Conn(ctx)
	if err != nil {
		return ledger.Report{}, err
	}
	defer conn.Close()
	tx, err := conn.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead}) // SQLite has no other
	if err != nil {
		return ledger.Report{}, err
	}
	defer tx.Rollback() // it only read
	slices.SortStableFunc(claims, func(a, b ledger.Claim) int { return cmp.Compare(a.Size, b.Size) })
	a := &audit{ctx: ctx, conn: conn, claims: claims, seed: maphash.MakeSeed(), bundleQuery: db.bundleQuery()}
	held := a.held
	if db.skipLocked == "" { // SQLite
		held = a.heldByPages
	}
	ok, err := held()
	if err == nil && !ok {
		a = &audit{ctx: ctx, conn: conn, claims: claims, seed: a.seed, bundleQuery: a.bundleQuery, naming: true}
		err = a.run(a.asked())
	}
	if err != nil {
		return ledger.Report{}, fmt.Errorf("audit: %w", err)
	}
	return a.report, nil
}

// held reports whether all holds, by what the engine answers.
func (a *audit) held() (bool, error) {
	err := a.run(a.asked())
	return err == nil && len(a.report.Findings) == 0 && !a.differs(), err
}

// asked looks at the log and at rows by asking the engine.
func (a *audit) asked() []func() error {
	return []func() error{a.events, a.edge, a.waiting, a.rows, a.documents, a.beside}
}

// An audit is one pass over everything.
type audit struct {
	ctx    context.Context
	conn   *sql.Conn
	claims []ledger.Claim
	seed   maphash.Seed

	bundleQuery string
	naming      bool // say which rows differ, rather than whether any do

	report ledger.Report
	tree   ledger.Tree
	leaf   ledger.Leaf
	leaves []ledger.Hash // when naming
	good   int64         // size of the newest checkpoint that holds
	tiles  map[tileName]uint64
	docs   map[uint64]*standingDoc // by hashes of their ids
	room   []standingDoc
	clash  bool // two have the same hash

	leavesOK bool // the hashes that are kept of events are theirs

	odd     bool                // when reading pages: something has to be looked at by the engine
	holders map[uint64]uint64   // of dossiers, by hashes
	numbers []driver.NamedValue // of the pages that are asked for

	lanes [lanes]lane
	line  ledger.Line   // the event that is replayed
	e     ledger.Event  // and its members, where they are needed
	made  []ledger.Made // of it
	buf   []byte
}

func (a *audit) run(steps []func() error) error {
	a.docs, a.tiles, a.leavesOK, a.report.Findings = map[uint64]*standingDoc{}, map[tileName]uint64{}, true, []ledger.Finding{}
	for i := range a.lanes {
		a.lanes[i].start(a.naming)
	}
	a.seeded()
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	if a.clash {
		return errors.New("two documents have the same hash by chance: run it again")
	}
	a.nameRows()
	return nil
}

// found notes a finding.
func (a *audit) found(f ledger.Finding) {
	if len(a.report.Findings) < mostFindings {
		a.report.Findings = append(a.report.Findings, f)
	}
}

// scan asks for rows as the driver gives them.
func (a *audit) scan(query string, columns int, fn func(v []driver.Value) error) error {
	return ask(a.ctx, a.conn, query, nil, columns, fn)
}

// ask reads answers as the driver gives them: an audit reads millions of rows,
// and half of what reading one costs is turning it into Go's types by way of
// reflection.
func ask(ctx context.Context, conn *sql.Conn, query string, args []driver.NamedValue, columns int, fn func(v []driver.Value) error) error {
	return conn.Raw(func(c any) error {
		asker, ok := c.(driver.QueryerContext)
		if !ok {
			return errors.New("the driver answers no queries")
		}
		rows, err := asker.QueryContext(ctx, query, args)
		if err != nil {
			return err
		}
		v := make([]driver.Value, columns)
		for err == nil {
			if err = rows.Next(v); err == nil {
				err = fn(v)
			}
		}
		if errors.Is(err, io.EOF) {
			err = nil
		}
		return errors.Join(err, rows.Close())
	})
}

// said is a column as text, however its value is typed.
func said(v driver.Value) string {
	switch v := v.(type) {
	case string:
		return v
	case []byte:
		return string(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case nil:
		return ""
	}
	return fmt.Sprint(v)
}

// bundle is how many events are read with one answer of the database: half of
// what reading a row costs is handing it over.
const bundle = 256

// bundleQuery puts a bundle together. SQLite goes along places by itself; to say
// it would cost a seventh of what reading costs.
func (db *DB) bundleQuery() string {
	from := "log_events WHERE place BETWEEN $1 AND $1 + 255"
	if db.skipLocked != "" {
		from = "(SELECT event FROM " + from + " ORDER BY place) AS following"
	}
	return "SELECT COUNT(*), string_agg(event, '\n') FROM " + from
}

// events goes through the log in order, bundle by bundle while each has, since
// events have no line feed, as many lines as rows. From the first that has not, or
// that is empty, rows are read one by one: places are not to be believed. In
// whatever order the engine put a bundle together, the hashes tell.
func (a *audit) events() error {
	from := int64(math.MinInt64)
	if lowest, err := a.place("MIN"); err != nil {
		return err
	} else if lowest == 0 {
		if from, err = a.bundles(); err != nil {
			return err
		}
	}
	if err := a.scan(fmt.Sprintf("SELECT event FROM log_events WHERE place >= %d ORDER BY place", from), 1, func(v []driver.Value) error {
		return a.event(said(v[0]))
	}); err != nil {
		return err
	}
	return a.claimed(a.report.Events)
}

// bundles returns the place from which rows must be read one by one.
func (a *audit) bundles() (from int64, err error) {
	return from, a.conn.Raw(func(c any) error {
		made, err := c.(driver.ConnPrepareContext).PrepareContext(a.ctx, a.bundleQuery)
		if err != nil {
			return err
		}
		v := make([]driver.Value, 2)
		for whole := true; whole && err == nil; {
			if whole, err = a.bundle(made.(driver.StmtQueryContext), from, v); whole {
				from += bundle
			}
		}
		return errors.Join(err, made.Close())
	})
}

// bundle takes one bundle, if it has as many lines as rows.
func (a *audit) bundle(made driver.StmtQueryContext, from int64, v []driver.Value) (whole bool, err error) {
	rows, err := made.QueryContext(a.ctx, []driver.NamedValue{{Ordinal: 1, Value: from}})
	if err != nil {
		return false, err
	}
	if err := errors.Join(rows.Next(v), rows.Close()); err != nil {
		return false, err
	}
	n, events := v[0].(int64), said(v[1])
	if n == 0 || int64(strings.Count(events, "\n")) != n-1 {
		return false, nil
	}
	for event := range strings.SplitSeq(events, "\n") {
		if err := a.event(event); err != nil {
			return false, err
		}
	}
	return true, nil
}

// place returns the least or the greatest place of the log; 0 of an empty one.
// SQLite would read everything if it were asked for both at once.
func (a *audit) place(which string) (place int64, err error) {
	err = a.conn.QueryRowContext(a.ctx, "SELECT COALESCE("+which+"(place), 0) FROM log_events").Scan(&place)
	return place, err
}

// event takes the next event of the log.
func (a *audit) event(event string) error {
	place := a.report.Events
	if err := a.claimed(place); err != nil {
		return err
	}
	leaf := a.leaf.Hash(event)
	if a.naming {
		a.leaves = append(a.leaves, leaf)
	}
	if err := a.tree.Add(leaf, a.tile); err != nil {
		return err
	}
	if err := a.line.Read(event); err != nil {
		a.found(ledger.Found("form", "sự kiện %d không đúng dạng chuẩn: hàng đã bị sửa", "event %d is not in canonical form: its row was changed", place).About(place, ledger.Event{}))
	} else {
		a.replay(place)
	}
	a.report.Events++
	return nil
}

// claimed holds the root at a size against the checkpoints of that size.
func (a *audit) claimed(size int64) error {
	for len(a.claims) > 0 && a.claims[0].Size == size {
		c := a.claims[0]
		a.claims = a.claims[1:]
		a.report.Claims++
		root, err := a.tree.Root()
		if err != nil {
			return err
		}
		if root == c.Root {
			a.good = size
			continue
		}
		a.found(ledger.Found("checkpoint", "gốc cây không khớp điểm kiểm tra %s: có sự kiện từ %d đến %d đã bị sửa, thêm, bớt hoặc đổi chỗ",
			"the tree's root is not that of checkpoint %s: an event from %d to %d was changed, added, taken out or moved", c.Name, a.good, size-1))
	}
	return nil
}

// A tileName says which tile.
type tileName struct{ level, number int64 }

// tile remembers what a tile must hold.
func (a *audit) tile(t ledger.Tile) error {
	a.tiles[tileName{int64(t.Level), t.Number}] = maphash.Bytes(a.seed, t.Hashes)
	return nil
}

// compareTiles holds the tiles that are kept against those of the events.
func (a *audit) compareTiles() error {
	wrong := func(level, number int64) {
		a.leavesOK = a.leavesOK && level > 0
		if level > 0 || !a.naming {
			a.found(ledger.Found("tile", "băm của cây (mức %d, ô %d) không khớp với các sự kiện", "hashes of the tree (level %d, tile %d) are not those of the events", level, number))
		}
	}
	if err := a.scan("SELECT level, number, hashes FROM log_tiles", 3, func(v []driver.Value) error {
		level, _ := v[0].(int64)
		number, _ := v[1].(int64)
		if want, ok := a.tiles[tileName{level, number}]; !ok || want != maphash.String(a.seed, said(v[2])) {
			wrong(level, number)
		}
		delete(a.tiles, tileName{level, number})
		return nil
	}); err != nil {
		return err
	}
	if n := len(a.tiles); n > 0 {
		a.leavesOK = true // there is nothing to compare with
		a.found(ledger.Found("tile", "thiếu %d ô băm của cây", "%d tiles of hashes are missing", n))
	}
	return nil
}

// edge looks at what is left at the end of the log.
func (a *audit) edge() (err error) {
	if a.report.Root, err = a.tree.Root(); err != nil {
		return err
	}
	for _, t := range a.tree.Edge() {
		if err := a.tile(t); err != nil {
			return err
		}
	}
	if err := a.compareTiles(); err != nil {
		return err
	}
	var size int64
	if err := a.conn.QueryRowContext(a.ctx, "SELECT COALESCE(MAX(size), 0) FROM log_head").Scan(&size); err != nil {
		return err
	}
	if size != a.report.Events {
		a.found(ledger.Found("head", "sổ ghi là có %d sự kiện nhưng chỉ thấy %d", "the log says that it has %d events; there are %d", size, a.report.Events))
	}
	least, err := a.place("MIN")
	if err != nil {
		return err
	}
	most, err := a.place("MAX")
	if err != nil {
		return err
	}
	if least != 0 || most != max(a.report.Events-1, 0) {
		a.found(ledger.Found("gap", "chỗ trong sổ không liền nhau: từ %d đến %d, có %d sự kiện", "places in the log have gaps: from %d to %d there are %d events", least, most, a.report.Events))
	}
	for _, c := range a.claims {
		a.report.Claims++
		a.found(ledger.Found("truncated", "điểm kiểm tra %s xác nhận %d sự kiện, nay chỉ còn %d: các sự kiện từ %d đến %d đã bị xóa khỏi cuối sổ",
			"checkpoint %s is of %d events, only %d are left: those from %d to %d were cut off the end", c.Name, c.Size, a.report.Events, a.report.Events, c.Size-1))
	}
	if a.naming && !a.leavesOK {
		return a.nameLeaves()
	}
	return nil
}

// nameLeaves tells which events are not those whose hashes are kept: by going
// along both lists and asking of each hash that differs whether it stands
// elsewhere.
func (a *audit) nameLeaves() error {
	var kept []ledger.Hash
	if err := a.scan("SELECT hashes FROM log_tiles WHERE level = 0 ORDER BY number", 1, func(v []driver.Value) error {
		kept = append(kept, ledger.Split(said(v[0]))...)
		return nil
	}); err != nil {
		return err
	}
	was, is := positions(kept), positions(a.leaves)
	i, j := 0, 0
	for i < len(a.leaves) || j < len(kept) {
		if i < len(a.leaves) && j < len(kept) && a.leaves[i] == kept[j] {
			i, j = i+1, j+1
			continue
		}
		here, there := i < len(a.leaves), j < len(kept)
		var from, to int
		var fromOK, toOK bool
		if here {
			from, fromOK = was[a.leaves[i]]
		}
		if there {
			to, toOK = is[kept[j]]
		}
		switch {
		case here && there && fromOK && toOK:
			a.leafFinding("moved", i, "sự kiện %d bị đổi chỗ: trước ở chỗ %d", "event %d was moved: it stood at %d", i, from)
			i, j = i+1, j+1
		case here && there && !fromOK && !toOK:
			a.leafFinding("changed", i, "sự kiện %d đã bị sửa", "event %d was changed", i)
			i, j = i+1, j+1
		case there && !toOK:
			a.leafFinding("removed", j, "sự kiện %d đã bị xóa", "event %d was removed", j)
			j++
		case here && !fromOK:
			a.leafFinding("inserted", i, "sự kiện %d được chèn thêm", "event %d was inserted", i)
			i++
		case there:
			a.leafFinding("removed", j, "sự kiện %d bị chuyển khỏi chỗ, nay ở %d", "event %d was moved, to %d", j, to)
			j++
		default:
			i++
		}
	}
	return nil
}

func positions(hashes []ledger.Hash) map[ledger.Hash]int {
	at := make(map[ledger.Hash]int, len(hashes))
	for i, h := range hashes {
		at[h] = i
	}
	return at
}

// leafFinding names the event at a place, as it now stands there; of one that
// was removed nothing is left but its place and its neighbours' times.
func (a *audit) leafFinding(code string, place int, viet, english string, args ...any) {
	f := ledger.Found(code, viet, english, args...)
	f.Place = int64(place)
	var event string
	err := a.conn.QueryRowContext(a.ctx, "SELECT event FROM log_events ORDER BY place LIMIT 1 OFFSET $1", place).Scan(&event)
	e, perr := ledger.Parse(event)
	switch {
	case err != nil || perr != nil:
	case code == "removed":
		next := f.About(int64(place), ledger.Event{At: e.At})
		f.Viet += ", trước " + next.At.In(dossier.VietNam).Format("02/01/2006 15:04:05")
		f.English += ", done before " + next.At.Format("2006-01-02T15:04:05Z")
	default:
		f = f.About(int64(place), e)
	}
	a.found(f)
}
