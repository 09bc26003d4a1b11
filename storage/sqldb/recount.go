package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"maps"
	"slices"

	"sohoa/dossier"
	"sohoa/dossier/figures"
)

// A Recounted is what counting the figures again came to.
type Recounted struct {
	Dossiers int                     `json:"dossiers"` // counted
	Cells    int                     `json:"cells"`    // held against them
	Pending  int                     `json:"pending"`  // changes that were not in the cells yet, and counted with them
	Owed     []dossier.ProcedureCode `json:"owed"`     // procedures whose dossiers are still to be counted anew
	Differs  []figures.Difference    `json:"differs"`  // none: the figures are what the dossiers say
	More     int                     `json:"more"`     // differences that are not listed
	Mended   bool                    `json:"mended"`
}

// mostDiffers is how many differences are listed.
const mostDiffers = 1000

// RecountFigures counts dossiers received in a period of whole months one by one,
// from their papers and their catalogue, and holds against it how each is counted
// and every cell. It is one view of the database, which others go on changing.
// With mend the rows that differ are written anew, in one transaction; others who
// fold wait for it, nobody who acts does.
func (db *DB) RecountFigures(ctx context.Context, p figures.Period, mend bool) (Recounted, error) {
	from, to, ok := p.Months()
	if !ok {
		return Recounted{}, fmt.Errorf("recount: %w: the period is not of whole months", dossier.ErrInvalid)
	}
	var out Recounted
	count := func(tx *sql.Tx, mend bool) (err error) {
		out = Recounted{Mended: mend}
		r := &recount{ctx: ctx, tx: tx, out: &out, mend: mend}
		if r.tree, err = treeOf(ctx, tx); err != nil {
			return err
		}
		if r.catalog, err = versions(ctx, tx); err != nil {
			return err
		}
		if out.Owed, err = all(ctx, tx, single[dossier.ProcedureCode], "SELECT procedure FROM figure_owed ORDER BY procedure"); err != nil {
			return err
		}
		for m := from; m < to; m++ {
			if err := r.month(m); err != nil {
				return err
			}
		}
		return nil
	}
	if mend {
		return out, named(db.recountAndMend(ctx, count), "recount")
	}
	return out, named(db.wide(ctx, func(c *sql.Conn) error {
		tx, err := c.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead})
		if err != nil {
			return err
		}
		defer tx.Rollback() // it only read
		return count(tx, false)
	}), "recount")
}

// wide gives fn a connection of its own that reads, with room for a good part of
// what a recount goes through: SQLite's usual 2 MB have it read the same pages from
// the file again and again.
func (db *DB) wide(ctx context.Context, fn func(*sql.Conn) error) error {
	c, err := db.read.Conn(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	if db.skipLocked != "" { // PostgreSQL has its buffers for all
		return fn(c)
	}
	if err := sized(ctx, c, 131072); err != nil {
		return err
	}
	defer func() {
		ctx := context.WithoutCancel(ctx)
		err1 := sized(ctx, c, readCache)
		_, err2 := c.ExecContext(ctx, "PRAGMA shrink_memory")
		if err1 != nil || err2 != nil {
			_ = c.Raw(func(any) error { return driver.ErrBadConn }) // not for others
		}
	}()
	return fn(c)
}

// sized lets SQLite keep so many KiB of pages for a connection.
func sized(ctx context.Context, c *sql.Conn, kib int) error {
	_, err := c.ExecContext(ctx, fmt.Sprintf("PRAGMA cache_size = -%d", kib))
	return err
}

// recountAndMend runs fn in a transaction that sees the database as it stands when
// it has the head.
func (db *DB) recountAndMend(ctx context.Context, fn func(*sql.Tx, bool) error) error {
	for try := 1; ; try++ {
		err := func() error {
			tx, err := db.write.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead})
			if err != nil {
				return err
			}
			if err = takeHead(ctx, tx); err == nil {
				err = fn(tx, true)
			}
			if err != nil {
				return errors.Join(err, ended(tx.Rollback()))
			}
			return tx.Commit()
		}()
		if !inTheWay(err) || try == mostTries {
			return err
		}
		if late := pause(ctx, try); late != nil {
			return errors.Join(err, late)
		}
	}
}

