package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sohoa/ocr"
	"sohoa/pdf/graft/grafttest"
	"sohoa/scan"
	"sohoa/specimen"
)

// TestProcessMixed has a scan, a page of text that can be kept and one that has
// to be drawn in one file: each comes out by its own way, with the reason.
func TestProcessMixed(t *testing.T) {
	jpeg, _ := scanned(t, specimen.JPEG, specimen.About{}, specimen.Decision)
	dir := t.TempDir()
	files := map[string]string{}
	for _, c := range grafttest.Cases(t) {
		files[c.Name] = filepath.Join(dir, c.Name+".pdf")
		if err := os.WriteFile(files[c.Name], c.PDF, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	mixed, out := filepath.Join(dir, "mixed.pdf"), filepath.Join(dir, "out.pdf")
	tool(t, "qpdf", "--empty", "--pages", files["transparent"], files["colours of a press"], files["turned by 90"], "--", mixed)
	code, stdout, message := sohoa(t, "process", jpeg, mixed, "-o", out, "--json")
	if code != exitDone {
		t.Fatalf("exit %d: %s", code, message)
	}
	var done processed
	if err := json.Unmarshal([]byte(stdout), &done); err != nil || len(done.Pages) != 4 {
		t.Fatalf("%d pages, %v", len(done.Pages), err)
	}
	if p := done.Pages[0]; p.Kept || p.Why != "" || p.Old != "" || p.Engine == ocr.EngineTold {
		t.Errorf("the scan: %+v", p)
	}
	for i, kept := range []bool{true, false, true} {
		p := done.Pages[i+1]
		if p.Kept != kept || p.Old != scan.Keep || p.Engine != ocr.EngineTold || p.WhyVI == "" || p.WhyEN == "" || p.Confidence != 100 || (p.Note == "") != kept {
			t.Errorf("page %d: %+v", i+2, p)
		}
		n := string(rune('2' + i))
		said := strings.Join(strings.Fields(tool(t, "pdftotext", "-f", n, "-l", n, out, "-")), " ")
		if said != grafttest.Text {
			t.Errorf("page %d says %s", i+2, said)
		}
	}
	if fonts := tool(t, "pdffonts", "-f", "2", "-l", "2", out); !strings.Contains(fonts, "Tinos") {
		t.Errorf("the kept page has lost its font:\n%s", fonts)
	}
	if got := tool(t, "qpdf", "--check", out); !strings.Contains(got, "No syntax or stream encoding errors") {
		t.Errorf("qpdf: %s", got)
	}
	for name, level := range map[string]string{"plain": "2u", grafttest.Unmapped: "2b"} {
		code, stdout, _ = sohoa(t, "process", files[name], "-o", out, "--level", "2a")
		if code != exitDone || !strings.Contains(stdout, "PDF/A-"+level+",") || !strings.Contains(stdout, "claims level "+level) {
			t.Errorf("%s at level 2a: exit %d: %s", name, code, stdout)
		}
	}
	code, stdout, _ = sohoa(t, "process", files["plain"], "-o", out)
	if code != exitDone || !strings.Contains(stdout, "born-digital") {
		t.Errorf("exit %d: %s", code, stdout)
	}
}
