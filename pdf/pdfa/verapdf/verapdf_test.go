package verapdf

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"sohoa/jail"
)

func TestMain(m *testing.M) {
	// Under the race detector children are the program built without it.
	os.Setenv("SOHOA_JAIL_CHILD", os.Getenv("SOHOA_TEST_CHILD"))
	jail.Main(nil)
	os.Exit(m.Run())
}

func TestReadsVerdicts(t *testing.T) {
	all := Read("PASS /a/one file.pdf 2u\nFAIL /a/two.pdf 2b\n  FAIL 6.6.4-3\n  FAIL 6.2.4.3-2\n  FAIL 6.6.4-3\n  other words\nPASS /a/three.pdf 2a\n")
	two := all["/a/two.pdf"]
	if len(all) != 3 || !all["/a/one file.pdf"].Pass || all["/a/three.pdf"].Flavour != "2a" ||
		two.Pass || !slices.Equal(two.Broken, []string{"6.2.4.3-2", "6.6.4-3"}) {
		t.Errorf("%+v", all)
	}
}

// program writes a shell script that answers for veraPDF, for the ways in which
// a judge can fail; the judge itself is asked in package conformance.
func program(t *testing.T, does string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "verapdf")
	script := "#!/bin/sh\n[ \"$1\" = --version ] && { echo veraPDF 0; exit; }\n" + does + "\n"
	if err := os.WriteFile(path, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestJudgeThatIsNotThere(t *testing.T) {
	for _, command := range []string{"/nonexistent/verapdf", "no-such-verapdf", "/bin/true", "/bin/false"} {
		if _, err := Find(t.Context(), command); !errors.Is(err, ErrMissing) {
			t.Errorf("%s: %v", command, err)
		}
	}
}

func TestJudgeThatSaysNothing(t *testing.T) {
	file := filepath.Join(t.TempDir(), "f.pdf")
	for does, want := range map[string]error{
		"exit 0":                               ErrSilent,
		"exit 9":                               jail.ErrCrash,
		"exec sleep 20":                        jail.ErrTime,
		"echo PASS /another.pdf 2u":            ErrSilent,
		"echo \"PASS $6\"":                     ErrSilent, // no flavour
		"echo \"FAIL $6 2u\"; echo; exec kill": nil,       // it said enough
	} {
		j, err := Find(t.Context(), program(t, does))
		if err != nil {
			t.Fatal(err)
		}
		j.limits.Wall = 2 * time.Second
		if _, err := j.File(t.Context(), file); !errors.Is(err, want) || want == nil && err != nil {
			t.Errorf("%s: %v, want %v", does, err, want)
		}
	}
}

func TestNothingButPDFA2IsHeld(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "f.pdf"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for says, good := range map[string]bool{"PASS $6 2u": true, "PASS $6 2a": true, "PASS $6 1b": false, "FAIL $6 2u": false} {
		j, err := Find(t.Context(), program(t, "echo \""+says+"\""))
		if err != nil {
			t.Fatal(err)
		}
		var no *Refused
		if err := j.Held(t.Context(), f); good && err != nil || !good && !errors.As(err, &no) {
			t.Errorf("%s: %v", says, err)
		}
	}
}
