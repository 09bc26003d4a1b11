package sheet

import (
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"sohoa/dossier/catalogue"
)

// What a sheet has at most (Excel's own bounds): a place beyond is none.
const (
	mostSheetRows = 1 << 20
	mostColumns   = 1 << 14
)

var errPlace = errors.New("a row or cell whose place is none")

// rows reads the rows of a sheet (18.3.1) and hands them on. Told reports that w
// has said what there is to say but the last line: err is then w's own.
func (b *book) rows(part io.Reader, w *writer) (told bool, err error) {
	dec := xml.NewDecoder(part)
	number := 0
	for {
		t, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return true, nil
		} else if err != nil {
			return false, err
		}
		e, ok := t.(xml.StartElement)
		if !ok || e.Name.Local != "row" {
			continue
		}
		if number, err = placeOfRow(e, number); err != nil {
			return false, err
		}
		row, err := b.row(dec, number)
		if err != nil {
			return false, err
		}
		if err := w.row(row); err != nil {
			return true, err
		}
	}
}

// placeOfRow is the number of a row: what it says, or the next one.
func placeOfRow(e xml.StartElement, last int) (int, error) {
	n := last + 1
	if r := attr(e, "r"); r != "" {
		var err error
		if n, err = strconv.Atoi(r); err != nil {
			return 0, errPlace
		}
	}
	if n <= last || n > mostSheetRows {
		return 0, errPlace
	}
	return n, nil
}

func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value
		}
	}
	return ""
}

// row reads the cells of a row, to its end. Those without anything in them count
// only where something stands behind them.
func (b *book) row(dec *xml.Decoder, number int) (catalogue.Row, error) {
	row := catalogue.Row{Number: number}
	column, size, filled, long := 0, 0, false, false
	for {
		t, err := dec.Token()
		if err != nil {
			return row, err
		}
		switch e := t.(type) {
		case xml.EndElement:
			if e.Name.Local != "row" {
				continue
			}
			switch {
			case long || size > MostRow:
				return catalogue.Row{Number: number, Bad: "row-long"}, nil
			case !filled:
				row.Cells = nil
			}
			return row, nil
		case xml.StartElement:
			if e.Name.Local != "c" {
				continue
			}
			if column, err = placeOfCell(e, column); err != nil {
				return row, err
			}
			c, err := b.cell(dec, e)
			if err != nil {
				return row, err
			}
			if c == (catalogue.Cell{}) {
				continue
			}
			if long = long || column > mostCells; long {
				continue
			}
			for len(row.Cells) < column {
				row.Cells = append(row.Cells, catalogue.Cell{})
			}
			size += len(c.Text)
			filled = filled || c.Formula || strings.TrimSpace(c.Text) != ""
			row.Cells[column-1] = c
		}
	}
}

// placeOfCell is the column of a cell, from 1: what its name says (B7 is 2), or
// the next one.
func placeOfCell(e xml.StartElement, last int) (int, error) {
	r := attr(e, "r")
	if r == "" {
		if last++; last > mostColumns {
			return 0, errPlace
		}
		return last, nil
	}
	n := 0
	letters := strings.TrimRight(r, "0123456789")
	for _, l := range []byte(letters) {
		if l |= 0x20; l < 'a' || l > 'z' || n > mostColumns {
			return 0, errPlace
		}
		n = 26*n + int(l-'a') + 1
	}
	if n < 1 || n > mostColumns || len(letters) == len(r) {
		return 0, errPlace
	}
	return n, nil
}

// cell reads a cell, to its end (18.3.1.4): its value as it is stored, nothing
// computed. One without a value is nothing, unless it has a formula.
func (b *book) cell(dec *xml.Decoder, start xml.StartElement) (c catalogue.Cell, err error) {
	var value, inline string
	within := false
	for {
		t, err := dec.Token()
		if err != nil {
			return c, err
		}
		switch e := t.(type) {
		case xml.StartElement:
			switch e.Name.Local {
			case "v":
				value, err = textOf(dec)
			case "is":
				inline, err = richText(dec)
				within = true
			case "f":
				c.Formula = true
				err = dec.Skip()
			default:
				err = dec.Skip()
			}
			if err != nil {
				return c, err
			}
		case xml.EndElement: // the cell's own: each other went with its start
			kind := attr(start, "t")
			c.Text = value
			switch n, err := strconv.Atoi(strings.TrimSpace(value)); {
			case kind == "s" && err == nil && n >= 0 && n < len(b.texts):
				c.Text = b.texts[n]
			case kind == "inlineStr" && within:
				c.Text = inline
			case (kind == "" || kind == "n") && value != "":
				style, _ := strconv.Atoi(attr(start, "s")) // no number: no style
				c.Number, c.Date = true, b.dates[style]
			}
			if strings.Contains(c.Text, "\r\n") && len(c.Text) <= MostRow {
				c.Text = strings.ReplaceAll(c.Text, "\r\n", "\n")
			}
			return c, nil
		}
	}
}

// textOf reads the text of an element, to its end; what stands in elements
// within is no part of it.
func textOf(dec *xml.Decoder) (string, error) {
	var text []byte
	for {
		t, err := dec.Token()
		if err != nil {
			return "", err
		}
		switch t := t.(type) {
		case xml.CharData:
			text = append(text, t...)
		case xml.StartElement:
			if err := dec.Skip(); err != nil {
				return "", err
			}
		case xml.EndElement:
			return string(text), nil
		}
	}
}

// richText reads a string item (18.4.8), to its end: its text, or that of its
// runs; not how it is pronounced.
func richText(dec *xml.Decoder) (string, error) {
	var text strings.Builder
	depth := 0 // of runs that are open
	for {
		t, err := dec.Token()
		if err != nil {
			return "", err
		}
		switch t := t.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "r":
				depth++
			case "t":
				part, err := textOf(dec)
				if err != nil {
					return "", err
				}
				text.WriteString(part)
			default:
				if err := dec.Skip(); err != nil {
					return "", err
				}
			}
		case xml.EndElement:
			if depth == 0 {
				return unescaped(text.String()), nil
			}
			depth--
		}
	}
}

// unescaped returns a text in which XML could not say all (22.9.2.19, ST_Xstring):
// _x000D_ is the character 13, and _x005F_ the line before such a number. What is
// no character is left out.
func unescaped(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	var b strings.Builder
	for {
		before, after, found := strings.Cut(s, "_x")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		r, ok := escape(after)
		if !ok {
			b.WriteString("_x")
			s = after
			continue
		}
		if utf8.ValidRune(r) {
			b.WriteRune(r)
		}
		s = after[5:]
	}
}

// escape reads what follows the _x of an escaped character.
func escape(s string) (rune, bool) {
	if len(s) < 5 || s[4] != '_' {
		return 0, false
	}
	return code(s)
}

// code reads the four digits of an escaped character.
func code(s string) (rune, bool) {
	if len(s) < 4 {
		return 0, false
	}
	n, err := strconv.ParseUint(s[:4], 16, 16)
	return rune(n), err == nil
}
