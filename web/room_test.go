package web_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/room"
)

// reading is a house with an auditor who has no grant yet, a dossier here with
// an application and a birth certificate archived, and one there.
func reading(t *testing.T) (h *house, b *browser, in, out dossier.Code, doc, other, far dossier.Document) {
	h = newHouse(t)
	must(t, h.db.PutPerson(t.Context(), dossier.Person{ID: "p-reader", Login: "thanhtra", Name: "Ngô Thị Mai", Role: dossier.Auditor, Agency: root}, onceHashed()))
	in = h.open("008199012345", "An")
	doc = h.until(h.bring(in, "TP01", "đơn"), dossier.Archived)
	other = h.until(h.bring(in, "TP02", "giấy khai sinh"), dossier.Archived)
	holder, err := h.db.FindHolder(t.Context(), "008199012345")
	must(t, err)
	d, err := h.db.AddDossier(t.Context(), dossier.Dossier{Procedure: "9.1", Receiving: there, Holder: holder.ID, Channel: dossier.Direct, Received: h.clock.now()}, "p-far")
	must(t, err)
	out = d.Code
	a := h.as("p-far").upload("/dossiers/"+string(out)+"/slots/TP01", "a.jpg", []byte("đơn khác"), "")
	far = h.machine(h.document(dossier.DocumentID(strings.TrimPrefix(a.to, "/documents/"))))
	for _, c := range []dossier.Change{{Act: dossier.Attest, By: dossier.Officer, Who: "p-farofficer"},
		{Act: dossier.Confirm, By: dossier.Counter, Who: "p-far", Fields: []dossier.Field{{Name: dossier.FieldTitle, Value: "Giấy khai sinh"}, {Name: dossier.FieldIssued, Value: "2020-03-01"}}},
		{Act: dossier.Approve, By: dossier.Clerk, Who: "p-farclerk"}} {
		far, err = h.db.Advance(t.Context(), far, c)
		must(t, err)
		far = h.machine(far)
	}
	h.sweep()
	return h, h.as("p-reader"), in, out, doc, other, far
}

func (h *house) grant(g room.Grant) room.Grant {
	h.t.Helper()
	g.Person, g.Who, g.By = "p-reader", "p-admin", dossier.Admin
	if g.Purpose == "" {
		g.Purpose = "Thanh tra theo QĐ 12"
	}
	if g.Until.IsZero() {
		g.Until = h.clock.now().Add(30 * time.Minute)
	}
	g, err := h.db.AddGrant(h.t.Context(), g)
	must(h.t, err)
	return g
}

// seen says what of documents and dossiers a reader can reach, on every way.
func (b *browser) seen(docs map[string]dossier.Document, dossiers map[string]dossier.Code) string {
	var out []string
	list, all := b.get("/dossiers").body, b.get("/documents?state=archived").body
	_, found, _, counted := b.searched(url.Values{"from": {"01/01/1990"}})
	if counted != len(found) {
		b.h.t.Errorf("%d counted, %d found", counted, len(found))
	}
	for name, d := range docs {
		n := 0
		for _, path := range []string{"", "/pages/1", "/parts/scan", "/signatures", "/words/alto"} {
			if a := b.get("/documents/" + string(d.ID) + path); a.status == 200 {
				n++
			}
		}
		if b.get("/api/documents/"+string(d.ID)).status == 200 {
			n++
		}
		listed := strings.Contains(all, string(d.ID)) || slices.Contains(found, string(d.ID))
		switch {
		case n == 6 && strings.Contains(all, string(d.ID)) && slices.Contains(found, string(d.ID)):
			out = append(out, name)
		case n > 0 || listed:
			out = append(out, name+"?")
		}
	}
	for name, code := range dossiers {
		n := 0
		for _, path := range []string{"", "/record", "/lookers"} {
			if b.get("/dossiers/"+string(code)+path).status == 200 {
				n++
			}
		}
		listed := strings.Contains(list, string(code))
		switch {
		case n == 3 && listed:
			out = append(out, name)
		case n > 0 || listed:
			out = append(out, name+"?")
		}
	}
	sorted := map[string]bool{}
	for _, o := range out {
		sorted[o] = true
	}
	var words []string
	for _, w := range []string{"doc", "other", "far", "in", "out"} {
		if sorted[w] {
			words = append(words, w)
		}
		if sorted[w+"?"] {
			words = append(words, w+"?")
		}
	}
	return strings.Join(words, " ")
}

