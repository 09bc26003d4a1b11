package workers

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sohoa/dossier"
	"sohoa/ocr"
	"sohoa/pdf/pdfa"
	"sohoa/scan"
)

func TestClaim(t *testing.T) {
	scanned, kept, unmapped := ocr.Page{}, ocr.Page{Kept: true}, ocr.Page{Kept: true, Unmapped: true}
	for _, c := range []struct {
		want  pdfa.Level
		pages []ocr.Page
		gives pdfa.Level
		page  int
	}{
		{"", []ocr.Page{scanned}, pdfa.Level2U, 0},
		{pdfa.Level2B, []ocr.Page{scanned}, pdfa.Level2B, 0},
		{pdfa.Level2A, []ocr.Page{scanned, scanned}, pdfa.Level2A, 0},
		{pdfa.Level2A, []ocr.Page{scanned, kept}, pdfa.Level2U, 2},
		{pdfa.Level2B, []ocr.Page{unmapped}, pdfa.Level2B, 0},
		{pdfa.Level2A, []ocr.Page{unmapped, scanned}, pdfa.Level2B, 1},
		{"", []ocr.Page{kept, unmapped}, pdfa.Level2B, 2},
	} {
		if got, n := Claim(c.want, c.pages); got != c.gives || n != c.page {
			t.Errorf("%q of %+v is %q by page %d, want %q by %d", c.want, c.pages, got, n, c.gives, c.page)
		}
	}
	if _, err := pdfa.ParseLevel(dossier.PolicyAt(dossier.Document{}.Received).Level); err != nil {
		t.Errorf("the first policy: %v", err)
	}
}

// What was read as a table is written as one, and what no word says is said of
// the image.
func TestStructureIsThatOfTheReading(t *testing.T) {
	image := scan.Page{Encoding: scan.Flate, Width: 8, Height: 8, Components: 1, Bits: 1, DPIX: 10, DPIY: 10, Data: []byte("x\x9cc`\x80\x00\x00\x00\x08\x00\x01")}
	line := func(text string, x, par, col int) ocr.Line {
		b := ocr.Box{X0: x, Y0: 1, X1: x + 2, Y1: 3}
		return ocr.Line{Box: b, Par: par, Words: []ocr.Word{{Text: text, Box: b}}, Baseline: [2]float64{3, 3}, Kind: ocr.Table,
			Cell: &ocr.Cell{Table: 1, Col: col, RowSpan: 1, ColSpan: 1}}
	}
	read := ocr.Page{Width: 8, Height: 8, DPIX: 10, DPIY: 10, Lines: []ocr.Line{line("a", 1, 1, 0), line("b", 5, 2, 2)}, Handwriting: []ocr.Box{{X1: 1, Y1: 1}}}
	f, err := os.Create(filepath.Join(t.TempDir(), "a.pdf"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	pages := func(yield func(scan.Page, error) bool) { yield(image, nil) }
	if err := WritePDFA(t.Context(), f, pdfa.Meta{Title: "x", Level: pdfa.Level2A}, pages, []ocr.Page{read}); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(f.Name())
	if err != nil {
		t.Fatal(err)
	}
	for what, n := range map[string]int{"/S/Table/": 1, "/S/TR/": 1, "/S/TD/": 3, "/S/P/": 0, "/S/Figure/": 1} {
		if got := bytes.Count(b, []byte(what)); got != n {
			t.Errorf("%d %s, want %d", got, what, n)
		}
	}
	for _, c := range []struct {
		page ocr.Page
		has  []string
	}{
		{read, []string{"trang 7", "chữ máy đọc được", "nét bút"}},
		{ocr.Page{Blank: true}, []string{"trang 7", "không có gì để đọc"}},
		{ocr.Page{Codes: []ocr.Code{{}}}, []string{"không đọc được chữ nào", "mã QR"}},
	} {
		for _, want := range c.has {
			if got := pictured(c.page, 7, "vi-VN"); !strings.Contains(got, want) {
				t.Errorf("no %q in %q", want, got)
			}
		}
	}
	if got := pictured(read, 7, "en"); !strings.HasPrefix(got, "Scan of page 7;") {
		t.Errorf("in English: %q", got)
	}
}
