package web_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/digest"
	"sohoa/web"
)

// docs/api.json is the OpenAPI document that the code writes: go test ./web -run
// TestV1IsDocumented -rewrite
func TestV1IsDocumented(t *testing.T) {
	const path = "../docs/api.json"
	want, err := web.APIDocument()
	must(t, err)
	if *rewrite {
		must(t, os.WriteFile(path, want, 0o644))
	}
	got, err := os.ReadFile(path)
	must(t, err)
	if !bytes.Equal(got, want) {
		t.Error("docs/api.json is not what the code says: go test ./web -run TestV1IsDocumented -rewrite")
	}
	patterns := regexp.MustCompile(`"pattern": ("(?:[^"\\]|\\.)*")`).FindAllSubmatch(want, -1)
	for _, m := range patterns { // nobody finds out later
		expr, err := strconv.Unquote(string(m[1]))
		must(t, err)
		if _, err := regexp.Compile(expr); err != nil {
			t.Error(err)
		}
	}
	if len(patterns) < 8 {
		t.Errorf("%d patterns seen", len(patterns))
	}
	h := newHouse(t)
	if a := h.nobody().get("/api/v1/openapi.json"); a.status != 200 || a.body != string(want) || a.header.Get("ETag") == "" {
		t.Errorf("the service says another: %d", a.status)
	}
	for _, lang := range []string{"vi", "en"} {
		if a := h.nobody().get("/api?lang=" + lang); a.status != 200 || !strings.Contains(a.body, "actOnDocument") || strings.Contains(a.body, "v1.actOn") {
			t.Errorf("the page about it: %d", a.status)
		}
	}
}

// asks sends JSON to the API; header has names and values in turn.
func (b *browser) asks(method, path string, body any, header ...string) answer {
	b.h.t.Helper()
	var raw []byte
	if text, ok := body.(string); ok {
		raw = []byte(text)
	} else if body != nil {
		var err error
		raw, err = json.Marshal(body)
		must(b.h.t, err)
	}
	req := b.request(method, "/api/v1"+path, "", bytes.NewReader(raw))
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	return b.do(req)
}

// reads decodes an answer.
func (a answer) reads(t testing.TB, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.body), into); err != nil {
		t.Fatalf("%d: %v: %s", a.status, err, a.body)
	}
}

type obj = map[string]any

func newCase() obj {
	return obj{"procedure": "9.1", "competent": string(here), "holder": obj{"number": "008199012345", "name": "An"}}
}

// program is a program at the API with a key of some rights.
func (h *house) program(role dossier.Role, agency dossier.AgencyCode, acts ...string) (*browser, string, account.Key) {
	h.t.Helper()
	id := dossier.PersonID("s-" + string(role))
	must(h.t, h.db.PutPerson(h.t.Context(), dossier.Person{ID: id, Login: string(id), Name: "Máy", Role: role, Agency: root, Service: true}, ""))
	secret, head := account.NewKey()
	slices.Sort(acts)
	k, err := h.db.MakeKey(h.t.Context(), account.Key{Account: id, Head: head, Acts: acts, Agency: agency, Why: "thử", Until: h.clock.now().AddDate(0, 1, 0)},
		digest.Of([]byte(secret)), account.By{Who: "p-admin", Role: dossier.Admin})
	must(h.t, err)
	return h.nobody(), "Bearer " + secret, k
}

