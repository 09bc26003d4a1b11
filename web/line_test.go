package web_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/web"
)

// A door that is closed says why, what to do, and when to come again, in both
// languages; nothing of the paper is taken.
func TestDoorIsClosed(t *testing.T) {
	h := newHouse(t)
	code := h.open("008199012345", "An")
	for says, status := range map[string]int{"rate": http.StatusTooManyRequests, "disk-low": 503, "queue-full": 503, "store-away": 503} {
		h.gate = func(_ context.Context, a dossier.AgencyCode) error {
			if a != here {
				t.Errorf("the gate is asked for %s", a)
			}
			return &web.Wait{Code: says, After: time.Minute}
		}
		a := h.as("p-counter").upload(fmt.Sprintf("/dossiers/%s/slots/TP01", code), "quét.jpg", []byte("đơn"), "")
		if a.status != status || a.header.Get("Retry-After") != "61" || !strings.Contains(a.body, web.Word("vi", "error."+says)) || !strings.Contains(a.body, web.Word("vi", "error."+says+".do")) {
			t.Errorf("%s: %d, come again in %q", says, a.status, a.header.Get("Retry-After"))
		}
		if en := web.Word("en", "error."+says+".do"); en == "" || en == web.Word("vi", "error."+says+".do") {
			t.Errorf("%s in English: %q", says, en)
		}
	}
	h.gate = nil
	if d := h.bring(code, "TP01", "đơn"); d.Lane != dossier.Ordinary {
		t.Errorf("an ordinary paper goes in lane %d", d.Lane)
	}
}

// What is stuck is listed with its reason; one click has it tried at once, another
// leaves it alone; both stand in the ledger.
func TestStuckList(t *testing.T) {
	h := newHouse(t)
	d := h.bring(h.open("008199012345", "An"), "TP01", "đơn")
	jobs, err := h.db.Lease(t.Context(), 5, time.Minute)
	must(t, err)
	must(t, h.db.Postpone(t.Context(), jobs[0], start.Add(time.Hour), "broke-off: the machine broke off on this paper several times in a row"))
	admin := h.as("p-admin")
	if page := admin.get("/admin/line").body; !strings.Contains(page, web.Word("vi", "error.broke-off")) || !strings.Contains(page, "/admin/line/"+string(d.ID)+"/requeue") {
		t.Error("the stuck paper is not listed with its reason")
	}
	due := func() int {
		jobs, err := h.db.Lease(t.Context(), 5, time.Minute)
		must(t, err)
		h.clock.add(2 * time.Minute)
		return len(jobs)
	}
	for _, row := range []struct {
		do  string
		due int
	}{{"requeue", 1}, {"halt", 0}, {"requeue", 1}} {
		if a := admin.post("/admin/line/"+string(d.ID)+"/"+row.do, nil); a.status != http.StatusSeeOther {
			t.Errorf("%s: %d", row.do, a.status)
		}
		if n := due(); n != row.due {
			t.Errorf("after %s %d are due, want %d", row.do, n, row.due)
		}
	}
	if a := admin.post("/admin/line", url.Values{"agency": {string(here)}, "weight": {"20"}, "paused": {"1"}}); a.status != http.StatusSeeOther || due() != 0 {
		t.Errorf("pause: %d", a.status)
	}
}
