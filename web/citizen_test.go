package web_test

import (
	"net/url"
	"strings"
	"testing"
	"time"
)

// A citizen finds their dossier by what is on the receipt and the end of the
// holder's number, without a name, and says how content they are; whoever answers for
// the agency sees the figure and the dossiers behind it.
func TestCitizens(t *testing.T) {
	h := newHouse(t)
	code := h.open("008199012345", "Nguyễn Thị An")
	nobody := h.nobody()
	if a := nobody.get("/lookup"); a.status != 200 || !strings.Contains(a.body, "Hồ sơ của tôi") {
		t.Fatalf("%d %s", a.status, a.body)
	}
	look := func(code, last string) answer {
		return nobody.post("/lookup", url.Values{"code": {code}, "last": {last}})
	}
	wrong, none := look(string(code), "9999"), look("H00-000000-0001", "2345")
	if wrong.status != 404 || none.status != 404 || strings.Contains(wrong.body, "Đã tiếp nhận") {
		t.Errorf("a wrong number: %d; no dossier: %d", wrong.status, none.status)
	}
	same := func(a answer) string {
		return strings.NewReplacer(string(code), "", "H00-000000-0001", "", "9999", "", "2345", "").Replace(a.body)
	}
	if same(wrong) != same(none) {
		t.Error("the answer tells whether there is such a dossier")
	}
	a := look(string(code)+"|Nguyễn Thị An|x", "2345") // the receipt's code as a reader types it
	for _, want := range []string{string(code), "Đã tiếp nhận", "Hẹn trả"} {
		if a.status != 200 || !strings.Contains(a.body, want) {
			t.Errorf("%d, without %q", a.status, want)
		}
	}
	for _, personal := range []string{"Nguyễn Thị An", "008199012345", "p-counter"} {
		if strings.Contains(a.body, personal) {
			t.Errorf("the look-up tells %q", personal)
		}
	}
	rate := func(score string) answer {
		return nobody.post("/lookup/rating", url.Values{"code": {string(code)}, "last": {"2345"}, "score": {score}})
	}
	if a := rate("5"); a.status != 409 {
		t.Errorf("an open dossier is rated: %d", a.status)
	}
	_, err := h.db.Resolve(t.Context(), code, h.clock.now(), "p-officer")
	must(t, err)
	if a := rate("6"); a.status != 422 && a.status != 400 {
		t.Errorf("a score of 6: %d", a.status)
	}
	if a := rate("2"); a.status != 200 || !strings.Contains(a.body, "Chưa hài lòng</b>") {
		t.Errorf("%d", a.status)
	}
	rate("5")
	figure := h.as("p-clerk").get("/figures/ratings?of=" + string(here))
	for _, want := range []string{"1/1", "100,0", string(code), "Rất hài lòng"} {
		if figure.status != 200 || !strings.Contains(figure.body, want) {
			t.Errorf("the figure: %d, without %q", figure.status, want)
		}
	}
	if a := h.as("p-officer").get("/dossiers/" + string(code)); !strings.Contains(a.body, "Người dân đánh giá") || !strings.Contains(a.body, "người dân</span>") {
		t.Error("the dossier does not show it")
	}
	for range 8 {
		wrong = look(string(code), "0000")
	}
	if wrong.status != 429 {
		t.Errorf("guessing goes on: %d", wrong.status)
	}
	h.clock.add(10 * time.Minute)
	if a := look(string(code), "2345"); a.status != 200 {
		t.Errorf("who guessed waits for ever: %d", a.status)
	}
}

// Anybody has a file judged, some in a while; an administrator closes what citizens
// may do.
func TestCitizensVerify(t *testing.T) {
	h := newHouse(t)
	nobody := h.nobody()
	for i := range 12 {
		a := nobody.upload("/lookup/verify", "a.pdf", []byte("%PDF"), "")
		if want := i < 10; want != (a.status == 200) {
			t.Errorf("file %d: %d", i, a.status)
		}
	}
	if a := h.as("p-counter").post("/admin/citizens", url.Values{}); a.status != 403 {
		t.Errorf("a counter closes the look-up: %d", a.status)
	}
	h.as("p-admin").post("/admin/citizens", url.Values{"lookup": {"1"}})
	if a := nobody.get("/lookup"); a.status != 200 || strings.Contains(a.body, "/lookup/verify") {
		t.Errorf("verifying is closed: %d", a.status)
	}
	h.clock.add(time.Hour)
	if a := nobody.upload("/lookup/verify", "a.pdf", []byte("%PDF"), ""); a.status != 404 {
		t.Errorf("verifying is closed: %d", a.status)
	}
	h.as("p-admin").post("/admin/citizens", url.Values{})
	for _, status := range []int{nobody.get("/lookup").status, nobody.post("/lookup", url.Values{"code": {"H"}, "last": {"2345"}}).status, nobody.post("/lookup/rating", url.Values{}).status} {
		if status != 404 {
			t.Errorf("the look-up is closed: %d", status)
		}
	}
}
