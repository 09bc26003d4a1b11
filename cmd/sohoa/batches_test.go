package main

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"sohoa/cmd/internal/wire"
	"sohoa/dossier"
	"sohoa/dossier/batch"
	"sohoa/specimen"
	"sohoa/storage/sqldb"
	"sohoa/web/clicker"
)

// stack is a scan of sheets as a feeder gives it: two separators of three, a paper of
// a page upside down and a blank back, and another paper.
func stack(t *testing.T, code dossier.Code) []byte {
	t.Helper()
	press, err := specimen.NewPress()
	if err != nil {
		t.Fatal(err)
	}
	mark := func(n int) *specimen.Sheet {
		return press.Separator(batch.Mark{Kind: batch.Component, Dossier: code, Slot: dossier.SlotCode(fmt.Sprintf("TP%02d", n)), Number: n, Of: 3}.Text())
	}
	all := mark(1)
	for _, s := range []*specimen.Sheet{press.Paper(specimen.Letter, 3, specimen.About{}).Only(0), {Pages: make([]specimen.Page, 1)}, mark(2), press.Paper(specimen.Notice, 5, specimen.About{}).Only(0)} {
		all.Pages = append(all.Pages, s.Pages...)
	}
	w := specimen.Office(3)
	w.Turn, w.Grey = 2, true
	f, err := all.File(specimen.TIFFJPEG, 150, w, 3)
	if err != nil {
		t.Fatal(err)
	}
	return f.Bytes
}

// bringBatch brings a stack of paper in the real service: its borders are proposed by
// the codes, the sheet that is missing is told, its pages are seen, and its papers
// enter as documents of their places; every side is accounted for.
func bringBatch(t *testing.T, r *running, db *sqldb.DB) {
	t.Helper()
	code, err := r.login(dossier.Counter).Open(t.Context(), clicker.NewDossier{Procedure: "9.1", Receiving: wire.OwnAgency.Code, Competent: wire.OwnAgency.Code,
		HolderNumber: "099090123457", HolderName: "Trần Thị Ngoãn", Channel: dossier.Direct})
	if err != nil {
		t.Fatal(err)
	}
	counter := r.surf(dossier.Counter)
	status, path, page := counter.layOut("/batches", stack(t, code))
	if status != http.StatusOK || !strings.HasPrefix(path, "/batches/") {
		t.Fatalf("%d %s %s", status, path, page)
	}
	id := batch.ID(strings.TrimPrefix(path, "/batches/"))
	b := r.standing(db, id, batch.Proposed)
	var uses []batch.Use
	for _, s := range b.Sides {
		uses = append(uses, s.Use)
	}
	if !slices.Equal(uses, []batch.Use{batch.Separator, batch.Page, batch.Blank, batch.Separator, batch.Page}) || b.Sides[1].Turn != 2 || b.Sides[4].Slot != "TP02" {
		t.Fatalf("%+v", b.Sides)
	}
	_, _, page = counter.get(path)
	if !strings.Contains(page, "tờ phân cách 3 trên 3") {
		t.Error("the sheet that is missing is not told")
	}
	if status, _, picture := counter.get(path + "/sides/1/2?size=thumb"); status != http.StatusOK || !strings.HasPrefix(picture, "\xff\xd8") {
		t.Errorf("picture: %d", status)
	}
	form := orderOf(b)
	if status, _, page := counter.post(path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode())); status != http.StatusOK {
		t.Fatalf("%d %s", status, page)
	}
	b = r.standing(db, id, batch.Done)
	if n := batch.Account(b.Sides); n != (batch.Sum{Sides: 5, Entered: 2, Blank: 1, Separators: 2}) {
		t.Errorf("%+v", n)
	}
	fillings, err := db.Fillings(t.Context(), code)
	if err != nil {
		t.Fatal(err)
	}
	for i, at := range []int{1, 4} {
		if d := fillings[i].Document; d == nil || d.ID != b.Sides[at].Document || d.Pages != 1 {
			t.Errorf("%s: %+v", fillings[i].Slot, d)
		}
	}
	if strings.Contains(r.logged(), "tệp 1") {
		t.Error("the log names a file as its owner calls it")
	}
}

// bringPatched brings a stack that is parted by sheets with patch codes: nothing begins
// after them before somebody says so.
func bringPatched(t *testing.T, r *running, db *sqldb.DB) {
	t.Helper()
	press, err := specimen.NewPress()
	if err != nil {
		t.Fatal(err)
	}
	all := press.Paper(specimen.Letter, 4, specimen.About{}).Only(0)
	for _, s := range []*specimen.Sheet{press.PatchSheet("T", specimen.Patched{Long: 144, Edges: 4, Written: true}), press.Paper(specimen.Notice, 6, specimen.About{}).Only(0)} {
		all.Pages = append(all.Pages, s.Pages...)
	}
	f, err := all.File(specimen.TIFFG4, 150, specimen.BlackWhite(4), 4)
	if err != nil {
		t.Fatal(err)
	}
	counter := r.surf(dossier.Counter)
	_, path, _ := counter.layOut("/batches", f.Bytes)
	id := batch.ID(strings.TrimPrefix(path, "/batches/"))
	b := r.standing(db, id, batch.Proposed)
	if len(b.Sides) != 3 || b.Sides[1].Mark != (batch.Mark{Kind: batch.Patch, Patch: "3/T"}) || b.Sides[1].Use != batch.Page || b.Sides[2].Starts {
		t.Fatalf("%+v", b.Sides)
	}
	form := url.Values{"version": {fmt.Sprint(b.Version)}, "do": {"feed"}, "feed": {"single"}, "patches": {"1"}}
	if status, _, page := counter.post(path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode())); status != http.StatusOK {
		t.Fatalf("%d %s", status, page)
	}
	if b = r.standing(db, id, batch.Proposed); b.Sides[1].Use != batch.Separator || !b.Sides[2].Starts || b.Sides[2].Mark != (batch.Mark{}) {
		t.Errorf("%+v", b.Sides)
	}
}

