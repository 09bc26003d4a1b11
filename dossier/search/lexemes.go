package search

import (
	"strings"
	"time"

	"sohoa/dossier"
)

// A Paper is an archived document as it is looked for. Its texts are [Normal].
type Paper struct {
	Document  dossier.DocumentID
	Dossier   dossier.Code
	Kind      dossier.KindCode
	Receiving dossier.AgencyCode
	Competent dossier.AgencyCode
	Over      []dossier.AgencyCode // the agencies above these two
	Holder    dossier.HolderID
	Name      string // of the holder
	Number    string // of the holder: 12 digits, or an organisation's code
	Fields    []dossier.Field
	Text      string
}

// Field returns a confirmed field, "" if there is none.
func (p Paper) Field(name dossier.FieldName) string {
	for _, f := range p.Fields {
		if f.Name == name {
			return f.Value
		}
	}
	return ""
}

// head lists what is told of a paper besides its text, without its holder.
func (p Paper) head() []string {
	list := []string{string(p.Dossier), string(p.Document)}
	for _, f := range p.Fields {
		if f.Name != dossier.FieldHolder && f.Name != dossier.FieldKind && f.Value != "" {
			list = append(list, Normal(f.Value))
		}
	}
	return list
}

// people lists what tells whose a paper is.
func (p Paper) people() []string {
	list := []string{Normal(p.Name), Normal(p.Number)}
	if v := Normal(p.Field(dossier.FieldHolder)); v != list[1] {
		list = append(list, v)
	}
	return list
}

// The classes of lexemes: their first byte. Two words that follow each other are
// one lexeme more, with _ between them, and so are three, so that a set of
// lexemes tells phrases too: pairs alone would bring hundreds of papers in which
// three frequent words stand in pairs, and nowhere in a row. Words of the holder
// are apart from all others: not everybody may look for them.
const (
	classWord         = "w" // in the head or the text
	classPair         = "p"
	classTriple       = "t"
	classHead         = "f" // in the head
	classHeadPair     = "g"
	classHolder       = "h"
	classHolderPair   = "i"
	classHolderTriple = "j"
	classNumber       = "n" // an official number, as one word, wherever it stands
	classOwnNumber    = "m" // the paper's own number
	classExact        = "x" // a word as it stands, in the head or the text
	classHolderExact  = "z"
	classAgency       = "a" // receiving or competent
	classBranch       = "b" // these, and the agencies above
	classKind         = "k"
	classDay          = "y"   // of the day it was issued: century, decade, year, month, day
	lexemeCut         = "cut" // not every lexeme is there
)

// MostText is how many bytes of a text are looked at, and MostLexemes how many
// bytes the lexemes of a paper have at most: PostgreSQL's tsvector ends at 1 MiB.
// What is left out of a paper of many hundred pages is first which words follow
// each other, so that its phrases are looked for in its text.
const (
	MostText    = 4 << 20
	MostLexemes = 900_000
)

// code writes a code of any characters as part of a lexeme.
func code[T ~string](class string, c T) string {
	const hex = "0123456789abcdef"
	b := []byte(class)
	for i := range len(c) {
		if x := c[i]; x >= 'a' && x <= 'z' || isDigit(x) {
			b = append(b, x)
		} else {
			b = append(b, '_', hex[x>>4], hex[x&15])
		}
	}
	return string(b)
}

// A gathering is a set of lexemes that keeps its order and its bounds.
type gathering struct {
	list []string
	seen map[string]struct{}
	size int
	cut  bool
}

func (g *gathering) add(lexeme string) {
	if _, ok := g.seen[lexeme]; ok {
		return
	}
	if g.size+len(lexeme) > MostLexemes {
		g.cut = true
		return
	}
	g.seen[lexeme] = struct{}{}
	g.list = append(g.list, lexeme)
	g.size += len(lexeme)
}

func (g *gathering) words(class string, list []token) {
	for _, t := range list {
		g.add(class + t.word)
	}
}

func (g *gathering) exact(class string, list []token) {
	for _, t := range list {
		g.add(class + exactly(t.exact))
	}
}

func (g *gathering) pairs(class string, list []token) {
	for i := 1; i < len(list); i++ {
		g.add(pair(class, list[i-1].word, list[i].word))
	}
}

func (g *gathering) triples(class string, list []token) {
	for i := 2; i < len(list); i++ {
		g.add(triple(class, list[i-2].word, list[i-1].word, list[i].word))
	}
}

func (g *gathering) numbers(list []token) {
	for i := range list {
		numbersAt(list, i, func(n string, _ int) { g.add(classNumber + n) })
	}
}

// exactly is a word as it stands, as part of a lexeme: of longer ones than count
// the beginning.
func exactly(word string) string {
	if len(word) <= MostWord {
		return word
	}
	if r := []rune(word); len(r) > MostWord {
		return string(r[:MostWord])
	}
	return word
}

func pair(class, a, b string) string { return class + a + "_" + b }

func triple(class, a, b, c string) string { return class + a + "_" + b + "_" + c }

// Lexemes returns the set of lexemes that stands for p, each once. None has
// white space, quotation marks or a backslash, nor a letter A–Z.
func Lexemes(p Paper) []string {
	g := &gathering{seen: map[string]struct{}{}}
	g.add(lexemeCut) // room for it is kept
	g.add(code(classKind, p.Kind))
	for _, a := range []dossier.AgencyCode{p.Receiving, p.Competent} {
		g.add(code(classAgency, a))
		g.add(code(classBranch, a))
	}
	for _, a := range p.Over {
		g.add(code(classBranch, a))
	}
	if t, err := time.Parse(time.DateOnly, p.Field(dossier.FieldIssued)); err == nil {
		for _, n := range spans {
			g.add(classDay + t.Format("20060102")[:n])
		}
	}
	ownNumber(g, p.Field(dossier.FieldNumber))
	for _, s := range p.people() {
		list := words(s)
		g.words(classHolder, list)
		g.exact(classHolderExact, list)
		g.pairs(classHolderPair, list)
		g.triples(classHolderTriple, list)
	}
	text := p.Text
	if len(text) > MostText {
		text = strings.ToValidUTF8(text[:MostText], "")
	}
	var parts [][]token
	for _, s := range p.head() {
		list := words(s)
		g.words(classHead, list)
		g.pairs(classHeadPair, list)
		parts = append(parts, list)
	}
	parts = append(parts, words(text))
	for _, list := range parts {
		g.words(classWord, list)
		g.numbers(list)
	}
	for _, list := range parts {
		g.exact(classExact, list)
	}
	for _, list := range parts {
		g.pairs(classPair, list)
	}
	for _, list := range parts {
		g.triples(classTriple, list)
	}
	if !g.cut && len(text) == len(p.Text) {
		return g.list[1:]
	}
	return g.list
}

// ownNumber adds the number that a person confirmed: as a whole, its beginnings,
// and the digits before them.
func ownNumber(g *gathering, number string) {
	list := words(Normal(number))
	if len(list) == 0 {
		return
	}
	for i := range list {
		list[i].loose = i > 0 // however it was typed
	}
	g.add(classOwnNumber + joined(list))
	if digits, _ := parted(joined(list[:1])); digits != "" {
		g.add(classOwnNumber + digits)
	}
	numbersAt(list, 0, func(n string, _ int) {
		g.add(classOwnNumber + n)
		g.add(classNumber + n)
	})
}
