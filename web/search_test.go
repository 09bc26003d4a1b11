package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"sohoa/dossier"
	"sohoa/storage/index"
)

// sweep makes what was archived findable.
func (h *house) sweep() {
	h.t.Helper()
	k := &index.Keeper{Rows: h.db, Blobs: h.blobs, Now: h.clock.now}
	_, err := k.Sweep(h.t.Context(), nil)
	must(h.t, err)
}

// searched asks as a program does.
func (b *browser) searched(form url.Values) (status int, papers []string, after string, count int) {
	b.h.t.Helper()
	req := b.request("POST", "/search", "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
	req.Header.Set("Accept", "application/json")
	a := b.do(req)
	var got struct {
		Papers []struct{ Document string }
		After  string
		Count  int
	}
	if a.status == http.StatusOK {
		must(b.h.t, json.Unmarshal([]byte(a.body), &got))
	}
	for _, p := range got.Papers {
		papers = append(papers, p.Document)
	}
	return a.status, papers, got.After, got.Count
}

func TestSearchPage(t *testing.T) {
	h := newHouse(t)
	h.says = "TỜ TRÌNH về việc giao đất " + attack + " số 45/TTr-STNMT"
	code := h.open("008199012345", "Nguyễn Văn Ẩn")
	d := h.until(h.bring(code, "TP01", "đơn"), dossier.Archived)
	if a := h.as("p-auditor").post("/search", url.Values{"q": {"to trinh"}}); !strings.Contains(a.body, "chưa vào chỉ mục") || strings.Contains(a.body, string(d.ID)) {
		t.Error("a paper that is not in the index yet is found, or nobody is told")
	}
	h.sweep()
	id := string(d.ID)
	for _, who := range []dossier.PersonID{"p-counter", "p-officer", "p-clerk", "p-auditor", "p-admin", "p-far"} {
		b, far, admin := h.as(who), who == "p-far", who == "p-admin"
		for q, want := range map[string]bool{"to trinh": !far, "45 TTR stnmt": !far, `"giao đất"`: !far, "khai sinh": !far, "123/KS": !far, string(code): !far, id: !far, "an": !far && !admin, "008199012345": !far && !admin, "nothing": false} {
			status, papers, _, count := b.searched(url.Values{"q": {q}})
			if found := slices.Equal(papers, []string{id}); status != 200 || found != want || (count == 1) != want {
				t.Errorf("%s looks for %q: %d, %v, %d counted", who, q, status, papers, count)
			}
		}
		a := b.post("/search", url.Values{"q": {"to trinh script"}})
		if strings.Contains(a.body, `href="/documents/`+id+`"`) == far || strings.Contains(a.body, "Nguyễn Văn Ẩn") == (far || admin) || strings.Contains(a.body, "/search?") {
			t.Errorf("%s sees %s", who, a.body)
		}
		if tag := scripted(a.body); tag != "" {
			t.Errorf("%s is shown a live %s", who, tag)
		}
		if !far && !strings.Contains(a.body, "<mark>TỜ TRÌNH</mark>") || !far && !strings.Contains(a.body, "&lt;") {
			t.Errorf("%s sees nothing marked: %s", who, a.body)
		}
		if a := b.get("/search"); a.status != 200 || strings.Contains(a.body, `name="holder"`) == admin || !strings.Contains(a.body, `aria-current="page"`) {
			t.Errorf("%s is shown the form: %d", who, a.status)
		}
		if status, papers, _, _ := b.searched(url.Values{"holder": {"Van An"}}); admin != (status == 403) || !admin && status != 200 || (len(papers) == 1) != (!far && !admin) {
			t.Errorf("%s looks for a holder: %d, %v", who, status, papers)
		}
	}
	if log := h.log.String(); strings.Contains(log, "trinh") || strings.Contains(log, "008199012345") || !strings.Contains(log, "POST /search") {
		t.Error("the log knows what was looked for")
	}
}

// What is wrong with a search is told on its page, with what was typed.
func TestSearchForm(t *testing.T) {
	h := newHouse(t)
	h.until(h.bring(h.open("008199012345", "An"), "TP01", "đơn"), dossier.Archived)
	h.sweep()
	b := h.as("p-auditor")
	for _, row := range []struct {
		form url.Values
		want int
		says string
	}{
		{url.Values{}, 422, "Chưa có gì để tìm"},
		{url.Values{"q": {"!!!"}}, 422, "Chưa có gì để tìm"},
		{url.Values{"q": {strings.Repeat("a ", 200)}}, 422, "Tối đa 300"},
		{url.Values{"q": {"sinh"}, "from": {"31/02/2020"}}, 422, "Ngày cấp từ"},
		{url.Values{"q": {"sinh"}, "after": {"x"}}, 422, "Không hiểu"},
		{url.Values{"q": {"sinh"}, "agency": {"H99.77"}}, 404, ""},
		{url.Values{"q": {"sinh"}, "from": {"01/03/2020"}, "to": {"2020-03-01"}}, 200, "1 giấy tờ"},
		{url.Values{"q": {"sinh"}, "from": {"2/3/2020"}}, 200, "Không tìm thấy"},
		{url.Values{"kind": {"DDN"}, "agency": {string(root)}}, 200, "1 giấy tờ"},
		{url.Values{"number": {"123"}}, 200, "1 giấy tờ"},
		{url.Values{"q": {"khái sinh"}, "exact": {"1"}}, 200, "Không tìm thấy"},
		{url.Values{"q": {"khái sinh"}}, 200, "1 giấy tờ"},
		{url.Values{"q": {attack}}, 200, "&gt;&lt;script"},
	} {
		a := b.post("/search", row.form)
		if a.status != row.want || !strings.Contains(a.body, row.says) || scripted(a.body) != "" {
			t.Errorf("%v: %d, no %q", row.form, a.status, row.says)
		}
	}
	if status, _, _, _ := h.as("p-far").searched(url.Values{"q": {"sinh"}, "agency": {string(here)}}); status != 404 {
		t.Errorf("an agency elsewhere: %d", status)
	}
	if a := h.as("p-auditor").post("/search?lang=en", url.Values{"q": {"sinh"}}); !strings.Contains(a.body, "1 papers") {
		t.Error("not in English")
	}
}

// Who looked and which papers were shown stands in the ledger, what was looked
// for does not; nothing is shown that cannot be noted.
func TestSearchIsNoted(t *testing.T) {
	h := newHouse(t)
	code := h.open("008199012345", "Nguyễn Văn Ẩn")
	d := h.until(h.bring(code, "TP01", "đơn"), dossier.Archived)
	h.sweep()
	b := h.as("p-auditor")
	for range 2 {
		b.post("/search", url.Values{"q": {"khai sinh"}})
	}
	b.post("/search", url.Values{"q": {"xyzzy"}})
	if got := h.readings(d.ID); !slices.Equal(got, []string{"p-auditor found audit"}) {
		t.Errorf("noted of the paper: %v", got)
	}
	size, err := h.db.NumberEvents(t.Context())
	must(t, err)
	events := ""
	for place := range size {
		event, err := h.db.LogEvent(t.Context(), place)
		must(t, err)
		events += event
	}
	if n := strings.Count(events, `"act":"searched"`); n != 3 || strings.Contains(events, "xyzzy") || strings.Contains(events, "khai") {
		t.Errorf("%d searches are noted in %s", n, events)
	}
	if a := h.as("p-counter").get("/dossiers/" + string(code) + "/lookers"); !strings.Contains(a.body, "Hiện trong kết quả tìm kiếm") {
		t.Error("the holder's list does not say so")
	}
	h.full = true
	if a := b.post("/search", url.Values{"q": {"khai sinh"}}); a.status < 500 || strings.Contains(a.body, string(d.ID)) {
		t.Errorf("without a ledger: %d", a.status)
	}
}

// The next page goes on where the last one ended.
func TestSearchGoesOn(t *testing.T) {
	h := newHouse(t)
	var want []string
	for i := range 23 {
		d := h.until(h.bring(h.open(fmt.Sprintf("0081990123%02d", i), "An"), "TP01", fmt.Sprint("đơn ", i)), dossier.Archived)
		want = append([]string{string(d.ID)}, want...)
	}
	h.sweep()
	b := h.as("p-counter")
	_, first, after, count := b.searched(url.Values{"q": {"khai sinh"}})
	_, second, end, _ := b.searched(url.Values{"q": {"khai sinh"}, "after": {after}})
	if len(first) != 20 || count != 23 || end != "" || !slices.Equal(append(first, second...), want) {
		t.Errorf("%d and %d of %d, then %q", len(first), len(second), count, end)
	}
	if a := b.post("/search", url.Values{"q": {"khai sinh"}}); !strings.Contains(a.body, `name="after" value="`+after+`"`) {
		t.Error("the page does not lead on")
	}
}
