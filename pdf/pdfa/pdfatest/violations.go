package pdfatest

import (
	"bytes"
	"fmt"
	"image/color"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// A Violation is a file of the writer, spoilt in one place so that it breaks a
// clause of ISO 19005-2.
type Violation struct {
	Name, Clause string
	File         []byte
}

// Violations returns one or more for every clause that a file without kept pages
// can break; those of kept pages are in package grafttest.
func Violations(t testing.TB) []Violation {
	t.Helper()
	good := Write(t, Meta, Lay(JPEG(t, color.RGBAModel), Line(50, 50, "một", "chữ")), Lay(G4(true)))
	var all []Violation
	for _, w := range spoilings {
		b := bytes.Replace(bytes.Clone(good), []byte(w.old), []byte(w.new), 1)
		if w.old == "" || bytes.Equal(b, good) {
			t.Fatalf("%s: nothing to spoil", w.name)
		}
		if !w.bare {
			b = tabled(b)
		}
		all = append(all, Violation{w.name, w.clause, b})
	}
	return all
}

// A spoiling replaces the first place of old; if bare, nothing is put right
// after it.
type spoiling struct {
	name, clause, old, new string
	bare                   bool
}

const (
	catalogue = "/Type/Catalog"
	aPage     = "/MediaBox[0 0 576 720]"
	script    = "<</S/JavaScript/JS(x)>>"
)

var spoilings = []spoiling{
	{"no high bytes", "6.1.2", "%\xe2\xe3\xcf\xd3\n", "%abcd\n", false},
	{"junk before the header", "6.1.2", "%PDF-1.7", "junk %PDF-1.7", true},
	{"no ID", "6.1.3", "/ID[", "/IX[", true},
	{"bytes after the end", "6.1.3", "%%EOF\n", "%%EOF\nmore than one line", true},
	{"table that is not spaced", "6.1.4", "\nxref\n0 ", "\nxref \n0 ", true},
	{"wrong length", "6.1.7.1", "/DCTDecode/Length ", "/DCTDecode/Length 1", false},
	{"stream in another file", "6.1.7.1", "/Filter/DCTDecode", "/Filter/DCTDecode/F(x)", false},
	{"LZW", "6.1.7.2", "/Filter/DCTDecode", "/Filter/LZWDecode", false},
	{"object that is not spaced", "6.1.9", "endobj\n2 0 obj\n", "endobj 2 0 obj\n", true},
	{"tiny page", "6.1.13", aPage, "/MediaBox[0 0 2 720]", false},
	{"no output intent", "6.2.4.3", "/OutputIntents[", "/OutputIntentz[", false},
	{"output profile that cannot be read", "6.2.3", "/N 3/Filter/FlateDecode", "/N 3/Filter/ASCIIHexDecode", false},
	{"CMYK", "6.2.4.3", "/DeviceRGB", "/DeviceCMYK", false},
	{"interpolation", "6.2.8", "/Width 800", "/Interpolate true/Width 800", false},
	{"alternate pictures", "6.2.8", "/Width 800", "/Alternates[]/Width 800", false},
	{"OPI", "6.2.8", "/Width 800", "/OPI<<>>/Width 800", false},
	{"intent of its own", "6.2.6", "/Width 800", "/Intent/Odd/Width 800", false},
	{"no map to characters", "6.2.11.7.2", "/ToUnicode", "/ToUnicods", false},
	{"no map to glyphs", "6.2.11.3.2", "/CIDToGIDMap", "/CIDToGIDMop", false},
	{"CMap that is not known", "6.2.11.3.3", "/Encoding/Identity-H", "/Encoding/Foreign-H", false},
	{"note", "6.3.1", aPage, aPage + "/Annots[<</Type/Annot/Subtype/Movie/F 4/Rect[0 0 9 9]>>]", false},
	{"form to be drawn", "6.4.1", catalogue, catalogue + "/AcroForm<</Fields[]/NeedAppearances true>>", false},
	{"XFA", "6.4.2", catalogue, catalogue + "/AcroForm<</Fields[]/XFA[]>>", false},
	{"to be rendered", "6.4.2", catalogue, catalogue + "/NeedsRendering true", false},
	{"script on opening", "6.5.1", catalogue, catalogue + "/OpenAction" + script, false},
	{"trigger of the file", "6.5.2", catalogue, catalogue + "/AA<</WC" + script + ">>", false},
	{"trigger of a page", "6.5.2", aPage, aPage + "/AA<</O" + script + ">>", false},
	{"no metadata", "6.6.2.1", "/Metadata ", "/Metadato ", false},
	{"packed metadata", "6.6.2.1", "/Subtype/XML", "/Subtype/XML/Filter/FlateDecode", false},
	{"property of no schema", "6.6.2.3.1", "<pdfaid:part>", "<pdf:Odd>x</pdf:Odd><pdfaid:part>", false},
	{"another part", "6.6.4", "<pdfaid:part>2<", "<pdfaid:part>3<", false},
	{"attachments", "6.8", catalogue, catalogue + "/Names<</EmbeddedFiles<</Names[(a)<</Type/Filespec/F(a)/EF<</F 1 0 R>>>>]>>>>", false},
	{"layers", "6.9", catalogue, catalogue + "/OCProperties<</OCGs[]/D<<>>>>", false},
	{"alternate presentations", "6.10", catalogue, catalogue + "/Names<</AlternatePresentations<<>>>>", false},
	{"steps", "6.10", aPage, aPage + "/PresSteps<<>>", false},
	{"requirements", "6.11", catalogue, catalogue + "/Requirements[]", false},
}

// tabled gives a file whose objects were moved a right cross-reference table
// and right lengths of its metadata again, so that only what was spoilt is
// wrong with it.
func tabled(b []byte) []byte {
	b = measured(b)
	start := bytes.LastIndex(b, []byte("\nxref\n")) + 1
	trailer := b[bytes.LastIndex(b, []byte("trailer\n")):]
	trailer = trailer[:bytes.Index(trailer, []byte("startxref\n"))]
	at := map[int]int{}
	for _, m := range regexp.MustCompile(`(?m)^(\d+) 0 obj$`).FindAllSubmatchIndex(b[:start], -1) {
		n, _ := strconv.Atoi(string(b[m[2]:m[3]])) // the pattern has digits only
		at[n] = m[0]
	}
	var out bytes.Buffer
	out.Write(b[:start])
	fmt.Fprintf(&out, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for n := range len(at) {
		fmt.Fprintf(&out, "%010d 00000 n \n", at[n+1])
	}
	fmt.Fprintf(&out, "%sstartxref\n%d\n%%%%EOF\n", trailer, start)
	return out.Bytes()
}

var packet = regexp.MustCompile(`(?s)(/Subtype/XML[^>]*/Length )\d+(>>\nstream\n)(<\?xpacket begin.*?<\?xpacket end="r"\?>)`)

func measured(b []byte) []byte {
	m := packet.FindSubmatchIndex(b)
	if m == nil {
		return b
	}
	length := strconv.Itoa(m[7] - m[6])
	return []byte(strings.Join([]string{string(b[:m[3]]), length, string(b[m[4]:])}, ""))
}
