package main

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// A score compares two texts without regard to the order of their words.
type score struct {
	letters, wrong int // characters of the truth, and edits
	words, missed  int // words of the truth, and those not read exactly
}

func (s score) plus(t score) score {
	return score{s.letters + t.letters, s.wrong + t.wrong, s.words + t.words, s.missed + t.missed}
}

func (s score) String() string {
	return fmt.Sprintf("%.2f %% | %.2f %%", 100*float64(s.wrong)/float64(max(s.letters, 1)), 100*float64(s.missed)/float64(max(s.words, 1)))
}

// compare takes equal words away from both texts, then pairs what is left by
// likeness, the likest first. A pair costs its edit distance, a word without a
// pair its length.
func compare(truth, read string) score {
	want, got := strings.Fields(norm.NFC.String(truth)), strings.Fields(norm.NFC.String(read))
	s := score{words: len(want)}
	for _, w := range want {
		s.letters += len([]rune(w))
	}
	want, got = without(want, got), without(got, want)
	s.missed = len(want)
	s.wrong = pairUp(want, got)
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

func pairUp(want, got []string) (wrong int) {
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
	usedWant, usedGot := make([]bool, len(want)), make([]bool, len(got))
	for _, p := range pairs {
		if !usedWant[p.i] && !usedGot[p.j] {
			usedWant[p.i], usedGot[p.j] = true, true
			wrong += p.edits
		}
	}
	for i, used := range usedWant {
		if !used {
			wrong += len([]rune(want[i]))
		}
	}
	for j, used := range usedGot {
		if !used {
			wrong += len([]rune(got[j]))
		}
	}
	return wrong
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
