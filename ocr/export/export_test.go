package export

import (
	"bytes"
	"encoding/xml"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sohoa/ocr"
)

func word(text string, x, y int, confidence float64) ocr.Word {
	return ocr.Word{Text: text, Box: ocr.Box{X0: x, Y0: y, X1: x + 40, Y1: y + 20}, Confidence: confidence}
}

// read is two pages with what is awkward: marks of markup, a control character,
// a line without words, words that overlap, an empty page.
func read() Document {
	line := func(block, par, y int, words ...ocr.Word) ocr.Line {
		l := ocr.Line{Block: block, Par: par, Words: words, Box: ocr.Box{X0: 10, Y0: y, X1: 200, Y1: y + 24}}
		l.Baseline = [2]float64{float64(y) + 18, float64(y) + 19.5}
		return l
	}
	first := ocr.Page{Width: 1654, Height: 2339, DPIX: 200, DPIY: 200, Turn: 1, Skew: -0.4, Confidence: 93.25,
		Engine: "tesseract 5.3.0", Data: "vie sha256:00", Settings: `psm=3 note="x" <&>`}
	first.Lines = []ocr.Line{
		line(1, 1, 10, word("Số:", 10, 10, 96), word(`"A&B"`, 60, 10, 45.5), word("<Nghĩa>", 90, 10, 0)),
		line(1, 2, 40),
		line(1, 2, 70, word("tỉnh\x01", 10, 70, 100)),
		line(2, 3, 100, word("Độc", 10, 100, 88), word("lập", 55, 100, 88)),
	}
	first.Codes = []ocr.Code{{Format: "QR", Text: "001|Nguyễn <Vĩnh> & Nghĩa", Box: ocr.Box{X0: 5, Y0: 300, X1: 105, Y1: 400}}}
	return Document{Title: "000.00.12.H60-260315-0001 <1>", Pages: []ocr.Page{first, {Index: 1, Width: 10, Height: 20, DPIX: 72, DPIY: 72, Blank: true, Engine: "tesseract 5.3.0"}}}
}

var want = []string{"Số:", `"A&B"`, "<Nghĩa>", "tỉnh", "Độc", "lập"}

// elements returns, of the elements whose attribute has this value (empty: that
// have this name), what of gives for each.
func elements(t *testing.T, b []byte, chosen func(xml.StartElement) bool) (texts []string, attrs [][]xml.Attr) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(b))
	inside := false
	for {
		token, err := d.Token()
		if err == io.EOF {
			return texts, attrs
		}
		if err != nil {
			t.Fatal(err)
		}
		switch x := token.(type) {
		case xml.StartElement:
			if inside = chosen(x); inside {
				texts, attrs = append(texts, ""), append(attrs, x.Attr)
			}
		case xml.EndElement:
			inside = false
		case xml.CharData:
			if inside {
				texts[len(texts)-1] += string(x)
			}
		}
	}
}

func attr(all []xml.Attr, name string) string {
	for _, a := range all {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func TestHOCR(t *testing.T) {
	var b bytes.Buffer
	if err := HOCR(&b, read()); err != nil {
		t.Fatal(err)
	}
	class := func(c string) func(xml.StartElement) bool {
		return func(x xml.StartElement) bool { return attr(x.Attr, "class") == c }
	}
	words, attrs := elements(t, b.Bytes(), class("ocrx_word"))
	if !slices.Equal(words, want) {
		t.Errorf("words %q, want %q", words, want)
	}
	if got := attr(attrs[1], "title"); got != "bbox 60 10 100 30; x_wconf 46" && got != "bbox 60 10 100 30; x_wconf 45" {
		t.Errorf("the second word's title is %q", got)
	}
	for c, n := range map[string]int{"ocr_page": 2, "ocr_carea": 2, "ocr_par": 3, "ocr_line": 3} {
		if got, _ := elements(t, b.Bytes(), class(c)); len(got) != n {
			t.Errorf("%d of %s, want %d", len(got), c, n)
		}
	}
	_, lines := elements(t, b.Bytes(), class("ocr_line"))
	if got := attr(lines[0], "title"); got != "bbox 10 10 200 34; baseline 0.0079 -6.0" {
		t.Errorf("the first line's title is %q", got)
	}
}

func TestALTO(t *testing.T) {
	var b bytes.Buffer
	if err := ALTO(&b, read()); err != nil {
		t.Fatal(err)
	}
	name := func(n string) func(xml.StartElement) bool {
		return func(x xml.StartElement) bool { return x.Name.Local == n }
	}
	_, strs := elements(t, b.Bytes(), name("String"))
	var words []string
	for _, a := range strs {
		words = append(words, attr(a, "CONTENT"))
	}
	if !slices.Equal(words, want) {
		t.Errorf("words %q, want %q", words, want)
	}
	if got := attr(strs[0], "WC"); got != "0.96" {
		t.Errorf("the first word's WC is %s", got)
	}
	_, tags := elements(t, b.Bytes(), name("OtherTag"))
	if len(tags) != 1 || attr(tags[0], "LABEL") != "001|Nguyễn <Vĩnh> & Nghĩa" {
		t.Errorf("tags %v", tags)
	}
	judge(t, b.Bytes())
}

// judge holds b against the published schema, with xmllint.
func judge(t *testing.T, b []byte) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "alto.xml")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("xmllint", "--nonet", "--noout", "--schema", "testdata/alto-4-4.xsd", path)
	cmd.Env = append(os.Environ(), "XML_CATALOG_FILES=testdata/catalog.xml")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("xmllint: %v\n%s", err, out)
	}
}

// TestJudge makes sure that the judge can say no.
func TestJudge(t *testing.T) {
	var b bytes.Buffer
	if err := ALTO(&b, read()); err != nil {
		t.Fatal(err)
	}
	bad := strings.Replace(b.String(), `WC="0.96"`, `WC="9.6"`, 1)
	cmd := exec.Command("xmllint", "--nonet", "--noout", "--schema", "testdata/alto-4-4.xsd", "-")
	cmd.Env = append(os.Environ(), "XML_CATALOG_FILES=testdata/catalog.xml")
	cmd.Stdin = strings.NewReader(bad)
	if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), "WC") {
		t.Errorf("a confidence of 9.6 passes: %v %s", err, out)
	}
}

func TestSameBytes(t *testing.T) {
	for name, write := range map[string]func(io.Writer, Document) error{"hOCR": HOCR, "ALTO": ALTO} {
		var a, b bytes.Buffer
		if err := write(&a, read()); err != nil {
			t.Fatal(err)
		}
		if err := write(&b, read()); err != nil {
			t.Fatal(err)
		}
		if a.String() != b.String() {
			t.Errorf("%s differs", name)
		}
		if err := write(failing{}, read()); err == nil {
			t.Errorf("%s: a writer that fails is not noticed", name)
		}
	}
	if err := ALTO(io.Discard, Document{}); err != nil {
		t.Error(err)
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, io.ErrShortWrite }
