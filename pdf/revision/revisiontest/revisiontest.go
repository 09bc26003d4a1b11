// Package revisiontest writes small PDF files for tests.
package revisiontest

import (
	"bytes"
	"fmt"
)

// A Paper is a file of one page with the words "Xin chao" on it.
type Paper struct {
	Page    string // further entries of the page; empty: an A4 MediaBox
	Catalog string // further entries of the catalog
	Trailer string // further entries of the trailer

	// Objects are further objects, from number 7 on.
	Objects []string
}

// Bytes returns the file, with a classic cross-reference table.
func (p Paper) Bytes() []byte {
	page := p.Page
	if page == "" {
		page = "/MediaBox [0 0 595.28 841.89]"
	}
	content := "BT /F 24 Tf 100 400 Td (Xin chao) Tj ET"
	objects := append([]string{
		"<</Type /Catalog /Pages 2 0 R " + p.Catalog + ">>",
		"<</Type /Pages /Kids [3 0 R] /Count 1>>",
		"<</Type /Page /Parent 2 0 R /Contents 4 0 R /Resources <</Font <</F 5 0 R>>>> " + page + ">>",
		fmt.Sprintf("<</Length %d>>\nstream\n%s\nendstream", len(content), content),
		"<</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>",
		"<</Title (Gi\\341y t\\355nh) /Producer (test)>>",
	}, p.Objects...)
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n%\xE2\xE3\xCF\xD3\n")
	var at []int
	for i, o := range objects {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, off := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", off)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d /Root 1 0 R /Info 6 0 R /ID [<00112233445566778899AABBCCDDEEFF> <00112233445566778899AABBCCDDEEFF>] %s>>\nstartxref\n%d\n%%%%EOF\n",
		len(objects)+1, p.Trailer, start)
	return b.Bytes()
}
