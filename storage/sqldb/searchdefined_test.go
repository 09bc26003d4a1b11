package sqldb

import (
	"slices"
	"strings"
	"unicode"

	"sohoa/dossier/search"
)

// byDefinition goes through all papers with nothing but strings.
func byDefinition(papers []filed, q search.Query) (found []string) {
	type ranked struct {
		id   string
		tier int
	}
	var list []ranked
	for _, p := range papers {
		if len(q.Scope) > 0 && !slices.Contains(q.Scope, p.agency) || q.From != "" && p.issued < q.From || q.To != "" && p.issued > q.To {
			continue
		}
		if tier, ok := tierOf(p, q); ok {
			list = append(list, ranked{p.id, tier})
		}
	}
	slices.SortFunc(list, func(a, b ranked) int {
		if a.tier != b.tier {
			return a.tier - b.tier
		}
		return strings.Compare(b.id, a.id)
	})
	for _, x := range list {
		found = append(found, x.id)
	}
	return found
}

// split returns the words of each line, folded or as they stand.
func split(folded bool, lines ...string) (list [][]string) {
	for _, s := range lines {
		if folded {
			s = search.FoldString(s)
		}
		list = append(list, strings.FieldsFunc(strings.ToLower(search.Normal(s)), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) }))
	}
	return list
}

// run reports whether words stand one after another in one of some lines.
func run(lines [][]string, words []string) bool {
	for _, line := range lines {
		for i := range line {
			if i+len(words) <= len(line) && slices.Equal(line[i:i+len(words)], words) {
				return true
			}
		}
	}
	return false
}

// each reports whether every one of words stands somewhere, and pairs whether
// every two of them that follow each other do.
func each(lines [][]string, words []string) bool {
	return !slices.ContainsFunc(words, func(w string) bool { return !run(lines, []string{w}) })
}

func pairs(lines [][]string, words []string) bool { return rows(lines, words, 2) }

// rows reports whether every n words that follow each other do so in one of
// lines.
func rows(lines [][]string, words []string, n int) bool {
	for i := n; i <= len(words); i++ {
		if !run(lines, words[i-n:i]) {
			return false
		}
	}
	return true
}

// tierOf says whether a paper answers a query without numbers, and how well.
func tierOf(p filed, q search.Query) (tier int, ok bool) {
	own := []string{"H60.12-261121-" + p.id, p.id, p.title, p.number, p.issued}
	people := []string{p.holder, "H-" + p.id}
	phrased := strings.HasPrefix(q.Text, `"`)
	needs := split(!q.Exact, strings.Fields(q.Text)...)
	if phrased {
		needs = split(!q.Exact, q.Text)
	}
	asked := append(append([]string{}, own...), p.text)
	if q.People {
		asked = append(asked, people...)
	}
	for _, n := range needs {
		if !run(split(!q.Exact, asked...), n) {
			return 0, false
		}
	}
	words := split(true, q.Text)[0]
	head, holder, body := split(true, own...), split(true, people...), split(true, append(append([]string{}, own...), p.text)...)
	told := head
	if q.People {
		told = append(append([][]string{}, head...), holder...)
	}
	if len(words) == 1 {
		if each(told, words) {
			return 1, true
		}
		return 2, true
	}
	switch {
	case pairs(head, words), q.People && pairs(holder, words):
		return 1, true
	case each(told, words):
		return 2, true
	case rows(body, words, min(3, len(words))):
		return 3, true
	}
	return 4, true
}
