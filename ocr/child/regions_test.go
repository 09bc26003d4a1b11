package child

import (
	"image"
	"slices"
	"strings"
	"testing"

	"sohoa/ocr"
	"sohoa/ocr/prepare"
	"sohoa/specimen"
)

func TestLinesAreNotPacked(t *testing.T) {
	if !plainLines() {
		t.Error("Tesseract packs every line as a PNG")
	}
}

// A report: the head by columns, the table field by field, the signer last, and
// nothing made of the signature.
func TestReadsByRegions(t *testing.T) {
	press, err := specimen.NewPress()
	if err != nil {
		t.Fatal(err)
	}
	s := press.Paper(specimen.Report, 3, specimen.About{Font: "Tinos"})
	wear := specimen.Office(3)
	wear.Grey = true
	p := read(t, stored(t, prepare.Grey(s.Render(0, 200, wear, 3)), 200, 200))
	text := p.Text()
	at := -1
	for _, next := range []string{"CỘNG HÒA", "Số:", "ngày", "BÁO CÁO", "Tên đơn vị", "UBND xã", "Phương hướng", "Nơi nhận"} {
		i := strings.Index(text, next)
		if i <= at {
			t.Errorf("%q stands at %d, what comes before it at %d", next, i, at)
		}
		at = i
	}
	head, heads := 0, map[string]ocr.Cell{}
	for _, l := range p.Lines {
		if l.Kind == ocr.Head {
			head++
		}
		if (l.Cell != nil) != (l.Kind == ocr.Table) {
			t.Errorf("%+v", l)
		}
		if l.Cell != nil {
			heads[lineText(l)] = *l.Cell
		}
	}
	if head < 5 {
		t.Errorf("%d lines of the head", head)
	}
	for _, row := range []struct {
		text string
		col  int
	}{{"TT", 0}, {"Tên đơn vị", 1}, {"Tiếp nhận", 2}, {"Tỷ lệ", 5}} {
		if c, ok := heads[row.text]; !ok || c != (ocr.Cell{Table: 1, Row: 0, Col: row.col, RowSpan: 1, ColSpan: 1}) {
			t.Errorf("%s in %+v", row.text, c)
		}
	}
	if len(p.Handwriting) == 0 {
		t.Error("the signature is not marked")
	}
	for _, h := range p.Handwriting {
		if h.Y0 < p.Height/2 {
			t.Errorf("%v is print", h)
		}
	}
}

func lineText(l ocr.Line) string {
	var words []string
	for _, w := range l.Words {
		words = append(words, w.Text)
	}
	return strings.Join(words, " ")
}

func TestOneNumber(t *testing.T) {
	for in, want := range map[string]string{
		"99, 3%": "99,3%", "1. 370": "1.370", "1. 370. 000": "1.370.000", "12": "12",
		"2 3": "2 3", "a, 3": "a, 3", "1. UBND": "1. UBND", "3, %": "3, %", ", 3": ", 3", "7, .": "7, .",
	} {
		l := ocr.Line{}
		for i, w := range strings.Fields(in) {
			l.Words = append(l.Words, ocr.Word{Text: w, Box: ocr.Box{X0: 10 * i, Y0: i, X1: 10*i + 8, Y1: 20}, Confidence: float64(90 - i)})
		}
		oneNumber(&l)
		if got := lineText(l); got != want {
			t.Errorf("%q = %q, want %q", in, got, want)
		}
		if in == "99, 3%" && l.Words[0] != (ocr.Word{Text: want, Box: ocr.Box{X0: 0, Y0: 0, X1: 18, Y1: 20}, Confidence: 89}) {
			t.Errorf("%+v", l.Words)
		}
	}
}

// The mark that closes a paper is kept, however unsure the engine is, and belongs to the
// word before it.
func TestEndMark(t *testing.T) {
	if got := tidy("./.", 3); got != endMark {
		t.Errorf("%q", got)
	}
	if got := tidy(".:", 3); got != "" {
		t.Errorf("dirt is %q", got)
	}
	for in, want := range map[string]string{
		"cùng ngày ./.": "cùng ngày./.", "ký.J.": "ký./.", "./.": "./.", "A.J.": "A.J.", "ký.J. Nam": "ký.J. Nam", "ký./.": "ký./.", "./. ngày": "./. ngày",
	} {
		l := ocr.Line{}
		for i, w := range strings.Fields(in) {
			l.Words = append(l.Words, ocr.Word{Text: w, Box: ocr.Box{X0: 10 * i, Y0: i, X1: 10*i + 8, Y1: 20}, Confidence: 90})
		}
		n := len(l.Words)
		atEnd(&l)
		if got := lineText(l); got != want {
			t.Errorf("%q = %q, want %q", in, got, want)
		}
		if box := l.Words[len(l.Words)-1].Box; box.X1 != 10*n-2 {
			t.Errorf("%q ends at %v", in, box)
		}
	}
}

// A line that nobody can read is marked, not guessed.
func TestMark(t *testing.T) {
	word := func(text string, confidence float64) ocr.Line {
		return ocr.Line{Box: ocr.Box{X1: 5}, Words: []ocr.Word{{Text: text, Confidence: confidence}}}
	}
	r := reading{lines: []ocr.Line{word("chữ", 90), word("V;h", 12), word("trình", 30)}}
	var page reading
	r.mark(&page)
	if len(r.lines) != 2 || r.words != 2 || r.confidence != 60 || !slices.Equal(page.hands, []ocr.Box{{X1: 5}}) {
		t.Errorf("%+v, %+v", r, page)
	}
	if got := sure(ocr.Line{Words: []ocr.Word{{Text: "abc", Confidence: 80}, {Text: "ậ", Confidence: 40}}}); got != 70 {
		t.Errorf("sure = %g", got)
	}
}

func TestCrop(t *testing.T) {
	g := image.NewGray(image.Rect(0, 0, 100, 50))
	for i := range g.Pix {
		g.Pix[i] = 255
	}
	g.Pix[20*g.Stride+40] = 7
	part, at := crop(g, image.Rect(38, 18, 44, 24))
	if part.Rect.Dx() != 10+2*margin || part.Rect.Dy() != 10+2*margin || part.Pix[(20-at.Y)*part.Stride+40-at.X] != 7 || part.Pix[0] != 255 {
		t.Errorf("%v at %v", part.Rect, at)
	}
	if part, _ := crop(g, image.Rect(0, 0, 20, 20)); part != nil {
		t.Error("white is read")
	}
	if part, _ := crop(g, image.Rect(90, 40, 300, 300)); part != nil {
		t.Error("beyond the page is read")
	}
}
