package web_test

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"sohoa/dossier"
	"sohoa/dossier/project"
	"sohoa/dossier/restriction"
	"sohoa/dossier/retention"
	"sohoa/dossier/room"
	"sohoa/web"
)

// who may, in the order nobody, counter, officer, clerk, auditor, admin, a
// counter of another agency. y: reaches the page; n: may not; 0: is told there
// is no such thing; c: is told that it is not the time for it; L: is sent to log in.
var crawl = []struct{ method, path, who string }{
	{"GET", "/healthz", "yyyyyyy"},
	{"GET", "/static/app.css", "yyyyyyy"},
	{"GET", "/static/nothing", "0000000"},
	{"GET", "/login", "yyyyyyy"},
	{"POST", "/login", "nnnnnnn"}, // no password
	{"POST", "/logout", "nyyyyyy"},
	{"GET", "/", "Lyyyyyy"},
	{"GET", "/fragments/flow", "Lyyyyyy"},
	{"GET", "/fragments/tasks", "Lyyyyyy"},
	{"GET", "/live", "L000000"},        // this house tells nothing
	{"POST", "/tasks/acts", "nnnnnnn"}, // no act
	{"GET", "/desk", "Lnyynnn"},
	{"GET", "/desk/next", "Lnyynnn"},
	{"GET", "/documents/{id}/mark", "Lny0nnn"},  // waits for the officer
	{"POST", "/desk/batches", "nnyynnn"},        // of a paper that is not there
	{"GET", "/desk/batches/{batch}", "L000000"}, // no such batch
	{"POST", "/desk/unlock", "nnyynnn"},
	{"POST", "/desk/lock", "nnyynnn"},
	{"GET", "/dossiers", "Lyyyyyy"},
	{"GET", "/dossiers/new", "Lynnnny"},
	{"POST", "/dossiers", "nynnnny"},
	{"POST", "/dossiers/card", "nynnnny"},
	{"GET", "/dossiers/{code}", "Lyyyyy0"},
	{"GET", "/dossiers/{code}/record", "Lyyyyy0"},
	{"OPTIONS", "/uploads", "nynnnny"},
	{"POST", "/uploads", "nynnnn0"},          // for the dossier here
	{"HEAD", "/uploads/{upload}", "n0nnnn0"}, // no such upload
	{"PATCH", "/uploads/{upload}", "n0nnnn0"},
	{"DELETE", "/uploads/{upload}", "n0nnnn0"},
	{"POST", "/uploads/{upload}", "n0nnnn0"},
	{"POST", "/dossiers/{code}/slots/{slot}", "nynnnn0"},
	{"POST", "/dossiers/{code}/slots/{slot}/reuse", "n0nnnn0"}, // no such entry
	{"GET", "/dossiers/{code}/slots/{slot}/draft", "Lynnnn0"},
	{"POST", "/dossiers/{code}/slots/{slot}/draft", "nynnnn0"},
	{"GET", "/dossiers/{code}/slots/{slot}/draft/pages/{file}/{page}", "L0nnnn0"}, // no such file
	{"POST", "/dossiers/{code}/slots/{slot}/draft/again", "n0nnnn0"},              // no page is named
	{"POST", "/dossiers/{code}/slots/{slot}/draft/phone", "nynnnn0"},
	{"GET", "/phone/{token}", "0000000"}, // no such invitation
	{"POST", "/phone/{token}", "0000000"},
	{"POST", "/phone/{token}/uploads", "0000000"},
	{"HEAD", "/phone/{token}/uploads/{upload}", "0000000"},
	{"PATCH", "/phone/{token}/uploads/{upload}", "0000000"},
	{"DELETE", "/phone/{token}/uploads/{upload}", "0000000"},
	{"POST", "/phone/{token}/uploads/{upload}", "0000000"},
	{"POST", "/dossiers/{code}/slots/{slot}/draft/pages", "n0nnnn0"}, // no draft
	{"POST", "/dossiers/{code}/slots/{slot}/draft/discard", "nynnnn0"},
	{"POST", "/dossiers/{code}/slots/{slot}/draft/restore", "n0nnnn0"}, // nothing was discarded
	{"POST", "/dossiers/{code}/slots/{slot}/tray", "n0nnnn0"},          // no such file
	{"GET", "/dossiers/{code}/receipt", "Lynnnn0"},
	{"POST", "/dossiers/{code}/forms/{form}", "n000nn0"}, // no such form
	{"POST", "/dossiers/{code}/slots/{slot}/decision", "nynnnn0"},
	{"POST", "/dossiers/{code}/handed-on", "nynnnn0"},
	{"POST", "/dossiers/{code}/taken-back", "nynnnn0"},
	{"POST", "/dossiers/{code}/resolve", "nnyynnn"},
	{"GET", "/dossiers/{code}/lookers", "Lynnyy0"},
	{"POST", "/dossiers/{code}/reuse", "ncnnnn0"}, // nothing is held
	{"GET", "/holders", "Lyyyyny"},
	{"POST", "/holders", "nyyyyny"},
	{"GET", "/holders/{holder}", "Lyyyyy0"},
	{"POST", "/holders/{holder}/number", "nyyyyy0"},
	{"GET", "/holders/{holder}/lookers", "Lynnyy0"},
	{"POST", "/holders/{holder}/acts", "nnnynyn"}, // merge
	{"POST", "/holders/{holder}/export", "nnnynyn"},
	{"GET", "/records/{entry}", "L000000"}, // no such entry
	{"POST", "/records/{entry}/acts", "nn00n0n"},
	{"GET", "/documents/{id}/proofs/{place}", "Lyyyyy0"},
	{"GET", "/ledger/checkpoint", "yyyyyyy"},
	{"GET", "/ledger/checkpoints", "yyyyyyy"},
	{"GET", "/ledger/checkpoints/{size}", "yyyyyyy"},
	{"GET", "/ledger/checkpoints/{size}/timestamp", "yyyyyyy"},
	{"GET", "/ledger/keys", "yyyyyyy"},
	{"GET", "/ledger/tile/{path...}", "yyyyyyy"},
	{"GET", "/documents", "Lyyyyyy"},
	{"GET", "/documents/{id}", "Lyyyyy0"},
	{"POST", "/documents/{id}", "nyyyyy0"},
	{"GET", "/documents/{id}/view", "Lyyyyy0"},
	{"GET", "/static/viewer/frame", "yyyyyyy"},
	{"GET", "/documents/{id}/pages/{page}", "Lyyyyy0"},
	{"GET", "/documents/{id}/parts/{part}", "Lyyyyy0"},
	{"GET", "/documents/{id}/signatures", "Lyyyyy0"},
	{"GET", "/documents/{id}/words/{form}", "Lyyyyy0"},
	{"GET", "/documents/{id}/packages/{kind}", "Lnncccn"}, // not archived
	{"GET", "/dossiers/{code}/packages/{kind}", "Lnnyyyn"},
	{"POST", "/documents/{id}/review", "nyynnn0"},
	{"GET", "/review", "Lyyyyyy"},
	{"POST", "/documents/{id}/acts/{act}", "nnynnn0"}, // attest
	{"GET", "/retention", "Lnnynyn"},
	{"POST", "/retention/rules", "nnnnnyn"},
	{"POST", "/retention/proposals", "nnn0n0n"}, // of no document
	{"POST", "/retention/proposals/{proposal}", "nnn0n0n"},
	{"POST", "/documents/{id}/hold", "nnnnyyn"},
	{"POST", "/retention/holds/{hold}/lift", "nnnn0yn"}, // an auditor lifts no other's
	{"GET", "/admin/room", "Lnnnnyn"},
	{"POST", "/admin/room", "nnnnnyn"},
	{"POST", "/admin/room/{grant}/end", "nnnnnyn"},
	{"GET", "/admin/restrictions", "Lnnnnyn"},
	{"POST", "/admin/restrictions", "nnnnnyn"},
	{"POST", "/admin/restrictions/{restriction}/end", "nnnnnyn"},
	{"GET", "/search", "Lyyyyyy"},
	{"POST", "/search", "nyyyyy0"}, // an agency elsewhere
	{"GET", "/lookup", "yyyyyyy"},
	{"POST", "/lookup", "0000000"},        // no such dossier
	{"POST", "/lookup/rating", "0000000"}, // nor here
	{"POST", "/lookup/verify", "yyyyyyy"},
	{"POST", "/admin/citizens", "nnnnnyn"},
	{"GET", "/figures/ratings", "Lyyyyyy"},
	{"GET", "/verify", "Lyyyyyy"},
	{"POST", "/verify", "nyyyyyy"},
	{"GET", "/figures", "Lyyyyyy"},
	{"GET", "/figures/dossiers", "Lyyyyyy"},
	{"GET", "/figures/by", "Lnnyyyn"}, // whose work it is
	{"GET", "/figures/closed/{month}/{version}", "Lyyyyyy"},
	{"GET", "/figures/closed/{month}/{version}/{file}", "L000000"}, // not sealed
	{"GET", "/figures/provinces", "Lnnyyyn"},
	{"GET", "/figures/export", "Lyyyyyy"},
	{"POST", "/figures/closed", "nnnnnyn"},
	{"GET", "/public/figures", "0000000"}, // off in a new house
	{"GET", "/public/figures/{month}/{version}/{file}", "0000000"},
	{"GET", "/admin/public", "Lnnnnyn"},
	{"POST", "/admin/public", "nnnnnyn"},
	{"GET", "/admin/norms", "Lnnnnyn"},
	{"POST", "/admin/norms", "nnnnnyn"},
	{"GET", "/admin", "Lnnnnyn"},
	{"GET", "/admin/{what}", "Lnnnnyn"},
	{"GET", "/admin/renewals", "Lnnnnyn"},
	{"GET", "/admin/roots", "Lnnnnyn"},
	{"GET", "/admin/fixity", "Lnnnnyn"},
	{"GET", "/admin/line", "Lnnnnyn"},
	{"POST", "/admin/line", "nnnnnyn"},
	{"POST", "/admin/line/{id}/{do}", "nnnnn0n"}, // no such deed
	{"GET", "/admin/import", "Lnnnnyn"},
	{"POST", "/admin/import", "nnnnnyn"},
	{"POST", "/admin/import/{id}", "nnnnnyn"},
	{"GET", "/admin/import/{what}/{form}", "Lnnnn0n"}, // no such list
	{"POST", "/admin/agencies", "nnnnnyn"},
	{"POST", "/admin/kinds", "nnnnnyn"},
	{"POST", "/admin/procedures", "nnnnnyn"},
	{"POST", "/admin/people", "nnnnnyn"},
	{"POST", "/admin/people/{id}/password", "nnnnnyn"},
	{"GET", "/api/tasks", "nyyyyyy"},
	{"GET", "/api/documents/{id}", "nyyyyy0"},
	{"GET", "/api/dossiers/{code}", "nyyyyy0"},
	{"GET", "/login/code", "LLLLLLL"},  // without the password
	{"POST", "/login/code", "nnnnnnn"}, // the same
	{"GET", "/account", "Lyyyyyy"},
	{"POST", "/account/password", "nnnnnnn"}, // without the old one
	{"POST", "/account/sessions", "nyyyyyy"},
	{"POST", "/account/factor/begin", "nnnnnnn"}, // without the password
	{"POST", "/account/factor", "ncccccc"},
	{"POST", "/account/factor/remove", "nnnnnnn"},
	{"POST", "/account/prove", "nnnnnnn"},
	{"POST", "/account/prove/passkey", "nyyyyyy"},
	{"GET", "/account/prove/provider", "L000000"}, // the session began here
	{"POST", "/account/passkeys/begin", "nyyyyyy"},
	{"POST", "/account/passkeys", "nnnnnnn"},        // no answer
	{"POST", "/account/passkeys/remove", "n000000"}, // none is named
	{"POST", "/login/passkey/begin", "yyyyyyy"},
	{"POST", "/login/passkey", "nnnnnnn"}, // no answer
	{"GET", "/login/provider", "0000000"}, // there is none in this house
	{"GET", "/login/provider/return", "0000000"},
	{"POST", "/login/provider/logout", "0000000"},
	{"GET", "/logout/provider", "0000000"},
	{"POST", "/admin/people/{id}/identity", "nnnnncn"}, // no provider
	{"POST", "/account/delegations", "nnyynnn"},
	{"POST", "/account/delegations/{delegation}/end", "n000000"}, // no such
	{"POST", "/account/deputy", "nyyyyyy"},
	{"GET", "/glass", "Lnnnyyn"},
	{"POST", "/glass", "nnnnynn"},
	{"GET", "/admin/accounts", "Lnnnnyn"},
	{"POST", "/admin/accounts", "nnnnnyn"},
	{"GET", "/admin/people/{id}", "Lnnnnyn"},
	{"POST", "/admin/people/{id}/lock", "nnnnnyn"},
	{"POST", "/admin/people/{id}/place", "nnnnnyn"},
	{"POST", "/admin/people/{id}/sessions", "nnnnnyn"},
	{"POST", "/admin/people/{id}/factor", "nnnnnyn"},
	{"GET", "/admin/keys", "Lnnnnyn"},
	{"POST", "/admin/keys", "nnnnnyn"},
	{"GET", "/admin/keys/{id}", "Lnnnn0n"}, // no program
	{"POST", "/admin/keys/{id}", "nnnnn0n"},
	{"POST", "/admin/keys/{id}/{key}/end", "nnnnn0n"},
	{"GET", "/api", "yyyyyyy"},
	{"GET", "/api/v1/openapi.json", "yyyyyyy"},
	{"GET", "/api/v1/events", "n000000"}, // the same
	{"GET", "/api/v1/me", "nyyyyyy"},
	{"GET", "/api/v1/agencies", "nyyyyyy"},
	{"GET", "/api/v1/kinds", "nyyyyyy"},
	{"GET", "/api/v1/procedures", "nyyyyyy"},
	{"GET", "/api/v1/dossiers", "nyyyyyy"},
	{"POST", "/api/v1/dossiers", "nynnnny"},
	{"GET", "/api/v1/dossiers/{code}", "nyyyyy0"},
	{"POST", "/api/v1/dossiers/{code}/slots/{slot}/decision", "nynnnn0"},
	{"POST", "/api/v1/dossiers/{code}/slots/{slot}/reuse", "n0nnnn0"}, // no such entry
	{"POST", "/api/v1/dossiers/{code}/slots/{slot}/documents", "nynnnn0"},
	{"POST", "/api/v1/dossiers/{code}/reuse", "ncnnnn0"}, // nothing is held
	{"POST", "/api/v1/dossiers/{code}/handed-on", "nynnnn0"},
	{"POST", "/api/v1/dossiers/{code}/taken-back", "nynnnn0"},
	{"POST", "/api/v1/dossiers/{code}/resolve", "nnyynnn"},
	{"GET", "/api/v1/dossiers/{code}/receipt", "nynnnn0"},
	{"GET", "/api/v1/dossiers/{code}/record", "nyyyyy0"},
	{"GET", "/api/v1/dossiers/{code}/lookers", "nynnyy0"},
	{"GET", "/api/v1/dossiers/{code}/packages/{kind}", "nnnyyyn"},
	{"GET", "/api/v1/tasks", "nyyyyyy"},
	{"GET", "/api/v1/documents", "nyyyyyy"},
	{"GET", "/api/v1/documents/{id}", "nyyyyy0"},
	{"POST", "/api/v1/documents/{id}/acts/{act}", "nnynnn0"}, // attest
	{"POST", "/api/v1/documents/{id}/review", "nyynnn0"},
	{"GET", "/api/v1/documents/{id}/parts/{part}", "nyyyyy0"},
	{"GET", "/api/v1/documents/{id}/pages/{page}", "nyyyyy0"},
	{"GET", "/api/v1/documents/{id}/words/{form}", "nyyyyy0"},
	{"GET", "/api/v1/documents/{id}/signatures", "nyyyyy0"},
	{"GET", "/api/v1/documents/{id}/events", "nyyyyy0"},
	{"GET", "/api/v1/documents/{id}/proofs/{place}", "nyyyyy0"},
	{"POST", "/api/v1/documents/{id}/hits", "nyyyyy0"},
	{"GET", "/api/v1/documents/{id}/packages/{kind}", "nnncccn"}, // not archived
	{"POST", "/api/v1/holders", "nyyyyny"},
	{"GET", "/api/v1/holders/{holder}", "nyyyyy0"},
	{"POST", "/api/v1/holders/{holder}/number", "nyyyyy0"},
	{"GET", "/api/v1/records/{entry}", "n000000"}, // no such entry
	{"POST", "/api/v1/records/{entry}/acts", "nn00n0n"},
	{"POST", "/api/v1/documents/{id}/hold", "nnnnyyn"},
	{"GET", "/api/v1/retention/rules", "nnnynyn"},
	{"GET", "/api/v1/retention/due", "nnnynyn"},
	{"GET", "/api/v1/retention/proposals", "nnnynyn"},
	{"POST", "/api/v1/retention/proposals", "nnn0n0n"}, // of no document
	{"POST", "/api/v1/retention/proposals/{proposal}", "nnn0n0n"},
	{"POST", "/api/v1/retention/holds/{hold}/lift", "nnnn0cn"},  // no hold that is in force
	{"POST", "/api/v1/dossiers/{code}/forms/{form}", "n000nn0"}, // no such form
	{"GET", "/api/v1/dossiers/{code}/separators", "nynnnn0"},
	{"GET", "/api/v1/figures/closed/{month}/{version}/{file}", "n000000"}, // not sealed
	{"GET", "/api/v1/desk/batches/{batch}", "n000000"},                    // no such order
	{"GET", "/api/v1/renewals", "nnnnnyn"},
	{"GET", "/api/v1/fixity", "nnnnnyn"},
	{"POST", "/api/v1/search", "nyyyyyy"},
	{"GET", "/api/v1/figures", "nyyyyyy"},
	{"GET", "/api/v1/figures/closed", "nyyyyyy"},
	{"GET", "/api/v1/figures/closed/{month}/{version}", "nyyyyyy"},
	{"POST", "/api/v1/verify", "nyyyyyy"},
	{"GET", "/api/v1/jobs/{job}", "n000000"}, // no such job
	{"GET", "/admin/hooks", "Lnnnnyn"},
	{"POST", "/admin/hooks", "nnnnnyn"},
	{"POST", "/admin/hooks/{id}/end", "nnnnn0n"}, // no such hook
	{"POST", "/admin/hooks/{id}/{place}/{do}", "nnnnn0n"},
	{"POST", "/dossiers/{code}/contacts", "nynnnn0"},
	{"POST", "/dossiers/{code}/contacts/{contact}/end", "n0nnnn0"}, // no such contact
	{"GET", "/notices/stop/{token}", "0000000"},                    // no such link
	{"POST", "/notices/stop/{token}", "0000000"},
	{"GET", "/admin/neighbours", "Lnnnnyn"},
	{"POST", "/admin/neighbours/rules", "nnnnnyn"},
	{"POST", "/admin/neighbours/templates", "nnnnnyn"},
	{"POST", "/admin/neighbours/notices/{id}/{do}", "nnnnn0n"}, // no such notice
	{"POST", "/admin/neighbours/onestop/{code}", "nnnnn0n"},    // it agrees
	{"GET", "/admin/national", "Lnnnnyn"},
	{"POST", "/admin/national", "nnnnncn"}, // it is another difference now
	{"POST", "/admin/national/ask", "nnnnnyn"},
	{"POST", "/dossiers/{code}/population", "nynnnn0"},
	{"GET", "/api/v1/procedure-changes", "nyyyyyy"},
	{"POST", "/api/v1/dossiers/{code}/population-checks", "nynnnn0"},
	{"GET", "/api/v1/dossiers/{code}/population-checks", "nyyyyy0"},
	{"GET", "/admin/payments", "Lnnnnyn"},
	{"POST", "/admin/payments/accounts", "nnnnnyn"},
	{"POST", "/admin/payments/fees", "nnnnnyn"},
	{"GET", "/posters", "Lyyyyyy"},
	{"GET", "/posters/file", "Lyyyyy0"},
	{"GET", "/public/procedures/{procedure}", "yyyyyyy"},
	{"GET", "/batches", "Lynnnny"},
	{"POST", "/batches", "nynnnny"},
	{"GET", "/batches/{batch}", "L0nnnn0"}, // no such batch
	{"POST", "/batches/{batch}", "n0nnnn0"},
	{"GET", "/batches/{batch}/sides/{file}/{page}", "L0nnnn0"},
	{"GET", "/batches/separators", "Lynnnny"},
	{"GET", "/dossiers/{code}/separators", "Lynnnn0"},
	{"GET", "/tray", "Lynnnny"},
	{"POST", "/tray/batch", "n0nnnn0"},      // no such drop
	{"POST", "/tray/results", "n0nnnn0"},    // no such drop
	{"POST", "/tray/{drop}/lay", "n0nnnn0"}, // no such drop
	{"POST", "/tray/{drop}/discard", "n0nnnn0"},
	{"POST", "/tray/{drop}/restore", "n0nnnn0"},
	{"GET", "/admin/scanners", "Lnnnnyn"},
	{"POST", "/admin/scanners", "nnnnnyn"},
	{"POST", "/admin/scanners/{scanner}/end", "nnnnn0n"}, // no such scanner
	{"GET", "/projects", "Lyyynyy"},
	{"POST", "/projects", "nnnynyn"},
	{"GET", "/projects/{project}", "Lyyyny0"},
	{"POST", "/projects/{project}/team", "nnnynyn"},
	{"POST", "/projects/{project}/ties", "n000n00"}, // no such batch
	{"POST", "/projects/{project}/lots", "nnncncn"}, // no papers
	{"GET", "/projects/{project}/sample", "Lyyyny0"},
	{"POST", "/projects/{project}/sample", "nnnnnn0"}, // of no team
	{"GET", "/projects/{project}/report/{form}", "Lnnynyn"},
	{"POST", "/projects/{project}/end", "nnnynyn"},
	{"GET", "/imports", "Lnnynyn"},
	{"GET", "/api/v1/batches", "nynnnny"},
	{"POST", "/api/v1/batches", "nynnnny"},
	{"GET", "/api/v1/batches/{batch}", "n0nnnn0"},
	{"GET", "/api/v1/projects", "nyyynyy"},
	{"GET", "/api/v1/projects/{project}", "nyyyny0"},
	{"GET", "/api/v1/batches/{batch}/sides/{file}/{page}", "n0nnnn0"}, // no such batch
	{"GET", "/api/v1/separators", "nynnnny"},
	{"GET", "/api/v1/projects/{project}/report/{form}", "nnnynyn"},
	{"POST", "/api/v1/projects/{project}/ties", "n000n00"}, // no such batch
	{"GET", "/api/v1/imports", "nnnynyn"},
	{"POST", "/api/v1/holders/{holder}/acts", "nnnynyn"}, // merge
	{"GET", "/api/v1/figures/dossiers", "nyyyyyy"},
	{"GET", "/api/v1/figures/by", "nyyyyyy"},
	{"GET", "/api/v1/figures/provinces", "nnnyyyn"},
	{"GET", "/api/v1/figures/ratings", "nyyyyyy"},
	{"GET", "/nothing", "0000000"},
}

