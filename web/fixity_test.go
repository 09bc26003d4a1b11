package web_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"sohoa/dossier/digest"
	"sohoa/dossier/fixity"
)

// The administrator sees how the files are, in both languages; a program gets
// the same numbers.
func TestFixityPage(t *testing.T) {
	h := newHouse(t)
	admin := h.as("p-admin")
	h.files = fixity.Report{At: start, Policy: fixity.Default, Stores: []fixity.Tally{{Store: fixity.Main, Counts: map[fixity.State]int64{fixity.Kept: 7}, Oldest: start}}}
	vi, en := admin.get("/admin/fixity").body, admin.get("/admin/fixity?lang=en").body
	if !strings.Contains(vi, "Kho chính") || !strings.Contains(vi, "Chưa có kho thứ hai") || !strings.Contains(vi, "nguyên vẹn") || !strings.Contains(vi, "90 ngày") ||
		!strings.Contains(en, "Main store") || strings.Contains(en, "Kho chính") || strings.Contains(vi, `role="alert"`) {
		t.Error("the page of a sound archive lacks its words, or is alarmed")
	}
	bad := digest.Of([]byte("bad"))
	h.files.At = start.Add(200 * 24 * time.Hour)
	h.files.Stores = append(h.files.Stores, fixity.Tally{Store: fixity.Second, Counts: map[fixity.State]int64{fixity.Damaged: 1}, Orphans: 3, Prunable: 2})
	h.files.Bad = []fixity.Holding{{Store: fixity.Second, Digest: bad, State: fixity.Damaged, Seen: start}}
	h.files.Findings = []fixity.Finding{{At: start, Store: fixity.Second, Digest: bad, What: fixity.FoundDamaged, Who: "fixity"},
		{At: start, Store: fixity.Main, Digest: digest.Of(nil), What: fixity.Mended, Evidence: "kept-aside", Who: "fixity"}}
	page := admin.get("/admin/fixity?lang=en").body
	for _, want := range []string{`role="alert"`, "Second store", bad.String(), "Damaged", "Mended", "kept-aside", "2 may be pruned", "not looked at in time"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page of a damaged archive lacks %q", want)
		}
	}
	req := admin.request("GET", "/admin/fixity", "", nil)
	req.Header.Set("Accept", "application/json")
	var got fixity.Plain
	if err := json.Unmarshal([]byte(admin.do(req).body), &got); err != nil || got.Bad != 1 || !got.Overdue || len(got.Stores) != 2 || got.Files[0].Sum != bad.String() {
		t.Errorf("%+v, %v", got, err)
	}
	if a := h.as("p-counter").get("/admin/fixity"); a.status != http.StatusForbidden {
		t.Errorf("the counter: %d", a.status)
	}
}
