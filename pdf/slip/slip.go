// Package slip writes the forms that an office hands out: lines of text on A4 and
// a QR code (TCVN 7322:2009, ISO/IEC 18004) in the top left corner. Of its font it
// embeds the letters that are used; the text is text. The same slip gives the same
// bytes.
package slip

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf16"

	"golang.org/x/text/unicode/norm"
	"rsc.io/qr"
)

// An Align is where text stands in its column.
type Align int

// The places.
const (
	Left Align = iota
	Centre
)

// A Line is text of one size. Text broader than its column is broken between
// words. The columns begin at X and are Width broad, in points; Width 0 is the
// whole breadth between the margins.
type Line struct {
	Text     string
	Size     float64
	Bold     bool
	Align    Align
	X, Width float64
	Gap      float64 // points left free above

	// Code, if not empty, is drawn as a QR code of Side points at X, in place of Text.
	Code string
	Side float64

	// Beside: the line begins where the one before began, in a column of its own.
	Beside bool
}

// A Slip is one form.
type Slip struct {
	Title string
	QR    string // what the code says
	Lines []Line
}

// A4, its margins, and the side of the code, in points.
const (
	pageWidth, pageHeight  = 595.28, 841.89
	marginLeft, marginSide = 71, 43
	marginTop, marginEnd   = 57, 57
	codeSide               = 78
)

var errLong = errors.New("a word is broader than its column")

// Write writes s as PDF 1.7. A character that the font has not wraps [ErrFont].
func Write(w io.Writer, f *Face, s Slip) error {
	l := &layout{face: f, y: marginTop, used: map[int]rune{}}
	for i := range s.Lines {
		s.Lines[i].Text = norm.NFC.String(s.Lines[i].Text)
	}
	if err := l.code(s.QR); err != nil {
		return err
	}
	for _, line := range s.Lines {
		if err := l.line(line); err != nil {
			return err
		}
	}
	return l.end(w, s.Title)
}

// WriteSeparators writes separator sheets as PDF 1.7, a page each.
func WriteSeparators(w io.Writer, f *Face, title string, sheets []Separator) error {
	l := &layout{face: f, used: map[int]rune{}}
	for i, s := range sheets {
		if i > 0 {
			l.pages = append(l.pages, l.page.String())
			l.page.Reset()
		}
		if err := l.separator(s); err != nil {
			return err
		}
		for _, line := range s.Lines {
			line.Text = norm.NFC.String(line.Text)
			if err := l.line(line); err != nil {
				return err
			}
		}
	}
	return l.end(w, title)
}

// end writes the file once all lines have their places.
func (l *layout) end(w io.Writer, title string) error {
	l.pages = append(l.pages, l.page.String())
	b, err := l.file(title)
	if err != nil {
		return err
	}
	_, err = w.Write(b)
	return err
}

// A layout is a slip while its lines find their places.
type layout struct {
	face  *Face
	page  strings.Builder
	pages []string
	y     float64 // from the top, of the next line's upper edge
	from  float64 // where the line before began
	used  map[int]rune
}

// code draws the QR code, quiet zone and all, in the top left corner.
func (l *layout) code(text string) error {
	if text == "" {
		return nil
	}
	c, err := qr.Encode(text, qr.M)
	if err != nil {
		return fmt.Errorf("QR code: %w", err)
	}
	l.draw(c, codeSide, 28, pageHeight-28)
	return nil
}

// draw draws a code of a side, quiet zone and all, whose upper left corner is at x0, y0.
func (l *layout) draw(c *qr.Code, whole, x0, y0 float64) {
	side := whole / float64(c.Size+8)
	l.page.WriteString("0 g\n")
	for y := range c.Size {
		for x := 0; x < c.Size; x++ {
			n := 0
			for x+n < c.Size && c.Black(x+n, y) {
				n++
			}
			if n > 0 {
				fmt.Fprintf(&l.page, "%.3f %.3f %.3f %.3f re\n", x0+float64(x+4)*side, y0-float64(y+5)*side, float64(n)*side, side)
				x += n
			}
		}
	}
	l.page.WriteString("f\n")
}

