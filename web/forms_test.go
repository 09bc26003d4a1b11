package web_test

import (
	"net/url"
	"strings"
	"testing"

	"sohoa/dossier"
	"sohoa/dossier/norm"
	"sohoa/dossier/retention"
)

// The forms are what the norm of the day says, filled in; what needs a reason is not
// printed without one.
func TestForms(t *testing.T) {
	h := newHouse(t)
	code := h.open("008199012345", "Trần Thị Bé")
	b, at := h.as("p-counter"), "/dossiers/"+string(code)+"/forms/"
	for _, n := range norm.Forms {
		a := b.post(at+string(n), url.Values{"reason": {"thiếu giấy"}, "day": {"01/12/2026"}})
		if a.status != 200 || a.header.Get("Content-Type") != "application/pdf" || !strings.Contains(a.body, string(code)) || strings.ContainsAny(a.body, "{}") {
			t.Errorf("form %s: %d %s", n, a.status, a.body)
		}
		if a := b.post(at+string(n), nil); (a.status == 422) != (n != norm.FormControl && n != norm.FormBook) {
			t.Errorf("form %s without a reason: %d", n, a.status)
		}
	}
	if a := b.post(at+"02", url.Values{"reason": {"thiếu giấy"}}); !strings.Contains(a.body, "- Giấy khai sinh") || strings.Contains(a.body, "Thời hạn bổ sung") {
		t.Errorf("what is missing: %s", a.body)
	}
	if !strings.Contains(b.get("/dossiers/"+string(code)).body, at+"06") {
		t.Error("the dossier's page does not offer them")
	}
	_, err := h.db.AddNorm(t.Context(), norm.Norm{Sort: norm.Form, Name: "03", From: h.clock.now(), Said: "MẪU MỚI\n{reason}", Law: "TT 9", Grade: retention.Primary, Who: "p-admin"}, dossier.Admin)
	must(t, err)
	if a := b.post(at+"03", url.Values{"reason": {"vì thế"}}); a.body != "%PDF MẪU MỚI\nvì thế" {
		t.Errorf("the norm of the day: %q", a.body)
	}
}
