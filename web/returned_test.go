package web_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/web"
)

// stands is where marks stand in this house.
func stands(_ context.Context, d dossier.Document, act dossier.Act, who dossier.Person) (web.Standing, error) {
	return web.Standing{Page: 1, X: .05, Y: .05, W: .3, H: .06}, nil
}

// TestSentBack: the agency sends a paper back with its reason; the counter corrects what
// it had confirmed, and it goes on.
func TestSentBack(t *testing.T) {
	h := newHouse(t)
	d := h.until(h.bring(h.open("008199012345", "An"), "TP02", "khai sinh"), dossier.Confirmed)
	if a := h.acts("p-clerk", d, dossier.Return, nil); a.status != 422 {
		t.Errorf("sent back without a reason: %d", a.status)
	}
	if a := h.acts("p-officer", d, dossier.Return, url.Values{"why": {"sai số"}}); a.status != 403 {
		t.Errorf("an officer sends back: %d", a.status)
	}
	if a := h.acts("p-clerk", d, dossier.Return, url.Values{"why": {"sai số giấy"}}); a.status != 303 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	d = h.document(d.ID)
	if d.State != dossier.Extracted || d.Why != "sai số giấy" {
		t.Fatalf("%s %q", d.State, d.Why)
	}
	if home := h.as("p-counter").get("/").body; !strings.Contains(home, "sai số giấy") {
		t.Error("the counter's tasks do not say why")
	}
	page := h.as("p-counter").get("/documents/" + string(d.ID)).body
	for _, want := range []string{"Trả lại để sửa:", "sai số giấy", `value="123/KS"`, "Giấy khai sinh</textarea>", "/acts/confirm"} {
		if !strings.Contains(page, want) {
			t.Errorf("the form lacks %q", want)
		}
	}
	a := h.acts("p-counter", d, dossier.Confirm, url.Values{"title": {"Giấy khai sinh"}, "number": {"124/KS"}})
	if a.status != 303 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	fields, err := h.db.Fields(t.Context(), d.ID)
	must(t, err)
	if !strings.Contains(fmt.Sprint(fields), "124/KS") || h.document(d.ID).Why != "" {
		t.Errorf("%v %q", fields, h.document(d.ID).Why)
	}
	h.until(h.document(d.ID), dossier.Archived)
	if r, err := h.db.Audit(t.Context(), nil); err != nil || len(r.Findings) > 0 {
		t.Errorf("audit: %v %+v", err, r.Findings)
	}
}

// TestTakenBack: the counter takes back what it confirmed, until the agency goes on with it.
func TestTakenBack(t *testing.T) {
	h := newHouse(t)
	d := h.until(h.bring(h.open("008199012345", "An"), "TP02", "khai sinh"), dossier.Confirmed)
	if page := h.as("p-counter").get("/documents/" + string(d.ID)).body; !strings.Contains(page, "Rút lại để sửa") || !strings.Contains(page, "/acts/take-back") {
		t.Error("the counter cannot take back what it confirmed")
	}
	if home := h.as("p-counter").get("/").body; strings.Contains(home, string(d.ID)) {
		t.Error("what waits for the clerk is a task of the counter")
	}
	if a := h.acts("p-counter", d, dossier.TakeBack, url.Values{"why": {"gõ nhầm số"}}); a.status != 303 || h.document(d.ID).State != dossier.Extracted {
		t.Fatalf("%d %s", a.status, a.body)
	}
	d = h.until(d, dossier.Confirmed)
	if a := h.acts("p-clerk", d, dossier.Approve, nil); a.status != 303 {
		t.Fatal(a.status)
	}
	if a := h.acts("p-counter", h.document(d.ID), dossier.TakeBack, url.Values{"why": {"muộn"}}); a.status != 403 {
		t.Errorf("after the agency went on: %d", a.status)
	}
}

