package web_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"sohoa/dossier"
	"sohoa/dossier/project"
)

// What stands behind figures comes page by page, and adds up to what the figure counts.
func TestV1BehindFigures(t *testing.T) {
	h := newHouse(t)
	var codes []string
	for i := range 5 {
		code := h.open("008199012345", "An")
		codes = append(codes, string(code))
		if i < 2 {
			h.until(h.bring(code, "TP01", fmt.Sprint("đơn ", i)), dossier.Archived)
			h.until(h.bring(code, "TP02", fmt.Sprint("giấy ", i)), dossier.Archived)
		}
	}
	b := h.as("p-clerk")
	var list struct {
		Counts   map[string]int
		Dossiers []struct{ Dossier, Why, Officer string }
		After    string
	}
	seen := map[string]string{}
	after := ""
	for range 9 {
		list.After, list.Dossiers = "", nil
		a := b.asks("GET", "/figures/dossiers?number=dossiers&limit=2&agency="+string(here)+after, nil)
		a.reads(t, &list)
		if a.status != 200 || len(list.Dossiers) > 2 {
			t.Fatalf("%d %s", a.status, a.body)
		}
		for _, d := range list.Dossiers {
			if seen[d.Dossier] != "" || d.Officer != "p-counter" {
				t.Errorf("%+v, before %q", d, seen[d.Dossier])
			}
			seen[d.Dossier] = d.Why
		}
		if list.After == "" {
			break
		}
		after = "&after=" + url.QueryEscape(list.After)
	}
	n := map[string]int{}
	for _, code := range codes {
		n[seen[code]]++
	}
	if len(seen) != 5 || n["counts"] != 2 || n["counts"] != list.Counts["counts"] || n["missing"] != list.Counts["missing"] {
		t.Errorf("%v, counted %v", seen, list.Counts)
	}
	list.Dossiers = nil
	h.as("p-counter").asks("GET", "/figures/dossiers?number=received", nil).reads(t, &list)
	if len(list.Dossiers) != 5 || list.Dossiers[0].Officer != "p-counter" { // it is their own
		t.Errorf("%+v", list)
	}
	for path, want := range map[string]int{"/figures/dossiers": 422, "/figures/dossiers?number=none": 404, "/figures/dossiers?number=received&after=x": 422, "/figures/by": 422, "/figures/by?by=colour": 422,
		"/figures/dossiers?number=received&officer=p-far": 403, "/figures/by?by=officer&agency=" + string(here): 403, "/figures/dossiers?number=received&period=2026-13": 422} {
		if a := h.as("p-counter").asks("GET", path, nil); a.status != want {
			t.Errorf("%s: %d, want %d", path, a.status, want)
		}
	}
	var by struct {
		Total struct{ Received int }
		Rows  []struct {
			Procedure, Officer string
			Received           int
			Dossiers           struct{ Numerator, Denominator int }
		}
	}
	b.asks("GET", "/figures/by?by=officer&agency="+string(here), nil).reads(t, &by)
	if len(by.Rows) != 1 || by.Rows[0].Officer != "p-counter" || by.Rows[0].Received != 5 || by.Total.Received != 5 || by.Rows[0].Dossiers.Numerator != 2 {
		t.Errorf("%+v", by)
	}
	var ranked struct{ Provinces []struct{ Code string } }
	b.asks("GET", "/figures/provinces", nil).reads(t, &ranked)
	if len(ranked.Provinces) == 0 {
		t.Error("no province is told")
	}
}

