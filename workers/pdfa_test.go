package workers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"sohoa/jail"
	"sohoa/ocr"
	"sohoa/pdf/pdfa"
	"sohoa/scan"
)

// A file names every engine that read one of its pages, with data and settings,
// in its XMP; and is the same again.
func TestFileNamesItsReader(t *testing.T) {
	page := scan.Page{Encoding: scan.Flate, Width: 8, Height: 8, Components: 1, Bits: 1, DPIX: 10, DPIY: 10, Data: []byte("x\x9cc`\x80\x00\x00\x00\x08\x00\x01")}
	read := ocr.Page{Width: 8, Height: 8, DPIX: 10, DPIY: 10, Engine: "tesseract 5.3.0", Data: "vie sha256:00ff", Settings: "user_defined_dpi=200"}
	other := read
	other.Settings = "user_defined_dpi=150"
	want := "Sohoa; tesseract 5.3.0, vie sha256:00ff, user_defined_dpi=200; tesseract 5.3.0, vie sha256:00ff, user_defined_dpi=150"
	if got := producer([]ocr.Page{read, other, read, {}}); got != want {
		t.Errorf("producer = %q", got)
	}
	if got := producer(nil); got != "Sohoa" {
		t.Errorf("nobody read, producer = %q", got)
	}
	write := func() []byte {
		f, err := os.Create(filepath.Join(t.TempDir(), "a.pdf"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		pages := func(yield func(scan.Page, error) bool) {
			_ = yield(page, nil) && yield(page, nil)
		}
		if err := WritePDFA(t.Context(), f, pdfa.Meta{Title: "x"}, pages, []ocr.Page{read, other}); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(f.Name())
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	b := write()
	if !bytes.Contains(b, []byte("<pdf:Producer>"+want+"</pdf:Producer>")) {
		t.Error("the file does not name its reader") // that the dictionary says the same, our own check holds
	}
	if !bytes.Equal(b, write()) {
		t.Error("the same pages give another file")
	}
}

// A page that no PDF/A can hold is refused as the paper's, not as our fault; and
// what a second judge says ends the writing.
func TestPagesAndJudgesThatSayNo(t *testing.T) {
	page := scan.Page{Encoding: scan.Flate, Width: 8, Height: 8, Components: 1, Bits: 1, DPIX: 10, DPIY: 10, Data: []byte("x\x9cc`\x80\x00\x00\x00\x08\x00\x01")}
	pages := func(yield func(scan.Page, error) bool) { yield(page, nil) }
	write := func(dpi float64, second ...Second) error {
		f, err := os.Create(filepath.Join(t.TempDir(), "a.pdf"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		return WritePDFA(t.Context(), f, pdfa.Meta{}, pages, []ocr.Page{{Width: 8, Height: 8, DPIX: dpi, DPIY: dpi}}, second...)
	}
	var no *jail.Refusal
	if err := write(600); !errors.As(err, &no) || no.Code != CodeSides || no.Page != 1 {
		t.Errorf("a page of a point: %v", err)
	}
	asked := 0
	yes := func(_ context.Context, f *os.File) error { asked++; return nil }
	never := func(context.Context, *os.File) error { return fmt.Errorf("%w: never", ErrOwnCheck) }
	if err := write(10, nil, yes, never); !errors.Is(err, ErrOwnCheck) || asked != 1 {
		t.Errorf("asked %d: %v", asked, err)
	}
	if err := write(10, nil, yes); err != nil || asked != 2 {
		t.Errorf("asked %d: %v", asked, err)
	}
}
