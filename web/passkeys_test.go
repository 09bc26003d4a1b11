package web_test

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/web/passkey"
	"sohoa/web/passkey/passkeytest"
)

var party = passkey.Party{ID: "sohoa.example.gov.vn", Origin: origin}

// challenged asks for a challenge as the page's script does.
func (b *browser) challenged(path string, form url.Values) (challenge []byte, said string, status int) {
	b.h.t.Helper()
	a := b.program(path, form)
	var o struct {
		Challenge string `json:"challenge"`
	}
	must(b.h.t, json.Unmarshal([]byte(a.body), &o))
	challenge, err := base64.RawURLEncoding.DecodeString(o.Challenge)
	must(b.h.t, err)
	return challenge, a.body, a.status
}

// passkey registers one for who is logged in as b.
func (b *browser) passkey(who dossier.PersonID) (*passkeytest.Authenticator, answer) {
	b.h.t.Helper()
	k := passkeytest.New(party, -7)
	k.Owner = account.Handle(who)
	challenge, said, status := b.challenged("/account/passkeys/begin", nil)
	if status != 200 || strings.Contains(said, string(who)) {
		b.h.t.Fatalf("begin: %d %s", status, said)
	}
	return k, b.post("/account/passkeys", url.Values{"name": {"máy cơ quan"}, "passkey": {passkeytest.Text(k.Create(challenge, passkeytest.Wrong{}))}})
}

// in tries to log in with a passkey alone.
func (b *browser) in(k *passkeytest.Authenticator, w passkeytest.Wrong) answer {
	b.h.t.Helper()
	challenge, _, _ := b.challenged("/login/passkey/begin", nil)
	return b.post("/login/passkey", url.Values{"passkey": {passkeytest.Text(k.Get(challenge, w))}, "next": {"/dossiers"}})
}

func TestPasskeys(t *testing.T) {
	h := newHouse(t)
	clerk, other := h.as("p-clerk"), h.nobody()
	other.login("vanthu", password)
	k, a := clerk.passkey("p-clerk")
	recovery := shownCode.FindAllStringSubmatch(a.body, -1)
	if a.status != 200 || len(recovery) != 10 {
		t.Fatalf("register: %d, %d recovery codes", a.status, len(recovery))
	}
	if other.get("/dossiers").status != 303 || clerk.get("/dossiers").status != 200 {
		t.Error("not all other sessions ended, or this one did")
	}
	if page := clerk.get("/account").body; !strings.Contains(page, "máy cơ quan") {
		t.Error("the page does not show it")
	}
	if a := h.nobody().in(k, passkeytest.Wrong{}); a.status != 303 || a.to != "/dossiers" {
		t.Errorf("with the passkey alone: %d %q %s", a.status, a.to, a.body)
	}
	if a := h.nobody().in(k, passkeytest.Wrong{Unverified: true}); a.status != 401 {
		t.Errorf("without a finger or a PIN: %d", a.status)
	}

	// As the second factor.
	b := h.nobody()
	if a := b.login("vanthu", password); !strings.HasPrefix(a.to, "/login/code") {
		t.Fatalf("the password alone leads to %q (%d)", a.to, a.status)
	}
	if a := b.get("/dossiers"); a.status != 303 {
		t.Errorf("half logged in: %d", a.status)
	}
	if a := b.post("/login/code", url.Values{"code": {"123456"}}); a.status != 401 {
		t.Errorf("a code of no app: %d", a.status)
	}
	challenge, said, _ := b.challenged("/login/passkey/begin", nil)
	if !strings.Contains(said, base64.RawURLEncoding.EncodeToString(k.ID)) {
		t.Error("the browser is not told which passkey")
	}
	if a := b.post("/login/code", url.Values{"passkey": {passkeytest.Text(k.Get(challenge, passkeytest.Wrong{Unverified: true}))}}); a.status != 303 || b.get("/dossiers").status != 200 {
		t.Errorf("the second factor: %d %s", a.status, a.body)
	}
	// When it is lost.
	b = h.nobody()
	b.login("vanthu", password)
	if a := b.post("/login/code", url.Values{"code": {recovery[3][1]}}); a.status != 303 {
		t.Errorf("a recovery code: %d", a.status)
	}
	// A locked person stays out.
	must(t, h.db.LockPerson(t.Context(), "p-clerk", true, account.By{Who: "p-admin", Role: dossier.Admin}))
	if a := h.nobody().in(k, passkeytest.Wrong{}); a.status != 403 {
		t.Errorf("locked: %d", a.status)
	}
	if acts := h.houseActs(); !slices.Contains(acts, "added-passkey p-clerk p-clerk") {
		t.Errorf("the log says %q", acts)
	}
}