// A key is less than its account: only its rights, only its part of the organisation,
// only at the API, until it ends; and it signs nothing.
func TestKeysAtTheAPI(t *testing.T) {
	h := newHouse(t)
	code := h.open("008199012345", "An")
	d := h.until(h.bring(code, "TP01", "đơn"), dossier.Normalised)
	b, bearer, k := h.program(dossier.Officer, here, "act", "look", "resolve")
	_, elsewhere, _ := h.program(dossier.Officer, there, "look")
	for _, row := range []struct {
		what, method, path, key string
		body                    any
		want                    int
		code                    string
	}{
		{"who it is", "GET", "/me", bearer, nil, 200, ""},
		{"a dossier", "GET", "/dossiers/" + string(code), bearer, nil, 200, ""},
		{"of another part", "GET", "/dossiers/" + string(code), elsewhere, nil, 404, "not-found"},
		{"not its right", "POST", "/search", bearer, obj{"q": "đơn"}, 403, "key-act"},
		{"not its role", "POST", "/dossiers", bearer, newCase(), 403, "forbidden"},
		{"a signature", "POST", "/documents/" + string(d.ID) + "/acts/attest", bearer, obj{}, 403, "key-signs"},
		{"a refusal", "POST", "/documents/" + string(d.ID) + "/acts/refuse", bearer, obj{"why": "mờ"}, 200, ""},
		{"no key", "GET", "/me", "", nil, 401, "signed-out"},
		{"another's key", "GET", "/me", bearer[:len(bearer)-1] + "_", nil, 401, "key"},
		{"no form of a key", "GET", "/me", "Basic YTpi", nil, 401, "key"},
	} {
		header := []string{"If-Match", fmt.Sprintf(`"%d"`, h.document(d.ID).Version)}
		if row.key != "" {
			header = append(header, "Authorization", row.key)
		}
		a := b.asks(row.method, row.path, row.body, header...)
		var p struct{ Code string }
		a.reads(t, &p)
		if a.status != row.want || a.status >= 400 && p.Code != row.code {
			t.Errorf("%s: %d %s, want %d %s", row.what, a.status, a.body, row.want, row.code)
		}
	}
	_, err := h.db.NumberEvents(t.Context())
	must(t, err)
	for text, want := range map[string]bool{h.newest(d.ID, "refuse"): true, h.newest(d.ID, "viewed"): true, h.newest(d.ID, "receive"): false} {
		if strings.Contains(text, `"key":"`+k.ID+`"`) != want || text == "" {
			t.Errorf("the ledger names the key: want %v: %s", want, text)
		}
	}
	req := b.request("GET", "/dossiers", "", nil)
	req.Header.Set("Authorization", bearer)
	req.Header.Set("Accept", "application/json")
	if a := b.do(req); a.status != 401 {
		t.Errorf("a key opens pages: %d", a.status)
	}
	var me struct{ Rights []string }
	b.asks("GET", "/me", nil, "Authorization", bearer).reads(t, &me)
	if want := []string{"act", "enter", "look", "resolve"}; !slices.Equal(me.Rights, want) {
		t.Errorf("it may %v, want %v", me.Rights, want)
	}
	must(t, h.db.EndKey(t.Context(), k.Account, k.ID, account.By{Who: "p-admin", Role: dossier.Admin}))
	if a := b.asks("GET", "/me", nil, "Authorization", bearer); a.status != 401 {
		t.Errorf("ended: %d", a.status)
	}
	if strings.Contains(h.log.String(), strings.TrimPrefix(bearer, "Bearer ")) {
		t.Error("a key stands in the log")
	}
}

// newest is the newest event of an act on a document, as the ledger has it.
func (h *house) newest(id dossier.DocumentID, act string) (text string) {
	h.t.Helper()
	all, err := h.db.LogOf(h.t.Context(), id)
	must(h.t, err)
	for _, p := range all {
		if string(p.Act) == act {
			text, err = h.db.LogEvent(h.t.Context(), p.Place)
			must(h.t, err)
		}
	}
	return text
}

