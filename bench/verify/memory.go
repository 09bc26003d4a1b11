package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// peak runs a command to its end and returns the most memory that it and its
// children had together, looked at every few milliseconds: of pages that several
// processes share, each counts its part (Pss of smaps_rollup).
func peak(cmd *exec.Cmd) (most int64, err error) {
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	done := make(chan struct{})
	go func() {
		_ = cmd.Wait() // the exit code is a verdict
		close(done)
	}()
	for {
		select {
		case <-done:
			if most == 0 {
				return 0, fmt.Errorf("%s ended unseen", cmd.Path)
			}
			return most, nil
		case <-time.After(3 * time.Millisecond):
			most = max(most, family(cmd.Process.Pid, nil, 0))
		}
	}
}

// family sums the memory of a process and of those below it. One that still has
// its parent's command line has its parent's memory too: it is about to become
// another.
func family(pid int, parent []byte, depth int) (sum int64) {
	dir := filepath.Join("/proc", strconv.Itoa(pid))
	line, _ := os.ReadFile(filepath.Join(dir, "cmdline"))
	if depth > 3 || bytes.Equal(line, parent) {
		return 0
	}
	b, _ := os.ReadFile(filepath.Join(dir, "smaps_rollup")) // gone: nothing
	for line := range bytes.Lines(b) {
		if f := strings.Fields(string(line)); len(f) == 3 && f[0] == "Pss:" {
			kb, _ := strconv.ParseInt(f[1], 10, 64)
			sum = kb << 10
		}
	}
	lists, _ := filepath.Glob(filepath.Join(dir, "task", "*", "children"))
	for _, l := range lists {
		b, _ := os.ReadFile(l)
		for _, f := range strings.Fields(string(b)) {
			if kid, err := strconv.Atoi(f); err == nil {
				sum += family(kid, line, depth+1)
			}
		}
	}
	return sum
}
