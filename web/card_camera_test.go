package web_test

import (
	"strings"
	"testing"
)

// TestCamera: one page may ask the browser for its camera. A picture in which the house
// reads a card's code says that it did, and nothing of whose card it is, until it is sent
// as a form; one without says so.
func TestCamera(t *testing.T) {
	h := newHouse(t)
	b := h.as("p-counter")
	for path, want := range map[string]string{"/dossiers/new": "camera=(self)", "/": "camera=()", "/dossiers": "camera=()", "/holders": "camera=()"} {
		if p := b.get(path).header.Get("Permissions-Policy"); !strings.Contains(p, want) || !strings.Contains(p, "microphone=()") {
			t.Errorf("%s: %s", path, p)
		}
	}
	films := func(says string) answer {
		r := b.pictured(says)
		r.Header.Set("Accept", "application/json")
		return b.do(r)
	}
	if a := films("001090012345|012345678|Nguyễn Văn An|05031990|Nam|Xã An Bình|01012022"); a.status != 200 || strings.TrimSpace(a.body) != `{"read":true}` {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := films("nothing"); a.status != 422 || strings.Contains(a.body, `"read"`) {
		t.Errorf("%d %s", a.status, a.body)
	}
}