var crawlers = []dossier.PersonID{"", "p-counter", "p-officer", "p-clerk", "p-auditor", "p-admin", "p-far"}

// TestEveryRouteAsEverybody walks every route the house has as every role and
// as nobody. A route that the table does not know fails the test.
func TestEveryRouteAsEverybody(t *testing.T) {
	known := map[string]bool{"/": true}
	for _, row := range crawl {
		known[row.method+" "+row.path] = true
	}
	for _, pattern := range web.Patterns() {
		if strings.HasPrefix(pattern, "/api/v1/") {
			continue // says which methods an address has: TestV1Methods
		}
		if !known[strings.TrimSuffix(strings.NewReplacer("/static/{file}", "/static/app.css", "/static/viewer/{file}", "/static/viewer/frame").Replace(pattern), "{$}")] {
			t.Errorf("nobody walks %s", pattern)
		}
	}
	h := newHouse(t)
	h.blurred = true
	must(t, h.db.PutPerson(t.Context(), dossier.Person{ID: "p-walked", Login: "walked", Role: dossier.Counter, Agency: here}, onceHashed()))
	_, err := h.books().Close(t.Context(), "2026-09", "p-admin")
	must(t, err)
	var code dossier.Code
	var d dossier.Document
	for i, who := range crawlers {
		for j, row := range crawl {
			if j == 0 || strings.HasPrefix(strings.TrimPrefix(row.path, "/api/v1"), "/do") && row.method == "POST" { // what moves things meets fresh ground
				code = h.open("008199012345", "An")
				d = h.until(h.bring(code, "TP01", fmt.Sprint("đơn ", i, " ", j)), dossier.Normalised)
			}
			b := h.nobody()
			if who != "" {
				b = h.as(who)
			}
			a := walk(b, row.method, row.path, code, d, fmt.Sprintf("%d.%d", i, j))
			if got := verdict(a); got != string(row.who[i]) {
				t.Errorf("%s %s as %q: %s (%d), want %c", row.method, row.path, who, got, a.status, row.who[i])
			}
			if a.header.Get("Content-Security-Policy") == "" || a.header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%s %s as %q goes unsecured", row.method, row.path, who)
			}
		}
	}
}

