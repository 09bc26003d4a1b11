package web_test

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"sohoa/dossier"
)

var mineRow = regexp.MustCompile(`(?s)<section class="card act" id="mine".*?</section>`)

// TestOvertaken: two people confirm the fields of one paper. Who comes second is told so,
// sees what they typed beside what the other wrote, and nothing of theirs is written;
// where the paper still waits, the form holds their words.
func TestOvertaken(t *testing.T) {
	h := newHouse(t)
	d := h.until(h.bring(h.open("008199012345", "An"), "TP02", "khai sinh"), dossier.Extracted)
	stale := []string{fmt.Sprint(d.Version)}
	first, second := url.Values{"title": {"Giấy khai sinh"}, "number": {"1/KS"}, "holder": {"008199012345"}}, url.Values{"title": {"Giấy khai sinh"}, "number": {"2/KHÁC"}, "issued": {"1/3/2020"}, "holder": {"008199012345"}, "version": stale}
	if a := h.acts("p-counter", d, dossier.Confirm, first); a.status != 303 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	a := h.acts("p-counter", d, dossier.Confirm, second)
	mine := mineRow.FindString(a.body)
	if a.status != 409 || !strings.Contains(a.body, "vừa thay đổi") {
		t.Fatalf("%d %s", a.status, a.body)
	}
	for _, want := range []string{"<b>2/KHÁC</b>", ">1/KS<", "<b>01/03/2020</b>"} {
		if !strings.Contains(mine, want) {
			t.Errorf("beside the other's words lacks %q: %s", want, mine)
		}
	}
	if strings.Contains(mine, "khai sinh") {
		t.Errorf("what both wrote is told as a difference: %s", mine)
	}
	now := h.document(d.ID)
	if fields, err := h.db.Fields(t.Context(), d.ID); err != nil || len(fields) == 0 || now.State != dossier.Confirmed || now.Version != d.Version+1 {
		t.Errorf("%v %v %s", fields, err, now.State)
	} else {
		for _, f := range fields {
			if f.Name == dossier.FieldNumber && f.Value != "1/KS" {
				t.Errorf("the number is %s", f.Value)
			}
		}
	}
	if a := h.acts("p-counter", now, dossier.TakeBack, url.Values{"why": {"gõ nhầm"}}); a.status != 303 {
		t.Fatal(a.status)
	}
	a = h.acts("p-counter", d, dossier.Confirm, second) // of a page that is staler still
	if mine = mineRow.FindString(a.body); a.status != 409 || !strings.Contains(mine, "<b>2/KHÁC</b>") || !strings.Contains(a.body, `name="number" value="2/KHÁC"`) ||
		!strings.Contains(a.body, fmt.Sprintf(`name="version" value="%d"`, h.document(d.ID).Version)) {
		t.Errorf("the form does not hold what was typed: %d %s", a.status, mine)
	}
	far := h.as("p-counter").request("POST", "/documents/"+string(d.ID)+"/acts/confirm", "application/x-www-form-urlencoded", strings.NewReader(second.Encode()))
	far.Header.Set("Accept", "application/json")
	if a := h.as("p-counter").do(far); a.status != 409 || !strings.Contains(a.body, `"stale"`) {
		t.Errorf("a program: %d %s", a.status, a.body)
	}
}
