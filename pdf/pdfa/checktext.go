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
// seen. It returns the text.
func (c *checker) content(b []byte, page int, face *readFace) string {
	p := &parser{b: b}
	var said strings.Builder
	var operands []any
	drawn, unseen, lines := 0, false, 0
	for p.space(); p.at < len(b); p.space() {
		v, err := p.value()
		if err != nil {
			c.find(RulePage, page, "content: %v", err)
			return ""
		}
		op, ok := v.(operator)
		if !ok {
			operands = append(operands, v)
			continue
		}
		switch op {
		case "q", "Q", "cm", "BT", "Tf", "Tz", "Td":
		case "Do":
			drawn++
		case "Tr":
			unseen = len(operands) == 1 && operands[0] == 3.0
		case "Tm":
			if lines++; lines > 1 {
				said.WriteByte('\n')
			}
		case "ET":
			said.WriteByte('\n')
		case "Tj":
			if !unseen || len(operands) != 1 || !face.decode(&said, asText(operands[0])) {
				c.find(RuleFont, page, "text that is seen or has codes without a character")
				return ""
			}
		default:
			c.find(RulePage, page, "operator %s", strconv.Quote(string(op)))
			return ""
		}
		operands = operands[:0]
	}
	if drawn != 1 {
		c.find(RulePage, page, "%d images are drawn", drawn)
	}
	return said.String()
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
	if xmp["part"] != "2" || xmp["conformance"] != "U" {
		c.find(RuleMetadata, 0, "the XMP packet claims PDF/A-%s%s", xmp["part"], xmp["conformance"])
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
	created, _ := time.Parse(time.RFC3339, xmp["CreateDate"]) // none gives none
	return Meta{Title: xmp["title"], Language: xmp["language"], Identifier: xmp["identifier"], Created: created, Producer: xmp["Producer"]}
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
		"http://ns.adobe.com/xap/1.0/": true, "http://ns.adobe.com/pdf/1.3/": true}
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
