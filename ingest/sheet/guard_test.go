package sheet_test

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"sohoa/ingest/sheet"
)

// No cell of a CSV that is written is a formula to the program that opens it.
func TestCSVIsText(t *testing.T) {
	var row []string
	for _, mark := range []string{"=", "+", "-", "@", "\t=", "\r=", "'="} {
		row = append(row, mark+"cmd|' /C calc'!A0")
	}
	var b bytes.Buffer
	if err := sheet.Write(&b, "csv", row, [][]string{row}); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(b.String(), "\ufeff"))).ReadAll()
	if err != nil || len(rows) != 2 {
		t.Fatal(rows, err)
	}
	for _, row := range rows {
		for _, cell := range row {
			if cell[0] != '\'' {
				t.Errorf("the cell %q", cell)
			}
		}
	}
}
