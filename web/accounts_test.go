package web_test

import (
	"encoding/base32"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/digest"
)

const better = "trời xanh mây trắng nắng vàng"

// login logs in at the door; more may hold a code.
func (b *browser) login(login, word string, more ...string) answer {
	form := url.Values{"login": {login}, "password": {word}}
	for i := 0; i+1 < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	return b.post("/login", form)
}

// program posts as a program does.
func (b *browser) program(path string, form url.Values) answer {
	req := b.request("POST", path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
	req.Header.Set("Accept", "application/json")
	return b.do(req)
}

// house acts of the log since, as "act who subject".
func (h *house) houseActs() (acts []string) {
	h.t.Helper()
	_, err := h.db.NumberEvents(h.t.Context())
	must(h.t, err)
	size, err := h.db.LogSize(h.t.Context())
	must(h.t, err)
	for place := range size {
		text, err := h.db.LogEvent(h.t.Context(), place)
		must(h.t, err)
		part := func(name string) string {
			m := regexp.MustCompile(`"` + name + `":"([^"]*)"`).FindStringSubmatch(text)
			if m == nil {
				return ""
			}
			return m[1]
		}
		if part("kind") == "house" {
			acts = append(acts, part("act")+" "+part("who")+" "+part("subject"))
		}
	}
	return acts
}

func TestOwnPassword(t *testing.T) {
	h := newHouse(t)
	b, other := h.nobody(), h.nobody()
	b.login("motcua", password)
	other.login("motcua", password)
	change := func(old, next, again string) answer {
		return b.post("/account/password", url.Values{"old": {old}, "new": {next}, "again": {again}})
	}
	for _, row := range []struct{ name, old, next, again, says string }{
		{"the old one is wrong", "sai", better, better, "không đúng"},
		{"too short", password, "ngắn", "ngắn", "ngắn hơn 12"},
		{"common", password, "matkhau123456", "matkhau123456", "hay bị thử"},
		{"with the login", password, "tôi là motcua đây", "tôi là motcua đây", "chứa tên đăng nhập"},
		{"the same", password, password, password, "trùng"},
		{"not twice", password, better, better + "!", "không giống nhau"},
	} {
		if a := change(row.old, row.next, row.again); a.status < 400 || !strings.Contains(a.body, row.says) {
			t.Errorf("%s: %d", row.name, a.status)
		}
	}
	if a := change(password, better, better); a.status != 303 {
		t.Fatalf("change: %d %s", a.status, a.body)
	}
	if b.get("/dossiers").status != 200 || other.get("/dossiers").status != 303 {
		t.Error("not all other sessions ended, or this one did")
	}
	if h.nobody().login("motcua", password).status != 401 || h.nobody().login("motcua", better).status != 303 {
		t.Error("the old password works, or the new one does not")
	}
	if acts := h.houseActs(); !slices.Contains(acts, "changed-password p-counter p-counter") {
		t.Errorf("the log says %q", acts)
	}
	if strings.Contains(h.log.String(), better) {
		t.Error("the log knows the password")
	}
}

// Who has a first password can do nothing but change it; who belongs to a
// demonstration keeps it.
func TestFirstPasswordIsChanged(t *testing.T) {
	h := newHouse(t)
	for _, p := range []dossier.Person{{ID: "p-new", Login: "moi", Role: dossier.Counter, Agency: here, First: true}, {ID: "p-demo", Login: "mau", Role: dossier.Counter, Agency: here, First: true, Demo: true}} {
		must(t, h.db.PutPerson(t.Context(), p, onceHashed()))
	}
	b := h.nobody()
	if a := b.login("moi", password, "next", "/dossiers"); a.to != "/account" {
		t.Fatalf("login leads to %q", a.to)
	}
	for _, path := range []string{"/", "/dossiers", "/dossiers/new", "/search", "/fragments/tasks"} {
		if a := b.get(path); a.status != 303 || a.to != "/account" {
			t.Errorf("%s: %d %q", path, a.status, a.to)
		}
	}
	if a := b.get("/api/tasks"); a.status != 403 || !strings.Contains(a.body, "first-password") {
		t.Errorf("a program: %d %s", a.status, a.body)
	}
	if a := b.post("/dossiers", url.Values{"procedure": {"9.1"}, "competent": {string(here)}, "holder_number": {"008199012345"}, "holder_name": {"An"}}); a.status != 403 {
		t.Errorf("a dossier is opened: %d", a.status)
	}
	if a := b.get("/account"); a.status != 200 || !strings.Contains(a.body, "Phải đổi mật khẩu đầu tiên") {
		t.Errorf("the account: %d", a.status)
	}
	b.post("/account/password", url.Values{"old": {password}, "new": {better}, "again": {better}})
	if a := b.get("/dossiers"); a.status != 200 {
		t.Errorf("after it was changed: %d", a.status)
	}
	demo := h.nobody()
	if a := demo.login("mau", password); a.to != "/" || demo.get("/dossiers").status != 200 {
		t.Errorf("the demonstration's person goes to %q", a.to)
	}
}

func TestOwnSessions(t *testing.T) {
	h := newHouse(t)
	in := func(agent string) (*browser, func(path string) answer) {
		b := h.nobody()
		get := func(path string) answer {
			req := b.request("GET", path, "", nil)
			req.Header.Set("User-Agent", agent)
			return b.do(req)
		}
		req := b.request("POST", "/login", "application/x-www-form-urlencoded", strings.NewReader(url.Values{"login": {"motcua"}, "password": {password}}.Encode()))
		req.Header.Set("User-Agent", agent)
		b.do(req)
		return b, get
	}
	fox := "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
	_, mine := in(fox)
	stolen, edge := in("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0")
	page := mine("/account").body
	for _, want := range []string{"Firefox trên Linux", "Edge trên Windows", "phiên này"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(page, "127.0.0.1") {
		t.Error("the page tells an address")
	}
	if a := stolen.get("/dossiers"); a.status != 303 {
		t.Errorf("a cookie in another browser: %d", a.status)
	}
	if a := edge("/dossiers"); a.status != 200 {
		t.Errorf("it put its owner out: %d", a.status)
	}
	if a := mine("/dossiers"); a.status != 200 || strings.Contains(h.log.String(), "Firefox") {
		t.Error("the owner is out, or the log knows the browser")
	}
	h.clock.add(time.Second)
	list, err := h.db.SessionsOf(t.Context(), "p-counter")
	must(t, err)
	b := h.as("p-counter")
	if a := b.post("/account/sessions", url.Values{"session": {list[0].ID}}); a.status != 303 || edge("/").status != 303 && mine("/").status != 303 {
		t.Errorf("one session is not ended: %d", a.status)
	}
	if a := h.as("p-far").post("/account/sessions", url.Values{"session": {list[1].ID}}); a.status != 303 {
		t.Error(a.status)
	}
	if left, err := h.db.SessionsOf(t.Context(), "p-counter"); err != nil || len(left) != 2 {
		t.Errorf("somebody else's session was ended: %d left, %v", len(left), err)
	}
	b.post("/account/sessions", nil)
	if left, err := h.db.SessionsOf(t.Context(), "p-counter"); err != nil || len(left) != 1 || b.get("/").status != 200 {
		t.Errorf("all others: %d left, %v", len(left), err)
	}
}

// Who signs is out after half an hour of rest; a page that looks after itself is no
// sign of life.
func TestSessionRests(t *testing.T) {
	h := newHouse(t)
	clerk, counter := h.nobody(), h.nobody()
	clerk.login("vanthu", password)
	counter.login("motcua", password)
	for range 3 {
		h.clock.add(20 * time.Minute)
		if a := clerk.get("/dossiers"); a.status != 200 {
			t.Fatalf("who works is out: %d", a.status)
		}
	}
	for range 2 {
		h.clock.add(14 * time.Minute)
		clerk.get("/fragments/tasks")
	}
	h.clock.add(3 * time.Minute)
	if a := clerk.get("/dossiers"); a.status != 303 {
		t.Errorf("after half an hour: %d", a.status)
	}
	if a := counter.get("/dossiers"); a.status != 200 {
		t.Errorf("the counter: %d", a.status)
	}
	h.clock.add(11 * time.Hour)
	if a := counter.get("/dossiers"); a.status != 303 {
		t.Errorf("after twelve hours: %d", a.status)
	}
}

// What an administrator does to an account works at once.
func TestAdministeredAccounts(t *testing.T) {
	h := newHouse(t)
	admin := h.as("p-admin")
	at := "/admin/people/p-officer"
	for _, row := range []struct {
		path string
		form url.Values
		act  string
		in   int // what a login then gives
	}{
		{at + "/sessions", nil, "ended-session p-admin p-officer", 303},
		{at + "/place", url.Values{"role": {"counter"}, "agency": {string(there)}}, "placed-person p-admin p-officer", 303},
		{at + "/lock", url.Values{"lock": {"1"}}, "locked-account p-admin p-officer", 403},
		{at + "/lock", url.Values{"lock": {"0"}}, "unlocked-account p-admin p-officer", 303},
		{at + "/password", nil, "put-password p-admin p-officer", 401},
	} {
		b := h.nobody()
		b.login("canbo", password)
		a := admin.post(row.path, row.form)
		if a.status >= 400 || b.get("/dossiers").status != 303 {
			t.Errorf("%s %v: %d, or the session goes on", row.path, row.form, a.status)
		}
		if acts := h.houseActs(); !slices.Contains(acts, row.act) {
			t.Errorf("the log lacks %q", row.act)
		}
		if got := h.nobody().login("canbo", password).status; got != row.in {
			t.Errorf("%s %v: a login gives %d, want %d", row.path, row.form, got, row.in)
		}
	}
	if p, err := h.db.Person(t.Context(), "p-officer"); err != nil || p.Role != dossier.Counter || p.Agency != there || !p.First {
		t.Errorf("%+v, %v", p, err)
	}
	for _, what := range []string{"lock", "place", "sessions", "factor", "password"} {
		if a := admin.post("/admin/people/p-admin/"+what, url.Values{"role": {"counter"}, "agency": {string(here)}}); a.status != 403 {
			t.Errorf("an administrator does %s to themself: %d", what, a.status)
		}
	}
	if a := admin.get(at); a.status != 200 || !strings.Contains(a.body, "chưa đổi mật khẩu") {
		t.Errorf("the page: %d", a.status)
	}
}

func TestPolicyPage(t *testing.T) {
	h := newHouse(t)
	form := func(pairs ...string) url.Values {
		f := url.Values{"longest": {"720"}, "sign": {"15"}, "record": {"0"}}
		for _, r := range dossier.Roles {
			f.Set("idle-"+string(r), "60")
		}
		for i := 0; i < len(pairs); i += 2 {
			f.Set(pairs[i], pairs[i+1])
		}
		return f
	}
	admin := h.as("p-admin")
	for _, bad := range [][]string{{"longest", "9999"}, {"sign", "x"}, {"idle-clerk", "1"}, {"factor-clerk", "hôm nào"}} {
		if a := admin.post("/admin/accounts", form(bad...)); a.status != 422 {
			t.Errorf("%v: %d", bad, a.status)
		}
	}
	if a := admin.post("/admin/accounts", form("factor-clerk", "21/11/2026", "factor-admin", "01/01/2030")); a.status != 303 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if a := admin.get("/admin/accounts"); !strings.Contains(a.body, "21/11/2026") || !strings.Contains(a.body, `value="60"`) {
		t.Error("the page does not show what is set")
	}
	clerk := h.as("p-clerk")
	if a := clerk.get("/dossiers"); a.status != 200 {
		t.Errorf("the day before: %d", a.status)
	}
	h.clock.add(24 * time.Hour)
	clerk = h.as("p-clerk")
	if a := clerk.get("/dossiers"); a.to != "/account" {
		t.Errorf("from the day on a clerk without a factor goes to %q (%d)", a.to, a.status)
	}
	if a := clerk.get("/api/tasks"); a.status != 403 || !strings.Contains(a.body, "factor-needed") {
		t.Errorf("a program: %d %s", a.status, a.body)
	}
	if a := h.as("p-officer").get("/dossiers"); a.status != 200 {
		t.Errorf("an officer: %d", a.status)
	}
	h.enrol(clerk, "p-clerk", password)
	if a := clerk.get("/dossiers"); a.status != 200 {
		t.Errorf("with a factor: %d", a.status)
	}
}

var shownKey = regexp.MustCompile(`<code>((?:[A-Z2-7]{4} ?)+)</code>`)
var shownCode = regexp.MustCompile(`<li><code>([a-z2-7-]+)</code>`)

// enrol sets a second factor up, as a person with a phone, and returns what the
// phone knows and the recovery codes.
func (h *house) enrol(b *browser, who dossier.PersonID, word string) (code func() string, recovery []string) {
	h.t.Helper()
	a := b.post("/account/factor/begin", url.Values{"proof": {word}})
	m := shownKey.FindStringSubmatch(a.body)
	if a.status != 200 || m == nil || !strings.Contains(a.body, "<svg") {
		h.t.Fatalf("begin: %d %s", a.status, a.body)
	}
	secret := fromBase32(h.t, m[1])
	code = func() string { return account.CodeAt(secret, account.StepOf(h.clock.now())) }
	a = b.post("/account/factor", url.Values{"code": {code()}})
	for _, m := range shownCode.FindAllStringSubmatch(a.body, -1) {
		recovery = append(recovery, m[1])
	}
	if a.status != 200 || len(recovery) != 10 {
		h.t.Fatalf("confirm: %d, %d codes", a.status, len(recovery))
	}
	if f, err := h.db.Factor(h.t.Context(), who); err != nil || strings.Contains(f.Secret, strings.ReplaceAll(m[1], " ", "")) {
		h.t.Error("the secret lies in its row as the page shows it", err)
	}
	for _, secret := range append(recovery, m[1], code()) {
		if strings.Contains(h.log.String(), secret) {
			h.t.Error("the log knows a secret")
		}
	}
	return code, recovery
}

func TestSecondFactor(t *testing.T) {
	h := newHouse(t)
	b, other := h.nobody(), h.as("p-clerk")
	b.login("vanthu", password)
	if a := b.post("/account/factor/begin", url.Values{"proof": {"sai"}}); a.status != 403 {
		t.Errorf("begun without the password: %d", a.status)
	}
	if a := b.post("/account/factor", url.Values{"code": {"123456"}}); a.status != 409 {
		t.Errorf("confirmed before it was begun: %d", a.status)
	}
	code, recovery := h.enrol(b, "p-clerk", password)
	if other.get("/dossiers").status != 303 || b.get("/dossiers").status != 200 {
		t.Error("not all other sessions ended, or this one did")
	}
	if a := b.post("/account/factor/begin", url.Values{"proof": {password}}); a.status != 409 {
		t.Errorf("a second one: %d", a.status)
	}
	used := code() // it confirmed the factor
	in := h.nobody()
	a := in.login("vanthu", password, "next", "/dossiers")
	if a.to != "/login/code?next=%2Fdossiers" {
		t.Fatalf("the password leads to %q", a.to)
	}
	for _, path := range []string{"/", "/dossiers", "/account", "/api/tasks"} {
		if a := in.get(path); a.status != 303 && a.status != 401 {
			t.Errorf("%s with half a login: %d", path, a.status)
		}
	}
	give := func(b *browser, code string) answer {
		return b.post("/login/code", url.Values{"code": {code}, "next": {"/dossiers"}})
	}
	if a := give(in, used); a.status != 401 {
		t.Errorf("a code that was used: %d", a.status)
	}
	h.clock.add(30 * time.Second)
	before := cookies(in)
	if a := give(in, code()); a.to != "/dossiers" || cookies(in) == before {
		t.Errorf("the code leads to %q (%d), or the token is the old one", a.to, a.status)
	}
	if a := in.get("/dossiers"); a.status != 200 {
		t.Errorf("logged in: %d", a.status)
	}
	again := h.nobody()
	again.login("vanthu", password)
	if a := give(again, code()); a.status != 401 {
		t.Errorf("a code replayed: %d", a.status)
	}
	for i, want := range []int{303, 401} {
		again := h.nobody()
		again.login("vanthu", password)
		if a := give(again, strings.ToUpper(recovery[3])); a.status != want {
			t.Errorf("a recovery code, time %d: %d", i, a.status)
		}
	}
	h.clock.add(30 * time.Second)
	if a := h.nobody().login("vanthu", password, "code", code()); a.to != "/" {
		t.Errorf("code and password at once: %q %d", a.to, a.status)
	}
	if a := h.nobody().program("/login", url.Values{"login": {"vanthu"}, "password": {password}}); a.status != 401 || !strings.Contains(a.body, "second-factor") {
		t.Errorf("a program without the code: %d %s", a.status, a.body)
	}
	h.clock.add(6 * time.Minute)
	half := h.nobody()
	half.login("vanthu", password)
	h.clock.add(6 * time.Minute)
	if a := give(half, code()); a.status != 401 {
		t.Errorf("a code six minutes after the password: %d", a.status)
	}
	if a := b.post("/account/factor/remove", url.Values{"proof": {password}}); a.status != 303 || h.nobody().login("vanthu", password).to != "/" {
		t.Errorf("removed: %d", a.status)
	}
	acts := strings.Join(h.houseActs(), "; ")
	if !strings.Contains(acts, "added-factor p-clerk p-clerk") || !strings.Contains(acts, "removed-factor p-clerk p-clerk") {
		t.Errorf("the log says %s", acts)
	}
}

// Codes are guessed no faster from many addresses than from one.
func TestCodesAreNotGuessed(t *testing.T) {
	h := newHouse(t)
	b := h.nobody()
	b.login("vanthu", password)
	code, _ := h.enrol(b, "p-clerk", password)
	h.clock.add(30 * time.Second)
	in := h.nobody()
	in.login("vanthu", password)
	for i := range 10 {
		if a := in.post("/login/code", url.Values{"code": {fmt.Sprintf("%06d", i)}}); a.status != 401 {
			t.Fatalf("guess %d: %d", i, a.status)
		}
	}
	if a := in.post("/login/code", url.Values{"code": {code()}}); a.status != 429 {
		t.Errorf("after ten guesses: %d", a.status)
	}
	if a := b.get("/dossiers"); a.status != 200 {
		t.Errorf("who is in is put out: %d", a.status)
	}
	h.clock.add(5 * time.Minute)
	in = h.nobody()
	in.login("vanthu", password)
	if a := in.post("/login/code", url.Values{"code": {code()}}); a.status != 303 {
		t.Errorf("five minutes later: %d", a.status)
	}
}

// An order to sign asks again who it is after a quarter of an hour, and goes on
// with what was ordered.
func TestProvedBeforeSigning(t *testing.T) {
	h := newHouse(t)
	code := h.open("008199012345", "An")
	d := h.until(h.bring(code, "TP01", "đơn"), dossier.Normalised)
	e := h.until(h.bring(code, "TP02", "giấy"), dossier.Normalised)
	b := h.nobody()
	b.login("canbo", password)
	h.clock.add(14 * time.Minute)
	path := fmt.Sprintf("/documents/%s/acts/attest", d.ID)
	if a := b.post(path, url.Values{"version": {fmt.Sprint(d.Version)}}); a.status != 303 {
		t.Fatalf("within a quarter of an hour: %d %s", a.status, a.body)
	}
	h.clock.add(2 * time.Minute)
	pick := fmt.Sprintf("%s:%d", e.ID, e.Version)
	form := url.Values{"pick": {pick}, "act": {"attest"}, "pin": {"123456"}}
	for _, path := range []string{"/desk/batches", "/tasks/acts", fmt.Sprintf("/documents/%s/acts/attest", e.ID)} {
		a := b.post(path, form)
		if a.status != 401 || !strings.Contains(a.body, `action="`+path+`"`) || !strings.Contains(a.body, `value="`+pick+`"`) || !strings.Contains(a.body, `name="proof"`) {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
		if strings.Contains(a.body, "123456") || !strings.Contains(a.body, `name="pin" type="password"`) {
			t.Errorf("%s: the PIN stands in the page, or is not asked for again", path)
		}
		if a := b.program(path, form); a.status != 401 || !strings.Contains(a.body, `"code":"prove"`) || !strings.Contains(a.body, "proof") {
			t.Errorf("%s: a program is told %d %s", path, a.status, a.body)
		}
	}
	if h.document(e.ID).State != dossier.Normalised {
		t.Fatal("it was signed all the same")
	}
	form.Set("proof", "sai")
	if a := b.post("/desk/batches", form); a.status != 401 || !strings.Contains(a.body, "không đúng") || strings.Contains(a.body, `value="sai"`) {
		t.Errorf("a wrong password: %d", a.status)
	}
	form.Set("proof", password)
	if a := b.post("/desk/batches", form); a.status != 303 || h.document(e.ID).State != dossier.Attested {
		t.Errorf("proved: %d, %s", a.status, h.document(e.ID).State)
	}
	form.Del("proof")
	if a := b.post("/tasks/acts", form); a.status == 401 {
		t.Errorf("right after: %d", a.status)
	}
	if a := h.as("p-officer").post("/documents/"+string(e.ID)+"/acts/refuse", url.Values{"version": {fmt.Sprint(h.document(e.ID).Version)}, "why": {"x"}}); a.status == 401 {
		t.Error("a refusal asks for a proof")
	}
	if strings.Contains(h.log.String(), password) {
		t.Error("the log knows the password")
	}
}

// Opening a record asks only where that is set, and then goes to the record.
func TestProvedBeforeRecords(t *testing.T) {
	h := newHouse(t)
	code := h.open("008199012345", "An")
	b := h.nobody()
	b.login("motcua", password)
	path := "/dossiers/" + string(code) + "/record"
	h.clock.add(time.Hour)
	if a := b.get(path); a.status != 200 {
		t.Fatalf("where it is not set: %d", a.status)
	}
	p := account.DefaultPolicy()
	p.Record = 5
	must(t, h.db.PutSetting(t.Context(), account.PolicySetting, p.Text(), "p-admin"))
	a := b.get(path)
	next := regexp.MustCompile(`name="next" value="([^"]+)"`).FindStringSubmatch(a.body)
	if a.status != 401 || next == nil {
		t.Fatalf("where it is set: %d", a.status)
	}
	if a := b.post("/account/prove", url.Values{"next": {html.UnescapeString(next[1])}, "proof": {password}}); a.to != path {
		t.Errorf("proved, it goes to %q", a.to)
	}
	if a := b.get(path); a.status != 200 {
		t.Errorf("proved: %d", a.status)
	}
	if a := b.post("/account/prove", url.Values{"next": {"//evil.example"}, "proof": {password}}); a.to != "/" {
		t.Errorf("it leads to %q", a.to)
	}
}

// A flood of wrong passwords for a login does not keep its owner out.
func TestNobodyLocksOthersOut(t *testing.T) {
	h := newHouse(t)
	owner := h.nobody()
	owner.login("motcua", password)
	owner.post("/logout", nil)
	flood := h.nobody() // from the same address, as behind a proxy
	for range 5 {
		flood.login("motcua", "đoán")
	}
	if a := flood.login("motcua", password); a.status != 429 {
		t.Fatalf("the flood goes on: %d", a.status)
	}
	if a := owner.login("motcua", password); a.status != 303 {
		t.Errorf("the owner in a browser that is known: %d", a.status)
	}
	owner.post("/logout", nil)
	for range 5 {
		owner.login("motcua", "quên")
	}
	if a := owner.login("motcua", password); a.status != 429 {
		t.Errorf("a browser that is known guesses as it likes: %d", a.status)
	}
	thief := h.nobody() // a device cookie of somebody else is none
	thief.login("vanthu", password)
	thief.post("/logout", nil)
	if a := thief.login("motcua", password); a.status != 429 {
		t.Errorf("with somebody else's device: %d", a.status)
	}
}

func fromBase32(t testing.TB, text string) []byte {
	t.Helper()
	b, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(text, " ", ""))
	must(t, err)
	return b
}

func cookies(b *browser) string {
	u, _ := url.Parse(b.h.url)
	for _, c := range b.c.Jar.Cookies(u) {
		if c.Name == "sohoa" {
			return c.Value
		}
	}
	return ""
}

// A token that somebody else chose is not taken over by a login.
func TestSessionFixation(t *testing.T) {
	h := newHouse(t)
	b := h.nobody()
	u, err := url.Parse(h.url)
	must(t, err)
	b.c.Jar.SetCookies(u, []*http.Cookie{{Name: "sohoa", Value: "planted", Path: "/"}})
	b.login("motcua", password)
	if cookies(b) == "planted" {
		t.Error("the planted token goes on")
	}
	if _, _, err := h.db.Session(t.Context(), digest.Of([]byte("planted"))); err == nil {
		t.Error("the planted token is logged in")
	}
}
