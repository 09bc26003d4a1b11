package web_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strings"
	"testing"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/backlog"
	"sohoa/dossier/catalogue"
	"sohoa/dossier/digest"
	"sohoa/dossier/project"
	"sohoa/web"
)

// handedOver stands for the writer of reports, which is a room of its own.
func handedOver(_ context.Context, w io.Writer, form string, h web.HandOver) error {
	_, err := fmt.Fprintf(w, "%s %s %d", form, h.Name, h.Progress.Dossiers)
	return err
}

// project begins a project of the agency here.
func (h *house) project(m project.Method) project.Project {
	h.t.Helper()
	p, err := h.db.AddProject(h.t.Context(), project.Plan{Name: "Kho hộ tịch", Agency: here, Dossiers: 40, From: "2026-11-02", To: "2026-12-31", Method: m, Level: "II", AQL: "1.0"},
		account.By{Who: "p-clerk", Role: dossier.Clerk})
	must(h.t, err)
	return p
}

// imported brings papers as an import of p-counter, tied to p.
func (h *house) imported(p project.Project, papers ...dossier.Document) {
	h.t.Helper()
	ctx := h.t.Context()
	i, err := h.db.BeginArchive(ctx, backlog.Import{Sum: digest.Of([]byte(papers[0].ID)), Agency: here, Who: "p-counter"})
	must(h.t, err)
	var ids []dossier.DocumentID
	for _, d := range papers {
		ids = append(ids, d.ID)
	}
	must(h.t, h.db.ArchiveDone(ctx, i.ID, 0, 9, backlog.Counts{Rows: 9, Taken: len(ids), Bad: 1}, ids, []catalogue.Problem{{Row: 7, Field: "file", Code: "file-missing"}}))
	must(h.t, h.db.TieToProject(ctx, p.ID, project.Tie{Source: project.Import, Ref: i.ID}, account.By{Who: "p-clerk", Role: dossier.Clerk}))
}

