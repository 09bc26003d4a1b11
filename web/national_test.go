package web_test

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"sohoa/dossier"
	"sohoa/dossier/catalogue"
	"sohoa/dossier/neighbour"
	"sohoa/ingest/procedures"
	"sohoa/storage/ledger"
	"sohoa/storage/sqldb"
)

// nationalDesk decides by the rows of the house, as the service does.
type nationalDesk struct{ *procedures.Syncer }

func newNationalDesk(h *house) nationalDesk {
	return nationalDesk{&procedures.Syncer{Rows: h.db, Now: h.clock.now, House: func(ctx context.Context) (out catalogue.House, err error) {
		all, err := h.db.Procedures(ctx)
		out.Procedures, out.ProcedureSpans, out.Kinds = map[dossier.ProcedureCode]dossier.Procedure{}, map[dossier.ProcedureCode][]dossier.ProcedureSpan{}, map[dossier.KindCode]dossier.Kind{}
		for _, p := range all {
			out.Procedures[p.Code] = p
		}
		kinds, err2 := h.db.Kinds(ctx)
		for _, k := range kinds {
			out.Kinds[k.Code] = k
		}
		spans, err3 := h.db.ProcedureSpans(ctx)
		for _, s := range spans {
			out.ProcedureSpans[s.Procedure] = append(out.ProcedureSpans[s.Procedure], s)
		}
		for _, e := range []error{err2, err3} {
			if err == nil {
				err = e
			}
		}
		return out, err
	}}}
}

func (d nationalDesk) Decide(ctx context.Context, orders []catalogue.NationalOrder) (int, error) {
	for _, o := range orders {
		if err := d.Rows.PutNationalOrder(ctx, o); err != nil {
			return 0, err
		}
	}
	return d.Apply(ctx)
}

func (d nationalDesk) AskNow(ctx context.Context) error {
	return d.Rows.Keep(ctx, neighbour.Procedures, procedures.AskNow)
}

// registry answers about people as it is told to.
type registry struct {
	*sqldb.DB
	h     *house
	off   bool
	says  neighbour.Outcome
	said  string
	asked []dossier.Holder
}

func (r *registry) PopulationOn() bool { return !r.off }

func (r *registry) AskPopulation(ctx context.Context, c neighbour.Check, by dossier.Role, who dossier.Holder) (neighbour.Check, error) {
	c, err := r.AskingPopulation(ctx, c, by, dossier.ForHandling, 30)
	if err != nil {
		return c, err
	}
	r.asked = append(r.asked, who)
	c.Outcome, c.Said = r.says, r.said
	return c, r.ToldPopulation(ctx, c, by, dossier.ForHandling)
}

func (h *house) told(list ...catalogue.Told) {
	h.t.Helper()
	for _, t := range list {
		must(h.t, h.db.PutTold(h.t.Context(), t))
	}
}

