package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"sohoa/dossier"
	"sohoa/jail"
	"sohoa/web"
)

// table keeps drafts in memory: a file has as many pages as it says with
// "pages=N". It enters what lies there as a list. The real one is a room of its
// own; the end-to-end tests join the two.
type table struct {
	mu    sync.Mutex
	door  door
	drafs map[web.DraftPlace]*web.Draft
	away  map[web.DraftPlace]*web.Draft
}

func (x *table) at(p web.DraftPlace, version int) (*web.Draft, error) {
	d, ok := x.drafs[p]
	if !ok {
		return nil, fmt.Errorf("%w: no draft", dossier.ErrNotFound)
	}
	if d.Version != version {
		return nil, dossier.ErrConflict
	}
	return d, nil
}

func (x *table) Mark(_ context.Context, p web.DraftPlace) string {
	x.mu.Lock()
	defer x.mu.Unlock()
	d, ok := x.drafs[p]
	if !ok {
		return ""
	}
	return fmt.Sprint(d.Version)
}

func (x *table) Draft(_ context.Context, p web.DraftPlace) (web.Draft, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	d, ok := x.drafs[p]
	if !ok {
		return web.Draft{}, fmt.Errorf("%w: no draft", dossier.ErrNotFound)
	}
	return *d, nil
}

func (x *table) Add(_ context.Context, p web.DraftPlace, _, name string, body io.Reader) error {
	b, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	pages := 1
	fmt.Sscanf(string(b), "pages=%d", &pages)
	var code string
	if n, _ := fmt.Sscanf(string(b), "refuse %s", &code); n == 1 {
		return &jail.Refusal{Code: code, Text: "in English"}
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	d, ok := x.drafs[p]
	if !ok {
		d = &web.Draft{}
		x.drafs[p] = d
	}
	f := web.DraftFile{Number: len(d.Files), Name: name, Size: int64(len(b)), Turns: make([]int, pages)}
	d.Files = append(d.Files, f)
	for n := range pages {
		d.Lines = append(d.Lines, web.DraftLine{File: f.Number, Page: n + 1})
	}
	d.Version++
	return nil
}

// Again takes the place of a line, as the desk does it.
func (x *table) Again(ctx context.Context, p web.DraftPlace, version, line int, name string, body io.Reader) error {
	x.mu.Lock()
	d, err := x.at(p, version)
	if err == nil && line >= len(d.Lines) {
		err = fmt.Errorf("%w: no page %d", dossier.ErrNotFound, line+1)
	}
	x.mu.Unlock()
	if err != nil {
		return err
	}
	if err := x.Add(ctx, p, "", name, body); err != nil {
		return err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	d = x.drafs[p]
	last := len(d.Lines) - 1
	added := d.Lines[last]
	d.Lines[line].Drop, d.Ordered = true, d.Version
	d.Lines = slices.Insert(d.Lines[:last:last], line, added)
	d.Seen = make([]dossier.Capture, len(d.Lines))
	d.Seen[line] = dossier.Capture{DPI: 150, Why: []string{"low-dpi", "grey"}, Seen: true}
	return nil
}

func (x *table) Change(_ context.Context, p web.DraftPlace, version int, c web.DraftChange) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	d, err := x.at(p, version)
	if err != nil {
		return err
	}
	d.Version++
	if d.Ordered = d.Version; c.Lines != nil {
		d.Lines = c.Lines
		return nil
	}
	other := p
	other.Slot = c.To
	to := &web.Draft{Files: d.Files, Version: 1}
	var stay []web.DraftLine
	for i, l := range d.Lines {
		if slices.Contains(c.Move, i) {
			to.Lines = append(to.Lines, l)
		} else {
			stay = append(stay, l)
		}
	}
	d.Lines, x.drafs[other] = stay, to
	return nil
}

func (x *table) Enter(ctx context.Context, p web.DraftPlace, version int) (dossier.Document, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	d, err := x.at(p, version)
	if err != nil {
		return dossier.Document{}, err
	}
	doc, err := x.door.Accept(ctx, web.Intake{Dossier: p.Dossier, Slot: p.Slot, Who: p.Who, Body: strings.NewReader(fmt.Sprint(d.Lines))})
	if err == nil {
		delete(x.drafs, p)
	}
	return doc, err
}

func (x *table) Discard(_ context.Context, p web.DraftPlace) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if d, ok := x.drafs[p]; ok {
		x.away = map[web.DraftPlace]*web.Draft{p: d}
	}
	delete(x.drafs, p)
	return nil
}

