package web_test

import (
	"strings"
	"testing"

	"sohoa/dossier"
	"sohoa/dossier/batch"
	"sohoa/dossier/restriction"
)

// A paper that looks like one of the same holder says so on its page, and a side of a
// batch that looks like a paper says so beside it; nobody is told of a paper that they
// may not look at, nor of another's form.
func TestLikePapers(t *testing.T) {
	const print = uint64(0x1234_5678_9abc_def0)
	h := newHouse(t)
	first, second, other := h.open("008199012345", "An"), h.open("008199012345", "An"), h.open("008199012346", "Bình")
	seen := func(code dossier.Code, slot dossier.SlotCode, picture string, print uint64) dossier.Document {
		d := h.machine(h.bring(code, slot, picture))
		must(t, h.db.PutPrints(t.Context(), d.ID, []batch.PagePrint{{Page: 1, Picture: picture, Print: print}}))
		return d
	}
	before, after, foreign := seen(first, "TP02", "một", print), seen(second, "TP02", "hai", print^7), seen(other, "TP02", "ba", print)
	link := func(d dossier.Document) string { return `href="/documents/` + string(d.ID) + `"` }
	counter := h.as("p-counter")
	for _, pair := range [][2]dossier.Document{{after, before}, {before, after}} {
		page := counter.get("/documents/" + string(pair[0].ID)).body
		if !strings.Contains(page, "Trang 1 nhìn giống trang 1 (khác 3 trên 64) của "+`<a `+link(pair[1])+`>`+string(pair[1].Dossier)) || strings.Contains(page, link(foreign)) {
			t.Errorf("the page does not say what it looks like: %v", strings.Contains(page, "Có thể đã có"))
		}
	}
	if page := counter.get("/documents/" + string(foreign.ID)).body; strings.Contains(page, "Có thể đã có") {
		t.Error("another's form is told of")
	}
	counter.upload("/batches", "a.tif", []byte("tờ"), "")
	list, err := h.db.PaperBatches(t.Context(), nil, "", 9)
	must(t, err)
	path := "/batches/" + string(list[0].ID)
	counter.upload("/batches", "b.tif", []byte("tờ khác"), "")
	list, err = h.db.PaperBatches(t.Context(), nil, "", 9)
	must(t, err)
	must(t, h.db.PutSides(t.Context(), list[1].ID, 1, []batch.Side{{File: 1, Page: 1, Look: batch.Look{Picture: "một", Print: print}}, {File: 1, Page: 2, Look: batch.Look{Picture: "bốn", Print: print ^ 1}}}, ""))
	b, err := h.db.PaperBatch(t.Context(), list[1].ID, nil)
	must(t, err)
	must(t, stacks{h}.Propose(t.Context(), &b))
	for i := range b.Sides {
		b.Sides[i].Twins, err = h.db.Twins(t.Context(), b, b.Sides[i], second)
		must(t, err)
	}
	must(t, h.db.ProposeBatch(t.Context(), b))
	page := counter.get(path).body
	if !strings.Contains(page, link(before)) || !strings.Contains(page, "của cùng người này") || !strings.Contains(page, "Cùng một ảnh với trang 1: <a "+link(before)) || !strings.Contains(page, "warnings") {
		t.Errorf("the batch does not say what its sides look like: %s", page)
	}
	defer h.closes(restriction.Rule{Role: dossier.Counter, Kinds: []dossier.KindCode{"GKS"}})()
	page = h.as("p-counter").get(path).body
	if strings.Contains(page, "Cùng một ảnh") || strings.Contains(page, link(before)) || strings.Contains(page, "nhìn giống") {
		t.Error("who may not look at birth certificates learns by a likeness that one is there")
	}
}
