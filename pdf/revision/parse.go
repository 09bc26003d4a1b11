package revision

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
)

// errShort says that the bytes at hand end in the middle of an object.
var errShort = errors.New("ends too early")

// maxDepth is how deep arrays and dictionaries may nest.
const maxDepth = 64

// A parser reads objects from bytes (ISO 32000-1, 7.2 and 7.3).
type parser struct {
	b []byte
	p int

	// spans, if not nil, receives where the values of the outermost
	// dictionary stand, as offsets in b.
	spans map[Name][2]int
}

func isSpace(c byte) bool {
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == 0
}

func isDelimiter(c byte) bool { return bytes.IndexByte([]byte("()<>[]{}/%"), c) >= 0 }

func isRegular(c byte) bool { return !isSpace(c) && !isDelimiter(c) }

func (s *parser) bad(format string, a ...any) error {
	return fmt.Errorf("%w: %s", ErrDamaged, fmt.Sprintf(format, a...))
}

// skip passes white space and comments.
func (s *parser) skip() {
	for s.p < len(s.b) {
		switch c := s.b[s.p]; {
		case isSpace(c):
			s.p++
		case c == '%':
			for s.p < len(s.b) && s.b[s.p] != '\n' && s.b[s.p] != '\r' {
				s.p++
			}
		default:
			return
		}
	}
}

// peek returns the next byte, 0 at the end.
func (s *parser) peek() byte {
	if s.p < len(s.b) {
		return s.b[s.p]
	}
	return 0
}

// word reads a run of regular characters.
func (s *parser) word() (string, error) {
	start := s.p
	for s.p < len(s.b) && isRegular(s.b[s.p]) {
		s.p++
	}
	if s.p == len(s.b) {
		return "", errShort
	}
	return string(s.b[start:s.p]), nil
}

// keyword reads the word w.
func (s *parser) keyword(w string) error {
	s.skip()
	got, err := s.word()
	if err != nil {
		return err
	}
	if got != w {
		return s.bad("%.20q where %s should be", got, w)
	}
	return nil
}

// integer reads an unsigned integer.
func (s *parser) integer() (int64, error) {
	s.skip()
	w, err := s.word()
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseUint(w, 10, 62)
	if err != nil {
		return 0, s.bad("%.20q where a number should be", w)
	}
	return int64(n), nil
}

// object reads one object; streams are not objects here.
func (s *parser) object(depth int) (Object, error) {
	if depth > maxDepth {
		return nil, s.bad("nested deeper than %d", maxDepth)
	}
	s.skip()
	if s.p+1 >= len(s.b) {
		return nil, errShort
	}
	switch c := s.b[s.p]; {
	case c == '/':
		return s.name()
	case c == '(':
		return s.literal()
	case c == '[':
		return s.array(depth)
	case c == '<' && s.b[s.p+1] == '<':
		return s.dict(depth)
	case c == '<':
		return s.hex()
	case isRegular(c):
		return s.atom()
	default:
		return nil, s.bad("%q where an object should be", c)
	}
}

func (s *parser) name() (Object, error) {
	s.p++
	w, err := s.word()
	if err != nil {
		return nil, err
	}
	var n []byte
	for i := 0; i < len(w); i++ {
		if w[i] != '#' {
			n = append(n, w[i])
			continue
		}
		if i+2 >= len(w) {
			return nil, s.bad("name %.40q", w)
		}
		c, err := strconv.ParseUint(w[i+1:i+3], 16, 8)
		if err != nil {
			return nil, s.bad("name %.40q", w)
		}
		n = append(n, byte(c))
		i += 2
	}
	return Name(n), nil
}

// atom reads a number, a reference or one of the three words.
func (s *parser) atom() (Object, error) {
	w, err := s.word()
	if err != nil {
		return nil, err
	}
	switch w {
	case "null":
		return nil, nil
	case "true", "false":
		return w == "true", nil
	}
	n := Number(w)
	if _, ok := n.Float(); !ok || bytes.ContainsAny([]byte(w), "eExXnNiI_") {
		return nil, s.bad("%.20q where an object should be", w)
	}
	if ref, ok := s.reference(n); ok {
		return ref, nil
	}
	return n, nil
}

