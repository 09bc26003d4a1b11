package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sohoa/ingest/sniff"
	"sohoa/scan"
	"sohoa/specimen"
)

// TestPages arranges a PDF and a scan on the command line, and takes what came
// of it through the door's eyes.
func TestPages(t *testing.T) {
	tif, _ := scanned(t, specimen.TIFFG4, specimen.About{}, specimen.Kinds()[0])
	jpg, _ := scanned(t, specimen.JPEG, specimen.About{}, specimen.Kinds()[0])
	dir := t.TempDir()
	colon := filepath.Join(dir, "a:1.jpg") // a name that looks like a selection
	b, err := os.ReadFile(jpg)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(colon, b, 0o600); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "out.pdf")
	code, printed, message := sohoa(t, "pages", tif+":last", jpg+":1r90", colon, "--json", "-o", out)
	if code != 0 {
		t.Fatalf("%d %s", code, message)
	}
	var done arranged
	if err := json.Unmarshal([]byte(printed), &done); err != nil || len(done.Inputs) != 3 || len(done.Output) != 1 || len(done.Output[0].Pages) != 3 {
		t.Fatalf("%v %s", err, printed)
	}
	if p := done.Output[0].Pages[1]; p.Turn != 90 || p.From != jpg || p.Width < p.Height {
		t.Errorf("page 2 is %+v", p)
	}
	var pages []scan.Page
	for p, err := range sniff.Split(t.Context(), out, scan.Limits{}) {
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, p)
	}
	if len(pages) != 3 || pages[0].Encoding != scan.G4 || pages[1].Turn != 1 || !bytes.Equal(pages[1].Data, pages[2].Data) || !bytes.Equal(pages[2].Data, b) {
		t.Error("the door does not find the scanner's bytes")
	}

	code, printed, message = sohoa(t, "pages", out+":3,1,2", "--split", "1", "-o", filepath.Join(dir, "part-%02d.pdf"))
	if code != 0 || !strings.Contains(printed, "part-01.pdf: 1 trang") || !strings.Contains(printed, "part-02.pdf: 2 trang") {
		t.Fatalf("split: %d %s %s", code, printed, message)
	}
	if code, _, message = sohoa(t, "pages", out, "--each", "-o", filepath.Join(dir, "each-%d.pdf")); code != 0 {
		t.Fatal(message)
	}
	if code, printed, _ = sohoa(t, "pages", out+":2-1", "--dry-run", "-o", filepath.Join(dir, "never.pdf")); code != 0 || !strings.Contains(printed, "sẽ ghi") {
		t.Errorf("dry run: %d %s", code, printed)
	}
	names, _ := filepath.Glob(filepath.Join(dir, "*"))
	for i := range names {
		names[i] = filepath.Base(names[i])
	}
	hidden, _ := filepath.Glob(filepath.Join(dir, ".*"))
	if want := []string{"a:1.jpg", "each-1.pdf", "each-2.pdf", "each-3.pdf", "out.pdf", "part-01.pdf", "part-02.pdf"}; !slices.Equal(names, want) || len(hidden) > 0 {
		t.Errorf("there are %v %v", names, hidden)
	}
}

// TestPagesRefuses says what is wrong and where, and leaves nothing.
func TestPagesRefuses(t *testing.T) {
	jpg, _ := scanned(t, specimen.JPEG, specimen.About{}, specimen.Kinds()[0])
	dir := t.TempDir()
	out := filepath.Join(dir, "out.pdf")
	bad := map[string]string{}
	for _, f := range specimen.Bad() {
		if f.Bytes != nil {
			bad[f.Name] = filepath.Join(dir, f.Name)
			if err := os.WriteFile(bad[f.Name], f.Bytes, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, row := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{jpg, "-o", ""}, 2, "sohoa pages"},
		{[]string{jpg + ":1,x", "-o", out}, 2, `item 2 "x"`},
		{[]string{jpg + ":1,x", "-o", out}, 2, "mục thứ 2 “x”"},
		{[]string{jpg + ":2", "-o", out}, 2, "the file has 1 pages"},
		{[]string{jpg, "--split", "1", "-o", filepath.Join(dir, "p%d.pdf")}, 2, "--split 1"},
		{[]string{jpg, "--each", "-o", out}, 2, "%d"},
		{[]string{jpg, "-o", filepath.Join(dir, "p%d.pdf")}, 2, "%d"},
		{[]string{jpg, "-o", jpg}, 2, "is a source"},
		{[]string{filepath.Join(dir, "nothing.pdf"), "-o", out}, 2, "there is no file"},
		{[]string{jpg, "-o", filepath.Join(dir, "nowhere", "out.pdf")}, 2, "cannot write"},
		{[]string{bad["cut.pdf"], "-o", out}, 3, "cut.pdf"},
		{[]string{jpg, bad["mat-khau.pdf"], "-o", out}, 4, "mật khẩu"},
		{[]string{bad["da-ky.pdf"] + ":1", "-o", out}, 5, "[signed]"},
		{[]string{bad["van-ban.pdf"], "-o", out}, 6, "text"},
	} {
		code, _, message := sohoa(t, append([]string{"pages"}, row.args...)...)
		if code != row.code || !strings.Contains(message, row.says) {
			t.Errorf("%v: %d %s; want %d and %q", row.args, code, message, row.code, row.says)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "out*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
