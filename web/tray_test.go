package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/batch"
	"sohoa/dossier/digest"
	"sohoa/dossier/drop"
	"sohoa/web"
)

// What a scanner brought is seen by its agency's counter alone, laid out in the draft of
// a dossier, and gone when it is discarded; what was refused says why.
func TestTray(t *testing.T) {
	h := newHouse(t)
	code := h.open("008199012345", "An")
	bytes := "%PDF a scan"
	sum := digest.Of([]byte(bytes))
	must(t, h.blobs.Put(t.Context(), sum, int64(len(bytes)), strings.NewReader(bytes)))
	d, err := h.db.AddDrop(t.Context(), drop.Drop{Agency: here, Source: drop.Folder, Inbox: "f", Name: "đơn <b>.pdf", Sum: sum, Size: int64(len(bytes)), Media: "application/pdf", Pages: 1, State: drop.Taken})
	must(t, err)
	no, err := h.db.AddDrop(t.Context(), drop.Drop{Agency: here, Source: drop.Folder, Inbox: "f", Name: "x.exe", Sum: digest.Of([]byte("MZ")), Size: 2, State: drop.Refused, Code: "kind", Why: "no"})
	must(t, err)
	must(t, h.db.SetWaiting(t.Context(), "f", []drop.Drop{{Agency: here, Source: drop.Folder, Name: "y.part", Code: drop.Partial}, {Agency: here, Source: drop.Folder, Name: "quét-tầng-2", Code: drop.Silent}, {Agency: here, Source: drop.Folder, Name: "quét-tầng-3", Code: drop.Away}}))
	b, far := h.as("p-counter"), h.as("p-far")
	page := b.get("/tray?dossier=" + string(code)).body
	for _, want := range []string{"đơn &lt;b&gt;.pdf", "x.exe", "y.part", "TP01", "Loại tệp không nhận", "quét-tầng-2", "cả thư mục", "không trả lời", "Không mở được"} {
		if !strings.Contains(page, want) {
			t.Errorf("the tray does not show %q", want)
		}
	}
	if strings.Contains(page, "tray.wait") || strings.Contains(page, "source.") {
		t.Error("a text is missing")
	}
	if got := far.get("/tray").body; strings.Contains(got, "x.exe") {
		t.Error("another agency sees it")
	}
	lay := form("dossier", string(code), "slot", "TP01")
	other := "/dossiers/" + string(h.open("008199012345", "An"))
	if page := b.get(other).body; strings.Count(page, `<option value="`+d.ID+`">`) != 3 || strings.Contains(page, no.ID) {
		t.Errorf("the dossier does not offer the tray at each place: %d", strings.Count(page, d.ID))
	}
	if a := b.post(other+"/slots/TP02/tray", form("drop", no.ID)); a.status != 404 {
		t.Errorf("what was refused is laid out from the dossier: %d", a.status)
	}
	if a := b.post(other+"/slots/TP02/tray", form("drop", d.ID)); a.status != 303 || a.to != other+"/slots/TP02/draft" || strings.Count(b.get(a.to).body, `class="leaf"`) != 1 {
		t.Errorf("from the dossier: %d %s", a.status, a.to)
	}
	if a := far.post("/tray/"+d.ID+"/lay", lay); a.status != 404 {
		t.Errorf("another agency lays it out: %d", a.status)
	}
	if a := b.post("/tray/"+no.ID+"/lay", lay); a.status != 404 {
		t.Errorf("what was refused is laid out: %d", a.status)
	}
	if a := b.post("/tray/"+d.ID+"/lay", form("dossier", "H00-1", "slot", "TP01")); a.status != 404 {
		t.Errorf("for no dossier: %d", a.status)
	}
	if a := b.post("/tray/"+d.ID+"/lay", lay); a.status != http.StatusSeeOther {
		t.Fatalf("lay out: %d %s", a.status, a.body)
	}
	at := web.DraftPlace{Who: "p-counter", Dossier: code, Slot: "TP01"}
	if page := b.get("/dossiers/" + string(code)).body; strings.Contains(page, d.ID) {
		t.Error("what was laid out is offered once more")
	}
	if x, err := h.drafts.Draft(t.Context(), at); err != nil || len(x.Files) != 1 {
		t.Errorf("the draft has %+v, %v", x, err)
	}
	if a := b.post("/tray/"+d.ID+"/discard", nil); a.to != "/tray?gone="+d.ID || !strings.Contains(b.get(a.to).body, "/tray/"+d.ID+"/restore") {
		t.Errorf("what was discarded cannot be taken back: %s", a.to)
	}
	if strings.Contains(far.get("/tray?gone="+d.ID).body, ".pdf") {
		t.Error("another agency sees what was discarded")
	}
	if a := far.post("/tray/"+d.ID+"/restore", nil); a.status != 404 {
		t.Errorf("another agency takes it back: %d", a.status)
	}
	for _, want := range []int{303, 409} {
		if a := b.post("/tray/"+d.ID+"/restore", nil); a.status != want {
			t.Errorf("taken back: %d, want %d", a.status, want)
		}
	}
	for _, id := range []string{d.ID, no.ID} {
		if a := far.post("/tray/"+id+"/discard", nil); a.status != 404 {
			t.Errorf("another agency discards it: %d", a.status)
		}
		if a := b.post("/tray/"+id+"/discard", nil); a.status != http.StatusSeeOther {
			t.Errorf("discard: %d", a.status)
		}
	}
	if page = b.get("/tray").body; strings.Contains(page, "x.exe") || strings.Contains(page, ".pdf") {
		t.Error("discarded, it is still there")
	}
	if got := h.log.String(); strings.Contains(got, "x.exe") || strings.Contains(got, "đơn") {
		t.Error("a name is in the log")
	}
}

