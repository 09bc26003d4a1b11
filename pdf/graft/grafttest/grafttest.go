// Package grafttest makes PDFs of one page that bring text and vectors with
// them, of every kind that a page can be kept or not kept for.
package grafttest

import (
	"bytes"
	"compress/lzw"
	"compress/zlib"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"

	"sohoa/pdf/cmap"
)

// Text is what every page says.
const Text = "Căn cứ Luật Tổ chức chính quyền địa phương ngày 19 tháng 6 năm 2025 của nước ta và Nghị định về công tác văn thư"

// A Case is a page and what is to be done with it.
type Case struct {
	Name string
	PDF  []byte
	Kept bool   // stands in the archive as it came
	Says string // part of the note: of what was changed, or why it is drawn
}

// page is what differs between cases: further entries.
type page struct {
	resources string // of the page, inside Resources
	before    string // content before the text
	after     string
	entries   string // of the page
	catalogue string
	objects   []string // from number 10 on
	font      string   // of the page's text; the embedded one if empty
	box       string
	unmapped  bool // the font has one more code, of which no character is told
}

// Unmapped is the name of the case that can stand in a PDF/A-2b only.
const Unmapped = "letter without a character"

// Cases returns all of them.
func Cases(t testing.TB) []Case {
	t.Helper()
	s := newSetter(t)
	var all []Case
	add := func(name string, kept bool, says string, p page) {
		all = append(all, Case{Name: name, PDF: s.file(p), Kept: kept, Says: says})
	}
	for _, c := range append(keptCases(), drawnCases(s)...) {
		add(c.name, c.kept, c.says, c.page)
	}
	return all
}

type row struct {
	name string
	kept bool
	says string
	page page
}

const pixel = "/Type/XObject/Subtype/Image/Width 2/Height 2/BitsPerComponent 8"

