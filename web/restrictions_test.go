package web_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/restriction"
	"sohoa/web/api"
)

// closes puts a rule by an administrator who is nobody of the house, and returns how
// another ends it.
func (h *house) closes(r restriction.Rule) (end func()) {
	h.t.Helper()
	r.Why, r.Who, r.By = "QĐ 3", "p-first", dossier.Admin
	r, err := h.db.AddRestriction(h.t.Context(), r)
	must(h.t, err)
	return func() {
		h.t.Helper()
		must(h.t, h.db.AskRestrictionEnd(h.t.Context(), r.ID, "p-first", dossier.Admin, "xong"))
		must(h.t, h.db.EndRestriction(h.t.Context(), r.ID, "p-second", dossier.Admin))
	}
}

// walkable are the rows of the crawl that name a document, or a dossier, with what holds
// of a dossier's papers too.
func walkable(part string) (rows []int) {
	for i, row := range crawl {
		if strings.Contains(row.path, part) && !strings.Contains(row.path, "citizen") {
			rows = append(rows, i)
		}
	}
	return rows
}

// TestClosedIsNotThere walks every address of a document, or of a dossier, as every role
// to whom its class is closed: what answered is not there.
func TestClosedIsNotThere(t *testing.T) {
	for name, x := range map[string]struct {
		part string
		rule restriction.Rule
	}{
		"kind":  {"documents/{id}", restriction.Rule{Kinds: []dossier.KindCode{"DDN"}}},
		"only":  {"documents/{id}", restriction.Rule{Kinds: []dossier.KindCode{"GKS"}, Only: true}},
		"field": {"/{code}", restriction.Rule{Fields: []string{"Hộ tịch"}}},
		"paper": {"documents/{id}", restriction.Rule{Fields: []string{"Hộ tịch"}}},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.blurred = true
			x.rule.Agency = root // and all below it, of every role
			walked := 0
			var code dossier.Code
			var d dossier.Document
			for i, who := range crawlers {
				if who == "" || who == "p-far" {
					continue
				}
				code = h.open("008199012345", "An")
				d = h.until(h.bring(code, "TP01", "đơn "+string(who)+name), dossier.Normalised)
				end := h.closes(x.rule)
				b := h.as(who)
				for _, n := range walkable(x.part) {
					row := crawl[n]
					was := string(row.who[i])
					if strings.HasPrefix(row.path, "/public") || strings.HasPrefix(row.path, "/admin/neighbours") || was == "n" || was == "L" || was == "0" {
						continue
					}
					if a := walk(b, row.method, row.path, code, d, fmt.Sprintf("%d.%d", i, n)); a.status != 404 {
						t.Errorf("%s %s as %s: %d %s", row.method, row.path, who, a.status, a.to)
					}
					walked++
				}
				end()
				if a := b.get("/documents/" + string(d.ID)); a.status != 200 {
					t.Errorf("%s sees it no more after the rule ended: %d", who, a.status)
				}
			}
			if walked < 40 {
				t.Errorf("%d addresses walked", walked)
			}
		})
	}
}

