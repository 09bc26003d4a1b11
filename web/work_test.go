package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"sohoa/dossier"
)

// The whole way of two papers through the pages, and what is left of it.
func TestJourney(t *testing.T) {
	h := newHouse(t)
	code := h.open("008199012345", "Nguyễn Văn An")
	first := h.until(h.bring(code, "TP01", "đơn"), dossier.Archived)
	second := h.until(h.bring(code, "TP02", "khai sinh"), dossier.Archived)
	for _, d := range []dossier.Document{first, second} {
		page := h.as("p-auditor").get("/documents/" + string(d.ID))
		for _, want := range []string{"Đã lưu trữ", "/parts/sealed", "/parts/scan", "/parts/text", "Duyệt ký bản sao", "canbo", "motcua", "vanthu", "Giấy khai sinh", "data-mark=\"number\""} {
			if !strings.Contains(page.body, want) {
				t.Errorf("page of %s lacks %q", d.ID, want)
			}
		}
	}
	if a := h.as("p-officer").post("/dossiers/"+string(code)+"/resolve", nil); a.status != http.StatusSeeOther {
		t.Errorf("resolve: %d %s", a.status, a.body)
	}
	if a := h.as("p-officer").post("/dossiers/"+string(code)+"/resolve", nil); a.status != http.StatusConflict || !strings.Contains(a.body, "đã được ghi nhận") {
		t.Errorf("resolve again: %d", a.status)
	}
	fig := h.as("p-auditor").get("/figures?period=2026-11").body
	if !strings.Contains(fig, "100,0 %") || !strings.Contains(fig, "1 / 1") {
		t.Error("the figures do not count the dossier")
	}
	list := h.as("p-auditor").get("/figures/dossiers?period=2026-11&number=results&agency=H99.11").body
	if !strings.Contains(list, string(code)) || !strings.Contains(list, "Chưa số hóa đủ") {
		t.Error("the list behind the results does not say why the dossier is missing")
	}

	// A second dossier of the same holder is not asked for the paper again.
	again := h.open("008199012345", "Nguyễn Văn An")
	page := h.as("p-counter").get("/dossiers/" + string(again)).body
	if !strings.Contains(page, "không yêu cầu nộp lại") {
		t.Fatal("the held paper is not offered")
	}
	if strings.Index(page, "không yêu cầu nộp lại") > strings.Index(page, `type="file"`) {
		t.Error("the scan stands before the held paper")
	}
	_, rest, _ := strings.Cut(page, `name="entry" value="`)
	entry, _, _ := strings.Cut(rest, `"`)
	if a := h.as("p-counter").post(fmt.Sprintf("/dossiers/%s/slots/TP01/reuse", again), url.Values{"entry": {entry}}); a.status != http.StatusSeeOther {
		t.Fatalf("reuse: %d %s", a.status, a.body)
	}
	if body := h.as("p-counter").get("/dossiers/" + string(again)).body; !strings.Contains(body, "Dùng lại giấy tờ đã có") {
		t.Error("the ledger of the dossier does not say that a paper was used again")
	}
	if body := h.as("p-counter").get(fmt.Sprintf("/dossiers/%s/record", again)).body; !strings.Contains(body, "123/KS") || strings.Contains(body, "008199012345") {
		t.Error("the record lacks the paper, or shows the whole number")
	}
}

