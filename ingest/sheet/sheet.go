// Package sheet takes lists apart that come as CSV or XLSX, and writes them.
//
// A list from elsewhere is outside bytes: it is read in a limited child
// ([Child]), which answers with rows as text and nothing else. CSV may be in
// UTF-8, UTF-16, Windows-1258 or TCVN3 (ABC), its cells apart by commas,
// semicolons or tabs. Of a workbook the first sheet is read; formulas, days and
// numbers are told apart, nothing is computed.
package sheet

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"sohoa/dossier/catalogue"
	"sohoa/jail"
)

// ChildName is the name of [Child] for [jail.Main].
const ChildName = "sheet"

// Limits of what is read. A row beyond MostRows is not read, a row over MostRow
// bytes is told and left out.
const (
	MostBytes = 512 << 20 // of a CSV file
	MostBook  = 64 << 20  // of a workbook, packed
	MostOpen  = 512 << 20 // of a workbook, unpacked
	MostRows  = 200_000
	MostRow   = 1 << 20
	mostCells = 500
)

// Codes of refusals. They are not those of scans: what to do is something else.
const (
	CodeBytes     = "list-bytes"
	CodeEmpty     = "list-empty"
	CodeKind      = "list-kind"
	CodeEncrypted = "list-encrypted"
	CodeDamaged   = "list-damaged"
	CodeExpand    = "list-expand"
	CodeTime      = "list-time"
	CodeMemory    = "list-memory"
)

// A Table is what a list holds.
type Table struct {
	Form     string // csv or xlsx
	Encoding string // of CSV: UTF-8, UTF-16LE, UTF-16BE, windows-1258 or TCVN3
	Sheet    string // of a workbook: the sheet that was read
	Rows     []catalogue.Row
	More     bool // there are more rows than MostRows
}

// head is the first line that the child writes; a line for each row follows.
type head struct {
	Form, Encoding, Sheet string
}

// tail is the last line.
type tail struct {
	End  bool `json:"end"`
	More bool `json:"more"`
}

// Read reads the list at path in a child. A file that cannot be read gives a
// [*jail.Refusal] that says what to do.
func Read(ctx context.Context, path string) (Table, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Table{}, err
	}
	if !info.Mode().IsRegular() {
		return Table{}, &jail.Refusal{Code: CodeKind, Text: "this is no file"}
	}
	if info.Size() > MostBytes {
		return Table{}, &jail.Refusal{Code: CodeBytes, Text: fmt.Sprintf("the file is larger than %d MB: split it", MostBytes>>20)}
	}
	var out bytes.Buffer
	limits := jail.Limits{Memory: 1536 << 20, CPU: 120 * time.Second, Wall: 180 * time.Second, File: MostOpen, Output: 512 << 20, Confined: true, Alone: true}
	if err := jail.Run(ctx, ChildName, limits, nil, &out, path); err != nil {
		return Table{}, refused(err)
	}
	return parse(&out)
}

// MostLong is how many rows [Each] reads.
const MostLong = 5_000_000

// long tells the child that the list may have MostLong rows.
const long = "long"

// Each reads a list of any length in a child, and calls do for one row after the
// other: what the child answers lies in a file in the directory temp meanwhile, never
// in memory. It returns the list without its rows, and the error of do if there is one.
func Each(ctx context.Context, path, temp string, do func(catalogue.Row) error) (Table, error) {
	if info, err := os.Stat(path); err != nil {
		return Table{}, err
	} else if !info.Mode().IsRegular() {
		return Table{}, &jail.Refusal{Code: CodeKind, Text: "this is no file"}
	}
	out, err := os.CreateTemp(temp, "rows-*")
	if err != nil {
		return Table{}, err
	}
	defer out.Close()
	if err := os.Remove(out.Name()); err != nil { // it names people: nobody else opens it
		return Table{}, err
	}
	limits := jail.Limits{Memory: 1536 << 20, CPU: 900 * time.Second, Wall: 1800 * time.Second, File: MostOpen, Output: 4 << 30, Confined: true, Alone: true}
	if err := jail.Run(ctx, ChildName, limits, nil, out, path, long); err != nil {
		return Table{}, refused(err)
	}
	if _, err := out.Seek(0, io.SeekStart); err != nil {
		return Table{}, err
	}
	return answer(out, do)
}

