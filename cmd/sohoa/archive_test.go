package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/backlog"
	"sohoa/dossier/digest"
	wordfiles "sohoa/ingest/office"
	"sohoa/ingest/takeover"
	"sohoa/storage/sqldb"
)

// provided is a house with an agency, and another, and one procedure.
func provided(t *testing.T) (data string, db *sqldb.DB) {
	t.Helper()
	data = office(t)
	db = reopened(t, data)
	for _, err := range []error{
		db.PutAgency(t.Context(), dossier.Agency{Code: "H60", Name: "UBND tỉnh", Tier: dossier.Province}),
		db.PutAgency(t.Context(), dossier.Agency{Code: "H60.1", Parent: "H60", Name: "UBND xã Một", Tier: dossier.Commune}),
		db.PutAgency(t.Context(), dossier.Agency{Code: "H60.2", Parent: "H60", Name: "UBND xã Hai", Tier: dossier.Commune}),
		db.PutKind(t.Context(), dossier.Kind{Code: "GKS", Name: "Giấy khai sinh"}),
		db.PutProcedure(t.Context(), dossier.Procedure{Code: "1.000001", Name: "Thử", Level: dossier.Full, Field: "Thử", Days: 1, ResultKind: "GKS",
			Components: []dossier.Component{{Slot: "TP01", Kind: "GKS", Name: "Giấy", Required: true, Digitise: true}}}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return data, db
}

func reopened(t *testing.T, data string) *sqldb.DB {
	t.Helper()
	db, err := sqldb.Open(t.Context(), filepath.Join(data, "sohoa.db"), sqldb.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// sheetOf is a small picture unlike those of other numbers.
func sheetOf(t testing.TB, n int) []byte {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, 400, 560))
	for i := range m.Pix {
		m.Pix[i] = 240
	}
	for bit := range 24 {
		if n>>bit&1 == 1 {
			for y := range 16 {
				for x := range 16 {
					m.SetGray(16+bit%8*40+x, 40+bit/8*40+y, color.Gray{Y: 20})
				}
			}
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var archiveHead = []string{"STT", "MaHoSo", "Mã thủ tục", "Số CCCD", "Họ tên chủ hồ sơ", "Ngày tiếp nhận", "Ngày trả kết quả", "Mã thành phần", "Tên tệp"}

func archiveRow(n int, slot, file string) []string {
	return []string{fmt.Sprint(n), fmt.Sprintf("H60.1-150302-%04d", n), "1.000001", fmt.Sprintf("0010850%05d", n), "Nguyễn Văn Mật", "02/03/2015", "09/03/2015", slot, file}
}

// tookOver runs sohoa archive import and reads its report.
func tookOver(t *testing.T, args ...string) (r takeover.Report, code int, said string) {
	t.Helper()
	var out, errs bytes.Buffer
	err := run(t.Context(), append([]string{"archive", "import", "--json", "--agency", "H60.1"}, args...), os.Getenv, &out, &errs)
	if err != nil {
		said = explain(err)
	}
	if out.Len() > 0 {
		if err := json.Unmarshal(out.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
	}
	return r, exitCode(t.Context(), err), said + out.String() + errs.String()
}

// An archive with faults: what is good comes in whole, nothing of a faulty row does,
// each is told by its row, and nobody's name is.
func TestArchiveImport(t *testing.T) {
	data, db := provided(t)
	dir := t.TempDir()
	put := func(name string, b []byte) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	rows := [][]string{
		archiveRow(1, "TP01", `hộp 1\Nguyễn Văn Mật.jpg`), // 2
		archiveRow(1, "KQ", "hộp 1/2.jpg"),                // 3: another paper of the same dossier
		archiveRow(2, "TP01", "hộp 1/không có.jpg"),       // 4
		archiveRow(3, "TP01", "../ngoài.jpg"),             // 5
		archiveRow(4, "TP01", "nối.jpg"),                  // 6: a link
		archiveRow(5, "TP01", "hộp 1/đơn.docx"),           // 7
		archiveRow(6, "TP01", "hộp 1/hỏng.pdf"),           // 8
		archiveRow(7, "TP09", "hộp 1/2.jpg"),              // 9: no such component
		archiveRow(8, "TP01", "hộp 1/2.jpg"),              // 10: the same bytes as row 3
		archiveRow(1, "TP01", "hộp 1/3.jpg"),              // 11: its place is taken
		archiveRow(9, "TP01", "hộp 1/3.jpg"),              // 12: of another agency
		archiveRow(10, "KQ", "hộp 1/4.jpg"),               // 13
	}
	rows[10][1] = "H60.2-150302-0009"
	put("hộp 1/Nguyễn Văn Mật.jpg", sheetOf(t, 1))
	for i, name := range []string{"2", "3", "4"} {
		put("hộp 1/"+name+".jpg", sheetOf(t, i+2))
	}
	put("hộp 1/đơn.docx", []byte("PK\x03\x04"))
	put("hộp 1/hỏng.pdf", []byte("%PDF-1.7 nothing"))
	outside := filepath.Join(t.TempDir(), "x.jpg")
	if err := os.WriteFile(outside, sheetOf(t, 99), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, "nối.jpg")); err != nil {
		t.Fatal(err)
	}
	index := written(t, "index.csv", archiveHead, rows)
	args := []string{dir, "--index", index, "--data", data, "--who", "kho"}
	if _, code, said := tookOver(t, args...); code != exitUsage || !strings.Contains(said, "nobody has this login") {
		t.Error(code, said)
	}
	if err := db.PutPerson(t.Context(), dossier.Person{ID: "p-1", Login: "kho", Role: dossier.Counter, Agency: "H60.1"}, "x"); err != nil {
		t.Fatal(err)
	}
	want := map[int]string{4: "file-missing", 5: "file-form", 6: "file-missing", 7: "file-office", 8: "file-refused", 9: "slot", 11: "slot-filled", 12: "code-agency"}
	if wordfiles.Installed() { // then it is looked into, and is none
		want[7] = "file-refused"
	}
	for _, dry := range []bool{true, false} {
		given := args
		if dry {
			given = append(slices.Clone(args), "--dry-run")
		}
		r, code, said := tookOver(t, given...)
		if r.Counts.Rows != 12 || r.Counts.Taken != 4 || r.Counts.Bad != 8 || r.Counts.Pages != 4 || code != exitUnsound || r.Columns["number"] != 4 {
			t.Fatalf("dry %v: %+v, %d, %s", dry, r.Counts, code, said)
		}
		got := map[int]string{}
		for _, p := range r.Problems {
			if !p.Note {
				got[p.Row] = p.Code
			}
		}
		for row, code := range want {
			if !strings.HasPrefix(got[row], code) {
				t.Errorf("dry %v: row %d: %q, want %s", dry, row, got[row], code)
			}
		}
		if strings.Contains(said, "Mật") || strings.Contains(said, "001085") {
			t.Error("somebody is named")
		}
		all, err := db.Dossiers(t.Context(), dossier.DossierQuery{})
		if n := map[bool]int{true: 0, false: 3}[dry]; err != nil || len(all) != n {
			t.Errorf("dry %v: %d dossiers, %v: nothing of a faulty row is to be there", dry, len(all), err)
		}
		if !dry && r.Counts.Twice != 1 {
			t.Error("a file that is there twice is not told")
		}
	}
	papers, err := db.Documents(t.Context(), dossier.DocumentQuery{})
	if err != nil || len(papers) != 4 {
		t.Fatal(len(papers), err)
	}
	for _, d := range papers {
		if d.Lane != dossier.Backlog || d.State != dossier.Received {
			t.Errorf("%s goes in lane %d, %s", d.ID, d.Lane, d.State)
		}
	}
	if got := papers[slices.IndexFunc(papers, func(d dossier.Document) bool { return d.Dossier == "H60.1-150302-0001" && d.Slot == "TP01" })]; got.Parts[dossier.PartScan] != digest.Of(sheetOf(t, 1)) {
		t.Error("a file was altered")
	}
	if _, code, said := tookOver(t, args...); code != exitUsage || !strings.Contains(said, "imported already") {
		t.Error(code, said)
	}
	if who := archiveOf(t, db).Who; who != "p-1" { // as whoever checks papers is known
		t.Errorf("%s imported", who)
	}
	faults, err := db.ArchiveFaults(t.Context(), archiveOf(t, db).ID, 0, 100)
	if err != nil || len(faults) != 9 {
		t.Error(len(faults), err)
	}
}

func archiveOf(t *testing.T, db *sqldb.DB) backlog.Import {
	t.Helper()
	all, err := db.Archives(t.Context(), nil, 10)
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	return all[0]
}

// Broken off in its second step, an import says so and nothing of that step is there;
// broken off behind it and before the cursor moved, all of it is. Either way it goes on,
// and every paper is there once.
func TestArchiveResumes(t *testing.T) {
	data, db := provided(t)
	dir := t.TempDir()
	var rows [][]string
	for n := 1; n <= 90; n++ {
		name := fmt.Sprintf("%d.jpg", n)
		rows = append(rows, archiveRow(n, "KQ", name))
		if err := os.WriteFile(filepath.Join(dir, name), sheetOf(t, n), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	args := []string{dir, "--index", written(t, "index.xlsx", archiveHead, rows), "--data", data, "--readers", "2"}
	// the database refuses the 80th dossier, as one that is full would
	if err := ordered(t, data, `CREATE TRIGGER full BEFORE INSERT ON dossiers WHEN NEW.code = 'H60.1-150302-0080' BEGIN SELECT RAISE(ABORT, 'full'); END`); err != nil {
		t.Fatal(err)
	}
	if _, code, said := tookOver(t, args...); code == exitDone || !strings.Contains(said, "rows 66 to 91") {
		t.Fatal(code, said)
	}
	if i := archiveOf(t, db); i.Row != 65 || i.Taken != 64 || !i.Ended.IsZero() {
		t.Errorf("%+v", i)
	}
	if err := ordered(t, data, "DROP TRIGGER full"); err != nil {
		t.Fatal(err)
	}
	if _, code, said := tookOver(t, args...); code != exitUsage || !strings.Contains(said, "--resume") {
		t.Fatal(code, said)
	}
	papers, err := db.Documents(t.Context(), dossier.DocumentQuery{})
	if err != nil || len(papers) != 64 {
		t.Fatal(len(papers), err)
	}
	if err := ordered(t, data, `CREATE TRIGGER stuck BEFORE UPDATE ON archive_imports BEGIN SELECT RAISE(ABORT, 'stuck'); END`); err != nil {
		t.Fatal(err)
	}
	if _, code, said := tookOver(t, append(args, "--resume")...); code == exitDone || !strings.Contains(said, "stuck") {
		t.Fatal(code, said)
	}
	if err := ordered(t, data, "DROP TRIGGER stuck"); err != nil {
		t.Fatal(err)
	}
	r, code, said := tookOver(t, append(args, "--resume")...)
	if code != exitDone || r.Counts.Rows != 26 || r.Counts.Taken != 0 || r.Counts.Same != 26 {
		t.Fatal(code, r.Counts, said)
	}
	papers, err = db.Documents(t.Context(), dossier.DocumentQuery{})
	if i := archiveOf(t, db); err != nil || len(papers) != 90 || i.Rows != 90 || i.Ended.IsZero() {
		t.Error(len(papers), err, i)
	}
}

// ordered does something to the tables past the program.
func ordered(t *testing.T, data, query string) error {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(data, "sohoa.db"))
	if err != nil {
		return err
	}
	_, err = db.ExecContext(t.Context(), query)
	return errors.Join(err, db.Close())
}
