package web_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"sohoa/dossier"
	"sohoa/web"
)

// auditorSends are the addresses to which an auditor may send something, and why that
// changes nothing of anybody's papers. Everything else that is not a GET is refused.
var auditorSends = map[string]string{
	"POST /holders":                              "asks: the number travels in the body",
	"POST /holders/{holder}/number":              "asks, and is written down",
	"POST /documents/{id}":                       "asks: what is looked for travels in the body",
	"POST /search":                               "asks",
	"POST /verify":                               "asks about a file that is kept nowhere",
	"POST /documents/{id}/hold":                  "keeps papers from being disposed of, which is the auditor's to say (decision 31)",
	"POST /retention/holds/{hold}/lift":          "takes that back",
	"POST /glass":                                "opens a dossier to read, out of turn and watched",
	"POST /logout":                               "their own session",
	"POST /account/sessions":                     "their own sessions",
	"POST /account/factor":                       "their own second factor",
	"POST /account/prove/passkey":                "proves who they are",
	"POST /account/passkeys/begin":               "their own passkeys",
	"POST /account/passkeys/remove":              "their own passkeys",
	"POST /account/delegations/{delegation}/end": "a standing in that names them",
	"POST /account/deputy":                       "their own session",
	"POST /login/passkey/begin":                  "anybody's",
	"POST /login/provider/logout":                "the provider's",
	"POST /lookup":                               "anybody's",
	"POST /lookup/rating":                        "a citizen's, by the code of a receipt",
	"POST /lookup/verify":                        "anybody's",
	"POST /notices/stop/{token}":                 "a citizen's, by the link in their notice",
	"POST /phone/{token}":                        "a phone's that was invited",
	"POST /phone/{token}/uploads":                "a phone's that was invited",
	"HEAD /phone/{token}/uploads/{upload}":       "a phone's that was invited",
	"PATCH /phone/{token}/uploads/{upload}":      "a phone's that was invited",
	"DELETE /phone/{token}/uploads/{upload}":     "a phone's that was invited",
	"POST /phone/{token}/uploads/{upload}":       "a phone's that was invited",
}

// TestAuditorChangesNothing: an auditor is refused whatever changes something, at every
// address that the house has; and the pages that they read offer nothing of the kind.
func TestAuditorChangesNothing(t *testing.T) {
	const auditor = 4 // in the table of rights
	seen := map[string]bool{}
	for _, row := range crawl {
		if address := row.method + " " + strings.TrimPrefix(row.path, "/api/v1"); row.method != "GET" && row.who[auditor] != 'n' {
			if seen[address] = true; auditorSends[address] == "" && !strings.HasPrefix(row.path, "/api/v1") {
				t.Errorf("an auditor may send to %s", address)
			}
		}
	}
	for address := range auditorSends {
		if !seen[address] {
			t.Errorf("%s is refused to an auditor: the table says more than is so", address)
		}
	}
	h := newHouse(t)
	archived := h.until(h.bring(h.open("008199012345", "An"), "TP01", "đơn"), dossier.Archived)
	waiting := h.until(h.bring(h.open("008199012345", "An"), "TP02", "khai sinh"), dossier.Confirmed)
	patterns := map[string]*regexp.Regexp{}
	for _, p := range web.Patterns() {
		if method, path, ok := strings.Cut(p, " "); ok && method == "POST" {
			patterns[p] = regexp.MustCompile("^" + regexp.MustCompile(`\\\{[^}]*\\\}`).ReplaceAllString(regexp.QuoteMeta(path), "[^/]+") + "$")
		}
	}
	posts, b := regexp.MustCompile(`<form[^>]*method="post"[^>]*action="([^"]*)"|formaction="([^"]*)"`), h.as("p-auditor")
	queue, met, forms := []string{"/"}, map[string]bool{"/": true}, 0
	links := regexp.MustCompile(`<a [^>]*href="(/[^"#]*)"`)
	for len(queue) > 0 && len(met) < 400 {
		at := queue[0]
		queue = queue[1:]
		a := b.get(at)
		if !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
			continue
		}
		for _, m := range posts.FindAllStringSubmatch(a.body, -1) {
			forms++
			to, allowed := strings.ReplaceAll(m[1]+m[2], "&amp;", "&"), ""
			u, err := url.Parse(to)
			must(t, err)
			for p, shape := range patterns {
				if shape.MatchString(u.Path) {
					allowed += auditorSends[p]
				}
			}
			if allowed == "" && !strings.HasPrefix(u.Path, "/account/") {
				t.Errorf("%s offers an auditor %s", at, to)
			}
		}
		for _, m := range links.FindAllStringSubmatch(a.body, -1) {
			if to := strings.ReplaceAll(m[1], "&amp;", "&"); !met[to] && !strings.Contains(to, "lang=") && !strings.HasPrefix(to, "/admin/public") {
				met[to] = true
				queue = append(queue, to)
			}
		}
	}
	for _, d := range []dossier.Document{archived, waiting} {
		if !met["/documents/"+string(d.ID)] {
			t.Errorf("the walk did not come to a paper that is %s: it proves little", d.State)
		}
	}
	if forms < 20 {
		t.Errorf("%d forms on %d pages: this proves little", forms, len(met))
	}
}

// TestAuditorLiftsOwnHolds: an auditor keeps papers from going, and takes that back; what
// somebody else holds they cannot let go.
func TestAuditorLiftsOwnHolds(t *testing.T) {
	h := newHouse(t)
	d := h.until(h.bring(h.open("008199012345", "An"), "TP01", "đơn"), dossier.Archived)
	page := "/documents/" + string(d.ID)
	admin, auditor := h.as("p-admin"), h.as("p-auditor")
	put := func(b *browser, why string) string {
		t.Helper()
		if a := b.post(page+"/hold", url.Values{"why": {why}}); a.status != 303 {
			t.Fatalf("%s: %d", why, a.status)
		}
		holds, err := h.db.Holds(t.Context(), true, 1)
		must(t, err)
		return "/retention/holds/" + holds[0].ID + "/lift"
	}
	theirs, own := put(admin, "Thanh tra"), put(auditor, "Kiểm toán")
	if body := auditor.get(page).body; strings.Contains(body, theirs) || !strings.Contains(body, own) || !strings.Contains(body, "Thanh tra") {
		t.Error("an auditor is offered to lift another's hold, or not their own, or does not see it")
	}
	if body := admin.get(page).body; !strings.Contains(body, theirs) || !strings.Contains(body, own) {
		t.Error("an administrator is not offered to lift each")
	}
	for _, lift := range []struct {
		by   *browser
		to   string
		want int
	}{{auditor, theirs, 404}, {auditor, own, 303}, {admin, theirs, 303}} {
		if a := lift.by.post(lift.to, url.Values{"why": {"xong"}}); a.status != lift.want {
			t.Errorf("%s: %d, want %d", lift.to, a.status, lift.want)
		}
	}
}
