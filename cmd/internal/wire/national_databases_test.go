package wire

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/catalogue"
	"sohoa/dossier/neighbour"
	"sohoa/ingest/procedures"
	"sohoa/outbound"
	"sohoa/storage/sqldb/sqldbtest"
)

// The contract of the national database of procedures: what it tells is compared and waits;
// what a person orders holds from its day on, while what was received stays; what is listed
// no longer is told; while it is away nothing ends.
func TestNationalProcedures(t *testing.T) {
	recorded := func(name string) string {
		b, err := os.ReadFile("../../../ingest/procedures/testdata/" + name)
		must(t, err)
		return string(b)
	}
	list, status := recorded("list.json"), 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var q map[string]any
		must(t, json.NewDecoder(r.Body).Decode(&q))
		switch code, _ := q["maTTHC"].(string); {
		case status != 0:
			w.WriteHeader(status)
		case q["session"] != "invented":
			w.WriteHeader(http.StatusForbidden)
		case q["service"] == "LayDanhSachTTHC":
			_, _ = io.WriteString(w, list)
		default:
			_, _ = io.WriteString(w, strings.Replace(recorded("one.json"), "1.000001", code, 1))
		}
	}))
	t.Cleanup(srv.Close)
	ctx, now := t.Context(), time.Date(2026, 11, 20, 9, 0, 0, 0, dossier.VietNam)
	db := sqldbtest.New(t, filepath.Join(t.TempDir(), "h.db"), func() time.Time { return now })
	t.Cleanup(func() { db.Close() })
	must(t, db.PutAgency(ctx, dossier.Agency{Code: "H60", Name: "Tỉnh", Tier: dossier.Province}))
	must(t, db.PutKind(ctx, dossier.Kind{Code: "DDN", Name: "Đơn"}))
	must(t, db.PutProcedure(ctx, dossier.Procedure{Code: "1.000001", Name: "Xác nhận thông tin", Level: dossier.Full, Components: []dossier.Component{
		{Slot: "TP01", Kind: "DDN", Name: "Đơn đề nghị", Required: true, Digitise: true}, {Slot: "TP02", Kind: "DDN", Name: "Bản cam kết", Required: true, Digitise: true}}}))
	holder, err := db.PutHolder(ctx, dossier.Holder{Number: "008199012345", Name: "An"})
	must(t, err)
	open := func() dossier.Dossier {
		d, err := db.AddDossier(ctx, dossier.Dossier{Procedure: "1.000001", Receiving: "H60", Holder: holder.ID, Channel: dossier.Direct}, "p")
		must(t, err)
		return d
	}
	before := open()
	h := &House{DB: db, Settings: Settings{Now: func() time.Time { return now }}}
	sync := h.procedureSyncer()
	sync.Pause = 0
	sync.Client, err = procedures.New(srv.URL, "invented", "H60", outbound.Client(outbound.HostOf(srv.URL).Has, 5*time.Second, nil))
	must(t, err)
	sweep := func() procedures.Count {
		t.Helper()
		c, err := sync.Sweep(ctx)
		must(t, err)
		return c
	}
	desk := h.nationalDesk()
	find := func(code dossier.ProcedureCode) (found catalogue.NationalDifference) {
		t.Helper()
		all, _, err := desk.Differences(ctx)
		must(t, err)
		for _, d := range all {
			if d.Code == code {
				found = d
			}
		}
		return found
	}
	if c := sweep(); c.Read != 4 {
		t.Fatalf("%+v", c)
	}
	d := find("1.000001")
	if d.What != catalogue.NationalChanged || len(d.Kinds) != 2 {
		t.Fatalf("%+v", d)
	}
	order := func(d catalogue.NationalDifference, since string) int {
		t.Helper()
		n, err := desk.Decide(ctx, []catalogue.NationalOrder{{Code: d.Code, Sum: d.Sum, Since: since, Who: "p-admin", Role: dossier.Admin, At: now}})
		must(t, err)
		return n
	}
	if order(d, "2026-11-22") != 0 {
		t.Error("applied before its day")
	}
	now = now.Add(48 * time.Hour)
	if c := sweep(); c.Applied != 1 || find("1.000001").Code != "" {
		t.Errorf("%+v %+v", c, find("1.000001"))
	}
	after := open()
	for d, want := range map[dossier.Dossier]int{before: 2, after: 3} { // the new one has a result
		if f, err := db.Fillings(ctx, d.Code); err != nil || len(f) != want {
			t.Errorf("version %d: %d slots, want %d: %v", d.Version, len(f), want, err)
		}
	}
	status = 503
	must(t, desk.AskNow(ctx))
	sweep()
	if x, err := db.Exchange(ctx, neighbour.Procedures); err != nil || x.Said != procedures.Away || find("1.000001").Code != "" {
		t.Errorf("away: %+v %v", x, err)
	}
	status, list = 0, strings.Replace(list, `{"MATTHC": "1.000001", "TENTTHC": "Xác nhận thông tin"},`, "", 1)
	must(t, desk.AskNow(ctx))
	sweep()
	if d = find("1.000001"); d.What != catalogue.NationalEnded || order(d, now.Format(time.DateOnly)) != 1 {
		t.Errorf("listed no longer: %+v", d)
	}
	p, err := db.Procedure(ctx, "1.000001")
	must(t, err)
	if p.Served(now.Format(time.DateOnly)) || p.Version != 1 || len(p.Components) != 2 {
		t.Errorf("ended: %+v", p)
	}
	sync.Client.Session = "another"
	must(t, desk.AskNow(ctx))
	sweep()
	if x, err := db.Exchange(ctx, neighbour.Procedures); err != nil || x.Said != procedures.Token {
		t.Errorf("wrong session: %+v %v", x, err)
	}
}

