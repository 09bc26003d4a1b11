package sqldb

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/storage/ledger"
)

// openLog makes the log ready, and takes in what is older than it.
func (db *DB) openLog(ctx context.Context) error {
	db.gatherNotes()
	if err := errors.Join(db.seedRules(ctx), db.seedNorms(ctx)); err != nil {
		return err
	}
	return named(db.takeIn(ctx), "take older rows into the log")
}

// log writes an event in the transaction that does what it says. It is numbered
// afterwards, by [DB.NumberEvents].
func (db *DB) log(ctx context.Context, tx *sql.Tx, e ledger.Event) error {
	if e.Who == "" {
		return fmt.Errorf("%w: nobody is named who did it", dossier.ErrInvalid)
	}
	if e.ID == "" {
		e.ID = db.newID()
	}
	if e.Key == "" {
		e.Key = account.KeyOf(ctx)
	}
	_, err := tx.ExecContext(ctx, "INSERT INTO log_pending (id, event) VALUES ($1, $2)", e.ID, string(e.Bytes())) // both drivers keep what they prepared
	return err
}

// moveEvent is what the log says of a change that led d to a state. What only
// the reception says of a document, its place and its holder, is left out later.
func moveEvent(c dossier.Change, state dossier.State, demo bool) ledger.Event {
	e := ledger.Event{Kind: ledger.Move, Act: string(c.Act), At: c.At.UnixMilli(), Who: string(c.Who), Role: string(c.By),
		Document: string(c.Document), State: string(state), Version: c.Version, Demo: demo}
	for part, sum := range c.Made {
		e.Made = append(e.Made, ledger.Made{Part: string(part), Sum: sum.String()})
	}
	return e
}

// machine is who asks for keys.
const machine = "machine"

// intentEvent is what the log says of an intent kept under an id.
func intentEvent(id string, i dossier.Intent, demo bool) ledger.Event {
	return ledger.Event{ID: id, Kind: ledger.Intent, Act: "intend", At: i.At.UnixMilli(), Who: machine, Role: machine,
		Document: string(i.Document), Version: i.Version, Purpose: i.Purpose, Sum: i.ToSign.String(), Subject: i.Signer.String(), Demo: demo}
}

// caseEvent is what the log says of an event kept under an id.
func caseEvent(id string, e dossier.Event, amount int, demo bool) ledger.Event {
	return ledger.Event{ID: id, Kind: ledger.Case, Act: string(e.Act), At: e.At.UnixMilli(), Who: string(e.Who),
		Dossier: string(e.Dossier), Slot: string(e.Slot), Entry: string(e.Entry), Amount: int64(amount), Demo: demo}
}

// commit adds to e what binds a reason and confirmed fields, and keeps the salt
// that opens it.
func commit(ctx context.Context, tx *sql.Tx, e *ledger.Event, why, fields string) error {
	if why == "" && !someFields(fields) {
		return nil
	}
	salt := ledger.NewSalt()
	e.Text = ledger.Commit(salt, why, fields)
	_, err := tx.ExecContext(ctx, "INSERT INTO log_salts (document, version, salt) VALUES ($1, $2, $3)", e.Document, e.Version, salt)
	return err
}

// someFields reports whether kept fields are more than none.
func someFields(kept string) bool { return kept != "null" && kept != "[]" && kept != "" }

// Note writes that somebody looked at a paper or took it away, or did something
// in the house that has no row of its own. When it returns nil it is durable:
// whoever hands something out calls it first.
func (db *DB) Note(ctx context.Context, r dossier.Reading) error { return db.NoteAll(ctx, r) }

// NoteAll is [DB.Note] of several readings, all or none.
func (db *DB) NoteAll(ctx context.Context, list ...dossier.Reading) error {
	for _, r := range list {
		if !slices.Contains(dossier.ReadingActs[:], r.Act) {
			return fmt.Errorf("note: %w: %q is no reading", dossier.ErrInvalid, r.Act)
		}
	}
	own := noting{id: db.newID()}
	for _, r := range list {
		e := db.readingEvent(r)
		e.ID, e.Key = db.newID(), account.KeyOf(ctx)
		own.events = append(own.events, e)
	}
	if _, told, err := db.notes.ask(ctx, own); told || err != nil {
		return named(err, "note")
	}
	return named(db.noteTogether(ctx, own), "note") // by itself, which says what is wrong
}

