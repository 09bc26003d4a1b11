package office

import (
	"archive/zip"
	"bytes"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"sohoa/jail"
)

func TestMain(m *testing.M) {
	jail.Main(map[string]jail.Child{ChildName: Child})
	os.Exit(m.Run())
}

const (
	types = `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>`
	rels  = `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>`
	text  = `<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>Quyết định công nhận, số 12/QĐ-UBND</w:t></w:r></w:p></w:body></w:document>`
)

// packedFile writes a package of members: name, content, name, content.
func packedFile(t *testing.T, members ...string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(members); i += 2 {
		w, err := z.Create(members[i])
		if err == nil {
			_, err = w.Write([]byte(members[i+1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return file(t, b.Bytes())
}

func file(t *testing.T, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "paper")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func converted(t *testing.T, path string) ([]byte, error) {
	t.Helper()
	into := file(t, nil)
	err := Convert(t.Context(), path, into, 64<<20)
	b, _ := os.ReadFile(into)
	return b, err
}

// What is in a file says what it is, and what must not be opened is refused, whether
// there is a LibreOffice or not.
func TestRefused(t *testing.T) {
	docx := []string{"[Content_Types].xml", types, "_rels/.rels", rels, "word/document.xml", text}
	for name, c := range map[string]struct{ path, code string }{
		"macros":          {packedFile(t, append(docx, "word/vbaProject.bin", "x")...), CodeMacros},
		"embedded":        {packedFile(t, append(docx, "word/embeddings/oleObject1.bin", "x")...), CodeMacros},
		"template":        {packedFile(t, append(docx, "word/_rels/settings.xml.rels", `<Relationships><Relationship Id="a" Type="x/attachedTemplate" Target="http://127.0.0.1/a.dotm" TargetMode="External"/></Relationships>`)...), CodeLinks},
		"basic":           {packedFile(t, "mimetype", "application/vnd.oasis.opendocument.text", "Basic/Standard/a.xml", "x"), CodeMacros},
		"picture":         {packedFile(t, "mimetype", "application/vnd.oasis.opendocument.text", "content.xml", `<a><draw:image xlink:href="http://127.0.0.1/a.png"/></a>`), CodeLinks},
		"no office file":  {packedFile(t, "a.txt", "x"), CodeOther},
		"rtf with a link": {file(t, []byte(`{\rtf1 {\field{\*\fldinst INCLUDEPICTURE "http://127.0.0.1/a.png"}}}`)), CodeLinks},
		"too short":       {file(t, []byte("PK")), CodeOther},
	} {
		_, err := kindOf(c.path)
		var r *jail.Refusal
		if !errors.As(err, &r) || r.Code != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	links := append(docx, "word/_rels/document.xml.rels", `<Relationships><Relationship Id="a" Type="x/hyperlink" Target="http://127.0.0.1/" TargetMode="External"/></Relationships>`)
	if kind, err := kindOf(packedFile(t, links...)); err != nil || kind != ".docx" {
		t.Errorf("an address to click on: %s, %v", kind, err)
	}
}

// A text becomes PDF with its words, in a child; it reaches nothing.
func TestConvert(t *testing.T) {
	if !Installed() {
		t.Skip("LibreOffice is not installed (Debian package libreoffice-writer-nogui)")
	}
	b, err := converted(t, packedFile(t, "[Content_Types].xml", types, "_rels/.rels", rels, "word/document.xml", text))
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("pdftotext", file(t, b), "-").Output()
	if err != nil || !strings.Contains(string(out), "Quyết định công nhận, số 12/QĐ-UBND") || !bytes.Contains(b, []byte("pdfaid:part")) {
		t.Errorf("%q, %v", out, err)
	}
}

// A picture that stands elsewhere is not fetched, even past the look that refuses it: the
// child of [Convert] has no network.
func TestNothingIsFetched(t *testing.T) {
	if !Installed() {
		t.Skip("LibreOffice is not installed (Debian package libreoffice-writer-nogui)")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	called := make(chan bool, 1)
	go func() {
		if c, err := l.Accept(); err == nil {
			called <- true
			_ = c.Close()
		}
	}()
	// A table's function fetches; nothing in relationships says so.
	odt := packedFile(t, "mimetype", "application/vnd.oasis.opendocument.text", "META-INF/manifest.xml",
		`<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.text"/><manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>`,
		"content.xml", `<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0" office:version="1.2"><office:body><office:text><text:p>Chữ<draw:frame svg:width="2cm" svg:height="2cm"><draw:image xlink:href = "http://`+l.Addr().String()+`/a.png"/></draw:frame></text:p></office:text></office:body></office:document-content>`)
	b, err := converted(t, odt)
	if err != nil || !bytes.HasPrefix(b, []byte("%PDF")) {
		t.Fatal(err)
	}
	select {
	case <-called:
		t.Error("it was fetched")
	default:
	}
}