func (x *table) Discarded(_ context.Context, p web.DraftPlace) (pages int, err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if d, ok := x.away[p]; ok {
		pages = len(d.Lines)
	}
	return pages, nil
}

func (x *table) Restore(_ context.Context, p web.DraftPlace) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	d, ok := x.away[p]
	if _, there := x.drafs[p]; there {
		return dossier.ErrConflict
	} else if !ok {
		return dossier.ErrNotFound
	}
	x.drafs[p], x.away = d, nil
	return nil
}

func (x *table) picture(_ context.Context, p web.DraftPlace, file, page int, size string) (string, func() ([]byte, error), error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	d, ok := x.drafs[p]
	if !ok || file < 0 || file >= len(d.Files) || page < 1 || page > len(d.Files[file].Turns) || size != "thumb" && size != "100" {
		return "", nil, fmt.Errorf("%w: no picture", dossier.ErrNotFound)
	}
	return fmt.Sprint(p.Slot, file, page, size), func() ([]byte, error) { return album{}.Page(context.Background(), dossier.Document{}, page, size) }, nil
}

// layOut sends files to a draft.
func (b *browser) layOut(path, accept string, files ...string) answer {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for i, content := range files {
		part, err := form.CreateFormFile("file", fmt.Sprintf("tệp-%d.jpg", i))
		must(b.h.t, err)
		_, err = part.Write([]byte(content))
		must(b.h.t, err)
	}
	must(b.h.t, form.Close())
	req := b.request("POST", path, form.FormDataContentType(), &body)
	req.Header.Set("Accept", accept)
	return b.do(req)
}

// setting is the form of a draft of n pages as its page shows it, with changes.
func setting(version, n int, do string, change map[string]string) url.Values {
	form := url.Values{"version": {fmt.Sprint(version)}, "do": {do}}
	for i := range n {
		form.Set(fmt.Sprint("o", i), fmt.Sprint(i+1))
		form.Set(fmt.Sprint("t", i), "0")
	}
	for k, v := range change {
		form.Set(k, v)
	}
	return form
}