func TestActs(t *testing.T) {
	h := newHouse(t)
	code := h.open("008199012345", "Nguyễn Văn An")
	extracted := h.until(h.bring(code, "TP01", "đơn"), dossier.Extracted)
	normalised := h.until(h.bring(code, "TP02", "khai sinh"), dossier.Normalised)
	v := func(d dossier.Document) url.Values { return url.Values{"version": {fmt.Sprint(d.Version)}} }
	with := func(form url.Values, key, value string) url.Values { form.Set(key, value); return form }
	for _, row := range []struct {
		name   string
		who    dossier.PersonID
		path   string
		form   url.Values
		status int
		says   string
	}{
		{"auditor may only look", "p-auditor", string(extracted.ID) + "/acts/confirm", v(extracted), 403, "không phải của bạn"},
		{"admin neither", "p-admin", string(extracted.ID) + "/acts/confirm", v(extracted), 403, ""},
		{"officer does not confirm", "p-officer", string(extracted.ID) + "/acts/confirm", with(v(extracted), "title", "x"), 403, ""},
		{"stale page", "p-counter", string(extracted.ID) + "/acts/confirm", url.Values{"version": {"1"}, "title": {"x"}}, 409, "xem bản mới"},
		{"no version", "p-counter", string(extracted.ID) + "/acts/refuse", url.Values{"why": {"x"}}, 422, "Phiên bản"},
		{"no such act", "p-counter", string(extracted.ID) + "/acts/burn", v(extracted), 403, ""},
		{"the machine's act", "p-counter", string(extracted.ID) + "/acts/seal", v(extracted), 403, ""},
		{"no such document", "p-counter", "nothing/acts/confirm", v(extracted), 404, "Không có"},
		{"another agency's counter", "p-far", string(extracted.ID) + "/acts/confirm", with(v(extracted), "title", "x"), 404, ""},
		{"refuse without a reason", "p-counter", string(extracted.ID) + "/acts/refuse", with(v(extracted), "why", " \t"), 422, "Lý do"},
		{"confirm without a title", "p-counter", string(extracted.ID) + "/acts/confirm", v(extracted), 422, "Tên giấy tờ"},
		{"confirm with a day that is none", "p-counter", string(extracted.ID) + "/acts/confirm", with(with(v(extracted), "title", "Đơn"), "issued", "31/02/2020"), 422, "Ngày cấp"},
		{"counter confirms", "p-counter", string(extracted.ID) + "/acts/confirm", with(with(v(extracted), "title", "Đơn"), "issued", "01/03/2020"), 303, ""},
		{"twice is stale", "p-counter", string(extracted.ID) + "/acts/confirm", with(v(extracted), "title", "Đơn"), 409, ""},
		{"officer refuses with a reason", "p-officer", string(normalised.ID) + "/acts/refuse", with(v(normalised), "why", "trang 1 mờ"), 303, ""},
	} {
		a := h.as(row.who).post("/documents/"+row.path, row.form)
		if a.status != row.status || !strings.Contains(a.body, row.says) {
			t.Errorf("%s: %d, want %d and %q\n%.300s", row.name, a.status, row.status, row.says, a.body)
		}
	}
	fields, err := h.db.Fields(t.Context(), extracted.ID)
	must(t, err)
	got := map[dossier.FieldName]dossier.Field{}
	for _, f := range fields {
		got[f.Name] = f
	}
	if got[dossier.FieldIssued].Value != "2020-03-01" || got[dossier.FieldKind].Value != "DDN" || got[dossier.FieldTitle].Page != 0 {
		t.Errorf("confirmed %+v", fields)
	}
	if d := h.document(normalised.ID); d.State != dossier.Refused || d.Why != "trang 1 mờ" {
		t.Errorf("refused: %+v", d)
	}
	if body := h.as("p-counter").get("/dossiers/" + string(code)).body; !strings.Contains(body, "trang 1 mờ") || !strings.Contains(body, `/slots/TP02"`) {
		t.Error("the dossier does not show why, or offers no new scan")
	}
}

