package specimen

import (
	"bytes"
	"fmt"
	"strings"
)

// A BusyFile is a PDF that is taken although there is more in it than its page,
// or something is wrong with it: what is found is named.
type BusyFile struct {
	Name     string
	Bytes    []byte
	Password string
	Finds    []string // codes of package pdf/finding, in their order
	Beside   []string // what the files within it hold
	Working  string   // decrypted or repaired, if what is worked on is not what came
}

// BusyText is what the page of every such file says.
const BusyText = "DON DE NGHI XAC NHAN NOI CU TRU"

// Busy returns such files: what is active in them, files within, encryption,
// damage.
func Busy() []BusyFile {
	script := "<< /S /JavaScript /JS (app.alert\\('xin chao'\\)) >>"
	whole := textPage("", nil)
	changed := textPage("", nil)
	at := len(changed)
	changed = fmt.Appendf(changed, "4 0 obj\n<< /Length 64 >>\nstream\n%-64s\nendstream\nendobj\n", "BT /F 24 Tf 60 700 Td ("+BusyText+" 2) Tj ET")
	xref := len(changed)
	changed = fmt.Appendf(changed, "xref\n4 1\n%010d 00000 n \ntrailer\n<< /Size 9 /Root 1 0 R /Prev %s >>\nstartxref\n%d\n%%%%EOF\n", at, startOf(whole), xref)
	return []BusyFile{
		{Name: "javascript.pdf", Bytes: textPage("/OpenAction "+script, nil), Finds: []string{"javascript", "open-action"}},
		{Name: "javascript-ten.pdf", Bytes: textPage("/Names << /JavaScript << /Names [(a) "+script+"] >> >>", nil), Finds: []string{"javascript"}},
		{Name: "launch.pdf", Bytes: textPage("/OpenAction << /S /Launch /F (calc.exe) >>", nil), Finds: []string{"launch", "open-action"}},
		{Name: "tep-nhung.pdf", Bytes: textPage("", func(p *pdfWriter) string {
			spec, file := p.reserve(), p.reserve()
			p.object(spec, fmt.Sprintf("<< /Type /Filespec /F (to-khai.xml) /EF << /F %d 0 R >> >>", file))
			p.stream(file, "/Type /EmbeddedFile", []byte("<?xml version='1.0'?><to-khai/>"))
			return fmt.Sprintf("/Names << /EmbeddedFiles << /Names [(a) %d 0 R] >> >>", spec)
		}), Finds: []string{"embedded-file"}, Beside: []string{"<?xml version='1.0'?><to-khai/>"}},
		{Name: "sua-lai.pdf", Bytes: changed, Finds: []string{"revision"}},
		{Name: "han-che-quyen.pdf", Bytes: encrypted("", true), Finds: []string{"decrypted", "restricted"}, Working: "decrypted"},
		{Name: "co-mat-khau.pdf", Bytes: encrypted("matkhau", true), Password: "matkhau", Finds: []string{"decrypted", "restricted"}, Working: "decrypted"},
		{Name: "mat-bang.pdf", Bytes: whole[:bytes.LastIndex(whole, []byte("\nxref\n"))+1], Finds: []string{"repaired"}, Working: "repaired"},
	}
}

func startOf(b []byte) string {
	_, after, _ := strings.Cut(string(b[bytes.LastIndex(b, []byte("startxref")):]), "\n")
	n, _, _ := strings.Cut(after, "\n")
	return n
}

// textPage is onePage with words on it. The content is object 4.
func textPage(catalog string, more func(p *pdfWriter) string) []byte {
	p := newPDF()
	root, tree, page, content, font := p.reserve(), p.reserve(), p.reserve(), p.reserve(), p.reserve()
	p.pages(tree, []int{page})
	if more != nil {
		catalog += more(p)
	}
	p.object(page, fmt.Sprintf("<< /Type /Page /Parent %d 0 R /MediaBox [0 0 595 842] /Contents %d 0 R /Resources << /Font << /F %d 0 R >> >> >>", tree, content, font))
	p.stream(content, "", []byte(busyContent))
	p.object(font, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
	p.object(root, fmt.Sprintf("<< /Type /Catalog /Pages %d 0 R %s >>", tree, catalog))
	return p.close(root, "")
}

const busyContent = "BT /F 24 Tf 60 700 Td (" + BusyText + ") Tj ET"
