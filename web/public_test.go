package web_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/figures/closing"
)

// Everybody may see closed months if an administrator says so, and only then:
// without a person's data, without a cookie, kept by caches, in frames of those
// that were named.
func TestPublicPage(t *testing.T) {
	h := newHouse(t)
	for range 6 {
		h.open("008199012345", "Nguyễn Thị An")
	}
	h.clock.add(15 * 24 * time.Hour)
	_, err := h.books().Close(t.Context(), "2026-11", "p-admin")
	must(t, err)
	admin, nobody := h.as("p-admin"), h.nobody()
	for _, path := range []string{"/public/figures", "/public/figures/2026-11/1/statement"} {
		if a := nobody.get(path); a.status != 404 {
			t.Errorf("%s is public in a new house: %d", path, a.status)
		}
	}
	if a := h.as("p-auditor").post("/admin/public", url.Values{"mode": {"full"}}); a.status != 403 {
		t.Errorf("an auditor publishes: %d", a.status)
	}
	for _, wrong := range []url.Values{{"mode": {"all"}}, {"mode": {"page"}, "frames": {"http://x.vn"}}, {"mode": {"page"}, "frames": {"https://x.vn; script-src *"}}, {"mode": {"page"}, "frames": {"*"}}} {
		if a := admin.post("/admin/public", wrong); a.status != 422 {
			t.Errorf("%v: %d", wrong, a.status)
		}
	}
	admin.post("/admin/public", url.Values{"mode": {"page"}, "frames": {"https://www.hoalam.gov.vn https://a.vn:8443"}})
	if a := admin.get("/admin/public"); !strings.Contains(a.body, "&lt;iframe src=&#34;https://") || !strings.Contains(a.body, "/public/figures?lang=vi&#34;") || strings.Contains(a.body, "allow-scripts") {
		t.Error("the administrator is not told how to embed the page")
	}
	a := nobody.get("/public/figures")
	if csp := a.header.Get("Content-Security-Policy"); a.status != 200 || !strings.Contains(csp, "frame-ancestors https://www.hoalam.gov.vn https://a.vn:8443") || strings.Contains(csp, "unsafe") ||
		a.header.Get("X-Frame-Options") != "" || !strings.HasPrefix(a.header.Get("Cache-Control"), "public") || a.header.Get("Set-Cookie") != "" {
		t.Errorf("%d %v", a.status, a.header)
	}
	for _, personal := range []string{"008199012345", "Nguyễn Thị An", "p-admin", "quantri", "/figures/dossiers", "/login"} {
		if strings.Contains(a.body, personal) {
			t.Errorf("the public page tells %q", personal)
		}
	}
	for _, want := range []string{"Tháng 11/2026", "<svg", "0/6", "SHA-256"} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the public page does not say %q", want)
		}
	}
	if en := nobody.get("/public/figures?lang=en"); !strings.Contains(en.body, "Everyday rates") || en.header.Get("Set-Cookie") != "" {
		t.Error("not in English, or a cookie is set")
	}
	if b := nobody.get("/figures"); b.header.Get("X-Frame-Options") != "DENY" {
		t.Error("another page may be framed")
	}
	if b := nobody.get("/public/figures/2026-11/1/statement"); b.status != 404 {
		t.Errorf("the statement is public without a word: %d", b.status)
	}
	var lines []struct {
		Key         string
		Told        bool
		Denominator int
	}
	if err := json.Unmarshal([]byte(nobody.get("/public/figures?format=json").body), &lines); err != nil || len(lines) < 10 {
		t.Errorf("%d lines, %v", len(lines), err)
	}
	admin.post("/admin/public", url.Values{"mode": {"full"}})
	if a := admin.get("/admin/public"); strings.Contains(a.body, "iframe") {
		t.Error("a page that nobody may embed is to be embedded")
	}
	b := nobody.get("/public/figures/2026-11/1/statement")
	if s, err := closing.Read([]byte(b.body)); b.status != 200 || err != nil || s.Tally.Received != 6 {
		t.Errorf("%d %v", b.status, err)
	}
	if b := nobody.get("/public/figures"); !strings.Contains(b.header.Get("Content-Security-Policy"), "frame-ancestors 'none'") {
		t.Error("frames were not taken back")
	}
	admin.post("/admin/public", url.Values{"mode": {""}})
	if b := nobody.get("/public/figures"); b.status != 404 {
		t.Errorf("switched off, it is still there: %d", b.status)
	}
}

// A page that was not changed is not sent again.
func TestPublicPageIsKept(t *testing.T) {
	h := newHouse(t)
	for range 5 {
		h.open("008199012345", "An")
	}
	h.clock.add(15 * 24 * time.Hour)
	c, err := h.books().Close(t.Context(), "2026-11", "p-admin")
	must(t, err)
	h.as("p-admin").post("/admin/public", url.Values{"mode": {"full"}})
	nobody := h.nobody()
	tag := nobody.get("/public/figures").header.Get("ETag")
	if a := ask(nobody, tag); a.status != 304 || a.body != "" {
		t.Errorf("%d, %d bytes", a.status, len(a.body))
	}
	sum := h.keep([]byte("the report"))
	_, err = h.db.AddSeal(t.Context(), closing.Seal{Month: c.Month, Version: 1, Agency: "H99", Report: sum, Signature: sum})
	must(t, err)
	h.clock.add(time.Minute)
	a := ask(nobody, tag)
	if a.status != 200 || !strings.Contains(a.body, "/public/figures/2026-11/1/report") {
		t.Errorf("the seal is not shown: %d", a.status)
	}
	admin := h.as("p-admin")
	if b := admin.get("/figures/closed/2026-11/1/evidence"); b.status != 404 || strings.Contains(admin.get("/figures?period=2026-11").body, "/1/evidence") {
		t.Errorf("a signature that was not renewed has evidence: %d", b.status)
	}
	all, err := h.db.Seals(t.Context(), c.Month)
	must(t, err)
	must(t, h.db.RenewSeal(t.Context(), all[0], sum, h.keep([]byte("the record")), dossier.Proof{}))
	if b := admin.get("/figures/closed/2026-11/1/evidence"); b.status != 200 || b.body != "the record" || !strings.Contains(admin.get("/figures?period=2026-11").body, "/figures/closed/2026-11/1/evidence") {
		t.Errorf("the evidence of a renewed signature: %d %q", b.status, b.body)
	}
	if b := nobody.get("/public/figures/2026-11/1/report"); b.status != 200 || b.body != "the report" {
		t.Errorf("%d %q", b.status, b.body)
	}
}

// ask asks for the page again, which was kept under a tag.
func ask(b *browser, tag string) answer {
	req := b.request("GET", "/public/figures", "", nil)
	req.Header.Set("If-None-Match", tag)
	return b.do(req)
}
