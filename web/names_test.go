package web_test

import (
	"strings"
	"sync"
	"testing"

	"sohoa/dossier"
)

// Names are kept, and are true with the next page whoever changes them; pages that say who
// did what at the same time do not disturb each other.
func TestNamesFollow(t *testing.T) {
	h := newHouse(t)
	code := h.open("008199012345", "An")
	b := h.as("p-counter")
	page := func() string { return b.get("/dossiers/" + string(code)).body }
	for _, name := range []string{"UBND xã Vĩnh Nghĩa", "UBND xã Vĩnh Thuận", "UBND phường Vĩnh"} {
		must(t, h.db.PutAgency(t.Context(), dossier.Agency{Code: here, Parent: root, Name: name, Tier: dossier.Commune}))
		must(t, h.db.PutKind(t.Context(), dossier.Kind{Code: "DDN", Name: "Đơn của " + name}))
		if got := page(); strings.Count(got, name) < 3 || !strings.Contains(got, "Đơn của "+name) {
			t.Errorf("%s is not on the page that is made after it", name)
		}
	}
	var all sync.WaitGroup
	for _, who := range []dossier.PersonID{"p-counter", "p-officer", "p-clerk", "p-admin"} {
		one := h.as(who)
		all.Go(func() {
			for range 5 {
				one.get("/dossiers/" + string(code))
			}
		})
	}
	all.Wait()
}
