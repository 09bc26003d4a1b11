package sheet

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"
)

// Write writes a head and rows as csv, in UTF-8 with the mark that spreadsheets
// look for, or as xlsx. Cells are text, whatever they look like: a spreadsheet
// computes none of them. The same rows give the same bytes.
func Write(w io.Writer, form string, head []string, rows [][]string) error {
	switch form {
	case "csv":
		return writeCSV(w, head, rows)
	case "xlsx":
		return writeBook(w, head, rows)
	}
	return fmt.Errorf("no form %q: csv or xlsx", form)
}

func writeCSV(w io.Writer, head []string, rows [][]string) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	for _, row := range append([][]string{head}, rows...) {
		safe := make([]string, len(row))
		for i, s := range row {
			safe[i] = s
			if s != "" && strings.IndexByte("=+-@'", s[0]) >= 0 {
				safe[i] = "'" + s
			}
		}
		if err := out.Write(safe); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func writeBook(w io.Writer, head []string, rows [][]string) error {
	book := excelize.NewFile()
	defer book.Close()
	text, err := book.NewStyle(&excelize.Style{NumFmt: 49, Alignment: &excelize.Alignment{Vertical: "top", WrapText: true}})
	if err != nil {
		return err
	}
	bold, err := book.NewStyle(&excelize.Style{NumFmt: 49, Font: &excelize.Font{Bold: true}})
	if err != nil {
		return err
	}
	out, err := book.NewStreamWriter(book.GetSheetName(0))
	if err != nil {
		return err
	}
	if err := out.SetColWidth(1, max(len(head), 1), 24); err != nil {
		return err
	}
	for n, row := range append([][]string{head}, rows...) {
		style := text
		if n == 0 {
			style = bold
		}
		cells := make([]any, len(row))
		for i, s := range row {
			cells[i] = excelize.Cell{StyleID: style, Value: s}
		}
		at, _ := excelize.CoordinatesToCellName(1, n+1) // both are at least 1
		if err := out.SetRow(at, cells); err != nil {
			return err
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	return book.Write(w)
}
