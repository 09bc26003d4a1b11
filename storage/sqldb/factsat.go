package sqldb

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"sohoa/dossier"
	"sohoa/dossier/figures"
	"sohoa/dossier/figures/closing"
	"sohoa/storage/ledger"
)

// FactsAt returns the facts of the dossiers that were received or resolved in a
// period, as the ledger stood before a place: when they were received and
// resolved, which papers were archived and which were used again is what its
// events below that place say, each held against its hash. What no event tells
// (agencies, channel, appointment) is the rows', and the catalogue is given.
//
// Rows are held against all events, so that what was changed past the program is
// named. It is one view of the database.
func (db *DB) FactsAt(ctx context.Context, r closing.Recount) (closing.Recounted, error) {
	tx, err := db.read.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead}) // SQLite has no other
	if err != nil {
		return closing.Recounted{}, named(err, "facts as they stood")
	}
	defer tx.Rollback() // it only read
	v := &past{ctx: ctx, tx: tx, asked: r, catalog: map[dossier.ProcedureCode]dossier.Procedure{}}
	for _, p := range r.Catalog {
		v.catalog[p.Code] = p
	}
	if v.versions, err = versions(ctx, tx); err == nil {
		err = v.run()
	}
	return v.out, named(err, "facts as they stood")
}

// Touched returns the dossiers of which the events from one place of the log up
// to another say that they were received or resolved, that a paper of theirs was
// archived or used again; by code.
func (db *DB) Touched(ctx context.Context, from, to int64) ([]dossier.Dossier, error) {
	found, err := all(ctx, db.read, scanDossier, "SELECT "+dossierColumns+` FROM dossiers d WHERE d.code IN (
		SELECT e.dossier FROM log_events e WHERE e.place >= $1 AND e.place < $2 AND e.dossier IS NOT NULL AND e.event LIKE '%"kind":"case"%'
		UNION SELECT k.dossier FROM log_events e JOIN documents k ON k.id = e.document
			WHERE e.place >= $1 AND e.place < $2 AND e.event LIKE '%"act":"archive"%')
		ORDER BY d.code`, from, to)
	return found, named(err, "dossiers touched")
}

// A past is one look at how things stood.
type past struct {
	ctx      context.Context
	tx       *sql.Tx
	asked    closing.Recount
	catalog  map[dossier.ProcedureCode]dossier.Procedure
	versions map[versioned]dossier.Procedure // what dossiers of another version than catalog's ask for
	waiting  []ledger.Event                  // written and not numbered yet
	out      closing.Recounted
}

// A pastCase is a dossier as its row has it, and as its events do.
type pastCase struct {
	row  *dossier.Dossier // nil: there is none
	code dossier.Code

	received, resolved *happened
	papers             map[dossier.DocumentID]*pastPaper
	reused             map[dossier.SlotCode]happened
	decided            map[dossier.SlotCode][]happened // what became of components, oldest first
}

// happened is an event: its place, -1 of one that has none, and when it was.
type happened struct {
	place, at int64
	what      string // procedure of a reception, entry of a paper used again, decision on a component
	id        string
	who       string
}

type pastPaper struct {
	slot     dossier.SlotCode
	archived *happened
	flaw     dossier.Flaw // why it does not count
	found    int64        // the place of the event that says so
}

const perLook = 400 // dossiers looked at with one query

func (v *past) run() error {
	size, err := one(v.ctx, v.tx, single[int64], "SELECT size FROM log_head WHERE id = 1")
	if err != nil {
		return err
	}
	if size < v.asked.Counted {
		v.out.Differs = append(v.out.Differs, closing.Difference{What: "events in the ledger", Was: fmt.Sprint(v.asked.Counted, " or more"), Is: fmt.Sprint(size)})
		return nil
	}
	root, err := ledger.RootOf(v.asked.Counted, tiles(v.ctx, v.tx))
	if err != nil {
		return err
	}
	v.out.Root = hex.EncodeToString(root[:])
	if v.waiting, err = all(v.ctx, v.tx, func(r row) (ledger.Event, error) {
		var s string
		if err := r.Scan(&s); err != nil {
			return ledger.Event{}, err
		}
		return ledger.Parse(s)
	}, "SELECT event FROM log_pending ORDER BY id"); err != nil {
		return err
	}
	cases, err := v.cases()
	if err != nil {
		return err
	}
	for some := range slices.Chunk(cases, perLook) {
		if err := v.look(some); err != nil {
			return err
		}
	}
	slices.SortFunc(v.out.Facts, func(a, b figures.Fact) int { return strings.Compare(string(a.Dossier), string(b.Dossier)) })
	return nil
}

