package sheet

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"sohoa/dossier/catalogue"
	"sohoa/jail"
)

// odd are texts that a workbook has to be told in another way.
var odd = []string{"", " ", "  hai đầu  ", "dòng 1\ndòng 2", "thẻ\tcột", "=1+1", "'x", "<b>&amp;\"'", "_x000D_", "_x005F_x000D_", "_x00", "_x0000\x000", "a\x01b\x0b", "a\rb", "Nguyễn Thị Bưởi", "😀", "007", "1e5", "TRUE"}

// What is written here another program reads as it was: text, in the styles.
func TestOthersReadIt(t *testing.T) {
	wide := make([]string, 60)
	for i := range wide {
		wide[i] = fmt.Sprint("cột ", i)
	}
	var b bytes.Buffer
	if err := Write(&b, "xlsx", wide, [][]string{odd, nil, {"", "x"}}); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows(f.GetSheetName(0), excelize.Options{RawCellValue: true})
	if err != nil || len(rows) != 4 || !slices.Equal(rows[0], wide) || !slices.Equal(rows[1], odd) || !slices.Equal(rows[3], []string{"", "x"}) {
		t.Errorf("%q, %v", rows, err)
	}
	for at, bold := range map[string]bool{"A1": true, "BH1": true, "C2": false} {
		n, err := f.GetCellStyle("Sheet1", at)
		if err != nil {
			t.Fatal(err)
		}
		style, err := f.GetStyle(n)
		if err != nil || style.NumFmt != 49 || (style.Font != nil && style.Font.Bold) != bold || style.Alignment != nil && style.Alignment.WrapText == bold {
			t.Errorf("%s: %+v, %v", at, style, err)
		}
	}
}

// A list that a workbook cannot hold is an error, and is not cut.
func TestTooLarge(t *testing.T) {
	var b bytes.Buffer
	fits := strings.Repeat("đ", mostText)
	if err := Write(&b, "xlsx", []string{fits}, nil); err != nil {
		t.Error(err)
	}
	got, err := Read(t.Context(), kept(t, b.Bytes()))
	if err != nil || got.Rows[0].Cells[0].Text != fits {
		t.Errorf("%v", err)
	}
	for name, head := range map[string][]string{"text": {fits + "x"}, "surrogates": {strings.Repeat("😀", mostText/2+1)}, "columns": make([]string, mostColumns+1)} {
		if Write(&b, "xlsx", head, nil) == nil {
			t.Error(name, "is written")
		}
	}
	if Write(&b, "xlsx", nil, make([][]string, mostSheetRows)) == nil {
		t.Error("too many rows are written")
	}
}

