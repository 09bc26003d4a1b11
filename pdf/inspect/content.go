package inspect

import (
	"bytes"
	"strconv"
	"strings"
)

// A matrix maps (x, y) to (a·x + c·y + e, b·x + d·y + f), as ISO 32000-1
// 8.3.3 writes it.
type matrix struct{ a, b, c, d, e, f float64 }

// times returns m followed by n.
func (m matrix) times(n matrix) matrix {
	return matrix{
		m.a*n.a + m.b*n.c, m.a*n.b + m.b*n.d,
		m.c*n.a + m.d*n.c, m.c*n.b + m.d*n.d,
		m.e*n.a + m.f*n.c + n.e, m.e*n.b + m.f*n.d + n.f,
	}
}

// square returns where m puts the rectangle r, if it stays upright.
func (m matrix) square(r rect) (rect, bool) {
	small := 1e-3 * (abs(m.a) + abs(m.d))
	out := rect{m.a*r.x0 + m.e, m.d*r.y0 + m.f, m.a*r.x1 + m.e, m.d*r.y1 + m.f}
	return out, abs(m.b) <= small && abs(m.c) <= small && m.a > 0 && m.d > 0
}

func abs(v float64) float64 { return max(v, -v) }

// A painting is what a content stream shows, as far as this house cares.
type painting struct {
	image  string // the resource name of the one XObject it paints
	at     matrix
	clips  []rect   // what is seen, at most
	states []string // the graphics states it switches to
	hidden bool     // there is text in invisible letters, as other OCR programs leave it
	other  string   // why it is not just one picture; empty if it is
}

// A reader of a content stream keeps what an interpreter must.
type interpreter struct {
	textForms map[string]bool

	p       painting
	now     graphics
	stack   []graphics
	args    []string
	path    []rect // rectangles of the path under way
	strange bool   // the path has more than upright rectangles
	clip    bool
}

type graphics struct {
	ctm  matrix
	mode string // of text rendering
}

// paint reads a content stream (ISO 32000-1 7.8.2) to find out whether it
// paints one picture and nothing else. It gives up where it does not
// understand: such a page is drawn instead.
//
// Forms of nothing but unseen text, by their names, count as such text.
func paint(content []byte, textForms map[string]bool) painting {
	in := &interpreter{textForms: textForms, now: graphics{ctm: matrix{1, 0, 0, 1, 0, 0}, mode: "0"}}
	for len(content) > 0 && in.p.other == "" {
		var word string
		word, content = nextWord(content)
		switch {
		case word == "":
		case isOperator(word):
			in.do(word)
			in.args = in.args[:0]
		case len(in.args) > 1000:
			in.p.other = "its content is not understood"
		default:
			in.args = append(in.args, word)
		}
	}
	if in.p.other == "" && in.p.image == "" {
		in.p.other = "it is no scan"
	}
	return in.p
}

// nextWord returns the next token: a number, a name with its slash, an
// operator, a whole string "(…)" or "<…>", or a bracket.
func nextWord(b []byte) (word string, rest []byte) {
	b = bytes.TrimLeft(b, "\x00\t\n\f\r ")
	if len(b) == 0 {
		return "", nil
	}
	switch b[0] {
	case '%':
		if k := bytes.IndexAny(b, "\r\n"); k >= 0 {
			return "", b[k:]
		}
		return "", nil
	case '(':
		return "()", afterString(b)
	case '<':
		if len(b) > 1 && b[1] == '<' {
			return "<<", b[2:]
		}
		if k := bytes.IndexByte(b, '>'); k >= 0 {
			return "()", b[k+1:]
		}
		return "()", nil
	case '>', '[', ']', '{', '}', ')':
		return string(b[:1]), b[1:]
	}
	n := 1 + nameLength(b[1:])
	return string(b[:n]), b[n:]
}

// afterString returns what follows the literal string at the start of b.
func afterString(b []byte) []byte {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return b[i+1:]
			}
		}
	}
	return nil
}

