package sqldb

import (
	"testing"

	"sohoa/dossier"
)

// What changes the catalogue is seen by the next who asks, by another process too; who asked
// for it to be looked at once sees what was there when they first looked.
func TestStamps(t *testing.T) {
	h := newHouse(t)
	once := h.Stamped(h.ctx)
	before, err := h.Kinds(once)
	h.must(err)
	was, err := h.Stamps(h.ctx)
	h.must(err)
	if _, err := h.write.ExecContext(h.ctx, "INSERT INTO kinds (code, name, demo) VALUES ('ZZ', 'Khác', 0)"); err != nil { // as another process does
		t.Fatal(err)
	}
	is, err := h.Stamps(h.ctx)
	h.must(err)
	if is.Kinds <= was.Kinds || is.Agencies != was.Agencies || is.Procedures != was.Procedures || is.Restrictions == 0 {
		t.Errorf("%+v, then %+v", was, is)
	}
	count := func(list []dossier.Kind, err error) int { h.must(err); return len(list) }
	if n := count(h.Kinds(h.ctx)); n != len(before)+1 {
		t.Errorf("%d kinds, %d before", n, len(before))
	}
	if n := count(h.Kinds(h.Stamped(h.ctx))); n != len(before)+1 {
		t.Errorf("who looks once, later: %d kinds", n)
	}
	if again, err := h.Stamps(once); err != nil || again != was {
		t.Errorf("who looked once: %+v, %v, want %+v", again, err, was)
	}
}
