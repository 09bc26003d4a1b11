package handover

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/project"
	"sohoa/dossier/sampling"
	"sohoa/pdf/pdfa"
	"sohoa/pdf/typeset"
	"sohoa/report/reporttest"
)

// handed is a project that is worked off for a part, with everything that a report
// tells; the people are made up.
func handed() Report {
	at := time.Date(2026, 11, 20, 9, 0, 0, 0, dossier.VietNam)
	return Report{
		Project: project.Project{ID: "01a21b4c-76b5-7000-bb9f-71dc24ae46e6", At: at, Plan: project.Plan{Name: "=Kho tư pháp", Agency: "H10", Shelves: 12, Dossiers: 500,
			Kinds: []dossier.KindCode{"KS"}, From: "2026-11-02", To: "2026-12-31", Method: project.Sample, Level: "II", AQL: "1.0"}},
		Agency: dossier.Agency{Code: "H10", Name: "Ủy ban nhân dân tỉnh Vĩnh Nghĩa"}, At: at, Who: "Lê Thị Bàn Giao",
		Progress: project.Progress{Batches: 7, BatchesDone: 6, Shelves: 3, Papers: 1234, Pages: 5678, Dossiers: 321, Others: 9},
		Days:     []project.Day{{Day: "2026-11-19", Who: "p-1", Papers: 61, Pages: 210, Dossiers: 17}},
		Shares:   []project.Share{{Who: "p-1", Papers: 1234, Pages: 5678, Dossiers: 321, Days: 13, Rate: 94.9}, {Who: "p-2", Papers: 6543, Pages: 6544, Dossiers: 6545}}, // began today
		Lots: []project.Lot{{Number: 4, Size: 280, At: at, Rounds: []project.Round{{Number: 1, Plan: sampling.Plan{N: 32, Accept: 1, Reject: 2}, Level: "II", Checked: 32, Nonconforming: 3,
			Verdict: sampling.Rejected, Judged: at}}}},
		Quality: project.Quality{All: project.Tally{Papers: 32, Bad: 3, Defects: 4, PerMille: 125}, ByPerson: []project.Tally{{Key: "p-1", Papers: 32, Bad: 3, Defects: 4, PerMille: 125}},
			ByScanner: []project.Tally{{Key: "+máy 2", Papers: 32, Bad: 3, Defects: 4, PerMille: 125}}},
		People: map[dossier.PersonID]string{"p-1": "Trần Văn Quét", "p-2": "Vũ Thị Mới"}, Kinds: map[dossier.KindCode]string{"KS": "Giấy khai sinh"},
	}
}

// The report is PDF/A with the numbers as text, the same bytes each time, and names no
// price.
func TestReport(t *testing.T) {
	fonts, err := typeset.LoadFonts("/usr/share/fonts/truetype/croscore/Tinos-Regular.ttf")
	if err != nil {
		t.Fatal(err)
	}
	var files [2]bytes.Buffer
	for i := range files {
		want, err := Write(&files[i], fonts, handed(), reporttest.Words)
		if err != nil {
			t.Fatal(err)
		}
		if err := pdfa.Check(bytes.NewReader(files[i].Bytes()), int64(files[i].Len()), want...); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(files[0].Bytes(), files[1].Bytes()) {
		t.Error("the same project gave other bytes")
	}
	path := filepath.Join(t.TempDir(), "report.pdf")
	if err := os.WriteFile(path, files[0].Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("pdftotext", path, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(string(out)), " ")
	for _, want := range []string{"ỦY BAN NHÂN DÂN TỈNH VĨNH NGHĨA", "321", "500", "1.234", "Trần Văn Quét", "Giấy khai sinh", "Lê Thị Bàn Giao", "BÊN GIAO", "BÊN NHẬN", "01a21b4c-76b5-7000-bb9f-71dc24ae46e6", "32"} {
		if !strings.Contains(text, want) && !strings.Contains(text, strings.ReplaceAll(want, ".", "")) {
			t.Errorf("the report does not say %q: %s", want, text)
		}
	}
	if !regexp.MustCompile(`Vũ Thị Mới 6.?543 6.?544 6.?545 –`).MatchString(text) {
		t.Errorf("what somebody did a day who began today is told, or nothing of them is: %s", text)
	}
	for _, price := range []string{"đồng", "VND", "giá tiền"} {
		if strings.Contains(text, price) {
			t.Errorf("the report names a price: %q", price)
		}
	}
}

// The table has every number, and nothing in it is a formula.
func TestCSV(t *testing.T) {
	var b bytes.Buffer
	if err := CSV(&b, handed()); err != nil {
		t.Fatal(err)
	}
	got := b.String()
	for _, want := range []string{"\ufeff", "'=Kho tư pháp", "kết quả,,giấy tờ,1234", "Trần Văn Quét,giấy tờ,1234", "lô 4 lần 1,,không phù hợp,3", "'+máy 2"} {
		if !strings.Contains(got, want) {
			t.Errorf("the table does not say %q:\n%s", want, got)
		}
	}
}