// A noting is what is noted in one call.
type noting struct {
	id     string
	events []ledger.Event
}

// noteTogether notes in one transaction what several ask at the same time: each waits for
// the disk, and it is asked once.
func (db *DB) noteTogether(ctx context.Context, list ...noting) error {
	return db.tx(account.WithKey(ctx, ""), func(tx *sql.Tx) error { // events have their own
		for _, n := range list {
			for _, e := range n.events {
				if err := db.log(account.WithKey(ctx, ""), tx, e); err != nil {
					return fmt.Errorf("%s: %w", e.Act, err)
				}
			}
		}
		return nil
	})
}

func (db *DB) noteAll(ctx context.Context, list []noting) map[string]struct{} {
	if err := db.noteTogether(ctx, list...); err != nil {
		return nil // each by itself says why
	}
	done := map[string]struct{}{}
	for _, n := range list {
		done[n.id] = struct{}{}
	}
	return done
}

// gatherNotes makes ready what several note together.
func (db *DB) gatherNotes() {
	db.notes = &gathering[noting, struct{}]{do: db.noteAll, key: func(n noting) string { return n.id }}
	db.seens = &gathering[seeing, struct{}]{do: db.seeAll, key: func(s seeing) string { return s.token }}
}

// readingEvent is what the log says of a reading.
func (db *DB) readingEvent(r dossier.Reading) ledger.Event {
	kind := ledger.Reading
	if r.Document == "" && r.Holder == "" && r.Sum == "" {
		kind = ledger.House
	}
	return ledger.Event{Kind: kind, Act: string(r.Act), At: db.orNow(r.At).UnixMilli(), Who: string(r.Who), Role: string(r.By),
		Document: string(r.Document), Dossier: string(r.Dossier), Holder: string(r.Holder), Part: string(r.Part),
		Purpose: string(r.Purpose), Subject: r.Subject, Sum: r.Sum, Demo: r.Demo}
}

// mostNumbered is how many events are numbered in one transaction: nobody who
// writes waits longer than that takes.
const mostNumbered = 2000

// NumberEvents gives the events that were written since their places in the
// log, in the order of their ids, and adds their hashes to the tree. It returns
// how many events the log then has. Killed anywhere, nothing is lost and
// nothing stands twice; several may number at once.
func (db *DB) NumberEvents(ctx context.Context) (size int64, err error) {
	// It is asked twice a second, and mostly there are none: that is one question, which
	// holds up nobody. Those that another is numbering now are still to be seen.
	type head struct {
		size int64
		more bool
	}
	h, err := one(ctx, db.read, func(r row) (h head, err error) { return h, r.Scan(&h.size, &h.more) },
		"SELECT size, EXISTS (SELECT 1 FROM log_pending) FROM log_head WHERE id = 1")
	if err != nil {
		return 0, fmt.Errorf("number events: %w", err)
	}
	if !h.more {
		return h.size, nil
	}
	for {
		n := 0
		err := db.tx(ctx, func(tx *sql.Tx) (err error) {
			size, n, err = db.number(ctx, tx)
			return err
		})
		if err != nil {
			return 0, fmt.Errorf("number events: %w", err)
		}
		if n < mostNumbered {
			return size, nil
		}
	}
}

// A waiting event is not numbered yet.
type waiting struct{ id, event string }

func (db *DB) number(ctx context.Context, tx *sql.Tx) (size int64, n int, err error) {
	// Whoever numbers holds this row until the transaction ends.
	size, err = one(ctx, tx, single[int64], "UPDATE log_head SET size = size WHERE id = 1 RETURNING size")
	if err != nil {
		return 0, 0, err
	}
	taken, err := all(ctx, tx, func(r row) (w waiting, err error) { return w, r.Scan(&w.id, &w.event) },
		"DELETE FROM log_pending WHERE id IN (SELECT id FROM log_pending ORDER BY id"+limited(mostNumbered)+") RETURNING id, event")
	if err != nil || len(taken) == 0 {
		return size, 0, err
	}
	if err := inOrder(taken); err != nil {
		return 0, 0, err
	}
	g, err := db.grow(ctx, tx, size)
	if err != nil {
		return 0, 0, err
	}
	for _, w := range taken {
		if err := g.add(w.event); err != nil {
			return 0, 0, errors.Join(err, g.put.Close())
		}
	}
	return g.tree.Size(), len(taken), g.keep()
}

