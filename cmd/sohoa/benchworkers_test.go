package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"testing"
)

// Two worker processes read a backlog on real engines, and their figures are within what all
// of it took.
func TestPostgresBenchWorkers(t *testing.T) {
	w := newTown(t)
	cmd := exec.Command(os.Args[0], "bench", "workers", "--workers", "2", "--pages", "4", "--each", "1", "--drawn", "1", "--dpi", "150", "--json")
	cmd.Env, cmd.Stderr = w.env, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var b workersBench
	if err := json.Unmarshal(out, &b); err != nil {
		t.Fatal(err)
	}
	reading := 0.0
	for _, took := range b.Reading {
		reading += took
	}
	if b.Pages != 4 || len(b.Memory) != 2 || b.Memory[0] <= 0 || b.Reading["engine"] <= 0 || b.Reading["engine"] >= reading || reading >= b.Working || b.Own <= 0 || b.Seconds <= 0 {
		t.Errorf("%s", out)
	}
}
