package sqldb

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// Rows that leave a database for a backup are written as PostgreSQL's COPY
// writes them in its text format (PostgreSQL, "COPY", File Formats): one row a
// line, columns between tabs, \N for NULL. PostgreSQL does so itself; what
// stands here does the same for SQLite, so that either can take the other's.

// mostLine is the most bytes of a row that is read back.
const mostLine = 256 << 20

// errCopyText: bytes that are not what a backup's rows are written as.
var errCopyText = errors.New("not rows in COPY's text format")

var copyEscapes = map[byte]byte{'\\': '\\', '\b': 'b', '\f': 'f', '\n': 'n', '\r': 'r', '\t': 't', '\v': 'v'}

// appendCopyRow appends a row of SQLite's values as a line.
func appendCopyRow(line []byte, values []any) ([]byte, error) {
	for i, v := range values {
		if i > 0 {
			line = append(line, '\t')
		}
		switch v := v.(type) {
		case nil:
			line = append(line, '\\', 'N')
		case int64:
			line = strconv.AppendInt(line, v, 10)
		case string:
			line = appendEscaped(line, v)
		case []byte:
			line = append(line, '\\', '\\', 'x')
			line = hex.AppendEncode(line, v)
		default:
			return nil, fmt.Errorf("a value of type %T", v)
		}
	}
	return append(line, '\n'), nil
}

func appendEscaped(line []byte, s string) []byte {
	for i := range len(s) {
		if e, ok := copyEscapes[s[i]]; ok {
			line = append(line, '\\', e)
			continue
		}
		line = append(line, s[i])
	}
	return line
}

// readCopyRows calls fn with the values of each row: nil, int64, string or
// []byte, as columns say. The values are good until fn returns.
func readCopyRows(r io.Reader, columns []Column, fn func(values []any) error) (n int64, err error) {
	lines := bufio.NewReaderSize(r, 1<<20)
	values := make([]any, len(columns))
	for {
		line, err := readLine(lines)
		if err == io.EOF {
			return n, nil
		} else if err != nil {
			return n, err
		}
		if err := parseCopyRow(line, columns, values); err != nil {
			return n, fmt.Errorf("row %d: %w", n+1, err)
		}
		if err := fn(values); err != nil {
			return n, fmt.Errorf("row %d: %w", n+1, err)
		}
		n++
	}
}

// readLine returns a line without its end; io.EOF if there is none. A last line
// that was cut is an error.
func readLine(r *bufio.Reader) ([]byte, error) {
	line, err := r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		long := bytes.Clone(line)
		for errors.Is(err, bufio.ErrBufferFull) && len(long) < mostLine {
			line, err = r.ReadSlice('\n')
			long = append(long, line...)
		}
		line = long
	}
	switch {
	case err == nil:
		return line[:len(line)-1], nil
	case err == io.EOF && len(line) > 0:
		return nil, fmt.Errorf("%w: the last row is cut", errCopyText)
	}
	return nil, err
}

func parseCopyRow(line []byte, columns []Column, values []any) error {
	for i, c := range columns {
		field, rest, more := bytes.Cut(line, []byte{'\t'})
		if more != (i < len(columns)-1) {
			return fmt.Errorf("%w: not %d columns", errCopyText, len(columns))
		}
		line = rest
		v, err := parseCopyValue(field, c.Kind)
		if err != nil {
			return fmt.Errorf("column %s: %w", c.Name, err)
		}
		values[i] = v
	}
	return nil
}

func parseCopyValue(field []byte, kind Kind) (any, error) {
	if string(field) == `\N` {
		return nil, nil
	}
	plain, err := unescaped(field)
	if err != nil {
		return nil, err
	}
	switch kind {
	case KindInteger:
		n, err := strconv.ParseInt(string(plain), 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%w: a number", errCopyText)
		}
		return n, nil
	case KindBytes:
		digits, ok := bytes.CutPrefix(plain, []byte(`\x`))
		b := make([]byte, hex.DecodedLen(len(digits)))
		if _, err := hex.Decode(b, digits); err != nil || !ok {
			return nil, fmt.Errorf("%w: bytes", errCopyText)
		}
		return b, nil
	}
	return string(plain), nil
}

func unescaped(field []byte) ([]byte, error) {
	if bytes.IndexByte(field, '\\') < 0 {
		return field, nil
	}
	out := make([]byte, 0, len(field))
	for i := 0; i < len(field); i++ {
		if field[i] != '\\' {
			out = append(out, field[i])
			continue
		}
		i++
		if i == len(field) {
			return nil, fmt.Errorf("%w: it ends in a backslash", errCopyText)
		}
		c, ok := copyPlain[field[i]]
		if !ok {
			return nil, fmt.Errorf("%w: \\%c", errCopyText, field[i])
		}
		out = append(out, c)
	}
	return out, nil
}

var copyPlain = func() map[byte]byte {
	plain := map[byte]byte{}
	for c, e := range copyEscapes {
		plain[e] = c
	}
	return plain
}()
