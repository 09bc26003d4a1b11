package search

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"sohoa/dossier"
)

// The bounds of a query: its text in runes, and its words.
const (
	MostQuery = 300
	MostWords = 24
	MostHits  = 50 // on a page
)

// A Query says what is looked for. Words may stand anywhere in a paper; "words
// in quotation marks" follow each other, and so do words joined by a dash, a
// slash or a dot. A word that begins with digits and the abbreviations behind it
// are an official number, however spaced.
type Query struct {
	Text  string
	Exact bool // tones and marks as they are written

	// Rights. Scope is who may be asked about: papers whose dossier one of these
	// agencies received or decides; empty: all. People says that holders' names
	// and numbers may be looked for and shown.
	// Within is a part of the archive besides; nil: all of it.
	// Branches is more of Scope, said shorter: these agencies and all below them.
	Scope    []dossier.AgencyCode
	Branches []dossier.AgencyCode
	Within   *dossier.Within
	People   bool

	// Filters; what is empty filters nothing.
	Kind     dossier.KindCode
	Agencies []dossier.AgencyCode // receiving or competent: one of these
	Holder   string               // words of the holder's name, or the number
	Number   string               // the paper's own official number, or its beginning
	From, To string               // issued on or after, on or before: YYYY-MM-DD

	After Cursor
	Limit int // 0: 20; at most MostHits
}

// A Cursor is where a page ended. The zero Cursor is before the first one.
type Cursor struct {
	Tier  int
	Place int64 // of the last paper seen; 0: none of the tier
}

// String returns c as a form carries it: digits and a point, nothing of what was
// looked for.
func (c Cursor) String() string {
	if c == (Cursor{}) {
		return ""
	}
	return fmt.Sprintf("%d.%d", c.Tier, c.Place)
}

// ParseCursor reads what [Cursor.String] wrote. It wraps [dossier.ErrInvalid].
func ParseCursor(s string) (c Cursor, err error) {
	if s == "" {
		return c, nil
	}
	if _, err := fmt.Sscanf(s, "%d.%d", &c.Tier, &c.Place); err != nil || c.String() != s || c.Tier < 0 || c.Tier > mostTiers || c.Place < 0 {
		return Cursor{}, fmt.Errorf("%w: search cursor", dossier.ErrInvalid)
	}
	return c, nil
}

// ErrNothing: a query without a word, a number or a filter. It is invalid.
var ErrNothing = fmt.Errorf("%w: there is nothing to look for: no letter, no digit, no filter", dossier.ErrInvalid)

// A need is one thing that a paper must have.
type need struct {
	words  []token
	number string // the same as one word, of an official number
}

// exactly reports whether tones and marks count: of numbers they never do.
func (n need) exactly(q bool) bool { return q && n.number == "" }

// Check says what is wrong with a query, wrapping [dossier.ErrInvalid]. It
// repeats nothing of it.
func (q Query) Check() error {
	_, err := q.Plan()
	return err
}

func (q Query) check(needs []need) error {
	n := 0
	for _, x := range needs {
		n += len(x.words)
	}
	if utf8.RuneCountInString(q.Text) > MostQuery || n > MostWords ||
		utf8.RuneCountInString(q.Holder) > MostQuery || len(Words(q.Holder)) > MostWords ||
		utf8.RuneCountInString(q.Number) > MostQuery || len(Words(q.Number)) > MostWords {
		return fmt.Errorf("%w: the search text is too long: at most %d characters and %d words", dossier.ErrInvalid, MostQuery, MostWords)
	}
	for _, day := range []string{q.From, q.To} {
		if day == "" {
			continue
		}
		if _, err := time.Parse(time.DateOnly, day); err != nil {
			return fmt.Errorf("%w: a day of the search is not written as YYYY-MM-DD", dossier.ErrInvalid)
		}
	}
	if q.Holder != "" && !q.People {
		return fmt.Errorf("%w: holders may not be looked for", dossier.ErrForbidden)
	}
	if q.Limit < 0 || q.Limit > MostHits {
		return fmt.Errorf("%w: a page of the search has at most %d answers", dossier.ErrInvalid, MostHits)
	}
	if len(needs) == 0 && q.Kind == "" && len(q.Agencies) == 0 && len(Words(q.Holder)) == 0 && len(Words(q.Number)) == 0 && q.From == "" && q.To == "" {
		return ErrNothing
	}
	return nil
}

var quotes = strings.NewReplacer("“", `"`, "”", `"`, "„", `"`, "«", `"`, "»", `"`, "″", `"`)

// needs reads the text of a query: every second piece between quotation marks is
// a phrase.
func needs(text string) []need {
	var list []need
	for i, piece := range strings.Split(quotes.Replace(Normal(text)), `"`) {
		in := words(piece)
		if i%2 == 1 {
			if len(in) > 0 {
				list = append(list, need{words: in})
			}
			continue
		}
		for len(in) > 0 {
			n, number := chain(in)
			x := need{words: in[:n]}
			if number {
				x.number = joined(x.words)
			}
			list, in = append(list, x), in[n:]
		}
	}
	return list
}

// chain returns how many words in front of list belong together, and whether
// they are an official number.
func chain(list []token) (n int, number bool) {
	digits, rest := parted(list[0].word)
	lettered := rest != ""
	abbreviated := kinds()[rest]
	for n = 1; n < len(list) && n < longest; n++ {
		t := list[n]
		glued := t.tight || t.loose && digits != ""
		apart := digits != "" && (kinds()[t.word] && !abbreviated || organs()[t.word] && abbreviated || n == 1 && rest == "" && isYear(t.word) && len(list) > 2 && kinds()[list[2].word])
		if !glued && !apart {
			break
		}
		if d, _ := parted(t.word); d == "" {
			lettered = true
		}
		abbreviated = abbreviated || kinds()[t.word]
	}
	return n, digits != "" && lettered
}