func isOperator(word string) bool {
	switch word {
	case "true", "false", "null":
		return false
	}
	c := word[0]
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '\'' || c == '"'
}

// numbers returns the last n operands.
func (in *interpreter) numbers(n int) ([]float64, bool) {
	if len(in.args) < n {
		return nil, false
	}
	v := make([]float64, n)
	for i, a := range in.args[len(in.args)-n:] {
		f, err := strconv.ParseFloat(a, 64)
		if err != nil {
			return nil, false
		}
		v[i] = f
	}
	return v, true
}

// last returns the last operand, a name without its slash.
func (in *interpreter) last() string {
	if len(in.args) == 0 {
		return ""
	}
	return plain(strings.TrimPrefix(in.args[len(in.args)-1], "/"))
}

// do performs one operator.
func (in *interpreter) do(op string) {
	switch op {
	case "q", "Q", "cm", "gs", "Tr":
		in.state(op)
	case "re", "m", "l", "c", "v", "y", "h", "W", "W*", "n":
		in.trace(op)
	case "Do":
		if in.textForms[in.last()] {
			in.p.hidden = true
			return
		}
		if in.p.image != "" {
			in.p.other = "it has several pictures"
		}
		in.p.image, in.p.at = in.last(), in.now.ctm
	case "Tj", "TJ", "'", "\"":
		if in.now.mode != "3" {
			in.p.other = "it has text"
		}
		in.p.hidden = true
	case "f", "F", "f*", "B", "B*", "b", "b*", "S", "s", "sh":
		in.p.other = "it has drawings"
	case "BDC", "DP":
		if len(in.args) > 0 && in.args[0] == "/OC" {
			in.p.other = "it has layers"
		}
	case "BT", "ET", "Tf", "Td", "TD", "Tm", "T*", "Tc", "Tw", "Tz", "TL", "Ts",
		"g", "G", "rg", "RG", "k", "K", "cs", "CS", "sc", "SC", "scn", "SCN",
		"w", "J", "j", "M", "d", "ri", "i", "BMC", "EMC", "MP", "BX", "EX":
	case "BI":
		in.p.other = "it has pictures written into its content"
	default:
		in.p.other = "its content is not understood"
	}
}

// state performs what changes the graphics state.
func (in *interpreter) state(op string) {
	switch op {
	case "q":
		if in.stack = append(in.stack, in.now); len(in.stack) > 1000 {
			in.p.other = "its content is not understood"
		}
	case "Q":
		if n := len(in.stack); n > 0 {
			in.now, in.stack = in.stack[n-1], in.stack[:n-1]
		}
	case "cm":
		v, ok := in.numbers(6)
		if !ok {
			in.p.other = "its content is not understood"
			return
		}
		in.now.ctm = matrix{v[0], v[1], v[2], v[3], v[4], v[5]}.times(in.now.ctm)
	case "gs":
		in.p.states = append(in.p.states, in.last())
	case "Tr":
		in.now.mode = in.last()
	}
}

// trace follows paths, which here may only clip. Clips are collected whether
// or not they are in force when the picture comes: at worst the page is drawn.
func (in *interpreter) trace(op string) {
	switch op {
	case "re":
		v, ok := in.numbers(4)
		if !ok {
			in.strange = true
			return
		}
		r, upright := in.now.ctm.square(rect{min(v[0], v[0]+v[2]), min(v[1], v[1]+v[3]), max(v[0], v[0]+v[2]), max(v[1], v[1]+v[3])})
		in.path, in.strange = append(in.path, r), in.strange || !upright
	case "m", "l", "c", "v", "y":
		in.strange = true
	case "W", "W*":
		in.clip = true
	case "n":
		if in.clip && (in.strange || len(in.path) != 1) {
			in.p.other = "it is no plain scan"
		} else if in.clip {
			in.p.clips = append(in.p.clips, in.path[0])
		}
		in.path, in.strange, in.clip = in.path[:0], false, false
	}
}