// inOrder sorts events by id, and the moves of each document by version in the
// places that they have then: ids of several machines are as good as their
// clocks, and a document's moves are the log's only order that means something.
func inOrder(events []waiting) error {
	slices.SortFunc(events, func(a, b waiting) int { return strings.Compare(a.id, b.id) }) // RETURNING has no order
	type move struct {
		version int64
		waiting
	}
	moves, at := map[string][]move{}, map[string][]int{}
	var e ledger.Line
	for i, w := range events {
		if err := e.Read(w.event); err != nil {
			return fmt.Errorf("event %s: %w", w.id, err)
		}
		if e.Kind() == ledger.Move {
			of := e.Document()
			moves[of], at[of] = append(moves[of], move{e.Version, w}), append(at[of], i)
		}
	}
	for document, of := range moves {
		slices.SortFunc(of, func(a, b move) int { return cmp.Compare(a.version, b.version) })
		for i, m := range of {
			events[at[document][i]] = m.waiting
		}
	}
	return nil
}

// A growth is the log while a transaction adds to it.
type growth struct {
	ctx  context.Context
	tx   *sql.Tx
	tree *ledger.Tree
	leaf ledger.Leaf
	put  *sql.Stmt
	many *manyEvents // written with the tiles, on PostgreSQL; nil: each at once
}

// manyEvents are events from a place on.
type manyEvents struct {
	places []int64
	events []string
}

func (db *DB) grow(ctx context.Context, tx *sql.Tx, size int64) (*growth, error) {
	g := &growth{ctx: ctx, tx: tx}
	var err error
	if g.tree, err = ledger.Grown(size, tiles(ctx, tx)); err != nil {
		return nil, err
	}
	query := "INSERT INTO log_events (place, event) VALUES ($1, $2)"
	if db.skipLocked != "" {
		g.many, query = &manyEvents{}, "INSERT INTO log_events (place, event) SELECT * FROM unnest($1::bigint[], $2::text[])"
	}
	g.put, err = tx.PrepareContext(ctx, query)
	return g, err
}

func (g *growth) add(event string) error {
	if m := g.many; m != nil {
		m.places, m.events = append(m.places, g.tree.Size()), append(m.events, event)
		if len(m.places) >= mostNumbered {
			if err := g.write(); err != nil {
				return err
			}
		}
	} else if _, err := g.put.ExecContext(g.ctx, g.tree.Size(), event); err != nil {
		return err
	}
	return g.tree.Add(g.leaf.Hash(event), g.tile)
}

// write puts the events that wait for it.
func (g *growth) write() error {
	if g.many == nil || len(g.many.places) == 0 {
		return nil
	}
	_, err := g.put.ExecContext(g.ctx, g.many.places, g.many.events)
	g.many.places, g.many.events = g.many.places[:0], g.many.events[:0]
	return err
}

func (g *growth) tile(t ledger.Tile) error {
	_, err := g.tx.ExecContext(g.ctx, `INSERT INTO log_tiles (level, number, hashes) VALUES ($1, $2, $3)
		ON CONFLICT (level, number) DO UPDATE SET hashes = excluded.hashes`, t.Level, t.Number, t.Hashes)
	return err
}

// keep writes the tiles at the right edge and the new size.
func (g *growth) keep() error {
	if err := g.write(); err != nil {
		return errors.Join(err, g.put.Close())
	}
	for _, t := range g.tree.Edge() {
		if err := g.tile(t); err != nil {
			return errors.Join(err, g.put.Close())
		}
	}
	_, err := g.tx.ExecContext(g.ctx, "UPDATE log_head SET size = $1 WHERE id = 1", g.tree.Size())
	return errors.Join(err, g.put.Close())
}

