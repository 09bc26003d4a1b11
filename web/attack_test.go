package web_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/web"
)

// besieged is one house with one archived paper, that all attacks are made on.
type besieged struct {
	*house
	code  dossier.Code
	doc   dossier.Document
	entry string
}

// TestAttacks attacks a house as strangers, as people of another agency and as their
// own users would. What is attacked is taken from the list of routes, so that a new one
// is attacked by itself.
func TestAttacks(t *testing.T) {
	h := &besieged{house: newHouse(t)}
	h.says = "GIẤY KHAI SINH " + attack + probe
	must(t, h.db.PutPerson(t.Context(), dossier.Person{ID: "p-farclerk", Login: "vanthukhac", Name: "X", Role: dossier.Clerk, Agency: there}, onceHashed()))
	must(t, h.db.PutPerson(t.Context(), dossier.Person{ID: "p-ungranted", Login: "kiemtrakhac", Name: "Y", Role: dossier.Auditor, Agency: root}, onceHashed()))
	_, err := h.books().Close(t.Context(), "2026-09", "p-admin")
	must(t, err)
	h.code = h.open("008199012345", "Ẩn Danh Bí Mật")
	h.doc = h.until(h.bring(h.code, "TP01", "đơn"), dossier.Archived)
	do, err := h.db.Dossier(t.Context(), h.code)
	must(t, err)
	entries, err := h.db.Entries(t.Context(), do.Holder, h.clock.now())
	must(t, err)
	if len(entries) == 0 {
		t.Fatal("the paper is no entry of the record")
	}
	h.entry = string(entries[0].ID)
	for _, attack := range []struct { // in this order: what is asked often is asked slowly afterwards
		name string
		with func(*testing.T, *besieged)
	}{
		{"ids of another agency", othersIDs}, {"other sites", otherSites}, {"paths", traversal}, {"methods", methods}, {"hosts", hosts},
		{"redirects", redirects}, {"oversized", oversized}, {"private pages are not kept", unkept}, {"polyglot", polyglot}, {"formulas", formulas},
		{"keys in addresses", keysInAddresses}, {"logins cost the same", loginsCostTheSame}, {"approved at once", approvedTogether}, {"headers", headers},
	} {
		t.Run(attack.name, func(t *testing.T) {
			h.t = t
			attack.with(t, h)
		})
	}
	h.t = t
	for _, id := range []string{"008199012345", "Bí Mật", password} {
		if strings.Contains(h.log.String(), id) {
			t.Errorf("the log knows %s", id)
		}
	}
}

// routesOf yields method and path of every route that has both.
func routesOf(each func(method, path string)) {
	for _, p := range web.Patterns() {
		if method, path, ok := strings.Cut(p, " "); ok {
			each(method, strings.TrimSuffix(path, "{$}"))
		}
	}
}

// everybodys are routes with names in them that are no agency's: what they are is told
// to whoever is logged in, or to everybody.
var everybodys = []string{"GET /static/", "GET /ledger/", "GET /public/", "GET /figures/closed/", "GET /api/v1/figures/closed/"}

// Whoever belongs elsewhere gets nothing by any id of this agency's, on any route, in
// any role; the same ids open those routes to those they belong to.
func othersIDs(t *testing.T, h *besieged) {
	asked, n := 0, 0
	var shut []string
	routesOf(func(method, path string) {
		if !strings.Contains(path, "{") || slices.ContainsFunc(everybodys, func(p string) bool { return strings.HasPrefix(method+" "+path, p) }) {
			return
		}
		to := strings.NewReplacer("{entry}", h.entry, "{part}", "sealed").Replace(path)
		for _, who := range []dossier.PersonID{"p-far", "p-farofficer", "p-farclerk", "p-ungranted"} {
			n++
			a := walk(h.as(who), method, to, h.code, h.doc, fmt.Sprintf("%d.%d", 50+n/100, n%100))
			if v := verdict(a); v != "0" && v != "n" {
				t.Errorf("%s %s as %q: %d", method, path, who, a.status)
			}
			for _, secret := range []string{"Bí Mật", "008199012345", "012345", h.doc.Parts[dossier.PartScan].String(), "GIẤY KHAI SINH"} {
				if strings.Contains(a.body, secret) {
					t.Errorf("%s %s tells %q %q", method, path, who, secret)
				}
			}
		}
		if method == http.MethodGet {
			if a := walk(h.as("p-admin"), method, to, h.code, h.doc, "1"); a.status == http.StatusOK {
				asked++
			} else {
				shut = append(shut, fmt.Sprint(path, " ", a.status))
			}
		}
	})
	if asked < 20 {
		t.Errorf("only %d routes open to who may, the ids are wrong: %v", asked, shut)
	}
}

