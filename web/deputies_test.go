package web_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/room"
)

// A deputy acts with the giver's role in the giver's agency until it ends, under
// their own name, and four eyes stay four.
func TestDeputies(t *testing.T) {
	h := newHouse(t)
	must(t, h.db.PutPerson(t.Context(), dossier.Person{ID: "p-second", Login: "vanthu2", Name: "Bùi Thị Hai", Role: dossier.Officer, Agency: here}, onceHashed()))
	code := h.open("008199012345", "An")
	d := h.until(h.bring(code, "TP01", "đơn"), dossier.Confirmed) // the officer attested, the counter confirmed
	clerk, second, officer := h.as("p-clerk"), h.as("p-second"), h.as("p-officer")
	give := func(taker, until, why string) answer {
		return clerk.post("/account/delegations", url.Values{"taker": {taker}, "until": {until}, "why": {why}})
	}
	for _, bad := range [][3]string{{"p-admin", "30/11/2026", "x"}, {"p-auditor", "30/11/2026", "x"}, {"p-far", "30/11/2026", "x"}, {"p-clerk", "30/11/2026", "x"},
		{"p-second", "19/11/2026", "x"}, {"p-second", "30/11/2027", "x"}, {"p-second", "", "x"}, {"p-second", "30/11/2026", ""}} {
		if a := give(bad[0], bad[1], bad[2]); a.status != 422 {
			t.Errorf("%v: %d", bad, a.status)
		}
	}
	for _, taker := range []string{"p-second", "p-officer"} {
		if a := give(taker, "30/11/2026", "nghỉ phép"); a.status != 303 {
			t.Fatalf("give: %d %s", a.status, a.body)
		}
	}
	if a := give("p-second", "30/11/2026", "nghỉ phép"); a.status != 409 {
		t.Errorf("twice: %d", a.status)
	}
	for _, b := range []*browser{clerk, second} {
		if a := b.get("/account"); !strings.Contains(a.body, "nghỉ phép") || !strings.Contains(a.body, "30/11/2026") {
			t.Error("the account does not show the delegation")
		}
	}
	approve := func(b *browser) int {
		return b.post("/documents/"+string(d.ID)+"/acts/approve", url.Values{"version": {fmt.Sprint(h.document(d.ID).Version)}}).status
	}
	stand := func(b *browser, who dossier.PersonID) string {
		all, err := h.db.Delegations(t.Context(), who)
		must(t, err)
		if a := b.post("/account/deputy", url.Values{"delegation": {all[0].ID}}); a.status != 303 {
			t.Fatalf("stand in: %d", a.status)
		}
		return all[0].ID
	}
	if got := approve(second); got != 403 {
		t.Errorf("an officer orders the agency's signature: %d", got)
	}
	id := stand(second, "p-second")
	if a := h.as("p-counter").post("/account/deputy", url.Values{"delegation": {id}}); a.status != 404 {
		t.Errorf("somebody else takes it: %d", a.status)
	}
	if a := second.get("/"); !strings.Contains(a.body, "làm thay Lê Thị Lan") {
		t.Error("the page does not say for whom they act")
	}
	if a := second.post("/account/delegations", url.Values{"taker": {"p-counter"}, "until": {"30/11/2026"}, "why": {"x"}}); a.status != 403 {
		t.Errorf("a deputy gives it on: %d", a.status)
	}
	stand(officer, "p-officer")
	if got := approve(officer); got != 403 {
		t.Errorf("who signed the copy orders the agency's signature as a deputy: %d", got)
	}
	if got := approve(second); got != 303 || h.document(d.ID).State != dossier.Approved {
		t.Fatalf("the deputy: %d, %s", got, h.document(d.ID).State)
	}
	past, err := h.db.Changes(t.Context(), d.ID)
	must(t, err)
	if last := past[len(past)-1]; last.Who != "p-second" || last.By != dossier.Clerk {
		t.Errorf("the change is of %s as %s", last.Who, last.By)
	}
	second.post("/account/deputy", nil)
	if a := second.get("/"); strings.Contains(a.body, "làm thay") {
		t.Error("they are not themself again")
	}
	stand(second, "p-second")
	if a := clerk.post("/account/delegations/"+id+"/end", url.Values{"why": {"về rồi"}}); a.status != 303 {
		t.Fatalf("end: %d", a.status)
	}
	if a := second.get("/"); strings.Contains(a.body, "làm thay") {
		t.Error("a delegation that was ended goes on")
	}
	acts := h.houseActs()
	if !slices.Contains(acts, "delegate p-clerk "+id) || !slices.Contains(acts, "delegate-end p-clerk "+id) {
		t.Errorf("the log says %q", acts)
	}
	h.clock.add(11 * 24 * time.Hour)
	officer = h.as("p-officer")
	if a := officer.post("/account/deputy", url.Values{"delegation": {id}}); a.status != 404 {
		t.Errorf("after its day: %d", a.status)
	}
}

