//go:build conformance

package conformance

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sohoa/pdf/pdfa/verapdf"
	"sohoa/signing/devca/devtest"
	"sohoa/signing/place"
	"sohoa/signing/verify"
)

// An oddJudge looks at all files that were made and returns the faults it finds,
// by file; none for a file means that it passes.
type oddJudge struct {
	name  string
	judge func(t *testing.T, files []*oddFile) map[*oddFile]string
}

func judgedByVeraPDF(t *testing.T, files []*oddFile) map[*oddFile]string {
	t.Helper()
	return veraPDFOf(t, files, func(f *oddFile) string { return f.out })
}

// veraPDFOf has all files judged in one run by the level that each claims, which
// must be one of PDF/A-2.
func veraPDFOf(t *testing.T, files []*oddFile, path func(*oddFile) string) map[*oddFile]string {
	t.Helper()
	judge, err := verapdf.Find(t.Context(), "./verapdf.sh")
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, f := range files {
		paths = append(paths, path(f))
	}
	all, err := judge.Files(t.Context(), verapdf.Claimed, paths...)
	if err != nil {
		t.Error(err)
	}
	faults := map[*oddFile]string{}
	for _, f := range files {
		if v := all[path(f)]; !v.Pass || !strings.HasPrefix(v.Flavour, "2") {
			faults[f] = fmt.Sprintf("as %q: %s", v.Flavour, strings.Join(v.Broken, " "))
		}
	}
	return faults
}

func judgedByQPDF(t *testing.T, files []*oddFile) map[*oddFile]string {
	return byTool(files, func(f *oddFile) string {
		says, err := exec.Command("qpdf", "--check", f.out).CombinedOutput()
		if err != nil || !bytes.Contains(says, []byte("No syntax or stream encoding errors")) {
			return string(says)
		}
		return ""
	})
}

// judgedByMuPDF has every page drawn, small.
func judgedByMuPDF(t *testing.T, files []*oddFile) map[*oddFile]string {
	return byTool(files, func(f *oddFile) string {
		says, err := exec.Command("mutool", "draw", "-q", "-F", "pgm", "-w", "100", "-h", "100", "-o", "/dev/null", f.out).CombinedOutput()
		says = bytes.ReplaceAll(says, []byte("warning: ICC support is not available\n"), nil) // of Debian's build: about itself
		if err != nil || len(bytes.TrimSpace(says)) > 0 {
			return fmt.Sprintf("%v %s", err, says)
		}
		return ""
	})
}

func byTool(files []*oddFile, judge func(f *oddFile) string) map[*oddFile]string {
	says := make(map[*oddFile]*string, len(files))
	for _, f := range files {
		says[f] = new(string)
	}
	eachOdd(files, func(f *oddFile) { *says[f] = judge(f) })
	faults := map[*oddFile]string{}
	for f, s := range says {
		if *s != "" {
			faults[f] = *s
		}
	}
	return faults
}

