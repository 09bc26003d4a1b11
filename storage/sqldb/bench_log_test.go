package sqldb

import (
	"database/sql"
	cmdline "flag"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/storage/ledger"
)

var benchEvents = cmdline.Int("events", 50_000, "events of the log in BenchmarkLog")

// lives are the moves of a paper from its reception to the archive.
var lives = func() []dossier.Move {
	return append([]dossier.Move{{Act: dossier.Receive, To: dossier.Received, By: dossier.Counter}}, way(dossier.Received, dossier.Archived)...)
}()

// readingsEach is how often somebody looks at a paper: those who handle it, and
// an auditor.
const readingsEach = 5

// someRead are the fields that somebody confirmed.
const someRead = `[{"name":"title","value":"Giấy khai sinh","confidence":0.97},{"name":"number","value":"123/2026","confidence":0.9},{"name":"issued","value":"2026-11-20","confidence":0.88}]`

// filled puts a log of n events or a few more into the house, with the rows that
// say the same, past the house's own ways, which take a commit for each.
func (h *house) filled(n int) {
	h.t.Helper()
	rows := map[string]string{
		"dossier": `INSERT INTO dossiers (code, procedure, receiving, competent, holder, channel, received, demo) VALUES ($1, '` + string(procedure) + `', 'H60.12', 'H60.12', $2, '', $3, 0)`,
		"event":   `INSERT INTO events (id, dossier, act, who, at, slot, entry, amount) VALUES ($1, $2, 'received', 'counter', $3, '', '', 0)`,
		"document": `INSERT INTO documents (id, dossier, slot, kind, state, version, media, size, pages, received, changed, parts, fields, why, demo)
			VALUES ($1, $2, 'T1', 'GKS', 'archived', $3, '', 1, 1, $4, $5, $6, '` + someRead + `', '', 0)`,
		"change": `INSERT INTO changes (document, version, act, role, who, at, fields, why) VALUES ($1, $2, $3, $4, $5, $6, $7, '')`,
		"salt":   `INSERT INTO log_salts (document, version, salt) VALUES ($1, $2, $3)`,
		"made":   `INSERT INTO made (document, version, part, digest) VALUES ($1, $2, $3, $4)`,
		"intent": `INSERT INTO intents (id, document, version, purpose, to_sign, signer, at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		"entry":  `INSERT INTO entries (id, holder, kind, document, dossier, added, expires, number, title, issuer, issued) VALUES ($1, $2, 'GKS', $3, $4, $5, '', '', '', '', '')`,
	}
	for left := n; left > 0; { // in pieces, so that the journal stays small
		h.must(h.tx(h.ctx, func(tx *sql.Tx) error {
			size, err := one(h.ctx, tx, single[int64], "SELECT size FROM log_head")
			h.must(err)
			g, err := h.DB.grow(h.ctx, tx, size)
			h.must(err)
			f := &filler{house: h, g: g, put: map[string]*sql.Stmt{}}
			for name, query := range rows {
				f.put[name], err = tx.PrepareContext(h.ctx, query)
				h.must(err)
			}
			for range 1000 {
				if left > 0 {
					before := g.tree.Size()
					f.life()
					left -= int(g.tree.Size() - before)
				}
			}
			return g.keep()
		}))
	}
}

type filler struct {
	*house
	g   *growth
	put map[string]*sql.Stmt
}

func (f *filler) row(name string, values ...any) {
	_, err := f.put[name].ExecContext(f.ctx, values...)
	f.must(err)
}

func (f *filler) say(e ledger.Event) { f.must(f.g.add(string(e.Bytes()))) }

// life is one dossier with one paper.
func (f *filler) life() {
	at := f.clock.now().Add(time.Duration(f.g.tree.Size()) * time.Second)
	code, id := dossier.Code(fmt.Sprintf("H60.12-261121-%07d", f.g.tree.Size())), dossier.DocumentID(f.newID())
	f.row("dossier", string(code), string(f.holder), at.UnixMilli())
	e := caseEvent(f.newID(), dossier.Event{Dossier: code, Act: dossier.DossierReceived, Who: "counter", At: at}, 0, false)
	e.Holder, e.Subject = string(f.holder), string(procedure)
	f.row("event", e.ID, string(code), e.At)
	f.say(e)
	parts := map[dossier.Part]digest.Digest{}
	changes := make([]dossier.Change, len(lives))
	for version, m := range lives {
		c := change(m)
		c.Document, c.Version, c.At = id, int64(version), at.Add(time.Duration(version)*time.Minute)
		if m.Act == dossier.Receive {
			c.Made = map[dossier.Part]digest.Digest{dossier.PartScan: digest.Of([]byte(id))}
		}
		maps.Copy(parts, c.Made)
		changes[version] = c
	}
	kept, err := asJSON(parts)
	f.must(err)
	last := changes[len(changes)-1].At
	f.row("document", string(id), string(code), len(lives)-1, at.UnixMilli(), last.UnixMilli(), kept)
	for version, c := range changes {
		f.move(code, c, lives[version])
	}
	f.row("entry", f.newID(), string(f.holder), string(id), string(code), last.UnixMilli())
	for range readingsEach {
		f.say(ledger.Event{ID: f.newID(), Kind: ledger.Reading, Act: string(dossier.ReadViewed), At: last.UnixMilli(), Who: "clerk", Role: "clerk",
			Document: string(id), Dossier: string(code), Holder: string(f.holder), Purpose: string(dossier.ForHandling)})
	}
}

// move is one change of the paper, its files and the uses of keys.
func (f *filler) move(code dossier.Code, c dossier.Change, m dossier.Move) {
	id := string(c.Document)
	fields := "null"
	if m.Act == dossier.Confirm {
		fields = someRead
	}
	f.row("change", id, c.Version, string(c.Act), string(c.By), string(c.Who), c.At.UnixMilli(), fields)
	for _, p := range slices.Sorted(maps.Keys(c.Made)) {
		f.row("made", id, c.Version, string(p), c.Made[p].String())
	}
	e := moveEvent(c, m.To, false)
	e.ID = f.newID()
	if c.Version == 0 {
		e.Dossier, e.Slot, e.Holder, e.Subject = string(code), "T1", string(f.holder), "GKS"
	}
	if fields != "null" {
		salt := ledger.NewSalt()
		e.Text = ledger.Commit(salt, "", fields)
		f.row("salt", id, c.Version, salt)
	}
	f.say(e)
	if m.Act == dossier.SignCopy || m.Act == dossier.Seal {
		i := intentEvent(f.newID(), dossier.Intent{Document: c.Document, Version: c.Version, Purpose: string(m.Act), ToSign: digest.Of([]byte(id)), At: c.At}, false)
		f.row("intent", i.ID, i.Document, i.Version, i.Purpose, i.Sum, i.Subject, i.At)
		f.say(i)
	}
}

// BenchmarkLog audits a log and proves events of it: once as a whole, once
// without the rows that say the same as events.
func BenchmarkLog(b *testing.B) {
	h := newHouse(b)
	h.filled(*benchEvents)
	r := h.audit(h.kept())
	if len(r.Findings) > 0 || r.Events < int64(*benchEvents) {
		b.Fatalf("no honest log to measure: %+v", r)
	}
	perSecond := func(b *testing.B, spent time.Duration) {
		b.ReportMetric(float64(r.Events)*float64(b.N)/spent.Seconds(), "events/core-s")
	}
	b.Run("whole", func(b *testing.B) {
		before := cpu()
		for b.Loop() {
			h.audit(h.kept())
		}
		perSecond(b, cpu()-before)
	})
	b.Run("log", func(b *testing.B) {
		before := cpu()
		for b.Loop() {
			h.auditLog(b)
		}
		perSecond(b, cpu()-before)
	})
	b.Run("peer", func(b *testing.B) { // the library's own hashing of the same events, and nothing else
		events, err := all(h.ctx, h.read, single[string], "SELECT event FROM log_events ORDER BY place")
		h.must(err)
		before := cpu()
		for b.Loop() {
			var stored []tlog.Hash
			reader := tlog.HashReaderFunc(func(indexes []int64) (found []tlog.Hash, err error) {
				for _, i := range indexes {
					found = append(found, stored[i])
				}
				return found, nil
			})
			for i, e := range events {
				more, err := tlog.StoredHashes(int64(i), []byte(e), reader)
				h.must(err)
				stored = append(stored, more...)
			}
		}
		perSecond(b, cpu()-before)
	})
	b.Run("proof", func(b *testing.B) {
		size := r.Events
		place := int64(0)
		for b.Loop() {
			place = (place + 7919*7919) % size
			if _, err := h.ProveEvent(h.ctx, place, size, nil); err != nil {
				b.Fatal(err)
			}
		}
	})
}
