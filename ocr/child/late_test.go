package child

import (
	"debug/elf"
	"os"
	"strings"
	"testing"
)

// A program with this room does not load Tesseract and all that it brings at its
// start (see late.c): what gosseract calls is led on to the library once it is
// opened.
func TestTesseractComesLate(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	f, err := elf.Open(self)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	libraries, err := f.ImportedLibraries()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range libraries {
		if strings.Contains(l, "tesseract") {
			t.Errorf("%s is loaded at the start of every child", l)
		}
	}
	if err := openEngine(); err != nil {
		t.Fatal(err)
	}
	after, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(after), "libtesseract") {
		t.Error("Tesseract is not there")
	}
	if !plainLines() {
		t.Error("lines are packed")
	}
}