// FiguresSpan returns the months between which anything is counted, or could be.
func (db *DB) FiguresSpan(ctx context.Context) (figures.Period, error) {
	ends, err := one(ctx, db.read, func(r row) (p [4]sql.NullInt64, err error) { return p, r.Scan(&p[0], &p[1], &p[2], &p[3]) },
		`SELECT (SELECT MIN(received) FROM dossiers), (SELECT MAX(received) FROM dossiers),
			(SELECT MIN(received) FROM figure_cells), (SELECT MAX(received) FROM figure_cells)`)
	if err != nil {
		return figures.Period{}, named(err, "span of the figures")
	}
	var months []figures.MonthNumber
	for i, e := range ends {
		switch {
		case e.Valid && i < 2:
			months = append(months, figures.MonthOf(moment(e.Int64)))
		case e.Valid:
			months = append(months, figures.MonthNumber(e.Int64))
		}
	}
	if len(months) == 0 {
		return figures.Period{}, nil
	}
	return figures.Period{From: slices.Min(months).Begin(), To: (slices.Max(months) + 1).Begin()}, nil
}

// recount is one counting again.
type recount struct {
	ctx  context.Context
	tx   *sql.Tx
	tree tree
	out  *Recounted
	mend bool

	catalog map[versioned]dossier.Procedure
}

func (r *recount) differs(d figures.Difference) {
	if len(r.out.Differs) < mostDiffers {
		r.out.Differs = append(r.out.Differs, d)
	} else {
		r.out.More++
	}
}

// month counts what was received in a month: its papers, and how each of its
// dossiers is counted, in one pass over each.
func (r *recount) month(m figures.MonthNumber) error {
	want := cells{}
	there, err := r.filled(m)
	if err != nil {
		return err
	}
	var wrong []recounted
	beside := besides(func(k keptFact) { // while the next ones are read
		r.out.Dossiers++
		r.take(&k.Fact, k.version, there[k.Dossier])
		is := standsAs(k.Fact, k.who)
		if !k.counted || k.stood != is {
			wrong = append(wrong, is.of(k.Dossier))
			r.differs(figures.Difference{Dossier: k.Dossier, What: "how it is counted", Was: k.String(), Is: is.String()})
		}
		want.count(is, 1, r.tree.up)
	})
	_, err = all(r.ctx, r.tx, func(x row) (struct{}, error) {
		k, err := scanKept(x)
		beside.do(k)
		return struct{}{}, err
	}, `SELECT code, procedure, receiving, received, due, resolved, channel, officer, month_received, month_resolved, standing, version,
			COALESCE((SELECT MIN(e.who) FROM events e WHERE e.dossier = dossiers.code AND e.act = 'received'), '')
		FROM dossiers WHERE received >= $1 AND received < $2`, m.Begin().UnixMilli(), (m + 1).Begin().UnixMilli())
	beside.end()
	if err != nil {
		return err
	}
	if err := r.hold(m, want); err != nil || !r.mend {
		return err
	}
	for _, is := range wrong {
		if _, err := r.tx.ExecContext(r.ctx, "UPDATE dossiers SET standing = $1, month_received = $2, month_resolved = $3, officer = $4 WHERE code = $5",
			is.standing, is.received, is.resolved, is.officer, string(is.code)); err != nil {
			return err
		}
	}
	return nil
}

// A keptFact is a dossier, and how its row says that it is counted.
type keptFact struct {
	figures.Fact
	keptStood
	version int // of its procedure
}

// alongside does something with things in their order, in a goroutine of its own.
type alongside[T any] struct {
	batch []T
	to    chan []T
	over  chan struct{}
}

// besides begins; nothing that fn touches may be touched before end returns.
func besides[T any](fn func(T)) *alongside[T] {
	b := &alongside[T]{to: make(chan []T, 4), over: make(chan struct{})}
	go func() {
		defer close(b.over)
		for batch := range b.to {
			for _, t := range batch {
				fn(t)
			}
		}
	}()
	return b
}

func (b *alongside[T]) do(t T) {
	if b.batch = append(b.batch, t); len(b.batch) == 512 {
		b.to <- b.batch
		b.batch = make([]T, 0, 512)
	}
}

