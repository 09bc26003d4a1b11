package sniff

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"sohoa/pdf/finding"
	"sohoa/pdf/inspect"
	"sohoa/scan"
)

const within = "/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>/Names<</EmbeddedFiles<</Names[(a) 40 0 R]>>>>"

// busy is a PDF of one page with JavaScript and a file in it.
func busy(t *testing.T) []byte {
	t.Helper()
	b := book(1, within)
	at := bytes.LastIndex(b, []byte("\nxref\n")) + 1
	b = append(b[:at:at], "40 0 obj\n<</F(don.xml)/EF<</F 41 0 R>>>>\nendobj\n41 0 obj\n<</Length 6>>stream\n<?xml?\nendstream\nendobj\ntrailer\n<</Size 42/Root 1 0 R>>\nstartxref\n0\n%%EOF\n"...)
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in"), filepath.Join(dir, "out")
	if err := os.WriteFile(in, b, 0o600); err != nil {
		t.Fatal(err)
	}
	_ = exec.Command("qpdf", "--deterministic-id", in, out).Run() // it warns that it puts the table in order
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func codes(r Report) (all []finding.Code) {
	for _, f := range r.Findings {
		all = append(all, f.Code)
	}
	return all
}

// TestExamine has what a PDF has in it reported in words, an encrypted one
// opened with its password and a damaged one mended in the place given for
// that, and the files within come out.
func TestExamine(t *testing.T) {
	plain := keep(t, "plain", busy(t))
	locked := plain + "-locked"
	if said, err := exec.Command("qpdf", "--encrypt", "mật khẩu", "o", "256", "--", plain, locked).CombinedOutput(); err != nil {
		t.Fatalf("qpdf: %v: %s", err, said)
	}
	cut := keep(t, "cut", busy(t)[:bytes.LastIndex(busy(t), []byte("xref\n0"))])
	for _, row := range []struct {
		name, path, password, working string
		findings                      int
	}{
		{"plain", plain, "", "", 3},
		{"plain, with a password", plain, "x", "", 3},
		{"locked", locked, "mật khẩu", "decrypted", 4},
		{"cut", cut, "", "repaired", 4},
	} {
		work := keep(t, "work", nil)
		r, err := Examine(t.Context(), row.path, Options{Password: []byte(row.password), Work: work})
		if err != nil || r.Working != row.working || len(r.Findings) != row.findings || len(r.Beside) != 1 || r.Beside[0].Name != "don.xml" {
			t.Errorf("%s: %+v, %v", row.name, r, err)
			continue
		}
		for _, f := range r.Findings {
			if f.VI == "" || f.EN == "" || f.VI == f.EN {
				t.Errorf("%s: %+v has no words", row.name, f)
			}
		}
		path := work
		if r.Working == "" {
			path = row.path
		}
		n := 0
		for in, err := range Beside(t.Context(), path, scan.Limits{}) {
			if n++; err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(in)
			if sum := sha256.Sum256(b); err != nil || string(b) != "<?xml?" || hex.EncodeToString(sum[:]) != r.Beside[0].SHA256 {
				t.Errorf("%s: %q, %v", row.name, b, err)
			}
		}
		if n != 1 {
			t.Errorf("%s: %d files came out", row.name, n)
		}
		for _, err := range Split(t.Context(), path, scan.Limits{}) {
			if err != nil {
				t.Errorf("%s: Split = %v", row.name, err)
			}
		}
	}
	for name, password := range map[string]string{"none": "", "wrong": "mat khau"} {
		if _, err := Examine(t.Context(), locked, Options{Password: []byte(password), Work: keep(t, "work", nil)}); refusalOf(err).Code != inspect.CodeEncrypted {
			t.Errorf("%s: %v", name, err)
		}
	}
	alone(t)
}

// TestFalseReports has reports that no honest child makes.
func TestFalseReports(t *testing.T) {
	good := Report{Pages: 2, Findings: []finding.Finding{finding.New(finding.JavaScript, 1, 1)},
		Beside: []inspect.Embedded{{Name: "a.xml", SHA256: hex.EncodeToString(make([]byte, 32)), Media: "text/plain"}}}
	if err := good.check(Options{}); err != nil || good.Findings[0].EN != "JavaScript (1): removed" {
		t.Fatalf("%v, %+v", err, good.Findings)
	}
	for name, spoil := range map[string]func(*Report){
		"no pages":           func(r *Report) { r.Pages = 0 },
		"no such code":       func(r *Report) { r.Findings[0].Code = "<script>" },
		"a page too far":     func(r *Report) { r.Findings[0].Page = 3 },
		"nothing done":       func(r *Report) { r.Findings[0].Done = finding.Told },
		"none":               func(r *Report) { r.Findings[0].Count = 0 },
		"words of its own":   func(r *Report) { r.Findings[0].Detail = "Gọi 1900" },
		"a name that climbs": func(r *Report) { r.Beside[0].Name = "../x" },
		"a long name":        func(r *Report) { r.Beside[0].Name = string(bytes.Repeat([]byte("x"), 300)) },
		"no digest":          func(r *Report) { r.Beside[0].SHA256 = "x" },
		"a huge file":        func(r *Report) { r.Beside[0].Bytes = 1 << 40 },
		"not asked to mend":  func(r *Report) { r.Working = "repaired" },
		"another kind":       func(r *Report) { r.Beside[0].Media = "text/html\r\nX: y" },
	} {
		bad := good
		bad.Findings, bad.Beside = []finding.Finding{finding.New(finding.JavaScript, 1, 1)}, []inspect.Embedded{good.Beside[0]}
		spoil(&bad)
		if err := bad.check(Options{}); err == nil {
			t.Errorf("%s: it was believed", name)
		}
	}
}
