package child

import (
	"image"
	"strings"
	"testing"

	"sohoa/ocr"
	"sohoa/ocr/layout"
	"sohoa/ocr/prepare"
	"sohoa/specimen"
)

// A number that was misread is put right by the other digits of its page, and a number
// that was not is left alone: whatever the number, and in type of every kind.
func TestDigitsBesideEachOther(t *testing.T) {
	press, err := specimen.NewPress()
	if err != nil {
		t.Fatal(err)
	}
	misread := map[string]string{
		"2.006.900":     "2.006.906", // one sign for another
		"90.460,":       "66.490,",
		"17/06/2060":    "17/66/2660",
		"000369240581":  "0003692460581", // one too many
		"3.996":         "36996",         // a stop
		"4.964":         "4904",          // none, and a digit besides
		"2026.":         "2026,",
		"808.383,68":    "8/8.383,68",
		"000306090961;": "000306090961;",
	}
	about := "chi 2.006.900 đồng, 90.460, sau 17/06/2060 cho 000369240581 và 3.996 năm 2026. Thu 808.383,68 đồng của 000306090961; nộp 69.690 đồng, 30.900 đồng và 60.900.600 đồng, 44.444 đồng, 4.964 đồng và 49.404 đồng"
	for _, font := range []string{"Tinos", "Arimo", specimen.Typewriter} {
		s := press.Paper(specimen.Letter, 41, specimen.About{Font: font, Subject: about})
		for _, dpi := range []float64{150, 200} {
			wear := specimen.Clean()
			wear.Grey = true
			lines, right := wordsOf(&s.Pages[0], dpi)
			found := 0
			for i := range lines {
				for j := range lines[i].Words {
					w := &lines[i].Words[j]
					if wrong := misread[w.Text]; wrong != "" {
						found++
						if dpi == usualDPI { // small ones are only to be left alone
							w.Text = wrong
						}
					}
				}
			}
			checkDigits(lines, prepare.Grey(s.Render(0, dpi, wear, 41)))
			for i := range lines {
				for j, w := range lines[i].Words {
					if w.Text != right[i][j] {
						t.Errorf("%s at %.0f dpi: %q became %q", font, dpi, right[i][j], w.Text)
					}
				}
			}
			if found < len(misread) {
				t.Errorf("%s: %d of %d numbers stand on the page", font, found, len(misread))
			}
		}
	}
}

// Where a third of the zeros were read as sixes, they are zeros if the sixes of the page
// look otherwise, and stay what was read if it has none to compare.
func TestZerosThatWereReadAsSixes(t *testing.T) {
	press, err := specimen.NewPress()
	if err != nil {
		t.Fatal(err)
	}
	misread := map[string]string{"30.900": "36.966", "000102030405": "666162630465", "60.900.600": "60.966.666"}
	for about, mended := range map[string]bool{
		"chi 30.900 đồng cho 000102030405 và 60.900.600 đồng; nộp 26.176 đồng, 66.000 đồng, 100.000 đồng, 200.000 đồng": true,
		"chi 30.900 đồng cho 000102030405; nộp 20.100 đồng, 300.000 đồng, 100.000 đồng, 200.000 đồng":                   false,
	} {
		s := press.Paper(specimen.Letter, 43, specimen.About{Font: "Tinos", Subject: about})
		wear := specimen.Clean()
		wear.Grey = true
		lines, right := wordsOf(&s.Pages[0], 200)
		for i := range lines { // of what the paper says besides nothing is read
			kept, texts := lines[i].Words[:0], right[i][:0]
			for j, w := range lines[i].Words {
				if !strings.Contains(about, strings.Trim(w.Text, ",;")) || !isNumber(w.Text) {
					continue
				}
				if wrong := misread[strings.Trim(w.Text, ",;")]; wrong != "" {
					w.Text = wrong + strings.TrimLeft(w.Text, "0123456789.")
				}
				kept, texts = append(kept, w), append(texts, right[i][j])
			}
			lines[i].Words, right[i] = kept, texts
		}
		checkDigits(lines, prepare.Grey(s.Render(0, 200, wear, 43)))
		wrong := 0
		for i := range lines {
			for j, w := range lines[i].Words {
				if w.Text != right[i][j] {
					wrong++
					if mended {
						t.Errorf("%q was read as %q", right[i][j], w.Text)
					}
				}
			}
		}
		if !mended && wrong < 2 {
			t.Errorf("%q: %d numbers are wrong, though nothing tells what they are", about, wrong)
		}
	}
}

// The slash of a day where a stroke of a seal crosses it makes no stops of the digits.
func TestTallGoesByTheMost(t *testing.T) {
	f := figure{text: []rune("27/05/2024")}
	for i, r := range f.text {
		high := 20
		if r == '/' {
			high = 36
		}
		f.signs = append(f.signs, sign{box: image.Rect(20*i, 0, 20*i+12, high)})
	}
	if got := f.tall(); got != 12 {
		t.Errorf("digits of 20 pixels are taken for stops below %d", got)
	}
}

// wordsOf returns the words of a page as if they had been read, and their texts.
func wordsOf(p *specimen.Page, dpi float64) (lines []ocr.Line, texts [][]string) {
	for _, l := range p.Lines {
		line, text := ocr.Line{}, []string{}
		for _, w := range l {
			px := func(points float64) int { return int(points*dpi/72 + 0.5) }
			box := ocr.Box{X0: px(w.X) - 1, Y0: px(w.Y - 0.8*w.Size), X1: px(w.X+w.Width) + 1, Y1: px(w.Y + 0.25*w.Size)}
			line.Words, text = append(line.Words, ocr.Word{Text: w.Text, Box: box, Confidence: 90}), append(text, w.Text)
		}
		lines, texts = append(lines, line), append(texts, text)
	}
	return lines, texts
}