// bringAgain scans a sheet at the counter, and once more in a batch: the batch is told of
// the paper, whose pages the line read; and when the second enters as another paper of
// the same holder, the page of each tells of the other.
func bringAgain(t *testing.T, r *running, db *sqldb.DB) {
	t.Helper()
	press, err := specimen.NewPress()
	if err != nil {
		t.Fatal(err)
	}
	open := func() dossier.Code {
		code, err := r.login(dossier.Counter).Open(t.Context(), clicker.NewDossier{Procedure: "9.1", Receiving: wire.OwnAgency.Code, Competent: wire.OwnAgency.Code,
			HolderNumber: "099090123458", HolderName: "Trần Văn Hai", Channel: dossier.Direct})
		if err != nil {
			t.Fatal(err)
		}
		return code
	}
	sheet := press.Paper(specimen.Certificate, 7, specimen.About{}).Only(0)
	scanned := func(seed uint64, dpi float64) []byte {
		f, err := sheet.File(specimen.TIFFJPEG, dpi, specimen.Office(seed), seed)
		if err != nil {
			t.Fatal(err)
		}
		return f.Bytes
	}
	counter := r.surf(dossier.Counter)
	code := open()
	status, path, page := counter.layOut("/dossiers/"+string(code)+"/slots/TP01", scanned(21, 200))
	if status != http.StatusOK || !strings.HasPrefix(path, "/documents/") {
		t.Fatalf("%d %s %s", status, path, page)
	}
	paper := dossier.DocumentID(strings.TrimPrefix(path, "/documents/"))
	r.wait(4*time.Minute, func() bool {
		n, err := db.PrintsWaiting(t.Context())
		d, err2 := db.Document(t.Context(), paper)
		return err == nil && err2 == nil && !d.Parts[dossier.PartWords].IsZero() && n == 0
	})
	_, path, _ = counter.layOut("/batches", scanned(22, 300))
	id := batch.ID(strings.TrimPrefix(path, "/batches/"))
	b := r.standing(db, id, batch.Proposed)
	if len(b.Sides) != 1 || len(b.Sides[0].Twins) != 1 || b.Sides[0].Twins[0].Document != paper || b.Sides[0].Twins[0].Same {
		t.Fatalf("%+v", b.Sides)
	}
	if _, _, page := counter.get(path); !strings.Contains(page, "/documents/"+string(paper)) {
		t.Error("the batch's page does not tell of the paper")
	}
	form := orderOf(b)
	form.Set("c0", string(open()))
	form.Set("l0", "TP01")
	form.Set("s0", "1")
	if status, _, page := counter.post(path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode())); status != http.StatusOK {
		t.Fatalf("%d %s", status, page)
	}
	b = r.standing(db, id, batch.Done)
	for of, other := range map[dossier.DocumentID]dossier.DocumentID{b.Sides[0].Document: paper, paper: b.Sides[0].Document} {
		if _, _, page := counter.get("/documents/" + string(of)); !strings.Contains(page, "Có thể đã có giấy tờ này") || !strings.Contains(page, "/documents/"+string(other)) {
			t.Error("a paper does not tell of the other")
		}
	}
}

// orderOf is the form that orders a batch as it is proposed.
func orderOf(b batch.Batch) url.Values {
	form := url.Values{"version": {fmt.Sprint(b.Version)}, "do": {"enter"}}
	for i, s := range b.Sides {
		for kind, value := range map[string]string{"o": fmt.Sprint(i + 1), "t": fmt.Sprint(90 * s.Turn), "c": string(s.Dossier), "l": string(s.Slot), "d": map[bool]string{true: "1"}[s.Use != batch.Page], "s": map[bool]string{true: "1"}[s.Starts]} {
			form.Set(fmt.Sprint(kind, i), value)
		}
	}
	return form
}

// standing waits until a batch stands so.
func (r *running) standing(db *sqldb.DB, id batch.ID, want batch.Standing) (b batch.Batch) {
	r.t.Helper()
	r.wait(2*time.Minute, func() bool {
		var err error
		if b, err = db.PaperBatch(r.t.Context(), id, nil); err != nil {
			r.t.Fatal(err)
		}
		return b.Standing == want
	})
	return b
}
