package graft

import "bytes"

// A token is a word of a content stream and where it stands.
type token struct {
	kind     byte // one of the kinds below
	from, to int
}

// The kinds: number or keyword, name, string, delimiter, operator, the data of
// an inline image.
const (
	aNumber   = 'n'
	aName     = '/'
	aString   = '('
	aBracket  = '['
	aWord     = 'w' // true, false, null
	anOperate = 'o'
	aData     = 'd'
)

// lex cuts a content stream into tokens (ISO 32000-1, 7.8.2). It reports false
// where it does not understand: such a page is not kept.
func lex(b []byte) ([]token, bool) {
	var out []token
	for i := 0; ; {
		for i < len(b) && isSpace(b[i]) {
			i++
		}
		if i >= len(b) {
			return out, true
		}
		t := token{from: i}
		switch c := b[i]; {
		case c == '%':
			for i < len(b) && b[i] != '\n' && b[i] != '\r' {
				i++
			}
			continue
		case c == '(':
			if i = afterString(b, i); i < 0 {
				return nil, false
			}
			t.kind = aString
		case c == '<' && i+1 < len(b) && b[i+1] == '<', c == '>' && i+1 < len(b) && b[i+1] == '>':
			t.kind, i = aBracket, i+2
		case c == '<':
			k := bytes.IndexByte(b[i:], '>')
			if k < 0 {
				return nil, false
			}
			t.kind, i = aString, i+k+1
		case c == '[' || c == ']':
			t.kind, i = aBracket, i+1
		case c == '/':
			i = afterRegular(b, i+1)
			t.kind = aName
		case isDelimiter(c):
			return nil, false
		default:
			i = afterRegular(b, i)
			t.kind = kindOf(b[t.from:i])
		}
		t.to = i
		out = append(out, t)
		if t.kind == anOperate && string(b[t.from:t.to]) == "ID" {
			if i = afterImage(b, i); i < 0 {
				return nil, false
			}
			out = append(out, token{aData, t.to, i - 2}, token{anOperate, i - 2, i})
		}
	}
}

func isSpace(c byte) bool {
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == 0
}

func isDelimiter(c byte) bool { return bytes.IndexByte([]byte("()<>[]{}/%"), c) >= 0 }

func afterRegular(b []byte, i int) int {
	for i < len(b) && !isSpace(b[i]) && !isDelimiter(b[i]) {
		i++
	}
	return i
}

func kindOf(w []byte) byte {
	switch string(w) {
	case "true", "false", "null":
		return aWord
	}
	if c := w[0]; c >= '0' && c <= '9' || c == '.' || c == '-' || c == '+' {
		return aNumber
	}
	return anOperate
}

// afterString returns where the literal string that begins at i has ended, -1
// if it does not.
func afterString(b []byte, i int) int {
	depth := 0
	for ; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return -1
}

// afterImage returns where the EI that ends inline data after i has ended: the
// first that stands alone and is followed by what can be content.
func afterImage(b []byte, i int) int {
	for i++; i < len(b); {
		k := bytes.Index(b[i:], []byte("EI"))
		if k < 0 {
			return -1
		}
		at := i + k
		next := b[at+2 : min(len(b), at+12)]
		plain := bytes.IndexFunc(next, func(r rune) bool { return r > 0x7e || r < ' ' && !isSpace(byte(r)) || r == 0 }) < 0
		if isSpace(b[at-1]) && plain && (len(next) == 0 || isSpace(next[0])) {
			return at + 2
		}
		i = at + 2
	}
	return -1
}