// Keys are made and ended on their page: the secret is shown once.
func TestKeysPage(t *testing.T) {
	h := newHouse(t)
	b := h.as("p-admin")
	a := b.post("/admin/keys", form("login", "motcua-may", "name", "Hệ thống một cửa", "role", "counter", "agency", string(here)))
	if a.status != http.StatusSeeOther || !strings.HasPrefix(a.to, "/admin/keys/s-") {
		t.Fatalf("account: %d %s", a.status, a.body)
	}
	at := a.to
	for what, f := range map[string][]string{
		"admin":    {"login", "x1", "name", "X", "role", "admin", "agency", string(here)},
		"no login": {"login", "", "name", "X", "role", "counter", "agency", string(here)},
	} {
		if got := b.post("/admin/keys", form(f...)).status; got != 422 {
			t.Errorf("%s: %d", what, got)
		}
	}
	for what, f := range map[string][]string{
		"no act":      {"until", "31/12/2026", "why", "thử"},
		"manage":      {"act", "manage", "until", "31/12/2026", "why", "thử"},
		"sign":        {"act", "sign", "until", "31/12/2026", "why", "thử"},
		"for ever":    {"act", "look", "until", "31/12/2036", "why", "thử"},
		"elsewhere":   {"act", "look", "until", "31/12/2026", "why", "thử", "agency", string(there)},
		"no reason":   {"act", "look", "until", "31/12/2026"},
		"not a clerk": {"act", "pack", "until", "31/12/2026", "why", "thử"},
	} {
		if got := b.post(at, form(f...)).status; got != 422 {
			t.Errorf("%s: %d", what, got)
		}
	}
	a = b.post(at, form("act", "look", "until", "31/12/2026", "why", "một cửa hỏi"))
	i := strings.Index(a.body, "sohoa_")
	if a.status != 200 || i < 0 {
		t.Fatalf("key: %d %s", a.status, a.body)
	}
	secret := a.body[i : i+49]
	if got := h.nobody().asks("GET", "/me", nil, "Authorization", "Bearer "+secret).status; got != 200 {
		t.Errorf("the key that was shown: %d", got)
	}
	if page := b.get(at).body; strings.Contains(page, secret) || !strings.Contains(page, secret[:10]) {
		t.Error("the page shows the key again, or not its first letters")
	}
	id := dossier.PersonID(strings.TrimPrefix(at, "/admin/keys/"))
	list, err := h.db.Keys(t.Context(), id)
	must(t, err)
	if a := b.post(at+"/"+list[0].ID+"/end", nil); a.status != http.StatusSeeOther {
		t.Errorf("end: %d", a.status)
	}
	if got := h.nobody().asks("GET", "/me", nil, "Authorization", "Bearer "+secret).status; got != 401 {
		t.Errorf("ended: %d", got)
	}
	if got := b.post("/admin/people/"+string(id)+"/password", nil).status; got != 403 {
		t.Errorf("a program gets a password: %d", got)
	}
	if got := h.nobody().post("/login", form("login", "motcua-may", "password", "")).status; got != 401 && got != 403 {
		t.Errorf("a program logs in: %d", got)
	}
}

// Errors are of RFC 9457, in the language that is asked for.
func TestV1Problems(t *testing.T) {
	h := newHouse(t)
	b := h.as("p-counter")
	for accept, want := range map[string]string{"": "vi", "vi": "vi", "en-GB, vi;q=0.5": "en", "fr, en;q=0.3": "en", "de": "vi", "en;q=0.1, vi;q=0.9": "vi"} {
		a := b.asks("GET", "/dossiers/H99-260101-0001", nil, "Accept-Language", accept)
		var p struct {
			Title, Code string
			Status      int
		}
		a.reads(t, &p)
		if a.status != 404 || p.Status != 404 || p.Code != "not-found" || a.header.Get("Content-Type") != "application/problem+json" || a.header.Get("Content-Language") != want || p.Title != web.Word(want, "error.not-found") {
			t.Errorf("%q: %d %s %s, want %s", accept, a.status, a.body, a.header.Get("Content-Language"), want)
		}
	}
	for _, row := range []struct {
		what, method, path string
		body               any
		want               int
		code, at, rule     string
	}{
		{"no JSON", "POST", "/dossiers", "{", 400, "json", "", "json"},
		{"two", "POST", "/dossiers", "{} {}", 400, "json", "", "json"},
		{"a list", "POST", "/dossiers", "[]", 422, "form", "", "type"},
		{"missing", "POST", "/dossiers", obj{"competent": "x", "holder": obj{}}, 422, "form", "/procedure", "required"},
		{"unknown", "POST", "/search", obj{"q": "a", "z": 1}, 422, "form", "", "additionalProperties"},
		{"too long", "POST", "/search", obj{"q": strings.Repeat("a", 501)}, 422, "form", "/q", "maxLength"},
		{"no enum", "POST", "/holders/00000000-0000-0000-0000-000000000000/number", obj{"purpose": "fun"}, 422, "form", "/purpose", "enum"},
		{"a control character", "POST", "/search", obj{"q": "a\x00"}, 422, "form", "/q", "characters"},
		{"a day that is none", "POST", "/search", obj{"q": "a", "from": "2026-02-30"}, 422, "form", "/from", "format"},
		{"unknown parameter", "GET", "/dossiers?x=1", nil, 422, "form", "?", "unknown"},
		{"twice", "GET", "/dossiers?limit=1&limit=2", nil, 422, "form", "?", "unknown"},
		{"out of range", "GET", "/dossiers?limit=0", nil, 422, "form", "limit", "range"},
		{"no number", "GET", "/dossiers?limit=x", nil, 422, "form", "limit", "type"},
		{"no cursor", "GET", "/dossiers?after=!!", nil, 422, "form", "after", "cursor"},
		{"somebody's number in the address", "GET", "/dossiers?code=008199012345", nil, 422, "invalid", "", ""},
		{"no such address", "GET", "/nothing", nil, 404, "not-found", "", ""},
	} {
		a := b.asks(row.method, row.path, row.body)
		var p struct{ Code, Pointer, Rule string }
		a.reads(t, &p)
		if a.status != row.want || p.Code != row.code || p.Pointer != row.at || p.Rule != row.rule {
			t.Errorf("%s: %d %s", row.what, a.status, a.body)
		}
	}
	req := b.request("POST", "/api/v1/search", "text/plain", strings.NewReader("{}"))
	if a := b.do(req); a.status != 415 {
		t.Errorf("text: %d", a.status)
	}
}

