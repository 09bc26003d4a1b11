package pdfa

import (
	"bytes"
	"crypto/sha256"
	"slices"
	"strings"
)

// A section is the structure of one page, as it was read.
type section struct {
	part   int // the part it stands in, from 0
	title  string
	kids   []*element
	owners []ref // the element of each marked content
}

// stands are the kinds of element that the Writer puts into another.
var stands = map[name]string{"Document": "Part Sect", "Part": "Sect", "Sect": "P Table Figure", "Table": "TR", "TR": "TD"}

// structure reads the structure tree (ISO 32000-1, 14.7.2), if the file has one.
func (c *checker) structure(catalog dict) {
	if catalog["MarkInfo"] == nil && catalog["StructTreeRoot"] == nil {
		return
	}
	c.sections = map[ref]*section{}
	info, _ := catalog["MarkInfo"].(dict)
	c.shape(info, "mark information", 0)
	if info["Marked"] != true {
		c.find(RuleTags, 0, "the file has a structure and does not say so")
	}
	at, _ := catalog["StructTreeRoot"].(ref)
	root := c.dictionary(at, "structure root")
	if root == nil {
		return
	}
	c.walked[at] = true
	document := c.element(root["K"], at, "Document")
	parts := 0
	for _, k := range kidsOf(document) {
		if c.kindOf(k) != "Part" {
			c.section(k, root["K"], 0, "")
			continue
		}
		part := c.element(k, root["K"], "Part")
		for _, s := range kidsOf(part) {
			c.section(s, k, parts, asTitle(part["T"]))
		}
		parts++
	}
	c.parents(root)
}

// kidsOf are the elements below d.
func kidsOf(d dict) array {
	a, _ := d["K"].(array)
	return a
}

func asTitle(v any) string { return strings.TrimPrefix(fromUTF16([]byte(asText(v))), "\ufeff") }

// kindOf looks at what kind of element v is.
func (c *checker) kindOf(v any) name {
	value, _ := c.object(v, "element")
	d, _ := value.(dict)
	kind, _ := d["S"].(name)
	return kind
}

// element reads an element that must be of one of some kinds, stand below
// another, and nowhere else.
func (c *checker) element(v any, above any, kinds string) dict {
	at, _ := v.(ref)
	d := c.dictionary(v, "element")
	if d == nil {
		return nil
	}
	twice := c.walked[at]
	c.walked[at] = true
	if twice || d["P"] != above || !among(d["S"], kinds) {
		c.find(RuleTags, 0, "an element of the structure stands where none of its kind may, or twice")
		return nil
	}
	return d
}

// section reads the structure of a page, which all its content must be on.
func (c *checker) section(v, above any, part int, title string) {
	d := c.element(v, above, "Sect")
	if d == nil {
		return
	}
	r := &sectionReader{c: c, section: section{part: part, title: title}}
	for _, k := range kidsOf(d) {
		if e := r.read(k, v, stands["Sect"]); e != nil {
			r.kids = append(r.kids, e)
		}
	}
	if r.page == 0 || c.sections[r.page] != nil || len(r.owners) == 0 {
		c.find(RuleTags, 0, "a section is of no page, or of one that has another")
		return
	}
	c.sections[r.page] = &r.section
	c.sectioned = append(c.sectioned, r.page)
}

type sectionReader struct {
	section
	c    *checker
	page ref
}

// read reads an element of a page and all below it.
func (r *sectionReader) read(v, above any, kinds string) *element {
	d := r.c.element(v, above, kinds)
	if d == nil {
		return nil
	}
	kind, _ := d["S"].(name)
	e := &element{kind: string(kind), mark: -1}
	r.attributes(e, d)
	allowed, group := stands[kind]
	mark, marked := d["K"].(float64)
	switch at, _ := v.(ref); {
	case group:
		for _, k := range kidsOf(d) {
			if kid := r.read(k, v, allowed); kid != nil {
				e.kids = append(e.kids, kid)
			}
		}
		if len(e.kids) == 0 || kind == "Table" && !regular(e.kids) {
			r.c.find(RuleTags, 0, "a %s with nothing in it, or rows of different lengths", kind)
		}
	case marked:
		page, _ := d["Pg"].(ref)
		if r.page == 0 {
			r.page = page
		}
		e.mark = int(mark)
		if page != r.page || float64(len(r.owners)) != mark {
			r.c.find(RuleTags, 0, "marked content of another page, or out of order")
			return nil
		}
		r.owners = append(r.owners, at)
	case kind != "TD" || d["K"] != nil:
		r.c.find(RuleTags, 0, "a %s without content", kind)
	}
	return e
}

// attributes reads what is said about an element beside its kind.
func (r *sectionReader) attributes(e *element, d dict) {
	a, _ := d["A"].(dict)
	if e.kind == "Figure" {
		e.alt = asTitle(d["Alt"])
		box, _ := a["BBox"].(array)
		r.c.shape(a, "figure's place", 0)
		if e.alt == "" || !numeric(box, 4) || a["O"] != name("Layout") {
			r.c.find(RuleTags, 0, "a figure without a description or a place")
		}
		return
	}
	if d["Alt"] != nil || d["A"] != nil && e.kind != "TD" {
		r.c.find(RuleTags, 0, "a %s is described", e.kind)
	}
	if a == nil {
		return
	}
	r.c.shape(a, "field's size", 0)
	for i, k := range []name{"RowSpan", "ColSpan"} {
		if n, ok := a[k].(float64); ok && n > 1 && n <= maxFields && n == float64(int(n)) {
			e.span[i] = int(n)
		} else if a[k] != nil {
			r.c.find(RuleTags, 0, "a field of %v", a[k])
		}
	}
}

