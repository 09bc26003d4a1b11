package monthly

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"sohoa/dossier/figures"
	"sohoa/pdf/pdfa"
	"sohoa/pdf/typeset"
	"sohoa/report"
	"sohoa/report/reporttest"
)

func written(t *testing.T, m report.Month) []byte {
	t.Helper()
	fonts, err := typeset.LoadFonts("/usr/share/fonts/truetype/croscore/Tinos-Regular.ttf")
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	want, err := Write(&b, fonts, m, reporttest.Words)
	if err != nil {
		t.Fatal(err)
	}
	if err := pdfa.Check(bytes.NewReader(b.Bytes()), int64(b.Len()), want...); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// read is the words of a file as Poppler reads them, with one blank between two.
func read(t *testing.T, file []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "report.pdf")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("pdftotext", path, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(string(out)), " ")
}

// Every told number of the statement, for the house and for each agency, stands in
// the report as text, with its name, its law and the digest; and the same month
// gives the same bytes.
func TestReport(t *testing.T) {
	months := reporttest.Months(t, 9)
	m := months[1]
	file := written(t, m)
	if !bytes.Equal(file, written(t, m)) {
		t.Error("the same month gave other bytes")
	}
	text := read(t, file)
	flat := strings.ReplaceAll(text, " ", "") // numbers and digests are broken where a cell ends
	for _, f := range m.Statement.Figures {
		i, ok := m.Indicator(f.Key)
		if !ok || !strings.Contains(flat, strings.ReplaceAll(i.VI, " ", "")) || !strings.Contains(flat, strings.ReplaceAll(figures.VietnameseLaw(f.Law), " ", "")) {
			t.Errorf("%s: its name or law is not in the report", f.Key)
		}
		if f.Told && !strings.Contains(text, fmt.Sprintf("%d %d %s", f.Numerator, f.Denominator, f.Percent)) {
			t.Errorf("%s: %d/%d = %s is not in the report", f.Key, f.Numerator, f.Denominator, f.Percent)
		}
	}
	cells := 0
	for _, a := range m.Statement.Agencies {
		for _, f := range a.Figures {
			if f.Told && len(f.Lacks) == 0 {
				cells++
				if !strings.Contains(flat, fmt.Sprintf("%s(%d/%d)", f.Percent, f.Numerator, f.Denominator)) {
					t.Errorf("%s %s: %d/%d is not in the report", a.Agency, f.Key, f.Numerator, f.Denominator)
				}
			}
		}
	}
	for _, want := range []string{m.Closing.Statement.String(), m.BeforeDigest.String(), m.Statement.Facts, m.Statement.Root, "CỘNGHÒAXÃHỘICHỦNGHĨAVIỆTNAM", "Độclập-Tựdo-Hạnhphúc", "ngày02tháng7năm2026"} {
		if !strings.Contains(flat, want) {
			t.Errorf("%q is not in the report", want)
		}
	}
	if cells < 9*7 {
		t.Errorf("only %d cells by agency", cells)
	}
	if out := os.Getenv("REPORT_OUT"); out != "" {
		_ = os.WriteFile(out, file, 0o600)
	}
}

// A first month has nothing to be compared with, a correction says so and why.
func TestFirstAndCorrected(t *testing.T) {
	m := reporttest.Months(t, 2)[0]
	m.Statement.Version, m.Statement.Reason, m.Statement.Demo = 2, "bổ sung 3 hồ sơ", true
	text := read(t, written(t, m))
	for _, want := range []string{"Chưa có kỳ trước đã chốt", "bản số 2 của kỳ này. Lý do: bổ sung 3 hồ sơ.", "DỮ LIỆU THỬ"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in the report", want)
		}
	}
}