// placeOf is where in the log the reception of d stands.
func placeOf(b *browser, d dossier.Document) string {
	_, err := b.h.db.NumberEvents(b.h.t.Context())
	must(b.h.t, err)
	place, err := b.h.db.FindEvent(b.h.t.Context(), "", d.ID, 0)
	must(b.h.t, err)
	return fmt.Sprint(place)
}

func walk(b *browser, method, path string, code dossier.Code, d dossier.Document, fresh string) answer {
	if strings.HasPrefix(path, "/api/v1/") && method == "POST" {
		return b.walkV1(path, code, d, fresh)
	}
	if strings.Contains(path, "{holder}") {
		return b.walkHolder(method, path, fresh)
	}
	if strings.Contains(path, "/projects") {
		return b.walkProject(method, path)
	}
	to := strings.NewReplacer("{procedure}", "9.1", "{job}", string(d.ID), "{entry}", string(d.ID), "{code}", string(code), "{slot}", "TP02", "{page}", "1", "{file}", "7", "{part}", "scan", "{form}", "alto", "{act}", "attest", "{kind}", "dip", "{what}", "people",
		"{batch}", string(d.ID), "people/{id}", "people/p-walked", "{id}", string(d.ID), "{size}", "1", "{month}", "2026-09", "{version}", "1", "{path...}", "0/000", "{place}", placeOf(b, d)).Replace(path)
	if to == "/api/v1/figures/by" {
		to += "?by=procedure"
	}
	if to == "/figures/by" {
		to += "?by=officer&agency=H99.11"
	}
	if to == "/posters/file" {
		to += "?size=a3&agency=" + string(here)
	}
	if strings.HasSuffix(to, "/figures/dossiers") {
		to += "?number=received"
	}
	if method == "GET" {
		return b.get(to)
	}
	if strings.HasPrefix(path, "/uploads") {
		return b.tus(method, strings.NewReplacer("{upload}", strings.Repeat("a", 26)).Replace(to), nil, announcing(code, "TP02", 3, "a.jpg"))
	}
	if path == "/dossiers/{code}/slots/{slot}" || strings.HasPrefix(path, "/dossiers/{code}/slots/{slot}/draft") && !strings.HasSuffix(path, "pages") && !strings.HasSuffix(path, "phone") && !strings.HasSuffix(path, "discard") {
		return b.upload(to, "a.jpg", []byte("giấy "+fresh), "")
	}
	if path == "/dossiers/card" {
		return b.picture("001090012345|012345678|Nguyễn Văn An|05031990|Nam|Xã An Bình|01012022")
	}
	if path == "/batches" {
		return b.upload(to, "a.jpg", []byte("lô "+fresh), "")
	}
	if path == "/admin/import" {
		return b.upload(to+"?what=agencies", "a.csv", []byte("Mã cơ quan"), "")
	}
	if strings.HasSuffix(path, "/population") || path == "/admin/national" {
		return b.post(to, url.Values{"born": {"3/2/1999"}, "do": {"leave"}, "pick": {"9.1 " + strings.Repeat("0", 64)}})
	}
	if path == "/holders" {
		return b.post(to, url.Values{"number": {"008199012345"}})
	}
	if strings.HasSuffix(path, "/handed-on") || strings.HasSuffix(path, "/taken-back") {
		b.h.as("p-counter").post("/dossiers/"+string(code)+"/slots/TP02/decision", url.Values{"decision": {"copy"}})
	}
	if strings.HasSuffix(path, "/taken-back") {
		b.h.as("p-counter").post("/dossiers/"+string(code)+"/handed-on", nil)
		return b.post(to, url.Values{"why": {"agency"}})
	}
	if path == "/verify" || path == "/lookup/verify" {
		return b.upload(to, "a.pdf", []byte("%PDF"), "")
	}
	if strings.Contains(path, "/room") || strings.Contains(path, "/restrictions") || strings.Contains(path, "{hold}") || path == "/retention/rules" || path == "/admin/norms" {
		return b.keeps(path, fresh)
	}
	if strings.HasSuffix(path, "/contacts") || strings.HasPrefix(path, "/admin/neighbours") || strings.HasPrefix(path, "/admin/payments") {
		return b.post(to, url.Values{"agency": {string(here)}, "procedure": {"9.1"}, "amount": {"15.000"}, "law": {"TT 1"}, "bin": {"970403"}, "number": {"0011012345678"}, "name": {"UBND"}, "channel": {"mail"}, "lang": {"vi"}, "address": {"an@example.vn"}, "consent": {"1"}, "kind": {"ready"}, "since": {"2026-11-20"}, "subject": {"Hồ sơ {dossier}"}, "body": {"{stop}"},
			"quiet": {"21:00-07:00"}, "rate": {"60"}})
	}
	return b.post(to, url.Values{"drop": {string(d.ID)}, "feed": {"single"}, "last": {"0000"}, "lookup": {"1"}, "verify": {"1"}, "why": {"vì thế, thật vậy"}, "taker": {"p-counter"}, "until": {"31/12/2026"}, "dossier": {string(code)}, "longest": {"720"}, "sign": {"15"}, "record": {"0"},
		"idle-counter": {"720"}, "idle-officer": {"30"}, "idle-clerk": {"30"}, "idle-auditor": {"720"}, "idle-admin": {"720"}, "version": {fmt.Sprint(d.Version)}, "pick": {"nothing:0"}, "procedure": {"9.1"}, "competent": {string(here)},
		"holder_number": {"008199012345"}, "holder_name": {"An"}, "code": {"H9" + fresh[len(fresh)-1:] + ".A" + strings.ReplaceAll(fresh, ".", "")},
		"name": {"Tên"}, "tier": {"commune"}, "level": {"full"}, "url": {"https://motcua.gov.vn/" + fresh}, "login": {"l" + fresh}, "role": {"counter"}, "agency": {string(here)}, "month": {"2026-10"}, "q": {"to trinh"}, "decision": {"copy"}})
}

