//go:build conformance

package conformance

import (
	"bytes"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"sohoa/pdf/graft/grafttest"
	"sohoa/pdf/inspect"
	"sohoa/pdf/pdfa"
	"sohoa/scan"
)

// TestKeptPagesForVeraPDF has every kind of page that is kept as it came judged
// as PDF/A-2u, and the same page spoilt in every way: what our check lets pass
// veraPDF must let pass too, and what veraPDF finds our check must find.
func TestKeptPagesForVeraPDF(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var good, bad []string
	for _, c := range grafttest.Cases(t) {
		path := filepath.Join(dir, "in.pdf")
		put(t, dir, "in.pdf", c.PDF)
		f, err := inspect.Open(path, scan.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		p, err := f.Page(0)
		if err != nil {
			t.Fatal(err)
		}
		if p.Graft == nil {
			continue
		}
		width, height := float64(p.Width)*72/p.DPIX, float64(p.Height)*72/p.DPIY
		if p.Unmapped {
			onlyLevelB(t, p.Graft, width, height)
			continue
		}
		file, err := keptFile(p.Graft, width, height, pdfa.Level2U)
		if err != nil {
			t.Errorf("%s: %v", c.Name, err)
		}
		name := fmt.Sprintf("good-%s.pdf", strings.ReplaceAll(c.Name, " ", "-"))
		put(t, dir, name, file)
		good = append(good, filepath.Join(dir, name))
		if c.Name != grafttest.Everything {
			continue
		}
		for _, s := range grafttest.Spoil(t, p.Graft) {
			file, err := keptFile(s.Graft, width, height, pdfa.Level2U)
			var found pdfa.Findings
			if !errors.As(err, &found) {
				t.Errorf("%s: our check says %v", s.Name, err)
			}
			name := fmt.Sprintf("bad-%s.pdf", strings.ReplaceAll(s.Name, " ", "-"))
			put(t, dir, name, file)
			bad = append(bad, filepath.Join(dir, name))
		}
	}
	out, _ := exec.Command("./verapdf.sh", append(good, bad...)...).CombinedOutput() // its verdict is in what it says
	said := string(out)
	if len(good) < 20 || strings.Count(said, "PASS "+filepath.Join(dir, "good-")) != len(good) {
		t.Errorf("of %d files with kept pages not all pass:\n%s", len(good), said)
	}
	t.Logf("%d kept pages pass; of %d spoilt ones our check finds all, veraPDF %d", len(good), len(bad),
		len(bad)-strings.Count(said, "PASS "+filepath.Join(dir, "bad-")))
	for _, line := range strings.Split(said, "\n") {
		if strings.HasPrefix(line, "PASS "+filepath.Join(dir, "bad-")) {
			t.Logf("stricter than veraPDF: %s", filepath.Base(line))
		}
	}
}

// onlyLevelB wants a page to be a PDF/A-2b for veraPDF and for us, and a 2u for
// neither.
func onlyLevelB(t *testing.T, graft []byte, width, height float64) {
	t.Helper()
	dir := t.TempDir()
	for _, level := range []pdfa.Level{pdfa.Level2B, pdfa.Level2U} {
		file, ours := keptFile(graft, width, height, level)
		put(t, dir, "page.pdf", file)
		out, theirs := exec.Command("./verapdf.sh", "-f", string(level), filepath.Join(dir, "page.pdf")).CombinedOutput()
		if good := level == pdfa.Level2B; (ours == nil) != good || (theirs == nil) != good {
			t.Errorf("as %s: %v; veraPDF: %s", level, ours, out)
		}
	}
}

// keptFile writes a kept page as a file and returns what our check says of it.
func keptFile(graft []byte, width, height float64, level pdfa.Level) ([]byte, error) {
	var b bytes.Buffer
	w := pdfa.New(&b, pdfa.Meta{Title: "Trang giữ nguyên", Level: level})
	if err := errors.Join(w.Add(pdfa.Page{Graft: graft, Width: width, Height: height}), w.Close()); err != nil {
		return nil, err
	}
	return b.Bytes(), pdfa.Check(bytes.NewReader(b.Bytes()), int64(b.Len()), w.Contents()...)
}
