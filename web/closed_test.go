package web_test

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/dossier/figures/closing"
)

// A month that is over is closed on its page, shows who closed it and the
// statement, and each version stays.
func TestClosedMonth(t *testing.T) {
	h := newHouse(t)
	code := h.open("008199012345", "An")
	for i, slot := range []dossier.SlotCode{"TP01", "TP02"} {
		h.until(h.bring(code, slot, fmt.Sprint("giấy ", i)), dossier.Archived)
	}
	late, slow := h.open("008199012345", "An"), h.open("008199012345", "An")
	h.as("p-clerk").post("/dossiers/"+string(code)+"/resolve", nil)
	month := url.Values{"month": {"2026-11"}}
	admin := h.as("p-admin")
	if body := admin.get("/figures?period=2026-11").body; strings.Contains(body, "/figures/closed") || strings.Contains(body, "chưa chốt") {
		t.Error("a month that runs can be closed")
	}
	if a := admin.post("/figures/closed", month); a.status != 409 && a.status != 403 || !strings.Contains(a.body, "chưa hết tháng") {
		t.Errorf("closed before its end: %d", a.status)
	}
	h.clock.add(15 * 24 * time.Hour)
	admin, auditor := h.as("p-admin"), h.as("p-auditor")
	if body := auditor.get("/figures?period=2026-11").body; !strings.Contains(body, "Kỳ này chưa chốt") || strings.Contains(body, `action="/figures/closed"`) {
		t.Error("an open month is not shown as open, or an auditor may close it")
	}
	if body := admin.get("/figures?period=2026-11").body; !strings.Contains(body, `action="/figures/closed"`) {
		t.Error("the administrator cannot close the month")
	}
	if a := admin.post("/figures/closed", month); a.to != "/figures?period=2026-11" {
		t.Fatalf("not closed: %d %s", a.status, a.body)
	}
	if a := admin.post("/figures/closed", month); a.status < 400 {
		t.Errorf("closed twice: %d", a.status)
	}
	h.until(h.bring(late, "TP01", "muộn một"), dossier.Archived)
	h.until(h.bring(late, "TP02", "muộn hai"), dossier.Archived)
	const reason = `Nộp muộn <script>alert(1)</script>`
	_, err := h.books().Correct(t.Context(), "2026-11", reason, "p-admin")
	must(t, err)
	page := auditor.get("/figures?period=2026-11").body
	for _, want := range []string{"Kỳ này đã chốt", "quantri", "1 · chốt kỳ", "2 · điều chỉnh", "1/3", "2/3", "Nộp muộn &lt;script&gt;", "/figures/closed/2026-11/1", "/figures/closed/2026-11/2"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if en := auditor.get("/figures?lang=en&period=2026-11").body; !strings.Contains(en, "This month is closed") || !strings.Contains(en, "correction") {
		t.Error("the page is not in English")
	}
	a := auditor.get("/figures/closed/2026-11/1")
	sum := digest.Of([]byte(a.body))
	said, err := closing.Read([]byte(a.body))
	if err != nil || !strings.Contains(page, sum.String()) || said.Version != 1 || said.Tally.Received != 3 ||
		a.header.Get("Repr-Digest") != "sha-256=:"+base64.StdEncoding.EncodeToString(sum[:])+":" {
		t.Errorf("the statement is not what the page says: %+v, %v", said, err)
	}
	for _, personal := range []string{"008199012345", "An", string(code), "p-admin"} {
		if strings.Contains(a.body, `"`+personal) {
			t.Errorf("the statement tells %q", personal)
		}
	}
	for _, path := range []string{"/figures/closed/2026-11/3", "/figures/closed/2026-11/0", "/figures/closed/2026-10/1", "/figures/closed/x/1", "/figures/closed/2026-11/x"} {
		if a := auditor.get(path); a.status != 404 {
			t.Errorf("%s: %d", path, a.status)
		}
	}
	h.until(h.bring(slow, "TP01", "muộn ba"), dossier.Archived)
	h.until(h.bring(slow, "TP02", "muộn bốn"), dossier.Archived)
	h.clock.add(31 * 24 * time.Hour)
	_, err = h.books().Close(t.Context(), "2026-12", "p-admin")
	must(t, err)
	auditor = h.as("p-auditor")
	if body := auditor.get("/figures?period=2026-12").body; !strings.Contains(body, "Đến muộn") || !strings.Contains(body, "Tháng 11/2026: Hồ sơ được số hóa &#43;1/&#43;0") {
		t.Error("what came late of November is not shown with December")
	}
	for _, period := range []string{"2026", "2026-Q4", "2027-01"} {
		if body := auditor.get("/figures?period=" + period).body; strings.Contains(body, "đã chốt</h2>") || strings.Contains(body, "chưa chốt</h2>") {
			t.Errorf("%s is shown as a closed or open month", period)
		}
	}
}