// Several files are laid out, put in order, turned, left out and entered as one,
// without a script.
func TestDraft(t *testing.T) {
	h := newHouse(t)
	code := h.open("008199012345", "An")
	path := "/dossiers/" + string(code) + "/slots/TP01/draft"
	b := h.as("p-counter")
	if a := b.get(path); a.status != 200 || !strings.Contains(a.body, "Chưa có tệp nào") {
		t.Fatalf("empty: %d", a.status)
	}
	if a := b.layOut(path, "", "pages=3", "pages=2"); a.status != 303 || a.to != path {
		t.Fatalf("laid out: %d %s", a.status, a.body)
	}
	a := b.get(path)
	if a.status != 200 || strings.Count(a.body, `class="leaf"`) != 5 || !strings.Contains(a.body, "5 trang sẽ nộp, từ 2 tệp") || !strings.Contains(a.body, "tệp-1.jpg · trang 2") {
		t.Fatalf("the page: %d %s", a.status, a.body)
	}
	if first, _, _ := strings.Cut(a.body[strings.Index(a.body, `class="draft"`):], "</button>"); !strings.Contains(first, `value="save"`) {
		t.Error("the Enter key in a field would enter the draft")
	}
	if m := scripted(a.body); m != "" {
		t.Errorf("the page carries %s", m)
	}
	if docs, err := h.db.Documents(t.Context(), allOfThem); err != nil || len(docs) != 0 {
		t.Errorf("the database knows of it: %v %v", docs, err)
	}
	// the last page first, the first page to place 4, page 2 turned, page 3 left out
	order := map[string]string{"o4": "1", "o0": "4", "t1": "90", "d2": "1"}
	if a := b.post(path+"/pages", setting(2, 5, "save", order)); a.status != 303 || a.to != path {
		t.Fatalf("saved: %d %s", a.status, a.body)
	}
	x, err := h.drafts.Draft(t.Context(), web.DraftPlace{Who: "p-counter", Dossier: code, Slot: "TP01"})
	must(t, err)
	if got, want := fmt.Sprint(x.Lines), "[{1 2 0 false} {0 2 1 false} {0 3 0 true} {1 1 0 false} {0 1 0 false}]"; got != want {
		t.Errorf("the order is %s, want %s", got, want)
	}
	if a := b.post(path+"/pages", setting(2, 5, "enter", nil)); a.status != 409 || !strings.Contains(a.body, `class="leaf`) {
		t.Errorf("an old page: %d", a.status)
	}
	form := setting(3, 5, "enter", map[string]string{"t1": "90", "d2": "1"})
	a = b.post(path+"/pages", form)
	if a.status != 303 || !strings.HasPrefix(a.to, "/documents/") {
		t.Fatalf("entered: %d %s", a.status, a.body)
	}
	if again := b.post(path+"/pages", form); again.status != 303 || again.to != a.to {
		t.Errorf("the same form again leads to %q (%d)", again.to, again.status)
	}
	if a := b.get(path); a.status != 409 {
		t.Errorf("a place that is filled: %d", a.status)
	}
}

// Pages are moved to another place of the dossier; a draft is discarded.
func TestDraftMoves(t *testing.T) {
	h := newHouse(t)
	code := h.open("008199012345", "An")
	path := "/dossiers/" + string(code) + "/slots/TP01/draft"
	b := h.as("p-counter")
	b.layOut(path, "", "pages=3")
	if a := b.post(path+"/pages", setting(1, 3, "move", map[string]string{"to": "TP02"})); a.status != 422 || !strings.Contains(a.body, "Chưa chọn trang nào") {
		t.Errorf("nothing chosen: %d", a.status)
	}
	if a := b.post(path+"/pages", setting(1, 3, "move", map[string]string{"p1": "1", "to": "TP02"})); a.status != 303 {
		t.Errorf("moved: %d", a.status)
	}
	there := strings.Replace(path, "TP01", "TP02", 1)
	if a := b.get(there); strings.Count(a.body, `class="leaf"`) != 1 {
		t.Error("the page is not there")
	}
	if a := b.get(path); strings.Count(a.body, `class="leaf"`) != 2 {
		t.Error("the page is still here")
	}
	if a := b.post(path+"/discard", nil); a.status != 303 || a.to != "/dossiers/"+string(code) {
		t.Errorf("discarded: %d %s", a.status, a.to)
	}
	if a := b.get(path); strings.Contains(a.body, `class="leaf"`) {
		t.Error("it is still there")
	}
}

