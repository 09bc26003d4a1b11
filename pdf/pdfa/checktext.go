package pdfa

import (
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"
)

// A readFace is a font as it was read: what its codes mean.
type readFace struct {
	unicode map[int]string
}

// font reads a Type 0 font and holds its parts against one another.
func (c *checker) font(at ref) *readFace {
	f := c.dictionary(at, "font")
	kids, _ := f["DescendantFonts"].(array)
	if f == nil || len(kids) != 1 || f["Subtype"] != name("Type0") || f["Encoding"] != name("Identity-H") {
		c.find(RuleFont, 0, "not a Type 0 font with Identity-H")
		return nil
	}
	d := c.dictionary(kids[0], "descendant")
	descriptor := c.dictionary(d["FontDescriptor"], "descriptor")
	if d["Subtype"] != name("CIDFontType2") || d["CIDToGIDMap"] != name("Identity") || d["BaseFont"] != f["BaseFont"] || descriptor["FontName"] != f["BaseFont"] {
		c.find(RuleFont, 0, "the font's parts do not name one another")
	}
	program := c.inflate(c.stream(descriptor["FontFile2"], "program", 0))
	w, _ := d["W"].(array)
	if len(w) != 2 || w[0] != 1.0 || !sameWidths(program, w[1]) {
		c.find(RuleFont, 0, "widths are not those of the embedded program")
	}
	m := readUnicode(c.inflate(c.stream(f["ToUnicode"], "unicodes", 0)))
	if len(m) != len(fontTable(program, "hmtx"))/4-1 {
		c.find(RuleFont, 0, "%d codes have a character, not every glyph", len(m))
	}
	for _, s := range m {
		if s == "" || strings.ContainsAny(s, "\x00\ufeff\ufffe") {
			c.find(RuleFont, 0, "a code stands for a character that is none")
		}
		if c.level == "A" && strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Co, r) }) {
			c.find(RuleUnicode, 0, "a character of private use that nothing explains")
		}
	}
	return &readFace{m}
}

// sameWidths compares widths with the hmtx table of a TrueType file of 1000
// units an em, glyph 1 on.
func sameWidths(program []byte, v any) bool {
	widths, _ := v.(array)
	hmtx := fontTable(program, "hmtx")
	if len(hmtx) != 4*(len(widths)+1) || len(fontTable(program, "glyf")) == 0 {
		return false
	}
	if head := fontTable(program, "head"); len(head) != 54 || be16(head[18:]) != 1000 {
		return false
	}
	for i, w := range widths {
		if w != float64(be16(hmtx[4*(i+1):])) {
			return false
		}
	}
	return true
}

func fontTable(program []byte, tag string) []byte {
	for at := 12; at+16 <= len(program) && at < 12+16*be16(program[4:]); at += 16 {
		if string(program[at:at+4]) == tag {
			from, size := be32(program[at+8:]), be32(program[at+12:])
			if from+size <= len(program) {
				return program[from : from+size]
			}
		}
	}
	return nil
}

// readUnicode reads the bfchar lines of a CMap.
func readUnicode(cmap []byte) map[int]string {
	m := map[int]string{}
	in := false
	for line := range bytes.Lines(cmap) {
		switch s := string(bytes.TrimSpace(line)); {
		case strings.HasSuffix(s, "beginbfchar"):
			in = true
		case s == "endbfchar":
			in = false
		case in:
			p := &parser{b: []byte(s)}
			code, err1 := p.value()
			char, err2 := p.value()
			if err1 != nil || err2 != nil || len(asText(code)) != 2 {
				return nil
			}
			m[be16([]byte(asText(code)))] = fromUTF16([]byte(asText(char)))
		}
	}
	return m
}

func fromUTF16(b []byte) string {
	var u []uint16
	for ; len(b) >= 2; b = b[2:] {
		u = append(u, binary.BigEndian.Uint16(b))
	}
	return string(utf16.Decode(u))
}