// No route that changes anything is open to another site's pages.
func otherSites(t *testing.T, h *besieged) {
	n := 0
	b := h.as("p-admin")
	routesOf(func(method, path string) {
		if method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions {
			return
		}
		for _, from := range [][2]string{{"Sec-Fetch-Site", "same-site"}, {"Origin", "null"}} {
			req := b.request(method, filled(path), "application/x-www-form-urlencoded", strings.NewReader("a=b"))
			req.Header.Set(from[0], from[1])
			if a := b.do(req); a.status != http.StatusForbidden || !strings.Contains(a.body, "trang khác") && !strings.Contains(a.body, "cross-site") {
				t.Errorf("%s %s from %v: %d", method, path, from, a.status)
			}
			n++
		}
	})
	if n < 120 {
		t.Errorf("only %d were tried", n)
	}
}

// filled puts something into every place of a path.
func filled(path string) string {
	for {
		before, rest, ok := strings.Cut(path, "{")
		if !ok {
			return path
		}
		_, after, _ := strings.Cut(rest, "}")
		path = before + "x" + after
	}
}

// A name that climbs leads nowhere, in whatever place of whatever path.
func traversal(t *testing.T, h *besieged) {
	b := h.as("p-admin")
	routesOf(func(method, path string) {
		if method != http.MethodGet || !strings.Contains(path, "{") || strings.HasPrefix(path, "/ledger/tile/") { // tiles: TestTilesByTheirAddress
			return
		}
		for _, name := range []string{"..%2f..%2f..%2f..%2fetc%2fpasswd", "%2e%2e%2f%2e%2e%2fapp.css", "x%00.pdf", "..%5c..%5cwindows", "%0d%0aSet-Cookie:%20a=b"} {
			a := b.get(everywhere(path, name))
			if a.status < 300 || a.status >= 500 || strings.Contains(a.body, "root:") || a.header.Get("Set-Cookie") != "" {
				t.Errorf("%s with %s: %d", path, name, a.status)
			}
		}
	})
	for _, name := range []string{"../../../etc/passwd", "a\r\nSet-Cookie: x=y.jpg", "..\\..\\a.jpg", strings.Repeat("a", 5000) + ".jpg", "\x00.jpg", "\u202egpj.exe"} {
		a := h.as("p-counter").upload("/dossiers/"+string(h.code)+"/slots/TP02/draft", name, []byte("trang"), "")
		if a.status >= 500 || a.header.Get("Set-Cookie") != "" {
			t.Errorf("a file called %.20q: %d", name, a.status)
		}
		h.as("p-counter").post("/dossiers/"+string(h.code)+"/slots/TP02/draft/discard", nil)
	}
}

// everywhere puts a name into every place of a path.
func everywhere(path, name string) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(path, "{")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		_, path, _ = strings.Cut(rest, "}")
		b.WriteString(name)
	}
}

// A method that a route has not does nothing, nor does one that a header names.
func methods(t *testing.T, h *besieged) {
	b := h.as("p-admin")
	before, err := h.db.People(t.Context())
	must(t, err)
	routesOf(func(method, path string) {
		for _, other := range []string{"PUT", "TRACE"} {
			if a := b.do(b.request(other, filled(path), "", nil)); a.status != http.StatusMethodNotAllowed && a.status != http.StatusNotFound && a.status != http.StatusUnprocessableEntity {
				t.Errorf("%s %s: %d", other, path, a.status)
			}
		}
		if method == http.MethodPost {
			req := b.request("GET", filled(path)+"?_method=POST", "", nil)
			req.Header.Set("X-HTTP-Method-Override", "POST")
			if a := b.do(req); a.status == http.StatusSeeOther && a.to != "/login" && a.to != "/" {
				t.Errorf("GET %s as if POST: %d to %s", path, a.status, a.to)
			}
		}
	})
	after, err := h.db.People(t.Context())
	must(t, err)
	if len(after) != len(before) {
		t.Error("somebody came of it")
	}
}