// An auditor sees what a grant says, on every page and in every list, and nothing
// before it, beside it and after it.
func TestReadingRoom(t *testing.T) {
	h, b, in, out, doc, other, far := reading(t)
	docs := map[string]dossier.Document{"doc": doc, "other": other, "far": far}
	dossiers := map[string]dossier.Code{"in": in, "out": out}
	check := func(what, want string) {
		t.Helper()
		if got := h.as("p-reader").seen(docs, dossiers); got != want {
			t.Errorf("%s: sees %q, want %q", what, got, want)
		}
	}
	check("without a grant", "")
	if a := b.get("/"); a.status != 200 || !strings.Contains(a.body, "Chưa có phiếu đọc") {
		t.Errorf("the first page: %d", a.status)
	}
	if a := b.post("/search", url.Values{"q": {"đơn"}}); a.status != 403 {
		t.Errorf("a search: %d", a.status)
	}
	for _, x := range []struct {
		name, want string
		grant      room.Grant
	}{
		{"an agency", "doc other in", room.Grant{Agency: here}},
		{"all", "doc other far in out", room.Grant{Agency: root}},
		{"a dossier", "far out", room.Grant{Dossier: out}},
		{"a kind", "other in", room.Grant{Agency: here, Kinds: []dossier.KindCode{"GKS"}}},
		{"a kind, elsewhere", "", room.Grant{Agency: there, Kinds: []dossier.KindCode{"GKS"}}},
		{"an earlier year", "", room.Grant{Agency: root, To: start.AddDate(-1, 0, 0)}},
		{"from today on", "doc other far in out", room.Grant{Agency: root, From: time.Date(2026, 11, 20, 0, 0, 0, 0, dossier.VietNam)}},
	} {
		g := h.grant(x.grant)
		check(x.name, x.want)
		must(t, h.db.EndGrant(t.Context(), g.ID, "p-admin", dossier.Admin, "xong"))
		check(x.name+", ended", "")
	}
	h.grant(room.Grant{Agency: root})
	check("until it ends", "doc other far in out")
	h.clock.add(31 * time.Minute)
	check("after its end", "")
}

// What is searched, counted and listed of the same holder stays within the scope.
func TestReadingRoomSearch(t *testing.T) {
	h, b, in, _, doc, other, far := reading(t)
	h.grant(room.Grant{Agency: root, Kinds: []dossier.KindCode{"DDN"}, From: start.AddDate(0, 0, -1)})
	a := b.post("/search", url.Values{"q": {"sinh"}})
	if a.status != 200 {
		t.Fatalf("search: %d", a.status)
	}
	found := func(d dossier.Document) bool { return strings.Contains(a.body, "/documents/"+string(d.ID)) }
	if !found(doc) || found(other) || !found(far) || !strings.Contains(a.body, "2 giấy tờ") {
		t.Errorf("found doc %v, other %v, far %v", found(doc), found(other), found(far))
	}
	for _, path := range []string{"/dossiers/" + string(in), "/dossiers/" + string(in) + "/record", "/api/dossiers/" + string(in)} {
		if p := b.get(path); p.status != 200 || strings.Contains(p.body, string(other.ID)) || !strings.Contains(p.body, string(doc.ID)) {
			t.Errorf("%s: %d tells of a paper of another kind, or not of this", path, p.status)
		}
	}
	if p := b.get("/figures"); p.status != 403 {
		t.Errorf("figures of a whole agency: %d", p.status)
	}
}

