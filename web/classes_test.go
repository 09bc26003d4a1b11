package web_test

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/backlog"
	"sohoa/dossier/batch"
	"sohoa/dossier/catalogue"
	"sohoa/dossier/digest"
	"sohoa/dossier/drop"
	"sohoa/dossier/project"
	"sohoa/dossier/restriction"
	"sohoa/dossier/retention"
	"sohoa/web"
)

// TestClosedLeavesNoTrace reads every address that shows something, as everybody to whom
// classes are closed, before and after there is paper of them: nothing that they are shown
// becomes another, no list, no count, no page of another paper.
func TestClosedLeavesNoTrace(t *testing.T) {
	h := newHouseWith(t, func(d *web.Deps, _ string) { d.APIRate = 1e6 })
	ctx := t.Context()
	must(t, h.db.PutProcedure(ctx, dossier.Procedure{Code: "9.2", Name: "Nhận con nuôi", Field: "Nuôi con nuôi", Level: dossier.Full, ResultKind: "QD", Days: 3,
		Components: []dossier.Component{{Slot: "TP01", Kind: "DDN", Name: "Đơn", Required: true, Digitise: true}}}))
	code := h.open("008199012345", "An")
	shown := h.until(h.bring(code, "TP01", "đơn"), dossier.Archived)
	seen := h.open("008199012346", "Bình")
	p := h.project(project.Sample)
	old, err := h.db.BeginArchive(ctx, backlog.Import{Sum: digest.Of([]byte("kho")), Agency: here, Who: "p-counter"})
	must(t, err)
	must(t, h.db.TieToProject(ctx, p.ID, project.Tie{Source: project.Import, Ref: old.ID}, account.By{Who: "p-clerk", Role: dossier.Clerk}))
	must(t, h.db.ArchiveDone(ctx, old.ID, 0, 3, backlog.Counts{Rows: 3, Taken: 1}, []dossier.DocumentID{shown.ID}, nil))
	holder, err := h.db.FindHolder(ctx, "008199012345")
	must(t, err)
	h.sweep()
	rule := restriction.Rule{Agency: root, Kinds: []dossier.KindCode{"GKS"}, Fields: []string{"Nuôi con nuôi"}}
	end := h.closes(rule)

	pages := func() map[string]string {
		out := map[string]string{}
		for i, who := range crawlers {
			if who == "" || who == "p-far" {
				continue
			}
			b := h.as(who)
			for _, row := range crawl {
				switch {
				case row.method != "GET" || strings.Contains(row.path, "/ledger/") || row.who[i] == 'n' || strings.HasPrefix(row.path, "/login"), row.path == "/admin/restrictions":
					continue
				case strings.Contains(row.path, "{holder}"):
					out[row.path+" "+string(who)] = b.get(strings.Replace(row.path, "{holder}", string(holder.ID), 1)).body
				case strings.Contains(row.path, "/projects"):
					out[row.path+" "+string(who)] = b.get(strings.NewReplacer("{project}", string(p.ID), "{form}", "csv").Replace(row.path)).body
				default:
					for _, c := range []dossier.Code{code, seen} {
						out[row.path+" "+string(who)+" "+string(c)] = walk(b, row.method, row.path, c, shown, fmt.Sprint(i)).body
					}
				}
			}
		}
		return out
	}
	first, before := pages(), pages()
	end()

	hidden := h.until(h.bring(code, "TP02", "giấy khai sinh"), dossier.Archived)
	child, err := h.db.AddDossier(ctx, dossier.Dossier{Procedure: "9.2", Receiving: here, Competent: here, Holder: holder.ID, Channel: dossier.Direct, Received: h.clock.now()}, "p-counter")
	must(t, err)
	adopted := h.until(h.bring(child.Code, "TP01", "đơn nhận con nuôi"), dossier.Archived)
	must(t, h.db.ArchiveDone(ctx, old.ID, 3, 9, backlog.Counts{Rows: 9, Taken: 3}, []dossier.DocumentID{hidden.ID, adopted.ID}, []catalogue.Problem{{Row: 7, Field: "file", Code: "file-missing"}}))
	for _, d := range []dossier.Document{hidden, adopted} {
		_, err := h.db.HoldPapers(ctx, retention.Deed{Document: d.ID, Who: "p-admin", By: dossier.Admin, Why: "kiện"})
		must(t, err)
	}
	if a := h.as("p-counter").post("/dossiers/"+string(seen)+"/slots/TP02/decision", form("decision", "copy")); a.status != 303 { // an event that names a slot
		t.Fatal(a.status)
	}
	_, err = h.db.AddDrop(ctx, drop.Drop{Agency: here, Source: drop.Folder, Inbox: "f", Name: string(child.Code) + ".pdf", Sum: digest.Of([]byte("kq")), Size: 2, Media: "application/pdf", Pages: 1, State: drop.Taken})
	must(t, err)
	for _, mark := range []batch.Mark{{Dossier: child.Code, Slot: "TP01"}, {Dossier: code, Slot: "TP02"}} {
		mark.Kind, mark.Number, mark.Of = batch.Component, 1, 1
		x, err := h.db.AddPaperBatch(ctx, batch.Batch{Agency: here, Feed: batch.Single, Files: []batch.File{{Name: "a.tif", Sum: digest.Of([]byte(mark.Slot)), Size: 1}}}, account.By{Who: "p-counter", Role: dossier.Counter})
		must(t, err)
		h.looked(x.ID, batch.Look{Mark: mark}, batch.Look{Picture: "a"})
	}
	h.until(h.bring(h.openAs(child.Procedure, holder.ID), "TP01", "đơn khác"), dossier.Normalised)
	h.sweep()
	h.closes(rule)

	after, compared, alone := pages(), 0, map[string]bool{}
	for at, was := range before {
		if first[at] != was {
			alone[strings.Fields(at)[0]] = true
			continue
		}
		if compared++; after[at] != was {
			t.Errorf("%s tells of what is closed:\n%s", at, differs(was, after[at]))
		}
	}
	if got := slices.Sorted(maps.Keys(alone)); compared < 400 {
		t.Errorf("%d of %d compared; these change by themselves: %q", compared, len(before), got)
	} else {
		t.Logf("%d of %d compared; these change by themselves: %q", compared, len(before), got)
	}
}