// An administrator sees what is told otherwise, ticks, and it holds from the day that they
// say: what was received keeps its version. Nobody decides on what they have not seen, and
// nothing of before today.
func TestNationalPage(t *testing.T) {
	h := newHouse(t)
	was, err := h.db.Procedure(t.Context(), "9.1")
	must(t, err)
	before := h.open("008199012345", "An")
	told := catalogue.Told{Code: "9.1", Name: "Đổi tên <i>mới</i>", Papers: []catalogue.ToldPaper{{Code: string(was.Components[0].Kind), Name: was.Components[0].Name, Required: true}}}
	added := catalogue.Told{Code: "7.7", Name: "Thủ tục mới", Level: "toàn trình"}
	h.told(told, added, catalogue.Told{Code: "6.6", Name: "=x", Level: "toàn trình"})
	admin := h.as("p-admin")
	page := admin.get("/admin/national").body
	if !strings.Contains(page, "Đổi tên &lt;i&gt;mới") || strings.Contains(page, "<i>mới") || !strings.Contains(page, "Thủ tục mới") || !strings.Contains(page, "công thức") {
		t.Fatalf("page: %s", page)
	}
	open, _, err := newNationalDesk(h).Differences(t.Context())
	must(t, err)
	pick := map[dossier.ProcedureCode]string{}
	for _, d := range open {
		pick[d.Code] = string(d.Code) + " " + d.Sum
	}
	today := h.clock.now().Format("2006-01-02")
	for why, x := range map[string]struct {
		form url.Values
		want int
	}{
		"nothing ticked":          {url.Values{"since": {today}}, 422},
		"no day":                  {url.Values{"pick": {pick["9.1"]}}, 422},
		"yesterday":               {url.Values{"pick": {pick["9.1"]}, "since": {"2026-01-01"}}, 422},
		"what cannot be taken":    {url.Values{"pick": {pick["6.6"]}, "since": {today}}, 409},
		"another difference":      {url.Values{"pick": {"9.1 " + strings.Repeat("0", 64)}, "since": {today}}, 409},
		"a procedure out of hand": {url.Values{"pick": {"../x " + strings.Repeat("0", 64)}, "since": {today}}, 422},
	} {
		if a := admin.post("/admin/national", x.form); a.status != x.want {
			t.Errorf("%s: %d, want %d", why, a.status, x.want)
		}
	}
	if a := admin.post("/admin/national", url.Values{"pick": {pick["9.1"]}, "since": {today}}); a.status != 303 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if a := admin.post("/admin/national", url.Values{"pick": {pick["7.7"]}, "since": {h.clock.now().AddDate(0, 0, 3).Format("2006-01-02")}}); a.status != 303 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if a := admin.post("/admin/national", url.Values{"pick": {pick["6.6"]}, "do": {"leave"}}); a.status != 303 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if page = admin.get("/admin/national").body; strings.Contains(page, "Đổi tên") || strings.Contains(page, "6.6") || !strings.Contains(page, "sẽ áp dụng từ") {
		t.Errorf("decided: %s", page)
	}
	if a := h.as("p-counter").get("/dossiers/" + string(before) + "/slots/TP02/draft"); a.status != 200 || !strings.Contains(a.body, was.Components[1].Name) {
		t.Errorf("a place that the procedure has no longer is not called by its name: %d", a.status)
	}
	after := h.open("008199012345", "An")
	old, fresh := admin.get("/dossiers/"+string(before)).body, admin.get("/dossiers/"+string(after)).body
	if !strings.Contains(old, "TP02") || !strings.Contains(old, "như lúc tiếp nhận") || !strings.Contains(old, was.Name) || strings.Contains(fresh, "TP02") || !strings.Contains(fresh, "Đổi tên") {
		t.Errorf("old %s\nfresh %s", old, fresh)
	}
	gone := told
	gone.Ended = true
	h.told(gone)
	open, _, err = newNationalDesk(h).Differences(t.Context())
	must(t, err)
	for _, d := range open {
		if d.Code == "9.1" && d.What == catalogue.NationalEnded {
			admin.post("/admin/national", url.Values{"pick": {"9.1 " + d.Sum}, "since": {today}})
		}
	}
	if a := h.as("p-counter").post("/dossiers", url.Values{"procedure": {"9.1"}, "receiving": {string(here)}, "competent": {string(here)}, "holder_number": {"008199012345"}, "holder_name": {"An"}}); a.status != 422 {
		t.Errorf("a dossier of what is served no longer: %d", a.status)
	}
	acts := map[string]int{}
	for _, e := range h.eventsOf("house") {
		acts[e.Act]++
	}
	for _, act := range []dossier.ReadingAct{dossier.NationalOrdered, dossier.NationalLeft, dossier.ProcedureVersioned, dossier.ProcedureEnded} {
		if acts[string(act)] == 0 {
			t.Errorf("no %s in the ledger: %v", act, acts)
		}
	}
	b, bearer, _ := h.program(dossier.Officer, here, "look")
	var list struct {
		Changes []struct{ Code, What, Since string }
		After   string
	}
	b.asks("GET", "/procedure-changes?limit=1", nil, "Authorization", bearer).reads(t, &list)
	if len(list.Changes) != 1 || list.Changes[0].Code != "7.7" || list.Changes[0].What != "added" || list.Changes[0].Since == "" {
		t.Errorf("%+v", list)
	}
	if admin.post("/admin/national/ask", nil).status != 303 {
		t.Error("not asked for")
	}
	if word, err := h.db.Kept(t.Context(), neighbour.Procedures); err != nil || word != procedures.AskNow {
		t.Errorf("%q %v", word, err)
	}
}