// content reads a page's operators: the image once, then text that is not
// seen. It returns the text, and in files with a structure what of it is marked.
func (c *checker) content(b []byte, page int, face *readFace, masks int) (string, marks) {
	r := &contentReader{face: face, masks: masks, tagged: c.sections != nil}
	p := &parser{b: b}
	var operands []any
	for p.space(); p.at < len(b); p.space() {
		v, err := p.value()
		if err != nil {
			c.find(RulePage, page, "content: %v", err)
			return "", r.marks
		}
		op, ok := v.(operator)
		if !ok {
			operands = append(operands, v)
			continue
		}
		if rule, what := r.run(op, operands); rule != "" {
			c.find(rule, page, "%s", what)
			return "", r.marks
		}
		operands = operands[:0]
	}
	if r.drawn != 1+masks {
		c.find(RulePage, page, "%d images are drawn", r.drawn)
	}
	if r.open != "" {
		c.find(RuleTags, page, "marked content does not end")
	}
	return r.text.String(), r.marks
}

// A contentReader is where the reading of a page's content has come to.
type contentReader struct {
	marks
	tagged bool // all must be marked
	face   *readFace
	text   strings.Builder
	masks  int // that the page has
	drawn  int
	unseen bool
	lines  int
	inText bool
}

// run takes one operator, and says which rule it breaks.
func (r *contentReader) run(op operator, operands []any) (Rule, string) {
	switch op {
	case "q", "Q", "cm", "Tf", "Tz", "Td":
	case "rg":
		if r.drawn == 0 || r.drawn > r.masks || len(operands) != 3 {
			return RulePage, "a colour for nothing"
		}
	case "Do":
		want := name("I")
		if r.drawn > 0 {
			want = maskName(r.drawn - 1)
		}
		if len(operands) != 1 || operands[0] != want {
			return RulePage, "what is drawn is not in its order"
		}
		r.drawn++
		if r.tagged && r.open != "Artifact" && r.open != "Figure" {
			return RuleTags, "an image that is neither a figure nor an artifact"
		}
	case "BT", "ET":
		if r.inText = op == "BT"; r.open != "" {
			return RuleTags, "marked content goes over the edge of text"
		}
		if op == "ET" {
			r.text.WriteByte('\n')
		}
	case "Tr":
		r.unseen = len(operands) == 1 && operands[0] == 3.0
	case "Tm":
		if r.lines++; r.lines > 1 {
			r.text.WriteByte('\n')
		}
	case "Tj", "TJ":
		return r.show(operands)
	case "BMC", "BDC":
		if !r.tagged || !r.begin(operands) || r.inText != (r.open == "P") {
			return RuleTags, "content marked in a way that is not ours"
		}
		r.from = r.text.Len()
		if r.lines > 0 {
			r.from++ // the line before is ended by the next one
		}
	case "EMC":
		if r.open == "" {
			return RuleTags, "marked content that did not begin"
		}
		if r.open == "P" {
			said := r.text.String()
			r.said[len(r.said)-1] = said[min(r.from, len(said)):] + "\n"
		}
		r.open = ""
	default:
		return RulePage, "operator " + strconv.Quote(string(op))
	}
	return "", ""
}

// show takes a string that is shown.
func (r *contentReader) show(operands []any) (Rule, string) {
	if !r.unseen || len(operands) != 1 || !r.face.shown(&r.text, operands[0]) {
		return RuleFont, "text that is seen or has codes without a character"
	}
	if r.tagged && r.open != "P" {
		return RuleTags, "text that is not marked"
	}
	return "", ""
}

// shown reads what is shown: codes, or codes with moves between them.
func (f *readFace) shown(to *strings.Builder, v any) bool {
	parts, many := v.(array)
	if !many {
		codes, ok := v.(text)
		return ok && f.decode(to, string(codes))
	}
	for _, part := range parts {
		if _, move := part.(float64); move {
			continue
		}
		if codes, ok := part.(text); !ok || !f.decode(to, string(codes)) {
			return false
		}
	}
	return len(parts) > 0
}