// openAs receives a dossier of a procedure.
func (h *house) openAs(p dossier.ProcedureCode, holder dossier.HolderID) dossier.Code {
	h.t.Helper()
	d, err := h.db.AddDossier(h.t.Context(), dossier.Dossier{Procedure: p, Receiving: here, Competent: here, Holder: holder, Channel: dossier.Direct, Received: h.clock.now()}, "p-counter")
	must(h.t, err)
	return d.Code
}

// differs is the first line in which two texts differ.
func differs(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return fmt.Sprintf("- %.300s\n+ %.300s", x[i], y[i])
		}
	}
	return fmt.Sprintf("%d lines, %d lines", len(x), len(y))
}

// Broken glass opens a dossier, and of it no paper of a class that is closed to whoever
// broke it: by no address of the paper, and on no page of the dossier.
func TestClosedBehindGlass(t *testing.T) {
	h := newHouse(t)
	h.blurred = true
	must(t, h.db.PutPerson(t.Context(), dossier.Person{ID: "p-aud", Login: "aud", Name: "A", Role: dossier.Auditor, Agency: root}, onceHashed()))
	code := h.open("008199012345", "An")
	shown := h.until(h.bring(code, "TP01", "đơn"), dossier.Archived)
	hidden := h.until(h.bring(code, "TP02", "giấy khai sinh"), dossier.Archived)
	b := h.as("p-aud")
	end := h.closes(restriction.Rule{Person: "p-aud", Kinds: []dossier.KindCode{"GKS"}})
	if a := b.post("/glass", form("dossier", string(code), "why", "Khiếu nại khẩn số 12")); a.to != "/dossiers/"+string(code) {
		t.Fatalf("%d %s", a.status, a.body)
	}
	walked := 0
	visit := func(open bool) {
		t.Helper()
		for _, row := range crawl {
			switch {
			case row.method != "GET" || strings.Contains(row.path, "admin") || row.who[4] != 'y' && row.who[4] != 'c':
				continue
			case strings.Contains(row.path, "documents/{id}"):
				walked++
				if a := walk(b, row.method, row.path, code, shown, "1"); a.status != 200 {
					t.Errorf("%s of what is not closed: %d", row.path, a.status)
				}
				if a := walk(b, row.method, row.path, code, hidden, "1"); open != (a.status == 200) || !open && a.status != 404 {
					t.Errorf("%s of what is closed (opened %v): %d", row.path, open, a.status)
				}
			case strings.Contains(row.path, "dossiers/{code}"):
				a := walk(b, row.method, row.path, code, shown, "1")
				if !open && strings.Contains(a.body, string(hidden.ID)) {
					t.Errorf("%s tells of what is closed", row.path)
				}
			}
		}
	}
	visit(false)
	if page := b.get("/dossiers/" + string(code)).body; !strings.Contains(page, string(shown.ID)) || !strings.Contains(page, "không thuộc phạm vi của bạn") {
		t.Error("the dossier does not show what is open, or that something is closed")
	}
	end()
	visit(true)
	if walked < 20 {
		t.Errorf("%d addresses walked", walked)
	}
}

