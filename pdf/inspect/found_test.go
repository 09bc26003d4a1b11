package inspect

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"sohoa/pdf/finding"
	"sohoa/scan"
)

// spoken is what was found, as "code page" and how often. Each must be one that
// the parent lets through.
func spoken(t *testing.T, f *File) map[string]int {
	t.Helper()
	all, err := finding.Checked(f.Findings(), f.Pages())
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, x := range all {
		got[fmt.Sprintf("%s %d", x.Code, x.Page)] += x.Count
	}
	return got
}

// twoPages is a book of two pages with more in it; object 3 is a font, 4 and 5
// are the contents. Page entries go to the second page, which is the last
// object.
func twoPages(catalogue, page string, objects ...string) book {
	text := "/MediaBox[0 0 100 142]/Resources<</Font<</F 3 0 R>>>>"
	return book{catalogue: catalogue,
		objects: append([]string{"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
			stream("", "BT /F 12 Tf 7 70 Td (Hello) Tj ET"), stream("", "BT /F 12 Tf 7 70 Td (World) Tj ET")}, objects...),
		pages: []string{text + "/Contents 4 0 R", text + "/Contents 5 0 R" + page}}
}

// TestFound has every kind of finding on its page, in its place, counted, and
// nothing else.
func TestFound(t *testing.T) {
	widget := "<</Type/Annot/Subtype/Widget/FT/Tx/T(a)/Rect[9 9 20 20]%s>>"
	for _, row := range []struct {
		name string
		book book
		want map[string]int
	}{
		{"nothing", twoPages("", ""), nil},
		{"JavaScript on opening", twoPages("/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>", ""), map[string]int{"javascript 0": 1, "open-action 0": 1}},
		{"JavaScript, oddly spelt", twoPages("/OpenAction<</S/Java#53cript/J#53(x)>>", ""), map[string]int{"javascript 0": 1, "open-action 0": 1}},
		{"JavaScript by name, twice", twoPages("/Names<</JavaScript<</Names[(a)<</S/JavaScript/JS(x)>>(b) 6 0 R]>>>>", "", "<</S/JavaScript/JS 7 0 R>>", stream("", "x")), map[string]int{"javascript 0": 2}},
		{"JavaScript nobody leads to", twoPages("", "", "<</S/JavaScript/JS(x)>>"), map[string]int{"javascript 0": 1}},
		{"JavaScript of a field", twoPages("", "/Annots[6 0 R]", fmt.Sprintf(widget, "/AA<</K 7 0 R/F 7 0 R>>"), "<</S/JavaScript/JS(x)>>"), map[string]int{"javascript 2": 1, "auto-action 2": 1, "form-field 2": 1}},
		{"launching", twoPages("", "/Annots[<</Subtype/Link/Rect[0 0 9 9]/A<</S/Launch/F(cmd.exe)>>>>]"), map[string]int{"launch 2": 1, "link 2": 1}},
		{"printing on opening", twoPages("/OpenAction<</S/Named/N/Print>>", ""), map[string]int{"open-action 0": 1, "other-action 0": 1}},
		{"turning pages", twoPages("", "/Annots[<</Subtype/Link/Rect[0 0 9 9]/A<</S/Named/N/NextPage>>>>]"), map[string]int{"link 2": 1}},
		{"opens on a page", twoPages("/OpenAction[7 0 R/Fit]", ""), nil},
		{"goes to a page", twoPages("/OpenAction<</S/GoTo/D[7 0 R/Fit]>>", ""), nil},
		{"actions of the page", twoPages("", "/AA<</O<</S/SubmitForm/F(http://x)>>>>"), map[string]int{"auto-action 2": 1, "submit-form 2": 1}},
		{"import", twoPages("", "", "<</S/ImportData/F(x)>>"), map[string]int{"import-data 0": 1}},
		{"hiding and resetting", twoPages("", "", "<</S/Hide/T(a)>>", "<</S/ResetForm>>"), map[string]int{"other-action 0": 2}},
		{"XFA", twoPages("/AcroForm<</XFA 6 0 R>>", "", stream("", "<xdp/>")), map[string]int{"xfa 0": 1}},
		{"video", twoPages("", "/Annots[<</Type/Annot/Subtype/RichMedia/Rect[0 0 1 1]>>]"), map[string]int{"media 2": 1}},
		{"3D", twoPages("", "/Annots[<</Type/Annot/Subtype/3D/Rect[0 0 1 1]/AA<</PO<</S/GoTo3DView>>>>>>]"), map[string]int{"scene 2": 2, "auto-action 2": 1}},
		{"a link to the web", twoPages("", "/Annots[<</Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI(https://example.vn/JavaScript/Launch)>>>>]"), map[string]int{"link 2": 1, "web-address 2": 1}},
		{"a link into another file", twoPages("", "/Annots[<</Subtype/Link/Rect[0 0 9 9]/A<</S/GoToR/F(x.pdf)/D[0/Fit]>>>>]"), map[string]int{"link 2": 1, "remote-link 2": 1}},
		{"notes, one hidden", twoPages("", "/Annots[<</Subtype/Text/Rect[0 0 9 9]>><</Subtype/Stamp/F 2/Rect[0 0 9 9]>><</Subtype/Popup/Rect[0 0 9 9]>>]"), map[string]int{"note 2": 1, "hidden-note 2": 1}},
		{"a layer that is off", twoPages("/OCProperties<</OCGs[6 0 R]/D<</OFF[6 0 R]>>>>", "", "<</Type/OCG/Name(x)>>"), map[string]int{"hidden-layer 0": 1}},
		{"data elsewhere", twoPages("", "/Annots[<</Subtype/Stamp/Rect[0 0 9 9]/AP<</N 6 0 R>>>>]", stream("/Subtype/Form/BBox[0 0 9 9]/F(x.bin)", "")), map[string]int{"external-data 2": 1, "note 2": 1}},
		{"a page of another file", twoPages("", "", stream("/Subtype/Form/BBox[0 0 9 9]/Ref<</F 7 0 R/Page 0>>", ""), "<</Type/Filespec/F(x.pdf)>>"), map[string]int{"reference-xobject 0": 1, "external-file 0": 1}},
		{"OPI", twoPages("", "", stream("/Subtype/Form/BBox[0 0 9 9]/OPI<</1.3<</Type/OPI>>>>", "")), map[string]int{"opi 0": 1}},
		{"a page nobody shows", twoPages("", "", "<</Type/Page/MediaBox[0 0 9 9]>>"), map[string]int{"orphan-page 0": 1}},
		{"a unit", twoPages("", "/UserUnit 2"), map[string]int{"user-unit 2": 1}},
		{"a portfolio", twoPages("/Collection<</View/D>>", ""), map[string]int{"collection 0": 1}},
		{"embedded, by name and on the page, one twice", twoPages("/Names<</EmbeddedFiles<</Names[(a) 6 0 R(b)<</F(b)/EF<</F 7 0 R>>>>]>>>>",
			"/Annots[<</Subtype/FileAttachment/Rect[0 0 9 9]/FS<</F(c)/EF<</F 8 0 R>>>>>>]", "<</Type/Filespec/F(a)/EF<</F 7 0 R>>>>", stream("/Type/EmbeddedFile", "MZ"), stream("", "x")),
			map[string]int{"embedded-file 0": 1, "embedded-file 2": 1}},
		{"embedded and not there", twoPages("", "", "<</Type/Filespec/F(a)/EF<</F 99 0 R>>>>"), map[string]int{"embedded-broken 0": 1}},
		{"embedded and broken", twoPages("", "", "<</Type/Filespec/F(a)/EF<</F 7 0 R>>>>", stream("/Filter/FlateDecode", "no zlib")), map[string]int{"embedded-file 0": 1, "embedded-broken 0": 1}},
		{"no embedded files, truly", twoPages("/Names<</EmbeddedFiles<</Names[]>>>>", ""), nil},
		{"talks of /JavaScript", twoPages("", "", stream("", "BT (/S /JavaScript and /Encrypt) Tj ET")), nil},
		{"an unsigned field", twoPages("/AcroForm<</SigFlags 1/Fields[6 0 R]>>", "", "<</FT/Sig/T(S)>>"), nil},
	} {
		f, err := openBook(t, row.book.bytes(), scan.Limits{})
		if err != nil {
			t.Errorf("%s: %v", row.name, err)
			continue
		}
		if got := spoken(t, f); !maps.Equal(got, row.want) {
			t.Errorf("%s: found %v, want %v", row.name, got, row.want)
		}
	}
}