func refused(err error) error {
	var r *jail.Refusal
	switch {
	case errors.As(err, &r):
		return r
	case errors.Is(err, jail.ErrTime):
		return &jail.Refusal{Code: CodeTime, Text: "reading the list took longer than the limit: split it, or save it as CSV"}
	case errors.Is(err, jail.ErrMemory):
		return &jail.Refusal{Code: CodeMemory, Text: "reading the list needed more memory than the limit: split it, or save it as CSV"}
	case errors.Is(err, jail.ErrOutput):
		return &jail.Refusal{Code: CodeExpand, Text: "the list becomes more than the limit: split it"}
	case errors.Is(err, jail.ErrCrash):
		return &jail.Refusal{Code: CodeDamaged, Text: "the list is damaged in a way that stops the program that reads it: save it anew as XLSX or CSV"}
	}
	return fmt.Errorf("read the list: %w", err)
}

// parse reads what the child wrote.
func parse(r io.Reader) (Table, error) {
	var rows []catalogue.Row
	t, err := answer(r, func(row catalogue.Row) error {
		rows = append(rows, row)
		return nil
	})
	if err != nil {
		return Table{}, err
	}
	t.Rows = rows
	return t, nil
}

// answer reads what the child wrote, believing nothing about its order.
func answer(r io.Reader, do func(catalogue.Row) error) (Table, error) {
	dec := json.NewDecoder(r)
	var h head
	if err := dec.Decode(&h); err != nil {
		return Table{}, fmt.Errorf("answer of the child: %w", err)
	}
	t := Table{Form: h.Form, Encoding: h.Encoding, Sheet: h.Sheet}
	for {
		var line struct {
			catalogue.Row
			tail
		}
		if err := dec.Decode(&line); err != nil {
			return Table{}, fmt.Errorf("answer of the child: %w", err)
		}
		if line.End {
			t.More = line.tail.More
			return t, nil
		}
		if err := do(line.Row); err != nil {
			return t, err
		}
	}
}

// Child reads the list that its argument names, and writes it as lines of JSON.
func Child(args []string, _ io.Reader, out io.Writer) error {
	if len(args) < 1 || len(args) > 2 || len(args) == 2 && args[1] != long {
		return errors.New("sheet: one file")
	}
	f, err := os.Open(args[0])
	if err != nil {
		return err
	}
	defer f.Close()
	start := make([]byte, 4096)
	n, err := io.ReadFull(f, start)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return err
	}
	start = start[:n]
	w := &writer{enc: json.NewEncoder(out), most: MostRows}
	if len(args) == 2 {
		w.most = MostLong
	}
	switch {
	case len(bytes.TrimSpace(start)) == 0:
		return &jail.Refusal{Code: CodeEmpty, Text: "the file is empty"}
	case bytes.HasPrefix(start, []byte("PK\x03\x04")), bytes.HasPrefix(start, []byte("PK\x05\x06")):
		return readBook(f, w)
	case bytes.HasPrefix(start, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
		return &jail.Refusal{Code: CodeEncrypted, Text: "the file is a workbook of Excel 97–2003, or one with a password: save it as XLSX without a password, or as CSV"}
	case bytes.HasPrefix(start, []byte("%PDF")), bytes.HasPrefix(start, []byte("\x89PNG")), bytes.HasPrefix(start, []byte("\xff\xd8\xff")), bytes.HasPrefix(start, []byte("<?xml")), bytes.HasPrefix(bytes.ToLower(bytes.TrimSpace(start)), []byte("<html")), bytes.HasPrefix(start, []byte("{")):
		return &jail.Refusal{Code: CodeKind, Text: "the file is neither CSV nor XLSX: export the list as one of them"}
	}
	return readCSV(f, w)
}

// A writer writes the child's answer, and counts rows.
type writer struct {
	enc  *json.Encoder
	rows int
	most int
}

var errEnough = errors.New("enough rows")

func (w *writer) head(h head) error { return w.enc.Encode(h) }

func (w *writer) row(r catalogue.Row) error {
	if r.Bad == "" && len(r.Cells) == 0 {
		return nil
	}
	if w.rows++; w.rows > w.most {
		return errEnough
	}
	return w.enc.Encode(r)
}

// end writes the last line.
func (w *writer) end(err error) error {
	if err != nil && !errors.Is(err, errEnough) {
		return err
	}
	return w.enc.Encode(tail{End: true, More: err != nil})
}
