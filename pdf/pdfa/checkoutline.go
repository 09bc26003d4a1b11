package pdfa

import (
	"reflect"
)

// outlines reads the outline (ISO 32000-1, 12.3.3), if there is one, and returns
// the parts that it tells of. The pages are the kids of the page tree.
func (c *checker) outlines(catalog dict, pages array) []Part {
	if catalog["Outlines"] == nil {
		if catalog["PageMode"] != nil {
			c.find(RuleOutline, 0, "the file opens with an outline and has none")
		}
		return nil
	}
	root := c.dictionary(catalog["Outlines"], "outline")
	if root == nil {
		return nil
	}
	var parts []Part
	from := 0 // the page at which the entry before begins
	var before any
	for at := root["First"]; at != nil; {
		e := c.dictionary(at, "entry")
		title, to := asTitle(e["Title"]), c.destination(e["Dest"], pages)
		first := len(parts) == 0
		if e == nil || len(parts) == len(pages) || title == "" || e["Parent"] != catalog["Outlines"] || e["Prev"] != before ||
			first && to != 0 || !first && to <= from {
			c.find(RuleOutline, 0, "entry %d of the outline has no title, leads nowhere or is out of order", len(parts)+1)
			return parts
		}
		if !first {
			parts[len(parts)-1].Pages = to - from
		}
		parts = append(parts, Part{title, len(pages) - to})
		before, from, at = at, to, e["Next"]
	}
	if len(parts) < 2 || root["Last"] != before || root["Count"] != float64(len(parts)) || catalog["PageMode"] != name("UseOutlines") {
		c.find(RuleOutline, 0, "the outline does not count its %d entries, or is not shown", len(parts))
	}
	return parts
}

// destination returns which page, from 0, an explicit destination (12.3.2.2)
// leads to, -1 if it leads to none.
func (c *checker) destination(v any, pages array) int {
	d, _ := v.(array)
	if len(d) != 2 || d[1] != name("Fit") {
		return -1
	}
	at, _ := d[0].(ref)
	if c.pageAt == nil {
		c.pageAt = map[ref]int{}
		for i, p := range pages {
			if r, ok := p.(ref); ok {
				c.pageAt[r] = i
			}
		}
	}
	if i, ok := c.pageAt[at]; ok {
		return i
	}
	return -1
}

// pageLabels wants the labels that go with parts (12.4.2).
func (c *checker) pageLabels(v any, parts []Part) {
	p := &parser{b: []byte(labels(parts))}
	if want, err := p.value(); err != nil || !reflect.DeepEqual(v, want) {
		c.find(RuleLabels, 0, "the page labels are not those of the file's parts")
	}
}
