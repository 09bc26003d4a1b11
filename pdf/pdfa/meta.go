package pdfa

import (
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf16"
)

// packet is the XMP packet (ISO 19005-2, 6.6.2 to 6.6.4). What the information
// dictionary says too, it says in the same words.
func packet(m Meta) []byte {
	var b strings.Builder
	b.WriteString("<?xpacket begin=\"\ufeff\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n" +
		"<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n" +
		"<rdf:Description rdf:about=\"\" xmlns:pdfaid=\"http://www.aiim.org/pdfa/ns/id/\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"" +
		" xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\" xmlns:pdf=\"http://ns.adobe.com/pdf/1.3/\">\n")
	line := func(before, text, after string) {
		if text == "" {
			return
		}
		b.WriteString(before)
		_ = xml.EscapeText(&b, []byte(text)) // a strings.Builder does not fail
		b.WriteString(after + "\n")
	}
	line("<pdfaid:part>", "2", "</pdfaid:part>")
	line("<pdfaid:conformance>", m.Level.conformance(), "</pdfaid:conformance>")
	line("<dc:format>", "application/pdf", "</dc:format>")
	line("<dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">", m.Title, "</rdf:li></rdf:Alt></dc:title>")
	line("<dc:language><rdf:Bag><rdf:li>", m.Language, "</rdf:li></rdf:Bag></dc:language>")
	line("<dc:identifier>", m.Identifier, "</dc:identifier>")
	line("<pdf:Producer>", m.Producer, "</pdf:Producer>")
	if !m.Created.IsZero() {
		at := m.Created.Format("2006-01-02T15:04:05-07:00")
		line("<xmp:CreateDate>", at, "</xmp:CreateDate>")
		line("<xmp:ModifyDate>", at, "</xmp:ModifyDate>")
		line("<xmp:MetadataDate>", at, "</xmp:MetadataDate>")
	}
	b.WriteString("</rdf:Description>\n")
	m.Record.describe(&b, line)
	b.WriteString("</rdf:RDF></x:xmpmeta>\n<?xpacket end=\"r\"?>")
	return []byte(b.String())
}

// recordSpace is the name of the properties of a Record.
const recordSpace = "urn:sohoa:record:1#"

// properties are a Record's, with their names and what these mean.
func (r Record) properties() [][3]string {
	return [][3]string{
		{"DossierCode", r.Dossier, "Code of the dossier the document belongs to"},
		{"AgencyCode", r.Agency, "Code of the agency that keeps the dossier"},
		{"DocumentKind", r.Kind, "Code of the document's place in the dossier"},
	}
}

// describe writes the properties of a record and, since XMP does not know them,
// the schema they are of (ISO 19005-2, 6.6.2.3).
func (r Record) describe(b *strings.Builder, line func(before, text, after string)) {
	if r == (Record{}) {
		return
	}
	b.WriteString("<rdf:Description rdf:about=\"\" xmlns:sohoa=\"" + recordSpace + "\">\n")
	for _, p := range r.properties() {
		line("<sohoa:"+p[0]+">", p[1], "</sohoa:"+p[0]+">")
	}
	b.WriteString("</rdf:Description>\n<rdf:Description rdf:about=\"\" xmlns:pdfaExtension=\"http://www.aiim.org/pdfa/ns/extension/\"" +
		" xmlns:pdfaSchema=\"http://www.aiim.org/pdfa/ns/schema#\" xmlns:pdfaProperty=\"http://www.aiim.org/pdfa/ns/property#\">\n" +
		"<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType=\"Resource\"><pdfaSchema:schema>Sohoa record</pdfaSchema:schema>" +
		"<pdfaSchema:namespaceURI>" + recordSpace + "</pdfaSchema:namespaceURI><pdfaSchema:prefix>sohoa</pdfaSchema:prefix>" +
		"<pdfaSchema:property><rdf:Seq>\n")
	for _, p := range r.properties() {
		if p[1] == "" {
			continue
		}
		b.WriteString("<rdf:li rdf:parseType=\"Resource\"><pdfaProperty:name>" + p[0] + "</pdfaProperty:name>" +
			"<pdfaProperty:valueType>Text</pdfaProperty:valueType><pdfaProperty:category>external</pdfaProperty:category>" +
			"<pdfaProperty:description>" + p[2] + "</pdfaProperty:description></rdf:li>\n")
	}
	b.WriteString("</rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas>\n</rdf:Description>\n")
}

// information is the inside of the information dictionary (ISO 32000-1,
// 14.3.3), for the readers that do not know XMP.
func information(m Meta) string {
	s := "/Producer" + textString(m.Producer)
	if m.Title != "" {
		s += "/Title" + textString(m.Title)
	}
	if !m.Created.IsZero() {
		at := pdfDate(m.Created)
		s += "/CreationDate(" + at + ")/ModDate(" + at + ")"
	}
	return s
}

// pdfDate is a date as in ISO 32000-1, 7.9.4.
func pdfDate(t time.Time) string {
	return t.Format("D:20060102150405") + strings.Replace(t.Format("-07:00"), ":", "'", 1) + "'"
}

// textString writes s as UTF-16BE in hexadecimal (ISO 32000-1, 7.9.2.2).
func textString(s string) string { return fmt.Sprintf("<%X>", wide(s)) }

// shortString is textString in half of the room, for what stands in a file once a
// page.
func shortString(s string) string {
	var b bytes.Buffer
	b.WriteByte('(')
	for _, c := range wide(s) {
		escaped(&b, c)
	}
	b.WriteByte(')')
	return b.String()
}

// wide is s as UTF-16BE with its mark.
func wide(s string) []byte {
	b := []byte{0xfe, 0xff}
	for _, u := range utf16.Encode([]rune(s)) {
		b = binary.BigEndian.AppendUint16(b, u)
	}
	return b
}

// profile is an ICC profile, version 2.1, of sRGB (IEC 61966-2-1): a matrix of
// the primaries adapted to D50 and the transfer curve at 1024 points.
func profile() []byte {
	xyz := func(x, y, z uint32) []byte {
		b := append([]byte("XYZ "), 0, 0, 0, 0)
		for _, v := range []uint32{x, y, z} {
			b = binary.BigEndian.AppendUint32(b, v) // s15Fixed16
		}
		return b
	}
	name := "sRGB IEC61966-2.1"
	desc := append([]byte("desc\x00\x00\x00\x00"), 0, 0, 0, byte(len(name)+1))
	desc = append(append(desc, name...), make([]byte, 1+8+3+67)...)
	tags := []struct {
		name string
		data []byte
	}{
		{"desc", desc},
		{"cprt", []byte("text\x00\x00\x00\x00No copyright\x00")},
		{"wtpt", xyz(0xf6d6, 0x10000, 0xd32d)},
		{"rXYZ", xyz(0x6fa2, 0x38f5, 0x0390)},
		{"gXYZ", xyz(0x6299, 0xb785, 0x18da)},
		{"bXYZ", xyz(0x24a0, 0x0f84, 0xb6cf)},
		{"rTRC", curve()}, {"gTRC", nil}, {"bTRC", nil}, // one curve for all three
	}
	table := binary.BigEndian.AppendUint32(nil, uint32(len(tags)))
	var body []byte
	at, size := 0, 0
	for _, t := range tags {
		if t.data != nil {
			at, size = 128+4+12*len(tags)+len(body), len(t.data)
			body = append(body, t.data...)
			body = append(body, make([]byte, (4-len(body)%4)%4)...)
		}
		table = append(table, t.name...)
		table = binary.BigEndian.AppendUint32(table, uint32(at))
		table = binary.BigEndian.AppendUint32(table, uint32(size))
	}
	head := make([]byte, 128)
	binary.BigEndian.PutUint32(head, uint32(128+len(table)+len(body)))
	binary.BigEndian.PutUint32(head[8:], 0x02100000)
	copy(head[12:], "mntrRGB XYZ ")
	copy(head[24:], words(nil, 2000, 1, 1, 0, 0, 0)) // a fixed date
	copy(head[36:], "acsp")
	copy(head[68:], xyz(0xf6d6, 0x10000, 0xd32d)[8:])
	return append(append(head, table...), body...)
}

func curve() []byte {
	const points = 1024
	b := binary.BigEndian.AppendUint32([]byte("curv\x00\x00\x00\x00"), points)
	for i := range points {
		v := float64(i) / (points - 1)
		if v <= 0.04045 {
			v /= 12.92
		} else {
			v = math.Pow((v+0.055)/1.055, 2.4)
		}
		b = binary.BigEndian.AppendUint16(b, uint16(math.Round(v*65535)))
	}
	return b
}