// cases are the dossiers to be looked at: those whose rows lie in the period, and
// those that are asked for.
func (v *past) cases() ([]*pastCase, error) {
	var rows []dossier.Dossier
	if len(v.asked.Only) == 0 {
		var err error
		if rows, err = all(v.ctx, v.tx, scanDossier, "SELECT "+dossierColumns+` FROM dossiers d
			WHERE d.received >= $1 AND d.received < $2 OR d.resolved >= $1 AND d.resolved < $2`,
			v.asked.Period.From.UnixMilli(), v.asked.Period.To.UnixMilli()); err != nil {
			return nil, err
		}
	}
	seen := map[dossier.Code]bool{}
	for _, d := range rows {
		seen[d.Code] = true
	}
	var missing []dossier.Code
	for _, code := range slices.Concat(v.asked.Also, v.asked.Only) {
		if !seen[code] {
			seen[code] = true
			missing = append(missing, code)
		}
	}
	for some := range slices.Chunk(missing, perLook) {
		var w where
		among(&w, some, "d.code")
		more, err := all(v.ctx, v.tx, scanDossier, "SELECT "+dossierColumns+" FROM dossiers d"+w.String(), w.values...)
		if err != nil {
			return nil, err
		}
		rows = append(rows, more...)
	}
	var out []*pastCase
	for _, d := range rows {
		delete(seen, d.Code)
		out = append(out, &pastCase{row: &d, code: d.Code})
	}
	for code := range seen {
		out = append(out, &pastCase{code: code})
	}
	slices.SortFunc(out, func(a, b *pastCase) int { return strings.Compare(string(a.code), string(b.code)) })
	return out, nil
}

// look reads what happened to some dossiers, and tells their facts.
func (v *past) look(cases []*pastCase) error {
	of, codes := map[string]*pastCase{}, []dossier.Code{}
	for _, c := range cases {
		c.papers, c.reused = map[dossier.DocumentID]*pastPaper{}, map[dossier.SlotCode]happened{}
		c.decided = map[dossier.SlotCode][]happened{}
		of[string(c.code)] = c
		codes = append(codes, c.code)
	}
	var w where
	among(&w, codes, "dossier")
	w.and(`event NOT LIKE '%%"kind":"reading"%%'`)
	papers, ids := map[string]*pastPaper{}, []dossier.DocumentID{}
	err := v.events("SELECT place, event FROM log_events"+w.String()+" ORDER BY place", w.values, func(place int64, e *ledger.Event) {
		if c := of[e.Dossier]; c != nil && c.tell(place, e) {
			papers[e.Document] = c.papers[dossier.DocumentID(e.Document)]
			ids = append(ids, dossier.DocumentID(e.Document))
		}
	})
	if err != nil {
		return err
	}
	archived := func(place int64, e *ledger.Event) {
		p := papers[e.Document]
		if p == nil || e.Kind != ledger.Move {
			return
		}
		if e.State == string(dossier.Archived) && p.archived == nil {
			p.archived = &happened{place: place, at: e.At}
		}
		if fileOf(e, string(dossier.PartUnread)) != "" && p.flaw == "" {
			p.flaw, p.found = dossier.FlawUnread, place
		}
	}
	for some := range slices.Chunk(ids, perLook) {
		var w where
		among(&w, some, "document")
		w.and(`(event LIKE '%%"state":"archived"%%' OR event LIKE '%%"unread":%%')`)
		if err := v.events("SELECT place, event FROM log_events"+w.String()+" ORDER BY place", w.values, archived); err != nil {
			return err
		}
	}
	if err := v.hold(of, codes); err != nil {
		return err
	}
	for _, c := range cases {
		v.fact(c)
	}
	return nil
}

// events goes through numbered events, each held against its hash, and then
// through those that wait.
func (v *past) events(query string, args []any, each func(place int64, e *ledger.Event)) error {
	type numbered struct {
		place int64
		event string
	}
	found, err := all(v.ctx, v.tx, func(r row) (n numbered, err error) { return n, r.Scan(&n.place, &n.event) }, query, args...)
	if err != nil {
		return err
	}
	var leaf ledger.Leaf
	var tile []ledger.Hash
	number := int64(-1)
	for _, n := range found {
		if at := n.place / ledger.TileWidth; at != number {
			hashes, err := one(v.ctx, v.tx, single[[]byte], "SELECT hashes FROM log_tiles WHERE level = 0 AND number = $1", at)
			if err != nil {
				return fmt.Errorf("%w: tile %d of level 0: %w", ledger.ErrTile, at, err)
			}
			tile, number = ledger.Split(string(hashes)), at
		}
		i := int(n.place % ledger.TileWidth)
		e, err := ledger.Parse(n.event)
		if err != nil || i >= len(tile) || leaf.Hash(n.event) != tile[i] {
			v.differs(dossier.Code(e.Dossier), fmt.Sprint("event ", n.place), "the event whose hash is kept", "another one")
			continue
		}
		each(n.place, &e)
	}
	for i := range v.waiting {
		each(-1, &v.waiting[i])
	}
	return nil
}

