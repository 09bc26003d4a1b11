// Package catalogue reads lists that come from elsewhere, the national catalogue
// of procedures, the tree of agencies, a one-stop system's dossiers, and says
// what would become of them: every difference and every bad row by its number.
//
// It holds values and pure functions. A file is taken apart elsewhere (package
// sohoa/ingest/sheet, in a child); here its cells arrive as text. Reading is in
// three steps: a [Schema] finds the columns in a head, a list reads its rows,
// and a plan compares them with the [House]. What a plan orders is written
// elsewhere again; ordered twice, the second time changes nothing.
package catalogue

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// A Row is one row of a file. Number counts from 1, as the program shows it that
// made the file; empty rows count and are not here.
type Row struct {
	Number int    `json:"n"`
	Cells  []Cell `json:"c"`

	// Bad is the code of what is wrong with the row before any cell is looked
	// at: too long, a quote that is not closed, bytes that are no text.
	Bad string `json:"bad,omitempty"`
}

// A Cell is a value as it is stored: a day of a spreadsheet as its number of
// days, not as it is shown.
type Cell struct {
	Text    string `json:"t,omitempty"`
	Formula bool   `json:"f,omitempty"` // it is computed: what it will say tomorrow is not known
	Date    bool   `json:"d,omitempty"` // a number that is formatted as a day
	Number  bool   `json:"n,omitempty"` // stored as a number
}

// A Column is one column that a list may have.
type Column struct {
	Field    string   // as problems name it
	VI, EN   string   // as the head of an export has it, and as people are told
	Names    []string // other heads that mean it
	Required bool     // the column; whether each row needs a value the list says
	Personal bool     // its values are not repeated when something is wrong with them
}

// A Schema is the columns of a list.
type Schema []Column

// folded is a head as it is compared: small letters without marks, digits.
func folded(s string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(s)) {
		switch {
		case r == 'đ':
			b.WriteByte('d')
		case unicode.Is(unicode.Mn, r):
		case unicode.IsLetter(r), unicode.IsDigit(r):
			b.WriteRune(r)
		}
	}
	return b.String()
}

func (c Column) is(head string) bool {
	h := folded(head)
	return h != "" && (h == folded(c.VI) || h == folded(c.EN) || h == folded(c.Field) ||
		slices.ContainsFunc(c.Names, func(n string) bool { return folded(n) == h }))
}

func (s Schema) column(field string) Column {
	i := slices.IndexFunc(s, func(c Column) bool { return c.Field == field })
	return s[i]
}

// Names returns the heads of all columns in the order of the schema.
func (s Schema) Names(lang string) []string {
	var names []string
	for _, c := range s {
		if lang == "en" {
			names = append(names, c.EN)
		} else {
			names = append(names, c.VI)
		}
	}
	return names
}

// mostBefore is how many rows a head may have above it: titles, addressees.
const mostBefore = 20

// A table is rows under a head that was understood.
type table struct {
	schema Schema
	at     map[string]int // field → place of its column
	width  int
	rows   []Row
	found  []Problem
}

// tabled finds the head among the first rows: the first row with every column
// that is required. Without one there is a single problem, of the file.
func (s Schema) tabled(rows []Row) table {
	best := Problem{Code: "head", Seen: strings.Join(s.missing(nil), ", ")}
	fewest := len(s) + 1
	for i, r := range rows[:min(len(rows), mostBefore)] {
		at, twice := s.places(r)
		missing := s.missing(at)
		if len(missing) == 0 && twice != "" {
			return table{schema: s, found: []Problem{{Row: r.Number, Field: twice, Code: "head-twice"}}}
		}
		if len(missing) == 0 {
			return table{schema: s, at: at, width: len(r.Cells), rows: rows[i+1:]}
		}
		if len(at) > 0 && len(missing) < fewest {
			fewest, best = len(missing), Problem{Row: r.Number, Code: "head", Seen: strings.Join(missing, ", ")}
		}
	}
	return table{schema: s, found: []Problem{best}}
}

func (s Schema) places(r Row) (at map[string]int, twice string) {
	at = map[string]int{}
	for i, cell := range r.Cells {
		for _, c := range s {
			if !c.is(cell.Text) {
				continue
			}
			if _, is := at[c.Field]; is {
				twice = c.Field
				continue
			}
			at[c.Field] = i
			break
		}
	}
	return at, twice
}

func (s Schema) missing(at map[string]int) []string {
	var out []string
	for _, c := range s {
		if _, ok := at[c.Field]; c.Required && !ok {
			out = append(out, c.VI)
		}
	}
	return out
}

// A reader reads the cells of one row, and collects what is wrong with them.
type reader struct {
	t     *table
	row   Row
	found []Problem
	bad   bool
}