// TestUnseen has what pages have in them that nobody sees.
func TestUnseen(t *testing.T) {
	page := func(content, more string) book {
		return book{pages: []string{"/MediaBox[0 0 100 142]/Resources<</Font<</F 3 0 R>>/XObject<</I 5 0 R>>>>/Contents 4 0 R" + more},
			objects: []string{"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>", stream("", content), stream("/Type/XObject/Subtype/Image"+rgbJPEG, jpegOf(t, photo(100, 142)))}}
	}
	for _, row := range []struct {
		name string
		book book
		want map[string]int
	}{
		{"inside", page("BT /F 12 Tf 7 70 Td (Hello) Tj 0 -14 Td (World) Tj ET", ""), nil},
		{"above", page("BT /F 12 Tf 7 70 Td (Hello) Tj 0 90 Td (World) Tj ET", ""), map[string]int{"outside-text 1": 5}},
		{"below, line by line", page("BT /F 12 Tf 30 TL 7 70 Td (Hello) Tj T* T* T* (a) Tj (bc) ' ET", ""), map[string]int{"outside-text 1": 3}},
		{"cropped away", page("BT /F 12 Tf 7 100 Td (Hello) Tj ET", "/CropBox[0 0 100 71]"), map[string]int{"outside-text 1": 5}},
		{"begins left and runs in", page("BT /F 12 Tf -20 70 Td (Hello) Tj ET", ""), nil},
		{"left of it", page("BT /F 12 Tf -120 70 Td (Hello) Tj ET", ""), map[string]int{"outside-text 1": 5}},
		{"right of it, by a matrix", page("q 1 0 0 1 200 0 cm BT /F 12 Tf 1 0 0 1 7 70 Tm [(He)-2(y)] TJ ET Q", ""), map[string]int{"outside-text 1": 3}},
		{"a picture", page("q 10 0 0 10 300 0 cm /I Do Q q 10 0 0 10 30 0 cm /I Do Q", ""), map[string]int{"outside-picture 1": 1}},
		{"hidden letters", page("BT /F 12 Tf 7 70 Td (Hello) Tj 3 Tr (secret) Tj ET", ""), map[string]int{"hidden-text 1": 6}},
	} {
		f, err := openBook(t, row.book.bytes(), scan.Limits{})
		if err != nil {
			t.Errorf("%s: %v", row.name, err)
			continue
		}
		if got := spoken(t, f); !maps.Equal(got, row.want) {
			t.Errorf("%s: found %v, want %v", row.name, got, row.want)
		}
	}
}

