package workers

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

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
