// Package precedent says what people confirmed of papers before, so that a value
// they gave many times is offered again, and one that was read almost like it is
// put as they put it. It is plain counting over the newest confirmed papers of one
// agency and kind: values and pure functions.
//
// Nothing personal is learnt. Only the fields in [Learnt] are counted, and a value
// only where papers of [Enough] holders have it: what stands on one person's papers
// alone is nobody else's.
package precedent

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"sohoa/dossier"
)

// Window is how many papers are counted, the newest first: what an agency was
// called before a merger is forgotten by itself.
const Window = 200

// Enough is of how many holders papers must have a value before it is offered.
const Enough = 3

// mostOffers bounds what is offered where nothing was read.
const mostOffers = 3

// Learnt are the fields whose values are counted. Of a number that is what stands
// behind its digits ("12/QĐ-UBND": QĐ-UBND). Holders, subjects (which name people)
// and days are not.
var Learnt = [...]dossier.FieldName{dossier.FieldTitle, dossier.FieldNumber, dossier.FieldIssuer, dossier.FieldScope}

// A Paper is what people confirmed of one.
type Paper struct {
	Holder dossier.HolderID // whose it is
	Fields []dossier.Field
}

// A Value was confirmed on Times papers.
type Value struct {
	Text  string
	Times int
}

// A Past is what was confirmed on Papers papers: values of learnt fields that
// papers of enough holders have, the most frequent first.
type Past struct {
	Papers int
	values map[dossier.FieldName][]Value
	all    map[dossier.FieldName]map[string]bool // those of fewer holders as well
}

// Of counts papers.
func Of(papers []Paper) Past {
	past := Past{Papers: len(papers), values: map[dossier.FieldName][]Value{}, all: map[dossier.FieldName]map[string]bool{}}
	for _, name := range Learnt {
		times, holders := map[string]int{}, map[string]map[dossier.HolderID]bool{}
		for _, p := range papers {
			text := counted(name, valueOf(p.Fields, name))
			if text == "" {
				continue
			}
			times[text]++
			if holders[text] == nil {
				holders[text] = map[dossier.HolderID]bool{}
			}
			holders[text][p.Holder] = true
		}
		past.all[name] = map[string]bool{}
		for text, n := range times {
			past.all[name][text] = true
			if len(holders[text]) >= Enough {
				past.values[name] = append(past.values[name], Value{text, n})
			}
		}
		slices.SortFunc(past.values[name], func(a, b Value) int {
			return cmp.Or(cmp.Compare(b.Times, a.Times), strings.Compare(a.Text, b.Text))
		})
	}
	return past
}

func valueOf(fields []dossier.Field, name dossier.FieldName) string {
	for _, f := range fields {
		if f.Name == name {
			return f.Value
		}
	}
	return ""
}

// counted is the part of a value that is counted.
func counted(name dossier.FieldName, value string) string {
	if name == dossier.FieldNumber {
		_, value = split(value)
	}
	return value
}

// split takes a number apart: its digits, a year among them ("12/2024/"), and what
// stands behind them. A number of another form has nothing that is learnt.
func split(number string) (digits, rest string) {
	for {
		part, behind, ok := strings.Cut(number[len(digits):], "/")
		if !ok || part == "" || strings.Trim(part, "0123456789") != "" {
			break
		}
		digits = number[:len(number)-len(behind)]
	}
	if digits == "" || !strings.ContainsFunc(number[len(digits):], unicode.IsLetter) {
		return number, ""
	}
	return digits, number[len(digits):]
}

// Times is how often a value was confirmed; 0 if it is not learnt.
func (p Past) Times(name dossier.FieldName, value string) int {
	text := counted(name, value)
	for _, v := range p.values[name] {
		if v.Text == text {
			return v.Times
		}
	}
	return 0
}

// Near returns the one value that people confirmed and that differs from what was
// read in marks or in a letter of eight, with what they never confirmed put right
// by it. A read value that somebody confirmed stays, one with two neighbours too,
// and what is counted in it (digits, Roman numerals) must be the same: quận 3 is
// not quận 5. The digits of a number are those that were read.
func (p Past) Near(name dossier.FieldName, read string) (Value, bool) {
	digits, text := "", read
	if name == dossier.FieldNumber {
		digits, text = split(read)
	}
	if text == "" || p.all[name][text] {
		return Value{}, false
	}
	var near []Value
	for _, v := range p.values[name] {
		if alike(text, v.Text) {
			near = append(near, v)
		}
	}
	if len(near) != 1 {
		return Value{}, false
	}
	return Value{digits + near[0].Text, near[0].Times}, true
}

// Often returns what is offered where nothing was read: the most frequent values.
// Numbers are never offered.
func (p Past) Often(name dossier.FieldName) []Value {
	if name == dossier.FieldNumber {
		return nil
	}
	found := p.values[name]
	return found[:min(len(found), mostOffers)]
}

// alike reports whether two texts are the same word by word but for marks, or a
// letter in eight of them, at most one of a word and none of a short one: "Lập" and
// "Lộc" are two places.
func alike(a, b string) bool {
	if !slices.Equal(numerals(a), numerals(b)) {
		return false
	}
	x, y := strings.Fields(a), strings.Fields(b)
	if len(x) != len(y) {
		return false
	}
	letters, apartAll := 0, 0
	for i := range x {
		v, w := bare(x[i]), bare(y[i])
		n := apart(v, w)
		if n > 1 || n == 1 && min(len(v), len(w)) < longWord {
			return false
		}
		letters, apartAll = letters+len(w), apartAll+n
	}
	return 8*apartAll <= letters
}

// longWord is how many letters a word has in which one may have been misread.
const longWord = 5

// bare is a word in small letters without marks, đ as d.
func bare(s string) (out []rune) {
	for _, r := range norm.NFD.String(strings.ToLower(s)) {
		switch {
		case r == 'đ':
			out = append(out, 'd')
		case !unicode.Is(unicode.Mn, r):
			out = append(out, r)
		}
	}
	return out
}

// numerals are the words of a text that count: digits, and Roman numerals.
func numerals(s string) (found []string) {
	for _, word := range strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if strings.ContainsFunc(word, unicode.IsDigit) || strings.Trim(word, "IVXLC") == "" {
			found = append(found, word)
		}
	}
	return found
}

// apart is Levenshtein's distance.
func apart(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range a {
		before := row[0]
		row[0] = i + 1
		for j, y := range b {
			d := before
			if x != y {
				d++
			}
			before = row[j+1]
			row[j+1] = min(d, row[j]+1, before+1)
		}
	}
	return row[len(b)]
}