// walkProject visits a new project of the agency here.
func (b *browser) walkProject(method, path string) answer {
	p := b.h.project(project.Sample)
	to := strings.NewReplacer("{project}", string(p.ID), "{form}", "csv", "{batch}", string(p.ID)).Replace(path)
	if method == "GET" {
		return b.get(to)
	}
	return b.post(to, url.Values{"name": {"Kho"}, "agency": {string(here)}, "dossiers": {"10"}, "from": {"01/11/2026"}, "to": {"31/12/2026"}, "method": {"sample"}, "level": {"II"}, "aql": {"1.0"},
		"person": {"p-counter"}, "duty": {"check"}, "source": {"batch"}, "ref": {string(p.ID)}, "lot": {"1"}, "paper": {string(p.ID)}})
}

// walkHolder visits the record of somebody new.
func (b *browser) walkHolder(method, path, fresh string) answer {
	h := b.h
	n, err := strconv.ParseFloat(fresh, 64)
	must(h.t, err)
	do, err := h.db.Dossier(h.t.Context(), h.open(fmt.Sprintf("00819%07.0f", n*1000), "Bình"))
	must(h.t, err)
	to := strings.Replace(path, "{holder}", string(do.Holder), 1)
	if method == "GET" {
		return b.get(to)
	}
	return b.post(to, url.Values{"purpose": {"checking"}, "why": {"đơn 12"}, "act": {"merge"}, "number": {"008199012345"}})
}