// TestManyBack: what was chosen at the desk is sent back or refused for one reason.
func TestManyBack(t *testing.T) {
	h := newHouse(t)
	docs, picks := h.waitingPapers(3, dossier.Confirmed)
	desk := h.as("p-clerk").get("/desk").body
	for _, want := range []string{`value="return"`, `value="refuse"`, "formnovalidate"} {
		if !strings.Contains(desk, want) {
			t.Errorf("the desk lacks %q", want)
		}
	}
	clerk := h.as("p-clerk")
	if a := clerk.post("/tasks/acts", url.Values{"act": {"return"}, "pick": picks[:2]}); a.status != 422 || h.document(docs[0].ID).State != dossier.Confirmed {
		t.Errorf("without a reason: %d", a.status)
	}
	if a := clerk.post("/tasks/acts", url.Values{"act": {"return"}, "why": {"thiếu ngày cấp"}, "pick": picks[:2]}); a.status != 200 || !strings.Contains(a.body, "Xong 2 trên 2") {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := clerk.post("/tasks/acts", url.Values{"act": {"refuse"}, "why": {"mất trang"}, "pick": picks}); a.status != 200 || !strings.Contains(a.body, "Xong 1 trên 3") {
		t.Errorf("%d %s", a.status, a.body)
	}
	for i, want := range []dossier.State{dossier.Extracted, dossier.Extracted, dossier.Refused} {
		if got := h.document(docs[i].ID).State; got != want {
			t.Errorf("paper %d is %s", i, got)
		}
	}
	for who, act := range map[dossier.PersonID]string{"p-officer": "return", "p-counter": "refuse", "p-auditor": "return"} {
		if a := h.as(who).post("/tasks/acts", url.Values{"act": {act}, "why": {"x"}, "pick": picks}); a.status != 403 {
			t.Errorf("%s %ss many: %d", who, act, a.status)
		}
	}
	if r, err := h.db.Audit(t.Context(), nil); err != nil || len(r.Findings) > 0 {
		t.Errorf("audit: %v %+v", err, r.Findings)
	}
}

// TestUrgency: the desk lists first what has to be answered first, says what is late,
// and leads from one to the next.
func TestUrgency(t *testing.T) {
	h := newHouse(t)
	first := h.open("008199012345", "An")
	h.clock.add(3 * 24 * time.Hour)
	second := h.open("008199012345", "An")
	later := h.until(h.bring(second, "TP01", "đơn sau"), dossier.Normalised)
	h.clock.add(time.Hour)
	sooner := h.until(h.bring(first, "TP01", "đơn trước"), dossier.Normalised) // unmoved for less long
	of, err := h.db.Dossier(t.Context(), first)
	must(t, err)
	h.clock.add(of.Due.Sub(h.clock.now()) + time.Minute)
	page := h.as("p-officer").get("/desk").body
	if a, b := strings.Index(page, `href="/documents/`+string(sooner.ID)), strings.Index(page, `href="/documents/`+string(later.ID)); a < 0 || a > b {
		t.Errorf("the order is %d, %d", a, b)
	}
	if strings.Count(page, "Quá hẹn") != 1 || strings.Count(page, "Hẹn trả") != 2 {
		t.Error("what is late is not said")
	}
	next := func(after string) string { return h.as("p-officer").get("/desk/next?after=" + after).to }
	for after, want := range map[string]string{"": string(sooner.ID), string(sooner.ID): string(later.ID)} {
		if got := next(after); got != "/documents/"+want {
			t.Errorf("after %q comes %s", after, got)
		}
	}
	if got := next(string(later.ID)); got != "/desk" {
		t.Errorf("at the end: %s", got)
	}
}

// TestStanding: whoever is about to sign is told where the mark will stand; others are not.
func TestStanding(t *testing.T) {
	h := newHouse(t)
	d := h.until(h.bring(h.open("008199012345", "An"), "TP01", "đơn"), dossier.Normalised)
	path := "/documents/" + string(d.ID) + "/mark"
	if page := h.as("p-officer").get("/documents/" + string(d.ID)).body; !strings.Contains(page, `data-stand="`+path+`"`) {
		t.Error("the page does not ask where the mark will stand")
	}
	var at web.Standing
	if a := h.as("p-officer").get(path); a.status != 200 || json.Unmarshal([]byte(a.body), &at) != nil || at.Page != 1 || at.W != .3 {
		t.Errorf("%d %s", a.status, a.body)
	}
	for who, want := range map[dossier.PersonID]int{"p-clerk": 404, "p-counter": 403, "p-auditor": 403, "p-farofficer": 404} {
		if a := h.as(who).get(path); a.status != want {
			t.Errorf("%s: %d", who, a.status)
		}
	}
	h.clock.add(time.Minute)
	h.until(d, dossier.Confirmed)
	if a := h.as("p-officer").get(path); a.status != 404 {
		t.Errorf("signed already: %d", a.status)
	}
}
