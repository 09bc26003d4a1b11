//go:build conformance

package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sohoa/pdf/pdfa/pdfatest"
	"sohoa/signing"
	"sohoa/signing/devca/devtest"
	"sohoa/signing/verify"
)

// A lastingFile is a file of a level, signed by officer and agency.
type lastingFile struct {
	name  string
	level signing.Level
}

// lasting signs files of some kinds that pdfa makes, by officer and agency as
// the house does, at the levels that last and one below, and renews one.
func lasting(t *testing.T) (dir string, files []lastingFile, o verify.Options) {
	t.Helper()
	dir = t.TempDir()
	desk := devtest.New(t, time.Now)
	officer := desk.Key(t, "officer", "Nguyễn Vĩnh Nghĩa", "UBND xã Vĩnh Thịnh")
	agency := desk.Key(t, "agency", "Ủy ban nhân dân xã Vĩnh Thịnh", "")
	plain := pdfatest.Files(t)
	sign := func(kind string, level signing.Level) []byte {
		once := desk.Sign(t, signing.Request{Profile: signing.CopyOfficer, Key: officer, Name: "Nguyễn Vĩnh Nghĩa"}, plain[kind])
		twice := desk.Sign(t, signing.Request{Profile: signing.CopyAgency, Level: level, Key: agency, Name: "Ủy ban nhân dân xã Vĩnh Thịnh"}, once)
		files = append(files, lastingFile{string(level) + "-" + kind, level})
		put(t, dir, string(level)+"-"+kind+".pdf", twice)
		return twice
	}
	sign("g4", signing.LevelT)
	sign("g4", signing.LevelLT)
	for _, kind := range []string{"crooked", "flate-rgb", "many", "g4"} {
		last := sign(kind, signing.LevelLTA)
		if kind != "g4" {
			continue
		}
		var again bytes.Buffer
		if err := desk.Sealer.Extend(t.Context(), signing.LevelLTA, bytes.NewReader(last), int64(len(last)), &again); err != nil {
			t.Fatal(err)
		}
		files = append(files, lastingFile{"B-LTA-renewed", signing.LevelLTA})
		put(t, dir, "B-LTA-renewed.pdf", again.Bytes())
	}
	put(t, dir, "root.pem", desk.CA.RootPEM())
	said(t, dir, "certutil", "-N", "-d", ".", "--empty-password")
	said(t, dir, "certutil", "-A", "-d", ".", "-n", "root", "-t", "CT,C,C", "-i", "root.pem")
	return dir, files, verify.Options{Roots: [][]byte{desk.CA.Root()}, At: time.Now()}
}

// at is when pyHanko is to look at a file: "now", or a year's 30 June.
type at struct{ name, when string }

// ades returns pyHanko's verdict on the signatures of files, each by two and now
// and as of 2036, in one word: the worst one, with whether a document time-stamp
// proves it.
func ades(t *testing.T, dir string, names ...string) map[at]string {
	t.Helper()
	return adesBy(t, dir, "root.pem", 2, []string{"now", "2036"}, names...)
}

// adesBy is ades by other roots, with commas between them, of so many signatures,
// at other times.
func adesBy(t *testing.T, dir, roots string, want int, times []string, names ...string) map[at]string {
	t.Helper()
	script, err := filepath.Abs("lasting.py")
	if err != nil {
		t.Fatal(err)
	}
	args := []string{script, roots, strings.Join(times, ",")}
	for _, name := range names {
		args = append(args, name+".pdf")
	}
	says := said(t, dir, pyHanko(t), args...)
	words, n := map[at]map[string]bool{}, map[at]int{}
	for _, line := range strings.Split(strings.TrimSpace(says), "\n") {
		var s struct {
			File, When, Verdict string
			Archived            bool
		}
		if !strings.HasPrefix(line, "{") || json.Unmarshal([]byte(line), &s) != nil {
			continue // a warning
		}
		word := s.Verdict
		if _, last, ok := strings.Cut(word, "."); ok {
			word = last
		}
		if s.Archived {
			word += "+"
		}
		k := at{strings.TrimSuffix(s.File, ".pdf"), s.When}
		if words[k] == nil {
			words[k] = map[string]bool{}
		}
		words[k][word] = true
		n[k]++
	}
	out := map[at]string{}
	for _, name := range names {
		for _, when := range times {
			k := at{name, when}
			if n[k] != want {
				t.Errorf("%s, %s: %d verdicts: %s", name, when, n[k], says)
			}
			out[k] = strings.Join(slices.Sorted(maps.Keys(words[k])), " ")
		}
	}
	return out
}

