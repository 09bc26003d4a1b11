//go:build conformance

package conformance

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sohoa/pdf/pdfa"
	"sohoa/pdf/pdfa/pdfatest"
)

// TestVeraPDFAgrees has every kind of file the writer makes judged as PDF/A-2u.
func TestVeraPDFAgrees(t *testing.T) {
	dir := t.TempDir()
	files := pdfatest.Files(t)
	args := []string{}
	for _, n := range slices.Sorted(maps.Keys(files)) {
		path := filepath.Join(dir, n+".pdf")
		if err := os.WriteFile(path, files[n], 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, path)
	}
	out, err := exec.Command("./verapdf.sh", args...).CombinedOutput()
	if err != nil {
		t.Errorf("veraPDF: %v", err)
	}
	t.Logf("%s", out)
	if n := strings.Count(string(out), "PASS "); n != len(files) {
		t.Errorf("%d of %d files pass", n, len(files))
	}
}

// TestVeraPDFCanSayNo makes sure that the judge is awake: without its claim in
// the metadata a file must fail.
func TestVeraPDFCanSayNo(t *testing.T) {
	b := pdfatest.Write(t, pdfa.Meta{}, pdfatest.Lay(pdfatest.G4(true)))
	path := filepath.Join(t.TempDir(), "spoilt.pdf")
	spoilt := strings.Replace(string(b), "<pdfaid:part>2<", "<pdfaid:part>9<", 1)
	if err := os.WriteFile(path, []byte(spoilt), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("./verapdf.sh", path).CombinedOutput(); err == nil {
		t.Errorf("a spoilt file passes: %s", out)
	}
}