// A value that the person left as the machine read it keeps its place; one
// that was typed has none.
func TestConfirmKeepsPlaces(t *testing.T) {
	h := newHouse(t)
	d := h.until(h.bring(h.open("008199012345", "An"), "TP02", "khai sinh"), dossier.Extracted)
	page := h.as("p-counter").get("/documents/" + string(d.ID)).body
	for _, want := range []string{`value="123/KS"`, "máy đọc, chắc 41", `class="low`, `value="008199012345"`, `value="01/03/2020"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the form lacks %q", want)
		}
	}
	a := h.acts("p-counter", d, dossier.Confirm, url.Values{"title": {"GIẤY KHAI SINH"}, "number": {"124/KS"}, "issued": {"1/3/2020"}})
	if a.status != 303 {
		t.Fatal(a.status)
	}
	fields, err := h.db.Fields(t.Context(), d.ID)
	must(t, err)
	for _, f := range fields {
		switch f.Name {
		case dossier.FieldTitle:
			if f.Page != 1 || f.Confidence != 96 {
				t.Errorf("title lost its place: %+v", f)
			}
		case dossier.FieldIssued:
			if f.Page != 1 || f.Value != "2020-03-01" {
				t.Errorf("the day of issue lost its place or its form: %+v", f)
			}
		case dossier.FieldNumber:
			if f.Page != 0 || f.Value != "124/KS" {
				t.Errorf("a typed number has a place: %+v", f)
			}
		}
	}
}

func TestFourEyes(t *testing.T) {
	h := newHouse(t)
	d := h.until(h.bring(h.open("008199012345", "An"), "TP01", "đơn"), dossier.Confirmed)
	officer := people[1]
	officer.Role = dossier.Clerk // the one who signed the copy changes seats
	must(t, h.db.PutPerson(t.Context(), officer, ""))
	if body := h.as("p-officer").get("/documents/" + string(d.ID)).body; !strings.Contains(body, "Người khác phải duyệt") || strings.Contains(body, "/acts/approve") {
		t.Error("the page offers what four eyes forbid")
	}
	if a := h.acts("p-officer", d, dossier.Approve, nil); a.status != 403 || !strings.Contains(a.body, "Người khác phải duyệt") {
		t.Errorf("approve: %d", a.status)
	}
	if a := h.acts("p-clerk", d, dossier.Approve, nil); a.status != 303 {
		t.Errorf("the other clerk: %d", a.status)
	}
}

func TestBatch(t *testing.T) {
	h := newHouse(t)
	var nudged int
	h.moved = func(dossier.Document) { nudged++ }
	var picks []string
	for i := range 3 {
		d := h.until(h.bring(h.open("008199012345", "An"), "TP01", fmt.Sprint("đơn ", i)), dossier.Normalised)
		picks = append(picks, fmt.Sprintf("%s:%d", d.ID, d.Version))
	}
	nudged = 0
	if home := h.as("p-officer").get("/").body; strings.Count(home, `name="pick"`) != 3 {
		t.Error("the officer's page does not offer three to pick")
	}
	stale := strings.Replace(picks[2], ":2", ":1", 1)
	a := h.as("p-officer").post("/tasks/acts", url.Values{"act": {"attest"}, "pick": {picks[0], picks[1], stale, "nothing:0"}})
	if a.status != 200 || !strings.Contains(a.body, "Xong 2 trên 4") || !strings.Contains(a.body, "vừa thay đổi") || !strings.Contains(a.body, "Không có trang") {
		t.Errorf("batch: %d %s", a.status, a.body)
	}
	if nudged != 2 {
		t.Errorf("the line was told of %d moves", nudged)
	}
	for i, pick := range picks {
		id, _, _ := strings.Cut(pick, ":")
		if got := h.document(dossier.DocumentID(id)).State; (got == dossier.Attested) != (i < 2) {
			t.Errorf("document %d is %s", i, got)
		}
	}
	for who, form := range map[dossier.PersonID]url.Values{
		"p-clerk":   {"act": {"attest"}, "pick": {picks[2]}},
		"p-counter": {"act": {"confirm"}, "pick": {picks[2]}},
		"p-auditor": {"act": {"attest"}, "pick": {picks[2]}},
	} {
		if a := h.as(who).post("/tasks/acts", form); a.status != 403 {
			t.Errorf("%s: %d", who, a.status)
		}
	}
	if a := h.as("p-officer").post("/tasks/acts", url.Values{"act": {"attest"}}); a.status != 422 {
		t.Errorf("no picks: %d", a.status)
	}
}

// Who never has a turn is not told to wait for one.
func TestNothingWaits(t *testing.T) {
	h := newHouse(t)
	for who, want := range map[dossier.PersonID]string{"p-counter": "", "p-officer": "", "p-clerk": "", "p-auditor": `href="/search"`, "p-admin": `href="/admin/agencies"`} {
		page := h.as(who).get("/fragments/tasks").body
		if told := strings.Contains(page, "khi đến lượt bạn"); told != (want == "") || !strings.Contains(page, want) {
			t.Errorf("%s is told %s", who, page)
		}
	}
}
