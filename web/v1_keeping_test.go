package web_test

import (
	"fmt"
	"net/url"
	"slices"
	"testing"
	"time"

	"sohoa/dossier"
)

// A program sees how long papers are kept, proposes, and decides nothing; a hold that is
// put is in the way until it is lifted, once.
func TestV1Keeping(t *testing.T) {
	h := newHouse(t)
	d := h.until(h.bring(h.open("008199012345", "An"), "TP01", "đơn"), dossier.Normalised)
	b, bearer, _ := h.program(dossier.Clerk, here, "dispose", "look")
	_, reader, _ := h.program(dossier.Officer, here, "look")
	var rules struct{ Rules []struct{ ID, Law string } }
	b.asks("GET", "/retention/rules", nil, "Authorization", bearer).reads(t, &rules)
	if len(rules.Rules) == 0 || rules.Rules[0].Law == "" {
		t.Errorf("rules: %+v", rules)
	}
	propose := obj{"documents": []string{string(d.ID)}, "why": "hết hạn"}
	for _, row := range []struct {
		what, path, key string
		body            obj
		want            int
		code            string
	}{
		{"a paper whose time is not over", "/retention/proposals", bearer, propose, 403, ""},
		{"no paper", "/retention/proposals", bearer, obj{"documents": []string{}, "why": "x"}, 422, "form"},
		{"a decision", "/retention/proposals/" + string(d.ID), bearer, obj{"answer": "approve"}, 403, "key-decides"},
		{"a hold", "/documents/" + string(d.ID) + "/hold", bearer, obj{"why": "vụ án"}, 403, "forbidden"},
		{"without the right", "/retention/proposals", reader, propose, 403, "forbidden"},
	} {
		a := b.asks("POST", row.path, row.body, "Authorization", row.key)
		var p struct{ Code string }
		a.reads(t, &p)
		if a.status != row.want || row.code != "" && p.Code != row.code {
			t.Errorf("%s: %d %s, want %d %s", row.what, a.status, a.body, row.want, row.code)
		}
	}
	admin := h.as("p-admin")
	var held, lifted struct{ ID, Document, Why string }
	admin.asks("POST", "/documents/"+string(d.ID)+"/hold", obj{"why": "vụ án 12"}).reads(t, &held)
	if held.ID == "" || held.Document != string(d.ID) || held.Why != "vụ án 12" {
		t.Fatalf("held: %+v", held)
	}
	admin.asks("POST", "/retention/holds/"+held.ID+"/lift", obj{"why": "xử xong"}).reads(t, &lifted)
	if lifted.ID != held.ID {
		t.Errorf("lifted: %+v, want %s", lifted, held.ID)
	}
	if a := admin.asks("POST", "/retention/holds/"+held.ID+"/lift", obj{"why": "lần nữa"}); a.status < 400 || a.status >= 500 {
		t.Errorf("lifted twice: %d %s", a.status, a.body)
	}
}

// Lists of what is kept go page by page by a key: each paper and each proposal comes once,
// whatever is done to those before, and nothing of another agency.
func TestV1KeepingPages(t *testing.T) {
	h := newHouse(t)
	want := map[string]bool{}
	for i := range 5 {
		code := h.open(fmt.Sprintf("00819901234%d", i), "An")
		d := h.until(h.bring(code, "TP01", fmt.Sprint("đơn ", i)), dossier.Archived)
		_, err := h.db.Resolve(t.Context(), code, h.clock.now(), "p-clerk")
		must(t, err)
		want[string(d.ID)] = true
	}
	if a := h.as("p-admin").post("/retention/rules", url.Values{"kind": {"DDN"}, "years": {"1"}, "from": {"01/01/2020"}, "law": {"TT 9"}, "article": {"Điều 3"}, "grade": {"S"}}); a.status != 303 {
		t.Fatalf("rule: %d %s", a.status, a.body)
	}
	h.clock.add(2 * 366 * 24 * time.Hour)
	b, bearer, _ := h.program(dossier.Clerk, here, "dispose", "look")
	_, far, _ := h.program(dossier.Clerk, there, "dispose", "look")
	type page struct {
		Documents []struct{ Document, Proposal string }
		Proposals []struct{ ID, Document string }
		After     string
	}
	walk := func(path, key string, each func(p page)) (pages int) {
		after := ""
		for {
			var p page
			b.asks("GET", path+"?limit=2"+after, nil, "Authorization", key).reads(t, &p)
			if n := len(p.Documents) + len(p.Proposals); n > 2 || n == 0 && p.After != "" {
				t.Fatalf("%s: %d on a page: %+v", path, n, p)
			}
			each(p)
			if pages++; p.After == "" || pages > 9 {
				return pages
			}
			after = "&after=" + url.QueryEscape(p.After)
		}
	}
	var due []string
	pages := walk("/retention/due", bearer, func(p page) {
		for _, d := range p.Documents {
			due = append(due, d.Document)
		}
		if len(due) == 2 { // those of the first page are proposed while the next are read
			for _, d := range due {
				if a := b.asks("POST", "/retention/proposals", obj{"documents": []string{d}, "why": "hết hạn"}, "Authorization", bearer); a.status != 200 {
					t.Fatalf("propose: %d %s", a.status, a.body)
				}
			}
		}
	})
	if pages != 3 || len(due) != 5 || !slices.IsSorted(due) {
		t.Errorf("%d pages: %v", pages, due)
	}
	for _, d := range due {
		if !want[d] {
			t.Errorf("%s is not due, or came twice", d)
		}
		delete(want, d)
	}
	if a := b.asks("POST", "/retention/proposals", obj{"documents": due[2:], "why": "hết hạn"}, "Authorization", bearer); a.status != 200 {
		t.Fatalf("propose: %d %s", a.status, a.body)
	}
	var proposed, ids []string
	if pages = walk("/retention/proposals", bearer, func(p page) {
		for _, x := range p.Proposals {
			proposed, ids = append(proposed, x.Document), append(ids, x.ID)
		}
	}); pages != 3 || !slices.IsSorted(ids) {
		t.Errorf("%d pages: %v", pages, ids)
	}
	if slices.Sort(proposed); !slices.Equal(proposed, due) {
		t.Errorf("proposed %v, want %v", proposed, due)
	}
	for _, path := range []string{"/retention/due", "/retention/proposals"} {
		walk(path, far, func(p page) {
			if len(p.Documents)+len(p.Proposals) > 0 {
				t.Errorf("%s of another agency: %+v", path, p)
			}
		})
	}
}
