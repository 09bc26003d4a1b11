package sqldb

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"sohoa/dossier"
	"sohoa/dossier/search"
)

// Blocks of the index change no answer: not while they are made, nor when papers
// of them change or go, nor when they are made anew.
func TestSearchBlocks(t *testing.T) {
	r := rand.New(rand.NewPCG(39, 6))
	papers := random(r, 330)
	h := newHouse(t)
	h.blockOf, h.volumeOf = 64, 2
	for _, p := range papers {
		h.file(p)
	}
	h.index()
	var queries []search.Query
	for i := range 30 {
		var list []string
		for range 1 + r.IntN(3) {
			list = append(list, vocabulary[r.IntN(len(vocabulary))])
		}
		q := search.Query{Text: strings.Join(list, " "), Exact: i%3 == 0, People: i%2 == 0, Limit: 30}
		switch i % 5 {
		case 0:
			q.Scope = []dossier.AgencyCode{"H60.12"}
		case 1:
			q.From, q.To = "2005-05-10", "2015-05-20"
		case 2:
			q.Text = `"` + q.Text + `"`
		}
		if !strings.ContainsAny(q.Text, "0123456789") {
			queries = append(queries, q)
		}
	}
	found := 0
	same := func(when string, queries []search.Query) {
		t.Helper()
		for _, q := range queries {
			got := h.find(q)
			if want := byDefinition(papers, q); !slices.Equal(got, want) {
				t.Fatalf("%s %+v: %v, want %v", when, q, got, want)
			}
			found += len(got)
		}
	}
	some := func(when string, step int) { // five, others at each step
		t.Helper()
		at := step % (len(queries) - 5)
		same(when, queries[at:at+5])
	}
	same("before", queries)
	steps := 0
	seal := func() {
		t.Helper()
		for more := true; more; {
			var err error
			more, err = h.SealSearch(h.ctx, func() error {
				if steps++; steps%8 == 0 {
					some("meanwhile", steps)
				}
				return nil
			})
			h.must(err)
			h.index() // the rest of a block that is made anew
		}
	}
	seal()
	count := func(of string) int {
		n, err := one(h.ctx, h.read, single[int], "SELECT COUNT(*) FROM "+of)
		h.must(err)
		return n
	}
	// blocks, those of them in no volume, blocks with lists of their own, volumes, fresh papers
	type made struct{ blocks, loose, listed, volumes, fresh int }
	blocks := func() made {
		return made{count("search_blocks"), count("search_blocks WHERE volume = 0"), count("(SELECT DISTINCT block FROM search_lists) AS x"),
			count("(SELECT DISTINCT volume FROM search_bound) AS x"), count("search_docs WHERE fresh > 0")}
	}
	if got := blocks(); got != (made{5, 1, 1, 2, 330 - 319}) || steps < 10 {
		t.Fatalf("%+v, after %d steps", got, steps)
	}
	same("with blocks", queries)
	// papers change: some of a block, and all of them while it is made
	change := func(i int) {
		p := &papers[i]
		p.title, p.text = papers[(i+7)%330].title, papers[(i+11)%330].text
		fields, err := asJSON([]dossier.Field{{Name: dossier.FieldTitle, Value: p.title}, {Name: dossier.FieldNumber, Value: p.number}, {Name: dossier.FieldIssued, Value: p.issued}})
		h.must(err)
		_, err = h.write.ExecContext(h.ctx, "UPDATE documents SET fields = $2 WHERE id = $1", p.id, fields)
		h.must(err)
		_, err = h.write.ExecContext(h.ctx, "INSERT INTO search_owed (document, at, stamp, due) VALUES ($1, 0, 1, 0) ON CONFLICT (document) DO NOTHING", p.id)
		h.must(err)
		h.texts[dossier.DocumentID(p.id)] = p.text
	}
	for _, i := range []int{70, 80, 90} {
		change(i)
	}
	h.index()
	same("with three changed", queries)
	if got := blocks(); got.fresh != 14 {
		t.Fatalf("%+v", got)
	}
	for i := range 10 {
		change(100 + i)
	}
	h.index()
	changed := 0
	_, err := h.SealSearch(h.ctx, nil) // owes the rest
	h.must(err)
	h.index()
	_, err = h.SealSearch(h.ctx, func() error { // one changes at each step, before its lists are made and after
		if changed < 12 {
			change(112 + changed)
			changed++
			h.index()
		}
		if steps++; steps%4 == 0 {
			some("changed meanwhile", steps)
		}
		return nil
	})
	h.must(err)
	if changed < 5 {
		t.Errorf("only %d steps", changed)
	}
	same("changed meanwhile", queries)
	if got := blocks(); got.loose != 2 || got.listed != 2 {
		t.Fatalf("a block that was made anew is still in its volume: %+v", got)
	}
	seal()
	same("made anew", queries)
	if got := blocks(); got.loose != 1 || got.listed != 1 || got.volumes != 2 {
		t.Fatalf("a block that was made anew is not bound again: %+v", got)
	}
	// what is gone is gone, and its place says nothing of who comes there
	for _, p := range papers[280:] {
		_, err := h.write.ExecContext(h.ctx, "UPDATE documents SET state = 'refused' WHERE id = $1", p.id)
		h.must(err)
	}
	papers = papers[:280]
	same("without some", queries)
	for i := range 20 {
		p := papers[i]
		p.id = fmt.Sprintf("s%04d", i)
		h.file(p)
		papers = append(papers, p)
	}
	h.index()
	same("with others in their places", queries)
	if found < 2_000 {
		t.Errorf("only %d found", found)
	}
}