// end returns when all is done.
func (b *alongside[T]) end() {
	b.to <- b.batch
	close(b.to)
	<-b.over
}

// scanKept reads what a row says of a dossier, and of how it is counted.
func scanKept(x row) (k keptFact, err error) {
	f := &k.Fact
	var received int64
	var due, resolved, standing sql.NullInt64
	err = x.Scan(&f.Dossier, &f.Procedure, &f.Receiving, &received, &due, &resolved, &f.Channel, &k.officer, &k.received, &k.resolved, &standing, &k.version, &k.who)
	f.Received = moment(received)
	if due.Valid {
		f.Due = moment(due.Int64)
	}
	if resolved.Valid {
		f.Resolved = moment(resolved.Int64)
	}
	k.receiving, k.procedure = string(f.Receiving), string(f.Procedure)
	k.counted, k.standing = standing.Valid, standing.Int64
	return k, err
}

// slotFilled is what is there of a slot of a dossier.
type slotFilled struct {
	slot             dossier.SlotCode
	archived, reused bool
	last             decision // about it
}

// decision is one about a slot, and when it was taken.
type decision struct {
	at   int64
	id   string
	what dossier.Decision
}

func (d decision) before(e decision) bool { return d.at < e.at || d.at == e.at && d.id < e.id }

