package inspect

import (
	"bytes"
	"encoding/hex"
	"strconv"

	"sohoa/pattern"
	"sohoa/pdf/finding"
)

// A glance is what the raw bytes of a file tell without a parser: the second
// pair of eyes, so that whatever a parser overlooks, repairs or takes for
// deleted, a signature in the file is still seen. It errs on the side of seeing
// one.
type glance struct {
	signed    bool
	encrypted bool
	active    finding.Code // JavaScript or Launch in an object, "" if none
	whole     bool         // the end-of-file marker is where it must be
	table     bool         // it leads to a table of objects
}

// look glances at b.
func look(m *mapping) (glance, error) {
	b := m.b
	if err := oneKind(b); err != nil {
		return glance{}, err
	}
	g := lookForNames(b, m.past)
	// ISO 32000-1 7.5.5: the last line is the end-of-file marker. Other
	// programs repair what is cut short, and lose pages without a word.
	// An object behind it is a change that broke off while it was saved.
	g.whole = bytes.Contains(b[max(0, len(b)-mostTail):], []byte("%%EOF")) && !objectHead().Match(behind(b))
	g.table = leadsToTable(b)
	return g, nil
}

var lastTable = pattern.Late(`startxref[\x00\t\n\f\r ]+(\d{1,12})[\x00\t\n\f\r ]+%%EOF`)

// leadsToTable reports whether the last startxref leads to a table or to a
// stream that may be one, counted from the file's beginning or the header's
// (ISO 32000-1 7.5.5). If it does not, programs guess, each in its own way.
func leadsToTable(b []byte) bool {
	tail := b[max(0, len(b)-4*mostTail):]
	all := lastTable().FindAllSubmatch(tail, -1)
	if len(all) == 0 {
		return false
	}
	at, _ := strconv.Atoi(string(all[len(all)-1][1]))
	for _, from := range [...]int{at, at + max(0, bytes.Index(b[:min(len(b), mostTail)], []byte("%PDF-")))} {
		if from < len(b) {
			there := bytes.TrimLeft(b[from:min(len(b), from+64)], "\x00\t\n\f\r ")
			if m := objectHead().FindIndex(there); bytes.HasPrefix(there, []byte("xref")) || m != nil && m[0] == 0 {
				return true
			}
		}
	}
	return false
}

// lookForNames goes over every name in b, be it in an object, a string or
// compressed data. It says how far it is past.
func lookForNames(b []byte, past func(int)) (g glance) {
	streamEnd, afterS := 0, -1
	for i := 0; ; {
		k := bytes.IndexByte(b[i:], '/')
		if k < 0 {
			return g
		}
		past(i)
		if i >= streamEnd {
			streamEnd = endOfStream(b, i, i+k)
		}
		i += k + 1
		n := nameLength(b[i:])
		start := i - 1
		name, rest := plain(string(b[i:i+n])), bytes.TrimLeft(b[i+n:min(len(b), i+n+64)], "\x00\t\n\f\r ")
		i += n
		inStream := start < streamEnd
		switch name {
		case "Encrypt":
			g.encrypted = g.encrypted || isReference(rest) || bytes.HasPrefix(rest, []byte("<<"))
		case "ByteRange":
			g.signed = g.signed || bytes.HasPrefix(rest, []byte("[")) || isReference(rest)
		case "S":
			if len(rest) > 0 && rest[0] == '/' && !inStream {
				afterS = bytes.IndexByte(b[i:], '/') + i
			}
		case "JavaScript", "Launch":
			if start == afterS && g.active == "" {
				g.active = programs[name]
			}
		}
	}
}

// endOfStream returns where the stream ends that begins between from and to,
// or 0 if none does.
func endOfStream(b []byte, from, to int) int {
	k := bytes.LastIndex(b[from:to], []byte("stream"))
	if k < 0 || k >= 3 && string(b[from+k-3:from+k]) == "end" {
		return 0
	}
	n := bytes.Index(b[from+k+6:], []byte("endstream"))
	if n < 0 {
		return len(b)
	}
	return from + k + 6 + n
}

// nameLength returns how much of b belongs to a name: regular characters
// (ISO 32000-1 7.2.2), at most 127 of them.
func nameLength(b []byte) int {
	b = b[:min(len(b), 127)]
	if n := bytes.IndexAny(b, "\x00\t\n\f\r ()<>[]{}/%"); n >= 0 {
		return n
	}
	return len(b)
}

// plain undoes #xx in a name (ISO 32000-1 7.3.5); what is no hex stays.
func plain(name string) string {
	if !bytes.Contains([]byte(name), []byte("#")) {
		return name
	}
	var out []byte
	for i := 0; i < len(name); i++ {
		if name[i] == '#' && i+2 < len(name) {
			if c, err := hex.DecodeString(name[i+1 : i+3]); err == nil {
				out = append(out, c[0])
				i += 2
				continue
			}
		}
		out = append(out, name[i])
	}
	return string(out)
}

// isReference reports whether b starts like "12 0 R".
func isReference(b []byte) bool {
	f := bytes.Fields(b[:min(len(b), 40)])
	digits := func(b []byte) bool { return len(b) > 0 && len(bytes.Trim(b, "0123456789")) == 0 }
	return len(f) >= 3 && digits(f[0]) && digits(f[1]) && f[2][0] == 'R'
}
