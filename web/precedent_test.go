package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"sohoa/dossier"
	"sohoa/dossier/digest"
)

// extracted brings a birth certificate of another holder, of which the machine
// proposed fields, to where the counter confirms.
func (h *house) extracted(n int, fields []dossier.Field) dossier.Document {
	h.t.Helper()
	kept := proposals
	proposals = fields
	defer func() { proposals = kept }()
	code := h.open(fmt.Sprintf("0081990%05d", n), fmt.Sprint("Người ", n))
	return h.until(h.bring(code, "TP02", fmt.Sprint("khai sinh ", n)), dossier.Extracted)
}

var inputs = regexp.MustCompile(`<(?:input|textarea) name="([a-z]+)"(?: value="([^"]*)"|[^>]*>([^<]*)</textarea>)`)

// blanksOf are the values that the form of a document has.
func blanksOf(page string) map[string]string {
	found := map[string]string{}
	for _, m := range inputs.FindAllStringSubmatch(page, -1) {
		found[m[1]] = m[2] + m[3]
	}
	return found
}

// What people confirmed on papers of three holders is offered on the next paper of
// this agency and kind, with how often and why; a doubtful reading is put as they
// put it, a good one stays; a hand's number and days are never filled in; what a
// person typed stays as it is, and so does what they confirmed. Nobody's own values
// are learnt, and another agency is told nothing.
func TestLearnsFromWhatWasConfirmed(t *testing.T) {
	h := newHouse(t)
	values := func(n int) url.Values {
		return url.Values{"title": {"Giấy khai sinh"}, "number": {fmt.Sprintf("%d/KS-HTịch", n)}, "issued": {"2020-03-01"}, "expires": {"2031-05-06"},
			"issuer": {"UBND phường Tân Lập"}, "subject": {"Khai sinh của người riêng"}, "validity": {"Toàn quốc"}}
	}
	for n := range 3 {
		d := h.extracted(n, nil)
		if page := h.as("p-counter").get("/documents/" + string(d.ID)).body; strings.Contains(page, "Tân Lập") {
			t.Errorf("offered after %d holders", n)
		}
		if a := h.acts("p-counter", d, dossier.Confirm, values(n)); a.status != http.StatusSeeOther {
			t.Fatal(a.status, a.body)
		}
	}
	read := func(number, issuer string, confidence float64, why string) []dossier.Field {
		return []dossier.Field{{Name: "title", Value: "GIẤY KHAI SINH", Page: 1, Confidence: 97, Reason: "title"}, {Name: "number", Value: number, Page: 1, Confidence: confidence, Reason: why},
			{Name: "issuer", Value: issuer, Page: 1, Confidence: confidence, Reason: "head"}}
	}
	doubtful := h.extracted(10, read("88/KS-HTich", "UBND phường Tần Lập", 60, "head"))
	page := h.as("p-counter").get("/documents/" + string(doubtful.ID)).body
	got := blanksOf(page)
	for name, want := range map[string]string{"title": "Giấy khai sinh", "number": "88/KS-HTịch", "issuer": "UBND phường Tân Lập", "validity": "", "issued": "", "expires": "", "subject": ""} {
		if got[name] != want {
			t.Errorf("%s is %q, want %q", name, got[name], want)
		}
	}
	for _, want := range []string{"đã được xác nhận 3 lần trong 3 giấy tờ gần nhất", "UBND phường Tần Lập", `<option value="Toàn quốc">`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(page, "người riêng") || strings.Contains(page, "06/05/2031") {
		t.Error("a subject or a day was learnt")
	}
	if en := h.as("p-counter").get("/documents/" + string(doubtful.ID) + "?lang=en").body; !strings.Contains(en, "put as it was confirmed 3 times") {
		t.Error("it does not say why in English")
	}
	h.staysAsSaid(doubtful)

	good := blanksOf(h.as("p-counter").get("/documents/" + string(h.extracted(11, read("88/KS-HTich", "UBND phường Tần Lập", 96, "head")).ID)).body)
	if good["issuer"] != "UBND phường Tần Lập" || good["number"] != "88/KS-HTich" {
		t.Errorf("a good reading was put otherwise: %v", good)
	}
	pen := blanksOf(h.as("p-counter").get("/documents/" + string(h.extracted(12, read("88/KS-HTich", "", 0, "hand")).ID)).body)
	if pen["number"] != "" || pen["issuer"] != "" {
		t.Errorf("a hand's number: %v", pen)
	}
}

// staysAsSaid has a person type another issuer beside a day that is none: the form
// comes back with what they typed. Then they confirm it, and that is what stands.
func (h *house) staysAsSaid(d dossier.Document) {
	h.t.Helper()
	theirs := url.Values{"title": {"Giấy khác"}, "number": {"88/KS-HTich"}, "issuer": {"UBND phường Tần Lập"}, "issued": {"31/02/2020"}}
	a := h.acts("p-counter", d, dossier.Confirm, theirs)
	got := blanksOf(a.body)
	if a.status != http.StatusUnprocessableEntity || got["issuer"] != "UBND phường Tần Lập" || got["number"] != "88/KS-HTich" || got["title"] != "Giấy khác" {
		h.t.Errorf("%d: what was typed came back as %v", a.status, got)
	}
	theirs.Set("issued", "01/02/2020")
	if a := h.acts("p-counter", d, dossier.Confirm, theirs); a.status != http.StatusSeeOther {
		h.t.Fatal(a.status)
	}
	fields, err := h.db.Fields(h.t.Context(), d.ID)
	must(h.t, err)
	for _, f := range fields {
		if f.Name == dossier.FieldIssuer && f.Value != "UBND phường Tần Lập" {
			h.t.Errorf("confirmed as %q", f.Value)
		}
	}
	if page := h.as("p-clerk").get("/documents/" + string(d.ID)).body; !strings.Contains(page, "UBND phường Tần Lập") || strings.Contains(page, "Tân Lập") {
		h.t.Error("what was confirmed is shown otherwise")
	}
}

// A counter that decides what another agency received sees that dossier, and not
// what people there confirmed of others.
func TestLearnsNothingOfOthers(t *testing.T) {
	h := newHouse(t)
	for n := range 4 {
		a := h.acts("p-counter", h.extracted(n, nil), dossier.Confirm, url.Values{"title": {"Giấy khai sinh"}, "issuer": {"UBND phường Tân Lập"}})
		if a.status != http.StatusSeeOther {
			t.Fatal(a.status)
		}
	}
	for _, receiving := range []dossier.AgencyCode{here, there} {
		holder, err := h.db.PutHolder(t.Context(), dossier.Holder{Number: "008199000077", Name: "Người xa"})
		must(t, err)
		do, err := h.db.AddDossier(t.Context(), dossier.Dossier{Procedure: "9.1", Receiving: receiving, Competent: there, Holder: holder.ID, Received: h.clock.now()}, "p-admin")
		must(t, err)
		scan := h.keep([]byte("scan of " + string(receiving)))
		d, err := h.db.Add(t.Context(), dossier.Document{Dossier: do.Code, Slot: "TP02", Media: "image/jpeg", Size: 1, Pages: 1,
			Parts: map[dossier.Part]digest.Digest{dossier.PartScan: scan}}, "p-admin")
		must(t, err)
		for d = h.machine(d); d.State != dossier.Extracted; d = h.machine(d) {
			d, err = h.db.Advance(t.Context(), d, dossier.Change{Act: dossier.Attest, By: dossier.Officer, Who: "p-farofficer", At: h.clock.now()})
			must(t, err)
		}
		page := h.as("p-far").get("/documents/" + string(d.ID))
		if page.status != http.StatusOK || !strings.Contains(page.body, `name="issuer"`) || strings.Contains(page.body, "Tân Lập") {
			t.Errorf("received by %s: %d, the page tells of another agency, or asks for nothing", receiving, page.status)
		}
		if mine := h.as("p-counter").get("/documents/" + string(d.ID)); receiving == here && !strings.Contains(mine.body, "Tân Lập") {
			t.Error("the agency itself is told nothing")
		}
	}
}
