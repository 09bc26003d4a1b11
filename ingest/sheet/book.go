package sheet

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"sohoa/dossier/catalogue"
	"sohoa/jail"
)

// readBook reads the first sheet of a workbook. Values come from excelize; what it
// does not tell while it streams, which cells are formulas and which numbers are
// days, comes from a second look at the sheet's XML.
func readBook(f *os.File, w *writer) error {
	if err := checkZip(f); err != nil {
		return err
	}
	book, err := excelize.OpenFile(f.Name(), excelize.Options{RawCellValue: true, UnzipSizeLimit: MostOpen, UnzipXMLSizeLimit: 16 << 20})
	if err != nil {
		return damaged(err)
	}
	defer book.Close()
	name := book.GetSheetName(0)
	if name == "" {
		return &jail.Refusal{Code: CodeDamaged, Text: "the workbook has no sheet: save it anew as XLSX"}
	}
	marks, err := lookAtCells(f, book)
	if err != nil {
		return damaged(err)
	}
	if err := w.head(head{Form: "xlsx", Sheet: name}); err != nil {
		return err
	}
	rows, err := book.Rows(name)
	if err != nil {
		return damaged(err)
	}
	defer rows.Close()
	for number := 1; rows.Next(); number++ {
		cells, err := rows.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			return damaged(err)
		}
		if err := w.row(bookRow(number, cells, marks)); err != nil {
			return w.end(err)
		}
	}
	if err := rows.Error(); err != nil {
		return damaged(err)
	}
	return w.end(nil)
}

func damaged(err error) error {
	if strings.Contains(err.Error(), "unzip size exceeds") {
		return &jail.Refusal{Code: CodeExpand, Text: fmt.Sprintf("the workbook unpacks to more than %d MB: save it anew, or as CSV", MostOpen>>20)}
	}
	return &jail.Refusal{Code: CodeDamaged, Text: "the workbook is damaged or is not XLSX: save it anew as XLSX, or as CSV"}
}

// mostRatio is how much larger than packed a workbook may be that is larger than
// fewOpen at all: lists come to 30.
const (
	mostRatio = 300
	fewOpen   = 32 << 20
)

// checkZip refuses a bomb by what it says of itself; one that lies meets the caps
// of the child.
func checkZip(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.Size() > MostBook {
		return &jail.Refusal{Code: CodeBytes, Text: fmt.Sprintf("the workbook is larger than %d MB: split it, or save it as CSV", MostBook>>20)}
	}
	z, err := zip.NewReader(f, info.Size())
	if err != nil {
		return damaged(err)
	}
	var open uint64
	book := false
	for _, e := range z.File {
		if open += e.UncompressedSize64; open > MostOpen || open > fewOpen && open > mostRatio*uint64(info.Size()) {
			return damaged(errors.New("unzip size exceeds"))
		}
		book = book || e.Name == "xl/workbook.xml"
	}
	if !book {
		return &jail.Refusal{Code: CodeKind, Text: "the file is no XLSX workbook: save the list as XLSX or CSV"}
	}
	return nil
}

// A cellMark is what a cell is besides its value.
type cellMark struct{ formula, date, number bool }

func bookRow(number int, cells []string, marks map[string]cellMark) catalogue.Row {
	row := catalogue.Row{Number: number}
	if len(cells) > mostCells {
		row.Bad = "row-long"
		return row
	}
	size, filled := 0, false
	for i, text := range cells {
		at, _ := excelize.CoordinatesToCellName(i+1, number) // both are at least 1
		m := marks[at]
		size += len(text)
		filled = filled || strings.TrimSpace(text) != "" || m.formula
		row.Cells = append(row.Cells, catalogue.Cell{Text: strings.ReplaceAll(text, "\r\n", "\n"), Formula: m.formula, Date: m.date, Number: m.number})
	}
	switch {
	case size > MostRow:
		return catalogue.Row{Number: number, Bad: "row-long"}
	case !filled:
		row.Cells = nil
	}
	return row
}

// lookAtCells finds the formulas and numbers of the first sheet.
func lookAtCells(f *os.File, book *excelize.File) (map[string]cellMark, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	z, err := zip.NewReader(f, info.Size())
	if err != nil {
		return nil, err
	}
	part, err := firstSheet(z)
	if err != nil {
		return nil, err
	}
	r, err := z.Open(part)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	dates := map[int]bool{}
	marks := map[string]cellMark{}
	dec := xml.NewDecoder(io.LimitReader(r, MostOpen))
	at, m := "", cellMark{}
	for {
		t, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return marks, nil
		} else if err != nil {
			return nil, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "c":
				at, m = mark(t, book, dates)
			case "f":
				m.formula = true
			}
		case xml.EndElement:
			if t.Name.Local == "c" && at != "" && m != (cellMark{}) {
				marks[at] = m
			}
		}
	}
}

// mark reads the attributes of a cell.
func mark(t xml.StartElement, book *excelize.File, dates map[int]bool) (at string, m cellMark) {
	kind, style := "", 0
	for _, a := range t.Attr {
		switch a.Name.Local {
		case "r":
			at = a.Value
		case "t":
			kind = a.Value
		case "s":
			style, _ = strconv.Atoi(a.Value) // no number: no style
		}
	}
	if kind != "" && kind != "n" {
		return at, m
	}
	m.number = true
	is, seen := dates[style]
	if !seen {
		s, err := book.GetStyle(style)
		is = err == nil && s != nil && isDate(s)
		dates[style] = is
	}
	m.date = is
	return at, m
}

// isDate reports whether a style shows numbers as days (ECMA-376 part 1 18.8.30).
func isDate(s *excelize.Style) bool {
	if n := s.NumFmt; n >= 14 && n <= 22 || n >= 27 && n <= 36 || n >= 45 && n <= 47 || n >= 50 && n <= 58 {
		return true
	}
	if s.CustomNumFmt == nil {
		return false
	}
	quoted, bracket := false, false
	for _, r := range strings.ToLower(*s.CustomNumFmt) {
		switch {
		case r == '"':
			quoted = !quoted
		case r == '[' && !quoted, r == ']' && !quoted:
			bracket = r == '['
		case !quoted && !bracket && (r == 'd' || r == 'y'):
			return true
		}
	}
	return false
}

// firstSheet returns the part of the first sheet, by the workbook's own
// relationships.
func firstSheet(z *zip.Reader) (string, error) {
	var book struct {
		Sheets []struct {
			ID string `xml:"http://schemas.openxmlformats.org/officeDocument/2006/relationships id,attr"`
		} `xml:"sheets>sheet"`
	}
	var rels struct {
		All []struct {
			ID     string `xml:"Id,attr"`
			Target string `xml:"Target,attr"`
		} `xml:"Relationship"`
	}
	if err := decodePart(z, "xl/workbook.xml", &book); err != nil {
		return "", err
	}
	if err := decodePart(z, "xl/_rels/workbook.xml.rels", &rels); err != nil {
		return "", err
	}
	if len(book.Sheets) == 0 {
		return "", errors.New("no sheet")
	}
	for _, r := range rels.All {
		if r.ID == book.Sheets[0].ID {
			if strings.HasPrefix(r.Target, "/") {
				return strings.TrimPrefix(r.Target, "/"), nil
			}
			return path.Join("xl", r.Target), nil
		}
	}
	return "", errors.New("the first sheet is nowhere")
}

func decodePart(z *zip.Reader, name string, to any) error {
	r, err := z.Open(name)
	if err != nil {
		return err
	}
	defer r.Close()
	return xml.NewDecoder(io.LimitReader(r, 8<<20)).Decode(to)
}
