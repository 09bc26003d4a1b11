package sheet

import (
	"archive/zip"
	"bufio"
	"encoding/csv"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Write writes a head and rows as csv, in UTF-8 with the mark that spreadsheets
// look for, or as xlsx. Cells are text, whatever they look like: a spreadsheet
// computes none of them. The same rows give the same bytes. A text or a list that
// is longer than a workbook can hold is an error.
func Write(w io.Writer, form string, head []string, rows [][]string) error {
	switch form {
	case "csv":
		return writeCSV(w, head, rows)
	case "xlsx":
		return writeBook(w, head, rows)
	}
	return fmt.Errorf("no form %q: csv or xlsx", form)
}

// guarded are what a text may begin with that a spreadsheet computes (OWASP, CSV
// Injection), and the mark itself that is put before it.
const guarded = "=+-@'\t\r"

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
			if s != "" && strings.IndexByte(guarded, s[0]) >= 0 {
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

// The parts of a workbook of one sheet (ECMA-376 part 1, 12.3, and part 2), but
// for the sheet. Of the styles of cells, the second is text that is wrapped, the
// third text in bold: format 49 is text, which no spreadsheet takes for anything
// else.
const (
	declared = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	inMain   = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
	related  = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	packaged = "http://schemas.openxmlformats.org/package/2006/"
	kindOf   = "application/vnd.openxmlformats-officedocument.spreadsheetml."
)

var bookParts = [...][2]string{
	{"[Content_Types].xml", declared + `<Types xmlns="` + packaged + `content-types">` +
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>` +
		`<Override PartName="/xl/workbook.xml" ContentType="` + kindOf + `sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="` + kindOf + `styles+xml"/>` +
		`<Override PartName="/xl/worksheets/sheet1.xml" ContentType="` + kindOf + `worksheet+xml"/></Types>`},
	{"_rels/.rels", declared + `<Relationships xmlns="` + packaged + `relationships"><Relationship Id="r1" Type="` + related + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
	{partOfBook, declared + `<workbook ` + inMain + ` xmlns:r="` + related + `"><sheets><sheet name="Sheet1" sheetId="1" r:id="r1"/></sheets></workbook>`},
	{"xl/_rels/workbook.xml.rels", declared + `<Relationships xmlns="` + packaged + `relationships"><Relationship Id="r1" Type="` + related + `/worksheet" Target="worksheets/sheet1.xml"/>` +
		`<Relationship Id="r2" Type="` + related + `/styles" Target="styles.xml"/></Relationships>`},
	{"xl/styles.xml", declared + `<styleSheet ` + inMain + `><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>` +
		`<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders>` +
		`<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="3"><xf/><xf numFmtId="49" applyNumberFormat="1" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf>` +
		`<xf numFmtId="49" fontId="1" applyNumberFormat="1" applyFont="1"/></cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`},
}

const (
	styleText = "1"
	styleBold = "2"
)

// mostText is how many units of UTF-16 a cell of a workbook holds.
const mostText = 32767

func writeBook(w io.Writer, head []string, rows [][]string) error {
	if len(rows) >= mostSheetRows || len(head) > mostColumns {
		return fmt.Errorf("%d rows of %d columns are more than a workbook holds: write CSV", len(rows), len(head))
	}
	z := zip.NewWriter(w)
	for _, p := range bookParts {
		part, err := z.Create(p[0])
		if err != nil {
			return err
		}
		if _, err := io.WriteString(part, p[1]); err != nil {
			return err
		}
	}
	part, err := z.Create("xl/worksheets/sheet1.xml")
	if err != nil {
		return err
	}
	out := bufio.NewWriter(part) // it keeps the first error for Flush
	fmt.Fprintf(out, `%s<worksheet %s><cols><col min="1" max="%d" width="24" customWidth="1"/></cols><sheetData>`, declared, inMain, max(len(head), 1))
	if err := writeRow(out, 1, styleBold, head); err != nil {
		return err
	}
	for i, row := range rows {
		if err := writeRow(out, i+2, styleText, row); err != nil {
			return err
		}
	}
	out.WriteString("</sheetData></worksheet>")
	if err := out.Flush(); err != nil {
		return err
	}
	return z.Close()
}

// writeRow writes cells whose text stands in them, as it is.
func writeRow(out *bufio.Writer, number int, style string, cells []string) error {
	n := strconv.Itoa(number)
	out.WriteString(`<row r="` + n + `">`)
	for i, s := range cells {
		if i >= mostColumns || len(s) > mostText && units(s) > mostText {
			return fmt.Errorf("row %d, column %d: more than a workbook holds: write CSV", number, i+1)
		}
		out.WriteString(`<c r="` + columnName(i) + n + `" s="` + style + `" t="inlineStr"><is><t xml:space="preserve">`)
		if err := xml.EscapeText(out, []byte(escaped(s))); err != nil {
			return err
		}
		out.WriteString("</t></is></c>")
	}
	out.WriteString("</row>")
	return nil
}

// columnName is what a column is called, from 0: A … Z, AA …
func columnName(n int) string {
	name := ""
	for ; n >= 0; n = n/26 - 1 {
		name = string(rune('A'+n%26)) + name
	}
	return name
}

// units counts a text in UTF-16.
func units(s string) (n int) {
	for _, r := range s {
		if n++; r > 0xffff {
			n++
		}
	}
	return n
}

// escaped writes in numbers what XML cannot say, and the line that begins what
// looks like such a number; [unescaped] is its reverse.
func escaped(s string) string {
	var b strings.Builder
	done := 0
	for i, r := range s {
		number := r < 0x20 && r != '\t' && r != '\n' || r == 0xfffe || r == 0xffff
		if r == '_' && strings.HasPrefix(s[i:], "_x") {
			_, number = code(s[i+2:]) // whatever follows: it may become another line
		}
		if number {
			b.WriteString(s[done:i])
			fmt.Fprintf(&b, "_x%04X_", r)
			done = i + utf8.RuneLen(r)
		}
	}
	return b.String() + s[done:]
}
