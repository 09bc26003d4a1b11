//go:build conformance

package conformance

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"sohoa/pdf/pdfa"
	"sohoa/pdf/pdfa/pdfatest"
	"sohoa/pdf/pdfa/verapdf"
	"sohoa/specimen"
)

// TestSecondJudge has veraPDF itself stand behind --judge, in its limited child.
func TestSecondJudge(t *testing.T) {
	judge, err := verapdf.Find(t.Context(), "./verapdf.sh")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	good := pdfatest.Write(t, pdfa.Meta{}, pdfatest.Lay(pdfatest.G4(true)))
	bad := strings.Replace(string(good), "/OutputIntents", "/OutputIntentz", 1)
	for name, file := range map[string]string{"good.pdf": string(good), "bad.pdf": bad} {
		put(t, dir, name, []byte(file))
		f, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		var no *verapdf.Refused
		if err := judge.Held(t.Context(), f); name == "good.pdf" && err != nil || name == "bad.pdf" && !errors.As(err, &no) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestProcessAsksTheSecondJudge runs the program: what veraPDF passes appears,
// what it does not pass ends with code 8 and nothing appears. There is no file
// of ours that it fails, so it is asked by the rules of PDF/A-1a.
func TestProcessAsksTheSecondJudge(t *testing.T) {
	dir := t.TempDir()
	press, err := specimen.NewPress()
	if err != nil {
		t.Fatal(err)
	}
	paper, err := press.Paper(specimen.Kinds()[0], 3, specimen.About{}).Only(0).File(specimen.TIFFG4, 150, specimen.Office(3), 3)
	if err != nil {
		t.Fatal(err)
	}
	put(t, dir, "in.tif", paper.Bytes)
	verapdfPath, err := filepath.Abs("verapdf.sh")
	if err != nil {
		t.Fatal(err)
	}
	strict := filepath.Join(dir, "strict")
	script := "#!/bin/sh\n[ \"$1\" = --version ] || set -- --format text -v -f 1a \"$6\"\nexec " + verapdfPath + " \"$@\"\n"
	if err := os.WriteFile(strict, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	for command, want := range map[string]int{verapdfPath: 0, strict: 8, filepath.Join(dir, "nothing"): 2} {
		out := filepath.Join(dir, "out.pdf")
		cmd := exec.Command("../bin/sohoa", "process", filepath.Join(dir, "in.tif"), "-o", out, "--judge", command)
		says, _ := cmd.CombinedOutput() // its exit code says it
		if got := cmd.ProcessState.ExitCode(); got != want {
			t.Errorf("%s: exit %d, not %d: %s", filepath.Base(command), got, want, says)
		}
		if _, err := os.Stat(out); (err == nil) != (want == 0) {
			t.Errorf("%s: output: %v", filepath.Base(command), err)
		}
		_ = os.Remove(out)
	}
}