// lines has a program open all files of a list, and returns the lines it prints.
func lines(t *testing.T, files []*oddFile, name string, args ...string) []string {
	t.Helper()
	var list []string
	for _, f := range files {
		list = append(list, f.out)
	}
	path := filepath.Join(t.TempDir(), "list")
	if err := os.WriteFile(path, []byte(strings.Join(list, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, trouble bytes.Buffer
	cmd := exec.Command(name, append(args, path)...)
	cmd.Stdout, cmd.Stderr = &out, &trouble
	if err := cmd.Run(); err != nil {
		t.Errorf("%s: %v: %.500s", name, err, trouble.String())
	}
	return slices.Collect(strings.Lines(out.String()))
}

// byLines has a program open all files of a list; it prints a line of JSON for each.
func byLines(t *testing.T, files []*oddFile, name string, args ...string) map[*oddFile]string {
	t.Helper()
	type answer struct {
		File, Error string
		Pages       int
		Warnings    []string
	}
	said := map[string]answer{}
	for _, line := range lines(t, files, name, args...) {
		var a answer
		if err := json.Unmarshal([]byte(line), &a); err != nil {
			t.Errorf("%s: %v: %s", name, err, line)
		}
		said[a.File] = a
	}
	faults := map[*oddFile]string{}
	for _, f := range files {
		if a := said[f.out]; a.Error != "" || a.Pages != f.made.Pages || len(a.Warnings) > 0 {
			faults[f] = fmt.Sprintf("%d of %d pages: %s %q", a.Pages, f.made.Pages, a.Error, a.Warnings)
		}
	}
	return faults
}

// cached returns a directory of the cache in which a judge is, fetched once.
func cached(t *testing.T, name string, there string, fetch func(dir string)) string {
	t.Helper()
	fetching.Lock()
	defer fetching.Unlock()
	dir, err := filepath.Abs(filepath.Join("../.cache", name))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, there)); err != nil {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		fetch(dir)
	}
	return dir
}

// pdfJSDist returns a directory in which pdf.js is installed.
func pdfJSDist(t *testing.T) string {
	t.Helper()
	return cached(t, "pdfjs-4.7.76", "node_modules/pdfjs-dist/package.json", func(dir string) {
		said(t, dir, "npm", "install", "--no-audit", "--no-fund", "--silent", "--omit=optional", "--prefix", dir, "pdfjs-dist@4.7.76")
	})
}

func judgedByPDFJS(t *testing.T, files []*oddFile) map[*oddFile]string {
	t.Helper()
	return byLines(t, files, "node", "oddpdfjs.mjs", pdfJSDist(t))
}

// judgedByChromium has Chromium's viewer load every document.
func judgedByChromium(t *testing.T, files []*oddFile) map[*oddFile]string {
	t.Helper()
	state := map[string]string{}
	for _, line := range lines(t, files, "node", "oddchromium.mjs") {
		var a struct{ File, State string }
		if err := json.Unmarshal([]byte(line), &a); err != nil {
			t.Errorf("Chromium: %v: %s", err, line)
		}
		state[a.File] = a.State
	}
	faults := map[*oddFile]string{}
	for _, f := range files {
		if s := state[f.out]; s != "success" {
			faults[f] = fmt.Sprintf("the viewer says %q", s)
		}
	}
	return faults
}

func judgedByPDFium(t *testing.T, files []*oddFile) map[*oddFile]string {
	t.Helper()
	dir := cached(t, "pdfium", "bin/pip", func(dir string) {
		said(t, ".", "/usr/bin/python3", "-m", "venv", dir)
		said(t, ".", filepath.Join(dir, "bin", "pip"), "-q", "install", "pypdfium2==4.30.0")
	})
	return byLines(t, files, filepath.Join(dir, "bin", "python"), "oddpdfium.py")
}

// judgedByPoppler draws what came and what was made and compares: a PDF by
// poppler both times, a picture by its own decoder.
func judgedByPoppler(t *testing.T, files []*oddFile) map[*oddFile]string {
	dir := t.TempDir()
	return byTool(files, func(f *oddFile) string {
		got, err := drawnPages(dir, "out-"+f.File, f.out)
		if err != nil {
			return err.Error()
		}
		want := f.Pages
		if filepath.Ext(f.in) == ".pdf" {
			if want, err = drawnPages(dir, "in-"+f.File, f.in, "-cropbox"); err != nil {
				return ""
			}
		}
		if len(got) != f.made.Pages || len(want) != len(got) {
			return fmt.Sprintf("%d pages drawn of %d, %d came", len(got), f.made.Pages, len(want))
		}
		for i := range got {
			if why := unlike(want[i], got[i]); why != "" {
				return fmt.Sprintf("page %d: %s", i+1, why)
			}
		}
		return ""
	})
}

// drawnPages are pictures of all pages, 240 points on the longer side.
func drawnPages(dir, name, path string, more ...string) ([]string, error) {
	prefix := filepath.Join(dir, name)
	says, err := exec.Command("pdftoppm", append(more, "-q", "-scale-to", "240", path, prefix)...).CombinedOutput()
	if err != nil || len(says) > 0 {
		return nil, fmt.Errorf("pdftoppm: %v %s", err, says)
	}
	pages, err := filepath.Glob(strings.NewReplacer("[", "\\[").Replace(prefix) + "-*.ppm")
	slices.Sort(pages)
	return pages, err
}

// cells is how finely looks are compared: what a resampler does to edges is
// not seen in means over so much, what turns, mirrors, inverts or loses is.
const cells = 10

// unlike says how two pictures differ, or nothing.
func unlike(a, b string) string {
	wa, ha, ga, err := means(a)
	if err != nil {
		return err.Error()
	}
	wb, hb, gb, err := means(b)
	if err != nil {
		return err.Error()
	}
	if abs(wa-wb) > 2 || abs(ha-hb) > 2 {
		return fmt.Sprintf("%d × %d came out as %d × %d", wa, ha, wb, hb)
	}
	worst, sum := 0.0, 0.0
	for i := range ga {
		d := math.Abs(ga[i] - gb[i])
		worst, sum = max(worst, d), sum+d/float64(len(ga))
	}
	if worst > 40 || sum > 5 {
		return fmt.Sprintf("it looks other than it did: %.0f of 255 in a place, %.1f in the mean", worst, sum)
	}
	return ""
}

func abs(n int) int { return max(n, -n) }

// means reads a PGM or PPM and returns its size and its means of grey in a raster of cells.
func means(path string) (w, h int, all [cells * cells]float64, err error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return 0, 0, all, err
	}
	var depth byte
	var top int
	if _, err := fmt.Sscanf(string(b[:min(len(b), 40)]), "P%c\n%d %d\n%d", &depth, &w, &h, &top); err != nil {
		return 0, 0, all, fmt.Errorf("%s is no picture: %v", filepath.Base(path), err)
	}
	pix := map[byte]int{'5': 1, '6': 3}[depth]
	if pix == 0 || w*h == 0 || w*h*pix > len(b) {
		return 0, 0, all, fmt.Errorf("%s is no picture", filepath.Base(path))
	}
	b = b[len(b)-w*h*pix:]
	grey := func(i int) float64 {
		if pix == 1 {
			return float64(b[i])
		}
		return 0.299*float64(b[3*i]) + 0.587*float64(b[3*i+1]) + 0.114*float64(b[3*i+2])
	}
	for c := range all {
		x0, y0 := c%cells*w/cells, c/cells*h/cells
		x1, y1 := max(x0+1, (c%cells+1)*w/cells), max(y0+1, (c/cells+1)*h/cells)
		sum := 0.0
		for y := y0; y < y1; y++ {
			for x := x0; x < x1; x++ {
				sum += grey(y*w + x)
			}
		}
		all[c] = sum / float64((x1-x0)*(y1-y0))
	}
	return w, h, all, nil
}