// tiles reads tiles, each once.
func tiles(ctx context.Context, a asker) func(level int, number int64) ([]byte, error) {
	type name struct {
		level  int
		number int64
	}
	kept := map[name][]byte{}
	return func(level int, number int64) ([]byte, error) {
		if b, ok := kept[name{level, number}]; ok {
			return b, nil
		}
		b, err := one(ctx, a, single[[]byte], "SELECT hashes FROM log_tiles WHERE level = $1 AND number = $2", level, number)
		if errors.Is(err, dossier.ErrNotFound) {
			err = fmt.Errorf("%w: tile %d of level %d", ledger.ErrTile, number, level)
		}
		kept[name{level, number}] = b
		return b, err
	}
}

// LogSize returns how many events are numbered.
func (db *DB) LogSize(ctx context.Context) (int64, error) {
	n, err := one(ctx, db.read, single[int64], "SELECT size FROM log_head WHERE id = 1")
	return n, named(err, "size of the log")
}

// LogTile returns the hashes of a tile, as many as are there.
func (db *DB) LogTile(ctx context.Context, level int, number int64) ([]byte, error) {
	b, err := tiles(ctx, db.read)(level, number)
	if errors.Is(err, ledger.ErrTile) {
		err = dossier.ErrNotFound
	}
	return b, named(err, "tile %d of level %d", number, level)
}

// LogRoot returns the root of the tree over the first size events.
func (db *DB) LogRoot(ctx context.Context, size int64) (ledger.Hash, error) {
	h, err := ledger.RootOf(size, tiles(ctx, db.read))
	return h, named(err, "root of %d events", size)
}

// LogEvent returns the canonical bytes of the event at a place.
func (db *DB) LogEvent(ctx context.Context, place int64) (string, error) {
	e, err := one(ctx, db.read, single[string], "SELECT event FROM log_events WHERE place = $1", place)
	return e, named(err, "event %d", place)
}

// ProveEvent makes the proof of the event at a place under a checkpoint of size
// events. It reads a tile for each 256-fold of the size, and the event.
func (db *DB) ProveEvent(ctx context.Context, place, size int64, checkpoint []byte) (ledger.Proof, error) {
	event, err := db.LogEvent(ctx, place)
	if err != nil {
		return ledger.Proof{}, err
	}
	p, err := ledger.Prove(event, place, size, ledger.Hashes(tiles(ctx, db.read)), checkpoint)
	return p, named(err, "prove event %d", place)
}

func scanPlaced(r row) (p dossier.Placed, err error) {
	var event string
	if err := r.Scan(&p.Place, &event); err != nil {
		return p, err
	}
	e, err := ledger.Parse(event)
	if err != nil {
		return p, fmt.Errorf("event %d: %w", p.Place, err)
	}
	p.Reading = dossier.Reading{Act: dossier.ReadingAct(e.Act), At: moment(e.At), Who: dossier.PersonID(e.Who), By: dossier.Role(e.Role),
		Document: dossier.DocumentID(e.Document), Dossier: dossier.Code(e.Dossier), Holder: dossier.HolderID(e.Holder),
		Part: dossier.Part(e.Part), Purpose: dossier.Purpose(e.Purpose), Subject: e.Subject, Sum: e.Sum, Demo: e.Demo}
	p.Kind, p.Version, p.ID = string(e.Kind), e.Version, e.ID
	return p, nil
}

// LogOf returns what the log says of a document, oldest first: what is not
// numbered yet is not in it.
func (db *DB) LogOf(ctx context.Context, id dossier.DocumentID) ([]dossier.Placed, error) {
	found, err := all(ctx, db.read, scanPlaced, "SELECT place, event FROM log_events WHERE document = $1 ORDER BY place", string(id))
	return found, named(err, "log of %s", id)
}

// Looked returns who looked at a holder's papers or took one away, newest
// first, and no more than limit.
func (db *DB) Looked(ctx context.Context, holder dossier.HolderID, limit int) ([]dossier.Placed, error) {
	found, err := all(ctx, db.read, scanPlaced, "SELECT place, event FROM log_events WHERE holder = $1 ORDER BY place DESC"+limited(limit), string(holder))
	return found, named(err, "who looked at %s", holder)
}
