package web_test

import (
	"net/http"
	"strings"
	"testing"

	"sohoa/dossier"
	"sohoa/dossier/hook"
)

// Addresses are entered with a secret that is shown once; what was put aside is seen and
// told again; a host that is not named cannot be entered.
func TestHooksPage(t *testing.T) {
	h := newHouse(t)
	b := h.as("p-admin")
	for _, url := range []string{"https://evil.com/", "http://motcua.gov.vn/", "https://127.0.0.1/", "x"} {
		if got := b.post("/admin/hooks", form("url", url, "agency", string(here), "why", "thử")).status; got != 422 {
			t.Errorf("%s: %d", url, got)
		}
	}
	a := b.post("/admin/hooks", form("url", "https://motcua.gov.vn/in", "agency", string(here), "why", "một cửa"))
	if a.status != 200 || !strings.Contains(a.body, "whsec_") {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if page := b.get("/admin/hooks").body; strings.Contains(page, "whsec_") || !strings.Contains(page, "https://motcua.gov.vn/in") {
		t.Error("the secret is shown again, or the address is not")
	}
	h.open("008199012345", "An")
	_, err := h.db.NumberEvents(t.Context())
	must(t, err)
	must(t, h.db.OweHooks(t.Context()))
	due, err := h.db.DueHooks(t.Context(), 10)
	must(t, err)
	if len(due) != 1 {
		t.Fatalf("owed: %+v", due)
	}
	must(t, h.db.NotTold(t.Context(), due[0].Failed(h.clock.now(), hook.Gone)))
	page := b.get("/admin/hooks").body
	at := "/admin/hooks/" + due[0].Hook
	if !strings.Contains(page, string(due[0].Dossier)) || strings.Contains(page, "008199012345") {
		t.Error("what was put aside is not seen, or a number is")
	}
	replay := page[strings.Index(page, at):]
	replay = replay[:strings.Index(replay, `"`)]
	for !strings.HasSuffix(replay, "/replay") {
		page = page[strings.Index(page, at)+len(at):]
		replay = page[strings.Index(page, at):]
		replay = replay[:strings.Index(replay, `"`)]
	}
	if a := b.post(replay, nil); a.status != http.StatusSeeOther {
		t.Errorf("replay: %d", a.status)
	}
	if due, err = h.db.DueHooks(t.Context(), 10); err != nil || len(due) != 1 {
		t.Errorf("after it: %v, %v", due, err)
	}
	if a := b.post(replay, nil); a.status != 404 {
		t.Errorf("replayed twice: %d", a.status)
	}
	if a := b.post(at+"/end", nil); a.status != http.StatusSeeOther {
		t.Errorf("end: %d", a.status)
	}
	var acts []dossier.ReadingAct
	_, err = h.db.NumberEvents(t.Context())
	must(t, err)
	size, err := h.db.LogSize(t.Context())
	must(t, err)
	for place := range size {
		text, err := h.db.LogEvent(t.Context(), place)
		must(t, err)
		for _, act := range []dossier.ReadingAct{dossier.PutHook, dossier.HookReplayed, dossier.HookEnded} {
			if strings.Contains(text, `"act":"`+string(act)+`"`) {
				acts = append(acts, act)
			}
		}
	}
	if len(acts) != 3 {
		t.Errorf("the ledger says %v", acts)
	}
}

// A form that is not well formed is the sender's fault.
func TestBadForms(t *testing.T) {
	h := newHouse(t)
	code := h.open("008199012345", "An")
	for path, who := range map[string]dossier.PersonID{"/api/v1/verify": "p-counter", "/verify": "p-counter", "/dossiers/" + string(code) + "/slots/TP01": "p-counter",
		"/api/v1/dossiers/" + string(code) + "/slots/TP01/documents": "p-counter", "/dossiers/" + string(code) + "/slots/TP01/draft": "p-counter", "/admin/import?what=agencies": "p-admin"} {
		for _, body := range []string{"--B\r\nContent-Disposition: form-data; name=\"\x16\"\r\n\x00: x\r\n\r\nx\r\n--B--\r\n", "x", "--B\r\n"} {
			req := h.as(who).request("POST", path, "multipart/form-data; boundary=B", strings.NewReader(body))
			req.Header.Set("Accept", "application/json")
			if a := h.as(who).do(req); a.status < 400 || a.status >= 500 {
				t.Errorf("%s %q: %d %s", path, body, a.status, a.body)
			}
		}
	}
}
