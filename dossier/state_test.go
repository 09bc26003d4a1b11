package dossier

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"sohoa/dossier/digest"
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
			if m.From == s && m.To != s && !Back(m.Act) {
				out++
				walk(m.To, append(path, s))
			}
		}
		if end := s == Archived || s == Refused; end != (out == 0) {
			t.Errorf("%s has %d ways out", s, out)
		}
	}
	for _, s := range Starts() {
		walk(s, nil)
	}
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

// A document goes back by somebody's word with a reason, and from there on only by a
// person's: nothing turns in a circle by itself.
func TestReturnIsAPersonsWord(t *testing.T) {
	for _, m := range moves {
		if !Back(m.Act) {
			continue
		}
		by, ok := Waits(m.To)
		if m.By == Machine || !NeedsReason(m.Act) || !ok || by == Machine {
			t.Errorf("row %+v, then waits for %q", m, by)
		}
		if _, due := Due(m.To); due {
			t.Errorf("row %+v: the machine goes on by itself", m)
		}
	}
}

func TestNoRoleActsTwiceInARow(t *testing.T) {
	var walk func(s State, last Role)
	walk = func(s State, last Role) {
		for _, m := range moves {
			if m.From != s || m.To == s || m.Act == Refuse || Back(m.Act) {
				continue
			}
			if m.By != Machine && m.By == last {
				t.Errorf("%s acts twice in a row, the second time to %s", m.By, m.Act)
			}
			if m.By == Machine {
				walk(m.To, last)
			} else {
				walk(m.To, m.By)
			}
		}
	}
	for _, s := range Starts() {
		walk(s, "")
	}
}

// Only what is archived is renewed, by the machine, and stays where it is: no
// other row leads back to where it comes from.
func TestOnlyTheArchivedIsRenewed(t *testing.T) {
	for _, m := range moves {
		if circle := m.From == m.To; circle != (m.Act == Renew) || circle && (m.From != Archived || m.By != Machine) {
			t.Errorf("row %+v", m)
		}
	}
	for _, s := range States() {
		if act, ok := Scheduled(s); ok != (s == Archived) || ok && act != Renew {
			t.Errorf("%s: scheduled %q, %v", s, act, ok)
		}
	}
}

// What came in signed is never rewritten: no row on its way makes or signs a
// copy of it, and none leads from it into the states of a scan.
func TestSignedFilesKeepTheirBytes(t *testing.T) {
	var walk func(s State)
	walk = func(s State) {
		for _, m := range moves {
			if m.From != s || m.To == s {
				continue
			}
			if slices.Contains([]Act{Normalise, SignCopy, Seal}, m.Act) {
				t.Errorf("%s of a %s document", m.Act, s)
			}
			walk(m.To)
		}
	}
	walk(Presented)
}

func TestArchival(t *testing.T) {
	scan, sealed, once, twice := digest.Of([]byte("0")), digest.Of([]byte("1")), digest.Of([]byte("2")), digest.Of([]byte("3"))
	d := Document{Parts: map[Part]digest.Digest{PartScan: scan}}
	if part, _, ok := d.Archival(); ok {
		t.Errorf("a scan is archived as %s", part)
	}
	for _, row := range []struct {
		part     Part
		sum      digest.Digest
		renewals int
	}{{PartSealed, sealed, 0}, {RenewedPart(1), once, 1}, {RenewedPart(2), twice, 2}} {
		d.Parts[row.part] = row.sum
		if part, sum, ok := d.Archival(); !ok || part != row.part || sum != row.sum || d.Renewals() != row.renewals {
			t.Errorf("with %s: %s %v, renewed %d times", row.part, part, ok, d.Renewals())
		}
	}
	d = Document{Parts: map[Part]digest.Digest{PartScan: scan, PartAdopted: scan}}
	if part, sum, _ := d.Archival(); part != PartAdopted || sum != scan {
		t.Errorf("adopted: %s", part)
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
	b.WriteString("# Life of a document\n\nPrinted from `dossier/state.go` by `UPDATE=1 go test ./dossier`. A person's row is a click; the machine's rows are the line. A scan starts as received, a file that came in signed as presented. A row that leads back to where it comes from is done on a day, not at once.\n\n| from | act | to | by |\n|---|---|---|---|\n")
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

// What a policy says becomes of a file that came in signed is a row of the
// table, and none says that what is invalid stays.
func TestPolicies(t *testing.T) {
	for _, p := range policies {
		for _, v := range []Verdict{VerdictValid, VerdictIndeterminate, VerdictInvalid} {
			if _, err := Next(Presented, p.Incoming[v], Machine); err != nil {
				t.Errorf("%s: %v", v, err)
			}
		}
		if p.Incoming[VerdictInvalid] != Refuse || p.Reason == "" || CheckAhead(p.Ahead) != nil {
			t.Errorf("policy of %s: %+v", p.From, p)
		}
	}
	for i := 1; i < len(policies); i++ {
		if !policies[i].From.After(policies[i-1].From) {
			t.Error("policies are not in the order of their days")
		}
	}
	for _, p := range policies {
		if !slices.Contains([]string{"2b", "2u", "2a"}, p.Level) || p.Reason == "" {
			t.Errorf("the policy of %s writes PDF/A-%s because %q", p.From, p.Level, p.Reason)
		}
	}
	if got := PolicyAt(policies[0].From.AddDate(-5, 0, 0)); got.Reason != policies[0].Reason {
		t.Error("before the first policy there is none")
	}
}