// reference tries to read on from the first number of "12 0 R".
func (s *parser) reference(first Number) (Ref, bool) {
	num, err := strconv.ParseUint(string(first), 10, 31)
	if err != nil {
		return Ref{}, false
	}
	back := s.p
	if gen, err := s.integer(); err == nil && gen <= 65535 && s.keyword("R") == nil {
		return Ref{int(num), int(gen)}, true
	}
	s.p = back
	return Ref{}, false
}

func (s *parser) array(depth int) (Object, error) {
	s.p++
	a := Array{}
	for {
		s.skip()
		if s.p == len(s.b) {
			return nil, errShort
		}
		if s.b[s.p] == ']' {
			s.p++
			return a, nil
		}
		o, err := s.object(depth + 1)
		if err != nil {
			return nil, err
		}
		a = append(a, o)
	}
}

func (s *parser) dict(depth int) (Object, error) {
	s.p += 2
	d := Dict{}
	for {
		s.skip()
		if s.p+1 >= len(s.b) {
			return nil, errShort
		}
		if s.b[s.p] == '>' && s.b[s.p+1] == '>' {
			s.p += 2
			return d, nil
		}
		if s.b[s.p] != '/' {
			return nil, s.bad("%q where a key should be", s.b[s.p])
		}
		k, err := s.name()
		if err != nil {
			return nil, err
		}
		key := k.(Name)
		if _, twice := d[key]; twice { // readers disagree on which one counts
			return nil, s.bad("key %.40s twice", key)
		}
		s.skip()
		start := s.p
		if d[key], err = s.object(depth + 1); err != nil {
			return nil, err
		}
		if depth == 0 && s.spans != nil {
			s.spans[key] = [2]int{start, s.p}
		}
	}
}

func (s *parser) hex() (Object, error) {
	s.p++
	end := bytes.IndexByte(s.b[s.p:], '>')
	if end < 0 {
		return nil, errShort
	}
	var digits []byte
	for _, c := range s.b[s.p : s.p+end] {
		if !isSpace(c) {
			digits = append(digits, c)
		}
	}
	s.p += end + 1
	if len(digits)%2 == 1 {
		digits = append(digits, '0')
	}
	out := make(String, len(digits)/2)
	for i := range out {
		v, err := strconv.ParseUint(string(digits[2*i:2*i+2]), 16, 8)
		if err != nil {
			return nil, s.bad("hexadecimal string")
		}
		out[i] = byte(v)
	}
	return out, nil
}

// escapes are the letters that may follow a backslash (7.3.4.2, table 3).
var escapes = map[byte]byte{'n': '\n', 'r': '\r', 't': '\t', 'b': '\b', 'f': '\f'}

func (s *parser) literal() (Object, error) {
	s.p++
	out := String{}
	for open := 1; s.p < len(s.b); {
		c := s.b[s.p]
		s.p++
		switch c {
		case '(':
			open++
		case ')':
			if open--; open == 0 {
				return out, nil
			}
		case '\\':
			var err error
			if out, err = s.escape(out); err != nil {
				return nil, err
			}
			continue
		case '\r':
			if s.peek() == '\n' {
				s.p++
			}
			c = '\n'
		}
		out = append(out, c)
	}
	return nil, errShort
}

// escape reads what follows a backslash.
func (s *parser) escape(out String) (String, error) {
	if s.p == len(s.b) {
		return nil, errShort
	}
	c := s.b[s.p]
	s.p++
	if to, ok := escapes[c]; ok {
		return append(out, to), nil
	}
	switch {
	case c == '\r':
		if s.peek() == '\n' {
			s.p++
		}
		return out, nil
	case c == '\n':
		return out, nil
	case c >= '0' && c <= '7':
		v := int(c - '0')
		for i := 0; i < 2 && s.peek() >= '0' && s.peek() <= '7'; i++ {
			v = v<<3 | int(s.b[s.p]-'0')
			s.p++
		}
		return append(out, byte(v)), nil
	}
	return append(out, c), nil
}
