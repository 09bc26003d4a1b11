package web_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/web"
	"sohoa/web/oidc"
	"sohoa/web/oidc/oidctest"
)

// providedHouse is a house with an identity provider, which knows the clerk as s-1.
func providedHouse(t *testing.T, change func(*oidc.Config, *web.Deps)) (*house, *oidctest.Provider) {
	t.Helper()
	var there *oidctest.Provider
	h := newHouseWith(t, func(d *web.Deps, _ string) {
		there = oidctest.New(t, d.Now)
		c := oidc.Config{Issuer: there.URL, Name: "Cổng tỉnh", Client: "sohoa", Secret: "secret", Return: origin + web.ReturnPath, Private: true, Base: there.TLS(), Now: d.Now}
		change(&c, d)
		p, err := oidc.New(c)
		must(t, err)
		d.Provider = p
	})
	if a := h.as("p-admin").post("/admin/people/p-clerk/identity", url.Values{"subject": {"s-1"}}); a.status != 303 {
		t.Fatalf("bind: %d %s", a.status, a.body)
	}
	return h, there
}

// away goes to the provider, logs in there and comes back.
func (b *browser) away(there *oidctest.Provider, from string) answer {
	b.h.t.Helper()
	a := b.get(from)
	if a.status != 303 || !strings.HasPrefix(a.to, there.URL+"/auth?") {
		b.h.t.Fatalf("%s leads to %q (%d)", from, a.to, a.status)
	}
	return b.get(web.ReturnPath + "?" + there.Allow(a.to).Encode())
}

func TestProvider(t *testing.T) {
	h, there := providedHouse(t, func(*oidc.Config, *web.Deps) {})
	b := h.nobody()
	if page := b.get("/login?next=/dossiers").body; !strings.Contains(page, "Đăng nhập qua Cổng tỉnh") || !strings.Contains(page, "/login/provider?next=%2fdossiers") {
		t.Error("the door does not show the provider")
	}
	if a := b.away(there, "/login/provider?next=/dossiers"); a.status != 303 || a.to != "/dossiers" || b.get("/dossiers").status != 200 {
		t.Errorf("back: %d %q %s", a.status, a.to, a.body)
	}
	if a := b.get("/admin/accounts"); a.status != 403 {
		t.Errorf("a clerk is privileged: %d", a.status)
	}
	// Logging out here leads on by a link, since a form may not lead to another house.
	if a := b.post("/logout", nil); a.to != "/login?out=1" || !strings.Contains(b.get(a.to).body, `href="/logout/provider"`) {
		t.Errorf("out: %q", a.to)
	}
	if a := b.get("/logout/provider"); !strings.HasPrefix(a.to, there.URL+"/leave?") {
		t.Errorf("out there: %q", a.to)
	}
	// Claims give no right, and nobody is made.
	there.Claims = map[string]any{"sub": "s-2", "role": "admin", "groups": []string{"admin"}}
	if a := h.nobody().away(there, "/login/provider"); a.status != 403 || !strings.Contains(a.body, "s-2") {
		t.Errorf("a subject that nobody is: %d", a.status)
	}
	there.Claims = nil
	for who, want := range map[dossier.PersonID]int{"p-officer": 409, "p-admin": 403} { // somebody else's subject; oneself
		if a := h.as("p-admin").post("/admin/people/"+string(who)+"/identity", url.Values{"subject": {"s-1"}}); a.status != want {
			t.Errorf("bind %s: %d", who, a.status)
		}
	}
	must(t, h.db.LockPerson(t.Context(), "p-clerk", true, account.By{Who: "p-admin", Role: dossier.Admin}))
	if a := h.nobody().away(there, "/login/provider"); a.status != 403 {
		t.Errorf("locked: %d", a.status)
	}
	if acts := h.houseActs(); !slices.Contains(acts, "bound-identity p-admin p-clerk") || !slices.Contains(acts, "logged-in p-clerk ") {
		t.Errorf("the log says %q", acts)
	}
	if log := h.log.String(); strings.Contains(log, "s-2") || strings.Contains(log, "code-") {
		t.Error("the log knows subjects or codes")
	}
}

// What comes back is good once, in the browser that went.
func TestProviderReturns(t *testing.T) {
	h, there := providedHouse(t, func(*oidc.Config, *web.Deps) {})
	b := h.nobody()
	a := b.get("/login/provider")
	back := web.ReturnPath + "?" + there.Allow(a.to).Encode()
	if a := h.nobody().get(back); a.status != 403 {
		t.Errorf("in another browser: %d", a.status)
	}
	if a := b.get(back); a.status != 303 {
		t.Fatalf("in its own: %d %s", a.status, a.body)
	}
	if a := b.get(back); a.status != 403 {
		t.Errorf("again: %d", a.status)
	}
	late := h.nobody()
	a = late.get("/login/provider")
	back = web.ReturnPath + "?" + there.Allow(a.to).Encode()
	h.clock.add(6 * time.Minute)
	if a := late.get(back); a.status != 403 {
		t.Errorf("too late: %d", a.status)
	}
	if a := h.nobody().away(there, "/login/provider?next=https://evil.com"); a.to != "/" {
		t.Errorf("leads to %q", a.to)
	}
	there.Away = true
	if a := h.nobody().get(web.ReturnPath + "?code=x"); a.status != 403 {
		t.Error(a.status)
	}
}

