package extract

import "strings"

// mendPhrases gives phrases that names are made of their one spelling where only
// marks were misread: no agency is called ỦY BẠN NHÂN DẬN.
func mendPhrases(text string, phrases []string) string {
	words := strings.Fields(text)
	for _, phrase := range phrases {
		parts := strings.Fields(phrase)
		for at := 0; at+len(parts) <= len(words); at++ {
			same := true
			for i, part := range parts {
				if fold(words[at+i]) != fold(part) {
					same = false
					break
				}
			}
			if same && len(parts) > 1 {
				copy(words[at:], parts)
			}
		}
	}
	return strings.Join(words, " ")
}

// mendName gives a title its one spelling if a fixed name is a letter in eight away,
// marks aside, and no other is as near.
func mendName(title string, names []string) string {
	best, near, twice := "", len(title), false
	for _, name := range names {
		switch n := apart(fold(title), fold(name)); {
		case n < near:
			best, near, twice = name, n, false
		case n == near:
			twice = true
		}
	}
	if best == "" || twice || 8*near > len(fold(best)) {
		return title
	}
	return best
}

// mendSurname gives the first word of a person's name its one spelling, if only its
// marks were misread and one surname alone has these letters.
func mendSurname(name string, surnames []string) string {
	first, rest, _ := strings.Cut(name, " ")
	right := ""
	for _, s := range surnames {
		if s == first {
			return name
		}
		if fold(s) == fold(first) {
			if right != "" && right != s {
				return name
			}
			right = s
		}
	}
	if right == "" {
		return name
	}
	return right + " " + rest
}

// apart is Levenshtein's distance in bytes of folded text.
func apart(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			d := before
			if a[i] != b[j] {
				d++
			}
			before = row[j+1]
			row[j+1] = min(d, row[j]+1, before+1)
		}
	}
	return row[len(b)]
}