// coded puts a code at its place, on the next page if there is no room.
func (l *layout) coded(n Line) error {
	c, err := qr.Encode(n.Code, qr.M)
	if err != nil {
		return fmt.Errorf("QR code: %w", err)
	}
	l.y += n.Gap
	if l.y+n.Side > pageHeight-marginEnd {
		l.pages = append(l.pages, l.page.String())
		l.page.Reset()
		l.y = marginTop
	}
	l.from = l.y
	l.draw(c, n.Side, marginLeft+n.X, pageHeight-l.y)
	l.y += n.Side
	return nil
}

// line puts a line at its place, on the next page if there is no room.
func (l *layout) line(n Line) error {
	if n.Code != "" {
		return l.coded(n)
	}
	width := n.Width
	if width == 0 {
		width = pageWidth - marginSide - marginLeft - n.X
	}
	rows, err := l.broken(n, width)
	if err != nil {
		return err
	}
	if n.Beside {
		l.y = l.from
	} else {
		l.y += n.Gap
		l.from = l.y
	}
	for _, row := range rows {
		height := n.Size * 1.3
		if l.y+height > pageHeight-marginEnd {
			l.pages = append(l.pages, l.page.String())
			l.page.Reset()
			l.y, l.from = marginTop, marginTop
		}
		x := marginLeft + n.X
		if n.Align == Centre {
			x += (width - l.face.width(row, n.Size)) / 2
		}
		l.show(row, n, x, pageHeight-l.y-n.Size)
		l.y += height
	}
	return nil
}

// broken breaks text between words.
func (l *layout) broken(n Line, width float64) (rows []string, err error) {
	if r, missing := l.face.missing(n.Text); missing {
		return nil, fmt.Errorf("%w: it lacks %q", ErrFont, r)
	}
	row := ""
	for word := range strings.FieldsSeq(n.Text) {
		for l.face.width(word, n.Size) > width { // longer than any line
			letters := []rune(word)
			fit := len(letters)
			for fit > 1 && l.face.width(string(letters[:fit]), n.Size) > width {
				fit--
			}
			if fit == 1 && l.face.width(string(letters[:1]), n.Size) > width {
				return nil, errLong
			}
			if row != "" {
				rows, row = append(rows, row), ""
			}
			rows, word = append(rows, string(letters[:fit])), string(letters[fit:])
		}
		switch next := strings.TrimSpace(row + " " + word); {
		case l.face.width(next, n.Size) <= width:
			row = next
		default:
			rows, row = append(rows, row), word
		}
	}
	return append(rows, row), nil
}

func (l *layout) show(row string, n Line, x, y float64) {
	mode := "0 Tr"
	if n.Bold { // the outline drawn as well: one font is embedded, not two
		mode = fmt.Sprintf("2 Tr %.2f w", n.Size/35)
	}
	var hex strings.Builder
	for _, r := range row {
		g := int(l.face.glyph(r))
		l.used[g] = r
		fmt.Fprintf(&hex, "%04X", g)
	}
	fmt.Fprintf(&l.page, "BT /F1 %.2f Tf %s %.2f %.2f Td <%s> Tj ET\n", n.Size, mode, x, y, hex.String())
}

