package web_test

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"testing"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/batch"
	"sohoa/dossier/digest"
	"sohoa/web"
)

// stacks are batches whose pictures nobody draws.
type stacks struct{ h *house }

func (s stacks) List(ctx context.Context, agencies []dossier.AgencyCode, not dossier.Closed, after batch.ID, limit int) ([]batch.Batch, error) {
	return s.h.db.OpenBatches(ctx, agencies, not, after, limit)
}

func (s stacks) Batch(ctx context.Context, id batch.ID, agencies []dossier.AgencyCode, not dossier.Closed) (batch.Batch, error) {
	return s.h.db.OpenBatch(ctx, id, agencies, not)
}

func (s stacks) Lay(ctx context.Context, name string, body io.Reader, _ account.By) (batch.File, error) {
	b, err := io.ReadAll(body)
	if err != nil {
		return batch.File{}, err
	}
	return batch.File{Sum: digest.Of(b), Size: int64(len(b)), Name: name}, s.h.blobs.Put(ctx, digest.Of(b), int64(len(b)), strings.NewReader(string(b)))
}

func (s stacks) Take(ctx context.Context, agency dossier.AgencyCode, feed batch.Feed, parting batch.Parting, files []batch.File, by account.By) (batch.Batch, error) {
	return s.h.db.AddPaperBatch(ctx, batch.Batch{Agency: agency, Feed: feed, Parting: parting, Files: files}, by)
}

func (s stacks) Propose(_ context.Context, b *batch.Batch) error {
	b.Sides = batch.Order(b.Feed, batch.InFiles(b.Sides))
	batch.Separate(b.Sides, b.Parting)
	return nil
}

func (s stacks) Arrange(ctx context.Context, b batch.Batch, order bool, by account.By) error {
	return s.h.db.ArrangeBatch(ctx, b, order, by)
}

func (s stacks) Picture(_ context.Context, b batch.Batch, file, page int, size string) (string, func() ([]byte, error), error) {
	return fmt.Sprint(b.ID, file, page, size), func() ([]byte, error) { return []byte("ảnh"), nil }, nil
}

func (s stacks) Separators(w io.Writer, sheets []web.Separator) error {
	for _, x := range sheets {
		if _, err := io.WriteString(w, "%PDF "+x.Mark.Text()+" "+x.Paper+"\n"); err != nil {
			return err
		}
	}
	return nil
}

// looked has the sides of a batch that waits looked at, and proposes its borders.
func (h *house) looked(id batch.ID, looks ...batch.Look) {
	h.t.Helper()
	var sides []batch.Side
	for i, l := range looks {
		sides = append(sides, batch.Side{File: 1, Page: i + 1, Look: l})
	}
	must(h.t, h.db.PutSides(h.t.Context(), id, 1, sides, ""))
	b, err := h.db.PaperBatch(h.t.Context(), id, nil)
	must(h.t, err)
	must(h.t, stacks{h}.Propose(h.t.Context(), &b))
	must(h.t, h.db.ProposeBatch(h.t.Context(), b))
}

// given is the form of a batch as its page has it.
func given(b batch.Batch) url.Values {
	form := url.Values{"version": {fmt.Sprint(b.Version)}}
	for i, s := range b.Sides {
		set := func(kind, value string) { form.Set(fmt.Sprint(kind, i), value) }
		set("o", fmt.Sprint(i+1))
		set("t", fmt.Sprint(90*s.Turn))
		set("c", string(s.Dossier))
		set("l", string(s.Slot))
		set("w", s.Why)
		if s.Use != batch.Page {
			set("d", "1")
		}
		if s.Starts {
			set("s", "1")
		}
	}
	return form
}

