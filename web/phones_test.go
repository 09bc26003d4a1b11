package web_test

import (
	"encoding/base64"
	"html"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/digest"
	"sohoa/web"
)

var phoneAddress = regexp.MustCompile(`/phone/[a-z2-7]{26}`)

// A phone that was invited lays pictures out where it was invited to, and nowhere else;
// the invitation says of nobody, and ends with its giver's session, the draft and its time.
func TestPhone(t *testing.T) {
	h := newHouse(t)
	code := h.open("008199012345", "Nguyễn Văn An")
	draft := "/dossiers/" + string(code) + "/slots/TP01/draft"
	at := web.DraftPlace{Who: "p-counter", Dossier: code, Slot: "TP01"}
	b := h.as("p-counter")
	invite := func() string {
		t.Helper()
		a := b.post(draft+"/phone", nil)
		to := phoneAddress.FindString(b.get(draft).body)
		if a.status != 303 || to == "" {
			t.Fatalf("%d, %q", a.status, to)
		}
		return to
	}
	to := invite()
	phone := h.nobody()
	a := phone.get(to)
	if a.status != 200 || strings.Contains(a.body, "An") && strings.Contains(a.body, "Nguyễn") || strings.Contains(a.body, "008199012345") || strings.Contains(a.body, string(code)) || scripted(a.body) != "" {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := phone.upload(to, "a.jpg", []byte("pages=1"), ""); a.status != 303 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if a := phone.get(to); !strings.Contains(a.body, "Đã gửi 1 tệp") {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := b.get(draft); !strings.Contains(a.body, "Đã đến 1 tệp") || strings.Count(a.body, `class="leaf"`) != 1 {
		t.Error("the counter does not see it")
	}
	if a := h.nobody().get(to); a.status != 404 || !strings.Contains(a.body, "không còn dùng được") {
		t.Errorf("another phone: %d", a.status)
	}
	if a := h.nobody().upload(to, "b.jpg", []byte("pages=1"), ""); a.status != 404 {
		t.Errorf("another phone sends: %d", a.status)
	}
	if a := phone.upload(to, "b.jpg", []byte("refuse signed"), "application/json"); a.status != 422 {
		t.Errorf("what cannot be taken: %d %s", a.status, a.body)
	}
	for _, want := range []int{303, 409} { // three files may come
		if a := phone.upload(to, "c.jpg", []byte("pages=1"), ""); a.status != want {
			t.Errorf("%d, want %d", a.status, want)
		}
	}
	for _, over := range []struct {
		name string
		end  func()
	}{
		{"ended", func() { b.post(draft+"/phone", url.Values{"do": {"end"}}) }},
		{"discarded", func() { b.post(draft+"/discard", nil) }},
		{"logged out", func() { b.post("/logout", nil); b = h.as("p-counter") }},
		{"late", func() { h.clock.add(15 * time.Minute) }},
	} {
		to := invite()
		if a := h.nobody().get(to); a.status != 200 {
			t.Errorf("before it is %s: %d", over.name, a.status)
		}
		over.end()
		if a := h.nobody().get(to); a.status != 404 {
			t.Errorf("%s: %d", over.name, a.status)
		}
	}
	if x, err := h.drafts.Draft(t.Context(), at); err == nil {
		t.Errorf("of what was discarded %d files lie there", len(x.Files))
	}
	to = invite()
	h.bring(code, "TP01", "đơn")
	if a := h.nobody().upload(to, "d.jpg", []byte("pages=1"), ""); a.status != 409 {
		t.Errorf("to a place that is filled: %d", a.status)
	}
	for range 501 {
		a = h.nobody().get("/phone/" + strings.Repeat("a", 26))
	}
	if a.status != 429 {
		t.Errorf("who guesses is not slowed down: %d", a.status)
	}
	h.clock.add(time.Hour)
	code = h.open("008199012345", "An")
	draft = "/dossiers/" + string(code) + "/slots/TP01/draft"
	b = h.as("p-counter")
	to = invite()
	must(t, h.db.LockPerson(t.Context(), "p-counter", true, account.By{Who: "p-admin", Role: dossier.Admin}))
	if a := h.nobody().get(to); a.status != 404 {
		t.Errorf("its giver is locked: %d", a.status)
	}
}

// TestPhoneInPieces: a phone sends a file in pieces to where it was invited, goes on after
// a piece was hurt, and is asked twice for nothing; another phone sees nothing of it, and
// where it goes the phone does not say.
func TestPhoneInPieces(t *testing.T) {
	h := newHouse(t)
	code, other := h.open("008199012345", "An"), h.open("008199054321", "Bình")
	draft := "/dossiers/" + string(code) + "/slots/TP01/draft"
	counter := h.as("p-counter")
	counter.post(draft+"/phone", nil)
	to := phoneAddress.FindString(counter.get(draft).body)
	phone := h.nobody()
	if page := phone.get(to).body; !strings.Contains(page, `data-base="`+to+`"`) || strings.Contains(page, "data-who") {
		t.Error("the phone's page does not say where pieces go")
	}
	file := []byte("pages=2 of a phone")
	a := phone.tus("POST", to+"/uploads", nil, announcing(other, "TP02", len(file), "IMG_1.jpg", "draft", "0", "sha256", digest.Of(file).String()))
	at := a.header.Get("Location")
	if a.status != 201 || !strings.HasPrefix(at, to+"/uploads/") {
		t.Fatalf("%d %s", a.status, a.body)
	}
	sum := digest.Of(file[:8])
	first := map[string]string{"Upload-Checksum": "sha256 " + base64.StdEncoding.EncodeToString(sum[:])}
	if a := phone.tus("PATCH", at, []byte("pages=9 "), first); a.status != 460 {
		t.Errorf("a piece that was hurt: %d", a.status)
	}
	if a := phone.tus("PATCH", at, file[:8], first); a.status != 204 {
		t.Errorf("%d %s", a.status, a.body)
	}
	for _, method := range []string{"HEAD", "PATCH", "POST", "DELETE"} {
		if a := h.nobody().tus(method, at, file[8:], map[string]string{"Upload-Offset": "8"}); a.status != 404 {
			t.Errorf("another phone's %s: %d", method, a.status)
		}
		if a := counter.tus(method, strings.TrimPrefix(at, to), file[8:], map[string]string{"Upload-Offset": "8"}); a.status != 404 {
			t.Errorf("its giver's %s: %d", method, a.status)
		}
	}
	if a := phone.tus("HEAD", at, nil, nil); a.header.Get("Upload-Offset") != "8" {
		t.Errorf("%d bytes are there: %v", a.status, a.header)
	}
	if a := phone.tus("PATCH", at, file[8:], map[string]string{"Upload-Offset": "8"}); a.status != 204 {
		t.Errorf("%d %s", a.status, a.body)
	}
	for range 2 {
		if a := phone.tus("POST", at, nil, nil); a.status != 200 || !strings.Contains(a.body, to) {
			t.Errorf("%d %s", a.status, a.body)
		}
	}
	if page := counter.get(draft).body; strings.Count(page, `class="leaf"`) != 2 || !strings.Contains(page, "Đã đến 1 tệp") {
		t.Error("the counter does not see its two pages, once")
	}
	if a := h.nobody().tus("POST", to+"/uploads", nil, announcing(code, "TP01", 3, "b.jpg")); a.status != 404 {
		t.Errorf("another phone, after this one sent: %d", a.status)
	}
	if a := phone.tus("POST", to+"/uploads", nil, announcing(code, "TP01", 65<<20, "b.jpg")); a.status != 413 {
		t.Errorf("too large: %d", a.status)
	}
	h.bring(code, "TP01", "đơn")
	if a := phone.tus("POST", to+"/uploads", nil, announcing(code, "TP01", 3, "b.jpg")); a.status != 409 {
		t.Errorf("to a place that is filled: %d", a.status)
	}
	h.clock.add(15 * time.Minute)
	if a := phone.tus("HEAD", at, nil, nil); a.status != 404 {
		t.Errorf("after its time: %d", a.status)
	}
}

// The counter's page sees what a phone brings to another process of the house, be it
// before its stream begins or while it stands open.
func TestPhoneAtAnotherProcess(t *testing.T) {
	var deps web.Deps
	h := newLiveHouseWith(t, t.Context(), time.Minute, func(d *web.Deps) { deps = *d })
	second, err := web.New(deps)
	must(t, err)
	srv := httptest.NewServer(second)
	t.Cleanup(srv.Close)
	draft := "/dossiers/" + string(h.open("008199012345", "An")) + "/slots/TP01/draft"
	counter := h.as("p-counter")
	counter.post(draft+"/phone", nil)
	page := counter.get(draft).body
	elsewhere := *h
	elsewhere.url = srv.URL
	phone := elsewhere.nobody()
	stream, status := counter.listen(html.UnescapeString(regexp.MustCompile(`/live\?[^"]*`).FindString(page)))
	if status != 200 {
		t.Fatal(status)
	}
	stream.silent()
	if a := phone.upload(phoneAddress.FindString(page), "a.jpg", []byte("pages=1"), ""); a.status != 303 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if got := stream.next(); !strings.Contains(got, "laid-out") {
		t.Errorf("the page is told %q", got)
	}
	stream.silent()
	late, _ := counter.listen(html.UnescapeString(regexp.MustCompile(`/live\?[^"]*`).FindString(page)))
	if got := late.next(); !strings.Contains(got, "laid-out") {
		t.Errorf("a page whose stream begins late is told %q", got)
	}
}