// TestAround has what stands around a PDF and is no file of another kind.
func TestAround(t *testing.T) {
	good := twoPages("", "").bytes()
	for _, row := range []struct {
		name string
		b    []byte
		want map[string]int
	}{
		{"lines behind it", append(bytes.Clone(good), "\r\n\n"...), nil},
		{"words behind it", append(bytes.Clone(good), "\nsent by a machine\n"...), map[string]int{"trailing-bytes 0": 17}},
		{"words before it", append([]byte("\n\n--x\n"), good...), map[string]int{"leading-bytes 0": 6}},
		{"a page of the web in a comment", bytes.Replace(good, []byte("%\xe2\xe3\xcf\xd3"), []byte("%<script>//"), 1), map[string]int{"web-text 0": 1}},
	} {
		f, err := openBook(t, row.b, scan.Limits{})
		if err != nil {
			t.Errorf("%s: %v", row.name, err)
			continue
		}
		if got := spoken(t, f); !maps.Equal(got, row.want) {
			t.Errorf("%s: found %v, want %v", row.name, got, row.want)
		}
	}
}

// update appends a revision that puts another object in the place of n.
func update(b []byte, n int, object string) []byte {
	prev := bytes.LastIndex(b, []byte("\nxref\n")) + 1
	out := bytes.Clone(b)
	at := len(out)
	out = fmt.Appendf(out, "%d 0 obj\n%s\nendobj\n", n, object)
	xref := len(out)
	return fmt.Appendf(out, "xref\n%d 1\n%010d 00000 n \ntrailer\n<</Size 99/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n", n, at, prev, xref)
}