// Scope, purpose and time left stand on every page; what is read is in the ledger
// under the grant, and the holder's list tells the purpose.
func TestReadingRoomIsTold(t *testing.T) {
	h, b, in, _, doc, _, _ := reading(t)
	g := h.grant(room.Grant{Agency: here, Purpose: "Kiểm tra hộ tịch QĐ 7"})
	for _, path := range []string{"/", "/dossiers", "/dossiers/" + string(in), "/documents/" + string(doc.ID), "/search", "/nothing"} {
		for _, want := range []string{"UBND xã Vĩnh Nghĩa", "Kiểm tra hộ tịch QĐ 7", "30 phút"} {
			if a := b.get(path); !strings.Contains(a.body, want) {
				t.Errorf("%s does not tell %q", path, want)
			}
		}
	}
	if a := b.get("/?lang=en"); !strings.Contains(a.body, "30 minutes") {
		t.Error("not told in English")
	}
	b.get("/documents/" + string(doc.ID) + "/parts/scan")
	b.get("/documents/" + string(doc.ID) + "/pages/1")
	b.post("/search", url.Values{"q": {"sinh"}})
	_, err := h.db.NumberEvents(t.Context())
	must(t, err)
	holder, err := h.db.FindHolder(t.Context(), "008199012345")
	must(t, err)
	log, err := h.db.Looked(t.Context(), holder.ID, 500)
	must(t, err)
	acts := map[dossier.ReadingAct]bool{}
	for _, p := range log {
		if p.Who == "p-reader" {
			acts[p.Act] = true
			if p.Subject != g.ID || p.Purpose != dossier.ForAudit {
				t.Errorf("%s is under %q for %q", p.Act, p.Subject, p.Purpose)
			}
		}
	}
	for _, want := range []dossier.ReadingAct{dossier.ReadViewed, dossier.ReadTaken, dossier.ReadFound, dossier.ReadDossier} {
		if !acts[want] {
			t.Errorf("%s is not in the ledger", want)
		}
	}
	if a := h.as("p-counter").get("/dossiers/" + string(in) + "/lookers"); !strings.Contains(a.body, "Kiểm tra hộ tịch QĐ 7") {
		t.Error("the holder's list does not tell the purpose")
	}
	r, err := h.db.Audit(t.Context(), nil)
	if err != nil || len(r.Findings) > 0 {
		t.Errorf("audit: %v, %v", r.Findings, err)
	}
}

// The administrator gives a grant on the page and ends it; nobody has two.
func TestRoomPage(t *testing.T) {
	h, b, _, _, _, _, _ := reading(t)
	admin := h.as("p-admin")
	form := url.Values{"person": {"p-reader"}, "agency": {string(here)}, "kind": {"GKS"}, "purpose": {"<b>Thanh tra"}, "until": {"30/11/2026"}}
	if a := admin.post("/admin/room", form); a.status != 303 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if a := admin.post("/admin/room", form); a.status != 409 || !strings.Contains(a.body, "đang có phiếu đọc") {
		t.Errorf("a second one: %d", a.status)
	}
	if a := admin.get("/admin/room"); !strings.Contains(a.body, "&lt;b&gt;Thanh tra") || !strings.Contains(a.body, "30/11/2026") {
		t.Error("not listed")
	}
	for name, bad := range map[string]url.Values{
		"no purpose": {"person": {"p-reader"}, "agency": {string(here)}, "until": {"30/11/2026"}},
		"no end":     {"person": {"p-reader"}, "agency": {string(here)}, "purpose": {"x"}},
		"no scope":   {"person": {"p-reader"}, "purpose": {"x"}, "until": {"30/11/2026"}},
		"too long":   {"person": {"p-reader"}, "agency": {string(here)}, "purpose": {"x"}, "until": {"30/11/2028"}},
	} {
		if a := admin.post("/admin/room", bad); a.status != 422 {
			t.Errorf("%s: %d", name, a.status)
		}
	}
	gs, err := h.db.Grants(t.Context(), "p-reader", 1)
	must(t, err)
	if a := admin.post("/admin/room/"+gs[0].ID+"/end", url.Values{"why": {"xong việc"}}); a.status != 303 {
		t.Errorf("ended: %d", a.status)
	}
	if a := b.get("/dossiers"); a.status != 403 {
		t.Errorf("after its end: %d", a.status)
	}
}

