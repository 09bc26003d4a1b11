package sqldb

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
)

// archivedUntil archives a document whose proof holds until a time.
func (h *house) archivedUntil(until time.Time) dossier.Document {
	h.t.Helper()
	d := h.in(dossier.Sealed)
	d, err := h.Advance(h.ctx, d, dossier.Change{Act: dossier.Archive, By: dossier.Machine, Who: "w", Proof: &dossier.Proof{Until: until, By: "TSA"}})
	h.must(err)
	return d
}

// A renewal is offered when its day has come, and not a moment before; the most
// urgent first, and after what people wait for.
func TestRenewalIsOwedOnItsDay(t *testing.T) {
	h := newHouse(t)
	ahead := dossier.PolicyAt(noon).Ahead
	late := h.archivedUntil(noon.Add(ahead + 48*time.Hour))
	soon := h.archivedUntil(noon.Add(ahead + 24*time.Hour))
	h.archivedUntil(time.Time{}) // nothing is to be renewed
	h.clock.move(24*time.Hour - time.Millisecond)
	if jobs := h.leased(5); len(jobs) > 0 {
		t.Errorf("before its day: %v", jobs)
	}
	h.clock.move(time.Millisecond)
	if jobs := h.leased(5); len(jobs) != 1 || jobs[0].Document != soon.ID || jobs[0].Act != dossier.Renew {
		t.Errorf("on the day of one: %v", jobs)
	}
	h.clock.move(24 * time.Hour)
	waiting := h.in(dossier.Received)
	jobs := h.leased(5)
	if len(jobs) != 3 || jobs[0].Document != waiting.ID || jobs[1].Document != soon.ID || jobs[2].Document != late.ID {
		t.Fatalf("on the day of both: %v", jobs)
	}
	d, _ := h.claim(jobs[1])
	again, err := h.Advance(h.ctx, d, dossier.Change{Act: dossier.Renew, By: dossier.Machine, Who: "w",
		Made:  map[dossier.Part]digest.Digest{dossier.RenewedPart(1): digest.Of([]byte("renewed"))},
		Proof: &dossier.Proof{Until: noon.AddDate(10, 0, 0), By: "TSA 2"}})
	h.must(err)
	if again.State != dossier.Archived || again.Proof.By != "TSA 2" || again.Renewals() != 1 || again.Parts[dossier.PartSealed] != soon.Parts[dossier.PartSealed] {
		t.Errorf("renewed: %+v", again)
	}
	if _, _, err := h.Claim(h.ctx, jobs[1], time.Minute); err == nil {
		t.Error("a renewal that is done can be claimed again")
	}
	of, err := h.Dossier(h.ctx, d.Dossier)
	h.must(err)
	if entries, err := h.Entries(h.ctx, of.Holder, time.Time{}); err != nil || count(entries, d.ID) != 1 {
		t.Errorf("on the record %d times: %v", count(entries, d.ID), err)
	}
}

func count(entries []dossier.Entry, id dossier.DocumentID) (n int) {
	for _, e := range entries {
		if e.Document == id {
			n++
		}
	}
	return n
}

// What is no renewal is refused: another part, two of them, none, a proof that
// gains nothing.
func TestRenewalRefuses(t *testing.T) {
	h := newHouse(t)
	d := h.archivedUntil(noon)
	sum := digest.Of([]byte("renewed"))
	longer := &dossier.Proof{Until: noon.AddDate(1, 0, 0)}
	for name, c := range map[string]dossier.Change{
		"nothing":       {Proof: longer},
		"another part":  {Made: map[dossier.Part]digest.Digest{dossier.PartText: sum}, Proof: longer},
		"the next but":  {Made: map[dossier.Part]digest.Digest{dossier.RenewedPart(2): sum}, Proof: longer},
		"two":           {Made: map[dossier.Part]digest.Digest{dossier.RenewedPart(1): sum, dossier.RenewedPart(2): sum}, Proof: longer},
		"no proof":      {Made: map[dossier.Part]digest.Digest{dossier.RenewedPart(1): sum}},
		"gains nothing": {Made: map[dossier.Part]digest.Digest{dossier.RenewedPart(1): sum}, Proof: &dossier.Proof{Until: noon}},
	} {
		c.Act, c.By, c.Who = dossier.Renew, dossier.Machine, "w"
		_, err := h.Advance(h.ctx, d, c)
		wantErr(t, name, err, dossier.ErrInvalid)
	}
	if now, err := h.Document(h.ctx, d.ID); err != nil || !equalDocuments(now, d) {
		t.Errorf("something moved: %+v, %v", now, err)
	}
}