// What is no answer of the person, here, now, lets nobody in.
func TestPasskeyRefusals(t *testing.T) {
	h := newHouse(t)
	k, _ := h.as("p-clerk").passkey("p-clerk")
	far, _ := h.as("p-far").passkey("p-far")
	for name, w := range map[string]passkeytest.Wrong{"another origin": {Origin: "https://evil.com"}, "another house": {Party: "evil.com"}, "another challenge": {Challenge: []byte("x")}, "another key": {Other: true}} {
		if a := h.nobody().in(k, w); a.status != 401 || strings.Contains(a.body, "p-clerk") {
			t.Errorf("%s: %d", name, a.status)
		}
	}
	if a := h.nobody().in(passkeytest.New(party, -7), passkeytest.Wrong{}); a.status != 401 {
		t.Errorf("nobody's passkey: %d", a.status)
	}

	b := h.nobody()
	challenge, _, _ := b.challenged("/login/passkey/begin", nil)
	text := passkeytest.Text(k.Get(challenge, passkeytest.Wrong{}))
	if a := b.post("/login/passkey", url.Values{"passkey": {text}}); a.status != 303 {
		t.Fatalf("the first time: %d", a.status)
	}
	if a := h.nobody().post("/login/passkey", url.Values{"passkey": {text}}); a.status != 401 {
		t.Errorf("the same again: %d", a.status)
	}
	challenge, _, _ = b.challenged("/login/passkey/begin", nil)
	text = passkeytest.Text(k.Get(challenge, passkeytest.Wrong{}))
	h.clock.add(5 * time.Minute)
	if a := h.nobody().post("/login/passkey", url.Values{"passkey": {text}}); a.status != 401 {
		t.Errorf("too late: %d", a.status)
	}

	// A challenge of the door registers nothing and proves nothing, nor does one of
	// another session; nor does somebody else's passkey.
	b = h.as("p-clerk")
	h.clock.add(16 * time.Minute)
	own, _, _ := b.challenged("/account/prove/passkey", nil)
	if a := b.post("/account/prove", url.Values{"passkey": {passkeytest.Text(far.Get(own, passkeytest.Wrong{}))}}); a.status != 401 {
		t.Errorf("somebody else's passkey: %d", a.status)
	}
	others, _, _ := h.as("p-far").challenged("/account/prove/passkey", nil)
	door, _, _ := h.nobody().challenged("/login/passkey/begin", nil)
	for name, challenge := range map[string][]byte{"of another session": others, "of the door": door} {
		if a := b.post("/account/prove", url.Values{"passkey": {passkeytest.Text(k.Get(challenge, passkeytest.Wrong{}))}}); a.status != 401 {
			t.Errorf("a proof with a challenge %s: %d", name, a.status)
		}
	}
	if a := b.program("/account/passkeys/begin", nil); a.status != 401 || !strings.Contains(a.body, `"prove"`) {
		t.Errorf("a session that is left open gets another passkey: %d %s", a.status, a.body)
	}
	own, _, _ = b.challenged("/account/passkeys/begin", url.Values{"proof": {password}})
	if a := b.post("/account/passkeys", url.Values{"name": {"x"}, "passkey": {passkeytest.Text(k.Create(own, passkeytest.Wrong{}))}}); a.status != 409 {
		t.Errorf("the same passkey twice: %d", a.status)
	}
	own, _, _ = b.challenged("/account/passkeys/begin", nil)
	if a := b.post("/account/passkeys", url.Values{"name": {"x"}, "passkey": {passkeytest.Text(passkeytest.New(party, -7).Create(own, passkeytest.Wrong{Unverified: true}))}}); a.status != 403 {
		t.Errorf("one that verifies nobody is registered: %d", a.status)
	}
}