func keptCases() []row {
	form := "/Type/XObject/Subtype/Form/BBox[0 0 100 100]"
	layers := "/OCProperties<</OCGs[10 0 R]/D<</Order[10 0 R]%s>>>>"
	return []row{
		{"plain", true, "", page{}},
		{Everything, true, "", page{resources: "/ExtGState<</G<</ca .5/BM/Multiply>>>>/XObject<</I 10 0 R/A 11 0 R>>/ColorSpace<</C[/ICCBased 12 0 R]>>",
			before:  "q /G gs 90 0 0 90 60 600 cm /I Do Q /A Do q /C cs 0 0 1 sc 5 700 5 5 re f Q",
			objects: []string{stream(pixel+"/ColorSpace/DeviceRGB", "aaabbbcccddd"), stream("/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Group<</S/Transparency/CS/DeviceRGB>>/Resources<<>>", "0 0 5 5 re f"), stream("/N 3", profile())}}},
		{"turned by 90", true, "", page{entries: "/Rotate 90"}},
		{"turned by 180", true, "", page{entries: "/Rotate 180"}},
		{"turned by 270", true, "", page{entries: "/Rotate -90"}},
		{"box elsewhere", true, "", page{box: "[-50 -60 545 782]", entries: "/CropBox[-40 -50 540 770]"}},
		{"user unit", true, "", page{entries: "/UserUnit 1.5"}},
		{"transparent", true, "", page{resources: "/ExtGState<</G<</ca .5/BM/Multiply>>>>", before: "q /G gs 1 0 0 rg 50 600 200 100 re f Q"}},
		{"blend modes in an array", true, "", page{resources: "/ExtGState<</G<</ca .5/BM[/Screen/Normal]>>>>", before: "q /G gs 1 0 0 rg 50 600 200 100 re f Q"}},
		{"soft mask", true, "", page{resources: "/ExtGState<</G<</SMask<</S/Luminosity/G 10 0 R>>>>>>", before: "q /G gs 0 0 1 rg 50 600 100 100 re f Q",
			objects: []string{stream("/Type/XObject/Subtype/Form/BBox[0 0 600 800]/Group<</S/Transparency/CS/DeviceGray>>/Resources<<>>", ".5 g 0 0 600 800 re f")}}},
		{"tiling", true, "", page{resources: "/Pattern<</P 10 0 R>>", before: "/Pattern cs /P scn 50 600 200 100 re f",
			objects: []string{stream("/Type/Pattern/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 10 10]/XStep 10/YStep 10/Resources<<>>", "1 0 0 rg 0 0 5 5 re f")}}},
		{"shading", true, "", page{resources: "/Shading<</S<</ShadingType 2/ColorSpace/DeviceRGB/Coords[50 0 250 0]/Function<</FunctionType 2/Domain[0 1]/C0[1 0 0]/C1[0 0 1]/N 1>>>>>>", before: "q 50 600 200 100 re W n /S sh Q"}},
		{"image with soft mask", true, "", page{resources: "/XObject<</I 10 0 R>>", before: "q 90 0 0 90 60 600 cm /I Do Q",
			objects: []string{stream(pixel+"/ColorSpace/DeviceRGB/SMask 11 0 R", "aaabbbcccddd"), stream(pixel+"/ColorSpace/DeviceGray", "\x10\x80\xf0\xff")}}},
		{"palette, LZW", true, "", page{resources: "/XObject<</I 10 0 R>>", before: "q 90 0 0 90 60 600 cm /I Do Q",
			objects: []string{stream(pixel+"/ColorSpace[/Indexed/DeviceRGB 1<ff000000ff00>]/Filter/LZWDecode/DecodeParms<</EarlyChange 0>>", lzwOf("\x00\x01\x01\x00"))}}},
		{"interpolated picture", true, "", page{resources: "/XObject<</I 10 0 R>>", before: "q 90 0 0 90 60 600 cm /I Do Q", objects: []string{stream(pixel+"/Interpolate true/ColorSpace/DeviceRGB", "aaabbbcccddd")}}},
		{"stencil", true, "", page{resources: "/XObject<</I 10 0 R>>", before: "q 0 0 1 rg 90 0 0 90 60 600 cm /I Do Q",
			objects: []string{stream("/Type/XObject/Subtype/Image/Width 8/Height 2/ImageMask true/BitsPerComponent 1", "\xaa\x55")}}},
		{"inline image", true, "", page{before: "q 90 0 0 90 60 600 cm BI /W 2 /H 2 /CS /RGB /BPC 8 ID aaabbbcccddd EI Q"}},
		{"form in form without resources", true, "", page{resources: "/XObject<</A 10 0 R>>", before: "q 1 0 0 1 60 600 cm /A Do Q",
			objects: []string{stream(form+"/Resources<</XObject<</B 11 0 R>>>>", "/B Do"), stream(form, "0 1 0 rg 0 0 50 50 re f")}}},
		{"layers all shown", true, "layers", page{catalogue: fmt.Sprintf(layers, ""), resources: "/Properties<</L 10 0 R>>", before: "/OC /L BDC 1 0 0 rg 50 600 20 20 re f EMC", objects: []string{"<</Type/OCG/Name(a)>>"}}},
		{"marked content", true, "", page{resources: "/Properties<</M<</MCID 3/ActualText(x)>>>>", before: "/Span /M BDC 50 600 20 20 re f EMC /P <</MCID 0>> BDC EMC"}},
		{"link", true, "links", page{entries: "/Annots[<</Type/Annot/Subtype/Link/Border[0 0 0]/Rect[0 0 50 50]/A<</S/URI/URI(https://example.org)>>>>]"}},
		{"stamp", true, "notes", page{entries: "/Annots[<</Type/Annot/Subtype/Stamp/F 4/Rect[300 600 400 650]/AP<</N 10 0 R>>>>]",
			objects: []string{stream(form+"/Matrix[1 0 0 1 0 0]/Resources<<>>", "1 0 0 rg 0 0 100 100 re f")}}},
		{"hidden stamp", true, "not shown", page{entries: "/Annots[<</Type/Annot/Subtype/Stamp/F 2/Rect[300 600 400 650]/AP<</N 10 0 R>>>>]",
			objects: []string{stream(form+"/Resources<<>>", "1 0 0 rg 0 0 100 100 re f")}}},
		{"form field", true, "notes", page{catalogue: "/AcroForm<</Fields[11 0 R]>>", entries: "/Annots[11 0 R]",
			objects: []string{stream(form+"/Resources<<>>", "0 0 1 rg 0 0 100 20 re f"),
				"<</Type/Annot/Subtype/Widget/FT/Tx/T(a)/V(b)/F 4/Rect[300 500 400 600]/AP<</N 10 0 R>>>>"}}},
		{"halftone of a press", true, "", page{resources: "/ExtGState<</G<</HT/Default/BG2/Default/UCR2/Default/TR/Identity/LW 2>>>>", before: "q /G gs 50 600 m 90 600 l S Q"}},
		{"broken profile", true, "profile", page{resources: "/ColorSpace<</C[/ICCBased 10 0 R]>>", before: "/C cs 1 0 0 sc 50 600 20 20 re f", objects: []string{stream("/N 3", "no profile")}}},
		{"calibrated", true, "", page{resources: "/ColorSpace<</C[/CalRGB<</WhitePoint[.95 1 1.09]/Gamma[2.2 2.2 2.2]>>]>>", before: "/C cs 1 0 0 sc 50 600 20 20 re f"}},
	}
}

