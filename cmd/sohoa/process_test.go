package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"sohoa/cmd/internal/wire"
	"sohoa/jail"
	"sohoa/specimen"
)

func TestMain(m *testing.M) {
	// Under the race detector children are the program built without it.
	os.Setenv("SOHOA_JAIL_CHILD", os.Getenv("SOHOA_TEST_CHILD"))
	jail.Main(wire.Children())
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

// asProgram makes this test binary the program itself, for tests that kill it.
const asProgram = "SOHOA_TEST_AS_PROGRAM"

// sohoa runs the program's run, and returns its exit code and what it printed.
func sohoa(t *testing.T, args ...string) (code int, stdout, message string) {
	t.Helper()
	var out, errs bytes.Buffer
	err := run(t.Context(), args, func(string) string { return "" }, &out, &errs)
	if err != nil {
		message = explain(err)
	}
	return exitCode(t.Context(), err), out.String(), message
}

func scanned(t *testing.T, format specimen.Format, about specimen.About, kind specimen.Kind) (path string, truth specimen.Truth) {
	t.Helper()
	press, err := specimen.NewPress()
	if err != nil {
		t.Fatal(err)
	}
	f, err := press.Paper(kind, 11, about).File(format, 200, specimen.Office(11), 11)
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), f.Name)
	if err := os.WriteFile(path, f.Bytes, 0o600); err != nil {
		t.Fatal(err)
	}
	return path, f.Truth
}

// tool runs an outside program that must succeed.
func tool(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return string(out)
}

// TestProcess takes a many-page TIFF and a JPEG through the line, and has the
// result opened by programs that are not ours.
func TestProcess(t *testing.T) {
	tiff, long := scanned(t, specimen.TIFFJPEG, specimen.About{Pages: 2}, specimen.Minutes)
	jpeg, short := scanned(t, specimen.JPEG, specimen.About{Number: "123/QĐ-UBND"}, specimen.Decision)
	dir := t.TempDir()
	out, text := filepath.Join(dir, "out.pdf"), filepath.Join(dir, "out.txt")
	hocr, alto := filepath.Join(dir, "out.hocr"), filepath.Join(dir, "out.xml")
	code, stdout, message := sohoa(t, "process", tiff, jpeg, "-o", out, "--text", text, "--hocr", hocr, "--alto", alto, "--json")
	if code != exitDone {
		t.Fatalf("exit %d: %s", code, message)
	}
	var done processed
	if err := json.Unmarshal([]byte(stdout), &done); err != nil {
		t.Fatal(err)
	}
	if len(done.Pages) != len(long.Pages)+1 || len(done.Inputs) != 2 {
		t.Errorf("%d pages of %d inputs", len(done.Pages), len(done.Inputs))
	}
	words := 0
	for _, p := range done.Pages {
		words += p.Words
	}
	for path, mark := range map[string]string{hocr: `class="ocrx_word"`, alto: "<String "} {
		if b, err := os.ReadFile(path); err != nil || strings.Count(string(b), mark) != words || words < 100 {
			t.Errorf("%s has %d words of %d, %v", filepath.Base(path), strings.Count(string(b), mark), words, err)
		}
		tool(t, "xmllint", "--nonet", "--noout", path)
	}
	if got := tool(t, "qpdf", "--check", out); !strings.Contains(got, "No syntax or stream encoding errors") {
		t.Errorf("qpdf: %s", got)
	}
	toldByPosition(t, out, filepath.Base(tiff), len(long.Pages))
	read := tool(t, "pdftotext", out, "-")
	for _, want := range []string{short.Number, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập"} {
		if !strings.Contains(strings.Join(strings.Fields(read), " "), want) {
			t.Errorf("%q is not to be found in the PDF", want)
		}
	}
	if missed := missing(strings.Join(append(long.Pages, short.Pages...), " "), read); missed > 0.08 {
		t.Errorf("%.1f %% of the words are missed", 100*missed)
	}
	// The scan's own bytes: the JPEG comes out as it went in.
	tool(t, "pdfimages", "-all", "-f", "3", out, filepath.Join(dir, "image"))
	images, _ := filepath.Glob(filepath.Join(dir, "image-*.jpg"))
	if want, _ := os.ReadFile(jpeg); len(images) != 1 || !same(t, images[0], want) {
		t.Errorf("the JPEG did not come through as it was: %v", images)
	}
	again := filepath.Join(dir, "again.pdf")
	if code, _, message := sohoa(t, "process", tiff, jpeg, "-o", again); code != exitDone {
		t.Fatalf("exit %d: %s", code, message)
	}
	if want, _ := os.ReadFile(out); !same(t, again, want) {
		t.Error("the same input gave other bytes")
	}
}

func same(t *testing.T, path string, want []byte) bool {
	t.Helper()
	got, err := os.ReadFile(path)
	return err == nil && bytes.Equal(got, want)
}

