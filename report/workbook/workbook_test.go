package workbook

import (
	"bytes"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"sohoa/dossier"
	"sohoa/dossier/figures"
	"sohoa/dossier/figures/province"
	"sohoa/report/reporttest"
)

func book(t *testing.T) Book {
	t.Helper()
	p := figures.Month(2026, time.May)
	made, err := province.Make(3, province.Shape{Agencies: 6, Procedures: 8}, province.Published{Name: "x", Period: p, Dossiers: province.Share{Numerator: 412, Tenths: 954}, Results: province.Share{Numerator: 300, Tenths: 685}})
	if err != nil {
		t.Fatal(err)
	}
	in := figures.Input{Facts: made.Facts, Procedures: made.Procedures, Period: p}
	b := Of(in, map[dossier.AgencyCode]string{in.Facts[0].Receiving: `=HYPERLINK("http://x","bấm")`}, nil)
	b.Words = reporttest.Words
	return b
}

// Every number that was counted stands in the workbook as a number, and no text
// is a formula, whatever an agency is called.
func TestWorkbook(t *testing.T) {
	b := book(t)
	var file, again bytes.Buffer
	if err := Write(&file, b); err != nil {
		t.Fatal(err)
	}
	if err := Write(&again, b); err != nil || !bytes.Equal(file.Bytes(), again.Bytes()) {
		t.Errorf("the same book gave other bytes: %v", err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(file.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	cell := func(sheet, at string) (string, excelize.CellType) {
		v, err := f.GetCellValue(sheet, at, excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
		kind, err := f.GetCellType(sheet, at)
		if err != nil {
			t.Fatal(err)
		}
		return v, kind
	}
	for n, m := range b.All {
		row := strconv.Itoa(n + 5)
		for col, want := range map[string]int{"D": m.Rate.Numerator, "E": m.Rate.Denominator} {
			if v, kind := cell(sheetAll, col+row); m.Told() && (v != strconv.Itoa(want) || kind == excelize.CellTypeSharedString || kind == excelize.CellTypeInlineString) {
				t.Errorf("%s %s: %q of kind %d, want %d as a number", m.Indicator.Key, col, v, kind, want)
			} else if !m.Told() && v != "" {
				t.Errorf("%s is not told and stands as %q", m.Indicator.Key, v)
			}
		}
	}
	odd := false
	for n, a := range b.Agencies {
		row := strconv.Itoa(n + 5)
		if v, _ := cell(sheetAgencies, "B"+row); v != a.Name {
			t.Errorf("%q, want %q", v, a.Name)
		}
		if formula, err := f.GetCellFormula(sheetAgencies, "B"+row); formula != "" || err != nil {
			t.Errorf("the name of %s is a formula: %q, %v", a.Code, formula, err)
		}
		odd = odd || a.Name != ""
	}
	if sheets := f.GetSheetList(); len(sheets) != 3 || !odd || len(b.Agencies) != 6 {
		t.Errorf("sheets %v, %d agencies, odd name %v", sheets, len(b.Agencies), odd)
	}
}

// Beside every number stands what opens it, and what is counted from cells is what
// is counted from dossiers.
func TestWorkbookOpens(t *testing.T) {
	b := book(t)
	b.Opens = func(a dossier.AgencyCode, number string) string { return "opens " + string(a) + " " + number }
	var file bytes.Buffer
	if err := Write(&file, b); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(file.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	all, err := f.GetRows(sheetAll)
	if err != nil {
		t.Fatal(err)
	}
	for i, m := range b.All {
		row := all[i+4]
		if want := b.Opens("", m.Indicator.Key); m.Told() && row[len(row)-1] != want {
			t.Errorf("%s opens %q", m.Indicator.Key, row[len(row)-1])
		}
	}
	rows, err := f.GetRows(sheetAgencies)
	if err != nil {
		t.Fatal(err)
	}
	heads := rows[3]
	for i, a := range b.Agencies {
		row, numbers := rows[i+4], 0
		for j := 2; j < len(row); j++ {
			if _, err := strconv.ParseFloat(row[j], 64); err != nil {
				continue
			}
			numbers++
			at := j
			for at < len(heads)-1 && heads[at] != headOpens {
				at++
			}
			if at-j > 3 || at >= len(row) || !strings.HasPrefix(row[at], "opens "+string(a.Code)+" ") {
				t.Errorf("%s: %q of %s does not open", a.Code, row[j], heads[j])
			}
		}
		if numbers < 10 || row[2] != strconv.Itoa(a.Figures.Received) || row[3] != b.Opens(a.Code, "received") {
			t.Errorf("%s: %q", a.Code, row)
		}
	}
}

// Agencies of a month that is counted by cells have the numbers of its dossiers.
func TestWorkbookOfCells(t *testing.T) {
	p := figures.Month(2026, time.May)
	f := figures.Fact{Receiving: "H60.1", Received: p.From, Resolved: p.From.AddDate(0, 0, 1), ToDigitise: 1, Digitised: 1, Reused: 1}
	c := figures.Cell{Agency: "H60.1", Received: figures.MonthOf(p.From), Resolved: figures.MonthOf(p.From), Standing: f.Standing(), N: 7}
	b := Of(figures.Input{Cells: []figures.Cell{c}, Period: p}, nil, nil)
	if len(b.Agencies) != 1 || b.Agencies[0].Figures.Received != 7 || b.Agencies[0].Figures.Resolved != 7 || b.Agencies[0].Figures.Reused != 7 {
		t.Errorf("%+v", b.Agencies)
	}
}