// Another name for the house comes back in no link and no redirect.
func hosts(t *testing.T, h *besieged) {
	for _, who := range []dossier.PersonID{"p-admin", ""} {
		b := h.nobody()
		if who != "" {
			b = h.as(who)
		}
		routesOf(func(method, path string) {
			if method != http.MethodGet {
				return
			}
			req := b.request("GET", strings.NewReplacer("{code}", string(h.code), "{id}", string(h.doc.ID)).Replace(path), "", nil)
			req.URL.Path = filled(req.URL.Path)
			req.Host = "evil.example"
			for _, name := range []string{"X-Forwarded-Host", "X-Original-Host", "Forwarded", "X-Forwarded-Prefix", "X-Original-URL", "X-Rewrite-URL"} {
				req.Header.Set(name, "host=evil.example")
			}
			if a := b.do(req); strings.Contains(a.body, "evil.example") || strings.Contains(a.to, "evil.example") {
				t.Errorf("%s names another house", path)
			}
		})
	}
}

// Nobody is sent elsewhere, nor past the end of a header.
func redirects(t *testing.T, h *besieged) {
	for _, next := range []string{"//evil.example", "https://evil.example", `/\evil.example`, `\\evil.example`, "/\t/evil.example", "javascript:alert(1)", "/\r\nSet-Cookie: a=b", "http:evil.example", "///evil.example", "/%09/evil.example", "/x\x00"} {
		for _, a := range []answer{h.nobody().post("/login", url.Values{"login": {"motcua"}, "password": {password}, "next": {next}}), h.as("p-admin").post("/account/prove", url.Values{"proof": {password}, "next": {next}})} {
			if a.status == http.StatusSeeOther && a.to != "/" && a.to != "/%09/evil.example" { // a path of ours, which browsers do not decode
				t.Errorf("%q leads to %q", next, a.to)
			}
			if len(a.header.Values("Set-Cookie")) > 2 {
				t.Errorf("%q sets a cookie of its own", next)
			}
		}
	}
}

// What is larger than it can be is refused, with an answer, everywhere.
func oversized(t *testing.T, h *besieged) {
	b := h.as("p-admin")
	big := strings.Repeat("a", 1<<20+1)
	routesOf(func(method, path string) {
		if method == http.MethodGet || slices.Contains(web.BigRoutes(), method+" "+path) || path == "/login" || path == "/login/code" {
			return
		}
		media, body := "application/x-www-form-urlencoded", "why="+big
		if strings.HasPrefix(path, "/api/v1/") {
			media, body = "application/json", `{"why":"`+big+`"}`
		}
		if a := b.do(b.request(method, filled(path), media, strings.NewReader(body))); a.status < 400 || a.status >= 500 {
			t.Errorf("%s %s with a large form: %d", method, path, a.status)
		}
		if media == "application/json" {
			for _, deep := range []string{strings.Repeat("[", 20_000), strings.Repeat(`{"why":`, 20_000)} {
				if a := b.do(b.request(method, filled(path), media, strings.NewReader(deep))); a.status < 400 || a.status >= 500 {
					t.Errorf("%s %s with deep JSON: %d", method, path, a.status)
				}
			}
		}
	})
	for path, a := range map[string]answer{
		"a long address":  b.get("/dossiers?code=" + strings.Repeat("a", 100_000)),
		"many values":     b.get("/documents?" + strings.Repeat("state=x&", 20_000)),
		"a long login":    h.nobody().post("/login", url.Values{"login": {strings.Repeat("a", 900_000)}, "password": {"x"}}),
		"a long password": h.nobody().post("/login", url.Values{"login": {"motcua"}, "password": {strings.Repeat("a", 900_000)}}),
	} {
		if a.status >= 500 {
			t.Errorf("%s: %d", path, a.status)
		}
	}
	req := b.request("GET", "/", "", nil)
	req.Header.Set("X-Long", strings.Repeat("a", 2<<20))
	if a := b.do(req); a.status != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("a long header: %d", a.status)
	}
	var parts bytes.Buffer
	for i := range 5000 {
		fmt.Fprintf(&parts, "--x\r\nContent-Disposition: form-data; name=\"n%d\"\r\n\r\n1\r\n", i)
	}
	parts.WriteString("--x--\r\n")
	c := h.as("p-counter")
	if a := c.do(c.request("POST", "/dossiers/"+string(h.code)+"/slots/TP02", "multipart/form-data; boundary=x", &parts)); a.status < 400 || a.status >= 500 {
		t.Errorf("many parts: %d", a.status)
	}
}

