package sqldb

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"sohoa/dossier/search"
)

// A binding that is broken off after any of its transactions changes no answer, and
// the next one goes on, and leaves nothing behind. One whose blocks were begun anew
// meanwhile is of no account.
func TestSearchVolumes(t *testing.T) {
	papers := random(rand.New(rand.NewPCG(85, 6)), 260)
	h := newHouse(t)
	h.blockOf, h.volumeOf = 64, 4
	for _, p := range papers {
		h.file(p)
	}
	h.index()
	count := func(of string) int {
		t.Helper()
		n, err := one(h.ctx, h.read, single[int], "SELECT COUNT(*) FROM "+of)
		h.must(err)
		return n
	}
	queries := []search.Query{{Text: "to"}, {Text: "to trinh", Limit: 40}, {Text: "đất đai", Exact: true, Limit: 40}, {Text: `"nhan dan"`, People: true}, {From: "2005-01-01", To: "2012-12-31", Limit: 50}}
	same := func(when string) {
		t.Helper()
		for _, q := range queries {
			if q.Text == "" {
				continue
			}
			if got, want := h.find(q), byDefinition(papers, q); !slices.Equal(got, want) {
				t.Fatalf("%s %+v: %v, want %v", when, q, got, want)
			}
		}
	}
	for more := true; more && count("search_blocks") < 4; {
		var err error
		more, err = h.SealSearch(h.ctx, nil)
		h.must(err)
	}
	lists := count("search_lists")
	if lists == 0 || count("search_bound") != 0 {
		t.Fatalf("%d lists of blocks, and volumes already: this shows nothing", lists)
	}
	// another begins a block anew while they are bound
	_, err := h.SealSearch(h.ctx, func() error {
		_, err := h.write.ExecContext(h.ctx, "UPDATE search_blocks SET maker = 'another' WHERE block = 1")
		return err
	})
	h.must(err)
	if n := count("search_blocks WHERE volume > 0"); n > 0 || count("search_bound") == 0 {
		t.Fatalf("%d blocks are bound though one was begun anew", n)
	}
	same("begun anew meanwhile")
	broken := errors.New("broken off")
	rounds := 0
	for more := true; more; rounds++ {
		left := rounds / 4 // farther each time
		more, err = h.SealSearch(h.ctx, func() error {
			if left--; left < 0 {
				return broken
			}
			return nil
		})
		if err != nil && !errors.Is(err, broken) {
			t.Fatal(err)
		}
		more = more || err != nil
		same(fmt.Sprint("broken off in round ", rounds))
	}
	if rounds < 8 {
		t.Errorf("only %d rounds", rounds)
	}
	if loose, left, bound := count("search_blocks WHERE volume = 0"), count("search_lists"), count("(SELECT DISTINCT volume FROM search_bound) AS x"); loose != 0 || left != 0 || bound != 1 {
		t.Errorf("%d blocks loose, %d lists left, %d volumes", loose, left, bound)
	}
	if n := count("search_bound"); n == 0 || n >= lists {
		t.Errorf("%d lists of a volume, of %d lists of four blocks", n, lists)
	}
	// a rebuild from nothing
	_, err = h.OweSearch(h.ctx, 1000, true)
	h.must(err)
	if n := count("search_bound") + count("search_volumes"); n > 0 {
		t.Errorf("%d rows of volumes in an index that was emptied", n)
	}
	h.index()
	same("rebuilt")
}