// An auditor opens one dossier out of turn for an hour, and everybody who watches
// over the house sees it.
func TestBrokenGlass(t *testing.T) {
	h := newHouse(t)
	must(t, h.db.PutPerson(t.Context(), dossier.Person{ID: "p-aud", Login: "aud", Name: "A", Role: dossier.Auditor, Agency: root}, onceHashed()))
	code := h.open("008199012345", "An")
	d := h.until(h.bring(code, "TP01", "đơn"), dossier.Normalised)
	other := h.open("008199012346", "Bình")
	b := h.as("p-aud")
	paths := []string{"/dossiers/" + string(code), "/dossiers/" + string(code) + "/record", "/documents/" + string(d.ID), "/documents/" + string(d.ID) + "/parts/scan", "/api/dossiers/" + string(code)}
	for _, path := range paths {
		if a := b.get(path); a.status < 400 {
			t.Errorf("%s without a grant: %d", path, a.status)
		}
	}
	for _, bad := range []url.Values{{"dossier": {string(code)}, "why": {"vì"}}, {"dossier": {"none"}, "why": {"khiếu nại số 12"}}, {"why": {"khiếu nại số 12"}}} {
		if a := b.post("/glass", bad); a.status != 422 {
			t.Errorf("%v: %d", bad, a.status)
		}
	}
	why := url.Values{"dossier": {string(code)}, "why": {"Khiếu nại khẩn số 12"}}
	for _, who := range []dossier.PersonID{"p-clerk", "p-admin", "p-counter"} {
		if a := h.as(who).post("/glass", why); a.status != 403 {
			t.Errorf("%s breaks the glass: %d", who, a.status)
		}
	}
	if a := b.post("/glass", why); a.to != "/dossiers/"+string(code) {
		t.Fatalf("%d %s", a.status, a.body)
	}
	check := func(want bool) {
		t.Helper()
		for _, path := range paths {
			if a := b.get(path); (a.status == 200) != want {
				t.Errorf("%s: %d", path, a.status)
			}
		}
		for _, path := range []string{"/dossiers/" + string(other), "/dossiers/" + string(other) + "/record"} {
			if a := b.get(path); a.status == 200 {
				t.Errorf("%s: %d", path, a.status)
			}
		}
		for _, path := range []string{"/dossiers", "/documents"} {
			if a := b.get(path); strings.Contains(a.body, string(other)) {
				t.Errorf("%s lists another dossier", path)
			}
		}
		for _, path := range []string{"/figures", "/figures/export"} {
			if a := b.get(path); a.status == 200 {
				t.Errorf("%s: %d", path, a.status)
			}
		}
	}
	check(true)
	for _, who := range []dossier.PersonID{"p-auditor", "p-admin"} {
		if a := h.as(who).get("/"); !strings.Contains(a.body, "mở khẩn") {
			t.Errorf("%s is not told", who)
		}
		if a := h.as(who).get("/glass"); a.status != 200 || !strings.Contains(a.body, "Khiếu nại khẩn số 12") || !strings.Contains(a.body, string(code)) {
			t.Errorf("%s does not see why: %d", who, a.status)
		}
	}
	list, err := h.db.BrokenGlass(t.Context(), 10)
	must(t, err)
	if acts := h.houseActs(); len(list) != 1 || !slices.Contains(acts, "break-glass p-aud "+list[0].ID) {
		t.Errorf("the log says %q", acts)
	}
	log, err := h.db.LogOf(t.Context(), d.ID)
	must(t, err)
	if !slices.ContainsFunc(log, func(p dossier.Placed) bool { return p.Who == "p-aud" && p.Subject == list[0].ID }) {
		t.Error("what was read does not name the glass")
	}
	_, err = h.db.AddGrant(t.Context(), room.Grant{Person: "p-aud", Agency: there, Purpose: "x", Until: start.AddDate(0, 1, 0), Who: "p-admin", By: dossier.Admin})
	must(t, err)
	for _, path := range paths {
		if a := b.get(path); a.status != 200 {
			t.Errorf("beside a grant of elsewhere, %s: %d", path, a.status)
		}
	}
	h.clock.add(time.Hour)
	b = h.as("p-aud")
	for _, path := range paths {
		if a := b.get(path); a.status < 400 {
			t.Errorf("%s after an hour: %d", path, a.status)
		}
	}
}
