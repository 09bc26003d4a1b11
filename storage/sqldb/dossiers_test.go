package sqldb

import (
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"sohoa/dossier"
)

// Sixteen counters receive at once: serials 1 to 16, none missing, none twice.
func TestSerialsAtOnce(t *testing.T) {
	h := newHouse(t)
	var mu sync.Mutex
	var codes []dossier.Code
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			d, err := h.AddDossier(h.ctx, dossier.Dossier{Procedure: procedure, Receiving: "H60.12", Holder: h.holder, Received: noon}, "counter")
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			codes = append(codes, d.Code)
		})
	}
	wg.Wait()
	slices.Sort(codes)
	var want []dossier.Code
	for i := range 16 {
		want = append(want, dossier.Code(fmt.Sprintf("H60.12-261121-%04d", i+1)))
	}
	if !slices.Equal(codes, want) {
		t.Errorf("codes: %v", codes)
	}
}

func TestSerials(t *testing.T) {
	h := newHouse(t)
	for _, row := range []struct {
		name      string
		code      dossier.Code
		receiving dossier.AgencyCode
		received  time.Time
		want      dossier.Code
	}{
		{"first of the day", "", "H60.12", noon, "H60.12-261121-0001"},
		{"another agency", "", "H60.13", noon, "H60.13-261121-0001"},
		{"from another system", "H60.12-261121-0002", "H60.12", noon, "H60.12-261121-0002"},
		{"past what came from another system", "", "H60.12", noon, "H60.12-261121-0003"},
		{"the last minute in Viet Nam", "", "H60.12", time.Date(2026, 11, 21, 16, 59, 0, 0, time.UTC), "H60.12-261121-0004"},
		{"a minute later", "", "H60.12", time.Date(2026, 11, 21, 17, 0, 0, 0, time.UTC), "H60.12-261122-0001"},
	} {
		d, err := h.AddDossier(h.ctx, dossier.Dossier{Code: row.code, Procedure: procedure, Receiving: row.receiving,
			Holder: h.holder, Received: row.received}, "counter")
		if err != nil || d.Code != row.want {
			t.Errorf("%s: %s, %v, want %s", row.name, d.Code, err, row.want)
		}
	}
	good := dossier.Dossier{Procedure: procedure, Receiving: "H60.12", Holder: h.holder}
	for name, row := range map[string]struct {
		spoil func(*dossier.Dossier)
		want  error
	}{
		"taken":        {func(d *dossier.Dossier) { d.Code = "H60.12-261121-0002" }, dossier.ErrConflict},
		"no agency":    {func(d *dossier.Dossier) { d.Receiving = "H61" }, dossier.ErrNotFound},
		"no competent": {func(d *dossier.Dossier) { d.Competent = "H61" }, dossier.ErrNotFound},
		"no procedure": {func(d *dossier.Dossier) { d.Procedure = "x" }, dossier.ErrNotFound},
		"no holder":    {func(d *dossier.Dossier) { d.Holder = "x" }, dossier.ErrNotFound},
	} {
		d := good
		row.spoil(&d)
		_, err := h.AddDossier(h.ctx, d, "counter")
		wantErr(t, name, err, row.want)
	}
	_, err := h.AddDossier(h.ctx, good, "")
	wantErr(t, "nobody", err, dossier.ErrInvalid)
	d, err := h.AddDossier(h.ctx, good, "counter") // the failures above left no gap
	if err != nil || d.Code != "H60.12-261121-0005" || d.Competent != "H60.12" || !d.Received.Equal(noon) {
		t.Errorf("%+v, %v", d, err)
	}
}

