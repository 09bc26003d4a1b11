package sqldb

import (
	"errors"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/digest"
)

// A key is known by its digest, ends by its day, by being ended and with its
// account, and whoever changes its row is found out.
func TestKeys(t *testing.T) {
	h := newHouse(t)
	h.must(h.PutPerson(h.ctx, dossier.Person{ID: "svc", Login: "may", Name: "Một cửa", Role: dossier.Counter, Agency: "H60.12", Service: true}, ""))
	h.people(dossier.Person{ID: "p1", Role: dossier.Clerk})
	if err := h.PutPerson(h.ctx, dossier.Person{ID: "x", Login: "x", Role: dossier.Admin, Service: true}, ""); !errors.Is(err, dossier.ErrInvalid) {
		t.Errorf("a program runs the house: %v", err)
	}
	if err := h.PlacePerson(h.ctx, "svc", dossier.Admin, "H60.12", boss); !errors.Is(err, dossier.ErrInvalid) {
		t.Errorf("a program is made to run the house: %v", err)
	}
	if err := h.SetPassword(h.ctx, "svc", "hash", false, digest.Digest{}, boss); !errors.Is(err, dossier.ErrInvalid) {
		t.Errorf("a program gets a password: %v", err)
	}
	if err := h.AddSession(h.ctx, digest.Of([]byte("s")), stay("svc", time.Hour)); !errors.Is(err, dossier.ErrNotFound) {
		t.Errorf("a program logs in: %v", err)
	}
	skip := len(h.acts(0))
	k := account.Key{Account: "svc", Head: "sohoa_abcd", Acts: []string{"look", "receive"}, Agency: "H60.12", Why: "một cửa", Until: noon.Add(48 * time.Hour)}
	if _, err := h.MakeKey(h.ctx, account.Key{Account: "p1", Head: k.Head, Acts: k.Acts, Agency: k.Agency, Why: k.Why, Until: k.Until}, digest.Of([]byte("o")), boss); !errors.Is(err, dossier.ErrNotFound) {
		t.Errorf("a person gets a key: %v", err)
	}
	long := k
	long.Until = noon.Add(account.LongestKey + time.Hour)
	if _, err := h.MakeKey(h.ctx, long, digest.Of([]byte("l")), boss); !errors.Is(err, dossier.ErrInvalid) {
		t.Errorf("a key for ever: %v", err)
	}
	secret := digest.Of([]byte("one"))
	made, err := h.MakeKey(h.ctx, k, secret, boss)
	h.must(err)
	h.must(h.KeySeen(h.ctx, made.ID, noon))
	p, got, err := h.KeyBySecret(h.ctx, secret)
	h.must(err)
	if p.ID != "svc" || !p.Service || got.ID != made.ID || len(got.Acts) != 2 || !got.Seen.Equal(noon) || !got.Until.Equal(k.Until) {
		t.Errorf("found %+v of %+v", got, p)
	}
	gone := func(what string) {
		t.Helper()
		if _, _, err := h.KeyBySecret(h.ctx, secret); !errors.Is(err, dossier.ErrNotFound) {
			t.Errorf("%s: %v", what, err)
		}
	}
	h.must(h.LockPerson(h.ctx, "svc", true, boss))
	gone("of a locked account")
	h.must(h.LockPerson(h.ctx, "svc", false, boss))
	if err := h.EndKey(h.ctx, "p1", made.ID, boss); !errors.Is(err, dossier.ErrNotFound) {
		t.Errorf("ended as another's: %v", err)
	}
	h.must(h.EndKey(h.ctx, "svc", made.ID, boss))
	gone("ended")
	if err := h.EndKey(h.ctx, "svc", made.ID, boss); !errors.Is(err, dossier.ErrConflict) {
		t.Errorf("ended twice: %v", err)
	}
	_, err = h.MakeKey(h.ctx, k, digest.Of([]byte("two")), boss)
	h.must(err)
	list, err := h.Keys(h.ctx, "svc")
	h.must(err)
	if len(list) != 2 || list[0].Ended != (time.Time{}) || list[1].EndedBy != boss.Who {
		t.Errorf("keys %+v", list)
	}
	want := []string{"make-key p-boss " + made.ID, "locked-account p-boss svc", "unlocked-account p-boss svc", "end-key p-boss " + made.ID, "make-key p-boss " + list[0].ID}
	if said := h.acts(skip); len(said) != len(want) || said[0] != want[0] || said[3] != want[3] || said[4] != want[4] {
		t.Errorf("the ledger says %v", said)
	}
	h.audited()
	for _, statement := range []string{"UPDATE api_keys SET until = until + 1", "DELETE FROM api_keys", "UPDATE api_key_ends SET at = 1", "DELETE FROM api_key_ends"} {
		if _, err := h.write.ExecContext(h.ctx, statement); err == nil {
			t.Errorf("%s went through", statement)
		}
	}
	if h.address != "" {
		return // triggers are taken off in the words of one engine only
	}
	h.run("DROP TRIGGER api_keys_once", "DROP TRIGGER api_key_ends_kept", "UPDATE api_keys SET acts = 'act look' WHERE id = '"+list[0].ID+"'", "DELETE FROM api_key_ends")
	report, err := h.Audit(h.ctx, nil)
	h.must(err)
	if len(report.Findings) != 2 || report.Findings[0].Code == report.Findings[1].Code {
		t.Errorf("rows were changed past the program, and the audit finds %+v", report.Findings)
	}
}
