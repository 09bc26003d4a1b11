package main

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"sohoa/specimen"
)

// A word of the truth and what part of the paper it is in.
type word struct {
	text   string
	region specimen.Region
}

// A tally counts errors in some part of the text, without regard to the order
// of its words.
type tally struct {
	letters, wrong int // characters of the truth without spaces, and edits
	words, missed  int // words of the truth, and those not read exactly
}

func (t *tally) add(u tally) {
	t.letters, t.wrong, t.words, t.missed = t.letters+u.letters, t.wrong+u.wrong, t.words+u.words, t.missed+u.missed
}

// A score compares a page with its truth.
type score struct {
	tally
	regions map[specimen.Region]tally

	marked, unmarked  int // letters with a mark that were read, and those read with another or none
	digits, misread   int // digits, and those not read as they are
	chars, astray     int // characters with single spaces, and edits in the order they were read
	inOrder, strayed  int // words, and edits in the order they were read
	fields, illegible int
	told, untold      int // fields proposed rightly; ours only
}

func (s *score) add(o score) {
	s.tally.add(o.tally)
	if s.regions == nil {
		s.regions = map[specimen.Region]tally{}
	}
	for r, t := range o.regions {
		mine := s.regions[r]
		mine.add(t)
		s.regions[r] = mine
	}
	for _, p := range []struct{ to, from *int }{{&s.marked, &o.marked}, {&s.unmarked, &o.unmarked}, {&s.digits, &o.digits}, {&s.misread, &o.misread},
		{&s.chars, &o.chars}, {&s.astray, &o.astray}, {&s.inOrder, &o.inOrder}, {&s.strayed, &o.strayed},
		{&s.fields, &o.fields}, {&s.illegible, &o.illegible}, {&s.told, &o.told}, {&s.untold, &o.untold}} {
		*p.to += *p.from
	}
}

func (s *score) count(r specimen.Region, t tally) {
	if r == specimen.Hand { // nobody is asked to read it
		return
	}
	s.tally.add(t)
	u := s.regions[r]
	u.add(t)
	s.regions[r] = u
}

// A comparison pairs the words of a truth with those of a reading.
type comparison struct {
	want []word
	got  []string
	at   []int  // for each wanted word, the word read for it, or -1
	of   []int  // for each word read, the wanted word, or -1
	hand []bool // for each word read, whether it is where the hand wrote
	s    score
}

// compare scores a reading; see pairUp.
func compare(truth []word, read string) score { return pairUp(truth, read).s }

// pairUp takes equal words away from both texts, first those in the same
// order, then the others; then words whose spaces were lost or added, which
// costs one edit a space; then it pairs what is left by likeness, the likest
// first. A pair costs its edit distance, a word without a pair its length. Where
// what is left between two words that were read lies over each other and costs
// less as one string, that is its cost. What is read where the hand wrote costs
// nothing.
func pairUp(truth []word, read string) *comparison {
	c := &comparison{want: truth, got: strings.Fields(norm.NFC.String(read)), s: score{regions: map[specimen.Region]tally{}}}
	c.at, c.of, c.hand = make([]int, len(c.want)), make([]int, len(c.got)), make([]bool, len(c.got))
	for i := range c.at {
		c.at[i] = -1
	}
	for j := range c.of {
		c.of[j] = -1
	}
	c.sameOrder()
	c.anyOrder()
	for i, j := range c.at {
		if j >= 0 {
			n := len([]rune(c.want[i].text))
			c.s.count(c.want[i].region, tally{letters: n, words: 1})
			c.letters(i, c.want[i].text)
		}
	}
	c.respaced()
	c.gaps()
	c.alike()
	c.rest()
	c.ordered()
	return c
}

// sameOrder pairs the longest common run of equal words.
func (c *comparison) sameOrder() {
	n, m := len(c.want), len(c.got)
	best := make([][]int16, n+1)
	for i := range best {
		best[i] = make([]int16, m+1)
	}
	for i := n - 1; i >= 0; i-- {
		for j := m - 1; j >= 0; j-- {
			if c.want[i].text == c.got[j] {
				best[i][j] = best[i+1][j+1] + 1
			} else {
				best[i][j] = max(best[i+1][j], best[i][j+1])
			}
		}
	}
	for i, j := 0, 0; i < n && j < m; {
		switch {
		case c.want[i].text == c.got[j]:
			c.at[i], c.of[j] = j, i
			i, j = i+1, j+1
		case best[i+1][j] >= best[i][j+1]:
			i++
		default:
			j++
		}
	}
}

