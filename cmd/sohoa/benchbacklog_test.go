package main

import (
	"encoding/json"
	"testing"
)

// A backlog is read to its end, and what it took is told: all of the parts are within
// the whole.
func TestBenchBacklog(t *testing.T) {
	code, out, said := sohoa(t, "bench", "backlog", "--pages", "2", "--each", "1", "--drawn", "1", "--dpi", "150", "--readers", "1", "--json")
	if code != 0 {
		t.Fatal(code, said)
	}
	var b backlogBench
	if err := json.Unmarshal([]byte(out), &b); err != nil {
		t.Fatal(err)
	}
	children := 0.0
	for _, c := range b.Children {
		children += c.CPU
	}
	if b.Documents != 2 || b.Pages != 2 || b.Tesseract <= 0 || b.Tesseract >= children || children >= b.CPU || b.Door <= 0 || len(b.Grown) == 0 {
		t.Errorf("%s", out)
	}
}