// A count that does not grow ends the passkey, and is told.
func TestPasskeyThatWasCopied(t *testing.T) {
	h := newHouse(t)
	k, _ := h.as("p-clerk").passkey("p-clerk")
	copied := *k
	if a := h.nobody().in(k, passkeytest.Wrong{}); a.status != 303 {
		t.Fatal(a.status)
	}
	if a := h.nobody().in(&copied, passkeytest.Wrong{}); a.status != 401 || !strings.Contains(a.body, "bản sao") {
		t.Errorf("the copy: %d", a.status)
	}
	if a := h.nobody().in(k, passkeytest.Wrong{}); a.status != 401 || !strings.Contains(a.body, "bản sao") {
		t.Errorf("the passkey itself, from then on: %d", a.status)
	}
	b := h.nobody()
	if a := b.login("vanthu", password); !strings.HasPrefix(a.to, "/login/code") {
		t.Errorf("now the password is enough: %q", a.to)
	}
	if page := h.as("p-clerk").get("/account").body; !strings.Contains(page, "Ngừng nhận từ") {
		t.Error("its owner is not told")
	}
	if page := h.as("p-admin").get("/admin/people/p-clerk").body; !strings.Contains(page, "Ngừng nhận từ") {
		t.Error("the administrator is not told")
	}
	if acts := h.houseActs(); !slices.Contains(acts, "doubted-passkey p-clerk p-clerk") {
		t.Errorf("the log says %q", acts)
	}
}

// A passkey proves who it is before a signature, and the act goes on with what was
// entered; the page it was asked on carries it.
func TestPasskeyProves(t *testing.T) {
	h := newHouse(t)
	d := h.until(h.bring(h.open("008199012345", "An"), "TP01", "scan"), dossier.Confirmed)
	b := h.as("p-clerk")
	k, _ := b.passkey("p-clerk")
	h.clock.add(16 * time.Minute)
	form := url.Values{"version": {"8"}, "note": {"đã đối chiếu"}}
	form.Set("version", strings.TrimSpace(jsonNumber(h.document(d.ID).Version)))
	at := "/documents/" + string(d.ID) + "/acts/approve"
	a := b.post(at, form)
	if a.status != 401 || !strings.Contains(a.body, "đã đối chiếu") || !strings.Contains(a.body, `data-passkey="/account/prove/passkey"`) {
		t.Fatalf("approve: %d %s", a.status, a.body)
	}
	challenge, _, _ := b.challenged("/account/prove/passkey", nil)
	form.Set("passkey", passkeytest.Text(k.Get(challenge, passkeytest.Wrong{Unverified: true})))
	if a := b.post(at, form); a.status != 401 || strings.Contains(a.body, "clientDataJSON") || h.document(d.ID).State != dossier.Confirmed {
		t.Errorf("a touch alone: %d", a.status)
	}
	challenge, _, _ = b.challenged("/account/prove/passkey", nil)
	form.Set("passkey", passkeytest.Text(k.Get(challenge, passkeytest.Wrong{})))
	if a := b.post(at, form); a.status != 303 || h.document(d.ID).State != dossier.Approved {
		t.Errorf("with the passkey: %d, %s", a.status, h.document(d.ID).State)
	}
}

func jsonNumber(n int64) string { b, _ := json.Marshal(n); return string(b) }