func (v *past) differs(code dossier.Code, what, was, is string) {
	v.out.Differs = append(v.out.Differs, closing.Difference{Dossier: code, What: what, Was: was, Is: is})
}

// tell takes an event of the dossier, and reports whether it is the reception of
// a paper.
func (c *pastCase) tell(place int64, e *ledger.Event) bool {
	h := happened{place: place, at: e.At, who: e.Who, id: e.ID}
	switch {
	case e.Kind == ledger.Move && e.Version == 0:
		c.papers[dossier.DocumentID(e.Document)] = &pastPaper{slot: dossier.SlotCode(e.Slot), flaw: dossier.Flaw(e.Purpose), found: place}
		return true
	case e.Kind != ledger.Case:
	case dossier.EventAct(e.Act) == dossier.DossierReceived:
		h.what = e.Subject
		c.received = &h
	case dossier.EventAct(e.Act) == dossier.DossierResolved:
		c.resolved = &h
	case dossier.EventAct(e.Act) == dossier.DossierReused:
		h.what = e.Entry
		c.reused[dossier.SlotCode(e.Slot)] = h
	case dossier.EventAct(e.Act) == dossier.ComponentDecided:
		h.what = e.Entry
		slot := dossier.SlotCode(e.Slot)
		c.decided[slot] = append(c.decided[slot], h)
	}
	return false
}

// stood reports whether h had happened before the place that is asked for.
func (v *past) stood(h *happened) bool { return h != nil && h.place >= 0 && h.place < v.asked.Counted }

// fact tells the fact of a dossier, if it stood in the period.
func (v *past) fact(c *pastCase) {
	if c.row == nil || !v.stood(c.received) {
		return
	}
	d := c.row
	f := figures.Fact{Dossier: c.code, Procedure: dossier.ProcedureCode(c.received.what), Receiving: d.Receiving, Competent: d.Competent,
		Received: moment(c.received.at), Due: d.Due, Channel: d.Channel, Officer: dossier.PersonID(c.received.who), Demo: d.Demo}
	if v.stood(c.resolved) {
		f.Resolved = moment(c.resolved.at)
	}
	if !v.asked.Period.Contains(f.Received) && !v.asked.Period.Contains(f.Resolved) {
		return
	}
	archived := map[dossier.SlotCode]bool{}
	for _, p := range c.papers {
		if v.stood(p.archived) && (p.flaw == "" || !v.stood(&happened{place: p.found})) {
			archived[p.slot] = true
		}
	}
	p, known := v.catalog[f.Procedure]
	if !known {
		v.differs(c.code, "procedure in the catalogue", string(f.Procedure), "")
	}
	if other, ok := v.versions[versioned{f.Procedure, d.Version}]; ok && p.Version != d.Version {
		p = other
	}
	f.ResultIsDocument, f.ResultDigitised = p.ResultKind != "", archived[dossier.ResultSlot]
	for _, s := range p.Components {
		h, used := c.reused[s.Slot]
		used = used && v.stood(&h)
		f.Take(s, archived[s.Slot] || used, used, c.decision(s.Slot, v.stood))
	}
	v.out.Facts = append(v.out.Facts, f)
}

// decision returns what was decided last of a component, of what counts.
func (c *pastCase) decision(slot dossier.SlotCode, counts func(*happened) bool) dossier.Decision {
	var last happened
	for _, h := range c.decided[slot] {
		if counts(&h) && cmp.Or(cmp.Compare(h.at, last.at), cmp.Compare(h.id, last.id)) > 0 { // as the rows are read: by time, not by place
			last = h
		}
	}
	return dossier.Decision(last.what)
}

