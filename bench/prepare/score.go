package main

import (
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// A score counts the characters of a truth, spaces left out, and the edits that
// lead from what was read to it, without regard to the order of the words.
type score struct{ letters, wrong int }

func (s score) cer() float64 { return 100 * float64(s.wrong) / float64(max(s.letters, 1)) }

func (s score) plus(t score) score { return score{s.letters + t.letters, s.wrong + t.wrong} }

// compare takes equal words away from both texts and pairs what is left by
// likeness, the likest first; a word without a pair costs its length.
func compare(truth, read string) score {
	want, got := strings.Fields(norm.NFC.String(truth)), strings.Fields(norm.NFC.String(read))
	s := score{}
	for _, w := range want {
		s.letters += len([]rune(w))
	}
	want, got = without(want, got), without(got, want)
	type pair struct{ i, j, edits, length int }
	var pairs []pair
	for i, a := range want {
		for j, b := range got {
			ra, rb := []rune(a), []rune(b)
			if d := distance(ra, rb); d < max(len(ra), len(rb)) {
				pairs = append(pairs, pair{i, j, d, max(len(ra), len(rb))})
			}
		}
	}
	slices.SortStableFunc(pairs, func(p, q pair) int { return p.edits*q.length - q.edits*p.length })
	for _, p := range pairs {
		if want[p.i] != "" && got[p.j] != "" {
			want[p.i], got[p.j] = "", ""
			s.wrong += p.edits
		}
	}
	for _, w := range append(want, got...) {
		s.wrong += len([]rune(w))
	}
	return s
}

// without returns the words of a that b does not have, as many times.
func without(a, b []string) []string {
	have := map[string]int{}
	for _, w := range b {
		have[w]++
	}
	var left []string
	for _, w := range a {
		if have[w] > 0 {
			have[w]--
			continue
		}
		left = append(left, w)
	}
	return left
}

// distance is Levenshtein's.
func distance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j := range b {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
