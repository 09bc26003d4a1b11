package pdfa

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"io"
	"maps"
	"slices"
	"strconv"

	"sohoa/pattern"
)

// shapes are the keys that each kind of dictionary has in the Writer's files;
// those after "?" may be missing.
var shapes = map[string][]name{
	"trailer":     {"Size", "Root", "Info", "ID"},
	"information": {"Producer", "?", "Title", "CreationDate", "ModDate"},
	"catalog": {"Type", "Pages", "Metadata", "Lang", "PageLabels", "OutputIntents",
		"?", "ViewerPreferences", "Outlines", "PageMode", "MarkInfo", "StructTreeRoot"},
	"outline":          {"Type", "First", "Last", "Count"},
	"entry":            {"Title", "Parent", "Dest", "?", "Prev", "Next"},
	"mark information": {"Marked"},
	"structure root":   {"Type", "K", "ParentTree", "ParentTreeNextKey"},
	"parent tree":      {"Nums"},
	"element":          {"S", "P", "?", "K", "Pg", "Alt", "A", "T"},
	"figure's place":   {"O", "Placement", "BBox"},
	"field's size":     {"O", "?", "RowSpan", "ColSpan"},
	"intent":           {"Type", "S", "OutputConditionIdentifier", "Info", "DestOutputProfile"},
	"profile":          {"N", "Filter", "Length"},
	"metadata":         {"Type", "Subtype", "Length"},
	"pages":            {"Type", "Count", "Kids"},
	"page":             {"Type", "Parent", "MediaBox", "Contents", "Resources", "?", "StructParents", "Tabs"},
	"resources":        {"XObject", "?", "Font"},
	"images":           {"I", "?", "M0", "M1", "M2", "M3"},
	"mask":             {"Type", "Subtype", "Width", "Height", "ImageMask", "BitsPerComponent", "Filter", "Length", "?", "DecodeParms"},
	"fonts":            {"F"},
	"contents":         {"Filter", "Length"},
	"image": {"Type", "Subtype", "Width", "Height", "ColorSpace", "BitsPerComponent", "Filter", "Length",
		"?", "DecodeParms", "Decode"},
	"fax":        {"K", "Columns", "Rows", "?", "BlackIs1"},
	"predictor":  {"Predictor", "Colors", "BitsPerComponent", "Columns"},
	"font":       {"Type", "Subtype", "BaseFont", "Encoding", "DescendantFonts", "ToUnicode"},
	"descendant": {"Type", "Subtype", "BaseFont", "CIDSystemInfo", "FontDescriptor", "CIDToGIDMap", "DW", "W"},
	"descriptor": {"Type", "FontName", "Flags", "FontBBox", "ItalicAngle", "Ascent", "Descent", "CapHeight", "StemV", "FontFile2"},
	"program":    {"Length1", "Filter", "Length"},
	"unicodes":   {"Filter", "Length"},
}

// ruleOf says which rule a dictionary of a kind falls under; others are
// structure.
var ruleOf = map[string]Rule{
	"trailer": RuleTrailer, "information": RuleMetadata, "metadata": RuleMetadata, "intent": RuleIntent, "profile": RuleIntent,
	"page": RulePage, "resources": RulePage, "images": RulePage, "fonts": RulePage, "contents": RulePage,
	"image": RuleImage, "mask": RuleImage, "fax": RuleImage, "predictor": RuleImage,
	"outline": RuleOutline, "entry": RuleOutline,
	"mark information": RuleTags, "structure root": RuleTags, "parent tree": RuleTags, "element": RuleTags,
	"figure's place": RuleTags, "field's size": RuleTags,
	"font": RuleFont, "descendant": RuleFont, "descriptor": RuleFont, "program": RuleFont, "unicodes": RuleFont,
}

// lively are keys by which a file does or brings something.
var lively = []name{"A", "AA", "AF", "AcroForm", "Annots", "Collection", "Dests", "JS", "JavaScript", "Names",
	"NeedsRendering", "OpenAction", "Outlines", "Perms", "Requirements", "Threads", "URI", "XFA"}

// shape checks which keys d has.
func (c *checker) shape(d dict, kind string, page int) {
	rule := ruleOf[kind]
	if rule == "" {
		rule = RuleStructure
	}
	keys := shapes[kind]
	must := keys
	if i := slices.Index(keys, "?"); i >= 0 {
		must = keys[:i]
	}
	for _, k := range must {
		if _, ok := d[k]; !ok {
			c.find(rule, page, "the %s has no %s", kind, k)
		}
	}
	for _, k := range slices.Sorted(maps.Keys(d)) {
		if slices.Contains(keys, k) {
			continue
		}
		if slices.Contains(lively, k) {
			c.find(RuleActive, page, "the %s has %s", kind, k)
		} else {
			c.find(rule, page, "the %s has %s, which is not ours", kind, k)
		}
	}
}

var (
	fileEnd  = pattern.Late(`startxref\n([0-9]{1,15})\n%%EOF\n$`)
	xrefHead = pattern.Late(`^xref\n0 ([0-9]{1,9})\n0000000000 65535 f \n`)
	xrefLine = pattern.Late(`^([0-9]{10}) 00000 n \n$`)
)

const fileHead = "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"

