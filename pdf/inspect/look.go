package inspect

import (
	"bytes"
	"encoding/hex"

	"sohoa/jail"
	"sohoa/scan"
)

// look is the second pair of eyes: it reads the raw bytes without a parser, so
// that whatever a parser overlooks, repairs or takes for deleted, a signature
// in the file is still seen. It errs on the side of refusing. With keep a
// signature is no reason to.
func look(m *mapping, keep bool) error {
	b := m.b
	if scan.Sniff(b[:min(len(b), scan.SniffLen)]) != scan.MediaPDF {
		return &jail.Refusal{Code: scan.CodeKind, Text: "the file is no PDF, whatever its name says; taken are " + scan.Taken}
	}
	if err := lookForNames(b, keep, m.past); err != nil {
		return err
	}
	// ISO 32000-1 7.5.5: the last line is the end-of-file marker. Other
	// programs repair what is cut short, and lose pages without a word.
	end := bytes.TrimRight(b[max(0, len(b)-1<<16):], "\x00\t\n\f\r ")
	if !bytes.Contains(end[max(0, len(end)-1024):], []byte("%%EOF")) {
		return damaged(0, "the PDF is cut short: its end is missing")
	}
	return nil
}

// lookForNames goes over every name in b, be it in an object, a string or
// compressed data. It says how far it is past.
func lookForNames(b []byte, keep bool, past func(int)) error {
	streamEnd, afterS := 0, -1
	var found *jail.Refusal
	for i := 0; ; {
		k := bytes.IndexByte(b[i:], '/')
		if k < 0 {
			break
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
			if isReference(rest) || bytes.HasPrefix(rest, []byte("<<")) {
				return encrypted()
			}
		case "ByteRange":
			if !keep && (bytes.HasPrefix(rest, []byte("[")) || isReference(rest)) {
				found = signed("a /ByteRange")
			}
		case "S":
			if len(rest) > 0 && rest[0] == '/' && !inStream {
				afterS = bytes.IndexByte(b[i:], '/') + i
			}
		case "JavaScript", "Launch":
			if start == afterS && found == nil {
				found = active(programs[name])
			}
		}
	}
	if found != nil {
		return found
	}
	return nil
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