func drawnCases(s *setter) []row {
	layers := "/OCProperties<</OCGs[10 0 R]/D<</OFF[10 0 R]>>>>"
	return []row{
		{"colours of a press", false, "press", page{before: "0 1 0 0 k 50 600 20 20 re f"}},
		{"picture for a press", false, "press", page{resources: "/XObject<</I 10 0 R>>", before: "q 90 0 0 90 60 600 cm /I Do Q", objects: []string{stream(pixel+"/ColorSpace/DeviceCMYK", "aaaabbbbccccdddd")}}},
		{"spot colour", false, "press", page{resources: "/ColorSpace<</C[/Separation/Gold/DeviceRGB<</FunctionType 2/Domain[0 1]/C0[1 1 1]/C1[1 .8 0]/N 1>>]>>", before: "/C cs 1 sc 50 600 20 20 re f"}},
		{"font not in the file", false, "", page{font: "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"}},
		{"wrong widths", false, "wide", page{font: s.font(90)}},
		{Unmapped, true, "no character", page{unmapped: true, after: fmt.Sprintf("BT /F 11 Tf 40 400 Td <%04X> Tj ET", len(s.runes)+1),
			font: strings.Replace(s.font(0), "/W[", fmt.Sprintf("/W[%d[%d]", len(s.runes)+1, s.widths[0]), 1)}},
		{"hidden layer", false, "layers", page{catalogue: layers, resources: "/Properties<</L 10 0 R>>", before: "/OC /L BDC 1 0 0 rg 50 600 20 20 re f EMC", objects: []string{"<</Type/OCG/Name(a)>>"}}},
		{"transfer function", false, "state", page{resources: "/ExtGState<</G<</TR<</FunctionType 2/Domain[0 1]/C0[1]/C1[0]/N 1>>>>>>", before: "q /G gs 50 600 20 20 re f Q"}},
		{"deep states", false, "28 states", page{before: strings.Repeat("q ", 30) + strings.Repeat("Q ", 30)}},
		{"unknown operator", false, "operator", page{before: "1 2 frobnicate"}},
		{"picture by JPEG 2000", false, "picture", page{resources: "/XObject<</I 10 0 R>>", before: "q 90 0 0 90 60 600 cm /I Do Q", objects: []string{stream(pixel+"/ColorSpace/DeviceRGB/Filter/JPXDecode", "no JPX")}}},
		{"note without a look", false, "notes", page{entries: "/Annots[<</Type/Annot/Subtype/Square/F 4/C[1 0 0]/Rect[300 600 400 650]>>]"}},
		{"state left over", false, "stack", page{before: "q"}},
		{"form that draws itself", false, "circle", page{resources: "/XObject<</A 10 0 R>>", before: "/A Do", objects: []string{stream("/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</A 10 0 R>>>>", "/A Do")}}},
	}
}

func lzwOf(s string) string {
	var b bytes.Buffer
	w := lzw.NewWriter(&b, lzw.MSB, 8)
	_, _ = w.Write([]byte(s)) // a bytes.Buffer does not fail
	_ = w.Close()
	return b.String()
}

func stream(dict, data string) string {
	return fmt.Sprintf("<<%s/Length %d>>stream\n%s\nendstream", dict, len(data), data)
}

// profile is the least that is an ICC profile: a header and one empty tag.
func profile() string {
	b := make([]byte, 144)
	copy(b, "\x00\x00\x00\x90\x00\x00\x00\x00\x02\x10\x00\x00mntrRGB XYZ ")
	copy(b[36:], "acsp")
	copy(b[128:], "\x00\x00\x00\x01cprt\x00\x00\x00\x90\x00\x00\x00\x00")
	return string(b)
}

// SimpleFont is a page of text in a TrueType font with codes of one byte.
func SimpleFont(t testing.TB) []byte {
	t.Helper()
	s := newSetter(t)
	var buf sfnt.Buffer
	widths := ""
	for c := ' '; c <= '~'; c++ {
		g, err := s.font0.GlyphIndex(&buf, c)
		if err != nil {
			t.Fatal(err)
		}
		w, err := s.font0.GlyphAdvance(&buf, g, fixed.I(1000), font.HintingNone)
		if err != nil {
			t.Fatal(err)
		}
		widths += fmt.Sprintf("%d ", w.Round())
	}
	return s.file(page{font: "<</Type/Font/Subtype/TrueType/BaseFont/Tinos/FirstChar 32/LastChar 126/Widths[" + widths + "]/Encoding/WinAnsiEncoding/FontDescriptor 10 0 R>>",
		objects: []string{"<</Type/FontDescriptor/FontName/Tinos/Flags 32/FontBBox[-500 -300 2000 1100]/ItalicAngle 0/Ascent 891/Descent -216/CapHeight 662/StemV 80/FontFile2 9 0 R>>"}})
}

