package sqldb

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/digest"
)

// A ticket is taken once, for what it is for, in its time; of many at once one takes it.
func TestTicketsAtOnce(t *testing.T) {
	h := newHouse(t)
	ticket, until := digest.Of([]byte("1")), noon.Add(time.Minute)
	h.must(h.AddTicket(h.ctx, ticket, "login", "said", until))
	_, err := h.TakeTicket(h.ctx, ticket, "proof")
	wantErr(t, "for something else", err, dossier.ErrNotFound)
	var taken atomic.Int64
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if said, err := h.TakeTicket(h.ctx, ticket, "login"); err == nil && said == "said" {
				taken.Add(1)
			}
		})
	}
	all.Wait()
	if taken.Load() != 1 {
		t.Errorf("taken %d times", taken.Load())
	}
	h.must(h.AddTicket(h.ctx, ticket, "login", "", until))
	h.clock.move(time.Minute)
	_, err = h.TakeTicket(h.ctx, ticket, "login")
	wantErr(t, "over", err, dossier.ErrNotFound)
	h.must(h.AddTicket(h.ctx, digest.Of([]byte("2")), "login", "", h.clock.now().Add(time.Minute)))
	if n, err := one(h.ctx, h.read, single[int], "SELECT COUNT(*) FROM door_tickets"); err != nil || n != 1 {
		t.Errorf("%d tickets are kept, %v", n, err)
	}
}

func TestPasskeyRows(t *testing.T) {
	h := newHouse(t)
	h.people(dossier.Person{ID: "p1", Role: dossier.Clerk}, dossier.Person{ID: "p2", Role: dossier.Clerk})
	by := account.By{Who: "p1", Role: dossier.Clerk}
	k := account.Passkey{ID: "a", Person: "p1", Name: "máy", Key: []byte{1}, Count: 5}
	h.must(h.AddPasskey(h.ctx, k, []string{"r"}, digest.Digest{}, by))
	other := k
	other.Person = "p2"
	wantErr(t, "somebody else's", h.AddPasskey(h.ctx, other, nil, digest.Digest{}, by), dossier.ErrConflict)
	wantErr(t, "without a name", h.AddPasskey(h.ctx, account.Passkey{ID: "b", Person: "p1", Key: []byte{1}}, nil, digest.Digest{}, by), dossier.ErrInvalid)
	for i, want := range []bool{true, false} { // the second comes with a count that is no longer so
		if ok, err := h.UsePasskey(h.ctx, k, 6); ok != want || err != nil {
			t.Errorf("use %d: %v, %v", i, ok, err)
		}
	}
	h.must(h.AddSession(h.ctx, digest.Of([]byte("s")), stay("p1", time.Hour)))
	if _, s, err := h.Session(h.ctx, digest.Of([]byte("s"))); err != nil || !s.Factor {
		t.Error("a passkey is no factor", err)
	}
	got, err := h.Passkey(h.ctx, "a")
	h.must(err)
	h.must(h.DoubtPasskey(h.ctx, got, by))
	if ok, err := h.UsePasskey(h.ctx, got, 7); ok || err != nil {
		t.Error("one that is doubted is taken", err)
	}
	h.must(h.BeginFactor(h.ctx, "p1", "x"))
	h.must(h.AddFactor(h.ctx, "p1", 1, []string{"s"}, digest.Digest{}, by))
	h.must(h.RemovePasskey(h.ctx, "p1", "a", digest.Digest{}, by))
	if ok, err := h.UseRecovery(h.ctx, "p1", "s"); !ok || err != nil {
		t.Error("recovery codes went with one of two factors", err)
	}
	wantErr(t, "gone", h.RemovePasskey(h.ctx, "p1", "a", digest.Digest{}, by), dossier.ErrNotFound)
	for i := range account.MostPasskeys + 1 {
		k.ID = string(rune('A' + i))
		if err := h.AddPasskey(h.ctx, k, nil, digest.Digest{}, by); (err == nil) != (i < account.MostPasskeys) {
			t.Errorf("passkey %d: %v", i+1, err)
		}
	}
}

func TestIdentities(t *testing.T) {
	h := newHouse(t)
	h.people(dossier.Person{ID: "p1", Role: dossier.Clerk}, dossier.Person{ID: "p2", Role: dossier.Clerk})
	h.must(h.PutPerson(h.ctx, dossier.Person{ID: "robot", Login: "robot", Role: dossier.Clerk, Agency: "H60.12", Service: true}, ""))
	bind := func(p dossier.PersonID, subject string) error {
		return h.BindIdentity(h.ctx, p, "https://sso", subject, boss)
	}
	h.must(bind("p1", "s1"))
	wantErr(t, "somebody else", bind("p2", "s1"), dossier.ErrConflict)
	wantErr(t, "a program", bind("robot", "s9"), dossier.ErrInvalid)
	wantErr(t, "nobody", bind("none", "s9"), dossier.ErrNotFound)
	h.must(bind("p1", "s2"))
	_, err := h.PersonByIdentity(h.ctx, "https://sso", "s1")
	wantErr(t, "the subject of before", err, dossier.ErrNotFound)
	_, err = h.PersonByIdentity(h.ctx, "https://other", "s2")
	wantErr(t, "another issuer", err, dossier.ErrNotFound)
	if p, err := h.PersonByIdentity(h.ctx, "https://sso", "s2"); err != nil || p.ID != "p1" {
		t.Errorf("%+v, %v", p, err)
	}
	begin := func(token, issuer, sid string) {
		s := stay("p1", time.Hour)
		s.Issuer, s.SID = issuer, sid
		h.must(h.AddSession(h.ctx, digest.Of([]byte(token)), s))
	}
	begin("1", "https://sso", "a")
	begin("2", "https://sso", "b")
	begin("3", "", "")
	for _, row := range []struct {
		sid, subject string
		n            int
	}{{"none", "s2", 0}, {"", "s1", 0}, {"a", "", 1}, {"", "s2", 1}, {"", "", 0}} {
		if n, err := h.EndProvided(h.ctx, "https://sso", row.sid, row.subject); n != row.n || err != nil {
			t.Errorf("%v: %d, %v", row, n, err)
		}
	}
	if left, err := h.SessionsOf(h.ctx, "p1"); err != nil || len(left) != 1 {
		t.Errorf("%d sessions are left, %v", len(left), err)
	}
	h.must(h.UnbindIdentity(h.ctx, "p1", "https://sso", boss))
	wantErr(t, "twice", h.UnbindIdentity(h.ctx, "p1", "https://sso", boss), dossier.ErrNotFound)
}