// Workbooks that another program writes, with texts shared or in their cells, read
// here as there.
func TestReadsOthers(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 8))
	for round := range 12 {
		f := excelize.NewFile()
		fill(t, f, random, round%2 == 0)
		var b bytes.Buffer
		if err := errors.Join(f.Write(&b), f.Close()); err != nil {
			t.Fatal(err)
		}
		got, err := Read(t.Context(), kept(t, b.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		f, err = excelize.OpenReader(bytes.NewReader(b.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		rows, err := f.GetRows("Sheet1", excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
		read := map[int]catalogue.Row{}
		for _, r := range got.Rows {
			read[r.Number] = r
		}
		for i, want := range rows {
			var have []string
			for _, c := range read[i+1].Cells {
				have = append(have, c.Text)
			}
			if strings.TrimSpace(strings.Join(want, "")) == "" {
				want = nil
			}
			for j, s := range want {
				want[j] = strings.ReplaceAll(s, "\r\n", "\n")
			}
			if !slices.Equal(have, want) {
				t.Fatalf("row %d: %q, want %q", i+1, have, want)
			}
		}
	}
}

func fill(t *testing.T, f *excelize.File, random *rand.Rand, streamed bool) {
	t.Helper()
	value := func() any {
		switch random.IntN(6) {
		case 0:
			return random.IntN(1e9)
		case 1:
			return random.Float64() * 1e6
		case 2:
			return random.IntN(2) == 0
		case 3:
			return nil
		}
		return odd[random.IntN(len(odd))] + odd[random.IntN(len(odd))]
	}
	var out *excelize.StreamWriter
	if streamed { // texts in their cells, else shared
		var err error
		if out, err = f.NewStreamWriter("Sheet1"); err != nil {
			t.Fatal(err)
		}
	}
	for n := 1; n <= 40; n += 1 + random.IntN(3) {
		row := make([]any, random.IntN(30))
		for i := range row {
			row[i] = value()
		}
		at := fmt.Sprint("A", n)
		if out != nil {
			if err := out.SetRow(at, row); err != nil {
				t.Fatal(err)
			}
		} else if err := f.SetSheetRow("Sheet1", at, &row); err != nil {
			t.Fatal(err)
		}
	}
	if out != nil {
		if err := out.Flush(); err != nil {
			t.Fatal(err)
		}
	}
}

// parts of a workbook with this sheet, these shared texts and styles.
func parts(rows, texts, styles string) map[string]string {
	all := map[string]string{}
	for _, p := range bookParts {
		all[p[0]] = p[1]
	}
	all["xl/_rels/workbook.xml.rels"] = strings.Replace(all["xl/_rels/workbook.xml.rels"], `</Rel`, `<Relationship Id="r3" Type="`+related+`/sharedStrings" Target="/xl/texts.xml"/></Rel`, 1)
	all["xl/worksheets/sheet1.xml"] = `<worksheet ` + inMain + `><sheetData>` + rows + `</sheetData></worksheet>`
	all["xl/texts.xml"] = `<sst ` + inMain + `>` + texts + `</sst>`
	if styles != "" {
		all["xl/styles.xml"] = `<styleSheet ` + inMain + `>` + styles + `</styleSheet>`
	}
	return all
}

func packedParts(t testing.TB, all map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range all {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// What the standard lets a sheet be, and programs make of it.
func TestCells(t *testing.T) {
	texts := `<si><t>một</t></si><si><r><rPr><b/></rPr><t>ha</t></r><r><t>i</t></r><rPh sb="0" eb="1"><t>no</t></rPh></si><si><t xml:space="preserve"> ba_x000D__x005F_x0041_</t></si>`
	styles := `<numFmts count="2"><numFmt numFmtId="164" formatCode="[Red]yyyy"/><numFmt numFmtId="165" formatCode="[d]0&quot;day&quot;"/></numFmts>` +
		`<cellXfs count="5"><xf/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="22"/></cellXfs>`
	number := func(s string) catalogue.Cell { return catalogue.Cell{Text: s, Number: true} }
	day := func(s string) catalogue.Cell { return catalogue.Cell{Text: s, Number: true, Date: true} }
	text := func(s string) catalogue.Cell { return catalogue.Cell{Text: s} }
	none := catalogue.Cell{}
	for name, c := range map[string]struct {
		rows string
		want []catalogue.Row
	}{
		"shared":         {`<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v> 1 </v></c><c r="C1" t="s"><v>2</v></c></row>`, []catalogue.Row{{Number: 1, Cells: []catalogue.Cell{text("một"), text("hai"), text(" ba\r_x0041_")}}}},
		"past the table": {`<row><c t="s"><v>3</v></c><c t="s"><v>-1</v></c><c t="s"><v>x</v></c></row>`, []catalogue.Row{{Number: 1, Cells: []catalogue.Cell{text("3"), text("-1"), text("x")}}}},
		"no places":      {`<row><c><v>1</v></c><c/><c><v>3</v></c></row><row/><row><c><v>4</v></c></row>`, []catalogue.Row{{Number: 1, Cells: []catalogue.Cell{number("1"), none, number("3")}}, {Number: 3, Cells: []catalogue.Cell{number("4")}}}},
		"some places":    {`<row r="7"><c r="C7"><v>1</v></c><c><v>2</v></c></row><row><c r="b8"><v>3</v></c></row>`, []catalogue.Row{{Number: 7, Cells: []catalogue.Cell{none, none, number("1"), number("2")}}, {Number: 8, Cells: []catalogue.Cell{none, number("3")}}}},
		"not in order":   {`<row><c r="B1"><v>2</v></c><c r="A1"><v>1</v></c></row>`, []catalogue.Row{{Number: 1, Cells: []catalogue.Cell{number("1"), number("2")}}}},
		"kinds":          {`<row><c t="n"><v>1.5E3</v></c><c t="b"><v>1</v></c><c t="str"><v>a b</v></c><c t="e"><v>#N/A</v></c><c t="d"><v>2024-06-30</v></c><c t="inlineStr"><is><t>x</t></is></c><c t="inlineStr"><v>y</v></c></row>`, []catalogue.Row{{Number: 1, Cells: []catalogue.Cell{number("1.5E3"), text("1"), text("a b"), text("#N/A"), text("2024-06-30"), text("x"), text("y")}}}},
		"days":           {`<row><c s="1"><v>1</v></c><c s="2"><v>2</v></c><c s="3"><v>3</v></c><c s="4"><v>4</v></c><c s="9"><v>5</v></c><c s="1" t="s"><v>0</v></c></row>`, []catalogue.Row{{Number: 1, Cells: []catalogue.Cell{day("1"), day("2"), number("3"), day("4"), number("5"), text("một")}}}},
		"formulas":       {`<row><c><f>1+1</f><v>2</v></c><c><f t="shared" si="0"/></c><c t="str"><f>"x"</f><v>x</v></c></row>`, []catalogue.Row{{Number: 1, Cells: []catalogue.Cell{{Text: "2", Number: true, Formula: true}, {Formula: true}, {Text: "x", Formula: true}}}}},
		"with a prefix":  {`<x:row xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main" r="2"><x:c><x:v>1</x:v></x:c></x:row>`, []catalogue.Row{{Number: 2, Cells: []catalogue.Cell{number("1")}}}},
		"too wide":       {`<row><c r="SG1"><v>1</v></c></row><row><c r="SF2"><v>1</v></c></row><row><c r="XFD3"/></row>`, []catalogue.Row{{Number: 1, Bad: "row-long"}, {Number: 2, Cells: append(make([]catalogue.Cell, 499), number("1"))}}},
		"nothing":        {`<row r="5" ht="3"><c s="1"/><c t="s"/></row>`, nil},
		"without values": {`<row><c><is><t>x</t></is></c><c t="inlineStr"><is/></c><c><v>1</v><extLst><v>2</v></extLst></c></row>`, []catalogue.Row{{Number: 1, Cells: []catalogue.Cell{none, none, number("1")}}}},
	} {
		got, err := Read(t.Context(), kept(t, packedParts(t, parts(c.rows, texts, styles))))
		if err != nil || fmt.Sprintf("%+v", got.Rows) != fmt.Sprintf("%+v", c.want) {
			t.Errorf("%s: %+v, %v, want %+v", name, got.Rows, err, c.want)
		}
	}
}

// Strict files (ISO/IEC 29500) have namespaces of their own.
func TestStrict(t *testing.T) {
	all := parts(`<row><c t="s"><v>0</v></c></row>`, `<si><t>x</t></si>`, "")
	for name, text := range all {
		text = strings.ReplaceAll(text, related, "http://purl.oclc.org/ooxml/officeDocument/relationships")
		all[name] = strings.ReplaceAll(text, "http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://purl.oclc.org/ooxml/spreadsheetml/main")
	}
	got, err := Read(t.Context(), kept(t, packedParts(t, all)))
	if err != nil || got.Sheet != "Sheet1" || len(got.Rows) != 1 || got.Rows[0].Cells[0].Text != "x" {
		t.Errorf("%+v, %v", got, err)
	}
}

// What a workbook cannot be is refused as damaged, never guessed at: no row of it
// is taken.
func TestDamagedBooks(t *testing.T) {
	sound := `<row><c><v>1</v></c></row>`
	for name, change := range map[string]func(all map[string]string){
		"rows back":       func(all map[string]string) { all["xl/worksheets/sheet1.xml"] = sheetOf(`<row r="3"/><row r="2"/>`) },
		"row of letters":  func(all map[string]string) { all["xl/worksheets/sheet1.xml"] = sheetOf(`<row r="x"/>`) },
		"row too far":     func(all map[string]string) { all["xl/worksheets/sheet1.xml"] = sheetOf(`<row r="1048577"/>`) },
		"cell of a digit": func(all map[string]string) { all["xl/worksheets/sheet1.xml"] = sheetOf(`<row><c r="1"/></row>`) },
		"cell of letters": func(all map[string]string) { all["xl/worksheets/sheet1.xml"] = sheetOf(`<row><c r="A"/></row>`) },
		"cell too far":    func(all map[string]string) { all["xl/worksheets/sheet1.xml"] = sheetOf(`<row><c r="XFE1"/></row>`) },
		"cell much too far": func(all map[string]string) {
			all["xl/worksheets/sheet1.xml"] = sheetOf(`<row><c r="AAAAAAAAAAAAAAAA1"/></row>`)
		},
		"another letter": func(all map[string]string) { all["xl/worksheets/sheet1.xml"] = sheetOf(`<row><c r="Ā1"/></row>`) },
		"cut": func(all map[string]string) {
			s := all["xl/worksheets/sheet1.xml"]
			all["xl/worksheets/sheet1.xml"] = s[:len(s)-30]
		},
		"an entity": func(all map[string]string) {
			all["xl/worksheets/sheet1.xml"] = `<!DOCTYPE x [<!ENTITY a "b">]>` + sheetOf(`<row><c><v>&a;</v></c></row>`)
		},
		"no sheet":           func(all map[string]string) { delete(all, "xl/worksheets/sheet1.xml") },
		"no texts":           func(all map[string]string) { delete(all, "xl/texts.xml") },
		"no relations":       func(all map[string]string) { delete(all, "xl/_rels/workbook.xml.rels") },
		"broken texts":       func(all map[string]string) { all["xl/texts.xml"] = "<sst><si>" },
		"broken styles":      func(all map[string]string) { all["xl/styles.xml"] = "<styleSheet><cellXfs>" },
		"a book of no sheet": func(all map[string]string) { all[partOfBook] = `<workbook/>` },
		"sheets elsewhere":   func(all map[string]string) { all[partOfBook] = strings.Replace(all[partOfBook], `"r1"`, `"r9"`, 1) },
		"out of the book": func(all map[string]string) {
			all["xl/_rels/workbook.xml.rels"] = strings.ReplaceAll(all["xl/_rels/workbook.xml.rels"], "worksheets/", "../../worksheets/")
		},
	} {
		all := parts(sound, "", "")
		change(all)
		got, err := Read(t.Context(), kept(t, packedParts(t, all)))
		var r *jail.Refusal
		if !errors.As(err, &r) || r.Code != CodeDamaged || len(got.Rows) > 0 {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	bytes := packedParts(t, parts(strings.Repeat(sound, 100), "", ""))
	if _, err := Read(t.Context(), kept(t, bytes)); err != nil {
		t.Error(err)
	}
}

func sheetOf(rows string) string {
	return `<worksheet ` + inMain + `><sheetData>` + rows + `</sheetData></worksheet>`
}

// FuzzBook: whatever the sheet and its texts are, the reader ends, with rows in
// their order or a word.
func FuzzBook(f *testing.F) {
	f.Add(`<row r="2"><c r="B2" t="s"><v>0</v></c><c><f/><v>1</v></c></row>`, `<si><r><t>a</t></r><rPh><t>b</t></rPh></si>`)
	f.Add(`<row><c t="inlineStr"><is><t>_x000D_</t></is></c></row><row/>`, `<si/>`)
	f.Fuzz(func(t *testing.T, rows, texts string) {
		path := filepath.Join(t.TempDir(), "x")
		if err := os.WriteFile(path, packedParts(t, parts(rows, texts, "")), 0o600); err != nil {
			t.Fatal(err)
		}
		file, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		var out bytes.Buffer
		if err := readBook(file, &writer{enc: json.NewEncoder(&out)}); err != nil {
			var r *jail.Refusal
			if !errors.As(err, &r) {
				t.Fatal(err)
			}
			return
		}
		table, err := parse(&out)
		if err != nil {
			t.Fatal(err)
		}
		last := 0
		for _, r := range table.Rows {
			if r.Number <= last || len(r.Cells) > mostCells {
				t.Fatal(r)
			}
			last = r.Number
		}
	})
}

// FuzzText: a text comes back as it was written.
func FuzzText(f *testing.F) {
	for _, s := range odd {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got := unescaped(escaped(s)); got != s {
			t.Errorf("%q came back as %q", s, got)
		}
	})
}