// An address says which methods it has.
func TestV1Methods(t *testing.T) {
	h := newHouse(t)
	for path, allow := range map[string]string{"/dossiers": "GET, POST", "/me": "GET", "/search": "POST"} {
		if a := h.as("p-counter").asks("DELETE", path, nil); a.status != 405 || a.header.Get("Allow") != allow {
			t.Errorf("DELETE %s: %d, %s", path, a.status, a.header.Get("Allow"))
		}
	}
}

// What is asked again under the same key is done once; the same key with something else
// is refused; what broke off is not done again.
func TestV1Idempotency(t *testing.T) {
	h := newHouse(t)
	b := h.as("p-counter")
	count := func() int {
		all, err := h.db.Dossiers(t.Context(), dossier.DossierQuery{})
		must(t, err)
		return len(all)
	}
	first := b.asks("POST", "/dossiers", newCase(), "Idempotency-Key", "k1")
	again := b.asks("POST", "/dossiers", newCase(), "Idempotency-Key", "k1")
	if first.status != 201 || again.status != 201 || first.body != again.body || first.to == "" || first.to != again.to || again.header.Get("ETag") != first.header.Get("ETag") ||
		first.header.Get("Idempotency-Replayed") != "" || again.header.Get("Idempotency-Replayed") != "true" || count() != 1 {
		t.Fatalf("first %d %s, again %d %s, %d dossiers", first.status, first.body, again.status, again.body, count())
	}
	code := func(a answer) string {
		var p struct{ Code string }
		a.reads(t, &p)
		return fmt.Sprint(a.status, " ", p.Code)
	}
	other := newCase()
	other["channel"] = "post"
	if got := code(b.asks("POST", "/dossiers", other, "Idempotency-Key", "k1")); got != "422 idempotency-other" {
		t.Errorf("another body: %s", got)
	}
	if got := code(b.asks("POST", "/search", obj{"q": "x"}, "Idempotency-Key", "k1")); got != "422 idempotency-other" {
		t.Errorf("another address: %s", got)
	}
	wrong := newCase()
	wrong["procedure"] = "none"
	if a, c := code(b.asks("POST", "/dossiers", wrong, "Idempotency-Key", "k2")), code(b.asks("POST", "/dossiers", wrong, "Idempotency-Key", "k2")); a != "422 invalid" || c != a {
		t.Errorf("a refusal: %s, again %s", a, c)
	}
	if a := h.as("p-far").asks("POST", "/dossiers", obj{"procedure": "9.1", "competent": string(there), "holder": obj{"number": "008199012345", "name": "An"}}, "Idempotency-Key", "k1"); a.status != 201 {
		t.Errorf("somebody else's key of the same name: %d", a.status)
	}
	print := account.Kept{Account: "p-counter", Key: "k3", Print: "x"}
	if _, fresh, err := h.db.BeginAnswer(t.Context(), print); !fresh || err != nil {
		t.Fatal(err)
	}
	if got := code(b.asks("POST", "/dossiers", newCase(), "Idempotency-Key", "k3")); got != "422 idempotency-other" {
		t.Errorf("another request under a key that is open: %s", got)
	}
	h.full = true
	broke := b.asks("POST", "/dossiers", newCase(), "Idempotency-Key", "k4") // opened, and then nothing can be noted
	h.full = false
	if broke.status != 500 {
		t.Fatalf("broke: %d", broke.status)
	}
	n := count()
	if got := code(b.asks("POST", "/dossiers", newCase(), "Idempotency-Key", "k4")); got != "409 idempotency-open" || count() != n {
		t.Errorf("what broke off: %s, %d dossiers", got, count()-n)
	}
	h.clock.add(account.KeptFor + time.Minute)
	if a := h.as("p-counter").asks("POST", "/dossiers", other, "Idempotency-Key", "k1"); a.status != 201 {
		t.Errorf("a day later: %d", a.status)
	}
}

