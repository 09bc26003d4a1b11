package child

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
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
	s = eth.Replace(strings.Trim(s, "|¦_~"))
	if confidence < doubtful && strings.IndexFunc(s, isLetterOrDigit) < 0 {
		return ""
	}
	return lowerInside(s)
}

// eth is a letter of Icelandic that looks like Đ, and is read for it.
var eth = strings.NewReplacer("\u00D0", "\u0110", "\u00F0", "\u0111")

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