// Who needs a second factor keeps the last; an administrator takes all of who lost them.
func TestLastPasskey(t *testing.T) {
	h := newHouse(t)
	policy := account.DefaultPolicy()
	policy.Factor[dossier.Clerk] = "2026-01-01"
	must(t, h.db.PutSetting(t.Context(), account.PolicySetting, policy.Text(), "p-admin"))
	b := h.as("p-clerk")
	if a := b.get("/dossiers"); a.to != "/account" {
		t.Errorf("a clerk without a factor goes to %q", a.to)
	}
	first, _ := b.passkey("p-clerk")
	if a := b.get("/dossiers"); a.status != 200 {
		t.Errorf("with a passkey: %d", a.status)
	}
	remove := func(k *passkeytest.Authenticator) answer {
		return b.post("/account/passkeys/remove", url.Values{"id": {base64.RawURLEncoding.EncodeToString(k.ID)}})
	}
	if a := remove(first); a.status != 409 {
		t.Errorf("the last is removed: %d", a.status)
	}
	second, a := b.passkey("p-clerk")
	if a.status != 303 {
		t.Errorf("the second: %d", a.status)
	}
	if a := h.as("p-far").post("/account/passkeys/remove", url.Values{"id": {base64.RawURLEncoding.EncodeToString(first.ID)}}); a.status != 404 {
		t.Errorf("somebody else removes it: %d", a.status)
	}
	if a := remove(first); a.status != 303 {
		t.Errorf("one of two: %d", a.status)
	}
	if a := h.nobody().in(first, passkeytest.Wrong{}); a.status != 401 {
		t.Errorf("a removed one: %d", a.status)
	}
	if a := h.as("p-admin").post("/admin/people/p-clerk/factor", nil); a.status != 303 {
		t.Errorf("the administrator: %d", a.status)
	}
	if a := h.nobody().in(second, passkeytest.Wrong{}); a.status != 401 {
		t.Errorf("after the administrator took them: %d", a.status)
	}
	if acts := h.houseActs(); !slices.Contains(acts, "removed-passkey p-clerk p-clerk") || !slices.Contains(acts, "removed-passkey p-admin p-clerk") {
		t.Errorf("the log says %q", acts)
	}
}

// text is a right answer, as a browser sends it.
func text(k *passkeytest.Authenticator, challenge []byte) string {
	return passkeytest.Text(k.Get(challenge, passkeytest.Wrong{}))
}

// Where the rule says so, from its day on, whoever opens a paper, a record or what
// belongs to them proves who it is, once, and comes to what was asked for.
func TestProofBeforePapersAreOpened(t *testing.T) {
	h := newHouse(t)
	d := h.until(h.bring(h.open("008199012345", "An"), "TP01", "scan"), dossier.Normalised)
	do, err := h.db.Dossier(t.Context(), d.Dossier)
	must(t, err)
	policy := account.DefaultPolicy()
	policy.Record, policy.Since = 10, map[string]string{account.ForRecord: "2026-11-21"}
	must(t, h.db.PutSetting(t.Context(), account.PolicySetting, policy.Text(), "p-admin"))
	at := "/documents/" + string(d.ID)
	paths := []string{at, at + "/pages/1", at + "/parts/scan", at + "/signatures", at + "/words/alto", "/holders/" + string(do.Holder), "/dossiers/" + string(d.Dossier) + "/record", "/api/v1" + at, "/api/v1" + at + "/parts/scan"}
	b := h.as("p-officer")
	h.clock.add(11 * time.Minute)
	for _, path := range paths {
		if a := b.get(path); a.status != 200 {
			t.Errorf("%s before its day: %d", path, a.status)
		}
	}
	h.clock.add(24 * time.Hour)
	b = h.as("p-officer")
	h.clock.add(11 * time.Minute)
	for _, path := range paths {
		if a := b.get(path); a.status != 401 {
			t.Errorf("%s without a proof: %d", path, a.status)
		}
	}
	if a := b.get("/dossiers"); a.status != 200 {
		t.Errorf("the list: %d", a.status)
	}
	if a := b.get(at); !strings.Contains(a.body, `name="next" value="`+at+`"`) {
		t.Error("the form does not know where it leads")
	}
	if a := b.post("/account/prove", url.Values{"next": {at}, "proof": {"sai"}}); a.status != 401 {
		t.Errorf("a wrong password: %d", a.status)
	}
	if a := b.post("/account/prove", url.Values{"next": {at}, "proof": {password}}); a.to != at {
		t.Errorf("proved, it leads to %q", a.to)
	}
	for _, path := range paths {
		if a := b.get(path); a.status != 200 {
			t.Errorf("%s with a proof: %d", path, a.status)
		}
	}
}
