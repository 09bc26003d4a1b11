// Package sampling is acceptance sampling by attributes: how many papers of a lot
// are looked at, which, and what follows of what was found in them.
//
// The plans are those of TCVN 7790-1:2007 (ISO 2859-1:1999), single sampling; the
// tables are data (plans.txt, which names its source) and are looked up, not
// computed. Everything here is a pure function: the same lot and seed give the same
// sample, so whoever has the ledger draws it again.
package sampling

import (
	"bytes"
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// A Severity is how strictly lots are looked at (ISO 2859-1 clause 9).
type Severity string

// The severities.
const (
	Normal    Severity = "normal"
	Tightened Severity = "tightened"
	Reduced   Severity = "reduced"
)

// Levels are the inspection levels (ISO 2859-1 10.1); II is used unless something
// else is said.
var Levels = [...]string{"I", "II", "III", "S-1", "S-2", "S-3", "S-4"}

// A Plan says how many papers are looked at, and how many of them may be
// nonconforming.
type Plan struct {
	Letter   string   // code letter of the plan that is used
	Severity Severity //
	AQL      string   // percent nonconforming, as the table's column is headed
	N        int      // papers to be looked at; all of the lot if it has no more
	Accept   int      // Ac: with so many nonconforming ones the lot is still taken
	Reject   int      // Re: from so many on it is not
}

// ErrPlan is wrapped by errors about plans that there are not.
var ErrPlan = errors.New("there is no such sampling plan")

//go:embed plans.txt
var source string

type row struct {
	letter string
	n      int
	cells  []string
}

type tables struct {
	levels  []string
	letters []row // n: up to which lot size; 0: no end
	aql     []string
	plans   map[Severity][]row
}

// read reads the tables when they are first asked for.
var read = sync.OnceValue(func() tables {
	t := tables{plans: map[Severity][]row{}}
	part := ""
	for line := range strings.Lines(source) {
		f := strings.Fields(line)
		switch {
		case len(f) == 0 || f[0] == "#":
		case len(f) == 1:
			part = f[0]
		case f[0] == "to":
			t.levels = f[1:]
		case f[0] == "letter":
			t.aql = f[2:]
		case part == "letters":
			n, _ := strconv.Atoi(f[0]) // "more" has no end
			t.letters = append(t.letters, row{n: n, cells: f[1:]})
		default:
			n, _ := strconv.Atoi(f[1])
			t.plans[Severity(part)] = append(t.plans[Severity(part)], row{letter: f[0], n: n, cells: f[2:]})
		}
	}
	return t
})

// AQLs returns the acceptance quality limits that there are plans for, in percent
// nonconforming, strictest first.
func AQLs() []string { return slices.Clone(read().aql) }

// PlanFor returns the plan for a lot of so many papers.
func PlanFor(lot int, level, aql string, s Severity) (Plan, error) {
	t := read()
	column, at := slices.Index(t.aql, aql), slices.Index(t.levels, level)
	rows := t.plans[s]
	if lot < 1 || column < 0 || at < 0 || len(rows) == 0 {
		return Plan{}, fmt.Errorf("%w: lot of %d, level %q, AQL %q, %q", ErrPlan, lot, level, aql, s)
	}
	by := slices.IndexFunc(t.letters, func(r row) bool { return r.n == 0 || lot <= r.n })
	letter := t.letters[by].cells[at]
	i := follow(rows, slices.IndexFunc(rows, func(r row) bool { return r.letter == letter }), column)
	p := Plan{Letter: rows[i].letter, Severity: s, AQL: aql, N: min(rows[i].n, lot)}
	if _, err := fmt.Sscanf(rows[i].cells[column], "%d/%d", &p.Accept, &p.Reject); err != nil {
		return Plan{}, fmt.Errorf("%w: %w", ErrPlan, err)
	}
	return p, nil
}

// follow goes along the arrows of a column until there is a plan. An arrow that
// leads out of the table is followed the other way.
func follow(rows []row, i, column int) int {
	step := 0
	for {
		switch c := rows[i].cells[column]; {
		case c != "v" && c != "^":
			return i
		case step == 0 && c == "v":
			step = 1
		case step == 0:
			step = -1
		}
		if i+step < 0 || i+step >= len(rows) {
			step = -step
		}
		i += step
	}
}

// Draw returns which n of papers are looked at: those whose HMAC-SHA-256 under seed
// is smallest, in that order. The order of papers does not matter.
func Draw(seed []byte, papers []string, n int) []string {
	type ranked struct {
		id  string
		key []byte
	}
	all := make([]ranked, len(papers))
	for i, id := range papers {
		h := hmac.New(sha256.New, seed)
		h.Write([]byte(id))
		all[i] = ranked{id, h.Sum(nil)}
	}
	slices.SortFunc(all, func(a, b ranked) int { return cmp.Or(bytes.Compare(a.key, b.key), cmp.Compare(a.id, b.id)) })
	out := make([]string, 0, min(n, len(all)))
	for _, r := range all[:min(n, len(all))] {
		out = append(out, r.id)
	}
	return out
}

// A Verdict is what becomes of a lot.
type Verdict string

// The verdicts.
const (
	Open     Verdict = ""         // not all of the sample is looked at
	Accepted Verdict = "accepted" //
	Rejected Verdict = "rejected" // it is done anew as a whole
)

// Judge says what becomes of a lot of whose sample checked papers were looked at, and
// nonconforming ones found. A lot is rejected as soon as it is certain; accepted when
// the whole sample was seen. Between Ac and Re of reduced inspection a lot is taken
// (MIL-STD-105E 4.10.1.4), and inspection goes back to normal ([Next]).
func (p Plan) Judge(checked, nonconforming int) Verdict {
	switch {
	case nonconforming >= p.Reject:
		return Rejected
	case checked < p.N:
		return Open
	}
	return Accepted
}