// TestLevelsJudged has everybody at hand judge files of the levels that last,
// with nothing but the root to go by, and prints what they say. pyHanko judges
// as of today, and as of 2036, when every certificate but the authorities' has
// ended.
func TestLevelsJudged(t *testing.T) {
	t.Parallel()
	dir, files, o := lasting(t)
	var names, paths []string
	for _, f := range files {
		names, paths = append(names, f.name), append(paths, filepath.Join(dir, f.name+".pdf"))
	}
	pdfa := said(t, ".", "./verapdf.sh", paths...)
	dss := europe(t, dir, paths)
	hanko := ades(t, dir, names...)
	t.Logf("%-22s %-28s %-22s %-22s %-7s %-6s %-7s %s", "file", "sohoa", "pyHanko now", "pyHanko 2036", "pdfsig", "qpdf", "veraPDF", "EU DSS")
	for _, f := range files {
		name := f.name
		r, err := verify.File(t.Context(), filepath.Join(dir, name+".pdf"), o)
		if err != nil {
			t.Fatal(err)
		}
		ours := fmt.Sprintf("%s %s", r.Signatures[0].Level, r.Verdict)
		now, later := hanko[at{name, "now"}], hanko[at{name, "2036"}]
		sig := said(t, dir, "pdfsig", "-nssdir", ".", "-no-ocsp", name+".pdf")
		valid := fmt.Sprintf("%d/%d", strings.Count(sig, "Certificate is Trusted."), strings.Count(sig, "Signature is Valid."))
		qpdf := strings.Contains(said(t, dir, "qpdf", "--check", name+".pdf"), "No syntax or stream encoding errors")
		vera := strings.Contains(pdfa, "PASS "+filepath.Join(dir, name+".pdf"))
		t.Logf("%-22s %-28s %-22s %-22s %-7s %-6v %-7v %s", name, ours, now, later, valid, qpdf, vera, dss[name])
		want := map[signing.Level][4]string{
			"B-T":   {"B-T INDETERMINATE", "", "", "PAdES-BASELINE-T"},
			"B-LT":  {"B-LT VALID", "NO_POE", "", "PAdES-BASELINE-LT TOTAL_PASSED"},
			"B-LTA": {"B-LTA VALID", "OK+", "OK+", "PAdES-BASELINE-LTA TOTAL_PASSED"},
		}[f.level]
		if ours != want[0] || want[1] != "" && now != want[1] || want[2] != "" && later != want[2] || want[1] == "" && strings.Contains(now, "OK") ||
			valid != "2/2" || !qpdf || !vera || !strings.HasPrefix(dss[name], want[3]) {
			t.Errorf("%s: want %q", name, want)
		}
	}
}

// europe returns what EU DSS says of each file: the format that all its
// signatures reach and the indication, or what it says of the one that differs.
func europe(t *testing.T, dir string, paths []string) map[string]string {
	t.Helper()
	out := map[string]string{}
	count := map[string]int{}
	for _, line := range strings.Split(said(t, ".", "dss/judge.sh", append([]string{filepath.Join(dir, "root.pem")}, paths...)...), "\n") {
		path, says, ok := strings.Cut(line, "\t")
		if !ok {
			continue
		}
		name := strings.TrimSuffix(filepath.Base(path), ".pdf")
		count[name]++
		if old, ok := out[name]; ok && old != says {
			says = old + " | " + says
		}
		out[name] = says
	}
	for _, path := range paths {
		if name := strings.TrimSuffix(filepath.Base(path), ".pdf"); count[name] != 2 {
			t.Errorf("%s: EU DSS sees %d signatures", name, count[name])
		}
	}
	return out
}
