package sqldb

import (
	"context"
	"testing"
	"time"

	"sohoa/dossier"
)

// While all of the index is locked, as a fresh rebuild locks it when it empties it,
// papers go their whole way; afterwards they are made findable. (Of SQLite, which locks
// no tables, storage/index tells.)
func TestSearchLocked(t *testing.T) {
	h := newHouse(t)
	if h.address == "" {
		t.Skip("SQLite locks no tables")
	}
	h.index()
	tx, err := h.write.BeginTx(h.ctx, nil)
	h.must(err)
	defer tx.Rollback()
	for _, table := range []string{"search_docs", "search_texts", "search_fresh", "search_lists", "search_blocks"} {
		_, err := tx.ExecContext(h.ctx, "LOCK TABLE "+table+" IN ACCESS EXCLUSIVE MODE")
		h.must(err)
	}
	ctx, cancel := context.WithTimeout(h.ctx, 20*time.Second)
	defer cancel()
	d, err := h.AddDossier(ctx, dossier.Dossier{Procedure: procedure, Receiving: "H60.12", Holder: h.holder, Channel: dossier.Direct, Received: h.clock.now()}, "counter")
	h.must(err)
	doc, err := h.Add(ctx, scan(d.Code, "T1", string(d.Code)), "counter")
	h.must(err)
	for _, m := range way(doc.State, dossier.Archived) {
		if doc, err = h.Advance(ctx, doc, change(m)); err != nil {
			t.Fatalf("%s is held up: %v", m.Act, err)
		}
	}
	short, stop := context.WithTimeout(h.ctx, 200*time.Millisecond)
	defer stop()
	if _, err := h.OweSearch(short, 10, true); err == nil {
		t.Error("the index is not locked: this proves nothing")
	}
	h.must(tx.Rollback())
	if n, err := h.SearchWaiting(h.ctx); n != 1 || err != nil {
		t.Errorf("%d papers wait, %v", n, err)
	}
	h.index()
	if n, err := h.SearchWaiting(h.ctx); n != 0 || err != nil {
		t.Errorf("afterwards %d papers wait, %v", n, err)
	}
}