// TestClosedIsNotTold holds lists, searches, counts, records and streams against what is
// closed, for a rule of each form.
func TestClosedIsNotTold(t *testing.T) {
	h := newHouse(t)
	ctx := t.Context()
	must(t, h.db.PutProcedure(ctx, dossier.Procedure{Code: "9.2", Name: "Nhận con nuôi", Field: "Nuôi con nuôi", Level: dossier.Full, ResultKind: "QD", Days: 3,
		Components: []dossier.Component{{Slot: "TP01", Kind: "DDN", Name: "Đơn", Required: true, Digitise: true}}}))
	code := h.open("008199012345", "An")
	shown := h.until(h.bring(code, "TP01", "đơn"), dossier.Archived)
	hidden := h.until(h.bring(code, "TP02", "giấy khai sinh"), dossier.Archived)
	holder, err := h.db.FindHolder(ctx, "008199012345")
	must(t, err)
	child, err := h.db.AddDossier(ctx, dossier.Dossier{Procedure: "9.2", Receiving: here, Competent: here, Holder: holder.ID, Channel: dossier.Direct, Received: h.clock.now()}, "p-counter")
	must(t, err)
	adopted := h.until(h.bring(child.Code, "TP01", "đơn nhận con nuôi"), dossier.Archived)
	h.sweep()
	roles := map[dossier.PersonID]dossier.Role{"p-counter": dossier.Counter, "p-officer": dossier.Officer, "p-clerk": dossier.Clerk, "p-auditor": dossier.Auditor, "p-admin": dossier.Admin}
	for who, role := range roles {
		b := h.as(who)
		told := func() (out []string) {
			for name, d := range map[string]dossier.Document{"shown": shown, "hidden": hidden, "adopted": adopted} {
				_, found, _, count := b.searched(url.Values{"from": {"01/01/1990"}})
				if count != len(found) {
					t.Errorf("%s: %d counted, %d found", who, count, len(found))
				}
				for where, there := range map[string]bool{"list": strings.Contains(b.get("/documents?state=archived").body, string(d.ID)),
					"v1":     strings.Contains(b.get("/api/v1/documents").body, string(d.ID)),
					"search": slices.Contains(found, string(d.ID)), "record": strings.Contains(b.get("/holders/"+string(holder.ID)).body, string(d.ID)),
					"events": strings.Contains(b.get("/api/v1/events?limit=200&after="+api.Cursor(int64(0))).body, string(d.ID))} {
					if there {
						out = append(out, name+" "+where)
					}
				}
			}
			if strings.Contains(b.get("/dossiers").body, string(child.Code)) {
				out = append(out, "child")
			}
			if strings.Contains(b.get("/dossiers/"+string(code)).body, string(hidden.ID)) {
				out = append(out, "slot")
			}
			slices.Sort(out)
			return out
		}
		home := func() string { return archivedOn(b) }
		all := told()
		for _, x := range []struct {
			rule restriction.Rule
			not  []string // beginnings
			left string   // archived papers, counted on the first page
		}{
			{restriction.Rule{Person: who, Kinds: []dossier.KindCode{"GKS"}}, []string{"hidden ", "slot"}, "2"},
			{restriction.Rule{Role: role, Fields: []string{"Nuôi con nuôi"}}, []string{"adopted ", "child"}, "2"},
			{restriction.Rule{Role: role, Agency: root, Only: true, Kinds: []dossier.KindCode{"DDN"}, Fields: []string{"Hộ tịch"}}, []string{"hidden ", "adopted ", "child", "slot"}, "1"},
		} {
			if got := home(); got != "3" {
				t.Errorf("%s counts %s archived papers before", who, got)
			}
			end := h.closes(x.rule)
			want := slices.DeleteFunc(slices.Clone(all), func(s string) bool {
				return slices.ContainsFunc(x.not, func(not string) bool { return strings.HasPrefix(s, not) })
			})
			if got := told(); !slices.Equal(got, want) || len(want) == len(all) {
				t.Errorf("%s, %+v: told %q, want %q", who, x.rule, got, want)
			}
			if got := home(); got != x.left {
				t.Errorf("%s, %+v: %s archived papers counted, want %s", who, x.rule, got, x.left)
			}
			if got := b.get("/figures").status; got != 403 {
				t.Errorf("%s, %+v: figures of whole agencies: %d", who, x.rule, got)
			}
			end()
		}
		if got := told(); !slices.Equal(got, all) {
			t.Errorf("%s, after the ends: %q", who, got)
		}
	}
}

// archivedOn is how many archived papers the first page of a visitor counts.
func archivedOn(b *browser) string {
	_, rest, _ := strings.Cut(b.get("/").body, `href="/documents?state=archived"`)
	rest, _, _ = strings.Cut(rest, "</a>")
	for _, word := range strings.FieldsFunc(rest, func(r rune) bool { return r < '0' || r > '9' }) {
		return word
	}
	return ""
}

