package web_test

import (
	"net/url"
	"strings"
	"testing"

	"sohoa/web"
)

func TestLogin(t *testing.T) {
	h := newHouse(t)
	b := h.nobody()
	if a := b.get("/dossiers"); a.status != 303 || a.to != "/login?next=%2Fdossiers" {
		t.Errorf("nobody goes to %q", a.to)
	}
	a := b.post("/login", url.Values{"login": {" MotCua "}, "password": {password}, "next": {"/dossiers"}})
	if a.status != 303 || a.to != "/dossiers" {
		t.Fatalf("login: %d %q", a.status, a.to)
	}
	cookie := a.header.Get("Set-Cookie")
	for _, want := range []string{"HttpOnly", "SameSite=Lax", "Max-Age=43200", "Path=/"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("cookie %q lacks %s", cookie, want)
		}
	}
	if a := b.get("/dossiers"); a.status != 200 || !strings.Contains(a.body, "Nguyễn Thị Cúc") {
		t.Errorf("logged in: %d", a.status)
	}
	if a := b.post("/logout", nil); a.to != "/login" {
		t.Error(a.status)
	}
	if a := b.get("/dossiers"); a.status != 303 {
		t.Errorf("after logout: %d", a.status)
	}
	for _, next := range []string{"//evil.example", "https://evil.example/", `/\evil.example`, "javascript:alert(1)"} {
		if a := h.nobody().post("/login", url.Values{"login": {"motcua"}, "password": {password}, "next": {next}}); a.to != "/" {
			t.Errorf("next %q leads to %q", next, a.to)
		}
	}
	if strings.Contains(h.log.String(), password) || strings.Contains(h.log.String(), "Cúc") {
		t.Error("the log knows a password or a name")
	}
}

// A password that was hashed at another cost is hashed anew by the login, so that logins
// of all take the same; nothing else of the account changes.
func TestHashedAnew(t *testing.T) {
	h := newHouse(t)
	before := h.as("p-counter")
	old := web.HashAt(password, 64<<10, 3, 2)
	must(t, h.db.RehashPassword(t.Context(), "p-counter", h.hash("motcua"), old))
	must(t, h.db.RehashPassword(t.Context(), "p-counter", "another's", web.CheapHash("x"))) // was changed meanwhile
	if h.nobody().post("/login", url.Values{"login": {"motcua"}, "password": {"sai mật khẩu"}}).status == 303 || h.hash("motcua") != old {
		t.Error("a wrong password is hashed anew")
	}
	for range 2 {
		if a := h.nobody().post("/login", url.Values{"login": {"motcua"}, "password": {password}}); a.status != 303 {
			t.Fatal(a.status)
		}
		now := h.hash("motcua")
		if now == old || !strings.HasPrefix(now, "$argon2id$v=19$m=7168,t=5,p=2$") || !web.CheckPassword(now, password) {
			t.Errorf("after a login: %.40s", now)
		}
		must(t, h.db.RehashPassword(t.Context(), "p-counter", now, old))
	}
	if a := before.get("/dossiers"); a.status != 200 {
		t.Errorf("a session ended: %d", a.status)
	}
}

func (h *house) hash(login string) string {
	h.t.Helper()
	_, hash, err := h.db.PersonByLogin(h.t.Context(), login)
	must(h.t, err)
	return hash
}

// The session ends with its time, not with the browser's good will.
func TestSessionEnds(t *testing.T) {
	h := newHouse(t)
	b := h.nobody()
	b.post("/login", url.Values{"login": {"motcua"}, "password": {password}})
	h.clock.add(13 * 60 * 60 * 1e9)
	if a := b.get("/"); a.status != 303 {
		t.Errorf("after 13 hours: %d", a.status)
	}
}

func TestLoginSlowsGuessing(t *testing.T) {
	h := newHouse(t)
	try := func(login, word string) int {
		return h.nobody().post("/login", url.Values{"login": {login}, "password": {word}}).status
	}
	for i := range 5 {
		if got := try("motcua", "đoán"); got != 401 {
			t.Fatalf("try %d: %d", i, got)
		}
	}
	if got := try("motcua", password); got != 429 {
		t.Errorf("the sixth try: %d", got)
	}
	if got := try("vanthu", password); got != 303 {
		t.Errorf("another login from the same office: %d", got)
	}
	h.clock.add(31e9)
	if got := try("motcua", password); got != 303 {
		t.Errorf("half a minute later: %d", got)
	}
	if got := try("không ai", "x"); got != 401 {
		t.Errorf("no such login: %d", got)
	}
}

func TestCrossSite(t *testing.T) {
	h := newHouse(t)
	code := h.open("008199012345", "An")
	for name, header := range map[string][2]string{"browser": {"Sec-Fetch-Site", "cross-site"}, "older browser": {"Origin", "https://evil.example"}} {
		b := h.as("p-officer")
		req := b.request("POST", "/dossiers/"+string(code)+"/resolve", "application/x-www-form-urlencoded", nil)
		req.Header.Set(header[0], header[1])
		if a := b.do(req); a.status != 403 || !strings.Contains(a.body, "trang khác") {
			t.Errorf("%s: %d", name, a.status)
		}
	}
	if d, err := h.db.Dossier(t.Context(), code); err != nil || !d.Resolved.IsZero() {
		t.Error("another site resolved a dossier")
	}
}

func TestPasswords(t *testing.T) {
	hash := web.HashPassword("a")
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=7168,t=5,p=2$") || hash == web.HashPassword("a") {
		t.Errorf("hash %s", hash)
	}
	for _, row := range []struct {
		hash, word string
		fits       bool
	}{{hash, "a", true}, {hash, "b", false}, {hash, "", false}, {"", "a", false}, {"$argon2id$v=19$m=7168,t=5,p=2$$", "a", false},
		{strings.Replace(hash, "m=7168", "m=99999999", 1), "a", false}, {hash[:len(hash)-4], "a", false}} {
		if got := web.CheckPassword(row.hash, row.word); got != row.fits {
			t.Errorf("CheckPassword(%.40s, %q) = %v", row.hash, row.word, got)
		}
	}
	if !web.CheckPassword(web.CheapHash("m\u1ead"), "ma\u0323\u0302") || !web.CheckPassword(web.CheapHash("ma\u0302\u0323"), "m\u1ead") {
		t.Error("a password typed on another keyboard is another")
	}
	if a, b := web.NewPassword(), web.NewPassword(); a == b || len(a) != 19 {
		t.Errorf("first passwords %s, %s", a, b)
	}
}