func (f *readFace) decode(to *strings.Builder, codes string) bool {
	if f == nil || len(codes)%2 != 0 {
		return false
	}
	for ; codes != ""; codes = codes[2:] {
		s, ok := f.unicode[be16([]byte(codes[:2]))]
		if !ok {
			return false
		}
		to.WriteString(s)
	}
	return true
}

// metadata checks the XMP packet, and the information dictionary by it.
func (c *checker) metadata(v any, info dict) {
	s := c.stream(v, "metadata", 0)
	if s.dict == nil {
		return
	}
	xmp, err := readPacket(c.read(s.data))
	if err != nil {
		c.find(RuleMetadata, 0, "the XMP packet cannot be read: %v", err)
		return
	}
	c.level = xmp["conformance"]
	if level := Level("2" + strings.ToLower(c.level)); xmp["part"] != "2" || level.conformance() != c.level || c.level == "" {
		c.find(RuleMetadata, 0, "the XMP packet claims PDF/A-%s%s", xmp["part"], c.level)
	}
	if !bytes.Equal(packet(metaOf(xmp)), c.read(s.data)) {
		c.find(RuleMetadata, 0, "the XMP packet is not written as ours")
	}
	for _, key := range []name{"Title", "Producer"} {
		if got := strings.TrimPrefix(fromUTF16([]byte(asText(info[key]))), "\ufeff"); got != xmp[propertyOf[key]] {
			c.find(RuleMetadata, 0, "%s differs between XMP and information dictionary", key)
		}
	}
	for _, key := range []name{"CreationDate", "ModDate"} {
		if got, said := asText(info[key]), xmp[propertyOf[key]]; !sameTime(got, said) {
			c.find(RuleMetadata, 0, "%s differs between XMP and information dictionary", key)
		}
	}
}

// metaOf is what a packet with such properties was written of.
func metaOf(xmp map[string]string) Meta {
	created, _ := time.Parse(time.RFC3339, xmp["CreateDate"])
	return Meta{Title: xmp["title"], Language: xmp["language"], Identifier: xmp["identifier"], Created: created,
		Producer: xmp["Producer"], Level: Level("2" + strings.ToLower(xmp["conformance"])),
		Record: Record{Dossier: xmp["DossierCode"], Agency: xmp["AgencyCode"], Kind: xmp["DocumentKind"]}}
}

// propertyOf are the XMP properties that say what the information dictionary
// says (ISO 19005-2, 6.6.3).
var propertyOf = map[name]string{"Title": "title", "Producer": "Producer", "CreationDate": "CreateDate", "ModDate": "ModifyDate"}

// sameTime compares a PDF date with an XMP date; both may be missing.
func sameTime(pdf, xmp string) bool {
	if pdf == "" && xmp == "" {
		return true
	}
	a, err1 := time.Parse("D:20060102150405-07:00", strings.Replace(strings.TrimSuffix(pdf, "'"), "'", ":", 1))
	b, err2 := time.Parse(time.RFC3339, xmp)
	return err1 == nil && err2 == nil && a.Equal(b)
}

// readPacket returns the text of each property, by local name.
func readPacket(b []byte) (map[string]string, error) {
	if !bytes.HasPrefix(b, []byte("<?xpacket begin=\"\ufeff\"")) || !bytes.HasSuffix(b, []byte("<?xpacket end=\"r\"?>")) {
		return nil, errSyntax
	}
	properties := map[string]string{}
	spaces := map[string]bool{"http://www.aiim.org/pdfa/ns/id/": true, "http://purl.org/dc/elements/1.1/": true,
		"http://ns.adobe.com/xap/1.0/": true, "http://ns.adobe.com/pdf/1.3/": true, recordSpace: true}
	property := ""
	d := xml.NewDecoder(bytes.NewReader(b))
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			return properties, nil
		}
		if err != nil {
			return nil, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			if spaces[t.Name.Space] {
				property = t.Name.Local
			}
		case xml.EndElement:
			if spaces[t.Name.Space] {
				property = ""
			}
		case xml.CharData:
			if property != "" {
				properties[property] += string(t)
			}
		}
	}
}
