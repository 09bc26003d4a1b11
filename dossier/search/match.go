package search

import "sohoa/dossier"

// Has reports whether paper has every word, phrase and number that was asked
// for, as it stands in its texts. A query whose plan says Look needs it: lexemes
// alone do not tell tones, nor that three words follow each other.
func (p Plan) Has(paper Paper) bool {
	parts := paper.head()
	if p.people {
		parts = append(parts, paper.people()...)
	}
	if len(paper.Text) > MostText {
		paper.Text = Normal(paper.Text[:MostText])
	}
	found := make([]bool, len(p.needs))
	missing := len(found)
	for _, part := range append(parts, paper.Text) {
		list := words(part)
		for k, n := range p.needs {
			if found[k] {
				continue
			}
			for i := range list {
				if n.at(list, i, p.exact) > 0 {
					found[k] = true
					missing--
					break
				}
			}
		}
		if missing == 0 {
			return true
		}
	}
	if missing == 0 {
		return true
	}
	own := &gathering{seen: map[string]struct{}{}}
	ownNumber(own, paper.Field(dossier.FieldNumber))
	for k, n := range p.needs {
		if _, ok := own.seen[classNumber+n.number]; !found[k] && (n.number == "" || !ok) {
			return false
		}
	}
	return true
}

// Tier returns to which of Tiers paper belongs: what an engine finds out by its
// lexemes, by going through its texts.
func (p Plan) Tier(paper Paper) int {
	own := &gathering{seen: map[string]struct{}{}}
	ownNumber(own, paper.Field(dossier.FieldNumber))
	t := told{own: own.seen, asked: map[string]bool{}, seen: map[string]bool{}}
	for _, n := range p.needs {
		for _, w := range n.words {
			t.asked[w.word] = true
		}
	}
	for _, s := range paper.head() {
		t.take(words(s), classHead, classHeadPair, "")
		t.take(words(s), "", classPair, classTriple)
	}
	for _, s := range paper.people() {
		t.take(words(s), classHolder, classHolderPair, "")
	}
	has := func(lexeme string) bool {
		_, own := t.own[lexeme]
		return own || t.seen[lexeme]
	}
	last := len(p.Tiers) - 1
	for i, tier := range p.Tiers[:last] {
		if i == last-1 { // the only one that asks for the text
			if len(paper.Text) > MostText {
				paper.Text = Normal(paper.Text[:MostText])
			}
			t.take(words(paper.Text), "", classPair, classTriple)
		}
		if tier.Holds(has) {
			return i
		}
	}
	return last
}

// told gathers of a paper the lexemes that are made of words which were asked
// for.
type told struct {
	own         map[string]struct{}
	asked, seen map[string]bool
}

// take takes the words of a text, and those in a row, by their classes.
func (t *told) take(list []token, word, two, three string) {
	row := 0 // how many asked words stand in a row
	for i := range list {
		if !t.asked[list[i].word] {
			row = 0
			continue
		}
		if row++; word != "" {
			t.seen[word+list[i].word] = true
		}
		if row > 1 {
			t.seen[pair(two, list[i-1].word, list[i].word)] = true
		}
		if row > 2 && three != "" {
			t.seen[triple(three, list[i-2].word, list[i-1].word, list[i].word)] = true
		}
	}
}

// at returns how many words of list, from i on, are what n asks for; 0 if they
// are not.
func (n need) at(list []token, i int, exact bool) int {
	if run := len(n.words); i+run <= len(list) {
		same := true
		for k, t := range n.words {
			if x := list[i+k]; x.word != t.word || n.exactly(exact) && x.exact != t.exact {
				same = false
				break
			}
		}
		if same {
			return run
		}
	}
	if n.number == "" {
		return 0
	}
	took := 0
	numbersAt(list, i, func(number string, words int) {
		if number == n.number && took == 0 {
			took = words
		}
	})
	return took
}