// table reads header, end, cross-reference table and trailer. Without them
// there is nothing more to check, and it returns false.
func (c *checker) table() bool {
	if string(c.read(extent{0, min(int64(len(fileHead)), c.size)})) != fileHead {
		c.find(RuleStructure, 0, "not the header of PDF 1.7 with four high bytes after it")
	}
	tail := c.read(extent{max(0, c.size-64), c.size})
	m := fileEnd().FindSubmatch(tail)
	if m == nil {
		c.find(RuleStructure, 0, "no startxref and %%%%EOF at the very end")
		return false
	}
	start, _ := strconv.ParseInt(string(m[1]), 10, 64)
	section := c.read(extent{start, c.size})
	h := xrefHead().FindSubmatch(section)
	if h == nil {
		c.find(RuleStructure, 0, "startxref does not lead to a cross-reference table")
		return false
	}
	count, _ := strconv.Atoi(string(h[1]))
	lines := section[len(h[0]):]
	if count < 1 || count-1 > len(lines)/20 {
		c.find(RuleStructure, 0, "the cross-reference table is cut short")
		return false
	}
	for i := range count - 1 {
		l := xrefLine().FindSubmatch(lines[i*20 : i*20+20])
		if l == nil {
			c.find(RuleStructure, 0, "line %d of the cross-reference table", i+1)
			return false
		}
		at, _ := strconv.ParseInt(string(l[1]), 10, 64)
		c.objects = append(c.objects, extent{from: at})
	}
	return c.between(start) && c.readTrailer(lines[20*(count-1):], count)
}

// between gives every object its end, which is where the next begins: nothing
// may stand between objects.
func (c *checker) between(end int64) bool {
	order := make([]*extent, len(c.objects))
	for i := range c.objects {
		order[i] = &c.objects[i]
	}
	slices.SortFunc(order, func(a, b *extent) int { return int(min(max(a.from-b.from, -1), 1)) })
	at := int64(len(fileHead))
	for i, e := range order {
		if i == 0 && e.from != at {
			c.find(RuleStructure, 0, "something stands before the first object")
		}
		e.to = end
		if i+1 < len(order) {
			e.to = order[i+1].from
		}
		if e.from < at || e.to <= e.from {
			c.find(RuleStructure, 0, "offsets of the cross-reference table overlap")
			return false
		}
	}
	for i := range c.objects {
		if head := strconv.Itoa(i+1) + " 0 obj\n"; string(c.read(c.objects[i].first(len(head)))) != head {
			c.find(RuleStructure, 0, "object %d is not where the cross-reference table says", i+1)
			return false
		}
	}
	return true
}

// first is the first n bytes of e, or all of it.
func (e extent) first(n int) extent { return extent{e.from, min(e.from+int64(n), e.to)} }

func (c *checker) readTrailer(b []byte, count int) bool {
	p := &parser{b: b}
	if p.has("trailer\n") {
		v, err := p.value()
		d, ok := v.(dict)
		if err == nil && ok && p.has("\nstartxref\n") && d["Size"] == float64(count) {
			c.trailer = d
			return true
		}
	}
	c.find(RuleStructure, 0, "the trailer cannot be read")
	return false
}

// object reads the object that v refers to. Of a stream, data is where its
// bytes stand.
func (c *checker) object(v any, kind string) (value any, data extent) {
	n, ok := v.(ref)
	if !ok || n < 1 || int(n) > len(c.objects) {
		c.find(RuleStructure, 0, "no object for the %s", kind)
		return nil, data
	}
	c.seen[int(n)] = true
	e := c.objects[n-1]
	for _, part := range []int{4 << 10, maxRead} { // dictionaries of images are short, images are not
		p := &parser{b: c.read(e.first(part))}
		p.has(strconv.Itoa(int(n)) + " 0 obj\n")
		value, err := p.value()
		if err != nil {
			continue
		}
		if p.has("\nendobj\n") && e.from+int64(p.at) == e.to {
			return value, data
		}
		d, _ := value.(dict)
		length, ok := d["Length"].(float64)
		if p.has("\nstream\n") && ok && length >= 0 {
			from := e.from + int64(p.at)
			data = extent{from, from + int64(length)}
			if string(c.read(extent{data.to, e.to})) == "\nendstream\nendobj\n" {
				return value, data
			}
		}
	}
	c.find(RuleStructure, 0, "object %d, the %s, cannot be read to its end", n, kind)
	return nil, extent{}
}

// dictionary reads a dictionary of a kind, or nil after a finding.
func (c *checker) dictionary(v any, kind string) dict {
	value, data := c.object(v, kind)
	d, ok := value.(dict)
	if !ok || data != (extent{}) {
		c.find(RuleStructure, 0, "the %s is not a dictionary", kind)
		return nil
	}
	c.shape(d, kind, 0)
	return d
}

func (c *checker) stream(v any, kind string, page int) stream {
	value, data := c.object(v, kind)
	d, ok := value.(dict)
	if !ok || data == (extent{}) {
		c.find(RuleStructure, page, "the %s is not a stream", kind)
		return stream{}
	}
	c.shape(d, kind, page)
	return stream{d, data}
}

// inflate returns the bytes of a stream that must be compressed.
func (c *checker) inflate(s stream) []byte {
	if s.dict == nil {
		return nil
	}
	z, err := zlib.NewReader(bytes.NewReader(c.read(s.data)))
	if err == nil && s.dict["Filter"] == name("FlateDecode") {
		var b []byte
		if b, err = io.ReadAll(io.LimitReader(z, maxRead)); err == nil {
			return b
		}
	}
	c.find(RuleStructure, 0, "a stream cannot be inflated")
	return nil
}

func be32(b []byte) int { return int(binary.BigEndian.Uint32(b)) }

func be16(b []byte) int { return int(binary.BigEndian.Uint16(b)) }
