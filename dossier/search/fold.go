// Package search says what is found by what: how words are folded, which
// lexemes stand for a paper, what a query asks for, in which order its answers
// come, and how they are shown.
//
// It holds values and pure functions. An engine keeps for each paper a set of
// lexemes ([Lexemes]) and answers expressions over them ([Plan]); it needs no
// tokenizer, no ranking and no highlighter of its own, so that every engine
// gives the same answers in the same order.
//
// A word is a run of letters and digits, folded rune by rune: composed (NFC,
// UAX #15), lower case, without marks, đ as d. So "to trinh" finds "tờ trình",
// and every place in a folded word is a place in the text as it stands.
package search

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// MostWord is how many runes of a word count: longer ones are alike if these are.
const MostWord = 40

// Normal returns s as texts are kept and compared: UTF-8, NFC, without NUL.
func Normal(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(s, "\x00", " ")
	}
	return norm.NFC.String(s)
}

// folded has the runes up to U+1EFF, among them every Vietnamese letter.
var folded = sync.OnceValue(func() *[0x1F00]rune {
	var t [0x1F00]rune
	for r := range t {
		t[r] = fold(rune(r))
	}
	return &t
})

// Fold returns the letter or digit that r counts as: lower case, without marks,
// đ as d. What is neither is returned as it is.
func Fold(r rune) rune {
	if t := folded(); r >= 0 && int(r) < len(t) {
		return t[r]
	}
	return fold(r)
}

func fold(r rune) rune {
	if r = unicode.ToLower(r); r == 'đ' {
		return 'd'
	}
	if r < utf8.RuneSelf || !utf8.ValidRune(r) {
		return r
	}
	base := r
	for i, d := range []rune(norm.NFKD.String(string(r))) {
		switch {
		case i == 0:
			base = d
		case !unicode.Is(unicode.M, d):
			return r // two letters in one: it stays what it is
		}
	}
	return unicode.ToLower(base)
}

// FoldString folds every rune of a text: as many runes as it has in NFC.
func FoldString(s string) string { return strings.Map(Fold, Normal(s)) }

// A token is a word of a text and what stands before it.
type token struct {
	word       string // folded
	exact      string // lower case, as it stands
	start, end int    // bytes in the text
	tight      bool   // one of / - . _ and nothing else is between it and the word before
	loose      bool   // one of / - is, with white space or without
}

// inWord reports whether r is part of a word.
func inWord(r rune) bool {
	if r < utf8.RuneSelf {
		return r|0x20 >= 'a' && r|0x20 <= 'z' || r >= '0' && r <= '9'
	}
	return unicode.IsLetter(r) || unicode.IsNumber(r)
}

// tokens calls yield for every word of s, which is [Normal], until it says no.
// A mark that did not compose is of the word before it. Han characters are words
// each.
func tokens(s string, yield func(token) bool) {
	end := 0
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if !inWord(r) {
			i += n
			continue
		}
		t := token{start: i}
		t.word, t.end = wordAt(s, i)
		t.exact = strings.ToLower(s[t.start:t.end])
		if end > 0 {
			t.tight, t.loose = joint(s[end:t.start])
		}
		if end, i = t.end, t.end; !yield(t) {
			return
		}
	}
}

// wordAt folds the word that begins at a byte of s, and says where it ends.
func wordAt(s string, start int) (word string, end int) {
	var room [4 * MostWord]byte
	b, runes := room[:0], 0
	for end = start; end < len(s); {
		r, n := utf8.DecodeRuneInString(s[end:])
		mark := r >= 0x300 && unicode.Is(unicode.M, r)
		if !mark && !inWord(r) || runes > 0 && !mark && unicode.Is(unicode.Han, r) {
			break
		}
		if !mark {
			if runes++; runes <= MostWord {
				b = utf8.AppendRune(b, Fold(r))
			}
		}
		end += n
		if unicode.Is(unicode.Han, r) {
			break
		}
	}
	return string(b), end
}

// joint says how what is between two words joins them: as 123/QĐ - UBND, or as
// H60.12.
func joint(between string) (tight, loose bool) {
	switch strings.TrimSpace(between) {
	case "/", "-", "–", "−", "‑":
		return len(strings.TrimSpace(between)) == len(between), true
	case ".", "_":
		return len(between) == 1, false
	}
	return false, false
}

// words returns all tokens of a text.
func words(s string) []token {
	list := make([]token, 0, len(s)/5)
	tokens(s, func(t token) bool { list = append(list, t); return true })
	return list
}

// Words returns the folded words of a text.
func Words(s string) []string {
	var list []string
	tokens(Normal(s), func(t token) bool { list = append(list, t.word); return true })
	return list
}
