package workbook

import (
	"archive/zip"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// rate is a number as people print it, "95,4"; "–" is none.
type rate string

// A sheet is rows as they are written (ECMA-376 Part 1, 18.3): text stands in its
// cell as an inline string, which no program takes for a formula; numbers are
// numbers.
type sheet struct {
	name   string
	widths []float64
	frozen int // rows that stay in sight
	rows   []string
	open   strings.Builder // cells of the row in the making
	links  []link
	next   int // its next column, from 0
}

// A link leads from a cell to an address outside of the workbook.
type link struct{ cell, to string }

// opened is a whole number that leads to what was counted; to nothing with "".
type opened struct {
	n  int
	to string
}

// mostLinks is how many links of a sheet a spreadsheet takes; with more it calls the
// file damaged.
const mostLinks = 65_000

// The styles, by their place in the file of styles.
const (
	styleHead   = 1
	styleRates  = 2 // and those after it: numbers with 0, 1 and 2 decimals
	mostPlaces  = 2
	styleOpened = 5
)

func (x *sheet) at() string {
	n, name := x.next, ""
	for n >= 0 {
		name = string(rune('A'+n%26)) + name
		n = n/26 - 1
	}
	x.next++
	return name + strconv.Itoa(len(x.rows)+1)
}

func (x *sheet) text(s string, style int) {
	if s == "" {
		x.next++
		return
	}
	fmt.Fprintf(&x.open, `<c r="%s" s="%d" t="inlineStr"><is><t xml:space="preserve">`, x.at(), style)
	_ = xml.EscapeText(&x.open, []byte(s)) // a strings.Builder does not fail
	x.open.WriteString("</t></is></c>")
}

func (x *sheet) head(s string) { x.text(s, styleHead) }

func (x *sheet) number(v string, style int) {
	fmt.Fprintf(&x.open, `<c r="%s" s="%d"><v>%s</v></c>`, x.at(), style, v)
}

// row writes cells behind those that are open, and ends the row: text, whole
// numbers, those that lead somewhere, rates, and nil for none.
func (x *sheet) row(cells ...any) {
	for _, c := range cells {
		switch c := c.(type) {
		case int:
			x.number(strconv.Itoa(c), styleRates)
		case opened:
			if c.to == "" || len(x.links) == mostLinks {
				x.number(strconv.Itoa(c.n), styleRates)
				continue
			}
			x.number(strconv.Itoa(c.n), styleOpened)
			x.next--
			x.links = append(x.links, link{x.at(), c.to})
		case rate:
			_, part, _ := strings.Cut(string(c), ",")
			v := strings.Replace(string(c), ",", ".", 1)
			if _, err := strconv.ParseFloat(v, 64); err != nil || len(part) > mostPlaces {
				x.next++
				continue
			}
			x.number(v, styleRates+len(part))
		case string:
			x.text(c, 0)
		default:
			x.next++
		}
	}
	x.rows = append(x.rows, fmt.Sprintf(`<row r="%d">%s</row>`, len(x.rows)+1, x.open.String()))
	x.open.Reset()
	x.next = 0
}

const (
	declared = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	main     = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	packaged = "http://schemas.openxmlformats.org/package/2006/"
	related  = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	kind     = "application/vnd.openxmlformats-officedocument.spreadsheetml."

	styles = declared + `<styleSheet xmlns="` + main + `"><numFmts count="1"><numFmt numFmtId="164" formatCode="0.0"/></numFmts>` +
		`<fonts count="3"><font><sz val="11"/><name val="Times New Roman"/></font><font><b/><sz val="11"/><name val="Times New Roman"/></font>` +
		`<font><u/><sz val="11"/><color rgb="FF0000EE"/><name val="Times New Roman"/></font></fonts>` +
		`<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>` +
		`<fill><patternFill patternType="solid"><fgColor rgb="FFE6E6E6"/></patternFill></fill></fills>` +
		`<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="6"><xf/>` +
		`<xf fontId="1" fillId="2" applyFont="1" applyFill="1" applyAlignment="1"><alignment wrapText="1" vertical="top"/></xf>` +
		`<xf numFmtId="1" applyNumberFormat="1"/><xf numFmtId="164" applyNumberFormat="1"/><xf numFmtId="2" applyNumberFormat="1"/><xf numFmtId="1" fontId="2" applyNumberFormat="1" applyFont="1"/></cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`
)

func (x *sheet) xml() string {
	var b strings.Builder
	b.WriteString(declared + `<worksheet xmlns="` + main + `" xmlns:r="` + related + `"><sheetViews><sheetView workbookViewId="0">`)
	if x.frozen > 0 {
		fmt.Fprintf(&b, `<pane ySplit="%d" topLeftCell="A%d" activePane="bottomLeft" state="frozen"/>`, x.frozen, x.frozen+1)
	}
	b.WriteString("</sheetView></sheetViews><cols>")
	for i, w := range x.widths {
		fmt.Fprintf(&b, `<col min="%d" max="%d" width="%g" customWidth="1"/>`, i+1, i+1, w)
	}
	b.WriteString("</cols><sheetData>" + strings.Join(x.rows, "") + "</sheetData>")
	if len(x.links) > 0 {
		b.WriteString("<hyperlinks>")
		for i, l := range x.links {
			fmt.Fprintf(&b, `<hyperlink ref="%s" r:id="l%d"/>`, l.cell, i+1)
		}
		b.WriteString("</hyperlinks>")
	}
	b.WriteString("</worksheet>")
	return b.String()
}

// relations say where the links of a sheet lead (ECMA-376 Part 1, 18.3.1.47).
func (x *sheet) relations() string {
	var b strings.Builder
	b.WriteString(declared + `<Relationships xmlns="` + packaged + `relationships">`)
	for i, l := range x.links {
		fmt.Fprintf(&b, `<Relationship Id="l%d" Type="%s/hyperlink" TargetMode="External" Target="`, i+1, related)
		_ = xml.EscapeText(&b, []byte(l.to)) // a strings.Builder does not fail
		b.WriteString(`"/>`)
	}
	b.WriteString("</Relationships>")
	return b.String()
}

// write packs sheets (ECMA-376 Part 2): the parts in one order, without times.
func write(w io.Writer, title string, all []*sheet) error {
	var names, types, relations strings.Builder
	var parts [][2]string
	for i, x := range all {
		n := i + 1
		var name strings.Builder
		_ = xml.EscapeText(&name, []byte(x.name))
		fmt.Fprintf(&names, `<sheet name="%s" sheetId="%d" r:id="r%d"/>`, name.String(), n, n)
		fmt.Fprintf(&types, `<Override PartName="/xl/worksheets/sheet%d.xml" ContentType="%sworksheet+xml"/>`, n, kind)
		fmt.Fprintf(&relations, `<Relationship Id="r%d" Type="%s/worksheet" Target="worksheets/sheet%d.xml"/>`, n, related, n)
		parts = append(parts, [2]string{fmt.Sprintf("xl/worksheets/sheet%d.xml", n), x.xml()})
		if len(x.links) > 0 {
			parts = append(parts, [2]string{fmt.Sprintf("xl/worksheets/_rels/sheet%d.xml.rels", n), x.relations()})
		}
	}
	var heading strings.Builder
	_ = xml.EscapeText(&heading, []byte(title))
	parts = append([][2]string{
		{"[Content_Types].xml", declared + `<Types xmlns="` + packaged + `content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
			`<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="` + kind + `sheet.main+xml"/>` +
			`<Override PartName="/xl/styles.xml" ContentType="` + kind + `styles+xml"/><Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>` + types.String() + `</Types>`},
		{"_rels/.rels", declared + `<Relationships xmlns="` + packaged + `relationships"><Relationship Id="r1" Type="` + related + `/officeDocument" Target="xl/workbook.xml"/>` +
			`<Relationship Id="r2" Type="` + packaged + `relationships/metadata/core-properties" Target="docProps/core.xml"/></Relationships>`},
		{"docProps/core.xml", declared + `<cp:coreProperties xmlns:cp="` + packaged + `metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>` + heading.String() + `</dc:title><dc:language>vi-VN</dc:language></cp:coreProperties>`},
		{"xl/workbook.xml", declared + `<workbook xmlns="` + main + `" xmlns:r="` + related + `"><sheets>` + names.String() + `</sheets></workbook>`},
		{"xl/_rels/workbook.xml.rels", declared + `<Relationships xmlns="` + packaged + `relationships">` + relations.String() +
			`<Relationship Id="styles" Type="` + related + `/styles" Target="styles.xml"/></Relationships>`},
		{"xl/styles.xml", styles},
	}, parts...)
	z := zip.NewWriter(w)
	for _, p := range parts {
		f, err := z.Create(p[0])
		if err != nil {
			return err
		}
		if _, err := io.WriteString(f, p[1]); err != nil {
			return err
		}
	}
	return z.Close()
}