// Where the page shows too few digits to know one, nothing is changed.
func TestTooFewDigits(t *testing.T) {
	g := image.NewGray(image.Rect(0, 0, 200, 60))
	for i := range g.Pix {
		g.Pix[i] = 255
	}
	for x := 10; x < 190; x += 20 { // nine bars
		for y := 10; y < 40; y++ {
			for d := range 6 {
				g.Pix[y*g.Stride+x+d] = 0
			}
		}
	}
	line := func(text string) []ocr.Line {
		return []ocr.Line{{Words: []ocr.Word{{Text: text, Box: ocr.Box{X0: 5, Y0: 5, X1: 195, Y1: 45}, Confidence: 90}}}}
	}
	for read, want := range map[string]string{
		"111111171": "111111111", // eight say what the ninth is
		"111777222": "111777222", // nobody knows
		"111111777": "111111777", // six of nine are too few
		"1111":      "1111",
	} {
		got := line(read)
		checkDigits(got, g)
		if text := got[0].Words[0].Text; text != want {
			t.Errorf("%s became %s, want %s", read, text, want)
		}
	}
}

// A digit alone in a field is told by the digits of the page; a letter is none, and two
// signs are more than one.
func TestDigitAloneInAField(t *testing.T) {
	press, err := specimen.NewPress()
	if err != nil {
		t.Fatal(err)
	}
	s := press.Paper(specimen.Letter, 41, specimen.About{Subject: "chi 44.444 đồng, 4.964 đồng và 49.404 đồng"})
	wear := specimen.Clean()
	wear.Grey = true
	g := prepare.Grey(s.Render(0, usualDPI, wear, 41))
	lines, _ := wordsOf(&s.Pages[0], usualDPI)
	groups := checkSigns(lines, g)
	seen := map[string]bool{}
	for _, l := range lines {
		for _, w := range l.Words {
			signs := signsOf(g, rectOf(w.Box))
			switch {
			case w.Text == "44.444" && !seen[w.Text]:
				got, ok := aDigit(g, signs[1].box, groups)
				if !ok || got.Text != "4" || got.Confidence < 90 || got.Box != boxOf(signs[1].box) {
					t.Errorf("a 4 is %+v, %v", got, ok)
				}
				if got, ok := aDigit(g, signs[0].box.Union(signs[1].box), groups); ok {
					t.Errorf("44 is %+v", got)
				}
			case w.Text == "đồng" && !seen[w.Text]:
				if got, ok := aDigit(g, signs[len(signs)-1].box, groups); ok {
					t.Errorf("a g is %+v", got)
				}
			default:
				continue
			}
			seen[w.Text] = true
		}
	}
	if len(seen) != 2 {
		t.Errorf("looked at %v", seen)
	}
	box := image.Rect(0, 0, 9, 9)
	if got, ok := aDigit(g, box, groups); ok {
		t.Errorf("white paper is %+v", got)
	}
}

// A field is filled where it stands among the lines, in the place of what was read there.
func TestOpenFieldIsFilled(t *testing.T) {
	line := func(text string) ocr.Line { return ocr.Line{Words: []ocr.Word{{Text: text}}} }
	region := layout.Region{Kind: layout.Cell, Table: 1, Row: 2, RowSpan: 1, ColSpan: 1}
	for had, want := range map[int]string{0: "a 7 fl b", 1: "a 7 b"} {
		f := openField{region: region, at: 1, lines: had, block: 4, par: 3}
		all := f.filled([]ocr.Line{line("a"), line("fl"), line("b")}, ocr.Word{Text: "7", Box: ocr.Box{X0: 1, Y0: 2, X1: 8, Y1: 12}, Confidence: 97})
		var got []string
		for _, l := range all {
			got = append(got, textOf(l))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q, want %q", got, want)
		}
		if l := all[1]; l.Kind != ocr.Table || l.Cell.Row != 2 || l.Block != 4 || l.Par != 3 || l.Baseline != [2]float64{12, 12} || l.Box.X1 != 8 {
			t.Errorf("filled with %+v", l)
		}
	}
}

// A character is taken out of a number only if it is clear which.
func TestSpellIsSure(t *testing.T) {
	look := func(at int) []float32 {
		l := make([]float32, signWide*signHigh)
		l[at] = 1
		return l
	}
	box := image.Rect(0, 0, 12, 20)
	one, other := sign{box, look(1)}, sign{box, look(2)}
	groups := []*group{{sum: one, is: '1'}}
	for _, row := range []struct {
		read  string
		signs []sign
		want  string
	}{
		{"1461", []sign{one, other, one}, "1461"}, // 161 or 141
		{"1141", []sign{one, other, one}, "141"},
		{"1441", []sign{one, other, one}, "141"},
		{"4111", []sign{other, one, one}, "411"},
		{"2345", []sign{one, one, one}, "2345"}, // too far from what was read
	} {
		f := figure{word: &ocr.Word{Text: row.read}, text: []rune(row.read), signs: row.signs}
		f.spell(groups)
		if f.word.Text != row.want {
			t.Errorf("%s became %s, want %s", row.read, f.word.Text, row.want)
		}
	}
}
