package pdfa

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A Cell is where in a table a line stands: the table's number on the page,
// from 1, the first row and column, from 0, and how many of each the field
// takes.
type Cell struct{ Table, Row, Col, RowSpan, ColSpan int }

// maxFields is the most fields of a table that is written as one. What has more
// is no table that anybody could listen to, and is written as paragraphs.
const maxFields = 2000

// An element is a node of the structure tree (ISO 32000-1, 14.7.2).
type element struct {
	kind string // a standard structure type (14.8.4)
	alt  string
	box  [4]float64 // of a figure
	span [2]int     // rows and columns of a field
	mark int        // number of its marked content, -1 if it has none
	kids []*element
	said string // what its marked content says
}

// passages lays the lines of a page out as paragraphs and tables, in reading
// order, and numbers what is to be marked. It returns also the number of each
// line's mark.
func passages(lines []Line) (all []*element, marks []int) {
	next := 0
	mark := func(e *element, some []Line) {
		e.mark = next
		for range some {
			marks = append(marks, next)
		}
		e.said = said(some, marks[len(marks)-len(some):])
		next++
	}
	for len(lines) > 0 {
		n := together(lines)
		if t := tableOf(lines[:n]); t != nil {
			all = append(all, t.element(mark))
		} else {
			for rest := lines[:n]; len(rest) > 0; {
				k := 1
				for k < len(rest) && rest[k].Par == rest[0].Par && sameCell(rest[k], rest[0]) {
					k++
				}
				p := &element{kind: "P"}
				mark(p, rest[:k])
				all, rest = append(all, p), rest[k:]
			}
		}
		lines = lines[n:]
	}
	return all, marks
}

func sameCell(a, b Line) bool {
	return a.Cell == nil && b.Cell == nil || a.Cell != nil && b.Cell != nil && *a.Cell == *b.Cell
}

// together returns how many of the first lines are of one table, or of none.
func together(lines []Line) int {
	table := func(l Line) int {
		if l.Cell == nil {
			return 0
		}
		return l.Cell.Table
	}
	n := 1
	for n < len(lines) && table(lines[n]) == table(lines[0]) {
		n++
	}
	return n
}

// A table is the fields of a table that have lines, and its size.
type table struct {
	fields     []field
	rows, cols int
}

type field struct {
	Cell
	lines []Line
}

// tableOf puts lines into the fields of their table; nil if they are of none, or
// if the fields do not fit into a grid, or come in another order than they are
// read in: row by row.
func tableOf(lines []Line) *table {
	if lines[0].Cell == nil {
		return nil
	}
	t := &table{}
	for _, l := range lines {
		c := *l.Cell
		if c.Row < 0 || c.Col < 0 || c.RowSpan < 1 || c.ColSpan < 1 || max(c.Row, c.Col, c.RowSpan, c.ColSpan) > maxFields {
			return nil
		}
		if n := len(t.fields); n > 0 && t.fields[n-1].Cell == c {
			t.fields[n-1].lines = append(t.fields[n-1].lines, l)
			continue
		}
		t.fields = append(t.fields, field{c, []Line{l}})
		t.rows, t.cols = max(t.rows, c.Row+c.RowSpan), max(t.cols, c.Col+c.ColSpan)
	}
	inOrder := slices.IsSortedFunc(t.fields, func(a, b field) int {
		return cmp.Or(cmp.Compare(a.Row, b.Row), cmp.Compare(a.Col, b.Col))
	})
	if !inOrder || t.rows*t.cols > maxFields || len(t.fields) < 2 || t.grid() == nil {
		return nil
	}
	return t
}

// grid says of every place which field lies on it, from 1; nil if two do.
func (t *table) grid() []int {
	g := make([]int, t.rows*t.cols)
	for i, f := range t.fields {
		for r := f.Row; r < f.Row+f.RowSpan; r++ {
			for c := f.Col; c < f.Col+f.ColSpan; c++ {
				if g[r*t.cols+c] != 0 {
					return nil
				}
				g[r*t.cols+c] = i + 1
			}
		}
	}
	return g
}

// element is the table as a tree: rows of fields, with empty ones where nothing
// was read, so that every row is as wide as every other. None is a header: which
// are is not known.
func (t *table) element(mark func(*element, []Line)) *element {
	g := t.grid()
	all := &element{kind: "Table", mark: -1}
	for r := range t.rows {
		row := &element{kind: "TR", mark: -1}
		for c := range t.cols {
			d := &element{kind: "TD", mark: -1}
			if i := g[r*t.cols+c] - 1; i >= 0 {
				f := t.fields[i]
				if f.Row != r || f.Col != c {
					continue
				}
				d.span = [2]int{f.RowSpan, f.ColSpan}
				mark(d, f.lines)
			}
			row.kids = append(row.kids, d)
		}
		all.kids = append(all.kids, row)
	}
	return all
}