// judgedSigned signs files twice, as the house does, and has them judged again.
func judgedSigned(t *testing.T, files []*oddFile) (signed []*oddFile, faults map[*oddFile]string) {
	t.Helper()
	dir := t.TempDir()
	desk := devtest.New(t, time.Now)
	desk.Sealer.Eyes = place.Poppler{Temp: dir}
	crls, err := desk.CA.CRLs()
	if err != nil {
		t.Fatal(err)
	}
	path := func(f *oddFile) string { return filepath.Join(dir, filepath.Base(f.out)) }
	faults = map[*oddFile]string{}
	for _, f := range files {
		b, err := os.ReadFile(f.out)
		if err != nil {
			t.Fatal(err)
		}
		twice, err := desk.TryTwice(t, b)
		var asks *place.Asks
		if errors.As(err, &asks) {
			continue // a page without room for two marks is a person's to sign
		}
		if err != nil {
			faults[f] = err.Error()
			continue
		}
		put(t, dir, filepath.Base(f.out), twice)
		r, err := verify.File(t.Context(), path(f), verify.Options{Roots: [][]byte{desk.CA.Root()}, CRLs: crls, At: time.Now()})
		signed = append(signed, f)
		if err != nil || r.Verdict != verify.Valid || len(r.Signatures) != 2 {
			faults[f] = fmt.Sprintf("our own: %v %+v", err, r)
		}
	}
	for f, fault := range veraPDFOf(t, signed, path) {
		faults[f] = "veraPDF: " + fault
	}
	for f, fault := range byTool(signed, func(f *oddFile) string {
		check, err1 := exec.Command("qpdf", "--check", path(f)).CombinedOutput()
		sig, err2 := exec.Command("pdfsig", "-nocert", path(f)).CombinedOutput()
		if err1 != nil || err2 != nil || strings.Count(string(sig), "Signature is Valid.") != 2 {
			return fmt.Sprintf("%v %v %s %s", err1, err2, check, sig)
		}
		return ""
	}) {
		faults[f] = fault
	}
	return signed, faults
}