// hold names where the rows of some dossiers are not what their events, all of
// them, led to.
func (v *past) hold(of map[string]*pastCase, codes []dossier.Code) error {
	for _, code := range codes {
		v.holdRow(of[string(code)])
	}
	type paper struct {
		id, code, slot string
		state          dossier.State
		flaw           dossier.Flaw
	}
	var w where
	among(&w, codes, "dossier")
	papers, err := all(v.ctx, v.tx, func(r row) (p paper, err error) { return p, r.Scan(&p.id, &p.code, &p.slot, &p.state, &p.flaw) },
		"SELECT id, dossier, slot, state, flaw FROM documents"+w.String(), w.values...)
	if err != nil {
		return err
	}
	seen := map[dossier.DocumentID]paper{}
	for _, p := range papers {
		seen[dossier.DocumentID(p.id)] = p
		if of[p.code].papers[dossier.DocumentID(p.id)] == nil {
			v.differs(dossier.Code(p.code), "document "+p.id, "", string(p.state))
		}
	}
	for _, code := range codes {
		for id, p := range sorted(of[string(code)].papers) {
			row, ok := seen[id]
			was, is := string(p.slot)+" "+archivedOr(p.archived != nil)+flawed(p.flaw), "removed"
			if ok {
				is = row.slot + " " + archivedOr(row.state == dossier.Archived) + flawed(row.flaw)
			}
			if was != is {
				v.differs(code, "document "+string(id), was, is)
			}
		}
	}
	if err := v.holdReuses(of, codes); err != nil {
		return err
	}
	return v.holdDecisions(of, codes)
}

func archivedOr(archived bool) string {
	if archived {
		return "archived"
	}
	return "not archived"
}

func flawed(f dossier.Flaw) string {
	if f == "" {
		return ""
	}
	return ", does not count: " + string(f)
}

// holdRow holds the row of a dossier against its events.
func (v *past) holdRow(c *pastCase) {
	switch {
	case c.row == nil:
		v.differs(c.code, "row of the dossier", "received", "removed")
		return
	case c.received == nil:
		v.differs(c.code, "row of the dossier", "", "received")
		return
	}
	if got := c.row.Received; got.UnixMilli() != c.received.at {
		v.differs(c.code, "received", moment(c.received.at).String(), got.String())
	}
	if got := string(c.row.Procedure); got != c.received.what {
		v.differs(c.code, "procedure", c.received.what, got)
	}
	was, is := "", ""
	if c.resolved != nil {
		was = moment(c.resolved.at).String()
	}
	if !c.row.Resolved.IsZero() {
		is = c.row.Resolved.String()
	}
	if was != is {
		v.differs(c.code, "resolved", was, is)
	}
}

// holdReuses holds what rows say of papers used again against the events.
func (v *past) holdReuses(of map[string]*pastCase, codes []dossier.Code) error {
	type use struct{ code, slot, entry string }
	var w where
	among(&w, codes, "dossier")
	uses, err := all(v.ctx, v.tx, func(r row) (u use, err error) { return u, r.Scan(&u.code, &u.slot, &u.entry) },
		"SELECT dossier, slot, entry FROM reuses"+w.String()+" ORDER BY dossier, slot", w.values...)
	if err != nil {
		return err
	}
	is := map[use]string{}
	for _, u := range uses {
		is[use{code: u.code, slot: u.slot}] = u.entry
		if _, ok := of[u.code].reused[dossier.SlotCode(u.slot)]; !ok {
			v.differs(dossier.Code(u.code), "paper used again for "+u.slot, "", u.entry)
		}
	}
	for _, code := range codes {
		for slot, h := range sorted(of[string(code)].reused) {
			if got := is[use{code: string(code), slot: string(slot)}]; got != h.what {
				v.differs(code, "paper used again for "+string(slot), h.what, got)
			}
		}
	}
	return nil
}

// holdDecisions holds what rows say was decided of components against the events.
func (v *past) holdDecisions(of map[string]*pastCase, codes []dossier.Code) error {
	type slot struct{ code, slot string }
	var w where
	among(&w, codes, "dossier")
	is := map[slot]string{}
	_, err := all(v.ctx, v.tx, func(r row) (struct{}, error) {
		var s slot
		var decision string
		err := r.Scan(&s.code, &s.slot, &decision)
		is[s] = decision // the last one stays
		return struct{}{}, err
	}, "SELECT dossier, slot, entry FROM events"+w.String()+" AND act = 'decided' ORDER BY dossier, slot, at, id", w.values...)
	if err != nil {
		return err
	}
	for _, code := range codes {
		c := of[string(code)]
		for name := range sorted(c.decided) {
			s := slot{string(code), string(name)}
			if was := string(c.decision(name, func(*happened) bool { return true })); was != is[s] {
				v.differs(code, "decision on "+s.slot, was, is[s])
			}
			delete(is, s)
		}
	}
	for s, decision := range is {
		v.differs(dossier.Code(s.code), "decision on "+s.slot, "", decision)
	}
	return nil
}

// sorted goes through m in the order of its keys.
func sorted[K cmp.Ordered, V any](m map[K]V) func(func(K, V) bool) {
	return func(yield func(K, V) bool) {
		keys := make([]K, 0, len(m))
		for k := range m {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for _, k := range keys {
			if !yield(k, m[k]) {
				return
			}
		}
	}
}