// What has no class yet gets none that is closed to whoever gives it: a file of the tray
// whose name names a dossier is its result, a side of a batch is laid to no closed place.
// What is drawn from all papers is not judged, done anew or lifted by whom some are closed to.
func TestClosedIsNotDone(t *testing.T) {
	h := newHouse(t)
	ctx := t.Context()
	b, code := h.as("p-counter"), h.open("008199012345", "An")
	hidden := h.until(h.bring(code, "TP02", "giấy khai sinh"), dossier.Archived)
	dropped := func(name string) url.Values {
		sum := digest.Of([]byte(name))
		must(t, h.blobs.Put(ctx, sum, int64(len(name)), strings.NewReader(name)))
		d, err := h.db.AddDrop(ctx, drop.Drop{Agency: here, Source: drop.Folder, Inbox: "f", Name: name, Sum: sum, Size: int64(len(name)), Media: "application/pdf", Pages: 1, State: drop.Taken})
		must(t, err)
		return form("drop", d.ID, "feed", "single")
	}
	named, plain := dropped(string(code)+".pdf"), dropped("giấy.pdf")
	x, err := h.db.AddPaperBatch(ctx, batch.Batch{Agency: here, Feed: batch.Single, Files: []batch.File{{Name: "a.tif", Sum: digest.Of([]byte("a")), Size: 1}}}, account.By{Who: "p-counter", Role: dossier.Counter})
	must(t, err)
	h.looked(x.ID, batch.Look{Picture: "a"}, batch.Look{Picture: "b"})
	x, err = h.db.PaperBatch(ctx, x.ID, nil)
	must(t, err)
	lay := func(slot dossier.SlotCode, code dossier.Code) url.Values {
		f := given(x)
		f.Set("s1", "1")
		f.Set("c1", string(code))
		f.Set("l1", string(slot))
		return f
	}
	p := h.project(project.Sample)
	held, err := h.db.HoldPapers(ctx, retention.Deed{Document: hidden.ID, Who: "p-admin", By: dossier.Admin, Why: "kiện"})
	must(t, err)
	_, err = h.books().Close(ctx, "2026-09", "p-admin")
	must(t, err)

	end := h.closes(restriction.Rule{Agency: root, Kinds: []dossier.KindCode{"GKS", "QD"}})
	for _, path := range []string{"/tray/results", "/tray/batch", "/tray/" + named.Get("drop") + "/lay", "/tray/" + named.Get("drop") + "/discard"} {
		if a := b.post(path, named); a.status != 404 {
			t.Errorf("%s with a file that is closed: %d", path, a.status)
		}
	}
	if page := b.get("/tray").body; strings.Contains(page, named.Get("drop")) || !strings.Contains(page, plain.Get("drop")) {
		t.Error("the tray shows what is closed, or not what has no class")
	}
	if a := b.post("/batches/"+string(x.ID), lay("TP02", code)); a.status != 404 {
		t.Errorf("a side is laid to a closed place: %d", a.status)
	}
	if a := b.post("/batches/"+string(x.ID), lay("TP01", code)); a.status != 303 {
		t.Errorf("a side is laid to an open place: %d", a.status)
	}
	if page := b.get("/batches/" + string(x.ID)).body; !strings.Contains(page, "TP01") || strings.Contains(page, "TP02") {
		t.Error("a closed place is offered for sides")
	}
	x, err = h.db.PaperBatch(ctx, x.ID, nil)
	must(t, err)
	admin := h.as("p-admin")
	for path, want := range map[string]int{"/projects/" + string(p.ID) + "/sample": 403, "/projects/" + string(p.ID) + "/report/csv": 403, "/imports": 403, "/api/v1/imports": 403, "/api/v1/projects": 403,
		"/api/v1/projects/" + string(p.ID): 403, "/figures/closed/2026-09/1": 403, "/api/v1/figures/closed/2026-09/1": 403, "/projects": 200, "/projects/" + string(p.ID): 200} {
		if a := admin.get(path); a.status != want {
			t.Errorf("%s: %d, want %d", path, a.status, want)
		}
	}
	for _, do := range []string{"", "redo"} {
		if a := admin.post("/projects/"+string(p.ID)+"/sample", form("lot", "1", "paper", string(hidden.ID), "do", do)); a.status != 403 {
			t.Errorf("a sample that is drawn of all papers, %q: %d", do, a.status)
		}
	}
	lift := func() int { return admin.post("/retention/holds/"+held.ID+"/lift", form("why", "xong")).status }
	if got := lift(); got != 404 {
		t.Errorf("a hold of what is closed is lifted: %d", got)
	}
	end()
	if got := lift(); got != 303 {
		t.Errorf("after the rule: %d", got)
	}
	if a := b.post("/batches/"+string(x.ID), lay("TP02", code)); a.status != 303 {
		t.Errorf("after the rule a side is laid there: %d", a.status)
	}
	if a := b.post("/tray/results", named); a.status != 200 || !strings.Contains(a.body, "Xong 1 trên 1") {
		t.Errorf("after the rule a result is entered: %d", a.status)
	}
}