// regular tells whether the fields of a table cover a grid: all rows take equally
// many columns.
func regular(rows []*element) bool {
	var taken []int // by fields above, of each row
	width := 0
	for i, r := range rows {
		n := 0
		for _, f := range r.kids {
			rows, cols := max(f.span[0], 1), max(f.span[1], 1)
			if n += cols; n > maxFields || rows > maxFields {
				return false
			}
			for len(taken) < i+rows {
				taken = append(taken, 0)
			}
			for j := i + 1; j < i+rows; j++ {
				taken[j] += cols
			}
		}
		if len(taken) > i {
			n += taken[i]
		}
		if i > 0 && n != width {
			return false
		}
		width = n
	}
	return width > 0 && len(taken) <= len(rows)
}

// parents reads the way from marked content to elements (14.7.4.4).
func (c *checker) parents(root dict) {
	nums, _ := c.dictionary(root["ParentTree"], "parent tree")["Nums"].(array)
	for i := 0; i+1 < len(nums); i += 2 {
		list, _ := c.object(nums[i+1], "parents")
		a, ok := list.(array)
		if !ok || nums[i] != float64(i/2) {
			c.find(RuleTags, 0, "a list of parents is none, or out of order")
		}
		c.parentLists = append(c.parentLists, a)
	}
	if len(nums)%2 == 1 || root["ParentTreeNextKey"] != float64(len(c.parentLists)) || len(c.parentLists) != len(c.sections) {
		c.find(RuleTags, 0, "%d lists of parents for %d pages", len(c.parentLists), len(c.sections))
	}
}

// tagged holds a page's marked content against its structure, and returns the
// digest of this: zero if there is none.
func (c *checker) tagged(n int, at any, d dict, found marks) (digest [32]byte) {
	page, _ := at.(ref)
	s := c.sections[page]
	key, given := d["StructParents"].(float64)
	if s == nil {
		if given || d["Tabs"] != nil || len(found.said) > 0 || found.figure {
			c.find(RuleTags, n, "content is marked that no structure knows")
		}
		return digest
	}
	delete(c.sections, page)
	if !given || key < 0 || key >= float64(len(c.parentLists)) || d["Tabs"] != name("S") || !slices.Equal(c.parentLists[int(key)], anyOf(s.owners)) {
		c.find(RuleTags, n, "the way from content to structure does not lead back")
	}
	if c.parts != nil {
		if p := partOf(c.parts, n-1); p != s.part || s.title != c.parts[p].Title {
			c.find(RuleTags, n, "its section stands in another part than the outline says")
		}
	} else if s.title != "" {
		c.find(RuleTags, n, "a part that the outline does not know")
	}
	var b bytes.Buffer
	figures := 0
	for _, e := range s.kids {
		figures += e.fill(found)
		e.spell(&b)
	}
	want := len(found.said)
	if found.figure {
		want++
	}
	if want != len(s.owners) || found.figure && found.number != want-1 || found.figure != (figures == 1) || figures > 1 || figures == 1 && s.kids[len(s.kids)-1].kind != "Figure" {
		c.find(RuleTags, n, "%d pieces of content are marked, %d are in the structure", want, len(s.owners))
	}
	return sha256.Sum256(b.Bytes())
}

// fill enters what an element's marked content says, and returns how many figures
// there are.
func (e *element) fill(found marks) (figures int) {
	if e.kind == "Figure" {
		return 1
	}
	if e.mark >= 0 && e.mark < len(found.said) {
		e.said = found.said[e.mark]
	}
	for _, k := range e.kids {
		figures += k.fill(found)
	}
	return figures
}

func anyOf(refs []ref) array {
	a := array{}
	for _, r := range refs {
		a = append(a, r)
	}
	return a
}

// marks is the marked content of a page (14.6) as it is read: the text of each
// in their order, and then, it may be, the image as a figure.
type marks struct {
	said   []string
	figure bool
	number int  // of the figure
	from   int  // where the text of what is open begins
	open   name // the tag of what is open
}

// begin opens marked content; false if it is none of ours.
func (m *marks) begin(operands []any) bool {
	if m.open != "" || len(operands) == 0 {
		return false
	}
	tag, _ := operands[0].(name)
	m.open = tag
	if len(operands) == 1 {
		return tag == "Artifact"
	}
	d, _ := operands[1].(dict)
	n, ok := d["MCID"].(float64)
	if !ok || len(d) != 1 || len(operands) != 2 {
		return false
	}
	switch tag {
	case "P":
		ok = n == float64(len(m.said))
		m.said = append(m.said, "")
	case "Figure":
		ok = !m.figure
		m.figure, m.number = true, int(n)
	default:
		ok = false
	}
	return ok
}