// A program's key, a deputy and an auditor behind broken glass have closed what is closed
// to the account, to whom they stand in for and to themselves.
func TestClosedToOthers(t *testing.T) {
	h := newHouse(t)
	ctx := t.Context()
	d := h.until(h.bring(h.open("008199012345", "An"), "TP01", "đơn"), dossier.Normalised)
	path := "/documents/" + string(d.ID)
	g, err := h.db.Delegate(ctx, account.Delegation{Giver: "p-officer", Taker: "p-counter", Role: dossier.Officer, Agency: here, Why: "đi công tác", Until: h.clock.now().AddDate(0, 0, 5)})
	must(t, err)
	deputy := h.as("p-counter")
	if a := deputy.post("/account/deputy", url.Values{"delegation": {g.ID}}); a.status != 303 {
		t.Fatal(a.status)
	}
	for _, rule := range []restriction.Rule{{Person: "p-officer"}, {Person: "p-counter"}, {Role: dossier.Officer, Agency: here}} {
		rule.Kinds = []dossier.KindCode{"DDN"}
		end := h.closes(rule)
		if a := deputy.get(path); a.status != 404 {
			t.Errorf("%+v: the deputy sees it: %d", rule, a.status)
		}
		end()
	}
	end := h.closes(restriction.Rule{Role: dossier.Counter, Kinds: []dossier.KindCode{"DDN"}})
	if a := deputy.get(path); a.status != 200 {
		t.Errorf("what is closed to the role that they do not act in: %d", a.status)
	}
	end()
	if a := deputy.get(path); a.status != 200 {
		t.Errorf("after all ends: %d", a.status)
	}

	program, key, _ := h.program(dossier.Officer, here, "look")
	me := func() string { return program.asks("GET", "/me", nil, "Authorization", key).body }
	if strings.Contains(me(), `"closed"`) {
		t.Error(me())
	}
	end = h.closes(restriction.Rule{Person: "s-officer", Kinds: []dossier.KindCode{"DDN"}, Fields: nil})
	if got := me(); !strings.Contains(got, `"closed":{"kinds":["DDN"],"procedures":[]}`) {
		t.Error(got)
	}
	if a := program.asks("GET", path, nil, "Authorization", key); a.status != 404 {
		t.Errorf("a key: %d", a.status)
	}
	end()

	auditor := h.as("p-auditor")
	defer h.closes(restriction.Rule{Role: dossier.Auditor, Fields: []string{"Hộ tịch"}})()
	if a := auditor.post("/glass", url.Values{"dossier": {string(d.Dossier)}, "why": {"khiếu nại khẩn cấp"}}); a.status != 422 {
		t.Errorf("glass broken over what is closed: %d", a.status)
	}
}

// Closing takes one administrator and no time; opening takes two, and neither may be whom
// it is for.
func TestRestrictionsByPages(t *testing.T) {
	h := newHouse(t)
	must(t, h.db.PutPerson(t.Context(), dossier.Person{ID: "p-admin2", Login: "quantri2", Name: "Hai", Role: dossier.Admin, Agency: root}, onceHashed()))
	one, two := h.as("p-admin"), h.as("p-admin2")
	for _, wrong := range []url.Values{{"why": {"x"}, "kind": {"DDN"}}, {"person": {"p-counter"}, "kind": {"DDN"}}, {"person": {"p-counter"}, "why": {"x"}},
		{"person": {"p-counter"}, "why": {"x"}, "kind": {"none"}}, {"role": {"king"}, "why": {"x"}, "kind": {"DDN"}}, {"role": {"counter"}, "why": {"x"}, "field": {"none"}},
		{"person": {"p-counter"}, "role": {"counter"}, "why": {"x"}, "kind": {"DDN"}}} {
		if a := one.post("/admin/restrictions", wrong); a.status != 422 || !strings.Contains(a.body, "Quy tắc chưa đủ") {
			t.Errorf("%v: %d", wrong, a.status)
		}
	}
	if a := one.post("/admin/restrictions", url.Values{"person": {"p-admin"}, "kind": {"DDN"}, "why": {"x"}}); a.status != 403 {
		t.Errorf("to oneself: %d", a.status)
	}
	if a := one.post("/admin/restrictions", url.Values{"person": {"p-admin2"}, "kind": {"DDN"}, "why": {"QĐ 3 <b>"}}); a.to != "/admin/restrictions" {
		t.Fatalf("%d %s", a.status, a.to)
	}
	rules, err := h.db.RestrictionsInForce(t.Context())
	must(t, err)
	end := "/admin/restrictions/" + rules[0].ID + "/end"
	if page := one.get("/admin/people/p-admin2").body; !strings.Contains(page, "QĐ 3 &lt;b&gt;") || !strings.Contains(page, "Đơn đề nghị") {
		t.Error("the person's page does not tell the rule")
	}
	for _, step := range []struct {
		who  *browser
		form url.Values
		want int
	}{{one, nil, 409}, {two, url.Values{"do": {"ask"}, "why": {"cho tôi"}}, 403}, {one, url.Values{"do": {"ask"}}, 422}, {one, url.Values{"do": {"ask"}, "why": {"xong"}}, 303},
		{one, url.Values{"do": {"ask"}, "why": {"xong"}}, 409}, {one, nil, 403}, {two, nil, 403}} {
		if a := step.who.post(end, step.form); a.status != step.want {
			t.Errorf("%v: %d, want %d", step.form, a.status, step.want)
		}
	}
	must(t, h.db.PutPerson(t.Context(), dossier.Person{ID: "p-admin3", Login: "quantri3", Name: "Ba", Role: dossier.Admin, Agency: root}, onceHashed()))
	if a := h.as("p-admin3").post(end, nil); a.status != 303 {
		t.Errorf("another ends it: %d", a.status)
	}
	if left, err := h.db.RestrictionsInForce(t.Context()); err != nil || len(left) > 0 {
		t.Errorf("%d rules left, %v", len(left), err)
	}
}