// missing is the share of the words of truth that read does not have.
func missing(truth, read string) float64 {
	have := map[string]int{}
	for _, w := range strings.Fields(read) {
		have[w]++
	}
	words := strings.Fields(truth)
	missed := 0
	for _, w := range words {
		if have[w]--; have[w] < 0 {
			missed++
		}
	}
	return float64(missed) / float64(len(words))
}

// TestBadInput holds every file that must be refused to its exit code, with a
// message that names the file and what to do, and nothing left of the output.
func TestBadInput(t *testing.T) {
	for _, bad := range specimen.Bad() {
		t.Run(bad.Name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, bad.Name)
			write(t, path, bad)
			code, _, message := sohoa(t, "process", path, "-o", filepath.Join(dir, "out.pdf"))
			if want := refusals[bad.WantCode]; code != want {
				t.Errorf("exit %d, want %d: %s", code, want, message)
			}
			if !strings.Contains(message, bad.Name) || !strings.Contains(message, "what to do") {
				t.Errorf("the message helps nobody: %s", message)
			}
			if left, _ := os.ReadDir(dir); len(left) != 1 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// write writes a bad file; one of gigabytes becomes a file with a hole.
func write(t *testing.T, path string, bad specimen.BadFile) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	head := io.LimitReader(bad.Reader(), 1<<20)
	if _, err := io.Copy(f, head); err != nil {
		t.Fatal(err)
	}
	if err := f.Truncate(bad.Size()); err != nil {
		t.Fatal(err)
	}
}

func TestUsage(t *testing.T) {
	for _, args := range [][]string{{}, {"dance"}, {"process"}, {"process", "x.pdf"}, {"process", "-o", "out.pdf"},
		{"process", "no-such-file.pdf", "-o", "out.pdf"}, {"process", ".", "-o", "out.pdf"}, {"process", "--blue", "x"},
		{"serve", "--blue"}, {"serve", "extra"}, {"demo"}, {"demo", "dance"}} {
		if code, _, message := sohoa(t, args...); code != exitUsage {
			t.Errorf("sohoa %v: exit %d: %s", args, code, message)
		}
	}
	if code, out, _ := sohoa(t, "help"); code != exitDone || !strings.Contains(out, "130 interrupted") {
		t.Errorf("help: exit %d", code)
	}
}

func TestInterrupted(t *testing.T) {
	path, _ := scanned(t, specimen.JPEG, specimen.About{}, specimen.Notice)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := run(ctx, []string{"process", path, "-o", filepath.Join(t.TempDir(), "out.pdf")}, os.Getenv, io.Discard, io.Discard)
	if code := exitCode(ctx, err); code != exitInterrupted {
		t.Errorf("exit %d: %v", code, err)
	}
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// toldByPosition wants two files in the outline by their place, and nothing in
// the output that tells what they are called.
func toldByPosition(t *testing.T, out, name string, first int) {
	t.Helper()
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	wide := func(s string) string { // as titles are written
		var hex strings.Builder
		for _, r := range s {
			fmt.Fprintf(&hex, "%04X", r)
		}
		return hex.String()
	}
	for _, want := range []string{"/PageMode/UseOutlines", "/Title<FEFF" + wide("Tệp 1"), "/Title<FEFF" + wide("Tệp 2"),
		fmt.Sprintf("/PageLabels<</Nums[0<</S/D/P(1.)>>%d<</S/D/P(2.)>>]>>", first)} {
		if !strings.Contains(string(b), want) {
			t.Errorf("no %s in the PDF", want)
		}
	}
	name = strings.TrimSuffix(name, filepath.Ext(name))
	if strings.Contains(string(b), name) || strings.Contains(string(b), wide(name)) || strings.Contains(string(b), "dc:title") {
		t.Errorf("the PDF tells that a file was called %s", name)
	}
}

// TestProcessLevels has the level and the title that are asked for stand in the
// file, and what cannot be a level refused.
func TestProcessLevels(t *testing.T) {
	path, _ := scanned(t, specimen.TIFFG4, specimen.About{}, specimen.Report)
	out := filepath.Join(t.TempDir(), "out.pdf")
	code, stdout, message := sohoa(t, "process", path, "-o", out, "--level", "2a", "--title", "Báo cáo quý I", "--json")
	if code != exitDone {
		t.Fatalf("exit %d: %s", code, message)
	}
	var done processed
	if err := json.Unmarshal([]byte(stdout), &done); err != nil {
		t.Fatal(err)
	}
	info := tool(t, "pdfinfo", "-struct", out)
	if got := tool(t, "pdfinfo", out); done.Level != "2a" || !strings.Contains(got, "Báo cáo quý I") || strings.Count(info, "TR\n") < 3 || !strings.Contains(info, "Figure") {
		t.Errorf("level %s: %s%s", done.Level, got, info)
	}
	if code, _, message := sohoa(t, "process", path, "-o", out, "--level", "3b"); code != exitUsage || !strings.Contains(message, "2a") {
		t.Errorf("level 3b: exit %d: %s", code, message)
	}
}