// Taken files of the tray become a batch, in the order in which they came, once.
func TestTrayToBatch(t *testing.T) {
	h := newHouse(t)
	var ids []string
	for _, name := range []string{"first.pdf", "second.pdf"} {
		sum := digest.Of([]byte(name))
		must(t, h.blobs.Put(t.Context(), sum, int64(len(name)), strings.NewReader(name)))
		d, err := h.db.AddDrop(t.Context(), drop.Drop{Agency: here, Source: drop.SFTP, Inbox: "s", Name: name, Sum: sum, Size: int64(len(name)), Media: "application/pdf", Pages: 1, State: drop.Taken})
		must(t, err)
		ids = append(ids, d.ID)
		h.clock.add(time.Second)
	}
	b, far := h.as("p-counter"), h.as("p-far")
	page := b.get("/tray").body
	if strings.Index(page, ids[1]) > strings.Index(page, ids[0]) || !strings.Contains(page, `action="/tray/batch"`) {
		t.Fatal("the tray does not offer a batch, newest first")
	}
	chosen := form("drop", ids[1], "feed", "single", "keep", "3", "patches", "1")
	chosen.Add("drop", ids[0])
	if a := far.post("/tray/batch", chosen); a.status != 404 {
		t.Errorf("another agency makes a batch of it: %d", a.status)
	}
	for what, f := range map[string]url.Values{"of nothing": form("feed", "single"), "of no feed": form("feed", "x", "drop", ids[0])} {
		if a := b.post("/tray/batch", f); a.status != 422 {
			t.Errorf("a batch %s: %d", what, a.status)
		}
	}
	a := b.post("/tray/batch", chosen)
	if a.status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.status, a.body)
	}
	list, err := h.db.PaperBatches(t.Context(), nil, "", 2)
	must(t, err)
	got, err := h.db.PaperBatch(t.Context(), list[0].ID, nil)
	must(t, err)
	if len(got.Files) != 2 || got.Files[0].Name != "first.pdf" || got.Files[1].Name != "second.pdf" || got.Agency != here || got.Parting != (batch.Parting{Blanks: batch.PairParts, Patches: true}) {
		t.Errorf("the batch is %+v", got)
	}
	if a := b.post("/tray/batch", chosen); a.status != 409 || !strings.Contains(a.body, "không còn trong khay") {
		t.Errorf("a second batch of the same: %d", a.status)
	}
	if page := b.get("/tray").body; strings.Contains(page, "first.pdf") {
		t.Error("in a batch, it is still in the tray")
	}
}