// A setter sets the text in Tinos.
type setter struct {
	program []byte
	font0   *sfnt.Font
	codes   []sfnt.GlyphIndex
	runes   []rune // of code i+1
	widths  []int
}

func newSetter(t testing.TB) *setter {
	b, err := os.ReadFile("/usr/share/fonts/truetype/croscore/Tinos-Regular.ttf")
	if err != nil {
		t.Fatal(err)
	}
	s := &setter{program: b}
	if s.font0, err = sfnt.Parse(b); err != nil {
		t.Fatal(err)
	}
	var buf sfnt.Buffer
	for _, r := range Text {
		if slices.Contains(s.runes, r) {
			continue
		}
		g, err := s.font0.GlyphIndex(&buf, r)
		if err != nil {
			t.Fatal(err)
		}
		w, err := s.font0.GlyphAdvance(&buf, g, fixed.I(1000), font.HintingNone)
		if err != nil {
			t.Fatal(err)
		}
		s.runes, s.codes, s.widths = append(s.runes, r), append(s.codes, g), append(s.widths, w.Round())
	}
	return s
}

// font is the Type 0 font in objects 5 to 9, its widths off by wrong.
func (s *setter) font(wrong int) string {
	var w strings.Builder
	for i, width := range s.widths {
		fmt.Fprintf(&w, "%d[%d]", i+1, width+wrong)
	}
	return "<</Type/Font/Subtype/Type0/BaseFont/Tinos/Encoding/Identity-H/ToUnicode 7 0 R/DescendantFonts[<</Type/Font/Subtype/CIDFontType2/BaseFont/Tinos" +
		"/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/CIDToGIDMap 8 0 R/FontDescriptor 6 0 R/W[" + w.String() + "]>>]>>"
}

// file writes a PDF: 1 catalogue, 2 pages, 3 page, 4 content, 5 font, 6
// descriptor, 7 ToUnicode, 8 map to glyphs, 9 program.
func (s *setter) file(p page) []byte {
	if p.font == "" {
		p.font = s.font(0)
	}
	if p.box == "" {
		p.box = "[0 0 595 842]"
	}
	text := "BT /F 11 Tf 1 0 0 1 40 500 Tm 14 TL "
	simple := !strings.Contains(p.font, "Identity-H")
	for _, word := range strings.Fields(Text) {
		text += "<"
		for _, r := range word + " " {
			switch {
			case simple && r < 0x80:
				text += fmt.Sprintf("%02X", r)
			case !simple:
				text += fmt.Sprintf("%04X", slices.Index(s.runes, r)+1)
			}
		}
		text += "> '\n"
	}
	gids := []byte{0, 0}
	for _, g := range s.codes {
		gids = append(gids, byte(g>>8), byte(g))
	}
	if p.unmapped {
		gids = append(gids, gids[2:4]...)
	}
	objects := []string{
		"<</Type/Catalog/Pages 2 0 R" + p.catalogue + ">>",
		"<</Type/Pages/Count 1/Kids[3 0 R]>>",
		"<</Type/Page/Parent 2 0 R/MediaBox" + p.box + "/Contents 4 0 R" + p.entries + "/Resources<</Font<</F 5 0 R>>" + p.resources + ">>>>",
		stream("", p.before+"\n"+text+"ET\n"+p.after),
		p.font,
		"<</Type/FontDescriptor/FontName/Tinos/Flags 4/FontBBox[-500 -300 2000 1100]/ItalicAngle 0/Ascent 891/Descent -216/CapHeight 662/StemV 80/FontFile2 9 0 R/CIDSet 8 0 R>>",
		stream("", string(cmap.ToUnicode(s.runes))),
		stream("", string(gids)),
		stream(fmt.Sprintf("/Filter/FlateDecode/Length1 %d", len(s.program)), deflate(s.program)),
	}
	return numbered(append(objects, p.objects...))
}

func deflate(b []byte) string {
	var out bytes.Buffer
	z := zlib.NewWriter(&out)
	_, _ = z.Write(b) // a bytes.Buffer does not fail
	_ = z.Close()
	return out.String()
}

// numbered writes objects 1 on as a file.
func numbered(objects []string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	var places []int
	for i, o := range objects {
		places = append(places, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	at := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, p := range places {
		fmt.Fprintf(&b, "%010d 00000 n \n", p)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, at)
	return b.Bytes()
}