// What cannot be laid out is said, with the name of the file; the rest is.
func TestDraftRefuses(t *testing.T) {
	h := newHouse(t)
	code := h.open("008199012345", "An")
	path := "/dossiers/" + string(code) + "/slots/TP01/draft"
	b := h.as("p-counter")
	a := b.layOut(path, "", "pages=1", "refuse signed", "pages=1")
	if a.status != 422 || !strings.Contains(a.body, "tệp-1.jpg: ") || strings.Count(a.body, `class="leaf"`) != 2 {
		t.Errorf("%d %s", a.status, a.body)
	}
	var p struct{ Code string }
	if a := b.layOut(path, "application/json", "refuse encrypted"); a.status != 422 || json.Unmarshal([]byte(a.body), &p) != nil || p.Code != "encrypted" {
		t.Errorf("as a problem: %d %s", a.status, a.body)
	}
	if a := b.layOut(path, ""); a.status != 422 {
		t.Errorf("no file: %d", a.status)
	}
	if a := b.layOut(path, "", string(bytes.Repeat([]byte{7}, 2*maxBytes))); a.status != 413 || !strings.Contains(a.body, "lớn hơn giới hạn") {
		t.Errorf("too large: %d", a.status)
	}
	for name, form := range map[string]url.Values{
		"no order": setting(3, 1, "save", nil), "order 0": setting(3, 2, "save", map[string]string{"o0": "0"}), "order 3": setting(3, 2, "save", map[string]string{"o0": "3"}),
		"turned by 45": setting(3, 2, "save", map[string]string{"t0": "45"}), "turned back": setting(3, 2, "save", map[string]string{"t0": "-90"}), "no version": {"do": {"save"}},
	} {
		if a := b.post(path+"/pages", form); a.status != 422 {
			t.Errorf("%s: %d", name, a.status)
		}
	}
	if a := b.get(strings.Replace(path, "TP01", "TP09", 1)); a.status != 404 {
		t.Errorf("no such slot: %d", a.status)
	}
	// another counter of the same agency
	must(t, h.db.PutPerson(t.Context(), dossier.Person{ID: "p-next", Login: "bencanh", Name: "Bên", Role: dossier.Counter, Agency: here}, onceHashed()))
	if a := h.as("p-next").get(path); a.status != 200 || strings.Contains(a.body, `class="leaf"`) {
		t.Errorf("somebody else sees the draft: %d", a.status)
	}
	if a := h.as("p-next").get(path + "/pages/0/1"); a.status != 404 {
		t.Errorf("somebody else sees its pages: %d", a.status)
	}
	if a := b.get(path + "/pages/0/1"); a.status != 200 || a.header.Get("Content-Type") != "image/jpeg" {
		t.Errorf("its picture: %d", a.status)
	}
	if log := h.log.String(); strings.Contains(log, "tệp-") {
		t.Error("the log knows the names of files")
	}
}

// After a document has been received nothing changes its pages: whoever asks for
// whatever, its scan is the same file with the same pages.
func TestReceivedPagesNeverChange(t *testing.T) {
	h := newHouse(t)
	h.blurred = true
	code := h.open("008199012345", "An")
	d := h.bring(code, "TP01", "đơn")
	scan, n := d.Parts[dossier.PartScan], d.Pages
	same := func(what string) {
		t.Helper()
		now := h.document(d.ID)
		if now.Parts[dossier.PartScan] != scan || now.Pages != n {
			t.Fatalf("%s changed the pages", what)
		}
		fillings, err := h.db.Fillings(t.Context(), code)
		must(t, err)
		i := slices.IndexFunc(fillings, func(f dossier.Filling) bool { return f.Slot == "TP01" })
		if f := fillings[i]; f.Document == nil || f.Document.ID != d.ID {
			t.Fatalf("%s put another document in its place", what)
		}
	}
	routes := map[string]bool{}
	for _, state := range []dossier.State{dossier.Received, dossier.Normalised, dossier.Extracted, dossier.Archived} {
		if state != dossier.Received {
			d = h.until(d, state)
		}
		for _, who := range crawlers[1:] {
			b := h.as(who)
			for _, pattern := range web.Patterns() {
				method, path, _ := strings.Cut(pattern, " ")
				if method != "POST" || path == "/logout" || path == "/login" || strings.HasPrefix(path, "/documents/{id}/acts") || strings.HasPrefix(path, "/admin") {
					continue // acts move a document: below
				}
				to := strings.NewReplacer("{code}", string(code), "{slot}", "TP01", "{id}", string(d.ID)).Replace(path)
				b.post(to, setting(int(d.Version), 2, "enter", map[string]string{"o0": "2", "o1": "1", "d1": "1"}))
				b.layOut(to, "", "pages=2")
				b.post(to, setting(1, 2, "enter", map[string]string{"o0": "2", "o1": "1"}))
				routes[path] = true
				same(fmt.Sprintf("%s by %s of a document %s", pattern, who, state))
			}
		}
	}
	for _, path := range []string{"/dossiers/{code}/slots/{slot}", "/dossiers/{code}/slots/{slot}/draft", "/dossiers/{code}/slots/{slot}/draft/pages"} {
		if !routes[path] {
			t.Errorf("%s was not tried: %v", path, slices.Collect(maps.Keys(routes)))
		}
	}
	same("its whole way through the house") // all acts of the table
}

