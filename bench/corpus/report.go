package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"sohoa/pdf/pdfa"
)

// A row is what is counted of the files of one clause.
type row struct {
	clause        string
	pass, fail    int // as the files are meant
	cut           int // files whose pages were set into ours
	both, neither int // of these: both judges pass, both find
	alarms        []string
	false         []string // our check passes what veraPDF fails
	taken, kept   int      // by the line
	refused       int
	bad           []string // what the line made and veraPDF fails
}

func (b *bench) rows() (all []*row, sum *row) {
	by := map[string]*row{}
	sum = &row{clause: "all"}
	for _, f := range b.files {
		if by[f.clause] == nil {
			by[f.clause] = &row{clause: f.clause}
			all = append(all, by[f.clause])
		}
		by[f.clause].count(f)
		sum.count(f)
	}
	slices.SortFunc(all, func(a, b *row) int { return slices.Compare(numbers(a.clause), numbers(b.clause)) })
	return all, sum
}

func numbers(clause string) (all []int) {
	for _, s := range strings.Split(clause, ".") {
		n, _ := strconv.Atoi(s) // the name's pattern has digits only
		all = append(all, n)
	}
	return all
}

func (r *row) count(f *file) {
	if f.pass {
		r.pass++
	} else {
		r.fail++
	}
	if f.cut.refused == "" {
		r.cut++
		switch {
		case f.cut.ours == "" && f.cut.vera.Pass:
			r.both++
		case f.cut.ours == "":
			r.false = append(r.false, f.path+": "+strings.Join(f.cut.vera.Broken, " "))
		case f.cut.vera.Pass:
			r.alarms = append(r.alarms, f.cut.ours)
		default:
			r.neither++
		}
	}
	switch {
	case f.made.refused != "":
		r.refused++
	default:
		r.taken++
		if f.kept > 0 {
			r.kept++
		}
		if !f.made.vera.Pass {
			r.bad = append(r.bad, f.path+": "+strings.Join(f.made.vera.Broken, " "))
		}
	}
}

// verdict is an error if our check passed what veraPDF does not, or the line
// made what it does not pass.
func (b *bench) verdict() error {
	_, sum := b.rows()
	if n, m := len(sum.false), len(sum.bad); n+m > 0 {
		return fmt.Errorf("%d false passes, %d files of the line that veraPDF fails", n, m)
	}
	return nil
}

const head = `# Our checker before veraPDF's corpus

Written by ` + "`go run ./bench/corpus`" + ` over the files for PDF/A-2b, 2u and 2a of [veraPDF's corpus](https://github.com/veraPDF/veraPDF-corpus) (CC BY 4.0), commit %s: %d files, %d that are meant to pass and %d that break one clause of ISO 19005-2.

Our check (` + "`pdf/pdfa`" + `) knows what our writer writes and calls everything else a finding, so it is asked in three ways:

1. **As they are.** It passes none of them: %d of %d files are findings (no false pass, and no praise: none is of our writer).
2. **Cut out.** The pages are set into a file of our writer as they stand, as kept pages are but without any proof, and judged by both: this is where the clauses show that a kept page can break. What the cutter already refuses (%d files) is no page of ours. Claimed: a clause of ` + "`" + `pdfa.Claims` + "`" + `, where our check passing what veraPDF fails would be a false pass; TestClaimsAreProved shows that it can find each.
3. **Through the line** (all of ` + "`sohoa process`" + ` but the reading): a file is refused with a code, or becomes a PDF/A that passed our check, and veraPDF judges that by the level that it claims: 2u, or 2b where letters cannot be promised for all codes.

| clause | claimed | files (pass/fail) | cut out | both pass | both find | only ours finds | only veraPDF finds | agreement | line: taken | of them kept | refused | veraPDF fails |
|---|---|---|---|---|---|---|---|---|---|---|---|---|
`

// report is the table.
func (b *bench) report() string {
	var s strings.Builder
	rows, sum := b.rows()
	fmt.Fprintf(&s, head, cmp.Or(b.at, "unknown"), len(b.files), sum.pass, sum.fail, len(b.files), len(b.files), len(b.files)-sum.cut)
	for _, r := range append(rows, sum) {
		fmt.Fprintf(&s, "| %s | %s | %d (%d/%d) | %d | %d | %d | %d | %d | %s | %d | %d | %d | %d |\n", r.clause, claimed(r.clause), r.pass+r.fail, r.pass, r.fail,
			r.cut, r.both, r.neither, len(r.alarms), len(r.false), r.agreement(), r.taken, r.kept, r.refused, len(r.bad))
	}
	fmt.Fprintf(&s, "\n%s\n\n%s\n\n%s\n", tally("Why the cutter refuses", b.why(func(f *file) string { return f.cut.refused })),
		tally("Why the line refuses", b.why(func(f *file) string { return f.made.refused })),
		tally("What only our check finds", sum.alarms))
	for _, list := range [][]string{sum.false, sum.bad} {
		for _, line := range list {
			fmt.Fprintf(&s, "\n- veraPDF alone finds: %s", line)
		}
	}
	return strings.TrimRight(s.String(), "\n") + "\n"
}

// claimed says whether our check claims a clause, or all of a clause around it.
func claimed(clause string) string {
	for _, c := range pdfa.Claims() {
		if clause == c.Clause || strings.HasPrefix(clause, c.Clause+".") {
			return "yes"
		}
	}
	return ""
}

// agreement is how many of the files cut out both judges judge alike.
func (r *row) agreement() string {
	if r.cut == 0 {
		return ""
	}
	return fmt.Sprintf("%.1f %%", 100*float64(r.both+r.neither)/float64(r.cut))
}

func (b *bench) why(of func(*file) string) (all []string) {
	for _, f := range b.files {
		if w := of(f); w != "" {
			all = append(all, w)
		}
	}
	return all
}

// tally counts equal words, most first.
func tally(what string, all []string) string {
	n := map[string]int{}
	for _, w := range all {
		n[w]++
	}
	words := slices.SortedFunc(maps.Keys(n), func(a, b string) int { return cmp.Or(n[b]-n[a], strings.Compare(a, b)) })
	for i, w := range words {
		words[i] = fmt.Sprintf("%s %d", w, n[w])
	}
	return what + ": " + cmp.Or(strings.Join(words, ", "), "nothing") + "."
}
