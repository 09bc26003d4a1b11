package extract

import (
	"math"
	"slices"
	"strings"
	"unicode"
)

// about is what a subject may begin with, folded; it is not part of the value.
var about = [...]string{"ve viec ", "v/v ", "v/v: ", "vv ", "vn ", "v/n ", "v/w ", "viv ", "vlv "}

// subject returns trích yếu: below the title in the middle, or after V/v in the
// agency's column of a letter.
func (p *paper) subject(title string, below int) (value string, words []word) {
	if below == 0 {
		return p.letterSubject()
	}
	middle := p.all[below-1]
	above := middle
	for i := below; i < len(p.all) && i < below+6; i++ {
		q := p.all[i].core()
		limit := 26.0
		if i == below {
			limit = 40
		}
		if q.base-above.base > limit || math.Abs(q.centre()-middle.centre()) > 10 || q.capital() || q.opens() || !q.isProse() {
			break
		}
		words = append(words, q.words...)
		above = q
	}
	value, words, named := withoutAbout(words)
	if !named && goesOn(title) && !strings.HasPrefix(title, "ĐƠN") {
		return "", nil // below the title of a form comes its first line
	}
	return value, words
}

// letterSubject looks for V/v in the agency's column. Where nothing begins with it
// there, a paper whose title was not read may have it in the middle, above its body.
func (p *paper) letterSubject() (value string, words []word) {
	if value, words = aboutIn(p.left); value != "" {
		return value, words
	}
	end := slices.IndexFunc(p.all, piece.opens)
	return aboutIn(p.all[:max(end, 0)])
}

// aboutIn returns what stands behind V/v in a column, over all its lines.
func aboutIn(column []piece) (value string, words []word) {
	var above *piece
	for _, q := range column {
		q = q.core()
		if above == nil {
			if _, _, named := withoutAbout(q.words); !named {
				continue
			}
		} else if q.base-above.base > 24 || q.opens() || q.capital() {
			break
		}
		words = append(words, q.words...)
		above = &q
	}
	value, words, _ = withoutAbout(words)
	return value, words
}

// withoutAbout leaves out "Về việc" or "V/v" in front and a stop at the end,
// and reports whether it was there.
func withoutAbout(words []word) (value string, rest []word, named bool) {
	folded := strings.TrimLeft(piece{words: words}.folded(), "'\"") + " "
	for _, a := range about {
		if strings.HasPrefix(folded, a) {
			n := len(strings.Fields(a))
			words, named = words[min(n, len(words)):], true
			break
		}
	}
	words = trimEdges(words)
	return strings.TrimRight(piece{words: words}.text(), " .;:,/"), words, named
}

// isProse reports whether q may be a line of a subject: it begins with a letter
// and asks for nothing to be filled in.
func (q piece) isProse() bool {
	first := []rune(q.text())[0]
	if !unicode.IsLetter(first) && !unicode.IsDigit(first) && first != '-' && first != '–' && first != '"' && first != '“' {
		return false
	}
	return !strings.HasSuffix(q.text(), ":")
}
