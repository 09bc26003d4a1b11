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

func TestCouldBeSaid(t *testing.T) {
	for word, want := range map[string]bool{
		"gồm:": true, "TỊCH": true, "Nguyễn": true, "nghiêng": true, "(Quê": true, "đường": true, "giữa,": true, "Lợi": true,
		"và": false, "xgế": false, "V2N": false, "LỲ": false, "Z1.": false, "š,": false, "ÑG": false, "tRa": false, "NNG": false, "": false, "“": false, "kˆ": false,
	} {
		if couldBeSaid(word) != want {
			t.Errorf("%q: %v", word, !want)
		}
	}
}

// What the engine makes of strokes is marked as no print; a line that it is unsure of, but
// that has a word or a number, is kept.
func TestStrokesAreNoPrint(t *testing.T) {
	line := func(confidence float64, words ...string) (l ocr.Line) {
		for i, w := range words {
			l.Words = append(l.Words, ocr.Word{Text: w, Confidence: confidence, Box: ocr.Box{X0: 9 * i, X1: 9*i + 8, Y1: 9}})
		}
		return l
	}
	for _, row := range []struct {
		line ocr.Line
		kept bool
	}{
		{line(53, "Íz(", "»", "4"), false}, {line(53, "rà"), false}, {line(31, "SN", "7"), false}, {line(29, "Chủ", "tịch"), false},
		{line(56, "Íz(", "»"), false}, {line(92, "/", "/", "+", "`"), false}, {line(85, "Ñ"), false}, {line(87, "#"), false}, {line(76, "l$i"), false}, {line(90, "—"), false},
		{line(60, "rà"), true}, {line(88, "Ba"), true}, {line(71, "m²;"), true}, {line(88, "m;"), true}, {line(90, "-"), true}, {line(70, "......"), true}, {line(85, "ơn./."), true}, {line(90, "email:", "support@example.vn."), true}, {line(66, "XÃ", "AN"), true},
		{line(35, "gồm:"), true}, {line(40, "Z", "25/01/1976"), true}, {line(95, "7"), true}, {line(41, "Số:", "81/QĐ-UBND"), true}, {line(41, "2/4"), false}, {line(54, "“CHỦ", "4"), true},
	} {
		r, page := reading{lines: []ocr.Line{row.line}}, reading{}
		r.mark(&page)
		if kept := len(r.lines) == 1; kept != row.kept || len(page.hands) == 1 == kept {
			t.Errorf("%v: kept %v, %d marked", row.line.Words, kept, len(page.hands))
		}
	}
}

// Strokes beside a line are not read with it: short words of no sense at its ends, of which
// the engine knows nothing. What is longer, or surer, or stands within it is kept.
func TestStrokesBesideALine(t *testing.T) {
	for _, row := range []struct {
		words      []string
		confidence []float64
		want       string
	}{
		{[]string{"y7", "“z", "CHỦ", "TỊCH", "ộ"}, []float64{13, 5, 90, 96, 0}, "CHỦ TỊCH"},
		{[]string{"sau:", "ộ"}, []float64{96, 0}, "sau:"},
		{[]string{"Điều", "z", "này"}, []float64{96, 3, 90}, "Điều z này"},
		{[]string{"v1", "CHỦ"}, []float64{60, 96}, "v1 CHỦ"},
		{[]string{"có", "mặt", "76,"}, []float64{12, 96, 8}, "có mặt 76,"},
		{[]string{".›4.CHỤ", "TỊCH"}, []float64{5, 96}, ".›4.CHỤ TỊCH"},
	} {
		l := ocr.Line{}
		for i, w := range row.words {
			l.Words = append(l.Words, ocr.Word{Text: w, Confidence: row.confidence[i], Box: ocr.Box{X0: 9 * i, X1: 9*i + 8, Y1: 9}})
		}
		r, page := reading{lines: []ocr.Line{l}}, reading{}
		r.mark(&page)
		if len(r.lines) != 1 || lineText(r.lines[0]) != row.want || len(page.hands) != len(row.words)-len(r.lines[0].Words) {
			t.Errorf("%v became %v, %d marked", row.words, r.lines, len(page.hands))
		}
	}
}

// A letter that was read twice stands on the page once.
func TestUndouble(t *testing.T) {
	of := func(widths ...int) func() []sign {
		var all []sign
		for _, w := range widths {
			all = append(all, sign{box: image.Rect(0, 0, w, 20)})
		}
		return func() []sign { return all }
	}
	for _, row := range []struct {
		read  string
		signs func() []sign
		want  string
	}{
		{"QĐĐ-UB", of(18, 18, 6, 18, 16), "QĐ-UB"}, {"Uẩấn", of(18, 12, 12), "Uẩn"}, {"Lẫãm", of(16, 11, 22), "Lẫm"},
		{"QHĐĐ", of(18, 18, 18, 18), "QHĐĐ"}, // it stands there twice
		{"QHĐĐ", of(18, 18, 33), "QHĐĐ"},     // as two that touch
		{"QHĐĐ", of(18, 18), "QHĐĐ"},         // nobody knows
		{"Hữu", of(18, 24), "Hữu"}, {"hươu", of(9, 9, 9), "hươu"}, {"shall", of(9, 9, 9, 4), "shall"}, {"ĐĐ-ĐĐ", of(18, 18, 6, 18), "ĐĐ-ĐĐ"},
	} {
		w := ocr.Word{Text: row.read}
		undouble(&w, row.signs)
		if w.Text != row.want {
			t.Errorf("%s with %d signs became %s, want %s", row.read, len(row.signs()), w.Text, row.want)
		}
	}
}

// On a page in grey the seal is in nobody's way: office and signer under it are read.
func TestSealOnAGreyPage(t *testing.T) {
	press, err := specimen.NewPress()
	if err != nil {
		t.Fatal(err)
	}
	wear := specimen.Office(1202)
	wear.Grey = true
	s := press.Paper(specimen.Decision, 1202, specimen.About{Font: "Tinos"})
	p := read(t, stored(t, prepare.Grey(s.Render(0, 200, wear, 1202)), 200, 200))
	if !strings.Contains(p.Settings, " seals=faded") {
		t.Errorf("settings %q", p.Settings)
	}
	var text []string
	for _, l := range p.Lines {
		text = append(text, lineText(l))
	}
	for _, want := range []string{"CHỦ TỊCH", s.Truth.Signer} {
		if !slices.Contains(text, want) {
			t.Errorf("no line %q in %q", want, text[max(0, len(text)-12):])
		}
	}
}