// The counter asks about somebody of a dossier; the outcome alone is kept, whatever it is
// the counter works on, each question is in the ledger with its purpose, and nobody looks
// people up with it.
func TestPopulationPage(t *testing.T) {
	h := newHouse(t)
	code := h.open("008199012345", "An")
	to := "/dossiers/" + string(code) + "/population"
	b := h.as("p-counter")
	if page := b.get("/dossiers/" + string(code)).body; !strings.Contains(page, "Đối chiếu CSDL quốc gia về dân cư") || !strings.Contains(page, `name="born"`) {
		t.Fatalf("page: %s", page)
	}
	for why, form := range map[string]url.Values{"no day": {}, "a day of a poet": {"born": {"hôm qua"}}, "somebody else": {"of": {"neighbour"}, "born": {"3/2/1999"}}} {
		if a := b.post(to, form); a.status != 422 {
			t.Errorf("%s: %d", why, a.status)
		}
	}
	if a := h.as("p-officer").post(to, url.Values{"born": {"3/2/1999"}}); a.status != 403 {
		t.Errorf("an officer asks: %d", a.status)
	}
	for _, x := range []struct {
		says neighbour.Outcome
		said string
		page string
	}{{neighbour.Matches, "", "<b>khớp</b>"}, {neighbour.Differs, "", "<b>không khớp</b>"}, {neighbour.Unanswered, "away", "không trả lời"}} {
		h.registry.says, h.registry.said = x.says, x.said
		if a := b.post(to, url.Values{"born": {"3/2/1999"}}); a.status != 303 {
			t.Fatalf("%s: %d %s", x.says, a.status, a.body)
		}
		if page := h.as("p-officer").get("/dossiers/" + string(code)).body; !strings.Contains(page, x.page) {
			t.Errorf("%s is not shown", x.says)
		}
	}
	if q := h.registry.asked[0]; q.Number != "008199012345" || q.Born != "1999-02-03" {
		t.Errorf("asked: %+v", q)
	}
	if holder, err := h.db.FindHolder(t.Context(), "008199012345"); err != nil || holder.Born != "" {
		t.Errorf("the day of birth that was asked with is kept: %+v %v", holder, err)
	}
	p, bearer, _ := h.program(dossier.Counter, here, "receive", "look")
	var one struct{ ID, Of, Outcome, Said string }
	p.asks("POST", "/dossiers/"+string(code)+"/population-checks", obj{"born": "1999-02-03"}, "Authorization", bearer).reads(t, &one)
	if one.Of != "holder" || one.Outcome != "unanswered" || one.Said != "away" {
		t.Errorf("%+v", one)
	}
	var all struct{ Checks []struct{ ID string } }
	p.asks("GET", "/dossiers/"+string(code)+"/population-checks", nil, "Authorization", bearer).reads(t, &all)
	if len(all.Checks) != 4 || all.Checks[0].ID != one.ID {
		t.Errorf("%+v", all)
	}
	b.post(to, url.Values{"born": {"3/2/1999"}})
	if a := b.post(to, url.Values{"born": {"3/2/1999"}}); a.status != 409 {
		t.Errorf("a sixth time: %d", a.status)
	}
	asked, told := 0, 0
	for _, e := range h.eventsOf("reading") {
		if strings.Contains(string(e.Bytes()), "1999") || strings.Contains(string(e.Bytes()), "008199") {
			t.Errorf("the ledger tells of a person: %s", e.Bytes())
		}
		switch e.Act {
		case string(dossier.PopulationAsked):
			if asked++; e.Purpose != string(dossier.ForHandling) || e.Dossier != string(code) || e.Holder == "" || e.Who == "" {
				t.Errorf("%+v", e)
			}
		case string(dossier.PopulationTold):
			told++
		}
	}
	if asked != 5 || told != 5 {
		t.Errorf("%d questions and %d outcomes in the ledger", asked, told)
	}
	if strings.Contains(h.log.String(), "008199012345") || strings.Contains(h.log.String(), "3/2/1999") {
		t.Error("the log tells of a person")
	}
	h.registry.off = true
	if page := b.get("/dossiers/" + string(code)).body; strings.Contains(page, `action="`+to) || !strings.Contains(page, "<b>khớp</b>") {
		t.Error("off: nobody is asked, and what was told is shown")
	}
	if a := b.post(to, url.Values{"born": {"3/2/1999"}}); a.status != 409 {
		t.Errorf("off: %d", a.status)
	}
	other := h.open("008199012345", "An")
	h.registry.off = false
	if _, err := h.db.Resolve(t.Context(), other, h.clock.now(), "p-officer"); err != nil {
		t.Fatal(err)
	}
	if a := b.post("/dossiers/"+string(other)+"/population", url.Values{"born": {"3/2/1999"}}); a.status != 409 {
		t.Errorf("of a dossier that is resolved: %d", a.status)
	}
}

// eventsOf returns the events of a kind in the ledger.
func (h *house) eventsOf(kind string) (out []ledger.Event) {
	h.t.Helper()
	size, err := h.db.NumberEvents(h.t.Context())
	must(h.t, err)
	for place := range size {
		text, err := h.db.LogEvent(h.t.Context(), place)
		must(h.t, err)
		e, err := ledger.Parse(text)
		must(h.t, err)
		if string(e.Kind) == kind {
			out = append(out, e)
		}
	}
	return out
}