// keeps posts what is about keeping and reading, on ground of its own.
func (b *browser) keeps(path, fresh string) answer {
	h, ctx := b.h, b.h.t.Context()
	other := dossier.Person{ID: dossier.PersonID("p-a" + fresh), Login: "a" + fresh, Name: "A", Role: dossier.Auditor, Agency: root}
	must(h.t, h.db.PutPerson(ctx, other, onceHashed()))
	form := url.Values{"why": {"vì thế"}, "years": {"5"}, "from": {"02/01/2020"}, "law": {"TT 1"}, "grade": {"S"}, "purpose": {"kiểm tra"}, "until": {"31/12/2026"},
		"sort": {"ground"}, "said": {"căn cứ"}}
	switch {
	case path == "/admin/restrictions":
		form.Set("person", string(other.ID))
		form.Set("kind", "QD")
	case strings.Contains(path, "{restriction}"):
		r, err := h.db.AddRestriction(ctx, restriction.Rule{Person: other.ID, Kinds: []dossier.KindCode{"QD"}, Why: "x", Who: "p-first", By: dossier.Admin})
		must(h.t, err)
		must(h.t, h.db.AskRestrictionEnd(ctx, r.ID, "p-first", dossier.Admin, "x"))
		path = strings.Replace(path, "{restriction}", r.ID, 1)
	case path == "/admin/room":
		form.Set("person", string(other.ID))
		form.Set("agency", string(here))
		form.Del("from")
	case strings.Contains(path, "{grant}"):
		g, err := h.db.AddGrant(ctx, room.Grant{Person: other.ID, Agency: root, Purpose: "x", Until: h.clock.now().AddDate(0, 1, 0), Who: "p-admin", By: dossier.Admin})
		must(h.t, err)
		path = strings.Replace(path, "{grant}", g.ID, 1)
	case strings.Contains(path, "{hold}"):
		d, err := h.db.Documents(ctx, dossier.DocumentQuery{Limit: 1})
		must(h.t, err)
		x, err := h.db.HoldPapers(ctx, retention.Deed{Document: d[0].ID, Who: "p-admin", By: dossier.Admin, Why: "x"})
		must(h.t, err)
		path = strings.Replace(path, "{hold}", x.ID, 1)
	}
	return b.post(path, form)
}

