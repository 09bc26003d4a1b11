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