// A scope that is a whole branch of the tree is looked for by its head, and
// follows the tree.
func TestSearchBranches(t *testing.T) {
	h := newLibrary(t)
	for _, a := range []dossier.Agency{{Code: "H60.12.1", Parent: "H60.12"}, {Code: "H60.12.2", Parent: "H60.12"}, {Code: "H60.14", Parent: "H60"}} {
		a.Name, a.Tier = string(a.Code), dossier.Commune
		h.must(h.PutAgency(h.ctx, a))
	}
	h.file(filed{id: "e", agency: "H60.12.1", text: "tờ trình"})
	h.file(filed{id: "f", agency: "H60.14", text: "tờ trình"})
	h.index()
	branch := search.Query{Text: "to trinh", Scope: []dossier.AgencyCode{"H60.12", "H60.12.1", "H60.12.2", "H60.13"}}
	h.finds(branch, "e", "c", "b", "a")
	h.finds(search.Query{Text: "to trinh", Scope: append(slices.Clone(branch.Scope), "H60.14", "H60")}, "f", "e", "c", "b", "a")
	tx, err := h.read.BeginTx(h.ctx, nil)
	h.must(err)
	r, err := h.searchReader(h.ctx, tx)
	h.must(err)
	short, err := r.shorter(branch)
	h.must(err)
	if !slices.Equal(short.Branches, []dossier.AgencyCode{"H60.12", "H60.13"}) || len(short.Scope) > 0 {
		t.Errorf("said shorter: %v and %v", short.Branches, short.Scope)
	}
	h.must(tx.Rollback())
	// the agency moves away with its papers
	h.must(h.PutAgency(h.ctx, dossier.Agency{Code: "H60.12.1", Parent: "H60.14", Name: "x", Tier: dossier.Commune}))
	if n, _ := h.SearchWaiting(h.ctx); n != 1 {
		t.Errorf("%d papers are owed when their agency moves", n)
	}
	h.index()
	h.finds(search.Query{Text: "to trinh", Scope: []dossier.AgencyCode{"H60.14", "H60.12.1", "H60.13", "H60.12.2"}}, "f", "e", "c")
}

// What is put in one transaction is one segment of FTS5's: every other one is
// merged again and again.
func TestSearchSegments(t *testing.T) {
	h := newHouse(t)
	if h.address != "" {
		t.Skip("FTS5 is SQLite's")
	}
	var list []IndexedPaper
	for i := range 8 {
		f := filed{id: fmt.Sprintf("s%d", i), agency: "H60.12", kind: "GKS", text: "tờ trình"}
		h.file(f)
		list = append(list, IndexedPaper{OwedPaper: OwedPaper{Paper: f.paper(), Stamp: 1}})
		list[i].Lexemes = search.Lexemes(list[i].Paper)
	}
	h.must(h.PutSearch(h.ctx, list))
	h.finds(asked("to trinh"), "s7", "s6", "s5", "s4", "s3", "s2", "s1", "s0")
	n, err := one(h.ctx, h.read, single[int], "SELECT COUNT(DISTINCT segid) FROM search_fresh_idx")
	h.must(err)
	if n != 1 {
		t.Errorf("eight papers are %d segments", n)
	}
}
