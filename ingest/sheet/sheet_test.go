package sheet

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"
	utf "golang.org/x/text/encoding/unicode"

	"sohoa/dossier/catalogue"
	"sohoa/jail"
)

func TestMain(m *testing.M) {
	jail.Main(map[string]jail.Child{ChildName: Child})
	os.Exit(m.Run())
}

func kept(t testing.TB, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "list")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func texts(t Table) (out [][]string) {
	for _, r := range t.Rows {
		var row []string
		for _, c := range r.Cells {
			row = append(row, c.Text)
		}
		out = append(out, append(row, r.Bad))
	}
	return out
}

const listed = "Mã,Tên\nH60,Ủy ban nhân dân tỉnh Tuyên Quang\nH60.1,\"Phường Đông Sơn, Nguyễn Thị Bưởi\"\nH60.2,Đặng Quỳnh Như và người được ủy quyền\n"

// The same list in every encoding that lists come in reads the same. TCVN3 is
// written by the C library's converter, which knows nothing of ours.
func TestEncodings(t *testing.T) {
	wide := func(e utf.Endianness, bom utf.BOMPolicy) []byte {
		b, err := utf.UTF16(e, bom).NewEncoder().Bytes([]byte(listed))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	iconv := func(to string) []byte {
		cmd := exec.Command("iconv", "-f", "UTF-8", "-t", to)
		cmd.Stdin = strings.NewReader(strings.NewReplacer("Ủ", "ủ").Replace(listed)) // TCVN3 has no capitals with tones: they are another font
		b, err := cmd.Output()
		if err != nil {
			t.Fatal(to, err)
		}
		return b
	}
	for _, row := range []struct {
		want string
		file []byte
	}{
		{"UTF-8", []byte(listed)}, {"UTF-8", []byte("\ufeff" + listed)},
		{"UTF-16LE", wide(utf.LittleEndian, utf.UseBOM)}, {"UTF-16BE", wide(utf.BigEndian, utf.UseBOM)},
		{"UTF-16LE", wide(utf.LittleEndian, utf.IgnoreBOM)}, {"UTF-16BE", wide(utf.BigEndian, utf.IgnoreBOM)},
		{"windows-1258", iconv("CP1258//TRANSLIT")}, {"TCVN3", iconv("TCVN5712-1")},
	} {
		got, err := Read(t.Context(), kept(t, row.file))
		if err != nil || got.Encoding != row.want {
			t.Errorf("%s: %s, %v", row.want, got.Encoding, err)
			continue
		}
		if b := strings.Join(slices.Concat(texts(got)...), "|"); !strings.Contains(b, "ân dân tỉnh Tuyên Quang") || !strings.Contains(b, "Phường Đông Sơn, Nguyễn Thị Bưởi") ||
			!strings.Contains(b, "Đặng Quỳnh Như và người được ủy quyền") {
			t.Errorf("%s: %q", row.want, b)
		}
	}
	if all, err := charmap.Windows1258.NewDecoder().Bytes([]byte{0xcc}); err != nil || string(all) != "\u0300" {
		t.Error("Windows-1258 has no tones of its own")
	}
}

// Every byte of TCVN3 is the letter that the C library's converter says it is.
func TestTCVN3(t *testing.T) {
	for b := 0x80; b < 0x100; b++ {
		if tcvn3[b] == 0 {
			continue
		}
		cmd := exec.Command("iconv", "-f", "TCVN5712-1", "-t", "UTF-8")
		cmd.Stdin = bytes.NewReader([]byte{byte(b)})
		if out, err := cmd.Output(); err != nil || string(out) != string(tcvn3[b]) {
			t.Errorf("%#x is %q, ours %q (%v)", b, out, tcvn3[b], err)
		}
	}
}

func TestCSV(t *testing.T) {
	for name, row := range map[string]struct {
		file string
		want [][]string
	}{
		"semicolons":        {"a;b\n1;\"x;y\"\n", [][]string{{"a", "b", ""}, {"1", "x;y", ""}}},
		"tabs, CRLF":        {"a\tb\r\n1\t\"x\"\"y\r\nz\"\r\n", [][]string{{"a", "b", ""}, {"1", "x\"y\nz", ""}}},
		"no end":            {"a,b", [][]string{{"a", "b", ""}}},
		"empty rows":        {"a,b\n\n,\n1,2\n", [][]string{{"a", "b", ""}, {"1", "2", ""}}},
		"a quote too many":  {"a,b\n\"x,1\ny,2\nz,3\n", [][]string{{"a", "b", ""}, {"row-quote"}, {"y", "2", ""}, {"z", "3", ""}}},
		"after a quote":     {"a,b\n\"x\"y,1\nz,3\n", [][]string{{"a", "b", ""}, {"row-quote"}, {"z", "3", ""}}},
		"bytes of nothing":  {"a,b\ná,1\n\xff,1\nz,3\n", [][]string{{"a", "b", ""}, {"á", "1", ""}, {"bytes"}, {"z", "3", ""}}},
		"as we write it":    {"a,b\n'=1+1,'-\n", [][]string{{"a", "b", ""}, {"=1+1", "-", ""}}},
		"a long row":        {"a,b\n" + strings.Repeat("x", 3*MostRow) + ",1\nz,3\n", [][]string{{"a", "b", ""}, {"row-long"}, {"z", "3", ""}}},
		"a long open quote": {"a,b\n\"" + strings.Repeat("x", 9*MostRow) + "\nz,3\n", [][]string{{"a", "b", ""}, {"row-long"}, {"z", "3", ""}}},
	} {
		got, err := Read(t.Context(), kept(t, []byte(row.file)))
		if err != nil || fmt.Sprint(texts(got)) != fmt.Sprint(row.want) {
			s := fmt.Sprintf("%q", texts(got))
			t.Errorf("%s: %s, %v, want %q", name, s[:min(len(s), 300)], err, row.want)
		}
	}
}

// A workbook tells formulas, days and numbers apart.
func TestBook(t *testing.T) {
	f := excelize.NewFile()
	day, err := f.NewStyle(&excelize.Style{NumFmt: 14})
	if err != nil {
		t.Fatal(err)
	}
	custom := `dd"/"mm"/"yyyy`
	other, err := f.NewStyle(&excelize.Style{CustomNumFmt: &custom})
	if err != nil {
		t.Fatal(err)
	}
	money := `#,##0 "đồng/ngày"`
	sum, err := f.NewStyle(&excelize.Style{CustomNumFmt: &money})
	if err != nil {
		t.Fatal(err)
	}
	for at, v := range map[string]any{"A1": "Mã", "B1": "Ngày", "A3": "008199012345", "B3": 45366, "C3": 45366, "D3": 45366, "E3": 45366, "G3": 8199012345} {
		if err := f.SetCellValue("Sheet1", at, v); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(f.SetCellStyle("Sheet1", "B3", "B3", day), f.SetCellStyle("Sheet1", "C3", "C3", other), f.SetCellStyle("Sheet1", "D3", "D3", sum),
		f.SetCellFormula("Sheet1", "F3", "=A1&A3")); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	got, err := Read(t.Context(), kept(t, b.Bytes()))
	if err != nil || got.Form != "xlsx" || len(got.Rows) != 2 || got.Rows[1].Number != 3 {
		t.Fatalf("%+v, %v", got, err)
	}
	want := []catalogue.Cell{{Text: "008199012345"}, {Text: "45366", Date: true, Number: true}, {Text: "45366", Date: true, Number: true}, {Text: "45366", Number: true},
		{Text: "45366", Number: true}, {Formula: true}, {Text: "8199012345", Number: true}}
	if !slices.Equal(got.Rows[1].Cells, want) {
		t.Errorf("%+v", got.Rows[1].Cells)
	}
}

// What is written reads in as it was, byte for byte the same each time.
func TestWrite(t *testing.T) {
	rows := [][]string{{"=1+1", "-x", "Đặng \"Bưởi\"", "dòng 1\ndòng 2", "'quen"}, {"007", "", "+84", "@a", "  "}}
	for _, form := range []string{"csv", "xlsx"} {
		var a, b bytes.Buffer
		if err := errors.Join(Write(&a, form, []string{"1", "2", "3", "4", "5"}, rows), Write(&b, form, []string{"1", "2", "3", "4", "5"}, rows)); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(a.Bytes(), b.Bytes()) {
			t.Errorf("%s: the same rows, other bytes", form)
		}
		got, err := Read(t.Context(), kept(t, a.Bytes()))
		if err != nil || len(got.Rows) != 3 {
			t.Fatal(form, err, got.Rows)
		}
		for i, row := range rows {
			for j, c := range got.Rows[i+1].Cells {
				if c.Text != row[j] || c.Formula {
					t.Errorf("%s: %q came back as %+v", form, row[j], c)
				}
			}
		}
	}
}

// zipped packs files, the last of them so long.
func zipped(t testing.TB, long int, names ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i, name := range names {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if i == len(names)-1 {
			chunk := bytes.Repeat([]byte(" "), 1<<20)
			for range long >> 20 {
				if _, err := w.Write(chunk); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// What is no list, or harmful, is refused with its code; nothing of it reaches
// this process.
func TestRefused(t *testing.T) {
	bomb := zipped(t, 600<<20, "xl/workbook.xml", "xl/worksheets/sheet1.xml")
	lying := bytes.Clone(bomb) // it says that it is small
	if i := bytes.LastIndex(lying, []byte("PK\x01\x02")); i > 0 {
		copy(lying[i+24:], []byte{0, 0, 1, 0})
	}
	for name, row := range map[string]struct {
		file []byte
		want []string
	}{
		"empty":            {nil, []string{CodeEmpty}},
		"white space":      {[]byte(" \n\n "), []string{CodeEmpty}},
		"PDF":              {[]byte("%PDF-1.7\n"), []string{CodeKind}},
		"HTML as XLS":      {[]byte("<HTML><table>"), []string{CodeKind}},
		"binary":           {[]byte("ab\x00\x01\x02cd\n"), []string{CodeKind}},
		"Excel 97, locked": {[]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and more"), []string{CodeEncrypted}},
		"zip, no book":     {zipped(t, 0, "word/document.xml"), []string{CodeKind}},
		"cut short":        {bomb[:len(bomb)/2], []string{CodeDamaged}},
		"bomb":             {bomb, []string{CodeExpand}},
		"lying bomb":       {lying, []string{CodeExpand, CodeDamaged, CodeMemory}},
		"a book of holes":  {zipped(t, 1<<20, "[Content_Types].xml", "xl/workbook.xml"), []string{CodeDamaged}},
	} {
		_, err := Read(t.Context(), kept(t, row.file))
		var r *jail.Refusal
		if !errors.As(err, &r) || !slices.Contains(row.want, r.Code) || r.Text == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Read(t.Context(), t.TempDir()); err == nil {
		t.Error("a directory is a list")
	}
}

func TestTooManyRows(t *testing.T) {
	var b bytes.Buffer
	for i := range MostRows + 10 {
		fmt.Fprintf(&b, "%d,x\n", i)
	}
	got, err := Read(t.Context(), kept(t, b.Bytes()))
	if err != nil || len(got.Rows) != MostRows || !got.More {
		t.Errorf("%d rows, %v, %v", len(got.Rows), got.More, err)
	}
}

func FuzzCSV(f *testing.F) {
	for _, s := range []string{listed, "a;b\n\"x", "\xff\xfea\x00", "a\tb\r\n\"\"\"\"\t1", ""} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		path := filepath.Join(t.TempDir(), "x")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		file, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		var out bytes.Buffer
		if err := readCSV(file, &writer{enc: json.NewEncoder(&out)}); err != nil {
			return
		}
		table, err := parse(&out)
		if err != nil {
			t.Fatal(err)
		}
		last := 0
		for _, r := range table.Rows {
			if r.Number <= last || r.Bad != "" && len(r.Cells) > 0 {
				t.Fatal("rows out of order, or bad ones with cells", r)
			}
			last = r.Number
		}
	})
}
