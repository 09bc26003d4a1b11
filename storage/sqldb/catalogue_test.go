package sqldb

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
)

func TestAgencies(t *testing.T) {
	h := newHouse(t)
	h.must(h.PutAgency(h.ctx, dossier.Agency{Code: "H60.12.1", Parent: "H60.12", Name: "Thôn", Tier: dossier.Commune, Demo: true}))
	for code, want := range map[dossier.AgencyCode][]dossier.AgencyCode{
		"H60":      {"H60", "H60.12", "H60.12.1", "H60.13"},
		"H60.12":   {"H60.12", "H60.12.1"},
		"H60.12.1": {"H60.12.1"},
		"H61":      nil,
	} {
		if got, err := h.Below(h.ctx, code); err != nil || !slices.Equal(got, want) {
			t.Errorf("below %s: %v, %v, want %v", code, got, err, want)
		}
	}
	renamed := dossier.Agency{Code: "H60.13", Parent: "H60.12", Name: "Xã Ba", Tier: dossier.Commune}
	h.must(h.PutAgency(h.ctx, renamed))
	if got, err := h.Agency(h.ctx, "H60.13"); err != nil || got != renamed {
		t.Errorf("%+v, %v", got, err)
	}
	h.must(h.PutAgency(h.ctx, dossier.Agency{Code: "H60", Parent: "H60.13", Name: "Vòng", Tier: dossier.Province}))
	if got, err := h.Below(h.ctx, "H60"); err != nil || len(got) != 4 { // a circle ends
		t.Errorf("below a circle: %v, %v", got, err)
	}
	if got, err := h.Agencies(h.ctx); err != nil || len(got) != 4 || got[0].Code != "H60" {
		t.Errorf("%+v, %v", got, err)
	}
	wantErr(t, "no parent", h.PutAgency(h.ctx, dossier.Agency{Code: "H61.1", Parent: "H61"}), dossier.ErrNotFound)
	wantErr(t, "no code", h.PutAgency(h.ctx, dossier.Agency{Code: "sở"}), dossier.ErrInvalid)
	_, err := h.Agency(h.ctx, "H61")
	wantErr(t, "no such agency", err, dossier.ErrNotFound)
}

func TestHasAny(t *testing.T) {
	db, err := Open(t.Context(), t.TempDir()+"/x.db", Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if any, err := db.HasAny(t.Context()); any || err != nil {
		t.Errorf("empty: %v, %v", any, err)
	}
	if err := db.PutAgency(t.Context(), dossier.Agency{Code: "H60"}); err != nil {
		t.Fatal(err)
	}
	if any, err := db.HasAny(t.Context()); !any || err != nil {
		t.Errorf("one agency: %v, %v", any, err)
	}
}

func TestProcedures(t *testing.T) {
	h := newHouse(t)
	bare := dossier.Procedure{Code: "1.000001", Name: "Không giấy tờ", Field: "Khác", Level: dossier.Info}
	h.must(h.PutProcedure(h.ctx, bare))
	full := dossier.Procedure{Code: "2.000002", Name: "Đất đai", Field: "Đất đai", Level: dossier.Partial, ResultKind: "QD", Days: 15, Demo: true,
		Components: []dossier.Component{{Slot: "Z", Kind: "DON", Name: "Đơn", Required: true}, {Slot: "A", Kind: "GKS", Name: "Giấy", Digitise: true}}}
	h.must(h.PutProcedure(h.ctx, full))
	for _, want := range []dossier.Procedure{bare, full} {
		if got, err := h.Procedure(h.ctx, want.Code); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%+v, %v, want %+v", got, err, want)
		}
	}
	full.Components, full.ResultKind = full.Components[1:], ""
	h.must(h.PutProcedure(h.ctx, full))
	all, err := h.Procedures(h.ctx)
	h.must(err)
	if len(all) != 3 || !reflect.DeepEqual(all[2], full) || !reflect.DeepEqual(all[0], bare) || len(all[1].Components) != 3 {
		t.Errorf("%+v", all)
	}
	_, err = h.Procedure(h.ctx, "none")
	wantErr(t, "no such procedure", err, dossier.ErrNotFound)
	for name, c := range map[string][]dossier.Component{
		"no slot": {{Kind: "DON"}}, "the result's slot": {{Slot: dossier.ResultSlot, Kind: "DON"}},
		"a slot twice": {{Slot: "A", Kind: "DON"}, {Slot: "A", Kind: "DON"}},
	} {
		wantErr(t, name, h.PutProcedure(h.ctx, dossier.Procedure{Code: "2.000002", Components: c}), dossier.ErrInvalid)
	}
	wantErr(t, "no such kind", h.PutProcedure(h.ctx, dossier.Procedure{Code: "3", ResultKind: "none"}), dossier.ErrNotFound)
	wantErr(t, "no code", h.PutProcedure(h.ctx, dossier.Procedure{}), dossier.ErrInvalid)
	if got, err := h.Procedure(h.ctx, full.Code); err != nil || !reflect.DeepEqual(got, full) {
		t.Errorf("a refused one left a trace: %+v, %v", got, err)
	}
	h.must(h.PutKind(h.ctx, dossier.Kind{Code: "AAA", Name: "a"}))
	h.must(h.PutKind(h.ctx, dossier.Kind{Code: "AAA", Name: "b", Demo: true}))
	wantErr(t, "a kind without a code", h.PutKind(h.ctx, dossier.Kind{}), dossier.ErrInvalid)
	kinds, err := h.Kinds(h.ctx)
	if err != nil || len(kinds) != 4 || kinds[0] != (dossier.Kind{Code: "AAA", Name: "b", Demo: true}) {
		t.Errorf("%+v, %v", kinds, err)
	}
}