// The password of a scanner is shown once, and only its digest is kept.
func TestScannersPage(t *testing.T) {
	h := newHouse(t)
	b := h.as("p-admin")
	for _, f := range []struct{ login, agency, until string }{{"Ôi", string(here), "31/12/2027"}, {"q1", "nowhere", "31/12/2027"}, {"q1", string(here), "31/12/2099"}, {"q1", string(here), ""}} {
		if a := b.post("/admin/scanners", form("login", f.login, "agency", f.agency, "why", "tầng 1", "until", f.until)); a.status != 422 {
			t.Errorf("%+v: %d", f, a.status)
		}
	}
	good := form("login", "q1", "agency", string(here), "why", "tầng 1", "until", "31/12/2027")
	a := b.post("/admin/scanners", good)
	shown := regexp.MustCompile(`<code>([a-z2-7]{25})</code>`).FindStringSubmatch(a.body)
	if a.status != 200 || shown == nil {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if strings.Contains(b.get("/admin/scanners").body, shown[1]) || strings.Contains(h.log.String(), shown[1]) {
		t.Error("the password is told again")
	}
	s, kept, err := h.db.ScannerByLogin(t.Context(), "q1")
	must(t, err)
	if !drop.SameSecret(shown[1], kept) || s.Agency != dossier.AgencyCode(here) {
		t.Error("it does not open the account")
	}
	if a := b.post("/admin/scanners", good); a.status != 409 {
		t.Errorf("the same name again: %d", a.status)
	}
	if a := b.post("/admin/scanners/"+s.ID+"/end", nil); a.status != http.StatusSeeOther {
		t.Errorf("end: %d", a.status)
	}
	if _, _, err := h.db.ScannerByLogin(t.Context(), "q1"); err == nil {
		t.Error("ended, it still opens the door")
	}
}

// Results that a system of the agency issued are entered in one act, each for the dossier
// that its name names; what cannot be entered says why and stays in the tray.
func TestTrayResults(t *testing.T) {
	h := newHouse(t)
	one, two := h.open("008199012345", "An"), h.open("008199012346", "Bình")
	dropped := func(name string) drop.Drop {
		body := "%PDF " + name
		sum := digest.Of([]byte(body))
		must(t, h.blobs.Put(t.Context(), sum, int64(len(body)), strings.NewReader(body)))
		d, err := h.db.AddDrop(t.Context(), drop.Drop{Agency: here, Source: drop.Folder, Inbox: "f", Name: name, Sum: sum, Size: int64(len(body)), Media: "application/pdf", Pages: 1, State: drop.Taken})
		must(t, err)
		h.clock.add(time.Second)
		return d
	}
	chosen := url.Values{}
	for _, name := range []string{string(one) + ".pdf", "kq/" + strings.ToLower(string(two)) + "_QĐ.pdf", string(one) + " (1).pdf", "H60.12-200101-0009.pdf", "giấy.pdf"} {
		chosen.Add("drop", dropped(name).ID)
	}
	b, far := h.as("p-counter"), h.as("p-far")
	if page := b.get("/tray").body; !strings.Contains(page, `formaction="/tray/results"`) || !strings.Contains(page, `href="/dossiers/`+string(two)+`"`) {
		t.Error("the tray does not offer to enter results")
	}
	if a := far.post("/tray/results", chosen); a.status != 404 {
		t.Errorf("another agency enters them: %d", a.status)
	}
	if a := b.post("/tray/results", url.Values{}); a.status != 422 {
		t.Errorf("nothing was chosen: %d", a.status)
	}
	a := b.post("/tray/results", chosen)
	if a.status != 200 || !strings.Contains(a.body, "Xong 2 trên 5") || strings.Contains(a.body, "results.") || strings.Contains(a.body, "error.") {
		t.Fatalf("%d %s", a.status, a.body)
	}
	for _, want := range []string{"Tên tệp không nêu hồ sơ", "Không có hồ sơ này"} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	for _, code := range []dossier.Code{one, two} {
		docs, err := h.db.Documents(t.Context(), dossier.DocumentQuery{Dossier: code, Limit: 5})
		if err != nil || len(docs) != 1 || docs[0].Slot != dossier.ResultSlot {
			t.Errorf("%s has %+v, %v", code, docs, err)
		}
	}
	tray, err := h.db.Tray(t.Context(), nil, "", 0)
	if err != nil || len(tray) != 3 {
		t.Errorf("in the tray there is left %+v, %v", tray, err)
	}
	if a := b.post("/tray/results", chosen); a.status != 200 || !strings.Contains(a.body, "Xong 0 trên 5") {
		t.Errorf("once more: %d", a.status)
	}
}