// No page that somebody has to be logged in for stays in a cache.
func unkept(t *testing.T, h *besieged) {
	b := h.as("p-admin")
	routesOf(func(method, path string) {
		if method != http.MethodGet || slices.ContainsFunc([]string{"/static/", "/public/", "/ledger/", "/api"}, func(p string) bool { return strings.HasPrefix(path, p) }) {
			return
		}
		a := walk(b, method, path, h.code, h.doc, "1")
		kept := a.header.Get("Cache-Control")
		if kept != "no-store" && !(strings.Contains(path, "/pages/") && strings.HasPrefix(kept, "private")) {
			t.Errorf("%s: %q", path, kept)
		}
	})
}

// A file that is a page as well as a paper is sent as what it was taken for, to be kept
// and not shown, in a sandbox.
func polyglot(t *testing.T, h *besieged) {
	d := h.bring(h.open("008199012346", "B"), "TP01", "%PDF-1.7 <html><script>alert(1)</script>")
	a := h.as("p-counter").get("/documents/" + string(d.ID) + "/parts/scan")
	if a.status != 200 || a.header.Get("Content-Type") != d.Media || !strings.HasPrefix(a.header.Get("Content-Disposition"), "attachment") ||
		a.header.Get("X-Content-Type-Options") != "nosniff" || !strings.HasPrefix(a.header.Get("Content-Security-Policy"), "sandbox;") {
		t.Errorf("%d %v", a.status, a.header)
	}
}

// No cell of a list is a formula, whatever an agency is called.
func formulas(t *testing.T, h *besieged) {
	defer func() {
		must(t, h.db.PutAgency(t.Context(), dossier.Agency{Code: here, Parent: root, Name: "UBND xã Vĩnh Nghĩa", Tier: dossier.Commune}))
	}()
	for _, mark := range []string{"=", "+", "-", "@", "\t", "\r"} {
		must(t, h.db.PutAgency(t.Context(), dossier.Agency{Code: here, Parent: root, Name: mark + `cmd|' /C calc'!A0`, Tier: dossier.Commune}))
		a := h.as("p-admin").get("/figures/export?period=2026-11&format=csv")
		if a.status != 200 || !strings.Contains(a.body, "calc") {
			t.Fatalf("%q: %d, and the name is not in it: %.200s", mark, a.status, a.body)
		}
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(a.body, "\ufeff"))).ReadAll()
		must(t, err)
		for _, row := range rows {
			for _, cell := range row {
				if cell != "" && strings.ContainsRune("=+-@\t\r\n", rune(cell[0])) {
					t.Errorf("the cell %q", cell)
				}
			}
		}
	}
}

// A key in an address opens nothing and is written nowhere.
func keysInAddresses(t *testing.T, h *besieged) {
	a := h.as("p-admin").post("/admin/keys", url.Values{"login": {"dich-vu"}, "name": {"Dịch vụ"}, "role": {"counter"}, "agency": {string(here)}})
	if a.status >= 500 {
		t.Fatal(a.status)
	}
	const key = "sohoa_0123456789abcdef0123456789abcdef"
	for _, name := range []string{"key", "api_key", "apikey", "access_token", "token", "authorization"} {
		if a := h.nobody().get("/api/v1/me?" + name + "=" + key); a.status != http.StatusUnauthorized && a.status != http.StatusForbidden {
			t.Errorf("%s: %d", name, a.status)
		}
		if a := h.as("p-counter").asks("GET", "/me?"+name+"="+key, nil); a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s beside a session: %d", name, a.status)
		}
	}
	if strings.Contains(h.log.String(), key) {
		t.Error("the log knows the key")
	}
}