// A page is scanned again: what is to be done about it is told, and the new scan
// stands in its place.
func TestDraftAgain(t *testing.T) {
	h := newHouse(t)
	path := "/dossiers/" + string(h.open("008199012345", "An")) + "/slots/TP01/draft"
	b := h.as("p-counter")
	if a := b.layOut(path, "", "pages=3"); a.status != 303 {
		t.Fatalf("laid out: %d %s", a.status, a.body)
	}
	again := func(version, page, content string) answer {
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		must(t, form.WriteField("version", version))
		must(t, form.WriteField("page", page))
		if content != "" {
			part, err := form.CreateFormFile("file", "new.jpg")
			must(t, err)
			_, err = part.Write([]byte(content))
			must(t, err)
		}
		must(t, form.Close())
		return b.do(b.request("POST", path+"/again", form.FormDataContentType(), &body))
	}
	for _, bad := range []struct {
		version, page, content string
		status                 int
	}{{"1", "2", "", 422}, {"x", "2", "pages=1", 422}, {"1", "0", "pages=1", 404}, {"1", "9", "pages=1", 404}, {"7", "2", "pages=1", 409}, {"1", "2", "refuse damaged", 422}} {
		if a := again(bad.version, bad.page, bad.content); a.status != bad.status {
			t.Errorf("%+v: status %d", bad, a.status)
		}
	}
	a := b.get(path)
	if !strings.Contains(a.body, "Chưa xem chất lượng ảnh") {
		t.Error("pages that nobody looked at are not said to be so")
	}
	if a := again("1", "2", "pages=1"); a.status != 303 || a.to != path {
		t.Fatalf("again: %d %s", a.status, a.body)
	}
	a = b.get(path)
	for _, want := range []string{"Độ phân giải thấp.", "Quét lại trang 2", "150 dpi · ảnh xám", "3 trang sẽ nộp, từ 2 tệp", `<option value="2" selected>`} {
		if !strings.Contains(a.body, want) {
			t.Errorf("%q is not on the page", want)
		}
	}
	if m := scripted(a.body); m != "" {
		t.Errorf("the page carries %s", m)
	}
}

// TestDraftUndone: what was laid out and discarded is there again by one click, from the
// dossier or the empty draft, unless other files lie there.
func TestDraftUndone(t *testing.T) {
	h := newHouse(t)
	code := h.open("008199012345", "An")
	dossier := "/dossiers/" + string(code)
	draft := dossier + "/slots/TP01/draft"
	b := h.as("p-counter")
	if a := b.post(draft+"/restore", nil); a.status != 404 {
		t.Errorf("nothing was discarded: %d", a.status)
	}
	b.upload(draft, "a.jpg", []byte("pages=3"), "")
	if a := b.post(draft+"/discard", nil); a.to != dossier {
		t.Fatal(a.status)
	}
	for _, at := range []string{dossier, draft} {
		if page := b.get(at).body; !strings.Contains(page, "Đã bỏ 3 trang") || !strings.Contains(page, `action="`+draft+`/restore"`) {
			t.Errorf("%s does not offer to undo it", at)
		}
		if page := b.get(at + "?lang=en").body; !strings.Contains(page, "Undo") {
			t.Errorf("%s does not offer it in English", at)
		}
		b.get(at + "?lang=vi")
	}
	b.upload(draft, "b.jpg", []byte("pages=1"), "")
	if a := b.post(draft+"/restore", nil); a.status != 409 || !strings.Contains(a.body, "Đang có tệp khác") {
		t.Errorf("over other files: %d", a.status)
	}
	b.post(draft+"/discard", nil)
	if a := b.post(draft+"/restore", nil); a.to != draft || strings.Count(b.get(draft).body, `class="leaf"`) != 1 {
		t.Errorf("%d %s", a.status, a.to)
	}
}