// each calls read for every row that can be looked at, and returns all problems
// in the order of the rows.
func (t *table) each(read func(*reader)) []Problem {
	found := slices.Clone(t.found)
	seen := map[string]int{}
	for _, row := range t.rows {
		if row.Bad != "" {
			found = append(found, Problem{Row: row.Number, Code: row.Bad})
			continue
		}
		r := &reader{t: t, row: row}
		if len(row.Cells) > t.width && slices.ContainsFunc(row.Cells[t.width:], func(c Cell) bool { return c.Text != "" }) {
			r.wrong("", "columns", "")
		}
		key := rowKey(row)
		if _, twice := seen[key]; twice {
			r.wrong("", "row-twice", "")
		} else {
			seen[key] = row.Number
		}
		if !r.bad {
			read(r)
		}
		found = append(found, r.found...)
	}
	return found
}

func rowKey(r Row) string {
	var b strings.Builder
	for _, c := range r.Cells {
		b.WriteString(tidy(c.Text))
		b.WriteByte(0x1f)
	}
	return strings.TrimRight(b.String(), "\x1f")
}

// wrong says that the row cannot be taken.
func (r *reader) wrong(field, code, seen string) {
	r.bad = true
	r.say(Problem{Row: r.row.Number, Field: field, Code: code, Seen: seen})
}

// note says something of a row that is taken all the same.
func (r *reader) note(field, code, seen string) {
	r.say(Problem{Row: r.row.Number, Field: field, Code: code, Seen: seen, Note: true})
}

func (r *reader) say(p Problem) {
	if p.Field != "" && r.t.schema.column(p.Field).Personal {
		p.Seen = ""
	}
	p.Seen = shortened(p.Seen)
	r.found = append(r.found, p)
}

// mostSeen is how many letters of a value a problem repeats.
const mostSeen = 60

func shortened(s string) string {
	letters := []rune(s)
	if len(letters) > mostSeen {
		return string(letters[:mostSeen]) + "…"
	}
	return s
}

// cell returns the cell of a field, empty if the file has no such column.
func (r *reader) cell(field string) Cell {
	i, ok := r.t.at[field]
	if !ok || i >= len(r.row.Cells) {
		return Cell{}
	}
	return r.row.Cells[i]
}

// has reports whether the file has the column.
func (r *reader) has(field string) bool {
	_, ok := r.t.at[field]
	return ok
}

// mostText is how many letters a value may have.
const mostText = 4000

// text reads a value: in NFC, white space made one space, nothing unseen in it.
// What cannot be a person's or an office's words is a problem, and "" returned.
func (r *reader) text(field string, most int) string {
	c := r.cell(field)
	s := c.Text
	switch {
	case c.Formula || formulaLike(s):
		r.wrong(field, "formula", "")
		return ""
	case spreadsheetError(s):
		r.wrong(field, "cell-error", s)
		return ""
	case strings.ContainsRune(s, unicode.ReplacementChar):
		r.wrong(field, "lost-letters", s)
		return ""
	case strings.ContainsFunc(s, control):
		r.wrong(field, "control", "")
		return ""
	case mojibake(s):
		r.wrong(field, "mojibake", s)
		return ""
	}
	if !norm.NFC.IsNormalString(s) {
		r.note(field, "nfd", "")
	}
	if strings.ContainsFunc(s, unseen) {
		r.note(field, "unseen", "")
	}
	s = tidy(s)
	if len([]rune(s)) > most {
		r.wrong(field, "too-long", s)
		return ""
	}
	return s
}

// tidy puts text into one form: NFC, without unseen letters, spaces single.
func tidy(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case unseen(r) && r != '\u00a0', r == '\r':
			return -1
		case unicode.IsSpace(r):
			return ' '
		}
		return r
	}, s)
	var lines []string
	for line := range strings.SplitSeq(s, "\n") {
		lines = append(lines, strings.Join(strings.Fields(line), " "))
	}
	return norm.NFC.String(strings.TrimSpace(strings.Join(lines, "\n")))
}

func control(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' && r != '\r' }

func unseen(r rune) bool {
	return r == '\u00a0' || r == '\u200b' || r == '\u200c' || r == '\u200d' || r == '\u2060' || r == '\ufeff' || r == '\u00ad'
}

// formulaLike reports whether a spreadsheet would compute s.
func formulaLike(s string) bool {
	s = strings.TrimSpace(s)
	if s == "" {
		return false
	}
	switch s[0] {
	case '=', '@':
		return true
	case '+', '-':
		return len(s) > 1 && strings.ContainsFunc(s, func(r rune) bool { return r == '(' || r == '|' || r == '!' })
	}
	return false
}

func spreadsheetError(s string) bool {
	switch strings.TrimSpace(s) {
	case "#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "#SPILL!", "#CALC!":
		return true
	}
	return false
}

// mojibake reports whether s is UTF-8 that was once read as Windows-1252.
func mojibake(s string) bool {
	for _, sign := range []string{"Ã¡", "Ã©", "Ã´", "Ã¢", "Ãª", "Ä‘", "Æ°", "Æ¡", "á»", "áº", "Ä\u0090"} {
		if strings.Contains(s, sign) {
			return true
		}
	}
	return false
}