// Nobody acts on what they have not seen; who has the newest is told so.
func TestV1Conditions(t *testing.T) {
	h := newHouse(t)
	d := h.until(h.bring(h.open("008199012345", "An"), "TP01", "đơn"), dossier.Normalised)
	b := h.as("p-officer")
	at := "/documents/" + string(d.ID)
	got := b.asks("GET", at, nil)
	tag := got.header.Get("ETag")
	if got.status != 200 || !strings.HasPrefix(tag, fmt.Sprintf(`"%d-`, d.Version)) {
		t.Fatalf("%d, %s", got.status, tag)
	}
	if a := b.asks("GET", at, nil, "If-None-Match", tag); a.status != 304 || a.body != "" || a.header.Get("ETag") != tag {
		t.Errorf("the same: %d %s", a.status, a.body)
	}
	if a := b.asks("GET", at, nil, "If-None-Match", `"0-0"`); a.status != 200 {
		t.Errorf("another: %d", a.status)
	}
	for header, want := range map[string]int{"": 428, `"x"`: 422, "*": 422, fmt.Sprintf(`"%d"`, d.Version-1): 412} {
		if a := b.asks("POST", at+"/acts/attest", obj{}, "If-Match", header); a.status != want {
			t.Errorf("If-Match %s: %d %s, want %d", header, a.status, a.body, want)
		}
	}
	moved := b.asks("POST", at+"/acts/attest", obj{}, "If-Match", tag)
	var doc struct {
		State   dossier.State
		Version int64
	}
	moved.reads(t, &doc)
	if moved.status != 200 || doc.State != dossier.Attested || doc.Version != d.Version+1 || moved.header.Get("ETag") == tag {
		t.Errorf("attested: %d %s", moved.status, moved.body)
	}
	if a := b.asks("POST", at+"/acts/attest", obj{}, "If-Match", tag); a.status != 412 && a.status != 403 {
		t.Errorf("again: %d", a.status)
	}
}

// A list that is read in pieces has each once, whatever comes in meanwhile.
func TestV1Paging(t *testing.T) {
	h := newHouse(t)
	want := map[string]bool{}
	docs := map[string]bool{}
	for i := range 7 {
		code := h.open(fmt.Sprintf("00819901%04d", i), "An")
		want[string(code)] = true
		docs[string(h.bring(code, "TP01", fmt.Sprint("đơn ", i)).ID)] = true
	}
	b := h.as("p-counter")
	seen := map[string]int{}
	for after, i := "", 0; ; i++ {
		var page struct {
			Dossiers []struct{ Code string }
			After    string
		}
		b.asks("GET", "/dossiers?limit=2&after="+after, nil).reads(t, &page)
		for _, d := range page.Dossiers {
			seen[d.Code]++
		}
		h.clock.add(time.Second)
		h.open(fmt.Sprintf("00819902%04d", i), "Bình") // newer: in front of all that was read
		if after = page.After; after == "" {
			break
		}
	}
	for code := range want {
		if seen[code] != 1 {
			t.Errorf("%s was seen %d times", code, seen[code])
		}
	}
	seen = map[string]int{}
	for after := ""; ; {
		var page struct {
			Documents []struct{ ID string }
			After     string
		}
		b.asks("GET", "/documents?limit=3&after="+after, nil).reads(t, &page)
		for _, d := range page.Documents {
			seen[d.ID]++
			h.machine(h.document(dossier.DocumentID(d.ID))) // they move while they are read
		}
		if after = page.After; after == "" {
			break
		}
	}
	for id := range docs {
		if seen[id] != 1 {
			t.Errorf("document %s was seen %d times", id, seen[id])
		}
	}
}

