package main

import (
	"encoding/json"
	"testing"
)

// Single pages are timed alone and behind a backlog of another agency, to their PDF/A.
func TestBenchBehind(t *testing.T) {
	code, out, said := sohoa(t, "bench", "behind", "--singles", "1", "--pages", "6", "--each", "2", "--dpi", "100", "--readers", "1", "--json")
	if code != 0 {
		t.Fatal(code, said)
	}
	var b behindBench
	if err := json.Unmarshal([]byte(out), &b); err != nil {
		t.Fatal(err)
	}
	if len(b.Alone) != 1 || len(b.Behind) != 1 || b.Alone[0] <= 0 || b.Behind[0] <= 0 || b.Times <= 0 {
		t.Errorf("%s", out)
	}
}
