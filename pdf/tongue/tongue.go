// Package tongue judges whether the words a file brings with it are words of a
// language that people here write, or the leavings of a reader that did not
// know it, or of a font whose codes mean nothing outside its own machine.
//
// It measures, and looks nothing up but two short tables: which sounds a
// Vietnamese syllable is made of, and the words without which no English
// sentence stands.
package tongue

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// A Measure is what a text shows of itself.
type Measure struct {
	Letters int // in all words

	Words      int // of letters alone, without abbreviations
	Vietnamese int // of them: could be a syllable, with or without its marks
	Marked     int // of them: a Vietnamese syllable with a mark
	English    int // of them: words without which no English sentence stands
	Odd        int // tokens with signs within letters, private or broken characters, foreign letters
	Tokens     int // all runs between spaces
}

// Of measures words.
func Of(words []string) Measure {
	var m Measure
	for _, w := range words {
		m.Tokens++
		w = norm.NFC.String(w)
		for _, r := range w {
			if unicode.IsLetter(r) {
				m.Letters++
			}
		}
		if odd(w) {
			m.Odd++
		}
		for _, part := range strings.FieldsFunc(w, apart) {
			m.take(part)
		}
	}
	return m
}

func apart(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r) && r != '\''
}

// take measures one run of letters.
func (m *Measure) take(part string) {
	marked, ok := syllable(strings.ToLower(part))
	size := utf8.RuneCountInString(part)
	if strings.ContainsFunc(part, unicode.IsDigit) || !ok && (size == 1 || size <= 6 && part == strings.ToUpper(part)) {
		return // a number, a code, a unit, an abbreviation
	}
	m.Words++
	switch {
	case ok && marked:
		m.Vietnamese++
		m.Marked++
	case ok:
		m.Vietnamese++
	}
	if english()[strings.ToLower(part)] {
		m.English++
	}
}

// A Verdict is what a Measure comes to.
type Verdict string

// The verdicts.
const (
	Few        Verdict = "few"        // too little to say anything
	Vietnamese Verdict = "vietnamese" // with its marks
	Unmarked   Verdict = "unmarked"   // syllables, but nearly all marks are missing
	English    Verdict = "english"
	Garbled    Verdict = "garbled" // words of no tongue known here
)

// The rule's numbers, chosen on generated pages; bench/oldtext measures them on
// others.
const (
	fewWords     = 12
	vietShare    = 0.86 // of the words could be syllables
	markedShare  = 0.40 // of the syllables have marks: running text has 0.6 to 0.8
	englishShare = 0.18
	oddShare     = 0.06
)

// Verdict judges by the rule.
func (m Measure) Verdict() Verdict {
	share := func(n, of int) float64 { return float64(n) / float64(max(of, 1)) }
	switch {
	case m.Words < fewWords:
		if share(m.Odd, m.Tokens) > 0.3 && m.Tokens > 2 {
			return Garbled
		}
		return Few
	case share(m.Odd, m.Tokens) > oddShare:
		return Garbled
	case share(m.English, m.Words) >= englishShare:
		return English
	case share(m.Vietnamese, m.Words) < vietShare:
		return Garbled
	case share(m.Marked, m.Vietnamese) < markedShare:
		return Unmarked
	}
	return Vietnamese
}

// odd reports whether w has what no word has: private or broken characters,
// letters of neither tongue, a sign of typography between two letters, capitals
// after small letters.
func odd(w string) bool {
	rs := []rune(w)
	for i, r := range rs {
		switch {
		case r == unicode.ReplacementChar, unicode.Is(unicode.Co, r), unicode.IsControl(r):
			return true
		case unicode.IsLetter(r) && !strings.ContainsRune(letters, unicode.ToLower(r)):
			return true
		case i > 0 && unicode.IsLower(rs[i-1]) && unicode.IsUpper(r):
			return true
		case i > 0 && i+1 < len(rs) && unicode.IsLetter(rs[i-1]) && unicode.IsLetter(rs[i+1]) && strings.ContainsRune("¸¶·¹®»¼½¾Æ×Þ÷|{}[]\\<>=~^$%#*+\"£¥§©«¬°±²³", r):
			return true
		}
	}
	return false
}

const letters = "abcdefghijklmnopqrstuvwxyzàáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ"

// plainLetter takes the marks off r.
func plainLetter(r rune) rune {
	if r == 'đ' {
		return 'd'
	}
	for _, b := range norm.NFD.String(string(r)) {
		return b
	}
	return r
}

// toneless takes the tone off a syllable; the marks that make another vowel
// stay. tone is the combining mark, 0 if there is none.
func toneless(s string) (out string, tone rune) {
	var b strings.Builder
	for _, r := range norm.NFD.String(s) {
		switch r {
		case 0x300, 0x301, 0x303, 0x309, 0x323:
			tone = r
			continue
		}
		b.WriteRune(r)
	}
	return norm.NFC.String(b.String()), tone
}

// syllable reports whether s, in small letters, could be a Vietnamese syllable
// and whether it has a mark.
func syllable(s string) (marked, ok bool) {
	flat, tone := toneless(s)
	marked = tone != 0
	for _, r := range flat {
		marked = marked || r > 0x7f
	}
	rimes := rimes()
	for _, onset := range onsets {
		rest, begins := strings.CutPrefix(flat, onset)
		if !begins || rest == "" {
			continue
		}
		if onset == "gi" && (rimes["i"+rest] || rimes[rest]) || rimes[rest] {
			return marked, sounds(rest, tone, marked)
		}
	}
	return marked, flat == "gi" // gì, gỉ
}

// sounds reports whether a rime that stops short has one of the two tones it
// can have. Words whose marks have been lost altogether are let pass.
func sounds(rime string, tone rune, marked bool) bool {
	for _, stop := range []string{"c", "ch", "p", "t"} {
		if strings.HasSuffix(rime, stop) {
			return tone == 0x301 || tone == 0x323 || !marked
		}
	}
	return true
}
