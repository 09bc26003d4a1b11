package inspect

import (
	"bytes"
	"encoding/binary"
	"strings"

	"sohoa/jail"
	"sohoa/pdf/finding"
	"sohoa/scan"
)

// mostTail is how far before the end of the file its marker may stand, white
// space aside (ISO 32000-1 annex H.3.4.4).
const mostTail = 1024

// magics are the beginnings of files that are something else: what may be run,
// unpacked or shown by another program than the one that shows the PDF.
var magics = []struct{ magic, kind string }{
	{"MZ", "a program"}, {"\x7fELF", "a program"}, {"#!", "a script"}, {"\xca\xfe\xba\xbe", "a program"},
	{"PK\x03\x04", "a ZIP archive"}, {"PK\x05\x06", "a ZIP archive"}, {"Rar!\x1a\x07", "an archive"}, {"7z\xbc\xaf\x27\x1c", "an archive"}, {"\x1f\x8b\x08", "an archive"},
	{"\xff\xd8\xff", "a JPEG picture"}, {"\x89PNG\r\n", "a PNG picture"}, {"GIF8", "a GIF picture"}, {"II*\x00", "a TIFF picture"}, {"MM\x00*", "a TIFF picture"},
	{"\xd0\xcf\x11\xe0", "an office document"}, {"{\\rtf", "an office document"},
	{"<!doctype", "a web page"}, {"<html", "a web page"}, {"<script", "a web page"}, {"<?xml", "an XML file"}, {"<svg", "a picture"},
}

// kindOf names what a file that begins with b would be, "" if that is not known.
func kindOf(b []byte) string {
	b = b[:min(len(b), 16)]
	for _, m := range magics {
		if bytes.HasPrefix(b, []byte(m.magic)) || m.magic[0] == '<' && len(b) >= len(m.magic) && strings.EqualFold(string(b[:len(m.magic)]), m.magic) {
			return m.kind
		}
	}
	return ""
}

// oneKind refuses what is no PDF, and what is a PDF and something else at once:
// what it shows depends on who opens it, and the file that is kept for ever
// would carry whatever the other one does.
func oneKind(b []byte) error {
	if scan.Sniff(b[:min(len(b), scan.SniffLen)]) != scan.MediaPDF {
		return &jail.Refusal{Code: scan.CodeKind, Text: "the file is no PDF, whatever its name says; taken are " + scan.Taken}
	}
	if kind := kindOf(b); kind != "" {
		return polyglot(kind + " and a PDF")
	}
	if kind := kindOf(bytes.TrimLeft(behind(b), "\x00\t\n\f\r ")); kind != "" {
		return polyglot("a PDF with " + kind + " behind its end")
	}
	if zipped(b) {
		return polyglot("a PDF and a ZIP archive")
	}
	return nil
}

func polyglot(what string) *jail.Refusal {
	return &jail.Refusal{Code: CodePolyglot, Text: "the file is " + what + " at once; print it to a plain PDF and send that"}
}

// behind returns what follows the last end-of-file marker and its line end.
func behind(b []byte) []byte {
	i := bytes.LastIndex(b, []byte("%%EOF"))
	if i < 0 {
		return nil
	}
	b = bytes.TrimPrefix(b[i+5:], []byte("\r"))
	return bytes.TrimPrefix(b, []byte("\n"))
}

// zipped reports whether a program that unpacks would take b for an archive: a
// record of the end of the central directory whose comment is exactly what
// follows it (APPNOTE 4.3.16). An archive within a stream has more behind it.
func zipped(b []byte) bool {
	const record = 22
	tail := b[max(0, len(b)-record-1<<16):]
	for i := len(tail) - record; i >= 0; i-- {
		if tail[i] == 'P' && bytes.HasPrefix(tail[i:], []byte("PK\x05\x06")) && int(binary.LittleEndian.Uint16(tail[i+20:])) == len(tail)-i-record {
			return true
		}
	}
	return false
}

// around tells what stands before and behind the PDF, and of a web page's words
// in its head.
func around(b []byte) []finding.Finding {
	var out []finding.Finding
	head := b[:min(len(b), scan.SniffLen)]
	if k := bytes.Index(head, []byte("%PDF-")); k > 0 {
		out = append(out, finding.New(finding.LeadingBytes, 0, k))
	}
	if n := len(bytes.Trim(behind(b), "\x00\t\n\f\r ")); n > 0 {
		out = append(out, finding.New(finding.TrailingBytes, 0, n))
	}
	low := bytes.ToLower(head)
	if bytes.Contains(low, []byte("<script")) || bytes.Contains(low, []byte("<html")) {
		out = append(out, finding.New(finding.WebText, 0, 1))
	}
	return out
}