// A dossier whose field is closed takes no side of a batch either.
func TestClosedFieldTakesNothing(t *testing.T) {
	h := newHouse(t)
	code := h.open("008199012345", "An")
	b := h.as("p-counter")
	x, err := h.db.AddPaperBatch(t.Context(), batch.Batch{Agency: here, Feed: batch.Single, Files: []batch.File{{Name: "a.tif", Sum: digest.Of([]byte("a")), Size: 1}}}, account.By{Who: "p-counter", Role: dossier.Counter})
	must(t, err)
	h.looked(x.ID, batch.Look{Picture: "a"})
	x, err = h.db.PaperBatch(t.Context(), x.ID, nil)
	must(t, err)
	f := given(x)
	f.Set("c0", string(code))
	f.Set("l0", "TP01")
	end := h.closes(restriction.Rule{Role: dossier.Counter, Fields: []string{"Hộ tịch"}})
	if a := b.post("/batches/"+string(x.ID), f); a.status != 404 {
		t.Errorf("a side is laid to a closed dossier: %d", a.status)
	}
	end()
	if a := b.post("/batches/"+string(x.ID), f); a.status != 303 {
		t.Errorf("after the rule: %d", a.status)
	}
}

// Neither what is due nor a proposal to destroy it is told, or decided, of papers that are
// closed: on the page and at the API.
func TestClosedPapersThatAreDue(t *testing.T) {
	h := newHouse(t)
	ctx := t.Context()
	code := h.open("008199012345", "An")
	shown := h.until(h.bring(code, "TP01", "đơn"), dossier.Archived)
	due := h.until(h.bring(code, "TP02", "giấy khai sinh"), dossier.Archived)
	second := h.open("008199012346", "Bình")
	proposed := h.until(h.bring(second, "TP02", "giấy khai sinh khác"), dossier.Archived)
	for _, c := range []dossier.Code{code, second} {
		_, err := h.db.Resolve(ctx, c, h.clock.now(), "p-clerk")
		must(t, err)
	}
	for _, kind := range []dossier.KindCode{"DDN", "GKS"} {
		_, err := h.db.AddRule(ctx, retention.Rule{Kind: kind, Years: 1, From: start.AddDate(-5, 0, 0), Law: "TT 9", Grade: retention.Secondary, Who: "p-admin"}, dossier.Admin)
		must(t, err)
	}
	h.clock.add(2 * 366 * 24 * time.Hour)
	deed, err := h.db.Propose(ctx, retention.Deed{Act: retention.Propose, Document: proposed.ID, Who: "p-admin", By: dossier.Admin, Why: "hết hạn"})
	must(t, err)
	b := h.as("p-clerk")
	told := func() (out []string) {
		for name, id := range map[string]string{"shown": string(shown.ID), "due": string(due.ID), "proposed": string(proposed.ID), "proposal": deed.ID} {
			for _, path := range []string{"/retention", "/api/v1/retention/due", "/api/v1/retention/proposals"} {
				if strings.Contains(b.get(path).body, id) {
					out = append(out, name+" "+path)
				}
			}
		}
		slices.Sort(out)
		return out
	}
	answer := func() int {
		return b.post("/retention/proposals/"+deed.ID, form("answer", "refuse", "why", "giữ thêm")).status
	}
	pick := func() int {
		return b.post("/retention/proposals", form("pick", string(due.ID), "why", "hết hạn")).status
	}
	all := told()
	for _, want := range []string{"due /retention", "due /api/v1/retention/due", "proposal /retention", "proposal /api/v1/retention/proposals", "shown /retention"} {
		if !slices.Contains(all, want) {
			t.Fatalf("without a rule: %q", all)
		}
	}
	end := h.closes(restriction.Rule{Role: dossier.Clerk, Kinds: []dossier.KindCode{"GKS"}})
	if got, want := told(), []string{"shown /api/v1/retention/due", "shown /retention"}; !slices.Equal(got, want) {
		t.Errorf("told %q, want %q", got, want)
	}
	if a, p := answer(), pick(); a != 404 || p != 404 {
		t.Errorf("decided %d, proposed %d", a, p)
	}
	end()
	if a, p := answer(), pick(); a != 303 || p != 303 {
		t.Errorf("after the rule: decided %d, proposed %d", a, p)
	}
}