// file writes the objects of the PDF (ISO 32000-1): a composite font whose codes
// are the numbers of its glyphs, and what they are in Unicode.
func (l *layout) file(title string) ([]byte, error) {
	var glyphs []int
	for g := range l.used {
		glyphs = append(glyphs, g)
	}
	slices.Sort(glyphs)
	p := &writer{}
	p.buf.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	name := "SLIPAA+" + l.face.name
	const catalog, tree, info, fontNumber, cid, descriptor, program, unicode, firstPage = 1, 2, 3, 4, 5, 6, 7, 8, 9
	p.object(catalog, "<< /Type /Catalog /Pages 2 0 R /Lang (vi-VN) /ViewerPreferences << /DisplayDocTitle true >> >>")
	var kids strings.Builder
	for i := range l.pages {
		fmt.Fprintf(&kids, "%d 0 R ", firstPage+2*i)
	}
	p.object(tree, fmt.Sprintf("<< /Type /Pages /Count %d /Kids [ %s] >>", len(l.pages), kids.String()))
	p.object(info, fmt.Sprintf("<< /Title <%s> /Producer (Sohoa) >>", utf16Hex(title)))
	p.object(fontNumber, fmt.Sprintf("<< /Type /Font /Subtype /Type0 /BaseFont /%s /Encoding /Identity-H /DescendantFonts [ %d 0 R ] /ToUnicode %d 0 R >>", name, cid, unicode))
	var widths strings.Builder
	for _, g := range glyphs {
		fmt.Fprintf(&widths, "%d [ %d ] ", g, l.face.advance(l.face.glyph(l.used[g])))
	}
	p.object(cid, fmt.Sprintf("<< /Type /Font /Subtype /CIDFontType2 /BaseFont /%s /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /FontDescriptor %d 0 R /CIDToGIDMap /Identity /W [ %s] >>", name, descriptor, widths.String()))
	p.object(descriptor, fmt.Sprintf("<< /Type /FontDescriptor /FontName /%s /Flags 4 /FontBBox [ -600 -400 2000 1200 ] /ItalicAngle 0 /Ascent 891 /Descent -216 /CapHeight 662 /StemV 80 /FontFile2 %d 0 R >>", name, program))
	font := l.face.subset(glyphs)
	if err := p.stream(program, fmt.Sprintf("/Length1 %d", len(font)), font); err != nil {
		return nil, err
	}
	if err := p.stream(unicode, "", l.unicode(glyphs)); err != nil {
		return nil, err
	}
	for i, content := range l.pages {
		p.object(firstPage+2*i, fmt.Sprintf("<< /Type /Page /Parent 2 0 R /MediaBox [ 0 0 %.2f %.2f ] /Resources << /Font << /F1 %d 0 R >> >> /Contents %d 0 R >>", pageWidth, pageHeight, fontNumber, firstPage+2*i+1))
		if err := p.stream(firstPage+2*i+1, "", []byte(content)); err != nil {
			return nil, err
		}
	}
	return p.close(catalog, info), nil
}

// unicode says what each code is (ISO 32000-1 9.10.3).
func (l *layout) unicode(glyphs []int) []byte {
	var b strings.Builder
	b.WriteString("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CMapType 2 def\n/CMapName /Slip def\n1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n")
	for some := range slices.Chunk(glyphs, 100) {
		fmt.Fprintf(&b, "%d beginbfchar\n", len(some))
		for _, g := range some {
			fmt.Fprintf(&b, "<%04X> <%s>\n", g, utf16Hex(string(l.used[g]))[4:])
		}
		b.WriteString("endbfchar\n")
	}
	b.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n")
	return []byte(b.String())
}

func utf16Hex(s string) string {
	var b strings.Builder
	b.WriteString("FEFF")
	for _, u := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&b, "%04X", u)
	}
	return b.String()
}

// A writer writes objects, in the order of their numbers, and where they are.
type writer struct {
	buf     bytes.Buffer
	offsets []int
}

func (p *writer) object(_ int, body string) {
	p.offsets = append(p.offsets, p.buf.Len())
	fmt.Fprintf(&p.buf, "%d 0 obj\n%s\nendobj\n", len(p.offsets), body)
}

func (p *writer) stream(n int, dict string, data []byte) error {
	var z bytes.Buffer
	w := zlib.NewWriter(&z)
	if _, err := w.Write(data); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	p.object(n, fmt.Sprintf("<< %s /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream", dict, z.Len(), z.String()))
	return nil
}

func (p *writer) close(root, info int) []byte {
	at := p.buf.Len()
	fmt.Fprintf(&p.buf, "xref\n0 %d\n0000000000 65535 f \n", len(p.offsets)+1)
	for _, o := range p.offsets {
		fmt.Fprintf(&p.buf, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(&p.buf, "trailer\n<< /Size %d /Root %d 0 R /Info %d 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(p.offsets)+1, root, info, at)
	return p.buf.Bytes()
}
