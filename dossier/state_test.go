package dossier

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// The proofs below are about the table, whatever it says: a new row that
// breaks one of them is a mistake in the law's order, not in a test.

func TestEveryStateIsReachableAndEveryPathEnds(t *testing.T) {
	seen := map[State]bool{}
	var walk func(s State, path []State)
	walk = func(s State, path []State) {
		if slices.Contains(path, s) {
			t.Fatalf("a circle: %v → %s", path, s)
		}
		seen[s] = true
		var out int
		for _, m := range moves {
			if m.From == s {
				out++
				walk(m.To, append(path, s))
			}
		}
		if end := s == Archived || s == Refused; end != (out == 0) {
			t.Errorf("%s has %d ways out", s, out)
		}
	}
	walk(Received, nil)
	for _, s := range States() {
		if !seen[s] {
			t.Errorf("%s cannot be reached", s)
		}
		delete(seen, s)
	}
	if len(seen) > 0 {
		t.Errorf("States does not list %v", seen)
	}
}

func TestAStateWaitsForOne(t *testing.T) {
	for _, s := range States() {
		_, due := Due(s)
		_, waits := Waits(s)
		if end := s == Archived || s == Refused; due == waits && !end || end && (due || waits) {
			t.Errorf("%s: machine owes %v, person owes %v", s, due, waits)
		}
	}
}

func TestNoRoleActsTwiceInARow(t *testing.T) {
	var last Role
	s := Received
	for s != Archived {
		i := slices.IndexFunc(moves[:], func(m Move) bool { return m.From == s && m.Act != Refuse })
		m := moves[i]
		if m.By != Machine {
			if m.By == last {
				t.Errorf("%s acts twice in a row, the second time to %s", m.By, m.Act)
			}
			last = m.By
		}
		s = m.To
	}
}

func TestRowsAreDistinct(t *testing.T) {
	for i, a := range moves {
		for _, b := range moves[i+1:] {
			if a.From == b.From && a.Act == b.Act {
				t.Errorf("two rows for %s of %s", a.Act, a.From)
			}
		}
	}
}

func TestNext(t *testing.T) {
	if to, err := Next(Extracted, Confirm, Counter); err != nil || to != Confirmed {
		t.Errorf("counter confirms: %s, %v", to, err)
	}
	for _, m := range moves {
		for _, r := range append(Roles[:], Machine) {
			_, err := Next(m.From, m.Act, r)
			if (err == nil) != (r == m.By) {
				t.Errorf("%s may %s a %s document: %v", r, m.Act, m.From, err)
			}
			if err != nil && !errors.Is(err, ErrForbidden) {
				t.Errorf("%v is not ErrForbidden", err)
			}
		}
	}
	if acts := Acts(Extracted, Auditor); acts != nil {
		t.Errorf("an auditor may %v", acts)
	}
}

func TestFourEyes(t *testing.T) {
	past := []Change{{Act: Attest, Who: "officer"}, {Act: Confirm, Who: "counter"}}
	for who, ok := range map[PersonID]bool{"officer": false, "counter": false, "clerk": true} {
		if err := FourEyes(past, Approve, who); (err == nil) != ok {
			t.Errorf("%s approves: %v", who, err)
		}
		if err := FourEyes(past, Confirm, who); err != nil {
			t.Errorf("%s confirms: %v", who, err)
		}
	}
}

// TestStatesPage prints the table into docs/states.md with UPDATE=1, and else
// holds the page against it.
func TestStatesPage(t *testing.T) {
	var b strings.Builder
	b.WriteString("# Life of a document\n\nPrinted from `dossier/state.go` by `UPDATE=1 go test ./dossier`. A person's row is a click; the machine's rows are the line.\n\n| from | act | to | by |\n|---|---|---|---|\n")
	for _, m := range moves {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", m.From, m.Act, m.To, m.By)
	}
	const page = "../docs/states.md"
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(page, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(page)
	if err != nil || string(got) != b.String() {
		t.Errorf("docs/states.md is not what the table says (%v): run UPDATE=1 go test ./dossier", err)
	}
}