// TestRevisions has earlier states told if they say or show something else.
func TestRevisions(t *testing.T) {
	good := twoPages("", "").bytes()
	for _, row := range []struct {
		name   string
		b      []byte
		detail string
		count  int
	}{
		{"another text", update(good, 5, stream("", "BT /F 12 Tf 7 70 Td (Paid) Tj ET")), "2", 1},
		{"another drawing", update(good, 4, stream("", "BT /F 12 Tf 7 70 Td (Hello) Tj ET 9 9 60 40 re f")), "1", 1},
		{"twice", update(update(good, 5, stream("", "BT /F 12 Tf 7 70 Td (Paid) Tj ET")), 4, stream("", "q Q")), "1, 2", 2},
		{"the same", update(good, 5, stream("", "BT /F 12 Tf 7 70 Td (World) Tj ET % again")), "", 0},
	} {
		f, err := openBook(t, row.b, scan.Limits{})
		if err != nil {
			t.Fatalf("%s: %v", row.name, err)
		}
		got := finding.Finding{}
		for _, x := range f.Findings() {
			got = x
		}
		if got.Count != row.count || got.Detail != row.detail || row.count > 0 && got.Code != finding.Revision || len(f.Findings()) > 1 {
			t.Errorf("%s: %+v", row.name, f.Findings())
		}
	}
}

