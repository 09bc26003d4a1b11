package web_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"sohoa/dossier"
)

// Before anything is scanned somebody is found, what is held of them is told in one
// look, and one key fills all that fits.
func TestReuseBeforeScanning(t *testing.T) {
	h := newHouse(t)
	b := h.as("p-counter")
	a := b.post("/dossiers", url.Values{"procedure": {"9.1"}, "competent": {string(here)}, "holder_number": {"008199012345"}, "holder_name": {"Trần Thị Bé"}, "holder_born": {"28/02/1999"}})
	first := dossier.Code(strings.TrimPrefix(a.to, "/dossiers/"))
	doc := h.until(h.bring(first, "TP02", "giấy khai sinh"), dossier.Archived)
	for name, form := range map[string]url.Values{"number": {"number": {"008199012345"}}, "name": {"name": {"tran thi be"}, "born": {"28/2/1999"}},
		"card": {"number": {"008199012345||Trần Thị Bé|28021999|Nữ|Xã Một|01012021"}}} {
		a := b.post("/holders", form)
		if a.status != 200 || !strings.Contains(a.body, "Trần Thị Bé") || !strings.Contains(a.body, "123/KS") || strings.Contains(a.body, "008199012345") {
			t.Errorf("by %s: %d", name, a.status)
		}
	}
	if a := b.post("/holders", url.Values{"number": {"x|y"}}); a.status != 422 {
		t.Errorf("a spoilt card: %d", a.status)
	}
	holder, err := h.db.FindHolder(t.Context(), "008199012345")
	must(t, err)
	form := b.get("/dossiers/new?holder=" + string(holder.ID)).body
	if !strings.Contains(form, "Trần Thị Bé") || strings.Contains(form, "008199012345") {
		t.Error("the form does not know who was found, or tells the number")
	}
	a = b.post("/dossiers", url.Values{"procedure": {"9.1"}, "competent": {string(here)}, "holder": {string(holder.ID)}})
	second := a.to
	page := b.get(second).body
	if i, j := strings.Index(page, "/reuse\""), strings.Index(page, `type="file"`); i < 0 || j < 0 || i > j {
		t.Error("using again does not come before scanning")
	}
	if a := b.post(second+"/reuse", nil); a.status != 303 {
		t.Fatalf("one key: %d %s", a.status, a.body)
	}
	found, err := h.db.Entries(t.Context(), holder.ID, time.Time{})
	must(t, err)
	entry := b.get("/records/" + string(found[0].ID)).body
	for _, want := range []string{strings.TrimPrefix(second, "/dossiers/"), string(first), string(doc.ID)} {
		if !strings.Contains(entry, want) {
			t.Errorf("the entry does not lead to %s", want)
		}
	}
	if !strings.Contains(b.get(second).body, "/records/"+string(found[0].ID)) {
		t.Error("the dossier does not lead to what it used again")
	}
	if a := b.post(second+"/reuse", nil); a.status != 409 {
		t.Errorf("with nothing left to fill: %d", a.status)
	}
}