// Nobody learns from the time that a login takes whether there is such a login: one
// hash is made, at the cost of real ones, whoever it is. That is counted; a clock lies.
func loginsCostTheSame(t *testing.T, h *besieged) {
	must(t, h.db.PutPerson(t.Context(), dossier.Person{ID: "p-real", Login: "that", Name: "Z", Role: dossier.Counter, Agency: here}, web.HashPassword("một mật khẩu khác")))
	must(t, h.db.PutPerson(t.Context(), dossier.Person{ID: "p-service", Login: "may", Name: "S", Role: dossier.Counter, Agency: here, Service: true}, ""))
	cost := func(login string) [][3]uint32 {
		h.clock.add(time.Hour)
		return web.Derived(func() { h.nobody().post("/login", url.Values{"login": {login}, "password": {"sai"}}) })
	}
	want := cost("that")
	least := func(cost [3]uint32) bool { // the settings that OWASP holds for equal and asks for at least
		return slices.ContainsFunc([][2]uint32{{46 << 10, 1}, {19 << 10, 2}, {12 << 10, 3}, {9 << 10, 4}, {7 << 10, 5}},
			func(of [2]uint32) bool { return cost[0] >= of[0] && cost[1] >= of[1] })
	}
	if len(want) != 1 || !least(want[0]) {
		t.Fatalf("a wrong password costs %v", want)
	}
	for _, login := range []string{"không có ai", "", "may"} {
		if got := cost(login); !slices.Equal(got, want) {
			t.Errorf("the login %q costs %v, and a real one %v", login, got, want)
		}
	}
}

// Of several who approve at once one does, and a form that is sent again does nothing.
func approvedTogether(t *testing.T, h *besieged) {
	d := h.until(h.bring(h.open("008199012347", "C"), "TP01", "giấy khác"), dossier.Confirmed)
	b := h.as("p-clerk")
	var wg sync.WaitGroup
	got := make([]int, 8)
	form := url.Values{"version": {fmt.Sprint(d.Version)}}
	path := fmt.Sprintf("/documents/%s/acts/approve", d.ID)
	for i := range got {
		wg.Go(func() {
			req, err := http.NewRequestWithContext(t.Context(), "POST", h.url+path, strings.NewReader(form.Encode()))
			if err != nil {
				return
			}
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			if res, err := b.c.Do(req); err == nil {
				_, _ = io.Copy(io.Discard, res.Body)
				res.Body.Close()
				got[i] = res.StatusCode
			}
		})
	}
	wg.Wait()
	slices.Sort(got)
	if got[0] != http.StatusSeeOther || got[1] != http.StatusConflict && got[1] != http.StatusForbidden || got[7] >= 500 {
		t.Errorf("at once: %v", got)
	}
	if a := b.post(path, form); a.status < 400 || a.status >= 500 {
		t.Errorf("the same form again: %d", a.status)
	}
	if after := h.document(d.ID); after.Version != d.Version+1 {
		t.Errorf("version %d became %d", d.Version, after.Version)
	}
}

// Every answer says what browsers may do with it, errors and files as well.
func headers(t *testing.T, h *besieged) {
	b := h.as("p-admin")
	routesOf(func(method, path string) {
		if method != http.MethodGet || strings.HasPrefix(path, "/ledger/") { // those are for everybody's programs, by intent: TestCheckpointsForEverybody
			return
		}
		a := walk(b, http.MethodGet, path, h.code, h.doc, "1")
		csp := a.header.Get("Content-Security-Policy")
		if !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe-") || !strings.Contains(csp, "sandbox") && !strings.Contains(csp, "frame-ancestors 'none'") {
			t.Errorf("%s: %q", path, csp)
		}
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
			"Cross-Origin-Resource-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp"} {
			if a.header.Get(name) != want {
				t.Errorf("%s: %s is %q", path, name, a.header.Get(name))
			}
		}
		if p := a.header.Get("Permissions-Policy"); !strings.Contains(p, "camera=()") || a.header.Get("Access-Control-Allow-Origin") != "" || a.header.Get("Server") != "" || a.header.Get("X-Powered-By") != "" {
			t.Errorf("%s: %v", path, a.header)
		}
	})
	conn, err := net.Dial("tcp", strings.TrimPrefix(h.url, "http://"))
	must(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n")
	must(t, err)
	said, err := io.ReadAll(conn)
	must(t, err)
	if !strings.HasPrefix(string(said), "HTTP/1.1 400") {
		t.Errorf("two hosts and two lengths: %.40s", said)
	}
}
