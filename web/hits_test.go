package web_test

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"sohoa/dossier"
)

// placed writes pages as they are read: each word 90 dots wide in a column of its
// own, each line 50 dots below the one before, at 200 dots an inch.
func placed(pages ...string) string {
	var all []string
	for _, page := range pages {
		var lines []string
		for y, line := range strings.Split(page, "\n") {
			var words []string
			for x, w := range strings.Fields(line) {
				b, _ := json.Marshal(w)
				words = append(words, fmt.Sprintf(`{"text":%s,"confidence":90,"box":{"x0":%d,"y0":%d,"x1":%d,"y1":%d}}`, b, 100+100*x, 100+50*y, 190+100*x, 130+50*y))
			}
			lines = append(lines, `{"words":[`+strings.Join(words, ",")+`]}`)
		}
		all = append(all, `{"width":1654,"height":2339,"dpiX":200,"dpiY":200,"lines":[`+strings.Join(lines, ",")+`]}`)
	}
	return "[" + strings.Join(all, ",") + "]"
}

// hitsOf asks where words stand as a program does.
func (b *browser) hitsOf(id dossier.DocumentID, form url.Values) (status int, boxes [][4]int) {
	b.h.t.Helper()
	req := b.request("POST", "/documents/"+string(id), "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
	req.Header.Set("Accept", "application/json")
	a := b.do(req)
	var got struct {
		Hits []struct {
			Number, Page int
			Boxes        []struct {
				Page int
				Box  [4]float64
			}
		}
	}
	if a.status == http.StatusOK {
		must(b.h.t, json.Unmarshal([]byte(a.body), &got))
	}
	for _, h := range got.Hits { // the hit, and in what column to what column of which line it is
		for _, l := range h.Boxes {
			at := func(x float64) int { return int(x * 200 / 72) }
			boxes = append(boxes, [4]int{h.Number, (at(l.Box[1]+.1) - 100) / 50, (at(l.Box[0]+.1) - 100) / 100, (at(l.Box[2]+.1) - 190) / 100})
		}
	}
	return a.status, boxes
}

// What was looked for is lit on the page where the search says it stands: folded
// or with its tones, in a row, over the end of a line, with an official number
// however it is spaced.
func TestHitsOnThePage(t *testing.T) {
	h := newHouse(t)
	h.placed = placed("CỘNG HÒA XÃ HỘI\nTỜ TRÌNH về việc giao\nđất, tơ tằm số 45/TTr-STNMT " + attack)
	h.says = "CỘNG HÒA XÃ HỘI\nTỜ TRÌNH về việc giao\nđất, tơ tằm số 45/TTr-STNMT " + attack
	code := h.open("008199012345", "Nguyễn Văn Ẩn")
	d := h.until(h.bring(code, "TP01", "đơn"), dossier.Archived)
	b := h.as("p-auditor")
	for _, row := range []struct {
		q, exact string
		want     [][4]int
	}{
		{"to trinh", "", [][4]int{{1, 1, 0, 1}, {2, 2, 1, 1}}},
		{"tờ", "1", [][4]int{{1, 1, 0, 0}}},
		{`"to trinh"`, "", [][4]int{{1, 1, 0, 1}}},
		{`"giao dat to"`, "", [][4]int{{1, 1, 4, 4}, {1, 2, 0, 1}}},
		{`"trinh to"`, "", nil},
		{"45 TTR stnmt", "", [][4]int{{1, 2, 4, 4}}},
		{"khai sinh", "", nil},
	} {
		status, got := b.hitsOf(d.ID, url.Values{"q": {row.q}, "exact": {row.exact}})
		if status != 200 || !reflect.DeepEqual(got, row.want) {
			t.Errorf("%s (exact %q): %d %v, want %v", row.q, row.exact, status, got, row.want)
		}
	}
	a := b.post("/documents/"+string(d.ID), url.Values{"q": {"to trinh " + attack}})
	if a.status != 200 || strings.Count(a.body, `class="hit"`) < 2 || !strings.Contains(a.body, `id="hit-1"`) || !strings.Contains(a.body, `href="#hit-2"`) || !strings.Contains(a.body, "<mark>TỜ TRÌNH</mark>") {
		t.Errorf("%d: nothing is lit: %s", a.status, a.body)
	}
	if tag := scripted(a.body); tag != "" || strings.Contains(a.body, " style=") {
		t.Errorf("a live %q, or a style in the page", tag)
	}
	if strings.Contains(h.log.String(), "trinh") {
		t.Error("the log knows what was looked for")
	}
	if a := b.post("/documents/"+string(d.ID), url.Values{"q": {"khai"}}); !strings.Contains(a.body, "Không thấy khai trên hình trang") {
		t.Error("nobody is told that it does not stand there")
	}
	if a := b.post("/documents/"+string(d.ID), nil); a.status != 422 || !strings.Contains(a.body, "Chưa có gì để tìm") {
		t.Errorf("nothing to look for: %d", a.status)
	}
	if a := b.post("/documents/"+string(d.ID)+"?lang=en", url.Values{"q": {"to trinh"}}); !strings.Contains(a.body, "Where it was found") {
		t.Error("not in English")
	}
}

// A hit of the search leads to the page with what was looked for, and whoever may
// not see the document sees none of it. Who looked is noted.
func TestHitsFromTheSearch(t *testing.T) {
	h := newHouse(t)
	h.placed, h.says = placed("một hai", "ba\nbốn tờ trình"), "một hai\nba\nbốn tờ trình"
	d := h.until(h.bring(h.open("008199012345", "Nguyễn Văn Ẩn"), "TP01", "đơn"), dossier.Archived)
	h.sweep()
	b := h.as("p-auditor")
	a := b.post("/search", url.Values{"q": {`"hai ba"`}})
	form := regexp.MustCompile(`action="(/documents/[^"]+)"><input type="hidden" name="q" value="([^"]*)">`).FindStringSubmatch(a.body)
	if form == nil {
		t.Fatalf("no way to the page: %s", a.body)
	}
	if a = b.post(form[1], url.Values{"q": {html.UnescapeString(form[2])}}); a.status != 200 || strings.Count(a.body, `class="hit"`) != 1 {
		t.Errorf("%d: %d rectangles", a.status, strings.Count(a.body, `class="hit"`))
	}
	if got := h.readings(d.ID); len(got) != 2 || got[1] != "p-auditor viewed audit" {
		t.Errorf("noted: %v", got)
	}
	if status, got := h.as("p-far").hitsOf(d.ID, url.Values{"q": {"hai"}}); status != 404 || got != nil {
		t.Errorf("from elsewhere: %d %v", status, got)
	}
	if status, _ := h.nobody().hitsOf(d.ID, url.Values{"q": {"hai"}}); status != 401 {
		t.Errorf("nobody: %d", status)
	}
	admin := h.as("p-admin")
	h.full = true
	if status, got := admin.hitsOf(d.ID, url.Values{"q": {"hai"}}); status < 500 || got != nil {
		t.Errorf("without a ledger: %d %v", status, got)
	}
}