// filled reads what is there of the dossiers of a month.
func (r *recount) filled(m figures.MonthNumber) (map[dossier.Code][]slotFilled, error) {
	out := map[dossier.Code][]slotFilled{}
	of := func(code dossier.Code, slot dossier.SlotCode) *slotFilled {
		list := out[code]
		i := slices.IndexFunc(list, func(s slotFilled) bool { return s.slot == slot })
		if i < 0 {
			i = len(list)
			out[code] = append(list, slotFilled{slot: slot})
		}
		return &out[code][i]
	}
	// A CROSS JOIN, and a state that is no column to it, keep SQLite from beginning
	// with every archived paper of the house; asked for in order it would begin with
	// every event of a dossier.
	for _, query := range [...]struct {
		text string
		set  func(s *slotFilled, d decision)
	}{
		{`SELECT d.code, k.slot, 0, '', '' FROM dossiers d CROSS JOIN documents k
			WHERE k.dossier = d.code AND k.state || '' = 'archived' AND k.flaw = ''`, func(s *slotFilled, _ decision) { s.archived = true }},
		{`SELECT d.code, r.slot, 0, '', '' FROM dossiers d CROSS JOIN reuses r WHERE r.dossier = d.code`,
			func(s *slotFilled, _ decision) { s.reused = true }},
		{`SELECT d.code, e.slot, e.at, e.id, e.entry FROM dossiers d CROSS JOIN events e WHERE e.dossier = d.code AND e.act = 'decided'`,
			func(s *slotFilled, d decision) {
				if s.last.before(d) {
					s.last = d
				}
			}},
	} {
		if _, err := all(r.ctx, r.tx, func(x row) (struct{}, error) {
			var code dossier.Code
			var slot dossier.SlotCode
			var d decision
			err := x.Scan(&code, &slot, &d.at, &d.id, &d.what)
			query.set(of(code, slot), d)
			return struct{}{}, err
		}, query.text+" AND d.received >= $1 AND d.received < $2", m.Begin().UnixMilli(), (m + 1).Begin().UnixMilli()); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// take counts what is there of a dossier against what its procedure asks for.
func (r *recount) take(f *figures.Fact, version int, there []slotFilled) {
	at := func(slot dossier.SlotCode) (s slotFilled) {
		if i := slices.IndexFunc(there, func(s slotFilled) bool { return s.slot == slot }); i >= 0 {
			s = there[i]
		}
		return s
	}
	p := r.catalog[versioned{f.Procedure, version}]
	f.ResultIsDocument, f.ResultDigitised = p.ResultKind != "", at(dossier.ResultSlot).archived
	for _, c := range p.Components {
		s := at(c.Slot)
		f.Take(c, s.archived || s.reused, s.reused, s.last.what)
	}
}

// recounted is how a dossier is to be counted.
type recounted struct {
	stood
	code dossier.Code
}

func (s stood) of(code dossier.Code) recounted { return recounted{s, code} }

// keptStood is how the row of a dossier says that it is counted.
type keptStood struct {
	stood
	counted bool
	who     string // received it, as its event says
}

func (k keptStood) String() string {
	if !k.counted {
		return "not counted"
	}
	return k.stood.String()
}

func (s stood) String() string {
	return fmt.Sprintf("by officer %s, received %s, resolved %s, standing %d", s.officer, figures.MonthNumber(s.received), figures.MonthNumber(s.resolved), s.standing)
}

// hold holds the cells of a month, with what is pending, against what was counted.
func (r *recount) hold(m figures.MonthNumber, want cells) error {
	raw, is := map[cellKey]string{}, cells{}
	_, err := all(r.ctx, r.tx, func(x row) (struct{}, error) {
		var k cellKey
		var tally string
		if err := x.Scan(&k.node, &k.grain, &k.received, &k.resolved, &k.procedure, &k.officer, &tally); err != nil {
			return struct{}{}, err
		}
		r.out.Cells++
		raw[k] = tally
		err := figures.ReadTally(tally, func(s figures.Standing, n int) { is.add(k, s, n) })
		if err != nil {
			r.differs(figures.Difference{What: k.String(), Was: tally, Is: want[k].String()})
			delete(is, k)
		}
		return struct{}{}, nil
	}, "SELECT node, grain, received, resolved, procedure, officer, tally FROM figure_cells WHERE received = $1", int64(m))
	if err != nil {
		return err
	}
	pending := cells{}
	if _, err := all(r.ctx, r.tx, func(x row) (struct{}, error) {
		var s stood
		var n int
		if err := x.Scan(&s.receiving, &s.procedure, &s.officer, &s.received, &s.resolved, &s.standing, &n); err != nil {
			return struct{}{}, err
		}
		r.out.Pending++
		pending.count(s, n, r.tree.up)
		return struct{}{}, nil
	}, "SELECT receiving, procedure, officer, received, resolved, standing, n FROM figure_pending WHERE received = $1", int64(m)); err != nil {
		return err
	}
	for k, t := range pending {
		for s, n := range t {
			is.add(k, s, n)
		}
	}
	keys := maps.Clone(want)
	maps.Copy(keys, is)
	for k := range raw {
		keys[k] = nil
	}
	for _, k := range slices.SortedFunc(maps.Keys(keys), cellKey.compare) {
		a, b := is[k].String(), want[k].String()
		if a == b {
			continue
		}
		if figures.ReadTally(raw[k], func(figures.Standing, int) {}) == nil { // else it is named already
			r.differs(figures.Difference{What: k.String(), Was: a, Is: b})
		}
		if err := r.write(k, raw, want, pending); err != nil {
			return err
		}
	}
	return nil
}

// write mends a cell: with what is pending it says what was counted then.
func (r *recount) write(k cellKey, raw map[cellKey]string, want, pending cells) error {
	if !r.mend {
		return nil
	}
	if _, there := raw[k]; there {
		if _, err := r.tx.ExecContext(r.ctx, `DELETE FROM figure_cells WHERE node = $1 AND grain = $2 AND received = $3 AND resolved = $4
			AND procedure = $5 AND officer = $6`, k.node, k.grain, k.received, k.resolved, k.procedure, k.officer); err != nil {
			return err
		}
	}
	right := figures.Tally{}
	for s, n := range want[k] {
		right.Add(s, n)
	}
	for s, n := range pending[k] {
		right.Add(s, -n)
	}
	return cells{k: right}.put(r.ctx, r.tx)
}

// String names the cell as people look for it.
func (k cellKey) String() string {
	s := "cell of " + k.node
	if k.grain&2 != 0 {
		s = "cell of those under " + k.node
	}
	if k.grain&1 != 0 {
		s += ", procedure " + k.procedure
	}
	if k.grain == grainOwnApart {
		s += ", officer " + k.officer
	}
	return fmt.Sprintf("%s, received %s, resolved %s", s, figures.MonthNumber(k.received), figures.MonthNumber(k.resolved))
}