// A clerk begins a project, staffs it and closes a lot; who brought a paper does not
// check it, somebody else does; its figures are told to who may see them.
func TestProjectAtWork(t *testing.T) {
	h := newHouse(t)
	second := dossier.Person{ID: "p-checker", Login: "kiemlo", Name: "Ngô Thị Kiểm", Role: dossier.Counter, Agency: here}
	must(t, h.db.PutPerson(t.Context(), second, onceHashed()))
	clerk := h.as("p-clerk")
	form := url.Values{"name": {"Kho hộ tịch"}, "agency": {string(here)}, "dossiers": {"40"}, "metres": {"12,5"}, "from": {"02/11/2026"}, "to": {"31/12/2026"}, "method": {"sample"}, "level": {"II"}, "aql": {"0.5"}}
	if a := clerk.post("/projects", form); a.status != 422 || !strings.Contains(a.body, "Kho hộ tịch") {
		t.Errorf("an AQL that there is not: %d", a.status)
	}
	form.Set("aql", "1.0")
	form.Set("agency", string(there))
	if a := clerk.post("/projects", form); a.status != 422 {
		t.Errorf("a project of another agency: %d", a.status)
	}
	form.Set("agency", string(here))
	a := clerk.post("/projects", form)
	if a.status != 303 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	path := a.to
	p, err := h.db.Project(t.Context(), project.ID(strings.TrimPrefix(path, "/projects/")), nil)
	must(t, err)
	if p.Decimetres != 125 {
		t.Errorf("%+v", p)
	}
	h.imported(p, h.bring(h.open("008199012345", "An"), "TP01", "một"), h.bring(h.open("008199012346", "Bình"), "TP01", "hai"))
	for person, duty := range map[string]string{"p-checker": "check", "p-counter": "check", "p-far": "bring"} {
		a := clerk.post(path+"/team", url.Values{"person": {person}, "duty": {duty}})
		if want := map[bool]int{true: 422, false: 303}[person == "p-far"]; a.status != want {
			t.Errorf("%s: %d, want %d", person, a.status, want)
		}
	}
	if a := clerk.get(path); !strings.Contains(a.body, "2 trên 40 hồ sơ (5%)") || !strings.Contains(a.body, ">motcua<") || strings.Contains(a.body, "<script") && !strings.Contains(a.body, "defer") {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := h.as("p-officer").get(path); strings.Contains(a.body, "data-name=\"Giấy tờ mỗi ngày\"") {
		t.Error("an officer sees whose work it is")
	}
	if a := clerk.post(path+"/lots", nil); a.status != 303 || a.to != path+"/sample" {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if a := clerk.post(path+"/lots", nil); a.status != 409 || !strings.Contains(a.body, "Lô trước phải có kết luận") {
		t.Errorf("%d %s", a.status, a.body)
	}
	checker := h.as("p-checker")
	if a := checker.get(path + "/sample"); a.status != 200 || strings.Count(a.body, `name="paper"`) != 2 {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := h.as("p-counter").get(path + "/sample"); strings.Count(a.body, "người khác xem") != 2 {
		t.Errorf("their own papers are offered: %s", a.body)
	}
	picks, err := h.db.Picks(t.Context(), p.ID, 1, 1)
	must(t, err)
	found := url.Values{"lot": {"1"}, "paper": {string(picks[0].Document)}}
	if a := h.as("p-counter").post(path+"/sample", found); a.status != 403 || !strings.Contains(a.body, "Bạn đã đưa") {
		t.Errorf("%d %s", a.status, a.body)
	}
	found.Set("flaw", "crooked")
	if a := checker.post(path+"/sample", found); a.status != 303 {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := checker.get(path + "/sample"); !strings.Contains(a.body, "không nhận") || !strings.Contains(a.body, "Cả lô làm lại") {
		t.Errorf("%s", a.body)
	}
	if a := clerk.get(path + "/report/csv"); a.body != "csv Kho hộ tịch 2" || a.header.Get("Content-Type") != "text/csv; charset=utf-8" {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := clerk.get("/imports"); !strings.Contains(a.body, ">motcua<") {
		t.Errorf("%d %s", a.status, a.body)
	}
	list, err := h.db.Archives(t.Context(), nil, 1)
	must(t, err)
	if a := clerk.get("/imports?of=" + list[0].ID); !strings.Contains(a.body, `<td data-name="Hàng">7`) && !strings.Contains(a.body, "<b>7</b>") {
		t.Errorf("%s", a.body)
	}
	var got struct {
		Dossiers, Target int
		Name             string
	}
	if a := h.as("p-officer").get("/api/v1" + path); json.Unmarshal([]byte(a.body), &got) != nil || got.Dossiers != 2 || got.Target != 40 {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// Two people type a paper on its page without seeing each other's or the machine's
// reading; what differs a third sees side by side.
func TestTypingTwice(t *testing.T) {
	h := newHouse(t)
	for _, x := range []string{"hai", "ba"} {
		must(t, h.db.PutPerson(t.Context(), dossier.Person{ID: dossier.PersonID("p-" + x), Login: x, Name: x, Role: dossier.Counter, Agency: here}, onceHashed()))
	}
	d := h.until(h.bring(h.open("008199012345", "An"), "TP01", "một"), dossier.Extracted)
	p := h.project(project.Double)
	h.imported(p, d)
	page, version := "/documents/"+string(d.ID), fmt.Sprint(d.Version)
	plain := h.as("p-counter").get(page).body
	if strings.Contains(plain, "đọc máy") || !strings.Contains(plain, "hai người nhập riêng") {
		t.Errorf("%s", plain)
	}
	type1 := url.Values{"version": {version}, "title": {"Giấy khai sinh"}, "holder": {"008199012345"}}
	if a := h.as("p-counter").post(page+"/acts/confirm", type1); a.status != 303 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if got := h.document(d.ID); got.State != dossier.Extracted {
		t.Fatalf("%s: one person is enough", got.State)
	}
	if a := h.as("p-counter").get(page); !strings.Contains(a.body, "Người khác làm tiếp") || strings.Contains(a.body, "acts/confirm") {
		t.Errorf("%s", a.body)
	}
	if a := h.as("p-hai").get(page); strings.Contains(a.body, "Giấy khai sinh</textarea>") {
		t.Error("the second sees what the first typed")
	}
	type2 := url.Values{"version": {version}, "title": {"Giấy khai sanh"}, "holder": {"008199012345"}}
	if a := h.as("p-hai").post(page+"/acts/confirm", type2); a.status != 303 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if a := h.as("p-hai").post(page+"/acts/confirm", type2); a.status != 403 {
		t.Errorf("one of the two settles: %d", a.status)
	}
	third := h.as("p-ba").get(page).body
	if !strings.Contains(third, "Người 1: <b>Giấy khai sinh</b>") || !strings.Contains(third, "Người 2: <b>Giấy khai sanh</b>") || !strings.Contains(third, `value="008199012345"`) {
		t.Errorf("%s", third)
	}
	if a := h.as("p-clerk").get("/projects/" + string(p.ID)); !strings.Contains(a.body, page) {
		t.Errorf("the project does not name it: %s", a.body)
	}
	if a := h.as("p-ba").post(page+"/acts/confirm", type1); a.status != 303 || h.document(d.ID).State != dossier.Confirmed {
		t.Errorf("%d %s", a.status, a.body)
	}
}