// The list for a day holds what would be due by then, and what keeps the
// machine from it.
func TestRenewalsByADay(t *testing.T) {
	h := newHouse(t)
	ahead := dossier.PolicyAt(noon).Ahead
	second := h.archivedUntil(noon.AddDate(5, 0, 0))
	first := h.archivedUntil(noon.AddDate(4, 0, 0))
	for at, want := range map[time.Time]string{
		noon:                                    "",
		noon.AddDate(4, 0, 0).Add(-ahead - 1e6): "",
		noon.AddDate(4, 0, 0).Add(-ahead):       string(first.ID),
		noon.AddDate(20, 0, 0):                  string(first.ID) + string(second.ID),
	} {
		list, err := h.Renewals(h.ctx, at, 0)
		h.must(err)
		got := ""
		for _, r := range list {
			got += string(r.Document)
			if r.Part != dossier.PartSealed || r.Sum == "" || r.By != "TSA" || !r.Due.Equal(r.Until.Add(-ahead)) {
				t.Errorf("%+v", r)
			}
		}
		if got != want {
			t.Errorf("by %s: %q, want %q", at, got, want)
		}
	}
}

// Since when something is in trouble outlasts every try, until it moves.
func TestTroubleSince(t *testing.T) {
	h := newHouse(t)
	h.archivedUntil(noon)
	began := h.clock.now()
	for i := range 3 {
		h.must(h.Postpone(h.ctx, h.leased(1)[0], h.clock.now().Add(time.Hour), fmt.Sprintf("tsa: try %d", i)))
		list, err := h.Renewals(h.ctx, h.clock.now(), 0)
		h.must(err)
		if r := list[0]; !r.Since.Equal(began) || !r.NextTry.Equal(h.clock.now().Add(time.Hour)) || r.Trouble != fmt.Sprintf("tsa: try %d", i) {
			t.Errorf("try %d: %+v", i, r)
		}
		h.clock.move(time.Hour)
	}
	d, _ := h.claim(h.leased(1)[0])
	d, err := h.Advance(h.ctx, d, change(dossier.Move{Act: dossier.Renew, By: dossier.Machine}))
	h.must(err)
	if d.Trouble != "" || !d.Since.IsZero() || !d.NextTry.IsZero() {
		t.Errorf("after a renewal: %+v", d)
	}
}

// What an earlier version archived is found, once, and its proof kept unless
// the document was renewed meanwhile.
func TestUnproven(t *testing.T) {
	h := newHouse(t)
	d := h.in(dossier.Sealed)
	d, err := h.Advance(h.ctx, d, dossier.Change{Act: dossier.Archive, By: dossier.Machine, Who: "w"})
	h.must(err)
	found, err := h.Unproven(h.ctx, 5)
	h.must(err)
	if len(found) != 1 || found[0].ID != d.ID {
		t.Fatalf("unproven: %v", found)
	}
	if jobs := h.leased(1); len(jobs) > 0 {
		t.Errorf("what nobody knows is offered: %v", jobs)
	}
	old := d
	old.Version--
	h.must(h.KeepProof(h.ctx, old, dossier.Proof{Until: noon.AddDate(9, 0, 0)}))
	h.must(h.KeepProof(h.ctx, d, dossier.Proof{Until: noon, By: "TSA"}))
	h.must(h.KeepProof(h.ctx, d, dossier.Proof{Until: noon.AddDate(9, 0, 0)}))
	if d, err = h.Document(h.ctx, d.ID); err != nil || !d.Proof.Until.Equal(noon) || d.Proof.By != "TSA" {
		t.Errorf("kept %+v, %v", d.Proof, err)
	}
	if found, err := h.Unproven(h.ctx, 5); err != nil || len(found) > 0 {
		t.Errorf("still unproven: %v, %v", found, err)
	}
}

// Looking for renewals that are due does not read the archive.
func TestRenewalsUseTheirIndex(t *testing.T) {
	h := newHouse(t)
	if h.address != "" {
		t.Skip("PostgreSQL plans by the size of a table, and this one is empty")
	}
	query := "EXPLAIN QUERY PLAN SELECT id FROM documents WHERE lease_until <= 1 AND next_try <= 1 AND " +
		strings.ReplaceAll(dueWhere, "%s", "5") + " ORDER BY proof_until, id LIMIT 5"
	plan, err := all(context.WithoutCancel(h.ctx), h.read, func(r row) (s string, err error) {
		var skip any
		err = r.Scan(&skip, &skip, &skip, &s)
		return s, err
	}, query)
	h.must(err)
	if !strings.Contains(strings.Join(plan, "\n"), "documents_proof") {
		t.Errorf("plan: %v", plan)
	}
}
