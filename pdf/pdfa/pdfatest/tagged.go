package pdfatest

import (
	"image/color"
	"testing"

	"sohoa/pdf/pdfa"
)

// Tagged returns files of level A by name: paragraphs, tables, an image that
// shows more than its words, a page without words, and several parts.
func Tagged(t testing.TB) map[string][]byte {
	t.Helper()
	m := taggedMeta
	structured, blank, bare, words := kindsOfPages(t)
	parts, _ := inParts(t)
	return map[string][]byte{
		"structured": Write(t, m, structured),
		"bare":       Write(t, m, bare),
		"blank":      Write(t, m, blank),
		"words-only": Write(t, m, words),
		"mixed":      Write(t, m, structured, bare, blank, words),
		"parts":      parts,
	}
}

var taggedMeta = func() pdfa.Meta {
	m := Meta
	m.Level = pdfa.Level2A
	m.Record = pdfa.Record{Dossier: "000.00.01.H26-240315-0001", Agency: "H26.01", Kind: "quyet-dinh"}
	return m
}()

func kindsOfPages(t testing.TB) (structured, blank, bare, words pdfa.Page) {
	structured, blank, bare = Structured(t), Lay(G4(true)), Lay(JPEG(t, color.GrayModel))
	bare.Alt = "Ảnh quét trang 2, không đọc được chữ nào"
	return structured, blank, bare, Lay(G4(true), structured.Lines[:2]...)
}

// inParts is one page of each kind, in three parts.
func inParts(t testing.TB) ([]byte, []pdfa.Content) {
	m := taggedMeta
	m.Parts = []pdfa.Part{{Title: "Tệp 1", Pages: 2}, {Title: "Tệp 2 <&>", Pages: 1}, {Title: "Tệp 3", Pages: 1}}
	structured, blank, bare, words := kindsOfPages(t)
	return written(t, m, structured, blank, bare, words)
}

// Structured is a page with paragraphs, a table with fields that take several
// places and one that is empty, and a description of its image.
func Structured(t testing.TB) pdfa.Page {
	t.Helper()
	set := func(l pdfa.Line, par int, cell ...int) pdfa.Line {
		if l.Par = par; len(cell) > 0 {
			l.Cell = &pdfa.Cell{Table: cell[0], Row: cell[1], Col: cell[2], RowSpan: cell[3], ColSpan: cell[4]}
		}
		return l
	}
	p := Lay(JPEG(t, color.RGBAModel),
		set(Line(100, 120, "Điều", "1.", "Ban", "hành"), 1),
		set(Line(100, 134, "quy", "chế", "này."), 1),
		set(Line(100, 160, "Điều", "2.", "Hiệu", "lực"), 2),
		set(Line(100, 200, "TT"), 3, 1, 0, 0, 2, 1),
		set(Line(200, 200, "Họ", "và", "tên"), 4, 1, 0, 1, 1, 2),
		set(Line(200, 214, "Chữ"), 5, 1, 1, 1, 1, 1),
		set(Line(100, 230, "1"), 6, 1, 2, 0, 1, 1),
		set(Line(300, 230, "A"), 7, 1, 2, 2, 1, 1),
		set(Line(100, 260, "Nơi", "nhận:"), 8))
	p.Alt = "Ảnh quét trang 1, có nét viết tay hoặc chữ ký"
	return p
}
