package web_test

import (
	"testing"

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
