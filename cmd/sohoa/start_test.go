package main

import (
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// Every child of package jail is a start of this program, and pays for whatever a
// room makes before main, needed or not. So tables and expressions are made when
// they are first asked for: no room of ours makes more than a little at the start.
func TestStartIsLight(t *testing.T) {
	const most = 150 // allocations of one room; a table of words or an expression of the longer ones takes more
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "help")
	cmd.Env = append(os.Environ(), asProgram+"=1", "GODEBUG=inittrace=1")
	var traced strings.Builder
	cmd.Stderr = &traced
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, m := range regexp.MustCompile(`init (\S+) @.* (\d+) allocs`).FindAllStringSubmatch(traced.String(), -1) {
		room, ours := strings.CutPrefix(m[1], "sohoa/")
		if !ours || strings.HasSuffix(room, "test") || room == "cmd/sohoa" { // what tests bring along
			continue
		}
		seen++
		if n, err := strconv.Atoi(m[2]); err != nil || n > most {
			t.Errorf("%s makes %s things before main, whoever starts", room, m[2])
		}
	}
	if seen < 10 {
		t.Errorf("only %d rooms seen:\n%s", seen, traced.String())
	}
}
