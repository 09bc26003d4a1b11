//go:build conformance

package conformance

import (
	"bytes"
	"errors"
	"maps"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"sohoa/pdf/pdfa"
	"sohoa/pdf/pdfa/pdfatest"
	"sohoa/signing/devca/devtest"
	"sohoa/signing/verify"
)

// judgedAs has veraPDF judge files by a profile, and returns the clauses that each
// breaks, by the file's name.
func judgedAs(t *testing.T, profile, dir string, files map[string][]byte) map[string][]string {
	t.Helper()
	args := []string{"-f", profile}
	for _, n := range slices.Sorted(maps.Keys(files)) {
		name := strings.ReplaceAll(n, " ", "-") + ".pdf"
		put(t, dir, name, files[n])
		args = append(args, filepath.Join(dir, name))
	}
	out, _ := exec.Command("./verapdf.sh", args...).CombinedOutput() // its verdict is in what it says
	broken, last := map[string][]string{}, ""
	seen := 0
	for _, m := range regexp.MustCompile(`(?m)^(PASS|FAIL) (\S+) \S+$|^  FAIL (\S+)`).FindAllStringSubmatch(string(out), -1) {
		if m[3] != "" {
			broken[last] = append(broken[last], m[3])
			continue
		}
		seen++
		last = strings.TrimSuffix(filepath.Base(m[2]), ".pdf")
		if m[1] == "FAIL" {
			broken[last] = []string{}
		}
	}
	if seen != len(files) {
		t.Errorf("veraPDF judged %d of %d files:\n%s", seen, len(files), out)
	}
	return broken
}

// TestTaggedForVeraPDF has files with a structure judged at every level that
// holds for them, and as PDF/UA-1, which they do not claim: that they do not is
// all that is found.
func TestTaggedForVeraPDF(t *testing.T) {
	dir, files := t.TempDir(), pdfatest.Tagged(t)
	if broken := judgedAs(t, "2a", dir, files); len(broken) > 0 {
		t.Errorf("2a: %v", broken)
	}
	broken := judgedAs(t, "ua1", dir, files)
	for n := range files {
		if !slices.Equal(broken[n], []string{"5-1"}) {
			t.Errorf("PDF/UA-1, %s: %v", n, broken[n])
		}
	}
}

// TestSpoiltTagsForVeraPDF has the structure, outline and labels of a file broken
// in every way: our check finds all, whatever veraPDF lets pass.
func TestSpoiltTagsForVeraPDF(t *testing.T) {
	spoilt, want := pdfatest.SpoiltTags(t)
	files := map[string][]byte{}
	for _, s := range spoilt {
		err := pdfa.Check(bytes.NewReader(s.File), int64(len(s.File)), want...)
		var found pdfa.Findings
		if !errors.As(err, &found) {
			t.Errorf("%s: our check says %v", s.Name, err)
		}
		files[s.Name] = s.File
	}
	broken := judgedAs(t, "2a", t.TempDir(), files)
	t.Logf("of %d spoilt files our check finds all, veraPDF %d: %v", len(files), len(broken), broken)
	if len(broken) < 3 {
		t.Error("veraPDF is asleep")
	}
}

// TestSignedTagged signs files with a structure twice: they stay what veraPDF
// calls PDF/A-2a, and their signatures are good. As PDF/UA-1 they no longer are:
// the marks stand in no structure, which the first signature has closed. That is
// why the line writes level U.
func TestSignedTagged(t *testing.T) {
	t.Parallel()
	dir, files := t.TempDir(), map[string][]byte{}
	desk := devtest.New(t, time.Now)
	for name, b := range pdfatest.Tagged(t) {
		files[name] = desk.Twice(t, b)
		if !bytes.HasPrefix(files[name], b) {
			t.Errorf("%s: the original is no prefix", name)
		}
	}
	if broken := judgedAs(t, "2a", dir, files); len(broken) > 0 {
		t.Errorf("2a: %v", broken)
	}
	broken := judgedAs(t, "ua1", dir, files)
	t.Logf("as PDF/UA-1: %v", broken)
	for n := range files {
		if !slices.Contains(broken[n], "7.18.4-1") {
			t.Errorf("%s: the marks have got into the structure: claim more", n)
		}
	}
	crls, err := desk.CA.CRLs()
	if err != nil {
		t.Fatal(err)
	}
	o := verify.Options{Roots: [][]byte{desk.CA.Root()}, CRLs: crls, At: time.Now()}
	for n := range files {
		r, err := verify.File(t.Context(), filepath.Join(dir, n+".pdf"), o)
		if err != nil || r.Verdict != verify.Valid || len(r.Signatures) != 2 {
			t.Errorf("%s: %v, %+v", n, err, r)
		}
	}
}