func TestPeople(t *testing.T) {
	h := newHouse(t)
	p := dossier.Person{ID: "p1", Login: "motcua", Name: "Lê C", Role: dossier.Counter, Agency: "H60.12"}
	h.must(h.PutPerson(h.ctx, p, "hash 1"))
	admin := dossier.Person{Login: "admin", Name: "Quản trị", Role: dossier.Admin}
	h.must(h.PutPerson(h.ctx, admin, "hash 2"))
	p.Name, p.Login = "Lê Cờ", "motcua1"
	h.must(h.PutPerson(h.ctx, p, "")) // keeps the password
	got, hash, err := h.PersonByLogin(h.ctx, "motcua1")
	if err != nil || got != p || hash != "hash 1" {
		t.Errorf("%+v, %q, %v", got, hash, err)
	}
	if got, err := h.Person(h.ctx, "p1"); err != nil || got != p {
		t.Errorf("%+v, %v", got, err)
	}
	made, _, err := h.PersonByLogin(h.ctx, "admin")
	h.must(err)
	h.must(h.PutPerson(h.ctx, admin, "hash 3")) // without an ID: the one with the login
	again, hash, err := h.PersonByLogin(h.ctx, "admin")
	if err != nil || again != made || made.ID == "" || hash != "hash 3" {
		t.Errorf("%+v and %+v, %q, %v", made, again, hash, err)
	}
	if all, err := h.People(h.ctx); err != nil || !slices.Equal(all, []dossier.Person{again, p}) {
		t.Errorf("%+v, %v", all, err)
	}
	wantErr(t, "somebody's login", h.PutPerson(h.ctx, dossier.Person{ID: "p9", Login: "admin", Role: dossier.Admin}, "x"), dossier.ErrConflict)
	wantErr(t, "no login", h.PutPerson(h.ctx, dossier.Person{Role: dossier.Admin}, "x"), dossier.ErrInvalid)
	wantErr(t, "a machine", h.PutPerson(h.ctx, dossier.Person{Login: "m", Role: dossier.Machine}, "x"), dossier.ErrInvalid)
	wantErr(t, "no agency", h.PutPerson(h.ctx, dossier.Person{Login: "m", Role: dossier.Clerk, Agency: "H99"}, "x"), dossier.ErrNotFound)
	_, _, err = h.PersonByLogin(h.ctx, "none")
	wantErr(t, "no such login", err, dossier.ErrNotFound)
	_, err = h.Person(h.ctx, "none")
	wantErr(t, "no such person", err, dossier.ErrNotFound)
}

func TestSessions(t *testing.T) {
	h := newHouse(t)
	p := dossier.Person{ID: "p1", Login: "a", Role: dossier.Auditor}
	h.must(h.PutPerson(h.ctx, p, "x"))
	one, two := digest.Of([]byte("1")), digest.Of([]byte("2"))
	h.must(h.AddSession(h.ctx, one, stay("p1", time.Hour)))
	h.must(h.AddSession(h.ctx, two, stay("p1", 2*time.Hour)))
	if got, s, err := h.Session(h.ctx, one); err != nil || got != p || s.Person != "p1" || !s.Until.Equal(noon.Add(time.Hour)) {
		t.Errorf("%+v, %+v, %v", got, s, err)
	}
	h.clock.move(time.Hour)
	_, _, err := h.Session(h.ctx, one)
	wantErr(t, "ended by time", err, dossier.ErrNotFound)
	if _, _, err := h.Session(h.ctx, two); err != nil {
		t.Error(err)
	}
	for range 2 {
		h.must(h.EndSession(h.ctx, two))
	}
	_, _, err = h.Session(h.ctx, two)
	wantErr(t, "ended by hand", err, dossier.ErrNotFound)
	wantErr(t, "nobody's", h.AddSession(h.ctx, two, stay("none", time.Hour)), dossier.ErrNotFound)
}