// A login there counts as two factors if the house demands so, and else the house asks
// for its own.
func TestProviderAndFactors(t *testing.T) {
	h, there := providedHouse(t, func(*oidc.Config, *web.Deps) {})
	k, _ := h.as("p-clerk").passkey("p-clerk")
	b := h.nobody()
	if a := b.away(there, "/login/provider"); !strings.HasPrefix(a.to, "/login/code") || b.get("/dossiers").status != 303 {
		t.Errorf("without the second factor: %q", a.to)
	}
	challenge, _, _ := b.challenged("/login/passkey/begin", nil)
	if a := b.post("/login/code", url.Values{"passkey": {text(k, challenge)}}); a.status != 303 || b.get("/dossiers").status != 200 {
		t.Errorf("with it: %d", a.status)
	}

	strict, there := providedHouse(t, func(c *oidc.Config, _ *web.Deps) { c.AMR = []string{"otp"} })
	policy := account.DefaultPolicy()
	policy.Factor[dossier.Clerk] = "2026-01-01"
	must(t, strict.db.PutSetting(t.Context(), account.PolicySetting, policy.Text(), "p-admin"))
	if a := strict.nobody().away(there, "/login/provider"); a.status != 403 || !strings.Contains(a.body, "Cách xác thực") {
		t.Errorf("by password alone: %d", a.status)
	}
	there.Claims = map[string]any{"amr": []string{"pwd", "otp"}}
	b = strict.nobody()
	if a := b.away(there, "/login/provider"); a.to != "/" || b.get("/dossiers").status != 200 {
		t.Errorf("by two: %q", a.to)
	}
}

// Who came from the provider proves there that it is they, beside the page that asks,
// which keeps what was entered.
func TestProviderProves(t *testing.T) {
	h, there := providedHouse(t, func(*oidc.Config, *web.Deps) {})
	d := h.until(h.bring(h.open("008199012345", "An"), "TP01", "scan"), dossier.Confirmed)
	b := h.nobody()
	at, form := "/documents/"+string(d.ID)+"/acts/approve", url.Values{"version": {jsonNumber(h.document(d.ID).Version)}, "note": {"đã xem"}}
	b.away(there, "/login/provider") // which does not say when they logged in there
	if a := b.post(at, form); a.status != 401 {
		t.Errorf("a login there of nobody knows when proves it: %d", a.status)
	}
	h.clock.add(16 * time.Minute)
	a := b.post(at, form)
	if a.status != 401 || !strings.Contains(a.body, `href="/account/prove/provider" target="_blank"`) || !strings.Contains(a.body, "đã xem") {
		t.Fatalf("approve: %d %s", a.status, a.body)
	}
	there.Claims = map[string]any{"auth_time": h.clock.now().Add(-16 * time.Minute).Unix()}
	if a := b.away(there, "/account/prove/provider"); a.status != 403 || b.post(at, form).status != 401 {
		t.Errorf("a login of before proves it: %d", a.status)
	}
	there.Claims = map[string]any{"auth_time": h.clock.now().Unix(), "sub": "s-2"}
	must(t, h.db.BindIdentity(t.Context(), "p-officer", there.URL, "s-2", account.By{Who: "p-admin", Role: dossier.Admin}))
	if a := b.away(there, "/account/prove/provider"); a.status != 403 || b.post(at, form).status != 401 {
		t.Errorf("somebody else proves it: %d", a.status)
	}
	there.Claims = map[string]any{"auth_time": h.clock.now().Unix()}
	if a := b.away(there, "/account/prove/provider"); a.status != 200 {
		t.Errorf("proved: %d", a.status)
	}
	if a := b.post(at, form); a.status != 303 || h.document(d.ID).State != dossier.Approved {
		t.Errorf("and go on: %d", a.status)
	}
	if a := h.as("p-clerk").get("/account/prove/provider"); a.status != 404 {
		t.Errorf("who came in here: %d", a.status)
	}
}

// A session that ends there ends here.
func TestBackChannelLogout(t *testing.T) {
	h, there := providedHouse(t, func(*oidc.Config, *web.Deps) {})
	for name, change := range map[string]map[string]any{"of a session": nil, "of a person": {"sid": nil}} {
		b, here := h.nobody(), h.as("p-clerk")
		b.away(there, "/login/provider")
		if a := b.post("/login/provider/logout", url.Values{"logout_token": {there.Logout(map[string]any{"aud": "other"})}}); a.status != 400 || b.get("/dossiers").status != 200 {
			t.Errorf("%s, for others: %d", name, a.status)
		}
		if a := h.nobody().post("/login/provider/logout", url.Values{"logout_token": {there.Logout(change)}}); a.status != 200 || b.get("/dossiers").status != 303 {
			t.Errorf("%s: %d", name, a.status)
		}
		if here.get("/dossiers").status != 200 {
			t.Errorf("%s: a session that began here ended", name)
		}
	}
	if a := h.nobody().post("/login/provider/logout", url.Values{"logout_token": {there.Logout(map[string]any{"sid": "sid-9"})}}); a.status != 200 {
		t.Errorf("of no session: %d", a.status)
	}
}

// While the provider is away administrators get in with their password; the others only
// if the house lets them.
func TestProviderIsAway(t *testing.T) {
	for admins, want := range map[bool]int{false: http.StatusSeeOther, true: http.StatusForbidden} {
		h, there := providedHouse(t, func(_ *oidc.Config, d *web.Deps) { d.LocalAdmins = admins })
		there.Away = true
		if a := h.nobody().get("/login/provider"); a.status != 503 || !strings.Contains(a.body, "không trả lời") {
			t.Errorf("away: %d", a.status)
		}
		if a := h.nobody().login("quantri", password); a.status != 303 {
			t.Errorf("an administrator: %d", a.status)
		}
		if a := h.nobody().login("vanthu", password); a.status != want {
			t.Errorf("a clerk: %d, want %d", a.status, want)
		}
		if a := h.nobody().login("vanthu", "sai"); a.status != 401 {
			t.Errorf("a wrong password tells: %d", a.status)
		}
	}
}