// A batch is brought, its borders are seen and moved; what is left out has a reason;
// another agency's counter sees nothing of it, and what nobody saw is not ordered.
func TestBatchAtTheCounter(t *testing.T) {
	h := newHouse(t)
	code := h.open("008199012345", "An")
	b := h.as("p-counter")
	printed := b.get("/dossiers/" + string(code) + "/separators")
	if !strings.Contains(printed.body, "SHS1/C/"+string(code)+"/TP01/1/") || printed.header.Get("Content-Type") != "application/pdf" {
		t.Errorf("%d %s", printed.status, printed.body)
	}
	if a := b.get("/batches/separators"); strings.Count(a.body, "SHS1/N/") < 10 {
		t.Errorf("%s", a.body)
	}
	if a := b.upload("/batches", "quét.tif", []byte("nhiều trang"), ""); a.status != 303 || !strings.HasPrefix(a.header.Get("Location"), "/batches/") {
		t.Fatalf("%d %s", a.status, a.body)
	}
	list, err := h.db.PaperBatches(t.Context(), nil, "", 9)
	must(t, err)
	id, path := list[0].ID, "/batches/"+string(list[0].ID)
	if a := b.get(path); !strings.Contains(a.body, "data-reload") {
		t.Errorf("waiting: %d %s", a.status, a.body)
	}
	mark := batch.Mark{Kind: batch.Component, Dossier: code, Slot: "TP01", Number: 1, Of: 2}
	h.looked(id, batch.Look{Mark: mark}, batch.Look{Picture: "a", Width: 210, Height: 297}, batch.Look{Blank: true}, batch.Look{Picture: "b", Width: 210, Height: 297, Turn: 2}, batch.Look{Picture: "c"})
	page := b.get(path)
	for _, want := range []string{"tờ phân cách 2 trên 2", string(code), `class="turn2"`, "5 mặt giấy: 0 đã nộp, 1 trắng, 1 tờ phân cách, 0 người bỏ, 3 chưa xong", "1 giấy tờ nộp được"} {
		if !strings.Contains(page.body, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	for _, who := range []dossier.PersonID{"p-far", "p-clerk"} {
		if a := h.as(who).get(path); a.status != 404 && a.status != 403 || strings.Contains(a.body, string(code)) {
			t.Errorf("%s: %d", who, a.status)
		}
	}
	if a := h.as("p-far").get(path + "/sides/1/2"); a.status != 404 {
		t.Errorf("a picture of another agency's: %d", a.status)
	}
	x, err := h.db.PaperBatch(t.Context(), id, nil)
	must(t, err)
	form := given(x)
	form.Set("do", "enter")
	form.Set("d4", "1")
	if a := b.post(path, form); a.status != 400 && a.status != 422 || !strings.Contains(a.body, "lý do") {
		t.Errorf("without a reason: %d", a.status)
	}
	form.Set("w4", "giấy nháp của máy")
	form.Set("s3", "1")
	form.Set("c3", string(code))
	form.Set("l3", "TP02")
	if a := b.post(path, form); a.status != 303 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if a := b.post(path, form); a.status != 409 {
		t.Errorf("ordered twice: %d", a.status)
	}
	x, err = h.db.PaperBatch(t.Context(), id, nil)
	must(t, err)
	papers := batch.Papers(x.Sides)
	if x.Standing != batch.Entering || len(papers) != 2 || papers[1].Slot != "TP02" || x.Sides[4].Why == "" || x.Sides[3].Turn != 2 {
		t.Errorf("%+v", x)
	}
}

// Sheets with patch codes part papers when somebody says so, as the batch comes or after
// it was looked at, and no longer when it is taken back.
func TestBatchOfPatchSheets(t *testing.T) {
	h := newHouse(t)
	b := h.as("p-counter")
	b.upload("/batches", "a.tif", []byte("tờ ngăn"), "")
	list, err := h.db.PaperBatches(t.Context(), nil, "", 9)
	must(t, err)
	id, path := list[0].ID, "/batches/"+string(list[0].ID)
	patch := batch.Look{Mark: batch.Mark{Kind: batch.Patch, Patch: "3/T"}}
	h.looked(id, batch.Look{Picture: "1"}, patch, batch.Look{Blank: true}, batch.Look{Picture: "2"}, patch, batch.Look{Picture: "3"})
	starts := func() (at []int) {
		t.Helper()
		x, err := h.db.PaperBatch(t.Context(), id, nil)
		must(t, err)
		for i, s := range x.Sides {
			if s.Starts {
				at = append(at, i)
			}
		}
		return at
	}
	page := b.get(path)
	if got := starts(); !slices.Equal(got, []int{0}) || !strings.Contains(page.body, "Có 2 tờ mang mã Patch") || !strings.Contains(page.body, "Tờ có mã Patch 3/T") {
		t.Errorf("nobody said what they mean: %v, %s", got, page.body)
	}
	if a := b.post(path, url.Values{"version": {"1"}, "do": {"feed"}, "feed": {"single"}, "patches": {"1"}}); a.status != 303 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	page = b.get(path)
	if got := starts(); !slices.Equal(got, []int{0, 3, 5}) || strings.Contains(page.body, "Có 2 tờ mang") ||
		!strings.Contains(page.body, `name="patches" value="1" checked`) || !strings.Contains(page.body, "6 mặt giấy: 0 đã nộp, 1 trắng, 2 tờ phân cách, 0 người bỏ, 3 chưa xong") {
		t.Errorf("they part papers: %v, %s", got, page.body)
	}
	if a := b.post(path, url.Values{"version": {"2"}, "do": {"feed"}, "feed": {"single"}}); a.status != 303 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if got := starts(); !slices.Equal(got, []int{0}) {
		t.Errorf("it is taken back: %v", got)
	}
	for said, want := range map[string]bool{"1": true, "0": false} {
		if a := b.upload("/batches", "a.tif", []byte("tờ ngăn "+said), "", "patches", said); a.status != 303 {
			t.Fatalf("%d %s", a.status, a.body)
		}
		if list, err = h.db.PaperBatches(t.Context(), nil, "", 9); err != nil || list[0].Patches != want {
			t.Errorf("%q with its files: %+v, %v", said, list[0].Parting, err)
		}
	}
}

// Fronts and backs are put in order when somebody says so.
func TestBatchFedTwice(t *testing.T) {
	h := newHouse(t)
	b := h.as("p-counter")
	b.upload("/batches", "a.tif", []byte("hai mặt"), "")
	list, err := h.db.PaperBatches(t.Context(), nil, "", 9)
	must(t, err)
	path := "/batches/" + string(list[0].ID)
	h.looked(list[0].ID, batch.Look{Picture: "1"}, batch.Look{Picture: "3"}, batch.Look{Picture: "4", Turn: 2}, batch.Look{Picture: "2", Turn: 2})
	if a := b.get(path); !strings.Contains(a.body, "hết mặt trước rồi đến mặt sau") {
		t.Errorf("nobody is told")
	}
	if a := b.post(path, url.Values{"version": {"1"}, "do": {"feed"}, "feed": {"twice"}}); a.status != 303 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	x, err := h.db.PaperBatch(t.Context(), list[0].ID, nil)
	must(t, err)
	got := ""
	for _, s := range x.Sides {
		got += s.Picture
	}
	if got != "1234" || x.Feed != batch.Twice {
		t.Errorf("%s", got)
	}
}
