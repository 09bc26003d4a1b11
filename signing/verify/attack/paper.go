package attack

import (
	"bytes"
	"fmt"
)

// Paper returns an unsigned file with everything that attacks begin with: a
// page with text and a layer over it, a form with a text field Sum and an empty
// signature field Chair, annotations in an array of their own, resources that
// pages inherit, and, named by nothing but the catalog's private entry Shadow,
// another text, another page and another catalog that wait to be shown.
func Paper() []byte {
	stream := func(entries, data string) string {
		return fmt.Sprintf("<<%s /Length %d>>\nstream\n%s\nendstream", entries, len(data), data)
	}
	text := func(words string) string { return "BT /F 24 Tf 100 400 Td (" + words + ") Tj ET" }
	objects := []string{
		"<</Type /Catalog /Pages 2 0 R /AcroForm 8 0 R /OCProperties <</OCGs [11 0 R] /D <</ON [11 0 R] /Order [11 0 R]>>>> /Names <</Dests 21 0 R>>\n" +
			"/Shadow <</Content 16 0 R /Page 17 0 R /Catalog 19 0 R /Font 20 0 R>> >>",
		"<</Type /Pages /Kids [3 0 R] /Count 1 /Resources 13 0 R /MediaBox [0 0 595 842]>>",
		"<</Type /Page /Parent 2 0 R /Contents [4 0 R 14 0 R] /Annots 12 0 R>>",
		stream("", text("Pay 100 dong")),
		"<</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>",
		"<</Title (A contract) /Producer (attack) /ModDate (D:20260101000000Z)>>",
		"<</Type /Annot /Subtype /Widget /FT /Tx /T (Sum) /V (100) /DA (/F 12 Tf 0 g) /Rect [100 300 200 320] /F 4 /P 3 0 R /AP <</N 9 0 R>>>>",
		"<</Fields [7 0 R 10 0 R] /DR <</Font <</F 5 0 R>>>> /DA (/F 12 Tf 0 g) /SigFlags 1>>",
		stream("/Type /XObject /Subtype /Form /BBox [0 0 100 20] /Resources <</Font <</F 5 0 R>>>>", "/Tx BMC BT /F 12 Tf 2 5 Td (100) Tj ET EMC"),
		"<</Type /Annot /Subtype /Widget /FT /Sig /T (Chair) /Rect [300 300 400 340] /F 4 /P 3 0 R>>",
		"<</Type /OCG /Name (Layer)>>",
		"[7 0 R 10 0 R]",
		"<</Font <</F 5 0 R>> /Properties <</O 11 0 R>> /XObject <</Im 15 0 R>>>>",
		stream("", "/OC /O BDC /Im Do EMC"),
		stream("/Type /XObject /Subtype /Form /BBox [0 0 595 842]", "1 g 90 690 300 20 re f"),
		stream("", text("Pay 900 dong")),
		"<</Type /Page /Parent 18 0 R /Contents 16 0 R>>",
		"<</Type /Pages /Kids [17 0 R] /Count 1 /Resources 13 0 R /MediaBox [0 0 595 842]>>",
		"<</Type /Catalog /Pages 18 0 R>>",
		"<</Type /Font /Subtype /Type1 /BaseFont /Courier>>",
		"<</Names [(here) [3 0 R /Fit]]>>",
	}
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n%\xE2\xE3\xCF\xD3\n")
	rows := "0000000000 65535 f \n"
	for i, o := range objects {
		rows += fmt.Sprintf("%010d 00000 n \n", b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n%strailer\n<</Size %d /Root 1 0 R /Info 6 0 R /ID [<00112233445566778899AABBCCDDEEFF> <00112233445566778899AABBCCDDEEFF>]>>\nstartxref\n%d\n%%%%EOF\n",
		len(objects)+1, rows, len(objects)+1, start)
	return b.Bytes()
}