// Who is elsewhere may use again what the counter is told of, and opens no record.
func TestRecordPages(t *testing.T) {
	h := newHouse(t)
	code := h.open("008199012345", "An")
	h.until(h.bring(code, "TP02", "giấy khai sinh"), dossier.Archived)
	holder, err := h.db.FindHolder(t.Context(), "008199012345")
	must(t, err)
	found, err := h.db.Entries(t.Context(), holder.ID, time.Time{})
	must(t, err)
	at, entry := "/holders/"+string(holder.ID), "/records/"+string(found[0].ID)
	far := h.as("p-far")
	if a := far.post("/holders", url.Values{"number": {"008199012345"}}); !strings.Contains(a.body, "123/KS") || strings.Contains(a.body, at+`"`) {
		t.Error("another counter is not told what may be used again, or may open the record")
	}
	if a := h.as("p-farofficer").post("/holders", url.Values{"number": {"008199012345"}}); strings.Contains(a.body, "An</h2>") {
		t.Error("an officer elsewhere is told of somebody of whom they have no dossier")
	}
	for _, path := range []string{at, entry, at + "/lookers"} {
		if a := far.get(path); a.status != 404 {
			t.Errorf("elsewhere %s: %d", path, a.status)
		}
	}
	clerk := h.as("p-clerk")
	if body := clerk.get(at).body; strings.Contains(body, "008199012345") {
		t.Error("the number is not masked")
	}
	if a := clerk.post(at+"/number", url.Values{"purpose": {"because"}}); a.status != 422 {
		t.Errorf("without a purpose: %d", a.status)
	}
	if a := clerk.post(at+"/number", url.Values{"purpose": {"checking"}}); !strings.Contains(a.body, "008199012345") {
		t.Error("the number is not opened")
	}
	if a := clerk.post(entry+"/acts", url.Values{"act": {"withdraw"}, "why": {"QĐ 7/QĐ-UBND thu hồi"}}); a.status != 303 {
		t.Errorf("withdrawn: %d %s", a.status, a.body)
	}
	if body := h.as("p-counter").get(entry).body; !strings.Contains(body, "Đã thu hồi") || !strings.Contains(body, "QĐ 7/QĐ-UBND") {
		t.Error("what was withdrawn cannot be read, or does not say why")
	}
	if body := h.as("p-counter").post("/holders", url.Values{"number": {"008199012345"}}).body; strings.Contains(body, "123/KS") {
		t.Error("what was withdrawn is offered")
	}
	if a := h.as("p-officer").post(entry+"/acts", url.Values{"act": {"withdraw"}, "why": {"x"}}); a.status != 403 {
		t.Errorf("withdrawn by an officer: %d", a.status)
	}
	if a := clerk.post(at+"/export", url.Values{"purpose": {"holder"}, "why": {"Đơn 5"}}); a.status != 200 || a.body != "zip" {
		t.Errorf("taken out: %d", a.status)
	}
	_, err = h.db.NumberEvents(t.Context())
	must(t, err)
	who := h.as("p-admin").get(at + "/lookers?lang=en").body
	for _, want := range []string{"Opened the whole number", "Comparing with what is shown", "Took out all", "The holder asks for it", "noikhac"} {
		if !strings.Contains(who, want) {
			t.Errorf("the list of who looked does not tell %q", want)
		}
	}
	for _, lang := range []string{"vi", "en"} {
		for _, path := range []string{"/holders", at, entry} {
			if a := clerk.get(path + "?lang=" + lang); a.status != 200 {
				t.Errorf("%s in %s: %d", path, lang, a.status)
			}
		}
	}
}

// Pages that were captured twice are one page of paper: only another number of images
// is told.
func TestCapturedTwice(t *testing.T) {
	h := newHouse(t)
	b, code := h.as("p-counter"), h.open("008199012345", "An")
	at := "/dossiers/" + string(code)
	decide := func(pages, twice string) int {
		return b.post(at+"/slots/TP01/decision", url.Values{"decision": {"digitise"}, "pages": {pages}, "twice": {twice}}).status
	}
	if got := decide("1", "2"); got != 422 {
		t.Errorf("more notes than pages: %d", got)
	}
	h.bring(code, "TP01", "một ảnh") // the door of this house counts one image
	for _, c := range []struct {
		pages, twice string
		told         bool
	}{{"1", "0", false}, {"1", "1", true}, {"2", "", true}} {
		if got := decide(c.pages, c.twice); got != 303 {
			t.Fatalf("decide: %d", got)
		}
		if body := b.get(at + "?lang=en").body; strings.Contains(body, "By the pages counted on paper") != c.told {
			t.Errorf("%s pages, %s twice: told %v", c.pages, c.twice, !c.told)
		}
		h.clock.add(time.Second)
	}
}