func (c *comparison) anyOrder() {
	free := map[string][]int{}
	for j, w := range c.got {
		if c.of[j] < 0 {
			free[w] = append(free[w], j)
		}
	}
	for i, w := range c.want {
		if list := free[w.text]; c.at[i] < 0 && len(list) > 0 {
			c.at[i], c.of[list[0]] = list[0], i
			free[w.text] = list[1:]
		}
	}
}

// respaced finds words that are right but for the spaces between them.
func (c *comparison) respaced() {
	wantFree := func(i int) bool { return i < len(c.want) && c.at[i] < 0 }
	gotFree := func(j int) bool { return j < len(c.got) && c.of[j] < 0 }
	for i := range c.want {
		for n := 2; n <= 4 && wantFree(i); n++ {
			text, ok := "", true
			for k := i; k < i+n; k++ {
				ok = ok && wantFree(k)
				if ok {
					text += c.want[k].text
				}
			}
			j := slices.IndexFunc(c.got, func(w string) bool { return w == text })
			if !ok || j < 0 || !gotFree(j) {
				continue
			}
			for k := i; k < i+n; k++ {
				c.at[k], c.of[j] = j, k
				c.spaced(k, min(1, k-i))
			}
		}
	}
	for j := range c.got {
		for n := 2; n <= 4 && gotFree(j); n++ {
			text, ok := "", true
			for k := j; k < j+n; k++ {
				ok = ok && gotFree(k)
				if ok {
					text += c.got[k]
				}
			}
			i := slices.IndexFunc(c.want, func(w word) bool { return w.text == text })
			if !ok || i < 0 || !wantFree(i) {
				continue
			}
			c.at[i] = j
			for k := j; k < j+n; k++ {
				c.of[k] = i
			}
			c.spaced(i, n-1)
		}
	}
}

func (c *comparison) spaced(i, edits int) {
	text := c.want[i].text
	c.s.count(c.want[i].region, tally{letters: len([]rune(text)), wrong: edits, words: 1, missed: 1})
	c.letters(i, text)
}

// gaps compares what is left between neighbours as strings, where that is
// cheaper than word by word: words run together, cut apart and misread at once.
func (c *comparison) gaps() {
	for i := 0; i < len(c.want); i++ {
		if c.at[i] >= 0 {
			continue
		}
		var want, got []int
		for k := i; k < len(c.want) && c.at[k] < 0 && c.want[k].region == c.want[i].region; k++ {
			want = append(want, k)
		}
		if i > 0 && c.at[i-1] < 0 { // a part of a gap that begins in another region
			continue
		}
		from := 0
		if i > 0 {
			from = c.at[i-1] + 1
		}
		for j := from; j < len(c.got) && c.of[j] < 0; j++ {
			got = append(got, j)
		}
		if len(want)+len(got) < 3 || len(got) == 0 || len(got) > 3*len(want)+5 || c.want[i].region == specimen.Hand {
			continue
		}
		c.gap(want, got)
	}
}

func (c *comparison) gap(want, got []int) {
	var a, b []string
	n := 0
	for _, i := range want {
		a = append(a, c.want[i].text)
		n += len([]rune(c.want[i].text))
	}
	for _, j := range got {
		b = append(b, c.got[j])
	}
	cheap := 0 // as alike would have it
	var usedA, usedB = map[int]bool{}, map[int]bool{}
	for _, p := range likest(a, b) {
		if !usedA[p.i] && !usedB[p.j] {
			usedA[p.i], usedB[p.j] = true, true
			cheap += p.edits
		}
	}
	for i, w := range a {
		if !usedA[i] {
			cheap += len([]rune(w))
		}
	}
	for j, w := range b {
		if !usedB[j] {
			cheap += len([]rune(w))
		}
	}
	x, y := []rune(strings.Join(a, " ")), []rune(strings.Join(b, " "))
	d := distance(x, y)
	if d >= cheap {
		return
	}
	for k, i := range want {
		c.at[i] = got[min(k, len(got)-1)]
	}
	for k, j := range got {
		c.of[j] = want[min(k, len(want)-1)]
	}
	c.s.count(c.want[want[0]].region, tally{letters: n, wrong: d, words: len(want), missed: len(want)})
	c.runes(x, align(x, y))
}

// A pair of words and its cost.
type pair struct{ i, j, edits, length int }

// likest returns the pairs of words that share anything, the likest first.
func likest(a, b []string) []pair {
	var pairs []pair
	for i, w := range a {
		for j, g := range b {
			x, y := []rune(w), []rune(g)
			if w == "" || g == "" {
				continue
			}
			if d := distance(x, y); d < max(len(x), len(y)) {
				pairs = append(pairs, pair{i, j, d, max(len(x), len(y))})
			}
		}
	}
	slices.SortStableFunc(pairs, func(p, q pair) int { return p.edits*q.length - q.edits*p.length })
	return pairs
}

