package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// Figures by officer and by procedure; a cell that was changed past the program
// is named and ends with 16, and is mended when that is asked for.
func TestFiguresRecount(t *testing.T) {
	dir := t.TempDir()
	db := monthOfWork(t, dir)
	if err := db.FoldFigures(t.Context()); err != nil {
		t.Fatal(err)
	}
	figures := func(want int, args ...string) string {
		t.Helper()
		code, out, message := sohoa(t, append(append([]string{"figures"}, args...), "--data", dir)...)
		if code != want {
			t.Errorf("figures %v ends with %d, want %d: %s%s", args, code, want, out, message)
		}
		return out + message
	}
	march := []string{"--from", "2024-03-01", "--to", "2024-03-31"}
	for by, of := range map[string]string{"officer": "counter", "procedure": "1.1"} {
		var lines []apartLine
		if err := json.Unmarshal([]byte(figures(exitDone, append(march, "--by", by, "--format", "json")...)), &lines); err != nil {
			t.Fatal(err)
		}
		if len(lines) == 0 || lines[0].Of != of || lines[0].Denominator != 3 {
			t.Errorf("by %s: %+v", by, lines)
		}
	}
	if said := figures(exitDone, append(march, "--officer", "nobody", "--format", "csv")...); !strings.Contains(said, "dossiers,") || strings.Contains(said, ",3,") {
		t.Error(said)
	}
	if said := figures(exitDone, append(march, "--dossiers", "dossiers", "--officer", "counter")...); strings.Count(said, "missing") != 3 {
		t.Error(said)
	}
	if said := figures(exitDone, "--from", "2024-03-02", "--to", "2024-03-20", "--format", "csv"); !strings.Contains(said, "0,3") { // days that are no month
		t.Error(said)
	}
	figures(exitDone, "--recount")
	tamper(t, dir, "UPDATE figure_cells SET tally = '2:4' WHERE node = 'H60' AND grain = 0")
	if said := figures(exitUnsound, "--recount"); !strings.Contains(said, "cell of H60, received 2024-03, resolved open: was 2:4, is 3:3") {
		t.Error(said)
	}
	figures(exitUnsound, append(march, "--recount", "--json")...)
	figures(exitUsage, "--recount", "--from", "2024-03-02", "--to", "2024-03-31")
	figures(exitDone, "--recount", "--mend")
	figures(exitDone, "--recount")
}