// said is what lines say: a blank between two words, a line feed after each line,
// and before it a blank if the next line is of the same marked content.
func said(lines []Line, marks []int) string {
	var b strings.Builder
	for i, l := range lines {
		for j, w := range l.Words {
			if j > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(w.Text)
		}
		if goesOn(marks, i) {
			b.WriteByte(' ')
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// goesOn tells whether line i is followed by another of the same marked content.
// In a tagged file such lines are parted by a blank, for who listens to it does
// not see that they end (ISO 32000-1, 14.8.2.5).
func goesOn(marks []int, i int) bool { return i+1 < len(marks) && marks[i+1] == marks[i] }

// spell writes an element and all below it in a form of which two are equal only
// if the elements are.
func (e *element) spell(b *bytes.Buffer) {
	fmt.Fprintf(b, "%s %d %d %q %q(", e.kind, max(e.span[0], 1), max(e.span[1], 1), e.alt, e.said)
	for _, k := range e.kids {
		k.spell(b)
	}
	b.WriteByte(')')
}

// A tree is the structure of a file as it grows. What is known of a page is
// written with it; what is kept in memory is a number for each.
type tree struct {
	out            *output
	root, document int
	parts          []int   // object numbers
	below          [][]int // of each part, or of the document
	pages          []int   // the arrays by which marks lead to elements, one a page
}

func newTree(out *output, parts int) *tree {
	t := &tree{out: out, root: out.reserve(), document: out.reserve()}
	if parts < 2 {
		parts = 0
	}
	for range parts {
		t.parts = append(t.parts, out.reserve())
	}
	t.below = make([][]int, max(parts, 1))
	return t
}

// add writes the elements of a page as one section of a part; content numbered
// marks is theirs. It returns the page's place in the list of such arrays.
func (t *tree) add(part, page int, kids []*element) int {
	above := t.document
	if len(t.parts) > 0 {
		above = t.parts[part]
	} else {
		part = 0
	}
	section := t.out.reserve()
	var owners []int
	t.write(section, above, page, &element{kind: "Sect", mark: -1, kids: kids}, &owners)
	t.below[part] = append(t.below[part], section)
	list := t.out.reserve()
	t.out.object(list, "[%s]", references(owners))
	t.pages = append(t.pages, list)
	return len(t.pages) - 1
}

// write writes e as object n, and what is below it.
func (t *tree) write(n, above, page int, e *element, owners *[]int) {
	below := ""
	if e.mark >= 0 {
		*owners = append(*owners, n)
		below = fmt.Sprintf("/Pg %d 0 R/K %d", page, e.mark)
	}
	if len(e.kids) > 0 {
		kids := make([]int, len(e.kids))
		for i, k := range e.kids {
			kids[i] = t.out.reserve()
			t.write(kids[i], n, page, k, owners)
		}
		below = "/K[" + references(kids) + "]"
	}
	t.out.object(n, "<</S/%s/P %d 0 R%s%s>>", e.kind, above, e.attributes(), below)
}

// attributes are what is said about an element beside its kind (14.8.5).
func (e *element) attributes() string {
	switch {
	case e.kind == "Figure":
		b := []byte("/Alt" + shortString(e.alt) + "/A<</O/Layout/Placement/Block/BBox[")
		for i, v := range e.box {
			if i > 0 {
				b = append(b, ' ')
			}
			b = number(b, v, 3)
		}
		return string(b) + "]>>"
	case e.span[0] > 1 || e.span[1] > 1:
		s := "/A<</O/Table"
		if e.span[0] > 1 {
			s += "/RowSpan " + strconv.Itoa(e.span[0])
		}
		if e.span[1] > 1 {
			s += "/ColSpan " + strconv.Itoa(e.span[1])
		}
		return s + ">>"
	}
	return ""
}

// close writes the upper elements, the root, and the way from marks to elements
// (14.7.4.4).
func (t *tree) close(parts []Part) {
	kids := references(t.below[0])
	if len(t.parts) > 0 {
		kids = references(t.parts)
		for i, n := range t.parts {
			t.out.object(n, "<</S/Part/P %d 0 R/T%s/K[%s]>>", t.document, textString(parts[i].Title), references(t.below[i]))
		}
	}
	t.out.object(t.document, "<</S/Document/P %d 0 R/K[%s]>>", t.root, kids)
	var nums strings.Builder
	for i, n := range t.pages {
		fmt.Fprintf(&nums, "%d %d 0 R ", i, n)
	}
	parents := t.out.reserve()
	t.out.object(parents, "<</Nums[%s]>>", strings.TrimSpace(nums.String()))
	t.out.object(t.root, "<</Type/StructTreeRoot/K %d 0 R/ParentTree %d 0 R/ParentTreeNextKey %d>>", t.document, parents, len(t.pages))
}

func references(numbers []int) string {
	var b strings.Builder
	for i, n := range numbers {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(strconv.Itoa(n) + " 0 R")
	}
	return b.String()
}
