package extract

import (
	"strconv"
	"strings"
	"time"

	"sohoa/pattern"
)

// A found is a value with its words and page, from 0.
type found struct {
	value string
	words []word
	page  int
	why   Reason
	twice bool // another value of the same label stands on the paper
}

// forms read a value at the beginning of words. Issued is the paper's day, for
// spans of time.
var forms = map[string]func(words []word, issued string) (value string, n int){
	"number12": readNumber12, "day": readDay, "span": readSpan, "text": readText,
}

// labelled looks for a field behind its labels, over all pages from the first.
func (p *paper) labelled(field string, profiles []*profile, issued string) (f found) {
	for _, pr := range profiles {
		for _, l := range pr.Labels {
			if l.Field != field {
				continue
			}
			for page, all := range p.pages {
				for i := range all {
					value, words := valueAfter(all, i, l, issued)
					switch {
					case value == "":
					case f.value == "":
						f = found{value: value, words: words, page: page, why: ByLabel}
						if l.Form == "span" {
							f.why = Computed
						}
					case value != f.value:
						f.twice = true
					}
				}
			}
			if f.value != "" {
				return f
			}
		}
	}
	return f
}

// valueAfter returns the value behind l in piece i, which may go on in the line
// below.
func valueAfter(all []piece, i int, l label, issued string) (string, []word) {
	folded := all[i].folded()
	for _, a := range l.folded {
		at := strings.Index(folded, a)
		if at < 0 || at > 0 && isLetter(folded[at-1]) || at+len(a) < len(folded) && isLetter(folded[at+len(a)]) {
			continue
		}
		words := after(all[i], at+len(a))
		if l.Form != "text" && i+1 < len(all) && all[i+1].base-all[i].base < 26 {
			words = append(words[:len(words):len(words)], all[i+1].words...)
		}
		if value, n := forms[l.Form](words, issued); n > 0 {
			return value, words[:n]
		}
	}
	return "", nil
}

func isLetter(b byte) bool { return b >= 'a' && b <= 'z' || b >= 0x80 }

// after returns the words behind byte at of the folded text; the word in which
// it falls is cut, so that what is glued to a label is not lost.
func after(q piece, at int) []word {
	for i, w := range q.words {
		folded := fold(w.text)
		if at < len(folded) && at > 0 {
			rest := []rune(w.text)[len([]rune(folded[:at])):]
			words := append([]word{}, q.words[i:]...)
			words[0].text = string(rest)
			return withoutColon(words)
		}
		if at <= 0 {
			return withoutColon(append([]word{}, q.words[i:]...))
		}
		at -= len(folded) + 1
	}
	return nil
}

// withoutColon takes the colon off the beginning.
func withoutColon(words []word) []word {
	for len(words) > 0 {
		words[0].text = strings.TrimLeft(words[0].text, ":.;,：")
		if words[0].text != "" {
			break
		}
		words = words[1:]
	}
	return words
}

// readNumber12 reads số định danh cá nhân (Luật Căn cước 26/2023 Điều 12): 12
// digits, which may be set in groups. Fewer or more digits are no number: one
// misread would be another person's.
func readNumber12(words []word, _ string) (string, int) {
	digits := ""
	for i, w := range words {
		text := strings.TrimRight(w.text, ".,;:)")
		ended := text != w.text
		if text == "" || strings.Trim(text, "0123456789") != "" || len(digits)+len(text) > 12 {
			return "", 0
		}
		if digits += text; len(digits) == 12 {
			if i+1 < len(words) && !ended && strings.Trim(words[i+1].text, "0123456789") == "" {
				return "", 0 // it goes on
			}
			return digits, i + 1
		}
		if ended {
			return "", 0
		}
	}
	return "", 0
}

var shortDay = pattern.Late(`^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})\b`)

// readDay reads 31/12/2027 or ngày 31 tháng 12 năm 2027, at the beginning.
func readDay(words []word, _ string) (string, int) {
	q := piece{words: words}
	if len(words) == 0 {
		return "", 0
	}
	if m := shortDay().FindStringSubmatch(words[0].text); m != nil {
		d, _ := strconv.Atoi(m[1])
		mo, _ := strconv.Atoi(m[2])
		y, _ := strconv.Atoi(m[3])
		return dayOf(y, mo, d), 1
	}
	folded := q.folded()
	if !strings.HasPrefix(folded, "ngay") {
		folded = "ngay " + folded
	}
	date, from, to := findDate(folded)
	if date == "" || from != 0 {
		return "", 0
	}
	if !strings.HasPrefix(q.folded(), "ngay") {
		to -= len("ngay ")
	}
	return date, q.owner(to-1) + 1
}

// dayOf returns a day as YYYY-MM-DD, empty if there is none such.
func dayOf(year, month, day int) string {
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if year < 1945 || year > 2200 || t.Day() != day || int(t.Month()) != month {
		return ""
	}
	return t.Format(time.DateOnly)
}

// Folded: 12 thang ke tu ngay cap, 01 nam ke tu ngay ky.
var spanGrammar = pattern.Late(`^(?:trong thoi han )?(\d{1,3}) ?(?:\([^)]*\) )?(ngay|thang|nam),? (?:ke )?tu ngay (?:cap|ky|ban hanh)`)

// readSpan reads a span since the day of issue and counts its end: the same day so
// many months or years later, or the last of the month (BLDS 2015 Điều 147, 148).
func readSpan(words []word, issued string) (string, int) {
	q := piece{words: words}
	folded := q.folded()
	m := spanGrammar().FindStringSubmatchIndex(folded)
	day, err := time.Parse(time.DateOnly, issued)
	if m == nil || err != nil {
		return "", 0
	}
	n, _ := strconv.Atoi(folded[m[2]:m[3]])
	if n == 0 {
		return "", 0
	}
	var end time.Time
	switch folded[m[4]:m[5]] {
	case "ngay":
		end = day.AddDate(0, 0, n)
	case "thang":
		end = monthsLater(day, n)
	default:
		end = monthsLater(day, 12*n)
	}
	return end.Format(time.DateOnly), q.owner(m[1]-1) + 1
}

// monthsLater is the same day of a later month, or its last.
func monthsLater(day time.Time, months int) time.Time {
	end := day.AddDate(0, months, 0)
	if end.Day() != day.Day() {
		end = end.AddDate(0, 0, -end.Day())
	}
	return end
}

// readText reads to the end of the line or sentence.
func readText(words []word, _ string) (string, int) {
	for i, w := range words {
		if strings.HasSuffix(w.text, ";") || strings.HasSuffix(w.text, ".") && i+1 == len(words) {
			words = words[:i+1]
			break
		}
	}
	value := strings.TrimRight(piece{words: words}.text(), " .;:,")
	if len([]rune(value)) < 3 || !strings.ContainsFunc(value, isWordLetter) {
		return "", 0
	}
	return value, len(words)
}