// A paper whose time is over goes by the pages: proposed by one, approved by
// another; its page then shows the certificate and no bytes.
func TestRetentionPages(t *testing.T) {
	h := newHouse(t)
	code := h.open("008199012345", "An")
	d := h.until(h.bring(code, "TP01", "đơn"), dossier.Archived)
	_, err := h.db.Resolve(t.Context(), code, h.clock.now(), "p-clerk")
	must(t, err)
	admin, clerk := h.as("p-admin"), h.as("p-clerk")
	if a := admin.post("/retention/rules", url.Values{"kind": {"DDN"}, "years": {"1"}, "from": {"01/01/2020"}, "law": {"TT 9"}, "article": {"Điều 3"}, "grade": {"S"}}); a.status != 303 {
		t.Fatalf("rule: %d %s", a.status, a.body)
	}
	if a := admin.post("/retention/rules", url.Values{"kind": {"DDN"}, "years": {"0"}, "from": {"01/01/2020"}, "law": {"TT 9"}, "grade": {"S"}}); a.status != 422 {
		t.Errorf("of no years: %d", a.status)
	}
	if a := clerk.get("/documents/" + string(d.ID)); !strings.Contains(a.body, "chưa hết thời hạn lưu trữ") || !strings.Contains(a.body, "TT 9, Điều 3") {
		t.Error("the document's page does not say how long it is kept")
	}
	if a := clerk.post("/retention/proposals", url.Values{"pick": {string(d.ID)}}); a.status != 403 || !strings.Contains(a.body, "chưa hết thời hạn lưu trữ") {
		t.Errorf("too early: %d", a.status)
	}
	h.clock.add(2 * 366 * 24 * time.Hour)
	admin, clerk = h.as("p-admin"), h.as("p-clerk")
	if a := admin.post("/documents/"+string(d.ID)+"/hold", url.Values{"of": {"holder"}, "why": {"Thanh tra"}}); a.status != 303 {
		t.Errorf("hold: %d", a.status)
	}
	if a := clerk.post("/retention/proposals", url.Values{"pick": {string(d.ID)}}); a.status != 403 || !strings.Contains(a.body, "lệnh giữ") {
		t.Errorf("held: %d", a.status)
	}
	holds, err := h.db.Holds(t.Context(), true, 1)
	must(t, err)
	if a := admin.post("/retention/holds/"+holds[0].ID+"/lift", url.Values{"why": {"xong"}, "back": {"/documents/" + string(d.ID)}}); a.status != 303 || a.to != "/documents/"+string(d.ID) {
		t.Errorf("lift: %d %s", a.status, a.to)
	}
	if a := clerk.get("/retention"); !strings.Contains(a.body, `value="`+string(d.ID)+`"`) {
		t.Error("not listed as due")
	}
	if a := clerk.post("/retention/proposals", url.Values{"pick": {string(d.ID)}}); a.status != 303 {
		t.Fatalf("propose: %d %s", a.status, a.body)
	}
	list, err := h.db.Proposals(t.Context(), true, nil, nil, 9)
	must(t, err)
	to := "/retention/proposals/" + list[0].ID
	if a := clerk.post(to, url.Values{"answer": {"approve"}}); a.status != 403 || !strings.Contains(a.body, "hai người khác nhau") {
		t.Errorf("the same person: %d", a.status)
	}
	if a := admin.post(to, url.Values{"answer": {"approve"}}); a.status != 303 {
		t.Fatalf("approve: %d %s", a.status, a.body)
	}
	for _, path := range []string{"/parts/scan", "/pages/1", "/signatures", "/words/alto"} {
		if a := clerk.get("/documents/" + string(d.ID) + path); a.status != 410 || !strings.Contains(a.body, "đã được xét hủy") {
			t.Errorf("%s: %d", path, a.status)
		}
	}
	a := clerk.get("/documents/" + string(d.ID))
	for _, want := range []string{"Giấy chứng nhận hủy", "quantri", "vanthu", "TT 9, Điều 3", d.Parts[dossier.PartScan].String(), "chưa xóa được khỏi kho"} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if a := clerk.get("/api/documents/" + string(d.ID)); a.status != 200 || !strings.Contains(a.body, `"disposed":"`) {
		t.Errorf("for programs: %d", a.status)
	}
	if a := h.as("p-counter").get("/dossiers/" + string(code)); a.status != 200 {
		t.Errorf("its dossier: %d", a.status)
	}
	_, err = h.db.Disposal(t.Context(), d.ID)
	must(t, err)
}