func verdict(a answer) string {
	switch {
	case a.status == http.StatusSeeOther && strings.HasPrefix(a.to, "/login?") || a.status == http.StatusSeeOther && a.to == "/login" && a.header.Get("Set-Cookie") == "":
		return "L"
	case a.status < 400:
		return "y"
	case a.status == 404:
		return "0"
	case a.status == 409:
		return "c"
	case a.status == 401 || a.status == 403:
		return "n"
	}
	return fmt.Sprint(a.status)
}

// A dossier is seen by the agency that received it, the one that decides it,
// those above, the auditor and the administrator; only the competent agency
// resolves it.
func TestScope(t *testing.T) {
	h := newHouse(t)
	must(t, h.db.PutPerson(t.Context(), dossier.Person{ID: "p-top", Login: "tinh", Name: "Tỉnh", Role: dossier.Officer, Agency: root}, onceHashed()))
	must(t, h.db.PutPerson(t.Context(), dossier.Person{ID: "p-none", Login: "khong", Name: "Không", Role: dossier.Counter}, onceHashed()))
	a := h.as("p-counter").post("/dossiers", url.Values{"procedure": {"9.1"}, "competent": {string(there)}, "holder_number": {"008199012345"}, "holder_name": {"An"}})
	for who, want := range map[dossier.PersonID]int{"p-counter": 200, "p-far": 200, "p-farofficer": 200, "p-top": 200, "p-auditor": 200, "p-admin": 200, "p-none": 404} {
		if got := h.as(who).get(a.to).status; got != want {
			t.Errorf("%s sees %d, want %d", who, got, want)
		}
	}
	if got := h.as("p-none").get("/dossiers").body; strings.Contains(got, strings.TrimPrefix(a.to, "/dossiers/")) {
		t.Error("who belongs to no agency sees the dossiers of all")
	}
	h.until(h.bring(h.open("008199012345", "An"), "TP01", "đơn"), dossier.Normalised)
	for who, want := range map[dossier.PersonID]bool{"p-officer": true, "p-top": true, "p-farofficer": false} {
		for _, path := range []string{"/api/tasks", "/", "/documents"} {
			if got := strings.Contains(h.as(who).get(path).body, "H99.11-261120-0002"); got != want {
				t.Errorf("%s sees the task on %s: %v", who, path, got)
			}
		}
	}
	for _, row := range []struct {
		who  dossier.PersonID
		want int
	}{{"p-officer", 403}, {"p-farofficer", 303}} {
		if got := h.as(row.who).post(a.to+"/resolve", nil).status; got != row.want {
			t.Errorf("%s resolves: %d, want %d", row.who, got, row.want)
		}
	}
}

// An upload is a form of one file; what else it may carry is not read.
func multipartOf(t testing.TB, fields map[string]string, file []byte) (media string, body []byte) {
	t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	for k, v := range fields {
		must(t, form.WriteField(k, v))
	}
	if file != nil {
		part, err := form.CreateFormFile("file", "a.jpg")
		must(t, err)
		_, err = part.Write(file)
		must(t, err)
	}
	must(t, form.Close())
	return form.FormDataContentType(), b.Bytes()
}
