package web_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
)

// signed brings a file that came in signed, and moves it by changes.
func (h *house) signed(changes ...dossier.Change) dossier.Document {
	h.t.Helper()
	d, err := h.db.Add(h.t.Context(), dossier.Document{Dossier: h.open("008199012345", "Nguyễn Văn An"), Slot: "TP01", State: dossier.Presented,
		Media: "application/pdf", Size: 4, Pages: 1, Received: h.clock.now(), Parts: map[dossier.Part]digest.Digest{dossier.PartScan: h.keep([]byte("%PDF"))}}, "p-counter")
	must(h.t, err)
	for _, c := range changes {
		if c.Who == "" {
			c.By, c.Who = dossier.Machine, "line"
		}
		d, err = h.db.Advance(h.t.Context(), d, c)
		must(h.t, err)
	}
	return d
}

func (h *house) verdictPart() map[dossier.Part]digest.Digest {
	return map[dossier.Part]digest.Digest{dossier.PartVerdict: h.keep([]byte("{}"))}
}

// A signed file in doubt is shown to the clerk with the reasons in the reader's
// language, and goes on only with a reason of the clerk's own.
func TestDoubt(t *testing.T) {
	h := newHouse(t)
	d := h.signed(dossier.Change{Act: dossier.Doubt, Why: "doubtful: The root is unknown. ‖ Không rõ chứng thư gốc.", Made: h.verdictPart()})
	path := "/documents/" + string(d.ID)
	vi, en := h.as("p-clerk").get(path).body, h.as("p-clerk").get(path+"?lang=en").body
	if !strings.Contains(vi, "Không rõ chứng thư gốc.") || strings.Contains(vi, "The root is unknown.") || !strings.Contains(vi, "Điều 21.2") ||
		!strings.Contains(en, "The root is unknown.") || strings.Contains(en, "Không rõ") || strings.Contains(vi, "Không đạt:") || !strings.Contains(vi, "/parts/scan") {
		t.Error("the page of a doubt lacks its words, or has them in both languages")
	}
	if home := h.as("p-clerk").get("/").body; !strings.Contains(home, "Chữ ký chưa kết luận được") || strings.Contains(home, `value="adopt"`) {
		t.Error("the doubt is not among the clerk's tasks, or can be settled without looking")
	}
	adopt := func(b *browser, why string) answer {
		return b.post(path+"/acts/adopt", url.Values{"version": {"1"}, "why": {why}})
	}
	if a := adopt(h.as("p-clerk"), " "); a.status != http.StatusUnprocessableEntity {
		t.Errorf("without a reason: %d", a.status)
	}
	if a := adopt(h.as("p-officer"), "vì"); a.status != http.StatusForbidden {
		t.Errorf("by an officer: %d", a.status)
	}
	if a := adopt(h.as("p-clerk"), "Đã hỏi cơ quan ký"); a.status != http.StatusSeeOther || h.document(d.ID).State != dossier.Vouched {
		t.Errorf("with a reason: %d %s", a.status, a.body)
	}
	if page := h.as("p-auditor").get(path).body; !strings.Contains(page, "Đã hỏi cơ quan ký") || strings.Contains(page, "Chưa kết luận được:") {
		t.Error("the ledger does not say why, or the page goes on doubting")
	}
}

// What is refused says why in both languages, and is no step of the flow.
func TestInvalidSignature(t *testing.T) {
	h := newHouse(t)
	d := h.signed(dossier.Change{Act: dossier.Refuse, Why: "invalid-signature: It was altered. ‖ Đã bị sửa.", Made: h.verdictPart()})
	path := "/documents/" + string(d.ID)
	if vi, en := h.as("p-counter").get(path).body, h.as("p-counter").get(path+"?lang=en").body; !strings.Contains(vi, "Đã bị sửa.") || !strings.Contains(en, "It was altered.") ||
		!strings.Contains(vi, "Không đạt:") || !strings.Contains(vi, "/signatures") {
		t.Error("the page does not say why the file was refused")
	}
}