// The counter's question goes to the address that is set and nowhere else, waits a few
// seconds at most, and its outcome is a fact whatever it is.
func TestPopulationDesk(t *testing.T) {
	found, err := os.ReadFile("../../../ingest/population/testdata/found.xml")
	must(t, err)
	silent := make(chan struct{})
	var answer atomic.Value // an earlier question may still be heard
	answer.Store(string(found))
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		says := answer.Load().(string)
		if says == "" {
			<-silent
		}
		_, _ = io.WriteString(w, says)
	}))
	t.Cleanup(srv.Close)
	t.Cleanup(func() { close(silent) })
	db, _, d, _ := archivedHouse(t)
	secret := filepath.Join(t.TempDir(), "secret")
	must(t, os.WriteFile(secret, []byte("invented\n"), 0o600))
	h := &House{DB: db, Settings: Settings{Population: Population{Address: srv.URL, User: "sohoa", SecretFile: secret, Rate: "3"}}}
	must(t, h.Settings.checkNational())
	desk, err := h.populationDesk()
	must(t, err)
	who, err := db.Holder(t.Context(), d.Holder)
	must(t, err)
	who.Number, who.Name, who.Born = "008199012345", "Nguyễn Thị Mẫu", "1999-02-03"
	ask := func(ctx context.Context) (neighbour.Check, error) {
		return desk.AskPopulation(ctx, neighbour.Check{Dossier: d.Code, Holder: d.Holder, Who: "p"}, dossier.Counter, who)
	}
	if c, err := ask(t.Context()); err != nil || c.Outcome != neighbour.Matches {
		t.Errorf("%+v %v", c, err)
	}
	answer.Store("")
	short, end := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer end()
	if c, err := ask(short); err != nil || c.Outcome != neighbour.Unanswered || c.Said != "away" {
		t.Errorf("silence: %+v %v", c, err)
	}
	if all, err := db.PopulationChecks(t.Context(), d.Code); err != nil || len(all) != 2 || all[0].Said != "away" || all[1].Outcome != neighbour.Matches {
		t.Errorf("%+v %v", all, err)
	}
	if x, err := db.Exchange(t.Context(), neighbour.Population); err != nil || x.Said != "away" || x.OK.IsZero() {
		t.Errorf("%+v %v", x, err)
	}
	answer.Store(string(found))
	if _, err := ask(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := ask(t.Context()); err == nil {
		t.Error("a fourth within the minute")
	}
	if off, err := (&House{DB: db}).populationDesk(); err != nil || off.PopulationOn() {
		t.Errorf("on without an address: %v", err)
	}
	for why, s := range map[string]Settings{"http": {Population: Population{Address: "http://dancu.gov.vn", User: "u", SecretFile: secret}}, "no secret": {Population: Population{Address: "https://dancu.gov.vn", User: "u"}},
		"a rate of a poet": {Population: Population{Address: "https://dancu.gov.vn", User: "u", SecretFile: secret, Rate: "many"}}, "procedures over http": {Procedures: Procedures{Address: "http://csdl.gov.vn"}}} {
		if s.checkNational() == nil {
			t.Errorf("taken: %s", why)
		}
	}
}
