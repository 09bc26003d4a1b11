package child

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"sohoa/ocr"
)

// tidy returns a recognised word as it goes on the page, empty if it is none:
// NFC, without spaces and what is not printed, without rulings that were read
// as signs, and without capitals in the middle of a small word.
func tidy(s string, confidence float64) string {
	s = norm.NFC.String(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || !unicode.IsGraphic(r) {
			return -1
		}
		return r
	}, s))
	s = alike.Replace(strings.Trim(s, "|¦_~"))
	if s != endMark && confidence < doubtful && strings.IndexFunc(s, isLetterOrDigit) < 0 {
		return ""
	}
	return lowerInside(s)
}

// endMark closes the text of a paper, as offices print it; the engine, which knows words,
// is never sure of it.
const endMark = "./."

// atEnd puts the mark that closes a paper to the last word of a line, where it is
// printed, and reads its stroke as what it is: no word ends in a capital between stops.
func atEnd(l *ocr.Line) {
	n := len(l.Words)
	if n > 1 && l.Words[n-1].Text == endMark {
		last := &l.Words[n-2]
		last.Text += endMark
		last.Box = around(last.Box, l.Words[n-1].Box)
		l.Words = l.Words[:n-1]
		return
	}
	if n > 0 {
		w := &l.Words[n-1]
		if stem, ok := strings.CutSuffix(w.Text, ".J."); ok && endsSmall(stem) {
			w.Text = stem + endMark
		}
	}
}

func endsSmall(s string) bool {
	r, _ := utf8.DecodeLastRuneInString(s)
	return unicode.IsLower(r)
}

func around(a, b ocr.Box) ocr.Box {
	return ocr.Box{X0: min(a.X0, b.X0), Y0: min(a.Y0, b.Y0), X1: max(a.X1, b.X1), Y1: max(a.Y1, b.Y1)}
}

// alike are signs that no paper of an office has and that are read for what they
// look like: a letter of Icelandic for Đ, the stroke of fractions for a slash.
// An inverted exclamation mark before an i is the i, read twice.
var alike = strings.NewReplacer("\u00D0", "\u0110", "\u00F0", "\u0111", "\u2044", "/", "\u00A1i", "i")

// doubtful is the confidence below which a word of signs alone is taken for
// dirt or a ruling.
const doubtful = 60

func isLetterOrDigit(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// lowerInside makes capitals with diacritics small where a small letter stands
// before them: the model reads "thủ" as "thỦ" and "giờ" as "giỜ", and no
// Vietnamese word or symbol is written so.
func lowerInside(s string) string {
	before := ' '
	return strings.Map(func(r rune) rune {
		if unicode.IsUpper(r) && r > unicode.MaxASCII && r != 'Đ' && unicode.IsLower(before) {
			r = unicode.ToLower(r)
		}
		before = r
		return r
	}, s)
}

// oneNumber makes one word of the words of a table's field if together they are
// a number, as 99,3%: wide faces set commas apart.
func oneNumber(l *ocr.Line) {
	if len(l.Words) < 2 {
		return
	}
	whole := l.Words[0]
	for _, w := range l.Words[1:] {
		whole.Text += w.Text
		whole.Box = around(whole.Box, w.Box)
		whole.Confidence = min(whole.Confidence, w.Confidence)
	}
	for _, w := range l.Words[:len(l.Words)-1] {
		if last := w.Text[len(w.Text)-1]; last != ',' && last != '.' {
			return
		}
	}
	digits := strings.TrimSuffix(whole.Text, "%")
	if strings.Trim(digits, "0123456789.,") != "" || digits == "" || digits[0] == ',' || digits[0] == '.' {
		return
	}
	if end, _ := utf8.DecodeLastRuneInString(digits); !unicode.IsDigit(end) {
		return
	}
	l.Words = []ocr.Word{whole}
}
