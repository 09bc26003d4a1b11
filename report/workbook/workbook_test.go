package workbook

import (
	"bytes"
	"strconv"
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
