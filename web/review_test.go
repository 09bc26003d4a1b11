package web_test

import (
	"net/http"
	"strings"
	"testing"

	"sohoa/dossier"
)

func TestReview(t *testing.T) {
	h := newHouse(t)
	code := h.open("008199012345", "An")
	well := h.until(h.bring(code, "TP02", "rõ"), dossier.Normalised)
	h.blurred = true
	d := h.until(h.bring(code, "TP01", "mờ"), dossier.Normalised)
	page := "/documents/" + string(d.ID)
	counter := h.as("p-counter")
	if a := counter.get("/"); !strings.Contains(a.body, `href="/review"`) {
		t.Error("nothing at home leads to what is to be looked at")
	}
	list := counter.get("/review").body
	if !strings.Contains(list, string(d.ID)) || strings.Contains(list, string(well.ID)) {
		t.Error("the list is not of the papers that were read badly")
	}
	if a := h.as("p-far").get("/review"); strings.Contains(a.body, string(d.ID)) {
		t.Error("another agency's paper is listed")
	}
	a := counter.get(page)
	for _, want := range []string{"Trang 1: độ tin cậy 48 %, 1 trên 2 từ đáng ngờ; đọc kém; quét dưới 150 dpi",
		`<rect class="poor" x="144" y="72" width="72" height="14`, page + "/review", page + "/words/hocr"} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the page does not show %q", want)
		}
	}
	if n := strings.Count(a.body, `class="poor"`); n != 1 {
		t.Errorf("%d words are marked, want 1", n)
	}
	if a := h.as("p-auditor").get(page); strings.Contains(a.body, page+"/review") {
		t.Error("who may not say so is asked")
	}
	for range 2 {
		if a := counter.post(page+"/review", nil); a.status != http.StatusSeeOther || a.to != page {
			t.Errorf("reviewed: %d", a.status)
		}
	}
	if a := counter.get(page); !strings.Contains(a.body, "Đã xem lại: motcua") || strings.Contains(a.body, page+"/review") {
		t.Error("the page does not say who looked")
	}
	if a := counter.get("/review"); strings.Contains(a.body, string(d.ID)) || !strings.Contains(a.body, "Không còn trang nào") {
		t.Error("what was looked at is still listed")
	}
	if a := counter.get("/dossiers/" + string(code)); !strings.Contains(a.body, "Đã xem lại trang") {
		t.Error("the dossier does not tell of it")
	}
	if a := counter.post("/documents/"+string(well.ID)+"/review", nil); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "được đọc tốt") {
		t.Errorf("a paper that was read well: %d", a.status)
	}
}

func TestWordsExport(t *testing.T) {
	h := newHouse(t)
	code := h.open("008199012345", "An")
	fresh := h.bring(code, "TP01", "đơn")
	to := "/documents/" + string(fresh.ID) + "/words/"
	if a := h.as("p-counter").get(to + "alto"); a.status != http.StatusNotFound {
		t.Errorf("nothing was read yet: %d", a.status)
	}
	h.until(fresh, dossier.Normalised)
	for form, media := range map[string]string{"hocr": "application/xhtml+xml; charset=utf-8", "alto": "application/xml; charset=utf-8"} {
		a := h.as("p-counter").get(to + form)
		if a.status != http.StatusOK || a.header.Get("Content-Type") != media || a.body != "<"+form+">"+string(fresh.ID)+"</"+form+">" ||
			!strings.HasPrefix(a.header.Get("Content-Disposition"), "attachment; ") || !strings.Contains(a.header.Get("Content-Security-Policy"), "sandbox") {
			t.Errorf("%s: %d %v", form, a.status, a.header)
		}
	}
	if a := h.as("p-counter").get(to + "docx"); a.status != http.StatusNotFound {
		t.Errorf("another form: %d", a.status)
	}
}
