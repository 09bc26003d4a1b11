package main

import (
	"fmt"
	"strings"

	"sohoa/ocr"
	"sohoa/ocr/extract"
)

// A tally counts one field over papers.
type tally struct {
	told, right, wrong int // papers that have it, of which rightly told; told and not so, or told where there is none
	letters, errors    int // of the values of papers that have it
}

// A table is the fields of one condition.
type table struct {
	papers int
	fields map[string]*tally
}

// names are the fields in the order of the report; truth has their values.
var names = []string{"title", "number", "issued", "issuer", "subject", "signer", "office"}

func (p *paper) want() map[string]string {
	t := p.truth
	return map[string]string{"title": t.Title, "number": t.Number, "issued": t.Issued, "issuer": t.Issuer,
		"subject": t.Subject, "signer": t.Signer, "office": t.Office}
}

// add counts the fields of a paper. A value is right if it is the printed one but
// for space and case: cơ quan ban hành is printed in capitals, and confirmed so.
func (t *table) add(p *paper, got []extract.Field, show bool) {
	if t.fields == nil {
		t.fields = map[string]*tally{}
	}
	t.papers++
	have := map[string]string{}
	for _, f := range got {
		have[f.Name] = f.Value
	}
	for name, want := range p.want() {
		c := t.fields[name]
		if c == nil {
			c = &tally{}
			t.fields[name] = c
		}
		same := squash(have[name]) == squash(want)
		switch {
		case want == "" && have[name] == "":
			continue
		case want == "":
			c.wrong++
		default:
			c.told++
			n := distance([]rune(have[name]), []rune(want))
			c.letters, c.errors = c.letters+len([]rune(want)), c.errors+n
			if same {
				c.right++
			} else if have[name] != "" {
				c.wrong++
			}
		}
		if show && !same {
			fmt.Printf("%s: %s\n   got %q\n  want %q\n", p.name, name, have[name], want)
		}
	}
}

// squash takes away what does not tell fields apart: spaces and case.
func squash(s string) string { return strings.ToUpper(strings.Join(strings.Fields(s), "")) }

// distance is Levenshtein's.
func distance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range a {
		before := row[0]
		row[0] = i + 1
		for j, y := range b {
			d := before
			if x != y {
				d++
			}
			before = row[j+1]
			row[j+1] = min(d, row[j]+1, before+1)
		}
	}
	return row[len(b)]
}

func report(tables map[string]*table, read ocr.Page) {
	fmt.Printf("%s, %s\n\n| condition | papers |", read.Engine, read.Data)
	for _, name := range names {
		fmt.Printf(" %s |", name)
	}
	fmt.Print(" subject CER |\n|---|---|", strings.Repeat("---|", len(names)+1), "\n")
	for _, c := range conditions {
		t := tables[c.name]
		if t == nil {
			continue
		}
		fmt.Printf("| %s | %d |", c.name, t.papers)
		for _, name := range names {
			f := t.fields[name]
			fmt.Printf(" %.1f %% (%d/%d", 100*float64(f.right)/float64(max(1, f.told)), f.right, f.told)
			if f.wrong > 0 {
				fmt.Printf(", %d wrong", f.wrong)
			}
			fmt.Print(") |")
		}
		s := t.fields["subject"]
		fmt.Printf(" %.2f %% |\n", 100*float64(s.errors)/float64(max(1, s.letters)))
	}
}
