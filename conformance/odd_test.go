//go:build conformance

package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"sohoa/bench/line"
	"sohoa/jail"
)

// The odd files of one run: the same seed gives the same files (see odd.py).
const (
	oddSeed  = "1"
	oddCount = "500"
)

// An oddFile is one of them, as odd.py lists it, and what became of it.
type oddFile struct {
	File, Kind, Name string
	Must             string   // take, refuse or either
	Pages            []string // pictures of what its pages should look like

	in, out string
	made    line.Made
	code    string // of the refusal; empty: there is a file
	faults  []string
}

func (f *oddFile) taken() bool { return f.code == "" }

// whole has every judge look at every file, and the tables in docs written anew
// (CONFORMANCE=all); else the slowest judges are asked about some of them.
var whole = os.Getenv("CONFORMANCE") == "all"

// TestOddFiles puts 500 odd PDFs and pictures through the line, all but the
// reading. Each is refused with a code and a reason, or becomes a file that
// every judge passes and that looks like what came; before it is signed, and
// after. The table of it is docs/judged-pdf.md.
func TestOddFiles(t *testing.T) {
	t.Parallel()
	files := oddFiles(t)
	through(t, files)
	var made []*oddFile
	refused := map[string]int{}
	for _, f := range files {
		switch {
		case f.taken():
			made = append(made, f)
		default:
			refused[f.code]++
		}
		if f.Must == "take" && !f.taken() || f.Must == "refuse" && f.taken() {
			t.Errorf("%s: should be %s, is %q", f.File, f.Must, f.code)
		}
	}
	if len(made) < 380 {
		t.Errorf("only %d of %d files are taken: %v", len(made), len(files), refused)
	}
	judges := []oddJudge{{"veraPDF", judgedByVeraPDF}, {"qpdf", judgedByQPDF}, {"poppler, look", judgedByPoppler},
		{"MuPDF", judgedByMuPDF}, {"pdf.js", judgedByPDFJS}, {"PDFium", judgedByPDFium}, {"Chromium", judgedByChromium}}
	table := newOddTable(files)
	for _, j := range judges {
		asked := made
		if j.name == "Chromium" { // it takes half a second of processor time a file
			asked = some(made, 12)
		}
		table.add(j.name, asked, j.judge(t, asked))
	}
	asked := some(made, 6)
	signed, faults := judgedSigned(t, asked)
	if len(signed) < len(asked)/2 {
		t.Errorf("only %d of %d files are signed", len(signed), len(asked))
	}
	table.add("signed twice: ours, veraPDF, qpdf, pdfsig", signed, faults)
	for _, f := range files {
		for _, fault := range f.faults {
			t.Errorf("%s: %s", f.File, fault)
		}
	}
	t.Logf("%d files: %d taken, refused %v", len(files), len(made), refused)
	if !whole {
		return
	}
	if err := os.WriteFile("../docs/judged-pdf.md", []byte(table.text()), 0o644); err != nil {
		t.Error(err)
	}
}

// oddFiles has them made.
func oddFiles(t *testing.T) (files []*oddFile) {
	t.Helper()
	dir := os.Getenv("SOHOA_ODD") // to look at them afterwards
	if dir == "" {
		dir = t.TempDir()
	}
	said(t, ".", "/usr/bin/python3", "odd.py", filepath.Join(dir, "in"), oddSeed, oddCount)
	b, err := os.ReadFile(filepath.Join(dir, "in", "odd.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &files); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "out"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		f.in = filepath.Join(dir, "in", f.File)
		f.out = filepath.Join(dir, "out", strings.TrimSuffix(f.File, filepath.Ext(f.File))+".pdf")
		for i, p := range f.Pages {
			f.Pages[i] = filepath.Join(dir, "in", p)
		}
	}
	return files
}

// eachOdd does something with every file, as many at once as there are cores.
func eachOdd(files []*oddFile, do func(f *oddFile)) {
	var g errgroup.Group
	g.SetLimit(runtime.NumCPU())
	for _, f := range files {
		g.Go(func() error { do(f); return nil })
	}
	_ = g.Wait() // none of them fails
}

// through takes all files through the line.
func through(t *testing.T, files []*oddFile) {
	t.Helper()
	eachOdd(files, func(f *oddFile) {
		var err error
		f.made, err = line.Write(context.WithoutCancel(t.Context()), f.in, f.out)
		var no *jail.Refusal
		switch {
		case errors.As(err, &no):
			if f.code = no.Code; no.Text == "" || no.Code == "" {
				f.faults = append(f.faults, "refused without a reason")
			}
		case err != nil:
			f.code = "our fault"
			f.faults = append(f.faults, err.Error())
		}
	})
}

// some returns one of n files; all if everything is judged.
func some[F any](files []F, n int) (some []F) {
	if whole {
		return files
	}
	for i := 0; i < len(files); i += n {
		some = append(some, files[i])
	}
	return some
}