// Ratings are told as the page does, with the dossiers behind them page by page.
func TestV1Ratings(t *testing.T) {
	h := newHouse(t)
	for i := range 3 {
		code := h.open("008199012345", "An")
		_, err := h.db.Resolve(t.Context(), code, h.clock.now(), "p-officer")
		must(t, err)
		must(t, h.db.Rate(t.Context(), dossier.Rating{Dossier: code, Score: 3 + i, At: h.clock.now()}))
	}
	var got struct {
		Sum  struct{ Number, Content int }
		Rows []struct {
			Agency string
			Scores []int
		}
		Ratings []struct{ Score int }
		After   string
	}
	a := h.as("p-clerk").asks("GET", "/figures/ratings?limit=2&of="+string(here), nil)
	a.reads(t, &got)
	if got.Sum.Number != 3 || got.Sum.Content != 2 || len(got.Rows) != 1 || fmt.Sprint(got.Rows[0].Scores) != "[0 0 1 1 1]" || len(got.Ratings) != 2 || got.After == "" {
		t.Fatal(a.body)
	}
	got.Ratings = nil
	h.as("p-clerk").asks("GET", "/figures/ratings?limit=2&of="+string(here)+"&after="+url.QueryEscape(got.After), nil).reads(t, &got)
	if len(got.Ratings) != 1 {
		t.Errorf("the second page: %+v", got)
	}
}

// A program merges holders, undoes nothing that is not there, prints separators, ties its
// batches and reads reports.
func TestV1BehindPaper(t *testing.T) {
	h := newHouse(t)
	ctx := t.Context()
	h.open("008199012345", "An")
	one, err := h.db.Dossier(ctx, h.open("008199012346", "An"))
	must(t, err)
	b := h.as("p-clerk")
	for _, x := range []struct {
		body obj
		want int
	}{{obj{"act": "merge", "number": "000", "why": "trùng"}, 422}, {obj{"act": "undo", "refers": "none", "why": "nhầm"}, 404}, {obj{"act": "shred", "why": "x"}, 422}, {obj{"act": "merge", "number": "008199012345"}, 422},
		{obj{"act": "merge", "number": "008199012345", "why": "trùng"}, 200}, {obj{"act": "merge", "number": "008199012345", "why": "trùng"}, 409}} {
		if a := b.asks("POST", "/holders/"+string(one.Holder)+"/acts", x.body); a.status != x.want || a.header.Get("Content-Type") == "text/html; charset=utf-8" {
			t.Errorf("%v: %d %s", x.body, a.status, a.body)
		}
	}
	counter := h.as("p-counter")
	if a := counter.asks("GET", "/separators", nil); a.status != 200 || !strings.HasPrefix(a.body, "%PDF") {
		t.Errorf("separators: %d", a.status)
	}
	p := h.project(project.Sample)
	a := counter.upload("/api/v1/batches", "a.tif", []byte("lô"), "")
	var made struct{ ID string }
	a.reads(t, &made)
	if a := counter.asks("POST", "/projects/"+string(p.ID)+"/ties", obj{"source": "batch", "ref": made.ID, "shelf": "Kho 1"}); a.status != 200 || !strings.Contains(a.body, `"batches":1`) {
		t.Errorf("tied: %d %s", a.status, a.body)
	}
	if a := counter.asks("POST", "/projects/"+string(p.ID)+"/ties", obj{"source": "import", "ref": made.ID}); a.status != 403 {
		t.Errorf("an import by who does not plan: %d", a.status)
	}
	if a := b.asks("GET", "/projects/"+string(p.ID)+"/report/csv", nil); a.status != 200 || !strings.HasPrefix(a.header.Get("Content-Type"), "text/csv") {
		t.Errorf("report: %d %s", a.status, a.header.Get("Content-Type"))
	}
	if a := b.asks("GET", "/projects/"+string(p.ID)+"/report/alto", nil); a.status != 404 {
		t.Errorf("a form that a report does not have: %d", a.status)
	}
	if a := b.asks("GET", "/imports", nil); a.status != 200 || !strings.Contains(a.body, `"imports":[]`) {
		t.Errorf("imports: %d %s", a.status, a.body)
	}
	if a := b.asks("GET", "/imports?of="+made.ID, nil); a.status != 404 {
		t.Errorf("no such import: %d", a.status)
	}
	sides, err := h.db.PaperBatches(ctx, nil, "", 1)
	must(t, err)
	if a := counter.asks("GET", "/batches/"+string(sides[0].ID)+"/sides/1/1", nil); a.status != 404 { // nobody has looked at it yet
		t.Errorf("a side of a batch that waits: %d", a.status)
	}
}