// TestEmbedded has embedded files come out as they went in, with names that
// lead nowhere else, and more than may be refused.
func TestEmbedded(t *testing.T) {
	want := strings.Repeat("Một hai ba. ", 500)
	b := twoPages("", "/Annots[<</Subtype/FileAttachment/Rect[0 0 9 9]/FS 6 0 R>>]",
		"<</Type/Filespec/F(x)/UF<FEFF002E002E002F1EA30063002E0078006D006C>/EF<</F 7 0 R>>>>", stream("/Filter/FlateDecode", deflate(want)),
		"<</Type/Filespec/F(C:\\\\a\\\\b.exe)/EF<</F 9 0 R>>>>", stream("", "MZ..")).bytes()
	f, err := openBook(t, b, scan.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	all := f.Embedded()
	if len(all) != 2 || all[0].Name != "ảc.xml" || all[0].Page != 2 || all[0].Bytes != int64(len(want)) || all[1].Name != "b.exe" || all[1].Page != 0 || all[1].Media != "application/x-executable" {
		t.Fatalf("%+v", all)
	}
	var out bytes.Buffer
	if err := f.Unpack(0, &out); err != nil || out.String() != want {
		t.Errorf("%d bytes, %v", out.Len(), err)
	}
	zeros := deflate(strings.Repeat("\x00", 100<<20))
	bomb := twoPages("", "", "<</F(a)/EF<</F 7 0 R>>>>", stream("/Filter/FlateDecode", zeros), "<</F(b)/EF<</F 9 0 R>>>>", stream("/Filter/FlateDecode", zeros), "<</F(c)/EF<</F 11 0 R>>>>", stream("/Filter/FlateDecode", zeros))
	if _, err := openBook(t, bomb.bytes(), scan.Limits{}); codeOf(err) != CodeAttachments {
		t.Errorf("300 MB: %v", err)
	}
	var many []string
	for i := range MostEmbedded + 1 {
		many = append(many, fmt.Sprintf("<</F(a)/EF<</F %d 0 R>>>>", 7+2*i), stream("", "x"))
	}
	if _, err := openBook(t, twoPages("", "", many...).bytes(), scan.Limits{}); codeOf(err) != CodeAttachments {
		t.Errorf("%d files: %v", MostEmbedded+1, err)
	}
}

// qpdfed writes b as qpdf rewrites it.
func qpdfed(t *testing.T, b []byte, args ...string) []byte {
	t.Helper()
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in"), filepath.Join(dir, "out")
	if err := os.WriteFile(in, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if said, err := exec.Command("qpdf", append(args, in, out)...).CombinedOutput(); err != nil {
		t.Fatalf("qpdf: %v: %s", err, said)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// take opens b with a file to work in, and returns what is in that afterwards.
func take(t *testing.T, b []byte, password string) (*File, []byte, error) {
	t.Helper()
	dir := t.TempDir()
	in, work := filepath.Join(dir, "in"), filepath.Join(dir, "work")
	if err := os.WriteFile(in, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(work, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := Take(in, Options{Password: []byte(password), Work: work})
	made, _ := os.ReadFile(work)
	return f, made, err
}

// TestLocked has encrypted files opened with a password of theirs and not
// without, by every kind of encryption there is; what is signed stays shut.
func TestLocked(t *testing.T) {
	plain := twoPages("/OpenAction<</S/JavaScript/JS(x)>>", "").bytes()
	sig := twoPages("", "", "<</Type/Sig/Filter/X/ByteRange[0 1 2 3]/Contents<00>>>").bytes()
	const vi = "mật khẩu"
	rights := []string{"--extract=n", "--modify=none", "--print=none"}
	left := join(qpdfed(t, plain, "--encrypt", "u", "o", "256", "--"), []byte("% /ByteRange [0 1 2 3]\n%%EOF\n"))
	if _, _, err := take(t, left, "u"); codeOf(err) != CodeEncrypted || !strings.Contains(err.Error(), "signed") {
		t.Errorf("what is left of a signature: %v", err)
	}
	for _, row := range []struct {
		name     string
		from     []byte
		args     []string
		password string
		opens    bool
		says     string
	}{
		{"AES-256", plain, []string{"--encrypt", vi, "o", "256", "--"}, vi, true, ""},
		{"AES-256, the owner's", plain, []string{"--encrypt", vi, "o", "256", "--"}, "o", true, ""},
		{"AES-256, wrong", plain, []string{"--encrypt", vi, "o", "256", "--"}, "mat khau", false, "not right"},
		{"AES-256, none", plain, []string{"--encrypt", vi, "o", "256", "--"}, "", false, "only with its password"},
		{"AES-128", plain, []string{"--encrypt", "u", "o", "128", "--use-aes=y", "--"}, "u", true, ""},
		{"RC4", plain, []string{"--allow-weak-crypto", "--encrypt", "u", "o", "40", "--"}, "u", true, ""},
		{"rights only", plain, append(append([]string{"--encrypt", "", "o", "256"}, rights...), "--"), "", true, "copy"},
		{"rights only, with a password", plain, []string{"--encrypt", "", "o", "256", "--"}, "zzz", true, ""},
		{"packed", plain, []string{"--object-streams=generate", "--encrypt", "u", "o", "256", "--"}, "u", true, ""},
		{"signed", sig, []string{"--preserve-unreferenced", "--encrypt", "u", "o", "256", "--"}, "u", false, "signed"},
		{"signed, and packed", sig, []string{"--preserve-unreferenced", "--object-streams=generate", "--encrypt", "u", "o", "256", "--"}, "u", false, "signed"},
		{"signed, rights only", sig, []string{"--preserve-unreferenced", "--object-streams=generate", "--encrypt", "", "o", "256", "--"}, "", false, "signed"},
	} {
		b := qpdfed(t, row.from, row.args...)
		f, made, err := take(t, b, row.password)
		if !row.opens {
			if codeOf(err) != CodeEncrypted || !strings.Contains(fmt.Sprint(err), row.says) {
				t.Errorf("%s: %v", row.name, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", row.name, err)
			continue
		}
		got := spoken(t, f)
		if f.Working != "decrypted" || f.Pages() != 2 || got["decrypted 0"] != 1 || got["javascript 0"] != 1 || (got["restricted 0"] == 1) != (row.says != "") {
			t.Errorf("%s: %s, %v", row.name, f.Working, got)
		}
		if bytes.Contains(made, []byte("/Encrypt")) || !bytes.HasPrefix(made, []byte("%PDF")) {
			t.Errorf("%s: what was made is no plain PDF", row.name)
		}
		if again, same, err := take(t, b, row.password); err != nil || !bytes.Equal(made, same) || again.Pages() != 2 {
			t.Errorf("%s: not the same a second time: %v", row.name, err)
		}
	}
	if _, err := openBook(t, qpdfed(t, plain, "--encrypt", "", "o", "256", "--"), scan.Limits{}); codeOf(err) != CodeEncrypted {
		t.Errorf("without a file to work in: %v", err)
	}
}