// alike pairs what is left, the likest first.
func (c *comparison) alike() {
	a, b := make([]string, len(c.want)), make([]string, len(c.got))
	for i, w := range c.want {
		if c.at[i] < 0 {
			a[i] = w.text
		}
	}
	for j, w := range c.got {
		if c.of[j] < 0 {
			b[j] = w
		}
	}
	for _, p := range likest(a, b) {
		if c.at[p.i] >= 0 || c.of[p.j] >= 0 {
			continue
		}
		c.at[p.i], c.of[p.j] = p.j, p.i
		text := c.want[p.i].text
		c.s.count(c.want[p.i].region, tally{letters: len([]rune(text)), wrong: p.edits, words: 1, missed: 1})
		c.letters(p.i, c.got[p.j])
	}
}

// rest counts what has no pair. A word read for nothing counts where the word
// read before it stands.
func (c *comparison) rest() {
	for i, j := range c.at {
		if j < 0 {
			n := len([]rune(c.want[i].text))
			c.s.count(c.want[i].region, tally{letters: n, wrong: n, words: 1, missed: 1})
			c.letters(i, "")
		}
	}
	near := specimen.Header
	for j, i := range c.of {
		if i >= 0 {
			near = c.want[i].region
			if i+1 < len(c.want) && c.want[i+1].region == specimen.Hand {
				near = specimen.Hand
			}
			c.hand[j] = c.want[i].region == specimen.Hand
			continue
		}
		c.hand[j] = near == specimen.Hand
		c.s.count(near, tally{wrong: len([]rune(c.got[j]))})
	}
}

// letters counts digits and marks of a wanted word and what was read for it.
func (c *comparison) letters(i int, got string) {
	if c.want[i].region == specimen.Hand {
		return
	}
	a := []rune(c.want[i].text)
	c.runes(a, align(a, []rune(got)))
}

// runes counts digits and marks of a text and what was read for each character.
func (c *comparison) runes(a, read []rune) {
	for i, r := range a {
		if unicode.IsDigit(r) {
			c.s.digits++
			if read[i] != r {
				c.s.misread++
			}
		}
		if base := unmarkedOf(r); base != r && read[i] != 0 {
			if read[i] == r {
				c.s.marked++
			} else if unicode.ToLower(unmarkedOf(read[i])) == unicode.ToLower(base) && unicode.ToLower(read[i]) != unicode.ToLower(r) {
				c.s.marked++
				c.s.unmarked++
			}
		}
	}
}

// unmarkedOf returns a letter without its marks.
func unmarkedOf(r rune) rune {
	switch r {
	case 'đ':
		return 'd'
	case 'Đ':
		return 'D'
	}
	for _, base := range norm.NFD.String(string(r)) {
		return base
	}
	return r
}

// ordered counts edits between the texts as they are read, one character and
// one word after the other.
func (c *comparison) ordered() {
	var printed []string
	for _, w := range c.want {
		if w.region != specimen.Hand {
			printed = append(printed, w.text)
		}
	}
	var read []string
	for j, w := range c.got {
		if !c.hand[j] {
			read = append(read, w)
		}
	}
	a, b := []rune(strings.Join(printed, " ")), []rune(strings.Join(read, " "))
	c.s.chars, c.s.astray = len(a), distance(a, b)
	c.s.inOrder, c.s.strayed = len(printed), distance(printed, read)
}

// distance is Levenshtein's.
func distance[T comparable](a, b []T) int {
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

// align returns, for each character of a, the one of b that stands for it in a
// cheapest edit, or 0.
func align(a, b []rune) []rune {
	cost := make([][]int, len(a)+1)
	for i := range cost {
		cost[i] = make([]int, len(b)+1)
		cost[i][0] = i
	}
	for j := range b {
		cost[0][j+1] = j + 1
	}
	swap := func(i, j int) int {
		if a[i-1] == b[j-1] {
			return 0
		}
		return 1
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost[i][j] = min(cost[i-1][j-1]+swap(i, j), cost[i-1][j]+1, cost[i][j-1]+1)
		}
	}
	out := make([]rune, len(a))
	for i, j := len(a), len(b); i > 0; {
		switch {
		case j > 0 && cost[i][j] == cost[i-1][j-1]+swap(i, j):
			out[i-1] = b[j-1]
			i, j = i-1, j-1
		case cost[i][j] == cost[i-1][j]+1:
			i--
		default:
			j--
		}
	}
	return out
}