// The administrator sees what is due by a day and what keeps the machine from
// it, since when and until when; a program gets the same.
func TestRenewalPage(t *testing.T) {
	h := newHouse(t)
	until := h.clock.now().AddDate(4, 0, 0)
	sum := h.keep([]byte("%PDF"))
	d := h.signed(dossier.Change{Act: dossier.Verify, Made: h.verdictPart()}, dossier.Change{Act: dossier.Describe},
		dossier.Change{Act: dossier.Confirm, By: dossier.Counter, Who: "p-counter", Fields: []dossier.Field{{Name: dossier.FieldTitle, Value: "Giấy"}}},
		dossier.Change{Act: dossier.Archive, Made: map[dossier.Part]digest.Digest{dossier.PartAdopted: sum}, Proof: &dossier.Proof{Until: until, By: "TSA thử"}})
	admin := h.as("p-admin")
	if page := admin.get("/admin/renewals").body; !strings.Contains(page, "Không có giấy tờ nào đến hạn") || !strings.Contains(page, "180 ngày") {
		t.Error("today something is due, or the rule is not told")
	}
	page := admin.get("/admin/renewals?at=" + until.Format(time.DateOnly)).body
	for _, want := range []string{sum.String(), "TSA thử", until.Format("02/01/2006"), string(d.Dossier)} {
		if !strings.Contains(page, want) {
			t.Errorf("the list lacks %q", want)
		}
	}
	if a := admin.get("/admin/renewals?at=h%C3%B4m+nay"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a day that is none: %d", a.status)
	}
	h.clock.add(until.AddDate(0, -1, 0).Sub(h.clock.now()))
	jobs, err := h.db.Lease(t.Context(), 1, time.Hour)
	must(t, err)
	since, next := h.clock.now(), h.clock.now().Add(3*time.Hour)
	must(t, h.db.Postpone(t.Context(), jobs[0], next, "revocation: x"))
	admin = h.as("p-admin")
	for _, path := range []string{"/admin/renewals", "/documents/" + string(d.ID), "/documents?troubled=1", "/"} {
		body := admin.get(path).body
		for _, want := range []string{"tình trạng thu hồi", since.Format("15:04 02/01/2006"), next.Format("15:04 02/01/2006")} {
			if !strings.Contains(body, want) {
				t.Errorf("%s lacks %q", path, want)
			}
		}
	}
	req := admin.request("GET", "/admin/renewals", "", nil)
	req.Header.Set("Accept", "application/json")
	var list []struct {
		Document dossier.DocumentID
		SHA256   string
		Trouble  string
		NextTry  time.Time
	}
	if err := json.Unmarshal([]byte(admin.do(req).body), &list); err != nil || len(list) != 1 || list[0].Document != d.ID || list[0].SHA256 != sum.String() || !list[0].NextTry.Equal(next) {
		t.Errorf("for programs: %+v, %v", list, err)
	}
	must(t, err)
	jobs, err = h.db.Lease(t.Context(), 1, time.Hour)
	must(t, err)
	if len(jobs) != 0 {
		t.Error("offered before its next try")
	}
	d, err = h.db.Advance(t.Context(), h.document(d.ID), dossier.Change{Act: dossier.Renew, By: dossier.Machine, Who: "line",
		Made: map[dossier.Part]digest.Digest{dossier.RenewedPart(1): h.keep([]byte("%PDF renewed"))}, Proof: &dossier.Proof{Until: until.AddDate(5, 0, 0), By: "TSA mới"}})
	must(t, err)
	body := admin.get("/documents/" + string(d.ID)).body
	for _, want := range []string{"gia hạn lần 1", "/parts/renewed-1", "/parts/adopted", "nguyên từng byte như khi nhận", "Gia hạn chữ ký lưu trữ", "TSA mới"} {
		if !strings.Contains(body, want) {
			t.Errorf("after the renewal the page lacks %q", want)
		}
	}
	if a := admin.get("/documents/" + string(d.ID) + "/parts/renewed-1"); a.status != http.StatusOK || a.body != "%PDF renewed" || a.header.Get("Content-Type") != "application/pdf" {
		t.Errorf("the renewed file: %d %q", a.status, a.body)
	}
	if a := admin.get("/documents/" + string(d.ID) + "/parts/renewed-2"); a.status != http.StatusNotFound {
		t.Errorf("a file that is not there: %d", a.status)
	}
}

// The page of roots warns while the house believes its own for development.
func TestRootsPage(t *testing.T) {
	h := newHouse(t)
	if page := h.as("p-admin").get("/admin/roots").body; !strings.Contains(page, "DEV – KHÔNG CÓ GIÁ TRỊ PHÁP LÝ") || !strings.Contains(page, "sohoa trust add") {
		t.Error("the page does not warn")
	}
}
