package pdfa

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
)

// The kinds of object (ISO 32000-1, 7.3), as the checker reads them. Numbers
// are float64, truth values bool, null is nil, and words of content streams are
// operator.
type (
	name     string
	ref      int // to object n, generation 0
	text     string
	operator string
	array    []any
	dict     map[name]any
)

var errSyntax = errors.New("syntax")

// A parser reads objects from b, as the Writer writes them; if it is loose, as
// anybody may write them in a content stream.
type parser struct {
	b     []byte
	at    int
	depth int
	loose bool
}

func (p *parser) fail(what string) error {
	return fmt.Errorf("%w: %s at byte %d", errSyntax, what, p.at)
}

func (p *parser) space() {
	for p.at < len(p.b) && (isSpace(p.b[p.at]) || p.loose && p.b[p.at] == '%') {
		if p.b[p.at] == '%' {
			for p.at < len(p.b) && p.b[p.at] != '\n' && p.b[p.at] != '\r' {
				p.at++
			}
			continue
		}
		p.at++
	}
}

func isSpace(c byte) bool {
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == 0
}

func isDelimiter(c byte) bool {
	switch c {
	case '(', ')', '<', '>', '[', ']', '{', '}', '/', '%':
		return true
	}
	return false
}

// has skips s if it stands next.
func (p *parser) has(s string) bool {
	if len(p.b)-p.at >= len(s) && string(p.b[p.at:p.at+len(s)]) == s {
		p.at += len(s)
		return true
	}
	return false
}

// value reads the next object.
func (p *parser) value() (any, error) {
	p.space()
	if p.at >= len(p.b) {
		return nil, p.fail("end")
	}
	if p.depth > 40 {
		return nil, p.fail("nesting")
	}
	p.depth++
	defer func() { p.depth-- }()
	switch {
	case p.has("<<"):
		return p.dict()
	case p.has("<"):
		return p.hex()
	case p.has("("):
		if p.loose {
			return p.anyLiteral()
		}
		return p.literal()
	case p.has("["):
		return p.array()
	case p.has("/"):
		return name(p.regular()), nil
	}
	return p.word()
}

// regular reads a run of regular characters.
func (p *parser) regular() string {
	from := p.at
	for p.at < len(p.b) && !isSpace(p.b[p.at]) && !isDelimiter(p.b[p.at]) {
		p.at++
	}
	return string(p.b[from:p.at])
}

// word reads a number, a reference, a truth value, null or an operator.
func (p *parser) word() (any, error) {
	w := p.regular()
	switch w {
	case "":
		return nil, p.fail("delimiter")
	case "true", "false":
		return w == "true", nil
	case "null":
		return nil, nil
	}
	if c := w[0]; (c < '0' || c > '9') && c != '.' && c != '-' && c != '+' {
		return operator(w), nil
	}
	n, err := strconv.ParseFloat(w, 64)
	if err != nil {
		return nil, p.fail("number")
	}
	if p.loose {
		return n, nil
	}
	if i, err := strconv.Atoi(w); err == nil && p.has(" 0 R") {
		return ref(i), nil
	}
	return n, nil
}

func (p *parser) array() (any, error) {
	a := array{}
	for {
		if p.space(); p.has("]") {
			return a, nil
		}
		v, err := p.value()
		if err != nil {
			return nil, err
		}
		a = append(a, v)
	}
}

func (p *parser) dict() (any, error) {
	d := dict{}
	for {
		if p.space(); p.has(">>") {
			return d, nil
		}
		if !p.has("/") {
			return nil, p.fail("key")
		}
		key := name(p.regular())
		if _, twice := d[key]; twice {
			return nil, p.fail("key given twice")
		}
		v, err := p.value()
		if err != nil {
			return nil, err
		}
		d[key] = v
	}
}

func (p *parser) hex() (any, error) {
	from := p.at
	for p.at < len(p.b) && p.b[p.at] != '>' {
		p.at++
	}
	digits := p.b[from:p.at]
	if p.loose {
		digits = bytes.Join(bytes.FieldsFunc(digits, func(r rune) bool { return r < 0x80 && isSpace(byte(r)) }), nil)
		if len(digits)%2 == 1 {
			return nil, p.fail("an odd number of digits") // ISO 19005-2, 6.1.6
		}
	}
	b, err := hex.DecodeString(string(digits))
	if err != nil || !p.has(">") {
		return nil, p.fail("hexadecimal string")
	}
	return text(b), nil
}

// literal reads a string in brackets. Of the escapes it knows those of one
// character, and no unescaped brackets: the writer has no others.
func (p *parser) literal() (any, error) {
	var s []byte
	for p.at < len(p.b) {
		c := p.b[p.at]
		p.at++
		switch c {
		case ')':
			return text(s), nil
		case '(':
			return nil, p.fail("bracket in a string")
		case '\\':
			if p.at == len(p.b) {
				return nil, p.fail("end")
			}
			if c = p.b[p.at]; c == 'r' {
				c = '\r'
			} else if c != '(' && c != ')' && c != '\\' {
				return nil, p.fail("escape")
			}
			p.at++
		}
		s = append(s, c)
	}
	return nil, p.fail("end of a string")
}

// anyLiteral reads a string in brackets with all that ISO 32000-1, 7.3.4.2
// allows.
func (p *parser) anyLiteral() (any, error) {
	var s []byte
	for depth := 1; p.at < len(p.b); {
		c := p.b[p.at]
		p.at++
		switch c {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return text(s), nil
			}
		case '\\':
			s = p.escape(s)
			continue
		case '\r':
			p.has("\n")
			c = '\n'
		}
		s = append(s, c)
	}
	return nil, p.fail("end of a string")
}

// escape appends what stands after a backslash.
func (p *parser) escape(s []byte) []byte {
	if p.at >= len(p.b) {
		return s
	}
	c := p.b[p.at]
	p.at++
	if c >= '0' && c <= '7' {
		v := int(c - '0')
		for n := 0; n < 2 && p.at < len(p.b) && p.b[p.at] >= '0' && p.b[p.at] <= '7'; n++ {
			v = v<<3 | int(p.b[p.at]-'0')
			p.at++
		}
		return append(s, byte(v))
	}
	switch c {
	case '\r':
		p.has("\n")
		return s
	case '\n':
		return s
	}
	if i := bytes.IndexByte([]byte("nrtbf"), c); i >= 0 {
		c = "\n\r\t\b\f"[i]
	}
	return append(s, c)
}

// spelled undoes #xx in a name (7.3.5).
func spelled(n name) string {
	var out []byte
	for i := 0; i < len(n); i++ {
		if n[i] == '#' && i+2 < len(n) {
			if v, err := strconv.ParseUint(string(n[i+1:i+3]), 16, 8); err == nil {
				out = append(out, byte(v))
				i += 2
				continue
			}
		}
		out = append(out, n[i])
	}
	return string(out)
}
