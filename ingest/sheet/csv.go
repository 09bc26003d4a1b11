package sheet

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"sohoa/dossier/catalogue"
	"sohoa/jail"
)

// readCSV reads a file of RFC 4180 and what spreadsheets make of it, twice: once
// to know its encoding and what stands between its cells, once for its rows. A
// row that cannot be read is told, and the next one read.
func readCSV(f *os.File, w *writer) error {
	text, wide, err := widened(f)
	if err != nil {
		return err
	}
	look := &survey{}
	if err := records(text, look.row); err != nil && !errors.Is(err, errEnough) {
		return err
	}
	if look.binary {
		return &jail.Refusal{Code: CodeKind, Text: "the file is neither CSV nor XLSX: export the list as one of them"}
	}
	encoding, decode := look.encoding()
	if wide != "" {
		encoding, decode = wide, decodeUTF8
	}
	if err := w.head(head{Form: "csv", Encoding: encoding}); err != nil {
		return err
	}
	if text, _, err = widened(f); err != nil {
		return err
	}
	comma := look.comma()
	number := 0
	return w.end(records(text, func(r record) error {
		number++
		return w.row(r.read(number, comma, decode))
	}))
}

// A record is the bytes of one row, without the line's end.
type record struct {
	raw  []byte
	long bool // over MostRow bytes, of which raw is the start
	open bool // the file ends within a quote
}

// records calls each for every row. A quote that stays open for more than MostRow
// bytes was none: what follows its line is read anew, so that one quote too many
// does not swallow the file.
func records(r io.Reader, each func(record) error) error {
	in := bufio.NewReaderSize(r, 4*MostRow)
	for {
		peek, err := in.Peek(MostRow + 1)
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if len(peek) == 0 {
			return nil
		}
		rec, n := cut(peek, len(peek) <= MostRow)
		raw := bytes.Clone(rec.raw)
		if _, err := in.Discard(n); err != nil {
			return err
		}
		if rec.long && n > 0 && !rec.open {
			if err := skipLine(in); err != nil && !errors.Is(err, io.EOF) {
				return err
			}
		}
		rec.raw = raw
		if err := each(rec); err != nil {
			return err
		}
	}
}

// cut finds the first row in b, of which nothing follows if last.
func cut(b []byte, last bool) (rec record, n int) {
	quoted := false
	for i, c := range b {
		switch {
		case c == '"':
			quoted = !quoted
		case c == '\n' && !quoted:
			return record{raw: bytes.TrimSuffix(b[:i], []byte("\r"))}, i + 1
		}
	}
	line := bytes.IndexByte(b, '\n')
	switch {
	case quoted && line >= 0:
		return record{raw: bytes.TrimSuffix(b[:line], []byte("\r")), open: true}, line + 1
	case quoted:
		return record{raw: b[:min(len(b), MostRow)], open: last, long: !last}, len(b)
	case last:
		return record{raw: b}, len(b)
	}
	return record{raw: b[:MostRow], long: true}, MostRow
}

// skipLine reads to the end of a line.
func skipLine(in *bufio.Reader) error {
	for {
		_, err := in.ReadSlice('\n')
		if !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}

// read takes a row apart.
func (r record) read(number int, comma byte, decode func([]byte) (string, bool)) catalogue.Row {
	row := catalogue.Row{Number: number}
	switch {
	case r.long:
		row.Bad = "row-long"
		return row
	case r.open:
		row.Bad = "row-quote"
		return row
	}
	fields, ok := fieldsOf(r.raw, comma)
	if !ok {
		row.Bad = "row-quote"
		return row
	}
	if len(fields) > mostCells {
		row.Bad = "row-long"
		return row
	}
	filled := false
	for _, f := range fields {
		s, ok := decode(f)
		if !ok {
			return catalogue.Row{Number: number, Bad: "bytes"}
		}
		s = strings.ReplaceAll(s, "\r\n", "\n")
		if len(s) > 1 && s[0] == '\'' && strings.IndexByte(guarded, s[1]) >= 0 {
			s = s[1:] // as [Write] puts it before what a spreadsheet would compute
		}
		filled = filled || strings.TrimSpace(s) != ""
		row.Cells = append(row.Cells, catalogue.Cell{Text: s})
	}
	if !filled {
		row.Cells = nil
	}
	return row
}

// fieldsOf splits a row at commas that stand in no quotes.
func fieldsOf(raw []byte, comma byte) (fields [][]byte, ok bool) {
	for {
		if len(raw) > 0 && raw[0] == '"' {
			var field []byte
			i := 1
			for {
				end := bytes.IndexByte(raw[i:], '"')
				if end < 0 {
					return nil, false
				}
				field = append(field, raw[i:i+end]...)
				i += end + 1
				if i >= len(raw) || raw[i] != '"' {
					break
				}
				field = append(field, '"')
				i++
			}
			fields = append(fields, field)
			if i == len(raw) {
				return fields, true
			}
			if raw[i] != comma {
				return nil, false
			}
			raw = raw[i+1:]
			continue
		}
		i := bytes.IndexByte(raw, comma)
		if i < 0 {
			return append(fields, raw), true
		}
		fields = append(fields, raw[:i])
		raw = raw[i+1:]
	}
}

// A survey is what a first reading finds out about a file.
type survey struct {
	commas        [3]int // how often each of commas stands in rows
	ascii, utf, w int    // rows of ASCII alone, of UTF-8, of other bytes
	legacy        []byte // some rows of other bytes
	binary        bool
	rows          int
}

var commas = [3]byte{',', ';', '\t'}

// mostLegacy is how many bytes tell two old encodings apart.
const mostLegacy = 256 << 10

func (s *survey) row(r record) error {
	s.rows++
	b := r.raw
	if s.rows <= 50 {
		for i, c := range commas {
			s.commas[i] += bytes.Count(b, []byte{c})
		}
		s.binary = s.binary || bytes.IndexByte(b, 0) >= 0 && s.rows == 1
	}
	switch {
	case r.long:
	case bytes.IndexFunc(b, func(r rune) bool { return r >= utf8.RuneSelf }) < 0:
		s.ascii++
	case utf8.Valid(b):
		s.utf++
	default:
		s.w++
		if len(s.legacy) < mostLegacy {
			s.legacy = append(append(s.legacy, b...), '\n')
		}
	}
	if s.rows > MostRows {
		return errEnough
	}
	return nil
}

func (s *survey) comma() byte {
	best := 0
	for i, n := range s.commas {
		if n > s.commas[best] {
			best = i
		}
	}
	return commas[best]
}

// encoding returns what most rows are in.
func (s *survey) encoding() (string, func([]byte) (string, bool)) {
	if s.w == 0 || s.utf >= s.w {
		return "UTF-8", decodeUTF8
	}
	if vietnamese(decode1258, s.legacy) >= vietnamese(decodeTCVN3, s.legacy) {
		return "windows-1258", decode1258
	}
	return "TCVN3", decodeTCVN3
}
