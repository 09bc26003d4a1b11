package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"sohoa/dossier"
	"sohoa/dossier/notice"
	"sohoa/web"
)

var agreed = url.Values{"channel": {"mail"}, "lang": {"vi"}, "address": {"an@example.vn"}, "consent": {"1"}}

func with(form url.Values, name, value string) url.Values {
	out := url.Values{}
	for k, v := range form {
		out[k] = v
	}
	out.Set(name, value)
	return out
}

// The counter notes a consent, and nothing is kept without one; where somebody is stands
// in no page, log or event as it is; who opts out by the link is told nothing more.
func TestNoticesPage(t *testing.T) {
	h := newHouse(t)
	code := h.open("008199012345", "An")
	to := "/dossiers/" + string(code) + "/contacts"
	b := h.as("p-counter")
	for name, value := range map[string]string{"consent": "", "channel": "sms", "lang": "fr", "address": "an@example.vn, b@example.vn"} {
		if a := b.post(to, with(agreed, name, value)); a.status != 422 {
			t.Errorf("%s %q: %d", name, value, a.status)
		}
	}
	contacts := func() []notice.Contact {
		found, err := h.db.Contacts(t.Context(), code)
		must(t, err)
		return found
	}
	if len(contacts()) != 0 {
		t.Fatal("kept without a consent")
	}
	for want, form := range map[int]url.Values{303: agreed} {
		if a := b.post(to, form); a.status != want {
			t.Fatalf("%d %s", a.status, a.body)
		}
	}
	if a := b.post(to, agreed); a.status != 409 {
		t.Errorf("the same address again: %d", a.status)
	}
	if a := b.post(to, with(with(agreed, "channel", "zns"), "address", "0987 654 321")); a.status != 303 {
		t.Errorf("a telephone number: %d", a.status)
	}
	for _, who := range []dossier.PersonID{"p-counter", "p-officer", "p-admin"} {
		page := h.as(who).get("/dossiers/" + string(code)).body
		if !strings.Contains(page, "a***@example.vn") || !strings.Contains(page, "********321") || strings.Contains(page, "an@example.vn") || strings.Contains(page, "84987654321") {
			t.Errorf("%s: the page shows too much or too little", who)
		}
	}
	token := contacts()[0].Token
	stop := "/notices/stop/" + token
	anybody := h.nobody()
	if page := anybody.get(stop); page.status != 200 || strings.Contains(page.body, string(code)) || len(contacts()) != 2 || !contacts()[0].Ended.IsZero() {
		t.Errorf("looking ends it, or says whose it is: %d", page.status)
	}
	if a := anybody.get("/notices/stop/" + strings.Repeat("a", 26)); a.status != 404 {
		t.Errorf("another link: %d", a.status)
	}
	if a := anybody.post(stop, url.Values{"List-Unsubscribe": {"One-Click"}}); a.status != 200 || contacts()[0].EndedBy != notice.ByLink || contacts()[0].Address != "" {
		t.Errorf("one click: %d %+v", a.status, contacts()[0])
	}
	if a := b.post(to+"/"+contacts()[1].ID+"/end", nil); a.status != 303 || contacts()[1].EndedBy != "p-counter" {
		t.Errorf("at the counter: %d", a.status)
	}
	_, err := h.db.NumberEvents(t.Context())
	must(t, err)
	size, err := h.db.LogSize(t.Context())
	must(t, err)
	log := h.log.String()
	for place := range size {
		text, err := h.db.LogEvent(t.Context(), place)
		must(t, err)
		log += text
	}
	for _, secret := range []string{"an@example.vn", "84987654321", "0987", token} {
		if strings.Contains(log, secret) {
			t.Errorf("%s is in the log", secret)
		}
	}
	for act, n := range map[dossier.ReadingAct]int{dossier.PutContact: 2, dossier.ContactEnded: 2} {
		if got := strings.Count(log, `"act":"`+string(act)+`"`); got != n {
			t.Errorf("%s: %d", act, got)
		}
	}
}

// Printing the form that asks for more papers tells them, once a day.
func TestMorePapers(t *testing.T) {
	h := newHouse(t)
	code := h.open("008199012345", "An")
	b := h.as("p-counter")
	b.post("/dossiers/"+string(code)+"/contacts", agreed)
	for range 2 {
		if a := b.post("/dossiers/"+string(code)+"/forms/02", form("reason", "thiếu giấy", "day", "25/11/2026")); a.status != 200 {
			t.Fatalf("%d %s", a.status, a.body)
		}
	}
	found, err := h.db.Notices(t.Context(), code)
	must(t, err)
	if len(found) != 2 || found[1].Kind != notice.More {
		t.Errorf("%+v", found)
	}
}

// An administrator sees what would be sent, words it anew, sets when, and sends what was
// put aside again.
func TestNeighboursPage(t *testing.T) {
	h := newHouseWith(t, func(d *web.Deps, _ string) {
		d.NoticeChannels = []notice.Channel{notice.Mail}
	})
	b := h.as("p-admin")
	template := url.Values{"agency": {string(here)}, "kind": {"ready"}, "channel": {"zns"}, "lang": {"vi"}, "since": {"2026-11-20"}, "subject": {"12345"}, "body": {"ma_ho_so = {dossier}\r\nco_quan = {agency}"}}
	if a := b.post("/admin/neighbours/templates", template); a.status != 303 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	for name, value := range map[string]string{"subject": "x", "body": "ten = {name}", "since": "mai", "agency": "H0", "kind": "x"} {
		if a := b.post("/admin/neighbours/templates", with(template, name, value)); a.status != 422 {
			t.Errorf("%s: %d", name, a.status)
		}
	}
	page := b.get("/admin/neighbours").body
	for _, want := range []string{"&#34;co_quan&#34;: &#34;UBND xã Vĩnh Nghĩa&#34;", "Hồ sơ X00.0-010126-0000 đã có kết quả", "21:00-07:00"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s", want)
		}
	}
	if scripted(page) != "" {
		t.Error(scripted(page))
	}
	for _, x := range []struct {
		quiet, rate string
		want        int
	}{{"22:00-06:00", "10", 303}, {"22-6", "10", 422}, {"22:00-06:00", "0", 422}} {
		if a := b.post("/admin/neighbours/rules", form("quiet", x.quiet, "rate", x.rate)); a.status != x.want {
			t.Errorf("%+v: %d", x, a.status)
		}
	}
	code := h.open("008199012345", "An")
	h.as("p-counter").post("/dossiers/"+string(code)+"/contacts", agreed)
	found, err := h.db.Notices(t.Context(), code)
	must(t, err)
	n := found[0]
	must(t, h.db.PutNotice(t.Context(), n.After(notice.Outcome{Word: notice.Refused, Final: true}, h.clock.now()), notice.Waiting))
	at := "/admin/neighbours/notices/" + n.ID
	if page := b.get("/admin/neighbours").body; !strings.Contains(page, at+"/replay") || strings.Contains(page, "example.vn") {
		t.Error("what was put aside is not seen, or an address is")
	}
	if a := b.post(at+"/replay", nil); a.status != http.StatusSeeOther {
		t.Errorf("replay: %d", a.status)
	}
	if a := b.post(at+"/drop", nil); a.status != 404 {
		t.Errorf("what is not put aside is dropped: %d", a.status)
	}
}
