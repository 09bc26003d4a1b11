package child

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"sohoa/ocr"
	"sohoa/pattern"
)

// worded reports whether a line has a word that could be Vietnamese, of three letters or
// more, a number of three digits or more, or a paper's number, as 81/QĐ-UBND. Of the
// strokes of a pen or seal the engine makes shorter words, signs, and letters that nobody
// could say.
func worded(l ocr.Line) bool {
	for _, w := range l.Words {
		digits, letters := 0, 0
		for _, r := range w.Text {
			switch {
			case unicode.IsDigit(r):
				digits++
			case unicode.IsLetter(r):
				letters++
			}
		}
		if digits >= 3 || digits > 0 && letters >= 2 && strings.Contains(w.Text, "/") || couldBeSaid(w.Text) {
			return true
		}
	}
	return false
}

// says reports whether a line has anything that a paper prints by itself: a syllable, if
// only of two letters, a number, a measure, the mark of a list or of the end.
func says(l ocr.Line) bool {
	return slices.ContainsFunc(l.Words, func(w ocr.Word) bool { return meant(w.Text) })
}

// meant reports whether a word is one that a paper would print: of four letters or more
// also in another language.
func meant(word string) bool {
	if isNumber(word) || word == "-" || strings.Contains(word, endMark) || strings.ContainsAny(word, "²³") || strings.Trim(word, ".…") == "" {
		return true
	}
	letters := strings.TrimFunc(word, func(r rune) bool { return !unicode.IsLetter(r) })
	if slices.Contains([]string{"m", "km", "cm", "kg"}, letters) { // what a number of the line before counts
		return true
	}
	n := utf8.RuneCountInString(letters)
	return n > 3 || n > 1 && spelled(letters)
}

// noise is the confidence below which a short word at the end of a line is taken for
// strokes beside it, if it is none that a paper would print.
const noise = 20

// trimmed takes such words from both ends of a line, and returns where they stand.
func trimmed(l *ocr.Line) (strokes []ocr.Box) {
	stroke := func(w ocr.Word) bool {
		return w.Confidence < noise && utf8.RuneCountInString(w.Text) <= 3 && !meant(w.Text)
	}
	for len(l.Words) > 1 && stroke(l.Words[0]) {
		strokes = append(strokes, l.Words[0].Box)
		l.Words = l.Words[1:]
	}
	for n := len(l.Words); n > 1 && stroke(l.Words[n-1]); n-- {
		strokes = append(strokes, l.Words[n-1].Box)
		l.Words = l.Words[:n-1]
	}
	return strokes
}

// couldBeSaid reports whether a word has the letters of a Vietnamese syllable, three of
// them or more, all small, all capitals, or the first a capital.
func couldBeSaid(word string) bool {
	word = strings.TrimFunc(word, func(r rune) bool { return !unicode.IsLetter(r) })
	return utf8.RuneCountInString(word) > 2 && spelled(word)
}

// spelled reports whether letters are those of a syllable, all small, all capitals, or the
// first a capital.
func spelled(word string) bool {
	if !syllable().MatchString(bare(word)) {
		return false
	}
	_, first := utf8.DecodeRuneInString(word)
	rest := word[first:]
	return rest == strings.ToLower(rest) || word == strings.ToUpper(word)
}

// syllable is how a Vietnamese syllable is spelled, but for its marks: what may stand
// before the vowels, one to three of them, and what may stand behind.
var syllable = pattern.Late(`^(?:ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdghklmnpqrstvx])?[aeiouy]{1,3}(?:ch|ng|nh|[cmnpt])?$`)

// bare returns a word in small letters without their marks.
func bare(word string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r):
			return -1
		case r == 'đ':
			return 'd'
		}
		return r
	}, norm.NFD.String(strings.ToLower(word)))
}

// undouble takes out the second of two letters that were read for one: ĐĐ for Đ, Uẩấn for
// Uẩn. Two letters with a tone each stand in no syllable, and ĐĐ in few abbreviations; it
// is one letter if the word has one sign less than was read, none of them so wide that it
// could be two.
func undouble(w *ocr.Word, signs func() []sign) {
	text := []rune(w.Text)
	at := -1
	for i := 1; i < len(text); i++ {
		if a, b := text[i-1], text[i]; a == b && unicode.ToUpper(a) == 'Đ' || toned(a) && toned(b) && bare(string(a)) == bare(string(b)) {
			if at >= 0 {
				return
			}
			at = i
		}
	}
	if at < 0 {
		return
	}
	found := signs()
	if len(found) != len(text)-1 {
		return
	}
	high := 0
	for _, s := range found {
		high = max(high, s.box.Dy())
	}
	for _, s := range found {
		if 5*s.box.Dx() > 6*high {
			return
		}
	}
	w.Text = string(text[:at]) + string(text[at+1:])
}

// toned reports whether a letter bears one of the five marks of tone.
func toned(r rune) bool {
	return r > unicode.MaxASCII && strings.ContainsAny(norm.NFD.String(string(r)), "\u0300\u0301\u0303\u0309\u0323")
}
