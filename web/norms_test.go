package web_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"sohoa/dossier"
	law "sohoa/dossier/norm"
	"sohoa/dossier/retention"
)

// An administrator sees every norm with its day, law and proof, and adds one from a
// day on; it holds from then, and is in the ledger. What cannot be one is named.
func TestNorms(t *testing.T) {
	h := newHouse(t)
	admin := h.as("p-admin")
	page := admin.get("/admin/norms")
	for _, want := range []string{"{holder}.{kind}.{dossier}.{slot}", "{dossier}-KQ({n})", "PHIẾU TỪ CHỐI TIẾP NHẬN", "TT 03/2025/TT-VPCP", "15/09/2025", "Đang áp dụng"} {
		if !strings.Contains(page.body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if en := admin.get("/admin/norms?lang=en"); !strings.Contains(en.body, "In force") || strings.Contains(en.body, "Đang áp dụng") {
		t.Error("it is not in English")
	}
	admin.get("/admin/norms?lang=vi")
	form := func(more ...string) url.Values {
		f := url.Values{"sort": {"form"}, "name": {"03"}, "from": {"01/12/2026"}, "said": {"PHIẾU TỪ CHỐI\r\nKính gửi: {applicant}\r\n\r\nLý do: {reason}\r\n"}, "law": {"TT 03/2025/TT-VPCP"}, "article": {"Phụ lục I"}, "grade": {"P"}}
		for i := 0; i < len(more); i += 2 {
			f.Set(more[i], more[i+1])
		}
		return f
	}
	for _, row := range []struct {
		more []string
		says string
	}{
		{[]string{"from", "31/02/2027"}, "Hiệu lực từ ngày"},
		{[]string{"from", ""}, "Hiệu lực từ ngày"},
		{[]string{"sort", "oracle"}, "Loại quy định"},
		{[]string{"name", "01"}, "Áp dụng cho"},
		{[]string{"sort", "code", "name", "GKS"}, "Áp dụng cho"},
		{[]string{"sort", "ground", "name", "KHÔNG"}, "Áp dụng cho"},
		{[]string{"sort", "code", "name", "", "said", "{holder}"}, "hai giấy tờ có thể trùng mã"},
		{[]string{"said", " \n "}, "lời văn của mẫu"},
		{[]string{"law", ""}, "Văn bản"},
		{[]string{"from", "15/09/2025"}, "đã có"}, // the program's own of that day
		{[]string{"grade", "Z"}, "chưa đúng"},
	} {
		a := admin.post("/admin/norms", form(row.more...))
		if a.status != http.StatusUnprocessableEntity && a.status != http.StatusConflict || !strings.Contains(a.body, row.says) || !strings.Contains(a.body, "<textarea") {
			t.Errorf("%v: %d, without %q", row.more, a.status, row.says)
		}
	}
	if a := admin.post("/admin/norms", form()); a.status != http.StatusSeeOther || a.to != "/admin/norms" {
		t.Fatalf("%d %s", a.status, a.body)
	}
	norms, err := h.db.Norms(t.Context())
	must(t, err)
	n, ok := norms.On(law.Form, "03", start.AddDate(0, 1, 0))
	if before, _ := norms.On(law.Form, "03", start); !ok || n.Said != "PHIẾU TỪ CHỐI\nKính gửi: {applicant}\n\nLý do: {reason}" || n.Who != "p-admin" || n.Grade != "P" || before.ID != "norm-form-03" {
		t.Errorf("from then on %+v, today %+v", n, before)
	}
	req := admin.request("GET", "/admin/norms", "", nil)
	req.Header.Set("Accept", "application/json")
	var told []law.Norm
	if err := json.Unmarshal([]byte(admin.do(req).body), &told); err != nil || len(told) != len(norms) {
		t.Errorf("as JSON %d of %d norms, %v", len(told), len(norms), err)
	}
	if _, err := h.db.AddNorm(t.Context(), n, dossier.Clerk); err == nil {
		t.Error("a clerk adds norms")
	}
}

// The page of an entry says under which code the result stands, with the holder's
// number masked, by which law it is processed, and until when and by which rule it
// is kept.
func TestEntryLaw(t *testing.T) {
	h := newHouse(t)
	code := h.open("008199012345", "Trần Thị Bé")
	h.until(h.bring(code, "TP02", "khai sinh"), dossier.Archived)
	holder, err := h.db.FindHolder(t.Context(), "008199012345")
	must(t, err)
	found, err := h.db.Entries(t.Context(), holder.ID, time.Time{})
	must(t, err)
	at := "/records/" + string(found[0].ID)
	_, err = h.db.AddRule(t.Context(), retention.Rule{Kind: "GKS", Years: 10, From: start.AddDate(-1, 0, 0), Law: "TT 10/2022/TT-BNV", Article: "Mục 7", Grade: retention.Secondary, Who: "p-admin"}, dossier.Admin)
	must(t, err)
	says := func(wants ...string) {
		t.Helper()
		page := h.as("p-counter").get(at).body
		for _, want := range wants {
			if !strings.Contains(page, want) {
				t.Errorf("the entry lacks %q", want)
			}
		}
		if strings.Contains(page, "008199012345") {
			t.Error("the code tells the whole number")
		}
	}
	says(dossier.MaskNumber("008199012345")+".GKS."+string(code)+".TP02", "TT 01/2023/TT-VPCP, Điều 10", "91/2025/QH15, Điều 19, điểm c", "tính từ khi công việc kết thúc")
	_, err = h.db.Resolve(t.Context(), code, h.clock.now(), "p-officer")
	must(t, err)
	says("31/12/2036", "TT 10/2022/TT-BNV, Mục 7")
	_, err = h.db.AddNorm(t.Context(), law.Norm{Sort: law.Ground, Name: "GKS", From: start.AddDate(0, 0, -1), Said: "Luật Hộ tịch: lưu giữ sự kiện hộ tịch", Law: "Luật 60/2014/QH13", Grade: retention.Inferred, Who: "p-admin"}, dossier.Admin)
	must(t, err)
	says("lưu giữ sự kiện hộ tịch", "Luật 60/2014/QH13")
}