func TestDossierQueries(t *testing.T) {
	h := newHouse(t)
	var codes []dossier.Code
	for i := range 6 {
		competent := dossier.AgencyCode("")
		if i == 5 {
			competent = "H60" // decides what another received
		}
		d, err := h.AddDossier(h.ctx, dossier.Dossier{Procedure: procedure, Receiving: []dossier.AgencyCode{"H60.12", "H60.13"}[i%2],
			Competent: competent, Holder: h.holder, Received: noon.AddDate(0, 0, -i)}, "counter")
		h.must(err)
		codes = append(codes, d.Code) // newest first
	}
	resolved, err := h.Resolve(h.ctx, codes[2], noon, "officer")
	h.must(err)
	if !resolved.Resolved.Equal(noon) || !resolved.Due.IsZero() {
		t.Errorf("resolved: %+v", resolved)
	}
	for name, row := range map[string]struct {
		q    DossierQuery
		want []dossier.Code
	}{
		"all":               {DossierQuery{}, codes},
		"two":               {DossierQuery{Limit: 2}, codes[:2]},
		"an agency":         {DossierQuery{Agencies: []dossier.AgencyCode{"H60.13"}}, []dossier.Code{codes[1], codes[3], codes[5]}},
		"one that decides":  {DossierQuery{Agencies: []dossier.AgencyCode{"H60"}}, codes[5:]},
		"agencies":          {DossierQuery{Agencies: []dossier.AgencyCode{"H60.13", "H60.12", "H9"}}, codes},
		"from included":     {DossierQuery{From: noon.AddDate(0, 0, -1)}, codes[:2]},
		"to excluded":       {DossierQuery{To: noon.AddDate(0, 0, -4)}, codes[5:]},
		"open":              {DossierQuery{Open: true}, []dossier.Code{codes[0], codes[1], codes[3], codes[4], codes[5]}},
		"part of the code":  {DossierQuery{Code: "h60.13-2611"}, []dossier.Code{codes[1], codes[3], codes[5]}},
		"no wildcard":       {DossierQuery{Code: "H60_12"}, nil},
		"no wildcard %":     {DossierQuery{Code: "H%0"}, nil},
		"no escape":         {DossierQuery{Code: "!"}, nil},
		"several at a time": {DossierQuery{Code: "H60.12", Open: true, From: noon.AddDate(0, 0, -4), Limit: 1}, codes[:1]},
	} {
		found, err := h.Dossiers(h.ctx, row.q)
		var got []dossier.Code
		for _, d := range found {
			got = append(got, d.Code)
		}
		if err != nil || !slices.Equal(got, row.want) {
			t.Errorf("%s: %v, %v, want %v", name, got, err, row.want)
		}
	}
	_, err = h.Dossier(h.ctx, "none")
	wantErr(t, "no such dossier", err, dossier.ErrNotFound)
}

func TestResolveAndEvents(t *testing.T) {
	h := newHouse(t)
	code := h.newDossier().Code
	h.clock.move(time.Hour)
	_, err := h.Resolve(h.ctx, code, h.clock.now(), "officer")
	h.must(err)
	_, err = h.Resolve(h.ctx, code, h.clock.now(), "officer")
	wantErr(t, "resolved twice", err, dossier.ErrConflict)
	_, err = h.Resolve(h.ctx, "none", noon, "officer")
	wantErr(t, "no such dossier", err, dossier.ErrNotFound)
	events, err := h.Events(h.ctx, code)
	h.must(err)
	want := []dossier.Event{{Dossier: code, Act: dossier.DossierReceived, Who: "counter", At: noon},
		{Dossier: code, Act: dossier.DossierResolved, Who: "officer", At: noon.Add(time.Hour)}}
	if !reflect.DeepEqual(events, want) {
		t.Errorf("events: %+v, want %+v", events, want)
	}
}

func TestFillings(t *testing.T) {
	h := newHouse(t)
	code := h.newDossier().Code
	shape := func() string {
		t.Helper()
		found, err := h.Fillings(h.ctx, code)
		h.must(err)
		s := ""
		for _, f := range found {
			s += string(f.Slot) + "/" + string(f.Kind)
			if f.Document != nil {
				s += "=" + string(f.Document.State)
			}
			if f.Reused != nil {
				s += "=record"
			}
			s += " "
		}
		return s
	}
	check := func(want string) {
		t.Helper()
		if got := shape(); got != want {
			t.Errorf("fillings: %s, want %s", got, want)
		}
	}
	check("T1/GKS T2/DON T3/DON KQ/QD ")
	d := h.add(code, "T1")
	h.add(code, dossier.ResultSlot)
	check("T1/GKS=received T2/DON T3/DON KQ/QD=received ")
	_, err := h.Advance(h.ctx, d, change(refusal(d.State)))
	h.must(err)
	check("T1/GKS=refused T2/DON T3/DON KQ/QD=received ")
	h.clock.move(time.Minute)
	fresh := h.to(h.add(code, "T1"), dossier.Recognised)
	check("T1/GKS=recognised T2/DON T3/DON KQ/QD=received ")
	h.clock.move(-time.Hour) // a refused one later on the clock does not hide the live one
	p, err := h.Procedure(h.ctx, procedure)
	h.must(err)
	p.Components = p.Components[1:]
	h.must(h.PutProcedure(h.ctx, p)) // the catalogue drops T1; its paper does not vanish
	check("T2/DON T3/DON KQ/QD=received T1/GKS=recognised ")
	found, err := h.Fillings(h.ctx, code)
	h.must(err)
	if got := found[3].Document; got == nil || !equalDocuments(*got, fresh) {
		t.Errorf("filling: %+v", got)
	}
	_, err = h.Fillings(h.ctx, "none")
	wantErr(t, "no such dossier", err, dossier.ErrNotFound)
}
