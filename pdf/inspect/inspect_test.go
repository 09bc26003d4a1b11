package inspect

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"sohoa/jail"
	"sohoa/scan"
)

// A book is a PDF written by hand: objects 1 (catalogue) and 2 (page tree) are
// made from the fields.
type book struct {
	catalogue string   // further entries
	pages     []string // entries of each page but Type and Parent
	objects   []string // from number 3 on
	count     string   // what the tree claims, the truth if empty
}

func (k book) bytes() []byte {
	var kids []string
	all := append([]string{"", ""}, k.objects...)
	for _, p := range k.pages {
		all = append(all, "<</Type/Page/Parent 2 0 R "+p+">>")
		kids = append(kids, fmt.Sprintf("%d 0 R", len(all)))
	}
	if k.count == "" {
		k.count = fmt.Sprint(len(kids))
	}
	all[0] = "<</Type/Catalog/Pages 2 0 R " + k.catalogue + ">>"
	all[1] = "<</Type/Pages/Count " + k.count + "/Kids[" + strings.Join(kids, " ") + "]>>"
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	var places []int
	for i, o := range all {
		places = append(places, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	xref := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(all)+1)
	for _, at := range places {
		fmt.Fprintf(&b, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(all)+1, xref)
	return b.Bytes()
}

func stream(dict, data string) string {
	return fmt.Sprintf("<<%s/Length %d>>stream\n%s\nendstream", dict, len(data), data)
}

// scanned is a book whose pages each show object 3, an image of the entries
// dict, by the content, on A4.
func scanned(dict, data, content, pageMore string) book {
	return book{
		objects: []string{stream("/Type/XObject/Subtype/Image"+dict, data), stream("", content)},
		pages:   []string{"/MediaBox[0 0 100 142]/Resources<</XObject<</Im0 3 0 R>>>>/Contents 4 0 R" + pageMore},
	}
}

const full = "q 100 0 0 142 0 0 cm /Im0 Do Q"

func openBook(t testing.TB, b []byte, l scan.Limits) (*File, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return Open(path, l)
}

func photo(w, h int) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range w * h {
		img.Set(i%w, i/w, color.RGBA{byte(i % w), byte(i / w), byte(100 - i%w/2), 0xff})
	}
	return img
}

func jpegOf(t testing.TB, img image.Image) string {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func deflate(s string) string {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	w.Write([]byte(s))
	w.Close()
	return b.String()
}

const rgbJPEG = "/Width 100/Height 142/BitsPerComponent 8/ColorSpace/DeviceRGB/Filter/DCTDecode"

func TestRefused(t *testing.T) {
	text := book{
		objects: []string{"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>", stream("", "BT /F 12 Tf 7 70 Td (Hello) Tj ET")},
		pages:   []string{"/MediaBox[0 0 100 142]/Resources<</Font<</F 3 0 R>>>>/Contents 4 0 R"},
	}
	with := func(catalogue string, objects ...string) []byte {
		b := text
		b.catalogue, b.objects = catalogue, append(b.objects[:2:2], objects...)
		return b.bytes()
	}
	good := with("")
	sig := "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/adbe.pkcs7.detached/ByteRange[0 10 20 30]/Contents<00>>>"
	hidden := append(bytes.Clone(good), "\n% an update lost its table\n9 0 obj <</Kind/X /ByteRange [0 1 2 3]>> endobj\n%%EOF\n"...)
	loop := book{objects: []string{"<</Type/Pages/Count 1/Kids[3 0 R]>>"}, count: "1"}.bytes()
	loop = bytes.Replace(loop, []byte("/Kids[]"), []byte("/Kids[3 0 R]"), 1)
	for _, row := range []struct {
		name string
		b    []byte
		l    scan.Limits
		code string
		says string
	}{
		{"text", []byte("Kính gửi: Ủy ban nhân dân tỉnh\n"), scan.Limits{}, scan.CodeKind, scan.Taken},
		{"empty", nil, scan.Limits{}, scan.CodeEmpty, "empty"},
		{"no pages", book{}.bytes(), scan.Limits{}, scan.CodeNoPages, "no pages"},
		{"too many pages", book{pages: []string{"", "", ""}}.bytes(), scan.Limits{Pages: 2}, scan.CodePages, "2"},
		{"too large", good, scan.Limits{Bytes: 100}, scan.CodeBytes, "100"},
		{"a page of 5 metres", book{pages: []string{"/MediaBox[0 0 14400 14400]"}}.bytes(), scan.Limits{}, scan.CodePixels, "40000"},
		{"a larger one", book{pages: []string{"/MediaBox[0 0 14401 9]"}}.bytes(), scan.Limits{}, CodeSides, "14401 × 9"},
		{"a larger one by its unit", book{pages: []string{"", "/MediaBox[0 0 200 200]/UserUnit 73"}}.bytes(), scan.Limits{}, CodeSides, "14600"},
		{"a tiny one", book{pages: []string{"/MediaBox[0 0 2.9 200]"}}.bytes(), scan.Limits{}, CodeSides, "2.9 × 200"},
		{"a form without pages", with("/NeedsRendering true/AcroForm<</XFA 5 0 R>>", stream("", "<xdp/>")), scan.Limits{}, CodeXFA, "no pages of its own"},
		{"a form that says wait", book{catalogue: "/AcroForm<</XFA 5 0 R>>", pages: text.pages,
			objects: []string{text.objects[0], stream("", "BT /F 4 Tf 7 70 Td (Please wait...) Tj ET"), stream("", "<xdp/>")}}.bytes(), scan.Limits{}, CodeXFA, "no pages of its own"},
		{"a ZIP behind it", append(bytes.Clone(good), "PK\x03\x04\x14\x00payload"...), scan.Limits{}, CodePolyglot, "ZIP"},
		{"a ZIP around it", append(bytes.Clone(good), "\nwords PK\x05\x06"+strings.Repeat("\x00", 16)+"\x03\x00abc"...), scan.Limits{}, CodePolyglot, "ZIP"},
		{"a program before it", append([]byte("MZ\x90\x00\n"), good...), scan.Limits{}, CodePolyglot, "program"},
		{"a page of the web before it", append([]byte("<html><!--\n"), good...), scan.Limits{}, CodePolyglot, "web page"},
		{"a JPEG behind it", append(bytes.Clone(good), "\xff\xd8\xff\xe0"...), scan.Limits{}, CodePolyglot, "JPEG"},
		{"60,000 × 60,000 scan", scanned(strings.NewReplacer("100", "60000", "142", "60000").Replace(rgbJPEG), jpegOf(t, photo(9, 9)), full, "").bytes(), scan.Limits{}, scan.CodePixels, "60000"},
		{"cut short", good[:len(good)-200], scan.Limits{}, scan.CodeDamaged, "cut short"},
		{"rubbish", []byte("%PDF-1.4\nrubbish\n%%EOF"), scan.Limits{}, scan.CodeDamaged, "damaged"},
		{"a page less than said", book{pages: []string{""}, count: "2"}.bytes(), scan.Limits{}, scan.CodeDamaged, "1 are there"},
		{"a circle", loop, scan.Limits{}, scan.CodeDamaged, "circle"},
		{"encrypted", bytes.Replace(good, []byte("/Root 1 0 R"), []byte("/Root 1 0 R/Encrypt<</Filter/Standard>>"), 1), scan.Limits{}, CodeEncrypted, "encrypted"},
		{"signature", with("/AcroForm<</SigFlags 3/Fields[5 0 R]>>", "<</FT/Sig/T(S)/V 6 0 R>>", sig), scan.Limits{}, CodeSigned, "signature"},
		{"signature nobody refers to", with("", sig), scan.Limits{}, CodeSigned, "signature"},
		{"signature with odd spelling", with("", strings.Replace(sig, "/ByteRange", "/Byte#52ange", 1)), scan.Limits{}, CodeSigned, "signature"},
		{"signature outside all objects", hidden, scan.Limits{}, CodeSigned, "signature"},
		{"signed field without its range", with("", "<</FT/Sig/T(S)/V<</Contents<00>>>>>>"), scan.Limits{}, CodeSigned, "field"},
		{"time stamp", with("", "<</Type/DocTimeStamp/Contents<00>>>"), scan.Limits{}, CodeSigned, "DocTimeStamp"},
		{"certification", with("/Perms<</DocMDP 5 0 R>>", "<</Contents<00>>>"), scan.Limits{}, CodeSigned, "permissions"},
		{"signed, and with JavaScript", with("/OpenAction<</S/JavaScript/JS(x)>>", sig), scan.Limits{}, CodeSigned, "signature"},
	} {
		_, err := openBook(t, row.b, row.l)
		var r *jail.Refusal
		if !errors.As(err, &r) || r.Code != row.code || !strings.Contains(r.Text, row.says) {
			t.Errorf("%s: %v (%s), want %s: …%s…", row.name, err, codeOf(err), row.code, row.says)
		}
	}
	for name, b := range map[string][]byte{
		"plain":                    good,
		"opens on a page":          with("/OpenAction[7 0 R/Fit]"),
		"goes to a page":           with("/OpenAction<</S/GoTo/D[7 0 R/Fit]>>"),
		"an unsigned field":        with("/AcroForm<</SigFlags 1/Fields[5 0 R]>>", "<</FT/Sig/T(S)>>"),
		"a link to the web":        with("", "<</S/URI/URI(https://example.vn/JavaScript/Launch)>>"),
		"no embedded files, truly": with("/Names<</EmbeddedFiles<</Names[]>>>>"),
		"talks of /JavaScript":     with("", stream("", "BT (/S /JavaScript and /Encrypt) Tj ET")),
	} {
		if f, err := openBook(t, b, scan.Limits{}); err != nil || f.Pages() != 1 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestEncryptedByQPDF has encryption as programs do it, also with no password
// to open.
func TestEncryptedByQPDF(t *testing.T) {
	dir := t.TempDir()
	plain := filepath.Join(dir, "plain")
	if err := os.WriteFile(plain, book{pages: []string{"/MediaBox[0 0 100 100]"}}.bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"--encrypt", "u", "o", "256", "--"}, {"--encrypt", "", "o", "256", "--"}, {"--encrypt", "", "", "128", "--use-aes=y", "--"}, {"--object-streams=generate", "--encrypt", "", "o", "256", "--"}} {
		out := filepath.Join(dir, "out")
		if said, err := exec.Command("qpdf", append(args, plain, out)...).CombinedOutput(); err != nil {
			t.Fatalf("qpdf: %v: %s", err, said)
		}
		if _, err := Open(out, scan.Limits{}); codeOf(err) != CodeEncrypted {
			t.Errorf("qpdf %v: %v", args, err)
		}
	}
}

// TestObjectStreams has what is found inside compressed objects.
func TestObjectStreams(t *testing.T) {
	dir := t.TempDir()
	b := book{catalogue: "/Names<</JavaScript<</Names[(a)<</S/JavaScript/JS(x)>>]>>>>", pages: []string{""}}.bytes()
	in, out := filepath.Join(dir, "in"), filepath.Join(dir, "out")
	if err := os.WriteFile(in, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if said, err := exec.Command("qpdf", "--object-streams=generate", in, out).CombinedOutput(); err != nil {
		t.Fatalf("qpdf: %v: %s", err, said)
	}
	if b, _ := os.ReadFile(out); bytes.Contains(b, []byte("JavaScript")) {
		t.Fatal("it is not compressed")
	}
	f, err := Open(out, scan.Limits{})
	if err != nil || spoken(t, f)["javascript 0"] != 1 {
		t.Errorf("Open = %v: %v", err, f.Findings())
	}
	if _, err := OpenSigned(out, scan.Limits{}); codeOf(err) != CodeActive {
		t.Errorf("OpenSigned = %v", err)
	}
}

func TestCarried(t *testing.T) {
	rgb, grey := photo(100, 142), scan.Grey(photo(100, 142))
	colour, one := jpegOf(t, rgb), jpegOf(t, grey)
	twoTone := make([]byte, 3*100*142)
	for i := range 100 * 142 {
		if i%100 > i/142 {
			copy(twoTone[3*i:], "\xff\xff\xff")
		}
	}
	fax, err := scan.Store(100, 142, bytes.Clone(twoTone))
	if err != nil || fax.Encoding != scan.G4 {
		t.Fatal(fax.Encoding, err)
	}
	rows, filtered := "", ""
	for y := range 142 {
		rows += string(grey.Pix[100*y : 100*y+100])
		filtered += "\x00" + string(grey.Pix[100*y:100*y+100])
	}
	bits := strings.Repeat("\xf0\x0f\x00\xff\x00\xff\x00\xff\x00\xff\x00\xff\x30", 142)
	greyDict := "/Width 100/Height 142/BitsPerComponent 8/ColorSpace/DeviceGray"
	faxDict := "/Width 100/Height 142/BitsPerComponent 1/ColorSpace/DeviceGray/Filter/CCITTFaxDecode/DecodeParms<</K -1/Columns 100/Rows 142"
	icc := "/Width 100/Height 142/BitsPerComponent 8/ColorSpace[/ICCBased 5 0 R]/Filter/DCTDecode"
	for _, row := range []struct {
		name string
		book book
		want scan.Encoding
		data string
		page scan.Page // the fields to compare
	}{
		{"JPEG", scanned(rgbJPEG, colour, full, ""), scan.JPEG, colour, scan.Page{Components: 3, Bits: 8}},
		{"JPEG in zlib", scanned(strings.Replace(rgbJPEG, "/DCTDecode", "[/FlateDecode/DCTDecode]", 1), deflate(colour), full, ""), scan.JPEG, colour, scan.Page{Components: 3, Bits: 8}},
		{"grey JPEG, turned", scanned(strings.Replace(rgbJPEG, "RGB", "Gray", 1), one, full, "/Rotate 90"), scan.JPEG, one, scan.Page{Components: 1, Bits: 8, Turn: 1}},
		{"turned the other way", scanned(rgbJPEG, colour, full, "/Rotate -90"), scan.JPEG, colour, scan.Page{Components: 3, Bits: 8, Turn: 3}},
		{"G4", scanned(faxDict+">>", string(fax.Data), full, ""), scan.G4, string(fax.Data), scan.Page{Components: 1, Bits: 1, BlackIsOne: true}},
		{"G4 turned round", scanned(faxDict+"/BlackIs1 true>>", string(fax.Data), full, ""), scan.G4, string(fax.Data), scan.Page{Components: 1, Bits: 1}},
		{"G4 turned round twice", scanned(faxDict+"/BlackIs1 true>>/Decode[1 0]", string(fax.Data), full, ""), scan.G4, string(fax.Data), scan.Page{Components: 1, Bits: 1, BlackIsOne: true}},
		{"plain rows", scanned(greyDict+"/Filter/FlateDecode", deflate(rows), full, ""), scan.Flate, deflate(rows), scan.Page{Components: 1, Bits: 8, Predictor: 1}},
		{"PNG rows", scanned(greyDict+"/Filter/FlateDecode/DecodeParms<</Predictor 15/Colors 1/Columns 100>>", deflate(filtered), full, ""), scan.Flate, deflate(filtered), scan.Page{Components: 1, Bits: 8, Predictor: 15}},
		{"one bit", scanned("/Width 100/Height 142/BitsPerComponent 1/ColorSpace/DeviceGray/Decode[1 0]/Filter/FlateDecode", deflate(bits), full, ""), scan.Flate, deflate(bits), scan.Page{Components: 1, Bits: 1, Predictor: 1, BlackIsOne: true}},
		{"with hidden text", scanned(rgbJPEG, colour, "q 100 0 0 142 0 0 cm /Im0 Do Q BT 3 Tr (x) Tj ET", ""), scan.JPEG, colour, scan.Page{Components: 3, Bits: 8, Note: "the PDF's hidden text left out"}},
		{"clipped to the page", scanned(rgbJPEG, colour, "0 0 100 142 re W n q 0 J .5 w 100 0 0 142 0 0 cm /Im0 Do Q", ""), scan.JPEG, colour, scan.Page{Components: 3, Bits: 8}},
		{"in steps", scanned(rgbJPEG, colour, "q .5 0 0 .5 0 0 cm 200 0 0 284 0 0 cm % full\n/Im#30 Do Q", ""), scan.JPEG, colour, scan.Page{Components: 3, Bits: 8}},
		{"ICC", addTo(scanned(icc, colour, full, ""), stream("/N 3", "profile")), scan.JPEG, colour, scan.Page{Components: 3, Bits: 8}},
	} {
		t.Run(row.name, func(t *testing.T) {
			f, err := openBook(t, row.book.bytes(), scan.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if w, h := f.Size(0); w != 100 || h != 142 || f.Drawn(0) != "" {
				t.Errorf("%d × %d, drawn %q", w, h, f.Drawn(0))
			}
			p, err := f.Page(0)
			if err != nil {
				t.Fatal(err)
			}
			if p.Encoding != row.want || string(p.Data) != row.data {
				t.Errorf("%d bytes of %s, want the %d of %s", len(p.Data), p.Encoding, len(row.data), row.want)
			}
			if p.Components != row.page.Components || p.Bits != row.page.Bits || p.Turn != row.page.Turn || p.BlackIsOne != row.page.BlackIsOne || p.Predictor != row.page.Predictor || p.Note != row.page.Note {
				p.Data = nil
				t.Errorf("page %+v", p)
			}
			againstPoppler(t, row.book.bytes(), p)
		})
	}
}

func addTo(b book, objects ...string) book {
	b.objects = append(b.objects, objects...)
	return b
}

// againstPoppler compares the page with what pdfimages makes of the file.
func againstPoppler(t *testing.T, b []byte, p scan.Page) {
	t.Helper()
	dir := t.TempDir()
	in := filepath.Join(dir, "in.pdf")
	if err := os.WriteFile(in, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if said, err := exec.Command("pdftoppm", "-png", "-rx", fmt.Sprint(float64(p.Width)*72/100*(1-1e-9)), "-ry", fmt.Sprint(float64(p.Height)*72/142*(1-1e-9)), in, filepath.Join(dir, "out")).CombinedOutput(); err != nil {
		t.Fatalf("pdftoppm: %v: %s", err, said)
	}
	if p.Turn != 0 { // poppler turns it, we only say so
		return
	}
	file, err := os.Open(filepath.Join(dir, "out-1.png"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	want, err := png.Decode(file)
	if err != nil {
		t.Fatal(err)
	}
	got, err := scan.Decode(p)
	if err != nil {
		t.Fatal(err)
	}
	off := 0
	for i := range p.Width * p.Height {
		r, g, b, _ := got.At(i%p.Width, i/p.Width).RGBA()
		R, G, B, _ := want.At(i%p.Width, i/p.Width).RGBA()
		for _, d := range [...]int{int(r) - int(R), int(g) - int(G), int(b) - int(B)} {
			if d > 6*257 || d < -6*257 { // two JPEG decoders
				off++
			}
		}
	}
	if off > p.Width*p.Height/100 {
		t.Errorf("%d samples differ from poppler's", off)
	}
}

func TestDrawn(t *testing.T) {
	colour := jpegOf(t, photo(100, 142))
	state := "/ExtGState<</G<</SMask<</S/Alpha>>>>>>"
	for _, row := range []struct {
		name string
		book book
		why  string
		w, h int
	}{
		{"text", addTo(book{pages: []string{"/MediaBox[0 0 144 72]/Contents 3 0 R/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>"}}, stream("", "BT /F 12 Tf 20 30 Td (Hello) Tj ET")), "", 400, 200},
		{"turned text", addTo(book{pages: []string{"/Rotate 90/MediaBox[0 0 144 72]/Contents 3 0 R/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>"}}, stream("", "BT /F 12 Tf 20 30 Td (Hello) Tj ET")), "", 200, 400},
		{"nothing", book{pages: []string{"/MediaBox[0 0 72 72]"}}, "no scan", 200, 200},
		{"text over a scan", scanned(rgbJPEG, colour, full+" BT (x) Tj ET", ""), "text", 278, 395},
		{"a seal over a scan", scanned(rgbJPEG, colour, full+" 1 0 0 rg 50 50 90 90 re f", ""), "drawings", 278, 395},
		{"two scans", scanned(rgbJPEG, colour, full+" "+full, ""), "several", 278, 395},
		{"half a page", scanned(rgbJPEG, colour, "100 0 0 71 0 0 cm /Im0 Do", ""), "fill", 278, 395},
		{"cropped", scanned(rgbJPEG, colour, full, "/CropBox[0 0 100 71]"), "fill", 278, 198},
		{"clipped", scanned(rgbJPEG, colour, "0 0 100 71 re W n "+full, ""), "part", 278, 395},
		{"mirrored", scanned(rgbJPEG, colour, "-100 0 0 142 100 0 cm /Im0 Do", ""), "mirrored", 278, 395},
		{"turned by its matrix", scanned(rgbJPEG, colour, "0 142 -100 0 100 0 cm /Im0 Do", ""), "turned", 278, 395},
		{"a stamp on it", addTo(scanned(rgbJPEG, colour, full, "/Annots[5 0 R]"), "<</Type/Annot/Subtype/Stamp/Rect[0 0 9 9]>>"), "notes", 278, 395},
		{"blended", scanned(rgbJPEG, colour, "/G gs "+full, "/Resources<</XObject<</Im0 3 0 R>>"+state+">>"), "", 278, 395},
		{"palette", scanned("/Width 100/Height 142/BitsPerComponent 1/ColorSpace[/Indexed/DeviceRGB 1<ff000000ff00>]/Filter/FlateDecode", deflate(strings.Repeat("\xaa", 13*142)), full, ""), "coded", 100, 142},
		{"palette, turned", scanned("/Width 100/Height 142/BitsPerComponent 1/ColorSpace[/Indexed/DeviceRGB 1<000000ffffff>]/Filter/FlateDecode", deflate(strings.Repeat("\xaa", 13*142)), full, "/Rotate 90"), "coded", 142, 100},
	} {
		t.Run(row.name, func(t *testing.T) {
			f, err := openBook(t, row.book.bytes(), scan.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(f.Drawn(0), row.why) || f.Drawn(0) == "" && row.why != "" {
				t.Errorf("drawn because %q, want %q", f.Drawn(0), row.why)
			}
			p, err := f.Page(0)
			if err != nil {
				t.Fatal(err)
			}
			w, h := f.Size(0)
			if p.Width != row.w || p.Height != row.h || w != row.w || h != row.h || p.Turn != 0 || p.Note == "" || p.DPIFrom == "" {
				p.Data = nil
				t.Errorf("%d × %d planned, page %+v", w, h, p)
			}
			if row.w != 100 && row.w != 142 && math.Abs(p.DPIX-200) > 0.5 {
				t.Errorf("%g dpi", p.DPIX)
			}
			if _, err := scan.Decode(p); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestExact has a scan that cannot be carried over: it is drawn, and comes out
// as two-tone, pixel for pixel.
func TestExact(t *testing.T) {
	row := "\xaa\x55\x00\xff\xf0\x0f\xcc\x33\x01\x80\x7f\xfe\xa0"
	rows := strings.Repeat(row, 70) + strings.Repeat("\x0f\xf0", 13) + strings.Repeat(row, 70)
	b := scanned("/Width 100/Height 142/BitsPerComponent 1/ColorSpace[/Indexed/DeviceGray 1<ff00>]/Filter/FlateDecode", deflate(rows), full, "")
	f, err := openBook(t, b.bytes(), scan.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := f.Page(0)
	if err != nil {
		t.Fatal(err)
	}
	img, err := scan.Decode(p)
	if err != nil || p.Encoding != scan.G4 && p.Encoding != scan.JBIG2 {
		t.Fatalf("%s, %v", p.Encoding, err)
	}
	for i := range 100 * 142 {
		want := byte(0xff)
		if rows[i/100*13+i%100/8]>>(7-i%100%8)&1 == 1 {
			want = 0
		}
		if got := img.(*image.Gray).Pix[i]; got != want {
			t.Fatalf("pixel %d is %d, want %d", i, got, want)
		}
	}
}

func TestBrokenScan(t *testing.T) {
	colour := jpegOf(t, photo(100, 142))
	for name, b := range map[string]book{
		"half a JPEG":        scanned(rgbJPEG, colour[:len(colour)/2], full, ""),
		"half a JPEG, ended": scanned(rgbJPEG, colour[:len(colour)/2]+"\xff\xd9", full, ""),
		"short rows":         scanned("/Width 100/Height 142/BitsPerComponent 8/ColorSpace/DeviceGray/Filter/FlateDecode", deflate("abc"), full, ""),
	} {
		f, err := openBook(t, b.bytes(), scan.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = f.Page(0)
		var r *jail.Refusal
		if !errors.As(err, &r) || r.Code != scan.CodeDamaged || r.Page != 1 {
			t.Errorf("%s: %#v", name, err)
		}
	}
}

func FuzzGates(f *testing.F) {
	f.Add(scanned(rgbJPEG, jpegOf(f, photo(9, 9)), full, "/Rotate 90").bytes())
	f.Add(book{pages: []string{"/MediaBox[0 0 9 9]/Contents 3 0 R"}, objects: []string{stream("", "q 0 0 1 1 re W n /X Do Q (a) <</A [1]>> BI")}, catalogue: "/OpenAction<</S/JavaScript>>"}.bytes())
	f.Add([]byte("%PDF-1.5\n1 0 obj<</Type/ObjStm/N 1/First 4>>stream\n1 0 <<>>\nendstream\nstartxref\n0\n%%EOF"))
	f.Fuzz(func(t *testing.T, b []byte) {
		file := &File{l: scan.Limits{Pixels: 1 << 20, Pages: 10, Bytes: 1 << 20}.OrDefault(), m: &mapping{b: b}}
		if err := guarded(func() error { return file.read(file.m) }); err != nil {
			if codeOf(err) == "" {
				t.Fatalf("not a refusal: %v", err)
			}
			return
		}
		if bytes.Contains(b, []byte("/ByteRange[")) {
			t.Fatal("a signature went through")
		}
		paint(b, nil)
	})
}
