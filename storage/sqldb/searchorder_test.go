package sqldb

import (
	"os"
	"slices"
	"testing"
	"time"

	"sohoa/dossier/search"
)

// The order of answers is that in which papers became findable, whatever the clock
// said: of two of one moment, and of one that was archived while the clock was behind,
// too. It stays after a rebuild from nothing, and in a restored house, where papers
// that were not yet findable come behind those that were.
func TestSearchOrder(t *testing.T) {
	h := newHouse(t)
	one := func(id string) {
		h.file(filed{id: id, text: "tờ trình"})
		h.index()
	}
	one("b")
	one("a") // the same moment
	h.clock.move(-time.Hour)
	one("z") // the clock went back
	h.clock.move(2 * time.Hour)
	one("c")
	_, err := h.write.ExecContext(h.ctx, "UPDATE documents SET state = 'refused' WHERE id = 'b'")
	h.must(err)
	_, err = h.write.ExecContext(h.ctx, "UPDATE documents SET state = 'archived' WHERE id = 'b'")
	h.must(err)
	h.index()
	want := []string{"b", "c", "z", "a"}
	h.finds(asked("to trinh"), want...)
	_, err = h.OweSearch(h.ctx, 1000, true)
	h.must(err)
	h.index()
	h.finds(asked("to trinh"), want...)
	h.file(filed{id: "0", text: "tờ trình"}) // a backup comes before the index
	k := take(t, h.at())
	for _, postgres := range []bool{false, os.Getenv("SOHOA_TEST_POSTGRES") != ""} {
		to := emptyPlace(t, postgres)
		h.must(to.Fill(h.ctx, k.filling()))
		back := &house{t: t, ctx: h.ctx, clock: h.clock, path: to.Path, address: to.Address, texts: h.texts}
		back.open()
		t.Cleanup(func() { back.Close() })
		_, err = back.OweSearch(h.ctx, 1000, true)
		h.must(err)
		for more := true; more; { // one paper in a transaction
			owed, err := back.SearchOwed(h.ctx, 1)
			h.must(err)
			if more = len(owed) > 0; more {
				owed[0].Text = search.Normal(h.texts[owed[0].Document])
				h.must(back.PutSearch(h.ctx, []IndexedPaper{{OwedPaper: owed[0], Lexemes: search.Lexemes(owed[0].Paper)}}))
			}
		}
		back.finds(asked("to trinh"), append([]string{"0"}, want...)...)
		back.file(filed{id: "y", text: "tờ trình"})
		back.index()
		back.finds(asked("to trinh"), append([]string{"y", "0"}, want...)...)
	}
	if !slices.ContainsFunc(k.snapshot.Tables, func(t Table) bool { return t.Name == "findable" }) {
		t.Error("no backup holds the order")
	}
}
