package specimen

import (
	"bytes"
	"fmt"
)

// A pdfWriter writes a plain PDF 1.4 by hand: objects numbered as they come.
type pdfWriter struct {
	buf     bytes.Buffer
	offsets []int // of object 1, 2 …; 0 if reserved only
}

func newPDF() *pdfWriter {
	p := &pdfWriter{}
	p.buf.WriteString("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
	return p
}

func (p *pdfWriter) reserve() int {
	p.offsets = append(p.offsets, 0)
	return len(p.offsets)
}

// object writes object n.
func (p *pdfWriter) object(n int, body string) {
	p.offsets[n-1] = p.buf.Len()
	fmt.Fprintf(&p.buf, "%d 0 obj\n%s\nendobj\n", n, body)
}

// stream writes object n with data; dict without its brackets and Length.
func (p *pdfWriter) stream(n int, dict string, data []byte) {
	p.offsets[n-1] = p.buf.Len()
	fmt.Fprintf(&p.buf, "%d 0 obj\n<< %s /Length %d >>\nstream\n", n, dict, len(data))
	p.buf.Write(data)
	p.buf.WriteString("\nendstream\nendobj\n")
}

// close writes the cross-reference table and the trailer. ISO 32000-1 7.5.4.
func (p *pdfWriter) close(root int, trailer string) []byte {
	at := p.buf.Len()
	fmt.Fprintf(&p.buf, "xref\n0 %d\n0000000000 65535 f \n", len(p.offsets)+1)
	for _, o := range p.offsets {
		fmt.Fprintf(&p.buf, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(&p.buf, "trailer\n<< /Size %d /Root %d 0 R %s >>\nstartxref\n%d\n%%%%EOF\n", len(p.offsets)+1, root, trailer, at)
	return p.buf.Bytes()
}

// scanned writes a page that is one picture, as scanners do, and returns its
// object number.
func (p *pdfWriter) scanned(s strip, dpiX, dpiY float64, parent int) int {
	page, content, picture := p.reserve(), p.reserve(), p.reserve()
	w, h := float64(s.width)*72/dpiX, float64(s.height)*72/dpiY
	space := map[int]string{1: "/DeviceGray", 3: "/DeviceRGB"}[s.channels]
	filter := map[int]string{compressJPEG: "/DCTDecode", compressDeflate: "/FlateDecode",
		compressG4: fmt.Sprintf("/CCITTFaxDecode /DecodeParms << /K -1 /Columns %d /Rows %d >>", s.width, s.height)}[s.compression]
	p.object(page, fmt.Sprintf("<< /Type /Page /Parent %d 0 R /MediaBox [0 0 %.2f %.2f] /Contents %d 0 R /Resources << /XObject << /Im0 %d 0 R >> >> >>",
		parent, w, h, content, picture))
	p.stream(content, "", fmt.Appendf(nil, "q %.2f 0 0 %.2f 0 0 cm /Im0 Do Q", w, h))
	p.stream(picture, fmt.Sprintf("/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace %s /BitsPerComponent %d /Filter %s",
		s.width, s.height, space, s.bits, filter), s.data)
	return page
}

// pages writes the page tree as object n.
func (p *pdfWriter) pages(n int, kids []int) {
	var b bytes.Buffer
	for _, k := range kids {
		fmt.Fprintf(&b, "%d 0 R ", k)
	}
	p.object(n, fmt.Sprintf("<< /Type /Pages /Count %d /Kids [%s] >>", len(kids), b.String()))
}