// Who asks too often is told when to ask again.
func TestV1Rate(t *testing.T) {
	h := newHouse(t)
	b := h.as("p-counter")
	var a answer
	n := 0
	for ; n < 1000 && a.status != 429; n++ {
		a = b.asks("GET", "/me", nil)
	}
	if a.status != 429 || a.header.Get("Retry-After") == "" || n < 100 {
		t.Fatalf("after %d: %d", n, a.status)
	}
	if a := h.as("p-officer").asks("GET", "/me", nil); a.status != 200 {
		t.Errorf("somebody else waits too: %d", a.status)
	}
	if a := b.get("/"); a.status != 200 {
		t.Errorf("the pages wait too: %d", a.status)
	}
	h.clock.add(time.Minute)
	if a := b.asks("GET", "/me", nil); a.status != 200 {
		t.Errorf("a minute later: %d", a.status)
	}
}

// A paper is brought, and its job tells what becomes of it, to who brought it alone.
func TestV1Jobs(t *testing.T) {
	h := newHouse(t)
	code := h.open("008199012345", "An")
	b := h.as("p-counter")
	a := b.upload("/api/v1/dossiers/"+string(code)+"/slots/TP01/documents", "a.jpg", []byte("đơn"), "")
	var job struct{ ID, Document, Status, Waits string }
	a.reads(t, &job)
	if a.status != 202 || a.to != "/api/v1/jobs/"+job.ID || job.Status != "running" {
		t.Fatalf("%d %s", a.status, a.body)
	}
	h.machine(h.document(dossier.DocumentID(job.Document)))
	b.asks("GET", "/jobs/"+job.ID, nil).reads(t, &job)
	if job.Status != "done" || job.Waits != "officer" {
		t.Errorf("%+v", job)
	}
	if a := h.as("p-officer").asks("GET", "/jobs/"+job.ID, nil); a.status != 404 {
		t.Errorf("somebody else's job: %d", a.status)
	}
	h.acts("p-officer", h.document(dossier.DocumentID(job.Document)), dossier.Refuse, form("why", "mờ"))
	if a := b.asks("GET", "/jobs/"+job.ID, nil); !strings.Contains(a.body, `"failed"`) || !strings.Contains(a.body, "mờ") {
		t.Errorf("refused: %s", a.body)
	}
}

// form makes a form of names and values in turn.
func form(pairs ...string) url.Values {
	f := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		f.Add(pairs[i], pairs[i+1])
	}
	return f
}

// A program may name where it is told that its job is over, at hosts that may be called.
func TestCallbacksAtTheAPI(t *testing.T) {
	h := newHouse(t)
	code := h.open("008199012345", "An")
	b, bearer, _ := h.program(dossier.Counter, here, "look", "receive")
	bring := func(text string, header ...string) answer {
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		part, err := form.CreateFormFile("file", "a.jpg")
		must(t, err)
		_, err = part.Write([]byte(text))
		must(t, err)
		must(t, form.Close())
		req := b.request("POST", "/api/v1/dossiers/"+string(code)+"/slots/TP01/documents", form.FormDataContentType(), &body)
		for i := 0; i < len(header); i += 2 {
			req.Header.Set(header[i], header[i+1])
		}
		return b.do(req)
	}
	for _, url := range []string{"http://motcua.gov.vn/x", "https://evil.example/x", "https://127.0.0.1/x", "https://motcua.gov.vn@evil.example/"} {
		if a := bring("a", "Authorization", bearer, "Callback-URL", url); a.status != 422 {
			t.Errorf("%s: %d", url, a.status)
		}
	}
	if a := bring("a", "Authorization", bearer, "Callback-URL", "https://motcua.gov.vn/x", "Callback-Error-URL", "https://evil.example/"); a.status != 422 {
		t.Errorf("the other address: %d", a.status)
	}
	a := bring("b", "Authorization", bearer, "Callback-URL", "https://motcua.gov.vn/done")
	var job struct {
		ID       string
		Callback struct{ Status string }
	}
	a.reads(t, &job)
	if a.status != 202 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	b.asks("GET", "/jobs/"+job.ID, nil, "Authorization", bearer).reads(t, &job)
	if job.Callback.Status != "waits" {
		t.Errorf("%+v", job)
	}
}
